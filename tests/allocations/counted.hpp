// SPDX-License-Identifier: MIT
#pragma once
// Counts the program's allocations by replacing the C library's functions. Include it in exactly one source of a program
// without address sanitizer. Defines FOVEA_COUNTS_ALLOCATIONS if the C library supports counting.

#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdlib>

#if defined(__GLIBC__)
#define FOVEA_COUNTS_ALLOCATIONS 1

inline std::atomic<std::size_t> allocation_count = 0;

extern "C" {
void* __libc_malloc(std::size_t);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);
void* __libc_memalign(std::size_t, std::size_t);

void* malloc(std::size_t n) noexcept {
  ++allocation_count;
  return __libc_malloc(n);
}
void* calloc(std::size_t n, std::size_t size) noexcept {
  ++allocation_count;
  return __libc_calloc(n, size);
}
void* realloc(void* p, std::size_t n) noexcept {
  ++allocation_count;
  return __libc_realloc(p, n);
}
void* memalign(std::size_t alignment, std::size_t n) noexcept {
  ++allocation_count;
  return __libc_memalign(alignment, n);
}
void* aligned_alloc(std::size_t alignment, std::size_t n) noexcept { return memalign(alignment, n); }
int posix_memalign(void** p, std::size_t alignment, std::size_t n) noexcept {
  auto* const found = memalign(alignment, n);
  if (found == nullptr) return ENOMEM;
  *p = found;
  return 0;
}
}

/// Returns the number of allocations that f makes, on any thread.
template <class F> std::size_t allocations_of(F const& f) {
  auto const before = allocation_count.load();
  f();
  return allocation_count.load() - before;
}
#endif
