// SPDX-License-Identifier: MIT
#pragma once

#include <fovea/backends/thrust.hpp>

#include <thrust/system/tbb/execution_policy.h>

namespace fovea::thrust_systems {

/// The threads of Threading Building Blocks, as many as `tbb::global_control` or the arena allows. Link with TBB.
struct tbb : thrust_detail::host_system {
  using options = thrust_host_options;
  tbb(options o = {}) : host_system(o.blas) {}
  static std::string device() { return "TBB"; }
  template <class F> void for_each_n(std::size_t n, F const& f) const {
    thrust_detail::launch_calls(::thrust::tbb::par, n, thrust_detail::chunk_call(f));
  }
};

static_assert(backend<thrust_backend<float, tbb>> && backend<thrust_backend<double, tbb>>);

}  // namespace fovea::thrust_systems
