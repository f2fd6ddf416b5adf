#include "basewise/data/shuffled_negatives.h"

#include <cstring>

#include "basewise/data/detail/view.h"
#include "basewise/seq/alphabet.h"
#include "basewise/seq/shuffle.h"

namespace basewise::data {

namespace {

constexpr std::string_view kSequence = "sequence";

class ShuffledNegatives : public detail::View {
 public:
  ShuffledNegatives(DatasetPtr dataset, std::string target, std::int64_t ratio, std::optional<std::uint64_t> fixed_seed)
      : View(std::move(dataset)), target_(std::move(target)), ratio_(ratio), fixed_seed_(fixed_seed) {}

  std::int64_t size() const override { return inner().size() * (1 + ratio_); }

  Bundle get(std::int64_t i, Stream draw) const override {
    if (i < inner().size()) return inner().get(i, draw);
    Bundle example = inner().get(i % inner().size(), draw);
    // What the set within may share is not to be changed.
    const at::Tensor given = example.at("sequence").contiguous();
    at::Tensor own = at::empty(given.sizes(), given.options());
    if (given.nbytes() > 0) std::memcpy(own.data_ptr(), given.const_data_ptr(), given.nbytes());
    example.set("sequence", own);
    example.set(target_, at::zeros_like(example.at(target_)));
    shuffle_sequence(ExampleRow(Bundle{{"sequence", example.at("sequence")}}), stream_of(i, draw));
    return example;
  }

  bool positive(std::int64_t i) const override { return i < inner().size() && inner().positive(i); }

  Origin origin(std::int64_t i) const override {
    Origin origin = inner().origin(i < inner().size() ? i : i % inner().size());
    if (i < inner().size()) return origin;
    origin.made_up = true;
    if (!origin.name.empty()) origin.name += format("_shuffled_{}", i / inner().size());
    return origin;
  }

  bool writes_rows() const override { return inner().writes_rows(); }
  void write(std::int64_t i, Stream draw, const ExampleRow& row) const override {
    inner().write(i < inner().size() ? i : i % inner().size(), draw, row);
    if (i < inner().size()) return;
    shuffle_sequence(row, stream_of(i, draw));
    for (const ExampleRow::Slot& slot : row.slots())
      if (slot.name == target_) std::memset(slot.data, 0, slot.bytes);
  }

  std::string summary() const override {
    return format("{}; {} dinucleotide-shuffled negatives{}", inner().summary(), inner().size() * ratio_,
                  fixed_seed_ ? "" : ", drawn anew each time");
  }

 protected:
  DatasetPtr remake(DatasetPtr changed) const override {
    return std::make_shared<ShuffledNegatives>(std::move(changed), target_, ratio_, fixed_seed_);
  }

 private:
  Stream stream_of(std::int64_t i, const Stream& draw) const {
    return fixed_seed_ ? Stream(*fixed_seed_, static_cast<std::uint64_t>(i)) : draw.fork(detail::kShuffleStream);
  }

  static void shuffle_sequence(const ExampleRow& row, Stream stream) {
    for (const ExampleRow::Slot& slot : row.slots()) {
      if (slot.name != kSequence) continue;
      if (slot.type == at::kByte) {
        const std::span tokens(static_cast<seq::Token*>(slot.data), slot.bytes);
        const seq::DinucleotideShuffler shuffler(tokens);
        shuffler(stream, tokens);
      } else {
        const std::span values(row.data<float>("sequence"), slot.bytes / sizeof(float));
        seq::one_hot(seq::dinucleotide_shuffle(seq::tokens_of_one_hot(values), stream), values);
      }
    }
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
