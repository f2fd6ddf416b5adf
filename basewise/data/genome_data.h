// The kind of data "genome": tiles with a label or signal at every base, or windows around sites.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "basewise/core/options.h"
#include "basewise/corpus/sites.h"
#include "basewise/data/kinds.h"
#include "basewise/data/track_signal.h"
#include "basewise/seq/alphabet.h"

namespace basewise::data {

/// Examples from a genome: tiles with a label or signal at every base, or windows around sites.
struct GenomeDataOptions {
  std::filesystem::path fasta = {};
  seq::Ambiguity ambiguity = seq::Ambiguity::as_n;
  std::vector<std::string> chromosomes = {};  ///< empty: all
  bool circular = false;                      ///< every sequence is circular
  std::vector<std::string> circular_chromosomes = {};
  std::filesystem::path aliases = {};  ///< table of names of equal meaning; empty: none
  bool per_base = false;       ///< labels at every base of both strands; false: one label vector per window
  std::int64_t window = 2048;  ///< bases with labels
  std::int64_t context = 0;    ///< per base: further bases of sequence on each side
  bool random_phase = true;    ///< per base: training tiles are cut at other places in each epoch
  bool both_strands = false;   ///< per base: every training tile also as it is read from the other strand
  corpus::SiteOptions sites = {};
  TrackOptions tracks = {};
};
void describe(Visitor& v, GenomeDataOptions& o);

extern const DataKind kGenomeKind;

}  // namespace basewise::data
