// The thread pool: every task runs once, in the part of its thread, whatever the pool's state.
#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <ctime>
#include <vector>

#include "backends/cpu/thread_pool.h"

namespace stint::cpu {

namespace {

TEST_CASE("Every task runs exactly once, for any number of threads and tasks", "[threads]") {
  for (int threads = 1; threads <= 5; ++threads) {
    auto pool = ThreadPool::Create(threads);
    REQUIRE(pool.ok());
    CHECK((*pool)->threads() == threads);
    for (int64_t tasks = 0; tasks < 40; ++tasks) {
      std::vector<std::atomic<int>> runs(static_cast<size_t>(tasks));
      std::atomic<bool> thread_in_range{true};
      (*pool)->ForEach(tasks, [&](int64_t task, int thread) {
        ++runs[static_cast<size_t>(task)];
        if (thread < 0 || thread >= threads) thread_in_range = false;
      });
      for (const auto& count : runs) REQUIRE(count.load() == 1);
      REQUIRE(thread_in_range.load());
    }
  }
}

TEST_CASE("Ranges cover all once, none longer than asked for", "[threads]") {
  auto pool = ThreadPool::Create(3);
  REQUIRE(pool.ok());
  for (const int64_t length : {1, 3, 8, 100}) {
    for (int64_t count = 0; count < 30; ++count) {
      std::vector<std::atomic<int>> runs(static_cast<size_t>(count));
      std::atomic<int64_t> longest{0};
      (*pool)->ForRanges(count, length, [&](int64_t begin, int64_t end, int) {
        int64_t most = longest.load();
        while (end - begin > most && !longest.compare_exchange_weak(most, end - begin)) continue;
        for (int64_t i = begin; i < end; ++i) ++runs[static_cast<size_t>(i)];
      });
      for (const auto& times : runs) REQUIRE(times.load() == 1);
      REQUIRE(longest.load() == std::min(count, length));
    }
  }
}

TEST_CASE("Which thread runs a task depends on the counts alone", "[threads]") {
  auto pool = ThreadPool::Create(3);
  REQUIRE(pool.ok());
  std::vector<int> first(20);
  (*pool)->ForEach(20,
                   [&](int64_t task, int thread) { first[static_cast<size_t>(task)] = thread; });
  for (int round = 0; round < 50; ++round) {
    std::vector<int> owner(20);
    (*pool)->ForEach(20,
                     [&](int64_t task, int thread) { owner[static_cast<size_t>(task)] = thread; });
    REQUIRE(owner == first);
  }
}

TEST_CASE("More threads than processors, and jobs of any size after each other", "[threads]") {
  auto pool = ThreadPool::Create(12);
  REQUIRE(pool.ok());
  int64_t wanted = 0;
  std::atomic<int64_t> sum{0};
  for (int64_t round = 0; round < 2000; ++round) {
    const int64_t tasks = round * 7 % 23;
    std::vector<int64_t> written(static_cast<size_t>(tasks));
    (*pool)->ForEach(tasks, [&](int64_t task, int) {
      written[static_cast<size_t>(task)] = task + round;
      sum += task;
    });
    wanted += tasks * (tasks - 1) / 2;
    for (int64_t task = 0; task < tasks; ++task) {
      REQUIRE(written[static_cast<size_t>(task)] == task + round);
    }
  }
  CHECK(sum.load() == wanted);
}

TEST_CASE("Parked workers wake for the next job", "[threads]") {
  auto pool = ThreadPool::Create(3);
  REQUIRE(pool.ok());
  for (int round = 0; round < 3; ++round) {
    const timespec pause = {0, 20'000'000};  // Far longer than workers spin.
    nanosleep(&pause, nullptr);
    std::atomic<int> runs{0};
    (*pool)->ForEach(9, [&](int64_t, int) { ++runs; });
    CHECK(runs.load() == 9);
  }
}

TEST_CASE("Jobs of several threads wait for each other", "[threads]") {
  auto created = ThreadPool::Create(2);
  REQUIRE(created.ok());
  struct Client {
    ThreadPool* pool = nullptr;
    std::vector<int> slots = std::vector<int>(64, 0);
    Thread thread;
  };
  Client clients[3];
  for (Client& client : clients) {
    client.pool = created->get();
    const auto run = [](void* argument) {
      auto& self = *static_cast<Client*>(argument);
      for (int round = 0; round < 200; ++round) {
        self.pool->ForEach(64, [&](int64_t task, int) { ++self.slots[static_cast<size_t>(task)]; });
      }
    };
    REQUIRE(client.thread.Start(run, &client).ok());
  }
  for (Client& client : clients) {
    client.thread.Join();
    CHECK(client.slots == std::vector<int>(64, 200));
  }
}

}  // namespace

}  // namespace stint::cpu
