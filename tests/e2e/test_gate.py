# SPDX-License-Identifier: MIT
"""Baselines, `offloop diff`, and ids that stay the same where the place does."""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

import pytest

pytestmark = pytest.mark.holds_without_library("the command alone")

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("OFFLOOP_BUILD", ROOT / "build")).resolve()
OFFLOOP = BUILD / "report" / "offloop"

PYTHON = """\
import asyncio, os, time
{above}
class Shop:
    async def {culprit}(self):
        time.sleep(0.05)
        return [os.stat(name) for name in ("/", "/etc")]
    def walk(self, depth):
        return self.walk(depth - 1) if depth else os.listdir("/")
async def main():
    await asyncio.sleep(0)
    shop = Shop()
    await shop.{culprit}()
    shop.walk({depth})
asyncio.run(main())
"""

NATIVE = """\
#include <fcntl.h>
#include <sys/epoll.h>
#include <unistd.h>
{above}
{linkage} __attribute__((noinline)) void {culprit}(void)
{{
    int fd = open("/etc/hostname", O_RDONLY);
    if (fd >= 0)
        close(fd);
    usleep(1000);
    __asm__ volatile(""); /* no tail call: the function stays on the stack */
}}
static __attribute__((noinline)) void dispatch(void)
{{
    {culprit}();
    __asm__ volatile("");
}}
int main(void)
{{
    struct epoll_event event;
    int loop = epoll_create1(0);
    for (int i = 0; i < 3; i++) {{
        epoll_wait(loop, &event, 1, 1);
        dispatch();
    }}
    return 0;
}}
"""

SHIFT = "\n" * 40


@pytest.fixture
def known(command, record, tmp_path):
    """A baseline of the record "usual"."""
    assert command("baseline", record("usual"), "-o", "known").returncode == 0
    return tmp_path / "known"


def entries(file):
    return [line for line in file.read_text().splitlines() if line and line[0] != "#"]


def ids(outcome):
    return {(violation["rule"], violation["id"]) for violation in outcome.violations}


def last_line(result):
    return result.stderr.splitlines()[-1]


def test_a_baseline_is_one_sorted_readable_line_a_site(command, record, known):
    line, = entries(known)
    assert line.split()[1:] == ["app.py", "handle", "sleep", "time.sleep"]
    assert command("baseline", record("usual"), record("more"), "-o", "more").returncode == 0
    lines = entries(known.parent / "more")
    assert len(lines) == 3 and line in lines
    assert lines == sorted(lines, key=lambda text: text[16:])


def test_the_same_records_give_the_same_baseline(command, record, tmp_path):
    paths = [record("usual"), record("more")]
    command("baseline", *paths, "-o", "a")
    command("baseline", *reversed(paths), "-o", "b")
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_known_sites_pass_and_new_ones_fail(command, record, known):
    assert command("report", "--baseline", known, record("usual")).returncode == 0
    result = command("report", "--baseline", known, record("usual"), record("more"))
    assert result.returncode == 66 and "os.unlink" in result.stderr
    assert "2 violations" in last_line(result)
    assert last_line(result).endswith("exit code 66, by --baseline")


def test_a_baseline_and_a_severity_fail_on_new_sites_of_it(command, record, known):
    words = ["report", "--baseline", known, record("more")]
    assert command(*words, "--fail-on", "error").returncode == 0
    assert command(*words, "--fail-on", "warning").returncode == 66
    assert command(*words, "--fail-on", "never").returncode == 0


def test_sites_that_are_gone_are_named_with_their_lines(command, record, tmp_path):
    command("baseline", record("usual"), record("more"), "-o", "known")
    result = command("report", "--baseline", "known", record("usual"))
    assert result.returncode == 0
    assert "2 violations of known are gone: remove these 2 lines" in result.stderr
    lines = (tmp_path / "known").read_text().splitlines()
    for line in result.stderr.splitlines()[1:]:
        number, text = line.removeprefix("offloop:").strip().split(": ", 1)
        assert lines[int(number) - 1] == text


def test_what_depends_on_the_load_does_not_decide_unless_told_to(command, record, known):
    """`read` counts slow calls only: such sites come and go."""
    words = ["report", "--baseline", known, record("usual"), record("slow")]
    result = command(*words)
    assert result.returncode == 0 and ": error: file.read" in result.stderr
    assert "new by load: " in result.stderr
    assert command(*words, "--fail-on", "error").returncode == 66
    junit = command(*words, "--format", "junit").stdout
    assert 'message="new by load"' in junit and ' failures="0"' in junit
    assert ' failures="1"' in command(*words, "--format", "junit", "--fail-on", "error").stdout
    command("baseline", record("slow"), record("usual"), "-o", known)
    before = known.read_bytes()
    result = command("report", "--baseline", known, "--baseline-update", record("usual"))
    assert result.returncode == 0 and "gone" not in result.stderr and known.read_bytes() == before


