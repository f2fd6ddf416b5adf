#include "basewise/kernels/conv_backward.h"

#include <algorithm>
#include <optional>

#include "basewise/core/error.h"
#include "basewise/kernels/conv_forward.h"
#include "basewise/kernels/detail/bfloat16.h"
#include "basewise/kernels/detail/correlation.h"
#include "basewise/kernels/detail/data_gradient.h"
#include "basewise/kernels/detail/gradient_rows.h"
#include "basewise/kernels/detail/source.h"
#include "basewise/kernels/detail/tokens.h"
#include "basewise/kernels/detail/winograd.h"

namespace basewise::kernels {
namespace {

using namespace detail;  // NOLINT: this source is made of the pieces in there

constexpr Index kRowBlock = 128;  // rows of one sum of the weight gradient: both factors then stay in the first-level cache

// Whether the gradient of the output is that of the sums.
bool is_plain(const OutputGradient& g) {
  return g.activation == Activation::identity && !g.value && !g.x && g.gain == nullptr && g.pool.which == nullptr;
}

class Backward {
 public:
  Backward(const ConvBackward& call, const Run& run)
      : call_(call),
        s_(call.shape),
        out_length_(s_.output_length()),
        micro_(micro(run.isa)),
        executor_(*run.executor),
        in_(s_.channels / s_.groups),
        out_(s_.filters / s_.groups),
        gradient_(call.gradient, s_.filters, out_length_, micro_) {
    // Few filters leave registers empty. Neighbouring taps of the gradient lie side by side in
    // memory, so that several taps fill one.
    few_filters_ = s_.groups == 1 && s_.stride == 1 && s_.dilation == 1 && s_.width > 1 && 2 * s_.filters <= micro_.vector;
    merged_ = !few_filters_ && s_.groups == 1 && s_.dilation == 1 && s_.width > 1;
    const Index dense = round_up(s_.filters, micro_.vector);
    // A row of a power of two numbers would meet itself in the cache.
    step_ = few_filters_ ? s_.filters : (s_.groups > 1 ? s_.filters : (dense % 256 == 0 ? dense + 16 : dense));
    if (run.winograd && s_.groups == 1 && prefers_winograd(out_, in_, s_.width, s_.stride, s_.dilation, out_length_))
      winograd_.emplace(micro_, s_.filters, s_.channels, -s_.pad_left, s_.width, s_.dilation);
    if (call.dx) {
      const bool bfloat16 = run.bfloat16 && has_bfloat16() && s_.groups == 1 && s_.stride == 1 && prefers_bfloat16(in_, out_);
      data_.emplace(call, micro_, executor_, winograd_.has_value(), bfloat16);
      direct_ = call.dweight == nullptr && call.dbias == nullptr && data_->few() && is_plain(call.gradient);
    }
    if (call.dweight != nullptr && reads_tokens(micro_, s_)) {
      if (call.tokens)
        tokens_.emplace(call.tokens, s_, executor_);
      else
        tokens_.emplace(call.x, s_, executor_);
    }
    plan();
  }

  void operator()() {
    const Index partials = static_cast<Index>(groups_.size());
    if (call_.dweight != nullptr) weights_.resize(static_cast<std::size_t>(partials));
    if (call_.dbias != nullptr) bias_.assign(static_cast<std::size_t>(partials * s_.filters), 0.0);
    executor_(partials, [&](Index p) { compute(p); });
    if (call_.dweight != nullptr) gather_weights();
    if (call_.dbias != nullptr) gather_bias();
  }

 private:
  struct Piece {
    Index sample;
    Index begin;  // rows of the output
    Index end;
  };

