// SPDX-License-Identifier: MIT
#include <dlib/dnn.h>

#include "../common/hand_epoch.hpp"
#include "../common/products.hpp"
#include "../common/timing.hpp"

using network = dlib::loss_binary_log<
    dlib::fc<1, dlib::relu<dlib::fc<8, dlib::relu<dlib::fc<16, dlib::input<dlib::matrix<float>>>>>>>>;

int main(int argc, char** argv) {
  auto const o = timing::read(argc, argv);
  set_blas_threads(1);
  shuffled_rows data;
  network net;
  std::vector<dlib::adam> solvers(network::num_computational_layers, dlib::adam(0, 0.9f, 0.999f));
  std::vector<dlib::matrix<float>> x(sizes::batch, dlib::matrix<float>(sizes::features, 1));
  std::vector<float> batch(sizes::batch * sizes::features), y(sizes::batch), labels(sizes::batch);
  auto const epoch = [&] {
    data.epoch(batch.data(), y.data(), [&](std::size_t rows) {
      x.resize(rows, dlib::matrix<float>(sizes::features, 1));
      labels.resize(rows);
      for (std::size_t r = 0; r != rows; ++r) {
        std::copy_n(batch.data() + r * sizes::features, sizes::features, &x[r](0));
        labels[r] = y[r] > 0 ? 1.f : -1.f;
      }
      timing::keep(net.compute_parameter_gradients(x.begin(), x.end(), labels.begin()));
      net.update_parameters(solvers, 1e-3);
    });
  };
  return timing::answer(o, {{.name = "bce", .run = epoch, .each = static_cast<double>(data.steps())}});
}