def test_update_shrinks_and_never_grows(command, record, tmp_path):
    command("baseline", record("more"), "-o", "known")
    result = command("report", "--baseline", "known", "--baseline-update", record("usual"))
    assert result.returncode == 66 and "removed these 2 lines" in result.stderr
    assert entries(tmp_path / "known") == []
    assert (tmp_path / "known").read_text().startswith("# Baseline")


def test_grow_takes_new_sites_in_and_passes(command, record, known):
    result = command("report", "--baseline", known, "--baseline-grow", record("usual"),
                     record("more"))
    assert result.returncode == 0 and len(entries(known)) == 3
    assert f"added to {known}" in result.stderr
    again = command("report", "--baseline", known, "--baseline-grow", record("usual"), record("more"))
    assert again.returncode == 0 and "added" not in again.stderr
    assert entries(known) == sorted(entries(known), key=lambda text: text[16:])


def test_comments_survive(command, record, known):
    line, = entries(known)
    text = known.read_text().replace(line, f"# ours, until May\n{line}  # ticket #12\n\n# the end")
    known.write_text(text)
    assert command("report", "--baseline", known, "--baseline-grow", record("usual"),
                   record("more")).returncode == 0
    grown = known.read_text()
    assert f"# ours, until May\n{line}  # ticket #12\n" in grown and "# the end" in grown
    command("baseline", record("usual"), "-o", known)
    assert known.read_text() == text


def test_nothing_is_taken_out_where_not_all_was_seen(command, record, tmp_path):
    (tmp_path / "bad.offloop").write_bytes(b"no record")
    command("baseline", record("usual"), record("more"), "-o", "known")
    before = (tmp_path / "known").read_bytes()
    result = command("report", "--baseline", "known", "--baseline-update", record("usual"),
                     "bad.offloop")
    assert result.returncode == 65 and "keeps its lines" in result.stderr
    command("report", "--baseline", "known", "--baseline-update", record("empty"))
    command("report", "--baseline", "known", "--baseline-update", record("dropped"))
    assert (tmp_path / "known").read_bytes() == before


def test_a_bad_line_is_told_with_its_place_and_does_not_count(command, record, known):
    known.write_text("<<<<<<< ours\n" + known.read_text())
    result = command("report", "--baseline", known, record("usual"))
    assert result.returncode == 0 and f"{known}:1: " in result.stderr
    assert "<<<<<<< ours" in known.read_text()


def test_what_is_no_baseline_is_wrong_usage_in_one_line(command, record, tmp_path):
    (tmp_path / "app.py").write_text("import asyncio\nprint('mine')\n" * 50)
    result = command("report", "--baseline", "app.py", record("usual"))
    assert result.returncode == 2
    assert "app.py is not a baseline" in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert command("baseline", record("usual"), "-o", "app.py").returncode == 125
    assert "print('mine')" in (tmp_path / "app.py").read_text()


def test_the_last_line_says_how_many_violations_are_known(command, python, tmp_path):
    program = tmp_path / "app.py"
    program.write_text(PYTHON.format(above="", culprit="serve", depth=0))
    run = ["run", "--log", "off", "--out"]
    assert command(*run, "first", "--", python.path, program).returncode == 0
    assert command("baseline", "first", "-o", "known").returncode == 0
    result = command(*run, "again", "--baseline", "known", "--", python.path, program)
    assert (result.returncode, "(3 known" in last_line(result)) == (0, True), result.stderr


def test_a_baseline_that_is_missing_is_wrong_usage_before_the_program_runs(command, tmp_path):
    result = command("run", "--baseline", "missing", "--", "touch", "ran")
    assert result.returncode == 2 and "offloop baseline" in result.stderr
    assert not (tmp_path / "ran").exists()
    assert command("run", "--baseline-update", "--", "touch", "ran").returncode == 2


def test_run_has_the_same_gate(command, record_make, known):
    def words(kind):
        return ["--baseline", known, "--", "sh", "-c",
                f'"{record_make}" {kind} "$OFFLOOP_OUT/prog-$$.offloop"']
    assert command("run", *words("usual")).returncode == 0
    result = command("run", "--error-exitcode", "9", *words("more"))
    assert result.returncode == 9 and "exit code 9" in last_line(result)


@pytest.mark.parametrize("name, where", [("old", "new"), ("a", "b")])
def test_diff_tells_new_gone_and_the_rest(command, record, name, where):
    record("usual", f"{name}/x-1.offloop")
    record("usual", f"{where}/x-1.offloop")
    record("more", f"{where}/y-1.offloop")
    result = command("diff", name, where)
    assert result.returncode == 0
    assert result.stdout.splitlines()[-1] == "2 new, 0 grown, 0 gone, 1 as before"
    back = json.loads(command("diff", "--format", "json", where, name).stdout)
    assert (len(back["new"]), len(back["gone"]), back["as_before"]) == (0, 2, 1)


