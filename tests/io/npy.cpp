// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <limits>
#include <new>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <fovea/io/npy.hpp>

#include "../catch.hpp"
#include "../fixtures/sklearn.hpp"
#include "pipe.hpp"

using fovea::read_npy;
using fovea::write_npy;
using extents = std::vector<std::size_t>;

namespace {
std::size_t largest_allocation = 0;
}

// noinline: when inlined, GCC 12 warns that memory from `new` is passed to `free`.
[[gnu::noinline]] void* operator new(std::size_t size) {
  largest_allocation = std::max(largest_allocation, size);
  if (auto* const memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
[[gnu::noinline]] void* operator new(std::size_t size, std::nothrow_t const&) noexcept { return std::malloc(size); }
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace {

/// A separate folder for each test case, removed at its end.
struct folder {
  std::filesystem::path const path =
      std::filesystem::temp_directory_path() / ("fovea_test_npy_" + std::to_string(std::random_device{}()));
  std::filesystem::path const file = path / "a.npy";

  folder() {
    std::filesystem::remove_all(path);
    std::filesystem::create_directories(path);
  }
  ~folder() { std::filesystem::remove_all(path); }

  std::filesystem::path const& holding(std::string_view bytes) const {
    std::ofstream(file, std::ios::binary) << bytes;
    return file;
  }

  std::string bytes() const {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  std::size_t files() const {
    return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(path), {}));
  }

  /// Returns the message of the error that reading this content throws, without the file's name.
  template <class T = double> std::string refusal(std::string_view content) const {
    try {
      read_npy<T>(holding(content));
    } catch (fovea::io_error const& thrown) {
      std::string const what = thrown.what();
      CHECK(what.starts_with(file.string() + ": "));
      return what.substr(std::min(what.size(), file.string().size() + 2));
    }
    return "nothing thrown";
  }
};

/// Returns an NPY file of version 1.0 with this header and `bytes` zero bytes of data.
std::string made(std::string const& header, std::size_t bytes = 0) {
  auto const low = static_cast<char>(header.size() & 0xFF), high = static_cast<char>(header.size() >> 8);
  return std::string("\x93NUMPY\x01\0", 8) + low + high + header + std::string(bytes, '\0');
}

std::string with_shape(std::string const& shape) {
  return "{'descr': '<f8', 'fortran_order': False, 'shape': " + shape + ", }";
}

}  // namespace

TEST_CASE_METHOD(folder, "read_npy reads files that NumPy wrote") {
  auto const infinity = std::numeric_limits<double>::infinity();
  auto const singles = read_npy<float>(holding(npy::float32_2x3));
  CHECK(singles.shape == extents{2, 3});
  CHECK(singles.values == std::vector{1.5f, -2.25f, 3e-8f, 0.1f, std::numeric_limits<float>::infinity(), 7.f});
  auto const doubles = read_npy<double>(holding(npy::float64_2x3));
  CHECK(doubles.shape == extents{2, 3});
  CHECK(doubles.values == std::vector{1.5, -2.25, 3e-8, 0.1, infinity, 7.});
  CHECK(read_npy<std::int32_t>(holding(npy::int32_5)).values ==
        std::vector<std::int32_t>{-2147483647 - 1, 2147483647, 0, 1, -1});
  auto const longs = read_npy<std::int64_t>(holding(npy::int64_5));
  CHECK(longs.shape == extents{5});
  CHECK(longs.values ==
        std::vector<std::int64_t>{-4611686018427387904, 4611686016279904256, 0, 2147483648, -2147483648});
  CHECK(read_npy<double>(holding(npy::float64_version_2)).values == std::vector{0.25, 0.5});
  CHECK(read_npy<double>(holding(npy::float64_version_3)).values == std::vector{0.25, 0.5});
}

TEST_CASE("read_npy reads from a pipe") {
  pipe_of const pipe(npy::float32_2x3), cut(npy::float32_2x3.substr(0, npy::float32_2x3.size() - 1));
  auto const read = read_npy<float>(pipe.path());
  CHECK(read.shape == extents{2, 3});
  CHECK(read.values == std::vector{1.5f, -2.25f, 3e-8f, 0.1f, std::numeric_limits<float>::infinity(), 7.f});
  CHECK_THROWS_AS(read_npy<float>(cut.path()), fovea::io_error);
}

TEST_CASE_METHOD(folder, "read_npy reads every rank and empty arrays") {
  auto const scalar = read_npy<double>(holding(npy::float64_scalar));
  CHECK(scalar.shape.empty());
  CHECK(scalar.values == std::vector{0.1});
  CHECK(read_npy<float>(holding(npy::float32_1x1x2)).shape == extents{1, 1, 2});
  auto const none = read_npy<double>(holding(npy::float64_0x4));
  CHECK(none.shape == extents{0, 4});
  CHECK(none.values.empty());
}

TEST_CASE_METHOD(folder, "read_npy widens dtypes and rejects all other conversions") {
  CHECK(read_npy<double>(holding(npy::float32_2x3)).values[3] == double{0.1f});
  CHECK(read_npy<double>(holding(npy::int32_5)).values[0] == -2147483648.);
  CHECK(read_npy<std::int64_t>(holding(npy::int32_5)).values[0] == -2147483648);
  CHECK(refusal<float>(npy::float64_2x3) == "expected dtype \"<f4\" or one that widens to it, found \"<f8\"");
  CHECK(refusal<double>(npy::int64_5) == "expected dtype \"<f8\" or one that widens to it, found \"<i8\"");
  CHECK(refusal<float>(npy::int32_5) == "expected dtype \"<f4\" or one that widens to it, found \"<i4\"");
  CHECK(refusal<std::int32_t>(npy::int64_5) == "expected dtype \"<i4\" or one that widens to it, found \"<i8\"");
  CHECK(refusal<std::int64_t>(npy::float32_2x3) == "expected dtype \"<i8\" or one that widens to it, found \"<f4\"");
  CHECK(refusal(npy::float64_big_endian) == "expected dtype \"<f8\" or one that widens to it, found \">f8\"");
  CHECK(refusal(npy::bool_2) == "expected dtype \"<f8\" or one that widens to it, found \"|b1\"");
  CHECK(refusal(npy::complex128_1) == "expected dtype \"<f8\" or one that widens to it, found \"<c16\"");
}

TEST_CASE_METHOD(folder, "read_npy brings Fortran order into C order") {
  auto const matrix = read_npy<double>(holding(npy::float64_fortran_2x3));
  CHECK(matrix.shape == extents{2, 3});
  CHECK(matrix.values == read_npy<double>(holding(npy::float64_2x3)).values);
  std::string cube;
  for (int k = 0; k != 4; ++k)
    for (int j = 0; j != 3; ++j)
      for (int i = 0; i != 2; ++i) {
        double const x = 100 * i + 10 * j + k;
        cube.append(reinterpret_cast<char const*>(&x), sizeof x);
      }
  auto const three =
      read_npy<double>(holding(made("{'descr': '<f8', 'fortran_order': True, 'shape': (2, 3, 4), }", 0) + cube));
  for (std::size_t n = 0; n != 24; ++n) {
    auto const i = n / 12, j = n / 4 % 3, k = n % 4;
    CHECK(three.values[n] == static_cast<double>(100 * i + 10 * j + k));
  }
  auto const header = made("{'descr': '<f8', 'fortran_order': True, 'shape': (2,), }", 16);
  CHECK(read_npy<double>(holding(header)).shape == extents{2});
}

TEST_CASE_METHOD(folder, "read_npy rejects every truncation and trailing bytes") {
  for (std::size_t size = 0; size < npy::float64_2x3.size(); ++size) {
    CAPTURE(size);
    auto const message = refusal(npy::float64_2x3.substr(0, size));
    CHECK((message.find("expected ") == 0 && message.find(", found ") != message.npos));
  }
  CHECK(refusal("") == "expected 8 bytes of magic number and version, found 0");
  CHECK(refusal(npy::float64_2x3.substr(0, 9)) == "expected 2 bytes of header length, found 1");
  CHECK(refusal(npy::float64_2x3.substr(0, 100)) == "expected 118 bytes of header, found 90");
  CHECK(refusal(npy::float64_2x3.substr(0, 175)) ==
        "expected the values of shape \"(2, 3)\" of dtype \"<f8\", found 47 bytes");
  CHECK(refusal(std::string(npy::float64_2x3) + "x") ==
        "expected the values of shape \"(2, 3)\" of dtype \"<f8\", found 49 bytes");
}

TEST_CASE_METHOD(folder, "read_npy rejects other file formats, missing files and folders") {
  CHECK(refusal("V1,V2,Class\n1,2,0\n") == "expected \\x93NUMPY at the beginning, found \"V1,V2,\"");
  CHECK(refusal(std::string("\x93NUMPY\x04\0", 8)) == "expected NPY version 1.0, 2.0 or 3.0, found 4.0");
  CHECK(refusal(std::string("\x93NUMPY\x01\x01", 8)) == "expected NPY version 1.0, 2.0 or 3.0, found 1.1");
  CHECK(refusal(std::string("\x93NUMPY\0\0", 8)) == "expected NPY version 1.0, 2.0 or 3.0, found 0.0");
  CHECK_THROWS_AS(read_npy<double>(path / "missing.npy"), fovea::io_error);
  CHECK_THROWS_WITH(read_npy<double>(path / "missing.npy"),
                    (path / "missing.npy").string() + ": cannot read: No such file or directory");
  CHECK_THROWS_AS(read_npy<double>(path), fovea::io_error);
}

TEST_CASE_METHOD(folder, "read_npy does not allocate by the sizes in a header") {
  largest_allocation = 0;
  CHECK(refusal(std::string("\x93NUMPY\x02\0\xFF\xFF\xFF\xFF{}", 14)) ==
        "expected 4294967295 bytes of header, found 2");
  for (std::string const shape : {"(3, 12297829382473034411)",  // the size is 1 modulo 2^64
                                  "(1000000000000,)", "(4294967296, 4294967296)", "(18446744073709551615,)",
                                  "(2305843009213693952,)", "(2305843009213693953,)", "(18446744073709551615, 2)"})
    CHECK(refusal(made(with_shape(shape), 8)) ==
          "expected the values of shape \"" + shape + "\" of dtype \"<f8\", found 8 bytes");
  CHECK(refusal(made(with_shape("(18446744073709551616,)"))) ==
        "expected an extent in the NPY header, got \"18446744073709551616,), }\"");
  CHECK(largest_allocation < 100'000);
}

TEST_CASE_METHOD(folder, "read_npy reads the header dictionary in any order and spacing") {
  CHECK(read_npy<double>(holding(made("{\"shape\":(2,1),\"fortran_order\":False,\"descr\":\"<f8\"}", 16))).shape ==
        extents{2, 1});
  CHECK(read_npy<double>(holding(made("  { 'descr' : '<f8' , 'shape' : ( 2 , ) , 'fortran_order' : False } \n", 16)))
            .shape == extents{2});
}

TEST_CASE_METHOD(folder, "read_npy reports errors in the header dictionary") {
  auto const in = [&](std::string const& header) { return refusal(made(header, 8)); };
  CHECK(in("") == "expected '{' in the NPY header, got its end");
  CHECK(in("[]") == "expected '{' in the NPY header, got \"[]\"");
  CHECK(in("{") == "expected a string in the NPY header, got its end");
  CHECK(in("{'descr") == "expected a closing quote in the NPY header, got \"'descr\"");
  CHECK(in("{'descr' '<f8'}") == "expected ':' in the NPY header, got \"'<f8'}\"");
  CHECK(in("{'descr': [('x', '<f8')]}") == "expected a string in the NPY header, got \"[('x', '<f8')]}\"");
  CHECK(in("{'order': 1}") ==
        "expected 'descr', 'fortran_order' or 'shape' as a key in the NPY header, got \"'order': 1}\"");
  CHECK(in("{'fortran_order': 0}") == "expected True or False in the NPY header, got \"0}\"");
  CHECK(in("{'fortran_order': False 'shape'") == "expected ',' or '}' in the NPY header, got \"'shape'\"");
  CHECK(in(with_shape("1")) == "expected '(' in the NPY header, got \"1, }\"");
  CHECK(in(with_shape("(-1,)")) == "expected an extent in the NPY header, got \"-1,), }\"");
  CHECK(in(with_shape("(1)")) == "expected ',' after an extent in the NPY header, got \"), }\"");
  CHECK(in(with_shape("(1 2)")) == "expected ',' after an extent in the NPY header, got \"2), }\"");
  CHECK(in(with_shape("(1,,)")) == "expected an extent in the NPY header, got \",), }\"");
  CHECK(in(with_shape("(1.5,)")) == "expected ',' after an extent in the NPY header, got \".5,), }\"");
  CHECK(in(with_shape("(1,)") + "x") == "expected nothing after the dictionary in the NPY header, got \"x\"");
  auto const once = "expected each of 'descr', 'fortran_order' and 'shape' once in the NPY header, got its end";
  CHECK(in("{}") == once);
  CHECK(in("{'descr': '<f8', 'shape': (1,)}") == once);
  CHECK(in("{'descr': '<f8', 'descr': '<f8', 'fortran_order': False, 'shape': (1,)}") == once);
}

TEST_CASE_METHOD(folder, "write_npy writes the same bytes as NumPy") {
  for (auto content : {npy::float64_2x3, npy::float64_scalar, npy::float64_0x4}) {
    auto const array = read_npy<double>(holding(content));
    write_npy(file, array.values, array.shape);
    CHECK(bytes() == content);
  }
  for (auto content : {npy::float32_2x3, npy::float32_1x1x2}) {
    auto const array = read_npy<float>(holding(content));
    write_npy(file, std::span(array.values), array.shape);
    CHECK(bytes() == content);
  }
  write_npy(file, read_npy<std::int32_t>(holding(npy::int32_5)).values, {5});
  CHECK(bytes() == npy::int32_5);
  write_npy(file, read_npy<std::int64_t>(holding(npy::int64_5)).values, {5});
  CHECK(bytes() == npy::int64_5);
  CHECK(files() == 1);
}

TEST_CASE_METHOD(folder, "write_npy rejects a shape that does not fit the values") {
  write_npy(file, std::vector{1.}, {1});
  auto const before = bytes();
  std::vector const values{1.f, 2.f, 3.f};
  CHECK_THROWS_WITH(write_npy(file, values, {2}), "write_npy: 3 values are not of shape (2,)");
  CHECK_THROWS_WITH(write_npy(file, values, {3, 0}), "write_npy: 3 values are not of shape (3, 0)");
  CHECK_THROWS_WITH(write_npy(file, values, {}), "write_npy: 3 values are not of shape ()");
  CHECK_THROWS_AS(write_npy(file, values, {std::size_t{1} << 63, 4}), fovea::shape_error);
  CHECK_THROWS_AS(write_npy(file, std::vector{1.}, extents(65, 1)), fovea::shape_error);
  CHECK_NOTHROW(write_npy(path / "b.npy", std::vector{1.}, extents(64, 1)));
  CHECK(read_npy<double>(path / "b.npy").shape == extents(64, 1));
  CHECK(bytes() == before);
  CHECK(files() == 2);
}

TEST_CASE_METHOD(folder, "write_npy names the file that it cannot write and leaves no temporary files") {
  auto const nowhere = path / "missing" / "a.npy";
  CHECK_THROWS_AS(write_npy(nowhere, std::vector{1.}, {1}), fovea::io_error);
  CHECK_THROWS_WITH(write_npy(nowhere, std::vector{1.}, {1}),
                    nowhere.string() + ": cannot write: No such file or directory");
  std::filesystem::create_directories(path / "b.npy" / "inside");
  CHECK_THROWS_AS(write_npy(path / "b.npy", std::vector{1.}, {1}), fovea::io_error);
  CHECK(files() == 1);
}

TEST_CASE("read_npy reads the reference files") {
  auto const file = std::filesystem::path(FOVEA_SHARED_DIR) / "reference" / "seed0" / "initial_weights.npy";
  if (!std::filesystem::exists(file)) {
    std::cout << "skipped: reference/seed0/initial_weights.npy\n";
    SUCCEED();
    return;
  }
  auto const weights = read_npy<float>(file);
  CHECK(weights.shape == extents{625});
  CHECK(weights.values.size() == 625);
  for (auto weight : weights.values) CHECK(std::abs(weight) < 1);
}
