# SPDX-License-Identifier: MIT
"""`offloop doctor PROG`: each kind of program gets a clear answer and the documented exit code."""
import subprocess
import sys

import pytest

from conftest import clean_environment

pytestmark = pytest.mark.holds_without_library("the command alone")

PROGRAM = r"""
#include <dlfcn.h>
#include <sys/epoll.h>
int main(void)
{
    struct epoll_event event;
#ifdef DEEP
    dlopen("libm.so.6", RTLD_NOW | RTLD_DEEPBIND);
#endif
#ifdef RAW
    long result;
    __asm__ volatile("syscall" : "=a"(result) : "a"(39L) : "rcx", "r11", "memory");
#endif
    return epoll_wait(epoll_create1(0), &event, 1, 1);
}
"""


@pytest.fixture
def build_program(tmp_path):
    """A function that compiles the program above by those words, or skips where that is not to be
    had."""
    def compile_it(*words, compiler="gcc"):
        source, program = tmp_path / "program.c", tmp_path / "program"
        source.write_text(PROGRAM)
        try:
            done = subprocess.run([compiler, source, "-o", program, *words], capture_output=True)
        except FileNotFoundError:
            pytest.skip(f"{compiler} is not installed")
        return program if done.returncode == 0 else pytest.skip(f"{compiler} can't: {words}")
    return compile_it


def answer(offloop, program, status=0, **options):
    outcome = offloop.command("doctor", program, env={"COLUMNS": "500"}, **options)
    assert outcome.status == status, outcome.stdout + outcome.stderr
    return " ".join((outcome.stdout + outcome.stderr).split())


def test_a_plain_program(offloop, build_program):
    told = answer(offloop, build_program())
    assert "waits that make a loop: epoll_wait" in told
    assert told.endswith("can be watched") and "!" not in told


@pytest.mark.parametrize("words,told", [
    (["-fno-plt", "-Wl,-z,relro,-z,now"], "full RELRO and -fno-plt"),
    (["-DDEEP"], "but for libraries with RTLD_DEEPBIND"),
    (["-fsanitize=address"], "libasan.so."),
    (["-fsanitize=thread"], "libtsan.so."),
])
def test_what_is_said_of_how_it_was_built(offloop, build_program, words, told):
    assert told in answer(offloop, build_program(*words))


def test_system_calls_of_its_own(offloop, build_program):
    if subprocess.run(["uname", "-m"], capture_output=True, text=True).stdout.strip() != "x86_64":
        pytest.skip("the program is written for x86-64")
    assert "makes system calls itself at 1 place: these do not pass by" in \
        answer(offloop, build_program("-DRAW"))


@pytest.mark.parametrize("sanitizer", ["address", "thread"])
def test_a_sanitizer_may_stand_behind_us(offloop, build_program, sanitizer):
    program = build_program(f"-fsanitize={sanitizer}")
    told = answer(offloop, program)
    assert "a sanitizer's runtime, which liboffloop.so may stand before" in told and "lock=ignore" not in told
    outcome = offloop.run([program])
    assert outcome.status == 0
    assert not any("LD_PRELOAD" in line for line in outcome.live_lines), outcome.stderr
    assert outcome.report["runs"][0]["loops"]


def test_a_sanitizer_that_is_linked_in_minds_no_order(offloop, build_program):
    told = answer(offloop, build_program("-fsanitize=address", compiler="clang"))
    assert "asan is linked into the program: no order to keep" in told


@pytest.mark.parametrize("size", [20, 64, 3000])
def test_a_truncated_program(offloop, build_program, size):
    program = build_program()
    program.write_bytes(program.read_bytes()[:size])
    told = answer(offloop, program, 126)
    assert told.startswith(f"offloop: {program} can't be watched: it is ")
    assert "static" not in told and "can be watched" not in told


def test_headers_that_point_beyond_the_file(offloop, build_program):
    program = build_program()
    image = bytearray(program.read_bytes())
    image[32:40] = (2**62).to_bytes(8, "little")
    program.write_bytes(image)
    assert "damaged" in answer(offloop, program, 126)


def test_a_program_without_one_of_its_libraries(offloop, build_program, tmp_path):
    library = tmp_path / "libgone.so"
    subprocess.run(["gcc", "-shared", "-x", "c", "/dev/null", "-o", library], check=True)
    program = build_program("-Wl,--no-as-needed", library)
    library.unlink()
    assert "not all of its libraries can be loaded" in answer(offloop, program, 126)


def test_a_script_is_named_with_its_interpreter(offloop, tmp_path):
    script = tmp_path / "script"
    script.write_text(f"#!{sys.executable}\nprint(1)\n")
    script.chmod(0o755)
    assert answer(offloop, script).startswith(f"{script} is a script for /")


def test_what_is_no_program(offloop, tmp_path):
    text = tmp_path / "text"
    text.write_text("hello\n")
    text.chmod(0o755)
    assert "neither an ELF program nor a script" in answer(offloop, text, 126)
    assert "Is a directory" in answer(offloop, tmp_path, 126)
    text.chmod(0o644)
    assert "Permission denied" in answer(offloop, text, 126)
    assert "No such file" in answer(offloop, tmp_path / "missing", 127)
    assert "not found in PATH" in answer(offloop, "no-such-program", 127)


def test_python_has_loops_and_frames(offloop, interpreter):
    told = answer(offloop, interpreter.path)
    assert "epoll_wait" in told and "its frames are read" in told
    assert told.endswith("can be watched")


def test_go_waits_by_itself(offloop, tool, tmp_path):
    source, program = tmp_path / "main.go", tmp_path / "program"
    source.write_text('package main\n// #include <stdlib.h>\nimport "C"\nfunc main() { C.abs(1) }\n')
    env = clean_environment({"CGO_ENABLED": "1"})  # and the user's cache: Go's own packages take a minute
    subprocess.run([tool("go"), "build", "-o", program, source], env=env, check=True, cwd=tmp_path)
    assert "Go its runtime waits and works by system calls of its own" in answer(offloop, program)
