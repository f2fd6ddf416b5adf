#include "basewise/kernels/detail/data_gradient.h"

#include <algorithm>

#include "basewise/kernels/detail/source.h"

namespace basewise::kernels::detail {

DataGradient::DataGradient(const ConvBackward& call, const Micro& micro, const Executor& executor, bool winograd,
                           bool bfloat16)
    : call_(call),
      s_(call.shape),
      out_length_(s_.output_length()),
      micro_(micro),
      executor_(executor),
      in_(s_.channels / s_.groups),
      out_(s_.filters / s_.groups) {
  make_sums(winograd, bfloat16);
}

bool DataGradient::few() const {
  return std::any_of(sums_.begin(), sums_.end(), [](const auto& sum) { return sum && sum->few(); });
}

// dx[l] = sum over taps j with (l + pad_left - j dilation) divisible by the stride;
// l = phase + stride q gives one correlation per phase.
void DataGradient::make_sums(bool winograd, bool bfloat16) {
  // The same taps from the last to the first.
  const Index first = s_.pad_left - (s_.width - 1) * s_.dilation;
  const auto turned = [&](Index c, Index t, float* to) {
    for (Index f = 0; f < s_.filters; ++f) to[f] = call_.weight[(f * s_.channels + c) * s_.width + s_.width - 1 - t];
  };
  if (bfloat16) {
    bfloat16_.emplace(s_.channels, s_.filters, first, s_.width, s_.dilation, 1, turned, executor_);
    return;
  }
  if (winograd) {
    winograd_.emplace(micro_, s_.channels, s_.filters, first, s_.width, s_.dilation, turned, executor_);
    return;
  }
  for (Index g = 0; g < s_.groups; ++g)
    for (Index phase = 0; phase < s_.stride; ++phase) {
      std::vector<Index> taps, rows;
      for (Index j = s_.width - 1; j >= 0; --j) {
        const Index at = phase + s_.pad_left - j * s_.dilation;
        if (at % s_.stride != 0) continue;
        taps.push_back(j);
        rows.push_back(floor_div(at, s_.stride));
      }
      const float* weight = call_.weight + g * out_ * in_ * s_.width;
      if (taps.empty()) {
        sums_.push_back(nullptr);
        continue;
      }
      sums_.push_back(std::make_unique<Correlation>(
          micro_, in_, out_, rows, 1,
          [&, weight](Index c, Index t, float* to) {
            const Index j = taps[static_cast<std::size_t>(t)];
            for (Index f = 0; f < out_; ++f) to[f] = weight[(f * in_ + c) * s_.width + j];
          },
          executor_));
    }
}

void DataGradient::compute(const RowSource& gradient, Index sample, Index begin, Index end, const Ahead& ahead,
                           Buffer& scratch) const {
  const float* origin = gradient.data;
  const bool skips = static_cast<bool>(call_.skip_gradient);
  if (skips) copy_skip(sample, begin, end);
  if (winograd_ || bfloat16_) {
    Correlation::Target target{call_.dx.at(sample, begin), call_.dx.row_step, end - begin};
    target.accumulate = skips;
    if (bfloat16_) return bfloat16_->compute(gradient, begin, target);
    return winograd_->compute(gradient, begin, target, scratch);
  }
  for (Index g = 0; g < s_.groups; ++g)
    for (Index phase = 0; phase < s_.stride; ++phase) {
      const Index q = ceil_div(begin - phase, s_.stride), q_end = ceil_div(end - phase, s_.stride);
      if (q_end <= q) continue;
      Correlation::Target target{call_.dx.at(sample, phase + q * s_.stride) + g * in_, call_.dx.row_step * s_.stride, q_end - q};
      target.accumulate = skips;
      if (g == 0 && phase == 0) target.ahead = ahead;
      const Correlation* sum = sums_[static_cast<std::size_t>(g * s_.stride + phase)].get();
      if (sum == nullptr) {
        if (!skips)
          for (Index r = 0; r < target.count; ++r) std::fill_n(target.data + r * target.step, in_, 0.0f);
        continue;
      }
      stretches_of(*sum, origin + g * out_, gradient.step, q, target, scratch);
    }
}

// Taps that would only meet zeros are left out.
void DataGradient::stretches_of(const Correlation& sum, const float* origin, Index step, Index q,
                                const Correlation::Target& target, Buffer& scratch) const {
  if (sum.few()) return sum.compute(origin + q * step, step, target, scratch);
  std::vector<Index> rows = sum.rows();
  for (Index& row : rows) row += q;
  for (const Stretch& part : stretches(target.count, out_length_, rows, 1, false)) {
    Correlation::Target some = target;
    some.data += part.begin * target.step;
    some.count = part.end - part.begin;
    sum.compute(origin + (q + part.begin) * step, step, part.first_tap, part.last_tap, some, scratch);
  }
}

void DataGradient::copy_skip(Index sample, Index begin, Index end) const {
  for (Index l = begin; l < end; ++l) {
    const Index row = l - call_.skip_crop;
    float* to = call_.dx.at(sample, l);
    if (row >= 0 && row < call_.skip_length)
      std::copy_n(call_.skip_gradient.at(sample, row), s_.channels, to);
    else
      std::fill_n(to, s_.channels, 0.0f);
  }
}

}  // namespace basewise::kernels::detail
