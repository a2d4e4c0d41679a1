# SPDX-License-Identifier: MIT
"""A program, a record, or a word that is made to do harm to whoever reads about it: to a terminal, to a
CI server, to a browser, to a parser. What comes out is text, in every format."""
import json
import os
import re
import subprocess
import sys
import unicodedata
import xml.etree.ElementTree as ElementTree

import pytest

from conftest import COMMAND, LIBRARY, PROGRAMS, TIMEOUT, clean_environment
from formats import FORMATS

TERMINAL = b"\x1b]0;title\x07\x1b[2J\x08\x7f\xc2\x9b31m"
LINES = b"\r\n::error file=a,line=1::made up%0A::notice::b\n"
MARKUP = b"<script>&\"'|`[a](b)*c*@user;--"
HIDDEN = "\u202e\u2066\u200b\u200d\u2060\ufeff\u00ad\u2028\ufffe\uffff\U000e0041".encode()
BROKEN = b"\xf7\xbf\xbf\xbf\xed\xa0\x80\xc0\xaf\xe0\x80\xaf\xf4\x90\x80\x80\xff\xe2\x82"
EVERYTHING = TERMINAL + LINES + MARKUP + HIDDEN + BROKEN  # a file's name has 255 bytes at most


def is_shown(c):
    """What a reader sees as one sign, and no terminal acts on."""
    return c in "\n " or (unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Cn", "Zl", "Zp")
                          and c not in "\u034f\u115f\u1160\u3164\uffa0")


def assert_only_text(written):
    """Valid UTF-8 in the strictest sense, without anything hidden."""
    text = written.decode("utf-8")
    hidden = {hex(ord(c)) for c in text if not is_shown(c)}
    assert not hidden
    return text


def read_json(text):
    return json.loads(text)


def read_xml(text):
    root = ElementTree.fromstring(text)
    assert {element.tag for element in root.iter()} <= {"testsuites", "testsuite", "testcase", "failure", "skipped"}


def read_html(text):
    """The page's own elements only; its data is one script element without markup."""
    assert len(re.findall("<script", text)) == len(re.findall("</script>", text)) == 2
    data = re.search(r'<script[^>]*application/json[^>]*>(.*?)</script>', text, re.S)[1]
    assert not set("<>&") & set(data)
    json.loads(data)


def read_github(text):
    """Each line is a command of ours, with properties that are ours."""
    for line in text.splitlines():
        found = re.fullmatch(r"::(error|warning|notice) (?:file=([^:,]*)(?:,line=\d+)?,)?title=offloop [^:,]*::(.*)",
                             line)
        assert found, line
        assert not re.search(r"%(?!0A|0D|25|3A|2C)", line)


def read_markdown(text):
    """Rows have as many cells as the head, and no markup but ours."""
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert rows and {len(row.split("|")) for row in rows} == {11}
    for row in rows[2:]:
        assert not re.search(r"[<>`\[\]@]", re.sub("</?code>", "", row)), row
    assert not any("::" in line for line in text.splitlines())


def read_folded(text):
    for line in text.splitlines():
        assert re.fullmatch(r"\S.* \d+", line), line


READ = {"json": read_json, "sarif": read_json, "junit": read_xml, "html": read_html, "github": read_github,
        "markdown": read_markdown, "folded": read_folded}


@pytest.fixture
def hostile_run(build, tmp_path, interpreter):
    """A run of the hostile program in a hostile folder, by a hostile name, with hostile rules; what was
    written to the terminal, and a function that reports it."""
    place = os.fsencode(tmp_path) + b"/" + TERMINAL + HIDDEN + BROKEN
    os.mkdir(place)
    program = place + b"/" + EVERYTHING[:60].replace(b"/", b"") + b"python"
    os.symlink(interpreter.path, program)
    rules = place + b"/rules" + EVERYTHING[:40]
    with open(rules, "wb") as file:
        file.write(b'python-blocking time:sleep "' + TERMINAL + HIDDEN + BROKEN + b'"\nnonsense ' + TERMINAL + BROKEN +
                   b"\nallow open path=/nothing \"" + TERMINAL + HIDDEN + BROKEN + b'"\n')
    env = os.environb | {b"LD_PRELOAD": os.fsencode(LIBRARY), b"OFFLOOP_OUT": place + b"/out" + TERMINAL + BROKEN,
                         b"OFFLOOP_RULES": rules, b"OFFLOOP_LOG": b"stderr", b"OFFLOOP_LOOP": b"auto," + TERMINAL + BROKEN,
                         b"OFFLOOP_POLICY": b"backtrace," + EVERYTHING.replace(b"\n", b"") + b"=block",
                         b"OFFLOOP_" + TERMINAL + HIDDEN: b"1", b"OFFLOOP_DEPTH": TERMINAL + BROKEN}
    files = place + b"/files"
    os.mkdir(files)
    done = subprocess.run([program, os.fsencode(PROGRAMS / "hostile.py"), files, EVERYTHING.hex(), EVERYTHING],
                          env=env, cwd=place, capture_output=True, timeout=TIMEOUT)

    def report(*words):
        return subprocess.run([os.fsencode(COMMAND), b"report", *words, env[b"OFFLOOP_OUT"]], cwd=place,
                              env={**clean_environment(), "LC_ALL": "C.UTF-8"}, capture_output=True, timeout=TIMEOUT)
    return done, report


