# SPDX-License-Identifier: MIT
# The Python half of the bridge, first part: finds the callables that rules name, has them guarded, and knows which
# thread runs which loop. bridge_judge.py follows it in the same namespace, which is in no sys.modules; what both ask of
# the library begins with an underscore (bridge_offer.c).
#
# It runs inside somebody's program: it imports nothing that is not there yet, keeps nobody's objects
# alive, and no exception of its own may leave it.
import sys
from _thread import get_ident, get_native_id
from _weakref import ref
from posix import getpid

(IN_NO_TURN, ON_A_LOOP, IN_MAIN, AT_HOME, NAMED_HOME, WITHIN,
 SUBMITS, FETCHES, TAKES, RESOLVES, FAILS, RUNS, NEVER) = range(13)  # enum ol_guard_test
QUIET, TELL = -1, -2  # in place of a rule's index: enum ol_guard_place
SECOND = 1  # in place of a parameter's name
FRAMES = sys.version_info[:2] == (3, 11)  # enters Python functions past their vectorcall slot

RULES = _rules()  # (module, qualname, kind, api, loop, when)
MODULE, QUALNAME, KIND, API, LOOP, WHEN = range(6)

waiting = {}  # module: {qualname: [index of a rule, …]}, not guarded yet
targets = set()  # ids of what is guarded; a guard keeps it
guarded = {}  # index of a guard: [index of a rule, …]
positions = {}  # index of a guard: where the parameter that its test looks at stands, or -1
# Names of blocking functions that a program may put wrappers of its own on, as Home Assistant does: what they were when
# they were guarded. The wrapper is guarded as well, and is the outermost call.
replaceable = {}  # (module, qualname): (target, [index of a rule, …])
loops = {}  # id of a loop: (reference to it, thread's ident, its native id, pid), learnt when they are run


# --- finding and guarding ---

def begin():
    for index, rule in enumerate(RULES):
        if rule[WHEN] and rule[WHEN] not in CONDITIONS:
            _blind(rule[API], f"its rule asks for when={rule[WHEN]}, which is no condition")
            continue
        waiting.setdefault(rule[MODULE], {}).setdefault(rule[QUALNAME], []).append(index)
    scan()
    watch_imports()
    from atexit import register
    register(at_exit)


def scan():
    """Guards what has been imported since the last time."""
    events, futures = sys.modules.get("asyncio.events"), sys.modules.get("asyncio.futures")
    if events and futures and "asyncio" not in guarded and not is_running_its_code(futures):
        guarded["asyncio"] = None
        _learn(events._get_running_loop)
        guard(events._set_running_loop, False, RUNS, (), None, QUIET)
        learn_own_callback()
    for (module, qualname), (target, rules) in list(replaceable.items()):
        if find(sys.modules.get(module), qualname)[1] not in (target, None):
            guard_named(sys.modules[module], qualname, rules)
    for module in [name for name in waiting if name in sys.modules]:
        for qualname in list(waiting[module]):
            if guard_named(sys.modules[module], qualname, waiting[module][qualname]):
                del waiting[module][qualname]
        if not waiting[module]:
            del waiting[module]


def guard_named(module, qualname, rules):
    try:
        return try_guard_named(module, qualname, rules)
    except Exception as error:
        _blind(f"{module.__name__}.{qualname}", f"{type(error).__name__}: {error}")
        return True


def try_guard_named(module, qualname, rules):
    """False while the module's code runs and the name is not there, or may not be the last one: Cython puts functions
    of its own in the place of those that a type begins with."""
    owner, target = find(module, qualname)
    if is_running_its_code(module) and not isinstance(inner_function(target), type(find)):
        return False
    if target is None:
        _blind(f"{module.__name__}.{qualname}", "there is no such name in this version of it")
        return True
    if RULES[rules[0]][KIND] == "blocking":
        replaceable[module.__name__, qualname] = target, rules
    target = inner_function(target)
    if id(target) in targets:
        return True
    done = guard(target, isinstance(owner, type), *test_of(rules), place_of(rules))
    if isinstance(done, str):
        _blind(f"{module.__name__}.{qualname}", done)
    else:
        guarded[done] = rules
        targets.add(id(target))
    return True


