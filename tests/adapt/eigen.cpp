// SPDX-License-Identifier: MIT
#include <fovea/adapt/eigen.hpp>

#include "adapted.hpp"

namespace {

auto const at = [](auto&& m, std::size_t i, std::size_t j) -> auto& {
  return m.coeffRef(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(j));
};
auto const sample_is_row = [](auto const& m, std::size_t s, std::size_t f) {
  return m(static_cast<Eigen::Index>(s), static_cast<Eigen::Index>(f));
};
auto const sample_is_column = [](auto const& m, std::size_t s, std::size_t f) {
  return m(static_cast<Eigen::Index>(f), static_cast<Eigen::Index>(s));
};

template <class M> void takes_losses(M x) {
  M y = x, g = x;
  adapted::takes_losses(x, y, g, static_cast<std::size_t>(x.rows()), static_cast<std::size_t>(x.cols()), at);
}
template <class M> std::string shape_of(M const& m) { return to_string(fovea::shape_of(m)); }

template <class T> using row_major = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
template <class T> using column_major = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic>;
template <class T> using vector = Eigen::Matrix<T, Eigen::Dynamic, 1>;

}  // namespace

TEMPLATE_TEST_CASE("losses take Eigen's matrices, arrays and vectors", "", float, double) {
  takes_losses(column_major<TestType>(7, 5));
  takes_losses(row_major<TestType>(7, 5));
  takes_losses(Eigen::Array<TestType, Eigen::Dynamic, Eigen::Dynamic>(3, 11));
  takes_losses(Eigen::Array<TestType, Eigen::Dynamic, 3, Eigen::RowMajor>(9, 3));
  takes_losses(Eigen::Matrix<TestType, 3, 5>());
  takes_losses(Eigen::Matrix<TestType, 3, 5, Eigen::RowMajor>());
  takes_losses(Eigen::Matrix<TestType, Eigen::Dynamic, Eigen::Dynamic, 0, 9, 9>(7, 5));
  takes_losses(vector<TestType>(17));
  takes_losses(Eigen::Matrix<TestType, 1, Eigen::Dynamic>(17));
  takes_losses(Eigen::Array<TestType, 5, 1>());
  takes_losses(Eigen::Matrix<TestType, 1, 1>());
}

TEMPLATE_TEST_CASE("losses take Eigen's views of contiguous elements", "", float, double) {
  column_major<TestType> x(7, 5), y(7, 5), g(7, 5);
  auto const map = [](auto& m) { return Eigen::Map<column_major<TestType>>(m.data(), 7, 5); };
  adapted::takes_losses(map(x), map(y), map(g), 7, 5, at);
  auto const rows = [](auto& m) { return Eigen::Map<row_major<TestType>, Eigen::Unaligned>(m.data(), 5, 7); };
  adapted::takes_losses(rows(x), rows(y), rows(g), 5, 7, at);
  adapted::takes_losses(x.transpose(), y.transpose(), g.transpose(), 5, 7, at);
  adapted::takes_losses(x.array(), y.array(), g.array(), 7, 5, at);
  adapted::takes_losses(x.col(3), y.col(0), g.col(1), 7, 1, at);
  vector<TestType> v = vector<TestType>::Zero(9), w = v, u = v;
  adapted::takes_losses(v.head(5), w.segment(1, 5), u.tail(5), 5, 1, at);
  Eigen::Ref<vector<TestType>> const ref(v);
  CHECK(fovea::value(adapted::focal_loss, ref, w) == fovea::value(adapted::focal_loss, v, w));
  Eigen::Map<vector<TestType> const> const constants(v.data(), 9);
  CHECK(fovea::value(adapted::focal_loss, constants, w) == fovea::value(adapted::focal_loss, v, w));
  Eigen::Matrix<TestType, 5, 9> fixed;
  CHECK(shape_of(fixed.template block<5, 4>(0, 3)) == "(5, 4)");
}

TEST_CASE("vectors have rank 1, matrices of either order their own shape") {
  CHECK(shape_of(Eigen::MatrixXf(7, 5)) == "(7, 5)");
  static_assert(fovea::order_of<Eigen::MatrixXf> == fovea::storage_order::column_major);
  static_assert(fovea::order_of<row_major<float>> == fovea::storage_order::row_major);
  static_assert(fovea::order_of<decltype(Eigen::MatrixXf().transpose())> == fovea::storage_order::row_major);
  static_assert(fovea::order_of<Eigen::VectorXf> == fovea::storage_order::row_major);
  CHECK(shape_of(row_major<float>(7, 5)) == "(7, 5)");
  CHECK(shape_of(Eigen::MatrixXf(7, 5).transpose()) == "(5, 7)");
  CHECK(shape_of(Eigen::MatrixXf(7, 1)) == "(7, 1)");
  CHECK(shape_of(Eigen::RowVectorXd(7)) == "(7,)");
  CHECK(shape_of(Eigen::Matrix<double, 2, 3>()) == "(2, 3)");
}

