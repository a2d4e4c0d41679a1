# SPDX-License-Identifier: MIT
"""What the pages show: commands, variables, rules, baselines, workflows. A comment `not run in tests: REASON` in the
page (`<!-- -->`, `.\\"`, `#`) stands before what the tests can't run."""
import collections
import pathlib
import re
import textwrap

import pytest

yaml = pytest.importorskip("yaml")
ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")), *sorted((ROOT / "docs" / "man").glob("*.in")),
         ROOT / "action.yml", *sorted((ROOT / "ci").glob("*.yml"))]

# `text` stands in `page` from `line` on; `kind` is a row of KINDS; `reason`: why it is not run, or "".
Shown = collections.namedtuple("Shown", "page line kind text reason")

MARK = re.compile(r"not run in tests: (.+?)(?: -->)?$")
RULES = ("allow", "no-allow", "severity", "loop", "no-loop", "owner", "blocking", "loop-only", "off-loop-only", "misuse",
         "safe")
VARIABLE = r"OFFLOOP_(?!TEST_)\w+"  # those are read by the tests alone
TOOLS = ("offloop", "pytest", "python3", "git", "meson", "ninja", "pip", "node", "prog", "scripts/")

# The first that fits says what a block is.
KINDS = [
    ("prompt", re.compile(r"\$ ")),  # commands behind `$ `, and what they print
    ("output", re.compile(r"offloop: ")),
    ("variables", re.compile(rf"({VARIABLE}=\S*\s*)+$")),
    ("rules", re.compile(rf"({'|'.join(RULES)})\s")),
    ("baseline", re.compile(r"[0-9a-f]{16}\s")),
    ("picture", re.compile(r"[^\n]*\n(?s:.*)→")),
    ("commands", re.compile(rf"(\w+=\S*\s+)*({'|'.join(TOOLS)})")),
]


def kind_of(text):
    return next((name for name, pattern in KINDS if pattern.match(text)), "unknown")


def reason_above(lines, number):
    """The mark in the comment just above a block; blank lines may stand between."""
    above = [line for line in lines[max(0, number - 3):number] if line.strip()]
    mark = MARK.search(above[-1].strip()) if above else None
    return mark[1] if mark else ""


def indented_blocks(lines):
    """(number of its first line, text): what is indented by four after a blank line."""
    number = 0
    while number < len(lines):
        before = lines[number - 1].strip() if number else ""
        if lines[number].startswith("    ") and (not before or before.endswith("-->")):
            end = number
            while end < len(lines) and (lines[end].startswith("    ") or not lines[end].strip()):
                end += 1
            yield number, textwrap.dedent("\n".join(lines[number:end])).strip("\n")
            number = end
        number += 1


def without_fences(text):
    """The same lines with fenced blocks emptied; and the blocks: (number, language, text)."""
    fenced = []

    def empty(block):
        number = text[:block.start()].count("\n")
        fenced.append((number, block[1], textwrap.dedent(block[2])))
        return "\n" * block[0].count("\n")
    return re.sub(r"^ *```(\w*)\n(.*?)^ *```", empty, text, flags=re.S | re.M), fenced


def inline_commands(text):
    """(number, command): spans of code that begin as a command does, also over the end of a line."""
    for span in re.finditer(r"`([^`]+)`([^\n]*)", text):
        words = " ".join(span[1].split())
        if re.match(rf"(offloop|scripts/\w+) |{VARIABLE}=\S", words):
            mark = MARK.search(span[2].strip())
            yield text[:span.start()].count("\n"), words, mark[1] if mark else ""


def in_markdown(page, text):
    plain, fenced = without_fences(text)
    lines = text.split("\n")
    for number, language, block in fenced:
        yield Shown(page, number + 1, language or kind_of(block), block, reason_above(lines, number))
    blocks = list(indented_blocks(plain.split("\n")))
    for number, block in blocks:
        yield Shown(page, number + 1, kind_of(block), block, reason_above(lines, number))
    of_blocks = {number + i for number, block in blocks for i in range(block.count("\n") + 1)}
    for number, words, reason in inline_commands(plain):
        if number not in of_blocks:
            yield Shown(page, number + 1, "variables" if words.startswith("OFFLOOP_") else "inline", words, reason)


def in_man_page(page, text):
    lines = text.split("\n")
    for block in re.finditer(r"^\.EX\n(.*?)^\.EE", text, re.S | re.M):
        number = text[:block.start()].count("\n")
        words = block[1].replace("\\-", "-").rstrip("\n")
        yield Shown(page, number + 1, kind_of(words), words, reason_above(lines, number))


def in_yaml(page, text):
    """The example in the comment at its head, and the scripts: each list of them is one."""
    example = "\n".join(line[1:] for line in re.findall(r"^#   .*$", text, re.M))
    if example:
        yield Shown(page, 1, "yaml", textwrap.dedent(example), "")
    lines = text.split("\n")
    for script in re.finditer(r"^( *)(run: \||script:|before_script:)\n((?:\1 .*\n|\n)+)", text, re.M):
        number = text[:script.start()].count("\n")
        if not script[2].startswith("run"):
            words = "\n".join(yaml.safe_load(script[3]))
        else:
            words = textwrap.dedent(script[3])
        yield Shown(page, number + 1, "script", words, reason_above(lines, number))


def shown_in(page, text):
    reader = {".md": in_markdown, ".in": in_man_page, ".yml": in_yaml}[pathlib.Path(page).suffix]
    return sorted(reader(page, text), key=lambda shown: shown.line)


def all_shown():
    for path in PAGES:
        yield from shown_in(str(path.relative_to(ROOT)), path.read_text())
