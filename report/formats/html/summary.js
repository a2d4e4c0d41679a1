/* SPDX-License-Identifier: MIT */
/* Part 3: who ran, the totals, and who lost how much. */

const MOST = 8; // bars before "show all"

function drawHead() {
  const runs = data.runs.filter((run) => run.loops.length).concat(data.runs).slice(0, 1);
  const program = runs.length ? runs[0].argv || runs[0].exe || "?" : "no run";
  const others = data.runs.length - 1;
  document.title = `offloop: ${program}`.slice(0, 120);
  show(byId("program"), program);
  show(byId("origin"), runs.map((run) => [
    run.language, `pid ${run.pid}`, moment(run.started), run.cwd,
    others > 0 ? `and ${many(others, "more program")}` : null,
  ].filter(Boolean).join("  ·  ")));
}

function card(label, value, more, className) {
  return el("div", { class: "card " + (className || "") },
    el("dt", {}, label), el("dd", {}, value, more ? el("small", {}, more) : null));
}

function drawTotals() {
  const totals = data.totals;
  const loops = data.runs.flatMap((run) => run.loops);
  const busy = loops.reduce((sum, loop) => sum + loop.busy, 0);
  const stalls = loops.reduce((sum, loop) => sum + loop.stalls, 0);
  const threads = loops.reduce((sum, loop) => sum + loop.threads, 0);
  const run = loops.reduce((sum, loop) => sum + loop.loops, 0);
  const by = [0, 0, 0];
  data.sites.forEach((site) => { by[num(site, "severity")] += 1; });
  show(byId("totals"),
    card("Time lost", duration(totals.time),
      busy ? `${share(totals.time, busy)} of the loops' busy time` : null, "lead"),
    card("Hits", count(totals.hits)),
    card("Violations", count(totals.sites),
      totals.hidden ? `${count(totals.hidden)} hidden: below --min-severity` : null),
    ...[2, 1, 0].map((level) => card(severities[level] + "s", count(by[level]), null,
      by[level] ? "is-" + severities[level] : "none")),
    card("Loop threads", count(threads), run > threads ? `${count(run)} loops` : null),
    card("Stalls", count(stalls), null, stalls ? "is-warning" : "none"));
}

/* What is new, and what of the baseline can go; nothing without one. */
function drawBaseline() {
  const known = data.baseline;
  byId("baseline").hidden = byId("news").hidden = !known;
  if (!known) {
    return;
  }
  const figure = (label, number, className) => el("div", { class: number ? className : "" },
    el("dt", {}, label), el("dd", {}, count(number)));
  const lines = known.gone.slice(0, 500).map((line) => el("li", {}, el("code", {}, line)));
  show(byId("baseline"),
    el("div", { class: "title" },
      el("div", {}, el("h2", {}, "Against the baseline"), el("small", {}, known.file)),
      el("dl", { class: "figures" }, figure("new", known.new, "is-error"),
        figure("known", known.known, ""), figure("gone", known.gone.length, "is-good")),
      el("button", { class: "quiet", type: "button", id: "show-news", disabled: !known.new,
        onclick: () => newsOnly(true) }, "Show the new ones")),
    lines.length ? el("details", { class: "gone" }, el("summary", {},
      `${many(known.gone.length, "line")} can be removed`), el("ul", {}, lines)) : null);
}

function banner(text, className) {
  return el("p", { class: "banner " + (className || "") }, text);
}

/* What is missing is part of the result. */
function drawBanners() {
  const totals = data.totals;
  const damaged = data.runs.filter((run) => run.damage);
  show(byId("banners"),
    unjudged() ? banner(`Nothing was judged: ${unjudged()}; see \`offloop run --help\`, --loop.`)
      : null,
    totals.dropped ? banner(`Incomplete: ${count(totals.hits_lost)} hits without a place of their ` +
      `own; ${count(totals.dropped)} entries in all did not fit into the record.`) : null,
    totals.unreadable ? banner(`${many(totals.unreadable, "record")} could not be read.`) : null,
    damaged.map((run) =>
      banner(`${run.record} is damaged: ${run.damage}; what is intact is shown.`)));
}

