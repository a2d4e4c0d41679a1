# SPDX-License-Identifier: MIT
"""scripts/compat: the command line, the runs of a section, and the rows that are kept of them."""
import argparse
import collections
import dataclasses
import datetime
import fnmatch
import json
import os
import pathlib
import platform
import re
import shutil
import signal
import subprocess
import sys
import time

import compare
import page
import runs
import sources
from suites import EXPLAINED, HERE, SUITES

RESULTS = sources.CACHE / "results"  # a file a section, made by each run of it

class Runner:
    """The runs of one suite."""

    def __init__(self, suite, folder, out):
        self.suite, self.folder, self.out = suite, folder, out
        self.count = 0

    def words(self, unit, files, names):
        values = {"folder": self.folder, "files": files, "here": HERE,
                  "python": sources.python(self.suite.python) if self.suite.python else ""}
        for word in self.suite.command:
            if word == "{unit}":
                yield from unit.split(" ")
            elif word == "{only}":
                for name in names:
                    yield from (part.format(name=re.sub(r" #\d+$", "", name)) for part in self.suite.only)
            else:
                yield word.format(unit=unit, **values)

    def measure(self, unit, side, names):
        """{name: outcome} of one run."""
        self.count += 1
        files = self.out / f"{self.count}-{side}"
        files.mkdir(parents=True)
        files.chmod(0o777)
        watch = runs.watched(files / "records", self.suite.policy, self.suite.options) if side == "with" else []
        extra = {name: value.format(folder=self.folder, files=files, here=HERE) for name, value in self.suite.extra}
        if self.suite.inner:
            extra["WATCHED"], watch = str(runs.starter(files / "watched", watch)), []
        ran = runs.run(list(self.words(unit, files, names if self.suite.only else ())),
                       folder=self.suite.cwd.format(folder=self.folder, files=files), log=files / "output.txt",
                       seconds=self.suite.seconds, extra=extra, watch=watch)
        shutil.rmtree(files / "records", ignore_errors=True)
        return {**self.suite.read(ran.text, files), compare.ENDING: ran.ending}


def run_suite(suite, words):
    """Runs units of a suite until the time is over; yields its row after each, with what was run before."""
    folder = sources.CACHE / "suites" / suite.name
    sources.prepare(folder, suite.steps)
    out = sources.CACHE / "runs" / suite.name
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    row, units = row_of(suite, folder), suite.units(folder)
    row["units"] = len(units)
    row["run"] = [one for one in row["run"] if one["unit"] in units]
    done = {one["unit"] for one in row["run"]} if words.rest else set()
    wanted = [unit for unit in units if unit not in done and (not words.unit or any(
        fnmatch.fnmatchcase(unit, glob) for glob in words.unit))]
    runner, started = Runner(suite, folder, out), time.monotonic()
    yield row
    for unit in wanted:
        if time.monotonic() - started > words.minutes * 60:
            return
        add_unit(row, run_unit(suite, runner, unit, words.again))
        yield row


def run_unit(suite, runner, unit, again):
    before = time.monotonic()
    explained = [(glob[len(suite.name) + 1:], *rest) for glob, *rest in EXPLAINED
                 if fnmatch.fnmatchcase(suite.name, glob.split(" ")[0])]
    results, found = compare.compare(unit, runner.measure, again, explained)
    if suite.must_pass:
        found = [compare.Difference(unit, name, ["passed"], [outcome], "ours", "has to pass")
                 for name, outcome in results.items() if outcome not in ("passed", "0")]
    outcomes = collections.Counter(outcome for name, outcome in results.items() if name != compare.ENDING)
    seconds = round(time.monotonic() - before, 1)
    print(f"{suite.name} {unit[:60]}: {outcomes.total()} results, {len(found)} differ, {seconds:.0f} s", flush=True)
    for difference in found:
        print("  " + page.line_of(dataclasses.asdict(difference)), flush=True)
    return {"unit": unit, "results": outcomes.total(), "passed": outcomes.total() - outcomes["skipped"] - outcomes["failed"], "skipped": outcomes["skipped"],
            "ending": results[compare.ENDING], "seconds": seconds, "offloop": commit(),
            "date": datetime.date.today().isoformat(), "machine": machine(),
            "differences": [dataclasses.asdict(difference) for difference in found]}


