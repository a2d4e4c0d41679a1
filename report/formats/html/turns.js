/* SPDX-License-Identifier: MIT */
/* Part 8: how long the turns of each loop were. The histogram has four buckets an octave, see
 * detector/record.h. */

const GRAPHS = 6;  // before "show more"
const LEAST = 24;  // buckets in a graph

function bucketLow(bucket) {
  return bucket < 4 ? bucket : (4 + (bucket % 4)) * 2 ** (Math.floor(bucket / 4) - 1);
}

/* The first and last bucket that any loop has turns in: all graphs have the same scale. */
function rangeOf(loops) {
  let first = Infinity, last = 0;
  loops.forEach(({ histogram }) => {
    first = Math.min(first, ...histogram.slice(0, 1));
    last = Math.max(last, ...histogram.slice(-2, -1));
  });
  return [Math.max(0, Math.min(first, last - LEAST)), last + 1];
}

/* [bucket, turns, stalls] from the shortest on. A stall is not marked in the record: they are the
 * longest turns, as many as were counted. */
function bucketsOf(loop, [first, last]) {
  const turns = new Map();
  for (let i = 0; i < loop.histogram.length; i += 2) {
    turns.set(loop.histogram[i], loop.histogram[i + 1]);
  }
  let stalls = loop.stalls;
  const buckets = [];
  for (let bucket = last; bucket >= first; bucket--) {
    const all = turns.get(bucket) || 0;
    buckets.unshift([bucket, all, Math.min(all, stalls)]);
    stalls -= Math.min(all, stalls);
  }
  return buckets;
}

function drawBars(buckets, width, height) {
  const most = Math.log1p(Math.max(...buckets.map(([, turns]) => turns)));
  const step = width / buckets.length;
  const shape = (i, turns, className, title) => {
    const tall = Math.max(2, (Math.log1p(turns) / most) * (height - 4));
    return svg("rect", { x: i * step + step * 0.08, y: height - tall, width: step * 0.84,
      height: tall, rx: Math.min(2, step / 4), class: className }, svg("title", {}, title));
  };
  return buckets.flatMap(([bucket, turns, stalls], i) => {
    const title = `${duration(bucketLow(bucket))} to ${duration(bucketLow(bucket + 1))}: ` +
      many(turns, "turn") + (stalls ? `, ${many(stalls, "stall")}` : "");
    return turns ? [shape(i, turns, stalls ? "turn stall" : "turn", title)] : [];
  });
}

/* Powers of ten along the bottom. */
function drawAxis(buckets, width, height) {
  const step = width / buckets.length;
  const first = buckets[0][0];
  const marks = [];
  for (let ns = 1000; ns < 1e12; ns *= 10) {
    const index = buckets.findIndex(([bucket]) => bucketLow(bucket + 1) > ns);
    if (index >= 0 && bucketLow(first) <= ns) {
      const x = index * step;
      marks.push(svg("line", { x1: x, x2: x, y1: 0, y2: height, class: "grid" }),
        svg("text", { x: x + 4, y: height + 13, class: "axis" },
          duration(ns).replace(/\.0+ /, " ")));
    }
  }
  return marks;
}

function drawLoop(loop, range, width) {
  const height = 110;
  const says = `${loop.name} ${loop.tid}: ${many(loop.turns, "turn")}, half of them up to ` +
    `${duration(loop.p50)}, 99 % up to ${duration(loop.p99)}, ` +
    `the longest ${duration(loop.longest)}, ` + many(loop.stalls, "stall");
  const buckets = loop.histogram.length ? bucketsOf(loop, range) : [];
  const figures = [["turns", count(loop.turns)], ["busy", duration(loop.busy)],
    ["median", duration(loop.p50)], ["p99", duration(loop.p99)],
    ["longest", duration(loop.longest)], ["stalls", count(loop.stalls)]];
  return el("figure", { class: "loop" },
    el("figcaption", {}, el("strong", {}, `${loop.name} · ${loop.tid}`),
      el("small", {}, `pid ${loop.pid}, waits in ${loop.wait || "?"}`)),
    el("dl", { class: "figures" }, figures.map(([label, value]) => el("div", {
      class: label === "stalls" && loop.stalls ? "is-error" : "" },
    el("dt", {}, label), el("dd", {}, value)))),
    buckets.length ? svg("svg", { viewBox: `0 0 ${width} ${height + 18}`, role: "img",
      "aria-label": says, class: "histogram" },
    drawAxis(buckets, width, height), drawBars(buckets, width, height)) : null);
}

function drawTurns() {
  const loops = data.runs.flatMap((run) => run.loops).filter((loop) => loop.turns)
    .sort((a, b) => b.stalls - a.stalls || b.busy - a.busy);
  const parent = byId("turns");
  const range = rangeOf(loops);
  const width = Math.min(Math.max(parent.clientWidth, 300), 1280);
  const draw = (from, to) => loops.slice(from, to).map((loop) => drawLoop(loop, range, width));
  show(parent, loops.length ? draw(0, GRAPHS)
    : el("p", { class: "hint" }, "No turn was recorded."));
  if (loops.length > GRAPHS) {
    let next = GRAPHS;
    const more = el("button", { class: "quiet", type: "button", onclick: () => {
      more.before(...draw(next, next + 30));
      next += 30;
      if (next >= loops.length) {
        more.remove();
      }
    } }, `More of ${count(loops.length)} loops`);
    parent.append(more);
  }
}
