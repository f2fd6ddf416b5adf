// Progress of long work: one redrawn line on a terminal, sparse plain lines in a pipe or in CI,
// nothing when silent.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

namespace basewise {

/// Shows how far a piece of work is, its rate and the time left, on standard error.
///
/// On a terminal the line is redrawn at most ten times a second. Elsewhere a line is printed at the
/// start (where the total is not known: when the first piece is done), then at most every 10
/// seconds, and at the end. BASEWISE_PROGRESS=never|plain|terminal overrides. Safe from several
/// threads.
class Progress {
 public:
  /// `total` < 0 means unknown; `unit` is what is counted ("sequences", "bytes").
  Progress(std::string title, std::int64_t total, std::string unit);
  ~Progress();  ///< finishes; while an exception passes, the line is taken away instead
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void advance(std::int64_t n = 1);
  /// Free text behind the numbers, such as "loss 0.312".
  void note(std::string text);
  /// Prints the last state.
  void finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace basewise
