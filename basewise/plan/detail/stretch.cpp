#include "basewise/plan/detail/stretch.h"

#include <algorithm>
#include <mutex>

#include "basewise/ops/native.h"
#include "basewise/plan/detail/worker.h"

namespace basewise::plan::detail {

// Memory that is kept from run to run: for values that lie whole, by example in work; for stages,
// by thread.
struct StretchRunner::Memory {
  std::mutex guard;
  std::vector<std::unique_ptr<PlanExample>> examples;
  std::vector<std::unique_ptr<PlanNumbers>> stages;

  template <class T>
  std::unique_ptr<T> take(std::vector<std::unique_ptr<T>>& from) {
    const std::scoped_lock lock(guard);
    if (from.empty()) return std::make_unique<T>();
    std::unique_ptr<T> one = std::move(from.back());
    from.pop_back();
    return one;
  }
  template <class T>
  void give(std::vector<std::unique_ptr<T>>& to, std::unique_ptr<T> one) {
    const std::scoped_lock lock(guard);
    to.push_back(std::move(one));
  }
};

StretchRunner::StretchRunner(const PlanProgram& program, PackedProgram& packed, PlanStretch stretch)
    : program_(program), packed_(packed), stretch_(std::move(stretch)), memory_(std::make_unique<Memory>()) {}
StretchRunner::~StretchRunner() = default;

// A loaded sequence can be read as tokens when convolutions with one dilation alone read it.
// That dilation; 0: it cannot.
Index StretchRunner::tokens_dilation(int value) const {
  Index dilation = 0;
  if (std::find(stretch_.exports.begin(), stretch_.exports.end(), value) != stretch_.exports.end()) return 0;
  for (const PlanStretch::Item& i : stretch_.items) {
    if (i.load) continue;
    const PlanOp& o = program_.ops[static_cast<std::size_t>(i.value)];
    for (std::size_t k = 0; k < o.sources.size(); ++k) {
      if (o.sources[k] != value) continue;
      if (k > 0 || o.kind != PlanKind::conv || !kernels::takes_tokens(o.shape(), kernels::default_isa())) return 0;
      if (dilation != 0 && o.settings.dilation != dilation) return 0;
      dilation = o.settings.dilation;
    }
  }
  return dilation;
}

const PlanLayout& StretchRunner::layout(const std::vector<Index>& lengths, const PlanLimits& limits) {
  std::vector<Index> key = lengths;
  key.insert(key.end(), {limits.cache, limits.strips, limits.rows, limits.winograd ? 1 : 0});
  const std::scoped_lock lock(memory_->guard);
  const auto found = layouts_.find(key);
  if (found != layouts_.end()) return found->second;
  constexpr std::size_t kMostLayouts = 64;  // inputs of ever new lengths
  if (layouts_.size() >= kMostLayouts) layouts_.clear();
  const PlanLayout& made = layouts_.emplace(key, make_layout(program_, stretch_, lengths, limits)).first->second;
  packed_.prepare(made);
  return made;
}

void StretchRunner::run(std::vector<at::Tensor>& values, const std::vector<Index>& lengths, PlanLimits limits) {
  const Index threads = at::in_parallel_region() ? 1 : at::get_num_threads();
  Index examples = 0;
  for (const PlanStretch::Item& i : stretch_.items)
    if (i.load) examples = values[static_cast<std::size_t>(i.value)].size(0);
  // Few examples are cut, so that every thread gets some of each; an example is computed by one
  // thread where there are enough of them.
  const bool whole_examples = threads == 1 || examples % threads == 0 || examples >= 4 * threads;
  limits.strips = whole_examples ? 1 : std::max(limits.strips, (2 * threads + examples - 1) / examples);
  limits.winograd = ops::native_run().winograd;
  PlanCall call{program_, packed_, stretch_, layout(lengths, limits), values, {}, {}};
  const auto channels = [&](int value) { return program_.ops[static_cast<std::size_t>(value)].channels; };
  for (const int value : stretch_.exports)
    call.exports.push_back(at::empty({examples, lengths[static_cast<std::size_t>(value)], channels(value)}, at::kFloat));
  for (const PlanStretch::Item& i : stretch_.items) {
    if (i.load && tokens_dilation(i.value) > 0) call.tokens.emplace_back(i.value, tokens_dilation(i.value));
    if (!i.load && program_.ops[static_cast<std::size_t>(i.value)].kind == PlanKind::global)
      values[static_cast<std::size_t>(i.value)] = at::empty({examples, channels(i.value)}, at::kFloat);
  }
  whole_examples ? run_examples(call, examples) : run_strips(call, examples);
  for (std::size_t e = 0; e < stretch_.exports.size(); ++e)
    values[static_cast<std::size_t>(stretch_.exports[e])] = call.exports[e].transpose(1, 2);
}

void StretchRunner::run_examples(const PlanCall& call, Index examples) {
  (*ops::native_run().executor)(examples, [&](Index n) {
    auto example = memory_->take(memory_->examples);
    auto stage = memory_->take(memory_->stages);
    PlanWorker worker(call, *example, example->whole.reserve(call.layout.whole_size), stage->reserve(call.layout.stage_size), n);
    worker.read_tokens();
    for (const PlanLayout::Stage& s : call.layout.stages) worker.run(s, 0);
    worker.copy_exports();
    memory_->give(memory_->stages, std::move(stage));
    memory_->give(memory_->examples, std::move(example));
  });
}

// Stage by stage: a strip reads what all strips of earlier stages have made.
void StretchRunner::run_strips(const PlanCall& call, Index examples) {
  const kernels::Run run = ops::native_run();
  std::vector<std::unique_ptr<PlanExample>> held;
  for (Index n = 0; n < examples; ++n) {
    held.push_back(memory_->take(memory_->examples));
    held.back()->whole.reserve(call.layout.whole_size);
  }
  const auto worker = [&](Index n, float* stage) {
    PlanExample& example = *held[static_cast<std::size_t>(n)];
    return PlanWorker(call, example, example.whole.reserve(call.layout.whole_size), stage, n);
  };
  (*run.executor)(examples, [&](Index n) { worker(n, nullptr).read_tokens(); });
  for (const PlanLayout::Stage& s : call.layout.stages) {
    const auto strips = static_cast<Index>(s.strips.size());
    (*run.executor)(examples * strips, [&](Index i) {
      auto stage = memory_->take(memory_->stages);
      worker(i / strips, stage->reserve(call.layout.stage_size)).run(s, static_cast<std::size_t>(i % strips));
      memory_->give(memory_->stages, std::move(stage));
    });
  }
  (*run.executor)(examples, [&](Index n) { worker(n, nullptr).copy_exports(); });
  for (auto& example : held) memory_->give(memory_->examples, std::move(example));
}

std::string StretchRunner::describe() const {
  std::string text;
  for (const auto& [key, layout] : layouts_) {
    text += format("{} values, {} stages, {} KiB in whole values, {} KiB in windows\n", layout.slots.size(), layout.stages.size(),
                   layout.whole_size * 4 / 1024, layout.stage_size * 4 / 1024);
    for (const PlanLayout::Stage& stage : layout.stages) {
      std::vector<std::string> names;
      for (const int i : stage.items)
        names.push_back(program_.ops[static_cast<std::size_t>(stretch_.items[static_cast<std::size_t>(i)].value)].name);
      text += format("  {} step{} x {} strip{}: {}\n", stage.steps, stage.steps == 1 ? "" : "s", stage.strips.size(),
                     stage.strips.size() == 1 ? "" : "s", fmt::join(names, ", "));
    }
  }
  return text;
}

}  // namespace basewise::plan::detail
