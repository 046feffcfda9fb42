// SPDX-License-Identifier: MIT
// The calls that fovea::nccl makes, recorded by a stand-in for the library: this program defines NCCL's functions itself. Compiled by
// tests.cmake where there is nccl.h.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <span>
#include <string>
#include <vector>

#include <fovea/backends/host.hpp>
#include <fovea/distributed/nccl.hpp>

namespace {

std::string calls;
ncclResult_t async_error = ncclSuccess;

std::string type(ncclDataType_t t) { return t == ncclFloat ? "float" : t == ncclDouble ? "double" : "bytes"; }
ncclResult_t record(std::string const& call, cudaStream_t stream) {
  calls += call + (stream == reinterpret_cast<cudaStream_t>(64) ? "; " : " on another stream; ");
  return ncclSuccess;
}

/// Host memory, and a stream that is only a number.
struct streaming : fovea::host_backend<float> {
  cudaStream_t stream() const { return reinterpret_cast<cudaStream_t>(64); }
};
static_assert(fovea::communicator<fovea::nccl, streaming>);
static_assert(!fovea::communicator<fovea::nccl, fovea::host_backend<float>>, "memory that NCCL cannot reach");

int failures = 0;
void check(std::string const& found, std::string const& expected) {
  if (found == expected) return;
  ++failures;
  std::printf("found:    %s\nexpected: %s\n", found.c_str(), expected.c_str());
}

}  // namespace

ncclResult_t ncclCommUserRank(ncclComm_t, int* rank) { return *rank = 0, ncclSuccess; }
ncclResult_t ncclCommCount(ncclComm_t, int* count) { return *count = 2, ncclSuccess; }
ncclResult_t ncclCommGetAsyncError(ncclComm_t, ncclResult_t* code) { return *code = async_error, ncclSuccess; }
char const* ncclGetErrorString(ncclResult_t) { return "the network is down"; }
ncclResult_t ncclCommAbort(ncclComm_t) { return calls += "abort; ", ncclSuccess; }
ncclResult_t ncclGroupStart() { return calls += "group(", ncclSuccess; }
ncclResult_t ncclGroupEnd() { return calls += "); ", ncclSuccess; }
ncclResult_t ncclAllReduce(void const* from, void* to, std::size_t n, ncclDataType_t t, ncclRedOp_t op, ncclComm_t,
                           cudaStream_t s) {
  return record(std::string(from == to ? "in place " : "") + (op == ncclSum ? "sum " : "other ") + std::to_string(n) +
                    ' ' + type(t),
                s);
}
ncclResult_t ncclReduceScatter(void const*, void*, std::size_t n, ncclDataType_t t, ncclRedOp_t, ncclComm_t,
                               cudaStream_t s) {
  return record("reduce_scatter " + std::to_string(n) + ' ' + type(t), s);
}
ncclResult_t ncclAllGather(void const*, void*, std::size_t n, ncclDataType_t t, ncclComm_t, cudaStream_t s) {
  return record("all_gather " + std::to_string(n) + ' ' + type(t), s);
}
ncclResult_t ncclBroadcast(void const*, void*, std::size_t n, ncclDataType_t t, int root, ncclComm_t, cudaStream_t s) {
  return record("broadcast " + std::to_string(n) + ' ' + type(t) + " from " + std::to_string(root), s);
}
ncclResult_t ncclSend(void const*, std::size_t n, ncclDataType_t t, int to, ncclComm_t, cudaStream_t s) {
  return record("send " + std::to_string(n) + ' ' + type(t) + " to " + std::to_string(to), s);
}
ncclResult_t ncclRecv(void*, std::size_t n, ncclDataType_t t, int from, ncclComm_t, cudaStream_t s) {
  return record("receive " + std::to_string(n) + ' ' + type(t) + " from " + std::to_string(from), s);
}

int main() {
  fovea::nccl const ranks{reinterpret_cast<ncclComm_t>(64)};
  streaming const b;
  std::vector<float> own(3), all(6);
  std::vector<std::int64_t> whole(2);
  ranks.all_reduce(b, std::span<float>(own));
  ranks.reduce_scatter(b, std::span<float const>(all), std::span<float>(own));
  ranks.all_gather(b, std::span<float const>(own), std::span<float>(all));
  ranks.broadcast(b, std::span<std::int64_t>(whole), 1);
  ranks.exchange(b, 1, std::span<float const>(own), std::span<float>(own));
  check(calls,
        "in place sum 3 float; reduce_scatter 3 float; all_gather 12 bytes; broadcast 16 bytes from 1; "
        "group(send 12 bytes to 1; receive 12 bytes from 1; ); ");
  async_error = ncclRemoteError;
  try {
    ranks.all_reduce(b, std::span<float>(own));
    check("no exception", "");
  } catch (fovea::distributed_error const& e) {
    check(e.what(), "nccl: rank 0 has lost the others: the network is down");
  }
  calls.clear();
  ranks.fail("a sentence");
  check(calls, "abort; ");
  try {
    static_cast<void>(fovea::nccl{nullptr});
    check("no exception", "");
  } catch (fovea::argument_error const& e) {
    check(e.what(), "nccl: the communicator is null");
  }
  return failures == 0 ? 0 : 1;
}
