#include "basewise/methylation/neighbours.h"

#include <algorithm>
#include <cmath>

#include "basewise/core/error.h"

namespace basewise::methylation {
namespace {

constexpr std::int64_t kMostEachSide = 10'000;

/// As files have it.
struct Plain {
  using Distance = std::int32_t;
  static constexpr float missing_state = kNotMeasured;
  static constexpr Distance missing_distance = -1;
  static Distance distance(std::int64_t bases) { return static_cast<Distance>(bases); }
};

/// As networks take it.
struct Scaled {
  using Distance = float;
  static constexpr float missing_state = kMissingState;
  static constexpr Distance missing_distance = 1;
  static Distance distance(std::int64_t bases) {
    return static_cast<float>(std::min(bases, kFurthest)) * (1.0F / static_cast<float>(kFurthest));
  }
};

/// Both sides of a place in the sites of a cell.
template <class Form, class Share>
void fill_place(std::span<const std::uint32_t> positions, std::span<const Share> shares, const ObservedSites& sites, std::int64_t position,
                std::size_t each_side, float* states, typename Form::Distance* distances) {
  const std::size_t at = sites.before(position);
  const std::size_t right = at + (at < positions.size() && std::int64_t{positions[at]} == position ? 1 : 0);
  const std::size_t on_left = std::min(each_side, at), on_right = std::min(each_side, positions.size() - right);
  const std::size_t lacking = each_side - on_left, found = each_side + on_right;
  std::fill_n(states, lacking, Form::missing_state);
  std::fill_n(distances, lacking, Form::missing_distance);
  for (std::size_t i = 0; i < on_left; ++i) {
    const std::size_t from = at - on_left + i;
    states[lacking + i] = static_cast<float>(shares[from]);
    distances[lacking + i] = Form::distance(position - std::int64_t{positions[from]});
  }
  for (std::size_t i = 0; i < on_right; ++i) {
    states[each_side + i] = static_cast<float>(shares[right + i]);
    distances[each_side + i] = Form::distance(std::int64_t{positions[right + i]} - position);
  }
  std::fill(states + found, states + 2 * each_side, Form::missing_state);
  std::fill(distances + found, distances + 2 * each_side, Form::missing_distance);
}

template <class Form>
void fill_site(const ObservedSites& sites, std::int64_t position, std::size_t each_side, float* states,
               typename Form::Distance* distances) {
  sites.visit([&]<class Share>(std::span<const Share> shares) {
    fill_place<Form, Share>(sites.positions(), shares, sites, position, each_side, states, distances);
  });
}

template <class Form>
void fill_all(const CellTable& table, const SiteList& sites, std::size_t each_side, std::span<const std::int64_t> rows, float* states,
              typename Form::Distance* distances) {
  for (const std::int64_t row : rows) {
    const Site site = sites[row];
    for (std::size_t cell = 0; cell < table.cells().size(); ++cell) {
      fill_site<Form>(table.at(cell, site.chrom), site.position, each_side, states, distances);
      states += 2 * each_side;
      distances += 2 * each_side;
    }
  }
}

}  // namespace

Neighbours::Neighbours(const CellTable& table, const SiteList& sites, std::int64_t each_side)
    : table_(table), sites_(sites), each_side_(each_side) {
  if (each_side < 1 || each_side > kMostEachSide)
    throw ArgumentError(format("{} neighbours on each side; expected 1 to {}", each_side, kMostEachSide));
  if (sites.chromosomes() != table.chromosomes().size())
    throw ArgumentError(
        format("the sites lie on {} chromosomes, and the table of cells has {}", sites.chromosomes(), table.chromosomes().size()));
}

void Neighbours::check(std::size_t rows, std::size_t cells, std::size_t states, std::size_t distances) const {
  const std::size_t wanted = rows * cells * static_cast<std::size_t>(width());
  if (states != wanted || distances != wanted)
    throw ArgumentError(format("{} sites of {} cells have {} x {} x {} neighbours; the arrays hold {} states and {} distances", rows, cells,
                               rows, cells, width(), states, distances));
}

void Neighbours::fill(std::span<const std::int64_t> rows, std::span<float> states, std::span<std::int32_t> distances) const {
  check(rows.size(), table_.cells().size(), states.size(), distances.size());
  fill_all<Plain>(table_, sites_, static_cast<std::size_t>(each_side_), rows, states.data(), distances.data());
}

void Neighbours::fill_scaled(std::span<const std::int64_t> rows, std::span<float> states, std::span<float> distances) const {
  check(rows.size(), table_.cells().size(), states.size(), distances.size());
  fill_all<Scaled>(table_, sites_, static_cast<std::size_t>(each_side_), rows, states.data(), distances.data());
}

void Neighbours::fill_cell(std::size_t cell, std::span<const std::int64_t> rows, std::span<float> states,
                           std::span<std::int32_t> distances) const {
  check(rows.size(), 1, states.size(), distances.size());
  const auto each_side = static_cast<std::size_t>(each_side_);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const Site site = sites_[rows[i]];
    const std::size_t at = i * 2 * each_side;
    fill_site<Plain>(table_.at(cell, site.chrom), site.position, each_side, &states[at], &distances[at]);
  }
}

void Neighbours::labels(std::span<const std::int64_t> rows, std::span<float> labels) const {
  const std::size_t cells = table_.cells().size();
  if (labels.size() != rows.size() * cells)
    throw ArgumentError(
        format("{} sites of {} cells have {} labels; the array holds {}", rows.size(), cells, rows.size() * cells, labels.size()));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const Site site = sites_[rows[i]];
    for (std::size_t cell = 0; cell < cells; ++cell) {
      const float share = table_.at(cell, site.chrom).share_at(site.position);
      labels[i * cells + cell] = std::isnan(share) ? kNotMeasured : share;
    }
  }
}

}  // namespace basewise::methylation
