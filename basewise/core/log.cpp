#include "basewise/core/log.h"

#include <atomic>
#include <cstdio>
#include <cstdlib>

#include <sys/ioctl.h>
#include <unistd.h>

#include "basewise/core/detail/terminal.h"
#include "basewise/core/printable.h"

namespace basewise {
namespace {

LogLevel level_from_environment() {
  const char* text = std::getenv("BASEWISE_LOG");
  return find_choice<LogLevel>(text ? text : "").value_or(LogLevel::info);
}

std::atomic<LogLevel>& current_level() {
  static std::atomic<LogLevel> level{level_from_environment()};
  return level;
}

std::string_view prefix(LogLevel level) {
  switch (level) {
    case LogLevel::debug:
      return "debug: ";
    case LogLevel::warning:
      return "warning: ";
    case LogLevel::error:
      return "error: ";
    default:
      return "";
  }
}

void put(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stderr); }

constexpr std::string_view kClearLine = "\r\x1b[2K";

}  // namespace

namespace detail {

Terminal& Terminal::instance() {
  static Terminal terminal;
  return terminal;
}

void Terminal::print(std::string_view line) {
  const std::lock_guard lock(mutex_);
  std::string text = open_.empty() ? std::string() : std::string(kClearLine);
  text.append(message_line(line)).append("\n").append(open_);
  put(text);
  std::fflush(stderr);
}

void Terminal::draw(std::string line) {
  line = message_line(line);
  const std::lock_guard lock(mutex_);
  if (line.empty() && open_.empty()) return;
  put(std::string(kClearLine) + line);
  std::fflush(stderr);
  open_ = std::move(line);
}

bool Terminal::is_new(const std::string& message) {
  const std::lock_guard lock(mutex_);
  return said_.insert(message).second;
}

bool can_redraw() {
  const char* kind = std::getenv("TERM");
  return isatty(STDERR_FILENO) && kind && std::string_view(kind) != "dumb" && !std::getenv("CI");
}

std::size_t columns() {
  winsize size{};
  return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

}  // namespace detail

void set_log_level(LogLevel level) { current_level().store(level); }
LogLevel log_level() { return current_level().load(); }

void log(LogLevel level, std::string_view message) {
  if (level < log_level() || level == LogLevel::silent) return;
  detail::Terminal::instance().print(std::string(prefix(level)).append(message));
}

void log_warning_once(const std::string& message) {
  if (detail::Terminal::instance().is_new(message)) log(LogLevel::warning, message);
}

}  // namespace basewise
