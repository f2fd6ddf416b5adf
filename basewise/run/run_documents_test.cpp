// What training and evaluation leave for pages.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "basewise/run/evaluate_run.h"
#include "basewise/run/train_run.h"
#include "tests/support/error_text.h"
#include "tests/support/test_task.h"

namespace basewise::run {
namespace {

using ::testing::HasSubstr;
using train::testing::fresh_folder;
using Json = nlohmann::json;

Json read(const fs::path& file) { return Json::parse(read_file(file)); }

TrainRequest demo(const fs::path& out) {
  TrainRequest r;
  r.recipe = "demo";
  r.out = out;
  r.threads = 1;
  r.set = {"data.simulation.sequences=600",    "train.epochs=1",
           "evaluate.bootstrap.replicates=20", "report.references.0.metric=auroc",
           "report.references.0.label=floor",  "report.references.0.value=0.625"};
  return r;
}

TEST(RunDocuments, ModelAndDataAreTold) {
  const fs::path out = fresh_folder("documents");
  train_run(demo(out));
  const Json model = read(out / "model.json");
  EXPECT_EQ(model["schema"], "basewise.model/1");
  EXPECT_EQ(model["first_layer"], "motifs.weight");
  EXPECT_EQ(model["layers"][0]["name"], "motifs");
  const Json data = read(out / "data.json");
  EXPECT_EQ(data["sets"][0]["examples"], 480);
  EXPECT_EQ(data["sets"][0]["counted"], 480);
  EXPECT_EQ(data["sets"][2]["outputs"].size(), 3U);
  // The summary counts by other means: "CTCF: 26 positive, ...".
  const Json& ctcf = data["sets"][2]["outputs"][0];
  EXPECT_THAT(data["sets"][2]["summary"].get<std::string>(),
              HasSubstr("CTCF: " + ctcf["positives"].dump() + " positive"));
}

TEST(RunDocuments, EvaluationLeavesCurvesAndAddsWhatOldRunsLack) {
  const fs::path out = fresh_folder("old");
  train_run(demo(out));
  fs::remove(out / "model.json");
  fs::remove(out / "data.json");
  evaluate_run({.run = out, .threads = 1});
  EXPECT_EQ(read(out / "model.json")["schema"], "basewise.model/1");
  EXPECT_EQ(read(out / "data.json")["schema"], "basewise.data/1");
  const Json metrics = read(out / "metrics.json"), curves = read(out / "curves.json");
  EXPECT_EQ(metrics["references"], Json({{{"metric", "auroc"}, {"label", "floor"}, {"value", 0.625}}}));
  EXPECT_EQ(metrics["confidence"], 0.95);
  EXPECT_EQ(curves["outputs"].size(), 4U);
  EXPECT_FALSE(fs::exists(out / "tracks.json"));
  evaluate_run({.run = out, .split = results::Set::validation, .threads = 1});
  EXPECT_TRUE(fs::exists(out / "curves.validation.json"));
  EXPECT_TRUE(read(out / "metrics.validation.json")["references"].empty());
}

TEST(RunDocuments, MetricsElsewhereLeaveTheFolderAlone) {
  const fs::path out = fresh_folder("elsewhere");
  train_run(demo(out));
  evaluate_run({.run = out, .out = out.string() + ".json", .threads = 1});
  EXPECT_FALSE(fs::exists(out / "curves.json"));
  EXPECT_FALSE(fs::exists(out / "metrics.json"));
  const auto refused = [&](const fs::path& file) {
    return error_text<ArgumentError>([&] { evaluate_run({.run = out, .out = file, .threads = 1}); });
  };
  EXPECT_THAT(refused(out / "model.toml"), HasSubstr("would replace"));
  EXPECT_THAT(refused(out / "weights.safetensors"), HasSubstr("would replace the input that run names"));
  EXPECT_THAT(refused(out / "curves.json"), HasSubstr("a name that the run keeps for files of its own"));
  evaluate_run({.run = out, .out = out / "metrics.json", .threads = 1});
  EXPECT_TRUE(fs::exists(out / "metrics.json"));
}

TEST(RunDocuments, ReferencesOfUnknownMetricsAreRefusedBeforeAnyWork) {
  TrainRequest r = demo(fresh_folder("reference"));
  r.set.push_back("report.references.0.metric=aurok");
  EXPECT_THAT(error_text<ArgumentError>([&] { train_run(r); }),
              HasSubstr("report.references: unknown metric 'aurok', did you mean 'auroc'?"));
  EXPECT_FALSE(fs::exists(r.out));
}

/// A genome of 4,000 random bases, a site every 100 bases of the first half, two genes, and a
/// recipe that trains on a part of it.
fs::path genome_recipe(const fs::path& folder, const std::string& annotation) {
  Stream draw(5);
  std::string fasta = ">chrA\n", sites = "chrom\tposition\tstrand\n";
  for (int i = 0; i < 4000; ++i) fasta += "ACGT"[draw.below(4)];
  for (int p = 50; p < 4000; p += p < 3000 ? 100 : 1000)
    sites += format("chrA\t{}\t{}\n", p, p % 200 == 50 ? '+' : '-');
  write_file(folder / "g.fa", fasta + "\n");
  write_file(folder / "s.tsv", sites);
  write_file(
      folder / "genes.gff",
      "##gff-version 3\nchrA\tx\tgene\t2001\t2500\t.\t+\t.\tID=g1;Name=abcA\nchrA\tx\tCDS\t2001\t2500\t.\t+\t0\tID=c1\n"
      "chrA\tx\tgene\t10\t90\t.\t-\t.\tID=g2;Name=farB\n");
  write_file(folder / "r.toml", R"(name = "tiny genome"
[data]
kind = "genome"
[data.genome]
fasta = "g.fa"
per_base = true
window = 100
sites = {file = "s.tsv", chromosome = "chrom", strand = "strand"}
[data.split]
by = "ranges"
validation_ranges = [{chromosome = "chrA", start = 1500, end = 2000}]
test_ranges = [{chromosome = "chrA", start = 2000, end = 4000}]
[model]
format = 1
inputs.sequence = {channels = 4}
[[model.layers]]
type = "conv"
filters = 3
width = 5
padding = "same"
[[model.heads]]
name = "logits"
[[model.heads.layers]]
type = "conv"
filters = 2
width = 1
[train]
epochs = 1
[evaluate]
metrics = ["auroc"]
bootstrap = {replicates = 20}
[report]
annotation = ")" + annotation + "\"\n");
  return folder / "r.toml";
}

TEST(RunDocuments, TracksHaveNamesAndGenes) {
  const fs::path folder = fresh_folder("tracks"), run = folder / "run";
  train_run({.recipe = genome_recipe(folder, "genes.gff").string(), .out = run, .threads = 1});
  const EvaluateResult result = evaluate_run({.run = run, .threads = 1});
  EXPECT_TRUE(result.notes.empty());
  const Json tracks = read(run / "tracks.json");
  EXPECT_EQ(tracks["channels"], Json({"forward", "reverse"}));
  ASSERT_EQ(tracks["loci"].size(), 1U);  // the test set is shorter than a locus
  const Json& locus = tracks["loci"][0];
  EXPECT_EQ(locus["chromosome"], "chrA");
  EXPECT_EQ(locus["start"], 2000);
  EXPECT_EQ(locus["end"], 4000);
  EXPECT_EQ(locus["predicted"][1].size(), 2000U);
  EXPECT_EQ(locus["observed"][0][50], 1);   // base 2,050 is a site of the forward strand
  EXPECT_EQ(locus["observed"][1][150], 1);  // and 2,150 one of the reverse strand
  EXPECT_EQ(locus["target_sum"], 11);
  EXPECT_EQ(locus["genes"], Json({{{"name", "abcA"}, {"start", 2000}, {"end", 2500}, {"strand", "+"}}}));
  const Json data = read(run / "data.json");
  EXPECT_EQ(data["sets"][2]["outputs"][0]["name"], "both strands");
  EXPECT_EQ(data["sets"][2]["outputs"][0]["positives"], 11);
  EXPECT_EQ(data["sets"][2]["outputs"][0]["values"], 4000);
}

TEST(RunDocuments, AnAnnotationThatCannotBeReadIsANote) {
  const fs::path folder = fresh_folder("no_genes"), run = folder / "run";
  train_run({.recipe = genome_recipe(folder, "nowhere.gff").string(), .out = run, .threads = 1});
  const EvaluateResult result = evaluate_run({.run = run, .threads = 1});
  ASSERT_EQ(result.notes.size(), 1U);
  EXPECT_THAT(result.notes[0], HasSubstr("the tracks have no genes: "));
  EXPECT_THAT(to_text(result), HasSubstr("note: the tracks have no genes"));
  EXPECT_TRUE(read(run / "tracks.json")["loci"][0]["genes"].empty());
}

}  // namespace
}  // namespace basewise::run
