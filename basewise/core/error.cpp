#include "basewise/core/error.h"

namespace basewise {

std::string FilePosition::to_string() const {
  if (line <= 0) return file;
  if (column <= 0) return format("{}:{}", file, line);
  return format("{}:{}:{}", file, line, column);
}

void throw_data_error(const FilePosition& where, const std::string& message) { throw DataError(where.to_string() + ": " + message); }

}  // namespace basewise
