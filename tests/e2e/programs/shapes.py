# SPDX-License-Identifier: MIT
"""Callables of every shape, for own_callables.py."""
import sys


def plain(a, b=2, *rest, c=3, **more):
    """Its documentation."""
    return [a, b, list(rest), c, more]


def only(a, /, *, k):
    return [a, k]


def handles(text):
    try:
        return int(text)
    except ValueError:
        return "no number"
    except TypeError as error:
        return type(error).__name__


def make_closure():
    kept, other = 1, 2

    def closure(a):
        nonlocal kept
        kept += a
        return kept + other
    return closure


closure = make_closure()


def cell(a):
    return lambda b: a + b


def generator(count):
    for each in range(count):
        yield each


async def coroutine(a):
    return a


async def async_generator(count):
    for each in range(count):
        yield each


def caller():
    return sys._getframe(1).f_code.co_name


class Thing:
    def __init__(self, start):
        self.start = start

    def method(self, a, b=1):
        return self.start + a + b

    @staticmethod
    def static(a):
        return a

    @classmethod
    def of_class(cls, a):
        return [cls.__name__, a]

    @property
    def value(self):
        return self.start


class Child(Thing):
    def method(self, a, b=1):
        return super().method(a, b) * 2
