# SPDX-License-Identifier: MIT
"""Late imports on the loop, of modules that the test wrote into a folder: late_imports.py KIND FOLDER"""
import asyncio
import importlib.util
import pathlib
import runpy
import sys
import time

folder = pathlib.Path(sys.argv[2])
sys.path[:0] = [str(folder), str(folder / "lib/python3/site-packages"), str(folder / "zipped.zip")]
sys.dont_write_bytecode = True


def burn(seconds):
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        pass


def chain():
    import chain0


def body():
    import body


def before():
    import quick
    burn(0.5)


def parts():
    from package import one, two


def by_name():
    importlib.import_module("quick")


def reload():
    importlib.reload(sys.modules["loaded"])


def path():
    runpy.run_path(str(folder / "body.py"))


def module():
    spec = importlib.util.spec_from_file_location("quick", str(folder / "quick.py"))
    spec.loader.exec_module(importlib.util.module_from_spec(spec))


def zipped():
    import inside_zip


def extension():
    import _testextension


def again():
    import loaded


def missing():
    for _ in range(3):
        try:
            import no_such_module
        except ImportError:
            pass


async def main(kind):
    await asyncio.sleep(0.01)
    globals()[kind]()
    await asyncio.sleep(0)


if (folder / "loaded.py").exists():
    import loaded  # noqa: F401
asyncio.run(main(sys.argv[1]))
