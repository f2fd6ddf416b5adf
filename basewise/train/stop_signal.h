// Ctrl-C and SIGTERM as a wish to stop that is granted between two steps.
#pragma once

#include <csignal>

namespace basewise::train {

/// While this lives, the first SIGINT or SIGTERM only raises a flag; the second one ends the
/// process as usual. The handlers of before are put back at the end. One at a time per process
/// (signals belong to the process).
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

}  // namespace basewise::train
