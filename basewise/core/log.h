// Messages for the person at the terminal, on standard error.
// Results go to standard output and are no log.
#pragma once

#include <string>
#include <string_view>

#include "basewise/core/choice.h"
#include "basewise/core/format.h"

namespace basewise {

enum class LogLevel { debug, info, warning, error, silent };
constexpr auto words_of(LogLevel) {
  return words<LogLevel>({{LogLevel::debug, "debug"},
                          {LogLevel::info, "info"},
                          {LogLevel::warning, "warning"},
                          {LogLevel::error, "error"},
                          {LogLevel::silent, "silent"}});
}

/// Messages below `level` are dropped. Default: info;
/// BASEWISE_LOG=debug|info|warning|error|silent sets it at start.
void set_log_level(LogLevel level);
LogLevel log_level();

/// One line on standard error, whatever the message holds (`message_line` of printable.h); safe
/// from several threads; an open progress line is cleared first and drawn again.
void log(LogLevel level, std::string_view message);

template <class... A>
void log_debug(fmt::format_string<A...> text, A&&... a) {
  if (log_level() <= LogLevel::debug) log(LogLevel::debug, fmt::format(text, std::forward<A>(a)...));
}
template <class... A>
void log_info(fmt::format_string<A...> text, A&&... a) {
  log(LogLevel::info, fmt::format(text, std::forward<A>(a)...));
}
template <class... A>
void log_warning(fmt::format_string<A...> text, A&&... a) {
  log(LogLevel::warning, fmt::format(text, std::forward<A>(a)...));
}

/// A warning that is said once, however often what it is about comes up in a process,
/// as where a file is read twice.
void log_warning_once(const std::string& message);

}  // namespace basewise
