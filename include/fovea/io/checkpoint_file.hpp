// SPDX-License-Identifier: MIT
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <string>
#include <type_traits>
#include <vector>

#include <fovea/error.hpp>
#include <fovea/io/safetensors.hpp>
#include <fovea/text/checksum.hpp>
#include <fovea/text/parse_errors.hpp>
#include <fovea/training/value_words.hpp>

/// The file of a checkpoint, whose checksum is that of all in it, and what it says of the run in words.
namespace fovea {

/// The version of the checkpoints that are written. Older ones are read; newer ones are refused.
inline constexpr int checkpoint_version = 1;

namespace detail {

/// The type whose numbers stand for one on the host: integers and bools are I64.
template <class N> using stored_number = std::conditional_t<std::floating_point<N>, double, std::int64_t>;

/// Returns what a checkpoint must agree on with the trainer that goes on from it: (name, words).
template <class Trainer> safetensors_metadata identity_of(Trainer const& t) {
  safetensors_metadata all;
  for (auto const& [what, words] : t.identity()) all[what] = words;
  return all;
}

/// Returns the numbers of a trainer's loss and optimizer, in words, which may change between runs.
template <class Trainer> safetensors_metadata numbers_of(Trainer const& t) {
  return {{"loss numbers", detail::value_words(t.loss())}, {"optimizer numbers", detail::value_words(t.optimizer())}};
}

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
  /// Returns a sentence for each name of which the checkpoint says other words than `here`; one that says nothing has none.
  std::vector<std::string> differences(safetensors_metadata const& here) const {
    std::vector<std::string> all;
    for (auto const& [what, words_here] : here)
      if (auto const saved = words(what); !saved.empty() && saved != words_here)
        all.push_back("the " + what + " were " + saved + ", here they are " + words_here);
    return all;
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

}  // namespace detail

}  // namespace fovea
