#include "basewise/kernels/attention.h"

#include <algorithm>
#include <cmath>

#include "basewise/core/error.h"
#include "basewise/kernels/detail/attention_tile.h"

namespace basewise::kernels {
namespace {

using namespace detail;  // NOLINT: this source is made of the pieces in there

constexpr Index kQueries = 32;  // of a tile: their scores stay in the second-level cache

void check(const AttentionShape& s, const AttentionInput& in) {
  const bool sizes = s.heads > 0 && s.batch >= 0 && s.queries >= 0 && s.width > 0 && s.before >= 0 && s.left >= 0 && s.right >= 0;
  if (!sizes || s.before + s.queries > s.keys)
    throw ArgumentError(format("attention: {} queries from key {} on do not fit {} keys of width {}, {} to the left and {} to the right",
                               s.queries, s.before, s.keys, s.width, s.left, s.right));
  if ((in.position == nullptr) != (in.position_bias == nullptr) || (in.position == nullptr) != (in.content_bias == nullptr))
    throw ArgumentError("attention: positions and both biases come together");
}

// Rows (n, width) as panels of columns (width / panel, n, panel), zeros behind the last column.
class Columns {
 public:
  void pack(const float* rows, Index n, Index width, Index panel) {
    rows_ = n, panel_ = panel;
    float* to = memory_.zeros(ceil_div(width, panel) * n * panel);
    for (Index f = 0; f < width; f += panel)
      for (Index r = 0; r < n; ++r) std::copy_n(rows + r * width + f, std::min(panel, width - f), to + f * n + r * panel);
  }
  const float* at(Index f) const { return memory_.data() + f * rows_; }

 private:
  Buffer memory_;
  Index rows_ = 0;
  Index panel_ = 0;
};

// Rows (n, width) turned around: panels of rows (n / panel, width, panel),
// zeros behind the last row.
class Turned {
 public:
  void pack(const Micro& micro, const float* rows, Index n, Index width) {
    width_ = width;
    float* to = memory_.reserve(round_up(n, micro.panel) * width);
    for (Index r = 0; r < n; r += micro.panel)
      micro.transpose({rows + r * width, width}, std::min<Index>(micro.panel, n - r), width, {to + r * width, micro.panel});
  }
  const float* at(Index row) const { return memory_.data() + row * width_; }

 private:
  Buffer memory_;
  Index width_ = 0;
};

// One head of one example.
struct HeadInput {
  const float* query;
  const float* key;
  const float* value;
  const float* content_bias;
  const float* position_bias;
  const float* position;
  Index absent;

  HeadInput(const AttentionShape& s, const AttentionInput& in, Index task) {
    const Index head = task / s.batch;
    query = in.query + task * s.queries * s.width;
    key = in.key + task * s.keys * s.width;
    value = in.value + task * s.keys * s.width;
    content_bias = in.content_bias != nullptr ? in.content_bias + head * s.width : nullptr;
    position_bias = in.position_bias != nullptr ? in.position_bias + head * s.width : nullptr;
    position = in.position != nullptr ? in.position + head * s.reach() * s.width : nullptr;
    absent = in.absent != nullptr ? in.absent[task % s.batch] : 0;
  }
};

// Queries with a bias, and the scores of a tile.
class Scores {
 public:
  Scores(const AttentionShape& s, const Micro& micro) : s_(s), micro_(micro), padded_(round_up(s.width, micro.panel)) {}

  void take(const HeadInput& head) {
    head_ = &head;
    keys_.pack(micro_, head.key, s_.keys, s_.width);
    if (head.position != nullptr) positions_.pack(micro_, head.position, s_.reach(), s_.width);
  }

