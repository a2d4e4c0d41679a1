# SPDX-License-Identifier: MIT
"""Native loops touched from the wrong thread, each with a right twin that stays silent."""
import subprocess

import pytest

from conftest import LIBRARY, ROOT, wait_until

VICTIMS = ROOT / "tests" / "programs"


def wrong(outcome):
    assert outcome.status == 0, outcome.stderr
    return [each for each in outcome.violations if each["kind"] == "loop-only"]


def one(outcome, function):
    found = wrong(outcome)
    assert [each["function"] for each in found] == [function], outcome.stderr
    violation = found[0]
    assert violation["severity"] == "error" and violation["family"] == "loop-api"
    assert not violation["thread"]["on_loop"]
    loops = [loop["tid"] for loop in outcome.report["runs"][0]["loops"]]
    assert f"called on thread {violation['thread']['tid']} (" in violation["argument"]
    assert any(f"loop runs on {loop} (" in violation["argument"] for loop in loops)
    assert violation["hint"]
    return violation


def silent(outcome):
    """Though loops were seen."""
    assert not wrong(outcome), outcome.stderr
    assert any(run["loops"] for run in outcome.report["runs"])


@pytest.fixture
def libuv(compiled):
    return compiled("wrong_libuv", package="libuv")


def test_libuv_from_another_thread(offloop, libuv):
    violation = one(offloop.preload([libuv, "wrong"]), "uv_timer_start")
    assert violation["rule"] == "uv_timer_start"
    assert "uv_async_send" in violation["hint"]


@pytest.mark.parametrize("how", ["right", "two"])
def test_libuv_on_its_own_thread(offloop, libuv, how):
    silent(offloop.preload([libuv, how]))


def test_libuv_blocked(offloop, libuv):
    outcome = offloop.preload([libuv, "wrong"], env={"OFFLOOP_POLICY": "uv_timer_start=block"})
    assert "result -1\n" in outcome.stdout
    assert one(outcome, "uv_timer_start")["blocked"]


def test_libuv_blocked_does_not_happen(offloop, many_libuv):
    """uv_unref() gives nothing back, so it can't be failed: one line at start says so."""
    plain = offloop.preload([many_libuv, "wrong-start"])
    assert plain.stdout.startswith("started 0 fired 1 referenced 0\n")
    outcome = offloop.preload([many_libuv, "wrong-start"], env={"OFFLOOP_POLICY": "loop-api=block"})
    assert outcome.stdout.startswith("started -1 fired 0 referenced 0\n")
    found = {each["function"]: each["blocked"] for each in wrong(outcome)}
    assert found == {"uv_timer_start": 1, "uv_unref": 0}
    told = [line for line in outcome.live_lines if "block acts as backtrace" in line]
    assert len(told) == 1 and "uv_unref" in told[0] and "uv_timer_start" not in told[0], told


def test_gtk_blocked(offloop, gtk):
    """What a pattern covers can't be failed."""
    outcome = gtk(offloop, "wrong", OFFLOOP_POLICY="gtk_*=block")
    assert not one(outcome, "gtk_label_set_text")["blocked"]
    assert any("block acts as backtrace: gtk_*" in line for line in outcome.live_lines)


def test_libuv_ignored(offloop, libuv):
    silent(offloop.preload([libuv, "wrong"], env={"OFFLOOP_POLICY": "loop-api=ignore"}))


@pytest.fixture
def many_libuv(compiled):
    return compiled("many_libuv", package="libuv")


@pytest.mark.parametrize("how", ["handed-on", "polled", "embedded", "reused", "in-a-row", "moved",
                                 "nested", "idle"])
def test_libuv_by_several_threads_rightly(offloop, many_libuv, how):
    outcome = offloop.preload([many_libuv, how])
    silent(outcome)
    assert outcome.stdout == "closed 0 0\n"


@pytest.mark.parametrize("how, function", [("wrong-other", "uv_timer_start"),
                                           ("wrong-after-others", "uv_timer_start"),
                                           ("wrong-outer", "uv_timer_start"),
                                           ("wrong-run", "uv_run")])
def test_libuv_by_several_threads_wrongly(offloop, many_libuv, how, function):
    outcome = offloop.preload([many_libuv, how])
    assert [each["function"] for each in wrong(outcome)] == [function]


