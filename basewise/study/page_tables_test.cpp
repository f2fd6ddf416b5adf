#include "basewise/study/page_tables.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "basewise/study/detail/test_study.h"
#include "tests/support/error_text.h"

namespace basewise::study {
namespace {

using ::testing::HasSubstr;

/// Two functions, two widths, three or one seed; `b` at width 300 was not run.
StudyTable made() {
  StudyTable table;
  table.name = "small";
  table.axes = {{.name = "function", .values = {{.name = "a", .title = "first | of two"}, {.name = "b"}}},
                {.name = "width", .values = {{.name = "200"}, {.name = "300"}}}};
  table.evaluations = {{.name = "test", .title = "the test set"}};
  const auto add = [&](const char* function, const char* width, std::vector<double> values, std::optional<PublishedValue> published) {
    Group g;
    g.labels = {{"function", function}, {"width", width}, {"evaluation", "test"}, {"split", "test"}};
    g.title = format("{}, {}", function, width);
    g.expected.resize(3);
    GroupMetric m{.metric = "auroc", .published = published};
    m.summary = metrics::summarise(values, {.replicates = 1});
    g.metrics = {m};
    m.metric = "auprc";
    m.published.reset();
    g.metrics.push_back(m);
    table.groups.push_back(g);
  };
  add("a", "200", {0.5, 0.75, 0.25}, PublishedValue{.metric = "auroc", .mean = 0.625, .sd = {}});
  add("a", "300", {0.875}, PublishedValue{.metric = "auroc", .mean = 0.5, .sd = 0.125});
  add("b", "200", {}, {});
  return table;
}

TablePlan plan() {
  return {.name = "areas", .metrics = {"auroc"}, .rows = {"function"}, .columns = {"width"}, .when = {}, .digits = 2};
}

TEST(PageTables, RowsAndColumnsAreValuesOfAxes) {
  EXPECT_EQ(to_markdown(made(), plan()),
            "| function | 200 | 300 |\n"
            "|---|---|---|\n"
            "| first \\| of two | 0.50 (0.25 to 0.75) [0.62] | 0.88, 1 of 3 runs [0.50 ± 0.12] |\n"
            "| b | - |  |\n"
            "\n`auroc`: median (smallest to largest) of 3 runs; [published].\n");
  TablePlan means = plan();
  means.value = CellValue::mean;
  means.when = {"width=200"};
  means.columns = {"evaluation"};
  EXPECT_EQ(to_markdown(made(), means),
            "| function | the test set |\n"
            "|---|---|\n"
            "| first \\| of two | 0.50 ± 0.25 [0.62] |\n"
            "| b | - |\n"
            "\n`auroc`: mean ± standard deviation of 3 runs; [published].\n");
}

TEST(PageTables, MetricsMayStandInColumns) {
  TablePlan both = plan();
  both.metrics = {"auprc", "auroc"};
  both.columns = {"metric"};
  both.when = {"width=300"};
  EXPECT_THAT(to_markdown(made(), both), 
              HasSubstr("| function | auprc | auroc |\n|---|---|---|\n| first \\| of two | 0.88, 1 of 3 runs | 0.88"));
  both.when = {};
  EXPECT_THAT(error_text<ArgumentError>([&] { return to_markdown(made(), both); }),
              HasSubstr("table 'areas': auprc of 'a, 200' and of 'a, 300' fall into one cell; say more in rows, columns or when"));
  both.when = {"function=c"};
  EXPECT_EQ(to_markdown(made(), both), "No run of this table is done yet.\n");
}

TEST(PageTables, APageKeepsWhatItSays) {
  const std::string page =
      "# Title\n<!-- study small: areas -->\nold\n\nold\n<!-- end of table -->\nwords\n"
      "<!-- study other: areas -->\nstays\n<!-- end of table -->\n<!-- study small: tests -->\n<!-- end of table -->\nlast";
  const FilledPage filled = fill_page(page, made(), {plan()});
  EXPECT_EQ(filled.tables, 2);
  EXPECT_EQ(filled.text, "# Title\n<!-- study small: areas -->\n\n" + to_markdown(made(), plan()) +
                             "\n<!-- end of table -->\nwords\n<!-- study other: areas -->\nstays\n<!-- end of table -->\n"
                             "<!-- study small: tests -->\n\nThe study compares nothing.\n\n<!-- end of table -->\nlast");
  EXPECT_EQ(fill_page(filled.text, made(), {plan()}).text, filled.text) << "once more changes nothing";
}

TEST(PageTables, TestsWithoutRunsAreCounted) {
  StudyTable table = made();
  ComparisonResult c{.name = "a above b", .metric = "auroc", .where = "width 200"};
  c.summary = metrics::summarise(std::vector{0.25, 0.5, 0.75}, {.replicates = 1});
  c.test.p_two_sided = 0.25;
  table.comparisons = {c, {.name = "waits", .metric = "auroc"}};
  const std::string text = fill_page("<!-- study small: tests -->\n<!-- end of table -->\n", table, {}).text;
  EXPECT_THAT(text, HasSubstr("| a above b | width 200 | `auroc` | 3 | 0.500 | "));
  EXPECT_THAT(text,
              HasSubstr("| 0.250 | Wilcoxon |\n\np is two-sided and not corrected for the number of tests. "
                        "1 of 2 tests wait for runs.\n"));
}

TEST(PageTables, MarksThatDoNotFitAreTold) {
  const auto error = [](const std::string& page) {
    return error_text<ArgumentError>([&] { return fill_page(page, made(), {plan()}).text; });
  };
  EXPECT_THAT(error("a\n<!-- study small: area -->\n<!-- end of table -->\n"),
              HasSubstr("line 2: study 'small' has no table 'area' (did you mean 'areas'?); there are tests, relations, areas"));
  const std::string open = "<!-- study small: areas -->\nwords\n";
  EXPECT_THAT(error(open),
              HasSubstr("line 1: the table 'areas' has no last line; put <!-- end of table --> where it ends"));
  EXPECT_THAT(error(open + "<!-- study other: areas -->\n<!-- end of table -->\n"),
              HasSubstr("line 1: the table 'areas' has no last line"));
}

TEST(PageTables, PlansAreCheckedWhenAStudyIsRead) {
  const auto error = [](const std::string& table) {
    return maybe_error_text<ArgumentError>([&] { return testing::write_study(testing::kSmall + ("\n[[tables]]\n" + table)); });
  };
  EXPECT_EQ(error("name = \"t\"\nmetrics = [\"auroc\"]\nrows = [\"training\", \"split\"]\ncolumns = [\"width\"]\n"), "");
  EXPECT_THAT(error("name = \"tests\"\nmetrics = [\"auroc\"]\nrows = [\"training\"]\n"), HasSubstr("table 'tests': this name is taken"));
  EXPECT_THAT(error("name = \"t\"\nmetrics = [\"auroc\"]\nrows = [\"seed\"]\n"),
              HasSubstr("table 't': 'seed' cannot be a row or a column"));
  EXPECT_THAT(error("name = \"t\"\nmetrics = [\"auroc\"]\nrows = [\"width\", \"width\"]\n"), HasSubstr("'width' stands twice"));
  EXPECT_THAT(error("name = \"t\"\nmetrics = [\"auroc\", \"brier\"]\nrows = [\"width\"]\n"),
              HasSubstr("several metrics need \"metric\""));
  EXPECT_THAT(error("name = \"t\"\nmetrics = [\"aurok\"]\nrows = [\"width\"]\n"), HasSubstr("aurok"));
  EXPECT_THAT(error("name = \"t\"\nmetrics = [\"auroc\"]\nrows = [\"width\"]\nwhen = [\"width=400\"]\n"), HasSubstr("table 't': when"));
}

}  // namespace
}  // namespace basewise::study
