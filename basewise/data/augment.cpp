#include "basewise/data/augment.h"

#include <algorithm>
#include <utility>

#include "basewise/core/error.h"
#include "basewise/data/detail/shift.h"
#include "basewise/data/detail/strand.h"
#include "basewise/data/detail/view.h"
#include "basewise/data/views.h"

namespace basewise::data {

namespace {

using detail::View;

constexpr const char* kSequence = "sequence";

std::int64_t draw_shift(const Stream& draw, std::int64_t most) {
  return most == 0 ? 0 : draw.fork(detail::kMoveStream).integer(-most, most);
}

void shift_row(const ExampleRow& row, std::int64_t shift) {
  if (shift == 0) return;
  for (const ExampleRow::Slot& slot : row.slots())
    if (slot.name == kSequence) detail::shift_sequence(slot, shift);
}

// The same example with a tensor of its own in place of the sequence.
Bundle shifted(const Bundle& example, std::int64_t shift) {
  if (shift == 0) return example;
  Bundle moved = example;
  at::Tensor to = detail::copied(example.at(kSequence));
  detail::shift_sequence({kSequence, to.scalar_type(), to.sizes(), to.nbytes(), to.data_ptr()}, shift);
  moved.set(kSequence, to);
  return moved;
}

// Every example moves by itself.
class Shifted : public View {
 public:
  Shifted(DatasetPtr dataset, std::int64_t most) : View(std::move(dataset)), most_(most) {}
  Bundle get(std::int64_t i, Stream draw) const override { return shifted(inner().get(i, draw), draw_shift(draw, most_)); }
  bool writes_rows() const override { return inner().writes_rows(); }
  void write(std::int64_t i, Stream draw, const ExampleRow& row) const override {
    inner().write(i, draw, row);
    shift_row(row, draw_shift(draw, most_));
  }
  std::string summary() const override { return format("{}; sequences moved by up to {} bases", inner().summary(), most_); }

 protected:
  DatasetPtr remake(DatasetPtr changed) const override { return std::make_shared<Shifted>(std::move(changed), most_); }

 private:
  std::int64_t most_;
};

// All examples of a batch are turned and move together.
class BatchMoved : public View {
 public:
  BatchMoved(DatasetPtr dataset, const AugmentOptions& options) : View(std::move(dataset)), options_(options) {}
  Bundle get(std::int64_t i, Stream draw) const override { return inner().get(i, draw); }
  bool writes_rows() const override { return inner().writes_rows(); }
  void write(std::int64_t i, Stream draw, const ExampleRow& row) const override { inner().write(i, draw, row); }
  bool finishes_batches() const override { return true; }
  void finish_batch(Bundle& batch, const Stream& draw) const override {
    inner().finish_batch(batch, draw);
    const bool turned = draw.fork(detail::kStrandStream).bernoulli(options_.reverse_complement);
    const std::int64_t shift = draw_shift(draw, options_.shift);
    Bundle own;
    for (const auto& [name, tensor] : batch) own.set(name, changed(name, tensor, turned, shift));
    batch = std::move(own);
  }
  std::string summary() const override {
    return format("{}; batches seen from the other strand with probability {} and moved by up to {} bases", inner().summary(),
                  options_.reverse_complement, options_.shift);
  }

 protected:
  DatasetPtr remake(DatasetPtr changed) const override { return std::make_shared<BatchMoved>(std::move(changed), options_); }

 private:
  at::Tensor changed(const std::string& name, const at::Tensor& tensor, bool turned, std::int64_t shift) const {
    const Field* field = schema().find(name);
    const bool moves = shift != 0 && name == kSequence;
    if (!field || (!turned && !moves)) return tensor;
    at::Tensor to = detail::copied(tensor);
    const at::IntArrayRef shape = to.sizes().slice(1);
    const std::size_t bytes = to.size(0) == 0 ? 0 : to.nbytes() / static_cast<std::size_t>(to.size(0));
    for (std::int64_t n = 0; n < to.size(0); ++n) {
      const ExampleRow::Slot slot{name, to.scalar_type(), shape, bytes,
                                  static_cast<char*>(to.data_ptr()) + static_cast<std::size_t>(n) * bytes};
      if (turned) detail::reverse_in_place(slot, field);
      if (moves) detail::shift_sequence(slot, shift);
    }
    return to;
  }