@pytest.fixture
def libevent(compiled):
    return compiled("wrong_libevent", "-levent_core", "-levent_pthreads")


def test_libevent_without_locks(offloop, libevent):
    assert "evthread" in one(offloop.preload([libevent, "plain"]), "event_add")["hint"]


def test_libevent_with_locks(offloop, libevent):
    silent(offloop.preload([libevent, "locked"]))


@pytest.mark.parametrize("base", ["plain", "locked"])
def test_libevent_bufferevent_without_a_lock(offloop, libevent, base):
    one(offloop.preload([libevent, base, "bufferevent"]), "bufferevent_write")


def test_libevent_bufferevent_with_a_lock(offloop, libevent):
    silent(offloop.preload([libevent, "locked", "threadsafe"]))


@pytest.fixture
def many_libevent(compiled):
    return compiled("many_libevent", "-levent_core", "-levent_extra", "-levent_pthreads")


# What another thread does to an object, and what is told of it on a base without locks (also where
# only this base has none), and on one with.
ENABLED = ["bufferevent_enable", "bufferevent_setcb"]
TOUCHED = {
    "event": (["event_add"], []),
    "bufferevent": (["bufferevent_write"], ["bufferevent_write"]),
    "threadsafe": ([], []),
    "maker": (ENABLED, []),
    "output": (["evbuffer_add"], ["evbuffer_add"]),
    "output-got-there": (["evbuffer_add"], ["evbuffer_add"]),
    "threadsafe-output": ([], []),
    "locked-output": ([], []),
    "alone": ([], []),
    "after": ([], []),
    "deferred": (["evbuffer_add"], ["evbuffer_add"]),
    "locked-deferred": ([], []),
    "filter": (["bufferevent_write"], ["bufferevent_write"]),
    "threadsafe-filter": ([], []),
    "resolver": (["evdns_base_set_option"], []),
    "group": (["bufferevent_rate_limit_group_reset_totals"], []),
    "reply": (["evhttp_send_reply"], ["evhttp_send_reply"]),
    "filled-reply": ([], []),
    "client": (["evhttp_make_request"], ["evhttp_make_request"]),
    "client-option": (["evhttp_connection_set_timeout"], ["evhttp_connection_set_timeout"]),
}


@pytest.mark.parametrize("base", ["nolock", "locked"])
@pytest.mark.parametrize("what", TOUCHED)
def test_libevent_objects(offloop, many_libevent, base, what):
    found = wrong(offloop.preload([many_libevent, base, what]))
    assert sorted(each["function"] for each in found) == TOUCHED[what][base == "locked"]


@pytest.mark.parametrize("what", ["event", "alone", "output", "reply", "resolver", "group"])
@pytest.mark.parametrize("base", ["plain", "compat"])
def test_libevent_objects_without_evthread(offloop, many_libevent, base, what):
    found = wrong(offloop.preload([many_libevent, base, what]))
    assert sorted(each["function"] for each in found) == TOUCHED[what][0]


@pytest.mark.parametrize("name, right, wrongly, libraries", [
    ("many_libuv", ["handed-on"], ["wrong-other"], ["-luv"]),
    ("many_libevent", ["locked", "event"], ["plain", "event"],
     ["-levent_core", "-levent_extra", "-levent_pthreads"]),
    ("wrong_libev", ["right"], ["wrong"], ["-lev"]),
])
def test_loops_that_are_loaded_later(offloop, compiled, name, right, wrongly, libraries):
    """Nothing of the program itself imports them when it starts: their rules come with them."""
    plugin = compiled(name, "-shared", "-fPIC", "-Dmain=victim_main", *libraries)
    loader = compiled("load_main")
    silent(offloop.preload([loader, plugin, *right]))
    assert len(wrong(offloop.preload([loader, plugin, *wrongly]))) == 1
    told = offloop.preload([loader, plugin, *wrongly], env={"OFFLOOP_POLICY": "loop-api=ignore"})
    silent(told)


@pytest.fixture
def libev(compiled):
    return compiled("wrong_libev", "-lev")


def test_libev_from_another_thread(offloop, libev):
    assert "ev_async_send" in one(offloop.preload([libev, "wrong"]), "ev_timer_start")["hint"]


@pytest.mark.parametrize("how", ["right", "released"])
def test_libev_rightly(offloop, libev, how):
    silent(offloop.preload([libev, how]))


