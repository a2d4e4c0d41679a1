# SPDX-License-Identifier: MIT
"""What suites print, as {name of a test: outcome}. Outcomes: passed, failed, skipped.

Each reader takes (text of the run, folder of its files). A name that comes again gets a number, so
that nothing is lost where a suite has two tests of a name.
"""
import re
import xml.etree.ElementTree as ElementTree

JUNIT = "junit.xml"  # the file that a command writes where its reader is junit()


def numbered(pairs):
    found = {}
    for name, outcome in pairs:
        name, count = " ".join(name.split()), 1
        while (name if count == 1 else f"{name} #{count}") in found:
            count += 1
        found[name if count == 1 else f"{name} #{count}"] = outcome
    return found


def junit(text, folder):
    file = folder / JUNIT
    if not file.exists() or not file.stat().st_size:
        return {}
    # Python's own writer leaves characters in it that XML forbids
    clean = re.sub("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "?", file.read_text(errors="replace"))
    try:
        return numbered(map(_of_case, ElementTree.fromstring(clean).iter("testcase")))
    except ElementTree.ParseError:
        return {}


def _of_case(case):
    name = ".".join(filter(None, (case.get("classname"), case.get("name"))))
    for tag, outcome in (("error", "failed"), ("failure", "failed"), ("skipped", "skipped")):
        if case.find(tag) is not None:
            return name, outcome
    return name, "skipped" if case.get("result") == "skipped" else "passed"


def lines(pattern, words, flags=re.MULTILINE):
    """A reader for suites with a line a test: `pattern` has the groups name and outcome, and `words` maps
    the beginning of what stands there to an outcome; without words it is the outcome itself."""
    expression = re.compile(pattern, flags)

    def outcome_of(said):
        if words is None:
            return said
        return next((outcome for word, outcome in words.items() if said.startswith(word)), "failed")

    def read(text, folder):
        return numbered((found["name"], outcome_of(found["outcome"])) for found in expression.finditer(text))

    return read


def tap(text, folder):
    """Test anything protocol; subtests are indented, and carry the name of their place only."""
    def pairs():
        for found in re.finditer(r"^\s*(not ok|ok) \d+(?: -)? ?(.*)$", text, re.MULTILINE):
            name, _, directive = found[2].partition(" # ")
            name = re.sub(r"\(?\b[\d.]+ ?(ms|s|sec)\)?\s*$", "", name)
            skipped = re.match(r"skip|todo", directive, re.IGNORECASE)
            yield name or "(no name)", "skipped" if skipped else "failed" if found[1] == "not ok" else "passed"

    return numbered(pairs())