def test_diff_compares_rates_and_not_counts(command, record):
    """Ten shards have ten times the hits at the same rate; "often" has a hundred times the rate."""
    record("usual", "old/x-1.offloop")
    for i in range(10):
        record("usual", f"new/x-{i}.offloop")
    assert "0 new, 0 grown" in command("diff", "old", "new").stdout
    record("often", "grown/x-1.offloop")
    result = command("diff", "--fail-on", "error", "old", "grown")
    assert "1 grown" in result.stdout and "29.7 -> 2.97e+03 hits per 1000 turns" in result.stdout
    assert result.returncode == 66 and "exit code 66" in last_line(result)
    record("twice", "noise/x-1.offloop")
    assert "0 grown" in command("diff", "old", "noise").stdout


def test_diff_of_what_is_no_pair_is_2(command, record):
    assert command("diff", record("usual")).returncode == 2
    assert command("diff", record("usual"), record("more"), record("often")).returncode == 2


def write(folder, text, **words):
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "shop.py"
    file.write_text(text.format(**{"above": "", "culprit": "serve", "depth": 3, **words}))
    return file


def test_python_ids_outlive_moves_and_die_with_a_rename(offloop, python, tmp_path):
    def run(name, **words):
        return ids(offloop.run([python.path, write(tmp_path / name, PYTHON, **words)]))
    first = run("a")
    assert {"sleep", "stat", "readdir"} <= {rule for rule, _ in first}
    assert run("elsewhere/b", above=SHIFT, depth=9) == first
    renamed = dict(run("c", culprit="deliver"))
    assert renamed["sleep"] != dict(first)["sleep"] and renamed["readdir"] == dict(first)["readdir"]


def test_python_ids_are_the_same_on_every_interpreter(offloop, python, interpreter, tmp_path):
    file = write(tmp_path / "a", PYTHON)
    assert ids(offloop.run([interpreter.path, file])) == ids(offloop.run([python.path, file]))


def test_ids_are_the_same_for_another_user(offloop, python, tmp_path):
    if os.geteuid() != 0 or not shutil.which("setpriv"):
        pytest.skip("only root can be another user")
    file = write(tmp_path / "a", PYTHON)
    first = ids(offloop.run([python.path, file]))
    public = pathlib.Path(subprocess.check_output(["mktemp", "-d", "/tmp/offloop-XXXXXX"],
                                                  text=True).strip())
    try:
        public.chmod(0o777)
        shutil.copy(file, public / "shop.py")
        report = public / "report.json"
        subprocess.run(["setpriv", "--reuid=65534", "--clear-groups", OFFLOOP, "run", "--out",
                        public / "records", "--report", f"json={report}", "--", python.path,
                        "shop.py"], cwd=public, capture_output=True, timeout=60)
        if not report.exists():
            pytest.skip("the build can't be read by another user")
        violations = json.loads(report.read_text())["violations"]
        assert {(each["rule"], each["id"]) for each in violations} == first
    finally:
        shutil.rmtree(public)


@pytest.mark.parametrize("flags, linkage", [
    (["-g", "-O2"], "static"), (["-g", "-O0"], "static"), (["-O2"], "static"),
    (["-O2", "-s", "-rdynamic"], "extern"), (["-O2", "-s"], "static")],
    ids=["debug", "debug-O0", "symbols", "dynamic-symbols", "stripped"])
def test_native_ids_outlive_moves_and_die_with_a_rename(offloop, tool, tmp_path, flags, linkage):
    def run(name, **words):
        folder = tmp_path / name
        folder.mkdir(parents=True)
        words = {"above": "", "culprit": "serve", "linkage": linkage, **words}
        (folder / "shop.c").write_text(NATIVE.format(**words))
        build = [tool("gcc"), *flags, "shop.c", "-o", "shop"]
        subprocess.run(build, cwd=folder, check=True, capture_output=True)
        return ids(offloop.run([folder / "shop"]))
    first = run("a")
    assert {"open", "sleep"} <= {rule for rule, _ in first}
    assert run("elsewhere/b", above=SHIFT) == first
    if flags != ["-O2", "-s"]:  # nothing in the file tells the name
        assert not run("c", culprit="deliver") & first


def test_twenty_runs_under_load_have_one_verdict(command, python, tmp_path):
    """Few and short; the load is two processes that spin."""
    file = write(tmp_path / "a", PYTHON)
    command("run", "--out", "first", "--", python.path, file)
    command("baseline", "first", "-o", "known")
    spin = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(2)]
    try:
        runs = [command("run", "--log", "off", "--baseline", "known", "--", python.path, file)
                for _ in range(20)]
    finally:
        for process in spin:
            process.kill()
            process.wait()
    counts = r"offloop: \d+ violations, \d+ hits, .* lost on 1 loop thread \(\d+ known\): offloop report \S+\n"
    assert {run.returncode for run in runs} == {0}
    assert all(re.fullmatch(counts, run.stderr) for run in runs)
