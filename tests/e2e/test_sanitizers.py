# SPDX-License-Identifier: MIT
"""Programs built with a sanitizer behave under the library as without it, and nothing has to be set: they run where
nothing is wrong with them, end as the sanitizer ends them where something is, and their loops are judged all along."""
import os
import pathlib
import re
import subprocess

import pytest

from test_guest import plain, victim  # noqa: F401 (a fixture)


def shared_asan():
    """clang's words for a runtime of ASan that is a library, and is found when the program starts."""
    try:
        name = subprocess.run(["clang", "-print-file-name=libclang_rt.asan-x86_64.so"], capture_output=True, text=True)
    except FileNotFoundError:
        return ["-shared-libasan"]
    return ["-shared-libasan", f"-Wl,-rpath,{pathlib.Path(name.stdout.strip()).resolve().parent}"]


FINAL = "-fno-sanitize-recover=all"
BUILDS = {
    "gcc-asan": ("gcc", ["-fsanitize=address"]),
    "gcc-asan-static": ("gcc", ["-fsanitize=address", "-static-libasan"]),
    "gcc-tsan": ("gcc", ["-fsanitize=thread"]),
    "gcc-tsan-static": ("gcc", ["-fsanitize=thread", "-static-libtsan"]),
    "gcc-lsan": ("gcc", ["-fsanitize=leak"]),
    "gcc-ubsan": ("gcc", ["-fsanitize=undefined", FINAL]),
    "clang-asan": ("clang", ["-fsanitize=address"]),
    "clang-asan-shared": ("clang", ["-fsanitize=address", *shared_asan()]),
    "clang-asan-ubsan": ("clang", ["-fsanitize=address,undefined", FINAL]),
    "clang-tsan": ("clang", ["-fsanitize=thread"]),
    "clang-lsan": ("clang", ["-fsanitize=leak"]),
    "clang-ubsan": ("clang", ["-fsanitize=undefined", FINAL]),
    "clang-msan": ("clang", ["-fsanitize=memory"]),
}
FAULTS = [
    ("gcc-asan", "leak"), ("gcc-asan", "overflow"), ("gcc-asan-static", "leak"), ("gcc-tsan", "race"),
    ("gcc-tsan-static", "race"), ("gcc-lsan", "leak"), ("gcc-ubsan", "undefined"),
    ("clang-asan", "leak"), ("clang-asan", "overflow"), ("clang-asan-shared", "leak"),
    ("clang-asan-shared", "overflow"), ("clang-tsan", "race"), ("clang-lsan", "leak"), ("clang-ubsan", "undefined"),
    ("clang-msan", "unset"),
]


@pytest.fixture
def sanitized(victim):  # noqa: F811
    """A function that builds a victim in one of those ways, and gives its path."""
    def built(way, source="sanitized.c", *more):
        compiler, flags = BUILDS[way]
        if source.endswith(".cpp"):
            compiler = {"gcc": "g++", "clang": "clang++"}[compiler]
        name = "-".join([source.replace(".", "-"), way, *(word.strip("-") for word in more)])
        return victim(source, *flags, *more, compiler=compiler, name=name)
    return built


def reports(outcome):
    """What the sanitizer says was wrong, without addresses and process ids."""
    found = re.findall(r"^.*(?:ERROR|WARNING|SUMMARY): .*$|^.*runtime error: .*$", outcome.stderr, re.MULTILINE)
    return [re.sub(r"0x[0-9a-f]+|\d+", "N", line) for line in found]


def alone(offloop, words):
    """Without the library; skips where the sanitizer itself can't run here."""
    outcome = plain(offloop, words)
    for trouble in ("unexpected memory mapping", "ReserveShadowMemoryRange failed", "LeakSanitizer does not work"):
        if trouble in outcome.stderr and "fatal error" not in outcome.stderr:
            pytest.skip(f"this sanitizer can't run here: {trouble}")
    return outcome


def twice(offloop, words):
    """Without the library, and both ways with it: the outcomes of these, which were the same."""
    words = [str(word) for word in words]
    before = alone(offloop, words)
    for outcome in (offloop.run(words), offloop.preload(words)):
        assert (outcome.status, outcome.stdout, reports(outcome)) == (before.status, before.stdout, reports(before)), \
            outcome.stderr
        yield outcome


@pytest.mark.parametrize("way", BUILDS)
def test_a_program_with_nothing_wrong(offloop, sanitized, way):
    for outcome in twice(offloop, [sanitized(way)]):
        assert outcome.status == 0 and "done" in outcome.stdout and not reports(outcome)
        assert {"open", "sleep", "wait", "popen", "join", "fork", "dlopen"} <= outcome.rules
        assert {os.path.basename(found["culprit"]["file"]) for found in outcome.report["violations"]} == {"sanitized.c"}
        assert not any("not in use" in line or "answers before" in line for line in outcome.live_lines)


