# SPDX-License-Identifier: MIT
"""The formats for other tools: what they are read by accepts them, whatever a record says."""
import html
import json
import os
import pathlib
import re
import subprocess
import xml.etree.ElementTree as ElementTree

import pytest

from formats import FORMATS

pytestmark = pytest.mark.holds_without_library("the command alone")

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("OFFLOOP_BUILD", ROOT / "build")).resolve()
OFFLOOP = BUILD / "report" / "offloop"
SCHEMAS = ROOT / "tests" / "schema"
KINDS = ["usual", "warning", "blocked", "hostile", "syntax", "clean", "empty", "dropped"]


@pytest.fixture
def report(command):
    """The bytes of a report."""
    def call(format, *arguments, status=0, **options):
        done = command("report", "--format", format, *arguments, text=False, **options)
        assert done.returncode == status, done.stderr
        return done.stdout
    return call


def validate(data, schema):
    jsonschema = pytest.importorskip("jsonschema")
    schema = json.loads(schema.read_text())
    validator = jsonschema.validators.validator_for(schema)
    validator.check_schema(schema)
    validator(schema, format_checker=jsonschema.FormatChecker()).validate(data)


def sarif_of(bytes_):
    data = json.loads(bytes_)
    validate(data, SCHEMAS / "sarif-2.1.0.json")
    return data["runs"][0]


def unescape(text):
    """As the runner of GitHub Actions reads a property or message."""
    return (text.replace("%0D", "\r").replace("%0A", "\n").replace("%3A", ":")
            .replace("%2C", ",").replace("%25", "%"))


@pytest.mark.parametrize("kind", KINDS)
def test_json_is_what_its_schema_says(report, record, kind):
    validate(json.loads(report("json", record(kind))), ROOT / "docs" / "report.schema.json")