def is_running_its_code(module):
    """It is being imported: names may be missing, or be others in the end."""
    return getattr(getattr(module, "__spec__", None), "_initializing", False)


def find(module, qualname):
    """What has the attribute, and what it is: None when it is not there."""
    owner, target = None, module
    for part in qualname.split("."):
        owner, target = target, attribute(target, part)
        if target is None:
            break
    return owner, target


def attribute(owner, name):
    """As it is kept, not as it is bound."""
    for each in getattr(owner, "__mro__", (owner,)):
        if name in getattr(each, "__dict__", ()):
            return each.__dict__[name]
    return None


def inner_function(target):
    if isinstance(target, (staticmethod, classmethod)):
        return target.__func__
    if isinstance(target, property):
        return target.fget
    return target


def test_of(rules):
    """How the door tells right calls: (test, attributes from the first argument or the parameter to its loop or a
    future's state, name of the parameter that it looks at or None)."""
    rules = [each for each in rules if RULES[each][WHEN] != "begun"] or rules
    rule = RULES[rules[0]]
    conditions = {RULES[each][WHEN] for each in rules}
    if conditions <= SUBMISSION:
        return SUBMITS, (), "loop"
    if conditions <= FETCHING:
        return FETCHES, ("_state",) if "pending" in conditions else (), "timeout" if "no-timeout" in conditions else None
    if len(rules) == 1 and rule[WHEN] in NOTED:
        return NOTED[rule[WHEN]], (), SECOND
    if len(rules) > 1 or rule[KIND] == "misuse":
        return NEVER, (), None
    if rule[KIND] != "loop-only":
        return IN_NO_TURN, (), None
    first, _, rest = (rule[LOOP] or "").partition(".")
    if first == "arg0":
        return AT_HOME, tuple(rest.split(".")) if rest else (), None
    if first in NOT_NAMED:
        return NOT_NAMED[first], (), None
    return (AT_HOME, tuple(rest.split(".")), first) if rest else (NAMED_HOME, (), first)


NOT_NAMED = {"": ON_A_LOOP, "main": IN_MAIN, "within": WITHIN}


def place_of(rules):
    """The rule whose site is wanted at each call before it is known whether it is broken."""
    return next((rule for rule in rules if RULES[rule][WHEN] == "forgotten"), QUIET)


def guard(target, has_self, test, path, parameter, place):
    """The guard's index, or why there is none."""
    kind = type(target).__name__
    if kind == "function":
        names = target.__code__.co_varnames[:target.__code__.co_argcount + target.__code__.co_kwonlyargcount]
        if parameter is SECOND:
            parameter = names[1] if len(names) > 1 else None
        position = names.index(parameter) if parameter in names else -1
        if FRAMES and parameter and position < 0:
            test, parameter = NEVER, None
        wanted = path, test, place, parameter, position
        done = guard_code(target, wanted) if FRAMES else _guard_function(target, wanted)
        positions[done] = position
        return done
    if kind in ("method_descriptor", "classmethod_descriptor", "builtin_function_or_method",
                "cython_function_or_method"):
        named = isinstance(parameter, str)
        return _guard_method(target, has_self, (path, NEVER if named else test, place, None, -1))
    return f"neither a Python function nor one of C: {kind}"


def guard_code(target, wanted):
    """3.11: the code itself asks before it begins."""
    code = target.__code__
    original = type(target)(code, target.__globals__, target.__name__, target.__defaults__,
                            target.__closure__)
    original.__kwdefaults__ = target.__kwdefaults__
    original.__qualname__ = target.__qualname__
    done = _guard_frame(original, wanted, -1 if has_more_than_positions(code) else code.co_argcount)
    if isinstance(done, str):
        return done
    index, door = done
    target.__code__ = with_door(code, door)
    return index


def has_more_than_positions(code):
    """*args, **kwargs, parameters by name only."""
    return code.co_flags & 12 or code.co_kwonlyargcount


