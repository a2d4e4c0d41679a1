/* SPDX-License-Identifier: MIT */
// What users do with the HTML report, in a real browser. Started by test_html.py:
//   node scenarios.mjs PLAYWRIGHT CHROMIUM PROFILE FOLDER
// FOLDER has the pages. Each scenario runs on a page of its own; a console message, an error or a
// violation of the page's policy fails it. One line of JSON a scenario on stdout: {"name", "error"}.
import assert from "node:assert/strict";
import { createRequire } from "node:module";

const [library, chromium, profile, folder] = process.argv.slice(2);
const { chromium: browserType } = createRequire(import.meta.url)(library);
const scenarios = [];

function scenario(name, file, options, steps) {
  scenarios.push({ name, file, options, steps });
}

const rows = (page) => page.locator("tr.site");
const calls = (page) => page.locator("tr.site .api").allTextContents();
const focused = (page) => page.evaluate(() => document.activeElement.id ||
  document.activeElement.dataset.sort || document.activeElement.className);

scenario("the totals and the program are shown", "usual.html", {}, async (page) => {
  assert.equal(await page.title(), "offloop: python3 app.py");
  assert.match(await page.locator("#totals").innerText(), /1\.50 s/);
  assert.match(await page.locator("#loops").innerText(), /MainThread/);
  assert.match(await page.locator("#owners").innerText(), /app/);
});

scenario("a head sorts, and sorts the other way round", "many.html", {}, async (page) => {
  const hits = async () => (await page.locator('td[data-label="Hits"]').allTextContents())
    .map((text) => Number(text.replaceAll(",", "")));
  await page.click('[data-sort="count"]');
  const falling = await hits();
  assert.deepEqual(falling, [...falling].sort((a, b) => b - a));
  assert.equal(await page.locator('th[aria-sort="descending"]').innerText(), "Hits");
  await page.click('[data-sort="count"]');
  const rising = await hits();
  assert.deepEqual(rising, [...rising].sort((a, b) => a - b));
  assert.notDeepEqual(rising, falling);
});

scenario("filters by text, rule, severity and owner", "many.html", {}, async (page) => {
  await page.fill("#search", "file-7.json");
  assert.deepEqual(await calls(page), ['stat("/srv/data/file-7.json")']);
  await page.click("#reset");
  await page.selectOption("#rule", { index: 1 });
  const matches = await page.locator("#matches").innerText();
  assert.match(matches, /^\d+ of 120 sites$/);
  await page.click("#reset");
  await page.locator("#severities label", { hasText: "error" }).click();
  assert.equal(await page.locator("tr.site .pill.is-error").count(), 0);
  await page.click("#reset");
  assert.equal(await page.locator("#matches").innerText(), "120 sites");
  await page.locator("#owners button.row").first().click();
  assert.notEqual(await page.inputValue("#owner"), "");
  await page.fill("#search", "no such thing");
  assert.match(await page.locator("#rows").innerText(), /No site fits/);
});

scenario("many sites come in pages", "many.html", {}, async (page) => {
  assert.equal(await rows(page).count(), 50);
  await page.click("#next");
  await page.click("#next");
  assert.equal(await rows(page).count(), 20);
  assert.equal(await page.locator("#next").isDisabled(), true);
});

scenario("a site opens with its stack, hint and snippets", "usual.html", {}, async (page) => {
  await rows(page).first().click();
  const detail = page.locator("tr.detail");
  assert.match(await detail.innerText(), /Instead: await asyncio\.sleep\(\)/);
  assert.match(await detail.locator(".frame.culprit").innerText(), /handle[^]*fix here/);
  assert.match(await detail.innerText(), /allow {2}sleep {2}python=\*:handle/);
  await detail.locator(".folded summary").first().click();
  assert.match(await detail.locator(".folded").first().innerText(), /Handle\._run/);
  await rows(page).first().click();
  assert.equal(await detail.count(), 0);
});

scenario("the culprit's source lines stand in its frame", "source.html", {}, async (page) => {
  await rows(page).first().click();
  assert.match(await page.locator(".frame.culprit .line.here").innerText(), /time\.sleep\(0\.5\)/);
});

