// SPDX-License-Identifier: MIT
// Checks that the conformance kit finds faults: each faulty backend or tensor type breaks the law that covers its fault.
#include <algorithm>
#include <atomic>
#include <sstream>

#include <fovea/testing/conformance.hpp>

#include "../conformance/report.hpp"

namespace {

using fovea::testing::law_result;
using fovea::testing::outcome;

enum class fault {
  none,
  skips_the_last,
  swallows_nan,
  drifts,
  mistakes_rows,
  writes_beyond,
  multiplies_badly,
  waits,
  throws
};

struct forgives_nan {
  template <class T> constexpr void operator()(T& x) const {
    if (x != x) x = T(0);
  }
};

/// The host backend with one fault.
struct faulty : fovea::host_backend<float> {
  fault of = fault::none;
  explicit faulty(fault f = fault::none) : of(f) {}

  template <class Domain, class F, class... O> void for_each(Domain const& d, F const& f, O const&... operands) const {
    fovea::domain<> some({d.template get<0>(), d.template get<1>()});
    if (of == fault::skips_the_last && some.extent(1) > 1000)
      some = fovea::domain<>({some.extent(0), some.extent(1) - 1});
    host_backend::for_each(some, f, operands...);
    if (of == fault::swallows_nan) (forgive(d, operands), ...);
    if (of == fault::writes_beyond) (beyond(d, operands), ...);
    if (of == fault::throws && d.size() == 129) throw fovea::argument_error("no more");
  }
  template <class Domain, class F, class... R, class... O>
  void reduce(Domain const& d, F const& f, std::tuple<R...> const& results, O const&... operands) const {
    host_backend::reduce(d, f, results, operands...);
    if (of == fault::drifts) std::apply([](auto... r) { (drift(r), ...); }, results);
    if (of == fault::mistakes_rows) std::apply([&](auto... r) { (reverse(d, r), ...); }, results);
  }
  template <class C, class A, class B, class... Rest>
  void multiply(C const& c, A const& a, B const& b, fovea::product_options o = {}, Rest const&... rest) const {
    host_backend::multiply(c, a, b, o, rest...);
    if (of == fault::multiplies_badly && c.size() > 1000) *c.elements *= 1.001f;
  }
  fovea::usage usage() const { return {1, of == fault::waits ? waited += 2 : 0}; }

 private:
  template <class D, class T> void forgive(D const& d, fovea::each<T> o) const {
    if constexpr (std::is_same_v<T, float>) host_backend::for_each(d, forgives_nan{}, o);
  }
  template <class D, class O> void forgive(D const&, O const&) const {}
  template <class D, class T> static void beyond(D const& d, fovea::out<T> o) {
    if constexpr (std::is_same_v<T, float>) o.elements[d.size()] = 0;
  }
  template <class D, class O> static void beyond(D const&, O const&) {}
  static void drift(fovea::overall<fovea::plus> to) { *to.elements += 1e-12 * static_cast<double>(++calls % 7); }
  template <class R> static void drift(R const&) {}
  template <class D, class T, class Fold> static void reverse(D const& d, fovea::by_row<T, Fold> to) {
    std::reverse(to.elements, to.elements + d.template get<0>());
  }
  template <class D, class R> static void reverse(D const&, R const&) {}

  static inline std::atomic<unsigned> calls;
  static inline std::size_t waited;
};

law_result const& law(fovea::testing::report const& all, std::string const& name) {
  auto const found = std::find_if(all.laws().begin(), all.laws().end(), [&](auto const& l) { return l.law == name; });
  REQUIRE(found != all.laws().end());
  return *found;
}
std::string text(fovea::testing::report const& r) {
  std::ostringstream to;
  to << r;
  return to.str();
}

void breaks(fault f, std::string const& name, std::string const& says) {
  auto const all = fovea::testing::check_backend(faulty{f}, {.only = {name}});
  INFO(text(all));
  CHECK_FALSE(all.passed());
  CHECK(all.laws().size() == 1);
  CHECK(law(all, name).became == outcome::failed);
  CHECK(law(all, name).why.find(says) != std::string::npos);
}

/// Column-major storage that its traits do not declare.
struct columns_first {
  std::size_t rows = 0, columns = 0;
  std::vector<float> all;
  float operator()(int i, int j) const { return all[static_cast<std::size_t>(j) * rows + static_cast<std::size_t>(i)]; }
};
/// A tensor whose traits return a copy of its elements.
struct elsewhere {
  std::vector<float> all;
};

}  // namespace

