#include "basewise/data/detail/view.h"
#include "basewise/data/views.h"
#include "basewise/seq/alphabet.h"
#include "basewise/seq/shuffle.h"

namespace basewise::data {

namespace {

class ShuffledNegatives : public detail::View {
 public:
  ShuffledNegatives(DatasetPtr dataset, std::string target, std::int64_t ratio, std::optional<std::uint64_t> fixed_seed)
      : View(std::move(dataset)), target_(std::move(target)), ratio_(ratio), fixed_seed_(fixed_seed) {}

  std::int64_t size() const override { return inner().size() * (1 + ratio_); }

  Bundle get(std::int64_t i, Stream draw) const override {
    if (i < inner().size()) return inner().get(i, draw);
    Bundle example = inner().get(i % inner().size(), draw);
    Stream stream = fixed_seed_ ? Stream(*fixed_seed_, static_cast<std::uint64_t>(i)) : draw.fork(detail::kShuffleStream);
    example.set("sequence", shuffled(example.at("sequence"), stream));
    example.set(target_, at::zeros_like(example.at(target_)));
    return example;
  }

  Bundle example_shapes() const override { return inner().example_shapes(); }

  std::string summary() const override {
    return format("{}; {} dinucleotide-shuffled negatives{}", inner().summary(), inner().size() * ratio_,
                  fixed_seed_ ? "" : ", drawn anew each time");
  }

 protected:
  DatasetPtr remake(DatasetPtr changed) const override {
    return std::make_shared<ShuffledNegatives>(std::move(changed), target_, ratio_, fixed_seed_);
  }

 private:
  static at::Tensor shuffled(const at::Tensor& sequence, Stream& stream) {
    const at::Tensor plain = sequence.contiguous();
    const auto count = static_cast<std::size_t>(plain.numel());
    const auto tokens = seq::dinucleotide_shuffle(seq::tokens_of_one_hot(std::span(plain.const_data_ptr<float>(), count)), stream);
    at::Tensor out = at::empty(plain.sizes(), plain.options());
    seq::one_hot(tokens, std::span(out.data_ptr<float>(), count));
    return out;
  }

  std::string target_;
  std::int64_t ratio_;
  std::optional<std::uint64_t> fixed_seed_;
};

}  // namespace

DatasetPtr with_shuffled_negatives(DatasetPtr dataset, std::string target, std::int64_t ratio, std::optional<std::uint64_t> fixed_seed) {
  if (ratio < 1) throw ArgumentError(format("{} shuffled negatives per example; expected at least 1", ratio));
  return std::make_shared<ShuffledNegatives>(std::move(dataset), std::move(target), ratio, fixed_seed);
}

}  // namespace basewise::data
