# SPDX-License-Identifier: MIT
"""A late import is one violation, at the statement of the user's, and has the time of the import."""
import subprocess
import zipfile

import pytest

from conftest import PROGRAMS, judged_loops

PROGRAM = PROGRAMS / "late_imports.py"
MS = 1_000_000
BURN = """import time
end = time.perf_counter() + 0.2
while time.perf_counter() < end:
    pass
"""


@pytest.fixture
def late(offloop, interpreter, tmp_path):
    """What is reported of an import of that kind."""
    def run(kind, env=None):
        outcome = offloop.run([interpreter.path, PROGRAM, kind, tmp_path], env=env)
        assert outcome.status == 0, outcome.stderr
        return outcome
    return run


def line_of(statement):
    lines = PROGRAM.read_text().splitlines()
    [line] = [i for i, line in enumerate(lines, 1) if line.strip() == statement]
    return line


def assert_at(violation, statement, name):
    assert violation["rule"] == "import"
    assert violation["culprit"]["file"] == str(PROGRAM)
    assert violation["culprit"]["line"] == line_of(statement)
    assert (violation["argument"], violation["count"]) == (name, 1)


def write_chain(folder, depth, fan):
    for i in range(depth):
        leaves = [f"leaf{i}_{j}" for j in range(fan)]
        following = [f"chain{i + 1}"] if i + 1 < depth else []
        (folder / f"chain{i}.py").write_text("".join(f"import {name}\n"
                                                     for name in leaves + following))
        for leaf in leaves:
            (folder / f"{leaf}.py").touch()


@pytest.mark.parametrize("depth, fan, frames", [(6, 1, 64), (12, 2, 64), (20, 3, 64), (12, 2, 1),
                                                (12, 2, 5), (40, 1, 128)])
def test_however_deep_it_nests_it_is_one(late, tmp_path, depth, fan, frames):
    write_chain(tmp_path, depth, fan)
    outcome = late("chain", {"OFFLOOP_DEPTH": frames})
    [violation] = outcome.violations
    assert_at(violation, "import chain0", "chain0")
    assert len([line for line in outcome.live_lines if "import(" in line]) == 1
    assert len(violation["stack"]) <= frames
    assert violation["culprit"]["function"] in [frame["function"] for frame in violation["stack"]]


def test_its_time_is_that_of_the_import(late, tmp_path):
    (tmp_path / "body.py").write_text(BURN)
    [violation] = late("body").violations
    assert_at(violation, "import body", "body")
    assert violation["total_ns"] == violation["max_ns"] >= 200 * MS


def test_what_is_computed_after_it_is_not_its_time(late, tmp_path):
    (tmp_path / "quick.py").touch()
    [violation] = late("before").violations
    assert_at(violation, "import quick", "quick")
    assert violation["total_ns"] < 500 * MS


def test_what_a_module_of_the_user_s_does_is_judged_as_what_it_is(late, tmp_path):
    (tmp_path / "body.py").write_text("import time\ntime.sleep(0.3)\nopen(__file__).close()\n")
    outcome = late("body")
    [imported] = outcome.of_rule("import")
    [slept] = outcome.of_rule("sleep")
    [opened] = outcome.of_rule("open")
    assert_at(imported, "import body", "body")
    assert slept["culprit"]["line"] == 2 and opened["culprit"]["line"] == 3
    assert slept["phase"] == opened["phase"] == "import"
    [loop] = outcome.report["runs"][0]["loops"]
    assert slept["total_ns"] > 100 * MS
    assert imported["total_ns"] + slept["total_ns"] <= loop["busy_ns"]  # not twice


def test_files_that_a_library_reads_when_it_is_loaded_are_part_of_it(late, tmp_path):
    installed = tmp_path / "lib/python3/site-packages"
    installed.mkdir(parents=True)
    (installed / "body.py").write_text("data = open(__file__).read()\n")
    [violation] = late("body").violations
    assert_at(violation, "import body", "body")


def test_parts_of_a_package_are_one(late, tmp_path):
    (tmp_path / "package").mkdir()
    for part in ("__init__", "one", "two"):
        (tmp_path / f"package/{part}.py").write_text(BURN if part == "two" else "")
    [violation] = late("parts").violations
    assert_at(violation, "from package import one, two", "package")
    assert violation["total_ns"] >= 200 * MS


@pytest.mark.parametrize("kind, file, statement, api, name", [
    ("by_name", "quick", 'importlib.import_module("quick")', "importlib.import_module", "quick"),
    ("reload", "loaded", 'importlib.reload(sys.modules["loaded"])', "importlib.reload", "loaded"),
    ("path", "body", 'runpy.run_path(str(folder / "body.py"))', "runpy.run_path",
     "{folder}/body.py"),
    ("zipped", None, "import inside_zip", "import", "inside_zip"),
])
def test_other_ways_to_import(late, tmp_path, kind, file, statement, api, name):
    if file:
        (tmp_path / f"{file}.py").touch()
    with zipfile.ZipFile(tmp_path / "zipped.zip", "w") as archive:
        archive.writestr("inside_zip.py", "")
    [violation] = late(kind).violations
    assert_at(violation, statement, name.format(folder=tmp_path))
    assert violation["api"] == api


def test_a_module_that_is_executed_by_its_loader(late, tmp_path):
    (tmp_path / "quick.py").touch()
    outcome = late("module")
    [violation] = outcome.of_rule("import")
    assert violation["argument"] == "quick"
    assert violation["culprit"]["line"] == line_of(
        "spec.loader.exec_module(importlib.util.module_from_spec(spec))")


EXTENSION = """
#include <Python.h>
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "_testextension", NULL, -1, NULL};
PyMODINIT_FUNC PyInit__testextension(void)
{
    FILE *file = fopen("/etc/hostname", "r");
    if (file)
        fclose(file);
    return PyModule_Create(&module);
}
"""


def test_an_extension_module_and_what_it_reads_are_part_of_it(late, interpreter, tmp_path):
    words = "import sysconfig as s; print(s.get_path('include'), s.get_config_var('EXT_SUFFIX'))"
    done = subprocess.run([interpreter.path, "-c", words], capture_output=True, text=True,
                          check=True)
    include, suffix = done.stdout.split()
    source = tmp_path / "extension.c"
    source.write_text(EXTENSION)
    built = subprocess.run(["gcc", "-shared", "-fPIC", "-I", include, "-o",
                            tmp_path / f"_testextension{suffix}", source])
    if built.returncode:
        pytest.skip("no Python.h of this interpreter")
    [violation] = late("extension").violations
    assert_at(violation, "import _testextension", "_testextension")


def test_what_is_loaded_already_is_silent(late, tmp_path):
    (tmp_path / "loaded.py").touch()
    outcome = late("again")
    assert judged_loops(outcome.report)
    assert outcome.violations == []


def test_one_that_fails_again_and_again_counts_once_a_turn(late):
    [violation] = late("missing").violations
    assert_at(violation, "import no_such_module", "no_such_module")
