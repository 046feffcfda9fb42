// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <string>
#include <utility>

#include <fovea/layers/linear.hpp>
#include <fovea/layers/softmax.hpp>
#include <fovea/layers/steps.hpp>

namespace fovea {

namespace formulas {

/// Makes the scores -infinity that one place must not attend to: those of later steps, or after a row's last one.
template <class T, class Length> struct mask_scores {
  T* scores;  // (heads, rows, steps, steps)
  std::size_t rows, steps;
  bool causal;
  Length const* lengths;  // null: all steps count
  FOVEA_HD void operator()(std::size_t i) const {
    auto first = causal ? i % steps + 1 : steps;
    if (lengths != nullptr) {
      auto const length = static_cast<std::size_t>(lengths[i / steps % rows]);
      first = length < first ? length : first;
    }
    for (auto k = first; k < steps; ++k) scores[i * steps + k] = negative_infinity<T>;
  }
};

}  // namespace formulas

/// Attention of a sequence to itself, by several heads: PyTorch's MultiheadAttention with `batch_first`, of one tensor as query, key
/// and value. Vaswani et al., "Attention is all you need" (2017). Takes samples (steps, Width) and returns such.
///
/// With `causal`, a step attends to no later one. A second input of integers, one for each row, is the number of steps that count,
/// from 1 on: none attends to those after them (PyTorch's key_padding_mask).
///
/// Parameters have PyTorch's names and shapes: `in_proj_weight` (3 Width, Width) and `in_proj_bias` of queries, keys and values,
/// `out_proj.weight` and `out_proj.bias`. They start as in PyTorch: uniform in +-sqrt(6 / (4 Width)), in +-1/sqrt(Width) for
/// out_proj, and 0 for biases. `validate()` throws `argument_error` unless the heads divide the width.
///
///     constexpr fovea::sequential block{fovea::layer_norm{}, fovea::multi_head_attention<64>{.heads = 4, .causal = true}};
///     constexpr fovea::sequential net{fovea::input<32, 64>{}, fovea::residual{block}, fovea::flatten{}, fovea::linear<32 * 64, 2>{}};
template <std::size_t Width = dynamic> struct multi_head_attention {
  [[no_unique_address]] extent<Width> width = {};
  std::size_t heads = 1;
  bool causal = false;

  template <class S> constexpr auto output(S const& given) const {
    auto const sample = detail::sequence_of(given);
    using sequence = std::remove_const_t<decltype(sample)>;
    constexpr std::size_t last = detail::sample_traits<sequence>::last;
    constexpr bool may_fit = last == Width || last == dynamic || Width == dynamic;
    static_assert(may_fit, "multi_head_attention: takes another width than the layer before it gives");
    if (may_fit && sample.extent(sequence::rank - 1) != width)
      throw shape_error("multi_head_attention takes the width " + std::to_string(width) +
                        ", the layer before it gives " + std::to_string(sample.extent(sequence::rank - 1)));
    require_heads();
    return sample;
  }
  template <class S> constexpr std::array<parameter_spec, 4> parameters(S const&) const {
    auto const matrix = [&](std::size_t rows) { return shape(std::array<std::size_t, 2>{rows, width}); };
    auto const vector = [&](std::size_t n) { return shape(std::array<std::size_t, 1>{n}); };
    return {{{"in_proj_weight", matrix(3 * width)},
             {"in_proj_bias", vector(3 * width)},
             {"out_proj.weight", matrix(width)},
             {"out_proj.bias", vector(width)}}};
  }
  constexpr void validate() const { require_heads(); }
  template <class B, class S> void initialize(initialization<B> const& to, S const&) const {
    auto const n = static_cast<double>(width);
    to.uniform(0, 3 * width * width, std::sqrt(6 / (4 * n)));
    to.fill(1, 3 * width, 0);
    to.uniform(2, width * width, 1 / std::sqrt(n));
    to.fill(3, width, 0);
  }
  template <class B, class X> void check_input(B const& b, char const* who, X const& x) const {
    detail::check_lengths(b, who, "multi_head_attention", x);
  }
  template <class P, class S> constexpr memory needs(S const& sample, std::size_t rows) const {
    auto const steps = detail::sequence_of(sample).extent(0);
    auto const all = P::bytes(rows * steps * width), scores = P::bytes(heads * rows * steps * steps);
    auto const kept = 4 * all + scores;  // queries, keys, values, what the heads return, probabilities
    if (!P::differentiates) return {0, kept + all};
    return {kept, 4 * all + scores + fovea::summed_bytes<P>(3 * width, 1)};
  }

  template <class P, class X, class Y> void forward(P const& p, X const& input, Y const& y) const {
    detail::sequence_input const given{input};
    auto const& x = given.batch();
    if constexpr (detail::require_real<decltype(x)>()) {
      auto const m = arrays_of(p, x, P::differentiates ? p.kept : p.scratch);
      auto* const heads_first = reinterpret_cast<typename P::value_type*>(
          P::differentiates ? p.scratch : p.scratch + 4 * P::bytes(m.numbers()) + P::bytes(m.scores()));
      auto const& b = p.backend;
      for (std::size_t k = 0; k != 3; ++k)
        for (std::size_t h = 0; h != heads; ++h)
          b.multiply(m.head(m.projected[k], h), fovea::as_last_axis(fovea::read_only(x)),
                     fovea::transposed(projection(p, p.parameter(0), k, h)), {}, formulas::add_bias<identity_formula>{},
                     per_column{p.parameter(1) + first_row(k, h)});
      m.for_each_row([&](std::size_t i) {
        b.multiply(m.square(m.probabilities, i), m.row(read(m.projected[0]), i),
                   fovea::transposed(m.row(read(m.projected[1]), i)), {.scale = scale()});
      });
      if (causal || given.lengths() != nullptr)
        b.for_each_index(heads * m.rows * m.steps,
                         formulas::mask_scores<typename P::value_type, typename decltype(given)::length>{
                             m.probabilities, m.rows, m.steps, causal, given.lengths()});
      b.for_each_row(m.score_rows(), formulas::softmax_of_row{}, each{read(m.probabilities)}, out{m.probabilities});
      m.for_each_row([&](std::size_t i) {
        b.multiply(m.row(heads_first, i), m.square(read(m.probabilities), i), m.row(read(m.projected[2]), i));
      });
      swap_heads(p, m, heads_first, m.made, true);
      b.multiply(fovea::as_last_axis(y), m.all(read(m.made)), fovea::transposed(m.matrix(p.parameter(2))), {},
                 formulas::add_bias<identity_formula>{}, per_column{p.parameter(3)});
    }
  }
  template <class P, class X, class Y, class DY, class DX>
  void backward(P const& p, X const& input, Y const&, DY const& dy, DX const& slopes) const {
    detail::sequence_input const given{input};
    auto const& x = given.batch();
    auto const& dx = detail::sequence_slopes(slopes);
    auto const m = arrays_of(p, x, p.kept), d = arrays_of(p, x, p.scratch);
    auto own = p;
    own.scratch += 4 * P::bytes(m.numbers()) + P::bytes(m.scores());
    auto const& b = p.backend;
    product_options const adds{.accumulate = P::accumulates};
    auto const fold = [&](auto const& places, auto const* from, auto* to) {
      b.reduce(places, identity_formula{}, std::tuple{by_column{to}}, each{from});
    };

    auto const all_slopes = fovea::as_last_axis(fovea::read_only(dy));
    fovea::sum_gradients<3>(own, width, [&](auto* bias) { fold(all_slopes.extents, all_slopes.elements, bias); });
    b.multiply(m.matrix(p.gradient_of(2)), fovea::transposed(all_slopes), m.all(read(m.made)), adds);
    b.multiply(m.all(d.projected[0]), all_slopes, m.matrix(p.parameter(2)));
    swap_heads(p, m, d.projected[0], d.made, false);  // from here on, d.made is the slope of what each head returns

    m.for_each_row([&](std::size_t i) {
      b.multiply(m.row(d.projected[2], i), fovea::transposed(m.square(read(m.probabilities), i)),
                 m.row(read(d.made), i));
      b.multiply(m.square(d.probabilities, i), m.row(read(d.made), i),
                 fovea::transposed(m.row(read(m.projected[2]), i)));
    });
    b.for_each_row(m.score_rows(), formulas::softmax_slope_of_row{}, each{read(m.probabilities)},
                   each{read(d.probabilities)}, out{d.probabilities});
    m.for_each_row([&](std::size_t i) {
      auto const of_scores = m.square(read(d.probabilities), i);
      b.multiply(m.row(d.projected[0], i), of_scores, m.row(read(m.projected[1]), i), {.scale = scale()});
      b.multiply(m.row(d.projected[1], i), fovea::transposed(of_scores), m.row(read(m.projected[0]), i),
                 {.scale = scale()});
    });

    auto const each_head = [&](auto const& f) {
      for (std::size_t k = 0; k != 3; ++k)
        for (std::size_t h = 0; h != heads; ++h) f(k, h, m.head(read(d.projected[k]), h));
    };
    fovea::sum_gradients<1>(own, 3 * width, [&](auto* bias) {
      each_head(
          [&](std::size_t k, std::size_t h, auto const& of) { fold(of.extents, of.elements, bias + first_row(k, h)); });
    });
    each_head([&](std::size_t k, std::size_t h, auto const& of) {
      b.multiply(projection(p, p.gradient_of(0), k, h), fovea::transposed(of), fovea::as_last_axis(fovea::read_only(x)),
                 adds);
      if constexpr (!std::same_as<std::remove_cvref_t<decltype(dx)>, nothing>)
        b.multiply(fovea::as_last_axis(dx), of, projection(p, p.parameter(0), k, h), {.accumulate = k + h != 0});
    });
  }

 private:
  template <class T> static T const* read(T* p) { return p; }
  constexpr void require_heads() const {
    if (heads == 0 || width == 0 || width % heads != 0)
      throw argument_error("multi_head_attention: heads must divide the width " + std::to_string(width) + ", got " +
                           std::to_string(heads));
  }
  constexpr std::size_t head_width() const { return width / heads; }
  double scale() const { return 1 / std::sqrt(static_cast<double>(head_width())); }
  constexpr std::size_t first_row(std::size_t k, std::size_t h) const { return k * width + h * head_width(); }

  /// The memory of a batch. Queries, keys and values are (heads, rows, steps, head's width), so that those of one head and row are
  /// one matrix; what the heads return, joined, is (rows, steps, width).
  template <class P> struct arrays {
    using T = typename P::value_type;
    template <class E, std::size_t Columns = dynamic>
    using matrix_of = matrix_span<typename P::backend_type, E, dynamic, Columns>;
    std::size_t rows, steps, heads, head_width;
    [[no_unique_address]] extent<Width> width;
    std::array<T*, 3> projected;
    T *made, *probabilities;

    std::size_t numbers() const { return rows * steps * width; }
    std::size_t scores() const { return heads * rows * steps * steps; }
    domain<> score_rows() const { return domain<>({heads * rows * steps, steps}); }
    template <class E> matrix_of<E, Width> all(E* from) const {
      return {from, extents<dynamic, Width>({rows * steps, width})};
    }
    template <class E> matrix_span<typename P::backend_type, E, Width, Width> matrix(E* from) const {
      return {from, extents<Width, Width>({width, width})};
    }
    template <class E> matrix_of<E> head(E* from, std::size_t h) const {
      return {from + h * rows * steps * head_width, domain<>({rows * steps, head_width})};
    }
    template <class E> matrix_of<E> row(E* from, std::size_t i) const {
      return {from + i * steps * head_width, domain<>({steps, head_width})};
    }
    template <class E> matrix_of<E> square(E* from, std::size_t i) const {
      return {from + i * steps * steps, domain<>({steps, steps})};
    }
    template <class F> void for_each_row(F const& f) const {
      for (std::size_t i = 0; i != heads * rows; ++i) f(i);
    }
  };
  template <class P, class X> arrays<P> arrays_of(P const&, X const& x, std::byte* at) const {
    arrays<P> m{x.extents.extent(0), x.extents.extent(1), heads, head_width(), width, {}, {}, {}};
    auto const take = [&](std::size_t n) {
      return reinterpret_cast<typename P::value_type*>(std::exchange(at, at + P::bytes(n)));
    };
    for (auto& one : m.projected) one = take(m.numbers());
    m.made = take(m.numbers());
    m.probabilities = take(m.scores());
    return m;
  }
  /// The rows of the weights that make head h of the queries, keys or values.
  template <class P, class T>
  matrix_span<typename P::backend_type, T, dynamic, Width> projection(P const&, T* all, std::size_t k,
                                                                      std::size_t h) const {
    return {all + first_row(k, h) * width, extents<dynamic, Width>({head_width(), width})};
  }
  template <class P, class M, class T>
  void swap_heads(P const& p, M const& m, T const* from, T* to, bool heads_first) const {
    p.backend.for_each_index(
        m.rows * m.steps * heads,
        formulas::swap_rows_and_steps<T, int>{from, to, m.rows * m.steps, heads, head_width(), heads_first, nullptr});
  }
};

}  // namespace fovea
