# SPDX-License-Identifier: MIT
"""`offloop report`, `rules`, `explain` and the command itself."""
import json
import os
import pathlib
import subprocess

import pytest

pytestmark = pytest.mark.holds_without_library("the command alone")

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("OFFLOOP_BUILD", ROOT / "build")).resolve()
OFFLOOP = BUILD / "report" / "offloop"


@pytest.fixture
def offloop(command):
    return command


def test_the_command_alone_helps_and_is_2(offloop):
    result = offloop()
    assert result.returncode == 2 and "offloop run" in result.stderr and not result.stdout


@pytest.mark.parametrize("subcommand", [[], ["run"], ["report"], ["rules"], ["explain"]])
def test_help_and_version_are_everywhere(offloop, subcommand):
    for option in ("-h", "--help"):
        result = offloop(*subcommand, option)
        assert result.returncode == 0 and "Usage: offloop" in result.stdout
        assert all(len(line) <= 80 for line in result.stdout.splitlines())
    assert offloop(*subcommand, "--version").stdout.startswith("offloop ")


def test_an_unknown_command_names_the_nearest(offloop):
    result = offloop("repotr")
    assert result.returncode == 2 and "did you mean 'report'?" in result.stderr


def test_without_a_record_the_way_to_one_is_told(offloop):
    result = offloop("report")
    assert result.returncode == 2 and "offloop run -- PROG" in result.stderr


def test_without_an_argument_the_newest_run_is_shown(offloop, record):
    os.utime(record("clean", "offloop-out/old/a-1.offloop"), (1, 1))
    record("usual", "offloop-out/new/b-2.offloop")
    record("usual", "offloop-out/new/b-3.offloop")
    report = json.loads(offloop("report", "--format", "json").stdout)
    assert len(report["runs"]) == 2 and report["violations"][0]["count"] == 6


def test_a_folder_is_all_its_records_with_each_site_once(offloop, record, tmp_path):
    for i in range(3):
        record("usual", f"shards/{i}/x-{i}.offloop")
    report = json.loads(offloop("report", "--format=json", "shards").stdout)
    assert [violation["count"] for violation in report["violations"]] == [9]
    assert report["totals"]["sites"] == 1 and report["totals"]["hits"] == 9


def test_the_report_goes_to_a_file(offloop, record, tmp_path):
    result = offloop("report", "-o", "out.txt", record("usual"))
    assert result.returncode == 0 and not result.stdout
    assert "time.sleep" in (tmp_path / "out.txt").read_text()


def test_fail_on_is_66_and_counts_what_is_hidden(offloop, record):
    path = record("warning")
    assert offloop("report", "--fail-on", "warning", path).returncode == 66
    assert offloop("report", "--fail-on", "error", path).returncode == 0
    hidden = offloop("report", "--min-severity", "error", "--fail-on", "warning", path)
    assert hidden.returncode == 66
    assert "time.sleep" not in hidden.stdout and "not shown" in hidden.stdout


def test_wrong_usage_is_2(offloop, record):
    path = record("usual")
    for words in (["--sort", "size"], ["--format", "yaml"], ["--min-severity", "bad"],
                  ["--baseline", "f"], ["./missing"]):
        assert offloop("report", *words, path).returncode == 2


def test_another_version_is_named_with_ours(offloop, record):
    result = offloop("report", record("version"))
    assert result.returncode == 125
    assert "version 77" in result.stderr and "version 2" in result.stderr


def test_a_cut_record_is_told_in_one_line_and_its_rest_shown(offloop, record):
    path = record("usual")
    os.truncate(path, path.stat().st_size - 1000)
    result = offloop("report", path)
    assert result.returncode == 0 and "time.sleep" in result.stdout
    assert len(result.stderr.splitlines()) == 1 and "cut at" in result.stderr


def test_garbage_is_no_record(offloop, tmp_path):
    (tmp_path / "x.offloop").write_bytes(os.urandom(5000))
    result = offloop("report", "x.offloop")
    assert result.returncode == 125 and "is not an offloop record" in result.stderr


