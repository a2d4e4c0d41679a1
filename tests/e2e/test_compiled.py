# SPDX-License-Identifier: MIT
"""Programs with others' code built into them: the culprit is the user's line, not the standard library's."""
import subprocess

import pytest

EPOLL_RUST = """\
#[repr(C, packed)]
struct Event { events: u32, data: u64 }
extern "C" {
    fn epoll_create1(flags: i32) -> i32;
    fn epoll_wait(fd: i32, events: *mut Event, max: i32, timeout: i32) -> i32;
}
pub fn turns(work: &dyn Fn(i32)) {
    let fd = unsafe { epoll_create1(0) };
    let mut event = Event { events: 0, data: 0 };
    for turn in 0..3 {
        unsafe { epoll_wait(fd, &mut event, 1, 5) };
        work(turn);
    }
}
"""

RUST = EPOLL_RUST + """\
struct Shop { file: &'static str }
impl Shop {
    fn read(&self) -> usize {
        std::fs::read(self.file).unwrap().len() //: read
    }
}
impl Drop for Shop {
    fn drop(&mut self) {
        std::fs::metadata(self.file).unwrap(); //: drop
    }
}
fn names() -> Vec<usize> {
    ["/etc/passwd"].iter().map(|name| {
        std::fs::read_to_string(name).unwrap().len() //: closure
    }).collect()
}
fn main() {
    turns(&|turn| if turn == 1 {
        let shop = Shop { file: "/etc/hosts" };
        println!("{} {:?}", shop.read(), names());
    });
}
"""

CPP = """\
#include <algorithm>
#include <fstream>
#include <functional>
#include <iostream>
#include <memory>
#include <string>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <thread>
#include <vector>

struct Shop {
    std::string read(const std::string &name)
    {
        std::ifstream file(name); //: ifstream
        std::string line;
        std::getline(file, line);
        return line;
    }
    ~Shop()
    {
        struct stat status;
        stat("/etc", &status); //: destructor
    }
};

static void rest()
{
    std::this_thread::sleep_for(std::chrono::milliseconds(1)); //: sleep
}

static void each(const std::vector<std::string> &names)
{
    std::for_each(names.begin(), names.end(), [](const std::string &name) {
        struct stat status;
        lstat(name.c_str(), &status); //: lambda
    });
}

int main()
{
    std::function<void()> work = [] {
        auto shop = std::make_unique<Shop>();
        std::cout << shop->read("/etc/hosts").size() << std::endl;
        rest();
        each({"/etc"});
    };
    struct epoll_event event;
    int loop = epoll_create1(0);
    for (int i = 0; i < 3; i++) {
        epoll_wait(loop, &event, 1, 1);
        if (i == 1)
            work();
    }
}
"""

HELPER_C = """\
#include <fcntl.h>
#include <unistd.h>
int helper_open(const char *path)
{
    int fd = open(path, O_RDONLY);
    if (fd >= 0)
        close(fd);
    return fd;
}
"""

USER_C = """\
#include <sys/epoll.h>
int helper_open(const char *path);
int main(void)
{
    struct epoll_event event;
    int loop = epoll_create1(0), sum = 0;
    for (int i = 0; i < 3; i++) {
        epoll_wait(loop, &event, 1, 1);
        sum += helper_open("/etc/hosts"); //: user
    }
    return sum == 99;
}
"""


def marked(text):
    return {line.split("//: ")[1]: number for number, line in enumerate(text.splitlines(), 1)
            if "//: " in line}


def places(outcome, rules):
    """(rule, base name of the file, line) of the culprits."""
    return {(each["rule"], (each["culprit"]["file"] or "?").rsplit("/", 1)[-1],
             each["culprit"]["line"]) for each in outcome.violations if each["rule"] in rules}


def build(folder, *words):
    subprocess.run([str(word) for word in words], cwd=folder, check=True, capture_output=True)


@pytest.mark.parametrize("flags", [["-g"], ["-g", "-O"], ["-g", "-O", "-Cforce-frame-pointers=no"]],
                         ids=["debug", "optimised", "no-frame-pointers"])
