// Sequences of any length as runs of tokens of one size, which is what threads like to scan.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <vector>

#include "basewise/annotate/detail/scan_input.h"
#include "basewise/motifs/sites.h"

namespace basewise::annotate::detail {

/// A site in its sequence.
struct FoundSite {
  std::int64_t start = 0;     ///< in the sequence of that name, its `offset` added
  std::int64_t sequence = 0;  ///< number of the sequence, in the order of `add`
  motifs::Site site;
  std::span<const seq::Token> tokens;  ///< as they stand on the forward strand
};

/// Joins short sequences, an N between them, and cuts long ones, so that every call of the scanner
/// gets millions of bases; sites come out in order, with their place.
class ScanBatch {
 public:
  using Consumer = std::function<void(const FoundSite&)>;

  /// `size`: bases of a run.
  ScanBatch(const motifs::SiteScanner& scanner, Consumer consumer, std::int64_t size = std::int64_t{1} << 22);

  void add(const ScanSequence& sequence);
  void finish();  ///< scans what waits

  /// Windows of that many letters without an N, on one strand.
  std::int64_t windows(std::int64_t width) const { return windows_.at(width); }

  std::int64_t sequences = 0;
  std::int64_t bases = 0;
  std::int64_t n = 0;          ///< N, other letters included
  std::int64_t ambiguous = 0;  ///< letters other than A C G T N
  std::int64_t too_short = 0;  ///< sequences shorter than the longest motif

 private:
  /// Where the tokens from `begin` on come from.
  struct Part {
    std::int64_t begin = 0;
    std::int64_t sequence = 0;
    std::int64_t position = 0;  ///< in what was added
    std::int64_t offset = 0;
    std::int64_t length = 0;  ///< of the sequence; windows that start behind it were seen at its beginning
  };

  void encode(const ScanSequence& sequence, std::int64_t from, std::int64_t count);
  void close_run(std::int64_t end, std::int64_t length);
  void scan(bool continued);

  const motifs::SiteScanner& scanner_;
  Consumer consumer_;
  std::int64_t size_;
  std::vector<seq::Token> tokens_;
  std::vector<Part> parts_;
  std::map<std::int64_t, std::int64_t> windows_;  ///< by width
  std::int64_t run_ = -1;                         ///< start of the run without N that is read, -1: none
};

}  // namespace basewise::annotate::detail
