# SPDX-License-Identifier: MIT
"""Functions that rules files name: users' own, and blocking client libraries.

The victims are compiled here, each in the ways a linker offers: what decides is how a call reaches
its function (lazily, at once, without a PLT, through a read-only table, by dlsym).
"""
import shutil
import subprocess

import pytest

from conftest import ROOT, judged_loops

VICTIMS = ROOT / "tests" / "programs"
RULES = 'blocking guarded_* "in a worker"\n'
LINKED = {
    "lazy": ["-Wl,-z,lazy"],
    "now": ["-Wl,-z,now", "-Wl,-z,relro"],
    "no-plt": ["-fno-plt", "-Wl,-z,now", "-Wl,-z,relro"],
    "no-pie": ["-no-pie", "-fno-pie", "-Wl,-z,lazy"],
    "O0": ["-O0"],
}


def compile_c(output, *words, compiler="gcc"):
    if not shutil.which(compiler):
        pytest.skip(f"{compiler} is not installed")
    subprocess.run([compiler, "-O1", "-g", "-D_GNU_SOURCE", "-I", VICTIMS, *words, "-o", output],
                   check=True, timeout=60)
    return output


@pytest.fixture(scope="session")
def library(tmp_path_factory):
    """libguarded.so; what is linked against it lies beside it."""
    folder = tmp_path_factory.mktemp("guarded")
    return compile_c(folder / "libguarded.so", VICTIMS / "guarded.c", "-shared", "-fPIC",
                     "-fexceptions")


@pytest.fixture(scope="session")
def against(library):
    """A function that links a victim against libguarded.so."""
    def link(source, *flags, compiler="gcc"):
        name = "-".join([source, *(flag.strip("-").replace("/", "_") for flag in flags)])
        output = library.parent / name
        if output.exists():
            return output
        return compile_c(output, VICTIMS / source, *flags, "-L", library.parent, "-lguarded",
                         "-Wl,-rpath,$ORIGIN", "-lpthread", "-ldl", compiler=compiler)
    return link


@pytest.fixture
def rules(tmp_path):
    """A function that writes a rules file and gives the environment for it."""
    def write(text=RULES, **more):
        file = tmp_path / "own.rules"
        file.write_text(text)
        return {"OFFLOOP_RULES": file, **more}
    return write


def functions(outcome):
    return sorted(violation["function"] for violation in outcome.violations)


ALL = ["guarded_large", "guarded_many", "guarded_name", "guarded_outer", "guarded_pair",
       "guarded_sum", "guarded_wait"]


@pytest.mark.parametrize("flags", LINKED.values(), ids=LINKED)
def test_a_users_function_on_the_loop(offloop, against, rules, flags):
    outcome = offloop.preload([against("call_guarded.c", *flags), "on"], env=rules())
    assert (outcome.status, outcome.stdout) == (0, "done\n")  # every argument, every result
    assert functions(outcome) == ALL  # guarded_wait inside guarded_outer is a part of that
    wait = next(each for each in outcome.violations if each["function"] == "guarded_wait")
    assert (wait["rule"], wait["kind"], wait["severity"]) == ("guarded_*", "blocking", "error")
    assert wait["hint"] == "in a worker"
    assert wait["total_ns"] >= 20_000_000
    assert wait["culprit"]["module"].rpartition("/")[2].startswith("call_guarded")


@pytest.mark.parametrize("flags", LINKED.values(), ids=LINKED)
def test_a_users_function_off_the_loop(offloop, against, rules, flags):
    outcome = offloop.preload([against("call_guarded.c", *flags), "off"], env=rules())
    assert (outcome.status, outcome.stdout) == (0, "done\n")
    assert judged_loops(outcome.report)
    assert not outcome.violations


def test_calls_inside_the_library_count(offloop, against, rules):
    """guarded_outer is no rule here: what it calls through its own import slot is."""
    outcome = offloop.preload([against("call_guarded.c"), "on"],
                              env=rules('blocking guarded_wait "no"\n'))
    assert [(each["rule"], each["count"]) for each in outcome.violations] == [("guarded_wait", 1)] * 2
    assert {each["stack"][0]["function"] for each in outcome.violations} >= {"guarded_outer"}


