/* SPDX-License-Identifier: MIT */
/* Part 2: the data, as report/html_data.c wrote it. A site is a row of numbers; those of text stand
 * for entries of `strings`. */

const data = JSON.parse(byId("data").textContent);
const strings = data.strings;
const column = Object.fromEntries(data.columns.map((name, index) => [name, index]));
const severities = ["note", "warning", "error"];
const phases = ["running", "import", "shutdown"];
const codes = ["unknown", "system", "stdlib", "import", "framework", "library", "user"];
const FUNCTION = 1, FILE = 2, LINE = 3, MODULE = 4, CODE = 5, INLINED = 6, OFFSET = 7; // of frames
const USER = codes.indexOf("user");

function num(site, name) {
  return site[column[name]];
}

function str(site, name) {
  return strings[site[column[name]]];
}

/* Text of source lines by file and line. */
const sources = new Map();
for (let i = 0; i < data.lines.length; i += 3) {
  const [file, line, text] = data.lines.slice(i, i + 3);
  if (!sources.has(file)) {
    sources.set(file, new Map());
  }
  sources.get(file).set(line, strings[text]);
}

/* Why nothing was judged, or null. */
function unjudged() {
  const loops = data.runs.flatMap((run) => run.loops);
  return !loops.length ? "no loop thread was found"
    : loops.some((loop) => loop.judged) ? null : "loops waited, but no turn of theirs was seen";
}

function culprit(site) {
  return data.frames[num(site, "culprit") - 1];
}

/* The frames of a site, innermost first. */
function stack(site) {
  const frames = [];
  for (let node = num(site, "stack"); node; node = data.nodes[2 * node - 2]) {
    frames.push(data.frames[data.nodes[2 * node - 1]]);
  }
  return frames;
}

function nameOf(frame) {
  return strings[frame[FUNCTION]] || "?";
}

/* "app.py:42", relative to the folder that the program was started in. */
function place(site, frame) {
  const file = strings[frame[FILE]];
  const module = strings[frame[MODULE]];
  const folder = data.runs[num(site, "run")].cwd;
  if (!file) {
    const offset = "0x" + frame[OFFSET].toString(16);
    return module && frame[OFFSET] ? `${base(module)}+${offset}` : module || offset;
  }
  const inside = folder && folder !== "/" && file.startsWith(folder + "/");
  return (inside ? file.slice(folder.length + 1) : file) + (frame[LINE] ? ":" + frame[LINE] : "");
}

function call(site) {
  const argument = str(site, "argument");
  const quote = num(site, "quoted") ? '"' : "";
  return str(site, "api") + (argument === null ? "()" : `(${quote}${argument}${quote})`);
}

/* [key, sites, hits, time], the most time first. */
function sumBy(sites, keyOf) {
  const sums = new Map();
  for (const site of sites) {
    const key = keyOf(site);
    const sum = sums.get(key) || [key, 0, 0, 0];
    sum[1] += 1;
    sum[2] += num(site, "count");
    sum[3] += num(site, "total");
    sums.set(key, sum);
  }
  return [...sums.values()].sort((a, b) => b[3] - a[3] || b[2] - a[2]);
}
