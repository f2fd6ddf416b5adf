#include "basewise/interpret/references.h"

#include <vector>

#include "basewise/core/error.h"
#include "basewise/core/parallel.h"
#include "basewise/core/random.h"
#include "basewise/seq/alphabet.h"
#include "basewise/seq/shuffle.h"
#include "basewise/tensor/tensors.h"
#include "basewise/tensor/tokens.h"

namespace basewise::interpret {
namespace {

at::Tensor tokens_to_shuffle(const at::Tensor& sequences) {
  if (is_tokens(sequences)) return sequences.to(at::kCPU).contiguous();
  if (sequences.dim() != 3 || sequences.size(1) != seq::kChannels)
    throw ShapeError(format("references are made of sequences (N, 4, L) or tokens (N, L), not of {}", shape_text(sequences.sizes())));
  const auto tokens = tokens_of(sequences.to(at::kCPU, at::kFloat));
  if (!tokens)
    throw ArgumentError(
        "sequences with columns that are neither one letter nor empty cannot be shuffled: take uniform, zeros or given references");
  return tokens->contiguous();
}

}  // namespace

void describe(Visitor& v, ReferenceOptions& o) {
  v("kind", o.kind, "what a sequence is compared with");
  v.when("kind", o.kind, {ReferenceKind::dinucleotide, ReferenceKind::permuted}, [&] {
    v("count", o.count, "references of each sequence", counted(1));
    v("seed", o.seed, "of the random order");
  });
}

bool shared(ReferenceKind kind) { return kind == ReferenceKind::uniform || kind == ReferenceKind::zeros; }

at::Tensor references_of(const at::Tensor& sequences, const ReferenceOptions& options, std::int64_t first) {
  if (options.kind == ReferenceKind::given) throw ArgumentError("given references are handed over, not made");
  const std::int64_t length = sequences.size(-1), n = sequences.size(0);
  if (shared(options.kind))
    return at::full({1, 1, seq::kChannels, length}, options.kind == ReferenceKind::uniform ? 0.25 : 0.0,
                    at::TensorOptions().dtype(at::kFloat));
  if (options.count < 1)
    throw ArgumentError(format("{} references of each sequence were asked for; at least one is needed", options.count));
  const at::Tensor tokens = tokens_to_shuffle(sequences);
  at::Tensor shuffled = at::empty({n, options.count, length}, tokens.options());
  const auto* from = tokens.const_data_ptr<std::uint8_t>();
  auto* to = shuffled.mutable_data_ptr<std::uint8_t>();
  const Stream seed(options.seed);
  parallel_for(n, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      const std::span<const seq::Token> row(from + i * length, static_cast<std::size_t>(length));
      const Stream own = seed.fork(static_cast<std::uint64_t>(first + i));
      const std::span<seq::Token> out(to + i * options.count * length, static_cast<std::size_t>(options.count * length));
      if (options.kind == ReferenceKind::dinucleotide) {
        seq::DinucleotideShuffler(row).many(own, 0, options.count, out);
        continue;
      }
      for (std::int64_t k = 0; k < options.count; ++k) {
        Stream draw = own.fork(static_cast<std::uint64_t>(k));
        const std::vector<seq::Token> one = seq::shuffle(row, draw);
        std::copy(one.begin(), one.end(), out.begin() + static_cast<std::ptrdiff_t>(k * length));
      }
    }
  });
  return one_hot_of(shuffled.view({n * options.count, length})).contiguous().view({n, options.count, seq::kChannels, length});
}

}  // namespace basewise::interpret
