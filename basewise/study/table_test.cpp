#include "basewise/study/table_text.h"

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "basewise/study/configuration.h"
#include "basewise/study/detail/test_study.h"
#include "tests/support/error_text.h"

namespace basewise::study {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::kSmall;
using testing::write_study;

const std::string kCompared = std::string(kSmall) + R"(
[[methods]]
name = "Post hoc"
when = ["training=augmented", "evaluation=conjoined"]
[[methods]]
name = "Standard"
when = ["training=plain", "evaluation=single"]
[[published]]
when = ["method=Post hoc", "split=test", "width=200"]
values = ["auroc = 0.9 +- 0.02"]
source = "a paper"
[[compare]]
name = "both strands above one"
a = ["method=Post hoc"]
b = ["training=augmented", "evaluation=single", "split=test"]
)";

/// A value that tells the row: 0.8, +0.05 augmented, +0.02 conjoined, +0.001 per seed, -0.1 at
/// width 300.
double value_of(const study::Run& run, const Measurement& m) {
  double value = 0.8 + 0.001 * std::stod(run.values[2]);
  if (run.values[0] == "augmented") value += 0.05;
  if (m.evaluation == "conjoined") value += 0.02;
  if (run.values[1] == "300") value -= 0.1;
  return value;
}

void fill(const Study& study, const std::vector<std::string>& where = {}) {
  Configurations configurations(study);
  update_record(study, expand(study), [&](Record& record) {
    for (const study::Run& run : select(study, expand(study), where))
      for (const Measurement& m : run.measurements)
        record.put({.run = run.name,
                    .values = run.values,
                    .evaluation = m.evaluation,
                    .split = std::string(to_word(m.split)),
                    .weights = m.weights,
                    .hash = configurations.row(run, m),
                    .facts = {{"train_seconds", "3"}, {"epochs", "4"}, {"parameters", "17"}},
                    .metrics = {{"auroc", format("{:.10g}", value_of(run, m))}}});
  });
}

const Group& group(const StudyTable& table, const std::string& name, const std::string& variant,
                   const std::string& split = "test") {
  for (const Group& g : table.groups)
    if (g.name == name && g.variant == variant && g.label("split") == split) return g;
  throw std::runtime_error("no group " + name);
}

TEST(Table, GroupsAreAllButTheSeed) {
  const Study study = write_study(kCompared);
  fill(study);
  const StudyTable table = make_table(study);
  EXPECT_EQ(table.groups.size(), 8u);  // plain 200 x 2 splits, augmented 2 widths x (2 splits + conjoined)
  EXPECT_THAT(table.metrics, ElementsAre("auroc"));
  const Group& g = group(table, "Post hoc", "width 200");
  const GroupMetric& m = g.metrics[0];
  EXPECT_EQ(m.summary.n, 5);
  EXPECT_NEAR(m.summary.mean, 0.87 + 0.001 * (7 + 11 + 13 + 17 + 19) / 5.0, 1e-12);
  EXPECT_NEAR(m.summary.median, 0.883, 1e-12);
  EXPECT_NEAR(m.summary.sd, 0.001 * std::sqrt((6.4 * 6.4 + 2.4 * 2.4 + 0.4 * 0.4 + 3.6 * 3.6 + 5.6 * 5.6) / 4), 1e-12);
  ASSERT_TRUE(m.published);
  EXPECT_EQ(m.source, "a paper");
  EXPECT_NEAR(*m.difference_in_sd(), (m.summary.mean - 0.9) / 0.02, 1e-12);
  EXPECT_FALSE(group(table, "Post hoc", "width 300").metrics[0].published);
  EXPECT_EQ(group(table, "augmented, single", "width 300", "train").metrics[0].summary.n, 5);
  EXPECT_EQ(g.parameters, "17");
  EXPECT_EQ(table.rows_present, 40);
  EXPECT_TRUE(table.notes.empty());
}

TEST(Table, PairsShareTheSeedAndWhatIsLeftOpen) {
  const Study study = write_study(kCompared);
  fill(study);
  const StudyTable table = make_table(study);
  ASSERT_EQ(table.comparisons.size(), 2u);  // one for each width
  for (const ComparisonResult& c : table.comparisons) {
    EXPECT_EQ(c.summary.n, 5);
    EXPECT_NEAR(c.summary.mean, 0.02, 1e-9);
    EXPECT_DOUBLE_EQ(c.test.p_two_sided, 2.0 / 32);
    EXPECT_EQ(c.unpaired, 0);
  }
  EXPECT_EQ(table.comparisons[0].where, "width 200");
  EXPECT_EQ(table.comparisons[1].where, "width 300");
}

