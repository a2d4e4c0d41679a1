# SPDX-License-Identifier: MIT
"""The same unit of a suite run without the library and with it, and what differs between the two.

A test whose outcome differs is run again both ways, alone and then, where that left it open, with its
whole unit. It is
- `suite`: its outcome changes without the library too,
- `ours`: without the library it always ends one way, and with it always another,
- `open`: with the library it ended so only sometimes, and never without,
- whatever the table EXPLAINED of suites.py says of it.
"""
import dataclasses
import fnmatch

ENDING = "(how the run ended)"  # one result of each unit: a suite that crashes at its end is seen
SIDES = ("without", "with")


@dataclasses.dataclass
class Difference:
    unit: str
    name: str
    without: list  # outcomes, in the order of the runs
    with_it: list
    whose: str = ""
    why: str = ""

    def is_open(self):
        """More runs may decide: it has run once, or ended as without the library in some runs only."""
        ends, ends_with = set(self.without), set(self.with_it)
        return len(self.without) == 1 or (bool(ends & ends_with) and not ends_with <= ends)

    def judge(self, explained):
        """Sets whose it is; `explained` is a list of (unit and name glob, whose, why)."""
        for glob, whose, why in explained:
            if fnmatch.fnmatchcase(f"{self.unit}: {self.name}", glob):
                self.whose, self.why = whose, why
                return
        ends, ends_with = set(self.without), set(self.with_it)
        if ends_with <= ends:
            self.whose, self.why = "suite", "unsteady without the library too"
        elif ends & ends_with:
            others = sum(outcome not in ends for outcome in self.with_it)
            self.whose, self.why = "open", f"{others} of {len(self.with_it)} runs with the library"
        else:
            self.whose, self.why = "ours", ""


def compared(first, second):
    """Names whose outcomes differ; what only one side has differs too."""
    return sorted(name for name in first.keys() | second.keys() if first.get(name) != second.get(name))


def compare(unit, measure, again, explained):
    """`measure(unit, side, names)` gives {name: outcome} of a run, of only `names` where there are some.
    Returns (results of the run with the library, differences)."""
    runs = {side: measure(unit, side, ()) for side in SIDES}
    names = compared(runs["without"], runs["with"])
    found = [Difference(unit, name, [], []) for name in names]
    _add(found, runs)
    tests = tuple(name for name in names if name != ENDING)
    for narrow in (tests, ()):
        if not any(difference.is_open() for difference in found):
            break
        for _ in range(again):
            _add(found, {side: measure(unit, side, narrow) for side in SIDES})
    found = [one for one in found if not _follows(one, names)]
    for difference in found:
        difference.judge(explained)
    return runs["with"], found


def _add(found, runs):
    for difference in found:
        difference.without.append(runs["without"].get(difference.name, "absent"))
        difference.with_it.append(runs["with"].get(difference.name, "absent"))


def _follows(difference, names):
    """That a run failed is no second difference where a test of it did."""
    ended = {"0", "failed"}
    return (difference.name == ENDING and len(names) > 1
            and ended >= set(difference.without) | set(difference.with_it))
