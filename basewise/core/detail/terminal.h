// What log lines and the progress line share: one lock on standard error,
// and the line that is open on the terminal.
#pragma once

#include <mutex>
#include <set>
#include <string>
#include <string_view>

namespace basewise::detail {

/// Standard error of the process. At most one line is "open": drawn without a newline, cleared and
/// drawn again around other output. Every line passes `message_line` (printable.h) here.
class Terminal {
 public:
  static Terminal& instance();

  /// A whole line; an open line is cleared first and drawn again.
  void print(std::string_view line);

  /// Draws (or replaces) the open line; an empty one closes it and leaves nothing on the screen.
  void draw(std::string line);

  /// Whether nobody asked for this message before.
  bool is_new(const std::string& message);

 private:
  std::mutex mutex_;
  std::string open_;
  std::set<std::string> said_;
};

/// True where standard error is a terminal that can redraw a line (and no CI system reads it).
bool can_redraw();

/// Characters in a row of the terminal; 80 if unknown.
std::size_t columns();

}  // namespace basewise::detail
