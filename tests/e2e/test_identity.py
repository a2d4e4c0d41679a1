# SPDX-License-Identifier: MIT
"""Ids: two places are one only where they are one place, and one place stays one."""
import re
import shutil
import subprocess

import pytest

pytestmark = pytest.mark.usefixtures("steady")  # what was slow would be one more site

ONE = """\
import time
async def index(request):
    time.sleep(0.001)
"""

MANAGE = """\
import asyncio, sys
import {modules}
async def main():
    await asyncio.sleep(0.01)
    for index in [{functions}][:int(sys.argv[1])]:
        await index(None)
asyncio.run(main())
"""


def project(folder, files, **words):
    """Packages with those files, all alike, and a script that calls them one by one."""
    for file in files:
        path = folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(ONE)
    modules = [file[:-len(".py")].replace("/__init__", "").replace("/", ".") for file in files]
    script = folder / "manage.py"
    script.write_text(MANAGE.format(modules=", ".join(modules),
                                    functions=", ".join(f"{name}.index" for name in modules)))
    return script


def sleeps(outcome):
    """Ids of sleeps by file and line."""
    return {(each["culprit"]["file"], each["culprit"]["line"]): each["id"]
            for each in outcome.of_rule("sleep")}


def the_id(outcome):
    [only] = set(sleeps(outcome).values())
    return only


LAYOUTS = {
    "one_file_name_in_two_packages": ["orders/views.py", "users/views.py"],
    "two_packages": ["custom_components/foo/__init__.py", "custom_components/bar/__init__.py"],
    "a_module_and_one_in_a_package": ["views.py", "shop/views.py"],
}


@pytest.mark.parametrize("files", LAYOUTS.values(), ids=LAYOUTS)
def test_a_second_file_is_new_to_a_baseline_of_the_first(command, interpreter, tmp_path, files):
    script = project(tmp_path / "shop", files)
    run = ["run", "--log", "off", "--out"]
    command(*run, "first", "--", interpreter.path, script, "1")
    command("baseline", "first", "-o", "known")
    again = command(*run, "again", "--baseline", "known", "--", interpreter.path, script, "1")
    assert again.returncode == 0 and "new:" not in again.stderr, again.stderr
    both = command(*run, "both", "--baseline", "known", "--", interpreter.path, script, "2")
    assert both.returncode == 66 and f" shop/{files[1]}:3" in both.stderr
    assert f" shop/{files[0]}" not in both.stderr


def test_two_integrations_have_two_owners_and_two_ids(offloop, python, tmp_path):
    script = project(tmp_path, LAYOUTS["two_packages"])
    outcome = offloop.run([python.path, script, "2"], ["--rules", "homeassistant"])
    assert {each["culprit"]["owner"] for each in outcome.of_rule("sleep")} == \
        {"custom integration foo", "custom integration bar"}
    assert len(set(sleeps(outcome).values())) == 2


def test_functions_of_one_name_are_told_apart_by_their_scopes(offloop, interpreter, programs):
    """By lines of one function: one id. On 3.9 and 3.10, where code knows no qualified name, too."""
    file = programs / "scopes.py"
    lines = file.read_text().splitlines()
    named = {number: re.search(r"#: (\S+)$", line)[1] for number, line in enumerate(lines, 1)
             if "#: " in line and "QUALNAME" not in line}
    outcome = offloop.run([interpreter.path, file])
    found = {line: ident for (_, line), ident in sleeps(outcome).items()}
    assert found.keys() == named.keys()
    scopes = {}
    for line, name in named.items():
        scopes.setdefault(name, set()).add(found[line])
    assert all(len(each) == 1 for each in scopes.values()), scopes
    assert len(set.union(*scopes.values())) == len(scopes), scopes


def test_names_of_scopes_are_the_same_on_every_interpreter(command, interpreter, programs, tmp_path):
    """And are what baselines show."""
    file = programs / "scopes.py"
    expected = set(re.findall(r"#: (\S+)$", file.read_text(), re.MULTILINE)) - {"QUALNAME`,"}
    command("run", "--log", "off", "--out", "record", "--", interpreter.path, file)
    command("baseline", "record", "-o", "known")
    lines = [line.split("  ") for line in (tmp_path / "known").read_text().splitlines()
             if line and line[0] != "#"]
    assert {words[2] for words in lines if words[3] == "sleep"} == expected


def run_in(offloop, folder, words, **options):
    return offloop.run(words, cwd=folder, **options)


