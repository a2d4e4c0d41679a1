# The Python half of the bridge, second part: decides on calls that did not prove right at their door, and follows what
# run_coroutine_threadsafe() gave. It continues bridge.py, whose rules hold here as well.

# --- judging ---

def judge(guard, args, kwargs):
    """None when the call is right, or (index of the rule that it breaks, what to show)."""
    try:
        for index in guarded[guard]:
            rule = RULES[index]
            said = KINDS[rule[KIND]](rule, args, kwargs)
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
            return submitted(result, kwargs["coro"] if "coro" in kwargs else args[0],
                             kwargs["loop"] if "loop" in kwargs else args[-1], site)
        elif not result.done():
            submissions[id(result)][1][IDLE] = site
    except Exception as error:
        _blind("a call of a Python callable", f"could not be followed: {type(error).__name__}: {error}")
    return None


def judge_loop_only(rule, args, kwargs):
    found, loop = home(rule, args, kwargs)
    if not found:
        loop = some_loop()
        if _running_loop() is not None:
            return None
    return wrong_thread(loop)


def home(rule, args, kwargs):
    """(True, the callable's loop), or (False, None) when the rule does not lead to one."""
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
        value = kwargs.get(first)
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


def judge_wait(rule, args, kwargs):
    """What the import machinery calls is part of an import, which the C library's calls tell."""
    if sys._getframe(2).f_code.co_filename.startswith(("<frozen importlib", "<frozen zipimport")):
        return None
    condition = CONDITIONS[rule[WHEN]] if rule[WHEN] else subject
    if condition is pending:
        taken(args[0])
    return condition(*args, **kwargs) if _in_turn() else None


def judge_misuse(rule, args, kwargs):
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
    return about(future)


def no_timeout(future, timeout=None):
    if timeout is not None or _in_turn() or id(future) not in submissions or future.done():
        return None
    home = submissions[id(future)][1][HOME]()
    stands = home is not None and not is_running(home)
    return "the loop does not run" if stands else "waits for ever if the loop stops"


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
    note = idle.pop(id(coro_or_future), None)
    if note:
        note[IDLE] = None
        _follow(0, 0, len(idle))


def same_loop(coro, loop):
    return "submitted from the thread of the same loop" if _running_loop() is loop else None


def forgotten(coro, loop):
    """Known when the future is gone: see submitted()."""


def taken(future, callback=None):
    """Whoever looks at the outcome has fetched it, but for the loop's own machinery."""
    known = submissions.get(id(future))
    if known and getattr(callback, "__qualname__", "") != "_chain_future.<locals>._call_check_cancel":
        known[1][TAKEN] = True


CONDITIONS = {"pending": pending, "no-timeout": no_timeout, "any-pending": any_pending,
              "empty": empty, "full": full, "alive": alive, "unset": unset,
              "by-path": by_path, "not-imported": not_imported, "from-a-file": from_a_file,
              "not-running": not_running, "begun": begun, "same-loop": same_loop, "forgotten": forgotten,
              "taken": taken}
OBSERVERS = {"pending", "no-timeout", "taken"}  # see every call: who fetches an outcome


# --- outcomes that nobody fetches ---

submissions = {}  # id of a future of run_coroutine_threadsafe: (reference to it, note)
idle = {}  # id of a coroutine that a loop which did not run has not taken up yet: note
SITE, TAKEN, OUTCOME, HOME, IDLE, KEY = range(6)  # of a note; IDLE: the site of the other rule
SUBMISSIONS = 4096  # followed at a time


def submitted(future, coro, loop, site):
    """Follows it; the rule that another site is wanted for."""
    if len(submissions) >= SUBMISSIONS:
        return None
    note = [site, False, None, ref(loop), None, id(coro)]
    key = id(future)

    def over(done):
        note[IDLE] = None
        if done.cancelled():
            return
        error = done._exception
        if error is not None:
            note[OUTCOME] = f"{type(error).__name__} was raised"
        elif done._result is not None:
            note[OUTCOME] = f"a result, {type(done._result).__name__}"

    def gone(reference):
        submissions.pop(key, None)
        idle.pop(note[KEY], None)
        _follow(key, -1, len(idle))
        complain(note)
    submissions[key] = ref(future, gone), note
    _follow(key, 1, len(idle))
    future.add_done_callback(over)
    if is_running(loop):
        return None
    idle[note[KEY]] = note
    _follow(key, 0, len(idle))
    return next((index for index, rule in enumerate(RULES) if rule[WHEN] == "not-running"), None)


def complain(note):
    home = note[HOME]()
    if note[IDLE] is not None and note[IDLE] >= 0 and (home is None or not is_running(home)):
        _tell(note[IDLE], "the loop did not run: nor did the coroutine", "it never ran")
        note[IDLE] = None
    if note[OUTCOME] and not note[TAKEN]:
        note[TAKEN] = True
        _tell(note[SITE], note[OUTCOME], "nobody fetched it")


def at_exit():
    """The interpreter ends: what it would be asked by is taken apart from now on."""
    for _, note in list(submissions.values()):
        complain(note)
    _end()


def about(future):
    known = submissions.get(id(future))
    here = _running_loop()
    if known and here is not None and known[1][HOME]() is here:
        return "it runs on this very loop: it never ends"
    return "it is not done"
