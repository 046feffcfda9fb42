// SPDX-License-Identifier: MIT
// Runs the device's implementation of the verbs on one thread of the host, to test as much as possible without a device.
#include <algorithm>
#include <cstring>
#include <limits>
#include <tuple>
#include <utility>
#include <vector>

#include <fovea/backends/thrust.hpp>

#include "report.hpp"

namespace {

struct lanes_on_host : fovea::thrust_systems::cpp {
  static constexpr bool on_device = true;
  lanes_on_host(options o = {}) : cpp(o) {}

  /// Filled with arbitrary bytes, like uninitialized device memory.
  template <class T> struct scalar {
    T value;
    scalar() { std::memset(static_cast<void*>(&value), 0xff, sizeof value); }
    T* data() { return &value; }
    T const* data() const { return &value; }
  };
  template <class T> static T read(scalar<T> const& s) { return s.value; }

  template <class Use> void with_workspace(std::size_t doubles, Use const& use) const {
    std::vector<double> room(doubles, std::numeric_limits<double>::quiet_NaN());
    use(room.data());
  }
  template <class C, class A, class B>
  void multiply_batch(fovea::product_batch const& batch, C const& c, A const& a, B const& b,
                      fovea::product_options product) const {
    fovea::thrust_detail::multiply_batch_on_host(*this, batch, c, a, b, product, fovea::no_epilogue{});
  }
};

}  // namespace

TEST_CASE("the device's threads, run on the host, satisfy the laws") {
  holds(fovea::testing::check_backend(fovea::thrust_backend<float, lanes_on_host>{},
                                      {.name = "thrust_backend<float, cuda>, its lanes on the host"}));
}

TEST_CASE("reductions on the device's threads are correct at the sizes where a new round begins") {
  fovea::thrust_backend<float, lanes_on_host> const b;
  for (std::size_t const n : {1u, 64u, 256u, 257u, 16'384u, 16'385u, 65'536u, 262'143u, 262'144u, 262'145u, 700'001u}) {
    std::vector<float> numbers(n);
    double sum = 0, largest = 0;
    for (std::size_t i = 0; i != n; ++i) {
      numbers[i] = static_cast<float>(i * 2'654'435'761u % 1'000'003);
      sum += double{numbers[i]}, largest = std::max(largest, double{numbers[i]});
    }
    auto total = b.make_scalar<double>(), most = b.make_scalar<double>();
    auto const reduce = [&](auto result) {
      b.reduce(fovea::domain<1, fovea::dynamic>({1, n}), fovea::identity_formula{}, std::tuple{result},
               fovea::each{std::as_const(numbers).data()});
    };
    reduce(fovea::overall<fovea::plus>{total.data()}), reduce(fovea::overall<fovea::maximum>{most.data()});
    CHECK(b.read(total) == sum);
    CHECK(b.read(most) == largest);
  }
}
