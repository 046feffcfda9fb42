// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

#include <fovea/layers/linear.hpp>
#include <fovea/layers/recurrent_cells.hpp>
#include <fovea/layers/require_real.hpp>
#include <fovea/layers/steps.hpp>
#include <fovea/tensor/multiply_batch.hpp>

namespace fovea {

namespace formulas {

struct add_two_biases {
  template <class T> FOVEA_HD constexpr void operator()(T& x, T const& a, T const& b) const { x = x + a + b; }
};

}  // namespace formulas

/// Which hidden states a recurrent layer returns: `all`, those of all steps; `last`, that of the last step; `with_state`, those of all
/// steps and, as further outputs, the state after the last step, from which the next part of a long sequence starts.
enum class hidden_states { all, last, with_state };

/// The recurrent layers `lstm`, `gru`, `rnn` and `relu_rnn`, of one direction and one layer: PyTorch's LSTM, GRU and RNN with
/// `batch_first`. `lstm<In, Hidden>` and the others take samples (steps, In), the steps known at compile time or at run time, and
/// return (steps, Hidden), (Hidden) with `hidden_states::last`, and with `hidden_states::with_state` a tuple of (steps, Hidden),
/// (Hidden) and, for an lstm, its cell (Hidden).
///
/// Further inputs, in this order: integers, one for each row, are the number of steps that count, as in a packed sequence of
/// PyTorch: the states after these steps are 0, and the last state is that of the last step that counts. Rows of (Hidden), two inputs
/// for an lstm and one for the others, are the state before the first step; without them it is 0.
///
/// Parameters have PyTorch's names, shapes and order of gates, and start uniform in +-1/sqrt(Hidden). `validate()` throws
/// `argument_error` unless both widths are at least 1; a length outside [1, steps] is an `argument_error`, too.
///
///     constexpr fovea::sequential net{fovea::input<32, 3>{}, fovea::gru<3, 64, fovea::hidden_states::last>{}, fovea::linear<64, 2>{}};
///     constexpr fovea::sequential padded{fovea::parallel{fovea::input<32, 3>{}, fovea::input<1>{}}, fovea::lstm<3, 64>{}};
///     constexpr fovea::sequential carried{fovea::parallel{fovea::input<32, 3>{}, fovea::input<64>{}},
///                                         fovea::gru<3, 64, fovea::hidden_states::with_state>{},
///                                         fovea::parallel{fovea::linear<64, 1>{}, fovea::identity{}}};
template <class Cell, std::size_t In, std::size_t Hidden, hidden_states Returned> struct recurrence {
  [[no_unique_address]] extent<In> in = {};
  [[no_unique_address]] extent<Hidden> hidden = {};

  template <class S> constexpr auto output(S const& given) const {
    auto const& sample = detail::sequence_of(given);
    using sequence = std::remove_cvref_t<decltype(sample)>;
    using known = detail::sample_traits<sequence>;
    constexpr std::size_t steps = known::all[0], width = known::last;
    constexpr bool may_fit = width == In || width == dynamic || In == dynamic;
    static_assert(may_fit, "fovea: a recurrent layer takes another number of features than the layer before it gives");
    if (may_fit && sample.extent(sequence::rank - 1) != in)
      throw shape_error(std::string(Cell::name) + " takes " + std::to_string(in) +
                        " features, the layer before it gives " + std::to_string(sample.extent(sequence::rank - 1)));
    require_state(given);
    extents<steps, Hidden> const all({sample.extent(0), hidden});
    extents<Hidden> const one({hidden});
    if constexpr (Returned == hidden_states::all) return all;
    else if constexpr (Returned == hidden_states::last) return one;
    else if constexpr (Cell::has_memory) return std::tuple{all, one, one};
    else return std::tuple{all, one};
  }
  template <class S> constexpr std::array<parameter_spec, 4> parameters(S const&) const {
    auto const matrix = [&](std::size_t columns) {
      return shape(std::array<std::size_t, 2>{Cell::gates * hidden, columns});
    };
    shape const bias(std::array<std::size_t, 1>{Cell::gates * hidden});
    return {
        {{"weight_ih_l0", matrix(in)}, {"weight_hh_l0", matrix(hidden)}, {"bias_ih_l0", bias}, {"bias_hh_l0", bias}}};
  }
  void validate() const {
    if (in == 0 || hidden == 0) throw argument_error(std::string(Cell::name) + ": widths must be at least 1");
  }
  template <class B, class S> void initialize(initialization<B> const& to, S const& sample) const {
    double const bound = 1 / std::sqrt(static_cast<double>(hidden));
    std::size_t i = 0;
    for (auto const& p : parameters(sample)) to.uniform(i++, p.extents.size(), bound);
  }
  template <class B, class X> void check_input(B const& b, char const* who, X const& x) const {
    if constexpr (detail::sequence_input<X>::has_lengths)
      detail::check_lengths(b, who, Cell::name, std::get<1>(x), fovea::sample_of(std::get<0>(x)).extent(0));
  }
  template <class P, class S> constexpr memory needs(S const& sample, std::size_t rows) const {
    auto const p = plan<P>(detail::sequence_of(sample).extent(0), rows);
    return P::differentiates ? memory{p.kept, p.scratch} : memory{0, p.kept + p.scratch};
  }

  template <class P, class X, class Y> void forward(P const& p, X const& input, Y const& y) const {
    detail::sequence_input const given{input};
    auto const& x = given.batch();
    if constexpr (detail::require_real<decltype(x)>() && takes_states_of<decltype(given)>()) {
      auto const m = memory_of<P>(p, x);
      auto const& b = p.backend;
      b.for_each_index(m.rows * m.steps, swap<P>(fovea::read_only(x).elements, m.x, m, in, false, given.lengths()));
      count_steps(p, m, given.lengths());
      for (std::size_t g = 0; g != Cell::gates; ++g) {
        auto const of_input = per_column{p.parameter(2) + g * hidden},
                   of_state = per_column{p.parameter(3) + g * hidden};
        auto const product = [&](auto const& bias, auto const&... more) {
          b.multiply(m.template all<Hidden>(m.plane(g), hidden), m.template all<In>(read(m.x), in),
                     fovea::transposed(weight<P, In>(p.parameter(0), g, in)), {}, bias, more...);
        };
        if (Cell::recurrent_plane(g) == g) product(formulas::add_two_biases{}, of_input, of_state);
        else product(formulas::add_bias<identity_formula>{}, of_input);
      }
      if constexpr (given.states != 0) {
        b.copy(given.template state<0>(), m.h, m.state());
        if constexpr (Cell::has_memory) b.copy(given.template state<1>(), m.c, m.state());
      } else {
        b.for_each_index(m.state(), formulas::fill<typename P::value_type>{m.h, 0});
        if (Cell::has_memory) b.for_each_index(m.state(), formulas::fill<typename P::value_type>{m.c, 0});
      }
      for (std::size_t t = 0; t != m.steps; ++t) {
        auto const h = m.template one<Hidden>(read(m.h), t, hidden);
        auto const of_gate = [&](std::size_t g) {
          return fovea::transposed(weight<P, Hidden>(p.parameter(1), g, hidden));
        };
        fovea::multiply_batch(b, {added_gates, m.plane_numbers(), 0, hidden * hidden},
                              m.template one<Hidden>(m.plane(0), t, hidden), h, of_gate(0), {.accumulate = true});
        for (std::size_t g = added_gates; g != Cell::gates; ++g)
          b.multiply(m.template one<Hidden>(m.plane(Cell::recurrent_plane(g)), t, hidden), h, of_gate(g), {},
                     formulas::add_bias<identity_formula>{}, per_column{p.parameter(3) + g * hidden});
        on_planes(m, t, [&](auto const&... gates) {
          auto const *const h0 = read(m.h) + t * m.state(), *const c0 = read(m.c) + t * m.state();
          auto const counts = per_row{read(m.counts) + t * m.rows};
          domain<dynamic, Hidden> const places({m.rows, hidden});
          auto* const next = m.h + (t + 1) * m.state();
          if constexpr (Cell::has_memory)
            b.for_each(places, typename Cell::step{}, each{gates}..., counts, each{h0}, out{next}, each{c0},
                       out{m.c + (t + 1) * m.state()});
          else b.for_each(places, typename Cell::step{}, each{gates}..., counts, each{h0}, out{next});
        });
      }
      auto const give = [&](auto const& all) {
        b.for_each_index(m.rows * m.steps,
                         swap<P>(read(m.h) + m.state(), all.elements, m, hidden, true, given.lengths()));
      };
      auto const give_last = [&](auto const* from, auto const& to) {
        b.copy(from + m.steps * m.state(), to.elements, m.state());
      };
      if constexpr (Returned == hidden_states::all) give(y);
      else if constexpr (Returned == hidden_states::last) give_last(read(m.h), y);
      else {
        give(std::get<0>(y));
        give_last(read(m.h), std::get<1>(y));
        if constexpr (Cell::has_memory) give_last(read(m.c), std::get<2>(y));
      }
    }
  }
  template <class P, class X, class Y, class DY, class DX>
  void backward(P const& p, X const& input, Y const&, DY const& dy, DX const& slopes) const {
    detail::sequence_input const given{input};
    auto const& x = given.batch();
    auto const& dx = detail::sequence_slopes(slopes);
    auto const m = memory_of<P>(p, x);
    auto const& b = p.backend;
    using T = typename P::value_type;
    count_steps(p, m, given.lengths());
    auto const take = [&](auto const& all) {
      b.for_each_index(m.rows * m.steps,
                       swap<P>(fovea::read_only(all).elements, m.dy, m, hidden, false, given.lengths()));
    };
    auto const take_last = [&](auto const& from, T* to) { b.copy(fovea::read_only(from).elements, to, m.state()); };
    b.for_each_index(m.state(), formulas::fill<T>{m.dh, 0});
    b.for_each_index(m.state(), formulas::fill<T>{m.dc, 0});
    if constexpr (Returned == hidden_states::all) take(dy);
    else if constexpr (Returned == hidden_states::last) take_last(dy, m.dh);
    else {
      take(std::get<0>(dy));
      take_last(std::get<1>(dy), m.dh);
      if constexpr (Cell::has_memory) take_last(std::get<2>(dy), m.dc);
    }
    for (std::size_t t = m.steps; t-- != 0;) {
      if constexpr (Returned != hidden_states::last) fovea::add_to(p, m.state(), read(m.dy) + t * m.state(), m.dh);
      on_planes(m, t, [&](auto const&... gates) {
        auto const *const h0 = read(m.h) + t * m.state(), *const c0 = read(m.c) + t * m.state();
        auto const counts = per_row{read(m.counts) + t * m.rows};
        domain<dynamic, Hidden> const places({m.rows, hidden});
        if constexpr (Cell::has_memory)
          b.for_each(places, typename Cell::slope{}, each{gates}..., counts, each{h0}, each{m.dh}, each{c0},
                     each{c0 + m.state()}, each{m.dc});
        else b.for_each(places, typename Cell::slope{}, each{gates}..., counts, each{h0}, each{m.dh});
      });
      if (t != 0 || given.states != 0)
        for (std::size_t g = 0; g != Cell::gates; ++g)
          b.multiply(m.template one<Hidden>(m.dh, 0, hidden),
                     m.template one<Hidden>(read(m.plane(Cell::recurrent_plane(g))), t, hidden),
                     weight<P, Hidden>(p.parameter(1), g, hidden), {.accumulate = true});
    }
    if constexpr (given.states != 0) {
      give_slopes(p, read(m.dh), m.state(), given.template slopes_of_state<0>(slopes));
      if constexpr (Cell::has_memory) give_slopes(p, read(m.dc), m.state(), given.template slopes_of_state<1>(slopes));
    }

    b.for_each_index(m.rows * m.steps, swap<P>(fovea::read_only(x).elements, m.x, m, in, false, given.lengths()));
    auto const of_gate = [&](std::size_t g) {
      return fovea::transposed(m.template all<Hidden>(read(m.plane(Cell::recurrent_plane(g))), hidden));
    };
    auto const states = m.template all<Hidden>(read(m.h), hidden);
    product_options const adds{.accumulate = P::accumulates};
    fovea::multiply_batch(b, {Cell::gates, hidden * in, m.plane_numbers(), 0}, weight<P, In>(p.gradient_of(0), 0, in),
                          fovea::transposed(m.template all<Hidden>(read(m.plane(0)), hidden)),
                          m.template all<In>(read(m.x), in), adds);
    fovea::multiply_batch(b, {added_gates, hidden * hidden, m.plane_numbers(), 0},
                          weight<P, Hidden>(p.gradient_of(1), 0, hidden), of_gate(0), states, adds);
    for (std::size_t g = added_gates; g != Cell::gates; ++g)
      b.multiply(weight<P, Hidden>(p.gradient_of(1), g, hidden), of_gate(g), states, adds);
    fold_biases<2>(p, m, [](std::size_t g) { return g; });
    fold_biases<3>(p, m, [](std::size_t g) { return Cell::recurrent_plane(g); });
    if constexpr (!std::same_as<std::remove_cvref_t<decltype(dx)>, nothing>) {
      for (std::size_t g = 0; g != Cell::gates; ++g)
        b.multiply(m.template all<In>(m.x, in), m.template all<Hidden>(read(m.plane(g)), hidden),
                   weight<P, In>(p.parameter(0), g, in), {.accumulate = g != 0});
      b.for_each_index(m.rows * m.steps, swap<P>(read(m.x), dx.elements, m, in, true, given.lengths()));
    }
  }

 private:
  template <class T> static T const* read(T* p) { return p; }
  /// The gates whose product with the state is added to that with the input; they come first.
  static constexpr std::size_t added_gates = [] {
    std::size_t n = 0;
    while (n != Cell::gates && Cell::recurrent_plane(n) == n) ++n;
    return n;
  }();
  static constexpr std::size_t states_of_cell = Cell::has_memory ? 2 : 1;

  /// Throws `shape_error` unless the inputs after the sequence are a length, a state, or both.
  constexpr void require_state(auto const&) const {}
  template <class S, class... More> constexpr void require_state(std::tuple<S, More...> const& given) const {
    constexpr std::size_t count = sizeof...(More);
    static_assert(
        count == 1 || count == states_of_cell || count == states_of_cell + 1,
        "fovea: beside a sequence, an lstm takes lengths and two states, a gru and an rnn lengths and one state");
    bool const only_lengths = count == 1 && (states_of_cell != 1 || (std::get<1>(given).extent(0) == 1 && hidden != 1));
    std::size_t i = 0;
    auto const hold = [&](auto const& one) {
      bool const is_length = only_lengths || (count == states_of_cell + 1 && i == 0);
      ++i;
      auto const expected = is_length ? std::size_t{1} : std::size_t{hidden};
      if (one.extent(0) != expected)
        throw shape_error(std::string(Cell::name) + " takes " +
                          (is_length ? "one length" : "a state of " + std::to_string(hidden) + " numbers") +
                          " beside a sequence, got " + std::to_string(one.extent(0)));
    };
    std::apply([&](S const&, More const&... one) { (hold(one), ...); }, given);
  }
  /// Rejects states of another number than the cell has, such as lengths that are no integers.
  template <class Given> static constexpr bool takes_states_of() {
    constexpr bool holds = Given::states == 0 || Given::states == states_of_cell;
    static_assert(holds, "fovea: the second input of a layer of sequences is the rows' lengths, integers");
    return holds;
  }
  template <class P, class T> static void give_slopes(P const&, T const*, std::size_t, nothing) {}
  template <class P, class T, class D> static void give_slopes(P const& p, T const* from, std::size_t n, D const& to) {
    p.backend.copy(from, to.elements, n);
  }

  /// The memory of a batch, everything in the order (steps, rows, width), so that a step is one matrix.
  template <class P> struct arrays {
    using T = typename P::value_type;
    using B = typename P::backend_type;
    std::size_t rows, steps, hidden;
    T *gates, *h, *c;                     // kept: the planes; the states, from that before the first step on
    T *x, *dy, *counts, *dh, *dc, *sums;  // scratch

    std::size_t state() const { return rows * hidden; }
    std::size_t plane_numbers() const { return steps * state(); }
    T* plane(std::size_t i) const { return gates + i * plane_numbers(); }
    template <std::size_t Width, class E> matrix_span<B, E, dynamic, Width> all(E* from, std::size_t width) const {
      return {from, extents<dynamic, Width>({steps * rows, width})};
    }
    template <std::size_t Width, class E>
    matrix_span<B, E, dynamic, Width> one(E* from, std::size_t t, std::size_t width) const {
      return {from + t * rows * width, extents<dynamic, Width>({rows, width})};
    }
  };
  struct byte_plan {
    std::size_t kept, scratch;
  };
  template <class P> constexpr byte_plan plan(std::size_t steps, std::size_t rows) const {
    auto const state = rows * hidden;
    auto const states = P::bytes((steps + 1) * state);
    auto const kept = P::bytes(Cell::planes * steps * state) + (Cell::has_memory ? 2 : 1) * states;
    auto scratch = P::bytes(steps * rows * in) + P::bytes(steps * rows);
    if (P::differentiates)
      scratch += (Returned != hidden_states::last ? P::bytes(steps * state) : 0) + 2 * P::bytes(state) +
                 P::bytes(Cell::gates * hidden);
    return {kept, scratch};
  }
  template <class P, class X> arrays<P> memory_of(P const& p, X const& x) const {
    auto const rows = x.extents.extent(0), steps = x.extents.extent(1), state = rows * hidden;
    auto* kept = P::differentiates ? p.kept : p.scratch;
    auto* scratch = P::differentiates ? p.scratch : p.scratch + plan<P>(steps, rows).kept;
    auto const take = [](std::byte*& at, std::size_t n) {
      return reinterpret_cast<typename P::value_type*>(std::exchange(at, at + P::bytes(n)));
    };
    arrays<P> m{rows, steps, hidden, {}, {}, {}, {}, {}, {}, {}, {}, {}};
    m.gates = take(kept, Cell::planes * steps * state);
    m.h = take(kept, (steps + 1) * state);
    m.c = Cell::has_memory ? take(kept, (steps + 1) * state) : m.h;
    m.x = take(scratch, steps * rows * in);
    m.counts = take(scratch, steps * rows);
    if (P::differentiates) {
      m.dy = Returned != hidden_states::last ? take(scratch, steps * state) : nullptr;
      m.dh = take(scratch, state);
      m.dc = take(scratch, state);
      m.sums = take(scratch, Cell::gates * hidden);
    }
    return m;
  }
  template <class P, class L>
  static auto swap(typename P::value_type const* from, typename P::value_type* to, arrays<P> const& m,
                   std::size_t width, bool steps_first, L const* lengths) {
    return formulas::swap_rows_and_steps<typename P::value_type, L>{from,  to,          m.rows, m.steps,
                                                                    width, steps_first, lengths};
  }
  template <class P, class L> static void count_steps(P const& p, arrays<P> const& m, L const* lengths) {
    p.backend.for_each_index(m.rows * m.steps,
                             formulas::step_counts<typename P::value_type, L>{m.counts, m.rows, lengths});
  }
  template <class P, std::size_t Width, class T>
  matrix_span<typename P::backend_type, T, Hidden, Width> weight(T* all, std::size_t gate, std::size_t width) const {
    return {all + gate * hidden * width, extents<Hidden, Width>({hidden, width})};
  }
  /// Calls f with each plane's step t.
  template <class M, class F> static void on_planes(M const& m, std::size_t t, F const& f) {
    [&]<std::size_t... J>(std::index_sequence<J...>) {
      f((m.plane(J) + t * m.state())...);
    }(std::make_index_sequence<Cell::planes>{});
  }
  /// Folds the gradient of a bias over the planes of the gates.
  template <std::size_t Parameter, class P, class M, class Plane>
  void fold_biases(P const& p, M const& m, Plane const& plane_of) const {
    auto* const bias = p.gradient_of(Parameter);
    auto* const to = P::accumulates ? m.sums : bias;
    for (std::size_t g = 0; g != Cell::gates; ++g)
      p.backend.reduce(domain<dynamic, Hidden>({m.steps * m.rows, hidden}), identity_formula{},
                       std::tuple{by_column{to + g * hidden}}, each{read(m.plane(plane_of(g)))});
    if constexpr (P::accumulates) fovea::add_to(p, Cell::gates * hidden, read(m.sums), bias);
  }
};
template <std::size_t In = dynamic, std::size_t Hidden = dynamic, hidden_states Returned = hidden_states::all>
using lstm = recurrence<lstm_cell, In, Hidden, Returned>;
template <std::size_t In = dynamic, std::size_t Hidden = dynamic, hidden_states Returned = hidden_states::all>
using gru = recurrence<gru_cell, In, Hidden, Returned>;
template <std::size_t In = dynamic, std::size_t Hidden = dynamic, hidden_states Returned = hidden_states::all>
using rnn = recurrence<rnn_cell<tanh_formula>, In, Hidden, Returned>;
template <std::size_t In = dynamic, std::size_t Hidden = dynamic, hidden_states Returned = hidden_states::all>
using relu_rnn = recurrence<rnn_cell<relu_formula>, In, Hidden, Returned>;

}  // namespace fovea
