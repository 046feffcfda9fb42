// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include <fovea/error.hpp>
#include <fovea/io/checkpoint_file.hpp>
#include <fovea/io/safetensors.hpp>
#include <fovea/tensor/shape.hpp>
#include <fovea/training/reports.hpp>

namespace fovea::detail {

/// Numbers on the host, as a safetensors file holds them.
struct host_numbers {
  safetensors_entry entry;
  std::vector<std::byte> bytes;
};

inline nlohmann::ordered_json to_json(std::vector<epoch_report> const& history) {
  auto all = nlohmann::ordered_json::array();
  for (auto const& r : history) {
    nlohmann::ordered_json one{{"epoch", r.epoch}, {"epochs", r.epochs}, {"loss", r.loss}};
    if (r.validation_loss) one["validation_loss"] = *r.validation_loss;
    one["metrics"] = nlohmann::ordered_json::array();
    for (auto const& [name, value] : r.metrics) one["metrics"].push_back({name, value});
    one["seconds"] = r.seconds, one["learning_rate"] = r.learning_rate;
    one["rows"] = r.rows, one["steps"] = r.steps;
    all.push_back(std::move(one));
  }
  return all;
}

/// Copies a state to the host: `visit` of `for_each_state`.
template <class Backend> class checkpoint_writer {
 public:
  checkpoint_writer(Backend const& b, safetensors_metadata metadata) : backend_(b), metadata_(std::move(metadata)) {}

  template <class T> void operator()(std::string const& name, shape const& extents, T* from) {
    auto& to = append<std::remove_const_t<T>>(name, extents);
    backend_.copy(static_cast<T const*>(from), reinterpret_cast<std::remove_const_t<T>*>(to.bytes.data()),
                  extents.size());
  }
  template <class N>
    requires std::is_arithmetic_v<N>
  void operator()(std::string const& name, N const& number) {
    auto const value = static_cast<stored_number<N>>(number);
    std::memcpy(append<stored_number<N>>(name, shape{}).bytes.data(), &value, sizeof value);
  }
  void operator()(std::string const& name, std::vector<double> const& numbers) {
    auto& to = append<double>(name, shape{std::array{numbers.size()}});
    if (!numbers.empty()) std::memcpy(to.bytes.data(), numbers.data(), to.bytes.size());
  }
  void operator()(std::string const& name, std::vector<epoch_report> const& history) {
    try {
      metadata_[name] = detail::to_json(history).dump();
    } catch (nlohmann::json::type_error const&) {
      throw argument_error("checkpoint: the name of a metric is not UTF-8");
    }
  }

  /// Writes the file, with a checksum of all that is in it.
  void write(std::filesystem::path const& path) {
    backend_.synchronize();
    std::ranges::sort(all_, {}, [](auto const& one) { return std::string_view(one->entry.name); });
    checksum sum;
    std::vector<unwritten_tensor> tensors;
    for (auto const& one : all_) {
      detail::add_entry(sum, one->entry, one->bytes);
      tensors.push_back({one->entry, one->bytes.data()});
    }
    metadata_["format"] = "fovea checkpoint";
    metadata_["version"] = std::to_string(checkpoint_version);
    metadata_["checksum"] = detail::checksum_with(sum, metadata_);
    detail::write_unwritten(path, std::move(tensors), metadata_);
  }

 private:
  template <safetensors_value T> host_numbers& append(std::string const& name, shape const& extents) {
    all_.push_back(
        std::make_unique<host_numbers>(host_numbers{{name, safetensors_dtype<T>, detail::to_vector(extents), 0, 0},
                                                    std::vector<std::byte>(extents.size() * sizeof(T))}));
    return *all_.back();
  }

  Backend backend_;
  safetensors_metadata metadata_;
  std::vector<std::unique_ptr<host_numbers>> all_;  // a copy from a device may still write to them
};

}  // namespace fovea::detail
