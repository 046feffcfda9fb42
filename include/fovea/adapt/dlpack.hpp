// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <climits>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <type_traits>

#include <dlpack/dlpack.h>

#include <fovea/adapt/row_major.hpp>
#include <fovea/backends/host.hpp>

/// DLPack, the format in which PyTorch, JAX, CuPy and NumPy share the memory of arrays, as tensors.
namespace fovea {

namespace detail {

inline constexpr unsigned boolean = 6;  // kDLBool, which headers before DLPack 0.8 do not name

template <class T>
inline constexpr unsigned code = std::same_as<T, bool>     ? boolean
                                 : std::floating_point<T>  ? unsigned{kDLFloat}
                                 : std::signed_integral<T> ? unsigned{kDLInt}
                                                           : unsigned{kDLUInt};

/// Returns the name of an element type, as in NumPy: float32.
inline std::string name(unsigned code, unsigned bits, unsigned lanes) {
  auto const kind = code == kDLInt       ? "int"
                    : code == kDLUInt    ? "uint"
                    : code == kDLFloat   ? "float"
                    : code == kDLBfloat  ? "bfloat"
                    : code == kDLComplex ? "complex"
                    : code == boolean    ? "bool"
                                         : "elements of type code " + std::to_string(code) + ", bits ";
  return kind + std::to_string(bits) + (lanes == 1 ? "" : " x " + std::to_string(lanes));
}

}  // namespace detail

namespace adapt {

/// A view of a DLPack tensor as a fovea tensor of T, or of T const for reading only. The elements must outlive the view.
///
/// `Backend` determines the expected memory: the CPU's, or a CUDA device's for a `thrust_backend`. The view does not
/// synchronize: the caller orders the producer's stream and the backend's. The constructor throws `argument_error` for
/// elements of another type, in other memory, or at a null or misaligned address; `shape_error` for another rank or for
/// elements that are not contiguous.
///
///     fovea::adapt::dlpack_view<float const, 2> const x(managed->dl_tensor);
///     auto const probabilities = trainer.predict(x);
template <class T, std::size_t Rank = dynamic_rank, class Backend = host_backend_of<std::remove_const_t<T>>>
class dlpack_view {
 public:
  using value_type = std::remove_const_t<T>;
  static_assert(std::is_arithmetic_v<value_type>, "fovea: a dlpack_view is of numbers or bools");

  explicit dlpack_view(DLTensor const& t) {
    check_elements(t.dtype);
    check_memory(t.device);
    check_shape(t);
    auto const at = reinterpret_cast<std::uintptr_t>(t.data) + t.byte_offset;
    if (shape(extents()).size() != 0 && (t.data == nullptr || at % alignof(T) != 0))
      throw argument_error("dlpack_view: the elements' address is null or not aligned");
    elements_ = reinterpret_cast<T*>(at);
  }
  explicit dlpack_view(DLManagedTensor const& t) : dlpack_view(t.dl_tensor) {}

  std::span<std::size_t const> extents() const { return {extents_.data(), rank_}; }
  T* data() const { return elements_; }

 private:
  static void check_elements(DLDataType const& found) {
    constexpr unsigned code = detail::code<value_type>, bits = CHAR_BIT * sizeof(T);
    if (found.code != code || found.bits != bits || found.lanes != 1)
      throw argument_error("dlpack_view: the elements are " + detail::name(found.code, found.bits, found.lanes) +
                           ", expected " + detail::name(code, bits, 1));
  }
  static void check_memory(DLDevice const& found) {
    // Compared as a number: the producer's DLPack may define more device types than this one. 13 is kDLCUDAManaged.
    int const type = found.device_type;
    constexpr bool on_host = std::same_as<typename Backend::memory, host_memory>;
    if (on_host ? type != kDLCPU && type != kDLCUDAHost : type != kDLCUDA && type != 13)
      throw argument_error("dlpack_view: the elements are on a device of type " + std::to_string(type) +
                           (on_host ? ", expected 1, the CPU" : ", expected 2, CUDA"));
  }
  void check_shape(DLTensor const& t) {
    rank_ = static_cast<std::size_t>(t.ndim);
    if (rank_ > shape::max_rank || (Rank != dynamic_rank && rank_ != Rank))
      throw shape_error("dlpack_view: a tensor of rank " + std::to_string(rank_) + ", expected " +
                        (Rank == dynamic_rank ? "at most 8" : std::to_string(Rank)));
    for (std::size_t i = 0; i != rank_; ++i) extents_[i] = static_cast<std::size_t>(t.shape[i]);
    if (t.strides != nullptr) adapt::require_row_major("dlpack_view", shape(extents()), t.strides);
  }

  std::array<std::size_t, shape::max_rank> extents_{};
  std::size_t rank_ = 0;
  T* elements_ = nullptr;
};

}  // namespace adapt

template <class T, std::size_t Rank, class Backend> struct tensor_traits<adapt::dlpack_view<T, Rank, Backend>> {
  using view = adapt::dlpack_view<T, Rank, Backend>;
  using value_type = typename view::value_type;
  using backend = Backend;
  static constexpr std::size_t rank = Rank;
  static auto extents(view const& v) { return v.extents(); }
  static T* data(view const& v) { return v.data(); }
};

static_assert(writable_tensor<adapt::dlpack_view<float, 2>> && real_tensor<adapt::dlpack_view<double const>> &&
              !writable_tensor<adapt::dlpack_view<double const>>);

}  // namespace fovea
