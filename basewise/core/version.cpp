#include "basewise/core/version.h"

#include <fstream>
#include <sstream>

#include <nlohmann/json.hpp>
#include <openssl/crypto.h>
#include <sys/utsname.h>
#include <tbb/version.h>
#include <toml++/toml.h>
#include <unistd.h>

#include "basewise/core/format.h"
#include "basewise/core/parallel.h"

namespace basewise {
namespace {

// The first "key : value" of a /proc text file; empty if there is none.
std::string proc_value(const char* file, std::string_view key) {
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    if (!line.starts_with(key)) continue;
    const auto colon = line.find(':');
    const auto begin = colon == std::string::npos ? colon : line.find_first_not_of(" \t", colon + 1);
    if (begin != std::string::npos) return line.substr(begin);
  }
  return {};
}

std::string processor() {
  for (const char* key : {"model name", "Model", "cpu model"})
    if (std::string name = proc_value("/proc/cpuinfo", key); !name.empty()) return name;
  return "unknown";
}

// Those that decide which compute kernels run, in the order of their age.
std::string instruction_sets() {
  std::string flags = " " + proc_value("/proc/cpuinfo", "flags") + proc_value("/proc/cpuinfo", "Features") + " ";
  std::string found;
  for (const char* name : {"sse4_2", "avx", "fma", "avx2", "avx512f", "avx512bw", "avx512_bf16", "amx_bf16", "asimd", "sve"})
    if (flags.find(format(" {} ", name)) != std::string::npos) found += (found.empty() ? "" : " ") + std::string(name);
  return found.empty() ? "unknown" : found;
}

std::string memory() {
  const auto bytes = static_cast<double>(sysconf(_SC_PHYS_PAGES)) * static_cast<double>(sysconf(_SC_PAGE_SIZE));
  return format("{:.1f} GiB", bytes / (1024.0 * 1024.0 * 1024.0));
}

std::string operating_system() {
  utsname names{};
  if (uname(&names) != 0) return "unknown";
  return format("{} {} {}", names.sysname, names.release, names.machine);
}

std::string compiler() {
#if defined(__clang__)
  return format("clang {}.{}.{}", __clang_major__, __clang_minor__, __clang_patchlevel__);
#else
  return format("gcc {}.{}.{}", __GNUC__, __GNUC_MINOR__, __GNUC_PATCHLEVEL__);
#endif
}

}  // namespace

std::string version() { return BASEWISE_VERSION; }

std::vector<std::pair<std::string, std::string>> build_facts() {
  return {
      {"version", version()},
      {"compiler", compiler()},
      {"build type", BASEWISE_BUILD_TYPE},
      {"C++ standard", format("{}", __cplusplus)},
      {"OpenSSL", OpenSSL_version(OPENSSL_VERSION_STRING)},
      {"oneTBB", TBB_runtime_version()},
      {"toml++", format("{}.{}.{}", TOML_LIB_MAJOR, TOML_LIB_MINOR, TOML_LIB_PATCH)},
      {"nlohmann/json", format("{}.{}.{}", NLOHMANN_JSON_VERSION_MAJOR, NLOHMANN_JSON_VERSION_MINOR, NLOHMANN_JSON_VERSION_PATCH)},
      {"fmt", format("{}.{}.{}", FMT_VERSION / 10000, FMT_VERSION / 100 % 100, FMT_VERSION % 100)},
  };
}

std::vector<std::pair<std::string, std::string>> machine_facts() {
  return {
      {"processor", processor()}, {"instruction sets", instruction_sets()}, {"processors usable", format("{}", processors())},
      {"memory", memory()},       {"operating system", operating_system()},
  };
}

}  // namespace basewise
