#include "apps/basewise/support/guard.h"

#include <cstdio>
#include <filesystem>
#include <new>

#include "apps/basewise/support/command.h"
#include "basewise/core/error.h"
#include "basewise/core/log.h"

namespace basewise::app {
namespace {

constexpr int code_of(ExitCode code) { return static_cast<int>(code); }

int report(std::string_view text, int code) {
  if (log_level() != LogLevel::silent) fmt::print(stderr, "basewise: error: {}\n", text);
  return code;
}

}  // namespace

int guarded(const std::function<int()>& body) {
  int code = 0;
  try {
    code = body();
    flush_output();
  } catch (const Error& e) {
    code = report(e.what(), e.exit_code());
  } catch (const std::bad_alloc&) {
    code = report("there is not enough memory; try a smaller batch, fewer workers or shorter windows", code_of(ExitCode::failure));
  } catch (const std::filesystem::filesystem_error& e) {
    code = report(format("{}: {}", e.path1().string(), e.code().message()), code_of(ExitCode::data));
  } catch (const std::exception& e) {
    code = report(format("unexpected: {}", e.what()), code_of(ExitCode::failure));
  }
  return code;
}

}  // namespace basewise::app
