# SPDX-License-Identifier: MIT
"""References without a version, of libraries that are linked without the C library: they lead where
they lead without us, to the oldest function of their name."""
import subprocess

from test_guest import VICTIMS, same, victim  # noqa: F401 (a fixture)


def test_references_without_a_version_go_where_they_went(offloop, victim):  # noqa: F811
    library = victim("unversioned_lib.c", "-shared", "-fPIC", "-nostdlib", name="libunversioned.so")
    needed = subprocess.run(["readelf", "-d", library], capture_output=True, text=True).stdout
    if "libc.so.6" in needed:  # victim() names libraries behind the flags
        subprocess.run(["gcc", "-g", "-O1", "-D_GNU_SOURCE", "-shared", "-fPIC", "-nostdlib",
                        VICTIMS / "unversioned_lib.c", "-o", library], check=True)
    program = victim("unversioned.c", str(library), f"-Wl,-rpath,{library.parent}", name="unversioned")
    outcome = same(offloop, [program])
    assert outcome.stdout.count("until 110\n") == 2  # ETIMEDOUT
    assert outcome.stdout.endswith("done\n")
    assert outcome.violations