def test_rusts_standard_library_is_not_the_culprit(offloop, tool, tmp_path, flags):
    (tmp_path / "shop.rs").write_text(RUST)
    build(tmp_path, tool("rustc"), *flags, "shop.rs")
    outcome = offloop.run([tmp_path / "shop"], cwd=tmp_path)
    assert outcome.status == 0, outcome.stderr
    line = marked(RUST)
    assert places(outcome, {"open", "stat"}) == {
        ("open", "shop.rs", line["read"]), ("stat", "shop.rs", line["drop"]),
        ("open", "shop.rs", line["closure"])}
    assert len({each["id"] for each in outcome.violations}) == 3


def test_rusts_functions_are_known_by_their_symbols_too(offloop, tool, tmp_path):
    """Without debug information there are no lines; the id is the same."""
    (tmp_path / "shop.rs").write_text(RUST)
    build(tmp_path, tool("rustc"), "-g", "shop.rs")
    with_lines = offloop.run([tmp_path / "shop"], cwd=tmp_path)
    build(tmp_path, tool("strip"), "-g", "shop")
    without = offloop.run([tmp_path / "shop"], cwd=tmp_path)
    assert {each["culprit"]["line"] for each in without.violations} == {None}
    assert {each["id"] for each in without.violations} == \
        {each["id"] for each in with_lines.violations}


def test_a_crate_of_the_registry_is_not_the_culprit(offloop, tool, tmp_path):
    """As cargo lays it out, without the network: the crate's path is all that tells."""
    crate = tmp_path / "cargo/registry/src/index.crates.io-6f17d22bba15001f/reader-1.0.0/src"
    crate.mkdir(parents=True)
    (crate / "lib.rs").write_text("pub fn load(name: &str) -> usize "
                                  "{ std::fs::read(name).unwrap().len() }\n")
    user = EPOLL_RUST + 'fn main() { turns(&|_| { reader::load("/etc/hosts"); }); }\n'
    (tmp_path / "app.rs").write_text(user)
    build(tmp_path, tool("rustc"), "-g", "--crate-type", "rlib", crate / "lib.rs", "--crate-name",
          "reader")
    build(tmp_path, tool("rustc"), "-g", "app.rs", "--extern", "reader=libreader.rlib")
    outcome = offloop.run([tmp_path / "app"], cwd=tmp_path)
    assert places(outcome, {"open"}) == {("open", "app.rs", len(user.splitlines()))}


@pytest.mark.parametrize("compiler", ["g++", "clang++"])
@pytest.mark.parametrize("flags", [["-g", "-O0"], ["-g", "-O2"]], ids=["debug", "optimised"])
def test_templates_of_cpps_standard_library_are_not_the_culprit(offloop, tool, tmp_path, compiler,
                                                                flags):
    (tmp_path / "shop.cc").write_text(CPP)
    build(tmp_path, tool(compiler), *flags, "-std=c++17", "shop.cc", "-o", "shop")
    outcome = offloop.run([tmp_path / "shop"], cwd=tmp_path)
    assert outcome.status == 0, outcome.stderr
    line = marked(CPP)
    assert places(outcome, {"open", "stat", "sleep"}) == {
        ("open", "shop.cc", line["ifstream"]), ("stat", "shop.cc", line["destructor"]),
        ("stat", "shop.cc", line["lambda"]), ("sleep", "shop.cc", line["sleep"])}


@pytest.mark.parametrize("folder", ["vendor/helper", "third_party", "subprojects/helper-1.0"])
def test_vendored_code_is_not_the_culprit(offloop, tool, tmp_path, folder):
    (tmp_path / folder).mkdir(parents=True)
    (tmp_path / folder / "helper.c").write_text(HELPER_C)
    (tmp_path / "user.c").write_text(USER_C)
    build(tmp_path, tool("gcc"), "-g", "user.c", f"{folder}/helper.c", "-o", "user")
    outcome = offloop.run([tmp_path / "user"], cwd=tmp_path)
    assert places(outcome, {"open"}) == {("open", "user.c", marked(USER_C)["user"])}


def test_a_project_that_lies_in_such_a_folder_is_its_own(offloop, tool, tmp_path):
    project = tmp_path / "vendor/project"
    project.mkdir(parents=True)
    (project / "helper.c").write_text(HELPER_C)
    (project / "user.c").write_text(USER_C)
    build(project, tool("gcc"), "-g", "user.c", "helper.c", "-o", "user")
    outcome = offloop.run([project / "user"], cwd=project)
    assert places(outcome, {"open"}) == {("open", "helper.c", 5)}
