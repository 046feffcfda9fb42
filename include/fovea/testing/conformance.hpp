// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <concepts>
#include <functional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <fovea/testing/laws/determinism.hpp>
#include <fovea/testing/laws/for_each.hpp>
#include <fovea/testing/laws/indices.hpp>
#include <fovea/testing/laws/learning.hpp>
#include <fovea/testing/laws/products.hpp>
#include <fovea/testing/laws/reduce.hpp>
#include <fovea/testing/laws/rows.hpp>
#include <fovea/testing/laws/storage.hpp>
#include <fovea/testing/laws/tensors.hpp>
#include <fovea/testing/report.hpp>

/// The conformance kit: checks any backend or tensor type against the laws that fovea relies on. It needs no test framework.
namespace fovea::testing {

/// Options of `check_backend`.
template <class B> struct backend_options {
  std::string name = "the backend";
  std::vector<B> twins = {};           // must give the same bits as the backend, e.g. with another number of threads
  std::vector<std::string> only = {};  // the names of the laws to check; empty: all
};

/// Checks a backend against every law of tensor/backend.hpp, and its results against those of `host_backend<double>`. Takes
/// seconds. Names in `only` that match no law are ignored; a report without any law does not pass.
///
///     auto const report = fovea::testing::check_backend(my_backend{}, {.name = "my_backend"});
///     std::cout << report;             // a table of the laws
///     return report.passed() ? 0 : 1;  // with Catch2: INFO(report); CHECK(report.passed());
template <backend B> report check_backend(B const& b, std::type_identity_t<backend_options<B>> const& options = {}) {
  report all(options.name);
  auto const wanted = [&](std::string const& name) {
    return options.only.empty() || std::find(options.only.begin(), options.only.end(), name) != options.only.end();
  };
  auto const law = [&](char const* name, void (*holds)(B const&)) {
    if (wanted(name)) all.look(name, [&] { holds(b); });
  };
  using namespace laws;
  law("empty has the extents", empty_has_the_extents<B>);
  law("copies round-trip", copies_round_trip<B>);
  law("copy refuses other shapes", copy_refuses_other_shapes<B>);
  law("for_each visits each place once", for_each_visits_each_place_once<B>);
  law("for_each reads every kind of operand", for_each_reads_every_kind_of_operand<B>);
  law("for_each converts other types", for_each_converts_other_types<B>);
  law("for_each writes several operands", for_each_writes_several<B>);
  law("for_each works in place", for_each_works_in_place<B>);
  law("for_each keeps what is not finite", for_each_keeps_what_is_not_finite<B>);
  law("for_each takes static extents", for_each_takes_static_extents<B>);
  law("reduce is accurate", reduce_is_accurate<B>);
  law("reduce adds small numbers to large ones", reduce_adds_small_numbers_to_large<B>);
  law("reduce folds several results and writes", reduce_folds_several_and_writes<B>);
  law("reduce leaves padding out", reduce_leaves_padding_out<B>);
  law("reduce keeps NaN", reduce_keeps_nan<B>);
  law("reduce of nothing is the identity", reduce_of_nothing_is_the_identity<B>);
  law("rows have a sum and a maximum", rows_have_sum_and_maximum<B>);
  law("rows read every kind of operand", rows_read_every_kind_of_operand<B>);
  law("rows are folded", rows_are_folded<B>);
  law("rows keep NaN to themselves", rows_keep_nan_to_themselves<B>);
  law("for_each_index visits each index once", for_each_index_visits_each_once<B>);
  law("for_each_index gathers", for_each_index_gathers<B>);
  law("multiply multiplies", multiply_multiplies<B>);
  law("multiply multiplies large matrices", multiply_multiplies_large<B>);
  law("multiply takes static extents", multiply_takes_static_extents<B>);
  law("epilogues take every kind of operand", epilogues_take_every_kind_of_operand<B>);
  law("multiply takes empty matrices", multiply_takes_empty_matrices<B>);
  law("batches are products", batches_are_products<B>);
  law("multiply keeps what is not finite", multiply_keeps_what_is_not_finite<B>);
  law("runs give the same bits", runs_give_the_same_bits<B>);
  law("threads share a backend", threads_share_a_backend<B>);
  law("losses do not depend on the place", losses_do_not_depend_on_the_place<B>);
  law("updates do not depend on the place", updates_do_not_depend_on_the_place<B>);
  law("formulas do not depend on the place", formulas_do_not_depend_on_the_place<B>);
  law("products do not depend on the place", products_do_not_depend_on_the_place<B>);
  law("wide products do not depend on the place", wide_products_do_not_depend_on_the_place<B>);
  law("losses agree with the reference", losses_agree_with_the_reference<B>);
  law("losses of rows agree with the reference", losses_of_rows_agree_with_the_reference<B>);
  law("gradients are slopes", gradients_are_slopes<B>);
  law("a network's gradient is the slope", a_networks_gradient_is_the_slope<B>);
  law("training agrees with the reference", training_agrees_with_the_reference<B>);
  law("captured steps are steps", captured_steps_are_steps<B>);
  law("a step allocates nothing", a_step_allocates_nothing<B>);
  if (wanted("twins give the same bits"))
    all.look("twins give the same bits", [&] {
      if (options.twins.empty()) throw declined_law("no twins were given");
      for (auto const& twin : options.twins) same_bits(b, twin, "a twin");
    });
  return all;
}

/// Options of `check_tensor`.
template <tensor T> struct tensor_options {
  std::string name = "the tensor type";
  std::function<T(laws::extents_of_tensor<T> const&)> empty = {};  // default: tensor_traits<T>::empty
  laws::all_extents<T> shapes = laws::shapes_of_rank<laws::rank_of<T>>();
};

/// Checks an adapted tensor type against every law of tensor/tensor.hpp. If tensor_traits<T> has no `empty`, as for a view,
/// the options need one; the elements must outlive the tensor. A type with a fixed shape needs `shapes`.
///
///     auto const report = fovea::testing::check_tensor<my_matrix>({.name = "my_matrix"});
///     auto const fixed = fovea::testing::check_tensor<std::array<float, 17>>({.shapes = {{17}}});
template <tensor T> report check_tensor(tensor_options<T> const& options = {}) {
  report all(options.name);
  auto empty = options.empty;
  if constexpr (requires(laws::extents_of_tensor<T> const& s) {
                  { traits_of<T>::empty(s) } -> std::same_as<T>;
                })
    if (!empty) empty = [](laws::extents_of_tensor<T> const& s) { return traits_of<T>::empty(s); };
  auto const law = [&](char const* name, auto const& holds) {
    all.look(name, [&] {
      if (!empty) throw broken_law("tensor_traits has no empty: give check_tensor one");
      if (all.count(outcome::failed) != 0) throw declined_law("what is broken above would be overrun");
      holds(empty, options.shapes);
    });
  };
  using empty_type = decltype(empty);
  law("it has its extents", laws::a_tensor_has_its_extents<T, empty_type>);
  law("it keeps its elements", laws::a_tensor_keeps_its_elements<T, empty_type>);
  law("its elements are in order", laws::elements_are_in_order<T, empty_type>);
  law("losses take it", laws::losses_take_it<T, empty_type>);
  law("other shapes are refused", laws::other_shapes_are_refused<T, empty_type>);
  law("networks take it", laws::networks_take_it<T, empty_type>);
  return all;
}

}  // namespace fovea::testing
