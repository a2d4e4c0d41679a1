/* SPDX-License-Identifier: MIT */
/* Part 4: which sites are shown, and in which order. Changes are told to `listeners`. */

const wanted = {
  text: "", rule: null, owner: null, levels: new Set([0, 1, 2]), news: false, sort: null,
  down: true,
};
const listeners = [];
let shown = data.sites;

const keys = {
  severity: (site) => num(site, "severity"),
  call: (site) => str(site, "rule") + "\n" + call(site),
  where: (site) => (culprit(site) ? place(site, culprit(site)) : "\uffff"),
  owner: (site) => str(site, "owner") || "\uffff",
  count: (site) => num(site, "count"),
  max: (site) => num(site, "max"),
  total: (site) => num(site, "total"),
};

/* All that can be searched for in a site, made when it is first needed. */
const haystacks = new Map();
function haystack(site) {
  let text = haystacks.get(site);
  if (text === undefined) {
    const frame = culprit(site);
    text = [str(site, "id"), str(site, "rule"), str(site, "family"), str(site, "function"),
      call(site), str(site, "owner"), str(site, "thread"), frame ? nameOf(frame) : "",
      frame ? strings[frame[FILE]] || strings[frame[MODULE]] : ""].join("\n").toLowerCase();
    haystacks.set(site, text);
  }
  return text;
}

function matches(site, words) {
  return wanted.levels.has(num(site, "severity")) &&
    (wanted.rule === null || num(site, "rule") === wanted.rule) &&
    (!wanted.news || num(site, "new")) &&
    (wanted.owner === null || num(site, "owner") === wanted.owner) &&
    words.every((word) => haystack(site).includes(word));
}

/* Keys first: a key of text is not made again for every comparison. */
function sorted(sites) {
  if (!wanted.sort) {
    return sites;
  }
  const keyed = sites.map((site) => [keys[wanted.sort](site), site]);
  const sign = wanted.down ? -1 : 1;
  keyed.sort((a, b) => (a[0] < b[0] ? -sign : a[0] > b[0] ? sign : 0));
  return keyed.map((pair) => pair[1]);
}

function applyFilter() {
  const words = wanted.text.toLowerCase().split(/\s+/).filter(Boolean);
  shown = sorted(data.sites.filter((site) => matches(site, words)));
  const all = data.sites.length;
  byId("matches").textContent =
    shown.length === all ? many(all, "violation") : `${count(shown.length)} of ${many(all, "violation")}`;
  listeners.forEach((listener) => listener());
}

/* After a click elsewhere in the page. */
function showSites() {
  applyFilter();
  byId("sites").scrollIntoView({ block: "start" });
  byId("sites").focus({ preventScroll: true });
}

function filterBy(what, value) {
  wanted[what] = value;
  byId(what).value = value === null ? "" : String(value);
  showSites();
}

function newsOnly(on) {
  wanted.news = byId("news-only").checked = on;
  showSites();
}

function sortBy(key) {
  const textual = key === "call" || key === "where" || key === "owner";
  wanted.down = wanted.sort === key ? !wanted.down : !textual;
  wanted.sort = key;
  applyFilter();
}

function choices(id, title) {
  const options = sumBy(data.sites, (site) => num(site, id))
    .map(([key, sites]) => [strings[key] || "unknown", key, sites])
    .sort((a, b) => (a[0] < b[0] ? -1 : 1));
  const select = byId(id);
  show(select, el("option", { value: "" }, title), options.map(([label, key, sites]) =>
    el("option", { value: key }, `${label} (${count(sites)})`)));
  select.addEventListener("change", () => {
    wanted[id] = select.value === "" ? null : Number(select.value);
    applyFilter();
  });
}

function levelChip(level) {
  const box = el("input", {
    type: "checkbox", checked: true, value: level, onchange: () => {
      wanted.levels[box.checked ? "add" : "delete"](level);
      applyFilter();
    },
  });
  return el("label", { class: "chip is-" + severities[level] }, box, " " + severities[level]);
}

function resetFilter() {
  Object.assign(wanted,
    { text: "", rule: null, owner: null, levels: new Set([0, 1, 2]), news: false });
  applyFilter();
}

function startFilter() {
  choices("rule", "all rules");
  choices("owner", "all owners");
  show(byId("severities"), [2, 1, 0].map(levelChip));
  byId("search").addEventListener("input", (event) => {
    wanted.text = event.target.value;
    applyFilter();
  });
  byId("news-only").addEventListener("change", (event) => {
    wanted.news = event.target.checked;
    applyFilter();
  });
  byId("filters").addEventListener("submit", (event) => event.preventDefault());
  byId("filters").addEventListener("reset", resetFilter);
  const falling = data.sites.every((site, i) =>
    i === 0 || num(data.sites[i - 1], "total") >= num(site, "total"));
  wanted.sort = falling ? "total" : null;
}
