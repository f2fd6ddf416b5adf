// Regular FASTA straight to tokens.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <string>

#include "basewise/seq/token_buffer.h"

namespace basewise::io::detail {

/// One sequence of a scan.
struct ScannedSequence {
  std::string name;
  seq::TokenBuffer tokens;
  std::int64_t n = 0;          ///< letters N
  std::int64_t ambiguous = 0;  ///< IUPAC codes that became N
};

/// What a scan met.
struct ScanResult {
  bool regular = false;  ///< false: something that only the line reader can judge (and name); nothing of the scan counts
  std::int64_t blank_lines = 0;
};

/// Reads FASTA in pieces of `piece` bytes and hands each sequence to `use`, in order. No line is
/// built and no letter is looked at twice, which makes it several times faster than `FastaReader`.
/// Stops at anything that is not plain FASTA with LF or CRLF and letters that `ambiguity` allows:
/// blanks in lines, other letters, no or empty or repeated names, records without bases.
/// Errors: those of `ByteSource`.
ScanResult scan_genome(const std::filesystem::path& path, seq::Ambiguity ambiguity, std::size_t piece,
                       const std::function<void(ScannedSequence)>& use);

}  // namespace basewise::io::detail
