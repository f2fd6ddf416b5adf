// The kind of data "binned": training sets that are binned already, in the files of Basset, Basenji
// and Baskerville.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "basewise/core/file_list.h"
#include "basewise/core/options.h"
#include "basewise/data/kinds.h"

namespace basewise::data {

/// What becomes of bins to which reads cannot be mapped.
enum class UnmappableBins { masked, trained };
constexpr auto words_of(UnmappableBins) {
  return words<UnmappableBins>({{UnmappableBins::masked, "masked", "their values count as not measured"},
                                {UnmappableBins::trained, "trained", "their values count as all others, as in the published training"}});
}

/// Kept in `DataOptions::others` under the name of the kind.
/// One of `folder`, `h5` and the three lists of files is given.
struct BinnedDataOptions {
  std::filesystem::path folder = {};  ///< with statistics.json, targets.txt and tfrecords/<set>-<number>.tfr; or data:NAME/FOLDER
  std::filesystem::path h5 = {};      ///< with train_in, train_out, ...
  FileList train_file = {};           ///< TFRecord files without such a folder
  FileList validation_file = {};
  FileList test_file = {};
  std::vector<std::string> train_sets = {"train"};  ///< words of sets that are the training set ("fold0", "fold1")
  std::vector<std::string> validation_sets = {"valid"};
  std::vector<std::string> test_sets = {"test"};
  std::int64_t length = 0;             ///< of files alone: bases of a sequence
  std::int64_t bin = 128;              ///< of files alone: bases of a bin
  std::int64_t cropped = 0;            ///< of files alone: bases at each end that have no values in the files
  std::int64_t crop = 0;               ///< further bases at each end whose values are left out
  std::filesystem::path targets = {};  ///< table of the targets; empty: targets.txt of the folder
  std::vector<std::string> only = {};  ///< identifiers of the targets that are taken; empty: all of the table
  bool strand_pairs = true;            ///< targets change places with those of their strand_pair on the other strand
  UnmappableBins unmappable = UnmappableBins::masked;
  std::string name = {};       ///< what the target is called; empty: "signal", or "labels" where there are no bins
  std::int64_t examples = 0;   ///< so many first examples of each set; 0: all
  std::int64_t memory = 1024;  ///< MiB of a set from which on it lies in a file of the cache
};
void describe(Visitor& v, BinnedDataOptions& o);

/// Examples as "sequence" (4, L) float32, or tokens (L) uint8, and the target (T, bins) float32, or
/// (T) where there is one bin. Where bins cannot be mapped or values are missing anywhere, the
/// target's mask comes with every example, and missing values are 0.
extern const DataKind kBinnedKind;

}  // namespace basewise::data