def test_a_library_that_is_loaded_later(offloop, against, library, rules):
    plugin = compile_c(library.parent / "libplugin.so", VICTIMS / "plugin.c", "-shared", "-fPIC",
                       "-Wl,-z,lazy", "-L", library.parent, "-lguarded", "-Wl,-rpath,$ORIGIN")
    victim = compile_c(library.parent / "load_guarded", VICTIMS / "load_guarded.c", "-rdynamic",
                       "-ldl")
    outcome = offloop.preload([victim, "plugin", plugin], env=rules())
    assert (outcome.status, outcome.stdout) == (0, "done\n")
    assert functions(outcome) == ["guarded_wait"]
    assert outcome.violations[0]["culprit"]["module"].endswith("/libplugin.so")


def test_what_dlsym_gives(offloop, library, rules):
    victim = compile_c(library.parent / "load_guarded", VICTIMS / "load_guarded.c", "-rdynamic",
                       "-ldl")
    outcome = offloop.preload([victim, "symbol", library], env=rules())
    assert (outcome.status, outcome.stdout) == (0, "gives 6\ndone\n")
    assert functions(outcome) == ["guarded_wait"]
    blocked = offloop.preload([victim, "symbol", library],
                              env=rules('blocking guarded_wait fail=-3 "no"\n',
                                        OFFLOOP_POLICY="guarded_wait=block"))
    assert blocked.stdout == "gives -3\ndone\n"
    assert blocked.violations[0]["blocked"]
    assert blocked.violations[0]["total_ns"] < 1_000_000


# Loaded in a turn, called in the next one: through what dlsym() gave, and through the import slots of
# a plugin. `off` is another thread while the loop runs.
ANYWHERE = {"symbol": None, "lazy": ["-Wl,-z,lazy"], "now": ["-Wl,-z,now", "-Wl,-z,relro"],
            "no-plt": ["-fno-plt", "-Wl,-z,now", "-Wl,-z,relro"],
            "c++": ["-x", "c++", "-Wl,-z,lazy"]}


@pytest.fixture(params=ANYWHERE)
def anywhere(request, library):
    """The words of the program, but for the last one, and what it prints."""
    folder, name = library.parent, request.param
    victim = compile_c(folder / "load_anywhere", VICTIMS / "load_anywhere.c", "-lpthread", "-ldl")
    if ANYWHERE[name] is None:
        return [victim, library, "guarded_wait"], 6
    plugin = compile_c(folder / f"libanywhere-{name}.so", *ANYWHERE[name],
                       VICTIMS / "plugin_anywhere.c", "-shared", "-fPIC", "-L", folder, "-lguarded",
                       "-Wl,-rpath,$ORIGIN", compiler="g++" if name == "c++" else "gcc")
    return [victim, plugin, "call_guarded"], 7


@pytest.mark.parametrize("kind, wrong", [("loop-only", "off"), ("off-loop-only", "on")])
@pytest.mark.parametrize("where", ["on", "off"])
def test_threads_of_functions_that_are_loaded_later(offloop, anywhere, rules, kind, wrong, where):
    words, result = anywhere
    outcome = offloop.preload([*words, where], env=rules(f'{kind} guarded_wait "no"\n'))
    assert (outcome.status, outcome.stdout) == (0, f"gives {result}\n")
    assert judged_loops(outcome.report)
    found = [each for each in outcome.violations if each["kind"] == kind]
    assert [each["function"] for each in found] == (["guarded_wait"] if where == wrong else [])
    assert all("called on thread" in each["argument"] for each in found)


@pytest.mark.parametrize("kind, where", [("loop-only", "off"), ("off-loop-only", "on")])
def test_threads_of_functions_that_are_blocked(offloop, anywhere, rules, kind, where):
    words, result = anywhere
    outcome = offloop.preload([*words, where],
                              env=rules(f'{kind} guarded_wait fail=-3 "no"\n',
                                        OFFLOOP_POLICY="report,guarded_wait=block"))
    assert (outcome.status, outcome.stdout) == (0, f"gives {result - 6 - 3}\n")
    assert [each["blocked"] for each in outcome.of_rule("guarded_wait")] == [1]