@pytest.mark.parametrize("way,fault", FAULTS)
def test_a_fault_is_still_found(offloop, sanitized, way, fault):
    for outcome in twice(offloop, [sanitized(way), fault]):
        assert outcome.status not in (0, -11) and reports(outcome)
        assert "open" in outcome.rules


@pytest.mark.parametrize("way", [way for way in BUILDS if way not in ("clang-msan",)])  # needs a libstdc++ of its own
def test_exceptions(offloop, sanitized, way):
    for outcome in twice(offloop, [sanitized(way, "sanitized.cpp")]):
        assert outcome.status == 0 and sum(found["count"] for found in outcome.of_rule("stat")) == 6


@pytest.mark.parametrize("way", ["gcc-asan", "clang-asan-shared"])
@pytest.mark.parametrize("fault", ["none", "leak"])
def test_a_child_with_address_sanitizer(offloop, sanitized, way, fault):
    """Nothing knew before that the shell would start one."""
    for outcome in twice(offloop, ["sh", "-c", f"{sanitized(way)} {fault}; echo $?"]):
        assert "done" in outcome.stdout


def test_children_have_no_runtime_of_their_parents(offloop, sanitized, tmp_path):
    """One that is preloaded would look for leaks in every program that this one starts."""
    program = tmp_path / "starts.c"
    program.write_text('#include <stdlib.h>\nint main(void) { return system("cat /proc/self/maps"); }')
    binary = tmp_path / "starts"
    subprocess.run(["gcc", "-fsanitize=address", program, "-o", binary], check=True)
    outcome = offloop.run([binary])
    assert outcome.status == 0 and "liboffloop" in outcome.stdout and "libasan" not in outcome.stdout


def test_a_program_that_sets_options_of_its_own(offloop, tmp_path):
    """It answers the runtime's question, so the library can't."""
    program = tmp_path / "options.c"
    program.write_text('#include <stdio.h>\nconst char *__asan_default_options(void);\n'
                       'const char *__asan_default_options(void) { return "exitcode=42"; }\n'
                       'int main(void) { char *volatile bytes = (char[4]){0}; bytes[4] = 1; return 0; }')
    binary = tmp_path / "options"
    subprocess.run(["gcc", "-fsanitize=address", "-g", program, "-o", binary], check=True)
    before, outcome = plain(offloop, [binary]), offloop.run([binary])
    assert (before.status, outcome.status) == (42, 42), outcome.stderr


def test_a_runtime_that_comes_too_late_still_says_so(offloop, tmp_path):
    """What stands before it besides us is the user's own mistake."""
    other, binary = tmp_path / "other.so", tmp_path / "program"
    source = tmp_path / "program.c"
    source.write_text("int main(void) { return 0; }")
    subprocess.run(["gcc", "-shared", "-fPIC", "-x", "c", "/dev/null", "-o", other], check=True)
    subprocess.run(["gcc", "-fsanitize=address", source, "-o", binary], check=True)
    before = plain(offloop, [binary], {"LD_PRELOAD": str(other)})
    outcome = offloop.run([binary], env={"LD_PRELOAD": str(other)})
    assert (outcome.status, outcome.stderr.count("does not come first")) == \
        (before.status, before.stderr.count("does not come first")) == (1, 1)


@pytest.mark.parametrize("name", ["libasan.so", "libtsan.so"])
def test_a_runtime_that_the_user_preloads_into_python(offloop, tmp_path, name):
    """As for an extension module that is built with a sanitizer."""
    found = subprocess.run(["gcc", f"-print-file-name={name}"], capture_output=True, text=True).stdout.strip()
    if not os.path.isabs(found):
        pytest.skip(f"gcc has no {name}")
    script = tmp_path / "app.py"
    script.write_text("import asyncio, time\nasync def main():\n    time.sleep(0.01)\n"
                      "    await asyncio.sleep(0)\nasyncio.run(main())\nprint('done')\n")
    env = {"LD_PRELOAD": str(pathlib.Path(found).resolve()), "ASAN_OPTIONS": "detect_leaks=0"}  # CPython's own
    before = plain(offloop, ["/usr/bin/python3", script], env)
    if before.status:
        pytest.skip(f"python3 does not run under it: {before.stderr[-200:]}")
    outcome = offloop.run(["/usr/bin/python3", script], env=env)
    assert (outcome.status, outcome.stdout) == (0, "done\n"), outcome.stderr
    assert "sleep" in outcome.rules
