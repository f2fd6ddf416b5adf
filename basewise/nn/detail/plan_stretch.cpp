#include "basewise/nn/detail/plan_stretch.h"

#include <algorithm>
#include <cstring>

#include "basewise/kernels/normalise.h"
#include "basewise/nn/detail/native.h"

namespace basewise::nn::detail {
namespace {

const float* data_of(const at::Tensor& t) { return t.defined() ? t.const_data_ptr<float>() : nullptr; }

struct FreeNumbers {
  void operator()(float* p) const { std::free(p); }
};

// Numbers aligned to lines of cache; what was there is lost when it grows.
class Numbers {
 public:
  float* reserve(Index n) {
    if (n > size_) {
      data_.reset(static_cast<float*>(std::aligned_alloc(64, (static_cast<std::size_t>(n) * sizeof(float) + 63) / 64 * 64)));
      if (!data_) throw std::bad_alloc();
      size_ = n;
    }
    return data_.get();
  }

 private:
  std::unique_ptr<float, FreeNumbers> data_;
  Index size_ = 0;
};

// Rows somewhere: row `first` is at `data`.
struct View {
  float* data = nullptr;
  Index first = 0;
  Index step = 0;
  float* row(Index i) const { return data + (i - first) * step; }
};

}  // namespace

PackedProgram::PackedProgram(const PlanProgram& program)
    : program_(program), convs_(program.ops.size()), minimal_(program.ops.size()), numbers_(program.ops.size()) {
  const auto whole = [](const at::Tensor& t) { return t.defined() ? t.contiguous() : t; };
  for (std::size_t i = 0; i < program.ops.size(); ++i) {
    const PlanOp& o = program.ops[i];
    if (o.kind == PlanKind::map && o.scale.defined()) {
      const at::Tensor both = at::stack({o.scale, o.shift}).contiguous();
      numbers_[i].assign(data_of(both), data_of(both) + both.numel());
      numbers_[i].resize(3 * static_cast<std::size_t>(o.channels), 0.0f);  // the centre
    }
    if (o.kind != PlanKind::dense) continue;
    const at::Tensor weight = whole(o.weight), bias = whole(o.bias);
    kernels::ConvShape shape;
    shape.channels = weight.size(1);
    for (Index first = 0; first < o.channels; first += units()) {
      shape.filters = std::min(units(), o.channels - first);
      convs_[i].emplace_back(shape, data_of(weight) + first * shape.channels, bias.defined() ? data_of(bias) + first : nullptr,
                             o.activation);
    }
  }
}

void PackedProgram::prepare(const PlanLayout& layout) {
  for (const PlanLayout::Slot& slot : layout.slots) {
    const PlanOp& o = program_.ops[static_cast<std::size_t>(slot.value)];
    auto& to = (slot.grid.minimal ? minimal_ : convs_)[static_cast<std::size_t>(slot.value)];
    if (o.kind != PlanKind::conv || !to.empty()) continue;
    const at::Tensor weight = o.weight.contiguous(), bias = o.bias.defined() ? o.bias.contiguous() : o.bias;
    to.emplace_back(o.shape(), data_of(weight), data_of(bias), o.activation, slot.grid.minimal);
  }
}

// What does not change during a run.
struct StretchRunner::Call {
  const PlanLayout& layout;
  std::vector<at::Tensor>& values;
  std::vector<at::Tensor> exports;  // (N, L, C)
};

// Memory that is kept from run to run: for values that lie whole, by example in work; for stages, by thread.
struct StretchRunner::Memory {
  struct Example {
    Numbers whole;
    std::map<int, std::vector<std::uint8_t>> pairs;  // of loaded values that are letters
  };
  std::mutex guard;
  std::vector<std::unique_ptr<Example>> examples;
  std::vector<std::unique_ptr<Numbers>> stages;

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

// One thread on one strip of a stage of one example.
class StretchRunner::Worker {
 public:
  Worker(const StretchRunner& runner, const Call& call, Memory::Example& example, float* whole, float* stage, Index n)
      : runner_(runner),
        program_(runner.program_),
        layout_(call.layout),
        call_(call),
        example_(example),
        whole_(whole),
        stage_(stage),
        n_(n),
        first_(call.layout.slots.size()) {}

