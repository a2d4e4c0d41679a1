# SPDX-License-Identifier: MIT
"""Walks over a folder on the loop: walks.py FOLDER"""
import asyncio
import os
import sys


async def main():
    await asyncio.sleep(0.01)
    for _ in os.walk(sys.argv[1]):
        pass
    await asyncio.sleep(0)


asyncio.run(main())
