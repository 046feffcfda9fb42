// SPDX-License-Identifier: MIT
// A backend and a tensor type that offer exactly what the concepts require. They show that the library needs no more.
#include <memory>

#include <fovea/losses/binary_cross_entropy.hpp>
#include <fovea/losses/focal_loss.hpp>
#include <fovea/losses/mean_squared_error.hpp>
#include <fovea/losses/sigmoid_binary_cross_entropy.hpp>

#include "report.hpp"

namespace archetype {

/// A foreign array that supports only creation, moves and access to the address of its elements.
template <class T, std::size_t Rank> class array {
 public:
  explicit array(std::array<std::size_t, Rank> const& lengths)
      : lengths_(lengths), all_(new T[fovea::shape(lengths).size()]) {}
  T* begin_of_elements() { return all_.get(); }
  T const* begin_of_elements() const { return all_.get(); }
  auto const& lengths() const { return lengths_; }

 private:
  std::array<std::size_t, Rank> lengths_;
  std::unique_ptr<T[]> all_;
};

/// A backend with storage of its own that uses the plain loops.
template <class T> struct backend : fovea::host_algorithms {
  using value_type = T;
  template <class U, std::size_t Rank> using tensor = array<U, Rank>;
  template <class U, std::size_t Rank> static auto empty(std::array<std::size_t, Rank> const& extents) {
    return array<U, Rank>(extents);
  }
};

/// A range of extents that is not a container.
struct lengths {
  std::size_t const *first, *last;
  auto begin() const { return first; }
  auto end() const { return last; }
};

}  // namespace archetype

template <class T, std::size_t Rank> struct fovea::tensor_traits<archetype::array<T, Rank>> {
  using array = archetype::array<T, Rank>;
  using value_type = T;
  using backend = archetype::backend<std::conditional_t<fovea::real<T>, T, float>>;
  static constexpr std::size_t rank = Rank;
  static archetype::lengths extents(array const& a) { return {a.lengths().data(), a.lengths().data() + Rank}; }
  static T* data(array& a) { return a.begin_of_elements(); }
  static T const* data(array const& a) { return a.begin_of_elements(); }
};

static_assert(fovea::backend<archetype::backend<float>> && fovea::backend<archetype::backend<double>>);
static_assert(fovea::writable_tensor<archetype::array<float, 2>> && fovea::tensor<archetype::array<int, 1> const>);
static_assert(!fovea::writable_tensor<archetype::array<float, 2> const> &&
              !fovea::real_tensor<archetype::array<int, 1>>);

TEST_CASE("an archetype of a backend satisfies the laws") {
  holds(fovea::testing::check_backend(archetype::backend<float>{}, {.name = "an archetype of a backend"}));
}

namespace {
template <class T> archetype::array<T, 2> filled(std::vector<T> const& values) {
  archetype::array<T, 2> to({2, values.size() / 2});
  archetype::backend<T>{}.copy(values.data(), to.begin_of_elements(), values.size());
  return to;
}
template <class T> std::vector<T> list(archetype::array<T, 2> const& a) {
  auto const all = fovea::elements(a);
  return {all.begin(), all.end()};
}

/// Checks that every loss function returns the same on the archetype as on the host's tensors.
template <class L> void same_as_host(L const& loss, std::vector<double> const& x, std::vector<double> const& y) {
  auto const z = filled(x), target = filled(y), weight = filled(std::vector<double>(x.size(), 0.5));
  auto const kept = filled(std::vector<int>{1, 0, 1, 1, 1, 0});
  fovea::host_tensor<double, 2> const host_z{{2, 3}, x}, host_y{{2, 3}, y},
      host_weight{{2, 3}, std::vector<double>(x.size(), 0.5)};
  fovea::host_tensor<int, 2> const host_kept{{2, 3}, {1, 0, 1, 1, 1, 0}};
  CHECK(fovea::value(loss, z, target) == fovea::value(loss, host_z, host_y));
  CHECK(list(fovea::values(loss, z, target)) == fovea::values(loss, host_z, host_y).elements);
  CHECK(list(fovea::gradient(loss, z, target)) == fovea::gradient(loss, host_z, host_y).elements);
  auto const all = fovea::value_gradient_and_hessian(loss, z, target, fovea::weights(weight), fovea::mask(kept));
  auto const of_host =
      fovea::value_gradient_and_hessian(loss, host_z, host_y, fovea::weights(host_weight), fovea::mask(host_kept));
  CHECK(all.value == of_host.value);
  CHECK(list(all.gradient) == of_host.gradient.elements);
  CHECK(list(all.hessian) == of_host.hessian.elements);
}
}  // namespace

TEST_CASE("losses accept an archetype of a tensor") {
  std::vector<double> const logits{0.5, -1, 2, 0, -3, 1}, probabilities{0.5, 0.1, 0.9, 0.2, 0.7, 0.3},
      targets{0, 1, 1, 0, 0.25, 1};
  same_as_host(fovea::sigmoid_focal_loss{.gamma = 1.5, .alpha = 0.25}, logits, targets);
  same_as_host(fovea::sigmoid_binary_cross_entropy{}, logits, targets);
  same_as_host(fovea::mean_squared_error{}, logits, targets);
  same_as_host(fovea::focal_loss{}, probabilities, targets);
  same_as_host(fovea::binary_cross_entropy{}, probabilities, targets);
  CHECK_THROWS_WITH(fovea::value(fovea::mean_squared_error{}, filled(logits), archetype::array<double, 2>({3, 2})),
                    "loss: predictions have shape (2, 3), targets (3, 2)");
}
