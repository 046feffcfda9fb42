// SPDX-License-Identifier: MIT
#include <fovea/adapt/mdspan.hpp>

#include "adapted.hpp"

namespace {

namespace md = fovea::detail::library;
using dynamic_2 = md::dextents<std::size_t, 2>;

/// Accesses an element through the layout's own mapping.
auto const at = [](auto&& m, std::size_t i, std::size_t j) -> auto& {
  return m.data_handle()[static_cast<std::size_t>(m.mapping()(i, j))];
};

template <class T, class Extents, class Layout> struct three {
  explicit three(Extents const& e)
      : mapping(e), x(static_cast<std::size_t>(mapping.required_span_size())), y(x), g(x) {}
  typename Layout::template mapping<Extents> mapping;
  std::vector<T> x, y, g;
  auto of(std::vector<T>& v) const { return md::mdspan<T, Extents, Layout>(v.data(), mapping); }
  void take_losses() {
    auto const m = of(x);
    adapted::takes_losses(m, of(y), of(g), static_cast<std::size_t>(m.extent(0)), static_cast<std::size_t>(m.extent(1)),
                          at);
  }
};

template <class T> auto strided(T* elements, dynamic_2 const& e, std::size_t first, std::size_t second) {
  using mapping = md::layout_stride::mapping<dynamic_2>;
  using array = decltype(std::declval<mapping>().strides());  // the mdspan library's own array
  return md::mdspan<T, dynamic_2, md::layout_stride>(elements, mapping(e, array{first, second}));
}

}  // namespace

TEMPLATE_TEST_CASE("losses take mdspans of either layout", "", float, double) {
  three<TestType, dynamic_2, md::layout_right>(dynamic_2(7, 5)).take_losses();
  three<TestType, dynamic_2, md::layout_left>(dynamic_2(7, 5)).take_losses();
  using mixed = md::extents<int, 3, md::dynamic_extent>;
  three<TestType, mixed, md::layout_right>(mixed(11)).take_losses();
  three<TestType, md::extents<unsigned, 3, 5>, md::layout_left>({}).take_losses();
  std::vector<TestType> x(35), y(35), g(35);
  auto const rows = [](auto& v) { return strided(v.data(), dynamic_2(7, 5), 5, 1); };
  adapted::takes_losses(rows(x), rows(y), rows(g), 7, 5, at);
  md::mdspan<TestType const, md::dextents<std::size_t, 1>> const constants(x.data(), 35);
  static_assert(!fovea::writable_tensor<decltype(constants)>);
  CHECK(fovea::value(adapted::focal_loss, constants, y) == fovea::value(adapted::focal_loss, x, y));
}

TEST_CASE("mdspans of either layout have their own extents") {
  float one{};
  using cube = md::dextents<int, 3>;
  CHECK(to_string(fovea::shape_of(md::mdspan<float, cube>(&one, 2, 3, 5))) == "(2, 3, 5)");
  CHECK(to_string(fovea::shape_of(md::mdspan<float, cube, md::layout_left>(&one, 2, 3, 5))) == "(2, 3, 5)");
  static_assert(fovea::order_of<md::mdspan<float, cube, md::layout_left>> == fovea::storage_order::column_major);
  CHECK(to_string(fovea::shape_of(md::mdspan<float, md::extents<int>>(&one))) == "()");
}

TEST_CASE("to_row_major copies a layout_left mdspan of any rank, element by element") {
  std::vector<int> all(30);
  for (std::size_t i = 0; i != all.size(); ++i) all[i] = static_cast<int>(i);
  md::mdspan<int, md::dextents<std::size_t, 3>, md::layout_left> const cube(all.data(), 2, 3, 5);
  auto const copy = fovea::to_row_major(cube);
  CHECK(to_string(fovea::shape_of(copy)) == "(2, 3, 5)");
  for (std::size_t i = 0; i != 2; ++i)
    for (std::size_t j = 0; j != 3; ++j)
      for (std::size_t k = 0; k != 5; ++k)
        CHECK(copy.elements[(i * 3 + j) * 5 + k] == all[static_cast<std::size_t>(cube.mapping()(i, j, k))]);
}

TEMPLATE_TEST_CASE("networks take samples as rows of layout_right, as columns of layout_left", "", float, double) {
  std::vector<TestType> all(65);
  for (std::size_t i = 0; i != all.size(); ++i) all[i] = static_cast<TestType>(adapted::logit(i, i / 7) / 4);
  adapted::takes_networks(md::mdspan<TestType, dynamic_2>(all.data(), 13, 5), 13, 5, at);
  adapted::takes_networks(md::mdspan<TestType const, dynamic_2, md::layout_left>(all.data(), 5, 13), 13, 5,
                          [](auto const& m, std::size_t s, std::size_t f) { return at(m, f, s); });
}

TEST_CASE("mdspans with gaps, another order or other extents are rejected") {
  std::vector<float> x(99), y(35);
  md::mdspan<float, dynamic_2> const targets(y.data(), 7, 5);
  auto const refused = [&](auto const& view) {
    CHECK_THROWS_AS(fovea::value(adapted::focal_loss, view, targets), fovea::shape_error);
  };
  refused(strided(x.data(), dynamic_2(7, 5), 5, 2));
  refused(strided(x.data(), dynamic_2(7, 5), 1, 7));
  refused(md::mdspan<float, dynamic_2>(x.data(), 5, 7));
  CHECK_THROWS_WITH(
      fovea::value(adapted::focal_loss, strided(x.data(), dynamic_2(7, 5), 6, 1), targets),
      "mdspan: shape (7, 5) with strides (6, 1) is not contiguous; expected row-major rows without gaps: pass a copy");
  CHECK_THROWS_WITH(
      fovea::value(adapted::focal_loss, strided(x.data(), dynamic_2(7, 5), 1, 7), targets),
      "mdspan: shape (7, 5) with strides (1, 7) is column-major; expected row-major: pass the transpose if "
      "its columns are samples, else a copy");
  CHECK(to_string(fovea::shape_of(strided(x.data(), dynamic_2(1, 5), 9, 1))) == "(1, 5)");
  CHECK(to_string(fovea::shape_of(strided(x.data(), dynamic_2(0, 5), 9, 2))) == "(0, 5)");
}

TEST_CASE("mdspans satisfy the laws of tensors") {
  static std::vector<std::vector<float>> kept;
  auto const empty = [](auto const& e) { return kept.emplace_back(e[0] * e[1] + 1).data(); };
  using right = md::mdspan<float, dynamic_2>;
  using left = md::mdspan<float, dynamic_2, md::layout_left>;
  adapted::conforms<right>(
      {.name = "mdspan, layout_right", .empty = [&](auto const& e) { return right(empty(e), e[0], e[1]); }});
  adapted::conforms<left>(
      {.name = "mdspan, layout_left", .empty = [&](auto const& e) { return left(empty(e), e[0], e[1]); }});
}
