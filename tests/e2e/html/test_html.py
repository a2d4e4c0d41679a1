# SPDX-License-Identifier: MIT
"""The HTML report in headless Chromium, by Playwright. What is done there is in scenarios.mjs; each
scenario is a test here."""
import json
import os
import pathlib
import re
import shutil
import subprocess

import pytest

HERE = pathlib.Path(__file__).resolve().parent
SCENARIOS = HERE / "scenarios.mjs"
PLAYWRIGHT = HERE / "node_modules" / "playwright-core"  # put there by scripts/setup test
NAMES = re.findall(r'^ *scenario\("([^"$]+)"', SCENARIOS.read_text(), re.M)
NAMES += [f"colours follow the system: {scheme}" for scheme in ("light", "dark")]


def needs():
    """The browser and node, or a skip that names what is missing."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    node = shutil.which("node")
    for found, what in ((chromium, "chromium"), (node, "node"),
                        (PLAYWRIGHT.is_dir(), "playwright-core")):
        if not found:
            pytest.skip(f"{what} is not installed: scripts/setup test does it (Playwright by npm)")
    return node, chromium


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
def outcomes(pages, tmp_path_factory):
    """What went wrong, by scenario."""
    node, chromium = needs()
    home = tmp_path_factory.mktemp("home")
    words = [node, SCENARIOS, PLAYWRIGHT, chromium, home, pages]
    done = subprocess.run(words, capture_output=True, text=True, timeout=300,
                          env={**os.environ, "NODE_OPTIONS": ""})
    assert done.returncode == 0, done.stderr
    return {each["name"]: each["error"] for each in map(json.loads, done.stdout.splitlines())}


@pytest.mark.parametrize("name", NAMES)
def test_page(outcomes, name):
    assert name in outcomes
    assert outcomes[name] is None, outcomes[name]


def test_the_page_is_one_file_that_asks_for_nothing(pages):
    page = (pages / "usual.html").read_text()
    assert "default-src 'none'" in page and "unsafe" not in page
    assert not re.search(r"""(src|href)=["'](?!#)""", page)


def test_the_same_records_give_the_same_page(build, pages):
    words = [build / "report/offloop", "report", "--format", "html", pages / "many.offloop"]
    assert subprocess.run(words, capture_output=True, check=True).stdout == \
        (pages / "many.html").read_bytes()
