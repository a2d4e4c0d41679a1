# SPDX-License-Identifier: MIT
"""The packs of loops against the headers that are installed: a function that takes a loop, a handle
or a request is a rule of its pack, or named there as safe."""
import fnmatch
import pathlib
import re

import pytest

from conftest import ROOT

TAKES = {
    "libuv": (["uv.h"], r"uv_(loop|handle|dir|stream|tcp|udp|pipe|tty|poll|timer|prepare|check|idle|"
                        r"async|process|fs_event|fs_poll|signal|req|getaddrinfo|getnameinfo|"
                        r"shutdown|write|connect|udp_send|fs|work|random)_t\s*\*"),
    "libevent": (["event2/*.h"], r"struct (event_base|event|bufferevent|evconnlistener|evhttp|"
                                 r"evhttp_request|evhttp_connection|evbuffer|evdns_base|evrpc_pool|"
                                 r"evrpc_base|evdns_server_port|evdns_server_request|"
                                 r"evhttp_bound_socket|evdns_getaddrinfo_request|"
                                 r"bufferevent_rate_limit_group)\b\s*\*"),
    "libev": (["ev.h"], r"\bEV_P_?\b|struct ev_loop\s*\*"),
}
LEAST = {"libuv": 170, "libevent": 200, "libev": 50}  # or the headers were not understood


def functions(text):
    """Name and parameters of what a header declares: at the outermost level, no types, no macros,
    no bodies."""
    text = re.sub(r"/\*.*?\*/|//[^\n]*", " ", text, flags=re.S)
    text = re.sub(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*$", "", text, flags=re.M)
    for found in re.finditer(r"([\w \t\n*]+?)\b(\w+)\s*\(([^;{}]*)\)[\w\s(),]*;", text):
        before, name, parameters = found.groups()
        if "typedef" not in before and "*" != parameters[:1] and name != "EV_CB_DECLARE":
            yield name, parameters, before.strip()


def pack(name):
    """What it judges, and what it names as safe."""
    lines = [line.split() for line in (ROOT / "rules" / f"{name}.rules").read_text().splitlines()]
    judged = {words[1] for words in lines if words[:1] == ["loop-only"]}
    safe = [words[1] for words in lines if words[:1] == ["safe"]]
    return judged, safe


def headers_of(name):
    found = [file for pattern in TAKES[name][0]
             for file in [*pathlib.Path("/usr/include").glob(pattern),
                          *pathlib.Path("/usr/include").glob(f"*-linux-gnu/{pattern}")]]
    return found or pytest.skip(f"the headers of {name} are not installed")


@pytest.mark.parametrize("name", TAKES)
@pytest.mark.holds_without_library("of tables and pages")
def test_every_function_is_judged_or_safe(name):
    headers = headers_of(name)
    takes = TAKES[name][1]
    taking = {function for header in headers
              for function, parameters, _ in functions(header.read_text())
              if re.search(takes, parameters)}
    judged, safe = pack(name)
    assert len(taking) >= LEAST[name], sorted(taking)
    left = {function for function in taking - judged
            if not any(fnmatch.fnmatchcase(function, glob) for glob in safe)}
    assert not left, sorted(left)


@pytest.mark.parametrize("name", TAKES)
@pytest.mark.holds_without_library("of tables and pages")
def test_nothing_is_judged_and_safe(name):
    judged, safe = pack(name)
    both = {(function, glob) for function in judged for glob in safe
            if fnmatch.fnmatchcase(function, glob)}
    assert not both, sorted(both)


def failures(name):
    """By function, what its caller sees when it is blocked; None: it can't be failed."""
    lines = (ROOT / "rules" / f"{name}.rules").read_text().splitlines()
    return {line.split()[1]: (re.search(r" fail=(\S+)", line) or [None, None])[1]
            for line in lines if line.startswith("loop-only")}


@pytest.mark.parametrize("name", TAKES)
@pytest.mark.holds_without_library("of tables and pages")
def test_failures_fit_what_the_functions_return(name):
    """A void function can't be failed, and one that returns a pointer gives NULL. `offloop explain`
    says what the pack says."""
    said = failures(name)
    for header in headers_of(name):
        for function, _, returns in functions(header.read_text()):
            failure = said.get(function)
            if returns.endswith("*"):
                assert failure in (None, "null"), function
            elif re.search(r"\bvoid$", returns):
                assert failure is None, function
            else:
                assert failure != "null", function


@pytest.mark.holds_without_library("of tables and pages")
def test_explain_says_what_can_not_be_failed(offloop):
    for function, failure in [("uv_timer_start", "-1"), ("uv_unref", None), ("uv_close", None),
                              ("event_active", None), ("event_add", "-1"), ("ev_break", None),
                              ("evbuffer_pullup", "0"), ("gtk_label_set_text", None)]:
        text = " ".join(offloop.command("explain", function).stdout.split())
        expected = f"its caller sees {failure}, errno EDEADLK" if failure else "can not be failed"
        assert expected in text, (function, text)


@pytest.mark.parametrize("name", ["loop-only", "loop-api"])
@pytest.mark.holds_without_library("of tables and pages")
def test_explain_of_a_kind_and_of_a_family(offloop, name):
    """Each function stands with those that can be failed, or with those that can't."""
    outcome = offloop.command("explain", name)
    assert outcome.status == 0
    failing, never = outcome.stdout.split("whose calls can not be failed safely")
    assert {"uv_timer_start", "event_add", "evhttp_make_request"} <= set(failing.split())
    assert {"uv_close", "gtk_*", "ev_io_start", "evhttp_send_reply"} <= set(never.split())
    for pack_name in TAKES:
        for function, failure in failures(pack_name).items():
            assert function in (failing if failure else never).split(), function
