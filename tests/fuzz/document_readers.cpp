#include <nlohmann/json.hpp>

#include "basewise/core/files.h"
#include "basewise/core/json.h"
#include "basewise/core/toml_keys.h"
#include "basewise/corpus/registry.h"
#include "basewise/corpus/splits.h"
#include "basewise/report/document.h"
#include "basewise/report/study_page.h"
#include "basewise/spec/model_file.h"
#include "tests/fuzz/readers.h"

namespace basewise::fuzz {
namespace {

const fs::path kRuns = "tests/compat/0.1.0";

Files run_folder(const std::string& name, const std::string& first) {
  Files files = {{first, read_file(kRuns / name / first)}};
  for (const auto& entry : fs::directory_iterator(kRuns / name)) {
    const std::string file = entry.path().filename().string();
    const std::string kind = entry.path().extension().string();
    if (entry.is_regular_file() && file != first && kind != ".safetensors") files.emplace_back(file, read_file(entry.path()));
  }
  return files;
}

std::vector<Files> run_folders(const std::string& name) {
  std::vector<Files> all;
  for (const char* first : {"manifest.json", "metrics.json", "curves.json", "model.json", "data.json", "config.toml", "log.tsv"})
    all.push_back(run_folder(name, first));
  if (fs::exists(kRuns / name / "tracks.json")) all.push_back(run_folder(name, "tracks.json"));
  return all;
}

/// What the page of a run shows; the page around it is the same for all.
void document_of(const fs::path& run) {
  std::vector<std::string> notes;
  json_text(report::build_document({run}, "", notes));
}

std::vector<Files> model_files() {
  std::vector<Files> all = {{{"model.toml", read_file("recipes/demo/model.toml")}}};
  for (const char* name : {"values", "per_base", "profile"})
    all.push_back({{"model.toml", read_file(kRuns / name / "model.toml")}});
  return all;
}

// Two seeds of one method, compared with another that is missing.
const std::string kStudy = R"({"schema": "basewise.study/1", "name": "s", "title": "x", "over": "seed", "confidence": 0.95,
"axes": [{"name": "m", "title": "m", "values": [{"name": "a", "title": "a"}, {"name": "b", "title": "b"}]},
  {"name": "seed", "title": "seed", "values": [{"name": "7", "title": "7"}, {"name": "11", "title": "11"}]}],
"metrics": [{"name": "auroc", "higher_is_better": true}], "rows": {"expected": 4, "present": 2, "stale": 0, "unknown": 0},
"notes": ["2 of 4 rows are missing"],
"groups": [
  {"name": "a", "title": "a", "variant": "a", "expected": 2, "missing": [], "parameters": "17", "epochs": 4, "train_seconds": 2.5,
   "labels": {"m": "a", "split": "test", "weights": "best"},
   "metrics": {"auroc": {"n": 2, "mean": 0.8, "sd": 0.01, "median": 0.8, "minimum": 0.7, "maximum": 0.9, "low": 0.75, "high": 0.85,
     "values": [["7", 0.7], ["11", 0.9]], "published": {"mean": 0.9, "sd": null, "source": "a paper", "difference_in_sd": null}}}},
  {"name": "b", "title": "b", "variant": "b", "expected": 2, "missing": ["7", "11"], "parameters": "17", "epochs": 4, "train_seconds": 2.5,
   "labels": {"m": "b", "split": "test", "weights": "best"},
   "metrics": {"auroc": {"n": 0, "mean": null, "sd": null, "median": null, "minimum": null, "maximum": null, "low": null, "high": null,
     "values": []}}}],
"comparisons": [{"name": "a above b", "metric": "auroc", "a": "a", "b": "b", "shared": {}, "split": "test", "weights": "best",
  "unpaired": 0, "n": 2, "mean": 0.1, "sd": 0.01, "median": 0.1, "minimum": 0, "maximum": 0.2, "low": 0, "high": 0.2,
  "differences": [["7", 0], ["11", 0.2]],
  "wilcoxon": {"p": 0.5, "p_greater": 0.25, "rank_sum": 3, "zeros": 0, "exact": true, "reason": ""}}]})";

std::vector<Files> entries() {
  std::vector<Files> all;
  for (const auto& entry : fs::directory_iterator("datasets"))
    if (entry.path().extension() == ".toml") all.push_back({{"x.toml", read_file(entry.path())}});
  return all;
}

}  // namespace

std::vector<Reader> document_readers() {
  return {
      {"model_file", model_files(), [](const fs::path& f) { spec::read_model_file(f / "model.toml"); }},
      {"toml", model_files(), [](const fs::path& f) { toml_as_json(read_file(f / "model.toml"), "model.toml"); }},
      {"registry",
       entries(),
       [](const fs::path& f) { corpus::Registry({.entries = f, .mirror = f, .cache = f / "cache"}).list(); }},
      {"folds",
       {{{"folds.json", R"({"train": ["chr1", "chr2"], "valid": ["chr3"], "test": ["chr4"]})"}}},
       [](const fs::path& f) { corpus::read_fold(f / "folds.json"); }},
      {"page_of_values", run_folders("values"), document_of},
      {"page_of_tracks", run_folders("per_base"), document_of},
      {"page_of_profiles", run_folders("profile"), document_of},
      {"page_of_a_study",
       {{{"study.json", kStudy}}},
       [](const fs::path& f) { report::write_study_page(f / "study.json", f / "study.html"); }},
  };
}

}  // namespace basewise::fuzz
