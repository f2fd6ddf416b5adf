#include "basewise/results/run_files.h"

#include <gtest/gtest.h>

namespace basewise::results {
namespace {

TEST(RunFiles, NamesSaySetAndWeightsWhereTheyAreNotTheUsualOnes) {
  EXPECT_EQ(metrics_file(), "metrics.json");
  EXPECT_EQ(metrics_file(Set::train), "metrics.train.json");
  EXPECT_EQ(metrics_file(Set::test, "loss"), "metrics.loss.json");
  EXPECT_EQ(curves_file(Set::validation, "mean.auroc"), "curves.mean.auroc.validation.json");
  EXPECT_EQ(tracks_file(Set::validation), "tracks.validation.json");
  EXPECT_EQ(weights_file(), "weights.safetensors");
  EXPECT_EQ(weights_file("mean.auroc"), "weights.mean.auroc.safetensors");
}

TEST(RunFiles, EveryNameThatIsGivenIsOneOfARun) {
  for (const auto& name :
       {metrics_file(Set::train, "loss"), curves_file(), tracks_file(Set::validation), weights_file(), weights_file("loss")})
    EXPECT_TRUE(is_run_file(name)) << name;
  for (const char* name : {kConfigFile, kModelFile, kManifestFile, kModelDocument, kDataDocument, kSchemaFile, kLogFile,
                           kPageFile, kCheckpoints, kEvents, kFailedBatch})
    EXPECT_TRUE(is_run_file(name)) << name;
}

TEST(RunFiles, FilesOfPeopleAreNotOfARun) {
  for (const char* name : {"notes.txt", "metrics.tsv", "metricsjson", "weights", "my.weights.safetensors", ".lock",
                           "weights.safetensors.old"})
    EXPECT_FALSE(is_run_file(name)) << name;
}

}  // namespace
}  // namespace basewise::results
