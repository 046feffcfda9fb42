// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// The protocol of a competitor: it creates its data and prints an empty line. For each line on standard input it then
/// times all its rows, prints one JSON object per row, and an empty line. compare.py runs these rounds with all
/// competitors in turn; by hand, `echo | step_fovea` runs one round.
namespace timing {

struct options {
  double seconds = 0.1;  // per row and round
  std::size_t threads = 1;
  bool fastest = false;  // the fastest run of a round, where others use the processor, too; otherwise the median
};

struct row {
  std::string name;
  std::function<void()> run;
  double each = 1;                           // units of work per run; the reported time is per unit
  std::function<std::uint64_t()> bits = {};  // hash of the first run's result, if it must not depend on the threads
};

inline options read(int argc, char** argv) {
  options result;
  for (int i = 1; i + 1 < argc; i += 2) {
    std::string_view const name = argv[i];
    if (name == "--seconds") result.seconds = std::atof(argv[i + 1]);
    else if (name == "--threads") result.threads = static_cast<std::size_t>(std::atoi(argv[i + 1]));
    else if (name == "--time") result.fastest = std::string_view(argv[i + 1]) == "fastest";
  }
  if (argc % 2 == 0 || result.threads == 0) {
    std::fprintf(stderr, "usage: echo | %s [--seconds S] [--threads N] [--time median|fastest]\n", argv[0]);
    std::exit(2);
  }
  return result;
}

/// Makes the compiler assume that x is read, and that all memory is read and written.
template <class T> void keep(T const& x) { asm volatile("" : : "g"(&x) : "memory"); }

/// The FNV-1a hash, to compare results bitwise.
template <class T> std::uint64_t bits_of(std::span<T const> elements) {
  std::uint64_t hash = 14'695'981'039'346'656'037u;
  for (auto const byte : std::as_bytes(elements)) hash = (hash ^ static_cast<std::uint64_t>(byte)) * 1'099'511'628'211u;
  return hash;
}

inline double time_of(row const& r, options const& o) {
  using clock = std::chrono::steady_clock;
  std::vector<double> times;
  auto const begin = clock::now();
  for (auto from = begin;;) {
    r.run();
    auto const to = clock::now();
    times.push_back(std::chrono::duration<double>(to - from).count());
    if (std::chrono::duration<double>(to - begin).count() >= o.seconds) break;
    from = to;
  }
  auto const wanted = times.begin() + (o.fastest ? 0 : static_cast<std::ptrdiff_t>(times.size() / 2));
  std::nth_element(times.begin(), wanted, times.end());
  return *wanted / r.each;
}

inline int answer(options const& o, std::vector<row> const& rows) {
  for (auto const& r : rows) {
    r.run();  // warm-up: creates everything that is created on first use
    if (r.bits)
      std::printf("{\"row\": \"%s\", \"bits\": \"%016llx\"}\n", r.name.c_str(),
                  static_cast<unsigned long long>(r.bits()));
  }
  std::puts("");
  std::fflush(stdout);
  for (std::string line; std::getline(std::cin, line);) {
    for (auto const& r : rows) std::printf("{\"row\": \"%s\", \"seconds\": %.6g}\n", r.name.c_str(), time_of(r, o));
    std::puts("");
    std::fflush(stdout);
  }
  return 0;
}

}  // namespace timing
