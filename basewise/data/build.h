// The table [data] of a recipe: from options to the three sets.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "basewise/core/options.h"
#include "basewise/corpus/clusters.h"
#include "basewise/corpus/duplicates.h"
#include "basewise/corpus/simulator.h"
#include "basewise/corpus/splits.h"
#include "basewise/data/dataset.h"
#include "basewise/data/genome_tiles.h"
#include "basewise/data/sequences.h"
#include "basewise/corpus/sites.h"
#include "basewise/corpus/stranded_counts.h"
#include "basewise/seq/genome.h"

namespace basewise::data {

/// Examples from a genome: tiles with a label or signal at every base, or windows around sites.
struct GenomeDataOptions {
  std::filesystem::path fasta = {};
  std::string ambiguity = "n";
  std::vector<std::string> chromosomes = {};  ///< empty: all
  bool circular = false;                      ///< every sequence is circular
  std::vector<std::string> circular_chromosomes = {};
  bool per_base = false;       ///< labels at every base of both strands; false: one label vector per window
  std::int64_t window = 2048;  ///< bases with labels
  std::int64_t context = 0;    ///< per base: further bases of sequence on each side
  bool random_phase = true;    ///< per base: training tiles are cut at other places in each epoch
  corpus::SiteOptions sites = {};
  TrackOptions tracks = {};
};
void describe(Visitor& v, GenomeDataOptions& o);

/// Windows of a genome with counts at every base of both strands. Genome and sites are those of `GenomeDataOptions`.
struct ProfileDataOptions {
  corpus::StrandedTrackOptions target = {};
  corpus::StrandedTrackOptions control = {};    ///< no files: none
  corpus::StrandedTrackOptions replicate = {};  ///< no files: none
  std::string centres = "sites";        ///< sites: of genome.sites; signal: places with many reads of the target
  corpus::ClusterOptions clusters = {};
  std::int64_t scatter = 0;  ///< every centre is moved once and for all by up to so many bases, in all sets
  std::int64_t input = 1346;
  std::int64_t output = 1000;
  std::vector<std::int64_t> control_windows = {1, 50};
  double min_reads = 0;  ///< windows with fewer reads of both strands are left out
};
void describe(Visitor& v, ProfileDataOptions& o);

struct NegativeOptions {
  std::string kind = "none";        ///< none, shuffled (dinucleotides kept); for windows of a genome also gc_matched, random, places
  std::int64_t ratio = 1;           ///< negatives per positive
  double max_n = 0.1;               ///< share of N that a background window may have
  std::int64_t exclude_margin = 0;  ///< background windows keep this far from every site's window
  corpus::SiteOptions places = {};          ///< kind places: centres of the negative windows
  bool redraw = true;               ///< shuffled: those of the training set are drawn anew each time
  std::vector<std::string> sets = {"train", "validation", "test"};  ///< that get negatives
};
void describe(Visitor& v, NegativeOptions& o);

struct AugmentOptions {
  double reverse_complement = 0;  ///< probability that a training example is seen from the other strand
  std::int64_t jitter = 0;        ///< genome windows: centre moves by up to this many bases; sequences: cut so many from both ends
  bool random = true;             ///< false: training examples as those of evaluation, neither moved nor turned; not described
};
void describe(Visitor& v, AugmentOptions& o);

struct DataOptions {
  std::string kind = "simulation";  ///< simulation, table, fasta, genome, profile
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
  std::string encoding = "one_hot";  ///< one_hot, (4, L) float32, or tokens, (L) uint8 A C G T N = 0 .. 4
  bool check_duplicates = true;      ///< look for sequences that two sets share
  corpus::DuplicateOptions duplicates = {};
};
void describe(Visitor& v, DataOptions& o);

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
  std::string target = "labels";         ///< name of the first target tensor
  std::vector<std::string> label_names;  ///< one per label or channel of the target
  bool per_base = false;                 ///< the target has a length axis
  std::vector<InputFile> inputs;
  std::string summary;             ///< lines for people
  std::vector<std::string> notes;  ///< what was skipped, cut, matched badly; duplicates between sets
  seq::GenomePtr genome;           ///< genome and profile only
  corpus::RegionSplit regions;     ///< genome and profile only

  /// By "train", "validation", "test". Errors: ArgumentError for another word.
  const DatasetPtr& operator[](std::string_view set) const;
};

/// Builds the three sets. A pure function of (options, seed, files). Errors: ArgumentError and DataError that name option, file and line;
/// a split whose sets overlap is refused.
DataSplits build_data(const DataOptions& options, std::uint64_t seed);

}  // namespace basewise::data
