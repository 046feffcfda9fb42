// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

/// What fovea is measured against: no more than the work itself, each in a translation unit that knows nothing of fovea.
namespace anchors {

/// The products of one training step of a dense network: forward, and backward for the weights and, but for the first
/// layer, the inputs. They run on one thread.
class products {
 public:
  products(std::span<std::size_t const> widths, std::size_t batch, bool training);
  void run();

 private:
  struct layer {
    std::size_t in, out;
    std::vector<float> weights, gradient;
  };
  std::size_t batch_;
  bool training_;
  std::vector<layer> layers_;
  std::vector<std::vector<float>> activations_, slopes_;
};

/// c = a + b: reads two, writes one.
void add(float const* a, float const* b, float* c, std::size_t n);
/// Reads two and sums them.
float sum(float const* a, float const* b, std::size_t n);
/// Reads four and writes three of them: the bytes of an Adam step.
void four_and_three(float* a, float* b, float* c, float const* d, std::size_t n);

/// Every number of a CSV text by `std::from_chars`, one after the other, and their sum.
double parse(std::string const& text);

}  // namespace anchors
