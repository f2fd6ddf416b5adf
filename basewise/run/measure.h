// What can be measured of a run beside the metrics of its heads:
// the table behind the key `measure` of a study.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "basewise/core/options.h"
#include "basewise/data/dataset.h"
#include "basewise/run/kept_data.h"
#include "basewise/run/open_run.h"

namespace basewise::run {

/// What a measure found, by name; NaN: not defined. Names may begin with parts and dots
/// ("saliency.auroc"); the last part says what it is.
using MeasureNumbers = std::vector<std::pair<std::string, double>>;

/// A measure with its options.
class Measure {
 public:
  virtual ~Measure() = default;

  /// Its options; paths among them are hashed by contents where rows of a study are.
  virtual void describe_options(Visitor& v) = 0;

  /// Measures a run on one of its sets, which is not empty and has no random views. Equal runs,
  /// options and sets give equal numbers.
  /// Errors: of the measure.
  virtual MeasureNumbers measure(const OpenRun& run, const data::DatasetPtr& set) const = 0;
};

/// One kind of number of a measure.
struct MeasureValue {
  std::string name = {};  ///< the last part of names
  bool higher_is_better = true;
};

/// A row of the table.
struct MeasureType {
  std::string name = {};
  std::string help = {};                     ///< one line
  std::vector<MeasureValue> values = {};     ///< those that are no metrics of the registry
  std::function<std::unique_ptr<Measure>()> make = {};  ///< with the options as they are by default
};

/// Those that there are: what `MeasureScope`s added. The house's own come with `interpret`
/// (interpret/measures.h).
std::vector<MeasureType> measure_types();

/// A measure by name with `options` ("share=0.3") in place of its defaults; relative paths are
/// taken relative to `folder`, or left as they are.
/// Errors: ArgumentError naming the nearest measure, or the option.
std::unique_ptr<Measure> make_measure(const std::string& name, const std::vector<std::string>& options = {},
                                      const std::filesystem::path& folder = {});

/// As `higher_is_better`, also for what measures report.
bool measured_higher_is_better(const std::string& value);

/// Adds measures to the table while this lives.
/// Errors: ArgumentError for a name that is taken.
class MeasureScope {
 public:
  explicit MeasureScope(std::vector<MeasureType> types);
  ~MeasureScope();
  MeasureScope(const MeasureScope&) = delete;
  MeasureScope& operator=(const MeasureScope&) = delete;

 private:
  std::vector<std::string> names_;
};

struct MeasureRequest {
  std::filesystem::path run = {};  ///< run folder
  std::string measure = {};
  std::vector<std::string> options = {};  ///< of the measure
  results::Set split = results::Set::test;
  std::string weights = {};           ///< value of `train.select.also`; empty: the final ones
  std::vector<std::string> set = {};  ///< options of the recipe, "strand.predict=conjoined"
  std::string device = "cpu";
  std::int64_t threads = 0;
};

struct MeasureResult {
  MeasureNumbers numbers = {};
  double seconds = 0;
};

/// Opens a run and measures it, with the data of an earlier call where they fit.
/// Errors: those of `open_run`, `make_measure`, `data::build_data` and the measure; ArgumentError
/// for an empty set; StateError for a run whose data were given by a program.
MeasureResult measure_run(const MeasureRequest& request, KeptData& kept);

}  // namespace basewise::run
