// SPDX-License-Identifier: MIT
#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <new>
#include <random>
#include <string>
#include <vector>

#include <fovea/io/safetensors.hpp>

#include "pipe.hpp"
#include "safetensors_support.hpp"

using namespace safetensors_test;
using fovea::read_safetensors;
using fovea::safetensor;
using fovea::write_safetensors;
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

template <class T> std::string refused(folder const& in, std::string const& content) {
  return in.refusal(content, [](auto const& path) { read_safetensors<T>(path); });
}
std::string refused_header(folder const& in, std::string const& header, std::size_t data = 4) {
  return refused<double>(in, made(header, std::string(data, '\0')));
}

template <class T> safetensor<T> const& named(fovea::safetensors<T> const& all, std::string const& name) {
  auto const found = std::ranges::find(all.tensors, name, &safetensor<T>::name);
  REQUIRE(found != all.tensors.end());
  return *found;
}

void check_same_bits(std::vector<float> const& found, std::vector<float> const& expected) {
  REQUIRE(found.size() == expected.size());
  for (std::size_t i = 0; i != found.size(); ++i) {
    CAPTURE(i, found[i], expected[i]);
    CHECK((std::isnan(expected[i])
               ? std::isnan(found[i])
               : std::bit_cast<std::uint32_t>(found[i]) == std::bit_cast<std::uint32_t>(expected[i])));
  }
}

std::string const one = "{" + entry("a", "F32", "[1]", "[0,4]") + "}";

}  // namespace

TEST_CASE("read_safetensors reads files that Python wrote") {
  auto const names = read_safetensors<float>(fixtures / "names.safetensors");
  CHECK(names.metadata == fovea::safetensors_metadata{{"note", "line\n\"größe\""}});
  REQUIRE(names.tensors.size() == 5);
  CHECK(named(names, "scalar").shape == extents{});
  CHECK(named(names, "scalar").values == std::vector{0.5f});
  CHECK(named(names, "none").shape == extents{0, 3});
  CHECK(named(names, "none").values.empty());
  CHECK(named(names, "").values == std::vector{1.f});
  CHECK(named(names, "quote \" backslash \\ slash / tab \t unit \x1f delete \x7f").shape == extents{1, 1, 2});
  CHECK(named(names, "größe ∇ 🦊").values == std::vector{4.f});

  auto const model = read_safetensors<double>(fixtures / "model_f64.safetensors");
  CHECK(model.metadata.at("format") == "pt");
  CHECK(named(model, "0.weight").shape == extents{16, 29});
  CHECK(named(model, "0.weight").dtype == "F64");
  CHECK(named(model, "0.weight").values[1] == -43. / 32);

  auto const empty = read_safetensors<float>(fixtures / "empty.safetensors");
  CHECK(empty.tensors.empty());
  CHECK(empty.metadata.empty());
}

TEST_CASE("read_safetensors reads from a pipe") {
  pipe_of const pipe(bytes_of(fixtures / "names.safetensors"));
  auto const read = read_safetensors<float>(pipe.path());
  auto const expected = read_safetensors<float>(fixtures / "names.safetensors");
  CHECK(read.metadata == expected.metadata);
  REQUIRE(read.tensors.size() == expected.tensors.size());
  for (std::size_t i = 0; i != read.tensors.size(); ++i) {
    CHECK(read.tensors[i].name == expected.tensors[i].name);
    CHECK(read.tensors[i].values == expected.tensors[i].values);
  }
}

TEST_CASE("F16, BF16 and F32 are widened exactly, and narrowing is rejected") {
  auto const halves = read_safetensors<float>(fixtures / "halves.safetensors");
  for (std::string const dtype : {"f16", "bf16"})
    check_same_bits(named(halves, dtype).values, named(halves, dtype + ".expected").values);
  CHECK(named(halves, "f16").dtype == "F16");

  for (std::uint32_t bits = 0; bits != 0x10000; ++bits) {
    auto const exponent = static_cast<int>(bits >> 10 & 31), fraction = static_cast<int>(bits & 1023);
    auto magnitude = exponent == 0 ? std::ldexp(fraction, -24) : std::ldexp(1024 + fraction, exponent - 25);
    if (exponent == 31) magnitude = fraction == 0 ? HUGE_VAL : std::numeric_limits<double>::quiet_NaN();
    auto const found = fovea::detail::from_f16(static_cast<std::uint16_t>(bits));
    if (std::signbit(found) != (bits >= 0x8000) ||
        !(std::isnan(magnitude) ? std::isnan(found) : std::abs(static_cast<double>(found)) == magnitude))
      FAIL_CHECK("half " << bits << " is " << found);
  }

  auto const wide = read_safetensors<double>(fixtures / "model_f32.safetensors");
  CHECK(named(wide, "0.weight").values ==
        named(read_safetensors<double>(fixtures / "model_f64.safetensors"), "0.weight").values);
  CHECK(named(wide, "0.weight").dtype == "F32");

  auto const file = fixtures / "model_f64.safetensors";
  CHECK_THROWS_WITH(read_safetensors<float>(file), file.string() +
                                                       ": tensor \"0.bias\": expected dtype \"F32\" or one that "
                                                       "widens to it, found \"F64\"");
}

