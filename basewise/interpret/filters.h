// The filters of a convolution as motifs: a run and sequences in, a folder of motifs out.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "basewise/core/options.h"
#include "basewise/motifs/compare.h"
#include "basewise/motifs/filter_motifs.h"
#include "basewise/run/example_options.h"
#include "basewise/run/example_source.h"
#include "basewise/run/open_run.h"

namespace basewise::interpret {

struct FilterRunOptions {
  std::filesystem::path run = {};  ///< run folder
  std::filesystem::path out = {};  ///< folder of filters
  run::ExampleOptions examples = {};  ///< none given: the run's test set
  std::string layer = {};          ///< path of a convolution, or of any other activation with positions; empty: the first convolution
  bool before_function = false;    ///< what the convolution gives, not what the function behind it makes of that
  motifs::FilterOptions rules = {};
  std::string motifs = {};  ///< file of motifs, or a collection by name, to find each filter's best match in; empty: none
  motifs::ColumnDistance distance = motifs::ColumnDistance::ed;
  std::int64_t batch_size = 256;
  bool overwrite = false;      ///< replace a folder of filters
  bool report = true;          ///< for the program: write the page of the folder
  std::string device = "cpu";  ///< cpu, cuda, cuda:1, auto
};
/// The options of `motifs::FilterOptions` stand beside the others.
void describe(Visitor& v, FilterRunOptions& o);

struct FilterRunResult {
  std::filesystem::path folder = {};
  std::string layer = {};       ///< the convolution
  std::string activation = {};  ///< what was looked at
  std::int64_t reach = 0;       ///< bases that one place of it reads
  std::int64_t window = 0;      ///< bases of a site
  std::int64_t sequences = 0;
  std::vector<motifs::FilterMotif> filters = {};
  std::int64_t matched = 0;  ///< filters with a match of E <= 0.1
  std::vector<std::filesystem::path> files = {};
  std::vector<std::string> notes = {};
  double seconds = 0;

  std::int64_t count(motifs::FilterState state) const;
};

/// Motifs of all filters over the examples of `options` (without a source: the run's test set),
/// which pass twice: for the thresholds, then for the sites. Memory is that of a batch, and of the
/// ranked activations where a rule wants them. Leaves a folder: filters.meme (those with a motif),
/// filters.tsv (all), filters.json. Numbers depend neither on the batch size nor on threads.
///
/// The place of an activation is the base that its cell stands for (`nn::Geometry`): the middle of
/// what a filter reads, for layers that take steps the middle of the step.
///
/// Errors: those of `run::open_run`, `run::open_examples` and `annotate::load_motif_source`;
/// ArgumentError for a path that the model does not have (the nearest name), one without positions,
/// one that reads no sequence of DNA, and a layer that reads everything where no window is given;
/// StateError for a folder that holds something, and for activations that are no finite numbers.
FilterRunResult filter_run(const FilterRunOptions& options);

/// The same for a run that is open; `options.run` is only told, `options.device` not looked at.
FilterRunResult filter_run(const run::OpenRun& run, const FilterRunOptions& options);

/// The motifs alone, over examples of the caller: nothing is compared and nothing written.
FilterRunResult motifs_of_filters(const run::OpenRun& run, const FilterRunOptions& options, run::ExampleSource& source);

}  // namespace basewise::interpret