def strict(schema):
    """The schema without room for fields that it does not name."""
    if isinstance(schema, list):
        return [strict(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    tight = {name: strict(value) for name, value in schema.items()}
    if isinstance(tight.get("properties"), dict) and tight.get("type") != "string":
        tight.setdefault("additionalProperties", False)
    return tight


@pytest.mark.parametrize("kind", KINDS + ["bare", "many"])
def test_json_has_no_field_that_the_schema_does_not_name(report, record, tmp_path, kind):
    jsonschema = pytest.importorskip("jsonschema")
    schema = strict(json.loads((ROOT / "docs" / "report.schema.json").read_text()))
    (tmp_path / "known").write_text("0123456789abcdef  gone\n")
    for options in ([], ["--baseline", tmp_path / "known", "--fail-on", "never"]):
        data = json.loads(report("json", *options, record(kind)))
        jsonschema.validators.validator_for(schema)(schema).validate(data)
        assert ("baseline" in data["totals"]) == bool(options)


@pytest.mark.parametrize("kind", KINDS)
def test_sarif_is_what_the_official_schema_says(report, record, kind):
    sarif_of(report("sarif", record(kind)))


@pytest.mark.parametrize("kind", KINDS)
def test_junit_is_what_jenkins_schema_says(report, record, tool, tmp_path, kind):
    file = tmp_path / "report.xml"
    file.write_bytes(report("junit", record(kind)))
    words = [tool("xmllint"), "--noout", "--schema", SCHEMAS / "junit-10.xsd", file]
    done = subprocess.run(words, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_sarif_names_places_relative_to_the_repository(report, record, tmp_path):
    """The record says /srv/app/app.py; here the repository has it at its top."""
    (tmp_path / "repo" / ".git").mkdir(parents=True)
    (tmp_path / "repo" / "sub").mkdir()
    (tmp_path / "repo" / "app.py").write_text("")
    run = sarif_of(report("sarif", record("usual"), cwd=tmp_path / "repo" / "sub"))
    assert run["originalUriBaseIds"]["SRCROOT"]["uri"] == f"file://{tmp_path}/repo/"
    place = run["results"][0]["locations"][0]["physicalLocation"]
    assert place == {"artifactLocation": {"uri": "app.py", "uriBaseId": "SRCROOT"},
                     "region": {"startLine": 42}}


def test_source_root_takes_the_place_of_the_repository(report, record, tmp_path):
    run = sarif_of(report("sarif", "--source-root", "/srv", record("usual")))
    place = run["results"][0]["locations"][0]
    assert place["physicalLocation"]["artifactLocation"]["uri"] == "app/app.py"
    assert place["logicalLocations"][0]["name"] == "handle"


def test_sarif_has_rules_levels_fingerprints_and_flows(report, record):
    run = sarif_of(report("sarif", record("warning")))
    result, = run["results"]
    rule = run["tool"]["driver"]["rules"][result["ruleIndex"]]
    assert rule["id"] == result["ruleId"] == "sleep" and result["level"] == "warning"
    assert rule["defaultConfiguration"]["level"] == "error"
    assert "docs/rules/sleep.md#sleep" in rule["help"]["text"]
    assert "**Instead:** await asyncio.sleep&#40;&#41;" in rule["help"]["markdown"]
    assert "`docs/rules/sleep.md#sleep`" in rule["help"]["markdown"] and "helpUri" not in rule
    data = json.loads(report("json", record("warning")))
    id = data["violations"][0]["id"]
    assert result["partialFingerprints"] == {"offloopSite/v1": id,
                                             "primaryLocationLineHash": f"{id}:1"}
    steps = result["codeFlows"][0]["threadFlows"][0]["locations"]
    names = [step["location"]["message"]["text"].split(" ")[0] for step in steps]
    assert names == ["main", "run", "Handle._run", "handle"]
    assert [step.get("importance") for step in steps] == ["essential", None, None, "essential"]


def test_sarif_of_a_site_without_a_stack_still_has_a_file(report, record):
    run = sarif_of(report("sarif", record("bare")))
    place = run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]
    assert place["uri"] == "file:///usr/bin/python3" and "codeFlows" not in run["results"][0]


def test_help_links_become_absolute_by_the_environment(report, record):
    env = {"OFFLOOP_DOCS_URL": "https://example.org/offloop/blob/main"}
    run = sarif_of(report("sarif", record("usual"), env=env))
    page = "https://example.org/offloop/blob/main/docs/rules/sleep.md#sleep"
    rule = run["tool"]["driver"]["rules"][0]
    assert rule["helpUri"] == page and f"<{page}>" in rule["help"]["markdown"]
    assert json.loads(report("json", record("usual"), env=env))["violations"][0]["help"] == page


def test_junit_fails_sites_and_is_never_empty(report, record):
    suite = ElementTree.fromstring(report("junit", record("usual"))).find("testsuite")
    passed, failed = suite.findall("testcase")
    assert not list(passed) and failed.find("failure").get("type") == "error"
    assert "await asyncio.sleep()" in failed.find("failure").text
    assert (suite.get("tests"), suite.get("failures")) == ("2", "1")
    clean = ElementTree.fromstring(report("junit", record("clean"))).find("testsuite")
    assert len(clean.findall("testcase")) == 1 and clean.get("failures") == "0"


def test_junit_names_are_the_same_from_run_to_run(report, record):
    first, second = (report("junit", record("usual", f"{name}.offloop")) for name in ("a-1", "b-2"))
    assert re.findall(rb'name="[^"]*"', first) == re.findall(rb'name="[^"]*"', second)


def test_github_annotates_the_line(report, record, tmp_path):
    line, = report("github", "--source-root", "/srv/app", record("usual")).decode().splitlines()
    command, properties, message = re.fullmatch("::(\\w+) (.*?)::(.*)", line).groups()
    assert command == "error"
    assert properties == "file=app.py,line=42,title=offloop sleep"
    assert "time.sleep" in message and "await asyncio.sleep()" in unescape(message)


def test_github_has_one_command_a_site_whatever_its_name(report, record):
    lines = report("github", record("hostile")).split(b"\n")
    assert len(lines) == 2 and lines[0].startswith(b"::error ") and not lines[1]
    assert b"\r" not in lines[0] and b"\x1b" not in lines[0]


def test_markdown_takes_names_for_text(report, record):
    text = report("markdown", record("hostile")).decode()
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert len(rows) == 3 and len({row.count("|") for row in rows}) == 1
    outside = re.sub("</?code>", "", rows[2])
    assert "<" not in outside and "script&#62;" in outside
    assert not re.search(r"[`*_\[\]\\]", outside)


def test_folded_is_a_stack_and_a_number(report, record):
    line, = report("folded", record("usual")).decode().splitlines()
    stack, value = line.rsplit(" ", 1)
    assert value == "1500000000"
    assert stack.split(";") == ["python3/MainThread", "main at /srv/app/app.py:80",
                                "run at /usr/lib/python3.11/asyncio/runners.py:190",
                                "Handle._run at /usr/lib/python3.11/asyncio/events.py:80",
                                "handle at /srv/app/app.py:42", "time.sleep"]


@pytest.mark.parametrize("kind", ["hostile", "syntax"])
@pytest.mark.parametrize("format", FORMATS)
def test_nothing_raw_gets_through(report, record, format, kind):
    text = report(format, record(kind)).decode()  # valid UTF-8
    assert not set(text) & ({chr(c) for c in range(32)} - {"\n", "\t"} | {"\x7f", "\x9b", "\u202e"})


# The argument of "syntax", as plain text
SYNTAX = "]]>&amp;<!--%0A%25::error::x|y`z`*_[l](u);a b;c 1;#,\"'\\n\\x7f\\u009b"


def test_names_that_are_syntax_stay_names(report, record):
    path = record("syntax")
    raw = json.loads(report("json", path))["violations"]
    assert SYNTAX.replace("\\x7f\\u009b", "\x7f\x9b") in [site["argument"] for site in raw]
    suite = ElementTree.fromstring(report("junit", path)).find("testsuite")
    assert any(SYNTAX in case.find("failure").get("message") for case in suite.iter("testcase")
               if len(case))
    results = sarif_of(report("sarif", path))["results"]
    assert any(SYNTAX in result["message"]["text"] for result in results)
    for line in report("github", path).decode().splitlines():
        command, properties, message = re.fullmatch("::(\\w+) (.*?)::(.*)", line).groups()
        assert command == "error" and properties == "title=offloop sleep"
    assert any(SYNTAX in unescape(line) for line in report("github", path).decode().splitlines())
    rows = [line for line in report("markdown", path).decode().splitlines() if "|" in line]
    assert len(rows) == 4 and {row.count("|") for row in rows} == {10}
    assert any(SYNTAX in html.unescape(row) for row in rows)
    for line in report("folded", path).decode().splitlines():
        frames, value = line.rsplit(" ", 1)
        assert int(value) == 1_500_000_000 and len(frames.split(";")) == 7


def test_a_baseline_of_names_that_are_syntax_knows_them(command, record, tmp_path):
    path = record("syntax")
    assert command("baseline", path, "-o", "known").returncode == 0
    lines = (tmp_path / "known").read_text().splitlines()
    assert len([line for line in lines if line and not line.startswith("#")]) == 2
    result = command("report", "--baseline", "known", path)
    assert result.returncode == 0 and not result.stderr


@pytest.mark.parametrize("format", FORMATS)
def test_the_same_record_gives_the_same_bytes(report, record, format):
    path = record("usual")
    assert report(format, path) == report(format, path)


def test_shards_are_one_report_in_any_order(report, record):
    """Two hosts with the same sites, and one with others: each site once, counts added."""
    paths = [record(kind, f"{name}/x-1.offloop")
             for name, kind in (("a", "usual"), ("b", "usual"), ("c", "more"))]
    first = json.loads(report("json", *paths))
    last = json.loads(report("json", *reversed(paths)))
    assert first["violations"] == last["violations"] and first["totals"] == last["totals"]
    assert sorted(violation["count"] for violation in first["violations"]) == [3, 3, 6]
    for format in ("sarif", "junit", "github", "folded"):
        hits = report(format, *paths).count(b"handle") / report(format, paths[0]).count(b"handle")
        assert hits == 3  # sites


def test_a_record_named_twice_counts_once(report, record, tmp_path):
    path = record("usual", "all/x-1.offloop")
    (tmp_path / "link").symlink_to(path)
    data = json.loads(report("json", path, tmp_path / "all", tmp_path / "link", tmp_path / "all/."))
    assert data["totals"]["hits"] == 3 and len(data["runs"]) == 1


@pytest.mark.parametrize("format", ["junit", "markdown", "github"])
def test_what_a_baseline_knows_is_quiet(report, record, tmp_path, format):
    path = record("usual")
    subprocess.run([OFFLOOP, "baseline", path, "-o", tmp_path / "known"], check=True,
                   capture_output=True)
    text = report(format, "--baseline", tmp_path / "known", path).decode()
    expected = {"junit": 'failures="0"', "markdown": "error, known", "github": ""}
    assert expected[format] in text and "::error" not in text


@pytest.fixture
def compared(report, record, tmp_path):
    """A report of two new sites, one known, and one gone."""
    usual, more = record("usual"), record("more", "more-2.offloop")
    subprocess.run([OFFLOOP, "baseline", usual, "-o", tmp_path / "known"], check=True,
                   capture_output=True)
    with (tmp_path / "known").open("a") as file:
        file.write("0123456789abcdef  old.py  gone  sleep  time.sleep  # ticket 12\n")
    return lambda format: report(format, "--baseline", tmp_path / "known", usual, more,
                                 status=66).decode()


def test_every_format_tells_new_from_known_and_new_comes_first(compared):
    data = json.loads(compared("json"))
    assert [site["known"] for site in data["violations"]] == [False, False, True]
    compare = data["totals"]["baseline"]
    assert (compare["new"], compare["known"]) == (2, 1)
    assert compare["gone"] == ["0123456789abcdef"]
    run = sarif_of(compared("sarif"))
    assert [result["baselineState"] for result in run["results"]] == ["new", "new", "unchanged"]
    text = compared("text")
    assert "2 new, 1 known, 1 gone" in text
    assert text.index("  new  ") < text.index("known by the baseline")
    markdown = compared("markdown")
    assert "Against the baseline: 2 new, 1 known, 1 gone." in markdown
    assert markdown.index("**new**") < markdown.index(", known |")
    suite = ElementTree.fromstring(compared("junit")).find("testsuite")
    assert [len(case) and case[0].tag for case in suite.findall("testcase")] == \
        [0, "failure", "failure", "skipped"]
    assert compared("github").count("::") == 4
    assert len(compared("folded").splitlines()) == 3  # a graph of all time that was lost


def test_without_every_record_nothing_is_gone(report, record, tmp_path):
    (tmp_path / "known").write_text("0123456789abcdef  old.py\n")
    (tmp_path / "torn.offloop").write_text("no record")
    data = json.loads(report("json", "--baseline", tmp_path / "known", record("usual"),
                             tmp_path / "torn.offloop", status=66))
    assert data["totals"]["baseline"]["gone"] == []


def test_sarif_tells_new_from_known(report, record, tmp_path):
    path = record("usual")
    subprocess.run([OFFLOOP, "baseline", path, "-o", tmp_path / "known"], check=True,
                   capture_output=True)
    run = sarif_of(report("sarif", "--baseline", tmp_path / "known", path))
    assert run["results"][0]["baselineState"] == "unchanged"
    validate(json.loads(report("json", "--baseline", tmp_path / "known", path)),
             ROOT / "docs" / "report.schema.json")


PROGRAM = """import asyncio, os, time
async def handle():
    open("/etc/hostname").close()
    os.listdir("/")
    time.sleep(0.01)
async def main():
    await asyncio.sleep(0)
    await handle()
asyncio.run(main())
"""


def test_reports_of_a_real_program_are_valid(report, offloop, python, tmp_path):
    (tmp_path / "app.py").write_text(PROGRAM)
    outcome = offloop.run([python.path, tmp_path / "app.py"])
    records = next(tmp_path.glob("run-*/records"))
    assert {"open", "readdir", "sleep"} <= outcome.rules
    validate(outcome.report, ROOT / "docs" / "report.schema.json")
    run = sarif_of(report("sarif", "--source-root", tmp_path, records))
    places = [result["locations"][0]["physicalLocation"] for result in run["results"]]
    assert {"app.py"} == {place["artifactLocation"]["uri"] for place in places}
    assert {3, 4, 5} <= {place["region"]["startLine"] for place in places}
    ElementTree.fromstring(report("junit", records))
    assert len(report("folded", records).splitlines()) == len(outcome.violations)
