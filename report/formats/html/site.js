/* SPDX-License-Identifier: MIT */
/* Part 6: a site, opened: what it cost, its stack with source lines, what to do about it. */

function snippet(label, text) {
  if (!text) {
    return null;
  }
  const code = el("code", {}, text);
  return el("div", { class: "snippet" }, el("span", { class: "what" }, label), el("pre", {}, code),
    el("button", { type: "button", class: "quiet copy", onclick: () => copy(text, code),
      "aria-label": "Copy: " + label }, "Copy"));
}

function excerpt(frame) {
  const lines = sources.get(frame[FILE]);
  if (!lines || !lines.has(frame[LINE])) {
    return null;
  }
  const around = [];
  for (let line = frame[LINE] - 3; line <= frame[LINE] + 3; line++) {
    if (lines.has(line)) {
      around.push([line, lines.get(line) || ""]);
    }
  }
  while (around.length && !around[0][1].trim()) {
    around.shift();
  }
  while (around.length && !around[around.length - 1][1].trim()) {
    around.pop();
  }
  const margin = Math.min(...around.filter(([, text]) => text.trim())
    .map(([, text]) => text.search(/\S/)));
  return el("pre", { class: "source" }, around.map(([line, text]) =>
    el("span", { class: line === frame[LINE] ? "line here" : "line" },
      el("span", { class: "at", "aria-hidden": "true" }, String(line)), text.slice(margin) + "\n")));
}

function drawFrame(site, frame, mark) {
  const kinds = ["native", "python", "js"];
  return el("li", { class: `frame code-${codes[frame[CODE]]}${mark ? " culprit" : ""}` },
    el("div", { class: "call" },
      el("code", { class: "fn" }, nameOf(frame)),
      el("code", { class: "file" }, place(site, frame)),
      mark ? el("span", { class: "pill is-note" }, "fix here") : null,
      frame[INLINED] ? el("small", {}, "inlined") : null,
      el("small", {}, `${kinds[frame[0]] || "native"} · ${codes[frame[CODE]]}`)),
    mark || frame[CODE] === USER ? excerpt(frame) : null);
}

/* Frames of others between the user's own stay folded until they are asked for. */
function drawFolded(site, frames) {
  if (frames.length === 0) {
    return [];
  }
  const owners = new Set(frames.map((frame) =>
    base(strings[frame[MODULE]] || strings[frame[FILE]] || "?")));
  const names = [...owners].slice(0, 3).join(", ") + (owners.size > 3 ? ", …" : "");
  return [el("li", { class: "folded" }, el("details", {},
    el("summary", {}, `${many(frames.length, "frame")} in ${names}`),
    el("ol", { class: "stack" }, frames.map((frame) => drawFrame(site, frame, false)))))];
}

function drawStack(site) {
  const mark = culprit(site);
  const frames = stack(site);
  const own = frames.some((frame) => frame === mark || frame[CODE] === USER);
  const items = [];
  let folded = [];
  frames.forEach((frame, i) => {
    if (frame === mark || frame[CODE] === USER || (!own && i < 6)) {
      items.push(...drawFolded(site, folded), drawFrame(site, frame, frame === mark));
      folded = [];
    } else {
      folded.push(frame);
    }
  });
  items.push(...drawFolded(site, folded));
  return items.length ? el("ol", { class: "stack" }, items)
    : el("p", { class: "hint" }, "No stack was recorded.");
}

function facts(site) {
  const hits = num(site, "count");
  const thread = `${str(site, "thread")} · ${num(site, "tid")}` +
    [", off the loop", "", ", on a worker's loop"][num(site, "on_loop")];
  return el("dl", { class: "facts" },
    term("time lost", `${duration(num(site, "total"))} in ${many(hits, "hit")}`),
    term("mean", hits ? duration(num(site, "total") / hits | 0) : null),
    term("longest", duration(num(site, "max"))),
    term("effect", str(site, "effect")),
    term("waits", num(site, "waits") ? many(num(site, "waits"), "time") : null),
    term("page faults", num(site, "faults") ? count(num(site, "faults")) : null),
    term("rule", `${str(site, "rule")} (${str(site, "family")}, ${str(site, "kind")})`),
    term("function", str(site, "function")),
    term("policy", str(site, "action")),
    term("too long to be suppressed by", str(site, "allowed_by")),
    term("phase", phases[num(site, "phase")]),
    term("thread", thread), term("pid", String(num(site, "pid"))),
    term("first", moment(num(site, "first"))), term("last", moment(num(site, "last"))),
    term("baseline", data.baseline && (num(site, "new") ? "new" : "known")),
    term("id", str(site, "id")));
}

function drawSite(site) {
  return el("tr", { class: "detail" }, el("td", { colspan: heads.length },
    str(site, "hint") ? el("p", { class: "fix" }, el("strong", {}, "Instead: "), str(site, "hint"))
      : null,
    el("div", { class: "columns" },
      el("section", { "aria-label": "Stack" }, el("h3", {}, "Stack"), drawStack(site)),
      el("section", { "aria-label": "Facts" }, el("h3", {}, "Facts"), facts(site))),
    el("h3", {}, "To copy"),
    snippet("explain", "offloop explain " + str(site, "rule")),
    snippet("allow this place", str(site, "allow_place")),
    snippet("allow this path", str(site, "allow_path")),
    snippet("baseline line", str(site, "baseline"))));
}
