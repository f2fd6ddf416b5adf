// Small run folders for the tests of this module, written by hand.
#pragma once

#include <cstdlib>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "basewise/core/files.h"
#include "basewise/core/format.h"
#include "basewise/core/random.h"
#include "basewise/io/safetensors.h"

namespace basewise::report::testing {

using Json = nlohmann::ordered_json;

struct TestRun {
  std::string name = "tiny";
  std::vector<std::string> outputs = {"CTCF", "SPI1", "GATA1"};
  bool binary = true;     ///< else numbers, with densities
  bool tracks = false;    ///< per base, two strands
  bool profile = false;   ///< profiles and a head of counts
  bool evaluated = true;  ///< metrics, curves and tracks
  double shift = 0;       ///< of every value, so that runs differ
  std::int64_t locus = 1731;
};

inline Json metric(double value, bool higher = true) {
  return {{"value", value},       {"higher_is_better", higher}, {"low", value - 0.01},
          {"high", value + 0.02}, {"standard_error", 0.008},    {"replicates", 37}};
}

inline Json metrics_of(const TestRun& r, double value) {
  if (r.binary) return {{"auroc", metric(value)}, {"average_precision", metric(value - 0.2)}, {"log_loss", metric(1 - value, false)}};
  return {{"pearson", metric(value)}, {"mse", metric(1 - value, false)}};
}

inline Json metrics_json(const TestRun& r) {
  const auto output = [&](const std::string& name, double value) {
    return Json{{"name", name},      {"examples", 300},   {"missing", 7},
                {"positives", 90.0}, {"prevalence", 0.3}, {"metrics", metrics_of(r, value)}};
  };
  Json j = {{"schema", "basewise.metrics/1"}, {"output", "logits"}, {"target", "labels"}, {"per_base", r.tracks}, {"examples", 300},
            {"bootstrap_draws", "examples"},  {"confidence", 0.9}};
  j["pooled"] = output("pooled", 0.9137 + r.shift);
  j["mean"] = {{r.binary ? "auroc" : "pearson", {{"value", 0.9 + r.shift}, {"higher_is_better", true}}}};
  for (std::size_t i = 0; i < r.outputs.size(); ++i)
    j["outputs"].push_back(output(r.outputs[i], 0.95 - 0.03 * static_cast<double>(i) + r.shift));
  j["tolerances"] = Json::array();
  if (r.tracks)
    j["tolerances"].push_back({{"tolerance", 5},
                               {"name", "pooled"},
                               {"average_precision", {{"value", 0.41}}},
                               {"labels", 90},
                               {"candidates", 1234},
                               {"matched", 71}});
  j["references"] = {{{"metric", r.binary ? "auroc" : "pearson"}, {"label", "the floor of " + r.name}, {"value", 0.872}}};
  j["strands"] = "mean";
  return j;
}

inline Json curves_json(const TestRun& r) {
  Json j = {{"schema", "basewise.curves/1"}, {"bound", 5e-4}, {"binary", r.binary}, {"left_out", 0}, {"outputs", Json::array()}};
  std::vector<std::string> names = r.outputs;
  if (names.size() > 1) names.insert(names.begin(), "pooled");
  for (const std::string& name : names) {
    Json o = {{"name", name}, {"values", 300}};
    if (r.binary) {
      o["roc"] = {{"whole_points", 12},
                  {"points", Json::array()},
                  {"x", {0, 0.125, 1}},
                  {"y", {0, 0.8125, 1}},
                  {"threshold", {nullptr, 0.5, nullptr}}};
      o["precision_recall"] = {{"whole_points", 12},
                               {"points", Json::array()},
                               {"x", {0, 0.5, 0.75, 1}},
                               {"y", {1, 0.9375, 0.5, 0.3}},
                               {"threshold", {nullptr, 1, 0, -3}}};
      o["calibration"] = {{{"low", 0},
                           {"high", 0.05},
                           {"count", 100},
                           {"predicted", 0.02},
                           {"observed", 0.03},
                           {"observed_low", 0.01},
                           {"observed_high", 0.08}},
                          {{"low", 0.9},
                           {"high", 0.95},
                           {"count", 50},
                           {"predicted", 0.93},
                           {"observed", 0.9},
                           {"observed_low", 0.8},
                           {"observed_high", 0.96}}};
    } else {
      o["density"] = {{"low", -2.0},          {"high", 3.0},           {"bins", 10},
                      {"outside", 4},         {"observed", {0, 4, 9}}, {"predicted", {1, 4, 8}},
                      {"count", {17, 230, 3}}};
    }
    j["outputs"].push_back(o);
  }
  return j;
}

/// A run on profiles with a head of counts: turns what `metrics_json` and `curves_json` give into
/// that.
inline void make_profile(Json& metrics, Json& curves) {
  const auto values = [](double jsd) {
    Json m = metric(jsd, false);
    m.update({{"median", jsd - 0.03}, {"examples", 300}, {"undefined", 3}});
    return Json{{"jsd", m}, {"profile_pearson", metric(1 - jsd)}};
  };
  metrics["kind"] = "profile";
  metrics["strands"] = 2;
  metrics["length"] = 1000;
  metrics["references"] = Json::array();
  for (const char* key : {"pooled", "ceiling", "floor"}) {
    const double jsd = std::string(key) == "pooled" ? 0.21 : std::string(key) == "ceiling" ? 0.17 : 0.44;
    metrics[key] = {{"name", key},          {"what", key},           {"examples", 300},
                    {"positives", nullptr}, {"prevalence", nullptr}, {"metrics", values(jsd)}};
  }
  metrics["mean"] = metrics["pooled"]["metrics"];
  metrics["outputs"] = {metrics["pooled"]};
  metrics["outputs"][0]["name"] = "profile";
  Json head = {{"output", "counts"}, {"target", "counts"}, {"pooled", {{"metrics", {{"pearson", metric(0.81)}}}}}};
  head["ceiling"] = {{"what", "replicate_counts"}, {"metrics", {{"pearson", metric(0.93)}}}};
  metrics["heads"] = {head};
  curves["binary"] = false;
  curves["outputs"] = Json::array();
  curves["examples"] = {{{"metric", "jsd"},
                         {"low", 0.1},
                         {"high", 0.5},
                         {"outside", 2},
                         {"counts", {30, 60, 10}},
                         {"ceiling", {75, 25, 0}},
                         {"floor", {0, 0, 100}}},
                        {{"metric", "profile_pearson"},
                         {"low", 0},
                         {"high", 1},
                         {"outside", 0},
                         {"counts", {10, 20, 70}},
                         {"ceiling", {5, 15, 80}}}};
}

inline Json tracks_json(const TestRun& r) {
  Json j = {{"schema", "basewise.tracks/1"}, {"binary", true},       {"predicted", "probability"}, {"channels", r.outputs},
            {"annotation", "genes.gff"},     {"loci", Json::array()}};
  for (const auto& [choice, start] : {std::pair("densest", std::int64_t{4000}), {"sparsest", std::int64_t{70'000}}}) {
    Json locus = {{"choice", choice},       {"start", start},
                  {"end", start + r.locus}, {"target_sum", start == 4000 ? 2 : 0},
                  {"chromosome", "chr<1>"}, {"chromosome_length", 90'000}};
    for (std::size_t c = 0; c < r.outputs.size(); ++c) {
      Json predicted = Json::array(), observed = Json::array();
      Stream draw(7, c, static_cast<std::uint64_t>(start));
      for (std::int64_t i = 0; i < r.locus; ++i) {
        predicted.push_back(std::stod(format("{:.3g}", draw.uniform())));
        observed.push_back(start == 4000 && i == 100 + static_cast<std::int64_t>(c) ? 1 : 0);
      }
      locus["predicted"].push_back(predicted);
      locus["observed"].push_back(observed);
    }
    locus["genes"] = {{{"name", "lacZ"}, {"start", start - 10}, {"end", start + 90}, {"strand", "+"}},
                      {{"name", "lacY"}, {"start", start + 50}, {"end", start + 300}, {"strand", "-"}}};
    j["loci"].push_back(locus);
  }
  return j;
}

inline Json data_json(const TestRun& r) {
  Json j = {{"schema", "basewise.data/1"}, {"kind", "table"},     {"target", "labels"},
            {"per_base", r.tracks},        {"split", "fraction"}, {"outputs", r.outputs}};
  for (const auto& [name, size] : {std::pair("train", 2400), {"validation", 310}, {"test", 300}}) {
    Json set = {{"name", name}, {"examples", size}, {"counted", std::min(size, 1000)}, {"summary", std::to_string(size) + " sequences"}};
    for (const std::string& output : r.outputs)
      set["outputs"].push_back({{"name", output}, {"values", size}, {"missing", 7}, {"positives", size / 3}});
    j["sets"].push_back(set);
  }
  j["datasets"] = {{{"name", "mine"},
                    {"title", "a data set"},
                    {"licence", "CC0-1.0"},
                    {"citation", "Somebody 2020"},
                    {"source", "https://example.org"}}};
  return j;
}

inline Json model_json() {
  return {{"schema", "basewise.model/1"},
          {"inputs", {"sequence (N, 4, 200)"}},
          {"length", 200},
          {"length_declared", true},
          {"parameters", 6971},
          {"buffers", 0},
          {"multiply_adds", 556896.0},
          {"layers",
           {{{"name", "stem"},
             {"type", "conv"},
             {"output", "(N, 5, 200)"},
             {"parameters", 145},
             {"multiply_adds", 288000.0},
             {"receptive_field", 7},
             {"depth", 0}},
            {{"name", "top"},
             {"type", "dense"},
             {"output", "(N, 3)"},
             {"parameters", 99},
             {"multiply_adds", 96.0},
             {"receptive_field", 0},
             {"depth", 0}}}},
          {"outputs", {{{"name", "logits"}, {"has_length", false}}}},
          {"first_layer", "stem.weight"}};
}

/// Five filters of width 7; filter k has weights of size k + 1.
inline std::vector<float> filter_weights() {
  std::vector<float> weights;
  Stream draw(11);
  for (int k = 0; k < 5; ++k)
    for (int i = 0; i < 4 * 7; ++i) weights.push_back(static_cast<float>((k + 1) * draw.normal()));
  return weights;
}

inline fs::path write_run(const std::string& folder, const TestRun& r = {}) {
  const fs::path run = fs::path(::testing::TempDir()) / "basewise_report" / folder;
  fs::remove_all(run);
  const auto put = [&](const char* file, const Json& json) { write_file(run / file, json.dump()); };
  put("manifest.json",
      {{"format", "basewise run"},
       {"version", 1},
       {"status", "finished"},
       {"detail", "completed"},
       {"name", r.name},
       {"seed", 5},
       {"device", "cpu"},
       {"threads", 2},
       {"command_line", {"basewise", "train", r.name}},
       {"started", "2026-11-21T10:00:00Z"},
       {"ended", "2026-11-21T10:01:00Z"},
       {"seconds", 60.5},
       {"sessions", 1},
       {"parameters", 6971},
       {"inputs", {{{"reference", "data:mine/x.tsv"}, {"path", "/home/somebody/mine/x.tsv"}, {"bytes", 12345}, {"sha256", "ab12"}}}},
       {"notes", {"3 rows skipped of " + r.name, "/home/somebody/mine/x.tsv and /home/somebody/mine/x.tsv again"}},
       {"build", {{"version", "0.1.0"}}},
       {"machine", {{"processor", "abacus"}}},
       {"torch", {{"torch", "2.15.0"}}}});
  write_file(run / "config.toml", "name = \"tiny\"\n");
  write_file(run / "model.toml", "format = 1\n");
  write_file(run / "log.tsv",
             "epoch\tstep\tseconds\tlearning_rate\ttrain_loss\tvalidation_loss\tvalidation_auroc\tdata_wait_seconds\n"
             "1\t10\t2.500\t0.01\t0.7\tnan\tnan\t0.500\n2\t20\t4.000\t0.005\t0.5\t0.55\t0.875\t0.250\n3\t30\t7.000\t0.001\t0.4\t0.45\t0."
             "9\t0.000\n");
  const auto weights = filter_weights();
  io::write_safetensors(run / "weights.safetensors", {{"stem.weight", io::TensorView::of(std::span<const float>(weights), {5, 4, 7})}});
  put("model.json", model_json());
  put("data.json", data_json(r));
  if (!r.evaluated) return run;
  Json metrics = metrics_json(r), curves = curves_json(r);
  if (r.profile) make_profile(metrics, curves);
  put("metrics.json", metrics);
  put("curves.json", curves);
  if (r.tracks) put("tracks.json", tracks_json(r));
  return run;
}

/// Blocks of every section.
inline std::vector<Json> blocks_of(const Json& document) {
  std::vector<Json> blocks;
  for (const Json& section : document.at("sections"))
    for (const Json& block : section.at("blocks")) blocks.push_back(block);
  return blocks;
}

/// The block of this id; a null value if there is none.
inline Json block_of(const Json& document, const std::string& id) {
  for (const Json& block : blocks_of(document))
    if (block.value("id", "") == id) return block;
  return {};
}

/// Column of a figure's table, its dictionary looked up.
inline std::vector<Json> column_of(const Json& figure, const std::string& table, const std::string& field) {
  for (const Json& t : figure.at("data")) {
    if (t.at("name") != table) continue;
    for (std::size_t c = 0; c < t.at("fields").size(); ++c) {
      if (t.at("fields").at(c).at("name") != field) continue;
      const Json& column = t.at("columns").at(c);
      if (column.is_array()) return column.get<std::vector<Json>>();
      std::vector<Json> values;
      for (const Json& code : column.at("codes")) values.push_back(column.at("dictionary").at(code.get<std::size_t>()));
      return values;
    }
  }
  return {};
}

}  // namespace basewise::report::testing
