#include "basewise/data/order.h"

#include <algorithm>
#include <numeric>

#include "basewise/core/error.h"
#include "basewise/core/random.h"
#include "basewise/data/detail/sample_order.h"

namespace basewise::data {

namespace {

// Streams of a seed: orders of passes and of stretches, and of the data sets that take turns.
constexpr std::uint64_t kOrder = 1;
constexpr std::uint64_t kStretches = 4;
constexpr std::uint64_t kTurns = 5;

std::int64_t batches_to_hold(std::int64_t examples, const OrderOptions& o) {
  return o.drop_last ? examples / o.batch_size : (examples + o.batch_size - 1) / o.batch_size;
}

// Batches of `size` draws, one after the other, the last one smaller.
std::vector<EpochOrder::Batch> cut(std::int64_t draws, std::int64_t size, std::int64_t batches) {
  std::vector<EpochOrder::Batch> cut;
  for (std::int64_t k = 0; k < batches; ++k) cut.push_back({k * size, std::min((k + 1) * size, draws), 0});
  return cut;
}

// As many batches as hold a few passes, or a million draws:
// less would shuffle the same pass again and again for its parts.
std::int64_t batches_of_a_part(double pass, const OrderOptions& o, std::int64_t batches) {
  constexpr double kPasses = 4, kDraws = 1 << 20;
  const double wanted = std::max(kPasses * pass, kDraws) / static_cast<double>(o.batch_size);
  return wanted < static_cast<double>(batches) ? static_cast<std::int64_t>(wanted) + 1 : std::max<std::int64_t>(batches, 1);
}

// Numbers of draws must not overflow in any epoch.
void check_epoch(const OrderOptions& o) {
  constexpr std::int64_t kMostDraws = std::int64_t{1} << 48;
  if (o.batches_per_epoch > kMostDraws / o.batch_size)
    throw ArgumentError(format("batches_per_epoch = {} of batch_size = {} are more than the {} examples that an epoch can have",
                               o.batches_per_epoch, o.batch_size, kMostDraws));
}

void append(std::vector<Draw>& to, const std::vector<detail::SampleOrder::Draw>& from, std::int64_t first_example = 0) {
  for (const auto& draw : from) to.push_back({first_example + draw.example, draw.round});
}

class Passes : public Order {
 public:
  Passes(std::int64_t examples, const OrderOptions& options) : examples_(examples), options_(options) {}
  std::int64_t batches() const override { return batches_to_hold(examples_, options_); }
  std::int64_t part_batches() const override { return std::max<std::int64_t>(batches(), 1); }
  EpochOrder part(std::int64_t epoch, std::int64_t first, std::int64_t last) const override {
    const std::int64_t begin = first * options_.batch_size, count = std::min(last * options_.batch_size, examples_) - begin;
    EpochOrder order{.draws = {}, .batches = cut(count, options_.batch_size, last - first), .restarts = {}};
    std::vector<std::int64_t> shuffled;
    if (options_.shuffle) shuffled = Stream(options_.seed, static_cast<std::uint64_t>(epoch), kOrder).permutation(examples_);
    for (std::int64_t i = begin; i < begin + count; ++i)
      order.draws.push_back({options_.shuffle ? shuffled[static_cast<std::size_t>(i)] : i, epoch});
    return order;
  }

 private:
  std::int64_t examples_;
  OrderOptions options_;
};

// Epochs of full batches from an endless row of draws.
class Endless : public Order {
 public:
  Endless(detail::SampleOrder row, const OrderOptions& o) : row_(std::move(row)), batch_size_(o.batch_size), batches_(o.batches_per_epoch) {
    check_epoch(o);
    const double round = row_.round_length() / static_cast<double>(batch_size_);
    if (batches_ == 0) batches_ = std::max<std::int64_t>(1, static_cast<std::int64_t>(round + 0.5));
    part_ = batches_of_a_part(row_.round_length(), o, batches_);
  }
  std::int64_t batches() const override { return batches_; }
  std::int64_t part_batches() const override { return part_; }
  EpochOrder part(std::int64_t epoch, std::int64_t first, std::int64_t last) const override {
    const std::int64_t count = (last - first) * batch_size_;
    EpochOrder order{.draws = {}, .batches = cut(count, batch_size_, last - first), .restarts = {}};
    append(order.draws, row_.draws((epoch * batches_ + first) * batch_size_, count));
    return order;
  }

