#include "basewise/nn/detail/layers_kmer.h"

#include <vector>

#include "basewise/core/error.h"
#include "basewise/nn/detail/symmetry.h"
#include "basewise/nn/layer_options.h"
#include "basewise/spec/strand_forms.h"

namespace basewise::nn::detail {
namespace {

// The reverse complement of a word, letters being its digits to base 4 from the left: A C G T = 0 1
// 2 3.
std::int64_t other_word(std::int64_t word, std::int64_t k) {
  std::int64_t turned = 0;
  for (std::int64_t i = 0; i < k; ++i, word /= 4) turned = turned * 4 + (3 - word % 4);
  return turned;
}

// Of every word and its reverse complement the smaller one, ascending, then their reverse
// complements the other way round. Words that are their own reverse complement stand twice, so that
// every channel has a partner.
std::vector<std::int64_t> words_in_pairs(std::int64_t k) {
  std::vector<std::int64_t> words;
  for (std::int64_t word = 0; word < std::int64_t{1} << (2 * k); ++word)
    if (word <= other_word(word, k)) words.push_back(word);
  for (std::size_t i = words.size(); i-- > 0;) words.push_back(other_word(words[i], k));
  return words;
}

class Kmer : public Layer {
 public:
  explicit Kmer(std::int64_t k) : k_(k), words_(words_in_pairs(k)) {}

  // The product over the letters of a word: 1 where it stands, 0 elsewhere and where an N is; for
  // blends of letters the product of their shares.
  at::Tensor forward(const at::Tensor& x) override {
    const std::int64_t length = x.size(2) - k_ + 1;
    at::Tensor words = x.slice(2, 0, length);
    for (std::int64_t i = 1; i < k_; ++i) words = (words.unsqueeze(2) * x.slice(2, i, i + length).unsqueeze(1)).flatten(1, 2);
    return words.index_select(1, at::tensor(words_, at::TensorOptions().dtype(at::kLong)).to(x.device()));
  }

  // A polynomial of degree k along a straight way, whose integral a few places give exactly.
  AttributionRule attribution_rule() const override { return AttributionRule::path; }
  Shape output_shape(const Shape& input) const override {
    need_positions(input);
    if (input.length != Shape::kVaries && input.length < k_)
      throw ShapeError(format("got {}: {} positions are fewer than a word of {}", input.to_string(), input.length, k_));
    return {static_cast<std::int64_t>(words_.size()), true, input.length == Shape::kVaries ? Shape::kVaries : input.length - k_ + 1};
  }
  Alignment alignment() const override { return Alignment::window(k_, 1, 0, 0); }
  Symmetry symmetry(const Activation& input) const override {
    return input.symmetry.is(Symmetry::Moves::complemented) ? input.symmetry : Layer::symmetry(input);
  }

 private:
  std::int64_t k_;
  std::vector<std::int64_t> words_;
};

LayerPtr make_kmer(const spec::LayerSpec& spec, const Activation& input) {
  const auto o = options_of<KmerOptions>(spec);
  need_positions(input.shape);
  if (input.shape.channels != 4)
    throw ShapeError(format("got {}, expected the four channels A C G T of a sequence", input.shape.to_string()));
  return std::make_shared<Kmer>(o.k);
}

}  // namespace

void describe(Visitor& v, KmerOptions& o) { v("k", o.k, "letters of a word", between(1, 6)); }

std::span<const LayerType> kmer_layers() {
  static constexpr LayerType kTypes[] = {
      {"kmer", "words of k letters as channels: (N, 4, L) to (N, 4^k, L - k + 1)", describe_fresh<KmerOptions>, make_kmer,
       &spec::forms::kAsItIs},
  };
  return kTypes;
}

}  // namespace basewise::nn::detail