@pytest.mark.parametrize("kind, wrong", [("loop-only", "off"), ("off-loop-only", "on")])
@pytest.mark.parametrize("where", ["on", "off"])
def test_threads_of_what_ctypes_calls(offloop, python, programs, library, rules, kind, wrong, where):
    outcome = offloop.preload([python.path, programs / "ctypes_call.py", library, where],
                              env=rules(f'{kind} guarded_wait "no"\n'))
    assert (outcome.status, outcome.stdout) == (0, "gives 6\n")
    assert judged_loops(outcome.report)
    found = [each for each in outcome.violations if each["kind"] == kind]
    assert [each["function"] for each in found] == (["guarded_wait"] if where == wrong else [])
    assert all(each["culprit"]["function"] == "call" for each in found)


def test_an_object_that_is_being_loaded_is_left_alone(offloop, library, rules):
    """The loop looks for new imports while the loader still writes to them."""
    folder = library.parent
    plugin = compile_c(folder / "libslow.so", *ANYWHERE["no-plt"], VICTIMS / "plugin_slow.c",
                       "-shared", "-fPIC", "-L", folder, "-lguarded", "-Wl,-rpath,$ORIGIN")
    victim = compile_c(folder / "load_slowly", VICTIMS / "load_slowly.c", "-lpthread", "-ldl")
    outcome = offloop.preload([victim, plugin], env=rules('blocking guarded_wait "no"\n'))
    assert (outcome.status, outcome.stdout) == (0, "gives 7\n")
    assert [each["function"] for each in outcome.of_rule("guarded_wait")] == ["guarded_wait"]


def test_a_child_that_is_forked_during_a_scan_scans(offloop, library, rules):
    """It does not have the thread that scanned, and the loader's lock must not be that thread's."""
    folder = library.parent
    plugins = [compile_c(folder / f"lib{name}.so", VICTIMS / "plugin_anywhere.c", "-shared", "-fPIC",
                         "-L", folder, "-lguarded", "-Wl,-rpath,$ORIGIN")
               for name in ("again", "child")]
    victim = compile_c(folder / "fork_scanned", VICTIMS / "fork_scanned.c", "-lpthread", "-ldl")
    outcome = offloop.preload([victim, *plugins], env=rules('blocking guarded_wait "no"\n'))
    assert (outcome.status, outcome.stdout) == (0, "60 of 60\n")
    assert sum(each["count"] for each in outcome.of_rule("guarded_wait")) == 60


def test_without_fail_a_block_is_a_backtrace(offloop, against, rules):
    outcome = offloop.preload([against("call_guarded.c"), "on"],
                              env=rules(OFFLOOP_POLICY="guarded_*=block"))
    assert (outcome.status, outcome.stdout) == (0, "done\n")
    assert not any(violation["blocked"] for violation in outcome.violations)
    assert any("without fail=VALUE" in line and "guarded_*" in line for line in outcome.live_lines)


def test_an_ignored_rule_patches_nothing(offloop, against, rules):
    outcome = offloop.preload([against("call_guarded.c"), "on"],
                              env=rules(OFFLOOP_POLICY="*=ignore"))
    assert (outcome.status, outcome.stdout) == (0, "done\n")
    assert judged_loops(outcome.report)
    assert not outcome.violations


def test_exceptions_jumps_and_cancellation_pass_through(offloop, against, rules):
    outcome = offloop.preload([against("throw_guarded.cc", compiler="g++"), ], env=rules())
    assert (outcome.status, outcome.stdout) == (0, "thrown\njumped\nunwound\ndone\n")
    assert functions(outcome) == ["guarded_throw"] * 3


def test_a_function_that_nobody_imports_is_a_blind_spot(offloop, against, rules):
    outcome = offloop.preload([against("call_guarded.c"), "on"],
                              env=rules('blocking guarded_wiat "no"\n'))
    spots = [spot for run in outcome.report["runs"] for spot in run["blind_spots"]]
    assert any("guarded_wiat" in str(spot) for spot in spots)


