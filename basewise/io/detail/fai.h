// The index of a FASTA file (.fai): where its records lie.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace basewise::io::detail {

/// Where a record lies in the uncompressed file.
struct FaiEntry {
  std::string name;
  std::int64_t length = 0;
  std::int64_t offset = 0;      ///< of the first base
  std::int64_t line_bases = 0;  ///< bases per line
  std::int64_t line_bytes = 0;  ///< bytes per line with its end

  std::int64_t byte_of(std::int64_t position) const {
    return offset + position / line_bases * line_bytes + position % line_bases;
  }
};

/// Reads the next bytes; returns how many, 0 at the end, less than 0 where the file is damaged.
using ReadBytes = std::function<std::int64_t(std::span<char>)>;

/// The index by one pass over a file.
/// Errors: DataError "file:line: ..." for lines of unequal length within a record, sequence before
/// the first header, a header without a name; no record.
std::vector<FaiEntry> build_fai(const ReadBytes& read, const std::string& file);

/// An index as samtools writes it. Errors: DataError naming file and line.
std::vector<FaiEntry> read_fai(const std::filesystem::path& path);
std::string fai_text(const std::vector<FaiEntry>& entries);

}  // namespace basewise::io::detail
