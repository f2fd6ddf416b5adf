// Who runs the pieces of a kernel.
#pragma once

#include <cstdint>
#include <functional>

namespace basewise::kernels {

/// Runs task(i) once for every i of [0, n), in any order and on any number of threads. Kernels cut
/// their work into pieces by shapes alone, and add up what pieces have found in the order of the
/// pieces: results do not depend on who ran them. The caller hands over the pool that the rest of
/// its process computes with, so that there is one.
using Executor = std::function<void(std::int64_t n, const std::function<void(std::int64_t i)>& task)>;

/// On `basewise::threads()` threads of the pool of `core`.
const Executor& default_executor();

/// One after the other on the calling thread.
const Executor& serial_executor();

}  // namespace basewise::kernels
