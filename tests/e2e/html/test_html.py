# SPDX-License-Identifier: MIT
"""What users do with the HTML report, in a real browser. A message on the console, an error, a request, or a
violation of the page's policy fails any of it."""
import re
import subprocess

import pytest

import browser as chromium

pytestmark = pytest.mark.holds_without_library("the command alone")


@pytest.fixture(scope="module")
def pages(build, record_make, tmp_path_factory):
    """A folder with a page for each kind of record."""
    folder = tmp_path_factory.mktemp("pages")

    def make(kind, name):
        subprocess.run([record_make, kind, folder / f"{name}.offloop"], check=True)
        return folder / f"{name}.offloop"

    def draw(name, *words, status=0):
        done = subprocess.run([build / "report/offloop", "report", "--format", "html", "-o",
                               folder / f"{name}.html", *words], capture_output=True)
        assert done.returncode == status, done.stderr

    source = folder / "root/srv/app/app.py"
    source.parent.mkdir(parents=True)
    source.write_text("# nothing\n" * 41 + "    time.sleep(0.5)\n")
    for name, kind, options in (("usual", "usual", []), ("hostile", "markup", []),
                                ("many", "many", []), ("clean", "clean", []),
                                ("empty", "empty", []), ("syntax", "syntax", []),
                                ("source", "usual", ["--sysroot", folder / "root"])):
        draw(name, *options, make(kind, name))
    # one site known, two new, and a line that nothing stands behind any more
    known = folder / "known.baseline"
    subprocess.run([build / "report/offloop", "baseline", folder / "usual.offloop", "-o", known],
                   capture_output=True, check=True)
    with known.open("a") as file:
        file.write("0123456789abcdef  old.py  gone  sleep  <b>time.sleep</b>  # ticket 12\n")
    draw("news", "--baseline", known, folder / "usual.offloop", make("more", "more"), status=66)
    return folder


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    driver = chromium.start(tmp_path_factory.mktemp("home"))
    yield driver
    driver.quit()


@pytest.fixture
def show(browser, pages):
    """A function that opens one of the pages."""
    opened = []

    def at(name, **options):
        opened.append(chromium.Page(browser, f"file://{pages}/{name}.html", **options))
        return opened[-1]
    yield at
    for page in opened:
        troubles = page.troubles()
        page.close()
        assert troubles == []


def test_the_totals_and_the_program_are_shown(show, browser):
    page = show("usual")
    assert browser.title == "offloop: python3 app.py"
    assert "1.50 s" in page.text("#totals")
    assert "MainThread" in page.text("#loops")
    assert "app" in page.text("#owners")


def test_a_head_sorts_and_sorts_the_other_way_round(show):
    page = show("many")

    def hits():
        return [int(text.replace(",", "")) for text in page.texts('td[data-label="Hits"]')]
    page.click('[data-sort="count"]')
    falling = hits()
    assert falling == sorted(falling, reverse=True)
    assert page.text('th[aria-sort="descending"]') == "Hits"
    page.click('[data-sort="count"]')
    rising = hits()
    assert rising == sorted(rising) != falling


def test_filters_by_text_rule_severity_and_owner(show):
    page = show("many")
    page.fill("#search", "file-7.json")
    assert page.texts("tr.site .api") == ['stat("/srv/data/file-7.json")']
    page.click("#reset")
    page.all("#rule option")[1].click()
    assert re.match(r"\d+ of 120 violations$", page.text("#matches"))
    page.click("#reset")
    [error] = [each for each in page.all("#severities label") if "error" in each.text]
    page.click(error)
    assert page.all("tr.site .pill.is-error") == []
    page.click("#reset")
    assert page.text("#matches") == "120 violations"
    page.click(page.all("#owners button.row")[0])
    assert page.value("#owner") != ""
    page.fill("#search", "no such thing")
    assert "No violation fits" in page.text("#rows")


def test_many_sites_come_in_pages(show):
    page = show("many")
    assert len(page.rows()) == 50
    page.click("#next")
    page.click("#next")
    assert len(page.rows()) == 20
    assert not page.one("#next").is_enabled()


def test_a_site_opens_with_its_stack_hint_and_snippets(show):
    page = show("usual")
    page.click(page.rows()[0])
    assert "Instead: await asyncio.sleep()" in page.text("tr.detail")
    assert re.search(r"(?s)handle.*fix here", page.text("tr.detail .frame.culprit"))
    assert "allow  sleep  python=*:handle" in page.text("tr.detail")
    page.click(page.all("tr.detail .folded summary")[0])
    assert "Handle._run" in page.all("tr.detail .folded")[0].get_property("innerText")
    page.click(page.rows()[0])
    assert page.all("tr.detail") == []


def test_the_culprits_source_lines_stand_in_its_frame(show):
    page = show("source")
    page.click(page.rows()[0])
    assert "time.sleep(0.5)" in page.text(".frame.culprit .line.here")


def test_a_snippet_is_copied_as_it_is(show):
    page = show("usual")
    page.command("Browser.grantPermissions", permissions=["clipboardReadWrite", "clipboardSanitizedWrite"])
    page.click(page.rows()[0])
    page.click('[aria-label="Copy: allow this place"]')
    page.wait_for(lambda: page.texts("#said") != [""], "a word of the copy")
    copied = page.browser.execute_async_script("navigator.clipboard.readText().then(arguments[0])")
    assert copied == 'allow  sleep  python=*:handle  "why this is harmless"'


