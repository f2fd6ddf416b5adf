#include "basewise/interpret/detail/path_sums.h"

#include <algorithm>
#include <span>
#include <vector>

#include "basewise/interpret/detail/path.h"
#include "basewise/tensor/tensors.h"

namespace basewise::interpret::detail {
namespace {

at::TensorOptions double_beside(const at::Tensor& x) { return at::TensorOptions().dtype(at::kDouble).device(x.device()); }

std::span<const double> span_of(const at::Tensor& x) {
  return {x.const_data_ptr<double>(), static_cast<std::size_t>(x.numel())};
}

/// Ways from references to one sequence, walked together.
class Ways {
 public:
  /// References [begin, end) of sequence `example`.
  Ways(const Call& call, std::int64_t example, std::int64_t begin, std::int64_t end, std::int64_t steps)
      : example_(example),
        most_(call.most),
        from_(call.references[call.references.size(0) == 1 ? 0 : example].slice(0, begin, end)),
        way_(call.sequences[example] - from_),
        gradients_(at::empty({end - begin, steps, way_.size(1), way_.size(2)}, way_.options())),
        places_(static_cast<std::size_t>(end - begin), AdaptivePlaces(steps)) {}

  void walk(const PointsFn& at_points) {
    for (std::int64_t done = 0; done < gradients_.size(1);) {
      std::vector<double> places;
      for (const AdaptivePlaces& own : places_) {
        const std::vector<double> some = own.next();
        places.insert(places.end(), some.begin(), some.end());
      }
      const std::int64_t each = std::ssize(places) / from_.size(0);
      look(places, each, done, at_points);
      done += each;
    }
  }

  /// Weighted sums of the gradients of each way, (R, 4, L) double.
  at::Tensor means() const {
    std::vector<double> all;
    for (const AdaptivePlaces& own : places_) {
      const std::vector<double> some = own.weights();
      all.insert(all.end(), some.begin(), some.end());
    }
    const at::Tensor weights = to_tensor(std::span<const double>(all), {from_.size(0), gradients_.size(1)}).to(gradients_.device());
    at::Tensor means = at::zeros(way_.sizes(), double_beside(way_));
    for (std::int64_t k = 0; k < weights.size(1); ++k)
      means.addcmul_(gradients_.select(1, k).to(at::kDouble), weights.select(1, k).view({-1, 1, 1}));
    return means;
  }

  const at::Tensor& from() const { return from_; }

 private:
  /// Gradients at `each` places of each way, which become those from `done` on.
  void look(const std::vector<double>& places, std::int64_t each, std::int64_t done, const PointsFn& at_points) {
    const at::Tensor share = to_tensor(std::span<const double>(places), {from_.size(0), each, 1, 1}).to(way_.options());
    const at::Tensor points = (from_.unsqueeze(1) + way_.unsqueeze(1) * share).flatten(0, 1);
    std::vector<at::Tensor> gradients, values;
    for (std::int64_t begin = 0; begin < points.size(0); begin += most_) {
      const at::Tensor some = points.slice(0, begin, std::min(begin + most_, points.size(0)));
      const AtPoints found = at_points(some, at::full({some.size(0)}, example_, at::kLong));
      gradients.push_back(found.gradients);
      values.push_back(found.values);
    }
    const at::Tensor here = at::cat(gradients).view({from_.size(0), each, way_.size(1), way_.size(2)});
    gradients_.slice(1, done, done + each).copy_(here);
    const at::Tensor slopes = (here.to(at::kDouble) * way_.unsqueeze(1)).sum({2, 3}).cpu().contiguous();
    const at::Tensor value = at::cat(values).to(at::kCPU, at::kDouble).contiguous();
    const auto n = static_cast<std::size_t>(each);
    for (std::size_t r = 0; r < places_.size(); ++r)
      places_[r].add(std::span(places).subspan(r * n, n), span_of(value).subspan(r * n, n), span_of(slopes).subspan(r * n, n));
  }

  std::int64_t example_, most_;
  at::Tensor from_;       // (R, 4, L)
  at::Tensor way_;        // (R, 4, L)
  at::Tensor gradients_;  // (R, steps, 4, L)
  std::vector<AdaptivePlaces> places_;
};

}  // namespace

at::Tensor even_paths(const Call& call, std::int64_t steps, double shift, const PointsFn& at_points, ScoreSums& sums) {
  const std::int64_t n = call.examples(), each = call.references.size(1);
  at::Tensor sums_of_pairs = at::zeros({n * each}, double_beside(call.sequences));
  for (const Piece& piece : pieces(n, each * steps, call.most)) {
    const at::Tensor rows = (piece.examples() + piece.begin).to(call.sequences.device());
    const at::Tensor places = piece.places() + piece.from, pair = at::floor_divide(places, steps);
    const at::Tensor share = ((places - pair * steps).to(call.sequences.scalar_type()) + shift) / static_cast<double>(steps);
    const at::Tensor flat = call.references.size(0) == 1 ? pair : piece.examples() * each + piece.begin * each + pair;
    const at::Tensor from = call.references.flatten(0, 1).index_select(0, flat.to(call.references.device()));
    const at::Tensor way = call.sequences.index_select(0, rows) - from;
    const at::Tensor m = at_points(from + way * share.view({-1, 1, 1}).to(way.device()), rows).gradients;
    const at::Tensor product = sums.add(rows, from, m, 1.0 / static_cast<double>(each * steps));
    sums_of_pairs.index_add_(0, rows * each + pair.to(rows.device()), product, 1.0 / static_cast<double>(steps));
  }
  return sums_of_pairs.view({n, each});
}

at::Tensor adaptive_paths(const Call& call, std::int64_t steps, const PointsFn& at_points, ScoreSums& sums) {
  const std::int64_t n = call.examples(), each = call.references.size(1);
  const std::int64_t together = std::max<std::int64_t>(1, call.most / (steps / 2));
  at::Tensor sums_of_pairs = at::zeros({n, each}, double_beside(call.sequences));
  for (std::int64_t i = 0; i < n; ++i)
    for (std::int64_t begin = 0; begin < each; begin += together) {
      const std::int64_t end = std::min(begin + together, each);
      Ways ways(call, i, begin, end, steps);
      ways.walk(at_points);
      const at::Tensor rows = at::full({end - begin}, i, at::kLong);
      sums_of_pairs[i].slice(0, begin, end).copy_(sums.add(rows, ways.from(), ways.means(), 1.0 / static_cast<double>(each)));
    }
  return sums_of_pairs;
}

}  // namespace basewise::interpret::detail
