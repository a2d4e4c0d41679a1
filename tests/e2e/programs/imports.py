# SPDX-License-Identifier: MIT
"""Imports in a coroutine: three modules by one line, one of them a package of two modules, and then
the line again with nothing left to load. Argument: the folder that they are in."""
import asyncio
import importlib
import sys

sys.path.insert(0, sys.argv[1])


async def main():
    await asyncio.sleep(0)
    for _ in range(2):
        for name in ("plain", "package", "missing"):
            try:
                importlib.import_module(name)
            except ImportError:
                pass


asyncio.run(main())
