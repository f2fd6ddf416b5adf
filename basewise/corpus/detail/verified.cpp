#include "basewise/corpus/detail/verified.h"

#include <algorithm>
#include <string>

#include "basewise/core/error.h"
#include "basewise/core/files.h"

namespace basewise::corpus::detail {

namespace {

// The line that stands for a file in its present state, without checksum;
// empty when the file cannot be examined.
std::string state_of(const fs::path& file) {
  std::error_code error;
  const fs::path absolute = fs::canonical(file, error);
  if (error || absolute.string().find_first_of("\t\n") != std::string::npos) return {};
  const auto size = fs::file_size(absolute, error);
  if (error) return {};
  const auto changed = fs::last_write_time(absolute, error);
  if (error) return {};
  return format("{}\t{}\t{}\t", absolute.string(), size, changed.time_since_epoch().count());
}

std::string read_table(const fs::path& table) {
  std::error_code ignored;
  if (!fs::exists(table, ignored)) return {};
  try {
    return read_file(table);
  } catch (const Error&) {
    return {};
  }
}

}  // namespace

bool Verified::knows(const fs::path& file, std::string_view sha256) const {
  const std::string state = state_of(file);
  if (state.empty()) return false;
  const std::string line = state + std::string(sha256) + "\n", text = read_table(table_);
  const std::size_t at = text.find(line);
  return at != std::string::npos && (at == 0 || text[at - 1] == '\n');
}

void Verified::remember(const fs::path& file, std::string_view sha256) const {
  const std::string state = state_of(file);
  if (state.empty()) return;
  const std::string path = state.substr(0, state.find('\t') + 1), old = read_table(table_);
  std::string text;
  for (std::size_t at = 0; at < old.size();) {
    const std::size_t end = std::min(old.find('\n', at), old.size() - 1);
    const std::string line = old.substr(at, end - at + 1);
    if (!line.starts_with(path)) text += line;
    at = end + 1;
  }
  try {
    write_file(table_, text + state + std::string(sha256) + "\n");
  } catch (const Error&) {
    // A cache that cannot be written costs time, nothing else.
  }
}

}  // namespace basewise::corpus::detail
