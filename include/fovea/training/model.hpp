// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <fovea/layers/activation.hpp>
#include <fovea/layers/places.hpp>
#include <fovea/layers/views.hpp>
#include <fovea/tensor/copy.hpp>
#include <fovea/training/inputs.hpp>
#include <fovea/training/results.hpp>
#include <fovea/training/workspace.hpp>

namespace fovea {

namespace formulas {
/// Writes the number of a row's largest element.
template <class T> struct largest {
  T const* source;
  std::size_t columns;
  std::int32_t* destination;
  FOVEA_HD constexpr void operator()(std::size_t row) const {
    std::size_t best = 0;
    for (std::size_t c = 1; c < columns; ++c)
      if (source[row * columns + c] > source[row * columns + best]) best = c;
    destination[row] = static_cast<std::int32_t>(best);
  }
};
}  // namespace formulas

namespace detail {
/// Returns the sample of a network's input; of one that knows none, another, for fewer errors.
template <class N> constexpr auto sample_of_network(N const& layers) {
  if constexpr (knows_sample<N>) return layers.sample();
  else return extents<1>{};
}
/// Throws what `predict` throws for an input and a result that do not fit the model.
template <class M, class X, class Y> void check_prediction(M const& m, X const& x, Y const& into) {
  auto const each_sample = m.sample();
  auto const each_output = m.output();
  auto const rows = detail::input_rows(x);
  if (!detail::holds_samples(x, each_sample))
    throw shape_error("predict: x has shape " + detail::given_shape(x) + ", expected " +
                      detail::shape_text(each_sample));
  detail::check_results(m.backend(), into, each_output, rows);
  detail::require_inputs(m.backend(), "predict", x);
  detail::check_apart_from_inputs(x, into, m.parameters());
  using B = std::remove_cvref_t<decltype(m.backend())>;
  detail::check_input(m.network(), m.backend(), "predict", detail::input_batch<B>(x, each_sample, 0, rows));
}
template <class N> using sample_type = decltype(detail::sample_of_network(std::declval<N const&>()));
}  // namespace detail

/// A layer that knows its own input's sample: what a model is made of.
template <class N>
concept network = knows_sample<N> && layer<N, detail::sample_type<N>>;

/// A view of one parameter of a model: its name and shape, as in PyTorch, and its elements.
template <class B, class T> struct named_parameter {
  std::string name;
  fovea::shape extents;
  vector_span<B, T> elements;
};

/// A view of one tensor of a model's state: numbers, or counts, whose other pointer is null.
template <class T> struct named_state {
  std::string name;
  fovea::shape extents;
  T* numbers;
  std::conditional_t<std::is_const_v<T>, std::int64_t const, std::int64_t>* counts;
};

/// A network with its parameters, stored as one flat tensor, and its state, on a backend. The inverse link is the layer that
/// maps outputs to predictions: `sigmoid{}` or `softmax{}` for a loss on logits, `identity{}` for a loss on probabilities. Of
/// several outputs, such as a recurrence's state, it is that of the first.
/// Several threads may predict with one const model, each with its own workspace. The constructor throws `argument_error` if an
/// option of a layer is outside its domain.
///
///     fovea::model model{fovea::host_backend<float>{}, net, 0, fovea::sigmoid{}};  // 0: the seed
///     fovea::load(model, "ring.safetensors");
///     auto const probabilities = model.predict(points);  // (rows, outputs)
template <backend B, class Net, class InverseLink = identity> class model {
 public:
  static_assert(knows_sample<Net>,
                "model: no layer of the network says what a sample is: begin it with fovea::input<features>{}");
  static_assert(!activation_formula<InverseLink>, "model: the inverse link is a layer, such as fovea::sigmoid{}");
  using value_type = typename B::value_type;
  using parameter_tensor = typename B::template tensor<value_type, 1>;
  using output_tensor = typename B::template tensor<value_type, 2>;
  using sample_type = detail::sample_type<Net>;
  /// The outputs for some rows: a tensor, or a tuple of them where the network has several outputs.
  using outputs_type = decltype(detail::tensors_for(std::declval<B const&>(), std::size_t{},
                                                    std::declval<output_of<Net, sample_type>>()));

  model(B const& b, Net const& layers, std::uint64_t seed = 0, InverseLink const& link = {})
      : backend_(b), net_(validated(layers)), link_(link), layout_(detail::layout_of<value_type>(net_, sample())),
        parameters_(b.template empty<value_type>(std::array{layout_.parameter_count})),
        state_(b.template empty<value_type>(std::array{layout_.state_bytes / sizeof(value_type)})) {
    detail::initialize(net_, sample(),
                       initialization<B>{backend_, place(), fovea::data(parameters_), state_bytes(state_), seed});
  }

  B const& backend() const { return backend_; }
  Net const& network() const { return net_; }
  InverseLink const& inverse_link() const { return link_; }
  layer_place const& place() const { return layout_.place; }
  detail::network_layout const& layout() const { return layout_; }
  /// The sample of the network's input and of its output.
  constexpr sample_type sample() const { return detail::sample_of_network(net_); }
  constexpr auto output() const { return net_.output(sample()); }

  /// All parameters, in the order of the layers, as one flat tensor.
  parameter_tensor& parameters() { return parameters_; }
  parameter_tensor const& parameters() const { return parameters_; }
  /// The state of all layers: what is not learned but saved, such as running statistics.
  std::byte* state() { return state_bytes(state_); }
  std::byte const* state() const { return state_bytes(state_); }

  /// Returns a copy of the model, with its state and these parameters in place of its own.
  model with_parameters(value_type const* parameters) const {
    model copy(backend_, net_, 0, link_);
    backend_.copy(parameters, fovea::data(copy.parameters_), fovea::size(parameters_));
    backend_.copy(fovea::data(state_), fovea::data(copy.state_), fovea::size(state_));
    return copy;
  }

  /// Returns a view of each parameter: "0.weight" (16, 29), "0.bias" (16,), ...
  auto named_parameters() { return named<value_type>(fovea::data(parameters_)); }
  auto named_parameters() const { return named<value_type const>(fovea::data(parameters_)); }

  /// Returns a view of each tensor of the state: "1.running_mean" (16,), ...; PyTorch's buffers.
  auto named_states() { return states<value_type>(state()); }
  auto named_states() const { return states<value_type const>(state()); }

  /// Returns a view of one parameter, without a copy: in the backend's own view type and the parameter's shape if the
  /// backend has `view`, else flat. Throws `argument_error`, which lists the existing names, if there is no such parameter.
  auto parameter(std::string_view name) { return viewed<value_type>(named_parameters(), name); }
  auto parameter(std::string_view name) const { return viewed<value_type const>(named_parameters(), name); }

  /// Writes the network's outputs for the rows of x to `into`, (rows, outputs). x is (rows, features), of more dimensions
  /// where a sample has them, and a tuple of tensors where the network has several inputs; so is `into` for several outputs,
  /// such as `std::tie(y, state)`. Throws `shape_error` for other shapes, and `argument_error` if `into` shares memory with x or the
  /// parameters.
  template <inputs_for<B, sample_type> X, results_for<B, output_of<Net, sample_type>> Y>
  void outputs(X const& x, workspace<B>& memory, Y&& into) const {
    run(x, memory, into, identity{});
  }
  /// Like `outputs`, with the inverse link applied: probabilities, for a loss on logits.
  template <inputs_for<B, sample_type> X, results_for<B, output_of<Net, sample_type>> Y>
  void predict(X const& x, workspace<B>& memory, Y&& into) const {
    run(x, memory, into, link_);
  }
  /// Returns the outputs as a new tensor (rows, outputs). Allocates a workspace on each call.
  template <inputs_for<B, sample_type> X> outputs_type outputs(X const& x) const {
    workspace<B> memory;
    return run(x, memory, results_for_rows_of(x), identity{});
  }
  /// Returns the predictions as a new tensor (rows, outputs). Allocates a workspace on each call.
  template <inputs_for<B, sample_type> X> outputs_type predict(X const& x) const {
    workspace<B> memory;
    return run(x, memory, results_for_rows_of(x), link_);
  }
  /// Returns the class of the largest output of each row, (rows, 1); of equal ones, the first. Throws `shape_error` if there is
  /// one output only, which is no choice: compare it with a threshold.
  template <inputs_for<B, sample_type> X> auto predict_classes(X const& x) const {
    auto const all = outputs(x);
    auto const& y = detail::first_of(all);
    auto const s = fovea::shape_of(y);
    if (s[1] < 2)
      throw shape_error("predict_classes: the network has one output; compare its prediction with a threshold");
    auto classes = backend_.template empty<std::int32_t>(std::array{s[0], std::size_t{1}});
    backend_.for_each_index(s[0], formulas::largest<value_type>{fovea::data(y), s[1], fovea::data(classes)});
    return classes;
  }
  /// For arguments that none of the above takes: the error says why.
  template <class X> outputs_type outputs(X const& x) const { return predict(x); }
  template <class X> outputs_type predict(X const&) const {
    detail::explain_input<B, sample_type, X>();
    return detail::tensors_for(backend_, 0, output());
  }

 private:
  static Net const& validated(Net const& layers) {
    detail::validate_layers<value_type>(layers, detail::sample_of_network(layers));
    return layers;
  }
  template <class S> static auto state_bytes(S& tensor) {
    using to = std::conditional_t<std::is_const_v<S>, std::byte const, std::byte>;
    return reinterpret_cast<to*>(fovea::data(tensor));
  }
  /// Writes predictions to `into`, and returns it.
  template <class X, class Y, class Link> Y run(X const& x, workspace<B>& memory, Y&& into, Link const& link) const {
    detail::check_prediction(*this, x, into);
    auto const each_sample = sample();
    auto const each_output = net_.output(each_sample);
    auto const rows = detail::input_rows(x);
    using P = pass<B, false, false>;
    // The rows of a block: few enough for its activations to stay in the cache, and for its memory to stay within the bound.
    constexpr std::size_t max_rows = 512, bound = std::size_t{64} << 20;
    auto step = (std::min)(max_rows, rows);
    auto needed = fovea::needs_of<P>(net_, each_sample, step).scratch;
    while (step > 1 && needed > bound) step /= 2, needed = fovea::needs_of<P>(net_, each_sample, step).scratch;
    P const p{backend_, place(), fovea::data(parameters_), nullptr, state(), nullptr, memory.reserve(backend_, needed)};
    for (std::size_t r = 0; r < rows; r += step) {
      auto const n = (std::min)(step, rows - r);
      auto const block = detail::result_batch<B>(into, each_output, r, n);
      net_.forward(p, detail::input_batch<B>(x, each_sample, r, n), block);
      if constexpr (!std::same_as<Link, identity>) {
        auto const& first = detail::first_of(block);
        link.forward(p, fovea::read_only(first), first);
      }
    }
    return std::forward<Y>(into);
  }
  template <class X> outputs_type results_for_rows_of(X const& x) const {
    return detail::tensors_for(backend_, detail::input_rows(x), output());
  }
  template <class T> auto viewed(std::vector<named_parameter<B, T>> const& all, std::string_view name) const {
    std::string there;
    for (auto const& p : all) {
      if (p.name == name) {
        if constexpr (requires { backend_.view(p.elements.elements, p.extents); })
          return backend_.view(p.elements.elements, p.extents);
        else return p.elements;
      }
      there += (there.empty() ? "" : ", ") + p.name;
    }
    throw argument_error("model: no parameter \"" + std::string(name) + "\"; there are: " + there);
  }
  template <class T> std::vector<named_parameter<B, T>> named(T* at) const {
    std::vector<named_parameter<B, T>> all;
    for (auto const& p : layout_.parameters)
      all.push_back({p.name, p.extents, {at + p.offset, fovea::extents<dynamic>({p.extents.size()})}});
    return all;
  }
  template <class T, class Byte> std::vector<named_state<T>> states(Byte* at) const {
    using count = std::remove_pointer_t<decltype(named_state<T>::counts)>;
    std::vector<named_state<T>> all;
    for (auto const& s : layout_.states) {
      auto* const first = at + s.offset;
      if (s.kind == state_kind::count) all.push_back({s.name, s.extents, nullptr, reinterpret_cast<count*>(first)});
      else all.push_back({s.name, s.extents, reinterpret_cast<T*>(first), nullptr});
    }
    return all;
  }

  B backend_;
  Net net_;
  InverseLink link_;
  detail::network_layout layout_;
  parameter_tensor parameters_, state_;
};

}  // namespace fovea
