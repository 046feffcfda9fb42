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

/// The outcome of checking a law; `declined` means that it was not checked.
enum class outcome { passed, failed, declined };

/// The outcome of one law. `why` is empty for a law that holds; else it describes the value found, the index and the value
/// expected, or the reason why the law was not checked.
struct law_result {
  std::string law;
  outcome became;
  std::string why = {};
};

/// Thrown by a law that does not hold.
struct broken_law : std::runtime_error {
  using std::runtime_error::runtime_error;
};
/// Thrown by a law that cannot be checked here.
struct declined_law : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// The outcomes of all laws for one backend or tensor type. `operator<<` prints them as a table.
class report {
 public:
  explicit report(std::string name) : name_(std::move(name)) {}

  std::string const& name() const { return name_; }
  std::vector<law_result> const& laws() const { return laws_; }
  std::size_t count(outcome o) const {
    return static_cast<std::size_t>(
        std::count_if(laws_.begin(), laws_.end(), [o](auto const& l) { return l.became == o; }));
  }
  /// True if at least one law passed and none failed.
  bool passed() const { return count(outcome::failed) == 0 && count(outcome::passed) != 0; }
  explicit operator bool() const { return passed(); }

  /// Calls `holds` and adds the law's outcome: passed if it returns, declined if it throws `declined_law`, failed if it
  /// throws any other std::exception.
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
  for (auto const& l : r.laws()) width = (std::max)(width, l.law.size());
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
