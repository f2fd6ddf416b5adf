#include "basewise/data/loader.h"

#include <chrono>
#include <condition_variable>
#include <exception>
#include <map>
#include <mutex>
#include <numeric>
#include <span>
#include <thread>
#include <vector>

#include "basewise/core/error.h"
#include "basewise/data/detail/collate.h"
#include "basewise/data/detail/sample_order.h"

namespace basewise::data {

namespace {

// Streams of one (seed, epoch): the order, the state of the whole set, and one per example.
constexpr std::uint64_t kOrder = 1;
constexpr std::uint64_t kEpoch = 2;
constexpr std::uint64_t kExample = 3;

// What all batches of an epoch share.
struct Plan {
  std::int64_t epoch = 0;
  DatasetPtr dataset;
  std::vector<std::int64_t> order;   // empty: as stored
  std::vector<std::int64_t> rounds;  // with a sample order: the pass that each of them belongs to
  Schema schema;                     // of an example, if the data set writes rows
};
using PlanPtr = std::shared_ptr<const Plan>;

using Clock = std::chrono::steady_clock;

// Errors of libtorch carry a stack trace behind the first line, which helps nobody who reads a message.
std::string first_line(const char* text) {
  const std::string whole = text;
  return whole.substr(0, whole.find('\n'));
}

}  // namespace

void describe(Visitor& v, LoaderOptions& o) {
  v("batch_size", o.batch_size, "examples per batch", at_least(1));
  v("shuffle", o.shuffle, "draw a new order of the examples in every epoch");
  v("drop_last", o.drop_last, "leave out a last batch that is not full");
  v("batches_per_epoch", o.batches_per_epoch,
    "full batches in an epoch, of passes over the set that go on from epoch to epoch; 0: an epoch is one pass", non_negative());
  v("sampling", o.sampling,
    "all: every example in each pass; balanced: every positive and every s-th negative, others in the next pass, evenly interleaved",
    one_of({"all", "balanced"}));
  v("positive_fraction", o.positive_fraction,
    "balanced: s is the whole number from which on positives make up this share of a pass or more", between(0.001, 0.999));
  v("workers", o.workers, "threads that prepare batches; 0 prepares them in the calling thread", between(0, 1024));
  v("prefetch", o.prefetch, "batches prepared ahead at most (at least one per worker)", at_least(1));
}

struct Loader::State {
  struct Result {
    Bundle batch;
    std::exception_ptr error;
  };

  DatasetPtr dataset;
  LoaderOptions options;
  std::int64_t batches = 0;
  std::optional<detail::SampleOrder> sample;  // of epochs that are no pass over the set

  mutable std::mutex plan_mutex;
  mutable PlanPtr cached_plan;

  // Everything below is guarded by `mutex`.
  std::mutex mutex;
  std::condition_variable work;   // workers: there may be a batch to prepare
  std::condition_variable ready;  // next(): a batch may have been finished
  PlanPtr plan;
  std::uint64_t generation = 0;  // grows with every start; results of older ones are dropped
  std::int64_t claimed = 0;      // next batch that no worker has taken
  std::int64_t delivered = 0;    // next batch that next() returns
  std::map<std::int64_t, Result> results;
  bool stopping = false;
  double waited = 0;
  std::vector<std::jthread> threads;

