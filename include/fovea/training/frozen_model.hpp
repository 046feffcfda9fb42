// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include <fovea/layers/linear.hpp>
#include <fovea/layers/sequential.hpp>
#include <fovea/training/model.hpp>

namespace fovea {

namespace detail {

/// The backend that predicts on one thread without allocation, locks and waits.
template <class B> using real_time_backend = decltype(std::declval<B const&>().real_time(true));
template <class B>
concept has_real_time = requires(B const b) { b.real_time(true); };
/// True for a backend whose products read padded weights in whole registers.
template <class B>
concept takes_padded = requires { requires B::takes_padded; };

/// True for a network of few numbers and static widths, whose prediction of one row is compiled into one function: there, the calls
/// would cost as much as the products.
template <class L> inline constexpr bool fits_one_function = view_layer<L>;
template <class F> inline constexpr bool fits_one_function<activation<F>> = true;
template <std::size_t In, std::size_t Out>
inline constexpr bool fits_one_function<linear<In, Out>> = In <= 256 && Out <= 64;
template <class... L>
inline constexpr bool fits_one_function<sequential<L...>> = sizeof...(L) <= 16 && (fits_one_function<L> && ...);

/// True unless the layer, or one of its template arguments, declares that its prediction is not real-time safe.
template <class L> constexpr bool is_real_time() {
  if constexpr (requires { L::real_time; }) return L::real_time;
  else
    return []<class... A>(type_list<A...>) {
      return (detail::is_real_time<A>() && ...);
    }(type_arguments<std::remove_cv_t<L>>);
}
template <class L, class S> void require_real_time(L const& l, S const& sample) {
  static_assert(detail::is_real_time<L>(),
                "freeze: the prediction of a layer of this network allocates, locks, waits or throws (real_time is "
                "false): it cannot be frozen");
  if constexpr (composite<L, S>)
    l.for_each_child(sample, [](child_name, auto const& child, auto const& s) { detail::require_real_time(child, s); });
}

/// Copies parameters, rearranged for prediction.
template <class Net, class S, class T>
void freeze_parameters(Net const& net, S const& sample, layer_place const& place, T const* from, T* to) {
  detail::for_each_leaf(net, sample, place, [&](auto const& leaf, auto const& s, auto const& here) {
    if constexpr (requires(T const* const* in, T* const* out) { leaf.freeze(s, in, out); }) {
      using L = std::remove_cvref_t<decltype(leaf)>;
      static_assert(
          takes_frozen<L> && !ties_parameters<L>,
          "freeze: a layer with a member freeze declares static constexpr bool takes_frozen = true, and ties no "
          "parameter");
      std::vector<T const*> in;
      std::vector<T*> out;
      for (auto const offset : here.parameters) in.push_back(from + offset), out.push_back(to + offset);
      leaf.freeze(s, in.data(), out.data());
    }
  });
}

/// Returns a batch of `rows` rows that begin at a pointer, or the batches at a tuple of pointers.
template <class B, class T, std::size_t... E> auto batch_from(T* first, extents<E...> const& sample, std::size_t rows) {
  std::array<std::size_t, sizeof...(E) + 1> all{rows};
  for (std::size_t i = 0; i != sizeof...(E); ++i) all[i + 1] = sample.extent(i);
  return tensor_span<T, extents<dynamic, E...>, B>{first, extents<dynamic, E...>(all)};
}
template <class B, class... T, class... S>
auto batch_from(std::tuple<T*...> const& first, std::tuple<S...> const& samples, std::size_t rows) {
  return [&]<std::size_t... K>(std::index_sequence<K...>) {
    return std::tuple{detail::batch_from<B>(std::get<K>(first), std::get<K>(samples), rows)...};
  }(std::index_sequence_for<S...>{});
}

}  // namespace detail

/// A copy of a model that only predicts. `predict` of one row takes the least time: it checks nothing, and neither allocates, locks nor
/// waits. The bits are those of the model's `predict`, for any number of rows and threads, unless a BLAS computes the model's
/// products. A frozen model holds the memory that a call needs: each thread that predicts needs its own copy. Does not compile for a
/// backend without `real_time`, a network of several outputs, and a layer whose `real_time` is false.
///
///     auto const f = fovea::freeze(model);     // or a trainer
///     f.predict(row, &probability);            // pointers to one row and its outputs
///     f.predict(x, probabilities);             // tensors, as in model.predict
template <backend B, class Net, class InverseLink = identity> class frozen_model {
 public:
  static_assert(detail::has_real_time<B>,
                "freeze: this backend has no verbs for prediction without allocation and locks (a member real_time): "
                "freeze a model on host_backend or xtensor_backend");
  static_assert(
      requires { output_of<Net, detail::sample_type<Net>>::rank; },
      "freeze: a network of several outputs cannot be frozen");
  using value_type = typename B::value_type;
  using output_tensor = typename model<B, Net, InverseLink>::outputs_type;
  using sample_type = detail::sample_type<Net>;

  explicit frozen_model(model<B, Net, InverseLink> const& from) : model_(from), share_(share_of(from)) {
    detail::require_real_time(model_.network(), model_.sample());
    auto const n = fovea::size(model_.parameters());
    if constexpr (rearranges) {
      parameters_.resize(n + 64 / sizeof(value_type));
      std::copy_n(fovea::data(model_.parameters()), n, parameters_.data());
      detail::freeze_parameters(model_.network(), model_.sample(), model_.place(),
                                static_cast<value_type const*>(fovea::data(model_.parameters())), parameters_.data());
    }
    scratch_.resize(parts() * share_.bytes + 64);
  }

  /// Writes the predictions for one row, whose elements begin at `row`, to `into`. For a network of several inputs, `row` is a
  /// tuple of pointers. Nothing is checked; not even the indices of an `embedding`.
  template <class Row> void predict(Row const& row, value_type* into) const noexcept FOVEA_NONBLOCKING {
    if constexpr (detail::fits_one_function<Net>) in_one_function(row, into);
    else one_row(row, into);
  }

  /// Writes the predictions for the rows of x, on the backend's threads; shapes are checked as in the model's `predict`, which
  /// throws the same errors. Not real-time safe: wide products pack their factors in memory of a thread.
  template <inputs_for<B, sample_type> X, same_memory_as<output_tensor> Y>
    requires writable_tensor<Y>
  void predict(X const& x, Y&& into) const {
    detail::check_prediction(model_, x, into);
    auto const rows = detail::input_rows(x), outputs = model_.output().size();
    auto const blocks = (rows + share_.rows - 1) / share_.rows, parts = (std::min)(blocks, this->parts());
    auto const b = B::real_time(true);
    auto const part = [&](std::size_t i) {
      for (auto k = blocks * i / parts; k != blocks * (i + 1) / parts; ++k) {
        auto const first = k * share_.rows, n = (std::min)(share_.rows, rows - first);
        forward(b, detail::input_batch<real_time_backend>(x, model_.sample(), first, n),
                fovea::data(into) + first * outputs, scratch(i));
      }
    };
    if constexpr (has_threads) model_.backend().for_each_part(parts, part);
    else if (parts != 0) part(0);
  }

 private:
  using real_time_backend = detail::real_time_backend<B>;
  static constexpr bool rearranges = detail::takes_padded<real_time_backend> && takes_frozen<Net>;
  static constexpr bool has_threads = requires(B const b) { b.threads(); };
  using pass_type = pass<real_time_backend, false, false, false, rearranges>;

  /// What one thread computes at a time: few rows, whose activations stay in the first cache.
  struct share {
    std::size_t rows, bytes;
  };
  static share share_of(model<B, Net, InverseLink> const& m) {
    constexpr std::size_t max_rows = 64, bound = std::size_t{1} << 20;
    for (auto rows = max_rows;; rows /= 2) {
      auto const bytes = fovea::needs_of<pass_type>(m.network(), m.sample(), rows).scratch;
      if (rows == 1 || bytes <= bound) return {rows, (bytes + 63) / 64 * 64};
    }
  }
  std::size_t parts() const {
    if constexpr (has_threads) return 2 * model_.backend().threads();
    else return 1;
  }
  std::byte* scratch(std::size_t i) const {
    auto* const start = scratch_.data();
    return start + (64 - reinterpret_cast<std::uintptr_t>(start) % 64) % 64 + i * share_.bytes;
  }
  value_type const* parameters() const {
    if constexpr (rearranges) return parameters_.data();
    else return fovea::data(model_.parameters());
  }
  template <class Row> [[gnu::flatten]] void in_one_function(Row const& row, value_type* into) const {
    one_row(row, into);
  }
  template <class Row> void one_row(Row const& row, value_type* into) const {
    auto const x = detail::batch_from<real_time_backend>(row, model_.sample(), 1);
    forward(B::real_time(false), fovea::read_only(x), into, scratch(0));
  }
  template <class X> void forward(real_time_backend const& b, X const& x, value_type* into, std::byte* memory) const {
    pass_type const p{b,
                      model_.place(),
                      parameters(),
                      nullptr,
                      model_.state(),
                      nullptr,
                      memory,
                      {},
                      fovea::data(model_.parameters())};
    auto const y = detail::batch_from<real_time_backend>(into, model_.output(), fovea::rows_of(x));
    model_.network().forward(p, x, y);
    if constexpr (!std::same_as<InverseLink, identity>) model_.inverse_link().forward(p, fovea::read_only(y), y);
  }

  model<B, Net, InverseLink> model_;
  share share_;
  std::vector<value_type> parameters_;
  mutable std::vector<std::byte> scratch_;
};

/// Returns a copy of a model, or of a trainer's, that only predicts.
template <backend B, class Net, class InverseLink> auto freeze(model<B, Net, InverseLink> const& m) {
  return frozen_model<B, Net, InverseLink>(m);
}
template <class Trainer>
  requires requires(Trainer const& t) { fovea::freeze(t.model()); }
auto freeze(Trainer const& trainer) {
  return fovea::freeze(trainer.model());
}

}  // namespace fovea
