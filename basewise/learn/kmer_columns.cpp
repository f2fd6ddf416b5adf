#include "basewise/learn/kmer_columns.h"

#include <algorithm>
#include <map>
#include <mutex>

#include "basewise/core/error.h"
#include "basewise/core/parallel.h"
#include "basewise/io/fasta.h"

namespace basewise::learn {
namespace {

using Counts = std::vector<std::uint32_t>;
using Histograms = std::vector<Counts>;  // (words)(count): sequences with so many

constexpr std::int64_t kSequences = 2048;  // whose counts are gathered by one thread at a time
constexpr std::int64_t kTogether = 64;     // sequences whose codes are written in one go: a cache line of a column

void add(Counts& to, std::size_t count, std::uint32_t sequences) {
  if (count >= to.size()) to.resize(count + 1, 0u);
  to[count] += sequences;
}

/// How many sequences have each count of each word.
Histograms histograms_of(const std::vector<std::vector<seq::Token>>& sequences, const GappedKmers& words) {
  const auto n = static_cast<std::size_t>(words.words());
  Histograms all(n);
  std::mutex lock;
  parallel_for(std::ssize(sequences), kSequences, [&](std::int64_t begin, std::int64_t end) {
    Histograms some(n);
    Counts counts(n);
    for (std::int64_t i = begin; i < end; ++i) {
      words.count(sequences[static_cast<std::size_t>(i)], counts);
      for (std::size_t word = 0; word < n; ++word) add(some[word], counts[word], 1);
    }
    const std::lock_guard guard(lock);
    for (std::size_t word = 0; word < n; ++word)
      for (std::size_t count = 0; count < some[word].size(); ++count) add(all[word], count, some[word][count]);
  });
  return all;
}

std::vector<Bin> bins_of_word(const Counts& histogram, std::int64_t most) {
  std::vector<ValueCount> values;
  for (std::size_t count = 0; count < histogram.size(); ++count)
    if (histogram[count] > 0) values.push_back({static_cast<double>(count), histogram[count]});
  return bins_of(values, most);
}

/// The bin of each count of a word: (count).
std::vector<std::uint8_t> codes_of(const std::vector<Bin>& bins) {
  std::vector<std::uint8_t> codes(static_cast<std::size_t>(bins.back().high) + 1, 0);
  for (std::size_t bin = 0; bin < bins.size(); ++bin)
    for (auto count = static_cast<std::size_t>(bins[bin].low); count <= static_cast<std::size_t>(bins[bin].high); ++count)
      codes[count] = static_cast<std::uint8_t>(bin);
  return codes;
}

}  // namespace

RowSequences read_sequences(const std::filesystem::path& fasta, const std::vector<std::string>& rows) {
  std::map<std::string, std::vector<std::size_t>> places;
  for (std::size_t row = 0; row < rows.size(); ++row) places[rows[row]].push_back(row);
  RowSequences found = {.sequences = std::vector<std::vector<seq::Token>>(rows.size())};
  io::FastaReader reader(fasta, {.ambiguity = seq::Ambiguity::as_n});
  std::vector<bool> there(rows.size(), false);
  std::int64_t unused = 0, ambiguous = 0;
  for (io::FastaRecord record; reader.next(record);) {
    const auto place = places.find(record.name);
    unused += place == places.end() ? 1 : 0;
    if (place == places.end()) continue;
    std::vector<seq::Token> tokens(record.sequence.size());
    ambiguous += seq::encode(record.sequence, tokens, seq::Ambiguity::as_n).ambiguous;
    for (const std::size_t row : place->second) {
      found.sequences[row] = tokens;
      there[row] = true;
    }
  }
  const auto lacking = std::count(there.begin(), there.end(), false);
  if (lacking > 0)
    throw DataError(format("{}: has no sequence for {} of {} rows; the first is '{}'", fasta.string(), lacking, rows.size(),
                           rows[static_cast<std::size_t>(std::find(there.begin(), there.end(), false) - there.begin())]));
  if (unused > 0) found.notes.push_back(format("{}: {} sequences belong to no row", fasta.string(), unused));
  if (ambiguous > 0) found.notes.push_back(format("{}: {} ambiguous letters are N", fasta.string(), ambiguous));
  return found;
}

std::vector<std::string> names_of(const GappedKmers& words) {
  std::vector<std::string> names;
  for (std::int64_t word = 0; word < words.words(); ++word) names.push_back(words.name(word));
  return names;
}

BinnedColumns binned_counts(const std::vector<std::vector<seq::Token>>& sequences, const GappedKmers& words, std::int64_t most) {
  if (sequences.empty()) throw ArgumentError("there are no sequences to count k-mers in");
  if (most < 2 || most > BinnedColumns::kMostBins)
    throw ArgumentError(format("{} bins were asked for; there must be 2 to {}", most, BinnedColumns::kMostBins));
  const auto n = static_cast<std::size_t>(words.words()), rows = sequences.size();
  std::vector<std::vector<Bin>> bins;
  std::vector<std::vector<std::uint8_t>> tables;
  for (const Counts& histogram : histograms_of(sequences, words)) {
    bins.push_back(bins_of_word(histogram, most));
    tables.push_back(codes_of(bins.back()));
  }
  std::vector<std::uint8_t> codes(n * rows);
  const auto pieces = static_cast<std::int64_t>((rows + kTogether - 1) / kTogether);
  parallel_for(pieces, kSequences / kTogether, [&](std::int64_t begin, std::int64_t end) {
    Counts counts(n);
    std::vector<std::uint8_t> some(n * kTogether);
    for (std::int64_t piece = begin; piece < end; ++piece) {
      const auto first = static_cast<std::size_t>(piece * kTogether), together = std::min<std::size_t>(kTogether, rows - first);
      for (std::size_t i = 0; i < together; ++i) {
        words.count(sequences[first + i], counts);
        for (std::size_t word = 0; word < n; ++word) some[word * kTogether + i] = tables[word][counts[word]];
      }
      for (std::size_t word = 0; word < n; ++word)
        std::copy_n(some.data() + word * kTogether, together, codes.data() + word * rows + first);
    }
  });
  return BinnedColumns(std::ssize(sequences), std::move(codes), std::move(bins));
}

Columns counts_of(std::span<const std::vector<seq::Token>> sequences, const GappedKmers& words) {
  const auto n = static_cast<std::size_t>(words.words());
  Columns columns = {.rows = std::ssize(sequences), .names = names_of(words), .values = {}};
  columns.values.assign(n, std::vector<double>(sequences.size()));
  Counts counts(n);
  for (std::size_t row = 0; row < sequences.size(); ++row) {
    words.count(sequences[row], counts);
    for (std::size_t word = 0; word < n; ++word) columns.values[word][row] = counts[word];
  }
  return columns;
}

}  // namespace basewise::learn
