# SPDX-License-Identifier: MIT
"""Rows of results as text: the table that a run prints, docs/compatibility.md, a JUnit file."""
import collections
import json
import xml.etree.ElementTree as ElementTree

from runs import ROOT

KEPT = ROOT / "tests" / "compat" / "results"  # what the page is made from
PAGE = ROOT / "docs" / "compatibility.md"


FAILING = ("ours", "open")  # of whose differences are


def differences(row):
    return [one for unit in row["run"] for one in unit["differences"]]


def counts(row):
    """(results, differences that are ours or open, all others)."""
    ours = sum(one["whose"] in FAILING for one in differences(row))
    return sum(unit["results"] for unit in row["run"]), ours, len(differences(row)) - ours


def shortened(outcomes):
    """`passed`, or `passed ×3, failed`."""
    said = collections.Counter(outcomes)
    return ", ".join(outcome if len(said) == 1 else f"{outcome} ×{count}" for outcome, count in said.most_common())


def line_of(difference):
    why = f" ({difference['why']})" if difference["why"] else ""
    return (f"{difference['whose']}{why}: {difference['unit'][:60]}: {difference['name']}: without "
            f"{shortened(difference['without'])}; with {shortened(difference['with_it'])}")


def table(rows):
    lines = [f"{'section':22} {'results':>8} {'ours':>5} {'others':>7}  units      version"]
    total = [0, 0, 0]
    for row in rows:
        found = counts(row)
        total = [sum(pair) for pair in zip(total, found)]
        units = f"{len(row['run'])} of {row['units']}"
        lines.append(f"{row['section']:22} {found[0]:8} {found[1]:5} {found[2]:7}  {units:10} {row['version']}")
        lines += ["  " + line_of(one) for one in differences(row)]
    lines.append(f"{'all':22} {total[0]:8} {total[1]:5} {total[2]:7}")
    return "\n".join(lines)


HEAD = """<!-- Made by scripts/compat from what was run: edit tests/compat/page.py. -->
# Other people's tests, with the library and without

A library that watches programs must not change them. `scripts/compat` runs other projects' own tests
twice, as they are and under `offloop run`, and compares test by test. What differs is run again both
ways, to tell a test that is unsteady by itself from a difference that is ours.

<!-- not run in tests: takes hours, and fetches sources -->

    scripts/compat --list                 # the sections
    scripts/compat --minutes 20 redis     # one, for 20 minutes at most
    scripts/compat --rest                 # what has no result yet
    scripts/compat --write                # this page, from all that was run

Each run is in a room of its own (a network with nothing but loopback, a process table, a home), so a
suite leaves nothing behind. That the library is in the program is checked before each suite starts. Live lines are
switched off: suites that read the standard error of their own children would count them.

The first turn of a thread's loop costs 4 ms of processor time, once. A test that gives its first wait little
time can fail for that on a machine that is very busy: `test_epoll.TestEPoll.test_control_and_wait` of CPython,
which wants an answer in 0.1 s, failed in 4 of 7 runs while twenty other programs shared the two cores.
"""
WHOSE = """
## What differs

*ours*: without the library a test always ended one way, with it always another. *open*: it ended
otherwise only sometimes with the library, and never without. *suite*: unsteady by itself.
"""


def _span(values):
    """`first`, or `first to last`."""
    found = sorted(set(values))
    return found[0] if len(found) == 1 else f"{found[0]} to {found[-1]}"


def _overview(rows):
    yield "\n| section | version | results | passed | skipped | differ: ours or open | differ: other | units run | date |"
    yield "|---|---|---|---|---|---|---|---|---|"
    total = [0] * 5
    for row in rows:
        results, ours, others = counts(row)
        cells = [results, sum(unit["passed"] for unit in row["run"]), sum(unit["skipped"] for unit in row["run"]),
                 ours, others]
        total = [sum(pair) for pair in zip(total, cells)]
        policy = f", `OFFLOOP_POLICY={row['policy']}`" if row["policy"] else ""
        yield (f"| {row['section']} | {row['version']}{policy} | " + " | ".join(f"{cell:,}" for cell in cells)
               + f" | {len(row['run'])} of {row['units']} | {_span(unit['date'] for unit in row['run'])} |")
    yield "| **all** | | " + " | ".join(f"**{cell:,}**" for cell in total) + " | | |"


def _found(rows):
    lines = [f"- {row['section']}, {line_of(one)}" for row in rows for one in differences(row)]
    yield WHOSE
    yield "\n".join(lines) if lines else "Nothing does."


def _not_run(rows, suites):
    """What the table above does not have, and why not."""
    run = {row["section"]: row for row in rows}
    yield "\n## What was not run\n"
    for suite in suites:
        if suite.name not in run:
            yield f"- {suite.name}: {suite.what}."
        elif len(run[suite.name]["run"]) < run[suite.name]["units"]:
            row = run[suite.name]
            yield f"- {suite.name}: {row['units'] - len(row['run'])} of {row['units']} units, for want of time."


def rows_of(folder):
    """What was run; sections without a unit that was run are left out."""
    rows = [json.loads(file.read_text()) for file in sorted(folder.glob("*.json"))]
    return [row for row in rows if row["run"]]


def write(folder, suites):
    """Takes what is new in `folder` over into KEPT, and makes PAGE from all that is kept."""
    KEPT.mkdir(exist_ok=True)
    names = {suite.name for suite in suites}
    for row in rows_of(folder):
        if row["section"] not in names:
            continue
        (KEPT / f"{row['section']}.json").write_text(json.dumps(row, ensure_ascii=False, indent=0) + "\n")
    PAGE.write_text(text(suites))


def text(suites):
    rows = {row["section"]: row for row in rows_of(KEPT)}
    rows = [rows[suite.name] for suite in suites if suite.name in rows]
    units = [unit for row in rows for unit in row["run"]]
    where = "Run on " + "; ".join(sorted({unit["machine"] for unit in units}))
    builds = ", ".join(f"`{build}`" for build in sorted({unit["offloop"] for unit in units}))
    parts = [HEAD, f"{where}, with the library of commits {builds}.", *_overview(rows), *_found(rows),
             *_not_run(rows, suites)]
    return "\n".join(parts) + "\n"


def write_junit(file, rows, missing):
    """A test a unit; a section that can't be run here is a skipped one."""
    suite = ElementTree.Element("testsuite", name="compat")
    for row in rows:
        for unit in row["run"]:
            case = ElementTree.SubElement(suite, "testcase", classname=row["section"], name=unit["unit"])
            lines = [line_of(one) for one in unit["differences"] if one["whose"] in FAILING]
            if lines or not unit["results"]:
                ElementTree.SubElement(case, "failure", message="\n".join(lines) or "no result was read")
    for name, reason in missing:
        case = ElementTree.SubElement(suite, "testcase", classname=name, name="(section)")
        ElementTree.SubElement(case, "skipped", message=reason)
    file.write_bytes(ElementTree.tostring(suite, encoding="utf-8", xml_declaration=True))