TEST_CASE("safetensors_file reads single tensors even if others have unsupported types") {
  fovea::safetensors_file file(fixtures / "dtypes.safetensors");
  REQUIRE(file.header().tensors.size() == 3);
  auto const *count = file.header().find("count"), *wide = file.header().find("wide"),
             *narrow = file.header().find("narrow");
  REQUIRE((count && wide && narrow));
  CHECK(count->dtype == "I64");
  CHECK(file.values<double>(*wide) == std::vector{0.1});
  CHECK(file.values<float>(*narrow) == std::vector{0.1f});
  CHECK(file.values<double>(*narrow) == std::vector{double{0.1f}});
  CHECK_THROWS_WITH(file.values<float>(*wide), file.name() +
                                                   ": tensor \"wide\": expected dtype \"F32\" or one that widens to "
                                                   "it, found \"F64\"");
  CHECK_THROWS_WITH(file.values<double>(*count), file.name() +
                                                     ": tensor \"count\": expected dtype \"F64\" or one that widens "
                                                     "to it, found \"I64\"");
  CHECK(file.header().find("other") == nullptr);
}

TEST_CASE_METHOD(folder, "write_safetensors writes the same bytes as Python") {
  for (auto const* name : {"model_f32", "names", "empty"}) {
    auto const fixture = fixtures / (std::string(name) + ".safetensors");
    auto content = read_safetensors<float>(fixture);
    std::ranges::reverse(content.tensors);
    write_safetensors(file, content.tensors, content.metadata);
    CHECK(bytes_of(file) == bytes_of(fixture));
  }
  auto const content = read_safetensors<double>(fixtures / "model_f64.safetensors");
  write_safetensors(file, content.tensors, content.metadata);
  CHECK(bytes_of(file) == bytes_of(fixtures / "model_f64.safetensors"));
  CHECK(files() == 1);
}

TEST_CASE_METHOD(folder, "values and metadata survive a round trip bitwise") {
  auto const nan = std::bit_cast<float>(0x7FC12345u), infinity = std::numeric_limits<float>::infinity();
  std::vector const values{nan, -nan, infinity, -infinity, -0.f, std::numeric_limits<float>::denorm_min()};
  fovea::safetensors_metadata const metadata{{"", ""}, {"a", "b\n\"\\"}, {"größe", "🦊"}, {"format", "pt"}};
  write_safetensors<float>(file, {{"x", {2, 3}, values}}, metadata);
  auto const back = read_safetensors<float>(file);
  CHECK(back.metadata == metadata);
  REQUIRE(back.tensors.size() == 1);
  CHECK(back.tensors[0].shape == extents{2, 3});
  for (std::size_t i = 0; i != values.size(); ++i)
    CHECK(std::bit_cast<std::uint32_t>(back.tensors[0].values[i]) == std::bit_cast<std::uint32_t>(values[i]));
}

TEST_CASE_METHOD(folder, "write_safetensors rejects content that no reader accepts, and keeps the old file") {
  auto const before = bytes_of(holding("old"));
  auto const write = [&](std::vector<safetensor<float>> const& tensors,
                         fovea::safetensors_metadata const& metadata = {}) {
    write_safetensors(file, tensors, metadata);
  };
  CHECK_THROWS_WITH(write({{"x", {2}, {1}}}), "write_safetensors: \"x\" has 1 values, which are not of shape (2,)");
  CHECK_THROWS_AS(write({{"x", {std::size_t{1} << 63, 2}, {}}}), fovea::shape_error);
  CHECK_THROWS_WITH(write({{"x", {1}, {1}}, {"y", {1}, {1}}, {"x", {1}, {1}}}),
                    "write_safetensors: the names must differ and not be \"__metadata__\", got \"x\"");
  CHECK_THROWS_AS(write({{"x", {0}, {}}, {"x", {0}, {}}}), fovea::argument_error);
  CHECK_THROWS_AS(write({{"__metadata__", {1}, {1}}}), fovea::argument_error);
  CHECK_THROWS_AS(write({{"\xFF", {1}, {1}}}), fovea::argument_error);
  CHECK_THROWS_AS(write({}, {{"a", "\xC3"}}), fovea::argument_error);
  CHECK_THROWS_WITH(write({}, {{"\xED\xA0\x80", ""}}), "safetensors: a tensor's name, or the metadata, is not UTF-8");
  CHECK_THROWS_AS(write_safetensors<float>(path / "missing" / "a", {}), fovea::io_error);
  CHECK(bytes_of(file) == before);
  CHECK(files() == 1);
}