@pytest.mark.parametrize("line, told", [
    ("blocking f loop=arg0 \"x\"", "'loop=arg0' fits no function here"),
    ("loop-only f loop=argx \"x\"", "'loop=argx' fits no function here"),
    ("loop-only f fail=no \"x\"", "'fail=no' fits no function here"),
    ("loop-only", "takes a function"),
    ("safe", "safe takes a function"),
])
def test_a_bad_line_is_named(offloop, rules, line, told):
    outcome = offloop.preload(["true"], env=rules(line + "\n"))
    assert any("own.rules:1: " in each and told in each for each in outcome.live_lines)


def test_loop_only_and_off_loop_only(offloop, against, rules):
    text = 'off-loop-only guarded_wait "await it"\nloop-only guarded_name "on the loop"\n'
    on = offloop.preload([against("call_guarded.c"), "on"], env=rules(text))
    assert {violation["rule"] for violation in on.violations} == {"guarded_wait"}
    off = offloop.preload([against("call_guarded.c"), "off"], env=rules(text))
    assert not off.violations  # no loop runs yet: nobody is judged


@pytest.mark.holds_without_library("the command alone")
@pytest.mark.parametrize("name, words", [
    ("uv_timer_start", ["loop-only", "uv_async_send", "sees -1, errno EDEADLK"]),
    ("gtk_label_set_text", ["gtk_*", "g_idle_add", "block acts as backtrace"]),
    ("PQexec", ["blocking", "PQsendQuery"]),
    ("guarded_wait", ["guarded_*", "in a worker"]),
])
def test_explain_knows_rules_files(offloop, rules, name, words):
    outcome = offloop.command("explain", name, env=rules())
    assert outcome.status == 0, outcome.stderr
    text = " ".join(outcome.stdout.split())
    assert [word for word in words if word not in text] == []


# Clients. `offloop run --rules` takes the pack by its name.

@pytest.fixture(scope="session")
def clients(tmp_path_factory):
    return compile_c(tmp_path_factory.mktemp("clients") / "clients", VICTIMS / "clients.c", "-ldl")


def run_client(offloop, *words):
    outcome = offloop.run(words, options=["--rules", "blocking-clients"])
    if outcome.status == 77:
        pytest.skip(f"no library for {words[1]}")
    assert outcome.status == 0, outcome.stderr
    return {violation["rule"]: violation for violation in outcome.violations}


def test_sqlite(offloop, clients, tmp_path):
    found = run_client(offloop, clients, "sqlite", tmp_path / "data.db")
    assert found["sqlite3_exec"]["argument"] == "CREATE TABLE t (a)"
    assert found["sqlite3_exec"]["severity"] == "warning"
    assert "sqlite3_open" in found and "open" not in found


def test_curl(offloop, clients, server, free_port, python, tmp_path):
    port = free_port()
    with server([python.path, "-m", "http.server", port, "--bind", "127.0.0.1"], port=port,
                cwd=tmp_path):
        found = run_client(offloop, clients, "curl", f"http://127.0.0.1:{port}/")
    assert found["curl_easy_perform"]["count"] == 1
    assert "curl_multi_socket_action" in found["curl_easy_perform"]["hint"]


def test_postgresql(offloop, clients, postgres):
    found = run_client(offloop, clients, "postgres", postgres)
    assert found["PQexec"]["argument"] == "SELECT pg_sleep(0.05)"
    assert found["PQexec"]["total_ns"] >= 50_000_000
    assert "PQsendQuery" in found["PQexec"]["hint"]
    assert {"PQconnectdb", "PQexec"} <= set(found) and "poll" not in found
    assert found["PQconnectdb"]["argument"] is None  # it has the password in it


def test_clients_are_judged_only_when_asked(offloop, clients, tmp_path):
    outcome = offloop.run([clients, "sqlite", tmp_path / "data.db"])
    assert judged_loops(outcome.report)
    assert not [rule for rule in outcome.rules if rule.startswith("sqlite3")]
