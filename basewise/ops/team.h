// The team of threads that libtorch computes with.
#pragma once

#include <functional>

namespace basewise::ops {

/// Runs `body` once on each of `threads` threads of the OpenMP runtime that libtorch uses, the
/// calling one among them: a second pool would take the processors from the first. Within a
/// parallel region it runs once. The first exception is thrown on after all have ended.
void on_team(int threads, const std::function<void()>& body);

}  // namespace basewise::ops
