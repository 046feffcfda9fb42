// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <tuple>

#include <fovea/backends/host.hpp>

/// Counts passes: `for_each` and `reduce`, over however many places.
template <class T> struct counting : fovea::host_backend<T> {
  std::shared_ptr<int> passes = std::make_shared<int>(0);
  template <class Domain, class F, class... O> void for_each(Domain const& d, F const& f, O const&... operands) const {
    ++*passes, fovea::host_backend<T>::for_each(d, f, operands...);
  }
  template <class Domain, class F, class... R, class... O>
  void reduce(Domain const& d, F const& f, std::tuple<R...> const& results, O const&... operands) const {
    ++*passes, fovea::host_backend<T>::reduce(d, f, results, operands...);
  }
};
