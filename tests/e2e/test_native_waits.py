# SPDX-License-Identifier: MIT
"""Waits of compiled programs for another thread: judged by what they are, whatever they are made of."""
import subprocess

import pytest

PROGRAM = r"""
#include <condition_variable>
#include <future>
#include <mutex>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <thread>
#include <unistd.h>

static bool is_asleep(int tid)
{
    char path[64], text[256] = "";
    snprintf(path, sizeof path, "/proc/self/task/%d/stat", tid);
    FILE *file = fopen(path, "r");
    fread(text, 1, sizeof text - 1, file);
    fclose(file);
    return strncmp(strrchr(text, ')'), ") S", 3) == 0;
}

/* Comes when the main thread has been asleep for a while. */
template <typename Action> static std::thread later(Action action)
{
    return std::thread([action] {
        for (int asleep = 0; asleep < 5; asleep = is_asleep(getpid()) ? asleep + 1 : 0)
            usleep(10000);
        action();
    });
}

static std::mutex mutex;
static std::condition_variable condition;
static bool come;

__attribute__((noinline)) static void waits_for_condition()
{
    std::unique_lock<std::mutex> lock(mutex);
    while (!come)
        condition.wait(lock);
}

__attribute__((noinline)) static int waits_for_future(std::future<int> &future)
{
    return future.get();
}

__attribute__((noinline)) static int takes_what_is_there(std::future<int> &future)
{
    return future.get();
}

int main()
{
    int loop = epoll_create1(0), there = eventfd(1, 0);
    epoll_event event = {EPOLLIN, {}};
    epoll_ctl(loop, EPOLL_CTL_ADD, there, &event);
    std::promise<int> first, second;
    std::future<int> late = first.get_future(), early = second.get_future();
    second.set_value(1);
    std::thread sets = later([&] { first.set_value(1); });
    epoll_wait(loop, &event, 1, 1000);
    waits_for_future(late);
    takes_what_is_there(early);
    epoll_ctl(loop, EPOLL_CTL_DEL, there, &event);
    epoll_wait(loop, &event, 1, 1);
    std::thread notifies = later([] {
        std::lock_guard<std::mutex> lock(mutex);
        come = true;
        condition.notify_one();
    });
    waits_for_condition();
    close(loop);
    sets.join();
    notifies.join();
}
"""


@pytest.fixture
def program(tool, tmp_path):
    source = tmp_path / "waits.cpp"
    source.write_text(PROGRAM)
    made = tmp_path / "waits"
    subprocess.run([tool("g++"), "-g", "-O1", "-pthread", "-o", made, source], check=True)
    return made


def test_conditions_and_futures_of_cpp_are_waited_for_by_rule(offloop, steady, program):
    outcome = offloop.preload([program])
    assert outcome.status == 0, outcome.stderr
    found = {each["culprit"]["function"].partition("(")[0]: (each["rule"], each["severity"], each["count"])
             for each in outcome.violations}
    assert found == {"waits_for_condition": ("cond-wait", "error", 1),
                     "waits_for_future": ("cond-wait", "error", 1)}
