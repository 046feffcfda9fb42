// SPDX-License-Identifier: MIT
#include <filesystem>
#include <random>
#include <string>

#include <fovea/adapt/armadillo.hpp>
#include <fovea/io/npy.hpp>

#include "adapted.hpp"

namespace {

auto const at = [](auto&& m, std::size_t i, std::size_t j) -> auto& { return m(i, j); };

template <class M> void takes_losses(M x) {
  M y = x, g = x;
  adapted::takes_losses(x, y, g, x.n_rows, x.n_cols, at);
}
template <class M> std::string shape_of(M const& m) { return to_string(fovea::shape_of(m)); }

}  // namespace

TEMPLATE_TEST_CASE("losses take Armadillo's matrices and vectors", "", float, double) {
  takes_losses(arma::Mat<TestType>(7, 5));
  takes_losses(arma::Col<TestType>(17));
  takes_losses(arma::Row<TestType>(17));
  takes_losses(typename arma::Mat<TestType>::template fixed<3, 5>());
  takes_losses(typename arma::Col<TestType>::template fixed<5>());
  arma::Mat<TestType> x(9, 7), y(9, 7);
  x.fill(1), y.fill(0);
  arma::Mat<TestType> const outside(x.memptr() + 9, 9, 5, /*copy*/ false, /*strict*/ true), inside(y.cols(1, 5));
  CHECK(fovea::data(outside) == x.memptr() + 9);
  CHECK(fovea::value(adapted::focal_loss, outside, inside) == Approx(adapted::focal(1, 0)[0]).epsilon(1e-5));
}

TEST_CASE("Armadillo's vectors have rank 1, its matrices are column-major") {
  CHECK(shape_of(arma::fmat(7, 5)) == "(7, 5)");
  static_assert(fovea::order_of<arma::fmat> == fovea::storage_order::column_major);
  static_assert(fovea::order_of<arma::frowvec> == fovea::storage_order::row_major);
  CHECK(to_string(fovea::shape_of(fovea::samples_in_columns(arma::fmat(7, 5)))) == "(5, 7)");
  CHECK(to_string(fovea::shape_of(fovea::to_row_major(arma::fmat(7, 5)))) == "(7, 5)");
  CHECK(shape_of(arma::mat(7, 1)) == "(7, 1)");
  CHECK(shape_of(arma::vec(7)) == "(7,)");
  CHECK(shape_of(arma::rowvec(7)) == "(7,)");
  CHECK(shape_of(arma::mat::fixed<2, 3>()) == "(2, 3)");
}

TEMPLATE_TEST_CASE("networks take samples as columns of an Armadillo matrix", "", float, double) {
  arma::Mat<TestType> x(5, 13);
  for (std::size_t i = 0; i != 5; ++i)
    for (std::size_t j = 0; j != 13; ++j) x(i, j) = static_cast<TestType>(adapted::logit(i, j) / 4);
  adapted::takes_networks(x, 13, 5, [](auto const& m, std::size_t s, std::size_t f) { return m(f, s); });
}

TEST_CASE("targets may be Armadillo's integers, and results have Armadillo's types") {
  arma::mat x(7, 5);
  x.fill(0.5);
  arma::umat y(7, 5);
  y.fill(1);
  arma::mat const gradient = fovea::gradient(adapted::focal_loss, x, y);
  CHECK(gradient.n_rows == 7);
  CHECK(gradient(6, 4) == Approx(adapted::focal(0.5, 1)[1] / 35));
}

TEST_CASE("a column-major matrix is copied, and written in Fortran order") {
  arma::mat m(3, 5);
  for (std::size_t i = 0; i != 3; ++i)
    for (std::size_t j = 0; j != 5; ++j) m(i, j) = static_cast<double>(10 * i + j);
  auto const copy = fovea::to_row_major(m);
  for (std::size_t i = 0; i != 3; ++i)
    for (std::size_t j = 0; j != 5; ++j) CHECK(copy.elements[5 * i + j] == m(i, j));
  auto const file = std::filesystem::temp_directory_path() /
                    ("fovea_test_armadillo_" + std::to_string(std::random_device{}()) + ".npy");
  fovea::write_npy(file, m, {3, 5});
  CHECK(fovea::read_npy<double>(file).values == copy.elements);
  std::filesystem::remove(file);
}

TEST_CASE("Armadillo's tensors of different shapes are rejected") {
  CHECK_THROWS_WITH(fovea::value(adapted::focal_loss, arma::mat(7, 5), arma::mat(5, 7)),
                    "loss: predictions have shape (7, 5), targets (5, 7)");
}

TEST_CASE("Armadillo's types satisfy the laws of tensors") {
  adapted::conforms<arma::fmat>({.name = "arma::fmat"});
  adapted::conforms<arma::vec>({.name = "arma::vec"});
  adapted::conforms<arma::frowvec>({.name = "arma::frowvec"});
  adapted::conforms<arma::mat::fixed<3, 5>>({.name = "arma::mat::fixed<3, 5>", .shapes = {{3, 5}}});
}
