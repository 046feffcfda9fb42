// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace fraud {

struct options {
  std::string data, mode = "both", loss = "both", initial_weights, json, plots, save, load, score, checkpoint,
                    schedule = "constant";
  double gamma = 4, learning_rate = 1e-3, clip = 0;
  std::size_t epochs = 2, batch = 128, runs = 20, threads = 1, jobs = 1;
  std::uint64_t seed = 0;
  bool no_shuffle = false, download = false, quiet = false, resume = false;

  bool wants(std::string const& chosen, std::string const& one) const { return chosen == "both" || chosen == one; }
};

/// Parses the flags. Returns an exit code if the program should end: 0 after `--help`, 1 if that cannot be written, 2 after a usage
/// error.
std::optional<int> parse(int argc, char const* const* argv, options& o);

}  // namespace fraud
