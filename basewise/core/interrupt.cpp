#include "basewise/core/interrupt.h"

#include <atomic>
#include <cerrno>
#include <climits>
#include <cstring>
#include <ctime>
#include <memory>
#include <string>
#include <string_view>

#include <dirent.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace basewise {
namespace {

// A signal handler can reach nothing but globals, and may neither allocate nor wait for a lock: the
// paths stand in a list whose nodes are used again and never freed.
enum NodeState : int { kFree, kTaken, kLive };

struct Node {
  std::atomic<int> state{kTaken};
  Node* next = nullptr;
  char path[PATH_MAX] = {};
};

std::atomic<Node*> g_nodes{nullptr};
std::atomic<bool> g_ending{false};
volatile std::sig_atomic_t g_stopping = 0;

Node* take_node() {
  for (Node* node = g_nodes.load(); node; node = node->next) {
    int free = kFree;
    if (node->state.compare_exchange_strong(free, kTaken)) return node;
  }
  Node* const node = std::make_unique<Node>().release();
  node->next = g_nodes.load();
  while (!g_nodes.compare_exchange_weak(node->next, node)) {
  }
  return node;
}

bool is_dots(const char* name) { return name[0] == '.' && (name[1] == '\0' || (name[1] == '.' && name[2] == '\0')); }

/// Without the C library's folder streams, which allocate.
void remove_tree(int parent, const char* name, int depth) noexcept {  // NOLINT(misc-no-recursion)
  if (::unlinkat(parent, name, 0) == 0 || errno == ENOENT || depth == 0) return;
  const int folder = ::openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (folder < 0) return;
  alignas(dirent64) char buffer[2048];
  for (int pass = 0; pass < 16; ++pass) {  // a folder that changes may show only some of its entries
    bool any = false;
    ::lseek(folder, 0, SEEK_SET);
    for (long got = 0; (got = ::syscall(SYS_getdents64, folder, buffer, sizeof buffer)) > 0;) {
      for (long at = 0; at < got;) {
        const auto* entry = reinterpret_cast<const dirent64*>(buffer + at);
        at += entry->d_reclen;
        if (is_dots(entry->d_name)) continue;
        any = true;
        remove_tree(folder, entry->d_name, depth - 1);
      }
    }
    if (!any) break;
  }
  ::close(folder);
  ::unlinkat(parent, name, AT_REMOVEDIR);
}

void remove_all_live() noexcept {
  for (Node* node = g_nodes.load(); node; node = node->next)
    if (node->state.load() == kLive) remove_tree(AT_FDCWD, node->path, 8);
}

[[noreturn]] void end_interrupted() noexcept {
  if (g_ending.exchange(true)) {
    for (;;) ::pause();  // another thread cleans up and ends the process
  }
  remove_all_live();
  // Another thread may have been about to make what it had announced.
  const timespec moment{0, 2'000'000};
  ::nanosleep(&moment, nullptr);
  remove_all_live();
  constexpr std::string_view kText = "basewise: interrupted\n";
  [[maybe_unused]] const ssize_t ignored = ::write(STDERR_FILENO, kText.data(), kText.size());
  ::_exit(static_cast<int>(ExitCode::interrupted));
}

void end_handler(int) { end_interrupted(); }

void stop_handler(int) {
  if (g_stopping != 0) end_interrupted();
  g_stopping = 1;
}

/// System calls go on after the handler.
void handle(void (*handler)(int), struct sigaction& old_interrupt, struct sigaction& old_terminate) {
  struct sigaction action {};
  action.sa_handler = handler;
  sigemptyset(&action.sa_mask);
  sigaddset(&action.sa_mask, SIGINT);
  sigaddset(&action.sa_mask, SIGTERM);
  action.sa_flags = SA_RESTART;
  sigaction(SIGINT, &action, &old_interrupt);
  sigaction(SIGTERM, &action, &old_terminate);
}

}  // namespace

void stay_if_interrupted() {
  while (g_ending.load()) ::pause();
}

Vanishing::Vanishing(const std::filesystem::path& path) {
  const std::string& name = path.native();
  if (name.size() >= PATH_MAX) return;  // no system call takes it either
  stay_if_interrupted();  // nothing new while another thread cleans up
  Node* const node = take_node();
  std::memcpy(node->path, name.c_str(), name.size() + 1);
  node->state.store(kLive);
  place_ = node;
  stay_if_interrupted();
}

Vanishing::~Vanishing() {
  if (place_) static_cast<Node*>(place_)->state.store(kFree);
}

InterruptScope::InterruptScope(SignalsAfter after) {
  handle(end_handler, old_interrupt_, old_terminate_);
  if (after == SignalsAfter::as_before) return;
  old_interrupt_ = {};
  old_interrupt_.sa_handler = SIG_IGN;
  old_terminate_ = old_interrupt_;
}

InterruptScope::~InterruptScope() {
  sigaction(SIGINT, &old_interrupt_, nullptr);
  sigaction(SIGTERM, &old_terminate_, nullptr);
}

StopSignal::StopSignal() {
  g_stopping = 0;
  handle(stop_handler, old_interrupt_, old_terminate_);
}

StopSignal::~StopSignal() {
  sigaction(SIGINT, &old_interrupt_, nullptr);
  sigaction(SIGTERM, &old_terminate_, nullptr);
  g_stopping = 0;
}

bool StopSignal::raised() const { return g_stopping != 0; }

void throw_if_stopping() {
  if (g_stopping != 0) throw Interrupted();
}

}  // namespace basewise
