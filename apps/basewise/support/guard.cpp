#include "apps/basewise/support/guard.h"

#include <cstdio>
#include <filesystem>
#include <new>
#include <stdexcept>

#include "apps/basewise/support/command.h"
#include "basewise/core/error.h"
#include "basewise/core/log.h"
#include "basewise/core/printable.h"

namespace basewise::app {
namespace {

constexpr std::string_view kMemory =
    "there is not enough memory; try fewer or shorter sequences, a smaller batch, or fewer workers";

constexpr int code_of(ExitCode code) { return static_cast<int>(code); }

int report(std::string_view text, int code) {
  if (log_level() == LogLevel::silent) return code;
  // Nothing may be thrown from here on: where standard error cannot be written to,
  // the exit code is all there is to say.
  const std::string line = format("basewise: error: {}\n", message_line(text));
  std::fwrite(line.data(), 1, line.size(), stderr);
  std::fflush(stderr);
  return code;
}

}  // namespace

int guarded(const std::function<int()>& body, SignalsAfter after) {
  const InterruptScope interrupt(after);
  try {
    const int code = body();
    flush_output();
    return code;
  } catch (const Error& e) {
    return report(e.what(), e.exit_code());
  } catch (const std::bad_alloc&) {
    return report(kMemory, code_of(ExitCode::failure));
  } catch (const std::length_error&) {
    return report(kMemory, code_of(ExitCode::failure));
  } catch (const std::filesystem::filesystem_error& e) {
    return report(format("{}: {}", e.path1().string(), e.code().message()), code_of(ExitCode::data));
  } catch (const std::exception& e) {
    // libtorch puts the places in its sources behind the first line.
    const std::string_view text = e.what();
    return report(format("unexpected: {}", text.substr(0, text.find('\n'))), code_of(ExitCode::failure));
  }
}

}  // namespace basewise::app