@pytest.fixture(params=["gtk+-3.0", "gtk4"])
def gtk(request, compiled, display):
    """A function that runs the victim with one version of GTK."""
    victim = compiled("wrong_gtk", package=request.param)

    def run(offloop, how, **more):
        return offloop.preload([victim, how],
                               env={"DISPLAY": display, "GDK_BACKEND": "x11", **more})
    return run


def test_gtk_from_another_thread(offloop, gtk):
    violation = one(gtk(offloop, "wrong"), "gtk_label_set_text")
    assert "g_idle_add" in violation["hint"]


@pytest.mark.parametrize("how", ["right", "safe"])
def test_gtk_rightly(offloop, gtk, how):
    outcome = gtk(offloop, how)
    silent(outcome)
    assert "done" in outcome.stdout


@pytest.mark.parametrize("version", ["3.0", "4.0"])
@pytest.mark.parametrize("how", ["wrong", "right"])
def test_gtk_of_python(offloop, python, programs, display, version, how):
    """PyGObject calls GTK through libffi, by what dlsym() gave."""
    probe = f"import gi; gi.require_version('Gtk', '{version}'); from gi.repository import Gtk"
    if subprocess.run([python.path, "-c", probe], env={"DISPLAY": display}, capture_output=True,
                      check=False).returncode:
        pytest.skip(f"PyGObject has no GTK {version}")
    outcome = offloop.preload([python.path, programs / "gi_gtk.py", version, how],
                              env={"DISPLAY": display, "GDK_BACKEND": "x11"})
    if how == "wrong":
        assert one(outcome, "gtk_label_set_text")["culprit"]["function"] == "touch"
    else:
        silent(outcome)


PROGRAMS_OF_GTK = {"zenity": ["--info", "--text", "hello"], "gtk4-demo": [],
                   "gtk4-widget-factory": []}


@pytest.mark.parametrize("inside", [False, True], ids=["as it is", "asked from a thread"])
@pytest.mark.parametrize("name", PROGRAMS_OF_GTK)
def test_programs_of_gtk(watched, tool, compiled, display, name, inside):
    """Programs that are not ours, with the threads that GTK and GLib have of their own."""
    preload = [str(LIBRARY)]
    if inside:
        preload.append(str(compiled("wrong_gtk_inside", "-shared", "-fPIC", package="glib-2.0")))
    env = {"DISPLAY": display, "GDK_BACKEND": "x11", "GSETTINGS_BACKEND": "memory",
           "LD_PRELOAD": ":".join(preload), "OFFLOOP_POLICY": "ignore,loop-api=report"}
    with watched([tool(name), *PROGRAMS_OF_GTK[name]], env=env) as process:
        wait_until(lambda: turns(process) > 8 and
                   (not inside or "error:" in process.stderr_text()), f"{name} turns", process=process)
    found = [each["function"] for each in process.outcome().violations]
    assert found == (["gtk_window_list_toplevels"] if inside else [])


def turns(process):
    """Of the busiest loop so far."""
    report = process.report_so_far()
    return max((loop["turns"] for run in report["runs"] for loop in run["loops"]), default=0) \
        if report else 0


@pytest.mark.parametrize("how", ["wrong", "right"])
def test_node_add_on(offloop, tool, tmp_path, how):
    """Most nodes define uv_* themselves; what an add-on imports of it is seen."""
    addon = tmp_path / "addon.node"
    done = subprocess.run(["gcc", "-shared", "-fPIC", VICTIMS / "wrong_addon.c", "-o", addon,
                           "-lpthread"], capture_output=True, text=True)
    if done.returncode:
        pytest.skip("uv.h is not installed")
    script = f"process.dlopen({{exports: {{}}}}, {str(addon)!r}); setTimeout(() => 0, 1000)"
    node = tool("node")
    outcome = offloop.preload([node, "-e", script], env={"ADDON": how})
    if how == "wrong":
        violation = one(outcome, "uv_timer_start")
        assert violation["culprit"]["module"].endswith("addon.node")
    else:
        silent(outcome)
    own = subprocess.run(["nm", "-D", "--defined-only", node], capture_output=True, text=True)
    told = "libuv inside the program" in str(outcome.report["runs"][0]["blind_spots"])
    assert told == (" uv_run\n" in own.stdout)  # Debian's node has libuv.so
