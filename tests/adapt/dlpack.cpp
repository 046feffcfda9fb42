// SPDX-License-Identifier: MIT
#include <cstdint>
#include <initializer_list>

#include <fovea/adapt/dlpack.hpp>

#include "adapted.hpp"

namespace {

using fovea::adapt::dlpack_view;
using int64s = std::vector<std::int64_t>;

/// A producer's tensor; contiguous if it has no strides.
template <class T> struct produced {
  std::vector<T> all;
  int64s extents, strides = {};
  DLTensor tensor() {
    DLTensor t{};
    t.data = all.data();
    t.device = {kDLCPU, 0};
    t.ndim = static_cast<int>(extents.size());
    t.dtype = {kDLFloat, 8 * sizeof(T), 1};
    t.shape = extents.data();
    t.strides = strides.empty() ? nullptr : strides.data();
    return t;
  }
};

/// Stands in for a backend with device memory.
struct device_memory {};
struct device_backend : fovea::host_backend<float> {
  using memory = device_memory;
};

template <class T, std::size_t Rank = fovea::dynamic_rank, class Backend = fovea::host_backend_of<T>>
std::string said(DLTensor const& t) {
  return adapted::said([&] { static_cast<void>(dlpack_view<T, Rank, Backend>(t)); });
}

}  // namespace

TEMPLATE_TEST_CASE("losses take DLPack tensors", "", float, double) {
  std::size_t const rows = 7, columns = 5;
  auto const at = [&](auto const& v, std::size_t i, std::size_t j) -> auto& { return v.data()[i * columns + j]; };
  produced<TestType> x{std::vector<TestType>(35), {7, 5}}, y = x, g{std::vector<TestType>(38), {7, 5}, {5, 1}};
  DLManagedTensor managed{};
  managed.dl_tensor = x.tensor();
  DLTensor later = g.tensor();
  later.byte_offset = 3 * sizeof(TestType);
  dlpack_view<TestType, 2> const from(managed), into(later);
  CHECK(into.data() == g.all.data() + 3);
  adapted::takes_losses(from, dlpack_view<TestType>(y.tensor()), into, rows, columns, at);
  dlpack_view<TestType const> const constants(x.tensor());
  CHECK(fovea::value(adapted::focal_loss, constants, dlpack_view<TestType const, 2>(y.tensor())) ==
        fovea::value(adapted::focal_loss, from, dlpack_view<TestType>(y.tensor())));
  CHECK(to_string(fovea::shape_of(constants)) == "(7, 5)");
}

TEMPLATE_TEST_CASE("networks take samples as a DLPack tensor's rows", "", float, double) {
  produced<TestType> x{std::vector<TestType>(65), {13, 5}};
  for (std::size_t i = 0; i != 65; ++i) x.all[i] = static_cast<TestType>(adapted::logit(i, i / 7) / 4);
  auto const at = [](auto const& v, std::size_t s, std::size_t f) { return v.data()[s * 5 + f]; };
  adapted::takes_networks(dlpack_view<TestType, 2>(x.tensor()), 13, 5, at);
  adapted::takes_networks(dlpack_view<TestType const>(x.tensor()), 13, 5, at);
}

TEST_CASE("a DLPack tensor with another element type is rejected") {
  produced<double> numbers{std::vector<double>(6), {6}};
  auto t = numbers.tensor();
  CHECK(said<float>(t) == "dlpack_view: the elements are float64, expected float32");
  CHECK(said<std::int64_t>(t) == "dlpack_view: the elements are float64, expected int64");
  CHECK(said<bool>(t) == "dlpack_view: the elements are float64, expected bool8");
  t.dtype = {kDLUInt, 64, 1};
  CHECK(said<std::uint64_t>(t) == "no error");
  CHECK(said<std::int64_t>(t) == "dlpack_view: the elements are uint64, expected int64");
  t.dtype = {6, 8, 1};
  CHECK(said<bool>(t) == "no error");
  t.dtype = {kDLFloat, 32, 4};
  CHECK(said<float>(t) == "dlpack_view: the elements are float32 x 4, expected float32");
  t.dtype = {kDLBfloat, 16, 1};
  CHECK(said<float>(t) == "dlpack_view: the elements are bfloat16, expected float32");
  t.dtype = {99, 8, 1};
  CHECK(said<float>(t) == "dlpack_view: the elements are elements of type code 99, bits 8, expected float32");
}

