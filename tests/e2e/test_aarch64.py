# SPDX-License-Identifier: MIT
"""The stubs of aarch64, under qemu-user: the library is compiled as this build was, by a cross
compiler, and a victim runs with it. No stacks there: libunwind is not at hand for that machine."""
import json
import pathlib
import shlex
import shutil
import subprocess

import pytest

from conftest import ROOT, clean_environment

VICTIMS = ROOT / "tests" / "programs"
CROSS = "aarch64-linux-gnu-gcc"
OF_HERE = ("-fcolor-diagnostics", "-fcf-protection")  # clang's and x86's: unknown to the cross compiler
UNWIND = """#include <stdint.h>
typedef struct { char bytes[4096]; } unw_context_t;
typedef unw_context_t unw_tdep_context_t;
typedef struct { char bytes[4096]; } unw_cursor_t;
typedef uint64_t unw_word_t;
typedef void *unw_addr_space_t;
#define UNW_OBJ(name) _ULaarch64_##name
#define UNW_ARCH_OBJ(name) _Uaarch64_##name
enum { UNW_REG_IP = 30, UNW_REG_SP = 31 };
"""


def library_sources(build):
    """(source, words of the compiler) for each object of liboffloop.so."""
    for entry in json.loads((build / "compile_commands.json").read_text()):
        words = shlex.split(entry["command"])
        output = words[words.index("-o") + 1]
        if "libdetector.a.p" in output or "liboffloop.so.p" in output:
            source = pathlib.Path(entry["directory"], entry["file"]).resolve()
            yield pathlib.Path(str(source).replace("arch/x86_64", "arch/aarch64")), words, entry


@pytest.fixture(scope="module")
def foreign(build, tmp_path_factory):
    for name in (CROSS, "qemu-aarch64"):
        if not shutil.which(name):
            pytest.skip(f"{name} is not installed")
    folder = tmp_path_factory.mktemp("aarch64")
    (folder / "libunwind.h").write_text(UNWIND)
    objects = []
    for source, words, entry in library_sources(build):
        flags = [word for word in words[1:] if word.startswith(("-I", "-D", "-U", "-f", "-std"))
                 and not word.startswith(OF_HERE)]
        objects.append(folder / f"{source.parent.name}_{source.name}.o")
        subprocess.run([CROSS, f"-I{folder}", *flags, "-O2", "-fPIC", "-c", source,
                        "-o", objects[-1]], check=True, cwd=entry["directory"])
    exports = subprocess.run([CROSS, "-E", "-P", "-x", "c", ROOT / "shim" / "exports.map.in"],
                             check=True, capture_output=True).stdout
    (folder / "exports.map").write_bytes(exports)
    subprocess.run([CROSS, "-shared", *objects, "-o", folder / "liboffloop.so", "-ldl", "-lpthread",
                    f"-Wl,--version-script,{folder / 'exports.map'}", "-Wl,-z,now"],
                   check=True)
    subprocess.run([CROSS, "-O1", "-shared", "-fPIC", VICTIMS / "guarded.c",
                    "-o", folder / "libguarded.so"], check=True)
    return folder


def play(foreign, tmp_path, words, rules):
    """What a program prints under the library, and the functions that it is told of."""
    (tmp_path / "own.rules").write_text(rules)
    env = clean_environment({"OFFLOOP_RULES": tmp_path / "own.rules", "OFFLOOP_OUT": tmp_path,
                             "QEMU_LD_PREFIX": "/usr/aarch64-linux-gnu"})
    done = subprocess.run(["qemu-aarch64", "-E", f"LD_PRELOAD={foreign / 'liboffloop.so'}", *words],
                          env=env, capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stdout) == (0, "done\n"), done.stderr
    return done.stderr.count("offloop: error: ")


@pytest.mark.parametrize("flags", [["-Wl,-z,lazy"], ["-fno-plt", "-Wl,-z,now"]],
                         ids=["lazy", "no-plt"])
def test_a_users_function(foreign, flags, tmp_path):
    victim = tmp_path / "victim"
    subprocess.run([CROSS, "-O1", *flags, VICTIMS / "call_guarded.c", "-o", victim, "-L", foreign,
                    "-lguarded", f"-Wl,-rpath,{foreign}"], check=True)
    rules = 'blocking guarded_* "in a worker"\n'
    assert play(foreign, tmp_path, [victim, "on"], rules) == 7
    assert play(foreign, tmp_path, [victim, "off"], rules) == 0


def test_odd_arguments_and_results(foreign, tmp_path):
    library, victim = tmp_path / "libodd.so", tmp_path / "victim"
    subprocess.run([CROSS, "-O1", "-shared", "-fPIC", VICTIMS / "odd_calls.c", "-o", library],
                   check=True)
    subprocess.run([CROSS, "-O1", "-Wl,-z,lazy", VICTIMS / "call_odd.c", "-o", victim, library,
                    f"-Wl,-rpath,{tmp_path}"], check=True)
    assert play(foreign, tmp_path, [victim], 'blocking odd_* "in a worker"\n') == 7


def test_calls_that_are_left_in_other_ways_than_by_returning(foreign, tmp_path):
    library, victim = tmp_path / "libodd.so", tmp_path / "victim"
    compiler = CROSS.replace("gcc", "g++")
    if not shutil.which(compiler):
        pytest.skip(f"{compiler} is not installed")
    subprocess.run([CROSS, "-O1", "-shared", "-fPIC", "-fexceptions", VICTIMS / "odd_calls.c",
                    "-o", library], check=True)
    subprocess.run([compiler, "-O1", "-Wl,-z,lazy", VICTIMS / "leave_calls.cc", "-o", victim, library,
                    f"-Wl,-rpath,{tmp_path}", "-lpthread"], check=True)
    assert play(foreign, tmp_path, [victim], 'blocking odd_* "in a worker"\n') >= 3
