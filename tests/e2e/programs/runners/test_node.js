/* SPDX-License-Identifier: MIT */
const fs = require('fs');
const { execSync } = require('child_process');
const test = global.test || global.it || require('node:test').test;
const pause = () => new Promise(done => setTimeout(done, 10));

test('reads', async function reads() {
  await pause();
  await pause();
  fs.statSync(__filename); //: stat
  execSync('sleep 0.02'); //: poll
  console.log('handled');
});