def add_unit(row, unit):
    row["run"] = [one for one in row["run"] if one["unit"] != unit["unit"]] + [unit]


def row_of(suite, folder):
    """The row of a section; units that were run with the same version before are in it."""
    file, version = RESULTS / f"{suite.name}.json", folder / "version"
    row = {"section": suite.name, "what": suite.what, "policy": suite.policy,
           "version": version.read_text().strip() if version.exists() else ""}
    earlier = json.loads(file.read_text()) if file.exists() else {}
    same = earlier.get("version") == row["version"] and earlier.get("policy") == row["policy"]
    return {**row, "units": 0, "run": earlier.get("run", []) if same else []}


def commit():
    """What the library was built from: a copied build has it in a file, any other is of this tree."""
    copied = runs.BUILD / "commit"
    if copied.exists():
        return copied.read_text().strip()
    said = subprocess.run(["git", "describe", "--always", "--abbrev=9"], cwd=runs.ROOT, capture_output=True,
                          text=True, check=False)
    return said.stdout.strip() or "unknown"


def machine():
    return f"{platform.system()} {platform.release()} {platform.machine()}, {os.cpu_count()} cores"


def keep(row):
    RESULTS.mkdir(parents=True, exist_ok=True)
    file = RESULTS / f"{row['section']}.json"
    file.write_text(json.dumps(row, indent=1, ensure_ascii=False) + "\n")


def arguments():
    parser = argparse.ArgumentParser(prog="scripts/compat", description="Runs other people's test suites with and "
                                     "without the library, and prints where they differ.")
    parser.add_argument("section", nargs="*", help="sections to run (default: all); see --list")
    parser.add_argument("--list", action="store_true", help="list the sections")
    parser.add_argument("--unit", action="append", default=[], metavar="GLOB", help="only units of this name")
    parser.add_argument("--minutes", type=float, default=60, help="start no unit of a section later than this "
                        "(default: 60)")
    parser.add_argument("--rest", action="store_true", help="only units that have no result of this version yet")
    parser.add_argument("--again", type=int, default=3, help="runs of what differs, both ways (default: 3)")
    parser.add_argument("--core", action="store_true", help="the short selection that CI runs")
    parser.add_argument("--junit", metavar="FILE", help="write a JUnit file too, a test a unit")
    parser.add_argument("--write", action="store_true", help="write docs/compatibility.md from what was run so "
                        "far, and run nothing")
    return parser.parse_args()


def chosen(words):
    names = [suite.name for suite in SUITES]
    for name in words.section:
        if name not in names:
            sys.exit(f"scripts/compat: '{name}' is no section: {', '.join(names)}")
    wanted = words.section or [suite.name for suite in SUITES if suite.core == words.core]
    return [suite for suite in SUITES if suite.name in wanted]


def hear_signals():
    """What a shell starts in the background is deaf to some, and so would the suites be."""
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))


def main():
    words = arguments()
    if words.list:
        for suite in SUITES:
            print(f"{suite.name:22} {suite.what}")
        return 0
    if words.write:
        page.write(RESULTS, [suite for suite in SUITES if suite.full])
        return 0
    if not runs.LIBRARY.exists():
        sys.exit(f"scripts/compat: no {runs.LIBRARY}: build first (ninja -C build)")
    os.environ.pop("LD_PRELOAD", None)
    hear_signals()
    rows, missing = [], []
    for suite in chosen(words):
        try:
            for row in run_suite(suite, words):
                keep(row)
            rows.append(row)
        except sources.Unavailable as reason:
            missing.append((suite.name, str(reason)))
    print()
    print(page.table(rows))
    for name, reason in missing:
        print(f"not run: {name}: {reason}")
    if words.junit:
        page.write_junit(pathlib.Path(words.junit), rows, missing)
    return 1 if any(one["whose"] in page.FAILING for row in rows for one in page.differences(row)) else 0