template <> struct fovea::tensor_traits<columns_first> {
  using value_type = float;
  using backend = fovea::host_backend<>;
  static constexpr std::size_t rank = 2;
  static std::array<std::size_t, 2> extents(columns_first const& m) {
    return std::array<std::size_t, 2>{m.rows, m.columns};
  }
  static float* data(columns_first& m) { return m.all.data(); }
  static float const* data(columns_first const& m) { return m.all.data(); }
  static columns_first empty(std::array<std::size_t, 2> const& e) {
    return {e[0], e[1], std::vector<float>(e[0] * e[1])};
  }
};
template <> struct fovea::tensor_traits<elsewhere> : fovea::tensor_traits<std::vector<float>> {
  static std::array<std::size_t, 1> extents(elsewhere const& v) { return std::array<std::size_t, 1>{v.all.size() + 1}; }
  static float* data(elsewhere& v) { return v.all.data(); }
  static float const* data(elsewhere const& v) { return v.all.data(); }
  static elsewhere empty(std::array<std::size_t, 1> const& e) { return {std::vector<float>(e[0] + 1)}; }
};

TEST_CASE("a backend without a fault satisfies every law, with a copy as its twin") {
  auto const all = fovea::testing::check_backend(faulty{}, {.name = "sound", .twins = {faulty{}}});
  INFO(text(all));
  CHECK(all.passed());
  CHECK(law(all, "captured steps are steps").became == outcome::declined);
  CHECK(all.count(outcome::passed) == all.laws().size() - 1);
}

TEST_CASE("each fault breaks the law that covers it") {
  breaks(fault::skips_the_last, "for_each visits each place once", "row 0, column 1029: ");
  breaks(fault::swallows_nan, "for_each keeps what is not finite", "0 instead of ");
  breaks(fault::drifts, "runs give the same bits", "two runs, 1 x 1");
  breaks(fault::mistakes_rows, "reduce is accurate", "sum along row 0, 2 x 1");
  breaks(fault::writes_beyond, "for_each takes static extents", "elements after the last");
  breaks(fault::multiplies_badly, "multiply multiplies", "row 0, column 0: ");
  breaks(fault::waits, "a step allocates nothing", "waited 2 times");
  breaks(fault::throws, "for_each works in place", "no more");
}

TEST_CASE("differences between twins are found") {
  auto const all = fovea::testing::check_backend(
      faulty{}, {.twins = {faulty{}, faulty{fault::multiplies_badly}}, .only = {"twins give the same bits"}});
  CHECK(all.count(outcome::failed) == 1);
  CHECK(law(all, "twins give the same bits").why.find("a twin, product ") == 0);
}

TEST_CASE("an unknown law does not pass") {
  CHECK_FALSE(fovea::testing::check_backend(faulty{}, {.only = {"no such law"}}).passed());
}

TEST_CASE("faults of a tensor type are found") {
  auto const order = fovea::testing::check_tensor<columns_first>();
  CHECK(law(order, "its elements are in order").became == outcome::failed);
  auto const extents = fovea::testing::check_tensor<elsewhere>();
  CHECK(law(extents, "it has its extents").why == "made with (1,), it has (3,)");
  CHECK(extents.count(outcome::passed) == 0);
  auto const views = fovea::testing::check_tensor<fovea::vector_span<fovea::host_backend<>, float>>();
  CHECK_FALSE(views.passed());
  CHECK(law(views, "it has its extents").why == "tensor_traits has no empty: give check_tensor one");
}

TEST_CASE("a report is formatted as a table, and an empty report does not pass") {
  fovea::testing::report r("something");
  CHECK_FALSE(r.passed());
  r.look("a law", [] {});
  r.look("another", [] { throw fovea::testing::declined_law("no time"); });
  CHECK(r.passed());
  r.look("third", [] { throw std::runtime_error("2 instead of 1"); });
  CHECK_FALSE(r);
  CHECK(text(r) ==
        "something\n  a law    passed\n  another  declined: no time\n  third    FAILED: 2 instead of 1\n"
        "  1 laws hold, 1 do not, 1 declined\n");
}
