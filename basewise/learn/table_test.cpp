#include "basewise/learn/table.h"

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/error_text.h"
#include "tests/support/test_files.h"

namespace basewise::learn {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing_files::Folder;

const char* const kTable =
    "name\tchrom\tgc\tdistance\tcausal\tkind\trate\tw\n"
    "rs1\tchr1\t0.5\t100\t1\tgain\t0.25\t1\n"
    "rs2\tchr1\tNA\t-3e2\t0\tloss\t-1\t2\n"
    "rs3\tchr2\t0.25\t+7\t1\tgain\t3\t0.5\n"
    "rs4\tchrX\t0.1\t8\t.\tloss\t9\t1\n";

TEST(Table, ColumnsByTheirUse) {
  const Folder folder;
  const LabelledTable table = read_labelled(
      {.table = folder.file("a.tsv", kTable), .labels = {"causal", "kind", "rate"}, .groups = "chrom", .weights = "w", .name = "name"});
  EXPECT_THAT(table.rows, ElementsAre("rs1", "rs2", "rs3"));
  EXPECT_THAT(table.features.names, ElementsAre("gc", "distance"));
  EXPECT_THAT(table.features.values[1], ElementsAre(100, -300, 7));
  EXPECT_TRUE(std::isnan(table.features.values[0][1]));
  EXPECT_EQ(table.features.rows, 3);
  EXPECT_THAT(table.groups, ElementsAre("chr1", "chr1", "chr2"));
  EXPECT_THAT(table.weights, ElementsAre(1, 2, 0.5));
  EXPECT_THAT(table.targets.outputs[0].classes, ElementsAre("0", "1"));
  EXPECT_THAT(table.targets.outputs[1].classes, ElementsAre("gain", "loss"));
  EXPECT_TRUE(table.targets.outputs[2].is_number());
  EXPECT_THAT(table.targets.values, ElementsAre(ElementsAre(1, 0, 1), ElementsAre(0, 1, 0), ElementsAre(0.25, -1, 3)));
  EXPECT_EQ(table.left_out, 1);
  EXPECT_THAT(table.notes, ElementsAre(HasSubstr("1 rows without a label are left out")));
}

TEST(Table, FeaturesByName) {
  const Folder folder;
  const auto path = folder.file("a.csv", ",x,y,z\nr1,1,2,a\nr2,3,4,b\nr3,5,6,c\n");
  const LabelledTable table = read_labelled({.table = path, .labels = {"z"}, .features = {"y"}});
  EXPECT_THAT(table.rows, ElementsAre("r1", "r2", "r3"));  // the index of pandas
  EXPECT_THAT(table.features.names, ElementsAre("y"));
  EXPECT_THAT(table.targets.values[0], ElementsAre(0, 1, 2));
  EXPECT_THAT(read_labelled({.table = path, .labels = {"z"}, .ignore = {"x"}}).features.names, ElementsAre("y"));
}

TEST(Table, ClassesOfNumbersStandInTheirOrder) {
  const Folder folder;
  const auto path = folder.file("a.tsv", "x\ty\n1\t10\n1\t9\n1\t9.0\n1\t10\n");
  const LabelledTable table = read_labelled({.table = path, .labels = {"y"}, .task = Task::classes});
  EXPECT_THAT(table.targets.outputs[0].classes, ElementsAre("9", "10"));
  EXPECT_THAT(table.targets.values[0], ElementsAre(1, 0, 0, 1));
  EXPECT_TRUE(read_labelled({.table = path, .labels = {"y"}}).targets.outputs[0].is_number());
}

TEST(Table, ForAModelThatIsThere) {
  const Folder folder;
  const std::vector<std::string> features = {"b", "a"};
  const std::vector<Output> outputs = {{"y", {"0", "1"}}};
  const auto labelled =
      read_for_model({.table = folder.file("a.tsv", "a\tb\ty\tmore\n1\t2\t1.0\ttext\n3\t4\tNA\ttext\n")}, features, outputs);
  EXPECT_THAT(labelled.features.values, ElementsAre(ElementsAre(2, 4), ElementsAre(1, 3)));
  EXPECT_EQ(labelled.targets.values[0][0], 1);
  EXPECT_TRUE(std::isnan(labelled.targets.values[0][1]));
  EXPECT_THAT(labelled.rows, ElementsAre("1", "2"));
  EXPECT_TRUE(read_for_model({.table = folder.file("b.tsv", "a\tb\n1\t2\n")}, features, outputs).targets.outputs.empty());
  EXPECT_THAT(error_text<DataError>([&] { read_for_model({.table = folder.file("c.tsv", "c\n1\n")}, features, outputs); }),
              HasSubstr("lacks columns that the model was fitted to: b, a"));
  EXPECT_THAT(error_text<DataError>([&] { read_for_model({.table = folder.file("d.tsv", "a\tb\ty\n1\t2\tx\n")}, features, outputs); }),
              HasSubstr("'y' holds 'x', which is none of the classes 0, 1"));
}

TEST(Table, Errors) {
  const Folder folder;
  const auto text = [&](TableOptions options, const char* content) {
    options.table = folder.file("x.tsv", content);
    return error_text([&] { read_labelled(options); });
  };
  EXPECT_THAT(text({}, kTable), HasSubstr("labels is missing"));
  EXPECT_THAT(text({.labels = {"casual"}}, kTable), HasSubstr("causal"));
  EXPECT_THAT(text({.labels = {"rate"}}, kTable),
              HasSubstr("features are numbers, and line 2 of column 'name' holds 'rs1'; leave such columns out: --ignore name,chrom,kind"));
  EXPECT_THAT(text({.labels = {"y"}}, "x\ty\n1\t0\n2\t0\n"), HasSubstr("all rows have 'y' = 0; there is nothing to learn"));
  EXPECT_THAT(text({.labels = {"y"}}, "x\ty\ninf\t0\n"), HasSubstr("x.tsv:2: 'x' is infinite"));
  EXPECT_THAT(text({.labels = {"y"}}, "x\ty\n1\tNA\n"), HasSubstr("has no row with a label; 1 have none"));
  EXPECT_THAT(text({.labels = {"y"}}, "y\n1\n"), HasSubstr("no column is left for features"));
  EXPECT_THAT(text({.labels = {"y"}, .groups = "g"}, "x\ty\tg\n1\t0\t.\n"), HasSubstr("x.tsv:2: has no group in column 'g'"));
  EXPECT_THAT(text({.labels = {"y"}, .weights = "w"}, "x\ty\tw\n1\t0\t-1\n"),
              HasSubstr("'w' is -1; a weight is a finite number of 0 or more"));
  EXPECT_THAT(text({.labels = {"y"}, .features = {"y"}}, "x\ty\n1\t0\n"), HasSubstr("column 'y' is a feature and something else as well"));
  EXPECT_THAT(text({.labels = {"y"}, .task = Task::numbers}, "x\ty\n1\ta\n"), HasSubstr("'y' holds 'a', which is no finite number"));
}

}  // namespace
}  // namespace basewise::learn