def test_hostile_names_stay_harmless(offloop, record):
    path = record("hostile")
    text = offloop("report", path, env={"LC_ALL": "C.UTF-8"}).stdout
    assert all(c == "\n" or c.isprintable() for c in text)
    data = json.loads(offloop("report", "--format", "json", path).stdout)
    argument = data["violations"][0]["argument"]
    assert "\\xff\\xfe" in argument and "<script>" in argument


def test_colours_are_for_terminals_and_no_color_is_honoured(record, tmp_path):
    path = record("usual")
    for extra, colored in (({}, True), ({"NO_COLOR": "1"}, False)):
        words = ["script", "-qec", f"{OFFLOOP} report {path}", "/dev/null"]
        env = {**{k: v for k, v in os.environ.items() if k != "NO_COLOR"}, "TERM": "xterm", **extra}
        out = subprocess.run(words, env=env, capture_output=True, stdin=subprocess.DEVNULL,
                             timeout=60).stdout
        assert (b"\x1b[" in out) == colored
    piped = subprocess.run([OFFLOOP, "report", path], capture_output=True, text=True)
    assert "\x1b" not in piped.stdout


def test_rules_lists_every_rule(offloop):
    rules = json.loads(offloop("rules", "--format", "json").stdout)
    text = offloop("rules").stdout
    assert {"open", "sleep", "getaddrinfo"} <= {rule["rule"] for rule in rules}
    assert all(rule["rule"] in text and rule["hint"] for rule in rules)


def test_explain_tells_all_about_every_rule(offloop):
    for rule in json.loads(offloop("rules", "--format", "json").stdout):
        result = offloop("explain", rule["rule"])
        assert result.returncode == 0
        page = f"docs/rules/{rule['family']}.md"
        for word in ("wrong", "why", "instead", page, f"{rule['rule']}=ignore"):
            assert word in result.stdout


def test_explain_names_functions_and_what_their_callers_see(offloop):
    text = offloop("explain", "open").stdout
    assert "fopen" in text and "returns NULL, errno EDEADLK" in text


def test_explain_of_an_unknown_rule_names_the_nearest(offloop):
    result = offloop("explain", "slep")
    assert result.returncode == 2 and "did you mean 'sleep'?" in result.stderr
    assert offloop("explain").returncode == 2


@pytest.mark.parametrize("words", [["report"], ["diff"], ["rules"], ["explain", "sleep"],
                                   ["--help"], ["--version"], ["report", "--version"]])
def test_what_can_not_be_written_is_one_line_and_125(record, words):
    records = {"report": [record("usual")], "diff": [record("usual")] * 2}.get(words[-1], [])
    with open("/dev/full", "w") as full:
        done = subprocess.run([OFFLOOP, *words, *records], stdout=full, stderr=subprocess.PIPE)
    assert done.returncode == 125
    assert done.stderr == b"offloop: standard output: No space left on device\n"


def test_a_folder_that_is_closed_to_us_is_told_of(record, tool, tmp_path):
    """Its records are missing from the report: that there are none would be another thing."""
    record("usual", "all/open/x-1.offloop")
    closed = tmp_path / "all" / "closed"
    closed.mkdir(mode=0)
    words = [OFFLOOP, "report", "--fail-on", "error", tmp_path / "all"]
    if os.geteuid() == 0:  # nothing is closed to root, but for what it gives up
        words = [tool("setpriv"), "--bounding-set=-dac_override,-dac_read_search", *words]
    done = subprocess.run(words, capture_output=True, text=True)
    assert f"offloop: {closed}: Permission denied" in done.stderr
    assert done.returncode == 66 and "time.sleep" in done.stdout


def test_never_is_no_severity_to_show(offloop, record):
    result = offloop("report", "--min-severity", "never", record("usual"))
    assert result.returncode == 2 and "'never' would show nothing" in result.stderr