  // Pieces of rows whose gradient fits the second-level cache, in groups that share one sum of
  // weights.
  void plan() {
    const Index fitting = std::clamp<Index>(98304 / std::max<Index>(1, step_), kRowBlock, 2048);
    // All of an example in equal pieces, and enough of them for many threads.
    const Index wanted =
        std::max((out_length_ + fitting - 1) / fitting, std::min(ceil_div(64, std::max<Index>(1, s_.batch)), out_length_ / 512));
    const Index unit = winograd_ ? winograd_->tiling().period() : data_ && data_->few() ? micro_.vector : kRowBlock;
    const Index piece = round_up(ceil_div(out_length_, std::max<Index>(1, wanted)), unit);
    for (Index n = 0; n < s_.batch; ++n)
      for (Index begin = 0; begin < out_length_; begin += piece) pieces_.push_back({n, begin, std::min(out_length_, begin + piece)});
    const Index most = call_.dweight == nullptr ? Index{1} << 20 : most_groups();
    const auto total = static_cast<Index>(pieces_.size());
    const Index count = std::min(total, most);
    for (Index p = 0; p < count; ++p) groups_.push_back({p * total / count, (p + 1) * total / count});
  }

  // Every group clears a sum of its own, which is added to the others at the end: a twentieth of
  // the work at most, and never more than 64.
  Index most_groups() const {
    if (tokens_ && tokens_->any()) return 16;
    const double products = s_.multiply_adds() / (micro_.vector * (winograd_ ? 2.0 : 1.0));
    return std::clamp<Index>(static_cast<Index>(0.05 * products / (2.0 * static_cast<double>(weight_numbers()))), 6, 64);
  }

  void compute(Index p) {
    thread_local Buffer gradient, scratch, padded;
    thread_local WinogradGradient::Waiting waiting;
    std::vector<float> sums(call_.dbias != nullptr ? static_cast<std::size_t>(s_.filters) : 0);
    if (call_.dweight != nullptr) weights_[static_cast<std::size_t>(p)].zeros(weight_numbers());
    std::optional<TokenGradient> tokens;
    if (tokens_ && tokens_->any()) tokens.emplace(micro_, s_);
    for (Index i = groups_[static_cast<std::size_t>(p)].first; i < groups_[static_cast<std::size_t>(p)].second; ++i) {
      const Piece& piece = pieces_[static_cast<std::size_t>(i)];
      // Rows of dx that this piece answers for, and the rows of the gradient that they and the
      // weights read.
      const Index data_begin = piece.begin * s_.stride, data_end = data_rows_end(piece);
      Index first = piece.begin, last = piece.end;
      if ((call_.dx || few_filters_) && data_end > data_begin) {
        first = std::min(first, floor_div(data_begin + s_.pad_left - (s_.width - 1) * s_.dilation, s_.stride));
        last = std::max(last, floor_div(data_end - 1 + s_.pad_left, s_.stride) + 1);
      }
      const RowSource gradient_rows = rows_of(piece.sample, first, last, gradient);
      const float* origin = gradient_rows.data;
      if (call_.dx && data_end > data_begin) data_->compute(gradient_rows, piece.sample, data_begin, data_end, ahead(i), scratch);
      if (tokens && tokens_->has(piece.sample))
        tokens->add(tokens_->pairs(piece.sample), piece.begin, piece.end - piece.begin, origin + piece.begin * step_, step_);
      else if (call_.dweight != nullptr && winograd_)
        winograd_->add(weights_[static_cast<std::size_t>(p)].data(), {call_.x.at(piece.sample, 0), call_.x.row_step, 0, s_.length},
                      gradient_rows, piece.begin, piece.end - piece.begin, waiting);
      else if (call_.dweight != nullptr)
        add_weights(p, piece, origin, padded);
      if (call_.dbias != nullptr) add_bias(p, piece, origin, sums);
    }
    if (winograd_ && call_.dweight != nullptr) winograd_->flush(weights_[static_cast<std::size_t>(p)].data(), waiting);
    if (tokens) tokens->share_out(weights_[static_cast<std::size_t>(p)].data(), filters_step());
  }

