# SPDX-License-Identifier: MIT
"""A library that puts something around functions, in the ways that libraries do it."""
import time


def closure(function):
    def guarded(*words, **more):
        return function(*words, **more)
    return guarded


def twice(function):
    return closure(closure(function))


def given_first(function, *words):
    return function(*words)


class Retry:
    def call(self, function, *words):
        return function(*words)


def for_wrapt(wrapped, instance, words, more):
    return wrapped(*words, **more)


def own_name(seconds):
    time.sleep(seconds)


def copies(path, mode="r", opener=open):
    opener(path, mode).close()
