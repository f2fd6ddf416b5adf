#include "basewise/corpus/detail/cache_folder.h"

#include <cerrno>
#include <cstdlib>
#include <system_error>

#include <sys/stat.h>
#include <unistd.h>

#include "basewise/core/error.h"

namespace basewise::corpus::detail {
namespace {

namespace fs = std::filesystem;

fs::path folder_of_variable(const char* name) {
  const char* value = std::getenv(name);
  return value ? fs::path(value) : fs::path();
}

// Whoever makes a folder of a known name in a place that all may write to first,
// can put anything into it.
fs::path private_temporary() {
  const fs::path folder = fs::temp_directory_path() / format("basewise-{}", ::geteuid());
  const auto refuse = [&](const std::string& why) {
    throw DataError(format("{}: cannot be the cache: {}; set BASEWISE_CACHE to a folder of your own (HOME and XDG_CACHE_HOME are not set)",
                           folder.string(), why));
  };
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) refuse(std::generic_category().message(errno));
  struct stat facts {};
  if (::lstat(folder.c_str(), &facts) != 0) refuse(std::generic_category().message(errno));
  if (!S_ISDIR(facts.st_mode)) refuse("it is no folder");
  if (facts.st_uid != ::geteuid()) refuse("it belongs to another user");
  if ((facts.st_mode & (S_IWGRP | S_IWOTH)) != 0) refuse("others can write into it");
  return folder;
}

}  // namespace

fs::path default_cache() {
  if (const fs::path folder = folder_of_variable("BASEWISE_CACHE"); !folder.empty()) return folder;
  if (const fs::path folder = folder_of_variable("XDG_CACHE_HOME"); folder.is_absolute()) return folder / "basewise";
  if (const fs::path home = folder_of_variable("HOME"); home.is_absolute()) return home / ".cache" / "basewise";
  return private_temporary();
}

}  // namespace basewise::corpus::detail