 private:
  detail::SampleOrder row_;
  std::int64_t batch_size_;
  std::int64_t batches_;
  std::int64_t part_ = 1;
};

class InTurn : public Order {
 public:
  InTurn(const std::vector<std::int64_t>& sizes, Turns turns, const OrderOptions& o) : batch_size_(o.batch_size) {
    check_epoch(o);
    std::int64_t first = 0;
    std::vector<std::int64_t> passes;  // in batches
    for (const std::int64_t size : sizes) {
      rows_.emplace_back(size, o.shuffle, Stream(o.seed, kTurns, rows_.size()).bits64());
      firsts_.push_back(first);
      first += size;
      passes.push_back(std::max<std::int64_t>(1, (size + batch_size_ / 2) / batch_size_));
    }
    turns_ = turns == Turns::by_size ? passes : std::vector<std::int64_t>(sizes.size(), 1);
    make_cycle();
    const std::int64_t one_pass = turns == Turns::by_size
                                      ? std::ssize(cycle_)
                                      : std::ssize(sizes) * *std::max_element(passes.begin(), passes.end());
    batches_ = o.batches_per_epoch > 0 ? o.batches_per_epoch : one_pass;
    part_ = batches_of_a_part(static_cast<double>(first), o, batches_);
  }

  std::int64_t batches() const override { return batches_; }
  std::int64_t part_batches() const override { return part_; }

  // The batches of a set follow each other, so that its draws are made at once.
  EpochOrder part(std::int64_t epoch, std::int64_t first, std::int64_t last) const override {
    std::vector<std::int64_t> begin(rows_.size()), count(rows_.size(), 0);
    EpochOrder order{.draws = {}, .batches = cut((last - first) * batch_size_, batch_size_, last - first), .restarts = {}};
    for (std::int64_t k = first; k < last; ++k) {
      const auto [set, which] = turn(epoch * batches_ + k);
      order.batches[static_cast<std::size_t>(k - first)].set = static_cast<std::int64_t>(set);
      if (count[set]++ == 0) begin[set] = which;
    }
    std::vector<std::vector<Draw>> drawn(rows_.size());
    for (std::size_t set = 0; set < rows_.size(); ++set)
      if (count[set] > 0) append(drawn[set], rows_[set].draws(begin[set] * batch_size_, count[set] * batch_size_), firsts_[set]);
    std::vector<std::int64_t> done(rows_.size(), 0);
    for (const EpochOrder::Batch& batch : order.batches) {
      const auto set = static_cast<std::size_t>(batch.set);
      const auto from = drawn[set].begin() + done[set];
      order.draws.insert(order.draws.end(), from, from + batch_size_);
      done[set] += batch_size_;
    }
    return order;
  }

 private:
  struct Turn {
    std::size_t set;
    std::int64_t which;  // batch of this set
  };

  // Batch k of w of a set stands at (2 k + 1) / 2 w of the cycle.
  void make_cycle() {
    for (std::size_t set = 0; set < turns_.size(); ++set)
      for (std::int64_t k = 0; k < turns_[set]; ++k) cycle_.push_back({set, k});
    std::stable_sort(cycle_.begin(), cycle_.end(), [this](const Turn& a, const Turn& b) {
      return (2 * a.which + 1) * turns_[b.set] < (2 * b.which + 1) * turns_[a.set];
    });
  }

  Turn turn(std::int64_t batch) const {
    const std::int64_t length = std::ssize(cycle_);
    const Turn& at = cycle_[static_cast<std::size_t>(batch % length)];
    return {at.set, batch / length * turns_[at.set] + at.which};
  }

  std::int64_t batch_size_;
  std::int64_t batches_ = 0;
  std::int64_t part_ = 1;
  std::vector<detail::SampleOrder> rows_;
  std::vector<std::int64_t> firsts_;  // number of the first example of a set
  std::vector<std::int64_t> turns_;   // in a cycle
  std::vector<Turn> cycle_;
};

class Streams : public Order {
 public:
  Streams(std::vector<std::int64_t> stretches, const OrderOptions& options) : stretches_(std::move(stretches)), options_(options) {
    check_epoch(options);
    for (const std::int64_t length : stretches_) {
      firsts_.push_back(segments_);
      segments_ += length;
    }
    streams_ = std::min(options_.batch_size, segments_);
    const bool whole = options_.drop_last || options_.batches_per_epoch > 0;
    pass_ = segments_ / streams_ + (segments_ % streams_ > 0 && !whole ? 1 : 0);
  }

