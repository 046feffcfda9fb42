// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

#include <fovea/layers/attention_inputs.hpp>
#include <fovea/layers/linear.hpp>
#include <fovea/layers/require_real.hpp>
#include <fovea/layers/softmax.hpp>
#include <fovea/tensor/multiply_batch.hpp>
#include <fovea/validate.hpp>

namespace fovea {

namespace detail {

/// Throws. In a constant expression the compiler names the function, so its name is the sentence.
[[noreturn]] inline void the_heads_do_not_divide_the_width(std::size_t heads, std::size_t width) {
  throw argument_error("multi_head_attention: heads must divide the width " + std::to_string(width) + ", got " +
                       std::to_string(heads));
}

}  // namespace detail

/// Attention by several heads: PyTorch's MultiheadAttention with `batch_first`. Vaswani et al., "Attention is all you need" (2017).
///
/// Takes samples (steps, Width), which are queries, keys and values, and returns samples of the same shape. With a second input (keys,
/// Width), which is keys and values, it is cross-attention; a third input is the values. A last input of integers, one for each row, is
/// the number of keys that count, at least 1: no step attends to the keys after them (PyTorch's key_padding_mask).
///
/// With `causal`, step i attends to no key after the i-th. `dropout` is the share of the attention's weights that training drops.
///
/// Parameters have PyTorch's names and shapes: `in_proj_weight` (3 Width, Width) and `in_proj_bias` of queries, keys and values,
/// `out_proj.weight` and `out_proj.bias`. They start as in PyTorch: uniform in +-sqrt(6 / (4 Width)), in +-1/sqrt(Width) for
/// out_proj, and 0 for biases. `validate()` throws `argument_error` unless the heads divide the width and the dropout is in [0, 1].
///
///     constexpr fovea::sequential block{fovea::layer_norm{}, fovea::multi_head_attention<64>{.heads = 4, .causal = true}};
///     constexpr fovea::sequential net{fovea::input<32, 64>{}, fovea::residual{block}, fovea::flatten{}, fovea::linear<32 * 64, 2>{}};
///     constexpr fovea::sequential cross{fovea::parallel{fovea::input<32, 64>{}, fovea::input<20, 64>{}, fovea::input<1>{}},
///                                       fovea::multi_head_attention<64>{.heads = 4}};
template <std::size_t Width = dynamic> struct multi_head_attention {
  [[no_unique_address]] extent<Width> width = {};
  std::size_t heads = 1;
  bool causal = false;
  double dropout = 0;

  template <std::size_t... E> constexpr extents<E...> output(extents<E...> const& sample) const {
    require_sequence(sample);
    require_heads();
    return sample;
  }
  template <class S, class... More> constexpr S output(std::tuple<S, More...> const& samples) const {
    using last = std::tuple_element_t<sizeof...(More), std::tuple<S, More...>>;
    constexpr bool has_lengths = last::rank == 1;
    constexpr std::size_t sequences = sizeof...(More) + (has_lengths ? 0 : 1);
    static_assert(sequences >= 1 && sequences <= 3,
                  "multi_head_attention: takes one to three sequences (steps, Width), and after them one length");
    std::size_t keys[2] = {}, n = 0;
    auto const look = [&](auto const& one) {
      if constexpr (std::remove_cvref_t<decltype(one)>::rank != 1) {
        require_sequence(one);
        if (n != 0) keys[n - 1] = one.extent(0);
        ++n;
      } else if (one.extent(0) != 1) {
        throw shape_error("multi_head_attention takes one length beside its sequences, got " +
                          std::to_string(one.extent(0)));
      }
    };
    std::apply([&](auto const&... one) { (look(one), ...); }, samples);
    if (sequences == 3 && keys[0] != keys[1])
      throw shape_error("multi_head_attention takes as many values as keys, got " + std::to_string(keys[0]) +
                        " keys and " + std::to_string(keys[1]) + " values");
    require_heads();
    return std::get<0>(samples);
  }
  template <class S> constexpr std::array<parameter_spec, 4> parameters(S const&) const {
    auto const matrix = [&](std::size_t rows) { return shape(std::array<std::size_t, 2>{rows, width}); };
    auto const vector = [&](std::size_t n) { return shape(std::array<std::size_t, 1>{n}); };
    return {{{"in_proj_weight", matrix(3 * width)},
             {"in_proj_bias", vector(3 * width)},
             {"out_proj.weight", matrix(width)},
             {"out_proj.bias", vector(width)}}};
  }
  void validate() const {
    require_heads();
    require(dropout >= 0 && dropout <= 1, "multi_head_attention: dropout must be in [0, 1]", dropout);
  }
  template <class B, class S> void initialize(initialization<B> const& to, S const&) const {
    auto const n = static_cast<double>(width);
    to.uniform(0, 3 * width * width, std::sqrt(6 / (4 * n)));
    to.fill(1, 3 * width, 0);
    to.uniform(2, width * width, 1 / std::sqrt(n));
    to.fill(3, width, 0);
  }
  template <class B, class... X> void check_input(B const& b, char const* who, std::tuple<X...> const& x) const {
    using given = detail::attention_inputs<X...>;
    if constexpr (given::has_lengths)
      detail::check_lengths(b, who, "multi_head_attention", std::get<given::sequences>(x),
                            fovea::sample_of(given{x}.template get<1>()).extent(0));
  }
  template <class P, class S> constexpr memory needs(S const& given, std::size_t rows) const {
    auto const s = sizes_of(given, rows);
    auto const kept = 2 * P::bytes(s.numbers()) + 2 * P::bytes(s.keys_numbers()) + P::bytes(s.scores());
    // Queries, keys, values, what the heads return, probabilities; and what the heads return before it is joined.
    if (!P::differentiates) return {0, kept + P::bytes(s.numbers())};
    return {kept, kept + fovea::summed_bytes<P>(3 * width, 1)};
  }

  template <class P, class X, class Y> void forward(P const& p, X const& input, Y const& y) const {
    auto const& inputs = detail::as_tuple(input);
    auto const given = detail::inputs_of_attention(inputs);
    if constexpr (detail::require_real<decltype(given.template get<0>())>()) {
      auto const m = arrays_of<P>(inputs, P::differentiates ? p.kept : p.scratch);
      auto const more = P::differentiates ? arrays_of<P>(inputs, p.scratch) : m;
      auto* const heads_first = P::differentiates ? more.made : more.end;
      auto const& b = p.backend;
      for_each_projection([&]<std::size_t K>(std::integral_constant<std::size_t, K>, std::size_t h) {
        b.multiply(m.head(m.projected[K], K, h), fovea::as_last_axis(fovea::read_only(given.template get<K>())),
                   fovea::transposed(projection(p, p.parameter(0), K, h)), {}, formulas::add_bias<identity_formula>{},
                   per_column{p.parameter(1) + first_row(K, h)});
      });
      fovea::multiply_batch(b, m.batch(m.score_numbers(), m.row_numbers(0), m.row_numbers(1)),
                            m.square(m.probabilities), m.matrix_of_row(read(m.projected[0]), 0),
                            fovea::transposed(m.matrix_of_row(read(m.projected[1]), 1)), {.scale = scale()});
      auto const* const lengths = given.lengths();
      if (causal || lengths != nullptr)
        b.for_each_index(heads * m.rows * m.steps,
                         formulas::mask_scores<typename P::value_type, std::remove_cvref_t<decltype(*lengths)>>{
                             m.probabilities, m.rows, m.steps, m.keys, causal, lengths});
      b.for_each_row(m.score_rows(), formulas::softmax_of_row{}, each{read(m.probabilities)}, out{m.probabilities});
      auto const* const weights = drops<P>() ? drop(p, m, m.probabilities, more.probabilities) : read(m.probabilities);
      fovea::multiply_batch(b, m.batch(m.row_numbers(0), m.score_numbers(), m.row_numbers(2)),
                            m.matrix_of_row(heads_first, 0), m.square(weights),
                            m.matrix_of_row(read(m.projected[2]), 2));
      swap_heads(p, m, heads_first, m.made, true);
      b.multiply(fovea::as_last_axis(y), m.all(read(m.made)), fovea::transposed(m.matrix(p.parameter(2))), {},
                 formulas::add_bias<identity_formula>{}, per_column{p.parameter(3)});
    }
  }
  template <class P, class X, class Y, class DY, class DX>
  void backward(P const& p, X const& input, Y const&, DY const& dy, DX const& slopes) const {
    auto const& inputs = detail::as_tuple(input);
    auto const given = detail::inputs_of_attention(inputs);
    auto const m = arrays_of<P>(inputs, p.kept), d = arrays_of<P>(inputs, p.scratch);
    auto own = p;
    own.scratch = reinterpret_cast<std::byte*>(d.end);
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

    auto const* const weights = drops<P>() ? drop(p, m, m.probabilities, d.probabilities) : read(m.probabilities);
    fovea::multiply_batch(b, m.batch(m.row_numbers(2), m.score_numbers(), m.row_numbers(0)),
                          m.matrix_of_row(d.projected[2], 2), fovea::transposed(m.square(weights)),
                          m.matrix_of_row(read(d.made), 0));
    fovea::multiply_batch(b, m.batch(m.score_numbers(), m.row_numbers(0), m.row_numbers(2)), m.square(d.probabilities),
                          m.matrix_of_row(read(d.made), 0),
                          fovea::transposed(m.matrix_of_row(read(m.projected[2]), 2)));
    if (drops<P>()) drop(p, m, d.probabilities, d.probabilities);
    b.for_each_row(m.score_rows(), formulas::softmax_slope_of_row{}, each{read(m.probabilities)},
                   each{read(d.probabilities)}, out{d.probabilities});
    auto const of_scores = m.square(read(d.probabilities));
    fovea::multiply_batch(b, m.batch(m.row_numbers(0), m.score_numbers(), m.row_numbers(1)),
                          m.matrix_of_row(d.projected[0], 0), of_scores, m.matrix_of_row(read(m.projected[1]), 1),
                          {.scale = scale()});
    fovea::multiply_batch(b, m.batch(m.row_numbers(1), m.score_numbers(), m.row_numbers(0)),
                          m.matrix_of_row(d.projected[1], 1), fovea::transposed(of_scores),
                          m.matrix_of_row(read(m.projected[0]), 0), {.scale = scale()});

    fovea::sum_gradients<1>(own, 3 * width, [&](auto* bias) {
      for_each_projection([&](auto k, std::size_t h) {
        auto const of = m.head(read(d.projected[k]), k, h);
        fold(of.extents, of.elements, bias + first_row(k, h));
      });
    });
    for_each_projection([&]<std::size_t K>(std::integral_constant<std::size_t, K>, std::size_t h) {
      constexpr std::size_t source = decltype(given)::source(K);
      auto const of = m.head(read(d.projected[K]), K, h);
      b.multiply(projection(p, p.gradient_of(0), K, h), fovea::transposed(of),
                 fovea::as_last_axis(fovea::read_only(given.template get<K>())), adds);
      auto const& dx = detail::slopes_of<source>(slopes);
      if constexpr (!std::same_as<std::remove_cvref_t<decltype(dx)>, nothing>)
        b.multiply(fovea::as_last_axis(dx), of, projection(p, p.parameter(0), K, h),
                   {.accumulate = K != source || h != 0});
    });
  }

 private:
  template <class T> static T const* read(T* p) { return p; }
  template <class S> constexpr void require_sequence(S const& sample) const {
    static_assert(
        S::rank == 2,
        "multi_head_attention: takes samples of (steps, Width); before a linear layer that begins a network of "
        "sequences stands fovea::input<steps, features>{}");
    if constexpr (S::rank == 2) {
      constexpr std::size_t last = detail::sample_traits<S>::last;
      constexpr bool may_fit = last == Width || last == dynamic || Width == dynamic;
      static_assert(may_fit, "multi_head_attention: takes another width than the layer before it gives");
      if (may_fit && sample.extent(1) != width)
        throw shape_error("multi_head_attention takes the width " + std::to_string(width) +
                          ", the layer before it gives " + std::to_string(sample.extent(1)));
    }
  }
  constexpr void require_heads() const {
    if (heads == 0 || width == 0 || width % heads != 0) detail::the_heads_do_not_divide_the_width(heads, width);
  }
  constexpr std::size_t head_width() const { return width / heads; }
  double scale() const { return 1 / std::sqrt(static_cast<double>(head_width())); }
  constexpr std::size_t first_row(std::size_t k, std::size_t h) const { return k * width + h * head_width(); }

  template <class P> constexpr bool drops() const { return P::training && dropout > 0; }
  /// Drops numbers of the probabilities' shape, and returns them.
  template <class P, class M, class T> T const* drop(P const& p, M const& m, T const* from, T* to) const {
    p.backend.for_each_index(heads * m.rows * m.steps,
                             formulas::drop_scores<T>{from, to, heads, m.rows, m.steps, m.keys, p.random(),
                                                      static_cast<std::uint64_t>(std::llround(dropout * 0x1p32)),
                                                      static_cast<T>(dropout < 1 ? 1 / (1 - dropout) : 0)});
    return to;
  }
  /// Calls f(k, h) for each head h of queries, keys and values: k is a constant of 0, 1 and 2.
  template <class F> void for_each_projection(F const& f) const {
    [&]<std::size_t... K>(std::index_sequence<K...>) {
      auto const all = [&](auto k) {
        for (std::size_t h = 0; h != heads; ++h) f(k, h);
      };
      (all(std::integral_constant<std::size_t, K>{}), ...);
    }(std::make_index_sequence<3>{});
  }

  struct sizes {
    std::size_t rows, steps, keys, heads, head_width;
    [[no_unique_address]] extent<Width> width;

    constexpr std::size_t numbers() const { return rows * steps * width; }
    constexpr std::size_t keys_numbers() const { return rows * keys * width; }
    constexpr std::size_t scores() const { return heads * rows * steps * keys; }
    /// The steps of queries, keys or values.
    constexpr std::size_t steps_of(std::size_t k) const { return k == 0 ? steps : keys; }
  };
  template <std::size_t... E> constexpr sizes sizes_of(extents<E...> const& sample, std::size_t rows) const {
    return {rows, sample.extent(0), sample.extent(0), heads, head_width(), width};
  }
  template <class S, class Second, class... More>
  constexpr sizes sizes_of(std::tuple<S, Second, More...> const& samples, std::size_t rows) const {
    auto all = sizes_of(std::get<0>(samples), rows);
    if constexpr (Second::rank != 1) all.keys = std::get<1>(samples).extent(0);
    return all;
  }
  template <class S> constexpr sizes sizes_of(std::tuple<S> const& samples, std::size_t rows) const {
    return sizes_of(std::get<0>(samples), rows);
  }

  /// The memory of a batch. Queries, keys and values are (heads, rows, steps, head's width), so that those of one head and row are
  /// one matrix; what the heads return, joined, is (rows, steps, width).
  template <class P> struct arrays : sizes {
    using T = typename P::value_type;
    template <class E, std::size_t Columns = dynamic>
    using matrix_of = matrix_span<typename P::backend_type, E, dynamic, Columns>;
    std::array<T*, 3> projected;
    T *made, *probabilities, *end;

    domain<> score_rows() const { return domain<>({this->heads * this->rows * this->steps, this->keys}); }
    template <class E> matrix_of<E, Width> all(E* from) const {
      return {from, extents<dynamic, Width>({this->rows * this->steps, this->width})};
    }
    template <class E> matrix_span<typename P::backend_type, E, Width, Width> matrix(E* from) const {
      return {from, extents<Width, Width>({this->width, this->width})};
    }
    template <class E> matrix_of<E> head(E* from, std::size_t k, std::size_t h) const {
      auto const n = this->rows * this->steps_of(k);
      return {from + h * n * this->head_width, domain<>({n, this->head_width})};
    }
    /// The first of the matrices of a head and row: of the queries, keys or values, and of the scores.
    template <class E> matrix_of<E> matrix_of_row(E* from, std::size_t k) const {
      return {from, domain<>({this->steps_of(k), this->head_width})};
    }
    template <class E> matrix_of<E> square(E* from) const { return {from, domain<>({this->steps, this->keys})}; }
    /// The numbers of such matrices, which are their strides.
    std::size_t row_numbers(std::size_t k) const { return this->steps_of(k) * this->head_width; }
    std::size_t score_numbers() const { return this->steps * this->keys; }
    /// One product for each head and row.
    product_batch batch(std::size_t c_stride, std::size_t a_stride, std::size_t b_stride) const {
      return {this->heads * this->rows, c_stride, a_stride, b_stride};
    }
  };
  template <class P, class X> arrays<P> arrays_of(X const& inputs, std::byte* at) const {
    arrays<P> m{sizes_of(fovea::sample_of(inputs), fovea::rows_of(inputs)), {}, {}, {}, {}};
    auto const take = [&](std::size_t n) {
      return reinterpret_cast<typename P::value_type*>(std::exchange(at, at + P::bytes(n)));
    };
    for (std::size_t k = 0; k != 3; ++k) m.projected[k] = take(k == 0 ? m.numbers() : m.keys_numbers());
    m.made = take(m.numbers());
    m.probabilities = take(m.scores());
    m.end = reinterpret_cast<typename P::value_type*>(at);
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
