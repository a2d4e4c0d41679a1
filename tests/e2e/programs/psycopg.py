# SPDX-License-Identifier: MIT
"""psycopg2 in a coroutine: what libpq waits for is told by the names of its calls. Argument: a
conninfo."""
import asyncio
import sys

import psycopg2


async def main():
    await asyncio.sleep(0)
    database = psycopg2.connect(sys.argv[1])  #: poll psycopg2.connect {A}
    cursor = database.cursor()
    cursor.execute("select pg_sleep(0.05)")  #: poll psycopg2.extensions.cursor.execute {A}
    cursor.fetchall()
    database.commit()  #: poll psycopg2.extensions.connection.commit {A}
    database.close()


asyncio.run(main())