scenario("a snippet is copied as it is", "usual.html",
  { permissions: ["clipboard-read", "clipboard-write"] }, async (page) => {
    await rows(page).first().click();
    await page.getByLabel("Copy: allow this place").click();
    await page.waitForFunction(() => document.getElementById("said").textContent !== "");
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    assert.equal(copied, 'allow  sleep  python=*:handle  "why this is harmless"');
  });

scenario("hostile names stay text", "hostile.html", {}, async (page) => {
  await page.evaluate(() => { globalThis.alert = () => { document.title = "owned"; }; });
  await rows(page).first().click();
  for (const summary of await page.locator("details > summary").all()) {
    await summary.click();
  }
  assert.equal(await page.locator("main img, main iframe, main b, main a").count(), 0);
  assert.equal(await page.locator("script").count(), 2);
  assert.doesNotMatch(await page.title(), /owned/);
  const text = await page.locator("body").innerText();
  for (const marker of ["argument", "api", "file", "function", "hint", "owner"]) {
    assert.ok(text.includes(`<img src=x onerror=alert('${marker}')>`), `${marker} is shown as text`);
  }
  assert.ok(text.includes("</script><script>alert(1)</script>"), "the script's end is text");
  assert.doesNotMatch(text, /[\u202a-\u202e\u2066-\u2069\u001b]/);
});

scenario("everything is reached by the keyboard alone", "many.html", {}, async (page) => {
  const press = (key) => page.keyboard.press(key);
  await press("Tab");
  assert.match(await focused(page), /skip/);
  await press("/");
  assert.equal(await focused(page), "search");
  await page.keyboard.type("file-1");
  for (let i = 0; i < 30 && !/open/.test(await focused(page)); i++) {
    await press("Tab");
  }
  await press("ArrowDown");
  await press("Enter");
  assert.equal(await page.locator("tr.detail").count(), 1);
  await press("Tab");
  await press("Shift+Tab");
  await press("Enter");
  assert.equal(await page.locator("tr.detail").count(), 0);
  for (let i = 0; i < 200 && !/box/.test(await focused(page)); i++) {
    await press("Tab");
  }
  const before = await page.locator(".box").count();
  await press("ArrowDown");
  await press("ArrowDown");
  await press("Enter");
  assert.ok((await page.locator(".box.way").count()) >= 2, "zoomed");
  await press("Escape");
  await press("Home");
  assert.equal(await page.locator(".box").count(), before);
});

scenario("the flame graph adds up and leaves others' code out", "usual.html", {}, async (page) => {
  const boxes = await page.locator(".box").allTextContents();
  assert.deepEqual(boxes, ["all", "main", "run", "Handle._run", "handle", "time.sleep"]);
  await page.check("#flame-mine");
  assert.deepEqual(await page.locator(".box").allTextContents(),
    ["all", "main", "handle", "time.sleep"]);
  await page.locator(".box", { hasText: "handle" }).click();
  assert.match(await page.locator("#flame-says").innerText(), /handle.*1\.50 s, 100 % of all/);
});

scenario("the turns of a loop are drawn", "usual.html", {}, async (page) => {
  const says = await page.locator("svg.histogram").getAttribute("aria-label");
  assert.match(says, /MainThread 4711: 101 turns, .*1 stall/);
  assert.equal(await page.locator("rect.turn").count(), 2);
  assert.equal(await page.locator("rect.turn.stall").count(), 1);
});

for (const scheme of ["light", "dark"]) {
  const options = { colorScheme: scheme };
  scenario(`colours follow the system: ${scheme}`, "usual.html", options, async (page) => {
    const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const brightness = async () => Number((await ground()).match(/\d+/)[0]);
    assert.equal((await brightness()) < 100, scheme === "dark");
    await page.click("#theme");
    assert.ok((await brightness()) > 100, "light by choice");
    await page.click("#theme");
    assert.ok((await brightness()) < 100, "dark by choice");
  });
}

scenario("a narrow screen needs no sideways scrolling", "many.html",
  { viewport: { width: 360, height: 700 } }, async (page) => {
    await rows(page).first().click();
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(wide <= 0, `${wide} pixels too wide`);
  });

