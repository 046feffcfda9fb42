// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <fovea/losses/mean_squared_error.hpp>
#include <fovea/tensor/storage_order.hpp>

#include <fovea/testing/laws/learning.hpp>

/// The laws of a tensor type, as tensor/tensor.hpp states them. `empty(extents)` returns a tensor.
namespace fovea::testing::laws {

/// The rank with which the laws are checked: the tensor type's, or 2 if it is dynamic.
template <class T> inline constexpr std::size_t rank_of = traits_of<T>::rank == dynamic_rank ? 2 : traits_of<T>::rank;
template <class T> using extents_of_tensor = std::array<std::size_t, rank_of<T>>;
template <class T> using all_extents = std::vector<extents_of_tensor<T>>;

/// Returns shapes with every kind of tail, empty shapes last.
template <std::size_t Rank> std::vector<std::array<std::size_t, Rank>> shapes_of_rank() {
  std::vector<std::array<std::size_t, Rank>> all;
  for (std::size_t first : sizes{1, 2, 3, 5, 7, 16, 17, 33, 0})
    for (std::size_t last : sizes{1, 2, 5, 16, 31, 0}) {
      if (Rank == 1 && last != 1) continue;
      std::array<std::size_t, Rank> one;
      one.fill(2);
      one.back() = last, one.front() = first;
      all.push_back(one);
    }
  std::stable_partition(all.begin(), all.end(), [](auto const& a) { return shape(a).size() != 0; });
  return all;
}

template <class T> std::vector<value_of<T>> read_all(T const& t) {
  std::vector<value_of<T>> all(fovea::size(t));
  backend_of<T> const b{};
  b.copy(fovea::data(t), all.data(), all.size());
  b.synchronize();
  return all;
}
template <class T> void write_all(T& t, std::vector<value_of<T>> const& all) {
  backend_of<T> const b{};
  b.copy(all.data(), fovea::data(t), all.size());
  b.synchronize();
}

/// A tensor has the extents that `empty` was given.
template <class T, class Empty> void a_tensor_has_its_extents(Empty const& empty, all_extents<T> const& shapes) {
  for (auto const& s : shapes) {
    T const t = empty(s);
    hold(fovea::shape_of(t) == shape(s), "made with ", to_string(shape(s)), ", it has ", to_string(fovea::shape_of(t)));
  }
}

/// Elements read back as written, and `data` returns the same address before and after, for const and non-const tensors.
template <class T, class Empty> void a_tensor_keeps_its_elements(Empty const& empty, all_extents<T> const& shapes) {
  for (auto const& s : shapes) {
    T t = empty(s);
    auto const values = integers<value_of<T>>(fovea::size(t), 1);
    auto const* const at = fovea::data(std::as_const(t));
    write_all(t, values);
    hold(read_all(t) == values, to_string(shape(s)), ": what was written came back different");
    hold(fovea::size(t) == 0 || (fovea::data(t) == at && fovea::data(std::as_const(t)) == at), to_string(shape(s)),
         ": the elements have moved");
  }
}

/// The type of T's indices, so that no index converts.
template <class T> struct index_type {
  using type = int;
};
template <class T>
  requires requires { typename T::size_type; }
struct index_type<T> {
  using type = T::size_type;
};

/// The type's own access, t[i] or t(i, j), finds the elements in the order that the traits state.
template <class T, class Empty> void elements_are_in_order(Empty const& empty, all_extents<T> const& shapes) {
  using index = index_type<T>::type;
  auto const numbered = [&](auto const& s) {
    T t = empty(s);
    std::vector<value_of<T>> numbers(fovea::size(t));
    for (std::size_t i = 0; i != numbers.size(); ++i) numbers[i] = static_cast<value_of<T>>(i);
    write_all(t, numbers);
    return t;
  };
  if constexpr (!std::same_as<memory_of<T>, host_memory>) {
    throw declined_law("the host does not reach the elements");
  } else if constexpr (rank_of<T> == 1 && requires(T const& t, index i) { t[i] == value_of<T>{}; }) {
    for (auto const& s : shapes) {
      auto const t = numbered(s);
      for (std::size_t i = 0; i != s[0]; ++i)
        hold(t[static_cast<index>(i)] == static_cast<value_of<T>>(i), to_string(shape(s)), ", element ", i);
    }
  } else if constexpr (rank_of<T> == 2 && requires(T const& t, index i) { t(i, i) == value_of<T>{}; }) {
    for (auto const& s : shapes) {
      auto const t = numbered(s);
      for (std::size_t i = 0; i != s[0]; ++i)
        for (std::size_t j = 0; j != s[1]; ++j) {
          auto const position = order_of<T> == storage_order::column_major ? j * s[0] + i : i * s[1] + j;
          value_of<T> const is = t(static_cast<index>(i), static_cast<index>(j));
          hold(is == static_cast<value_of<T>>(position), to_string(shape(s)), ", row ", i, ", column ", j, ": ", is,
               " instead of ", position);
        }
    }
  } else {
    throw declined_law("it has no t[i] or t(i, j)");
  }
}

template <class T> void needs_real_numbers() {
  if (!real_tensor<T>) throw declined_law("its elements are not real numbers");
}

/// Losses read the tensor and write the gradient to one; both agree with the reference.
template <class T, class Empty> void losses_take_it(Empty const& empty, all_extents<T> const& shapes) {
  needs_real_numbers<T>();
  if constexpr (real_tensor<T>) {
    using V = value_of<T>;
    fovea::sigmoid_focal_loss const loss{};
    for (auto const& s : shapes) {
      T x = empty(s), y = empty(s), gradient = empty(s);
      auto const n = fovea::size(x);
      auto const xs = reals<V>(n, 1, -8, 8), ys = drawn<V>(n, 2, [](auto random) { return random % 2; });
      write_all(x, xs), write_all(y, ys);
      auto const want = reference::focal_loss({}, "", loss, {xs.begin(), xs.end()}, {ys.begin(), ys.end()});
      double const got = fovea::value_and_gradient(loss, x, y, gradient, fovea::reduction::sum);
      auto const slopes = read_all(gradient);
      hold_close(got, want.value, tolerance<V>::value * want.value, "a loss's value", 0);
      for (std::size_t i = 0; i != n; ++i)
        hold_close(slopes[i], want.gradient[i],
                   tolerance<V>::value * (std::abs(want.gradient[i]) + tolerance<V>::value), "a loss's gradient", i);
    }
  }
}

/// A loss of two tensors with different shapes throws `shape_error`, which names both shapes.
template <class T, class Empty> void other_shapes_are_refused(Empty const& empty, all_extents<T> const& shapes) {
  needs_real_numbers<T>();
  if constexpr (real_tensor<T>) {
    if (shapes.size() < 2 || shape(shapes[0]) == shape(shapes[1])) throw declined_law("there is one shape only");
    T x = empty(shapes[0]), y = empty(shapes[1]);
    std::string said = "no error";
    try {
      static_cast<void>(fovea::value(fovea::mean_squared_error{}, x, y));
    } catch (fovea::shape_error const& e) {
      said = e.what();
    }
    hold(said.find(to_string(shape(shapes[0]))) != said.npos && said.find(to_string(shape(shapes[1]))) != said.npos,
         "of ", to_string(shape(shapes[0])), " and ", to_string(shape(shapes[1])), " the error was '", said, "'");
  }
}

/// Returns the matrix whose rows are the samples.
template <class T> decltype(auto) samples_of(T& t) {
  if constexpr (order_of<T> == storage_order::column_major) return fovea::samples_in_columns(t);
  else return (t);
}

/// A network reads features from the tensor and writes outputs to one, with the same bits as on the backend's own tensors. The
/// samples are the rows of a row-major matrix, and the columns of a column-major one.
template <class T, class Empty> void networks_take_it(Empty const& empty, all_extents<T> const& shapes) {
  needs_real_numbers<T>();
  if constexpr (real_tensor<T> && rank_of<T> == 2) {
    using V = value_of<T>;
    backend_of<T> const b{};
    bool any = false;
    for (auto const& s : shapes) {
      if (s[0] == 0 || s[1] == 0) continue;
      any = true;
      auto const rows = order_of<T> == storage_order::column_major ? extents_of_tensor<T>{s[1], s[0]} : s;
      fovea::model m{b, fovea::sequential{fovea::linear{rows[1], rows[1]}, fovea::tanh{}}};
      T x = empty(s), predicted = empty(s);
      auto own = b.template empty<V>(rows);
      auto const xs = reals<V>(fovea::size(x), 1);
      write_all(x, xs), write_all(own, xs);
      auto const want = read_all(m.outputs(own));
      fovea::workspace<backend_of<T>> workspace;
      m.outputs(samples_of(x), workspace, samples_of(predicted));
      hold(read_all(predicted) == want, to_string(shape(s)),
           ": predictions differ from those of the backend's tensors");
      fovea::trainer trainer{b, m.network(), fovea::mean_squared_error{}, fovea::sgd{}};
      double const loss = trainer.step(samples_of(x), samples_of(predicted));
      hold(std::isfinite(loss), to_string(shape(s)), ": a step's loss is ", loss);
    }
    if (!any) throw declined_law("every shape is empty");
  } else {
    throw declined_law("a network's rows are of rank 2");
  }
}

}  // namespace fovea::testing::laws