  // Whether loaded sequences are letters is known before anything is computed.
  void read_letters() {
    example_.pairs.clear();
    for (const PlanStretch::Item& i : runner_.stretch_.items) {
      if (!i.load || !runner_.letters_serve(i.value)) continue;
      const RowRange rows = layout_.slots[static_cast<std::size_t>(place(i.value).slot)].needed;
      std::vector<std::uint8_t> pairs(static_cast<std::size_t>(rows.count()));
      if (kernels::letter_pairs(letters(i.value), rows.begin, rows.end, dilation(i.value), pairs.data()))
        example_.pairs[i.value] = std::move(pairs);
    }
  }

  void run(const PlanLayout::Stage& stage, std::size_t strip) {
    for (const auto& [slot, row] : stage.strips[strip].first) first_[static_cast<std::size_t>(slot)] = row;
    for (const PlanLayout::Task& task : stage.strips[strip].tasks) compute(task);
  }

  void copy_exports() {
    for (const int e : layout_.copies) {
      const int value = runner_.stretch_.exports[static_cast<std::size_t>(e)];
      const View from = source(value);
      const at::Tensor& to = call_.exports[static_cast<std::size_t>(e)];
      const auto& s = layout_.slots[static_cast<std::size_t>(place(value).slot)];
      const Index length = layout_.lengths[static_cast<std::size_t>(value)];
      std::memcpy(to.mutable_data_ptr<float>() + n_ * to.stride(0), from.row(0),
                  static_cast<std::size_t>(length * s.channels) * sizeof(float));
    }
  }

 private:
  const PlanLayout::Place& place(int value) const { return layout_.places[static_cast<std::size_t>(value)]; }
  const PlanOp& op(int value) const { return program_.ops[static_cast<std::size_t>(value)]; }
  Index length(int value) const { return layout_.lengths[static_cast<std::size_t>(value)]; }

  kernels::LetterSource letters(int value) const {
    const at::Tensor& x = call_.values[static_cast<std::size_t>(value)];
    kernels::LetterSource s;
    s.length = length(value);
    if (is_letters(x))
      s.letters = x.const_data_ptr<std::uint8_t>() + n_ * x.stride(0);
    else
      s.x = x.const_data_ptr<float>() + n_ * x.stride(0), s.channel_step = x.stride(1), s.row_step = x.stride(2);
    return s;
  }

  Index dilation(int value) const {
    for (const PlanStretch::Item& i : runner_.stretch_.items)
      if (!i.load && op(i.value).kind == PlanKind::conv && op(i.value).sources.front() == value) return op(i.value).settings.dilation;
    return 1;
  }

  View rows_of_slot(int s) const {
    const PlanLayout::Slot& slot = layout_.slots[static_cast<std::size_t>(s)];
    if (slot.exported >= 0) {
      const at::Tensor& to = call_.exports[static_cast<std::size_t>(slot.exported)];
      return {to.mutable_data_ptr<float>() + n_ * to.stride(0), slot.needed.begin, slot.channels};
    }
    if (slot.whole) return {whole_ + slot.offset, slot.needed.begin, slot.channels};
    return {stage_ + slot.offset, first_[static_cast<std::size_t>(s)], slot.channels};
  }

  // Rows of a value by the value's own numbers.
  View source(int value) const {
    View v = rows_of_slot(place(value).slot);
    v.first -= place(value).shift;
    return v;
  }

  // Moves what is still needed of a window to its beginning when the new rows do not fit behind it.
  void make_room(int s, const PlanLayout::Task& task) {
    const PlanLayout::Slot& slot = layout_.slots[static_cast<std::size_t>(s)];
    Index& first = first_[static_cast<std::size_t>(s)];
    if (slot.whole || task.rows.end - first <= slot.capacity) return;
    const Index kept = task.rows.begin - task.keep;
    float* to = stage_ + slot.offset;
    if (kept > 0)
      std::memmove(to, to + (task.keep - first) * slot.channels, static_cast<std::size_t>(kept * slot.channels) * sizeof(float));
    first = task.keep;
  }

