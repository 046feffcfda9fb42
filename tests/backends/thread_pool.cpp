// SPDX-License-Identifier: MIT
#include <atomic>
#include <initializer_list>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>
#if __has_include(<sys/wait.h>)
#include <sys/wait.h>
#include <unistd.h>
#endif

#include <fovea/backends/xtensor/thread_pool.hpp>

#include "../catch.hpp"

using fovea::xtensor_detail::thread_pool;
using sizes = std::initializer_list<std::size_t>;

namespace {
/// True if the pool runs each of the chunks exactly once.
bool runs_each_once(thread_pool& pool, std::size_t chunks) {
  std::vector<std::size_t> runs(chunks);
  pool.run(chunks, [&](std::size_t i) { ++runs[i]; });
  return runs == std::vector<std::size_t>(chunks, 1);
}
}  // namespace

TEST_CASE("a pool runs each chunk exactly once, for any number of chunks") {
  for (std::size_t threads : sizes{1, 2, 3, 8}) {
    thread_pool pool(threads);
    for (int again = 0; again != 200; ++again)
      for (std::size_t chunks : sizes{0, 1, 2, 3, 16, 100}) REQUIRE(runs_each_once(pool, chunks));
  }
}

TEST_CASE("a pool can be destroyed before its first run and right after a run") {
  for (int again = 0; again != 100; ++again) {
    thread_pool unused(4);
    thread_pool used(4);
    REQUIRE(runs_each_once(used, 16));
  }
}

TEST_CASE("a chunk may run chunks on its own pool") {
  thread_pool pool(3);
  std::vector<std::vector<std::size_t>> runs(6, std::vector<std::size_t>(5));
  pool.run(6, [&](std::size_t i) { pool.run(5, [&](std::size_t j) { ++runs[i][j]; }); });
  CHECK(runs == std::vector(6, std::vector<std::size_t>(5, 1)));
}

TEST_CASE("several threads may use one pool at the same time") {
  thread_pool pool(2);
  std::vector<int> good(4, 1);
  {
    std::vector<std::jthread> users;
    for (std::size_t user = 0; user != good.size(); ++user)
      users.emplace_back([&, user] {
        for (int again = 0; again != 500; ++again) good[user] &= runs_each_once(pool, 7);
      });
  }
  CHECK(good == std::vector<int>(4, 1));
}

TEST_CASE("the first exception of a chunk is rethrown when all threads have left f, and the pool goes on") {
  auto const caller = std::this_thread::get_id();
  for (std::size_t threads : sizes{1, 2, 3, 8}) {
    thread_pool pool(threads);
    for (bool const on_caller : {true, false}) {
      if (threads == 1 && !on_caller) continue;
      for (int again = 0; again != 50; ++again) {
        std::atomic<int> inside{0};
        auto const run = [&] {
          pool.run(64, [&](std::size_t i) {
            ++inside;
            bool const throws = (std::this_thread::get_id() == caller) == on_caller;
            if (!throws) std::this_thread::yield();
            --inside;
            if (throws) throw std::runtime_error("chunk " + std::to_string(i));
          });
        };
        try {  // which threads get a chunk is not certain
          run();
        } catch (std::runtime_error const& e) {
          CHECK(std::string(e.what()).find("chunk ") == 0);
        }
        CHECK(inside == 0);
      }
      CHECK(runs_each_once(pool, 100));
    }
    CHECK_THROWS_AS(pool.run(16, [](std::size_t) { throw std::runtime_error("each"); }), std::runtime_error);
    CHECK(runs_each_once(pool, 16));
  }
}

#if __has_include(<sys/wait.h>)
TEST_CASE("after a fork, a child runs on its own thread") {
  auto pool = std::make_unique<thread_pool>(3);
  REQUIRE(runs_each_once(*pool, 16));
  auto const child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    alarm(20);  // a child that waits for its parent's threads would wait for ever
    bool const good = runs_each_once(*pool, 16);
    pool.reset();
    _exit(good ? 0 : 1);
  }
  int status = -1;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK((WIFEXITED(status) && WEXITSTATUS(status) == 0));
  CHECK(runs_each_once(*pool, 16));
}
#endif
