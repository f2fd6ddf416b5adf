#include "basewise/data/loader.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <map>
#include <mutex>
#include <span>
#include <thread>
#include <vector>

#include "basewise/core/error.h"
#include "basewise/data/detail/collate.h"
#include "basewise/data/detail/loader_order.h"

namespace basewise::data {

namespace {

// Streams of one (seed, epoch): the state of the whole set, one per example, one per batch.
// The order has streams of its own.
constexpr std::uint64_t kEpoch = 2;
constexpr std::uint64_t kExample = 3;
constexpr std::uint64_t kBatch = 4;

// What all batches of an epoch share.
struct Plan {
  std::int64_t epoch = 0;
  DatasetPtr dataset;
  std::vector<Schema> schemas;  // of each of several data sets, if they write rows
};
using PlanPtr = std::shared_ptr<const Plan>;

// Some batches of an epoch, from number `first` on.
struct Part {
  std::int64_t epoch = 0;
  std::int64_t first = 0;
  EpochOrder order;

  const EpochOrder::Batch& batch(std::int64_t index) const { return order.batches[static_cast<std::size_t>(index - first)]; }
  std::span<const Draw> draws(std::int64_t index) const {
    return std::span(order.draws).subspan(static_cast<std::size_t>(batch(index).first),
                                          static_cast<std::size_t>(batch(index).last - batch(index).first));
  }
};
using PartPtr = std::shared_ptr<const Part>;

using Clock = std::chrono::steady_clock;

// Errors of libtorch carry a stack trace behind the first line, which helps nobody who reads a
// message.
std::string first_line(const char* text) {
  const std::string whole = text;
  return whole.substr(0, whole.find('\n'));
}

}  // namespace

void describe(Visitor& v, LoaderOptions& o) {
  v("batch_size", o.batch_size, "examples per batch", counted(1));
  v("shuffle", o.shuffle, "draw a new order of the examples in every epoch");
  v("drop_last", o.drop_last, "leave out a last batch that is not full");
  v("batches_per_epoch", o.batches_per_epoch,
    "full batches in an epoch, of passes over the set that go on from epoch to epoch; 0: an epoch is one pass", non_negative());
  v("sampling", o.sampling, "which examples an epoch draws");
  v("positive_fraction", o.positive_fraction,
    "balanced: s is the whole number from which on positives make up this share of a pass or more", between(0.001, 0.999));
  v("turns", o.turns, "how often each of several data sets has its turn");
  v("workers", o.workers, "threads that prepare batches; 0 prepares them in the calling thread", between(0, 1024));
  v("prefetch", o.prefetch, "batches prepared ahead at most (at least one per worker)", counted(1));
}

struct Loader::State {
  struct Result {
    Bundle batch;
    std::exception_ptr error;
  };

  DatasetPtr dataset;
  LoaderOptions options;
  OrderPtr order;
  std::int64_t batches = 0;

  mutable std::mutex plan_mutex;
  mutable PlanPtr cached_plan;
  mutable std::mutex part_mutex;
  mutable std::array<PartPtr, 2> cached_parts;  // the newest first

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

