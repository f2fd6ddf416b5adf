#include "basewise/kernels/conv_forward.h"

#include <algorithm>
#include <optional>

#include "basewise/core/error.h"
#include "basewise/kernels/detail/bfloat16.h"
#include "basewise/kernels/detail/correlation.h"
#include "basewise/kernels/detail/tokens.h"
#include "basewise/kernels/detail/source.h"
#include "basewise/kernels/detail/statistics.h"
#include "basewise/kernels/detail/winograd.h"

namespace basewise::kernels {
namespace {

using namespace detail;  // NOLINT: this source is made of the pieces in there

// One stretch of output rows of one example.
struct Task {
  Index sample;
  Stretch rows;
};

class Forward {
 public:
  Forward(const ConvForward& call, const Run& run)
      : call_(call),
        s_(call.shape),
        micro_(micro(run.isa)),
        executor_(*run.executor),
        in_(s_.channels / s_.groups),
        out_(s_.filters / s_.groups) {
    if (reads_tokens(micro_, s_)) {
      if (call.tokens)
        tokens_.emplace(call.tokens, s_, executor_);
      else
        tokens_.emplace(call.x, s_, executor_);
      if (tokens_->any()) token_sums_.emplace(micro_, s_, call.weight, call.bias, executor_);
      if (tokens_->all()) {
        plan({});
        return;
      }
    }
    if (run.bfloat16 && has_bfloat16() && s_.groups == 1 && prefers_bfloat16(out_, in_)) {
      bfloat16_.emplace(out_, in_, -s_.pad_left, s_.width, s_.dilation, s_.stride, weights_of(0), executor_);
      pad_bias(bfloat16_->padded_outputs());
      plan({});
      return;
    }
    if (run.winograd && s_.groups == 1 && prefers_winograd(out_, in_, s_.width, s_.stride, s_.dilation, s_.output_length())) {
      winograd_.emplace(micro_, out_, in_, -s_.pad_left, s_.width, s_.dilation, weights_of(0), executor_);
      pad_bias(winograd_->padded_outputs());
      plan({});
      return;
    }
    std::vector<Index> rows;
    for (Index j = 0; j < s_.width; ++j) rows.push_back(j * s_.dilation - s_.pad_left);
    for (Index g = 0; g < s_.groups; ++g) sums_.emplace_back(micro_, out_, in_, rows, s_.stride, weights_of(g), executor_);
    pad_bias(sums_.front().padded_outputs());
    plan(stretches(s_.output_length(), s_.length, rows, s_.stride, sums_.front().few()));
  }

  void operator()() {
    if (call_.statistics.mean != nullptr) moments_.emplace(static_cast<Index>(tasks_.size()), s_.filters);
    executor_(static_cast<Index>(tasks_.size()), [&](Index i) { compute(i); });
    if (moments_) moments_->combine(call_.statistics.mean, call_.statistics.squares);
  }

 private:
  Correlation::Weight weights_of(Index group) const {
    return [this, weight = call_.weight + group * out_ * in_ * s_.width](Index f, Index j, float* to) {
      for (Index c = 0; c < in_; ++c) to[c] = weight[(f * in_ + c) * s_.width + j];
    };
  }

  void pad_bias(Index padded) {
    if (call_.bias == nullptr) return;
    bias_.zeros(padded * s_.groups);
    for (Index f = 0; f < s_.filters; ++f) bias_.data()[f / out_ * padded + f % out_] = call_.bias[f];
  }

  // Long enough to keep a core busy for microseconds, short enough that all cores get some and that
  // what follows finds the rows in cache.
  void plan(const std::vector<Stretch>& all) {
    const bool few = !sums_.empty() && sums_.front().few();
    const Index piece = winograd_ ? round_up(384, winograd_->tiling().period()) : few ? std::max<Index>(2048, 16 * s_.width) : 192;
    const std::vector<Stretch> whole{{0, s_.output_length(), 0, s_.width, false}};
    for (Index n = 0; n < s_.batch; ++n) {
      for (const Stretch& stretch : winograd_ || bfloat16_ || is_tokens(n) ? whole : all)
        for (Index begin = stretch.begin; begin < stretch.end; begin += piece) {
          Stretch part = stretch;
          part.begin = begin;
          part.end = std::min(stretch.end, begin + piece);
          tasks_.push_back({n, part});
        }
    }
  }

  bool is_tokens(Index sample) const { return tokens_ && tokens_->has(sample); }

