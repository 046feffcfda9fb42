// SPDX-License-Identifier: MIT
#pragma once

/// Tensors and models in the safetensors format (https://huggingface.co/docs/safetensors). Parameters have PyTorch's
/// names, so that PyTorch loads the files written here, and the reverse. Needs nlohmann-json.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <ios>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fovea/error.hpp>
#include <fovea/io/replace_file.hpp>
#include <fovea/io/safetensors_file.hpp>
#include <fovea/io/safetensors_header.hpp>
#include <fovea/tensor/shape.hpp>
#include <fovea/text/parse_errors.hpp>
#include <fovea/text/type_words.hpp>
#include <fovea/training/model.hpp>

namespace fovea {

/// A named tensor in host memory.
template <safetensors_value T> struct safetensor {
  std::string name;
  std::vector<std::size_t> shape;
  std::vector<T> values;                     // row-major
  std::string dtype = safetensors_dtype<T>;  // in the file the tensor was read from; writing ignores it
};

/// The content of a safetensors file.
template <safetensors_value T> struct safetensors {
  std::vector<safetensor<T>> tensors;  // in the order of their bytes in the file
  safetensors_metadata metadata;
};

/// Reads a safetensors file whose tensors are of `T` or of a dtype that widens to `T` exactly: `read_safetensors<double>`
/// reads F64, F32, F16 and BF16, `read_safetensors<float>` the last three. To read single tensors, use
/// `safetensors_file`.
/// Throws `io_error`, with the file, the tensor and what was expected and found, if the file cannot be read, is malformed
/// or has another dtype.
///
///     safetensors<float> const file = read_safetensors<float>("model.safetensors");
///     for (auto const& tensor : file.tensors) std::cout << tensor.name << ": " << tensor.values.size() << '\n';
template <safetensors_value T> safetensors<T> read_safetensors(std::filesystem::path const& path) {
  safetensors_file file(path);
  safetensors<T> result{.tensors = {}, .metadata = file.header().metadata};
  for (auto const& t : file.header().tensors) file.require_widens<T>(t);
  for (auto const& t : file.header().tensors) result.tensors.push_back({t.name, t.shape, file.values<T>(t), t.dtype});
  return result;
}

namespace detail {

inline std::vector<std::size_t> to_vector(shape const& s) {
  std::vector<std::size_t> extents;
  for (std::size_t i = 0; i != s.rank(); ++i) extents.push_back(s[i]);
  return extents;
}

/// A tensor to be written: its values lie elsewhere.
struct unwritten_tensor {
  safetensors_entry entry;
  void const* values;
};

/// Writes the tensors, sorted by name; `write_safetensors` says more.
inline void write_unwritten(std::filesystem::path const& path, std::vector<unwritten_tensor> tensors,
                            safetensors_metadata const& metadata) {
  std::ranges::sort(tensors, {}, [](auto const& t) { return std::string_view(t.entry.name); });
  safetensors_header header{.tensors = {}, .metadata = metadata};
  for (std::uint64_t at = 0; auto& t : tensors) {
    if (t.entry.name == "__metadata__" || (!header.tensors.empty() && header.tensors.back().name == t.entry.name))
      throw argument_error("write_safetensors: the names must differ and not be \"__metadata__\", got " +
                           quoted(t.entry.name));
    auto const bytes = *t.entry.size() * safetensors_value_bytes(t.entry.dtype);
    t.entry.begin = at, t.entry.end = at += bytes;
    header.tensors.push_back(t.entry);
  }
  auto const preamble = safetensors_preamble(header);
  replace_file(path, [&](std::ostream& out) {
    out << preamble;
    for (auto const& t : tensors)
      out.write(static_cast<char const*>(t.values), static_cast<std::streamsize>(t.entry.end - t.entry.begin));
  });
}

}  // namespace detail

/// Writes tensors as a safetensors file, byte for byte as the reference implementation does: sorted by name, with the
/// header padded to a multiple of eight bytes. The file is created or replaced as a whole: if writing fails, an existing
/// file stays as it is.
/// Throws `shape_error` if the number of values does not fit a tensor's shape; `argument_error` if two tensors have the
/// same name, a name is "__metadata__" or a text is not UTF-8; `io_error` if the file cannot be written.
///
///     std::vector<safetensor<float>> const tensors{{.name = "w", .shape = {2, 2}, .values = {1, 2, 3, 4}}};
///     write_safetensors("w.safetensors", tensors);
template <safetensors_value T>
void write_safetensors(std::filesystem::path const& path, std::vector<safetensor<T>> const& tensors,
                       safetensors_metadata const& metadata = {}) {
  std::vector<detail::unwritten_tensor> all;
  for (auto const& t : tensors) {
    all.push_back({{t.name, safetensors_dtype<T>, t.shape, 0, 0}, t.values.data()});
    if (all.back().entry.size() != t.values.size())
      throw shape_error("write_safetensors: " + quoted(t.name) + " has " + std::to_string(t.values.size()) +
                        " values, which are not of shape " + detail::safetensors_shape(t.shape));
  }
  detail::write_unwritten(path, std::move(all), metadata);
}

/// Writes a model's parameters and state, without the optimizer's state, to a safetensors file that PyTorch reads with
/// `load_state_dict(safetensors.torch.load_file(path))`. The metadata has "format": "pt" and, in words, the "network", unless
/// `metadata` sets others: `load` refuses the file for another network, also for one of the same shapes. The file is created or
/// replaced as a whole.
/// Throws `io_error` if the file cannot be written, and `argument_error` if the metadata is not UTF-8.
///
///     save(trainer.model(), "model.safetensors");
template <backend B, class Net, class Link>
void save(model<B, Net, Link> const& from, std::filesystem::path const& path, safetensors_metadata metadata = {}) {
  using T = typename B::value_type;
  std::vector<safetensor<T>> numbers;
  std::vector<safetensor<std::int64_t>> counts;
  auto const take = [&]<class E>(std::vector<safetensor<E>>& to, std::string const& name, shape const& extents,
                                 E const* at) {
    safetensor<E> t{.name = name, .shape = detail::to_vector(extents), .values = std::vector<E>(extents.size())};
    from.backend().copy(at, t.values.data(), t.values.size());
    to.push_back(std::move(t));
  };
  for (auto const& p : from.named_parameters()) take(numbers, p.name, p.extents, p.elements.elements);
  for (auto const& s : from.named_states()) {
    if (s.counts) take(counts, s.name, s.extents, s.counts);
    else take(numbers, s.name, s.extents, s.numbers);
  }
  from.backend().synchronize();
  std::vector<detail::unwritten_tensor> all;
  auto const list = [&]<class E>(std::vector<safetensor<E>> const& tensors) {
    for (auto const& t : tensors) all.push_back({{t.name, t.dtype, t.shape, 0, 0}, t.values.data()});
  };
  list(numbers), list(counts);
  metadata.try_emplace("format", "pt"), metadata.try_emplace("network", detail::type_words<Net>());
  detail::write_unwritten(path, std::move(all), metadata);
}

namespace detail {

/// Returns the file's entry for a parameter. Throws `io_error` if the entry does not exist or its dtype does not widen to
/// `T`, and `shape_error` if its shape is not `extents`.
template <safetensors_value T>
safetensors_entry const& safetensor_for(safetensors_file const& file, std::string const& name, shape const& extents) {
  auto const* found = file.header().find(name);
  if (!found) {
    auto const& all = file.header().tensors;
    throw io_error(file.name() + ": expected a tensor " + quoted(name) + " of shape " + to_string(extents) +
                   ", found " + (all.empty() ? "no tensors" : "others, such as " + quoted(all.front().name)));
  }
  if (found->shape != detail::to_vector(extents))
    throw shape_error(file.name() + ": tensor " + quoted(name) + ": expected shape " + to_string(extents) + ", found " +
                      safetensors_shape(found->shape));
  file.require_widens<T>(*found);
  return *found;
}

}  // namespace detail

/// Options of `load`, for a file that holds more, less or other names than the model.
struct load_options {
  std::string prefix =
      "";  // of the file's names: only tensors whose names begin with it count, such as "model." of a checkpoint
  std::vector<std::pair<std::string, std::string>> renamed = {};  // (beginning of the model's name, of the file's)
  bool any_network = false;                                       // also a file of another network, of the same shapes
  bool partial = false;  // what the file lacks stays as it is, and what the model lacks is left
};

namespace detail {
inline std::string name_in_file(load_options const& options, std::string const& name) {
  for (auto const& [ours, theirs] : options.renamed)
    if (name.starts_with(ours)) return options.prefix + theirs + name.substr(ours.size());
  return options.prefix + name;
}
/// Throws `argument_error`, which shows both, if the metadata says other words.
inline void require_words(safetensors_file const& file, std::string const& what, std::string const& here) {
  auto const found = file.header().metadata.find(what);
  if (found != file.header().metadata.end() && found->second != here)
    throw argument_error(file.name() + ": is of another " + what + ": " + found->second + "; here it is " + here);
}
}  // namespace detail

/// What `load` with options read, and what it left.
struct load_report {
  safetensors_metadata metadata;
  std::vector<std::string> missing;  // the model's names that the file has no tensor for
  std::vector<std::string> unused;   // the file's tensors that the model has no name for
};

/// Reads a model's parameters and state from a file whose names differ, or from a part of one: transfer learning. Without
/// `partial`, the tensors under the prefix must be exactly the model's; the file's network may then be another one, of which this
/// is a part, but not a checkpoint's. Throws what `load(trainer.model(), path)` throws; the model is then
/// unchanged.
///
///     auto const report = load(trainer.model(), "run/step-000000001000.safetensors", {.prefix = "model."});  // of a checkpoint
///     load(trainer.model(), "encoder.safetensors", {.renamed = {{"0.", "encoder.layer."}}, .partial = true});
template <backend B, class Net, class Link>
load_report load(model<B, Net, Link>& into, std::filesystem::path const& path, load_options const& options) {
  using T = typename B::value_type;
  safetensors_file file(path);
  load_report report{.metadata = file.header().metadata, .missing = {}, .unused = {}};
  auto const format = report.metadata.find("format");
  bool const of_checkpoint = format != report.metadata.end() && format->second == "fovea checkpoint";
  if (!options.partial && !options.any_network &&
      (of_checkpoint || (options.prefix.empty() && options.renamed.empty()))) {
    detail::require_words(file, "network", detail::type_words<Net>());
    detail::require_words(file, "inverse_link", detail::type_words<Link>());
  }
  std::vector<safetensors_entry const*> entries;
  std::vector<std::pair<std::vector<T>, T*>> numbers;
  std::vector<std::pair<std::vector<std::int64_t>, std::int64_t*>> counts;
  auto const find = [&]<class E>(std::vector<std::pair<std::vector<E>, E*>>& to, std::string const& name,
                                 shape const& extents, E* at) {
    auto const in_file = detail::name_in_file(options, name);
    if (options.partial && !file.header().find(in_file)) return report.missing.push_back(name);
    entries.push_back(&detail::safetensor_for<E>(file, in_file, extents));
    to.push_back({{}, at});
  };
  for (auto const& p : into.named_parameters()) find(numbers, p.name, p.extents, p.elements.elements);
  auto const states = into.named_states();
  for (auto const& s : states)
    if (!s.counts) find(numbers, s.name, s.extents, s.numbers);
  for (auto const& s : states)
    if (s.counts) find(counts, s.name, s.extents, s.counts);
  for (auto const& t : file.header().tensors) {
    if (std::ranges::find(entries, &t) != entries.end()) continue;
    if (!options.partial && t.name.starts_with(options.prefix))
      throw io_error(file.name() + ": expected the model's " + std::to_string(entries.size()) +
                     (states.empty() ? " parameters" : " parameters and states") + " and no other tensor, found " +
                     quoted(t.name));
    report.unused.push_back(t.name);
  }
  if (entries.empty() && !report.missing.empty())
    throw io_error(file.name() + ": has none of the model's tensors, such as " +
                   quoted(detail::name_in_file(options, report.missing.front())));

  std::size_t i = 0;
  for (auto& [read, to] : numbers) read = file.values<T>(*entries[i++]);
  for (auto& [read, to] : counts) read = file.values<std::int64_t>(*entries[i++]);
  auto const put = [&](auto const& all) {
    for (auto const& [read, to] : all) into.backend().copy(read.data(), to, read.size());
  };
  put(numbers), put(counts);
  into.backend().synchronize();
  return report;
}

/// Reads a model's parameters and state from a file written by `save` or by PyTorch, and returns the file's metadata. The file
/// must have one tensor for each, with its name and shape, and no other tensor. A narrower dtype than the model's is widened.
/// Throws `io_error` if the file cannot be read or does not fit the model, `shape_error` if a shape differs, with the
/// file, the parameter and what was expected and found, and `argument_error`, which shows both, if the metadata names another
/// network; the model is then unchanged.
///
///     model network{host_backend<float>{}, net, /*seed*/ 0, sigmoid{}};
///     load(network, "model.safetensors");
template <backend B, class Net, class Link>
safetensors_metadata load(model<B, Net, Link>& into, std::filesystem::path const& path) {
  return fovea::load(into, path, load_options{}).metadata;
}

}  // namespace fovea
