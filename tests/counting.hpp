// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <memory>
#include <tuple>

#include <fovea/backends/host.hpp>

/// Counts passes, `for_each` and `reduce`, and the places that they run over.
template <class T> struct counting : fovea::host_backend<T> {
  std::shared_ptr<int> passes = std::make_shared<int>(0);
  std::shared_ptr<std::size_t> places = std::make_shared<std::size_t>(0);
  template <class Domain, class F, class... O> void for_each(Domain const& d, F const& f, O const&... operands) const {
    ++*passes, *places += d.size(), fovea::host_backend<T>::for_each(d, f, operands...);
  }
  template <class Domain, class F, class... R, class... O>
  void reduce(Domain const& d, F const& f, std::tuple<R...> const& results, O const&... operands) const {
    ++*passes, *places += d.size(), fovea::host_backend<T>::reduce(d, f, results, operands...);
  }
};