  std::int64_t batches() const override { return options_.batches_per_epoch > 0 ? options_.batches_per_epoch : pass_; }

  std::int64_t part_batches() const override { return batches_of_a_part(static_cast<double>(segments_), options_, batches()); }

  EpochOrder part(std::int64_t epoch, std::int64_t first, std::int64_t last) const override {
    EpochOrder order;
    std::int64_t laid_out = -1;
    Row row;
    for (std::int64_t k = first; k < last; ++k) {
      const std::int64_t batch = epoch * batches() + k;
      if (batch / pass_ != laid_out) row = lay_out(laid_out = batch / pass_);
      add_batch(row, batch % pass_, laid_out, order);
    }
    return order;
  }

 private:
  // All segments of a pass; a stretch begins where `begins` says.
  struct Row {
    std::vector<std::int64_t> examples;
    std::vector<bool> begins;
  };

  Row lay_out(std::int64_t pass) const {
    std::vector<std::int64_t> numbers(stretches_.size());
    std::iota(numbers.begin(), numbers.end(), 0);
    if (options_.shuffle) Stream(options_.seed, static_cast<std::uint64_t>(pass), kStretches).shuffle(std::span(numbers));
    Row row;
    for (const std::int64_t number : numbers) {
      const auto stretch = static_cast<std::size_t>(number);
      for (std::int64_t i = 0; i < stretches_[stretch]; ++i) {
        row.examples.push_back(firsts_[stretch] + i);
        row.begins.push_back(i == 0);
      }
    }
    return row;
  }

  void add_batch(const Row& row, std::int64_t step, std::int64_t pass, EpochOrder& order) const {
    const std::int64_t whole = segments_ / streams_, longer = segments_ % streams_;
    const std::int64_t first = std::ssize(order.draws);
    for (std::int64_t k = 0; k < streams_; ++k) {
      if (step >= whole + (k < longer ? 1 : 0)) break;
      const auto at = static_cast<std::size_t>(k * whole + std::min(k, longer) + step);
      order.draws.push_back({row.examples[at], pass});
      order.restarts.push_back(step == 0 || row.begins[at]);
    }
    order.batches.push_back({first, std::ssize(order.draws), 0});
  }

  std::vector<std::int64_t> stretches_;
  OrderOptions options_;
  std::vector<std::int64_t> firsts_;
  std::int64_t segments_ = 0;
  std::int64_t streams_ = 0;
  std::int64_t pass_ = 0;  // batches in it
};

}  // namespace

OrderPtr passes(std::int64_t examples, const OrderOptions& options) {
  if (options.batches_per_epoch == 0) return std::make_shared<Passes>(examples, options);
  return std::make_shared<Endless>(detail::SampleOrder(examples, options.shuffle, options.seed), options);
}

OrderPtr balanced(std::vector<std::int64_t> positives, std::vector<std::int64_t> negatives, double positive_fraction,
                  const OrderOptions& options) {
  detail::SampleOrder row(std::move(positives), std::move(negatives), positive_fraction, options.shuffle, options.seed);
  return std::make_shared<Endless>(std::move(row), options);
}

OrderPtr sets_in_turn(std::vector<std::int64_t> sizes, Turns turns, const OrderOptions& options) {
  for (std::size_t k = 0; k < sizes.size(); ++k)
    if (sizes[k] < 1) throw ArgumentError(format("data set {} of {} is empty and cannot take its turn", k + 1, sizes.size()));
  if (sizes.empty()) throw ArgumentError("there is no data set to take turns");
  return std::make_shared<InTurn>(sizes, turns, options);
}

OrderPtr parallel_streams(std::vector<std::int64_t> stretches, const OrderOptions& options) {
  if (std::accumulate(stretches.begin(), stretches.end(), std::int64_t{0}) < 1)
    throw ArgumentError("the examples do not follow each other, so that there are no streams; tiles of a genome do");
  return std::make_shared<Streams>(std::move(stretches), options);
}

}  // namespace basewise::data
