// What a sequence is compared with.
#pragma once

#include <cstdint>

#include "basewise/core/choice.h"
#include "basewise/core/options.h"
#include "basewise/tensor/torch.h"

namespace basewise::interpret {

enum class ReferenceKind { dinucleotide, permuted, uniform, zeros, given };
constexpr auto words_of(ReferenceKind) {
  return words<ReferenceKind>({{ReferenceKind::dinucleotide, "dinucleotide", "shuffles of the sequence that keep its dinucleotide counts"},
                               {ReferenceKind::permuted, "permuted", "the letters of the sequence in random order"},
                               {ReferenceKind::uniform, "uniform", "0.25 of each letter everywhere"},
                               {ReferenceKind::zeros, "zeros", "no letter anywhere"},
                               {ReferenceKind::given, "given", "sequences that are handed over"}});
}

struct ReferenceOptions {
  ReferenceKind kind = ReferenceKind::dinucleotide;
  std::int64_t count = 20;  ///< of each sequence, for shuffles and permutations
  std::uint64_t seed = 1;
};
void describe(Visitor& v, ReferenceOptions& o);

/// Whether all sequences have the same references.
bool shared(ReferenceKind kind);

/// References of sequences (N, 4, L) or tokens (N, L), which are examples first .. first + N - 1:
/// (N, R, 4, L) for shuffles and permutations, (1, 1, 4, L) for `uniform` and `zeros`, all float.
/// Reference r of example i is drawn from (seed, i, r) alone, so that batches change nothing.
/// Letters of other sequences than plain ones (no letter: N) cannot be shuffled.
/// Errors: ArgumentError for `given`, fewer than one reference, and sequences whose columns are
/// neither a letter nor empty.
at::Tensor references_of(const at::Tensor& sequences, const ReferenceOptions& options, std::int64_t first = 0);

}  // namespace basewise::interpret
