/* SPDX-License-Identifier: MIT */
/* For programs built with a sanitizer: exceptions on a loop and across std::thread and std::async, through the
 * interceptors of both sides. */
#include <future>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "turn.h"

static int thrown;

static void throw_in_turn(int number)
{
    turn();
    hit();
    if (number % 2)
        throw std::runtime_error("odd " + std::to_string(number));
}

static int as_task(int number)
{
    if (number == 2)
        throw std::out_of_range("two");
    return number;
}

int main()
{
    for (int i = 0; i < 6; i++)
        try {
            throw_in_turn(i);
        } catch (const std::exception &error) {
            thrown++;
        }
    std::vector<std::future<int>> tasks;
    for (int i = 0; i < 4; i++)
        tasks.push_back(std::async(std::launch::async, as_task, i));
    for (auto &task : tasks)
        try {
            printf("%d\n", task.get());
        } catch (const std::out_of_range &error) {
            puts(error.what());
        }
    std::thread([] { hit(); }).join();
    printf("%d thrown\n", thrown);
    close(epfd);
    return 0;
}
