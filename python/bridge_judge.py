# SPDX-License-Identifier: MIT
# The Python half of the bridge, second part: decides on calls that did not prove right at their door, and knows what
# waits for a loop to run. It continues bridge.py, whose rules hold here as well.

# --- judging ---

def judge(guard, args, kwargs):
    """None when the call is right, or (index of the rule that it breaks, what to show)."""
    try:
        for index in guarded[guard]:
            rule = RULES[index]
            said = KINDS[rule[KIND]](rule, args, kwargs, positions.get(guard, -1))
            if said is not None:
                return index, said
    except Exception as error:
        _blind("a call of a Python callable", f"could not be judged: {type(error).__name__}: {error}")
    return None


def returned(args, kwargs, result, rule, site):
    """A call of a guard that tells has returned; `site` is its place, where one was asked for by that rule. The next
    rule that one is asked for by, or None."""
    try:
        if rule < 0:
            scan()
        elif RULES[rule][WHEN] == "forgotten":
            return submitted(result, coro_of(args, kwargs), kwargs["loop"] if "loop" in kwargs else args[-1], site)
        elif not result.done():
            idle[id(coro_of(args, kwargs))][0] = site
    except Exception as error:
        _blind("a call of a Python callable", f"could not be followed: {type(error).__name__}: {error}")
    return None


def coro_of(args, kwargs):
    return kwargs["coro"] if "coro" in kwargs else args[0]


def judge_loop_only(rule, args, kwargs, position):
    found, loop = home(rule, args, kwargs, position)
    if not found:
        loop = some_loop()
        if _running_loop() is not None:
            return None
    return wrong_thread(loop)


def home(rule, args, kwargs, position):
    """(True, the callable's loop), or (False, None) when the rule does not lead to one. `position` is that of the
    parameter that names it."""
    first, *path = (rule[LOOP] or "").split(".")
    if first == "main":
        return True, main_loop()
    if first == "within":
        loop = _within(args[0], type(args[0]).__basicsize__,
                       tuple(one() for one, *_ in loops.values() if one() is not None))
        return loop is not None, loop
    if first == "arg0":
        value = args[0] if args else None
    else:
        value = args[position] if 0 <= position < len(args) else kwargs.get(first)
    for name in path:
        if not hasattr(value, name):
            return False, None
        value = getattr(value, name)
    return bool(first), value


def main_loop():
    main = sys.modules["threading"].main_thread().ident
    for reference, ident, *_ in list(loops.values()):
        if ident == main and reference() is not None:
            return reference()
    return None


def judge_wait(rule, args, kwargs, position):
    """What the import machinery calls is part of an import, which the C library's calls tell."""
    if sys._getframe(2).f_code.co_filename.startswith(("<frozen importlib", "<frozen zipimport")):
        return None
    condition = CONDITIONS[rule[WHEN]] if rule[WHEN] else subject
    return condition(*args, **kwargs) if _in_turn() else None


def judge_misuse(rule, args, kwargs, position):
    return CONDITIONS[rule[WHEN]](*args, **kwargs)


KINDS = {"loop-only": judge_loop_only, "blocking": judge_wait, "off-loop-only": judge_wait,
         "misuse": judge_misuse}


def subject(*args, **kwargs):
    """What a call is about: its first argument, or what follows an object that has no words."""
    words = [in_words(value) for value in args[:3]]
    return words[0] if words and words[0] else " ".join(word for word in words if word)


def in_words(value):
    if isinstance(value, (int, float)):
        return f"{value:g} s"
    if hasattr(value, "__fspath__"):
        value = value.__fspath__()
    if isinstance(value, bytes):
        value = value.decode("utf-8", "backslashreplace")
    return value if isinstance(value, str) else ""


# --- conditions: what `when=` names; None or what to show ---

def pending(future, timeout=None):
    if future.done() or timeout == 0:
        return None
    return about(future, timeout)


def no_timeout(future, timeout=None):
    loop = _submitted_to(future)
    if timeout is not None or _in_turn() or not loop or future.done():
        return None
    home = homes[loop]() if loop in homes else None
    return "waits for ever if the loop stops" if home and is_running(home) else "the loop does not run"


def any_pending(fs, timeout=None, return_when="ALL_COMPLETED"):
    if timeout == 0 or iter(fs) is fs:
        return None
    left = sum(not future.done() for future in fs)
    if not left or (return_when != "ALL_COMPLETED" and left < len(fs)):
        return None
    return f"{left} of {len(fs)} futures are not done"


def empty(queue, block=True, timeout=None):
    if not block or timeout == 0 or not queue.empty():
        return None
    return "the queue is empty"


def full(queue, item, block=True, timeout=None):
    if not block or timeout == 0 or not queue.full():
        return None
    return "the queue is full"