  // s(n, j) sqrt(width) of all that the tile holds; what no query sees holds anything.
  float* of(const AttentionTile& t) {
    content_ = biased(content_memory_, t, head_->content_bias);
    float* scores = memory_.zeros(t.count * t.step);
    products(keys_, t, content_, scores);
    if (head_->position == nullptr) return scores;
    placed_ = biased(placed_memory_, t, head_->position_bias);
    RowsCall call = rows_call(placed_, t, t.step + 1);
    call.accumulate = true;
    for (Index r = t.positions; r < t.positions_end; r += micro_.panel) {
      call.panel = positions_.at(r);
      call.valid = static_cast<int>(std::min<Index>(micro_.panel, t.positions_end - r));
      call.out = scores + t.shift + r - t.positions;
      micro_.rows(call);
    }
    return scores;
  }

  // out[i, c] = rows[i] . turned[key of column c]
  void products(const Turned& turned, const AttentionTile& t, const float* rows, float* out) const {
    RowsCall call = rows_call(rows, t, t.step);
    for (Index c = t.keys / micro_.panel * micro_.panel; c < t.keys_end; c += micro_.panel) {
      call.panel = turned.at(t.origin + c);
      call.valid = micro_.panel;
      call.out = out + c;
      micro_.rows(call);
    }
  }

  // (queries, padded width) of a tile, with a bias where there is one.
  float* biased(Buffer& memory, const AttentionTile& t, const float* bias) const { return copied(memory, t, head_->query, bias); }
  float* copied(Buffer& memory, const AttentionTile& t, const float* from, const float* bias) const {
    float* to = memory.zeros(t.count * padded_);
    for (Index i = 0; i < t.count; ++i)
      for (Index k = 0; k < s_.width; ++k)
        to[i * padded_ + k] = from[(t.first + i) * s_.width + k] + (bias != nullptr ? bias[k] : 0.0f);
    return to;
  }

  const float* content() const { return content_; }
  const float* placed() const { return placed_; }
  Index padded() const { return padded_; }
  float scale() const { return 1.0f / std::sqrt(static_cast<float>(s_.width)); }

 private:
  RowsCall rows_call(const float* rows, const AttentionTile& t, Index out_step) const {
    RowsCall call{};
    call.width = micro_.panel;
    call.rows = rows;
    call.row_step = padded_;
    call.segments = &depth_;
    call.segment_count = 1;
    call.out_step = out_step;
    call.row_count = t.count;
    return call;
  }

