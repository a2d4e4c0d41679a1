/* SPDX-License-Identifier: MIT */
/* Part 9: themes, keys, and the start. */

const themes = ["auto", "light", "dark"];

/* Pages from disk may have no storage; then the choice lasts as long as the page. */
function remembered(value) {
  try {
    if (value) {
      localStorage.setItem("offloop-theme", value);
    }
    return localStorage.getItem("offloop-theme");
  } catch {
    return null;
  }
}

function setTheme(theme) {
  const button = byId("theme");
  document.documentElement.dataset.theme = theme;
  button.textContent = { auto: "◐ auto", light: "☀ light", dark: "☾ dark" }[theme];
  button.setAttribute("aria-label", `Colours: ${theme}; change`);
}

function startTheme() {
  const before = remembered();
  setTheme(themes.includes(before) ? before : "auto");
  byId("theme").addEventListener("click", () => {
    const next = themes[(themes.indexOf(document.documentElement.dataset.theme) + 1) % 3];
    setTheme(next);
    remembered(next);
  });
}

function startKeys() {
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input, select, textarea");
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      byId("search").focus();
    }
  });
  byId("rows").addEventListener("keydown", walkRows);
  addEventListener("beforeprint", printAll);
  addEventListener("afterprint", drawRows);
}

drawHead();
drawBanners();
drawTotals();
drawBaseline();
drawLoops();
drawOwners();
drawTurns();
drawAbout();
startTheme();
startKeys();
startFilter();
startFlame();
listeners.push(drawTable, drawFlame);
applyFilter();
document.documentElement.dataset.ready = "";
