// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <exception>
#include <ostream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace fovea::testing {

enum class outcome { passed, failed, declined };

/// What became of one law. `why` says what was found, at which index, and what was expected; or why nobody looked.
struct law_result {
  std::string law;
  outcome became;
  std::string why = {};
};

/// A law does not hold.
struct broken_law : std::runtime_error {
  using std::runtime_error::runtime_error;
};
/// A law cannot be looked at here.
struct declined_law : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// What became of each law, for one backend or tensor type. Streamed, it is a table.
class report {
 public:
  explicit report(std::string name) : name_(std::move(name)) {}

  std::string const& name() const { return name_; }
  std::vector<law_result> const& laws() const { return laws_; }
  std::size_t count(outcome o) const {
    return static_cast<std::size_t>(
        std::count_if(laws_.begin(), laws_.end(), [o](auto const& l) { return l.became == o; }));
  }
  /// Some law was looked at, and none failed.
  bool passed() const { return count(outcome::failed) == 0 && count(outcome::passed) != 0; }
  explicit operator bool() const { return passed(); }

  /// Looks at one law: a function that returns, or throws what it found. An error that it did not expect breaks it, too.
  template <class Law> void look(std::string name, Law const& holds) {
    try {
      holds();
      laws_.push_back({std::move(name), outcome::passed});
    } catch (declined_law const& e) {
      laws_.push_back({std::move(name), outcome::declined, e.what()});
    } catch (std::exception const& e) {
      laws_.push_back({std::move(name), outcome::failed, e.what()});
    }
  }

 private:
  std::string name_;
  std::vector<law_result> laws_;
};

inline std::ostream& operator<<(std::ostream& to, report const& r) {
  std::size_t width = 0;
  for (auto const& l : r.laws()) width = std::max(width, l.law.size());
  to << r.name() << '\n';
  for (auto const& l : r.laws()) {
    char const* const words[]{"passed", "FAILED", "declined"};
    to << "  " << l.law << std::string(width + 2 - l.law.size(), ' ') << words[static_cast<int>(l.became)]
       << (l.why.empty() ? "" : ": ") << l.why << '\n';
  }
  return to << "  " << r.count(outcome::passed) << " laws hold, " << r.count(outcome::failed) << " do not, "
            << r.count(outcome::declined) << " declined\n";
}

}  // namespace fovea::testing