  void check_index(std::int64_t index) const;
  PlanPtr make_plan(std::int64_t epoch) const;
  PartPtr make_part(std::int64_t epoch, std::int64_t index) const;
  Bundle make_batch(const Plan& of, std::int64_t index) const;
  Bundle fill_batch(const Plan& of, const Part& part, std::int64_t index) const;
  Bundle collect_batch(const Plan& of, const Part& part, std::int64_t index) const;
  template <class F>
  auto of_example(const Plan& of, std::int64_t index, const Draw& drawn, F&& f) const;
  Result try_batch(const Plan& of, std::int64_t index) const;
  std::int64_t window() const { return std::max(options.prefetch, options.workers); }
  void run();
  void stop();
};

void Loader::State::check_index(std::int64_t index) const {
  if (index < 0 || index >= batches)
    throw ArgumentError(format("batch {} does not exist: an epoch has batches 0 to {}", index, batches - 1));
}

PlanPtr Loader::State::make_plan(std::int64_t epoch) const {
  const std::lock_guard lock(plan_mutex);
  if (cached_plan && cached_plan->epoch == epoch) return cached_plan;
  auto fresh = std::make_shared<Plan>();
  fresh->epoch = epoch;
  const auto number = static_cast<std::uint64_t>(epoch);
  DatasetPtr changed = dataset->at_epoch(Stream(options.seed, number, kEpoch), epoch);
  if (changed && changed->size() != dataset->size())
    throw InternalError(
        format("epoch {}: the data set has {} examples, but {} before; its size may not change", epoch, changed->size(), dataset->size()));
  fresh->dataset = changed ? std::move(changed) : dataset;
  if (fresh->dataset->writes_rows())
    for (std::int64_t set = 0; set < std::ssize(fresh->dataset->set_sizes()); ++set)
      fresh->schemas.push_back(fresh->dataset->schema().of_set(set));
  cached_plan = fresh;
  return fresh;
}

// The part of an epoch that holds a batch. Batches are asked for nearly in order: where two parts
// meet, some workers still need the first.
PartPtr Loader::State::make_part(std::int64_t epoch, std::int64_t index) const {
  const std::lock_guard lock(part_mutex);
  const std::int64_t size = order->part_batches(), first = index / size * size;
  for (const PartPtr& known : cached_parts)
    if (known && known->epoch == epoch && known->first == first) return known;
  auto fresh = std::make_shared<Part>();
  fresh->epoch = epoch;
  fresh->first = first;
  fresh->order = order->part(epoch, first, std::min(first + size, batches));
  cached_parts = {fresh, cached_parts[0]};
  return fresh;
}

template <class F>
auto Loader::State::of_example(const Plan& of, std::int64_t index, const Draw& drawn, F&& f) const {
  const Stream draw =
      Stream(options.seed, static_cast<std::uint64_t>(drawn.pass), kExample).fork(static_cast<std::uint64_t>(drawn.example));
  const auto where = [&] { return format("epoch {}, batch {}, example {}", of.epoch, index, drawn.example); };
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
Bundle Loader::State::fill_batch(const Plan& of, const Part& part, std::int64_t index) const {
  const std::span<const Draw> draws = part.draws(index);
  Bundle batch;
  ExampleRow row;
  for (const Field& field : of.schemas[static_cast<std::size_t>(part.batch(index).set)]) {
    std::vector<std::int64_t> shape{std::ssize(draws)};
    shape.insert(shape.end(), field.shape.begin(), field.shape.end());
    const at::Tensor rows = at::empty(shape, field.type);
    row.add({field.name, field.type, field.shape, rows.nbytes() / draws.size(), rows.data_ptr()});
    batch.set(field.name, rows);
  }
  for (const Draw& drawn : draws) {
    of_example(of, index, drawn, [&](const Stream& draw) { of.dataset->write(drawn.example, draw, row); });
    for (ExampleRow::Slot& slot : row.slots()) slot.data = static_cast<char*>(slot.data) + slot.bytes;
  }
  return batch;
}

Bundle Loader::State::collect_batch(const Plan& of, const Part& part, std::int64_t index) const {
  std::vector<Bundle> examples;
  for (const Draw& drawn : part.draws(index))
    examples.push_back(of_example(of, index, drawn, [&](const Stream& draw) { return of.dataset->get(drawn.example, draw); }));
  return with_context(format("epoch {}, batch {}", of.epoch, index), [&] { return detail::collate(examples); });
}

Bundle Loader::State::make_batch(const Plan& of, std::int64_t index) const {
  const PartPtr part = make_part(of.epoch, index);
  Bundle batch = of.dataset->writes_rows() ? fill_batch(of, *part, index) : collect_batch(of, *part, index);
  if (of.dataset->finishes_batches())
    with_context(format("epoch {}, batch {}", of.epoch, index), [&] {
      const Stream draw = Stream(options.seed, static_cast<std::uint64_t>(of.epoch), kBatch).fork(static_cast<std::uint64_t>(index));
      of.dataset->finish_batch(batch, draw);
    });
  const std::vector<bool>& restarts = part->order.restarts;
  if (restarts.empty()) return batch;
  const EpochOrder::Batch& where = part->batch(index);
  at::Tensor restart = at::empty({where.last - where.first}, at::kBool);
  std::copy(restarts.begin() + where.first, restarts.begin() + where.last, restart.data_ptr<bool>());
  batch.set("restart", std::move(restart));
  return batch;
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

LoaderOptions checked(const DatasetPtr& dataset, LoaderOptions options) {
  if (!dataset) throw ArgumentError("a loader needs a data set, got none");
  check(described(options), "loader");
  return options;
}

OrderPtr checked_order(const DatasetPtr& dataset, const LoaderOptions& options) {
  const LoaderOptions known = checked(dataset, options);
  return with_context("loader", [&] { return detail::order_of(*dataset, known); });
}

}  // namespace

Loader::Loader(DatasetPtr dataset, LoaderOptions options)
    : Loader(dataset, options, checked_order(dataset, options)) {}

Loader::Loader(DatasetPtr dataset, LoaderOptions options, OrderPtr order) : state_(std::make_unique<State>()) {
  state_->options = checked(dataset, options);
  if (!order) throw ArgumentError("a loader needs an order, got none");
  state_->batches = order->batches();
  state_->order = std::move(order);
  state_->dataset = std::move(dataset);
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
  state_->check_index(index);
  return state_->make_batch(*state_->make_plan(epoch), index);
}

std::vector<std::int64_t> Loader::examples(std::int64_t epoch, std::int64_t index) const {
  state_->check_index(index);
  std::vector<std::int64_t> numbers;
  for (const Draw& drawn : state_->make_part(epoch, index)->draws(index)) numbers.push_back(drawn.example);
  return numbers;
}

double Loader::seconds_waited() const {
  const std::lock_guard lock(state_->mutex);
  return state_->waited;
}

}  // namespace basewise::data
