// What this machine can do at most, measured in the same run as everything else.
#pragma once

#include "basewise/kernels/threads.h"

namespace basewise::benchmarks {

/// Thousand millions of floating-point operations per second (a multiply-add counts two) of a loop
/// that does nothing but multiply and add in registers, on all threads of the executor; best of
/// several.
double peak_multiply_adds(const kernels::Executor& executor, int threads);

/// The same of a large matrix product by torch (2048 x 2048 x 2048), best of several: the matrix
/// rate.
double peak_matrix_rate(int repeats);

/// Thousand millions of bytes per second, read and written together, of a copy of 256 MiB by torch;
/// best of several: the memory rate.
double peak_memory_rate();

/// Pieces in turn on the threads that torch computes with.
const kernels::Executor& torch_threads();

}  // namespace basewise::benchmarks
