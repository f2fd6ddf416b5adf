#include "basewise/plan/detail/edit_flat.h"

#include <algorithm>
#include <cstring>

#include "basewise/ops/native.h"

namespace basewise::plan::detail {
namespace {

constexpr Index kMostRows = 192;  // of a product

struct Bucket {
  int value = 0;
  RowRange rows;
  std::vector<Index> members;
};

void multiply(EditCall& call, const Bucket& bucket) {
  const PlanOp& o = call.split.op(bucket.value);
  const int flatten = o.sources.front();
  const EditCall::Flat& flat = call.flats.at(flatten);
  const auto& fed = call.split.fed;
  const auto number = static_cast<std::size_t>(std::lower_bound(fed.begin(), fed.end(), bucket.value) - fed.begin());
  const at::Tensor& reference = call.reference.of(call.split, bucket.value);
  const auto n = static_cast<Index>(bucket.members.size());
  const Index columns = bucket.rows.count() * o.rows_of;
  std::vector<float> x(static_cast<std::size_t>(n * columns)), y(static_cast<std::size_t>(n * o.channels), 0.0f);
  for (Index i = 0; i < n; ++i)
    std::copy_n(flat.numbers.data() + flat.at[static_cast<std::size_t>(bucket.members[static_cast<std::size_t>(i)])], columns,
                x.data() + i * columns);
  if (!bucket.rows.empty()) {
    kernels::PackedConv::Taps product;
    product.x = x.data() - bucket.rows.begin * o.rows_of, product.x_step = columns, product.tap_step = o.rows_of;
    product.first = bucket.rows.begin, product.last = bucket.rows.end;
    product.count = n, product.y = y.data(), product.y_step = o.channels;
    product.joined = true;
    call.weights.sums(bucket.value)(product);
  }
  for (Index i = 0; i < n; ++i) {
    const Index e = bucket.members[static_cast<std::size_t>(i)];
    const float* was = reference.const_data_ptr<float>() + call.edits[static_cast<std::size_t>(e)].example * o.channels;
    float* to = call.fed[number].mutable_data_ptr<float>() + e * o.channels;
    for (Index c = 0; c < o.channels; ++c) to[c] = was[c] + y[static_cast<std::size_t>(i * o.channels + c)];
  }
}

}  // namespace

void place_flats(EditCall& call) {
  for (std::size_t i = 0; i < call.split.roles.size(); ++i) {
    if (call.split.roles[i] != EditRole::passed) continue;
    EditCall::Flat& flat = call.flats[static_cast<int>(i)];
    Index size = 0;
    for (const EditWindows* w : call.windows) {
      flat.at.push_back(size);
      size += w->rows[i].count() * call.split.op(call.split.program.ops[i].sources.front()).channels;
    }
    flat.numbers.resize(static_cast<std::size_t>(size));
  }
}

void multiply_flats(EditCall& call) {
  std::vector<Bucket> buckets;
  for (std::size_t i = 0; i < call.split.roles.size(); ++i) {
    if (call.split.roles[i] != EditRole::flat) continue;
    const auto flatten = static_cast<std::size_t>(call.split.program.ops[i].sources.front());
    std::map<std::pair<Index, Index>, std::vector<Index>> by_rows;
    for (std::size_t e = 0; e < call.windows.size(); ++e) {
      const RowRange r = call.windows[e]->rows[flatten];
      by_rows[{r.begin, r.end}].push_back(static_cast<Index>(e));
    }
    for (const auto& [rows, members] : by_rows)
      for (std::size_t first = 0; first < members.size(); first += kMostRows) {
        const auto last = std::min(members.size(), first + kMostRows);
        buckets.push_back({static_cast<int>(i),
                           {rows.first, rows.second},
                           {members.begin() + static_cast<std::ptrdiff_t>(first), members.begin() + static_cast<std::ptrdiff_t>(last)}});
      }
  }
  (*ops::native_run().executor)(static_cast<Index>(buckets.size()), [&](Index i) { multiply(call, buckets[static_cast<std::size_t>(i)]); });
}

}  // namespace basewise::plan::detail
