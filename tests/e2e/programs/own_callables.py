# SPDX-License-Identifier: MIT
"""Callables of every shape under rules of the user's own: own_callables.py early|late. They are called from a thread
and from the loop; what they return, and how they look from outside, is printed as JSON."""
import asyncio
import inspect
import json
import sys
import threading

if "early" in sys.argv:
    import shapes
    from shapes import plain


def describe(function):
    return [str(inspect.signature(function)), inspect.iscoroutinefunction(function),
            inspect.isgeneratorfunction(function), inspect.isasyncgenfunction(function),
            function.__name__, function.__qualname__, function.__doc__, function.__code__.co_freevars]


async def all_of(generator):
    return [each async for each in generator]


def call_all():
    import shapes
    thing = shapes.Thing(5)
    return {
        "plain": [plain(1), plain(1, 2, 3, c=4, d=5), plain(*[7], **{"b": 8})],
        "handles": [shapes.handles("1"), shapes.handles("x"), shapes.handles(None)],
        "only": shapes.only(1, k=2),
        "closure": shapes.closure(10),
        "cell": shapes.cell(3)(4),
        "generator": list(shapes.generator(3)),
        "coroutine": asyncio.new_event_loop().run_until_complete(shapes.coroutine(4)),
        "async_generator": asyncio.new_event_loop().run_until_complete(
            all_of(shapes.async_generator(3))),
        "method": [thing.method(1), thing.method(b=2, a=1), shapes.Thing.method(thing, 3)],
        "bound": list(map(thing.method, [1, 2])),
        "super": shapes.Child(1).method(2),
        "static": [thing.static(1), shapes.Thing.static(2)],
        "class": [thing.of_class(1), shapes.Child.of_class(2)],
        "property": thing.value,
        "caller": shapes.caller(),
    }


async def main():
    global plain
    loop = asyncio.get_running_loop()
    await asyncio.sleep(0.02)
    if "late" in sys.argv:
        import shapes
        plain = shapes.plain
    import shapes
    shown = {name: describe(getattr(shapes, name)) for name in
             ("plain", "only", "handles", "generator", "coroutine", "async_generator", "closure")}
    from_thread = []
    thread = threading.Thread(target=lambda: from_thread.append(call_all()))
    thread.start()
    while thread.is_alive():
        await asyncio.sleep(0.01)
    print(json.dumps([shown, from_thread, shapes.handles("5"), thread.name != ""]))


asyncio.run(main())