TEST_CASE_METHOD(folder, "every truncation and trailing bytes are rejected") {
  auto const whole = bytes_of(fixtures / "names.safetensors");
  for (std::size_t size = 0; size != whole.size(); ++size) {
    auto const message = refused<float>(*this, whole.substr(0, size));
    if (message.find("expected ") == message.npos || message.find(", found ") == message.npos)
      FAIL_CHECK(size << " bytes: " << message);
  }
  CHECK(refused<float>(*this, "") == "expected 8 bytes of header length, found 0");
  CHECK(refused<float>(*this, whole.substr(0, 7)) == "expected 8 bytes of header length, found 7");
  CHECK(refused<float>(*this, whole.substr(0, 100)) ==
        "expected a header of at most 92 bytes, found a header length of 400");
  CHECK(refused<float>(*this, whole.substr(0, whole.size() - 1)) ==
        "tensor \"scalar\": expected its end from 16 to 19, found data_offsets [16, 20]");
  CHECK(refused<float>(*this, whole + "x") == "expected 20 bytes of data, as the header says, found 21");
  auto const missing = path / "missing.safetensors";
  CHECK_THROWS_WITH(read_safetensors<float>(missing), missing.string() + ": cannot read: No such file or directory");
  CHECK_THROWS_AS(read_safetensors<float>(path), fovea::io_error);
}

