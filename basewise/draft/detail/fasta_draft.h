// The split of sequences in FASTA files.
#pragma once

#include "basewise/draft/detail/sequence_facts.h"

namespace basewise::draft::detail {

/// By the chromosomes that the names say, else by fraction. Returns the share of the training set.
double write_sequence_split(RecipeText& recipe, const SequenceFacts& facts, bool test_file);

}  // namespace basewise::draft::detail
