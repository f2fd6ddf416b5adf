#include "basewise/evaluate/detail/kept_pairs.h"

#include <algorithm>

#include "basewise/core/error.h"

namespace basewise::evaluate::detail {
namespace {

/// The place in [0, length) of a circle.
std::int64_t wrapped(std::int64_t position, std::int64_t length) { return (position % length + length) % length; }

template <class T>
void append(std::vector<T>& to, const std::vector<T>& from) {
  to.insert(to.end(), from.begin(), from.end());
}

/// Room for `more` values, without the doubling that would take twice what was planned.
template <class T>
void make_room(std::vector<T>& values, std::size_t more) {
  if (values.size() + more > values.capacity()) values.reserve(std::max(values.size() + more, values.size() + values.size() / 4));
}

void append(Column& to, const Column& from) {
  append(to.scores, from.scores);
  append(to.targets, from.targets);
  append(to.blocks, from.blocks);
  append(to.positions, from.positions);
  append(to.tracks, from.tracks);
  to.missing += from.missing;
}

}  // namespace

std::int64_t PairPlaces::block_at(const PairBatch& batch, std::int64_t example, std::int64_t number, std::int64_t l) const {
  if (!batch.placed() || block == 0) return number;
  return block_of(batch.chromosome(example), batch.start(example) + l * bases_per_value, block);
}

void KeptPairs::add(const PairBatch& batch, std::int64_t example, std::int64_t number) {
  if (columns_.empty()) columns_.resize(static_cast<std::size_t>(batch.channels()));
  if (columns_.size() != static_cast<std::size_t>(batch.channels()))
    throw ShapeError(format("an example has {} outputs, those before it have {}", batch.channels(), columns_.size()));
  for (std::int64_t c = 0; c < batch.channels(); ++c) add_channel(batch, example, number, c);
}

void KeptPairs::add_channel(const PairBatch& batch, std::int64_t example, std::int64_t number, std::int64_t channel) {
  const auto s = batch.scores(example, channel), t = batch.targets(example, channel);
  const bool* measured = batch.measured(example, channel);
  const bool coordinates = places_.coordinates && batch.placed() && batch.along();
  const std::int64_t around = coordinates ? batch.circle(example) : 0;
  const std::int64_t track = batch.chromosome(example) * batch.channels() + channel;
  if (around > 0) circles_[track] = around;
  Column& column = columns_[static_cast<std::size_t>(channel)];
  make_room(column.scores, s.size());
  make_room(column.targets, s.size());
  if (places_.blocks) make_room(column.blocks, s.size());
  for (std::int64_t l = 0; l < batch.length(); ++l) {
    const auto i = static_cast<std::size_t>(l);
    if (measured && !measured[i]) {
      ++column.missing;
      continue;
    }
    column.scores.push_back(s[i]);
    column.targets.push_back(t[i]);
    if (places_.blocks) column.blocks.push_back(places_.block_at(batch, example, number, l));
    if (!coordinates) continue;
    const std::int64_t base = batch.start(example) + l * places_.bases_per_value;
    column.positions.push_back(around > 0 ? wrapped(base, around) : base);
    column.tracks.push_back(track);
  }
}

void KeptPairs::merge(KeptPairs&& other) {
  if (columns_.empty()) columns_.resize(other.columns_.size());
  if (!other.columns_.empty() && columns_.size() != other.columns_.size())
    throw ShapeError(format("{} outputs are merged with {}", columns_.size(), other.columns_.size()));
  for (std::size_t c = 0; c < other.columns_.size(); ++c) {
    append(columns_[c], other.columns_[c]);
    other.columns_[c] = {};
  }
  circles_.merge(other.circles_);
  other = KeptPairs(places_);
}

bool KeptPairs::binary() const {
  return std::all_of(columns_.begin(), columns_.end(), [](const Column& c) {
    return std::all_of(c.targets.begin(), c.targets.end(), [](float t) { return t == 0 || t == 1; });
  });
}

std::int64_t KeptPairs::bytes_per_value() const {
  return static_cast<std::int64_t>(2 * sizeof(float) + (places_.blocks ? sizeof(std::int64_t) : 0) +
                                   (places_.coordinates ? 2 * sizeof(std::int64_t) : 0));
}

std::int64_t KeptPairs::bytes() const {
  std::int64_t values = 0;
  for (const Column& c : columns_) values += static_cast<std::int64_t>(c.scores.size());
  return values * bytes_per_value();
}

Column pool(std::vector<Column>& columns) {
  if (columns.empty()) return {};
  Column pooled = std::move(columns[0]);
  for (std::size_t c = 1; c < columns.size(); ++c) {
    append(pooled, columns[c]);
    columns[c] = {};
  }
  return pooled;
}

}  // namespace basewise::evaluate::detail