def test_an_id_does_not_depend_on_the_folder_or_on_where_the_run_started(offloop, python, tmp_path):
    here = project(tmp_path / "here", ["orders/views.py"])
    there = project(tmp_path / "there/deep", ["orders/views.py"])
    first = the_id(run_in(offloop, here.parent, [python.path, "manage.py", "1"]))
    assert the_id(run_in(offloop, there.parent, [python.path, "manage.py", "1"])) == first
    assert the_id(run_in(offloop, there.parent, [python.path, there, "1"])) == first
    assert the_id(run_in(offloop, "/", [python.path, here, "1"])) == first
    module = [python.path, "-c", f"import sys; sys.argv[1:] = '1'; sys.path.insert(0, {str(here.parent)!r}); "
                                 "import manage"]
    assert the_id(run_in(offloop, "/", module)) == first


def test_in_a_git_working_tree_paths_begin_at_its_top(offloop, python, tmp_path):
    """Two services with a module of one name are two, wherever each is started."""
    (tmp_path / ".git").mkdir()
    for service in ("orders", "users"):
        project(tmp_path / service, ["app/views.py"])
    orders = the_id(run_in(offloop, tmp_path / "orders", [python.path, "manage.py", "1"]))
    users = the_id(run_in(offloop, tmp_path / "users", [python.path, "manage.py", "1"]))
    assert orders != users
    assert the_id(run_in(offloop, tmp_path, [python.path, "orders/manage.py", "1"])) == orders
    assert the_id(run_in(offloop, "/", [python.path, tmp_path / "orders/manage.py", "1"])) == orders


def test_a_named_root_is_where_paths_begin(offloop, python, tmp_path):
    script = project(tmp_path / "work/shop", ["orders/views.py"])
    words = [python.path, script, "1"]
    (tmp_path / ".git").mkdir()
    whole = the_id(offloop.run(words, cwd=tmp_path))
    part = the_id(offloop.run(words, ["--source-root", script.parent], cwd=tmp_path))
    assert whole != part
    (tmp_path / ".git").rmdir()
    assert the_id(run_in(offloop, script.parent, words)) == part


TASK = """\
import asyncio, orders.views
async def main():
    await asyncio.sleep(0.01)
    await asyncio.create_task(orders.views.index(None))
asyncio.run(main())
"""


def test_an_installed_package_is_the_one_of_its_sources(offloop, python, tmp_path):
    """As an editable installation has it, and as a wheel's files lie."""
    project(tmp_path / "shop/src", ["orders/views.py"])
    site = tmp_path / "venv/lib/python3.11/site-packages"
    shutil.copytree(tmp_path / "shop/src/orders", site / "orders")
    (tmp_path / "start.py").write_text(TASK)
    installed, editable = [
        offloop.run([python.path, tmp_path / "start.py"], cwd=tmp_path / "shop",
                    env={"PYTHONPATH": path}) for path in (site, tmp_path / "shop/src")]
    [path] = {file for file, _ in sleeps(installed)}
    assert path.startswith(str(site))
    assert the_id(installed) == the_id(editable)


HELPER = """\
import asyncio, os, sys
def load_config():
    return os.stat("/etc")
async def test_one():
    await asyncio.sleep(0.01)
    load_config()
async def test_two():
    await asyncio.sleep(0.01)
    load_config()
async def main():
    await test_one()
    if len(sys.argv) > 1:
        await test_two()
asyncio.run(main())
"""


def test_a_new_caller_of_old_code_is_nothing_new(command, interpreter, tmp_path):
    """The place is the line in load_config(), whoever calls it: one site."""
    (tmp_path / "app.py").write_text(HELPER)
    run = ["run", "--log", "off", "--out"]
    command(*run, "first", "--", interpreter.path, "app.py")
    command("baseline", "first", "-o", "known")
    done = command(*run, "again", "--baseline", "known", "--report", "text", "--",
                   interpreter.path, "app.py", "more")
    assert done.returncode == 0 and "new:" not in done.stderr, done.stderr
    assert re.search("1 (site|violation), 2 hits", done.stdout) and " known" in done.stdout


@pytest.mark.holds_without_library("the command alone")
def test_a_baseline_of_older_ids_gets_one_line_and_is_written_anew(command, record, tmp_path):
    known = tmp_path / "known"
    known.write_text("# Baseline of offloop: sites that are known, one a line. Only the id counts;\n"
                     "# id  file  function  rule  call\n\n"
                     "7be423c3b3b4c347  app.py  handle  sleep  time.sleep  # until ticket 12\n")
    result = command("report", "--baseline", known, record("usual"))
    assert result.returncode == 66
    assert len([line for line in result.stderr.splitlines() if "older offloop" in line]) == 1
    assert command("baseline", record("usual"), "-o", known).returncode == 0
    result = command("report", "--baseline", known, record("usual"))
    assert result.returncode == 0 and "older" not in result.stderr
    assert "7be423c3b3b4c347" not in known.read_text()


