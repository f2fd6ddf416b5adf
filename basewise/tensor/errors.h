// Errors of libtorch as errors of ours.
#pragma once

#include "basewise/tensor/torch.h"

namespace basewise {

/// Whether libtorch ran out of memory, on the processor or on a device.
bool is_out_of_memory(const c10::Error& error);

/// Throws std::bad_alloc where memory ran out, else InternalError "libtorch: ..." without
/// libtorch's stack trace, which helps nobody at a terminal.
[[noreturn]] void throw_translated(const c10::Error& error);

}  // namespace basewise
