# SPDX-License-Identifier: MIT
"""How the two halves are built, as their files say: protected where that costs a program nothing, and hidden where nothing
is for others."""
import pathlib
import re
import shutil
import subprocess

import pytest

pytestmark = pytest.mark.skipif(not shutil.which("readelf"), reason="readelf is not installed")


def told(*words):
    return subprocess.run([str(word) for word in words], capture_output=True, text=True, check=True).stdout


@pytest.fixture(params=["command", "library"])
def half(request, build):
    return build / {"command": "report/offloop", "library": "shim/liboffloop.so"}[request.param]


@pytest.fixture
def library(build):
    return build / "shim" / "liboffloop.so"


def imports(file):
    return set(re.findall(r"^\s+[Uw] (\w+)", told("nm", "-D", "--undefined-only", file), re.MULTILINE))


def test_all_is_bound_at_start_and_read_only_from_then_on(half):
    assert "NOW" in re.search(r"\(FLAGS_1\)\s+Flags: (.*)", told("readelf", "-dW", half))[1].split()
    assert "GNU_RELRO" in told("readelf", "-lW", half)


def test_no_memory_is_both_writable_and_code(half):
    segments = re.findall(r"^\s+(LOAD|GNU_STACK)\s+(?:0x\w+\s+){5}([RWE ]{3})", told("readelf", "-lW", half), re.MULTILINE)
    assert {name for name, _ in segments} == {"LOAD", "GNU_STACK"}
    assert not [segment for segment in segments if "W" in segment[1] and "E" in segment[1]]
    assert "TEXTREL" not in told("readelf", "-dW", half)


def test_the_command_lies_anywhere(build):
    assert "Type:" in (head := told("readelf", "-hW", build / "report" / "offloop"))
    assert re.search(r"Type:\s+DYN", head)


def test_overwritten_stacks_are_noticed(half):
    assert "__stack_chk_fail" in imports(half)


def test_the_command_is_fortified_and_the_guest_is_not(build, library):
    """A fortified function is another one to call than the one that is meant."""
    def fortified(file):
        return {name for name in imports(file) if name.endswith("_chk")}
    assert fortified(build / "report" / "offloop")
    assert not fortified(library)


def test_nothing_is_exported_but_what_programs_call(library):
    """Wrappers, the C API, and the answer to a sanitizer's question; no helper of our own."""
    names = re.findall(r"^[0-9a-f]* . (\S+)$", told("nm", "-D", "--defined-only", library), re.MULTILINE)
    assert "open" in names and "offloop_v1_active" in names
    assert not [name for name in names if name.startswith(("ol_", "wrap_", "judged_", "exported_"))]
    assert not {"memcpy", "strlen", "strcmp", "memset"} & set(names)


def test_our_code_bears_shadow_stacks(build):
    """Each object says so; the library as a whole does where the system's own first object does."""
    objects = [*(build / "shim" / "liboffloop.so.p").glob("*.o"), *(build / "detector" / "libdetector.a.p").glob("*.o"),
               *(build / "shim" / "libstrings.a.p").glob("*.o")]
    wanted = {"x86_64": "SHSTK", "aarch64": "BTI"}.get(told("uname", "-m").strip())
    if not wanted:
        pytest.skip("no such thing on this processor")
    assert len(objects) > 100
    assert not [file.name for file in objects if wanted not in told("readelf", "-nW", file)]
    first = pathlib.Path(told("cc", "-print-file-name=crti.o").strip())
    if wanted in told("readelf", "-nW", first):
        assert wanted in told("readelf", "-nW", build / "shim" / "liboffloop.so")
