#include "basewise/data/build.h"

#include "basewise/core/error.h"
#include "basewise/data/detail/build_parts.h"

namespace basewise::data {

void describe(Visitor& v, NegativeOptions& o) {
  v("kind", o.kind,
    "none; shuffled: dinucleotides of each sequence in random order; gc_matched, random: windows of the genome; places: windows around the "
    "places of another file",
    one_of({"none", "shuffled", "gc_matched", "random", "places"}));
  v("ratio", o.ratio, "negatives per positive", at_least(1));
  v("max_n", o.max_n, "share of N that a window of the genome may have", fraction());
  v("exclude_margin", o.exclude_margin, "windows of the genome stay so many bases away from windows with sites", non_negative());
  v.group("places", o.places, "kind places: where the negatives lie");
  v("redraw", o.redraw,
    "shuffled: the order is drawn anew each time that a training example is read; false: once, by the seed of the data");
  v("sets", o.sets, "sets that get negatives: those that have their own need none");
}

void describe(Visitor& v, AugmentOptions& o) {
  v("reverse_complement", o.reverse_complement, "probability that a training example is seen from the other strand", fraction());
  v("jitter", o.jitter, "genome windows: bases that the centre moves at most; sequences: bases cut from both ends together, twice this",
    non_negative());
}

void describe(Visitor& v, DataOptions& o) {
  v("kind", o.kind, "where examples come from", one_of(data_kind_names()));
  v("seed", o.seed,
    "of simulated data, splits by fraction, fixed negatives and label noise, which then do not change with the seed of the "
    "run; 0: the seed of the run");
  for (const DataKind* kind : data_kinds()) kind->describe(v, o);
  v.group("split", o.split, "training, validation and test sets");
  v.group("negatives", o.negatives, "examples that are made up to be told apart from the given ones");
  v.group("augment", o.augment, "random changes of training examples");
  v("train_label_noise", o.train_label_noise,
    "share of the labels (0, 1) of training sequences that are turned round; those of the other sets stay. To evaluate on the training set "
    "with clean labels set it to 0 there: nothing else changes",
    fraction());
  v("encoding", o.encoding, "sequence as one_hot (4, L) float32 or as tokens (L) uint8, A C G T N = 0 to 4: a sixteenth of the memory",
    one_of({"one_hot", "tokens"}));
  v("check_duplicates", o.check_duplicates, "look for sequences that two sets share");
  v.group("duplicates", o.duplicates, "how shared sequences are looked for");
}

const DatasetPtr& DataSplits::operator[](std::string_view set) const {
  if (set == "train") return train;
  if (set == "validation") return validation;
  if (set == "test") return test;
  throw ArgumentError(format("there is no set '{}'; the sets are train, validation, test", set));
}

DataSplits build_data(const DataOptions& options, std::uint64_t seed) {
  DataOptions checked = options;
  check(described(checked), "data");
  if (options.seed != 0) seed = options.seed;
  DataSplits splits = with_context("data", [&] { return data_kind(checked.kind).build(checked, seed); });
  if (const Field* target = splits.schema().first(Role::target)) {
    splits.target = target->name;
    splits.label_names = target->channels;
    splits.per_base = target->bin > 0;
  }
  detail::describe_sets(splits);
  return splits;
}

}  // namespace basewise::data
