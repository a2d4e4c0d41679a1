# SPDX-License-Identifier: MIT
"""What is generated from the command's tables: completion for bash and zsh, and man pages."""
import json
import os
import pathlib
import subprocess

import pytest

pytestmark = pytest.mark.holds_without_library("the command alone")

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("OFFLOOP_BUILD", ROOT / "build")).resolve()
OFFLOOP = BUILD / "report" / "offloop"
PAGES = ROOT / "docs" / "man"

# Completes the words given as bash would: it cuts them at '=' first, as COMP_WORDBREAKS says.
BASH = """\
source "$1"; shift
COMP_WORDS=()
for word; do
    if [[ $word == --*=* ]]; then
        COMP_WORDS+=("${word%%=*}" = "${word#*=}")
        [[ ${COMP_WORDS[-1]} ]] || unset 'COMP_WORDS[-1]'
    else
        COMP_WORDS+=("$word")
    fi
done
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
[[ $(complete -p offloop) == *"-F _offloop offloop" ]] || exit 9
_offloop offloop "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
printf '%s\\n' "${COMPREPLY[@]}"
"""


def describe(*command):
    return json.loads(subprocess.check_output([OFFLOOP, *command, "--describe"]))


def commands():
    return [command["name"] for command in describe()["commands"]]


@pytest.fixture
def complete(tmp_path):
    def call(*words):
        done = subprocess.run(["bash", "-c", BASH, "bash", BUILD / "report" / "offloop.bash",
                               "offloop", *words], cwd=tmp_path, capture_output=True, text=True)
        assert done.returncode == 0 and not done.stderr, done.stderr
        return set(done.stdout.split("\n")) - {""}
    return call


def test_bash_completes_commands(complete):
    assert complete("") == {*commands(), "--help", "--version"}
    assert complete("re") == {"report"}


@pytest.mark.parametrize("command", commands())
def test_bash_completes_every_option_of_every_command(complete, command):
    options = {"--" + option["long"] + ("=" if option["argument"] else "")
               for option in describe(command)["options"]}
    assert complete(command, "--") == options


def test_bash_completes_values(complete, tmp_path):
    (tmp_path / "known sites").write_text("")
    (tmp_path / "folder").mkdir()
    assert complete("report", "--format", "ju") == {"junit"}
    assert complete("report", "--format=s") == {"sarif"}
    assert complete("report", "--sort=") == {"time", "count", "max"}
    assert complete("run", "--fail-on=w") == {"warning"}
    assert complete("run", "--profile=h") == {"homeassistant"}
    assert complete("diff", "--format=") == {"text", "json"}
    assert complete("explain", "getad") == {"getaddrinfo"}
    assert complete("run", "--baseline=kno") == {"known sites"}
    assert complete("run", "--out", "") == {"folder"}


def test_bash_leaves_the_programs_words_alone(complete, tmp_path):
    (tmp_path / "app.py").write_text("")
    assert "python3" in complete("run", "--", "python3")
    assert complete("run", "--", "python3", "ap") == {"app.py"}
    assert complete("run", "--", "prog", "--fail-on") == set()


def test_zsh_takes_its_completion(tool, tmp_path):
    file = BUILD / "report" / "_offloop"
    assert file.read_text().startswith("#compdef offloop\n")
    script = ("fpath=($1 $fpath); autoload -Uz compinit; compinit -u -d $2; "
              "print -r -- $_comps[offloop]; autoload +X _offloop && functions _offloop")
    done = subprocess.run([tool("zsh"), "-f", "-c", script, "zsh", file.parent,
                           tmp_path / "dump"], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0 and done.stdout.startswith("_offloop\n"), done.stderr
    for command in commands():
        for option in describe(command)["options"]:
            assert f"--{option['long']}" in done.stdout


@pytest.mark.parametrize("command", commands())
def test_every_command_has_a_man_page_with_every_option(command):
    page = (BUILD / "report" / f"offloop-{command}.1").read_text().replace("\\-", "-")
    assert "@" not in page and f".B offloop {command}" in page
    for option in describe(command)["options"]:
        assert f"--{option['long']}" in page


def test_man_pages_are_set_without_a_warning(tool):
    for page in sorted((BUILD / "report").glob("*.1")):
        done = subprocess.run([tool("man"), "-l", "--warnings", page], capture_output=True,
                              text=True, env={**os.environ, "LC_ALL": "C.UTF-8", "MANPAGER": "cat"})
        assert done.returncode == 0 and not done.stderr, f"{page}: {done.stderr}"
        assert "offloop" in done.stdout


def test_the_main_page_names_every_command():
    page = (BUILD / "report" / "offloop.1").read_text().replace("\\-", "-")
    for command in commands():
        assert f".BR offloop-{command} (1)" in page
