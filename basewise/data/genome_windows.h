// Windows around places of a genome with labels for the whole window.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "basewise/data/dataset.h"
#include "basewise/seq/genome.h"

namespace basewise::data {

/// A place with its labels.
struct LabelledPlace {
  std::size_t chrom = 0;
  std::int64_t centre = 0;
  seq::Strand strand = seq::Strand::none;  ///< reverse: the window is read from the other strand
  std::vector<float> labels;               ///< (T); NaN: not measured
};

struct GenomeWindowsOptions {
  std::vector<std::string> labels = {};  ///< names of the labels; empty: numbers from 0 to T - 1 of the first place
  std::int64_t length = 500;
  std::int64_t jitter = 0;  ///< the centre moves by up to this many bases at random
  bool tokens = false;      ///< "sequence" (length) uint8 tokens in place of one-hot
};

/// Windows [centre - length / 2, centre - length / 2 + length) as "sequence" (4, length), "labels" (T), "labels.mask" (T) where labels are
/// missing anywhere, "position" and "chromosome" (int64 scalars). N outside of linear chromosomes, over the origin of circular ones.
DatasetPtr genome_windows(seq::GenomePtr genome, std::vector<LabelledPlace> places, const GenomeWindowsOptions& options,
                          std::string source);

}  // namespace basewise::data
