// SPDX-License-Identifier: MIT
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <string>
#include <type_traits>
#include <vector>

#include <fovea/fovea.hpp>
#include <fovea/io/safetensors.hpp>

#include "../backends.hpp"
#include "safetensors_support.hpp"

using namespace safetensors_test;
using fovea::load;
using fovea::save;
using fovea::write_safetensors;

namespace {

fovea::sequential const net{fovea::linear<29, 16>{}, fovea::relu{}, fovea::linear<16, 1>{}};

auto const pt = fovea::safetensors_metadata{{"format", "pt"}};

/// Parameter i of the fixtures, in PyTorch's order.
double number(std::size_t i) { return (static_cast<double>(i * 7 % 101) - 50) / 32; }

template <class T> std::filesystem::path fixture() {
  return fixtures / (std::is_same_v<T, float> ? "model_f32.safetensors" : "model_f64.safetensors");
}

/// A model whose parameters differ from those of every file.
template <class B> auto other_model(B const& b) { return fovea::model(b, net, 7); }

template <class Model> void check_is_fixture(Model const& model) {
  auto const found = ::to_vector(model.parameters());
  REQUIRE(found.size() == 497);
  for (std::size_t i = 0; i != found.size(); ++i)
    if (static_cast<double>(found[i]) != number(i)) FAIL_CHECK("parameter " << i << " is " << found[i]);
}

/// Returns the message, without the file's name, of the error that loading this content throws; checks that the model stays
/// unchanged.
template <class Error = fovea::io_error, class B = fovea::host_backend<float>>
std::string refused(folder const& in, std::string const& content) {
  auto model = other_model(B{});
  auto const before = ::to_vector(model.parameters());
  auto const message = in.refusal<Error>(content, [&](auto const& path) { load(model, path); });
  CHECK(::to_vector(model.parameters()) == before);
  return message;
}

}  // namespace

TEST_CASE_METHOD(folder, "a model loads a file that Python wrote and saves the same bytes, on every backend") {
  for_each_backend([&](auto const& b) {
    using T = value_type_of<decltype(b)>;
    auto model = other_model(b);
    CHECK(load(model, fixture<T>()) == pt);
    check_is_fixture(model);
    save(model, file);
    CHECK(bytes_of(file) == bytes_of(fixture<T>()));
    CHECK(files() == 1);
  });
}

TEST_CASE_METHOD(folder, "a model and its metadata survive a round trip, also between backends") {
  for_each_backend([&](auto const& b) {
    using T = value_type_of<decltype(b)>;
    auto const model = other_model(b);
    save(model, file, {{"epoch", "3"}, {"größe", "\"\n"}});
    fovea::model back(fovea::host_backend<T>{}, net, 1);
    CHECK(load(back, file) == fovea::safetensors_metadata{{"epoch", "3"}, {"format", "pt"}, {"größe", "\"\n"}});
    CHECK(::to_vector(back.parameters()) == ::to_vector(model.parameters()));
    save(model, file, {{"format", "fovea"}});
    CHECK(load(back, file) == fovea::safetensors_metadata{{"format", "fovea"}});
  });
}

TEST_CASE_METHOD(folder, "a trainer's model and a model with run-time widths can be saved and loaded") {
  fovea::sequential const wide{fovea::linear{3, 5}, fovea::tanh{}, fovea::linear{5, 2}};
  fovea::trainer trained(fovea::host_backend<double>{}, wide, fovea::mean_squared_error{}, fovea::adam{}, {.seed = 1});
  fovea::trainer fresh(fovea::host_backend<double>{}, wide, fovea::mean_squared_error{}, fovea::adam{}, {.seed = 2});
  REQUIRE(::to_vector(fresh.parameters()) != ::to_vector(trained.parameters()));
  save(trained.model(), file);
  CHECK(load(fresh.model(), file) == pt);
  CHECK(::to_vector(fresh.parameters()) == ::to_vector(trained.parameters()));
}

TEST_CASE_METHOD(folder, "load widens values exactly and rejects narrowing") {
  for (auto const* name : {"model_f16.safetensors", "model_f32.safetensors"}) {
    auto model = other_model(fovea::host_backend<double>{});
    load(model, fixtures / name);
    check_is_fixture(model);
  }
  auto model = other_model(fovea::xtensor_backend<float>{});
  load(model, fixtures / "model_f16.safetensors");
  check_is_fixture(model);
  CHECK(refused(*this, bytes_of(fixture<double>())) ==
        "tensor \"0.weight\": expected dtype \"F32\" or one that widens to it, found \"F64\"");
}

