// SPDX-License-Identifier: MIT
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <limits>
#include <string>
#include <type_traits>
#include <vector>

#include <fovea/fovea.hpp>
#include <fovea/io/model_description.hpp>
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
/// What `save` says of this network.
std::string const words = "sequential<linear<29, 16>, activation<relu_formula>, linear<16, 1>>";

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

TEST_CASE_METHOD(folder, "a model loads a file that Python wrote and saves the same tensors, on every backend") {
  for_each_backend([&](auto const& b) {
    using T = value_type_of<decltype(b)>;
    auto model = other_model(b);
    CHECK(load(model, fixture<T>()) == pt);
    check_is_fixture(model);
    save(model, file);
    CHECK(files() == 1);
    auto const saved = fovea::read_safetensors<T>(file);
    CHECK(saved.metadata == fovea::safetensors_metadata{{"format", "pt"}, {"network", words}});
    write_safetensors(file, saved.tensors, pt);
    CHECK(bytes_of(file) == bytes_of(fixture<T>()));
  });
}

TEST_CASE_METHOD(folder, "a model and its metadata survive a round trip, also between backends") {
  for_each_backend([&](auto const& b) {
    using T = value_type_of<decltype(b)>;
    auto const model = other_model(b);
    save(model, file, {{"epoch", "3"}, {"größe", "\"\n"}});
    fovea::model back(fovea::host_backend<T>{}, net, 1);
    CHECK(load(back, file) ==
          fovea::safetensors_metadata{{"epoch", "3"}, {"format", "pt"}, {"größe", "\"\n"}, {"network", words}});
    CHECK(::to_vector(back.parameters()) == ::to_vector(model.parameters()));
    save(model, file, {{"format", "fovea"}});
    CHECK(load(back, file) == fovea::safetensors_metadata{{"format", "fovea"}, {"network", words}});
  });
}

