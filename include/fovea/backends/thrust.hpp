// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <string>
#include <tuple>

#include <fovea/backends/thrust/device_threads.hpp>
#include <fovea/backends/thrust/multiply_on_host.hpp>
#include <fovea/backends/thrust/thrust_tensor.hpp>
#include <fovea/tensor/backend.hpp>
#if defined(__CUDACC__)
#include <fovea/backends/thrust/cuda.hpp>
#endif

namespace fovea {

/// The options of the system that `thrust_backend` takes by default.
using thrust_options = typename thrust_systems::standard::options;

/// Thrust's systems as backends that compute in T: a CUDA device; or OpenMP, TBB or one thread on the host.
///
///     fovea::thrust_backend<float, fovea::thrust_systems::omp> backend{{.threads = 4}};
template <class T, class System> class thrust_backend {
 public:
  using value_type = T;
  using system = System;
  using memory = typename System::memory;
  template <class U, std::size_t Rank> using tensor = thrust_tensor<U, Rank, System>;
  template <class U> using scalar = typename System::template scalar<U>;

  thrust_backend(typename System::options options = {}) : system_(options) {}

  /// True if cuBLAS or, on a host system whose options ask for it, a BLAS computes large products.
  bool products_by_blas() const { return system_.products_by_blas(); }

  template <class U, std::size_t Rank> static tensor<U, Rank> empty(std::array<std::size_t, Rank> const& extents) {
    return tensor<U, Rank>(extents);
  }

  template <class Domain, class F, class... O> void for_each(Domain const& d, F const& f, O const&... operands) const {
    using V = typename computes_in<O...>::type;
    if constexpr (System::on_device) thrust_detail::run_places<V>(system_, d, f, operands...);
    else thrust_detail::run_domain<V>(system_, d, f, std::tuple<>{}, operands...);
  }
  template <class Domain, class F, class... R, class... O>
  void reduce(Domain const& d, F const& f, std::tuple<R...> const& results, O const&... operands) const {
    using V = typename computes_in<O...>::type;
    if constexpr (System::on_device) thrust_detail::run_threads<V>(system_, d, f, results, operands...);
    else thrust_detail::run_domain<V>(system_, d, f, results, operands...);
  }
  template <class Domain, class F, class... O>
  void for_each_row(Domain const& d, F const& f, O const&... operands) const {
    over(d.extent(0), thrust_detail::chunks_for(d.size()),
         thrust_detail::at_row<F, O...>{f, thrust_detail::packed(operands...), d.extent(1)});
  }
  template <class Domain, class F, class Fold, class... O>
  void reduce_rows(Domain const& d, F const& f, overall<Fold> to, O const&... operands) const {
    reduce(domain<1, dynamic>({1, d.extent(0)}),
           thrust_detail::term_of_row<F, O...>{f, thrust_detail::packed(operands...), d.extent(1)}, std::tuple{to},
           column_index<double>{});
  }
  template <class F> void for_each_index(std::size_t n, F const& f) const { over(n, detail::chunk_count(n, 256), f); }
  template <class C, class A, class B, class Epilogue = no_epilogue, class... O>
  void multiply(C const& c, A const& a, B const& b, product_options options = {}, Epilogue const& epilogue = {},
                O const&... operands) const {
    if constexpr (System::on_device) multiply_batch({1, 0, 0, 0}, c, a, b, options, epilogue, operands...);
    else thrust_detail::multiply_on_host(system_, c, a, b, options, epilogue, operands...);
  }
  /// Many products in one call (tensor/multiply_batch.hpp).
  template <class C, class A, class B, class Epilogue = no_epilogue, class... O>
  void multiply_batch(product_batch const& batch, C const& c, A const& a, B const& b, product_options options = {},
                      Epilogue const& epilogue = {}, O const&... operands) const {
    if constexpr (System::on_device) {
      system_.multiply_batch(batch, c, a, b, options);
      if constexpr (!std::same_as<Epilogue, no_epilogue>)
        for (std::size_t i = 0; i != batch.count; ++i)
          for_each(c.extents, epilogue, each{c.elements + i * batch.c_stride}, operands...);
    } else {
      thrust_detail::multiply_batch_on_host(system_, batch, c, a, b, options, epilogue, operands...);
    }
  }

  /// Returns the name of what the backend computes on.
  std::string device() const { return system_.device(); }

  template <class U> void copy(U const* from, U* to, std::size_t n) const { system_.copy(from, to, n); }
  template <class U> scalar<U> make_scalar() const {
    if constexpr (std::constructible_from<scalar<U>, System const&>) return scalar<U>(system_);
    else return {};
  }
  template <class U> U read(scalar<U> const& s) const { return system_.read(s); }
  void synchronize() const { system_.synchronize(); }

  /// If the system has them: recording (`capturing`), the stream, counters, and a check that a pointer is in its memory.
  template <class F>
    requires requires(System const& s, F const& f) { s.capture(f); }
  auto capture(F const& f) const {
    return system_.capture(f);
  }
  auto stream() const
    requires requires(System const& s) { s.stream(); }
  {
    return system_.stream();
  }
  auto usage() const
    requires requires(System const& s) { s.usage(); }
  {
    return system_.usage();
  }
  void check_reachable(void const* at, char const* who, char const* what) const
    requires requires(System const& s) { s.check_reachable(at, who, what); }
  {
    system_.check_reachable(at, who, what);
  }

 private:
  /// Calls f(i) for each i below n, in this many chunks.
  template <class F> void over(std::size_t n, std::size_t chunks, F const& f) const {
    if constexpr (System::on_device) {
      thrust_detail::launch(system_, n, f);
    } else {
      thrust_detail::chunks const c(n, chunks);
      system_.for_each_n(c.count, thrust_detail::each_of_chunk<F>{f, n, c.length});
    }
  }

  System system_;
};
thrust_backend() -> thrust_backend<>;
thrust_backend(thrust_options) -> thrust_backend<>;

static_assert(backend<thrust_backend<float, thrust_systems::cpp>> &&
              backend<thrust_backend<double, thrust_systems::omp>>);
static_assert(writable_tensor<thrust_tensor<float, 2, thrust_systems::cpp>> &&
              real_tensor<::thrust::host_vector<double>>);

}  // namespace fovea
