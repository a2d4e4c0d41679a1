-- SPDX-License-Identifier: MIT
-- For wrk: asks for each path of aiohttp_server.py in turn, the clean one most often.
local paths = {"/", "/", "/", "/", "/open", "/", "/sleep", "/", "/dns", "/"}
local turn = 0

request = function()
    turn = turn % #paths + 1
    return wrk.format("GET", paths[turn])
end