TEST_CASE_METHOD(folder, "a trainer's model and a model with run-time widths can be saved and loaded") {
  fovea::sequential const wide{fovea::linear{3, 5}, fovea::tanh{}, fovea::linear{5, 2}};
  fovea::trainer trained(fovea::host_backend<double>{}, wide, fovea::mean_squared_error{}, fovea::adam{}, {.seed = 1});
  fovea::trainer fresh(fovea::host_backend<double>{}, wide, fovea::mean_squared_error{}, fovea::adam{}, {.seed = 2});
  REQUIRE(::to_vector(fresh.parameters()) != ::to_vector(trained.parameters()));
  save(trained.model(), file);
  CHECK(load(fresh.model(), file) ==
        fovea::safetensors_metadata{{"format", "pt"},
                                    {"network", "sequential<linear, activation<tanh_formula>, linear>"}});
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

TEST_CASE_METHOD(folder, "a part of a file, or one of other names, is loaded into a model") {
  constexpr fovea::sequential small_net{fovea::linear<3, 2>{}, fovea::relu{}, fovea::linear<2, 1>{}};
  constexpr fovea::sequential deeper{fovea::linear<3, 2>{}, fovea::relu{}, fovea::linear<2, 4>{}};
  fovea::host_backend<float> const b;
  fovea::model from{b, small_net, 1};
  auto const values = [](auto const& m) {
    auto const& p = m.parameters();
    return std::vector<float>(fovea::data(p), fovea::data(p) + fovea::size(p));
  };
  save(from, file);
  fovea::model encoder{b, deeper, 2};
  auto const begin = values(encoder);
  CHECK_THROWS_AS(load(encoder, file), fovea::argument_error);  // of another network
  CHECK_THROWS_AS(load(encoder, file, {.partial = true}),
                  fovea::shape_error);  // a shape that differs is never passed over
  CHECK(values(encoder) == begin);

  // the second layer is called 5 here and lies in no file
  auto const report = load(encoder, file, {.renamed = {{"2.", "5."}}, .partial = true});
  CHECK(report.missing == std::vector<std::string>{"2.weight", "2.bias"});
  CHECK(report.unused == std::vector<std::string>{"2.bias", "2.weight"});
  auto const read = values(encoder), expected = values(from);
  CHECK(std::equal(read.begin(), read.begin() + 8, expected.begin()));
  CHECK(std::equal(read.begin() + 8, read.end(), begin.begin() + 8));

  // names with a prefix, beside other tensors
  std::vector<fovea::safetensor<float>> all{{.name = "decoder.weight", .shape = {1}, .values = {7}}};
  for (auto const& p : from.named_parameters()) {
    fovea::safetensor<float> t{.name = "model." + p.name, .shape = {}, .values = {}};
    for (std::size_t i = 0; i != p.extents.rank(); ++i) t.shape.push_back(p.extents[i]);
    t.values.assign(p.elements.elements, p.elements.elements + p.extents.size());
    all.push_back(t);
  }
  write_safetensors(file, all);
  fovea::model again{b, small_net, 3};
  CHECK(load(again, file, {.prefix = "model."}).unused == std::vector<std::string>{"decoder.weight"});
  CHECK(values(again) == values(from));
  CHECK_THROWS_AS(load(again, file, {.prefix = "nothing.", .partial = true}), fovea::io_error);
  CHECK_THROWS_AS(load(again, file), fovea::io_error);
}

TEST_CASE_METHOD(folder, "a file keeps what belongs to a model, and is refused for another network") {
  constexpr fovea::sequential net_of_file{fovea::linear<2, 2>{}, fovea::relu{}, fovea::linear<2, 1>{}};
  fovea::host_backend<float> const b;
  fovea::model<fovea::host_backend<float>, std::remove_const_t<decltype(net_of_file)>, fovea::sigmoid> from{
      b, net_of_file, 1};
  auto const s = fovea::standardizer{.names = {"a", "b \"c\""}, .mean = {0.1, 1e300}, .scale = {2, 1. / 3}};
  save(from, file,
       fovea::model_description{
           .feature_names = {"a", "b \"c\""},
           .classes = {"no", "yes"},
           .threshold = 0.1 + 0.2,
           .standardizer = s,
           .min_max_scaler = fovea::min_max_scaler{.names = {"a"}, .minimum = {-0.1}, .maximum = {3}, .range = {-1, 1}},
           .robust_scaler = fovea::robust_scaler{.median = {1, 2}, .scale = {3, 1e-300}, .range = {10, 80}},
           .imputer = fovea::imputer{.names = {"a"}, .values = {2. / 3}},
           .one_hot_encoder = fovea::one_hot_encoder{.names = {"city"},
                                                     .categories = {{"Oslo", "Rome, \"new\""}},
                                                     .unknown = fovea::unknown_category::ignore},
           .ordinal_encoder = fovea::ordinal_encoder{.names = {"size"}, .categories = {{"S", "L"}}},
           .other = {{"by", "me"}}});
  auto again = from;
  auto const about = fovea::description_of(load(again, file));
  CHECK(about.feature_names == s.names);
  CHECK(about.classes == std::vector<std::string>{"no", "yes"});
  CHECK(about.threshold == 0.1 + 0.2);
  REQUIRE(about.standardizer);
  CHECK(about.standardizer->mean == s.mean);
  CHECK(about.standardizer->scale == s.scale);
  CHECK(about.other.at("by") == "me");
  CHECK(about.other.size() == 1);
  REQUIRE(
      (about.min_max_scaler && about.robust_scaler && about.imputer && about.one_hot_encoder && about.ordinal_encoder));
  CHECK((about.min_max_scaler->scaled(3, 0) == 1 && about.min_max_scaler->range.lower == -1));
  CHECK((about.robust_scaler->scale[1] == 1e-300 && about.robust_scaler->range.upper == 80));
  CHECK(about.imputer->values == std::vector<double>{2. / 3});
  CHECK(about.one_hot_encoder->feature_names() == std::vector<std::string>{"city=Oslo", "city=Rome, \"new\""});
  CHECK(about.one_hot_encoder->unknown == fovea::unknown_category::ignore);
  CHECK(about.ordinal_encoder->categories == std::vector<std::vector<std::string>>{{"S", "L"}});

  constexpr fovea::sequential other{fovea::linear<2, 2>{}, fovea::tanh{}, fovea::linear<2, 1>{}};
  fovea::model wrong{b, other, 1, fovea::sigmoid{}};
  CHECK_THROWS_WITH(load(wrong, file),
                    ContainsSubstring("another network") && ContainsSubstring("relu") && ContainsSubstring("tanh"));
  fovea::model unlinked{b, net_of_file, 1};
  CHECK_THROWS_WITH(load(unlinked, file), ContainsSubstring("another inverse_link") && ContainsSubstring("sigmoid"));
  // one without a description names its network, too; a part of a file, or one of other names, may be another network's
  save(from, file);
  auto const before = ::to_vector(wrong.parameters());
  CHECK_THROWS_WITH(load(wrong, file),
                    ContainsSubstring("another network") && ContainsSubstring("relu") && ContainsSubstring("tanh"));
  CHECK(::to_vector(wrong.parameters()) == before);
  CHECK_NOTHROW(load(unlinked, file));
  CHECK_NOTHROW(load(wrong, file, {.any_network = true}));
  CHECK_NOTHROW(load(wrong, file, {.partial = true}));
  CHECK_NOTHROW(load(wrong, file, {.renamed = {{"0.", "0."}}}));
  auto const none = fovea::description_of(load(again, file));
  CHECK((none.feature_names.empty() && !none.threshold && !none.standardizer && none.other.empty()));
  CHECK_THROWS_AS(fovea::description_of({{"threshold", "high"}}), fovea::io_error);
  CHECK_THROWS_AS(fovea::description_of({{"threshold", "\"high\""}}), fovea::io_error);
  auto const never = std::numeric_limits<double>::infinity();  // a threshold that best_threshold may choose
  save(from, file, fovea::model_description{.threshold = never});
  CHECK(fovea::description_of(load(again, file)).threshold == never);
  CHECK_THROWS_AS(fovea::description_of({{"standardizer", R"({"names":[],"mean":[1],"scale":[]})"}}), fovea::io_error);
  CHECK_THROWS_WITH(fovea::description_of({{"imputer", R"({"names":["a","b"],"values":[1]})"}}),
                    "model description: the lists of the imputer differ in length");
  CHECK_THROWS_AS(fovea::description_of({{"robust_scaler", R"({"names":[],"median":[1],"scale":[1]})"}}),
                  fovea::io_error);
  CHECK_THROWS_AS(save(from, file, fovea::model_description{.feature_names = {"\xff"}}), fovea::argument_error);
}
