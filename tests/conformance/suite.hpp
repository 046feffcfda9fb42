// SPDX-License-Identifier: MIT
#pragma once

#include "determinism.hpp"
#include "for_each.hpp"
#include "indices.hpp"
#include "products.hpp"
#include "reduce.hpp"
#include "rows.hpp"
#include "storage.hpp"

/// The laws of a backend, as tensor/backend.hpp states them.
namespace conformance {

/// Holds what `make()` gives to every law.
template <class Make> void every_law(Make const& make) {
  auto const b = make();
  using B = std::remove_const_t<decltype(b)>;
  static_assert(fovea::backend<B>);
  auto const law = [&](char const* name, void (*holds)(B const&)) {
    SECTION(name) {
      holds(b);
      looked_at();
    }
  };
  law("make gives the extents", make_gives_the_extents<B>);
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
  law("rows keep NaN to themselves", rows_keep_nan_to_themselves<B>);
  law("for_each_index visits each index once", for_each_index_visits_each_once<B>);
  law("for_each_index gathers", for_each_index_gathers<B>);
  law("multiply multiplies", multiply_multiplies<B>);
  law("multiply multiplies large matrices", multiply_multiplies_large<B>);
  law("multiply takes static extents", multiply_takes_static_extents<B>);
  law("epilogues take every kind of operand", epilogues_take_every_kind_of_operand<B>);
  law("multiply takes empty matrices", multiply_takes_empty_matrices<B>);
  law("multiply keeps what is not finite", multiply_keeps_what_is_not_finite<B>);
  law("runs give the same bits", runs_give_the_same_bits<B>);
  law("threads share a backend", threads_share_a_backend<B>);
  law("losses do not depend on the place", losses_do_not_depend_on_the_place<B>);
  law("updates do not depend on the place", updates_do_not_depend_on_the_place<B>);
  law("formulas do not depend on the place", formulas_do_not_depend_on_the_place<B>);
  law("products do not depend on the place", products_do_not_depend_on_the_place<B>);
}

}  // namespace conformance