  // Rows of the gradient of the sums: as they lie where nothing has to be done to them.
  RowSource rows_of(Index sample, Index first, Index last, Buffer& buffer) const {
    if (direct_ && first >= 0 && last <= out_length_) return {call_.gradient.dy.at(sample, 0), call_.gradient.dy.row_step, first, last};
    float* rows = buffer.reserve((last - first) * step_ + 64);
    gradient_.fill(sample, first, last, rows, step_);
    std::fill(rows + (last - first) * step_, rows + (last - first) * step_ + 64, 0.0f);
    return {rows - first * step_, step_, first, last};  // where row 0 would be
  }

  // The gradient that the next piece reads: with a piece to every task, whoever computes this one
  // mostly computes that one too.
  Ahead ahead(Index i) const {
    const OutputGradient& g = call_.gradient;
    if (i + 1 >= static_cast<Index>(pieces_.size()) || g.pool.which != nullptr) return {};
    const Piece& next = pieces_[static_cast<std::size_t>(i + 1)];
    const bool value = g.value && g.value.row_step == g.dy.row_step;
    return {g.dy.at(next.sample, next.begin), value ? g.value.at(next.sample, next.begin) : nullptr,
            (next.end - next.begin) * g.dy.row_step};
  }

  Index data_rows_end(const Piece& piece) const {
    return piece.end == out_length_ ? s_.length : std::min(s_.length, piece.end * s_.stride);
  }

  // Per group (taps, channels, filters); for few filters (channels, taps from the last to the
  // first, filters).
  Index filters_step() const { return few_filters_ ? round_up(s_.width * s_.filters, micro_.panel) : round_up(out_, micro_.panel); }
  Index weight_numbers() const {
    return winograd_ ? winograd_->numbers() : few_filters_ ? s_.channels * filters_step() : s_.groups * s_.width * in_ * filters_step();
  }

  void add_weights(Index p, const Piece& piece, const float* origin, Buffer& padded) {
    float* sum = weights_[static_cast<std::size_t>(p)].data();
    if (few_filters_) return add_weights_by_data(sum, piece, origin);
    for (Index begin = piece.begin; begin < piece.end; begin += kRowBlock) {
      const Index end = std::min(piece.end, begin + kRowBlock);
      if (merged_)
        add_merged(sum, piece.sample, begin, end, origin, padded);
      else
        add_taps(sum, piece.sample, begin, end, origin);
    }
  }

  void outer(float* sum, Index depth, const float* left, Index left_step, const float* right, Index rows, Index filters) const {
    OuterCall call{left, left_step, depth, right, step_, micro_.panel, rows, sum, filters_step()};
    for (Index f = 0; f < filters; f += micro_.panel) {
      call.width = filters - f <= micro_.vector ? micro_.vector : micro_.panel;
      call.right = right + f;
      call.out = sum + f;
      micro_.outer(call);
    }
  }

  // All taps at once: the input positions of one output row lie side by side.
  void add_merged(float* sum, Index sample, Index begin, Index end, const float* origin, Buffer& padded) const {
    const Index first = begin * s_.stride - s_.pad_left, last = (end - 1) * s_.stride - s_.pad_left + s_.width;
    const bool direct = first >= 0 && last <= s_.length && call_.x.row_step == s_.channels && s_.channels % 256 != 0;
    const float* left = direct ? call_.x.at(sample, first) : padded_rows(call_.x, sample, s_.length, s_.channels, first, last, padded);
    outer(sum, s_.width * s_.channels, left, s_.stride * s_.channels, origin + begin * step_, end - begin, s_.filters);
  }

  void add_taps(float* sum, Index sample, Index begin, Index end, const float* origin) const {
    for (Index j = 0; j < s_.width; ++j) {
      const Index shift = j * s_.dilation - s_.pad_left;
      const Index first = std::max(begin, ceil_div(-shift, s_.stride)), last = std::min(end, ceil_div(s_.length - shift, s_.stride));
      if (first >= last) continue;
      for (Index g = 0; g < s_.groups; ++g)
        outer(sum + (g * s_.width + j) * in_ * filters_step(), in_, call_.x.at(sample, first * s_.stride + shift) + g * in_,
              s_.stride * call_.x.row_step, origin + first * step_ + g * out_, last - first, out_);
    }
  }