function barRow(label, detail, part, whole, onclick) {
  const value = el("span", { class: "value" }, duration(part), el("small", {}, detail));
  const content = [el("span", { class: "label" }, label), value, bar(part, whole)];
  return el("li", {}, onclick ? el("button", { class: "row", type: "button", onclick }, content)
    : el("div", { class: "row" }, content));
}

/* A list that shows its beginning first. */
function barList(parent, rows, empty) {
  const list = el("ul", { class: "bars" }, rows.slice(0, MOST));
  const more = el("button", {
    class: "quiet", type: "button",
    onclick: () => { list.append(...rows.slice(MOST, 500)); more.remove(); },
  }, `Show all ${count(rows.length)}`);
  show(parent, rows.length ? list : el("p", { class: "hint" }, empty),
    rows.length > MOST ? more : null);
}

function drawLoops() {
  const loops = data.runs.flatMap((run) => run.loops)
    .sort((a, b) => b.lost - a.lost || b.busy - a.busy);
  const most = Math.max(1, ...loops.slice(0, 1).map((loop) => loop.lost));
  barList(byId("loops"), loops.slice(0, 500).map((loop) => barRow(
    loop.tid ? `${loop.name} · ${loop.tid}` : many(loop.threads, "more loop thread"),
    (loop.loops > loop.threads ? `${many(loop.loops, "loop")}, ` : "") +
    `${share(loop.lost, loop.busy)} of ${duration(loop.busy)} busy, ${many(loop.turns, "turn")}`,
    loop.lost, most)), "No loop thread was seen.");
}

function drawOwners() {
  const sums = sumBy(data.sites, (site) => num(site, "owner"));
  const most = sums.length ? sums[0][3] : 1;
  barList(byId("owners"), sums.map(([owner, sites, hits, time]) => barRow(
    strings[owner] || "unknown", `${many(sites, "violation")}, ${many(hits, "hit")}`, time, most,
    () => filterBy("owner", owner))), "No violations.");
}

function term(label, value) {
  return value ? [el("dt", {}, label), el("dd", {}, value)] : [];
}

function drawRun(run) {
  return el("details", { class: "run" },
    el("summary", {}, `${run.argv || run.exe || "?"} · pid ${run.pid}`),
    el("dl", { class: "facts" },
      term("program", run.exe), term("folder", run.cwd), term("language", run.language),
      term("started", moment(run.started)), term("processes", count(run.processes)),
      term("record", run.record)));
}

/* Those that matched nothing are one line until somebody asks. */
function drawAllowed(rules) {
  const item = ([rule, hits]) => el("li", {}, el("code", {}, rule),
    hits ? ` suppressed ${many(hits, "hit")}` : null);
  const used = rules.filter(([, hits]) => hits);
  const unused = rules.filter(([, hits]) => !hits);
  return el("div", { class: "allowed" }, el("ul", {}, used.map(item)),
    unused.length ? el("details", {}, el("summary", {},
      `${many(unused.length, "rule")} allowed nothing`), el("ul", {}, unused.map(item))) : null);
}

function drawAbout() {
  show(byId("about"),
    data.notes.slice(0, 100).map(([what, why, programs]) => el("p", { class: "blind" },
      el("strong", {}, "not watched: "), `${what}: ${why}`, programs > 1 ? ` (${programs} programs)` : null)),
    data.runs.slice(0, 100).map(drawRun),
    data.runs.length > 100 ? el("p", { class: "hint" },
      `and ${many(data.runs.length - 100, "more program")}`) : null,
    data.suppressed.length ? el("h3", {}, "Allow rules") : null, drawAllowed(data.suppressed));
  show(byId("footer"), `offloop ${data.offloop}  ·  the same as text: offloop report`);
}
