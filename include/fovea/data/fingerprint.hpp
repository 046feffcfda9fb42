// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>
#include <tuple>
#include <type_traits>

#include <fovea/data/dataset.hpp>
#include <fovea/tensor/copy.hpp>
#include <fovea/tensor/shape.hpp>
#include <fovea/text/checksum.hpp>

namespace fovea::detail {

/// Returns a data set in words: its rows and a checksum of all its numbers.
template <class B, class X, class Y, class... D>
std::string fingerprint_of(B const& b, dataset<B, X, Y, D...> const& data) {
  checksum sum;
  auto const add = [&](auto const& x) {
    auto const s = fovea::shape_of(x);
    for (std::size_t i = 0; i != s.rank(); ++i) sum(std::to_string(s[i]));
    auto const values = detail::on_host(b, fovea::data(x), s.size());
    sum(values.data(), values.size() * sizeof values[0]);
  };
  if constexpr (tensor<std::remove_cvref_t<decltype(data.features)>>) add(data.features);
  else std::apply([&](auto const&... x) { (add(x), ...); }, data.features);
  add(data.targets);
  std::apply([&](D const&... o) { (add(o.numbers), ...); }, data.options);
  return std::to_string(data.rows()) + " rows with the checksum " + sum.words();
}

}  // namespace fovea::detail
