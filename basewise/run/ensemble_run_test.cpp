// The verbs evaluate and predict over strands, shifts and passes with dropout.
#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "basewise/core/json.h"
#include "basewise/io/fasta.h"
#include "basewise/io/npz.h"
#include "basewise/io/tsv.h"
#include "basewise/run/detail/test_runs.h"
#include "basewise/run/evaluate_run.h"
#include "basewise/run/predict.h"

namespace basewise::run {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using namespace testing;

std::string dropout_text() { return kInput + trunk_text("dna", 6) + "[[layers]]\ntype = \"dropout\"\nrate = 0.3\n" + kHead; }

/// A run with a layer of dropout, trained once.
const fs::path& trained() {
  static const fs::path folder = [] {
    const fs::path run = fresh_folder("ensemble_run");
    train_run(small_run(run, dropout_text()));
    return run;
  }();
  return folder;
}

double auroc_of(const EvaluateResult& result) { return result.evaluation.value("auroc").value; }

TEST(EnsembleRun, EvaluateTakesShiftsAndPassesAndTellsThem) {
  const fs::path out = trained() / "metrics.ensemble.json";
  const EvaluateResult plain = evaluate_run({.run = trained(), .threads = 1});
  EvaluateRequest request{.run = trained(), .set = {"strand.predict=conjoined"}, .shifts = {-1, 0, 1}, .mc = 4, .out = out, .threads = 1};
  const EvaluateResult ensemble = evaluate_run(request);
  EXPECT_THAT(ensemble.set, ElementsAre("strand.predict=conjoined", "ensemble.shifts=[-1, 0, 1]", "ensemble.mc=4"));
  EXPECT_EQ(read_json(out)["set"], nlohmann::json(ensemble.set));
  EXPECT_NE(auroc_of(ensemble), auroc_of(plain));
  EXPECT_EQ(auroc_of(evaluate_run(request)), auroc_of(ensemble)) << "draws are those of the run's seed";
  const EvaluateRequest by_options{
      .run = trained(), .set = {"strand.predict=conjoined", "ensemble.shifts=[-1,0,1]", "ensemble.mc=4"}, .out = out, .threads = 1};
  EXPECT_EQ(auroc_of(evaluate_run(by_options)), auroc_of(ensemble));
}

TEST(EnsembleRun, ARecipeMayAskForItAndTrainingDoesNotChange) {
  const fs::path run = fresh_folder("ensemble_recipe");
  train_run(small_run(run, dropout_text(), {"ensemble.shifts=[-2,0,2]"}));
  for (const auto& [name, tensor] : weights(run)) EXPECT_TRUE(at::equal(tensor, weights(trained()).at(name))) << name;
  const fs::path out = run / "metrics.same.json";
  EXPECT_EQ(auroc_of(evaluate_run({.run = run, .out = out, .threads = 1})),
            auroc_of(evaluate_run({.run = trained(), .shifts = {-2, 0, 2}, .out = out, .threads = 1})));
  EXPECT_NE(auroc_of(evaluate_run({.run = run, .shifts = {0}, .out = out, .threads = 1})),
            auroc_of(evaluate_run({.run = run, .out = out, .threads = 1})))
      << "a single shift of 0 takes it back";
}

TEST(EnsembleRun, PredictWritesMeansAndVariances) {
  const fs::path folder = fresh_folder("ensemble_predict"), fasta = folder / "s.fa";
  std::vector<io::FastaRecord> records;
  for (int i = 0; i < 5; ++i) {
    Stream draw(static_cast<std::uint64_t>(i));
    std::string letters;
    for (int j = 0; j < 40; ++j) letters += "ACGT"[draw.below(4)];
    records.push_back({.name = format("s{}", i), .description = {}, .sequence = letters});
  }
  io::write_fasta(fasta, records);
  PredictOptions o;
  o.run = trained();
  o.out = folder / "p";
  o.examples.fasta = fasta;
  o.formats = {PredictFormat::npz, PredictFormat::tsv};
  o.strand_strategy = PredictStrands::mean;
  o.shifts = {-1, 0, 1};
  const auto logits = [&] {
    const PredictResult result = predict_run(o);
    return std::pair(result.members, io::NpzFile(folder / "p.npz").read("logits"));
  };
  const auto [members, mean] = logits();
  EXPECT_EQ(members, 6);
  EXPECT_THAT(mean.shape, ElementsAre(5, 3));
  o.variance = true;
  o.batch_size = 2;
  const auto [again, both] = logits();
  EXPECT_THAT(both.shape, ElementsAre(5, 6));
  const auto a = mean.as<float>(), b = both.as<float>();
  for (std::size_t n = 0; n < 5; ++n)
    for (std::size_t c = 0; c < 3; ++c) {
      EXPECT_NEAR(b[6 * n + c], a[3 * n + c], 1e-6);
      EXPECT_GT(b[6 * n + 3 + c], 0);
    }
  EXPECT_THAT(read_file(folder / "p.tsv"), HasSubstr(".variance"));
  o.activation = infer::OutputActivation::sigmoid;
  EXPECT_THAT(error_text<ArgumentError>([&] { predict_run(o); }), HasSubstr("leave out activation"));
}

}  // namespace
}  // namespace basewise::run
