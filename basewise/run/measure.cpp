#include "basewise/run/measure.h"

#include <algorithm>
#include <chrono>
#include <mutex>

#include <nlohmann/json.hpp>

#include "basewise/core/nearest.h"
#include "basewise/core/parallel.h"
#include "basewise/run/detail/evaluation.h"
#include "basewise/run/integrity.h"
#include "basewise/run/measure_tables.h"
#include "basewise/run/run_folder.h"
#include "basewise/tensor/scopes.h"
#include "basewise/tensor/tensors.h"

namespace basewise::run {
namespace {

class MeasureTable {
 public:
  static MeasureTable& one() {
    static MeasureTable table;
    return table;
  }

  std::vector<MeasureType> all() {
    const std::lock_guard lock(mutex_);
    return all_;
  }
  void add(const std::vector<MeasureType>& types) {
    const std::lock_guard lock(mutex_);
    for (const MeasureType& other : all_)
      for (const MeasureType& type : types)
        if (other.name == type.name) throw ArgumentError(format("there is a measure '{}' already", type.name));
    all_.insert(all_.end(), types.begin(), types.end());
  }
  void remove(const std::string& name) {
    const std::lock_guard lock(mutex_);
    std::erase_if(all_, [&](const MeasureType& type) { return type.name == name; });
  }

 private:
  std::mutex mutex_;
  std::vector<MeasureType> all_;
};

MeasureType find_type(const std::string& name) {
  std::vector<std::string> known;
  for (MeasureType& type : measure_types()) {
    if (type.name == name) return std::move(type);
    known.push_back(type.name);
  }
  if (known.empty()) throw ArgumentError(format("there is no measure '{}': this program has none", name));
  const auto near = nearest(name, known);
  throw ArgumentError(format("there is no measure '{}'{}; there are {}", name, near ? format(" (did you mean '{}'?)", *near) : "",
                             fmt::join(known, ", ")));
}

}  // namespace

std::vector<MeasureType> measure_types() { return MeasureTable::one().all(); }

std::unique_ptr<Measure> make_measure(const std::string& name, const std::vector<std::string>& options,
                                      const std::filesystem::path& folder) {
  std::unique_ptr<Measure> measure = find_type(name).make();
  const Described described = [&](Visitor& v) { measure->describe_options(v); };
  const std::string origin = format("options of measure '{}'", name);
  assign_all(described, options, origin, folder);
  check(described, origin);
  return measure;
}

bool measured_higher_is_better(const std::string& value) {
  const std::string last = detail::metric_of(value);
  for (const MeasureType& type : measure_types())
    for (const MeasureValue& known : type.values)
      if (known.name == last) return known.higher_is_better;
  return higher_is_better(value);
}

MeasureScope::MeasureScope(std::vector<MeasureType> types) {
  MeasureTable::one().add(types);
  for (const MeasureType& type : types) names_.push_back(type.name);
}

MeasureScope::~MeasureScope() {
  for (const std::string& name : names_) MeasureTable::one().remove(name);
}

MeasureResult measure_run(const MeasureRequest& request, KeptData& kept) { return measure_run(request, kept, {}); }

MeasureResult measure_run(const MeasureRequest& request, KeptData& kept, const std::filesystem::path& tables) {
  const auto start = std::chrono::steady_clock::now();
  const std::unique_ptr<Measure> measure = make_measure(request.measure, request.options);
  const auto* with_tables = dynamic_cast<const TableMeasure*>(measure.get());
  if (!with_tables && !tables.empty()) throw ArgumentError(format("measure '{}' writes no tables: leave out --tables", request.measure));
  if (request.threads > 0) set_threads(static_cast<int>(request.threads));
  const TensorThreadScope tensor_threads(threads());
  if (read_manifest(request.run).value("given", false))
    throw StateError(format("the data of {} were given by a program: measure the run there", request.run.string()));
  const OpenRun run = open_run(request.run, {.weights = request.weights, .set = request.set, .device = request.device});
  const data::DataSplits& data = kept.of(run.recipe);
  const data::DatasetPtr& set = data[request.split];
  if (set->size() == 0)
    throw ArgumentError(format("the {} set of {} is empty; look at [data.split] of its recipe", request.split, run.folder.string()));
  std::vector<std::pair<std::string, std::filesystem::path>> inputs;
  for (const data::InputFile& input : data.inputs) inputs.emplace_back(input.reference, input.path);
  warn_of_changed_inputs(run.folder, inputs);
  MeasureResult result;
  result.numbers = with_context(format("measure '{}'", request.measure), [&] {
    return with_tables ? with_tables->measure_with(run, set, {.data = &data, .tables = tables}) : measure->measure(run, set);
  });
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return result;
}

}  // namespace basewise::run
