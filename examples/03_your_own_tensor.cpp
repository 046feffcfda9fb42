// SPDX-License-Identifier: MIT
// Adapts a tensor type of your own, here Eigen's matrix, in a dozen lines; every loss then works on it. The program keeps its
// own linear algebra: logistic regression by Newton's method, with the loss's gradient and Hessian from fovea.
#include <Eigen/Dense>
#include <array>
#include <cmath>
#include <cstdio>

#include <fovea/backends/host.hpp>
#include <fovea/losses/sigmoid_binary_cross_entropy.hpp>
#include <fovea/losses/value_and_gradient.hpp>

template <class T, int Rows, int Columns, int Options>
struct fovea::tensor_traits<Eigen::Matrix<T, Rows, Columns, Options>> {
  using matrix = Eigen::Matrix<T, Rows, Columns, Options>;
  using value_type = T;
  using backend = fovea::host_backend<T>;  // plain loops without dependencies; fovea::xtensor_backend<T> uses SIMD
  static constexpr std::size_t rank = 2;
  static constexpr auto order =
      matrix::IsRowMajor ? fovea::storage_order::row_major : fovea::storage_order::column_major;
  static std::array<std::size_t, 2> extents(matrix const& m) { return {std::size_t(m.rows()), std::size_t(m.cols())}; }
  static T* data(matrix& m) { return m.data(); }
  static T const* data(matrix const& m) { return m.data(); }
  static matrix empty(std::array<std::size_t, 2> const& e) { return matrix(Eigen::Index(e[0]), Eigen::Index(e[1])); }
};
using batch = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
static_assert(fovea::writable_tensor<batch> && fovea::real_tensor<Eigen::VectorXd>);
// Column-major matrices meet each other; beside a row-major one they are a compile error instead of a wrong result.
static_assert(!fovea::same_order_as<Eigen::MatrixXd, batch>);

int main() {
  // Hours of study and exam results, from Wikipedia's example of logistic regression.
  Eigen::VectorXd hours(20), passed(20);
  hours << 0.50, 0.75, 1.00, 1.25, 1.50, 1.75, 1.75, 2.00, 2.25, 2.50,  //
      2.75, 3.00, 3.25, 3.50, 4.00, 4.25, 4.50, 4.75, 5.00, 5.50;
  passed << 0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 1, 1, 1, 1, 1;
  batch x(20, 2);
  x << Eigen::VectorXd::Ones(20), hours;

  fovea::sigmoid_binary_cross_entropy const loss;
  Eigen::VectorXd weights = Eigen::VectorXd::Zero(2), logits(20), gradient(20), hessian(20);
  std::printf("%4s %10s %12s %12s %12s\n", "step", "loss", "intercept", "per hour", "|gradient|");
  for (int step = 0; step != 8; ++step) {
    logits = x * weights;
    double const sum =
        fovea::value_gradient_and_hessian(loss, logits, passed, gradient, hessian, fovea::reduction::sum);
    Eigen::VectorXd const slope = x.transpose() * gradient;
    std::printf("%4d %10.6f %12.7f %12.7f %12.1e\n", step, sum, weights(0), weights(1), slope.norm());
    if (slope.norm() < 1e-12) break;
    weights -= (x.transpose() * hessian.asDiagonal() * x).ldlt().solve(slope);
  }
  std::printf("passed after two hours: %.2f, after four: %.2f\n", 1 / (1 + std::exp(-weights(0) - 2 * weights(1))),
              1 / (1 + std::exp(-weights(0) - 4 * weights(1))));
}
