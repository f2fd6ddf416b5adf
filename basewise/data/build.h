// The table [data] of a recipe: from options to the three sets.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "basewise/core/open_options.h"
#include "basewise/core/options.h"
#include "basewise/corpus/duplicates.h"
#include "basewise/corpus/simulator.h"
#include "basewise/corpus/sites.h"
#include "basewise/corpus/splits.h"
#include "basewise/data/augment.h"
#include "basewise/data/dataset.h"
#include "basewise/data/fasta_data.h"
#include "basewise/data/genome_data.h"
#include "basewise/data/profile_data.h"
#include "basewise/data/table.h"
#include "basewise/seq/genome.h"

namespace basewise::data {

/// What positives are told apart from.
enum class NegativeKind { none, shuffled, gc_matched, random, places };
constexpr auto words_of(NegativeKind) {
  return words<NegativeKind>(
      {{NegativeKind::none, "none"},
       {NegativeKind::shuffled, "shuffled", "dinucleotides of each sequence in random order"},
       {NegativeKind::gc_matched, "gc_matched", "windows of the genome with the G+C content of the positives"},
       {NegativeKind::random, "random", "windows of the genome"},
       {NegativeKind::places, "places", "windows around the places of another file"}});
}

struct NegativeOptions {
  NegativeKind kind = NegativeKind::none;
  std::int64_t ratio = 1;           ///< negatives per positive
  double max_n = 0.1;               ///< share of N that a background window may have
  std::int64_t exclude_margin = 0;  ///< background windows keep this far from every site's window
  corpus::SiteOptions places = {};  ///< kind places: centres of the negative windows
  bool redraw = true;               ///< shuffled: those of the training set are drawn anew each time
  std::vector<corpus::SetName> sets = {corpus::SetName::train, corpus::SetName::validation, corpus::SetName::test};  ///< that get negatives
};
void describe(Visitor& v, NegativeOptions& o);

struct DataOptions {
  std::string kind = "simulation";  ///< one of `data_kinds`
  std::uint64_t seed = 0;           ///< of simulation, splits by fraction, negatives and noise; 0: that of the run
  corpus::SimulationOptions simulation = {};
  TableOptions table = {};
  FastaDataOptions fasta = {};
  GenomeDataOptions genome = {};
  ProfileDataOptions profile = {};
  corpus::SplitOptions split = {};
  NegativeOptions negatives = {};
  AugmentOptions augment = {};
  double train_label_noise = 0;      ///< sequences: share of the labels of the training set that are turned round
  Encoding encoding = Encoding::one_hot;
  bool check_duplicates = true;      ///< look for sequences that two sets share
  corpus::DuplicateOptions duplicates = {};
  OpenOptions others = {};           ///< options of kinds that have no member here, by name
};
void describe(Visitor& v, DataOptions& o);

/// The same without the kind "several", as for one of several data sets.
void describe_one_set(Visitor& v, DataOptions& o);

/// A file that the data came from.
struct InputFile {
  std::string reference;       ///< as the options name it ("data:ecoli_tss/open/...", or a path)
  std::filesystem::path path;  ///< where it was found
};

/// The three sets. A set may be empty (size 0) but is never null.
struct DataSplits {
  DatasetPtr train;  ///< with augmentation
  DatasetPtr validation;
  DatasetPtr test;
  std::vector<InputFile> inputs;
  std::string summary;             ///< lines for people
  std::vector<std::string> notes;  ///< what was skipped, cut, matched badly; duplicates between sets
  std::vector<std::string> left_out;  ///< those of the notes that say how many windows are in no set, and why
  seq::GenomePtr genome;           ///< genome and profile only
  corpus::RegionSplit regions;     ///< genome and profile only

  /// What the examples of all three are.
  const Schema& schema() const { return train->schema(); }

  /// What a model is trained for first: the first target. Null: there is none.
  const Field* target() const { return schema().first(Role::target); }

  const DatasetPtr& operator[](corpus::SetName set) const;

  /// By "train", "validation", "test". Errors: ArgumentError for another word.
  const DatasetPtr& operator[](std::string_view set) const { return (*this)[parse_choice<corpus::SetName>(set, "set")]; }
};

/// What to say of a set without examples: how many windows were left out and why, or else the
/// notes.
std::string empty_set_text(const DataSplits& splits, corpus::SetName set);

/// Builds the three sets. A pure function of (options, seed, files).
/// Errors: ArgumentError and DataError that name option, file and line;
/// a split whose sets overlap is refused.
DataSplits build_data(const DataOptions& options, std::uint64_t seed);

}  // namespace basewise::data