  void compute(const PlanLayout::Task& task) {
    const PlanStretch::Item& item = runner_.stretch_.items[static_cast<std::size_t>(task.item)];
    if (!item.load && op(item.value).kind == PlanKind::global) return pool_all(item.value);
    if (item.load && example_.pairs.count(item.value) != 0) return;
    const int s = place(item.value).slot;
    make_room(s, task);
    const View to = rows_of_slot(s);
    const Index channels = layout_.slots[static_cast<std::size_t>(s)].channels;
    const RowRange inside{std::clamp<Index>(0, task.rows.begin, task.rows.end),
                          std::clamp(length(item.value), task.rows.begin, task.rows.end)};
    const auto zero = [&](Index begin, Index end) {
      if (end > begin) std::fill_n(to.row(begin), (end - begin) * channels, 0.0f);
    };
    zero(task.rows.begin, std::max(task.rows.begin, inside.begin));
    zero(std::max(inside.begin, inside.end), task.rows.end);
    if (inside.empty()) return;
    if (item.load) return load(item.value, inside, to);
    switch (op(item.value).kind) {
      case PlanKind::conv:
        return convolve(item.value, inside, to);
      case PlanKind::pool:
        return pool(item.value, inside, to);
      case PlanKind::map:
        return map(item.value, inside, to);
      case PlanKind::point:
        return point(item.value, inside, to);
      case PlanKind::add:
        return add(item.value, inside, to);
      case PlanKind::concat:
        return concatenate(item.value, inside, to);
      default:
        return copy(op(item.value).sources.front(), inside, op(item.value).crop.left, to.row(inside.begin), to.step);
    }
  }

  void load(int value, RowRange rows, const View& to) {
    const at::Tensor& x = call_.values[static_cast<std::size_t>(value)];
    const Index channels = to.step;
    if (is_letters(x)) {
      const std::uint8_t* from = x.const_data_ptr<std::uint8_t>() + n_ * x.stride(0);
      for (Index i = rows.begin; i < rows.end; ++i)
        for (Index c = 0; c < channels; ++c) to.row(i)[c] = from[i] == c ? 1.0f : 0.0f;
      return;
    }
    const float* from = x.const_data_ptr<float>() + n_ * x.stride(0);
    const Index across = x.stride(1), along = x.stride(2);
    if (across == 1 && along == channels) {
      std::memcpy(to.row(rows.begin), from + rows.begin * along, static_cast<std::size_t>(rows.count() * channels) * sizeof(float));
      return;
    }
    for (Index c = 0; c < channels; ++c) {
      float* column = to.row(rows.begin) + c;
      for (Index i = rows.begin; i < rows.end; ++i, column += channels) *column = from[c * across + i * along];
    }
  }

  void convolve(int value, RowRange rows, const View& to) {
    const PlanOp& o = op(value);
    const int input = o.sources.front();
    const Index begin = rows.begin * o.settings.stride - o.settings.pad_left;
    kernels::PackedConv::Rows call;
    if (const auto pairs = example_.pairs.find(input); pairs != example_.pairs.end()) {
      call.pairs = pairs->second.data() + (begin - layout_.slots[static_cast<std::size_t>(place(input).slot)].needed.begin);
    } else {
      const View x = source(input);
      call.x = x.row(begin), call.x_step = x.step;
    }
    const PlanLayout::Slot& made = layout_.slots[static_cast<std::size_t>(place(value).slot)];
    const Index read_end =
        (made.made().end - 1) * o.settings.stride - o.settings.pad_left + (made.grid.width - 1) * o.settings.dilation + 1;
    call.x_rows = read_end - begin;
    call.first = rows.begin - made.made().begin, call.count = rows.count();
    call.y = to.row(rows.begin), call.y_step = to.step;
    if (o.sources.size() > 1) {
      const View skip = source(o.sources[1]);
      call.skip = skip.row(rows.begin), call.skip_step = skip.step;
    }
    runner_.packed_.conv(value, made.grid.minimal)(call);
  }

  void pool(int value, RowRange rows, const View& to) {
    const PlanOp& o = op(value);
    const View x = source(o.sources.front());
    kernels::PoolRows call;
    call.shape = {1, length(o.sources.front()), o.channels, o.width, o.settings.stride, o.settings.pad_left, o.settings.pad_right};
    call.kind = o.pooling;
    call.x = x.data, call.x_first = x.first, call.x_step = x.step;
    call.begin = rows.begin, call.end = rows.end;
    call.y = to.row(rows.begin), call.y_step = to.step;
    kernels::pool_rows(call);
  }

