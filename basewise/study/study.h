// A study: a recipe, what is varied, what is measured, and what others published. Read from
// study.toml.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "basewise/core/options.h"
#include "basewise/results/run_files.h"
#include "basewise/study/published.h"

namespace basewise::study {

/// What stays of a run folder when all is measured.
enum class Keep { all, weights, record };
constexpr auto words_of(Keep) {
  return words<Keep>({{Keep::all, "all"},
                      {Keep::weights, "weights", "no checkpoints, no events"},
                      {Keep::record, "record", "no run folder"}});
}

/// A run of the same study that comes first: another starts with its weights.
struct After {
  std::vector<std::string> run =
      {};  ///< "start=scratch": the axes in which it differs from the run that comes after it
  std::vector<std::string> match = {};   ///< as in [[init]] of a recipe (run/init.h)
  std::vector<std::string> skip = {};    ///< as there
  std::vector<std::string> freeze = {};  ///< as there
};
void describe(Visitor& v, After& o);

/// One value of an axis: a short name and the options of the recipe that make it.
struct AxisValue {
  std::string name = {};
  std::string title = {};
  std::vector<std::string> set = {};  ///< "strand.train=augmented"
  std::vector<After> after = {};      ///< whose weights such runs start with
};
void describe(Visitor& v, AxisValue& o);

/// Something that is varied: named values, or one option of the recipe with a list of values (`key`
/// with `numbers` or `words`).
struct Axis {
  std::string name = {};
  std::string title = {};
  std::string key = {};
  std::vector<double> numbers = {};
  std::vector<std::string> words = {};
  std::vector<AxisValue> values = {};  ///< after loading: the values of a `key` too
};
void describe(Visitor& v, Axis& o);

/// A measurement of a trained run. Several splits and weights make as many rows.
struct EvaluationPlan {
  std::string name = {};
  std::string title = {};
  std::vector<results::Set> splits = {results::Set::test};
  std::vector<std::string> weights = {results::kBestWeights};  ///< or a word w: weights.w.safetensors
  std::vector<std::string> set = {};            ///< "strand.predict=conjoined"
  std::vector<std::string> when = {};           ///< only for runs that these conditions hold for
  std::string measure = {};               ///< a measure (run/measure.h); empty: the metrics of evaluation
  std::vector<std::string> options = {};  ///< of the measure, "share=0.3"
  bool outputs = false;                   ///< also each output by itself, "ctcf.auroc"
};
void describe(Visitor& v, EvaluationPlan& o);

/// Options that come with a combination of values, and runs that come before.
struct Setting {
  std::vector<std::string> when = {};
  std::vector<std::string> set = {};
  std::vector<After> after = {};
};
void describe(Visitor& v, Setting& o);

/// Combinations that are left out.
struct Exclusion {
  std::vector<std::string> when = {};
  std::string reason = {};
};
void describe(Visitor& v, Exclusion& o);

/// A name for the rows that conditions hold for, as people call the method.
struct Method {
  std::string name = {};
  std::string title = {};
  std::vector<std::string> when = {};
};
void describe(Visitor& v, Method& o);

/// Published results of a group of rows.
struct Published {
  std::vector<std::string> when = {};
  std::vector<std::string> values = {};  ///< "auroc = 0.9645 +- 0.0030"; the spread may be left out
  std::string source = {};
};
void describe(Visitor& v, Published& o);

/// Which test two groups are compared by.
enum class ComparisonTest { wilcoxon, student, welch };
constexpr auto words_of(ComparisonTest) {
  return words<ComparisonTest>({{ComparisonTest::wilcoxon, "wilcoxon", "signed ranks of paired differences"},
                                {ComparisonTest::student, "student", "t-test of two samples of one variance, unpaired"},
                                {ComparisonTest::welch, "welch", "t-test of two samples of any variances, unpaired"}});
}

/// A paired comparison of two groups: a - b over the same seeds. One test for each combination of
/// values that the conditions leave open, or one for all values of the axes in `pool` together.
struct Comparison {
  std::string name = {};
  std::vector<std::string> a = {};
  std::vector<std::string> b = {};
  std::vector<std::string> metrics = {};  ///< empty: every metric of the table
  std::vector<std::string> pool = {};     ///< axes
  ComparisonTest test = ComparisonTest::wilcoxon;
};
void describe(Visitor& v, Comparison& o);

/// Two metrics of the same runs, as ranks: does one tell the other?
struct Relation {
  std::string name = {};
  std::string x = {};
  std::vector<std::string> x_when = {};  ///< conditions on the row that has x
  std::string y = {};
  std::vector<std::string> y_when = {};
  std::vector<std::string> within = {};  ///< axes: also within their values
};
void describe(Visitor& v, Relation& o);

/// What a cell of a table says of its runs.
enum class CellValue { median, mean };
constexpr auto words_of(CellValue) {
  return words<CellValue>({{CellValue::median, "median", "and in brackets the smallest and the largest value"},
                           {CellValue::mean, "mean", "and the standard deviation, n - 1"}});
}

/// A table for a page (page_tables.h): values of axes downwards and across.
struct TablePlan {
  std::string name = {};
  std::vector<std::string> metrics = {};
  std::vector<std::string> rows = {};     ///< axes, "evaluation", "split", "weights", "method" or "metric"
  std::vector<std::string> columns = {};  ///< of the same names
  std::vector<std::string> when = {};     ///< conditions on what goes in
  CellValue value = CellValue::median;
  std::int64_t digits = 3;  ///< behind the point
};
void describe(Visitor& v, TablePlan& o);

/// The file study.toml.
struct StudyOptions {
  std::string name = {};
  std::string title = {};
  std::string recipe = {};                ///< file beside study.toml, or a built-in name
  std::vector<std::string> set = {};      ///< options of the recipe for all runs
  std::string over = "seed";              ///< the axis that is averaged over
  std::vector<std::string> metrics = {};  ///< columns of the table; empty: all there are
  Keep keep = Keep::weights;
  std::vector<Axis> axes = {};
  std::vector<Setting> settings = {};
  std::vector<EvaluationPlan> evaluations = {};
  std::vector<Exclusion> exclude = {};
  std::vector<Method> methods = {};
  std::vector<Published> published = {};
  std::vector<Comparison> compare = {};
  std::vector<Relation> relate = {};
  std::vector<TablePlan> tables = {};
};
void describe(Visitor& v, StudyOptions& o);

/// A study with the places of its files. Everything but study.toml and results.tsv can be thrown
/// away.
struct Study {
  StudyOptions options = {};
  std::filesystem::path file = {};    ///< study.toml
  std::filesystem::path folder = {};  ///< where runs and results go

  std::filesystem::path record() const { return folder / "results.tsv"; }
  std::filesystem::path run(const std::string& name) const { return folder / "runs" / name; }
  /// State, log and lock of a run, outside of its folder: they exist before it does.
  std::filesystem::path work(const std::string& name, const char* ending) const {
    return folder / "work" / (name + ending);
  }
};

/// `source` is a folder that holds study.toml, or a file. A file <name>.study.toml keeps its
/// results in the folder <name> beside it, any other file in its own folder; `out` names another
/// place. `set` is added to the study's own `set`.
/// Errors: ArgumentError naming the file and what is wrong: unknown keys, names given twice, an
/// axis without values, conditions on axes that are not there, options that the recipe has not.
Study load_study(const std::string& source, const std::filesystem::path& out = {},
                 const std::vector<std::string>& set = {});

/// What `load_study` is called with for each study of `source`: itself, or, for a folder that is no
/// study and holds files <name>.study.toml, these in the order of their names.
std::vector<std::string> studies_of(const std::string& source);

}  // namespace basewise::study
