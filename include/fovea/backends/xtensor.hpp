// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <memory>
#include <tuple>
#include <utility>
#include <vector>

// GCC 12 warns about an operand that its own AVX-512 intrinsics leave uninitialized on purpose, wherever it inlines them (GCC
// bug 105593). It heeds the pragmas at the places that it inlines them into, so the order of the includes does not matter.
#if defined(__GNUC__) && !defined(__clang__) && __GNUC__ < 13
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

#if defined(FOVEA_XTENSOR_BLAS)
#include <fovea/backends/xtensor/blas_product.hpp>
#endif
#include <fovea/backends/xtensor/multiply.hpp>
#include <fovea/backends/xtensor/real_time.hpp>
#include <fovea/backends/xtensor/rows.hpp>
#include <fovea/backends/xtensor/run.hpp>
#include <fovea/backends/xtensor/xtensor_traits.hpp>
#include <fovea/tensor/backend.hpp>

namespace fovea {

/// The options of `xtensor_backend`.
struct xtensor_options {
  std::size_t threads = 1;  // results do not depend on the number
  bool blas = false;  // a BLAS computes large products: needs fovea::xtensor_blas, and may change a row's last bits
};

/// The CPU backend: xtensor's tensors and xsimd's batches, matrix products of its own. Computes in T. The instruction set is
/// part of the type, so that translation units compiled for different instruction sets do not share code.
///
///     fovea::xtensor_backend backend{{.threads = 2}};
///     float mean = fovea::value(backend, fovea::sigmoid_focal_loss{}, logits, targets);
///
/// Throws `argument_error` for 0 threads, and for `blas` in a program that is compiled without one.
template <class T, class Arch> class xtensor_backend : public host_algorithms {
 public:
  using value_type = T;
  template <class U, std::size_t Rank> using tensor = xt::xtensor<U, Rank>;

  xtensor_backend(xtensor_options options = {}) : blas_(options.blas) {
    if (options.threads == 0) throw argument_error("xtensor_backend: threads must be at least 1, got 0");
#if !defined(FOVEA_XTENSOR_BLAS)
    if (options.blas)
      throw argument_error(
          "xtensor_backend: blas is set, but the program is compiled without one; link the CMake target "
          "fovea::xtensor_blas");
#endif
    if (options.threads > 1) pool_ = std::make_shared<xtensor_detail::thread_pool>(options.threads);
  }

  template <class U, std::size_t Rank> static tensor<U, Rank> empty(std::array<std::size_t, Rank> const& extents) {
    return tensor<U, Rank>::from_shape(extents);
  }

  /// Returns an xtensor adaptor of elements that it does not own, without a copy.
  template <class U> static auto view(U* elements, shape const& extents) {
    std::vector<std::size_t> all(extents.rank());
    for (std::size_t i = 0; i != all.size(); ++i) all[i] = extents[i];
    return xt::adapt(elements, extents.size(), xt::no_ownership(), std::move(all));
  }

  template <class Domain, class F, class... O> void for_each(Domain const& d, F const& f, O const&... operands) const {
    reduce(d, f, std::tuple<>{}, operands...);  // a reduction without results
  }
  template <class Domain, class F, class... R, class... O>
  void reduce(Domain const& d, F const& f, std::tuple<R...> const& results, O const&... operands) const {
    using V = xsimd::batch<typename computes_in<O...>::type, Arch>;
    xtensor_detail::run<V>(pool_, d, f, results, operands...);
  }
  template <class Domain, class F, class... O>
  void for_each_row(Domain const& d, F const& f, O const&... operands) const {
    auto const call = [](F const& formula, std::size_t, auto const& of, auto const&... o) { formula(of, o...); };
    xtensor_detail::chunks const c(d.extent(0), xtensor_detail::chunks_for(d.size()), row_grain);
    xtensor_detail::run_chunks(pool_.get(), c.count, [&](std::size_t i) {
      xtensor_detail::run_whole_rows<Arch>(i * c.length, (std::min)(d.extent(0), (i + 1) * c.length),
                                           d.template get<1>(), f, call, operands...);
    });
  }
  template <class Domain, class F, class Fold, class... O>
  void reduce_rows(Domain const& d, F const& f, overall<Fold> to, O const&... operands) const {
    xtensor_detail::chunks const c(d.extent(0), xtensor_detail::chunks_for(d.size()), row_grain);
    std::array<double, xtensor_detail::max_chunks> sums;
    xtensor_detail::run_chunks(pool_.get(), c.count, [&](std::size_t i) {
      double sum = Fold::template identity<double>();
      auto const fold = [&](F const& formula, std::size_t count, auto const& of, auto const&... o) {
        auto const term = formula(of, o...);
        for (std::size_t k = 0; k != count; ++k)
          sum = Fold{}(sum, static_cast<double>(xtensor_detail::element_at(term, k)));
      };
      xtensor_detail::run_whole_rows<Arch>(i * c.length, (std::min)(d.extent(0), (i + 1) * c.length),
                                           d.template get<1>(), f, fold, operands...);
      sums[i] = sum;
    });
    *to.elements = Fold::template identity<double>();
    for (std::size_t i = 0; i != c.count; ++i) *to.elements = Fold{}(*to.elements, sums[i]);
  }
  template <class F> void for_each_index(std::size_t n, F const& f) const {
    xtensor_detail::chunks const c(n, detail::chunk_count(n, 256));
    xtensor_detail::run_chunks(pool_.get(), c.count, [&](std::size_t i) {
      for (auto k = i * c.length; k < (std::min)(n, (i + 1) * c.length); ++k) f(k);
    });
  }
  template <class C, class A, class B, class Epilogue = no_epilogue, class... O>
  void multiply(C const& c, A const& a, B const& b, product_options options = {}, Epilogue const& epilogue = {},
                O const&... operands) const {
#if defined(FOVEA_XTENSOR_BLAS)
    if (blas_ && xtensor_detail::multiply_by_blas<Arch>(pool_, c, a, b, options, epilogue, operands...)) return;
#endif
    xtensor_detail::multiply<Arch>(pool_, c, a, b, options, epilogue, operands...);
  }
  /// Many products in one call (tensor/multiply_batch.hpp).
  template <class C, class A, class B, class Epilogue = no_epilogue, class... O>
  void multiply_batch(product_batch const& batch, C const& c, A const& a, B const& b, product_options options = {},
                      Epilogue const& epilogue = {}, O const&... operands) const {
    if (blas_)
      detail::for_each_product(batch, c, a, b, [&](auto const& to, auto const& left, auto const& right) {
        multiply(to, left, right, options, epilogue, operands...);
      });
    else xtensor_detail::multiply_batch<Arch>(pool_, batch, c, a, b, options, epilogue, operands...);
  }
  /// The verbs for prediction on the calling thread, which neither allocate, lock nor wait unless `wide_products`.
  static auto real_time(bool wide_products) {
    return xtensor_detail::real_time<xtensor_backend, T, Arch>(wide_products);
  }
  /// Calls f(i) for each i below n on the threads, for calls that are long enough for a thread each.
  template <class F> void for_each_part(std::size_t n, F const& f) const {
    xtensor_detail::run_chunks(pool_.get(), n, f);
  }
  std::size_t threads() const { return pool_ ? pool_->threads() : 1; }
  /// True if a BLAS computes large products.
  bool products_by_blas() const { return blas_; }

 private:
  static constexpr std::size_t row_grain = 16;  // short rows are transposed, one per lane, at most 16 at once

  std::shared_ptr<xtensor_detail::thread_pool> pool_;
  bool blas_;
};
xtensor_backend() -> xtensor_backend<>;
xtensor_backend(xtensor_options) -> xtensor_backend<>;

static_assert(backend<xtensor_backend<float>> && backend<xtensor_backend<double>>);
static_assert(real_tensor<xt::xtensor<float, 2>> && real_tensor<xt::xarray<double>> &&
              writable_tensor<xt::xtensor<double, 2>>);

}  // namespace fovea

#if defined(__GNUC__) && !defined(__clang__) && __GNUC__ < 13
#pragma GCC diagnostic pop
#endif
