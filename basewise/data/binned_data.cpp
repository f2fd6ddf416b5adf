#include "basewise/data/binned_data.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <optional>

#include <nlohmann/json.hpp>

#include "basewise/core/error.h"
#include "basewise/core/hash.h"
#include "basewise/core/json.h"
#include "basewise/core/log.h"
#include "basewise/core/some_of.h"
#include "basewise/corpus/registry.h"
#include "basewise/data/build.h"
#include "basewise/data/detail/binned_examples.h"
#include "basewise/data/detail/binned_files.h"
#include "basewise/data/detail/binned_targets.h"
#include "basewise/data/detail/build_parts.h"
#include "basewise/data/detail/labels.h"
#include "basewise/io/binned_hdf5.h"
#include "basewise/seq/alphabet.h"

namespace basewise::data {

namespace {

constexpr const char* kName = "binned";

// The same for the same records and choice alone.
std::string name_of_rows(const detail::BinnedSet& set, const io::BinnedShape& shape, const io::BinnedChoice& choice) {
  const nlohmann::ordered_json told = {
      {"files", io::fingerprint(set.files)}, {"set", set.h5_set},   {"length", shape.length}, {"bins", shape.bins},
      {"targets", choice.targets},           {"crop", choice.crop}, {"most", choice.most}};
  return sha256(json_text(told));
}

std::vector<std::string> names_of(const std::vector<std::filesystem::path>& files) {
  std::vector<std::string> names;
  for (const std::filesystem::path& file : files) names.push_back(file.filename().string());
  return names;
}

class BinnedBuilder {
 public:
  BinnedBuilder(const DataOptions& all, const BinnedDataOptions& o, DataSplits& splits)
      : all_(all), o_(o), splits_(splits), files_(detail::find_binned_files(o, splits)) {}

  void build() {
    choose();
    for (std::size_t s = 0; s < 3; ++s) read(s);
    form_ = form();
    splits_.train = make(0);
    splits_.validation = make(1);
    splits_.test = make(2);
    if (all_.check_duplicates)
      detail::note_duplicates(splits_, all_.duplicates, stores_[0]->size() * files_.shape.length, letters_of(0), letters_of(1),
                              letters_of(2));
  }

 private:
  bool has_bins() const { return files_.shape.bins > 0; }

  void choose() {
    if (!files_.targets.empty()) {
      targets_ = detail::choose_targets(io::read_binned_targets(files_.targets), o_.only, o_.strand_pairs, files_.targets);
    } else if (!files_.target_names.empty()) {
      std::vector<io::BinnedTarget> table;
      for (const std::string& name : files_.target_names) table.push_back({.index = std::ssize(table), .identifier = name});
      targets_ = detail::choose_targets(table, o_.only, false, o_.h5);
    } else if (!o_.only.empty()) {
      throw ArgumentError("binned: 'only' names targets, but no table says what they are called; give it as 'targets'");
    }
    choice_ = {.targets = targets_.columns, .most = o_.examples};
    std::vector<std::int64_t> all(static_cast<std::size_t>(files_.shape.targets));
    std::iota(all.begin(), all.end(), 0);
    if (choice_.targets == all) choice_.targets.clear();
    if (o_.crop == 0) return;
    if (!has_bins()) throw ArgumentError("binned: 'crop' leaves out bins, but the targets have none");
    if (o_.crop % files_.bin != 0)
      throw ArgumentError(format("binned: crop = {} is no whole number of bins of {} bases", o_.crop, files_.bin));
    choice_.crop = o_.crop / files_.bin;
  }

  void read(std::size_t s) {
    const detail::BinnedSet& set = files_.sets[s];
    const std::string word(corpus::kSetNames[s]);
    const io::BinnedKeeping keeping{
        .memory = o_.memory << 20, .folder = corpus::Registry().cache() / "binned", .name = name_of_rows(set, files_.shape, choice_)};
    const auto open = [&] {
      return set.h5_set.empty() ? io::binned_records(set.files, files_.shape) : io::binned_h5_records(set.files[0], set.h5_set);
    };
    // A set of an HDF5 file that is not there is one of no TFRecord file.
    const auto none = [&] { return io::binned_records({}, {files_.shape.length, std::max<std::int64_t>(1, files_.shape.bins), 0}); };
    stores_[s] = with_context(format("{} set", word), [&] {
      return std::make_shared<const io::BinnedStore>(set.files.empty() ? std::function<io::BinnedReaderPtr()>(none) : open, choice_,
                                                     keeping);
    });
    note_counts(set, word, stores_[s]->size());
    if (stores_[s]->missing() > 0)
      splits_.notes.push_back(format("{}: {} values are no finite numbers; they count as not measured", word, stores_[s]->missing()));
  }

  void note_counts(const detail::BinnedSet& set, const std::string& word, std::int64_t size) {
    const std::int64_t wanted = o_.examples > 0 ? std::min(o_.examples, set.expected) : set.expected;
    if (set.expected >= 0 && wanted != size)
      log_warning("{}: statistics.json says {} sequences, but the files have {}: {}; is the folder whole?", word, set.expected, size,
                  some_of(names_of(set.files)));
    if (!set.places.empty() && o_.examples == 0 && std::ssize(set.places) != size)
      splits_.notes.push_back(format("{}: sequences.bed has {} places for {} records; they are left out", word, set.places.size(), size));
  }

