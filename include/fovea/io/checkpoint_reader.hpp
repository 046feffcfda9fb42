// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <functional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <nlohmann/json.hpp>

#include <fovea/error.hpp>
#include <fovea/io/checkpoint_file.hpp>
#include <fovea/io/safetensors.hpp>
#include <fovea/tensor/shape.hpp>
#include <fovea/text/parse_errors.hpp>
#include <fovea/training/reports.hpp>

namespace fovea::detail {

inline std::vector<epoch_report> history_from(nlohmann::json const& all) {
  std::vector<epoch_report> history;
  for (auto const& one : all) {
    epoch_report r;
    r.epoch = one.at("epoch"), r.epochs = one.at("epochs"), r.loss = one.at("loss");
    if (one.contains("validation_loss")) r.validation_loss = one.at("validation_loss").template get<double>();
    for (auto const& m : one.at("metrics")) r.metrics.emplace_back(m.at(0), m.at(1));
    r.seconds = one.at("seconds"), r.learning_rate = one.at("learning_rate");
    r.rows = one.at("rows"), r.steps = one.at("steps");
    history.push_back(std::move(r));
  }
  return history;
}

/// Finds a state in a checkpoint: `visit` of `for_each_state`. Nothing is changed before `apply`.
template <class Backend> class checkpoint_reader {
 public:
  checkpoint_reader(Backend const& b, checkpoint_file const& file)
      : backend_(b), file_(file), used_(file.entries().size()) {}

  template <class T> void operator()(std::string const& name, shape const& extents, T* to) {
    auto const& bytes = find<T>(name, extents);
    changes_.push_back(
        [this, &bytes, to, n = extents.size()] { backend_.copy(reinterpret_cast<T const*>(bytes.data()), to, n); });
  }
  template <class N>
    requires std::is_arithmetic_v<N>
  void operator()(std::string const& name, N& number) {
    stored_number<N> value;
    std::memcpy(&value, find<stored_number<N>>(name, shape{}).data(), sizeof value);
    changes_.push_back([&number, value] { number = static_cast<N>(value); });
  }
  void operator()(std::string const& name, std::vector<double>& numbers) {
    auto const at = place_of(name);
    auto const& found = file_.entries()[at];
    auto const& bytes = find<double>(name, shape{std::array{found.shape.size() == 1 ? found.shape[0] : 0}});
    changes_.push_back([&numbers, &bytes] {
      numbers.resize(bytes.size() / sizeof(double));
      if (!numbers.empty()) std::memcpy(numbers.data(), bytes.data(), bytes.size());
    });
  }
  void operator()(std::string const& name, std::vector<epoch_report>& history) {
    try {
      changes_.push_back(
          [&history, read = detail::history_from(nlohmann::json::parse(file_.words(name)))] { history = read; });
    } catch (nlohmann::json::exception const&) {
      throw argument_error(file_.name() + ": holds no run of fit");
    }
  }

  /// Throws `argument_error` if the checkpoint holds more than was asked for; what begins with `ignored` does not count.
  void require_all_used(std::string_view ignored) const {
    for (std::size_t i = 0; i != used_.size(); ++i)
      if (auto const& name = file_.entries()[i].name; !used_[i] && (ignored.empty() || !name.starts_with(ignored)))
        throw argument_error(file_.name() + ": holds " + quoted(name) + ", which there is not here");
  }
  void apply() {
    for (auto const& change : changes_) change();
    backend_.synchronize();
  }

 private:
  std::size_t place_of(std::string const& name) const {
    auto const& all = file_.entries();
    auto const at = std::ranges::find(all, name, &safetensors_entry::name);
    if (at == all.end()) throw argument_error(file_.name() + ": has no " + quoted(name) + ", which there is here");
    return static_cast<std::size_t>(at - all.begin());
  }
  template <class T> std::vector<std::byte> const& find(std::string const& name, shape const& extents) {
    auto const at = place_of(name);
    auto const& found = file_.entries()[at];
    if (found.dtype != safetensors_dtype<T> || found.shape != detail::to_vector(extents))
      throw argument_error(file_.name() + ": " + quoted(name) + " is " + found.dtype + " of shape " +
                           safetensors_shape(found.shape) + ", here it is " + safetensors_dtype<T> + " of shape " +
                           to_string(extents));
    used_[at] = true;
    return file_.bytes(at);
  }

  Backend backend_;
  checkpoint_file const& file_;
  std::vector<bool> used_;
  std::vector<std::function<void()>> changes_;
};

}  // namespace fovea::detail