TEST_CASE("a column-major matrix meets row-major ones as a view of samples in columns, or as a copy") {
  Eigen::MatrixXd z(2, 2);
  z << 5, -5, 5, 5;
  row_major<double> const same = z, targets = (row_major<double>(2, 2) << 1, 0, 1, 1).finished();
  fovea::sigmoid_focal_loss const loss{.gamma = 0};
  double const wanted = fovea::value(loss, same, targets);
  CHECK(wanted == Approx(std::log1p(std::exp(-5.))));
  CHECK(fovea::value(loss, fovea::to_row_major(z), targets) == wanted);
  z.transposeInPlace();
  CHECK(fovea::value(loss, fovea::samples_in_columns(z), targets) == wanted);
  Eigen::MatrixXd slopes(2, 2);
  fovea::value_and_gradient(loss, fovea::samples_in_columns(z), targets, fovea::samples_in_columns(slopes));
  CHECK(slopes(0, 1) == Approx(-slopes(1, 0)));  // of z (5, -5) in the first sample: both are right
  Eigen::MatrixXd const x = (Eigen::MatrixXd(3, 3) << 1, 2, 3, 4, 5, 6, 7, 8, 9).finished();
  fovea::dataset const rows{fovea::host_backend<double>{}, fovea::to_row_major(x), Eigen::VectorXd::Ones(3).eval()};
  CHECK(rows.features.elements[1] == x(0, 1));
  fovea::dataset const columns{fovea::host_backend<double>{}, fovea::samples_in_columns(x),
                               Eigen::VectorXd::Ones(3).eval()};
  CHECK(columns.features.elements[1] == x(1, 0));
}

TEMPLATE_TEST_CASE("networks take samples as rows of a row-major matrix, as columns of a column-major one", "", float,
                   double) {
  column_major<TestType> x(5, 13);
  for (std::size_t i = 0; i != 5; ++i)
    for (std::size_t j = 0; j != 13; ++j) at(x, i, j) = static_cast<TestType>(adapted::logit(i, j) / 4);
  adapted::takes_networks(x, 13, 5, sample_is_column);
  adapted::takes_networks(row_major<TestType>(x), 5, 13, sample_is_row);
  adapted::takes_networks(Eigen::Map<column_major<TestType> const>(x.data(), 5, 13), 13, 5, sample_is_column);
}

TEST_CASE("results computed from Eigen's types have Eigen's types") {
  Eigen::MatrixXd const x = Eigen::MatrixXd::Constant(7, 5, 0.5), y = Eigen::MatrixXd::Ones(7, 5);
  Eigen::MatrixXd const gradient = fovea::gradient(adapted::focal_loss, x, y);
  CHECK(gradient.rows() == 7);
  CHECK(gradient(6, 4) == Approx(adapted::focal(0.5, 1)[1] / 35));
  Eigen::Map<Eigen::MatrixXd const> const map(x.data(), 7, 5);
  static_assert(std::same_as<decltype(fovea::gradient(adapted::focal_loss, map, y)), Eigen::MatrixXd>);
  CHECK(fovea::gradient(adapted::focal_loss, map, y) == gradient);
}

TEST_CASE("Eigen's tensors of different shapes are rejected") {
  CHECK_THROWS_WITH(fovea::value(adapted::focal_loss, Eigen::MatrixXd(7, 5), Eigen::MatrixXd(5, 7)),
                    "loss: predictions have shape (7, 5), targets (5, 7)");
}

TEST_CASE("Eigen's types satisfy the laws of tensors") {
  adapted::conforms<Eigen::MatrixXf>({.name = "Eigen::MatrixXf"});
  adapted::conforms<row_major<double>>({.name = "row-major Eigen::Matrix"});
  adapted::conforms<Eigen::ArrayXd>({.name = "Eigen::ArrayXd"});
  adapted::conforms<Eigen::Matrix<float, 3, 5>>({.name = "Eigen::Matrix<float, 3, 5>", .shapes = {{3, 5}}});
  static std::vector<std::vector<float>> kept;
  using map = Eigen::Map<Eigen::MatrixXf>;
  adapted::conforms<map>({.name = "Eigen::Map", .empty = [](auto const& e) {
                            return map(kept.emplace_back(e[0] * e[1]).data(), Eigen::Index(e[0]), Eigen::Index(e[1]));
                          }});
}
