/* SPDX-License-Identifier: MIT */
"use strict";
/* Part 1 of the page's script: elements and words. What comes from a record gets into the page as
 * text only: there is no markup here, and the page's policy would not let any be made. */

/* el("td", {class: "number", onclick: f}, "text", child, …); null children are left out. */
function el(name, attributes, ...children) {
  return fill(document.createElement(name), attributes, children);
}

function svg(name, attributes, ...children) {
  return fill(document.createElementNS("http://www.w3.org/2000/svg", name), attributes, children);
}

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes || {})) {
    if (typeof value === "function") {
      element.addEventListener(name.slice(2), value);
    } else if (value === true) {
      element.setAttribute(name, "");
    } else if (value !== false && value !== null && value !== undefined) {
      element.setAttribute(name, value);
    }
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

function byId(id) {
  return document.getElementById(id);
}

function show(parent, ...children) {
  parent.replaceChildren(...children.flat().filter((child) => child !== null));
}

function duration(ns) {
  const units = [["s", 1e9], ["ms", 1e6], ["µs", 1e3]];
  for (const [unit, size] of units) {
    if (ns >= size) {
      const value = ns / size;
      return `${value.toFixed(value >= 100 ? 0 : value >= 10 ? 1 : 2)} ${unit}`;
    }
  }
  return `${ns} ns`;
}

function count(number) {
  return number.toLocaleString("en-US");
}

function many(number, word) {
  return `${count(number)} ${word}${number === 1 ? "" : "s"}`;
}

function share(part, whole) {
  const percent = whole ? (100 * part) / whole : 0;
  return `${percent >= 10 || percent === 0 ? percent.toFixed(0) : percent.toFixed(1)} %`;
}

function moment(us) {
  return us ? new Date(us / 1000).toISOString().replace("T", " ").slice(0, 19) + "Z" : "";
}

function base(path) {
  return path.slice(path.lastIndexOf("/") + 1);
}

/* A width that belongs to a number; set from script, since the policy forbids style attributes. */
function bar(part, whole, className) {
  const inner = el("span", { class: "bar-in " + (className || "") });
  inner.style.width = `${whole ? Math.max((100 * part) / whole, part ? 0.6 : 0) : 0}%`;
  return el("span", { class: "bar", "aria-hidden": "true" }, inner);
}

function say(text) {
  const said = byId("said");
  said.textContent = text;
  said.classList.add("on");
  clearTimeout(say.timer);
  say.timer = setTimeout(() => said.classList.remove("on"), 1800);
}

/* The clipboard's interface is not there in every browser for pages from disk. */
async function copy(text, from) {
  try {
    await navigator.clipboard.writeText(text);
    say("Copied");
  } catch {
    getSelection().selectAllChildren(from);
    say(document.execCommand("copy") ? "Copied" : "Selected: press Ctrl+C");
  }
}
