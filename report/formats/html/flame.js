/* SPDX-License-Identifier: MIT */
/* Part 7: the flame graph of blocked time over the sites that the filter lets through. Calls with
 * the same name and file under the same caller are one box, whatever their lines. */

const ROW = 22;         // pixels
const NARROWEST = 0.15; // percent; smaller boxes would be dust
const BOXES = 4000;

let flame = null; // the tree: parallel arrays, each parent before its children
let focused = 0;  // the box that is as wide as the graph

/* A tree of all frames, or of the user's own only; the innermost boxes are the calls that block. */
function growTree(mine) {
  const tree = { parents: [0], titles: ["all"], places: [""], looks: ["all"], leaf: new Map() };
  const known = new Map();
  const add = (parent, key, title, where, look) => {
    const id = `${parent} ${key}`;
    let box = known.get(id);
    if (box === undefined) {
      box = tree.parents.length;
      known.set(id, box);
      tree.parents.push(parent);
      tree.titles.push(title);
      tree.places.push(where);
      tree.looks.push(look);
    }
    return box;
  };
  const boxOf = new Uint32Array(data.nodes.length / 2 + 1);
  for (let node = 1; node < boxOf.length; node++) {
    const parent = boxOf[data.nodes[2 * node - 2]];
    const frame = data.frames[data.nodes[2 * node - 1]];
    const where = frame[FILE] || frame[MODULE];
    const named = frame[FUNCTION] || frame[FILE] ? frame[FUNCTION] : frame[OFFSET];
    boxOf[node] = mine && frame[CODE] !== USER ? parent :
      add(parent, `${named} ${where}`, nameOf(frame), strings[where] || "", codes[frame[CODE]]);
  }
  for (const site of data.sites) {
    tree.leaf.set(site, add(boxOf[num(site, "stack")], `call ${num(site, "api")}`,
      str(site, "api"), str(site, "rule"), "call"));
  }
  return tree;
}

function weighTree() {
  const what = byId("flame-hits").checked ? "count" : "total";
  const values = new Float64Array(flame.parents.length);
  shown.forEach((site) => { values[flame.leaf.get(site)] += num(site, what); });
  flame.children = new Map();
  for (let box = values.length - 1; box > 0; box--) {
    values[flame.parents[box]] += values[box];
    if (values[box] > 0) {
      const siblings = flame.children.get(flame.parents[box]);
      siblings ? siblings.push(box) : flame.children.set(flame.parents[box], [box]);
    }
  }
  flame.values = values;
  for (const boxes of flame.children.values()) {
    boxes.sort((a, b) => values[b] - values[a] || a - b);
  }
}

function weight(value) {
  return byId("flame-hits").checked ? many(value, "hit") : duration(value);
}

function describe(box) {
  const where = flame.places[box] ? ` — ${flame.places[box]}` : "";
  return `${flame.titles[box]}${where}: ${weight(flame.values[box])}, ` +
    `${share(flame.values[box], flame.values[0])} of all`;
}

/* Boxes with their left edge and width in percent: the way to the focus, then all below it. */
function layOut() {
  const boxes = [];
  const way = [];
  for (let box = focused; ; box = flame.parents[box]) {
    way.unshift(box);
    if (box === 0) {
      break;
    }
  }
  way.forEach((box, depth) =>
    boxes.push({ box, depth, left: 0, width: 100, way: box !== focused }));
  const rest = [{ box: focused, depth: way.length - 1, left: 0, width: 100 }];
  while (rest.length && boxes.length < BOXES) {
    const { box, depth, left, width } = rest.shift();
    let from = left;
    for (const child of flame.children.get(box) || []) {
      const part = (width * flame.values[child]) / flame.values[box];
      if (part >= NARROWEST) {
        const placed = { box: child, depth: depth + 1, left: from, width: part };
        boxes.push(placed);
        rest.push(placed);
      }
      from += part;
    }
  }
  return boxes;
}

function drawBox({ box, depth, left, width, way }) {
  const element = el("div", {
    class: `box look-${flame.looks[box]}${way ? " way" : ""}`, role: "treeitem",
    "data-box": box, "aria-level": depth + 1, "aria-label": describe(box),
    tabindex: box === focused ? 0 : -1,
  }, width > 2.5 ? flame.titles[box] : "");
  element.style.left = `${left}%`;
  element.style.width = `${width}%`;
  element.style.top = `${depth * ROW}px`;
  return element;
}

function drawFlame() {
  const parent = byId("flame");
  flame = flame || growTree(byId("flame-mine").checked);
  weighTree();
  if (!flame.values[focused]) {
    focused = 0;
  }
  if (!flame.values[0]) {
    parent.style.height = "auto";
    show(parent, el("p", { class: "hint" }, "Nothing to draw: no time was lost in these violations."));
    return;
  }
  const boxes = layOut();
  const depth = boxes.reduce((most, box) => Math.max(most, box.depth), 0);
  parent.style.height = `${(depth + 1) * ROW}px`;
  show(parent, boxes.map(drawBox));
  byId("flame-says").textContent = describe(focused);
}

function boxAt(id) {
  return byId("flame").querySelector(`[data-box="${id}"]`);
}

function focusBox(id) {
  const element = boxAt(id);
  if (element) {
    byId("flame").querySelectorAll('[tabindex="0"]').forEach((box) => { box.tabIndex = -1; });
    element.tabIndex = 0;
    element.focus();
  }
}

function zoom(box) {
  focused = box;
  drawFlame();
  focusBox(box);
}

function walkFlame(event) {
  const element = event.target.closest("[data-box]");
  if (!element) {
    return;
  }
  const box = Number(element.dataset.box);
  const siblings = flame.children.get(flame.parents[box]) || [];
  const at = siblings.indexOf(box);
  const moves = {
    ArrowUp: () => focusBox(flame.parents[box]),
    ArrowDown: () => focusBox((flame.children.get(box) || [])[0]),
    ArrowLeft: () => focusBox(siblings[at - 1]),
    ArrowRight: () => focusBox(siblings[at + 1]),
    Enter: () => zoom(box),
    " ": () => zoom(box),
    Escape: () => zoom(flame.parents[focused]),
    Home: () => zoom(0),
  };
  if (moves[event.key]) {
    event.preventDefault();
    moves[event.key]();
  }
}

function startFlame() {
  const graph = byId("flame");
  const tell = (event) => {
    const element = event.target.closest("[data-box]");
    if (element) {
      byId("flame-says").textContent = describe(Number(element.dataset.box));
    }
  };
  graph.addEventListener("mouseover", tell);
  graph.addEventListener("focusin", tell);
  graph.addEventListener("keydown", walkFlame);
  graph.addEventListener("click", (event) => {
    const element = event.target.closest("[data-box]");
    if (element) {
      zoom(Number(element.dataset.box));
    }
  });
  const again = () => { flame = null; focused = 0; drawFlame(); };
  byId("flame-mine").addEventListener("change", again);
  byId("flame-hits").addEventListener("change", drawFlame);
  byId("flame-out").addEventListener("click", () => { focused = 0; drawFlame(); });
  show(byId("flame-key"), [["call", "blocking call"], ["user", "your code"],
    ["library", "libraries"], ["framework", "loop framework"], ["stdlib", "standard library"],
    ["system", "system"]]
    .map(([look, label]) => el("li", {}, el("span", { class: "swatch look-" + look }), label)));
}