def with_door(code, door):
    """
    result = door()
    if result is not door:
        return result
    """
    from opcode import _inline_cache_entries as caches, opmap
    start = bytearray()

    def add(name, argument=0):
        if argument > 255:
            start.extend((opmap["EXTENDED_ARG"], argument >> 8))
        start.extend((opmap[name], argument & 255))
        start.extend(bytes(2 * caches[opmap[name]]))
    constant = len(code.co_consts)
    add("PUSH_NULL")
    add("LOAD_CONST", constant)
    add("PRECALL")
    add("CALL")
    add("COPY", 1)
    add("LOAD_CONST", constant)
    add("IS_OP")
    add("POP_JUMP_FORWARD_IF_TRUE", 1)
    add("RETURN_VALUE")
    add("POP_TOP")
    units = len(start) // 2
    return code.replace(
        co_code=bytes(start) + code.co_code, co_consts=code.co_consts + (door,),
        co_stacksize=max(code.co_stacksize, 4),
        co_linetable=without_lines(units) + code.co_linetable,
        co_exceptiontable=moved_handlers(code.co_exceptiontable, units))


def without_lines(units):
    """Entries of the location table, of at most eight units each, that tell no line."""
    return bytes(0x80 | 15 << 3 | min(units - at, 8) - 1 for at in range(0, units, 8))


def moved_handlers(table, units):
    """The exception table for code that begins later: four numbers an entry, of six bits a byte."""
    numbers, number = [], 0
    for byte in table:
        number = number << 6 | byte & 63
        if not byte & 64:
            numbers.append(number)
            number = 0
    moved = bytearray()
    for at, number in enumerate(numbers):
        if at % 4 in (0, 2):  # where it starts, where its handler is
            number += units
        bytes_of = [number & 63]
        while number > 63:
            number >>= 6
            bytes_of.append(number & 63)
        bytes_of.reverse()
        first = len(moved)
        moved.extend(each | 64 for each in bytes_of[:-1])
        moved.append(bytes_of[-1])
        if at % 4 == 0:
            moved[first] |= 128
    return bytes(moved)


def watch_imports():
    """Modules end their import in a function of importlib's: its returns are heard of. Nothing of
    the program's, as sys.meta_path, changes."""
    done = guard(sys.modules["_frozen_importlib"]._load_unlocked, False, NEVER, (), None, TELL)
    if isinstance(done, int):
        guarded[done] = []


# --- loops and threads ---

def met(loop, native):
    """The thread of that native id, which is this one, runs that loop."""
    scan()
    try:
        reference = ref(loop)
    except TypeError:
        return
    loops[id(loop)] = reference, get_ident(), native, getpid()
    for known in [known for known, (one, *_) in loops.items() if one() is None]:
        del loops[known]


def is_running(loop):
    """In this process: a forked child inherits loops that look as if they ran."""
    known = loops.get(id(loop))
    if known and known[0]() is loop and known[3] != getpid():
        return False
    return loop.is_running()


def thread_of(loop):
    """(ident, native id or None) of the thread that runs it, (None, None) when that is not known."""
    ident = getattr(loop, "_thread_id", None)
    known = loops.get(id(loop))
    if known and known[0]() is loop and ident in (None, known[1]):
        return known[1], known[2]
    return ident, None


def thread_name(ident, native):
    threading = sys.modules.get("threading")
    thread = getattr(threading, "_active", {}).get(ident)
    number = native or getattr(thread, "native_id", None) or ident
    return f"thread {number} ({thread.name})" if thread else f"thread {number}"


def wrong_thread(loop):
    """What to say of a call that belongs to this loop's thread, None when this is it, or nobody runs
    the loop."""
    if loop is None or not is_running(loop):
        return None
    ident, native = thread_of(loop)
    here = get_ident()
    if ident == here or _running_loop() is loop:
        return None
    return f"called in {thread_name(here, get_native_id())}, its loop runs in " \
           f"{thread_name(ident, native)}"


def some_loop():
    """A loop that some thread runs, the one that was met first."""
    for reference, *_ in list(loops.values()):
        loop = reference()
        if loop is not None and is_running(loop):
            return loop
    return None