TEST(Table, PooledAxesGiveOneTestOfAllPairs) {
  const std::string text = kCompared + "pool = [\"width\"]\n";  // of the comparison at its end
  const Study study = write_study(text);
  fill(study, {"run!=augmented_width300_seed19"});
  const StudyTable table = make_table(study);
  ASSERT_EQ(table.comparisons.size(), 1u);
  const ComparisonResult& c = table.comparisons[0];
  EXPECT_EQ(c.where, "width all");
  EXPECT_EQ(c.summary.n, 9);
  EXPECT_NEAR(c.summary.mean, 0.02, 1e-9);
  EXPECT_DOUBLE_EQ(c.test.p_two_sided, 2.0 / 512);
  EXPECT_EQ(c.unpaired, 0);
  EXPECT_EQ(c.differences.front().first, "200 7");
  EXPECT_EQ(c.differences.back().first, "300 17");
  EXPECT_THAT(
      error_text<ArgumentError>([] { write_study(kCompared + "pool = [\"seed\"]\n"); }),
      HasSubstr(
          "compare 'both strands above one': pool: 'seed' is no axis that can be pooled; expected training or width"));
}

TEST(Table, TTestsTakeAllValuesOfBothSides) {
  for (const std::string test : {"student", "welch"}) {
    const Study study = write_study(kCompared + "test = \"" + test + "\"\n");
    fill(study, {"run!=augmented_width300_seed19"});
    fill(study, {"run=augmented_width300_seed19", "evaluation=single"});
    const StudyTable table = make_table(study);
    ASSERT_EQ(table.comparisons.size(), 2u);
    const ComparisonResult& c = table.comparisons[1];
    EXPECT_EQ(to_word(c.by), test);
    EXPECT_EQ(c.t_test.n_a + c.t_test.n_b, 9) << "the value without a partner counts";
    EXPECT_EQ(c.p(), c.t_test.p_two_sided);
    EXPECT_GT(c.p(), 0);
    EXPECT_LT(c.p(), 1);
    EXPECT_THAT(to_text(table), HasSubstr(test == "student" ? "Student, 4 and 5" : "Welch, 4 and 5"));
    EXPECT_EQ(to_json(table)["comparisons"][1]["t_test"]["a"], 4);
  }
  EXPECT_THAT(error_text<ArgumentError>([] { write_study(kCompared + "test = \"t\"\n"); }), HasSubstr("wilcoxon, student, welch"));
}

TEST(Table, RelationsAreOfRanksOverRuns) {
  const std::string relate = R"([[relate]]
name = "test and train"
x = "auroc"
x_when = ["evaluation=single", "split=test"]
y = "auroc"
y_when = ["evaluation=single", "split=train"]
within = ["training", "width"]
)";
  const Study study = write_study(kCompared + relate);
  fill(study, {"run!=augmented_width300_seed19"});
  const StudyTable table = make_table(study);
  ASSERT_EQ(table.relations.size(), 1u);
  const RelationResult& r = table.relations[0];
  EXPECT_EQ(r.points.size(), 14u) << "the run without rows is left out";
  EXPECT_EQ(r.points[0].group, "plain, 200");
  EXPECT_EQ(r.points[0].x, r.points[0].y);
  EXPECT_NEAR(r.across.value, 1, 1e-9);
  EXPECT_NEAR(r.within.value, 1, 1e-9);
  EXPECT_NEAR(r.across.interval.low, 1, 1e-9);
  EXPECT_THAT(to_text(table), HasSubstr("within training, width  +1.000"));
  EXPECT_EQ(to_json(table)["relations"][0]["points"].size(), 14u);
  const auto error = [&](const std::string& from, const std::string& to) {
    std::string text = relate;
    text.replace(text.find(from), from.size(), to);
    return error_text<ArgumentError>([&] { make_table(write_study(kCompared + text)); });
  };
  EXPECT_THAT(error("\"width\"]", "\"depth\"]"), HasSubstr("relate 'test and train': within: 'depth' is no axis of the study"));
  EXPECT_THAT(error("y = \"auroc\"", "y = \"saliency.aurocs\""),
              ::testing::AllOf(HasSubstr("relate 'test and train': y"), HasSubstr("did you mean 'auroc'?")));
  EXPECT_THAT(error("split=train", "split=tests"), HasSubstr("relate 'test and train': y_when"));
}

TEST(Table, ARelationOfAMetricThatNoRowHasIsTold) {
  const Study study = write_study(kCompared + "[[relate]]\nname = \"none\"\nx = \"auroc\"\nx_when = [\"split=test\", "
                                              "\"evaluation=single\"]\ny = \"salience.auroc\"\ny_when = [\"split=train\"]\n");
  fill(study);
  EXPECT_THAT(make_table(study).notes, ElementsAre(HasSubstr("relate 'none': y: no row that fits y_when has 'salience.auroc'")));
}

TEST(Table, SidesThatNothingCanComeFromAreRefused) {
  const auto error = [](const std::string& a, const std::string& b, const char* name = "x") {
    return error_text<ArgumentError>([&] {
      write_study(kCompared + format("[[compare]]\nname = \"{}\"\na = [{}]\nb = [{}]\n", name, a, b));
    });
  };
  const std::string test = "\"split=test\"", single = "\"evaluation=single\"";
  EXPECT_THAT(error(test + "," + single, single + "," + test), HasSubstr("compare 'x': a and b are the same rows"));
  EXPECT_THAT(error("\"seed=7\"", "\"seed=11\""), HasSubstr("compare 'x': a: 'seed' is the axis whose values make the pairs"));
  EXPECT_THAT(error(test, single, "both strands above one"), HasSubstr("compare 'both strands above one' is given twice"));
}