TEST_CASE("a DLPack tensor in another memory is rejected") {
  produced<float> numbers{std::vector<float>(6), {6}};
  auto t = numbers.tensor();
  CHECK(said<float, 1, device_backend>(t) == "dlpack_view: the elements are on a device of type 1, expected 2, CUDA");
  t.device.device_type = kDLCUDAHost;
  CHECK(said<float>(t) == "no error");
  t.device.device_type = kDLCUDA;
  CHECK(said<float>(t) == "dlpack_view: the elements are on a device of type 2, expected 1, the CPU");
  CHECK(said<float, 1, device_backend>(t) == "no error");
  static_assert(!fovea::same_memory_as<dlpack_view<float, 1, device_backend>, dlpack_view<float, 1>>);
}

TEST_CASE("a DLPack tensor with gaps, another order or another rank is rejected") {
  produced<float> matrix{std::vector<float>(40), {3, 5}, {5, 1}};
  CHECK(said<float, 2>(matrix.tensor()) == "no error");
  CHECK(said<float, 1>(matrix.tensor()) == "dlpack_view: a tensor of rank 2, expected 1");
  matrix.strides = {1, 3};
  CHECK(
      said<float>(matrix.tensor()) ==
      "dlpack_view: shape (3, 5) with strides (1, 3) is column-major; expected row-major: pass the transpose if its columns "
      "are samples, else a copy");
  for (auto const& strides : {int64s{6, 1}, int64s{5, 2}, int64s{0, 1}, int64s{-5, 1}}) {
    matrix.strides = strides;
    CHECK_THROWS_AS((dlpack_view<float>(matrix.tensor())), fovea::shape_error);
  }
  matrix.extents = {1, 5}, matrix.strides = {77, 1};
  CHECK(said<float>(matrix.tensor()) == "no error");
  matrix.extents = {0, 5}, matrix.strides = {77, 3};
  CHECK(said<float>(matrix.tensor()) == "no error");
  matrix.extents = int64s(9, 1), matrix.strides = {};
  CHECK(said<float>(matrix.tensor()) == "dlpack_view: a tensor of rank 9, expected at most 8");
  CHECK_THROWS_WITH(
      fovea::value(adapted::focal_loss, dlpack_view<float>(produced<float>{std::vector<float>(6), {2, 3}}.tensor()),
                   dlpack_view<float>(produced<float>{std::vector<float>(6), {3, 2}}.tensor())),
      "loss: predictions have shape (2, 3), targets (3, 2)");
}

TEST_CASE("a DLPack tensor with a null or misaligned address is rejected") {
  produced<float> numbers{std::vector<float>(6), {5}};
  auto t = numbers.tensor();
  t.byte_offset = 2;
  CHECK(said<float>(t) == "dlpack_view: the elements' address is null or not aligned");
  t.byte_offset = 4;
  CHECK(said<float>(t) == "no error");
  t.data = nullptr;
  CHECK(said<float>(t) == "dlpack_view: the elements' address is null or not aligned");
  numbers.extents = {0};
  t = numbers.tensor();
  t.data = nullptr;
  CHECK(said<float>(t) == "no error");
}

TEST_CASE("DLPack views satisfy the laws of tensors") {
  static std::vector<produced<float>> kept;
  auto const empty = [](auto const& e) {
    kept.push_back({std::vector<float>(fovea::shape(e).size()), int64s(e.begin(), e.end())});
    return kept.back().tensor();
  };
  adapted::conforms<dlpack_view<float>>(
      {.name = "dlpack_view<float>", .empty = [&](auto const& e) { return dlpack_view<float>(empty(e)); }});
  adapted::conforms<dlpack_view<float, 1>>(
      {.name = "dlpack_view<float, 1>", .empty = [&](auto const& e) { return dlpack_view<float, 1>(empty(e)); }});
}
