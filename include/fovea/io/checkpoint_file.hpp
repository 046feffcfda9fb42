// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include <fovea/data/fingerprint.hpp>
#include <fovea/error.hpp>
#include <fovea/io/safetensors.hpp>
#include <fovea/tensor/shape.hpp>
#include <fovea/text/parse_errors.hpp>
#include <fovea/training/reports.hpp>

/// The file of a checkpoint: what writes it, what checks it, and what restores a state from it.
namespace fovea {

/// The version of the checkpoints that are written. Older ones are read; newer ones are refused.
inline constexpr int checkpoint_version = 1;

namespace detail {

/// Numbers on the host, as a safetensors file holds them.
struct host_numbers {
  safetensors_entry entry;
  std::vector<std::byte> bytes;
};

/// The type whose numbers stand for one on the host: integers and bools are I64.
template <class N> using stored_number = std::conditional_t<std::floating_point<N>, double, std::int64_t>;

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

/// Returns what a checkpoint must agree on with the trainer that goes on from it: (name, words).
template <class Trainer> safetensors_metadata identity_of(Trainer const& t) {
  safetensors_metadata all;
  for (auto const& [what, words] : t.identity()) all[what] = words;
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
  void write(std::filesystem::path const& path);

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

inline void add_entry(checksum& sum, safetensors_entry const& entry, std::vector<std::byte> const& bytes) {
  sum(entry.name), sum(entry.dtype);
  for (auto const extent : entry.shape) sum(&extent, sizeof extent);
  sum(bytes.data(), bytes.size());
}
inline std::string checksum_with(checksum sum, safetensors_metadata const& metadata) {
  for (auto const& [name, words] : metadata)
    if (name != "checksum") sum(name), sum(words);
  return sum.words();
}

template <class Backend> void checkpoint_writer<Backend>::write(std::filesystem::path const& path) {
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

/// A checkpoint in memory, whole: its constructor throws `io_error` if the file cannot be read or is damaged.
class checkpoint_file {
 public:
  explicit checkpoint_file(std::filesystem::path const& path) : file_(path) {
    auto const& metadata = file_.header().metadata;
    auto const format = metadata.find("format");
    if (format == metadata.end() || format->second != "fovea checkpoint")
      throw io_error(name() + ": expected a checkpoint, found another safetensors file");
    checksum sum;
    for (auto const& t : file_.header().tensors) {
      auto bytes = detail::safetensors_value_bytes(t.dtype) == 8 ? bytes_of(file_.values<std::int64_t>(as_i64(t)))
                   : t.dtype == safetensors_dtype<float>         ? bytes_of(file_.values<float>(t))
                                                                 : std::vector<std::byte>{};
      detail::add_entry(sum, t, bytes);
      bytes_.push_back(std::move(bytes));
    }
    auto const reads = ", this program reads version " + std::to_string(checkpoint_version);
    auto const version = words("version");
    bool const same = version == std::to_string(checkpoint_version);
    if (detail::checksum_with(sum, metadata) != words("checksum"))
      throw io_error(name() + ": is damaged: its checksum differs" +
                     (same ? "" : "; or it is of version " + quoted(version) + reads));
    if (!same) throw argument_error(name() + ": is a checkpoint of version " + quoted(version) + reads);
  }

  std::string const& name() const { return file_.name(); }
  std::vector<safetensors_entry> const& entries() const { return file_.header().tensors; }
  std::vector<std::byte> const& bytes(std::size_t i) const { return bytes_[i]; }
  /// Returns what the metadata says, or nothing.
  std::string words(std::string const& of) const {
    auto const found = file_.header().metadata.find(of);
    return found == file_.header().metadata.end() ? std::string() : found->second;
  }
  /// Throws `argument_error`, which shows both, unless the checkpoint says of each name what `expected` does.
  void require(safetensors_metadata const& expected) const {
    for (auto const& [what, words_here] : expected)
      if (words(what) != words_here)
        throw argument_error(name() + ": is of " + (what.ends_with("options") ? "other " : "another ") + what + ": " +
                             words(what) + "; here it is " + words_here);
  }

 private:
  /// The same eight bytes, read as integers.
  static safetensors_entry as_i64(safetensors_entry entry) {
    entry.dtype = safetensors_dtype<std::int64_t>;
    return entry;
  }
  template <class T> static std::vector<std::byte> bytes_of(std::vector<T> const& values) {
    std::vector<std::byte> bytes(values.size() * sizeof(T));
    if (!values.empty()) std::memcpy(bytes.data(), values.data(), bytes.size());
    return bytes;
  }

  safetensors_file file_;
  std::vector<std::vector<std::byte>> bytes_;
};

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
    auto const& bytes = find<double>(name, shape{found.shape.size() == 1 ? found.shape : std::vector<std::size_t>{0}});
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

}  // namespace detail

}  // namespace fovea
