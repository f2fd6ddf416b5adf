#include "basewise/motifs/detail/bound_index.h"

#include <algorithm>
#include <cmath>

#include "basewise/core/parallel.h"

namespace basewise::motifs::detail {
namespace {

constexpr std::uint32_t kFrequent = 1 << 16;
constexpr int kLargestByte = 127;

/// Rounded up; a last bit less does no harm where bounds are compared.
std::uint8_t byte_of(float weight, float scale) {
  return static_cast<std::uint8_t>(std::min(static_cast<int>(std::ceil(weight / scale)), kLargestByte));
}

std::int32_t list_weight(float weight) { return static_cast<std::int32_t>(std::ceil(std::abs(weight) / BoundIndex::kListScale)); }

std::int64_t place_of(std::int64_t slot, std::int64_t row) {
  return (slot / kGroupBytes * kUnitRows + row) * kGroupBytes + slot % kGroupBytes;
}

}  // namespace

BoundIndex::BoundIndex(const KmerMatrix& matrix, std::span<const std::int32_t> order)
    : matrix_(matrix), order_(order), frequent_(std::min(kFrequent, matrix.codes())), of_tile_((matrix.rows() + kRows - 1) / kRows) {
  make_rare();
  parallel_for(tiles(), 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t tile = begin; tile < end; ++tile) make_tile(tile);
  });
}

std::span<const std::int32_t> BoundIndex::rows(std::int64_t tile) const {
  const std::int64_t first = tile * kRows;
  return order_.subspan(first, std::min(kRows, static_cast<std::int64_t>(order_.size()) - first));
}

void BoundIndex::make_rare() {
  const std::uint32_t codes = matrix_.codes() - frequent_;
  rare_begin_.assign(codes + 2, 0);
  for (const std::uint32_t code : matrix_.code)
    if (code >= frequent_) ++rare_begin_[code - frequent_ + 2];
  for (std::uint32_t code = 0; code < codes; ++code) rare_begin_[code + 2] += rare_begin_[code + 1];
  rare_place_.resize(rare_begin_.back());
  rare_weight_.resize(rare_begin_.back());
  for (std::size_t i = 0; i < order_.size(); ++i)
    for (std::int64_t e = matrix_.row_begin[order_[i]]; e < matrix_.row_begin[order_[i] + 1]; ++e) {
      if (matrix_.code[e] < frequent_) continue;
      const std::int64_t at = rare_begin_[matrix_.code[e] - frequent_ + 1]++;
      rare_place_[at] = static_cast<std::uint32_t>(i);
      rare_weight_[at] = static_cast<std::uint16_t>(list_weight(matrix_.weight[e]));
    }
  rare_begin_.pop_back();
}

void BoundIndex::make_tile(std::int64_t tile) {
  std::vector<std::uint32_t> count(frequent_), codes;
  for (const std::int32_t row : rows(tile))
    for (std::int64_t e = matrix_.row_begin[row]; e < matrix_.row_begin[row + 1] && matrix_.code[e] < frequent_; ++e)
      ++count[matrix_.code[e]];
  for (std::uint32_t code = 0; code < frequent_; ++code)
    if (count[code] > 0) codes.push_back(code);
  if (codes.size() > kSlots) {
    std::nth_element(codes.begin(), codes.begin() + kSlots, codes.end(),
                     [&](std::uint32_t a, std::uint32_t b) { return count[a] != count[b] ? count[a] > count[b] : a < b; });
    codes.resize(kSlots);
    std::sort(codes.begin(), codes.end());  // neighbours in a group are often there together
  }
  std::vector<std::uint16_t>& slot = of_tile_[tile].slot;
  slot.assign(frequent_, static_cast<std::uint16_t>(kSlots));
  for (std::size_t i = 0; i < codes.size(); ++i) slot[codes[i]] = static_cast<std::uint16_t>(i);
  fill_matrix(tile);
  fill_lists(tile);
}

void BoundIndex::fill_matrix(std::int64_t tile) {
  Tile& to = of_tile_[tile];
  to.bytes.assign(kRows * kSlots, 0);
  to.scale.assign(kUnits, 0);
  const std::span<const std::int32_t> of = rows(tile);
  for (std::int64_t unit = 0; unit * kUnitRows < static_cast<std::int64_t>(of.size()); ++unit) {
    const auto some = of.subspan(unit * kUnitRows, std::min(kUnitRows, static_cast<std::int64_t>(of.size()) - unit * kUnitRows));
    const auto each = [&](const auto& body) {
      for (std::size_t i = 0; i < some.size(); ++i)
        for (std::int64_t e = matrix_.row_begin[some[i]]; e < matrix_.row_begin[some[i] + 1] && matrix_.code[e] < frequent_; ++e)
          if (const std::int64_t slot = to.slot[matrix_.code[e]]; slot < kSlots)
            body(place_of(slot, static_cast<std::int64_t>(i)), std::abs(matrix_.weight[e]));
    };
    float largest = 0;
    each([&](std::int64_t, float weight) { largest = std::max(largest, weight); });
    to.scale[unit] = largest / kLargestByte;
    std::uint8_t* bytes = to.bytes.data() + unit * kUnitRows * kSlots;
    each([&](std::int64_t place, float weight) { bytes[place] = byte_of(weight, to.scale[unit]); });
  }
}

