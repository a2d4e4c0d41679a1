# SPDX-License-Identifier: MIT
"""Sleeps in functions of the same names in different scopes, each on a line `#: QUALNAME`, and reports
nothing itself. All are called by the loop, or by a function that it calls."""
import asyncio
import functools
import time


class Orders:
    def get(self):
        time.sleep(0.001)  #: Orders.get

    @staticmethod
    def find(place=1):
        time.sleep(0.001)  #: Orders.find

    @classmethod
    def make(cls):
        time.sleep(0.001)  #: Orders.make

    @property
    def total(self):
        time.sleep(0.001)  #: Orders.total


class Users(Orders):
    def get(self):
        super().get()
        time.sleep(0.001)  #: Users.get

    class Inner:
        def get(self):
            time.sleep(0.001)  #: Users.Inner.get


def decorated(function):
    @functools.wraps(function)
    def wrapper(*args):
        time.sleep(0.001)  #: decorated.<locals>.wrapper
        return function(*args)
    return wrapper


def first():
    def inner():
        time.sleep(0.001)  #: first.<locals>.inner
    return inner


def second():
    def inner():
        def inner():
            time.sleep(0.001)  #: second.<locals>.inner.<locals>.inner
        time.sleep(0.001)  #: second.<locals>.inner
        inner()
    return inner


def third():
    return lambda: time.sleep(0.001)  #: third.<locals>.<lambda>


def fourth():
    async def inner():
        time.sleep(0.001)  #: fourth.<locals>.inner
    return inner()


def fifth():
    return (time.sleep(0.001) for _ in range(1))  #: fifth.<locals>.<genexpr>


def sixth():
    def inner():
        yield time.sleep(0.001)  #: sixth.<locals>.inner
    return inner()


@decorated
def seventh():
    class Local:
        def get(self):
            time.sleep(0.001)  #: seventh.<locals>.Local.get
    Local().get()


def plain():
    time.sleep(0.001)  #: plain
    return [time.sleep(0.001) for _ in range(1)]  #: plain


async def main():
    loop = asyncio.get_running_loop()
    await asyncio.sleep(0.01)
    users = Users()
    users.get()
    users.find()
    users.make()
    users.total
    Users.Inner().get()
    loop.call_soon(first())
    loop.call_soon(functools.partial(second()))
    loop.call_soon(third())
    await fourth()
    list(fifth())
    next(sixth())
    seventh()
    loop.call_soon(plain)
    await asyncio.sleep(0.01)


asyncio.run(main())
