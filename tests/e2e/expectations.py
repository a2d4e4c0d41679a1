# SPDX-License-Identifier: MIT
"""What a victim says of its own lines, and how that is compared with what was told.

A comment `#: RULE[,RULE…] API ARGUMENT` says that its line is told of, for these rules, with this
`api` and this argument; `*` stands for any, and for any end of an argument: of several calls in a
line the longest is shown, which may be this or that one. Words of the caller's in braces ({T}, the
folder) are put in. A line without such a comment must not be told of at all.
"""
import ast
import collections
import io
import pathlib
import re
import tokenize

MARK = re.compile(r"#: (?P<rules>\S+) (?P<api>\S+) (?P<argument>.+)$")

# `line` of `file` is told of once for `rule`; api and argument may be "*".
Expectation = collections.namedtuple("Expectation", "file line rule api argument")


def lines_of(path, function):
    """First and last line of a function of that file."""
    for node in ast.walk(ast.parse(pathlib.Path(path).read_text())):
        if getattr(node, "name", None) == function:
            return node.lineno, node.end_lineno
    raise LookupError(f"{path} has no {function}")


def comments(path):
    """(line, text) of each comment; strings that look like one are none."""
    source = io.StringIO(pathlib.Path(path).read_text())
    for token in tokenize.generate_tokens(source.readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string


def expectations(path, function=None, **words):
    """What the comments in that file say, or those in one function of it."""
    first, last = lines_of(path, function) if function else (1, float("inf"))
    found = []
    for line, text in comments(path):
        mark = MARK.match(text) if first <= line <= last else None
        if mark:
            argument = mark["argument"].format(**words)
            found += [Expectation(str(path), line, rule, mark["api"], argument)
                      for rule in mark["rules"].split(",")]
    return found


def place(violation):
    return violation["culprit"]["file"], violation["culprit"]["line"]


def brief(violation):
    """A violation in a line, for messages."""
    file, line = place(violation)
    return (f"{pathlib.Path(file or '?').name}:{line} {violation['rule']} {violation['api']} "
            f"{violation['argument']} x{violation['count']}")


def is_argument(expected, argument):
    return (expected in ("*", argument)
            or expected.endswith("*") and (argument or "").startswith(expected[:-1]))


def is_met(expected, violation):
    return (place(violation) == (expected.file, expected.line)
            and violation["rule"] == expected.rule
            and expected.api in ("*", violation["api"])
            and is_argument(expected.argument, violation["argument"]))


def assert_told(violations, expected):
    """Each expectation is met; no line is told of twice for one rule; no other line at all."""
    listing = "\n".join(brief(violation) for violation in violations)
    missed = [one for one in expected if not any(is_met(one, each) for each in violations)]
    assert not missed, f"not told: {missed}\ntold:\n{listing}"
    lines = collections.Counter((place(each), each["rule"]) for each in violations)
    assert [key for key, count in lines.items() if count > 1] == [], f"told twice:\n{listing}"
    marked = {(one.file, one.line) for one in expected}
    others = [brief(each) for each in violations if place(each) not in marked]
    assert others == [], f"told without a reason: {others}"
