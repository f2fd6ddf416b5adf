#include "basewise/kernels/optimise.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "basewise/kernels/detail/micro.h"

namespace basewise::kernels {
namespace {

using detail::Index;

// Numbers that one thread takes at a time: what a rule reads and writes then stays in the
// second-level cache.
constexpr Index kPiece = 16384;

struct Piece {
  std::size_t item;
  Index begin;
  Index count;
};

template <class Items>
std::vector<Piece> pieces(const Items& items) {
  std::vector<Piece> all;
  for (std::size_t i = 0; i < items.size(); ++i)
    for (Index begin = 0; begin < items[i].n; begin += kPiece) all.push_back({i, begin, std::min(kPiece, items[i].n - begin)});
  return all;
}

// Small parameters are many and cheap: neighbouring pieces go to one thread together, a thread's
// share being at least one full piece.
template <class Items, class Body>
void over_pieces(const Items& items, const Run& run, Body&& body) {
  const std::vector<Piece> all = pieces(items);
  std::vector<std::size_t> starts;
  Index filled = kPiece;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (filled + all[i].count > kPiece) starts.push_back(i), filled = 0;
    filled += all[i].count;
  }
  starts.push_back(all.size());
  (*run.executor)(static_cast<Index>(starts.size()) - 1, [&](Index task) {
    for (std::size_t i = starts[static_cast<std::size_t>(task)]; i < starts[static_cast<std::size_t>(task) + 1]; ++i) body(all[i], i);
  });
}

}  // namespace

void update(std::span<const Update> updates, const Run& run) {
  const detail::Micro& loops = detail::micro(run.isa);
  over_pieces(updates, run, [&](const Piece& piece, std::size_t) {
    Update part = updates[piece.item];
    part.parameter += piece.begin;
    part.gradient += piece.begin;
    for (float*& slot : part.slots)
      if (slot != nullptr) slot += piece.begin;
    part.n = piece.count;
    loops.update(part);
  });
}

double bounded_norm(std::span<const Numbers> all, float bound, const Run& run) {
  const detail::Micro& loops = detail::micro(run.isa);
  std::vector<double> squares(pieces(all).size());
  over_pieces(all, run, [&](const Piece& piece, std::size_t i) {
    squares[i] = loops.bounded_squares(all[piece.item].data + piece.begin, piece.count, bound);
  });
  double sum = 0;
  for (const double s : squares) sum += s;
  return std::sqrt(sum);
}

void scale(std::span<const Numbers> all, float factor, const Run& run) {
  over_pieces(all, run, [&](const Piece& piece, std::size_t) {
    float* x = all[piece.item].data + piece.begin;
    for (Index i = 0; i < piece.count; ++i) x[i] *= factor;
  });
}

void blend(std::span<const Blend> all, float share, const Run& run) {
  over_pieces(all, run, [&](const Piece& piece, std::size_t) {
    float* to = all[piece.item].to + piece.begin;
    const float* from = all[piece.item].from + piece.begin;
    for (Index i = 0; i < piece.count; ++i) to[i] += share * (from[i] - to[i]);
  });
}

}  // namespace basewise::kernels
