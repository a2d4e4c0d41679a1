/* SPDX-License-Identifier: MIT */
/* Part 5: the table, a page at a time, so that any number of sites stays quick. */

const PAGE = 50;
const heads = [
  ["severity", "Severity"], ["call", "Call"], ["where", "Where"], ["owner", "Owner"],
  ["count", "Hits"], ["max", "Longest"], ["total", "Time lost"],
];
const numeric = new Set(["count", "max", "total"]);
const opened = new Set();
let page = 0;

function drawHeads() {
  show(byId("heads"), heads.map(([key, label]) => {
    const sort = wanted.sort !== key ? "none" : wanted.down ? "descending" : "ascending";
    return el("th", { scope: "col", "aria-sort": sort, class: numeric.has(key) ? "number" : "" },
      el("button", { type: "button", class: "head", "data-sort": key, onclick: () => reSort(key) },
        label, el("span", { class: "arrow", "aria-hidden": "true" })));
  }));
}

function reSort(key) {
  sortBy(key);
  byId("heads").querySelector(`[data-sort="${key}"]`).focus();
}

function cell(label, className, ...children) {
  return el("td", { class: className, "data-label": label }, ...children);
}

function drawRow(site, worst) {
  const frame = culprit(site);
  const level = severities[num(site, "severity")];
  const id = str(site, "id");
  const open = opened.has(id);
  const button = el("button", {
    type: "button", class: "open", "aria-expanded": String(open), "data-id": id,
    "aria-label": `${level}${num(site, "new") ? ", new" : ""}: ${call(site)}`,
  }, el("span", { class: "pill is-" + level }, level),
  num(site, "new") ? el("span", { class: "pill is-new" }, "new") : null);
  const row = el("tr", { class: open ? "site opened" : "site" },
    cell("Severity", "", button),
    cell("Call", "", el("code", { class: "api" }, call(site)),
      el("small", {}, `${str(site, "rule")} · ${str(site, "effect")}`)),
    cell("Where", "", frame ? el("code", {}, place(site, frame)) : el("small", {}, "not known"),
      frame ? el("small", {}, "in " + nameOf(frame)) : null),
    cell("Owner", "owner", str(site, "owner") || "–"),
    cell("Hits", "number", count(num(site, "count"))),
    cell("Longest", "number", duration(num(site, "max"))),
    cell("Time lost", "number time", duration(num(site, "total")), bar(num(site, "total"), worst)));
  row.addEventListener("click", (event) => {
    if (event.target.closest("button") === button || !String(getSelection())) {
      toggle(site, row, button);
    }
  });
  return open ? [row, drawSite(site)] : [row];
}

function toggle(site, row, button) {
  const id = str(site, "id");
  const open = !opened.has(id);
  opened[open ? "add" : "delete"](id);
  row.classList.toggle("opened", open);
  button.setAttribute("aria-expanded", String(open));
  if (open) {
    row.after(drawSite(site));
  } else {
    row.nextElementSibling.remove();
  }
}

function drawRows() {
  const part = shown.slice(page * PAGE, (page + 1) * PAGE);
  const worst = shown.reduce((most, site) => Math.max(most, num(site, "total")), 1);
  show(byId("rows"), part.length ? part.flatMap((site) => drawRow(site, worst)) :
    el("tr", {}, el("td", { colspan: heads.length, class: "nothing" },
      data.sites.length ? "No violation fits the filter." : unjudged()
        ? `Nothing was judged: ${unjudged()}.` : "No violations: the loops ran free.")));
}

function turnTo(number, focus) {
  page = number;
  drawRows();
  drawPages();
  byId("sites").scrollIntoView({ block: "start" });
  byId(focus).focus({ preventScroll: true });
}

function drawPages() {
  const last = Math.max(0, Math.ceil(shown.length / PAGE) - 1);
  const step = (id, label, number, off) => el("button", {
    id, type: "button", class: "quiet", disabled: off, onclick: () => turnTo(number, id),
  }, label);
  show(byId("pages"), last === 0 ? [] : [
    step("first", "First", 0, page === 0),
    step("previous", "Previous", page - 1, page === 0),
    el("span", {}, `page ${count(page + 1)} of ${count(last + 1)}`),
    step("next", "Next", page + 1, page === last),
    step("last", "Last", last, page === last),
  ]);
}

function drawTable() {
  page = 0;
  drawHeads();
  drawRows();
  drawPages();
}

/* Up and down walk from row to row, whatever is open between them. */
function walkRows(event) {
  const buttons = [...byId("rows").querySelectorAll("button.open")];
  const at = buttons.indexOf(document.activeElement);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: buttons.length - 1 }[event.key];
  if (at >= 0 && to !== undefined && buttons[to]) {
    event.preventDefault();
    buttons[to].focus();
  }
}

/* On paper everything that fits the filter is there, up to a point. */
function printAll() {
  const worst = shown.reduce((most, site) => Math.max(most, num(site, "total")), 1);
  show(byId("rows"), shown.slice(0, 500).flatMap((site) => drawRow(site, worst)));
}
