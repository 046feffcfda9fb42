// SPDX-License-Identifier: MIT
// Times fovea and its limits on a device in one run; prints JSON: {row: {fovea, anchor, goal, what}}. Seconds are medians
// of CUDA event timings.
#include <algorithm>
#include <cstdio>
#include <functional>
#include <vector>

#include <fovea/backends/thrust.hpp>
#include <fovea/fovea.hpp>

namespace {

using backend = fovea::thrust_backend<float>;
using fovea::linear;
using fovea::relu;

void check(cudaError_t code, char const* call) { fovea::thrust_detail::check(code, call); }

/// Returns the median time of one call, measured over queued batches of calls.
double seconds(cudaStream_t stream, std::function<void()> const& run, int calls = 20) {
  cudaEvent_t begin, end;
  check(cudaEventCreate(&begin), "cudaEventCreate"), check(cudaEventCreate(&end), "cudaEventCreate");
  std::vector<double> times;
  for (int repetition = 0; repetition != 9; ++repetition) {
    check(cudaEventRecord(begin, stream), "cudaEventRecord");
    for (int i = 0; i != calls; ++i) run();
    check(cudaEventRecord(end, stream), "cudaEventRecord");
    check(cudaEventSynchronize(end), "cudaEventSynchronize");
    float milliseconds = 0;
    check(cudaEventElapsedTime(&milliseconds, begin, end), "cudaEventElapsedTime");
    times.push_back(milliseconds * 1e-3 / calls);
  }
  check(cudaEventDestroy(begin), "cudaEventDestroy"), check(cudaEventDestroy(end), "cudaEventDestroy");
  std::sort(times.begin(), times.end());
  return times[times.size() / 2];
}

struct uniform {
  float* to;
  float low, high;
  FOVEA_HD void operator()(std::size_t i) const {
    to[i] = low + (high - low) * fovea::uniform<float>(1, fovea::random_stream::user, 0, i);
  }
};
template <std::size_t Rank>
auto filled(backend const& b, std::array<std::size_t, Rank> const& extents, float low, float high) {
  auto t = b.empty<float>(extents);
  b.for_each_index(fovea::size(t), uniform{fovea::data(t), low, high});
  return t;
}
void print(char const* row, double fovea, double anchor, double goal, char const* what) {
  static bool first = true;
  std::printf("%s  \"%s\": {\"fovea\": %.9g, \"anchor\": %.9g, \"goal\": %g, \"what\": \"%s\"}", first ? "" : ",\n",
              row, fovea, anchor, goal, what);
  first = false;
}

/// Value and gradient read two numbers and write one; a copy reads one and writes one.
void focal(backend const& b, cudaStream_t stream) {
  std::size_t const n = std::size_t{1} << 28;
  auto const z = filled<1>(b, {n}, -8, 8), y = filled<1>(b, {n}, 0, 1);
  auto gradient = b.empty<float>(std::array{n});
  fovea::sigmoid_focal_loss const loss{};
  double const copy = seconds(stream, [&] {
    check(cudaMemcpyAsync(fovea::data(gradient), fovea::data(z), n * sizeof(float), cudaMemcpyDeviceToDevice, stream),
          "cudaMemcpyAsync");
  });
  double const time = seconds(
      stream, [&] { fovea::value_and_gradient(b, loss, z, y, gradient); }, 5);
  print("focal loss, gamma 2: value and gradient of 2^28", time, copy * 3 / 2, 1 / 0.85,
        "a device-to-device copy of as many bytes");
}

template <class Net>
double step_of(backend const& b, cudaStream_t stream, Net const& net, std::size_t batch, bool capture) {
  std::size_t const steps = 64, rows = batch * steps;
  fovea::dataset const data{b, filled<2>(b, {rows, net.sample().size()}, -1, 1),
                            filled<2>(b, {rows, net.output(net.sample()).size()}, 0, 1)};
  fovea::trainer trainer{b, net, fovea::sigmoid_focal_loss{}, fovea::adam{}, {.batch_size = batch, .capture = capture}};
  for (int i = 0; i != 2; ++i) trainer.epoch(data);
  return seconds(
             stream, [&] { trainer.epoch(data); }, 1) /
         steps;
}

/// Times cuBLAS on the eight products of a step of 784-4096-4096-10 (the first layer has no gradient in x). The results have
/// separate tensors, so that the factors keep their values: a device is faster on zeros.
double wide_products(backend const& b, cudaStream_t stream, std::size_t batch) {
  std::size_t const widths[]{784, 4096, 4096, 10};
  std::vector<backend::tensor<float, 2>> x, w, to_x, to_w;
  for (auto* list : {&x, &to_x})
    for (auto const width : widths) list->push_back(filled<2>(b, {batch, width}, -1, 1));
  for (auto* list : {&w, &to_w})
    for (std::size_t i = 0; i != 3; ++i) list->push_back(filled<2>(b, {widths[i + 1], widths[i]}, -1, 1));
  auto const span = [](auto& t) { return fovea::as_matrix("benchmark", "a matrix has", t); };
  return seconds(stream, [&] {
    for (std::size_t i = 0; i != 3; ++i) {
      b.multiply(span(to_x[i + 1]), span(x[i]), fovea::transposed(span(w[i])));
      b.multiply(span(to_w[i]), fovea::transposed(span(x[i + 1])), span(x[i]));
      if (i != 0) b.multiply(span(to_x[i]), span(x[i + 1]), span(w[i]));
    }
  });
}

}  // namespace

int main() {
  try {
    cudaStream_t stream = nullptr;
    check(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking), "cudaStreamCreateWithFlags");
    backend const b{{.stream = stream}};
    std::fprintf(stderr, "%s\n", b.device().c_str());
    std::printf("{\n");
    focal(b, stream);
    constexpr fovea::sequential published{linear<29, 16>{}, relu{}, linear<16, 8>{}, relu{}, linear<8, 1>{}};
    double const eager = step_of(b, stream, published, 128, false);
    print("training step of 29-16-8-1", eager, 0, 0, "PyTorch eager");
    print("the same, captured", step_of(b, stream, published, 128, true), eager, 0, "not captured");
    constexpr fovea::sequential wide{linear<784, 4096>{}, relu{}, linear<4096, 4096>{}, relu{}, linear<4096, 10>{}};
    double const products = wide_products(b, stream, 512);
    print("step of 784-4096-4096-10, batch 512", step_of(b, stream, wide, 512, true), products, 1 / 0.95,
          "its products in cuBLAS");
    std::printf("\n}\n");
  } catch (fovea::device_error const& e) {
    std::fprintf(stderr, "benchmarks: %s\n", e.what());
    return 1;
  }
}
