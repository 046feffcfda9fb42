// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include <fovea/error.hpp>
#include <fovea/io/safetensors_header.hpp>
#include <fovea/text/parse_errors.hpp>

namespace fovea {

namespace detail {

/// Receives nlohmann-json's SAX events of a safetensors header. Throws `io_error` at the first token that is not part of
/// the format, so that deep nesting and unknown content are never stored.
class safetensors_events {
 public:
  safetensors_events(std::string_view text, std::string const& file) : text_(text), file_(file) {}

  safetensors_header result;

  bool start_object(std::size_t) {
    switch (expected_) {
      case value::header:
        return expect(value::key);
      case value::tensor:
        return in_ = inside::tensor, known_.clear(), expect(value::key);
      case value::metadata:
        return in_ = inside::metadata, expect(value::key);
      default:
        unexpected("an object");
    }
  }
  bool key(std::string& name) {
    if (in_ == inside::tensor) return field(name);
    if (in_ == inside::metadata) return metadata_key_ = name, expect(value::metadata_text);
    if (!names_.insert(name).second) fail("expected every name once, found " + quoted(name) + " twice");
    if (name == "__metadata__") return expect(value::metadata);
    result.tensors.push_back({.name = name, .dtype = {}, .shape = {}});
    return expect(value::tensor);
  }
  bool end_object() {
    if (in_ == inside::tensor && known_.size() != 3)
      fail(what() + ": expected dtype, shape and data_offsets, found " + std::to_string(known_.size()) + " of them");
    in_ = inside::header;
    return expect(value::key);
  }
  bool start_array(std::size_t) {
    if (expected_ != value::shape && expected_ != value::offsets) unexpected("an array");
    numbers_.clear();
    return expect(expected_ == value::shape ? value::extent : value::offset);
  }
  bool number_unsigned(std::uint64_t number) {
    if (expected_ != value::extent && expected_ != value::offset) unexpected("a number");
    if (!std::in_range<std::size_t>(number)) unexpected("too large a number");
    if (expected_ == value::offset && numbers_.size() == 2) unexpected("a third number");
    numbers_.push_back(static_cast<std::size_t>(number));
    return true;
  }
  bool end_array() {
    auto& tensor = result.tensors.back();
    if (expected_ == value::extent) return tensor.shape = numbers_, expect(value::key);
    if (numbers_.size() != 2) unexpected(std::to_string(numbers_.size()) + " of them");
    return tensor.begin = numbers_[0], tensor.end = numbers_[1], expect(value::key);
  }
  bool string(std::string& text) {
    if (expected_ == value::dtype) return result.tensors.back().dtype = text, expect(value::key);
    if (expected_ != value::metadata_text) unexpected("a string");
    if (!result.metadata.emplace(metadata_key_, text).second)
      fail("__metadata__: expected every key once, found " + quoted(metadata_key_) + " twice");
    return expect(value::key);
  }
  bool null() { unexpected("null"); }
  bool boolean(bool) { unexpected("true or false"); }
  bool number_integer(std::int64_t) { unexpected("a negative number"); }
  bool number_float(double, std::string const&) { unexpected("a number that is not whole"); }
  template <class Binary> bool binary(Binary&) { unexpected("binary data"); }
  template <class Exception> bool parse_error(std::size_t position, std::string const&, Exception const&) {
    auto const at = (std::min)(position == 0 ? 0 : position - 1, text_.size());
    fail("expected JSON, found " + (at == text_.size() ? "its end" : quoted(std::string(text_.substr(at, 64)))) +
         " at byte " + std::to_string(at));
  }
  [[noreturn]] void fail(std::string const& message) const { throw io_error(file_ + ": header: " + message); }

 private:
  enum class inside { header, tensor, metadata };
  enum class value { header, key, tensor, metadata, metadata_text, dtype, shape, extent, offsets, offset };

  bool expect(value next) {
    expected_ = next;
    return true;
  }
  bool field(std::string const& name) {
    if (!known_.insert(name).second) fail(what() + ": expected every field once, found " + name + " twice");
    if (name == "dtype") return expect(value::dtype);
    if (name == "shape") return expect(value::shape);
    if (name == "data_offsets") return expect(value::offsets);
    fail(what() + ": expected dtype, shape and data_offsets, found " + quoted(name));
  }
  std::string what() const {
    if (in_ == inside::metadata || expected_ == value::metadata) return "__metadata__";
    return result.tensors.empty() ? "the whole" : "tensor " + quoted(result.tensors.back().name);
  }
  [[noreturn]] void unexpected(std::string const& found) const {
    auto const expected = [&] {
      switch (expected_) {
        case value::metadata_text:
          return "a string for each key";
        case value::dtype:
          return "a string for dtype";
        case value::shape:
        case value::extent:
          return "an array of whole numbers for shape";
        case value::offsets:
        case value::offset:
          return "an array of two whole numbers for data_offsets";
        default:
          return "an object";
      }
    }();
    fail(what() + ": expected " + expected + ", found " + found);
  }

  std::string_view text_;
  std::string const& file_;
  inside in_ = inside::header;
  value expected_ = value::header;
  std::set<std::string> names_, known_;
  std::string metadata_key_;
  std::vector<std::size_t> numbers_;
};

/// Throws `io_error` unless the tensors' bytes are contiguous, match their shapes and add up to `bytes`.
inline void require_cover(safetensors_header const& header, std::uint64_t bytes, std::string const& file) {
  std::uint64_t at = 0;
  for (auto const& t : header.tensors) {
    auto const fail = [&](std::string const& expected) {
      throw io_error(file + ": tensor " + quoted(t.name) + ": expected " + expected + ", found data_offsets [" +
                     std::to_string(t.begin) + ", " + std::to_string(t.end) + "]");
    };
    if (t.begin != at) fail("its data at " + std::to_string(at) + ", where those before it end");
    if (t.end < t.begin || t.end > bytes) fail("its end from " + std::to_string(at) + " to " + std::to_string(bytes));
    auto const value_bytes = safetensors_value_bytes(t.dtype);
    if (value_bytes != 0 && ((t.end - t.begin) % value_bytes != 0 || t.size() != (t.end - t.begin) / value_bytes))
      fail(t.dtype + " data of shape " + safetensors_shape(t.shape));
    at = t.end;
  }
  if (at != bytes)
    throw io_error(file + ": expected " + std::to_string(at) + " bytes of data, as the header says, found " +
                   std::to_string(bytes));
}

}  // namespace detail

/// Reads the JSON header of a safetensors file with `data_bytes` bytes of data after the header. Throws `io_error`, with
/// the file and the tensor, unless the header follows the format: each name is unique, and the tensors cover the data
/// without gaps or overlaps. Dtypes other than F64, F32, F16 and BF16 are accepted, and their shapes are not checked.
inline safetensors_header read_safetensors_header(std::string_view text, std::uint64_t data_bytes,
                                                  std::string const& file) {
  detail::safetensors_events events(text, file);
  // The parser itself would skip a byte order mark and stop at a NUL.
  if (!text.starts_with('{'))
    events.fail("expected '{' at its beginning, found " + quoted(std::string(text.substr(0, 64))));
  if (text.find('\0') != text.npos)
    events.fail("expected JSON, found a NUL at byte " + std::to_string(text.find('\0')));
  nlohmann::json::sax_parse(text, &events);
  auto& header = events.result;
  std::ranges::stable_sort(header.tensors, {}, [](auto const& t) { return std::pair(t.begin, t.end); });
  detail::require_cover(header, data_bytes, file);
  return std::move(header);
}

}  // namespace fovea