  PlanPtr make_plan(std::int64_t epoch) const;
  Bundle make_batch(const Plan& of, std::int64_t index) const;
  Bundle fill_batch(const Plan& of, std::int64_t index, std::span<const std::int64_t> examples) const;
  std::vector<std::int64_t> examples_of(const Plan& of, std::int64_t index) const;
  template <class F>
  auto of_example(const Plan& of, std::int64_t index, std::size_t place, std::int64_t example, F&& f) const;
  Result try_batch(const Plan& of, std::int64_t index) const;
  std::int64_t window() const { return std::max(options.prefetch, options.workers); }
  void run();
  void stop();
};

PlanPtr Loader::State::make_plan(std::int64_t epoch) const {
  const std::lock_guard lock(plan_mutex);
  if (cached_plan && cached_plan->epoch == epoch) return cached_plan;
  auto fresh = std::make_shared<Plan>();
  fresh->epoch = epoch;
  const auto number = static_cast<std::uint64_t>(epoch);
  DatasetPtr changed = dataset->at_epoch(Stream(options.seed, number, kEpoch));
  if (changed && changed->size() != dataset->size())
    throw InternalError(
        format("epoch {}: the data set has {} examples, but {} before; its size may not change", epoch, changed->size(), dataset->size()));
  fresh->dataset = changed ? std::move(changed) : dataset;
  if (fresh->dataset->writes_rows()) fresh->schema = fresh->dataset->schema();
  if (sample) {
    const std::int64_t count = batches * options.batch_size;
    for (const detail::SampleOrder::Draw& draw : sample->draws(epoch * count, count)) {
      fresh->order.push_back(draw.example);
      fresh->rounds.push_back(draw.round);
    }
  } else if (options.shuffle)
    fresh->order = Stream(options.seed, number, kOrder).permutation(dataset->size());
  cached_plan = fresh;
  return fresh;
}

template <class F>
auto Loader::State::of_example(const Plan& of, std::int64_t index, std::size_t place, std::int64_t example, F&& f) const {
  const std::size_t number = static_cast<std::size_t>(index * options.batch_size) + place;
  const std::int64_t pass = of.rounds.empty() ? of.epoch : of.rounds[number];
  const Stream draw = Stream(options.seed, static_cast<std::uint64_t>(pass), kExample).fork(static_cast<std::uint64_t>(example));
  const auto where = [&] { return format("epoch {}, batch {}, example {}", of.epoch, index, example); };
  try {
    return f(draw);
  } catch (Error& error) {
    error.prepend(where());
    throw;
  } catch (const std::exception& error) {
    throw InternalError(format("{}: {}", where(), first_line(error.what())));
  }
}

// Rows are filled where they stay: no example is made, none copied.
Bundle Loader::State::fill_batch(const Plan& of, std::int64_t index, std::span<const std::int64_t> examples) const {
  Bundle batch;
  ExampleRow row;
  for (const Field& field : of.schema) {
    std::vector<std::int64_t> shape{std::ssize(examples)};
    shape.insert(shape.end(), field.shape.begin(), field.shape.end());
    const at::Tensor rows = at::empty(shape, field.type);
    row.add({field.name, field.type, field.shape, rows.nbytes() / std::max<std::size_t>(examples.size(), 1), rows.data_ptr()});
    batch.set(field.name, rows);
  }
  for (std::size_t k = 0; k < examples.size(); ++k) {
    of_example(of, index, k, examples[k], [&](const Stream& draw) { of.dataset->write(examples[k], draw, row); });
    for (ExampleRow::Slot& slot : row.slots()) slot.data = static_cast<char*>(slot.data) + slot.bytes;
  }
  return batch;
}

Bundle Loader::State::make_batch(const Plan& of, std::int64_t index) const {
  const std::vector<std::int64_t> numbers = examples_of(of, index);
  if (of.dataset->writes_rows()) return fill_batch(of, index, numbers);
  std::vector<Bundle> examples;
  examples.reserve(numbers.size());
  for (std::size_t k = 0; k < numbers.size(); ++k)
    examples.push_back(of_example(of, index, k, numbers[k], [&](const Stream& draw) { return of.dataset->get(numbers[k], draw); }));
  return with_context(format("epoch {}, batch {}", of.epoch, index), [&] { return detail::collate(examples); });
}

std::vector<std::int64_t> Loader::State::examples_of(const Plan& of, std::int64_t index) const {
  const std::int64_t begin = index * options.batch_size;
  const std::int64_t all = sample ? std::ssize(of.order) : of.dataset->size();
  const std::int64_t end = std::min(begin + options.batch_size, all);
  std::vector<std::int64_t> numbers;
  for (std::int64_t i = begin; i < end; ++i) numbers.push_back(of.order.empty() ? i : of.order[static_cast<std::size_t>(i)]);
  return numbers;
}

Loader::State::Result Loader::State::try_batch(const Plan& of, std::int64_t index) const {
  Result result;
  try {
    result.batch = make_batch(of, index);
  } catch (...) {
    result.error = std::current_exception();
  }
  return result;
}

void Loader::State::run() {
  std::unique_lock lock(mutex);
  while (true) {
    work.wait(lock, [&] { return stopping || (plan && claimed < batches && claimed < delivered + window()); });
    if (stopping) return;
    const std::int64_t index = claimed++;
    const std::uint64_t mine = generation;
    const PlanPtr of = plan;
    lock.unlock();
    Result result = try_batch(*of, index);
    lock.lock();
    if (mine != generation) continue;
    results.emplace(index, std::move(result));
    ready.notify_all();
  }
}

void Loader::State::stop() {
  {
    const std::lock_guard lock(mutex);
    stopping = true;
  }
  work.notify_all();
  threads.clear();
}

namespace {

std::optional<detail::SampleOrder> make_sample(const Dataset& set, const LoaderOptions& o) {
  if (o.sampling == "all") {
    if (o.batches_per_epoch == 0) return std::nullopt;
    return detail::SampleOrder(set.size(), o.shuffle, o.seed);
  }
  std::vector<std::int64_t> positives;
  std::vector<std::int64_t> negatives;
  for (std::int64_t i = 0; i < set.size(); ++i) (set.positive(i) ? positives : negatives).push_back(i);
  return detail::SampleOrder(std::move(positives), std::move(negatives), o.positive_fraction, o.shuffle, o.seed);
}

std::int64_t batches_of(const LoaderOptions& o, std::int64_t examples, const std::optional<detail::SampleOrder>& sample) {
  if (o.batches_per_epoch > 0) return o.batches_per_epoch;
  if (sample) return std::max<std::int64_t>(1, static_cast<std::int64_t>(sample->round_length() / static_cast<double>(o.batch_size) + 0.5));
  return o.drop_last ? examples / o.batch_size : (examples + o.batch_size - 1) / o.batch_size;
}

}  // namespace

Loader::Loader(DatasetPtr dataset, LoaderOptions options) : state_(std::make_unique<State>()) {
  if (!dataset) throw ArgumentError("a loader needs a data set, got none");
  check(described(options), "loader");
  state_->sample = with_context("loader", [&] { return make_sample(*dataset, options); });
  state_->batches = batches_of(options, dataset->size(), state_->sample);
  state_->dataset = std::move(dataset);
  state_->options = options;
  try {
    for (std::int64_t i = 0; i < options.workers; ++i) state_->threads.emplace_back([state = state_.get()] { state->run(); });
  } catch (...) {
    state_->stop();
    throw;
  }
}

Loader::~Loader() { state_->stop(); }

std::int64_t Loader::batches() const { return state_->batches; }

void Loader::start(std::int64_t epoch, std::int64_t first_batch) {
  if (epoch < 0) throw ArgumentError(format("epoch {} is negative", epoch));
  if (first_batch < 0 || first_batch > state_->batches)
    throw ArgumentError(format("cannot start at batch {}: an epoch has batches 0 to {}", first_batch, state_->batches - 1));
  PlanPtr plan = state_->make_plan(epoch);
  {
    const std::lock_guard lock(state_->mutex);
    state_->plan = std::move(plan);
    ++state_->generation;
    state_->claimed = state_->delivered = first_batch;
    state_->results.clear();
    state_->waited = 0;
  }
  state_->work.notify_all();
}

std::optional<Bundle> Loader::next() {
  State& s = *state_;
  if (!s.plan) start(0);
  std::unique_lock lock(s.mutex);
  if (s.delivered >= s.batches) return std::nullopt;
  const auto begin = Clock::now();
  State::Result result;
  if (s.threads.empty()) {
    result = s.try_batch(*s.plan, s.delivered);
  } else {
    s.ready.wait(lock, [&] { return s.results.contains(s.delivered); });
    result = std::move(s.results.extract(s.delivered).mapped());
  }
  s.waited += std::chrono::duration<double>(Clock::now() - begin).count();
  ++s.delivered;
  lock.unlock();
  s.work.notify_all();
  if (result.error) std::rethrow_exception(result.error);
  return std::move(result.batch);
}

Bundle Loader::batch(std::int64_t epoch, std::int64_t index) const {
  if (index < 0 || index >= state_->batches)
    throw ArgumentError(format("batch {} does not exist: an epoch has batches 0 to {}", index, state_->batches - 1));
  return state_->make_batch(*state_->make_plan(epoch), index);
}

std::vector<std::int64_t> Loader::examples(std::int64_t epoch, std::int64_t index) const {
  return state_->examples_of(*state_->make_plan(epoch), index);
}

double Loader::seconds_waited() const {
  const std::lock_guard lock(state_->mutex);
  return state_->waited;
}

}  // namespace basewise::data
