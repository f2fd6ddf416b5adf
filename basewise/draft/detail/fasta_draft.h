// The split of sequences in FASTA files.
#pragma once

#include "basewise/draft/detail/sequence_facts.h"

namespace basewise::draft::detail {

/// Sets that have files of their own.
struct OwnSets {
  bool validation = false;
  bool test = false;
  bool any() const { return validation || test; }
};

/// [data.negatives]: dinucleotide shuffles for the sets but those that have negatives of `own`.
void write_shuffled(RecipeText& recipe, const OwnSets& own);

/// By the chromosomes that the names say, else by fraction. Returns the share of the training set.
double write_sequence_split(RecipeText& recipe, const SequenceFacts& facts, const OwnSets& own);

}  // namespace basewise::draft::detail