  const AttentionShape& s_;
  const Micro& micro_;
  Index padded_;
  Segment depth_{0, s_.width, 0};
  const HeadInput* head_ = nullptr;
  Turned keys_, positions_;
  Buffer memory_, content_memory_, placed_memory_;
  const float* content_ = nullptr;
  const float* placed_ = nullptr;
};

// out[i, f] (+)= sum over columns of weights[i, c] rows[row of c, f]
void weighted_sums(const Micro& micro, const float* weights, Index step, Index count, const Segment& columns, const Columns& rows,
                   Index width, float* out, Index out_step) {
  RowsCall call{};
  call.width = micro.panel;
  call.rows = weights;
  call.row_step = step;
  call.segments = &columns;
  call.segment_count = 1;
  call.out_step = out_step;
  call.row_count = count;
  for (Index f = 0; f < width; f += micro.panel) {
    call.panel = rows.at(f);
    call.valid = static_cast<int>(std::min<Index>(micro.panel, width - f));
    call.out = out + f;
    micro.rows(call);
  }
}

// One row of scores to weights before the division by their sum, zeros where nothing is seen;
// returns the logarithm of the sum of exp(s).
float weigh(const Micro& micro, float* row, Index step, const AttentionTile::Columns& seen, float scale, float* sum) {
  const Index n = seen.end - seen.begin;
  const float top = n > 0 ? scale * micro.largest_number(row + seen.begin, n) : 0.0f;
  *sum = n > 0 ? micro.exponential_row(row + seen.begin, n, scale, top) : 1.0f;
  std::fill(row, row + seen.begin, 0.0f);
  std::fill(row + seen.end, row + step, 0.0f);
  return top + std::log(*sum);
}

void forward_head(const AttentionForward& call, const Micro& micro, Index task) {
  const AttentionShape& s = call.shape;
  const HeadInput head(s, call.input, task);
  Scores scores(s, micro);
  scores.take(head);
  Columns values;
  values.pack(head.value, s.keys, s.width, micro.panel);
  for (Index first = 0; first < s.queries; first += kQueries) {
    const AttentionTile t(s, micro.panel, first, kQueries);
    float* weights = scores.of(t);
    float* out = call.out + (task * s.queries + first) * s.width;
    float sums[kQueries];
    for (Index i = 0; i < t.count; ++i) {
      const float log_sum = weigh(micro, weights + i * t.step, t.step, t.seen(s, i, head.absent), scores.scale(), sums + i);
      if (call.log_sum != nullptr) call.log_sum[task * s.queries + first + i] = log_sum;
    }
    const Segment columns{t.keys, t.keys_end - t.keys, t.origin + t.keys};
    weighted_sums(micro, weights, t.step, t.count, columns, values, s.width, out, s.width);
    for (Index i = 0; i < t.count; ++i)
      for (Index k = 0; k < s.width; ++k) out[i * s.width + k] /= sums[i];
  }
}

// What a head of one example adds to gradients that examples share, (reach + 2, padded width): rows
// of positions, then of the two biases.
struct Shared {
  float* position;
  float* content_bias;
  float* position_bias;
};

class BackwardHead {
 public:
  BackwardHead(const AttentionBackward& call, const Micro& micro, Index task)
      : call_(call), s_(call.shape), micro_(micro), head_(s_, call.input, task), scores_(s_, micro), task_(task) {
    scores_.take(head_);
    keys_.pack(head_.key, s_.keys, s_.width, micro.panel);
    values_.pack(micro, head_.value, s_.keys, s_.width);
    if (head_.position != nullptr) positions_.pack(head_.position, s_.reach(), s_.width, micro.panel);
    const Index numbers = s_.keys * scores_.padded();
    dkey_ = key_memory_.zeros(numbers);
    dvalue_ = value_memory_.zeros(numbers);
  }

  void operator()(const Shared& shared) {
    for (Index first = 0; first < s_.queries; first += kQueries) tile(AttentionTile(s_, micro_.panel, first, kQueries), shared);
    compact(dkey_, call_.dkey);
    compact(dvalue_, call_.dvalue);
  }

 private:
  void tile(const AttentionTile& t, const Shared& shared) {
    const Index at = task_ * s_.queries + t.first, padded = scores_.padded();
    float* weights = scores_.of(t);
    const float* dout = scores_.copied(dout_memory_, t, call_.dout + task_ * s_.queries * s_.width, nullptr);
    float* slopes = slope_memory_.zeros(t.count * t.step);
    scores_.products(values_, t, dout, slopes);
    for (Index i = 0; i < t.count; ++i) {
      const auto [begin, end] = t.seen(s_, i, head_.absent);
      float *w = weights + i * t.step, *ds = slopes + i * t.step, mean = 0;
      for (Index k = 0; k < s_.width; ++k) mean += dout[i * padded + k] * call_.out[(at + i) * s_.width + k];
      micro_.exponential_row(w + begin, end - begin, scores_.scale(), call_.log_sum[at + i]);
      micro_.softmax_gradient_row(w + begin, ds + begin, end - begin, mean, scores_.scale());
      for (float* row : {w, ds}) std::fill(row, row + begin, 0.0f), std::fill(row + end, row + t.step, 0.0f);
    }
    const Index key = t.origin + t.keys, count = t.keys_end - t.keys;
    add_outer(weights + t.keys, t.step, count, dout, t.count, dvalue_ + key * padded);
    add_outer(slopes + t.keys, t.step, count, scores_.content(), t.count, dkey_ + key * padded);
    float* dquery = query_memory_.zeros(t.count * padded);
    weighted_sums(micro_, slopes, t.step, t.count, {t.keys, count, key}, keys_, s_.width, dquery, padded);
    if (head_.position != nullptr) {
      const Index rows = t.positions_end - t.positions;
      add_outer(slopes + t.shift, t.step + 1, rows, scores_.placed(), t.count, shared.position + t.positions * padded);
      float* placed = placed_memory_.zeros(t.count * padded);
      weighted_sums(micro_, slopes + t.shift, t.step + 1, t.count, {0, rows, t.positions}, positions_, s_.width, placed, padded);
      micro_.column_sums({dquery, padded}, t.count, padded, shared.content_bias);
      micro_.column_sums({placed, padded}, t.count, padded, shared.position_bias);
      for (Index k = 0; k < t.count * padded; ++k) dquery[k] += placed[k];
    }
    for (Index i = 0; i < t.count; ++i) std::copy_n(dquery + i * padded, s_.width, call_.dquery + (at + i) * s_.width);
  }