void BoundIndex::fill_lists(std::int64_t tile) {
  Tile& to = of_tile_[tile];
  const std::span<const std::int32_t> of = rows(tile);
  const auto each = [&](const auto& body) {
    for (std::size_t i = 0; i < of.size(); ++i)
      for (std::int64_t e = matrix_.row_begin[of[i]]; e < matrix_.row_begin[of[i] + 1] && matrix_.code[e] < frequent_; ++e)
        if (to.slot[matrix_.code[e]] == kSlots) body(static_cast<std::uint32_t>(i), e);
  };
  to.begin.assign(frequent_ + 2, 0);
  each([&](std::uint32_t, std::int64_t e) { ++to.begin[matrix_.code[e] + 2]; });
  for (std::uint32_t code = 0; code < frequent_; ++code) to.begin[code + 2] += to.begin[code + 1];
  to.entry.resize(to.begin.back());
  each([&](std::uint32_t row, std::int64_t e) {
    to.entry[to.begin[matrix_.code[e] + 1]++] = row | static_cast<std::uint32_t>(list_weight(matrix_.weight[e])) << 16;
  });
  to.begin.pop_back();
}

void BoundIndex::rare(std::int64_t row, Rare& to) const {
  to.tile_begin.assign(tiles() + 2, 0);
  const auto each = [&](const auto& body) {
    for (std::int64_t e = matrix_.row_begin[row]; e < matrix_.row_begin[row + 1]; ++e)
      for (std::int32_t strand = 0; strand < 2; ++strand) {
        const std::uint32_t code = strand == 0 ? matrix_.code[e] : matrix_.turned(matrix_.code[e]);
        if (code < frequent_) continue;
        const std::int32_t weight = list_weight(matrix_.weight[e]);
        for (std::int64_t at = rare_begin_[code - frequent_]; at < rare_begin_[code - frequent_ + 1]; ++at)
          body(rare_place_[at], strand, weight * rare_weight_[at]);
      }
  };
  each([&](std::uint32_t place, std::int32_t, std::int32_t) { ++to.tile_begin[place / kRows + 2]; });
  for (std::int64_t tile = 0; tile < tiles(); ++tile) to.tile_begin[tile + 2] += to.tile_begin[tile + 1];
  to.place.resize(to.tile_begin.back());
  to.product.resize(to.tile_begin.back());
  each([&](std::uint32_t place, std::int32_t strand, std::int32_t product) {
    const std::int64_t at = to.tile_begin[place / kRows + 1]++;
    to.place[at] = static_cast<std::int32_t>(place % kRows * 2) + strand;
    to.product[at] = product;
  });
}

void BoundIndex::query(std::int64_t row, const Rare& rare, std::int64_t tile, Query& to) const {
  const Tile& of = of_tile_[tile];
  float largest = 0;
  for (std::int64_t e = matrix_.row_begin[row]; e < matrix_.row_begin[row + 1]; ++e)
    largest = std::max(largest, std::abs(matrix_.weight[e]));
  to.scale = largest / kLargestByte;
  for (Strand& strand : to.strand) {
    strand.bytes.fill(0);
    strand.sums.fill(0);
  }
  for (std::int64_t e = matrix_.row_begin[row]; e < matrix_.row_begin[row + 1] && matrix_.code[e] < frequent_; ++e) {
    const float magnitude = std::abs(matrix_.weight[e]);
    const std::int32_t weight = list_weight(magnitude);
    const std::uint32_t codes[2] = {matrix_.code[e], matrix_.turned(matrix_.code[e])};
    for (int s = 0; s < 2; ++s) {
      const std::uint32_t code = codes[s];
      if (of.slot[code] < kSlots) {
        to.strand[s].bytes[of.slot[code]] = byte_of(magnitude, to.scale);
        continue;
      }
      std::int32_t* sums = to.strand[s].sums.data();
      for (std::uint32_t at = of.begin[code]; at < of.begin[code + 1]; ++at)
        sums[of.entry[at] & 0xffffu] += weight * static_cast<std::int32_t>(of.entry[at] >> 16);
    }
  }
  for (std::int64_t at = rare.tile_begin[tile]; at < rare.tile_begin[tile + 1]; ++at)
    to.strand[rare.place[at] % 2].sums[rare.place[at] / 2] += rare.product[at];
}

}  // namespace basewise::motifs::detail
