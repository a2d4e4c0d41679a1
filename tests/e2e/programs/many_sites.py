# SPDX-License-Identifier: MIT
"""A loop that looks at a file from as many functions as the first argument says, each a site; the
second is the file that they say they are in.
"""
import asyncio
import os
import sys

number = int(sys.argv[1])
text = "".join(f"def site_{i}():\n    os.stat('/etc/hosts')\n" for i in range(number))
exec(compile(text, sys.argv[2], "exec"))
sites = [globals()[f"site_{i}"] for i in range(number)]


async def main():
    await asyncio.sleep(0)
    for site in sites:
        site()


asyncio.run(main())
print("done", number)