scenario("a name of 4,000 letters leaves a row a row", "syntax.html", {}, async (page) => {
  for (const row of await rows(page).all()) {
    assert.ok((await row.boundingBox()).height < 200);
  }
  await rows(page).first().click();
  assert.match(await page.locator("tr.detail .fn").allInnerTexts().then((all) => all.join("\n")),
    /(a very long folder;\|`%20\/?){100}/);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.ok(wide <= 0, `${wide} pixels too wide`);
});

scenario("on paper all sites are there", "many.html", {}, async (page) => {
  await page.emulateMedia({ media: "print" });
  await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
  assert.equal(await rows(page).count(), 120);
  assert.equal(await page.locator("#filters").isVisible(), false);
});

scenario("what a baseline does not know is marked and comes first", "news.html", {},
  async (page) => {
    const marks = await rows(page).evaluateAll((all) =>
      all.map((row) => row.querySelector(".pill.is-new") !== null));
    assert.deepEqual(marks, [true, true, false]);
    const figures = await page.locator("#baseline dd").allTextContents();
    assert.deepEqual(figures, ["2", "1", "1"]);
    await page.locator("#baseline summary").click();
    assert.match(await page.locator("#baseline li").innerText(),
      /^0123456789abcdef .*<b>time\.sleep<\/b> {2}# ticket 12$/);
    await page.check("#news-only");
    assert.equal(await page.locator("#matches").innerText(), "2 of 3 sites");
    await page.click("#reset");
    assert.equal(await rows(page).count(), 3);
    await page.click("#show-news");
    assert.equal(await page.isChecked("#news-only"), true);
    assert.equal(await rows(page).count(), 2);
    await rows(page).first().click();
    assert.match(await page.locator("tr.detail .facts").innerText(), /baseline\s+new/);
  });

scenario("without a baseline there is no word of one", "usual.html", {}, async (page) => {
  assert.equal(await page.locator("#baseline").isVisible(), false);
  assert.equal(await page.locator("#news").isVisible(), false);
  await rows(page).first().click();
  assert.doesNotMatch(await page.locator("tr.detail .facts").innerText(), /baseline/);
});

scenario("a run without a loop is no clean one", "empty.html", {}, async (page) => {
  assert.match(await page.locator("#banners").innerText(), /Nothing was judged: no loop thread was found/);
  assert.match(await page.locator("#rows").innerText(), /Nothing was judged/);
});

scenario("a run without violations says so", "clean.html", {}, async (page) => {
  assert.match(await page.locator("#rows").innerText(), /No violations/);
});

async function run(browser, { name, file, options, steps }) {
  const context = await browser.newContext({ viewport: { width: 1200, height: 900 }, ...options });
  const troubles = [];
  const page = await context.newPage();
  page.setDefaultTimeout(10000);
  page.on("console", (message) => troubles.push(`console: ${message.text()}`));
  page.on("pageerror", (error) => troubles.push(`error: ${error.message}`));
  page.on("request", (request) => {
    if (!request.url().startsWith("file:")) {
      troubles.push(`request: ${request.url()}`);
    }
  });
  await page.addInitScript(() => {
    globalThis.refused = [];
    addEventListener("securitypolicyviolation", (event) =>
      globalThis.refused.push(`${event.violatedDirective} ${event.blockedURI}`));
  });
  try {
    await page.goto(`file://${folder}/${file}`);
    await page.waitForSelector("html[data-ready]", { state: "attached" });
    await steps(page);
    assert.deepEqual(await page.evaluate(() => globalThis.refused), [], "policy violations");
    assert.deepEqual(troubles, [], "troubles");
    return null;
  } catch (error) {
    return String(error.message || error);
  } finally {
    await context.close();
  }
}

const browser = await browserType.launch({
  executablePath: chromium,
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  env: { ...process.env, HOME: profile },
});
try {
  for (const each of scenarios) {
    console.log(JSON.stringify({ name: each.name, error: await run(browser, each) }));
  }
} finally {
  await browser.close();
}