  // Rows of the data: the gradients that reach a position lie side by side,
  // from the last tap to the first.
  void add_weights_by_data(float* sum, const Piece& piece, const float* origin) const {
    const Index end = data_rows_end(piece);
    for (Index l = piece.begin; l < end; l += kRowBlock) {
      const Index rows = std::min(kRowBlock, end - l);
      outer(sum, s_.channels, call_.x.at(piece.sample, l), call_.x.row_step, origin + (l + s_.pad_left - s_.width + 1) * step_, rows,
            s_.width * s_.filters);
    }
  }

  void add_bias(Index p, const Piece& piece, const float* origin, std::vector<float>& sums) {
    for (Index begin = piece.begin; begin < piece.end; begin += kRowBlock) {
      std::fill(sums.begin(), sums.end(), 0.0f);
      micro_.column_sums({origin + begin * step_, step_}, std::min(piece.end, begin + kRowBlock) - begin, s_.filters, sums.data());
      for (Index f = 0; f < s_.filters; ++f)
        bias_[static_cast<std::size_t>(p * s_.filters + f)] += static_cast<double>(sums[static_cast<std::size_t>(f)]);
    }
  }

  // In the order of the pieces, whoever computed them.
  void gather_weights() {
    float* first = weights_.front().data();
    const Index numbers = weight_numbers(), piece = 4096;
    executor_((numbers + piece - 1) / piece, [&](Index i) {
      const Index begin = i * piece, end = std::min(numbers, begin + piece);
      for (std::size_t p = 1; p < weights_.size(); ++p) micro_.column_sums({weights_[p].data() + begin, 0}, 1, end - begin, first + begin);
    });
    if (!winograd_) return share_out(first);
    Buffer taps(s_.width * s_.channels * filters_step());
    winograd_->finish(first, taps.data(), executor_);
    share_out(taps.data());
  }

  // To (filters, channels, taps).
  void share_out(const float* sums) {
    executor_(s_.filters, [&](Index f) {
      for (Index c = 0; c < in_; ++c)
        for (Index j = 0; j < s_.width; ++j) {
          const Index at = few_filters_ ? c * filters_step() + (s_.width - 1 - j) * s_.filters + f
                                        : ((f / out_ * s_.width + j) * in_ + c) * filters_step() + f % out_;
          call_.dweight[(f * in_ + c) * s_.width + j] = sums[at];
        }
    });
  }

  void gather_bias() {
    for (Index f = 0; f < s_.filters; ++f) {
      double sum = 0;
      for (std::size_t p = 0; p < groups_.size(); ++p) sum += bias_[p * static_cast<std::size_t>(s_.filters) + static_cast<std::size_t>(f)];
      call_.dbias[f] = static_cast<float>(sum);
    }
  }

  const ConvBackward& call_;
  const ConvShape& s_;
  Index out_length_;
  const Micro& micro_;
  const Executor& executor_;
  Index in_;
  Index out_;
  GradientRows gradient_;
  bool few_filters_ = false;
  bool merged_ = false;
  bool direct_ = false;
  Index step_ = 0;
  std::optional<Tokens> tokens_;
  std::optional<WinogradGradient> winograd_;
  std::optional<DataGradient> data_;
  std::vector<Piece> pieces_;
  std::vector<std::pair<Index, Index>> groups_;
  std::vector<Buffer> weights_;
  std::vector<double> bias_;
};

}  // namespace

void conv_backward(const ConvBackward& call, const Run& run) {
  check(call.shape);
  if (call.dx && call.weight == nullptr) throw ArgumentError("convolution: the gradient to the data needs the weights");
  if (call.tokens && !takes_tokens(call.shape, run.isa))
    throw ArgumentError("convolution: tokens need four channels, one group, a width above 1 and more filters");
  if (call.dweight != nullptr && !call.x && !call.tokens) throw ArgumentError("convolution: the gradient to the weights needs the input");
  Backward(call, run)();
}

}  // namespace basewise::kernels
