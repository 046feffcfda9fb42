// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <fovea/error.hpp>
#include <fovea/io/file_extents.hpp>
#include <fovea/text/parse_errors.hpp>

namespace fovea {

/// The content of an NPY file's header.
struct npy_header {
  std::string dtype;  // such as "<f4"
  bool fortran_order = false;
  std::vector<std::size_t> shape;

  /// Returns the number of values, or nullopt if it overflows size_t.
  std::optional<std::size_t> values() const { return detail::value_count(shape); }
};

/// Reads the Python dictionary in an NPY header, `{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }`.
class npy_header_reader {
 public:
  npy_header_reader(std::string_view text, std::string const& file) : text_(text), file_(file) {}

  /// Throws `io_error`, with the file's name, unless the text is such a dictionary with these three keys, each once.
  npy_header read() {
    npy_header result;
    unsigned known = 0;
    bool repeated = false;
    expect('{');
    while (!take('}')) {
      auto const bit = entry(result);
      repeated = repeated || (known & bit) != 0;
      known |= bit;
      if (!take(',') && peek() != '}') fail("',' or '}'");
    }
    if (known != 7 || repeated) fail("each of 'descr', 'fortran_order' and 'shape' once");
    if (peek(); at_ != text_.size()) fail("nothing after the dictionary");
    return result;
  }

 private:
  /// Reads one key and its value; returns the key's bit.
  unsigned entry(npy_header& to) {
    auto const begin = at_;
    auto const key = string();
    expect(':');
    if (key == "descr") return to.dtype = string(), 1;
    if (key == "fortran_order") return to.fortran_order = truth(), 2;
    if (key == "shape") return to.shape = tuple(), 4;
    at_ = begin;
    fail("'descr', 'fortran_order' or 'shape' as a key");
  }

  std::string string() {
    auto const quote = peek();
    if (quote != '\'' && quote != '"') fail("a string");
    auto const end = text_.find(quote, at_ + 1);
    if (end == text_.npos) fail("a closing quote");
    std::string result(text_.substr(at_ + 1, end - at_ - 1));
    at_ = end + 1;
    return result;
  }

  bool truth() {
    peek();
    for (std::string_view word : {"True", "False"})
      if (text_.substr(at_).starts_with(word)) {
        at_ += word.size();
        return word == "True";
      }
    fail("True or False");
  }

  std::vector<std::size_t> tuple() {
    std::vector<std::size_t> result;
    expect('(');
    while (!take(')')) {
      result.push_back(whole_number());
      if (!take(',') && (peek() != ')' || result.size() == 1)) fail("',' after an extent");
    }
    return result;
  }

  std::size_t whole_number() {
    peek();
    std::size_t number = 0;
    auto const first = text_.data() + at_, last = text_.data() + text_.size();
    auto const [stop, error] = std::from_chars(first, last, number);
    if (error != std::errc{}) fail("an extent");
    at_ += static_cast<std::size_t>(stop - first);
    return number;
  }

  /// Skips spaces and returns the next character, or '\0' at the end of the text.
  char peek() {
    at_ = (std::min)(text_.find_first_not_of(" \n", at_), text_.size());
    return at_ == text_.size() ? '\0' : text_[at_];
  }

  bool take(char wanted) {
    auto const there = peek() == wanted;
    at_ += there;
    return there;
  }

  void expect(char wanted) {
    if (!take(wanted)) fail(std::string("'") + wanted + "'");
  }

  [[noreturn]] void fail(std::string const& expected) const {
    auto const got = text_.substr(at_);
    throw io_error(file_ + ": expected " + expected + " in the NPY header, got " +
                   (got.empty() ? "its end" : quoted(std::string(got))));
  }

  std::string_view text_;
  std::string const& file_;
  std::size_t at_ = 0;
};

}  // namespace fovea