  void compute(Index i) {
    const Task& task = tasks_[static_cast<std::size_t>(i)];
    const Index count = task.rows.end - task.rows.begin;
    if (is_tokens(task.sample))
      token_sums_->compute(tokens_->pairs(task.sample), task.rows.begin, count, call_.y.at(task.sample, task.rows.begin),
                            call_.y.row_step, early_relu());
    else if (winograd_ || bfloat16_)
      sum_evenly(task, count);
    else
      sum_taps(task, count);
    finish(task, count);
    if (moments_) moments_->gather(micro_, i, {call_.y.at(task.sample, task.rows.begin), call_.y.row_step}, count);
  }

  // By sums that know what lies beyond the ends.
  void sum_evenly(const Task& task, Index count) {
    thread_local Buffer scratch;
    Correlation::Target target{call_.y.at(task.sample, task.rows.begin), call_.y.row_step, count};
    if (call_.bias != nullptr) target.bias = bias_.data();
    target.relu = early_relu();
    const RowSource source{call_.x.at(task.sample, 0), call_.x.row_step, 0, s_.length};
    if (bfloat16_)
      bfloat16_->compute(source, task.rows.begin, target);
    else
      winograd_->compute(source, task.rows.begin, target, scratch);
  }

  void sum_taps(const Task& task, Index count) {
    thread_local Buffer padded, scratch;
    const Stretch& rows = task.rows;
    const Index first = rows.begin * s_.stride;
    const float* source = nullptr;
    Index step = call_.x.row_step;
    if (rows.padded) {
      const Index begin = first - s_.pad_left, end = begin + (count - 1) * s_.stride + s_.span();
      source = padded_rows(call_.x, task.sample, s_.length, s_.channels, begin, end, padded) + s_.pad_left * s_.channels;
      step = s_.channels;
    } else {
      source = call_.x.data + task.sample * call_.x.sample_step + first * step;
    }
    for (Index g = 0; g < s_.groups; ++g) {
      const Correlation& sum = sums_[static_cast<std::size_t>(g)];
      Correlation::Target target{call_.y.at(task.sample, rows.begin) + g * out_, call_.y.row_step, count};
      if (call_.bias != nullptr) target.bias = bias_.data() + g * sum.padded_outputs();
      target.relu = early_relu();
      sum.compute(source + g * in_, step, rows.first_tap, rows.last_tap, target, scratch);
    }
  }

  // Sums take the largest of themselves and zero on the way out when nothing stands in between.
  bool early_relu() const { return call_.activation == Activation::relu && !call_.value && !call_.skip; }

  // What the sums could not do on the way out.
  void finish(const Task& task, Index count) {
    const bool done = call_.activation == Activation::identity || early_relu();
    if (done && !call_.value && !call_.skip) return;
    MapCall map{};
    map.function = static_cast<Function>(call_.activation);
    map.out = {call_.y.at(task.sample, task.rows.begin), call_.y.row_step};
    map.x = {map.out.data, map.out.step};
    if (call_.skip) map.skip = {call_.skip.at(task.sample, task.rows.begin), call_.skip.row_step};
    if (call_.value) map.value = {call_.value.at(task.sample, task.rows.begin), call_.value.row_step};
    map.rows = count;
    map.columns = s_.filters;
    micro_.map(map);
  }

  const ConvForward& call_;
  const ConvShape& s_;
  const Micro& micro_;
  const Executor& executor_;
  Index in_;
  Index out_;
  std::optional<Tokens> tokens_;
  std::optional<TokenSums> token_sums_;
  std::optional<Bfloat16Sum> bfloat16_;
  std::optional<WinogradSum> winograd_;
  std::vector<Correlation> sums_;  // per group; empty where the others do all
  Buffer bias_;
  std::vector<Task> tasks_;
  std::optional<Moments> moments_;
};

}  // namespace

bool takes_tokens(const ConvShape& shape, Isa isa) { return reads_tokens(micro(isa), shape); }

void conv_forward(const ConvForward& call, const Run& run) {
  check(call.shape);
  if (call.statistics.mean != nullptr && (call.activation != Activation::identity || call.skip))
    throw ArgumentError("convolution: statistics are those of the plain output; they exclude an activation and a skip");
  if (call.tokens && !takes_tokens(call.shape, run.isa))
    throw ArgumentError("convolution: tokens need four channels, one group, a width above 1 and more filters");
  if (call.shape.batch == 0) return;
  Forward(call, run)();
}

}  // namespace basewise::kernels
