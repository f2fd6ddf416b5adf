#include "basewise/study/expand.h"

#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "basewise/study/detail/test_study.h"
#include "tests/support/error_text.h"

namespace basewise::study {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::kSmall;
using testing::write_study;

std::vector<std::string> names(const std::vector<study::Run>& runs) {
  std::vector<std::string> all;
  for (const study::Run& run : runs) all.push_back(run.name);
  return all;
}

TEST(Expand, EveryCombinationInTheOrderOfTheAxesButThoseExcluded) {
  const Study study = write_study();
  const std::vector<study::Run> runs = expand(study);
  ASSERT_EQ(runs.size(), 15u);  // 2 x 2 x 5 less 5
  EXPECT_EQ(runs[0].name, "plain_width200_seed7");
  EXPECT_EQ(runs[4].name, "plain_width200_seed19");
  EXPECT_EQ(runs[5].name, "augmented_width200_seed7");
  EXPECT_EQ(runs[14].name, "augmented_width300_seed19");
  EXPECT_THAT(runs[5].values, ElementsAre("augmented", "200", "7"));
  EXPECT_THAT(runs[5].set, ElementsAre("train.epochs=1", "strand.train=augmented", "data.simulation.length=200",
                                       "seed=7", "name=augmented_width200_seed7"));
  ASSERT_EQ(runs[0].measurements.size(), 2u);
  EXPECT_EQ(runs[0].measurements[1].label(), "single, train, best");
  ASSERT_EQ(runs[5].measurements.size(), 3u);
  EXPECT_THAT(runs[5].measurements[2].set, ElementsAre("strand.predict=conjoined"));
}

TEST(Expand, SettingsComeWithCombinations) {
  const Study study =
      write_study(std::string(kSmall) +
                  "[[settings]]\nwhen = [\"training=augmented\", \"width!=200\"]\nset = [\"train.epochs=3\"]\n");
  for (const study::Run& run : expand(study)) {
    const bool has = std::find(run.set.begin(), run.set.end(), "train.epochs=3") != run.set.end();
    EXPECT_EQ(has, run.values[0] == "augmented" && run.values[1] == "300") << run.name;
  }
}

TEST(Expand, WhereSelectsRunsAndMeasurements) {
  const Study study = write_study();
  EXPECT_THAT(names(select(study, expand(study), {"training=augmented", "seed=7,19", "width=300"})),
              ElementsAre("augmented_width300_seed7", "augmented_width300_seed19"));
  EXPECT_EQ(select(study, expand(study), {"training!=plain"}).size(), 10u);
  const auto conjoined = select(study, expand(study), {"evaluation=conjoined"});
  ASSERT_EQ(conjoined.size(), 10u);
  EXPECT_EQ(conjoined[0].measurements.size(), 1u);
  EXPECT_THAT(names(select(study, expand(study), {"run=plain_width200_seed11"})), ElementsAre("plain_width200_seed11"));
}

TEST(Expand, WhereNamesWhatIsNotThere) {
  const Study study = write_study();
  EXPECT_EQ(error_text<ArgumentError>([&] { select(study, expand(study), {"traning=plain"}); }),
            "--where: 'traning' is no name of this study, did you mean training?; there are evaluation, run, seed, "
            "split, training, "
            "weights, width");
  EXPECT_EQ(error_text<ArgumentError>([&] { select(study, expand(study), {"training=plan"}); }),
            "--where: 'plan' is no value of training of this study, did you mean plain?; there are augmented, plain");
  EXPECT_THAT(error_text<ArgumentError>([&] { select(study, expand(study), {"training"}); }),
              HasSubstr("condition 'training': expected NAME=VALUE"));
}

TEST(Expand, ShardsAreAPartition) {
  const Study study = write_study();
  const std::vector<study::Run> runs = expand(study);
  for (const int n : {1, 2, 4, 15, 20}) {
    std::multiset<std::string> seen;
    for (int i = 1; i <= n; ++i)
      for (const study::Run& run : shard(runs, format("{}/{}", i, n))) seen.insert(run.name);
    const auto all = names(runs);
    EXPECT_EQ(seen, std::multiset<std::string>(all.begin(), all.end())) << n;
  }
  for (const char* bad : {"0/3", "4/3", "1", "x/2", "1/0", "-1/2"})
    EXPECT_EQ(error_text<ArgumentError>([&] { shard(runs, bad); }),
              format("--shard '{}': expected i/n with 1 <= i <= n, such as 2/5", bad));
}

TEST(Study, ErrorsNameTheFileAndTheWord) {
  const auto error = [](const std::string& text) { return error_text<ArgumentError>([&] { write_study(text); }); };
  const std::string small = kSmall;
  EXPECT_THAT(error(small + "[[exclude]]\nwhen = [\"trainin=plain\"]\n"),
              HasSubstr("study.toml: exclude: when: there is no 'trainin' (did you mean 'training'?); there are "
                        "training, width, seed, "
                        "evaluation, split, weights"));
  EXPECT_THAT(error(small + "[[compare]]\nname = \"x\"\na = [\"training=plan\"]\nb = [\"training=plain\"]\n"),
              HasSubstr("compare 'x': a, training: there is no 'plan' (did you mean 'plain'?)"));
  EXPECT_THAT(error(small + "[[axes]]\nname = \"seed\"\nkey = \"seed\"\nnumbers = [1]\n"),
              HasSubstr("axis 'seed' is given twice"));
  EXPECT_THAT(error(small + "[[axes]]\nname = \"x\"\n"),
              HasSubstr("axis 'x': give exactly one of numbers, words and [[axes.values]]; 0 are given"));
  EXPECT_THAT(error(small + "[[axes]]\nname = \"x\"\nwords = [\"a\"]\n"),
              HasSubstr("axis 'x': numbers and words need a key"));
  EXPECT_THAT(error(small + "[[axes]]\nname = \"split\"\nkey = \"seed\"\nnumbers = [1]\n"),
              HasSubstr("axis 'split': this name is taken"));
  EXPECT_THAT(error(small + "[[evaluations]]\nname = \"x\"\nsplits = [\"tst\"]\n"),
              HasSubstr("\"tst\"; it must be one of train, validation, test"));
  EXPECT_THAT(error(small + "[[published]]\nwhen = [\"training=plain\"]\nvalues = [\"auroc 0.9\"]\n"),
              HasSubstr("published value 'auroc 0.9': expected 'metric = mean +- sd'"));
  EXPECT_THAT(error("recpe = \"demo\"\n"), HasSubstr("did you mean recipe?"));
  EXPECT_THAT(error_text<ArgumentError>([] { load_study("/nowhere/at/all"); }), HasSubstr("no such study"));
  EXPECT_THAT(error_text<ArgumentError>([&] { expand(write_study(small + "[[exclude]]\nwhen = [\"seed!=1\"]\n")); }),
              HasSubstr("there is no '1'"));
}

TEST(Study, PublishedValues) {
  const PublishedValue both = parse_published("auroc = 0.9645 +- 0.0030");
  EXPECT_EQ(both.metric, "auroc");
  EXPECT_EQ(both.mean, 0.9645);
  EXPECT_EQ(both.sd, 0.003);
  EXPECT_EQ(parse_published("jsd=0.2").sd, std::nullopt);
}

TEST(Study, AFileKeepsItsResultsBesideIt) {
  const fs::path folder = testing::fresh_folder();
  write_file(folder / "mine.study.toml", kSmall);
  EXPECT_EQ(load_study((folder / "mine.study.toml").string()).folder, folder / "mine");
  EXPECT_EQ(load_study((folder / "mine.study.toml").string()).options.name, "mine");
  EXPECT_EQ(load_study((folder / "mine.study.toml").string(), folder / "else").folder, folder / "else");
  fs::create_directories(folder / "mine");
  EXPECT_EQ(load_study((folder / "mine").string()).file, folder / "mine.study.toml");
}

constexpr const char* kAfter = R"(
recipe = "demo"
[[axes]]
name = "start"
  [[axes.values]]
  name = "scratch"
  [[axes.values]]
  name = "tuned"
  after = [{ run = ["start=scratch"], freeze = ["motifs"], skip = ["logits"] }]
  [[axes.values]]
  name = "tuned_again"
  after = [{ run = ["start=tuned"] }]
[[axes]]
name = "seed"
key = "seed"
numbers = [7, 11]
)";

