// SPDX-License-Identifier: MIT
// How the verbs walk on a device, on one thread of the host: what can be tested of it without a device.
#include <cstring>
#include <limits>
#include <vector>

#include <fovea/backends/thrust.hpp>

#include "report.hpp"

namespace {

struct lanes_on_host : fovea::thrust_systems::cpp {
  static constexpr bool on_device = true;
  lanes_on_host(options o = {}) : cpp(o) {}

  /// As on a device, what has been there before.
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
  void multiply(C const& c, A const& a, B const& b, fovea::product_options how) const {
    fovea::thrust_detail::multiply_on_host(*this, c, a, b, how, fovea::as_it_is{});
  }
};

}  // namespace

TEST_CASE("the device's lanes keep the laws") {
  holds(fovea::testing::check_backend(fovea::thrust_backend<float, lanes_on_host>{},
                                      {.name = "thrust_backend<float, cuda>, its lanes on the host"}));
}