LOCAL = """\
#include <fcntl.h>
#include <unistd.h>
static __attribute__((noinline)) void handle(void)
{
    int fd = open("/etc/hostname", O_RDONLY);
    if (fd >= 0)
        close(fd);
    __asm__ volatile("");
}
void NAME(void) { handle(); __asm__ volatile(""); }
"""

LOOP = """\
#include <sys/epoll.h>
void orders(void), users(void);
int main(void)
{
    struct epoll_event event;
    int loop = epoll_create1(0);
    for (int i = 0; i < 3; i++) {
        epoll_wait(loop, &event, 1, 1);
        orders();
        users();
    }
    return 0;
}
"""


@pytest.mark.parametrize("flags", [["-g"], ["-O2"]], ids=["debug", "symbols"])
def test_static_functions_of_two_files_are_two_places(offloop, tool, tmp_path, flags):
    def run(name):
        folder = tmp_path / name
        folder.mkdir(parents=True)
        (folder / "main.c").write_text(LOOP)
        for part in ("orders", "users"):
            (folder / f"{part}.c").write_text(LOCAL.replace("NAME", part))
        subprocess.run([tool("gcc"), *flags, "main.c", "orders.c", "users.c", "-o", "shop"],
                       cwd=folder, check=True)
        return {each["id"] for each in offloop.run([folder / "shop"], cwd=folder).of_rule("open")}
    first = run("a")
    assert len(first) == 2
    assert run("b") == first


PASSING = """\
import asyncio, os
SHAPES = [
    ("def f():\\n os.stat('/')\\nf()", "/srv/plugin{}/handlers/of/orders/main.py"),
    ("def f{}():\\n os.stat('/')\\nf{}()", "/srv/generated.py"),
    ("\\n" * 2 + "{lines}def f():\\n os.stat('/')\\nf()", "/srv/shifted.py"),
]
async def main():
    await asyncio.sleep(0)
    for code, file in SHAPES:
        for i in range(100):
            text = code.format(i + 100, i + 100, lines="\\n" * i)
            space = {"os": os}
            exec(compile(text, file.format(i + 100), "exec"), space)
            del space
asyncio.run(main())
"""


def test_freed_code_lends_its_name_to_nobody(offloop, interpreter, tmp_path):
    """Each is freed before the next is made, which gets its address."""
    program = tmp_path / "passing.py"
    program.write_text(PASSING)
    found = offloop.run([interpreter.path, program], env={"OFFLOOP_LOG": "off"}).of_rule("stat")
    by_file = {"/srv/generated.py": set(), "/srv/shifted.py": set()}
    for each in found:
        culprit = each["culprit"]
        by_file.setdefault(culprit["file"], set()).add((culprit["function"], culprit["line"]))
    assert len(by_file.pop("/srv/generated.py")) == 100
    assert len(by_file.pop("/srv/shifted.py")) == 100
    assert len(by_file) == 100 and all(len(each) == 1 for each in by_file.values())


VIEWS = """\
// a comment with { and ' in it
const fs = require('fs'), brackets = /[{"'/]/g, text = `x ${1 + 2} {`
class Orders { get() { return fs.readFileSync('/etc/hosts') } }
class Users extends Orders {
  get() { return fs.readFileSync('/etc/passwd') }
  static make(from = {}) { if (from) { return fs.readFileSync('/etc/hostname') } }
}
const api = {
  get() { return fs.readFileSync('/etc/group') },
  put: () => fs.readFileSync('/etc/fstab'),
}
function outer() {
  function inner() { fs.readFileSync('/etc/issue') }
  try { inner() } catch { }
}
exports.all = () => {
  new Orders().get(); new Users().get(); Users.make(); api.get(); api.put(); outer()
}
"""


def test_functions_of_javascript_are_known_by_path_and_class(command, tool, tmp_path):
    for folder in ("orders", "users"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "views.js").write_text(VIEWS)
    # once round the loop first: a timer that is due before the first wait is in no turn
    (tmp_path / "main.js").write_text(
        "setImmediate(() => setTimeout(() => { require('./orders/views').all(); "
        "require('./users/views').all() }, 1))\n")
    command("run", "--log", "off", "--out", "record", "--", tool("node"), "main.js")
    command("baseline", "record", "-o", "known")
    lines = [line.split("  ") for line in (tmp_path / "known").read_text().splitlines()
             if line.endswith("fs.readFileSync")]
    assert {tuple(words[1:3]) for words in lines} == {
        (f"{folder}/views.js", name) for folder in ("orders", "users")
        for name in ("Orders.get", "Users.get", "Users.make", "api.get", "api.put", "outer.inner")}
    assert len({words[0] for words in lines}) == 12
