// A child process of this program whose output goes to a file.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

namespace basewise::study::detail {

struct ChildEnd {
  int code = 0;    ///< exit code; of a child that a signal ended, 128 + signal
  int signal = 0;  ///< 0: none
};

/// Runs at most once; not copied.
class Child {
 public:
  /// Starts `words` (program first, by path or from PATH) in a process group of its own, so that
  /// Ctrl-C reaches it only through us; standard output and error are appended to `log`.
  /// Errors: StateError with the system's reason.
  Child(const std::vector<std::string>& words, const std::filesystem::path& log);

  /// How it ended; nothing while it runs.
  std::optional<ChildEnd> poll();
  void send(int signal) const;

 private:
  pid_t pid_ = -1;
};

/// The last lines of a file that hold something, for messages; "" for an empty file.
std::string last_lines(const std::filesystem::path& file, int lines);

}  // namespace basewise::study::detail
