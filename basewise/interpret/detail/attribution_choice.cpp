#include "basewise/interpret/detail/attribution_choice.h"

#include <algorithm>
#include <cmath>
#include <span>

#include "basewise/core/progress.h"
#include "basewise/core/random.h"
#include "basewise/io/npz.h"
#include "basewise/io/npz_writer.h"
#include "basewise/tensor/tensors.h"

namespace basewise::interpret::detail {
namespace {

constexpr const char* kNumbers = "numbers";

/// The `most` examples of the largest keys, in the memory of as many.
class Largest {
 public:
  explicit Largest(std::int64_t most) : most_(static_cast<std::size_t>(most)) {}

  void add(double key, std::int64_t number) {
    if (heap_.size() == most_ && !before({key, number}, heap_.front())) return;
    heap_.push_back({key, number});
    std::push_heap(heap_.begin(), heap_.end(), before);
    if (heap_.size() <= most_) return;
    std::pop_heap(heap_.begin(), heap_.end(), before);
    heap_.pop_back();
  }

  std::vector<std::int64_t> numbers() const {
    std::vector<std::int64_t> all;
    for (const auto& [key, number] : heap_) all.push_back(number);
    std::sort(all.begin(), all.end());
    return all;
  }

 private:
  using Item = std::pair<double, std::int64_t>;
  // What is no number comes last; of equal keys the first example comes first.
  static bool before(const Item& a, const Item& b) {
    const bool no_a = std::isnan(a.first), no_b = std::isnan(b.first);
    if (no_a || no_b) return no_a == no_b ? a.second < b.second : no_b;
    return a.first != b.first ? a.first > b.first : a.second < b.second;
  }

  std::size_t most_;
  std::vector<Item> heap_ = {};  ///< the least of them in front
};

bool every(std::int64_t) { return true; }

std::vector<std::int64_t> of_largest_target(run::ExampleSource& source, const run::OpenRun& run, const AttributeOptions& o,
                                            const Target& target) {
  Largest best(o.max);
  const infer::ScoreFn score = run.score(run::strategy_of(o.strand_strategy, run));
  Progress progress("predict", -1, "examples");
  while (const auto batch = source.next(64, every)) {
    const at::Tensor values = target(score(batch->inputs)).to(at::kCPU, at::kFloat).contiguous();
    for (std::int64_t i = 0; i < batch->size(); ++i)
      best.add(float_span(values)[static_cast<std::size_t>(i)], batch->numbers[static_cast<std::size_t>(i)]);
    progress.advance(batch->size());
  }
  progress.finish();
  return best.numbers();
}

std::vector<std::int64_t> at_random(std::int64_t examples, const AttributeOptions& o) {
  constexpr std::uint64_t kChoice = 0x43686f6f7365;
  Largest drawn(o.max);
  for (std::int64_t i = 0; i < examples; ++i) drawn.add(Stream(o.seed, kChoice, static_cast<std::uint64_t>(i)).uniform(), i);
  return drawn.numbers();
}

}  // namespace

std::optional<std::int64_t> Chosen::place_of(std::int64_t number) const {
  if (!numbers_) return number;
  const auto at = std::lower_bound(numbers_->begin(), numbers_->end(), number);
  if (at == numbers_->end() || *at != number) return std::nullopt;
  return at - numbers_->begin();
}

Chosen choose_examples(run::ExampleSource& source, std::int64_t examples, const run::OpenRun& run, const AttributeOptions& o,
                       const Target& target, const std::filesystem::path& file) {
  if (o.max == 0 || o.max >= examples) return Chosen(examples);
  if (std::filesystem::exists(file)) {
    const io::Array kept = io::NpzFile(file).read(kNumbers);
    const auto numbers = kept.as<std::int64_t>();
    return Chosen(std::vector<std::int64_t>(numbers.begin(), numbers.end()));
  }
  const bool predicted = o.choose == AttributeChoice::prediction;
  std::vector<std::int64_t> numbers = predicted ? of_largest_target(source, run, o, target) : at_random(examples, o);
  if (predicted) source.rewind();
  io::NpzWriter out(file);
  out.add(kNumbers, io::TensorView::of(std::span<const std::int64_t>(numbers), {std::ssize(numbers)}));
  out.close();
  return Chosen(std::move(numbers));
}

}  // namespace basewise::interpret::detail
