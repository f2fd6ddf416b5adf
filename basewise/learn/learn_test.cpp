#include "basewise/learn/learn.h"

#include <cmath>
#include <map>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "basewise/core/json.h"
#include "basewise/core/random.h"
#include "basewise/io/tsv.h"
#include "basewise/learn/evaluation.h"
#include "basewise/learn/model_file.h"
#include "basewise/results/metrics_document.h"
#include "tests/support/error_text.h"
#include "tests/support/test_files.h"

namespace basewise::learn {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing_files::Folder;

/// Rows in seven groups; `open` follows a, `rate` b, and noise follows nothing.
std::string table_text(std::int64_t rows) {
  Stream random(17);
  std::string text = "site\tchrom\ta\tb\tnoise\topen\tstate\trate\n";
  for (std::int64_t i = 0; i < rows; ++i) {
    const double a = random.normal(), b = random.normal(), noise = random.normal();
    text += format("s{}\tchr{}\t{:.4f}\t{:.4f}\t{:.4f}\t{}\t{}\t{:.4f}\n", i, i % 7, a, b, noise, a + random.normal() / 2 > 0 ? 1 : 0,
                   b > 0.5    ? "up"
                   : b < -0.5 ? "down"
                              : "none at all",
                   2 * b + random.normal() / 3);
  }
  return text;
}

LearnOptions options_of(const Folder& folder, std::vector<std::string> labels) {
  LearnOptions options;
  options.table = {
      .table = folder.file("t.tsv", table_text(210)), .labels = labels, .features = {"a", "b", "noise"}, .groups = "chrom", .name = "site"};
  options.out = folder.path() / "out";
  options.model.forest.trees = 30;
  options.replicates = 50;
  return options;
}

TEST(Learn, ForestOfClasses) {
  const Folder folder;
  const LearnOptions options = options_of(folder, {"open"});
  const LearnResult result = learn(options);
  EXPECT_EQ(result.rows, 210);
  EXPECT_EQ(result.features, 3);
  const auto& auroc = result.evaluation->outputs[0].metrics[0];
  EXPECT_EQ(auroc.metric, "auroc");
  EXPECT_GT(auroc.value.value, 0.85);
  EXPECT_LT(auroc.interval.low, auroc.value.value);
  EXPECT_EQ(result.evaluation->blocks, "groups (7)");
  EXPECT_EQ(result.folds.size(), 5u);
  EXPECT_NEAR(result.out_of_bag->outputs[0].metrics[0].value.value, auroc.value.value, 0.06);
  EXPECT_EQ(result.importances[0].first, "a");

  io::TsvReader predictions(options.out / "predictions.tsv", io::plain_table());
  EXPECT_THAT(predictions.columns(), ElementsAre("row", "group", "fold", "observed.open", "predicted.open"));
  std::map<std::string, std::set<std::string>> folds;
  std::int64_t rows = 0;
  for (; predictions.next(); ++rows) folds[std::string(predictions.text("group"))].emplace(predictions.text("fold"));
  EXPECT_EQ(rows, 210);
  for (const auto& [group, its] : folds) EXPECT_EQ(its.size(), 1u) << group;

  const auto document = read_json(options.out / "metrics.json");
  EXPECT_EQ(results::metrics_from_json(document).evaluation.value("auroc").value, auroc.value.value);
  EXPECT_EQ(document["learn"]["folds"].size(), 5u);
  EXPECT_EQ(document["confidence"], 0.95);
}

TEST(Learn, AModelThatIsReadBackPredictsTheSame) {
  for (const auto& [method, pca, labels] :
       std::vector<std::tuple<Method, std::int64_t, std::vector<std::string>>>{{Method::forest, 0, {"open", "rate"}},
                                                                               {Method::forest, 2, {"state"}},
                                                                               {Method::logistic, 0, {"state", "open"}},
                                                                               {Method::logistic, 2, {"open"}}}) {
    const Folder folder;
    LearnOptions options = options_of(folder, labels);
    if (method == Method::logistic) options.model.forest = {};
    options.model.method = method;
    options.model.pca = pca;
    learn(options);
    const auto file = options.out / "model.safetensors";
    const Model model = read_model(file);
    write_model(folder.path() / "again", model);
    EXPECT_EQ(read_file(folder.path() / "again"), read_file(file));
    const LabelledTable table = read_labelled(options.table);
    EXPECT_EQ(fit_model(table.features, table.targets, {}, options.model, 0).model.predict(table.features), model.predict(table.features));

    LearnOptions apply;
    apply.table = {.table = options.table.table, .name = "site"};
    apply.apply = file;
    apply.out = folder.path() / "applied";
    apply.replicates = 0;
    const LearnResult applied = learn(apply);
    EXPECT_EQ(applied.files.size(), 2u);
    EXPECT_EQ(applied.evaluation->outputs.size(), static_cast<std::size_t>(channels_of(model.outputs)));
    io::TsvReader rows(apply.out / "predictions.tsv", io::plain_table());
    ASSERT_TRUE(rows.next());
    EXPECT_NEAR(rows.number(rows.columns().size() - 1),
                model.predict(table.features)[static_cast<std::size_t>(channels_of(model.outputs)) - 1], 1e-8);
  }
}

TEST(Learn, EqualCallsWriteEqualFiles) {
  const Folder folder;
  LearnOptions options = options_of(folder, {"rate"});
  const auto first = learn(options).files;
  std::vector<std::string> before;
  for (const auto& file : first) before.push_back(read_file(file));
  options.overwrite = true;
  EXPECT_EQ(learn(options).files, first);
  for (std::size_t i = 0; i < first.size(); ++i) EXPECT_EQ(read_file(first[i]), before[i]) << first[i];
}

TEST(Learn, NoisePredictsNothingOutOfFold) {
  // Out of fold a forest that remembers every row is no better than chance.
  const Folder folder;
  LearnOptions options = options_of(folder, {"open"});
  options.table.features = {"noise"};
  EXPECT_NEAR(learn(options).evaluation->outputs[0].metrics[0].value.value, 0.5, 0.12);
}

TEST(Learn, GappedKmersOfSequences) {
  // Sequences with GATA somewhere are open.
  const Folder folder;
  Stream random(6);
  std::string table = "id\tblock\topen\ttext\n", fasta;
  for (int i = 0; i < 160; ++i) {
    std::string sequence;
    for (int k = 0; k < 60; ++k) sequence += "CGT"[random.below(3)];
    if (i % 2) sequence.replace(random.below(50), 4, "GATA");
    table += format("s{}\tb{}\t{}\tword\n", i, i / 8, i % 2);
    fasta = format(">s{}\n{}\n", i, sequence) + fasta;
  }
  LearnOptions options;
  options.table = {.table = folder.file("t.tsv", table), .labels = {"open"}, .groups = "block", .name = "id"};
  options.fasta = folder.file("x.fa", fasta);
  options.gapped_kmers = 4;
  options.out = folder.path() / "out";
  options.model.forest.trees = 40;
  options.replicates = 0;
  const LearnResult result = learn(options);
  EXPECT_EQ(result.features, 625);
  EXPECT_GT(result.evaluation->outputs[0].metrics[0].value.value, 0.95);
  EXPECT_THAT(result.importances[0].first, HasSubstr("A"));

  LearnOptions apply;
  apply.table = {.table = options.table.table, .name = "id"};
  apply.fasta = options.fasta;
  apply.gapped_kmers = 4;
  apply.apply = options.out / "model.safetensors";
  apply.out = folder.path() / "applied";
  EXPECT_EQ(learn(apply).evaluation->outputs[0].metrics[0].value.value, 1);
  apply.gapped_kmers = 5;
  apply.out = folder.path() / "again";
  EXPECT_THAT(error_text([&] { learn(apply); }),
              HasSubstr("not fitted to counts of gapped 5-mers, but to 625 features, 'AAAA' and others"));
  options.model = {.pca = 2};
  options.out = folder.path() / "again";
  EXPECT_THAT(error_text([&] { learn(options); }), HasSubstr("taken by forests alone"));
}

TEST(Learn, Errors) {
  const Folder folder;
  const LearnOptions good = options_of(folder, {"open"});
  const auto text = [&](auto change) {
    LearnOptions options = good;
    change(options);
    return error_text([&] { learn(options); });
  };
  EXPECT_THAT(text([](auto& o) { o.out.clear(); }), HasSubstr("out is required"));
  EXPECT_THAT(text([](auto& o) { o.folds = 9; }), HasSubstr("9 folds were asked for of 7 groups"));
  EXPECT_THAT(text([](auto& o) { o.folds = 0, o.table.groups = {}; }), HasSubstr("name the column of groups"));
  EXPECT_THAT(text([](auto& o) { o.metrics = {"aurok"}; }), HasSubstr("did you mean 'auroc'"));
  EXPECT_THAT(text([](auto& o) { o.table.labels = {"rate"}, o.metrics = {"auroc"}; }),
              HasSubstr("metric 'auroc' takes classes, and some labels are numbers"));
  EXPECT_THAT(text([](auto& o) { o.table.labels = {"rate"}, o.model = {.method = Method::logistic}; }),
              HasSubstr("rate is a number, and logistic regression predicts classes"));
  EXPECT_THAT(text([](auto& o) { o.model.pca = 4; }), HasSubstr("fold 0: 4 components were asked for of"));
  EXPECT_THAT(text([](auto& o) { o.apply = o.table.table; }), HasSubstr("apply takes a model as it was fitted"));
  EXPECT_THAT(text([&](auto& o) { o.out = folder.path(); }), HasSubstr("holds the input table"));
  learn(good);
  EXPECT_THAT(text([](auto&) {}), HasSubstr("give another folder, or overwrite"));
  folder.file("out/mine.txt", "x");
  EXPECT_THAT(text([](auto& o) { o.overwrite = true; }), HasSubstr("holds mine.txt, which is none of the files of learn"));
}

TEST(Measure, MoreThanTwoClassesAreEachAgainstTheOthers) {
  const Targets targets = {{{"y", {"a", "b", "c"}}}, {{0, 1, 2, NAN}}};
  const std::vector<double> predictions = {0.9, 0.1, 0, 0.2, 0.5, 0.3, 0.1, 0.6, 0.3, 0, 0, 1};
  const auto head = measure(targets, predictions, {.metrics = {"auroc", "mse"}});
  EXPECT_EQ(head.outputs[1].name, "y=b");
  EXPECT_EQ(head.outputs[0].metrics[0].value.value, 1);
  EXPECT_EQ(head.outputs[1].metrics[0].value.value, 0.5);
  EXPECT_EQ(head.outputs[1].counts.missing, 1);
  EXPECT_EQ(head.outputs[1].counts.positives, 1);
  EXPECT_NEAR(head.outputs[0].metrics[1].value.value, (0.01 + 0.04 + 0.01) / 3, 1e-7);
  EXPECT_NEAR(head.mean[0].value.value, (1 + 0.5 + 0.75) / 3, 1e-6);
  EXPECT_THAT(error_text<ArgumentError>([&] { measure(targets, {}, {}); }), HasSubstr("0 predictions for 4 rows of 3 outputs"));
}

}  // namespace
}  // namespace basewise::learn
