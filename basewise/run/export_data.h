// What a model would see, as files that other programs read: `basewise data export`.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "basewise/core/options.h"
#include "basewise/corpus/splits.h"

namespace basewise::run {

/// Sets that are written.
enum class ExportSplit { train, validation, test, all };
constexpr auto words_of(ExportSplit) {
  return words<ExportSplit>({{ExportSplit::train, "train"},
                             {ExportSplit::validation, "validation"},
                             {ExportSplit::test, "test"},
                             {ExportSplit::all, "all", "each of the three"}});
}

struct ExportRequest {
  std::string source = {};             ///< recipe file, run folder, or name of a built-in recipe
  ExportSplit split = ExportSplit::all;
  std::filesystem::path out = {};      ///< folder, made if it is not there
  std::vector<std::string> set = {};   ///< options that replace those of the recipe, "data.negatives.ratio=2"
};
void describe(Visitor& v, ExportRequest& o);

/// One set that was written.
struct ExportedSet {
  std::string name = {};
  std::int64_t examples = 0;
  std::vector<std::filesystem::path> files = {};
};

struct ExportResult {
  std::vector<ExportedSet> sets = {};
  std::vector<std::string> notes = {};  ///< of the data: what was skipped, cut, matched badly
};

/// Writes the examples of a recipe as evaluation sees them: without random moves, each base or
/// sequence once, made-up negatives as their seed draws them (those that are drawn anew for each
/// training epoch: one draw). For each set, in the order of its examples:
///  * `<set>.tsv`: name, place (0-based half-open; of a genome), made_up (1 for shuffled
///    sequences), and a column for each label (NA: missing);
///  * `<set>.fa`: the sequences that the model reads, with their context, on the strand of the
///    window;
///  * `<set>.bed`: windows that have labels, of a genome, without those beyond its start;
///  * `<set>.npz`: targets, masks and controls with positions, an array (N, ...) each.
/// Of several data sets `<set>.0.tsv` and so on. Files appear whole or not at all.
/// Errors: those of `load_recipe` and `data::build_data`; ArgumentError for a recipe without data
/// of its own, where every set asked for is empty, and for a file that would replace one of the
/// data or of the run.
ExportResult export_data(const ExportRequest& request);

}  // namespace basewise::run