  // out[c, f] += sum over queries of left[i, c] right[i, f]
  void add_outer(const float* left, Index step, Index count, const float* right, Index rows, float* out) const {
    const Index padded = scores_.padded();
    for (Index f = 0; f < padded; f += micro_.panel) {
      const OuterCall call{left, step, count, right + f, padded, micro_.panel, rows, out + f, padded};
      micro_.outer(call);
    }
  }

  void compact(const float* from, float* to) const {
    for (Index j = 0; j < s_.keys; ++j) std::copy_n(from + j * scores_.padded(), s_.width, to + (task_ * s_.keys + j) * s_.width);
  }

  const AttentionBackward& call_;
  const AttentionShape& s_;
  const Micro& micro_;
  HeadInput head_;
  Scores scores_;
  Index task_;
  Columns keys_, positions_;
  Turned values_;
  Buffer key_memory_, value_memory_, query_memory_, dout_memory_, slope_memory_, placed_memory_;
  float* dkey_ = nullptr;
  float* dvalue_ = nullptr;
};

// Sums over examples, in their order.
void add_up(const AttentionShape& s, Index padded, const float* parts, Index head, Index part, Index row, Index rows, float* to) {
  std::fill_n(to, rows * s.width, 0.0f);
  for (Index n = 0; n < s.batch; ++n)
    for (Index r = 0; r < rows; ++r)
      for (Index k = 0; k < s.width; ++k) to[r * s.width + k] += parts[(head * s.batch + n) * part + (row + r) * padded + k];
}

}  // namespace

void attention_forward(const AttentionForward& call, const Run& run) {
  check(call.shape, call.input);
  const Micro& loops = micro(run.isa);
  (*run.executor)(call.shape.heads * call.shape.batch, [&](Index task) { forward_head(call, loops, task); });
}

void attention_backward(const AttentionBackward& call, const Run& run) {
  const AttentionShape& s = call.shape;
  check(s, call.input);
  const Micro& loops = micro(run.isa);
  const Index padded = round_up(s.width, loops.panel), part = (s.reach() + 2) * padded;
  const bool positions = call.input.position != nullptr;
  Buffer memory;
  float* parts = positions ? memory.zeros(s.heads * s.batch * part) : nullptr;
  (*run.executor)(s.heads * s.batch, [&](Index task) {
    Shared shared{};
    if (positions) {
      float* own = parts + task * part;
      shared = {own, own + s.reach() * padded, own + (s.reach() + 1) * padded};
    }
    BackwardHead(call, loops, task)(shared);
  });
  if (!positions) return;
  (*run.executor)(s.heads, [&](Index head) {
    add_up(s, padded, parts, head, part, 0, s.reach(), call.dposition + head * s.reach() * s.width);
    add_up(s, padded, parts, head, part, s.reach(), 1, call.dcontent_bias + head * s.width);
    add_up(s, padded, parts, head, part, s.reach() + 1, 1, call.dposition_bias + head * s.width);
  });
}

}  // namespace basewise::kernels
