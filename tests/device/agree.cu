// SPDX-License-Identifier: MIT
// Trains the published network on a device and on the host: the same seed gives the same losses within 1e-5, with and without
// capture.
#include <iostream>

#include <fovea/backends/host.hpp>
#include <fovea/backends/thrust.hpp>
#include <fovea/fovea.hpp>

#include "../catch.hpp"
#include "../labeled_rows.hpp"

namespace {

using fovea::linear;
using fovea::relu;
constexpr fovea::sequential published{linear<29, 16>{}, relu{}, linear<16, 8>{}, relu{}, linear<8, 1>{}};
constexpr std::size_t rows = 96 * 128, epochs = 2;  // 192 steps

int devices() {
  int count = 0;
  return cudaGetDeviceCount(&count) == cudaSuccess ? count : 0;
}
bool no_device() {
  if (devices() == 0) std::cout << "skipped: there is no CUDA device\n";
  return devices() == 0;
}

using span = fovea::vector_span<fovea::thrust_backend<float>, float>;
span view(float* at) { return {at, fovea::extents<fovea::dynamic>({3})}; }
double squared_error(fovea::thrust_backend<float> const& b, float* x, float* y) {
  return fovea::value(b, fovea::mean_squared_error{}, view(x), view(y));
}

template <class B> fovea::dataset<B> examples(B const& b) {
  return labeled_rows(rows, 29, 1, [](double const* x) { return x[0] + x[3] * x[7] > 0.8; }).on(b);
}

template <class B, class Loss> std::vector<double> losses(B const& b, Loss const& loss, bool capture) {
  fovea::trainer trainer{b, published, loss, fovea::adam{}, {.batch_size = 128, .seed = 7, .capture = capture}};
  auto const data = examples(b);
  std::vector<double> all;
  for (std::size_t e = 0; e != epochs; ++e)
    trainer.epoch(data, [&](std::size_t, auto const& value) { all.push_back(value); });
  return all;
}

template <class Loss> void agrees(Loss const& loss) {
  auto const host = losses(fovea::host_backend<float>{}, loss, false);
  auto const device = losses(fovea::thrust_backend<float>{}, loss, false);
  auto const captured = losses(fovea::thrust_backend<float>{}, loss, true);
  REQUIRE(host.size() == 192);
  CHECK(captured == device);
  for (std::size_t i = 0; i != host.size(); ++i) {
    INFO("step " << i);
    CHECK(device[i] == Approx(host[i]).epsilon(1e-5));
  }
}

}  // namespace

TEST_CASE("a device and the host agree over 192 steps, with and without capture") {
  if (no_device()) return;
  agrees(fovea::sigmoid_focal_loss{.gamma = 2, .alpha = 0.25});
  agrees(fovea::sigmoid_binary_cross_entropy{});
}

TEST_CASE("what a device does not reach is an error, and the stream stays usable") {
  if (no_device()) return;
  fovea::thrust_backend<float> const b;
  auto there = b.empty<float>(std::array<std::size_t, 1>{3});
  std::vector<float> here(3);
  CHECK_THROWS_WITH(squared_error(b, here.data(), there.data()),
                    ContainsSubstring("predictions lies in the host's memory, the backend computes on device "));
  CHECK_THROWS_AS(b.capture([] { throw fovea::argument_error("stopped"); }), fovea::argument_error);
  b.copy(here.data(), fovea::data(there), 3);
  CHECK(squared_error(b, there.data(), there.data()) == 0);
}

TEST_CASE("an epoch allocates nothing and synchronizes every 64 steps and at its end, with and without capture") {
  if (no_device()) return;
  fovea::thrust_backend<float> const b;
  auto const data = examples(b);
  for (bool const capture : {false, true}) {
    INFO((capture ? "captured" : "not captured"));
    fovea::trainer trainer{
        b, published, fovea::sigmoid_focal_loss{}, fovea::adam{}, {.batch_size = 100, .capture = capture}};
    static_cast<void>(double{trainer.epoch(data)});
    auto const before = b.usage();
    auto const loss = trainer.epoch(data);
    auto const after = b.usage();
    CHECK(after.allocations == before.allocations);
    CHECK(after.synchronizations == before.synchronizations + 2);
    CHECK(trainer.steps() == 2 * 123);
  }
}

TEST_CASE("work that cannot be captured is an error, and the stream stays usable") {
  if (no_device()) return;
  fovea::thrust_backend<float> const b;
  auto there = b.empty<float>(std::array<std::size_t, 1>{3});
  CHECK_THROWS_AS(b.capture([&] { b.synchronize(); }), fovea::device_error);
  std::vector<float> const here{1, 2, 3};
  b.copy(here.data(), fovea::data(there), 3);
  CHECK(squared_error(b, there.data(), there.data()) == 0);
}

TEST_CASE("the error for another device's stream or memory names both devices") {
  if (devices() < 2) return;
  fovea::thrust_backend<float> const b;
  REQUIRE(cudaSetDevice(1) == cudaSuccess);
  cudaStream_t stream = nullptr;
  REQUIRE(cudaStreamCreate(&stream) == cudaSuccess);
  auto elsewhere = b.empty<float>(std::array<std::size_t, 1>{3});
  CHECK_THROWS_WITH(fovea::thrust_backend<float>{},
                    "thrust_backend: the stream is of device 0, the current device is 1");
  REQUIRE(cudaSetDevice(0) == cudaSuccess);
  CHECK_THROWS_WITH(fovea::thrust_backend<float>{{.stream = stream}},
                    "thrust_backend: the stream is of device 1, the current device is 0");
  CHECK_THROWS_WITH(squared_error(b, elsewhere.data(), elsewhere.data()),
                    "loss: predictions lies on device 1, the backend computes on device 0");
  CHECK(cudaStreamDestroy(stream) == cudaSuccess);
}

TEST_CASE("without a device the backend throws an error that says so") {
  if (devices() != 0) return;
  CHECK_THROWS_WITH(fovea::thrust_backend<float>{},
                    ContainsSubstring("this backend needs a CUDA device and its driver"));
}
