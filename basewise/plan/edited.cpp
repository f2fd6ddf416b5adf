#include "basewise/plan/edited.h"

#include <algorithm>
#include <mutex>

#include "basewise/core/error.h"
#include "basewise/ops/native.h"
#include "basewise/plan/detail/compiled.h"
#include "basewise/plan/detail/edit_flat.h"
#include "basewise/plan/detail/edit_tiles.h"
#include "basewise/plan/detail/edit_worker.h"
#include "basewise/plan/detail/weights.h"
#include "basewise/tensor/scopes.h"

namespace basewise::plan {

using namespace detail;  // NOLINT: this source is made of the pieces in there

namespace {

// Rows in work of one thread: about as much as its share of cache, and enough edits that weights
// are not read for a few rows alone.
constexpr Index kWorkBytes = Index{4} << 20;
constexpr Index kLeastEdits = 4, kMostEdits = 256;

// Beyond this share of a whole pass the many small steps cost more than they spare.
constexpr double kMostWork = 0.6;

std::vector<nn::Graph::Head> heads_of(const nn::Graph& graph, const std::vector<std::string>& wanted) {
  if (wanted.empty()) return graph.heads();
  std::vector<nn::Graph::Head> heads;
  for (const std::string& name : wanted) {
    const auto found = std::find_if(graph.heads().begin(), graph.heads().end(), [&](const auto& h) { return h.name == name; });
    if (found == graph.heads().end()) {
      std::vector<std::string> known;
      for (const auto& h : graph.heads()) known.push_back(h.name);
      throw ArgumentError(format("the model has no output '{}'; it has {}", name, fmt::join(known, ", ")));
    }
    heads.push_back(*found);
  }
  return heads;
}

at::Tensor rows_of_letters(const at::Tensor& x) { return is_tokens(x) ? one_hot_of(x, at::kFloat) : channels_as_neighbours(x); }

}  // namespace

SequenceEdit changed_letters(std::span<const std::uint8_t> before, std::span<const std::uint8_t> after, std::int64_t example) {
  if (before.size() != after.size())
    throw ArgumentError(format("an edited sequence has the length of the other: {} and {} letters", after.size(), before.size()));
  std::size_t begin = 0, end = after.size();
  while (begin < end && before[begin] == after[begin]) ++begin;
  while (end > begin && before[end - 1] == after[end - 1]) --end;
  const auto letters = after.subspan(begin, end - begin);
  return {example, static_cast<std::int64_t>(begin), {letters.begin(), letters.end()}};
}

struct EditedPlan::State {
  State(std::vector<std::uint64_t> from, const nn::Graph& graph, const std::vector<nn::Graph::Head>& heads, int input)
      : made_from(std::move(from)), edited(input) {
    std::vector<int> slots;
    for (const auto& head : heads) slots.push_back(head.slot), names.push_back(head.name);
    split = split_for_edits(lower(graph, slots, PlanJoined::factors), input);
    rest = std::make_unique<CompiledProgram>(split.rest);
    limits.cache = default_cache();
  }

  void fit(const std::vector<at::Tensor>& given) {
    std::vector<Index> lengths = lengths_of(split.program, given);
    if (geometry && geometry->lengths() == lengths) return;
    weights = std::make_unique<EditWeights>(split, lengths);
    geometry = std::make_unique<EditGeometry>(split, std::move(lengths));
    PlanProgram program = split.reference;
    program.outputs.clear();
    for (const int value : split.kept) add_output(program, value, geometry->kept(value), geometry->length(value));
    reference = std::make_unique<CompiledProgram>(std::move(program));
    tiles = std::make_unique<EditTiles>(split);
    kept = {};
    examples = 0;
  }

  Bundle named(const std::vector<at::Tensor>& outputs) const {
    Bundle all;
    for (std::size_t i = 0; i < outputs.size(); ++i) all.set(names[i], outputs[i]);
    return all;
  }

