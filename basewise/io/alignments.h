// Alignments of reads to a genome: BAM, SAM and CRAM
// (https://samtools.github.io/hts-specs/SAMv1.pdf, SAMtags.pdf).
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string_view>
#include <vector>

#include "basewise/io/bigwig.h"
#include "basewise/io/read_report.h"

namespace basewise::io {

/// [start, end) of a chromosome, 0-based half-open.
struct AlignedStretch {
  std::int64_t start = 0;
  std::int64_t end = 0;
  bool operator==(const AlignedStretch&) const = default;
};

/// A further place of a read, as the tag XA of bwa names it.
struct OtherPlace {
  std::int32_t chromosome = 0;  ///< number in `AlignmentReader::chromosomes()`
  AlignedStretch stretch = {};
  bool reverse = false;
  bool operator==(const OtherPlace&) const = default;
};

/// One record. Positions are 0-based and half-open.
struct Alignment {
  std::string_view name = {};    ///< of the read; valid until the next record
  std::int32_t chromosome = -1;  ///< number in `AlignmentReader::chromosomes()`; -1: not aligned
  AlignedStretch stretch = {};   ///< from the first to the last aligned base
  std::vector<AlignedStretch> blocks = {};  ///< bases with a base of the read against them: without deletions and introns
  bool reverse = false;
  bool paired = false;
  bool proper = false;  ///< both reads of the pair lie as the aligner expects it
  bool second = false;  ///< second read of a pair
  bool secondary = false;
  bool supplementary = false;
  bool duplicate = false;
  bool failed = false;          ///< the quality checks of the sequencer
  int quality = 0;              ///< mapping quality; 255: not known
  std::int64_t template_length = 0;  ///< of the pair, > 0 for the read that lies left, 0: not known
  std::int64_t hits = 1;        ///< places of the read: the tag NH, else 1 and those of XA
  bool hits_stated = false;     ///< there is a tag NH
  std::vector<OtherPlace> others = {};  ///< of the tag XA
};

/// How an alignment file is opened.
struct AlignmentOptions {
  int threads = 1;  ///< that inflate blocks
};

/// Reads the records of a BAM, SAM or CRAM file in the order of the file, sorted or not; no index
/// is looked at. What a file is, its contents say. Of CRAM only what `Alignment` holds is decoded,
/// so that no reference is needed and none is fetched.
///
/// A tag counts by its type: NH must be a whole number; XA is a list of places only where it is
/// text (bowtie keeps a number there). What is neither is noted and left.
///
/// Errors: DataError that starts with the file (and of SAM the line): cannot open; another format;
/// a header without sequences; a record that is damaged, cut short or outside of its chromosome.
/// An alignment that reaches over the end of its chromosome ends there, and is noted. A file that
/// lacks its end-of-file block is warned of.
class AlignmentReader {
 public:
  explicit AlignmentReader(const std::filesystem::path& path, AlignmentOptions options = {});
  ~AlignmentReader();
  AlignmentReader(AlignmentReader&&) noexcept;
  AlignmentReader& operator=(AlignmentReader&&) noexcept;

  /// Names and lengths of the header, in its order.
  const TrackChromosomes& chromosomes() const;

  /// The next record; false at the end of the file.
  bool next(Alignment& alignment);

  const ReadReport& report() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Whether a file begins as BAM or CRAM do, or as SAM with a header.
/// Errors: DataError for a file that cannot be read.
bool is_alignment_file(const std::filesystem::path& path);

}  // namespace basewise::io
