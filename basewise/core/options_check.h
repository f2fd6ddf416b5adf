// Checks of options that were set.
#pragma once

#include <string_view>

#include "basewise/core/visitor.h"

namespace basewise {

/// What to do about an option that was given a value other than its default where the choice beside
/// it does not use it ("loss.0.distribution means nothing with type = "mse";
/// type = "multinomial" uses it").
enum class Idle {
  refuse,  ///< an ArgumentError: whoever wrote it expects something of it
  warn     ///< a warning: the file was written by the program, which may have accepted it before
};

/// Checks bounds of values that were set in code; `what` names the struct in errors. An option that
/// counts only for another choice need not be there even if it is required.
void check(const Described& options, std::string_view what);

}  // namespace basewise
