# SPDX-License-Identifier: MIT
"""What the library costs a process in memory, as the kernel counts it (smaps)."""

LOOP = """import asyncio
async def main():
    await asyncio.sleep(0.01)
    print(open('/proc/self/smaps').read())
asyncio.run(main())
"""
OURS = ("liboffloop", "libunwind", "liblzma", ".offloop")


def kilobytes(smaps):
    """(pages of our files, anonymous pages of the whole process)"""
    files = anonymous = 0
    ours = False
    for line in smaps.splitlines():
        words = line.split()
        if not words:
            continue
        if "-" in words[0] and not words[0].endswith(":"):
            ours = len(words) > 5 and any(name in words[5] for name in OURS)
        elif words[0] == "Rss:" and ours:
            files += int(words[1])
        elif words[0] == "Anonymous:":
            anonymous += int(words[1])
            files -= int(words[1]) if ours else 0
    return files, anonymous


def cost(offloop, words):
    env = {"PYTHONHASHSEED": "0"}
    alone = kilobytes(offloop.preload(words, env={**env, "LD_PRELOAD": None}).stdout)
    guest = kilobytes(offloop.preload(words, env=env).stdout)
    return guest[0], guest[1] - alone[1]


def test_a_process_without_a_loop_costs_less_than_a_megabyte(offloop):
    """Here 850 to 890 KB; how many pages around those that are used are there as well is the kernel's affair."""
    files, private = cost(offloop, ["cat", "/proc/self/smaps"])
    assert 0 < files and private <= 288 and files + private <= 1024, (files, private)


def test_a_loop_of_python_s_has_less_than_a_megabyte_of_its_own(offloop, interpreter):
    """What is in files is shared by all processes."""
    files, private = cost(offloop, [interpreter.path, "-c", LOOP])
    assert files <= 1280 and private <= 768, (files, private)
