# SPDX-License-Identifier: MIT
"""Reads the tree that Twisted's trial prints (--reporter=verbose)."""
import re

import outcomes

OUTCOMES = {"[OK]": "passed", "[SKIPPED]": "skipped", "[TODO]": "skipped"}
TEST = re.compile(r"^( *)(\S.*?) \.\.\..*?(\[(?:OK|SKIPPED|TODO|FAIL|ERROR|SUCCESS!\?!)\])", re.DOTALL)
GROUP = re.compile(r"^( *)([\w.]+)$")


def read(text, folder):
    return outcomes.numbered(_tests(text.split("\n=====", 1)[0].splitlines()))


def _tests(lines):
    path = {}  # indentation -> name of the group
    for line in lines:
        test, group = TEST.match(line), GROUP.match(line)
        found = test or group
        if not found:
            continue
        depth = len(found[1])
        path = {at: name for at, name in path.items() if at < depth}
        if test:
            yield ".".join([*path.values(), test[2]]), OUTCOMES.get(test[3], "failed")
        else:
            path[depth] = group[2]
