// The tree of errors. Each class says who can mend the problem; the text says what was found, what
// was expected, what to do.
#pragma once

#include <cstdint>
#include <exception>
#include <string>
#include <utility>

#include "basewise/core/format.h"

namespace basewise {

/// Root of every exception that basewise throws on purpose.
class Error : public std::exception {
 public:
  explicit Error(std::string message) : message_(std::move(message)) {}
  const char* what() const noexcept override { return message_.c_str(); }

  /// Puts `context` in front of the message, as in "training failed: batch 17: x.bw: chr3 is
  /// shorter than in the FASTA".
  void prepend(const std::string& context) { message_ = context + ": " + message_; }

  /// What a process that ends with this error returns (see `ExitCode`).
  virtual int exit_code() const noexcept { return 4; }

 private:
  std::string message_;
};

/// The caller asked for something that cannot be: an unknown option, a value out of bounds. Exit
/// code 2.
class ArgumentError : public Error {
 public:
  using Error::Error;
  int exit_code() const noexcept override { return 2; }
};

/// A file, a download or a data set is not what it should be. Exit code 3.
class DataError : public Error {
 public:
  using Error::Error;
  int exit_code() const noexcept override { return 3; }
};

/// Shapes do not fit: the message names the tensor or layer, what it got and what it expected. Exit
/// code 2.
class ShapeError : public ArgumentError {
 public:
  using ArgumentError::ArgumentError;
};

/// Something saved earlier does not fit this program or this request:
/// versions, checkpoints, run folders. Exit code 4.
class StateError : public Error {
 public:
  using Error::Error;
};

/// A promise inside basewise is broken; the user cannot mend it. Exit code 4.
class InternalError : public Error {
 public:
  using Error::Error;
};

/// What the program returns to the shell.
enum class ExitCode : int { success = 0, usage = 2, data = 3, failure = 4, interrupted = 130 };

/// Where in a text file something was found: line and column count from 1, 0 means unknown.
struct FilePosition {
  std::string file;
  std::int64_t line = 0;
  std::int64_t column = 0;

  /// "x.bed", "x.bed:12" or "x.bed:12:7".
  std::string to_string() const;
};

/// A `DataError` whose message starts with "file:line:column: ".
[[noreturn]] void throw_data_error(const FilePosition& where, const std::string& message);

/// Calls `f()`; any basewise error that leaves it has `context` put in front of its message (its
/// type stays).
template <class F>
decltype(auto) with_context(const std::string& context, F&& f) {
  try {
    return std::forward<F>(f)();
  } catch (Error& e) {
    e.prepend(context);
    throw;
  }
}

}  // namespace basewise
