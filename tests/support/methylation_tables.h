// Tables of calls for tests.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "basewise/core/random.h"
#include "basewise/io/fasta_genome.h"
#include "basewise/methylation/calls.h"
#include "basewise/methylation/known_sequence.h"
#include "tests/support/test_files.h"

namespace basewise::methylation::test_tables {

/// Position and share.
using Calls = std::vector<std::pair<std::uint32_t, float>>;

inline ChromCalls chrom_calls(const Calls& calls, std::vector<std::uint32_t> coverage = {}) {
  ChromCalls chrom = {.coverage = std::move(coverage)};
  for (const auto& [position, share] : calls) {
    chrom.positions.push_back(position);
    chrom.shares.push_back(share);
  }
  return chrom;
}

/// Cells a, b, ... with calls on chromosomes c0, c1, ...
inline CallTable table_of(std::vector<std::vector<ChromCalls>> cells) {
  CallTable table;
  for (std::size_t chrom = 0; chrom < cells.front().size(); ++chrom) table.chromosomes.push_back("c" + std::to_string(chrom));
  for (auto& chroms : cells) {
    const std::string name(1, static_cast<char>('a' + table.cells.size()));
    table.cells.push_back({.name = name, .file = name + ".tsv", .chroms = std::move(chroms)});
  }
  return table;
}

/// Random calls: 3 cells, chromosomes of 40, 0 and 7 sites at most, states 0 or 1, or (`shares`)
/// any.
inline CallTable random_table(std::uint64_t seed, bool shares) {
  Stream random(seed);
  std::vector<std::vector<ChromCalls>> cells(3);
  for (auto& cell : cells)
    for (const std::uint32_t most : {40U, 0U, 7U}) {
      Calls calls;
      for (std::uint32_t i = 0; i < most; ++i)
        if (random.bernoulli(0.6))
          calls.emplace_back(10 + 3 * i + static_cast<std::uint32_t>(random.below(3)),
                             shares ? static_cast<float>(random.uniform()) : static_cast<float>(random.below(2)));
      cell.push_back(chrom_calls(calls));
    }
  return table_of(std::move(cells));
}

inline KnownSequence sequence_of(const std::string& fasta) {
  const testing_files::Folder folder;
  return KnownSequence(io::load_genome(folder.file("x.fa", fasta)).genome);
}

}  // namespace basewise::methylation::test_tables
