// Ctrl-C and SIGTERM: nothing half-written stays behind.
#pragma once

#include <csignal>
#include <filesystem>

#include "basewise/core/error.h"

namespace basewise {

/// A file or folder that is removed when a signal ends the process (`InterruptScope`,
/// `StopSignal`). To be made before what it names, so that no signal falls between the two; when
/// this is destroyed, the path is left alone.
class Vanishing {
 public:
  explicit Vanishing(const std::filesystem::path& path);
  ~Vanishing();
  Vanishing(const Vanishing&) = delete;
  Vanishing& operator=(const Vanishing&) = delete;

 private:
  void* place_ = nullptr;
};

/// For threads that find a file of theirs gone: does not return while a signal ends the process.
void stay_if_interrupted();

/// What SIGINT and SIGTERM do behind an `InterruptScope`: what they did before it, or nothing, for
/// a program that has done its work and only has to leave.
enum class SignalsAfter { as_before, ignored };

/// While this lives, SIGINT and SIGTERM remove every `Vanishing` path and end the process at once
/// with `ExitCode::interrupted`.
class InterruptScope {
 public:
  explicit InterruptScope(SignalsAfter after = SignalsAfter::as_before);
  ~InterruptScope();
  InterruptScope(const InterruptScope&) = delete;
  InterruptScope& operator=(const InterruptScope&) = delete;

 private:
  struct sigaction old_interrupt_ {};
  struct sigaction old_terminate_ {};
};

/// For work that stops in good order: while this lives, the first SIGINT or SIGTERM only raises a
/// flag, and the second one ends the process as `InterruptScope` does. The handlers of before are
/// put back at the end. One at a time per process (signals belong to the process).
class StopSignal {
 public:
  StopSignal();
  ~StopSignal();
  StopSignal(const StopSignal&) = delete;
  StopSignal& operator=(const StopSignal&) = delete;

  bool raised() const;

 private:
  struct sigaction old_interrupt_ {};
  struct sigaction old_terminate_ {};
};

/// Leaves long work in which nothing can be saved; whoever holds the `StopSignal` catches it.
class Interrupted : public Error {
 public:
  Interrupted() : Error("interrupted") {}
  int exit_code() const noexcept override { return static_cast<int>(ExitCode::interrupted); }
};

/// For loops below: throws `Interrupted` when a living `StopSignal` is raised.
void throw_if_stopping();

}  // namespace basewise
