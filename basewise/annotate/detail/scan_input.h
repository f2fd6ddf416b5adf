// The sequences of a scan, one after the other.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "basewise/annotate/scan.h"
#include "basewise/seq/interval.h"

namespace basewise::annotate::detail {

/// A sequence of a FASTA file, or a part of one.
struct ScanSequence {
  std::string_view name;
  std::string_view letters;
  std::int64_t offset = 0;  ///< of the first letter in the sequence of that name
  bool circular = false;    ///< the first letter follows the last
};

/// Reads what `options` names.
class ScanInput {
 public:
  /// Where there is a BED file, reads the names and lengths of the genome, then the BED file; what
  /// is peculiar is added to `notes`.
  /// Errors: ArgumentError unless exactly one of genome and fasta is named, or for options that do
  /// not fit; those of `read_bed` and `FastaReader`.
  ScanInput(const ScanOptions& options, std::vector<std::string>& notes);

  /// Hands every sequence over, in the order of the file; parts of a sequence by their starts.
  /// Errors: those of `FastaReader`; ArgumentError for names in `circular` that the file lacks.
  void each(const std::function<void(const ScanSequence&)>& use) const;

 private:
  std::filesystem::path path_;
  bool by_bed_ = false;
  bool all_circular_ = false;
  std::vector<std::string> circular_;
  std::map<std::string, std::vector<seq::Interval>, std::less<>> parts_;  ///< merged, by chromosome
};

}  // namespace basewise::annotate::detail
