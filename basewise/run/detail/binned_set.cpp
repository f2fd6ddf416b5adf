#include "basewise/run/detail/binned_set.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "basewise/core/error.h"
#include "basewise/core/log.h"
#include "basewise/core/nearest.h"
#include "basewise/core/some_of.h"
#include "basewise/data/binned_data.h"
#include "basewise/io/binned_set.h"
#include "basewise/io/chrom_files.h"
#include "basewise/io/tsv.h"
#include "basewise/metrics/value_table.h"
#include "basewise/nn/loss.h"

namespace basewise::run::detail {
namespace {

constexpr std::size_t kFewTracks = 16;

/// "0", "1", ... where channels have numbers only.
std::vector<std::string> names_of(const Field& field) {
  if (!field.channels.empty()) return field.channels;
  std::vector<std::string> names;
  for (std::int64_t i = 0; i < (field.shape.empty() ? 1 : field.shape[0]); ++i) names.push_back(format("{}", i));
  return names;
}

struct TrackRow {
  std::string description = {}, group = {}, index = {}, partner = {};
};

std::map<std::string, TrackRow> read_rows(const std::filesystem::path& file) {
  io::TsvReader table(file);
  const std::size_t identifier = table.column("identifier");
  const auto index = table.has("index") ? std::optional(table.column("index")) : table.index_column();
  std::map<std::string, TrackRow> rows;
  for (std::int64_t number = 0; table.next(); ++number) {
    const auto text = [&](const char* column) { return table.has(column) ? std::string(table.text(column)) : std::string(); };
    TrackRow row{.description = text("description"),
                 .group = text("class"),
                 .index = index ? std::string(table.text(*index)) : format("{}", number),
                 .partner = text("strand_pair")};
    if (!rows.emplace(std::string(table.text(identifier)), std::move(row)).second)
      table.fail(format("track '{}' is there twice", table.text(identifier)));
  }
  return rows;
}

/// Basenji's targets say the kind of an experiment in front of a colon: "CAGE:heart".
std::string class_of(const std::string& description) {
  const std::size_t colon = description.find(':');
  return colon == std::string::npos ? std::string("all") : description.substr(0, colon);
}

/// One strand of a track and the other, in whichever order they stand: the first is the forward
/// one, but for a name that ends in a minus.
void add_pair(TrackFacts& facts, std::size_t a, std::size_t b) {
  const bool turned = facts.names[a].ends_with('-');
  facts.pairs.emplace_back(turned ? b : a, turned ? a : b);
}

/// Pairs of tracks whose rows name each other. `rows`: of each track.
void add_pairs(TrackFacts& facts, const std::vector<const TrackRow*>& rows) {
  std::map<std::string_view, std::vector<std::size_t>> by_index;  // an index may stand in several rows
  for (std::size_t t = 0; t < rows.size(); ++t) by_index[rows[t]->index].push_back(t);
  for (std::size_t a = 0; a < rows.size(); ++a) {
    const auto named = by_index.find(rows[a]->partner);
    if (named == by_index.end()) continue;
    for (const std::size_t b : named->second)
      if (b > a && rows[b]->partner == rows[a]->index) add_pair(facts, a, b);
  }
}

/// The strands as the data turn them over.
void add_pairs(TrackFacts& facts, const Field& field) {
  if (field.rule == StrandRule::paired)
    for (std::size_t t = 0; t + 1 < facts.names.size(); t += 2) facts.pairs.emplace_back(t, t + 1);
  for (std::size_t t = 0; t < field.partners.size(); ++t)
    if (const auto other = static_cast<std::size_t>(field.partners[t]); other > t) add_pair(facts, t, other);
}

/// True where the table says which strands belong together, if only that none do.
bool take_table(TrackFacts& facts, const std::filesystem::path& file) {
  const std::map<std::string, TrackRow> rows = read_rows(file);
  std::vector<std::string> missing;
  for (const std::string& name : facts.names)
    if (!rows.contains(name)) missing.push_back(name);
  if (!missing.empty())
    throw ArgumentError(format("tracks: {} has no row for {} (column identifier)", file.string(), some_of(missing, "'")));
  bool paired = false;
  std::vector<const TrackRow*> of_tracks;
  for (std::size_t t = 0; t < facts.names.size(); ++t) {
    const TrackRow& row = rows.at(facts.names[t]);
    of_tracks.push_back(&row);
    facts.descriptions[t] = row.description;
    facts.classes[t] = row.group.empty() ? class_of(row.description) : row.group;
    paired = paired || !row.partner.empty();
  }
  add_pairs(facts, of_tracks);
  return paired;
}

/// The table of the targets that a binned set was read with, where it lies; empty: there is none,
/// or the data are of another kind.
std::filesystem::path own_table(const data::DataOptions& options, const data::DataSplits& data) {
  constexpr const char *kBinned = "binned", *kUsualName = "targets.txt";
  if (options.kind != kBinned) return {};
  const std::string given = options.others.of<data::BinnedDataOptions>(kBinned).targets.string();
  for (const data::InputFile& input : data.inputs)
    if (given.empty() ? std::filesystem::path(input.reference).filename() == kUsualName : input.reference == given) return input.path;
  return {};
}

/// Descriptions of the table that binned sets come with. Its rows are in the order of the tracks,
/// but some may not have been taken.
void take_own_table(TrackFacts& facts, const OpenRun& run, const data::DataSplits& data) {
  const std::filesystem::path file = own_table(run.recipe.data, data);
  if (file.empty()) return;
  std::size_t t = 0;
  for (const io::BinnedTarget& row : io::read_binned_targets(file)) {
    if (t == facts.names.size() || row.identifier != facts.names[t]) continue;
    facts.descriptions[t] = row.description;
    facts.classes[t++] = class_of(row.description);
  }
}

TrackFacts facts_of(const OpenRun& run, const Field& field, const MeasureContext& context, const std::filesystem::path& file) {
  TrackFacts facts{.names = names_of(field)};
  facts.descriptions.resize(facts.names.size());
  facts.classes.assign(facts.names.size(), "all");
  if (file.empty() && context.data) take_own_table(facts, run, *context.data);
  if (file.empty() || !take_table(facts, file)) add_pairs(facts, field);
  return facts;
}

}  // namespace

void describe(Visitor& v, TrackChoice& o) {
  v("target", o.target, "tensor of the data set; empty: what the recipe evaluates");
  v("tracks", o.tracks,
    "table with a row for each track: column identifier, and as there are description, class (else what is in front of the colon of the "
    "description), strand_pair (index of the other strand's row); empty: what the data say");
}

std::size_t TrackFacts::at(const std::string& name) const {
  const auto found = std::find(names.begin(), names.end(), name);
  if (found != names.end()) return static_cast<std::size_t>(found - names.begin());
  const auto near = nearest(name, names);
  throw ArgumentError(format("there is no track '{}'{}", name, near ? format(" (did you mean '{}'?)", *near) : ""));
}

bool TrackFacts::described() const {
  return std::any_of(descriptions.begin(), descriptions.end(), [](const std::string& text) { return !text.empty(); });
}

BinnedSet binned_set(const OpenRun& run, const data::DatasetPtr& set, const MeasureContext& context, const TrackChoice& choice) {
  BinnedSet found{.source = {prediction(*run.model, run.recipe, *set), set}, .batches = run.recipe.evaluate.options.batches};
  const Schema& schema = set->schema();
  const Field* first = schema.first(Role::target);
  found.head.target = !choice.target.empty() ? choice.target
                                             : run.recipe.evaluate.options.target.value_or(first ? first->name : std::string("labels"));
  const Field* field = schema.find(found.head.target);
  if (!field) throw ArgumentError(format("target: the set has no '{}'; it has {}", found.head.target, fmt::join(schema.names(), ", ")));
  found.tracks = facts_of(run, *field, context, choice.tracks);
  found.head.output = choice.target.empty() ? run.recipe.evaluate.options.output : std::string();
  const std::vector<nn::LossOptions> losses = run.recipe.loss.empty() ? std::vector<nn::LossOptions>{{}} : run.recipe.loss;
  for (const nn::LossOptions& loss : losses) {
    if (loss.target != found.head.target || (!found.head.output.empty() && loss.output != found.head.output)) continue;
    found.head.output = loss.output;
    found.head.exponential = loss.type == nn::LossType::poisson && loss.log_input;
    found.labels = loss.type == nn::LossType::binary_cross_entropy;
    break;
  }
  return found;
}

void warn_of_transform(const OpenRun& run, std::string_view what) {
  if (run.recipe.data.genome.tracks.transform == data::TrackTransform::none) return;
  log_warning(
      "the tracks were transformed (genome.tracks.transform = \"{}\") and are compared as they are: {}; without a transform the numbers "
      "are of coverage",
      run.recipe.data.genome.tracks.transform, what);
}

seq::ChromSizes chromosomes_of(const OpenRun& run, const data::DatasetPtr& set, const MeasureContext& context) {
  if (context.data && context.data->genome) return context.data->genome->sizes();
  std::vector<std::string> order;
  for (std::int64_t i = 0; i < set->size(); ++i) {
    const std::string name = set->origin(i).chromosome;
    if (!name.empty() && std::find(order.rbegin(), order.rend(), name) == order.rend()) order.push_back(name);
  }
  if (order.empty()) throw ArgumentError("the examples have no places in a genome: use data of a genome");
  seq::ChromSizes sizes;
  // Their lengths are not known, so that no place lies behind their end.
  for (const std::string& name : order) sizes.add({.name = name, .length = std::int64_t{1} << 40});
  sizes.set_source("the data");
  if (const auto& aliases = run.recipe.data.genome.aliases; !aliases.empty()) sizes.add_aliases(io::read_alias_table(aliases));
  return sizes;
}

void add_tracks(MeasureNumbers& numbers, const std::string& prefix, const std::string& metric, const TrackFacts& tracks,
                const std::vector<metrics::MetricResult>& values) {
  const metrics::DefinedSummary summary = metrics::summary_of_defined(values);
  numbers.emplace_back(prefix + metric, summary.mean.value);
  numbers.emplace_back(prefix + "median." + metric, summary.median.value);
  std::vector<std::string> undefined;
  std::string reason;
  for (std::size_t t = 0; t < values.size(); ++t) {
    if (values.size() <= kFewTracks && values.size() > 1) numbers.emplace_back(tracks.names[t] + "." + prefix + metric, values[t].value);
    if (values[t].defined()) continue;
    undefined.push_back(tracks.names[t]);
    reason = values[t].reason;
  }
  if (!undefined.empty())
    log_warning("{}{} is not defined for {} of {} tracks and is not in the mean: {} ({})", prefix, metric, undefined.size(), values.size(),
                some_of(undefined, "", 5), reason);
}

std::string field_of(double value) { return std::isnan(value) ? std::string("NA") : format("{:.8g}", value); }

std::string field_of(const metrics::MetricResult& value) { return field_of(value.value); }

void write_table(const MeasureContext& context, const std::string& name, const std::vector<std::string>& columns,
                 const std::vector<std::vector<std::string>>& rows) {
  if (!context.tables.empty()) io::write_tsv(context.tables / name, columns, rows);
}

}  // namespace basewise::run::detail