TEST(Table, ACompareOfAGroupWithItselfIsTold) {
  const Study study = write_study(kCompared + "[[compare]]\nname = \"itself\"\na = [\"method=Standard\", \"split=test\"]\n"
                                              "b = [\"training=plain\", \"split=test\"]\n");
  fill(study);
  EXPECT_THAT(make_table(study).notes, ElementsAre(HasSubstr("compare 'itself': no group of a has a partner in b")));
}

TEST(Table, AMetricThatSeveralRowsOfARunHaveIsNotClear) {
  const Study study = write_study(kCompared + "[[relate]]\nname = \"vague\"\nx = \"auroc\"\ny = \"auroc\"\n");
  fill(study);
  EXPECT_THAT(error_text<ArgumentError>([&] { make_table(study); }),
              HasSubstr("relate 'vague': several rows of plain_width200_seed7 have auroc"));
}

TEST(Table, PooledSidesAreNotNamedAfterOneOfTheirValues) {
  const Study study = write_study(kCompared + R"([[compare]]
name = "test below train"
a = ["training=augmented", "evaluation=single", "split=test"]
b = ["training=augmented", "evaluation=single", "split=train"]
pool = ["width"]
)");
  fill(study);
  const ComparisonResult c = make_table(study).comparisons.back();
  EXPECT_EQ(c.summary.n, 10);
  EXPECT_EQ(c.a, "augmented, single (width all)");
  EXPECT_EQ(c.b, c.a);
  EXPECT_EQ(c.split, "") << "the sides differ in it";
}

TEST(Table, MissingRowsAreShown) {
  const Study study = write_study(kCompared);
  fill(study, {"seed!=13"});
  const StudyTable table = make_table(study);
  const Group& g = group(table, "Standard", "width 200");
  EXPECT_THAT(g.missing, ElementsAre("13"));
  EXPECT_EQ(g.metrics[0].summary.n, 4);
  EXPECT_THAT(table.notes, ElementsAre("8 of 40 rows are missing; `basewise study run` adds them"));
  EXPECT_THAT(to_text(table), HasSubstr("4 of 5"));
  const auto json = to_json(table);
  EXPECT_EQ(json["rows"]["present"], 32);
  EXPECT_EQ(json["groups"][0]["missing"], nlohmann::ordered_json::array({"13"}));
}

TEST(Table, CeilingAndFloorStandBesideTheirMetric) {
  const Study study = write_study(kCompared);
  fill(study);
  update_record(study, expand(study), [&](Record& record) {
    for (Row row : std::vector<Row>(record.rows())) {
      row.metrics["ceiling.auroc"] = "0.97";
      row.metrics["floor.auroc"] = row.values[2] == "7" ? "0.5" : "0.6";
      record.put(row);
    }
  });
  const StudyTable table = make_table(study);
  EXPECT_THAT(table.metrics, ElementsAre("auroc"));
  const auto& bounds = group(table, "Standard", "width 200").metrics[0].bounds;
  ASSERT_EQ(bounds.size(), 2u);
  EXPECT_EQ(bounds[0].first, "ceiling");
  EXPECT_NEAR(bounds[0].second, 0.97, 1e-12);
  EXPECT_NEAR(bounds[1].second, 0.58, 1e-12);
  EXPECT_THAT(to_text(table), HasSubstr("auroc, test set, weights: best; ceiling 0.9700; floor 0.5800\n"));
}

TEST(Table, AnEmptyRecordGivesATableOfWhatIsMissing) {
  const Study study = write_study("metrics = [\"auroc\"]\n" + kCompared);
  const StudyTable table = make_table(study);
  EXPECT_EQ(table.groups.size(), 8u);
  EXPECT_EQ(table.groups[0].metrics[0].summary.n, 0);
  EXPECT_EQ(table.comparisons[0].test.reason, "no pairs");
  write_table(table, study.folder / "table.tsv");
  EXPECT_THAT(read_file(study.folder / "table.tsv"),
              HasSubstr("plain\t200\tsingle\ttest\tbest\tStandard\tauroc\t0\t5\tNA\tNA"));
}

TEST(Table, SidesOfAComparisonMustBeClear) {
  const Study study = write_study(kCompared +
                                  "[[compare]]\nname = \"vague\"\na = [\"method=Standard\"]\nb = "
                                  "[\"training=augmented\", \"split=test\", \"width=200\"]\n");
  fill(study);
  // b has single and conjoined: both share the label with a only where it is single
  const StudyTable table = make_table(study);
  EXPECT_EQ(table.comparisons.size(), 3u);
  const Study wrong = write_study(kCompared +
                                  "[[compare]]\nname = \"unknown\"\na = [\"method=Standard\"]\nb = [\"method=Post "
                                  "hoc\"]\nmetrics = [\"pearson\"]\n");
  fill(wrong);
  EXPECT_THAT(error_text<ArgumentError>([&] { make_table(wrong); }),
              HasSubstr("compare 'unknown': 'pearson' is no metric of the table"));
}

}  // namespace
}  // namespace basewise::study