def test_hostile_names_stay_text(show, browser):
    page = show("hostile")
    page.run('globalThis.alert = () => { document.title = "owned"; }')
    page.click(page.rows()[0])
    for summary in page.all("details > summary"):
        page.click(summary)
    assert page.all("main img, main iframe, main b, main a") == []
    assert len(page.all("script")) == 2
    assert "owned" not in browser.title
    text = page.text("body")
    for marker in "argument", "api", "file", "function", "hint", "owner":
        assert f"<img src=x onerror=alert('{marker}')>" in text
    assert "</script><script>alert(1)</script>" in text
    assert not re.search("[\u202a-\u202e\u2066-\u2069\u001b]", text)


def test_everything_is_reached_by_the_keyboard_alone(show):
    page = show("many")

    def tab_until(name, most):
        while name not in page.focused() and most:
            page.press("Tab")
            most -= 1
    page.press("Tab")
    assert "skip" in page.focused()
    page.press("/")
    assert page.focused() == "search"
    for letter in "file-1":
        page.press(letter)
    tab_until("open", 30)
    page.press("Arrow_Down")
    page.press("Enter")
    assert len(page.all("tr.detail")) == 1
    page.press("Tab")
    page.press("Shift", "Tab")
    page.press("Enter")
    assert page.all("tr.detail") == []
    tab_until("box", 200)
    before = len(page.all(".box"))
    page.press("Arrow_Down")
    page.press("Arrow_Down")
    page.press("Enter")
    assert len(page.all(".box.way")) >= 2, "zoomed"
    page.press("Escape")
    page.press("Home")
    assert len(page.all(".box")) == before


def test_the_flame_graph_adds_up_and_leaves_others_code_out(show):
    page = show("usual")
    assert page.texts(".box") == ["all", "main", "run", "Handle._run", "handle", "time.sleep"]
    page.click("#flame-mine")
    assert page.texts(".box") == ["all", "main", "handle", "time.sleep"]
    page.click(page.all(".box")[2])
    assert re.search("handle.*1.50 s, 100 % of all", page.text("#flame-says"))


def test_the_turns_of_a_loop_are_drawn(show):
    page = show("usual")
    says = page.one("svg.histogram").get_attribute("aria-label")
    assert re.search("MainThread 4711: 101 turns, .*1 stall", says)
    assert len(page.all("rect.turn")) == 2
    assert len(page.all("rect.turn.stall")) == 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_colours_follow_the_system(show, scheme):
    page = show("usual", scheme=scheme)

    def is_dark():
        ground = page.run("return getComputedStyle(document.body).backgroundColor")
        return int(re.search(r"\d+", ground)[0]) < 100
    assert is_dark() == (scheme == "dark")
    page.click("#theme")
    assert not is_dark(), "light by choice"
    page.click("#theme")
    assert is_dark(), "dark by choice"


def test_a_narrow_screen_needs_no_sideways_scrolling(show):
    page = show("many", width=360, height=700)
    page.click(page.rows()[0])
    assert page.too_wide() <= 0


def test_a_name_of_4000_letters_leaves_a_row_a_row(show):
    page = show("syntax")
    assert all(row.size["height"] < 200 for row in page.rows())
    page.click(page.rows()[0])
    names = "\n".join(each.get_property("innerText") for each in page.all("tr.detail .fn"))
    assert re.search(r"(a very long folder;\|`%20/?){100}", names)
    assert page.too_wide() <= 0


def test_on_paper_all_sites_are_there(show):
    page = show("many")
    page.emulate(media="print")
    page.run('dispatchEvent(new Event("beforeprint"))')
    assert len(page.rows()) == 120
    assert not page.one("#filters").is_displayed()


def test_what_a_baseline_does_not_know_is_marked_and_comes_first(show):
    page = show("news")
    assert [page.all(".pill.is-new", row) != [] for row in page.rows()] == [True, True, False]
    assert page.texts("#baseline dd") == ["2", "1", "1"]
    page.click("#baseline summary")
    assert re.match(r"0123456789abcdef .*<b>time\.sleep</b>  # ticket 12$", page.text("#baseline li"))
    page.click("#news-only")
    assert page.text("#matches") == "2 of 3 violations"
    page.click("#reset")
    assert len(page.rows()) == 3
    page.click("#show-news")
    assert page.one("#news-only").is_selected()
    assert len(page.rows()) == 2
    page.click(page.rows()[0])
    assert re.search(r"baseline\s+new", page.text("tr.detail .facts"))


def test_without_a_baseline_there_is_no_word_of_one(show):
    page = show("usual")
    assert not page.one("#baseline").is_displayed()
    assert not page.one("#news").is_displayed()
    page.click(page.rows()[0])
    assert "baseline" not in page.text("tr.detail .facts")


def test_a_run_without_a_loop_is_no_clean_one(show):
    page = show("empty")
    assert "Nothing was judged: no loop thread was found" in page.text("#banners")
    assert "Nothing was judged" in page.text("#rows")


def test_a_run_without_violations_says_so(show):
    assert "No violations" in show("clean").text("#rows")


def test_the_page_is_one_file_that_asks_for_nothing(pages):
    page = (pages / "usual.html").read_text()
    assert "default-src 'none'" in page and "unsafe" not in page
    assert not re.search(r"""(src|href)=["'](?!#)""", page)


def test_the_same_records_give_the_same_page(build, pages):
    words = [build / "report/offloop", "report", "--format", "html", pages / "many.offloop"]
    assert subprocess.run(words, capture_output=True, check=True).stdout == \
        (pages / "many.html").read_bytes()