  void map(int value, RowRange rows, const View& to) {
    const PlanOp& o = op(value);
    const View x = source(o.sources.front());
    kernels::Normalise call;
    call.shape = {1, rows.count(), o.channels};
    call.x = {x.row(rows.begin), 0, x.step};
    if (const float* factors = runner_.packed_.factors(value))
      call.scale = factors, call.shift = factors + o.channels, call.centre = factors + 2 * o.channels;
    call.activation = o.activation;
    call.y = {to.row(rows.begin), 0, to.step};
    kernels::normalise(call, {kernels::default_isa(), &kernels::serial_executor()});
  }

  // torch's functions take the last few numbers of a tensor by other instructions than the rest, which round differently: numbers come in
  // whole blocks, so that the last ones are zeros that nobody reads. A block is small enough for one thread.
  void point(int value, RowRange rows, const View& to) {
    const PlanOp& o = op(value);
    const at::NoGradGuard no_grad;  // a thread has a mode of its own
    constexpr Index kBlock = 16384, kWhole = 64;
    const float* from = source(o.sources.front()).row(rows.begin);
    float* y = to.row(rows.begin);
    if (!o.numbers) {
      const at::Tensor x = at::from_blob(const_cast<float*>(from), {rows.count(), o.channels}, at::kFloat);
      const at::Tensor result = o.layer->forward(x).contiguous();
      std::memcpy(y, result.const_data_ptr<float>(), static_cast<std::size_t>(result.numel()) * sizeof(float));
      return;
    }
    const Index all = rows.count() * o.channels;
    for (Index begin = 0; begin < all; begin += kBlock) {
      const Index count = std::min(kBlock, all - begin), whole = (count + kWhole - 1) / kWhole * kWhole;
      at::Tensor x = at::zeros({whole}, at::kFloat);
      std::memcpy(x.mutable_data_ptr<float>(), from + begin, static_cast<std::size_t>(count) * sizeof(float));
      const at::Tensor result = o.layer->forward(x);
      std::memcpy(y + begin, result.const_data_ptr<float>(), static_cast<std::size_t>(count) * sizeof(float));
    }
  }

  void add(int value, RowRange rows, const View& to) {
    const PlanOp& o = op(value);
    for (std::size_t k = 1; k < o.sources.size(); ++k) {
      const View x = k == 1 ? source(o.sources.front()) : to, skip = source(o.sources[k]);
      kernels::Normalise call;
      call.shape = {1, rows.count(), o.channels};
      call.x = {x.row(rows.begin), 0, x.step};
      call.skip = {skip.row(rows.begin), 0, skip.step};
      call.y = {to.row(rows.begin), 0, to.step};
      kernels::normalise(call, {kernels::default_isa(), &kernels::serial_executor()});
    }
  }

  void concatenate(int value, RowRange rows, const View& to) {
    Index column = 0;
    for (const int from : op(value).sources) {
      copy(from, rows, 0, to.row(rows.begin) + column, to.step);
      column += op(from).channels;
    }
  }

  void copy(int from, RowRange rows, Index shift, float* to, Index step) const {
    const View x = source(from);
    const auto bytes = static_cast<std::size_t>(op(from).channels) * sizeof(float);
    for (Index i = rows.begin; i < rows.end; ++i, to += step) std::memcpy(to, x.row(i + shift), bytes);
  }

  void pool_all(int value) {
    const PlanOp& o = op(value);
    const View x = source(o.sources.front());
    kernels::PoolRows call;
    call.shape.length = length(o.sources.front()), call.shape.channels = o.channels;
    call.kind = o.pooling;
    call.x = x.row(0), call.x_step = x.step;
    call.y = call_.values[static_cast<std::size_t>(value)].mutable_data_ptr<float>() + n_ * o.channels;
    kernels::pool_all(call);
  }

