"""Native loops touched from the wrong thread, each with a right twin that stays silent."""
import os
import shutil
import subprocess

import pytest

from conftest import ROOT

VICTIMS = ROOT / "tests" / "programs"


def one(outcome, function):
    assert outcome.status == 0, outcome.stderr
    found = [each for each in outcome.violations if each["kind"] == "loop-only"]
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
    assert outcome.status == 0, outcome.stderr
    assert not [each for each in outcome.violations if each["kind"] == "loop-only"], outcome.stderr


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


def test_libuv_ignored(offloop, libuv):
    silent(offloop.preload([libuv, "wrong"], env={"OFFLOOP_POLICY": "loop-api=ignore"}))


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
def libev(compiled):
    return compiled("wrong_libev", "-lev")


def test_libev_from_another_thread(offloop, libev):
    assert "ev_async_send" in one(offloop.preload([libev, "wrong"]), "ev_timer_start")["hint"]


@pytest.mark.parametrize("how", ["right", "released"])
def test_libev_rightly(offloop, libev, how):
    silent(offloop.preload([libev, how]))


@pytest.fixture(scope="session")
def display(tmp_path_factory):
    """A private X server: its DISPLAY."""
    if not shutil.which("Xvfb"):
        pytest.skip("Xvfb is not installed")
    reader, writer = os.pipe()
    process = subprocess.Popen(["Xvfb", "-displayfd", str(writer), "-nolisten", "tcp"],
                               pass_fds=[writer], stderr=subprocess.DEVNULL)
    os.close(writer)
    with os.fdopen(reader) as said:
        number = said.readline().strip()
    yield f":{number}"
    process.terminate()
    process.wait()


def test_gtk_from_another_thread(offloop, compiled, display):
    victim = compiled("wrong_gtk", package="gtk+-3.0")
    violation = one(offloop.preload([victim, "wrong"], env={"DISPLAY": display}),
                    "gtk_label_set_text")
    assert "g_idle_add" in violation["hint"]


def test_gtk_rightly(offloop, compiled, display):
    silent(offloop.preload([compiled("wrong_gtk", package="gtk+-3.0"), "right"],
                           env={"DISPLAY": display}))


@pytest.mark.parametrize("how", ["wrong", "right"])
def test_node_add_on(offloop, tool, tmp_path, how):
    """node defines uv_* itself; what an add-on imports of it is seen."""
    addon = tmp_path / "addon.node"
    done = subprocess.run(["gcc", "-shared", "-fPIC", VICTIMS / "wrong_addon.c", "-o", addon,
                           "-lpthread"], capture_output=True, text=True)
    if done.returncode:
        pytest.skip("uv.h is not installed")
    script = f"process.dlopen({{exports: {{}}}}, {str(addon)!r}); setTimeout(() => 0, 1000)"
    outcome = offloop.preload([tool("node"), "-e", script], env={"ADDON": how})
    if how == "wrong":
        violation = one(outcome, "uv_timer_start")
        assert violation["culprit"]["module"].endswith("addon.node")
    else:
        silent(outcome)
    assert "libuv inside the program" in str(outcome.report["runs"][0]["blind_spots"])