  detail::BinnedForm form() const {
    const io::BinnedShape& shape = stores_[0]->shape();
    if (stores_[0]->size() == 0) throw DataError("binned: the training set has no record");
    for (std::size_t s = 1; s < 3; ++s)
      if (stores_[s]->size() > 0 && stores_[s]->shape().targets != shape.targets)
        throw DataError(
            format("the {} set has {} targets, the training set {}", corpus::kSetNames[s], stores_[s]->shape().targets, shape.targets));
    const bool several = shape.bins > 1;
    Field target{.name = !o_.name.empty() ? o_.name
                         : has_bins()     ? "signal"
                                          : std::string(detail::kLabels),
                 .shape = {shape.targets},
                 .rule = several ? StrandRule::mirrored : StrandRule::unchanged,
                 .role = Role::target,
                 .bin = several ? files_.bin : 0,
                 .channels = targets_.names,
                 .partners = targets_.partners};
    if (several) target.shape.push_back(shape.bins);
    if (!target.channels.empty() && std::ssize(target.channels) != shape.targets)
      throw DataError(format("{}: {} targets, but the records have {}", files_.targets.string(), target.channels.size(), shape.targets));
    const bool mapped = o_.unmappable == UnmappableBins::masked;
    const bool masked = std::any_of(stores_.begin(), stores_.end(), [&](const detail::BinnedStorePtr& store) {
      return store->missing() > 0 || (mapped && store->has_masks() && store->unmappable() > 0);
    });
    return {.target = std::move(target),
            .length = files_.shape.length,
            .tokens = all_.encoding == Encoding::tokens,
            .masked = masked,
            .unmappable = mapped};
  }

  DatasetPtr make(std::size_t s) {
    std::vector<io::BinnedPlace>& places = files_.sets[s].places;
    if (o_.examples > 0 && std::ssize(places) > stores_[s]->size()) places.resize(static_cast<std::size_t>(stores_[s]->size()));
    if (std::ssize(places) != stores_[s]->size()) places.clear();
    return detail::turned(detail::binned_examples(stores_[s], form_, places, std::string(corpus::kSetNames[s])), all_, s);
  }

  detail::EachSequence letters_of(std::size_t s) const {
    return [this, s](const auto& use) {
      std::vector<seq::Token> tokens(static_cast<std::size_t>(files_.shape.length));
      for (std::int64_t i = 0; i < stores_[s]->size(); ++i) {
        stores_[s]->tokens(i, tokens);
        use(splits_[corpus::SetName(s)]->origin(i).name, seq::decode(tokens));
      }
    };
  }

  const DataOptions& all_;
  const BinnedDataOptions& o_;
  DataSplits& splits_;
  detail::BinnedFiles files_;
  detail::TargetChoice targets_;
  io::BinnedChoice choice_;
  std::array<detail::BinnedStorePtr, 3> stores_;
  detail::BinnedForm form_;
};

void refuse_others(const DataOptions& o) {
  detail::refuse_label_noise(o);
  if (o.negatives.kind != NegativeKind::none) throw ArgumentError("negatives: binned sets have none; set kind = \"none\"");
  if (o.augment.jitter > 0)
    throw ArgumentError("augment: jitter cuts sequence and targets alike, and binned targets have another length; take shift");
  corpus::SplitOptions given = o.split, standard;
  if (to_json(described(given)) != to_json(described(standard)))
    throw ArgumentError("split: the files of binned sets say which set they are of; name others by binned.train_sets and the like");
}

DataSplits build_binned(const DataOptions& o, std::uint64_t /*seed*/) {
  refuse_others(o);
  const BinnedDataOptions options = o.others.of<BinnedDataOptions>(kName);
  DataSplits splits;
  BinnedBuilder(o, options, splits).build();
  return splits;
}

}  // namespace

void describe(Visitor& v, BinnedDataOptions& o) {
  v("folder", o.folder,
    "folder with statistics.json, targets.txt and tfrecords/<set>-<number>.tfr, as basenji_data and hound_data write it; or "
    "data:NAME/FOLDER");
  v("h5", o.h5, "HDF5 file with train_in, train_out and the like, of Basset or of Basenji as of 2017");
  v("train_file", o.train_file, "TFRecord files of the training set, where there is no such folder; they need 'length' and 'bin'");
  v("validation_file", o.validation_file, "the same of the validation set");
  v("test_file", o.test_file, "the same of the test set");
  v("train_sets", o.train_sets, "words of the sets in folder or HDF5 file that are the training set, as in [\"fold0\", \"fold1\"]");
  v("validation_sets", o.validation_sets, "those of the validation set");
  v("test_sets", o.test_sets, "those of the test set");
  v("length", o.length, "of files alone: bases of a sequence", counted(0));
  v("bin", o.bin, "of files alone: bases of a bin", counted(1));
  v("cropped", o.cropped, "of files alone: bases at each end of a sequence that have no values in the files", counted(0));
  v("crop", o.crop, "bases at each end of what has values that are left out, a whole number of bins", counted(0));
  v("targets", o.targets, "table of the targets that are taken, by its first column or \"index\"; empty: targets.txt of the folder");
  v("only", o.only, "identifiers of the targets that are taken; empty: all of the table");
  v("strand_pairs", o.strand_pairs, "on the other strand a target changes places with that of its column strand_pair");
  v("unmappable", o.unmappable, "what becomes of the values of bins to which reads cannot be mapped");
  v("name", o.name, "what the target is called; empty: \"signal\", or \"labels\" where there are no bins");
  v("examples", o.examples, "so many first sequences of each set are taken; 0: all", counted(0));
  v("memory", o.memory, "MiB that a set may take in memory; a larger one is kept in a file of the cache", between(0, 1 << 20));
}

const DataKind kBinnedKind{
    kName,
    [](Visitor& v, DataOptions& o) { v.group("binned", o.others.of<BinnedDataOptions>(kName), "sets of Basset, Basenji and Baskerville"); },
    build_binned};

}  // namespace basewise::data
