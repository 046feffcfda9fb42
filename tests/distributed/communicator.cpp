// SPDX-License-Identifier: MIT
#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include <fovea/backends/host.hpp>
#include <fovea/distributed/threads.hpp>
#include <fovea/testing/check_communicator.hpp>

#include "../catch.hpp"

namespace {

using host = fovea::host_backend<double>;

/// Has what the concept asks for, and no more.
struct archetype {
  archetype() = delete;
  std::size_t rank() const;
  std::size_t size() const;
  template <class T> void all_reduce(host const&, std::span<T>) const;
  template <class T> void reduce_scatter(host const&, std::span<T const>, std::span<T>) const;
  template <class T> void all_gather(host const&, std::span<T const>, std::span<T>) const;
  template <class T> void broadcast(host const&, std::span<T>, std::size_t) const;
  template <class T> void exchange(host const&, std::size_t, std::span<T const>, std::span<T>) const;
  void barrier(host const&) const;
  void fail(std::string const&) const;
};
static_assert(fovea::communicator<archetype, host>);
static_assert(fovea::communicator<fovea::alone, host> && fovea::communicator<fovea::threads, host>);
static_assert(!fovea::communicator<int, host>);

/// The counter-example: adds in an order of its own on each rank.
struct drifting : fovea::threads {
  explicit drifting(fovea::threads const& c) : fovea::threads(c) {}
  template <class B, class T> void all_reduce(B const& b, std::span<T> numbers) const {
    std::vector<T> all(numbers.size() * size());
    all_gather(b, std::span<T const>(numbers), std::span<T>(all));
    for (std::size_t i = 0; i != numbers.size(); ++i) {
      numbers[i] = 0;
      for (std::size_t r = 0; r != size(); ++r) numbers[i] += all[(rank() + r) % size() * numbers.size() + i];
    }
  }
};

std::string failed_laws(fovea::testing::report const& report) {
  std::string names;
  for (auto const& law : report.laws())
    if (law.became == fovea::testing::outcome::failed) names += law.law + "; ";
  return names;
}

}  // namespace

TEST_CASE("every communicator obeys the laws") {
  CHECK(failed_laws(fovea::testing::check_communicator(host{}, fovea::alone{})).empty());
  for (std::size_t ranks = 1; ranks <= 4; ++ranks) {
    std::vector<std::string> failed(ranks);
    fovea::on_threads(ranks, [&](fovea::threads const& c) {
      failed[c.rank()] = failed_laws(fovea::testing::check_communicator(host{}, c));
    });
    CHECK(failed == std::vector<std::string>(ranks));
  }
}

TEST_CASE("the laws find ranks that drift apart") {
  std::vector<std::string> failed(3);
  fovea::on_threads(3, [&](fovea::threads const& c) {
    failed[c.rank()] = failed_laws(fovea::testing::check_communicator(host{}, drifting(c)));
  });
  CHECK(failed[0] == "sums have the same bits; ");
}

TEST_CASE("a thread that fails ends the others, which learn why") {
  std::vector<std::string> learned(3);
  auto const run = [&] {
    fovea::on_threads(3, [&](fovea::threads const& c) {
      try {
        if (c.rank() == 1) throw std::runtime_error("no coffee");
        c.barrier(host{});
      } catch (fovea::distributed_error const& e) {
        learned[c.rank()] = e.what();
        throw;
      }
    });
  };
  CHECK_THROWS_AS(run(), std::exception);
  CHECK(learned == std::vector<std::string>{"rank 1 failed: no coffee", "", "rank 1 failed: no coffee"});
  CHECK_THROWS_AS(fovea::on_threads(0, [](fovea::threads const&) {}), fovea::argument_error);
}
