// Single sites of methylation calls, with all that a network would see of them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "basewise/prepare/methylation_inputs.h"

namespace basewise::prepare {

struct MethylationShowOptions {
  MethylationInputs inputs = {};
  std::string region = {};      ///< "chr18:3000000-3001000", from 1, the end included; or a chromosome
  std::int64_t most = 20;       ///< sites
  std::int64_t neighbours = 6;  ///< both sides together; 0: none
  std::int64_t dna = 21;        ///< bases around a site, odd; counts where a genome is given
};
void describe(Visitor& v, MethylationShowOptions& o);

/// One site in one cell.
struct ShownCell {
  float share = 0;                           ///< -1 where it was not measured
  std::vector<float> states = {};            ///< of the neighbours, from far left to far right; -1: missing
  std::vector<std::int32_t> distances = {};  ///< in bases; -1: missing
};

struct ShownSite {
  std::string chromosome = {};
  std::int64_t position = 0;          ///< 0-based
  std::string dna = {};               ///< centred on the C; empty without a genome
  std::vector<ShownCell> cells = {};  ///< in the order of the table
};

struct MethylationShowResult {
  std::vector<std::string> cells = {};
  std::vector<ShownSite> sites = {};
  std::int64_t in_region = 0;           ///< sites, of which the first are shown
  std::vector<std::string> notes = {};  ///< what the user should know; none is an error
};

/// The first sites of a region that any cell has.
/// Errors: those of `read_methylation`; ArgumentError for a region that cannot be read, and for one
/// on a chromosome without calls.
MethylationShowResult methylation_show(const MethylationShowOptions& options);

}  // namespace basewise::prepare