  const StretchRunner& runner_;
  const PlanProgram& program_;
  const PlanLayout& layout_;
  const Call& call_;
  Memory::Example& example_;
  float* whole_;
  float* stage_;
  Index n_;
  std::vector<Index> first_;  // row at the beginning of each window
};

StretchRunner::StretchRunner(const PlanProgram& program, PackedProgram& packed, PlanStretch stretch)
    : program_(program), packed_(packed), stretch_(std::move(stretch)), memory_(std::make_unique<Memory>()) {}
StretchRunner::~StretchRunner() = default;

// A loaded sequence can be read as letters when convolutions with one dilation alone read it.
bool StretchRunner::letters_serve(int value) const {
  bool some = false;
  Index dilation = 0;
  if (std::find(stretch_.exports.begin(), stretch_.exports.end(), value) != stretch_.exports.end()) return false;
  for (const PlanStretch::Item& i : stretch_.items) {
    if (i.load) continue;
    const PlanOp& o = program_.ops[static_cast<std::size_t>(i.value)];
    for (std::size_t k = 0; k < o.sources.size(); ++k) {
      if (o.sources[k] != value) continue;
      if (k > 0 || o.kind != PlanKind::conv || !kernels::takes_letters(o.shape(), kernels::default_isa()) ||
          (some && o.settings.dilation != dilation))
        return false;
      some = true, dilation = o.settings.dilation;
    }
  }
  return some;
}

const PlanLayout& StretchRunner::layout(const std::vector<Index>& lengths, const PlanLimits& limits) {
  std::vector<Index> key = lengths;
  key.insert(key.end(), {limits.cache, limits.strips, limits.rows, limits.minimal ? 1 : 0});
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
  const kernels::Run run = native_run();
  limits.minimal = run.minimal;
  const Index threads = at::in_parallel_region() ? 1 : at::get_num_threads();
  Index examples = 0;
  for (const PlanStretch::Item& i : stretch_.items)
    if (i.load) examples = values[static_cast<std::size_t>(i.value)].size(0);
  // Few examples are cut, so that every thread gets some of each; an example is computed by one thread where there are enough of them.
  const bool whole_examples = threads == 1 || examples % threads == 0 || examples >= 4 * threads;
  limits.strips = whole_examples ? 1 : std::max(limits.strips, (2 * threads + examples - 1) / examples);
  Call call{layout(lengths, limits), values, {}};
  const PlanLayout& plan = call.layout;
  for (const int value : stretch_.exports) {
    const Index channels = program_.ops[static_cast<std::size_t>(value)].channels;
    call.exports.push_back(at::empty({examples, lengths[static_cast<std::size_t>(value)], channels}, at::kFloat));
  }
  for (const PlanStretch::Item& i : stretch_.items)
    if (!i.load && program_.ops[static_cast<std::size_t>(i.value)].kind == PlanKind::global)
      values[static_cast<std::size_t>(i.value)] =
          at::empty({examples, program_.ops[static_cast<std::size_t>(i.value)].channels}, at::kFloat);
  const auto with_stage = [&](auto&& body) {
    auto numbers = memory_->take(memory_->stages);
    body(numbers->reserve(plan.stage_size));
    memory_->give(memory_->stages, std::move(numbers));
  };
  if (whole_examples) {
    (*run.executor)(examples, [&](Index n) {
      auto example = memory_->take(memory_->examples);
      float* whole = example->whole.reserve(plan.whole_size);
      with_stage([&](float* stage) {
        Worker worker(*this, call, *example, whole, stage, n);
        worker.read_letters();
        for (const PlanLayout::Stage& s : plan.stages) worker.run(s, 0);
        worker.copy_exports();
      });
      memory_->give(memory_->examples, std::move(example));
    });
  } else {
    std::vector<std::unique_ptr<Memory::Example>> held;
    for (Index n = 0; n < examples; ++n) held.push_back(memory_->take(memory_->examples)), held.back()->whole.reserve(plan.whole_size);
    const auto worker = [&](Index n, float* stage) {
      Memory::Example& example = *held[static_cast<std::size_t>(n)];
      return Worker(*this, call, example, example.whole.reserve(plan.whole_size), stage, n);
    };
    (*run.executor)(examples, [&](Index n) { worker(n, nullptr).read_letters(); });
    for (const PlanLayout::Stage& s : plan.stages) {
      const auto strips = static_cast<Index>(s.strips.size());
      (*run.executor)(examples * strips, [&](Index i) {
        with_stage([&](float* stage) { worker(i / strips, stage).run(s, static_cast<std::size_t>(i % strips)); });
      });
    }
    (*run.executor)(examples, [&](Index n) { worker(n, nullptr).copy_exports(); });
    for (auto& example : held) memory_->give(memory_->examples, std::move(example));
  }
  for (std::size_t e = 0; e < stretch_.exports.size(); ++e)
    values[static_cast<std::size_t>(stretch_.exports[e])] = call.exports[e].transpose(1, 2);
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

}  // namespace basewise::nn::detail