def alive(thread, timeout=None):
    """A thread that has run what it was made for, and so has no target any more, is at its very end. asyncio itself joins
    the thread that shut its executor down, which has said that it is done; uvloop, which has no frames, one that is
    named after the same function (from 3.10 on)."""
    inside = sys._getframe(3).f_globals.get("__name__", "").startswith("asyncio.") \
        or thread.name.endswith(" (_do_shutdown)") or not hasattr(thread, "_target")
    return f"{thread.name} is alive" if thread.is_alive() and timeout != 0 and not inside else None


def unset(event, timeout=None):
    """threading's own waits, for a thread to have started, are no user's."""
    inside = sys._getframe(3).f_globals.get("__name__") == "threading"
    return None if inside or event.is_set() or timeout == 0 else "the event is not set"


def by_path(file=".", *args, **kwargs):
    return None if isinstance(file, int) else subject(file)


def not_imported(name, package=None):
    dots = len(name) - len(name.lstrip("."))
    if dots and package:
        name = ".".join(package.split(".")[:1 - dots or None] + [name[dots:]])
    return None if name in sys.modules else name


def from_a_file(context, cafile=None, capath=None, cadata=None):
    return None if cafile is None and capath is None else subject(cafile or capath)


def not_running(coro, loop):
    """A loop that does not run may do so later: see submitted()."""
    if loop.is_closed():
        return "the loop is closed: the coroutine never runs"
    if loop.is_running() and not is_running(loop):
        return "the loop runs in the parent process: the coroutine never runs here"
    return None


def begun(coro_or_future, *, loop=None):
    """The loop takes up what was submitted to it."""
    taken_up(id(coro_or_future))


def same_loop(coro, loop):
    return "submitted from the thread of the same loop" if _running_loop() is loop else None


def known_later(*args, **kwargs):
    """What the door notes: who fetches an outcome, and whether there is one."""


CONDITIONS = {"pending": pending, "no-timeout": no_timeout, "any-pending": any_pending,
              "empty": empty, "full": full, "alive": alive, "unset": unset,
              "by-path": by_path, "not-imported": not_imported, "from-a-file": from_a_file,
              "not-running": not_running, "begun": begun, "same-loop": same_loop, "forgotten": known_later,
              "taken": known_later, "result-set": known_later, "exception-set": known_later}
SUBMISSION = {"not-running", "same-loop", "forgotten"}
FETCHING = {"pending", "no-timeout"}
NOTED = {"taken": TAKES, "result-set": RESOLVES, "exception-set": FAILS}


# --- what was submitted ---

idle = {}  # id of a coroutine that a loop which did not run has not taken up yet: [site or -1, loop, future]; references
homes = {}  # id of a loop that something was submitted to: reference to it


def submitted(future, coro, loop, site):
    """Not by the short way: its loop does not run, or did not when it was last submitted to. The rule that another site
    is wanted for."""
    learn_home(loop)
    runs = is_running(loop)
    key = id(coro)
    if not runs:
        future.add_done_callback(lambda done: taken_up(key))
        idle[key] = [-1, ref(loop), ref(future, lambda gone: never_ran(idle.pop(key, None)))]
        _idle(len(idle))
    _follow(future, id(loop), site)
    if runs:
        return None
    return next((index for index, rule in enumerate(RULES) if rule[WHEN] == "not-running"), None)


def taken_up(key):
    """Or it is cancelled before that."""
    if idle.pop(key, None):
        _idle(len(idle))


def learn_home(loop):
    key = id(loop)
    if key not in homes:
        def gone(reference):
            homes.pop(key, None)
            _no_home(key)
        homes[key] = ref(loop, gone)
    if is_running(loop):
        base = sys.modules["asyncio"].BaseEventLoop
        own = getattr(type(loop), "is_running", None) is not base.is_running
        _home(key, "is_running" if own else "_thread_id", own)


def never_ran(note):
    if note is None:
        return
    _idle(len(idle))
    site, reference, _ = note
    loop = reference()
    if site >= 0 and (loop is None or not is_running(loop)):
        _tell(site, "the loop did not run: nor did the coroutine", "it never ran")


def at_exit():
    """The interpreter ends: what it would be asked by is taken apart from now on."""
    while idle:
        never_ran(idle.popitem()[1])
    _end()


def learn_own_callback():
    """By which a future that is cancelled cancels its task: the loop adds it when it takes a submission up."""
    for each in sys.modules["asyncio.futures"]._chain_future.__code__.co_consts:
        if getattr(each, "co_name", "") == "_call_check_cancel":
            _learn_own(each)


def about(future, timeout):
    loop = _submitted_to(future)
    if loop and loop == id(_running_loop()):
        return "it runs on this very loop: " + ("it never ends" if timeout is None else "not before the timeout is over")
    return "it is not done"