TEST_CASE_METHOD(folder, "a failed load reports the reason and changes nothing") {
  auto const whole = bytes_of(fixture<float>());
  auto const content = fovea::read_safetensors<float>(fixture<float>());
  auto const changed = [&](auto const& change) {
    auto tensors = content.tensors;  // 0.bias, 0.weight, 2.bias, 2.weight
    change(tensors);
    write_safetensors(file, tensors);
    return bytes_of(file);
  };
  CHECK(refused(*this, changed([](auto& t) { t.erase(t.begin() + 2); })) ==
        "expected a tensor \"2.bias\" of shape (1,), found others, such as \"0.bias\"");
  CHECK(refused(*this, changed([](auto& t) {
          for (auto& tensor : t) tensor.name = "module." + tensor.name;
        })) == "expected a tensor \"0.weight\" of shape (16, 29), found others, such as \"module.0.bias\"");
  CHECK(refused(*this, bytes_of(fixtures / "empty.safetensors")) ==
        "expected a tensor \"0.weight\" of shape (16, 29), found no tensors");
  CHECK(refused(*this, changed([](auto& t) {
          t.push_back({"4.bias", {1}, {0}});
        })) == "expected the model's 4 parameters and no other tensor, found \"4.bias\"");
  CHECK(refused<fovea::shape_error>(*this, changed([](auto& t) {
          t[1].shape = {29, 16};
        })) == "tensor \"0.weight\": expected shape (16, 29), found (29, 16)");
  CHECK(refused<fovea::shape_error>(*this, changed([](auto& t) { t[3].shape = {16}; })) ==
        "tensor \"2.weight\": expected shape (1, 16), found (16,)");
  CHECK(refused<fovea::shape_error>(*this, changed([](auto& t) { t[2].shape = {}; })) ==
        "tensor \"2.bias\": expected shape (1,), found ()");
  CHECK(refused<fovea::shape_error>(*this, changed([](auto& t) { t[2].shape.assign(20, 1); })) ==
        "tensor \"2.bias\": expected shape (1,), found of 20 extents");

  auto integers = whole;
  integers.replace(integers.find("F32"), 3, "I32");
  CHECK(refused(*this, integers) ==
        "tensor \"0.bias\": expected dtype \"F32\" or one that widens to it, found \"I32\"");
  for (std::size_t size : {std::size_t{0}, std::size_t{8}, std::size_t{100}, whole.size() - 1})
    CHECK(refused(*this, whole.substr(0, size)).find("expected ") != std::string::npos);

  auto model = other_model(fovea::host_backend<float>{});
  auto const missing = path / "missing.safetensors";
  CHECK_THROWS_WITH(load(model, missing), missing.string() + ": cannot read: No such file or directory");
}

TEST_CASE_METHOD(folder, "a failed save keeps the old file") {
  auto const model = other_model(fovea::host_backend<float>{});
  save(model, file);
  auto const before = bytes_of(file);
  CHECK_THROWS_AS(save(model, file, {{"note", "\xFF"}}), fovea::argument_error);
  CHECK_THROWS_AS(save(model, path / "missing" / "a.safetensors"), fovea::io_error);
  CHECK(bytes_of(file) == before);
  CHECK(files() == 1);
}

TEST_CASE_METHOD(folder, "Python loads a saved model and writes the same bytes") {
  auto const* const chosen = std::getenv("FOVEA_PYTHON");
  auto const script = std::filesystem::path(FOVEA_FIXTURES_DIR) / "make_safetensors.py";
  auto const again = path / "again.safetensors";
  auto const command = '"' + std::string(chosen ? chosen : "python3") + "\" \"" + script.string() + "\" again \"" +
                       file.string() + "\" \"" + again.string() + '"';
  auto const passes = [&] {
    if (std::system(command.c_str()) == 0) return true;
    // without the package, every command of the script fails
    if (std::system((command.substr(0, command.find(" again ")) + " available").c_str()) == 0) FAIL(command);
    std::cout << "skipped: needs Python with safetensors and NumPy (FOVEA_PYTHON names another python3)\n";
    return false;
  };
  save(other_model(fovea::xtensor_backend<float>{}), file);
  if (!passes()) return;
  CHECK(bytes_of(again) == bytes_of(file));
  save(other_model(fovea::xtensor_backend<double>{}), file, {{"format", "größe\n"}});
  REQUIRE(passes());
  CHECK(bytes_of(again) == bytes_of(file));
  write_safetensors<float>(file, {{"größe \x7f\t\"", {0, 2}, {}}, {"", {}, {0.5f}}});
  REQUIRE(passes());
  CHECK(bytes_of(again) == bytes_of(file));
}
