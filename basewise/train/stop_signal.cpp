#include "basewise/train/stop_signal.h"

namespace basewise::train {
namespace {

// A signal handler can reach nothing but a global: this flag is the one piece of process-wide state
// here.
volatile std::sig_atomic_t g_raised = 0;

void raise_flag(int) { g_raised = 1; }

}  // namespace

StopSignal::StopSignal() {
  g_raised = 0;
  struct sigaction action {};
  action.sa_handler = raise_flag;
  sigemptyset(&action.sa_mask);
  // The default action comes back after the first signal, so that a second Ctrl-C ends a process
  // that hangs. System calls go on.
  action.sa_flags = static_cast<int>(SA_RESETHAND) | SA_RESTART;
  sigaction(SIGINT, &action, &old_interrupt_);
  sigaction(SIGTERM, &action, &old_terminate_);
}

StopSignal::~StopSignal() {
  sigaction(SIGINT, &old_interrupt_, nullptr);
  sigaction(SIGTERM, &old_terminate_, nullptr);
}

bool StopSignal::raised() const { return g_raised != 0; }

}  // namespace basewise::train
