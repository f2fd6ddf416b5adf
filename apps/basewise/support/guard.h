// The one place where errors become text on standard error and an exit code.
#pragma once

#include <functional>

#include "basewise/core/interrupt.h"

namespace basewise::app {

/// Runs `body` and returns its exit code. What it throws is printed as "basewise: error: ...", one
/// line whatever it holds (`message_line` of core/printable.h), and becomes the exit code of the
/// error. Standard output is flushed; a full disk there is an error too. SIGINT and SIGTERM end the
/// process with `ExitCode::interrupted` and leave nothing half-written; behind `body` they do what
/// `after` says.
int guarded(const std::function<int()>& body, SignalsAfter after = SignalsAfter::as_before);

}  // namespace basewise::app