TEST(Expand, ARunComesAfterTheOneThatDiffersInTheNamedAxes) {
  const Study study = write_study(kAfter);
  const std::vector<study::Run> runs = expand(study);
  ASSERT_EQ(runs.size(), 6u);
  EXPECT_TRUE(runs[0].after.empty());
  ASSERT_EQ(runs[3].after.size(), 1u);
  EXPECT_EQ(runs[3].name, "tuned_seed11");
  EXPECT_EQ(runs[3].after[0].run, "scratch_seed11");
  EXPECT_THAT(runs[3].after[0].how.freeze, ElementsAre("motifs"));
  EXPECT_EQ(runs[5].after.at(0).run, "tuned_seed11");
}

TEST(Expand, SettingsMayComeAfterToo) {
  const Study study = write_study(
      std::string(kSmall) +
      "[[settings]]\nwhen = [\"training=augmented\", \"width=200\"]\nafter = [{ run = [\"training=plain\"] }]\n");
  for (const study::Run& run : expand(study)) {
    const bool waits = run.values[0] == "augmented" && run.values[1] == "200";
    ASSERT_EQ(run.after.size(), waits ? 1u : 0u) << run.name;
    if (waits) {
      EXPECT_EQ(run.after[0].run, "plain_width200_seed" + run.values[2]);
    }
  }
}

TEST(Expand, RunsThatCannotWaitAreErrors) {
  const auto refused = [](const std::string& text) {
    return error_text<ArgumentError>([&] { expand(write_study(text)); });
  };
  EXPECT_THAT(refused(std::string(kAfter) + "[[exclude]]\nwhen = [\"start=scratch\", \"seed=11\"]\n"),
              HasSubstr("run 'tuned_seed11' comes after 'scratch_seed11', which this study has not: it is excluded"));
  std::string text = kAfter;
  text.replace(text.find("start=scratch"), 13, "start=tuned_again");
  EXPECT_THAT(refused(text), HasSubstr("comes after itself; look at the keys after"));
  text = kAfter;
  text.replace(text.find("start=scratch"), 13, "start=scrath");
  EXPECT_THAT(refused(text), HasSubstr("did you mean 'scratch'"));
  text = kAfter;
  text.replace(text.find("start=scratch"), 13, "start!=tuned");
  EXPECT_THAT(refused(text), HasSubstr("expected AXIS=VALUE for axes in which the run that comes first differs"));
}

}  // namespace
}  // namespace basewise::study
