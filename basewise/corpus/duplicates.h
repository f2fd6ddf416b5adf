// Sequences that two sets share, exactly or nearly: a test on what was trained on measures memory.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "basewise/core/options.h"

namespace basewise::corpus {

struct DuplicateOptions {
  std::int64_t k = 24;                 ///< length of the words compared, at most 31
  double containment = 0.5;            ///< share of a sequence's words found in the other set from which on it is called a near-duplicate
  std::int64_t examples = 5;           ///< pairs to name
  std::int64_t max_words = 4'000'000;  ///< words kept at most; larger sets are sampled by hash (FracMinHash)
};
void describe(Visitor& v, DuplicateOptions& o);

/// One sequence of the second set and the sequence of the first that shares most words with it.
struct DuplicatePair {
  std::string reference;
  std::string query;
  double containment = 0;  ///< 1 for an exact copy
  bool exact = false;
};

/// What was found.
struct DuplicateReport {
  std::int64_t queries = 0;
  std::int64_t exact = 0;    ///< queries that equal a sequence of the first set, on either strand
  std::int64_t near = 0;     ///< others whose words are contained to the share asked for
  std::int64_t skipped = 0;  ///< queries without enough words to tell (short, or N)
  std::vector<DuplicatePair> examples;

  /// "12 of 500 test sequences also occur in train (3 exactly), such as ...", or that there are
  /// none.
  std::string to_string(std::string_view reference_set, std::string_view query_set) const;
};

/// Words of a first set, to which sequences of a second are compared. A word is a k-mer or its
/// reverse complement, whichever is smaller; words with a letter other than A, C, G, T are left
/// out. Sequences are not kept.
class DuplicateIndex {
 public:
  /// `bases` is about how much will be added: it sets the sampling.
  explicit DuplicateIndex(std::int64_t bases, DuplicateOptions options = {});

  void add(std::string name, std::string_view letters);

  /// Compares one sequence and counts it.
  void look_up(std::string_view name, std::string_view letters);

  const DuplicateReport& report() const { return report_; }

  /// Forgets the counts, not the words: for another second set.
  void restart() { report_ = {}; }

  /// One word of this many is kept.
  std::int64_t sampling() const { return sampling_; }

 private:
  void sort();
  DuplicateOptions options_;
  std::int64_t sampling_ = 1;
  bool sorted_ = true;
  std::vector<std::string> names_;
  std::vector<std::pair<std::uint64_t, std::uint32_t>> words_;   // hash, index of the sequence
  std::vector<std::pair<std::uint64_t, std::uint32_t>> wholes_;  // hash of the whole sequence, index
  DuplicateReport report_;
};

/// All of `query` against all of `reference`; names are "sequence 17" (from 0).
DuplicateReport find_duplicates(const std::vector<std::string>& reference, const std::vector<std::string>& query,
                                const DuplicateOptions& options = {});

}  // namespace basewise::corpus
