// SPDX-License-Identifier: MIT
#include "../common/inputs.hpp"
#include "../common/libtorch_common.hpp"
#include "../common/timing.hpp"

int main(int argc, char** argv) {
  auto const o = timing::read(argc, argv);
  with_libtorch::set_threads(o.threads);
  auto z = with_libtorch::tensor(sizes::softmax_rows, sizes::softmax_classes);
  auto const y = torch::empty({static_cast<long>(sizes::softmax_rows)}, torch::kInt64);
  inputs::logits(with_libtorch::span(z));
  inputs::classes(std::span(y.data_ptr<std::int64_t>(), sizes::softmax_rows));
  z.requires_grad_();
  auto const loss = [](auto const& a, auto const& b) { return torch::cross_entropy_loss(a, b); };
  return timing::answer(o, {{.name = "softmax", .run = [&] { with_libtorch::value_and_gradient(z, y, loss); }}});
}
