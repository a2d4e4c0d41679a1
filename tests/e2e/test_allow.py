"""Allow rules of users' files: what they keep silent, what they let through, and what is said of those
that are unused or wrong."""
import pytest

PROGRAM = """import asyncio, os, sys


def look(path):
    open(path).close()


def peek(path):
    open(path).close()


async def main():
    folder = sys.argv[1]
    inside = os.open(folder, os.O_PATH)
    await asyncio.sleep(0.01)
    for _ in range(5):
        for name in ("a.idx", "b.dat"):
            look(folder + "/" + name)
            peek(folder + "/" + name)
            os.close(os.open(name, os.O_RDONLY, dir_fd=inside))


asyncio.run(main())
"""


@pytest.fixture
def told(offloop, python, tmp_path):
    """A function that runs the program with rules: {function: opens told}, and the report."""
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    for name in ("a.idx", "b.dat"):
        (tmp_path / name).touch()

    def run(*lines):
        rules = tmp_path / "own.rules"
        rules.write_text("".join(line + "\n" for line in lines))
        outcome = offloop.preload([python.path, program, tmp_path], env={"OFFLOOP_RULES": rules})
        assert outcome.status == 0, outcome.stderr
        return {each["culprit"]["function"]: (each["count"], each["argument"].rpartition("/")[2])
                for each in outcome.of_rule("open")}, outcome
    return run


def kept_silent(outcome, words):
    [each] = [each for each in outcome.report["totals"]["suppressed"] if words in each["rule"]]
    return each["hits"]


def test_without_rules_all_is_told(told):
    found, _ = told()
    assert {name: count for name, (count, _) in found.items()} == {"look": 10, "peek": 10, "main": 10}


@pytest.mark.parametrize("glob", ["*.idx", "*/a.idx", "*/[a].id?"])
def test_a_path_is_asked_about_at_every_hit(told, glob):
    """One line opens both by turns; paths below a descriptor's folder too."""
    found, outcome = told(f'allow open path={glob} "an index"')
    assert found == {"look": (5, "b.dat"), "peek": (5, "b.dat"), "main": (5, "b.dat")}
    assert kept_silent(outcome, f"path={glob}") == 15


def test_a_beginning_is_a_path_like_any_other(told, tmp_path):
    found, outcome = told(f'allow open path={tmp_path}/a* "an index"')
    assert found["look"] == found["peek"] == (5, "b.dat")
    assert kept_silent(outcome, f"path={tmp_path}/a*") >= 10


def test_a_path_and_a_function_must_both_fit(told):
    found, outcome = told("allow open path=*.idx python=*:look")
    assert found == {"look": (5, "b.dat"), "peek": (10, "a.idx"), "main": (10, "a.idx")}
    assert kept_silent(outcome, "python=*:look") == 5


def test_a_function_covers_all_that_is_done_below_it(told):
    found, outcome = told("allow * python=*:look")
    assert set(found) == {"peek", "main"}
    assert kept_silent(outcome, "python=*:look") == 10


def test_rules_that_kept_nothing_silent_are_named(told, offloop):
    _, outcome = told("allow open path=/nowhere/*", "allow open path=*.idx")
    assert kept_silent(outcome, "path=/nowhere/*") == 0
    text = offloop.command("report", offloop.folder / f"run-{offloop.runs}" / "records").stdout
    assert [line for line in text.splitlines() if line.startswith("allowed nothing: ")] == [
        "allowed nothing: allow open path=/nowhere/*"]


def test_an_unknown_rule_is_said_with_its_line_and_the_nearest(told):
    _, outcome = told("# mine", "allow opne path=/tmp/*")
    [said] = [line for line in outcome.live_lines if "opne" in line]
    assert "own.rules:2" in said and "open" in said


def test_a_shipped_rule_can_be_switched_off(offloop, python, tmp_path):
    program = tmp_path / "program.py"
    program.write_text("import asyncio\n\n\nasync def main():\n    await asyncio.sleep(0.01)\n"
                       "    open('/proc/self/status').close()\n\n\nasyncio.run(main())\n")
    (tmp_path / "own.rules").write_text("no-allow * path=/proc/*\n")
    silent = offloop.preload([python.path, program])
    told = offloop.preload([python.path, program], env={"OFFLOOP_RULES": tmp_path / "own.rules"})
    assert silent.of_rule("open") == []
    assert [each["argument"] for each in told.of_rule("open")] == ["/proc/self/status"]