  const at::Tensor& kept_of(int value) const { return kept.of(split, value); }
  Index step() const { return geometry->interior() ? tiles->step() : 0; }

  std::unique_ptr<EditWorker> take() {
    const std::scoped_lock lock(guard);
    if (workers.empty()) return std::make_unique<EditWorker>();
    auto one = std::move(workers.back());
    workers.pop_back();
    return one;
  }
  void give(std::unique_ptr<EditWorker> one) {
    const std::scoped_lock lock(guard);
    workers.push_back(std::move(one));
  }

  std::vector<std::uint64_t> made_from;
  int edited;
  std::vector<std::string> names;
  EditSplit split;
  std::unique_ptr<CompiledProgram> reference, rest;
  std::unique_ptr<EditTiles> tiles;
  std::unique_ptr<EditWeights> weights;
  std::unique_ptr<EditGeometry> geometry;
  PlanLimits limits;
  EditReference kept;
  at::Tensor sequence;
  Index examples = 0, length = 0;
  double passes = 0;
  std::mutex guard;
  std::vector<std::unique_ptr<EditWorker>> workers;
};

EditedPlan::EditedPlan(nn::Model& model, EditedOptions options) : model_(model), options_(std::move(options)) {}
EditedPlan::~EditedPlan() = default;

std::string EditedPlan::refusal(const Bundle& inputs) const {
  if (ops::chosen_kernels() != ops::Kernels::basewise) return "other kernels than those of basewise are chosen";
  if (model_.graph() == nullptr) return "the model is not made of layers";
  if (!are_plannable(tensors_of(model_))) return "weights are not single precision numbers on the CPU";
  const auto names = model_.input_names();
  if (std::find(names.begin(), names.end(), options_.input) == names.end()) return format("the model has no input '{}'", options_.input);
  for (const auto& [name, value] : inputs) {
    if (std::find(names.begin(), names.end(), name) == names.end()) continue;
    if (!value.device().is_cpu()) return "inputs are not on the CPU";
    if (name == options_.input && !is_tokens(value) && (value.dim() != 3 || value.size(1) != 4))
      return format("input '{}' is no DNA: its shape is not (N, 4, length)", name);
  }
  return {};
}

EditedPlan::Costs EditedPlan::costs(const Bundle& inputs) {
  const std::vector<at::Tensor> given = prepared(inputs);
  const EditSplit& split = state_->split;
  const auto numbers = [&](int value) { return std::max<Index>(1, state_->geometry->length(value)) * split.op(value).channels; };
  Costs costs;
  for (const int value : split.kept)
    costs.example += std::max<Index>(1, state_->geometry->kept(value).count()) * split.op(value).channels * Index{sizeof(float)};
  for (const int value : split.fed) costs.edit += numbers(value) * Index{sizeof(float)};
  for (std::size_t i = 0; i < split.roles.size(); ++i) {
    const PlanOp& o = split.program.ops[i];
    const Index size = numbers(static_cast<int>(i)) * Index{sizeof(float)};
    if (split.roles[i] == EditRole::whole) costs.edit += size;
    if (split.roles[i] == EditRole::passed) costs.edit += numbers(o.sources.front()) * Index{sizeof(float)};
    if (split.roles[i] == EditRole::total && o.pooling == kernels::Pooling::largest)
      costs.example += 2 * numbers(o.sources.front()) * Index{sizeof(float)};
  }
  return costs;
}

// The inputs of the graph; makes what is not there or has changed.
std::vector<at::Tensor> EditedPlan::prepared(const Bundle& inputs) {
  const EvalScope mode(model_);
  const NoGradScope no_grad;
  if (const std::string why = refusal(inputs); !why.empty()) throw ArgumentError(format("edits cannot be planned: {}", why));
  std::vector<at::Tensor> given = model_.graph_inputs(inputs);
  const auto names = model_.input_names();
  const auto input = static_cast<int>(std::find(names.begin(), names.end(), options_.input) - names.begin());
  std::vector<std::uint64_t> now = fingerprints(tensors_of(model_));
  if (!state_ || state_->made_from != now) {
    const double passes = this->passes();
    state_ = std::make_unique<State>(std::move(now), *model_.graph(), heads_of(*model_.graph(), options_.heads), input);
    state_->passes = passes;
  }
  at::Tensor& x = given[static_cast<std::size_t>(input)];
  x = rows_of_letters(x);
  state_->fit(given);
  return given;
}

Bundle EditedPlan::keep(const Bundle& inputs) {
  const std::vector<at::Tensor> given = prepared(inputs);
  const NoGradScope no_grad;
  State& s = *state_;
  s.sequence = given[static_cast<std::size_t>(s.edited)];
  s.examples = s.sequence.size(0), s.length = s.sequence.size(2);
  s.kept = {};
  if (s.examples == 0) throw ArgumentError("a reference pass of no sequences");
  s.kept.views.first = first_rows(s.split, *s.geometry);
  s.kept.kept = s.reference->run(given, s.limits);
  for (std::size_t i = 0; i < s.split.kept.size(); ++i) {
    at::Tensor& x = s.kept.kept[i];
    x = s.split.op(s.split.kept[i]).positions && !is_tokens(x) ? channels_as_neighbours(x) : x.contiguous();
  }
  for (std::size_t i = 0; i < s.split.roles.size(); ++i) {
    const PlanOp& o = s.split.program.ops[i];
    if (s.split.roles[i] != EditRole::total || o.pooling != kernels::Pooling::largest) continue;
    const int source = o.sources.front();
    s.kept.largest.try_emplace(source, running_largest(s.kept_of(source)));
  }
  s.passes += static_cast<double>(s.examples);
  std::vector<at::Tensor> fed;
  for (const int value : s.split.fed) fed.push_back(s.kept_of(value));
  return s.named(s.rest->run(fed, s.limits));
}

std::int64_t EditedPlan::window_step(const Bundle& inputs) {
  prepared(inputs);
  return state_->step();
}

Bundle EditedPlan::keep(const Bundle& inputs, std::span<const SequenceWindow> windows, std::int64_t length) {
  const at::Tensor& letters = inputs.at(options_.input);
  if (length < 1 || length > letters.size(-1) || windows.empty())
    throw ArgumentError(format("{} windows of {} letters of sequences of {}", windows.size(), length, letters.size(-1)));
  Bundle first = inputs;
  first.set(options_.input, letters.narrow(-1, 0, length));
  std::vector<at::Tensor> given = prepared(first);
  const NoGradScope no_grad;
  State& s = *state_;
  const Index step = s.step();
  if (step == 0) throw ArgumentError("windows of longer sequences share no rows in this model");
  for (const SequenceWindow& w : windows)
    if (w.example < 0 || w.example >= letters.size(0) || w.begin < 0 || w.begin + length > letters.size(-1) || w.begin % step != 0)
      throw ArgumentError(
          format("a window begins at letter {} of sequence {}: there are {} sequences of {} letters, windows of {} and steps of {}",
                 w.begin, w.example, letters.size(0), letters.size(-1), length, step));
  s.sequence = given[static_cast<std::size_t>(s.edited)] = rows_of_letters(letters);
  s.examples = std::ssize(windows), s.length = length;
  s.kept = s.tiles->run(given, windows, *s.geometry, s.limits);
  s.passes += s.geometry->whole_work() > 0 ? s.tiles->work() / s.geometry->whole_work() : static_cast<double>(s.examples);
  std::vector<at::Tensor> fed;
  for (const int value : s.split.fed) fed.push_back(s.tiles->fed(value, s.kept, *s.geometry));
  return s.named(s.rest->run(fed, s.limits));
}

Bundle EditedPlan::operator()(std::span<const SequenceEdit> edits) {
  if (!state_ || state_->examples == 0) throw InternalError("edits of sequences without a reference pass");
  const NoGradScope no_grad;
  State& s = *state_;
  const auto n = static_cast<Index>(edits.size());
  s.geometry->forget();
  EditCall call{s.split, *s.weights, *s.geometry, s.kept, s.sequence, edits, {}, {}, {}};
  std::map<std::vector<std::int32_t>, std::vector<Index>> groups;
  std::vector<std::int64_t> examples;
  for (Index e = 0; e < n; ++e) {
    const SequenceEdit& edit = edits[static_cast<std::size_t>(e)];
    const auto end = edit.begin + static_cast<Index>(edit.letters.size());
    if (edit.example < 0 || edit.example >= s.examples || edit.begin < 0 || end > s.length)
      throw ArgumentError(format("letters [{}, {}) of sequence {} are edited, but there are {} sequences of {} letters", edit.begin, end,
                                 edit.example, s.examples, s.length));
    s.passes += share(edit);
    call.windows.push_back(&(*s.geometry)(edit.begin, end));
    examples.push_back(edit.example);
    groups[call.windows.back()->shape].push_back(e);
  }
  const at::Tensor rows = at::tensor(examples, at::kLong);
  for (const int value : s.split.fed) {
    const PlanOp& o = s.split.op(value);
    if (s.split.role(value) == EditRole::held)
      call.fed.push_back(s.kept_of(value).index_select(0, rows));
    else
      call.fed.push_back(o.positions ? at::empty({n, s.geometry->length(value), o.channels}, at::kFloat).transpose(1, 2)
                                     : at::empty({n, o.channels}, at::kFloat));
  }
  place_flats(call);
  struct Chunk {
    const EditMemory* memory;
    std::span<const Index> members;
  };
  std::vector<EditMemory> memories;
  memories.reserve(groups.size());
  std::vector<Chunk> chunks;
  // A few shapes are shared by all threads.
  const Index pieces = std::max<Index>(1, 2 * at::get_num_threads() / std::max<Index>(1, static_cast<Index>(groups.size())));
  for (const auto& [shape, members] : groups) {
    memories.push_back(place_edits(s.split, *call.windows[static_cast<std::size_t>(members.front())]));
    const Index fits = kWorkBytes / (std::max<Index>(1, memories.back().size) * Index{sizeof(float)});
    const auto all = static_cast<Index>(members.size());
    const Index each = std::clamp<Index>(std::min(fits, (all + pieces - 1) / pieces), kLeastEdits, kMostEdits);
    for (Index first = 0; first < all; first += each)
      chunks.push_back({&memories.back(), {members.data() + first, static_cast<std::size_t>(std::min(each, all - first))}});
  }
  (*ops::native_run().executor)(static_cast<Index>(chunks.size()), [&](Index i) {
    auto worker = s.take();
    worker->run(call, *chunks[static_cast<std::size_t>(i)].memory, chunks[static_cast<std::size_t>(i)].members);
    s.give(std::move(worker));
  });
  multiply_flats(call);
  return s.named(s.rest->run(call.fed, s.limits));
}

// Of the multiplications of a whole pass.
double EditedPlan::share(const SequenceEdit& edit) const {
  if (!state_ || !state_->geometry) throw InternalError("edits of sequences without a reference pass");
  const double whole = state_->geometry->whole_work();
  return whole <= 0 ? 0 : (*state_->geometry)(edit.begin, edit.begin + static_cast<Index>(edit.letters.size())).work / whole;
}

bool EditedPlan::pays(const SequenceEdit& edit) const { return share(edit) < kMostWork; }

double EditedPlan::passes() const { return state_ ? state_->passes : 0; }

std::vector<std::string> EditedPlan::behind() const { return state_ ? state_->split.behind : std::vector<std::string>{}; }

}  // namespace basewise::plan
