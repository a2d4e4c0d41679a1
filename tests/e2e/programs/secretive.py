# SPDX-License-Identifier: MIT
"""A loop that is given secrets in every kind of argument, as programs in use are."""
import asyncio
import os
import subprocess
import syslog


async def main():
    await asyncio.sleep(0)
    os.system("true --password geheim1 'https://user:geheim2@host/'")
    subprocess.run(["sh", "-c", "sleep 0.1", "--token=geheim3", "-H", "Authorization: Bearer geheim4", "host=h password=geheim5"])
    os.popen("PGPASSWORD=geheim6 true").close()
    for name in ("/nowhere/customer.db", "/nowhere/?token=geheim7"):
        try:
            open(name)
        except OSError:
            pass
    try:
        os.rename("/nowhere/from", "/nowhere/to")
    except OSError:
        pass
    syslog.syslog("login password=geheim8")


asyncio.run(main())
