#include "basewise/data/several_data.h"

#include <array>

#include "basewise/core/error.h"
#include "basewise/data/several.h"
#include "basewise/data/views.h"

namespace basewise::data {

namespace {

constexpr const char* kName = "several";

DataSplits build_one(const DataSetOptions& o, const DataOptions& all, std::uint64_t seed) {
  if (o.data.kind == kName) throw ArgumentError("a data set of several cannot be several itself");
  DataOptions options = o.data;
  options.augment.random = options.augment.random && all.augment.random;
  DataSplits splits = data_kind(options.kind).build(options, options.seed != 0 ? options.seed : seed);
  const Field* target = splits.target();
  if (o.target.empty()) return splits;
  if (!target) throw ArgumentError(format("target = \"{}\": the data set has no target to be called so", o.target));
  const std::string known = target->name;
  for (DatasetPtr* set : {&splits.train, &splits.validation, &splits.test}) *set = renamed(*set, known, o.target);
  return splits;
}

DataSplits build_several(const DataOptions& o, std::uint64_t seed) {
  const std::vector<DataSetOptions> sets = o.others.of<SeveralOptions>(kName).sets;
  if (sets.empty()) throw ArgumentError("kind = \"several\" needs [[data.sets]], one for each data set");
  DataSplits splits;
  std::array<std::vector<DatasetPtr>, 3> parts;
  for (std::size_t k = 0; k < sets.size(); ++k) {
    const std::string name = sets[k].name.empty() ? format("set {}", k) : sets[k].name;
    const DataSplits one = with_context(format("sets.{}", k), [&] { return build_one(sets[k], o, seed); });
    parts[0].push_back(one.train);
    parts[1].push_back(one.validation);
    parts[2].push_back(one.test);
    splits.inputs.insert(splits.inputs.end(), one.inputs.begin(), one.inputs.end());
    for (const std::string& note : one.notes) splits.notes.push_back(format("{}: {}", name, note));
    for (const std::string& note : one.left_out) splits.left_out.push_back(format("{}: {}", name, note));
  }
  splits.train = several(std::move(parts[0]));
  splits.validation = several(std::move(parts[1]));
  splits.test = several(std::move(parts[2]));
  return splits;
}

}  // namespace

void describe(Visitor& v, DataSetOptions& o) {
  v("name", o.name, "for people; empty: its number");
  v("target", o.target, "what its first target is called beside those of the others; empty: as its kind calls it");
  describe_one_set(v, o.data);
}

const DataKind kSeveralKind{
    kName,
    [](Visitor& v, DataOptions& o) {
      v.list("sets", o.others.of<SeveralOptions>(kName).sets, "kind several: data sets that train one model in turn");
    },
    build_several};

}  // namespace basewise::data
