#include "basewise/methylation/known_sequence.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>

namespace basewise::methylation {
namespace {

struct Stretch {
  std::string chromosome;
  std::int64_t start = 0;
};

bool parse(std::string_view text, std::int64_t& value) {
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  return code == std::errc() && end == text.data() + text.size() && value >= 0;
}

/// What a name says, where it is one of a stretch of that many bases.
std::optional<Stretch> stretch_of(std::string_view name, std::int64_t bases) {
  const auto colon = name.rfind(':'), dash = name.rfind('-');
  if (colon == std::string_view::npos || dash == std::string_view::npos || colon == 0 || dash < colon) return std::nullopt;
  std::int64_t start = 0, end = 0;
  if (!parse(name.substr(colon + 1, dash - colon - 1), start) || !parse(name.substr(dash + 1), end)) return std::nullopt;
  if (end < start || end - start != bases) return std::nullopt;
  return Stretch{std::string(name.substr(0, colon)), start};
}

}  // namespace

KnownSequence::KnownSequence(seq::Genome genome) : genome_(std::move(genome)) {
  std::map<std::string, std::size_t> places;
  for (std::size_t i = 0; i < genome_.sizes().size(); ++i) {
    const seq::Chrom& record = genome_.sizes()[i];
    const Stretch stretch = stretch_of(record.name, record.length).value_or(Stretch{record.name, 0});
    const auto [at, is_new] = places.try_emplace(stretch.chromosome, names_.size());
    if (is_new) {
      names_.push_back(stretch.chromosome);
      pieces_.emplace_back();
    }
    pieces_[at->second].push_back({.start = stretch.start, .bases = genome_.sequence(i)});
  }
  for (auto& pieces : pieces_) {
    std::stable_sort(pieces.begin(), pieces.end(), [](const Piece& a, const Piece& b) { return a.start < b.start; });
    std::int64_t furthest = 0;
    for (Piece& piece : pieces) piece.furthest = furthest = std::max(furthest, piece.end());
  }
}

std::vector<std::int64_t> KnownSequence::places_of(const std::vector<std::string>& names) const {
  seq::ChromSizes sizes;
  for (const std::string& name : names_) sizes.add({.name = name});
  std::vector<std::int64_t> places;
  for (const std::string& name : names) {
    const auto found = sizes.find(name);
    places.push_back(found ? static_cast<std::int64_t>(*found) : -1);
  }
  return places;
}

/// The number of pieces that begin at `position` or before it.
std::size_t KnownSequence::behind(const std::vector<Piece>& pieces, std::int64_t position) const {
  const auto at =
      std::upper_bound(pieces.begin(), pieces.end(), position, [](std::int64_t p, const Piece& piece) { return p < piece.start; });
  return static_cast<std::size_t>(at - pieces.begin());
}

seq::Token KnownSequence::at(std::int64_t place, std::int64_t position) const {
  seq::Token token = seq::kN;
  read(place, position, {&token, 1});
  return token;
}

void KnownSequence::read(std::int64_t place, std::int64_t start, std::span<seq::Token> tokens) const {
  std::fill(tokens.begin(), tokens.end(), seq::kN);
  if (place < 0) return;
  const auto& pieces = pieces_[static_cast<std::size_t>(place)];
  const std::int64_t end = start + std::ssize(tokens);
  for (std::size_t i = behind(pieces, end - 1); i > 0 && pieces[i - 1].furthest > start; --i) {
    const Piece& piece = pieces[i - 1];
    const std::int64_t from = std::max(start, piece.start), to = std::min(end, piece.end());
    if (from < to) std::copy_n(piece.bases.begin() + (from - piece.start), to - from, tokens.begin() + (from - start));
  }
}

}  // namespace basewise::methylation
