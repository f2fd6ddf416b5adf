#include "basewise/data/build.h"

#include <algorithm>
#include <functional>

#include "basewise/core/error.h"
#include "basewise/data/detail/build_parts.h"
#include "basewise/data/several_data.h"

namespace basewise::data {

void describe(Visitor& v, NegativeOptions& o) {
  using enum NegativeKind;
  v("kind", o.kind, "what they are");
  v.when("kind", o.kind, {shuffled, gc_matched, random},
         [&] { v("ratio", o.ratio, "negatives per positive", between(1, 1'000'000)); });
  v.when("kind", o.kind, {gc_matched, random}, [&] {
    v("max_n", o.max_n, "share of N that a window of the genome may have", fraction());
    v("exclude_margin", o.exclude_margin, "windows of the genome stay so many bases away from windows with sites", counted(0));
  });
  v.when("kind", o.kind, {places}, [&] { v.group("places", o.places, "where the negatives lie"); });
  v.when("kind", o.kind, {shuffled}, [&] {
    v("redraw", o.redraw,
      "the order is drawn anew each time that a training example is read; false: once, by the seed of the data");
  });
  v("sets", o.sets, "sets that get negatives: those that have their own need none");
}

namespace {

/// Options that count for some kinds of data only: the table of kinds is open, and so no enum.
void describe_for(Visitor& v, const DataOptions& o, const std::vector<std::string>& kinds, const std::function<void()>& inside) {
  Condition condition{.key = "kind", .given = format("\"{}\"", o.kind), .wanted = {}};
  for (const std::string& kind : kinds) condition.wanted.push_back(format("\"{}\"", kind));
  condition.met = std::find(kinds.begin(), kinds.end(), o.kind) != kinds.end();
  v.begin_when(condition);
  inside();
  v.end_when();
}

void describe_kind(Visitor& v, DataOptions& o, const DataKind& kind) {
  std::vector<std::string> kinds{std::string(kind.name)};
  if (!kind.also_for.empty()) kinds.emplace_back(kind.also_for);
  describe_for(v, o, kinds, [&] { kind.describe(v, o); });
}

/// What every kind has that makes sets of its own.
void describe_made_sets(Visitor& v, DataOptions& o) {
  v.group("split", o.split, "training, validation and test sets");
  v.group("negatives", o.negatives, "examples that are made up to be told apart from the given ones");
  v.group("augment", o.augment, "random changes of training examples");
  v("train_label_noise", o.train_label_noise,
    "share of the labels (0, 1) of training sequences that are turned round; those of the other sets stay. To evaluate on the training set "
    "with clean labels set it to 0 there: nothing else changes",
    fraction());
  v("encoding", o.encoding, "how examples hold the sequence: tokens need a sixteenth of the memory");
  v("check_duplicates", o.check_duplicates, "look for sequences that two sets share");
  v.group("duplicates", o.duplicates, "how shared sequences are looked for");
}

void describe_kinds(Visitor& v, DataOptions& o, bool several) {
  std::vector<std::string> kinds = data_kind_names();
  std::erase(kinds, kSeveralKind.name);
  std::vector<std::string> all = kinds;
  if (several) all.emplace_back(kSeveralKind.name);
  v("kind", o.kind, "where examples come from", one_of(all));
  v("seed", o.seed,
    "of simulated data, splits by fraction, fixed negatives and label noise, which then do not change with the seed of the "
    "run; 0: the seed of the run");
  for (const DataKind* kind : data_kinds())
    if (several || kind != &kSeveralKind) describe_kind(v, o, *kind);
  if (several)
    describe_for(v, o, kinds, [&] { describe_made_sets(v, o); });
  else
    describe_made_sets(v, o);
}

}  // namespace

void describe(Visitor& v, DataOptions& o) { describe_kinds(v, o, true); }
void describe_one_set(Visitor& v, DataOptions& o) { describe_kinds(v, o, false); }

const DatasetPtr& DataSplits::operator[](corpus::SetName set) const {
  switch (set) {
    case corpus::SetName::train:
      return train;
    case corpus::SetName::validation:
      return validation;
    case corpus::SetName::test:
      return test;
  }
  throw InternalError("a data set of no name");
}

std::string empty_set_text(const DataSplits& splits, corpus::SetName set) {
  constexpr std::size_t kMost = 6;
  std::vector<std::string> why = splits.left_out.empty() ? splits.notes : splits.left_out;
  if (why.size() > kMost) {
    const std::size_t more = why.size() - kMost;
    why.resize(kMost);
    why.push_back(format("and {} more notes", more));
  }
  const std::string name = set == corpus::SetName::train ? "training" : std::string(to_word(set));
  return format("the {} set is empty; {}{}look at [data.split]", name, fmt::join(why, "; "), why.empty() ? "" : "; ");
}

DataSplits build_data(const DataOptions& options, std::uint64_t seed) {
  DataOptions checked = options;
  check(described(checked), "data");
  if (options.seed != 0) seed = options.seed;
  DataSplits splits = with_context("data", [&] { return data_kind(checked.kind).build(checked, seed); });
  detail::describe_sets(splits);
  return splits;
}

}  // namespace basewise::data
