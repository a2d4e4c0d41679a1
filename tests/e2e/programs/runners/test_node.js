const fs = require('fs');
const run = global.test || global.it || require('node:test').test;

run('reads', async function reads() {
  await new Promise(done => setTimeout(done, 10));
  fs.statSync(__filename); //: stat
  console.log('handled');
});
