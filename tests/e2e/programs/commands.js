/* SPDX-License-Identifier: MIT */
// Commands that node's loop waits for.
const { execSync, execFileSync, spawnSync } = require("child_process");
setTimeout(() => {
  setTimeout(() => {
    execSync("sleep 0.02");
    execFileSync("/bin/sleep", ["0.03"]);
    spawnSync("sleep", ["0.04"]);
  }, 10);
}, 10);
