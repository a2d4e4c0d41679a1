# SPDX-License-Identifier: MIT
"""Dataclasses whose generated __init__ leads to a blocking call: one of the program's own, and one
of a package's, which also has a decorated function. Arguments: the folder of the package, the file to open."""
import asyncio
import dataclasses
import sys

sys.path.insert(0, sys.argv[1])
import settings  # noqa: E402


@dataclasses.dataclass
class Mine:
    path: str

    def __post_init__(self):
        open(self.path).close()  #: open open {T}


async def main():
    await asyncio.sleep(0)
    Mine(sys.argv[2])
    settings.Settings(sys.argv[2])  #: open settings.Settings {T}
    settings.read(sys.argv[2])  #: open settings.read {T}


asyncio.run(main())
