#include "basewise/core/detail/temporary_name.h"

#include <array>
#include <atomic>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <csignal>

#include <unistd.h>

#include "basewise/core/error.h"

namespace basewise::detail {
namespace {

namespace fs = std::filesystem;

// File systems allow 255 bytes; the ending takes up to 40.
constexpr std::size_t kLongestName = 200;

/// Short and the same for all processes that see the same process numbers:
/// a container has numbers of its own.
std::string machine_mark() {
  std::array<char, 256> host{};
  ::gethostname(host.data(), host.size() - 1);
  std::error_code unknown;
  const std::string text = host.data() + fs::read_symlink("/proc/self/ns/pid", unknown).string();
  std::uint32_t sum = 2166136261U;  // FNV-1a
  for (const char c : text) sum = (sum ^ static_cast<unsigned char>(c)) * 16777619U;
  return format("{:08x}", sum);
}

/// What stands behind the mark of a temporary.
struct Ending {
  pid_t process = 0;
  std::string machine = {};  ///< empty: of a version that did not write it, on this machine
};

/// Process 0 for an ending that is none of ours.
Ending ending_of(const std::string& name) {
  const std::size_t mark = name.rfind(kTemporaryMark);
  if (mark == std::string::npos) return {};
  const std::string text = name.substr(mark + kTemporaryMark.size());
  Ending ending;
  const auto [after, error] = std::from_chars(text.data(), text.data() + text.size(), ending.process);
  const auto used = static_cast<std::size_t>(after - text.data());
  if (error != std::errc() || ending.process <= 0 || used >= text.size() || text[used] != '-') return {};
  const std::size_t number_end = text.find_first_not_of("0123456789", used + 1);
  if (number_end == used + 1) return {};
  if (number_end != std::string::npos && text[number_end] == '-') ending.machine = text.substr(number_end + 1);
  return ending;
}

bool untouched_for_a_day(const fs::path& path) {
  std::error_code error;
  const auto changed = fs::last_write_time(path, error);
  return !error && fs::file_time_type::clock::now() - changed > std::chrono::hours(24);
}

}  // namespace

std::string temporary_beginning(const fs::path& target) {
  return "." + target.filename().string().substr(0, kLongestName) + std::string(kTemporaryMark);
}

fs::path temporary_beside(const fs::path& target) {
  static std::atomic<unsigned> count{0};
  if (!target.has_filename() || target.filename() == "." || target.filename() == "..")
    throw ArgumentError(format("'{}' names no file or folder to write", target.string()));
  const fs::path folder = target.has_parent_path() ? target.parent_path() : fs::path(".");
  return folder / format("{}{}-{}-{}", temporary_beginning(target), ::getpid(), count++, machine_mark());
}

bool is_dead_temporary(const fs::path& path) {
  const Ending ending = ending_of(path.filename().string());
  if (ending.process == 0) return false;
  if (!ending.machine.empty() && ending.machine != machine_mark()) return untouched_for_a_day(path);
  return ::kill(ending.process, 0) != 0 && errno == ESRCH;
}

}  // namespace basewise::detail