def test_names_of_a_program_are_text_in_every_output(hostile_run):
    done, report = hostile_run
    assert done.returncode == 0, done.stderr
    live = assert_only_text(done.stderr)
    assert "time.sleep" in live and "\\x1b[2J" in live and "\\u202e" in live and "\\xf7" in live
    for format in FORMATS:
        made = report(b"--format", format.encode())
        assert made.returncode == 0, made.stderr
        text = assert_only_text(made.stdout)
        assert "sleep" in text and assert_only_text(made.stderr) is not None
        READ.get(format, str)(text)


def test_no_command_of_a_program_reaches_the_ci_server_by_live_lines(hostile_run):
    done, _ = hostile_run
    for line in done.stderr.splitlines():
        assert line.startswith(b"offloop: ") or line == b"", line


WORDS = [[b"report", b"--" + EVERYTHING], [b"report", b"--format", EVERYTHING], [b"report", EVERYTHING],
         [EVERYTHING], [b"explain", EVERYTHING], [b"doctor", EVERYTHING], [b"run", b"--", EVERYTHING],
         [b"run", b"--" + EVERYTHING], [b"run", b"--policy", EVERYTHING, b"--", b"true"],
         [b"run", b"--log", b"/nowhere/" + EVERYTHING, b"--", b"true"], [b"run", b"--rules", EVERYTHING, b"--", b"true"],
         [b"run", b"--fail-on", EVERYTHING, b"--", b"true"], [b"run", b"--out", b"/proc/" + EVERYTHING, b"--", b"true"],
         [b"run", b"--depth", EVERYTHING, b"--", b"true"], [b"run", b"--baseline", EVERYTHING, b"--", b"true"],
         [b"run", b"--loop", EVERYTHING, b"--", b"true"], [b"run", b"--profile", EVERYTHING, b"--", b"true"],
         [b"diff", EVERYTHING, b"b"], [b"baseline", b"--min-severity", EVERYTHING], [b"rules", b"--" + EVERYTHING]]


@pytest.mark.parametrize("words", WORDS, ids=lambda words: b" ".join(words)[:24].decode("ascii", "replace").split("\x1b")[0])
def test_a_word_of_a_command_line_is_text(build, tmp_path, words):
    done = subprocess.run([os.fsencode(COMMAND), *words], cwd=tmp_path, env=clean_environment(), capture_output=True,
                          timeout=TIMEOUT)
    assert done.returncode in (2, 65, 125, 126, 127)
    said = assert_only_text(done.stdout + done.stderr)
    assert said and "::error" not in [line[:7] for line in said.splitlines()]


def test_a_program_by_a_hostile_name_is_named_as_text_by_the_last_lines(build, tmp_path):
    program = os.fsencode(tmp_path) + b"/" + EVERYTHING.replace(b"/", b"")
    with open(program, "wb") as file:
        file.write(b"#!/bin/sh\nexit 0\n")
    os.chmod(program, 0o700)
    for options, status in ([b"--fail-on", b"error"], 65), ([], 0):
        done = subprocess.run([os.fsencode(COMMAND), b"run", *options, b"--", program], cwd=tmp_path,
                              env=clean_environment(), capture_output=True, timeout=TIMEOUT)
        said = assert_only_text(done.stderr)
        assert done.returncode == status
    assert "\\x1b" in said  # the verdict's line names no program, the last line of a run without one does


def test_a_baseline_that_somebody_else_wrote_is_text(build, tmp_path, record):
    (tmp_path / "known").write_bytes(b"0123456789abcdef  gone" + TERMINAL + HIDDEN + BROKEN + b"\n" +
                                     TERMINAL + b"\n# Baseline of offloop: " + TERMINAL + b"\n")
    for format in FORMATS:
        done = subprocess.run([COMMAND, "report", "--format", format, "--baseline", "known", record("usual")],
                              cwd=tmp_path, env=clean_environment(), capture_output=True, timeout=TIMEOUT)
        assert done.returncode in (0, 66), done.stderr
        assert_only_text(done.stdout)
        assert_only_text(done.stderr)