TEST_CASE_METHOD(folder, "reading does not allocate by the sizes in a file") {
  auto const with_length = [&](std::uint64_t length) {
    auto content = made(one, "1234");
    for (std::size_t byte = 0; byte != 8; ++byte) content[byte] = static_cast<char>((length >> (8 * byte)) & 0xFF);
    return refused<float>(*this, content);
  };
  largest_allocation = 0;
  auto const most = one.size() + 4;
  auto const in = "expected a header of at most " + std::to_string(most) + " bytes, found a header length of ";
  for (std::uint64_t length :
       {std::uint64_t{most + 1}, std::uint64_t{100'000'001}, std::uint64_t{1} << 32, (std::uint64_t{1} << 63) - 1,
        std::uint64_t{1} << 63, ~std::uint64_t{7}, ~std::uint64_t{0}})
    CHECK(with_length(length) == in + std::to_string(length));

  auto const entries = [&](std::string const& shape, std::string const& offsets) {
    return refused_header(*this, "{" + entry("a", "F32", shape, offsets) + "}");
  };
  for (std::string const shape : {"[18446744073709551615]", "[4294967296, 4294967296]", "[4611686018427387905]",
                                  "[3, 6148914691236517206]", "[2305843009213693952, 8]", "[2]", "[0]", "[1, 0]"})
    CHECK(entries(shape, "[0,4]").find("tensor \"a\": expected F32 data of shape (") == 0);
  CHECK(entries("[4294967296, 4294967297]", "[0,4]") ==
        "tensor \"a\": expected F32 data of shape (4294967296, 4294967297), found data_offsets [0, 4]");
  CHECK(entries("[1, 1, 1, 1, 1, 1, 1, 1, 2]", "[0,4]") ==
        "tensor \"a\": expected F32 data of shape of 9 extents, found data_offsets [0, 4]");
  CHECK(entries("[1]", "[0,3]") == "tensor \"a\": expected F32 data of shape (1,), found data_offsets [0, 3]");
  CHECK(entries("[4611686018427387903]", "[0,18446744073709551612]") ==
        "tensor \"a\": expected its end from 0 to 4, found data_offsets [0, 18446744073709551612]");
  CHECK(largest_allocation < 100'000);
}

TEST_CASE_METHOD(folder, "tensors must be contiguous and cover all data") {
  auto const two = [&](std::string const& first, std::string const& second, std::size_t data = 8) {
    return refused_header(*this, "{" + entry("a", "F32", "[1]", first) + "," + entry("b", "F32", "[1]", second) + "}",
                          data);
  };
  CHECK(two("[0,4]", "[4,8]") == "nothing thrown");
  CHECK(two("[4,8]", "[0,4]") == "nothing thrown");
  CHECK(two("[0,4]", "[0,4]") ==
        "tensor \"b\": expected its data at 4, where those before it end, found data_offsets [0, 4]");
  CHECK(two("[0,4]", "[2,6]").find("tensor \"b\": expected its data at 4") == 0);
  CHECK(two("[0,4]", "[5,9]", 9).find("tensor \"b\": expected its data at 4") == 0);
  CHECK(two("[4,8]", "[8,12]", 12).find("tensor \"a\": expected its data at 0") == 0);
  CHECK(two("[0,4]", "[4,0]") == "tensor \"b\": expected its end from 4 to 8, found data_offsets [4, 0]");
  CHECK(two("[0,4]", "[4,8]", 7).find("tensor \"b\": expected its end from 4 to 7") == 0);
  CHECK(two("[0,4]", "[4,8]", 12) == "expected 8 bytes of data, as the header says, found 12");
  CHECK(refused_header(*this, "{}", 1) == "expected 0 bytes of data, as the header says, found 1");
  for (std::string const none : {"[0,0]", "[4,4]"})
    CHECK(refused_header(*this, "{" + entry("a", "F32", "[1]", "[0,4]") + "," + entry("b", "F32", "[0]", none) + "}") ==
          "nothing thrown");
  CHECK(refused_header(*this, "{" + entry("a", "F32", "[1]", "[0,4]") + "," + entry("b", "F32", "[0]", "[2,2]") + "}")
            .find("tensor \"b\"") == 0);
}

TEST_CASE_METHOD(folder, "a header must be plain JSON") {
  auto const in = [&](std::string const& header) { return refused_header(*this, header); };
  CHECK(in(one + " \n") == "nothing thrown");
  CHECK(in("") == "header: expected '{' at its beginning, found \"\"");
  CHECK(in(" " + one) ==
        "header: expected '{' at its beginning, found \" {\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_o...\"");
  CHECK(in("\xEF\xBB\xBF" + one).find("header: expected '{'") == 0);
  CHECK(in("[]").find("header: expected '{'") == 0);
  CHECK(in(one.substr(0, one.size() - 1)) ==
        "header: expected JSON, found its end at byte " + std::to_string(one.size() - 1));
  CHECK(in(one + "x") == "header: expected JSON, found \"x\" at byte " + std::to_string(one.size()));
  CHECK(in(one + one).find("header: expected JSON") == 0);
  CHECK(in(one + std::string(1, '\0')) == "header: expected JSON, found a NUL at byte " + std::to_string(one.size()));
  CHECK(in(one + std::string("\0}", 2)).find("header: expected JSON, found a NUL") == 0);
  CHECK(in("{'a':1}").find("header: expected JSON") == 0);
  CHECK(in("{/**/}").find("header: expected JSON") == 0);
  CHECK(in("{\"\xFF\":{}}").find("header: expected JSON") == 0);
  CHECK(in("{\"\\ud800\":{}}").find("header: expected JSON") == 0);
  CHECK(in("{\"a\":{},}").find("header: ") == 0);
  CHECK(in("{\"a\":{\"shape\":[1e999]}}").find("header: ") == 0);
}

TEST_CASE_METHOD(folder, "a header with duplicate or unknown members is rejected") {
  auto const in = [&](std::string const& members) { return refused_header(*this, "{" + members + "}"); };
  auto const of = [&](std::string const& fields) { return in("\"a\":{" + fields + "}"); };
  auto const a = entry("a", "F32", "[1]", "[0,4]");
  CHECK(in(a + "," + a) == "header: expected every name once, found \"a\" twice");
  CHECK(in(a + ",\"\\u0061\":{}") == "header: expected every name once, found \"a\" twice");
  CHECK(in("\"__metadata__\":{},\"__metadata__\":{}," + a) ==
        "header: expected every name once, found \"__metadata__\" twice");
  CHECK(in("\"__metadata__\":{\"k\":\"1\",\"k\":\"2\"}") ==
        "header: __metadata__: expected every key once, found \"k\" twice");
  CHECK(in("\"__metadata__\":{\"k\":1}") == "header: __metadata__: expected a string for each key, found a number");
  CHECK(in("\"__metadata__\":{\"k\":{\"l\":\"m\"}}") ==
        "header: __metadata__: expected a string for each key, found an object");
  CHECK(in("\"__metadata__\":null") == "header: __metadata__: expected an object, found null");
  CHECK(in("\"a\":1") == "header: tensor \"a\": expected an object, found a number");
  CHECK(in("\"a\":[]") == "header: tensor \"a\": expected an object, found an array");
  CHECK(of("") == "header: tensor \"a\": expected dtype, shape and data_offsets, found 0 of them");
  CHECK(of("\"dtype\":\"F32\",\"shape\":[1]") ==
        "header: tensor \"a\": expected dtype, shape and data_offsets, found 2 of them");
  CHECK(of("\"dtype\":\"F32\",\"dtype\":\"F32\"") ==
        "header: tensor \"a\": expected every field once, found dtype twice");
  CHECK(of("\"dtype\":32") == "header: tensor \"a\": expected a string for dtype, found a number");
  CHECK(of("\"name\":\"a\"") == "header: tensor \"a\": expected dtype, shape and data_offsets, found \"name\"");
  CHECK(of("\"shape\":1") == "header: tensor \"a\": expected an array of whole numbers for shape, found a number");
  CHECK(of("\"shape\":[-1]") ==
        "header: tensor \"a\": expected an array of whole numbers for shape, found a negative number");
  for (std::string const number : {"1.0", "1e0", "18446744073709551616"})
    CHECK(of("\"shape\":[" + number + "]") ==
          "header: tensor \"a\": expected an array of whole numbers for shape, found a number that is not whole");
  CHECK(of("\"shape\":[true]").find("found true or false") != std::string::npos);
  CHECK(of("\"shape\":[\"1\"]").find("found a string") != std::string::npos);
  CHECK(of("\"shape\":[[1]]").find("found an array") != std::string::npos);
  auto const offsets =
      std::string("header: tensor \"a\": expected an array of two whole numbers for data_offsets, found ");
  CHECK(of("\"data_offsets\":[0]") == offsets + "1 of them");
  CHECK(of("\"data_offsets\":[]") == offsets + "0 of them");
  CHECK(of("\"data_offsets\":[0,4,4]") == offsets + "a third number");
  CHECK(of("\"data_offsets\":{}") == offsets + "an object");
}

TEST_CASE_METHOD(folder, "deep nesting and long names are rejected cheaply") {
  auto const deep = std::string(1'000'000, '[');
  CHECK(refused_header(*this, "{\"a\":" + deep) == "header: tensor \"a\": expected an object, found an array");
  CHECK(refused_header(*this, "{\"a\":{\"shape\":" + deep).find("found an array") != std::string::npos);
  std::string objects = "{";
  for (int i = 0; i != 100'000; ++i) objects += "\"a\":{";
  CHECK(refused_header(*this, objects) == "header: tensor \"a\": expected dtype, shape and data_offsets, found \"a\"");
  CHECK(refused_header(*this, "{\"" + std::string(1'000'000, 'n') + "\":1}").size() < 200);
}

TEST_CASE("a corrupted header is rejected or yields consistent tensors") {
  std::mt19937 random(1);
  auto const below = [&](std::size_t n) { return random() % n; };
  std::string const spice = "{}[]\",:0123456789-.eE \\unullF32_\xFF";
  std::size_t accepted = 0;
  for (auto const* name : {"names", "model_f32", "dtypes"}) {
    auto const whole = bytes_of(fixtures / (std::string(name) + ".safetensors"));
    auto const length = static_cast<unsigned char>(whole[0]) + 256u * static_cast<unsigned char>(whole[1]);
    for (int round = 0; round != 20'000; ++round) {
      auto text = whole.substr(8, length);
      for (auto changes = 1 + below(3); changes != 0; --changes) {
        auto const at = below(text.size()), size = 1 + below(8);
        switch (below(4)) {
          case 0:
            text[at] = spice[below(spice.size())];
            break;
          case 1:
            text.insert(at, 1, spice[below(spice.size())]);
            break;
          case 2:
            text.erase(at, std::min(size, text.size() - 1));
            break;
          case 3:
            text.insert(at, text.substr(below(text.size()), size));
            break;
        }
      }
      auto const data = whole.size() - 8 - length;
      try {
        auto const header = fovea::read_safetensors_header(text, data, "file");
        ++accepted;
        std::uint64_t at = 0;
        for (auto const& t : header.tensors) {
          auto const bytes = fovea::detail::safetensors_value_bytes(t.dtype);
          if (t.begin != at || t.end < t.begin || (bytes != 0 && t.size() != (t.end - t.begin) / bytes))
            FAIL_CHECK("taken: " << text);
          at = t.end;
        }
        if (at != data) FAIL_CHECK("taken: " << text);
      } catch (fovea::io_error const&) {
      }
    }
  }
  CHECK(accepted > 1000);
}
