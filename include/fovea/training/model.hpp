// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fovea/losses/loss.hpp>
#include <fovea/tensor/copy.hpp>
#include <fovea/training/workspace.hpp>

namespace fovea {

/// A view of one parameter of a model: its name and shape, as in PyTorch, and its elements.
template <class B, class T> struct named_parameter {
  std::string name;
  fovea::shape extents;
  vector_span<B, T> elements;
};

namespace formulas {
template <class F> struct in_place {
  F f;
  template <class T> FOVEA_HD constexpr void operator()(T& x) const { x = f(x); }
};
}  // namespace formulas

/// A network with its parameters, stored as one flat tensor, on a backend. `InverseLink` maps outputs to predictions: the
/// sigmoid for a loss on logits, the identity for a loss on probabilities. Several threads may predict with one const model,
/// each with its own workspace. The constructor throws `argument_error` if an option of a layer is outside its domain.
///
///     fovea::model model{fovea::host_backend<float>{}, net, 0, fovea::sigmoid_formula{}};  // 0: the seed
///     fovea::load(model, "ring.safetensors");
///     auto const probabilities = model.predict(points);  // (rows, outputs)
template <backend B, network Net, activation_formula InverseLink = identity_formula> class model {
 public:
  using value_type = typename B::value_type;
  using parameter_tensor = typename B::template tensor<value_type, 1>;
  using output_tensor = typename B::template tensor<value_type, 2>;

  model(B const& b, Net const& layers, std::uint64_t seed = 0, InverseLink = {})
      : backend_(b), net_(validated(layers)),
        parameters_(b.template empty<value_type>(std::array{layers.parameter_count()})) {
    net_.initialize(backend_, fovea::data(parameters_), seed);
  }

  B const& backend() const { return backend_; }
  Net const& network() const { return net_; }

  /// All parameters, in the order of the layers, as one flat tensor.
  parameter_tensor& parameters() { return parameters_; }
  parameter_tensor const& parameters() const { return parameters_; }

  /// Returns a view of each parameter: "0.weight" (16, 29), "0.bias" (16,), ...
  auto named_parameters() { return named<value_type>(fovea::data(parameters_)); }
  auto named_parameters() const { return named<value_type const>(fovea::data(parameters_)); }

  /// Returns a view of one parameter, without a copy: in the backend's own view type and the parameter's shape if the
  /// backend has `view`, else flat. Throws `argument_error`, which lists the existing names, if there is no such parameter.
  auto parameter(std::string_view name) { return viewed<value_type>(named_parameters(), name); }
  auto parameter(std::string_view name) const { return viewed<value_type const>(named_parameters(), name); }

  /// Writes the network's outputs for the rows of x, (rows, inputs), to `into`, (rows, outputs). Throws `shape_error` for
  /// other shapes.
  template <same_memory_as<output_tensor> X, same_memory_as<output_tensor> Y>
    requires writable_tensor<Y>
  void outputs(X const& x, prediction_workspace<B>& workspace, Y&& into) const {
    run<identity_formula>(x, workspace, into);
  }
  /// Like `outputs`, with the inverse link applied: probabilities, for a loss on logits.
  template <same_memory_as<output_tensor> X, same_memory_as<output_tensor> Y>
    requires writable_tensor<Y>
  void predict(X const& x, prediction_workspace<B>& workspace, Y&& into) const {
    run<InverseLink>(x, workspace, into);
  }
  /// Returns the outputs as a new tensor (rows, outputs). Allocates a workspace on each call.
  template <same_memory_as<output_tensor> X> output_tensor outputs(X const& x) const {
    return made([&](auto& w, auto& y) { outputs(x, w, y); }, x);
  }
  /// Returns the predictions as a new tensor (rows, outputs). Allocates a workspace on each call.
  template <same_memory_as<output_tensor> X> output_tensor predict(X const& x) const {
    return made([&](auto& w, auto& y) { predict(x, w, y); }, x);
  }
  /// For arguments that none of the above takes: the error says why.
  template <class X> output_tensor outputs(X const& x) const { return predict(x); }
  template <class X> output_tensor predict(X const&) const {
    detail::require_tensor_beside<X, output_tensor>();
    return backend_.template empty<value_type>(std::array<std::size_t, 2>{});
  }

 private:
  static Net const& validated(Net const& layers) {
    if (layers.inputs() == any_width)
      throw shape_error("model: no layer of the network has a width, so neither has its input; add a linear layer");
    [&]<std::size_t... K>(std::index_sequence<K...>) {
      (fovea::validate(layers.template get<K>()), ...);
    }(std::make_index_sequence<Net::depth>{});
    return layers;
  }
  /// Rows per block: small enough for a block's activations to stay in the cache.
  static constexpr std::size_t block_rows = 512;

  template <class F, class X, class Y> void run(X const& x, prediction_workspace<B>& workspace, Y& into) const {
    static_assert(std::same_as<value_of<X>, value_type> && std::same_as<value_of<Y>, value_type>,
                  "a model takes and gives tensors of its backend's value type");
    auto const from = fovea::as_matrix("predict", "x has", x);
    auto const to = fovea::as_matrix("predict", "the result has", into);
    auto const rows = from.extents.extent(0);
    if (from.extents.extent(1) != net_.inputs() || to.extents.extent(1) != net_.outputs() ||
        to.extents.extent(0) != rows)
      throw shape_error("predict: x has shape " + to_string(fovea::shape_of(x)) + ", the result " +
                        to_string(fovea::shape_of(into)) + "; expected (rows, " + std::to_string(net_.inputs()) +
                        ") and (rows, " + std::to_string(net_.outputs()) + ")");
    fovea::require_reachable(backend_, "predict", "x", x),
        fovea::require_reachable(backend_, "predict", "the result", into);
    for (std::size_t r = 0; r < rows; r += block_rows) {
      auto const n = (std::min)(block_rows, rows - r);
      auto const block_x = net_.template batch<0, B>(from.elements + r * net_.inputs(), n);
      auto const block_y = net_.template batch<Net::depth, B>(to.elements + r * net_.outputs(), n);
      net_.forward(backend_, fovea::data(parameters_), workspace.spans(backend_, net_, block_x, block_y));
      if constexpr (!std::same_as<F, identity_formula>)
        backend_.for_each(block_y.extents, formulas::in_place<F>{}, each{block_y.elements});
    }
  }
  template <class F, class X> output_tensor made(F const& f, X const& x) const {
    auto y = backend_.template empty<value_type>(std::array{fovea::shape_of(x)[0], net_.outputs()});
    prediction_workspace<B> workspace;
    f(workspace, y);
    return y;
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
    net_.for_each_parameter([&](std::string name, shape const& extents, std::size_t offset) {
      all.push_back({std::move(name), extents, {at + offset, fovea::extents<dynamic>({extents.size()})}});
    });
    return all;
  }

  B backend_;
  Net net_;
  parameter_tensor parameters_;
};

}  // namespace fovea
