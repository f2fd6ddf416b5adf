#include "apps/basewise/support/guard.h"

#include <cstdio>
#include <filesystem>
#include <new>
#include <stdexcept>

#include "apps/basewise/support/command.h"
#include "basewise/core/error.h"
#include "basewise/core/interrupt.h"
#include "basewise/core/log.h"

namespace basewise::app {
namespace {

constexpr std::string_view kMemory =
    "there is not enough memory; try fewer or shorter sequences, a smaller batch, or fewer workers";

constexpr int code_of(ExitCode code) { return static_cast<int>(code); }

int report(std::string_view text, int code) {
  if (log_level() != LogLevel::silent) fmt::print(stderr, "basewise: error: {}\n", text);
  return code;
}

}  // namespace

int guarded(const std::function<int()>& body) {
  const InterruptScope interrupt;
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
    return report(format("unexpected: {}", e.what()), code_of(ExitCode::failure));
  }
}

}  // namespace basewise::app