  AugmentOptions options_;
};

// All examples of an epoch are turned and move alike, from epoch to epoch in turn.
class EpochMoved : public View {
 public:
  EpochMoved(DatasetPtr dataset, const AugmentOptions& options, std::int64_t epoch = 0)
      : View(std::move(dataset)), options_(options), epoch_(epoch) {}
  Bundle get(std::int64_t i, Stream draw) const override {
    const Bundle example = inner().get(i, draw);
    return shifted(turned() ? data::reverse_complement(example, inner()) : example, shift());
  }
  bool writes_rows() const override { return inner().writes_rows(); }
  void write(std::int64_t i, Stream draw, const ExampleRow& row) const override {
    inner().write(i, draw, row);
    if (turned())
      for (const ExampleRow::Slot& slot : row.slots()) detail::reverse_in_place(slot, schema().find(slot.name));
    shift_row(row, shift());
  }
  DatasetPtr at_epoch(const Stream& draw, std::int64_t epoch) const override {
    DatasetPtr changed = inner().at_epoch(draw, epoch);
    return std::make_shared<EpochMoved>(changed ? std::move(changed) : inner_pointer(), options_, epoch);
  }
  std::string summary() const override {
    return format("{}{}{}", inner().summary(), options_.reverse_complement > 0 ? "; every second epoch seen from the other strand" : "",
                  options_.shifts.empty() ? "" : format("; moved by {} bases from epoch to epoch", fmt::join(options_.shifts, ", ")));
  }

 protected:
  DatasetPtr remake(DatasetPtr changed) const override { return std::make_shared<EpochMoved>(std::move(changed), options_, epoch_); }

 private:
  bool turned() const { return options_.reverse_complement > 0 && epoch_ % 2 == 1; }
  std::int64_t shift() const {
    return options_.shifts.empty() ? 0 : options_.shifts[static_cast<std::size_t>(epoch_) % options_.shifts.size()];
  }

  AugmentOptions options_;
  std::int64_t epoch_;
};

// The longest way that a sequence moves.
std::int64_t longest_shift(const AugmentOptions& o) {
  if (o.per != AugmentPer::epoch) return o.shift;
  std::int64_t longest = 0;
  for (const std::int64_t shift : o.shifts) longest = std::max({longest, shift, -shift});
  return longest;
}

void check_shift(const Dataset& dataset, std::int64_t shift) {
  if (shift == 0 || dataset.schema().empty()) return;
  const Field* sequence = dataset.schema().find(kSequence);
  if (!sequence || sequence->shape.empty()) throw ArgumentError("augment: the examples have no sequence that could move");
  if (sequence->shape.back() >= 0 && shift >= sequence->shape.back())
    throw ArgumentError(format("augment: a shift of {} bases leaves nothing of a sequence of {}", shift, sequence->shape.back()));
}

}  // namespace

void describe(Visitor& v, AugmentOptions& o) {
  using enum AugmentPer;
  v("reverse_complement", o.reverse_complement,
    "probability that a training example is seen from the other strand; per epoch: every second one for all above 0", fraction());
  v("jitter", o.jitter, "genome windows: bases that the centre moves at most; sequences: bases cut from both ends together, twice this",
    counted(0));
  v("random", o.random, "false: training examples are as those of evaluation, neither moved nor turned");
  v("per", o.per, "how long a strand and a shift that were drawn hold");
  v.when("per", o.per, {sequence, batch}, [&] {
    v("shift", o.shift, "the sequence moves by up to so many bases to either side, N comes in, and the targets stay", counted(0));
  });
  v.when("per", o.per, {epoch}, [&] {
    v("shifts", o.shifts, "bases that the sequence moves by in epoch 0, 1, ... and again from the first on, as in [1, 0, -1]");
  });
}

DatasetPtr augmented(DatasetPtr dataset, const AugmentOptions& o) {
  if (!dataset) throw ArgumentError("a view needs a data set, got none");
  check_shift(*dataset, longest_shift(o));
  switch (o.per) {
    case AugmentPer::sequence:
      if (o.reverse_complement > 0) dataset = reverse_complement(std::move(dataset), o.reverse_complement);
      return o.shift > 0 ? std::make_shared<Shifted>(std::move(dataset), o.shift) : dataset;
    case AugmentPer::batch:
      return o.reverse_complement > 0 || o.shift > 0 ? std::make_shared<BatchMoved>(std::move(dataset), o) : dataset;
    case AugmentPer::epoch:
      return o.reverse_complement > 0 || !o.shifts.empty() ? std::make_shared<EpochMoved>(std::move(dataset), o) : dataset;
  }
  throw InternalError("strands and shifts drawn for nothing known");
}

}  // namespace basewise::data
