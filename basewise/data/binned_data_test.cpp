#include "basewise/data/binned_data.h"

#include <cstdlib>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "basewise/data/build.h"
#include "basewise/data/detail/binned_targets.h"
#include "basewise/data/detail/test_support.h"
#include "basewise/data/loader.h"
#include "basewise/data/strands.h"
#include "basewise/io/hdf5_writer.h"
#include "basewise/io/tf_example.h"
#include "basewise/io/tfrecord.h"
#include "tests/support/error_text.h"
#include "tests/support/test_files.h"

namespace basewise::data {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing_files::Folder;
using testing_support::equal;

constexpr const char* kGolden = "tests/golden/io/binned";  // its numbers: tests/golden/io/binned_golden.py

float value(std::int64_t n, std::int64_t b, std::int64_t t) { return static_cast<float>((n * 31 + b * 7 + t * 3) % 64 - 8) / 4; }

DataSplits build(const std::string& toml) {
  DataOptions options;
  read_toml(described(options), "kind = \"binned\"\n" + toml, "recipe.toml");
  return build_data(options, 3);
}

std::string golden(const std::string& more = "") { return format("binned.folder = \"{}\"\n{}", kGolden, more); }

TEST(BinnedData, FolderOfTodaysForm) {
  const DataSplits splits = build(golden());
  EXPECT_EQ(splits.train->size(), 5);
  EXPECT_EQ(splits.validation->size(), 2);
  EXPECT_EQ(splits.test->size(), 1);
  const Field& target = splits.schema().at("signal");
  EXPECT_THAT(target.shape, ElementsAre(3, 5));
  EXPECT_THAT(target.channels, ElementsAre("CAGE+", "DNASE", "CAGE-"));
  EXPECT_THAT(target.partners, ElementsAre(2, 1, 0));
  EXPECT_EQ(target.bin, 4);
  EXPECT_EQ(target.rule, StrandRule::mirrored);
  EXPECT_THAT(splits.schema().names(), ElementsAre("sequence", "signal", "signal.mask"));
  const Bundle example = splits.validation->get(1, Stream(0));  // record 6
  check_example(splits.schema(), example);
  for (std::int64_t b = 0; b < 5; ++b)
    for (std::int64_t t = 0; t < 3; ++t) {
      const bool measured = (6 + b) % 4 != 0;
      EXPECT_EQ(example.at("signal.mask")[t][b].item<bool>(), measured);
      EXPECT_EQ(example.at("signal")[t][b].item<float>(), measured ? value(6, b, t) : 0);
    }
  EXPECT_EQ(example.at("sequence").sum(0)[4].item<float>(), 0);  // (42 + 48 + 4) % 5 = 4: N
  const Origin origin = splits.validation->origin(1);
  EXPECT_EQ(origin.name, "chr7:600-620");
  EXPECT_EQ(origin.chromosome, "chr7");
  EXPECT_EQ(splits.inputs.size(), 16U);
  EXPECT_THAT(splits.summary,
              HasSubstr("train: 5 sequences of 40 bases with 3 targets in 5 bins of 4 bases; 28.00 % of the bins cannot be mapped"));
  EXPECT_THAT(splits.notes, ElementsAre(HasSubstr("2 of the 2 validation sequences also occur in train"),  // the script repeats after 5
                                        HasSubstr("1 of the 1 test sequences also occur in train")));
}

TEST(BinnedData, TokensAndWorkersGiveTheSame) {
  const DataSplits one_hot = build(golden()), tokens = build(golden("encoding = \"tokens\"\n"));
  const LoaderOptions options{.batch_size = 2, .workers = 0, .seed = 4};
  LoaderOptions threads = options;
  threads.workers = 3;
  for (std::int64_t k = 0; k < 3; ++k) {
    const Bundle batch = Loader(one_hot.train, options).batch(2, k);
    EXPECT_TRUE(equal(batch, Loader(one_hot.train, threads).batch(2, k)));
    const at::Tensor read = Loader(tokens.train, options).batch(2, k).at("sequence");
    EXPECT_TRUE(at::equal(at::one_hot(read.to(at::kLong), 5).slice(2, 0, 4).transpose(1, 2).to(at::kFloat), batch.at("sequence")));
  }
}

TEST(BinnedData, ASetInAFileOfTheCacheIsTheSame) {
  const Folder cache;
  const char* before = std::getenv("BASEWISE_CACHE");
  const std::string kept = before ? before : "";
  setenv("BASEWISE_CACHE", cache.path().c_str(), 1);
  const DataSplits file = build(golden("binned.memory = 0\n")), again = build(golden("binned.memory = 0\n"));
  EXPECT_EQ(std::distance(fs::directory_iterator(cache.path() / "binned"), {}), 3);
  before ? setenv("BASEWISE_CACHE", kept.c_str(), 1) : unsetenv("BASEWISE_CACHE");
  const DataSplits memory = build(golden());
  for (std::int64_t i = 0; i < 5; ++i) {
    EXPECT_TRUE(equal(file.train->get(i, Stream(0)), memory.train->get(i, Stream(0))));
    EXPECT_TRUE(equal(again.train->get(i, Stream(0)), memory.train->get(i, Stream(0))));
  }
}

TEST(BinnedData, TargetsBinsAndExamplesAreChosen) {
  const DataSplits splits =
      build(golden("binned.only = [\"CAGE-\", \"CAGE+\"]\nbinned.crop = 4\nbinned.examples = 2\nbinned.name = \"tracks\"\n"));
  const Field& target = splits.schema().at("tracks");
  EXPECT_THAT(target.channels, ElementsAre("CAGE+", "CAGE-"));  // the order of the table
  EXPECT_THAT(target.partners, ElementsAre(1, 0));
  EXPECT_THAT(target.shape, ElementsAre(2, 3));
  EXPECT_EQ(splits.train->size(), 2);
  EXPECT_EQ(splits.train->origin(1).name, "chr2:100-120");
  const Bundle example = splits.train->get(1, Stream(0));
  EXPECT_EQ(example.at("tracks")[1][0].item<float>(), value(1, 1, 2));
  EXPECT_FALSE(example.at("tracks.mask")[0][2].item<bool>());  // bin 3: (1 + 3) % 4 = 0
}

TEST(BinnedData, OtherStrandSwapsTheStrandsOfATrack) {
  const DataSplits plain = build(golden()), turned = build(golden("augment.reverse_complement = 1\n"));
  const at::Tensor expected = plain.train->get(3, Stream(0)).at("signal").flip({1}).index_select(0, at::tensor({2, 1, 0}, at::kLong));
  EXPECT_TRUE(at::equal(turned.train->get(3, Stream(0)).at("signal"), expected));
  EXPECT_TRUE(equal(turned.validation->get(0, Stream(0)), plain.validation->get(0, Stream(0))));
  EXPECT_THAT(build(golden("binned.strand_pairs = false\n")).schema().at("signal").partners, ElementsAre());
}

TEST(BinnedData, UnmappableBinsMayBeTrainedOn) {
  const DataSplits splits = build(golden("binned.unmappable = \"trained\"\n"));
  EXPECT_FALSE(splits.schema().find("signal.mask"));
  EXPECT_EQ(splits.train->get(0, Stream(0)).at("signal")[1][0].item<float>(), value(0, 0, 1));
  EXPECT_THAT(splits.summary, HasSubstr("and are trained on all the same"));
}

TEST(BinnedData, SetsMayBeOthers) {
  const DataSplits splits =
      build(golden("binned.train_sets = [\"valid\", \"test\"]\nbinned.validation_sets = [\"train\"]\nbinned.test_sets = []\n"));
  EXPECT_EQ(splits.train->size(), 3);
  EXPECT_EQ(splits.train->origin(2).name, "chr8:700-720");
  EXPECT_EQ(splits.validation->size(), 5);
  EXPECT_EQ(splits.test->size(), 0);
  EXPECT_THAT(build(golden("binned.test_sets = []\n")).notes, Contains(HasSubstr("sets that are not used: test")));
}

TEST(BinnedData, FilesOfTheOlderForm) {
  const std::string file = format("binned.train_file = \"{}/older.tfr\"\n", kGolden);
  const DataSplits splits = build(file + "binned.length = 40\nbinned.bin = 4\nbinned.cropped = 10\n");
  EXPECT_EQ(splits.train->size(), 3);
  EXPECT_EQ(splits.validation->size(), 0);
  EXPECT_THAT(splits.schema().names(), ElementsAre("sequence", "signal"));
  EXPECT_FLOAT_EQ(splits.train->get(2, Stream(0)).at("signal")[2][4].item<float>(), value(2, 4, 2) / 3);
  EXPECT_THAT(splits.schema().at("signal").channels, ElementsAre());
  EXPECT_THAT(error_text<ArgumentError>([&] { return build(file + "binned.length = 41\nbinned.bin = 4\n"); }),
              HasSubstr("41 bases without 0 at each end are no whole number of bins of 4"));
  const DataSplits named =
      build(file + format("binned.length = 40\nbinned.bin = 4\nbinned.cropped = 10\nbinned.targets = \"{}/targets.txt\"\n", kGolden));
  EXPECT_THAT(named.schema().at("signal").partners, ElementsAre(2, 1, 0));
}

TEST(BinnedData, LabelsOfBasset) {
  const Folder folder;
  std::vector<float> rows(3 * 4 * 6, 0);
  const std::vector<std::uint8_t> labels = {1, 0, 0, 1, 1, 1};
  for (std::size_t n = 0; n < 3; ++n)
    for (std::size_t i = 0; i < 6; ++i) rows[(n * 4 + (n + i) % 4) * 6 + i] = 1;
  io::H5Writer writer(folder.path() / "basset.h5");
  for (const char* set : {"train", "valid"}) {
    writer.write(std::string(set) + "_in", std::span<const float>(rows), {3, 4, 1, 6});
    writer.write(std::string(set) + "_out", std::span<const std::uint8_t>(labels), {3, 2});
  }
  writer.write_text("target_labels", std::vector<std::string>{"HepG2", "K562"});
  writer.close();
  const DataSplits splits = build(format("binned.h5 = \"{}\"\n", (folder.path() / "basset.h5").string()));
  const Field& target = splits.schema().at("labels");
  EXPECT_THAT(target.shape, ElementsAre(2));
  EXPECT_THAT(target.channels, ElementsAre("HepG2", "K562"));
  EXPECT_EQ(target.rule, StrandRule::unchanged);
  EXPECT_EQ(splits.test->size(), 0);
  EXPECT_EQ(splits.validation->get(1, Stream(0)).at("labels")[1].item<float>(), 1);
  EXPECT_EQ(splits.train->get(2, Stream(0)).at("sequence")[3][1].item<float>(), 1);
  EXPECT_THAT(splits.notes, Contains(HasSubstr("has no set 'test'")));
}

TEST(BinnedData, WhatIsRefused) {
  const auto error = [](const std::string& toml) { return error_text([&] { return build(toml).notes.size(); }); };
  EXPECT_THAT(error(""), HasSubstr("give one of 'folder', 'h5' and 'train_file'"));
  EXPECT_THAT(error(golden("split.test_fraction = 0.3\n")), HasSubstr("split: the files of binned sets say which set they are of"));
  EXPECT_THAT(error(golden("augment.jitter = 3\n")), HasSubstr("take shift"));
  EXPECT_THAT(error(golden("augment.shift = 40\n")), HasSubstr("a shift of 40 bases leaves nothing"));
  EXPECT_THAT(error(golden("negatives.kind = \"shuffled\"\n")), HasSubstr("binned sets have none"));
  EXPECT_THAT(error(golden("binned.crop = 6\n")), HasSubstr("crop = 6 is no whole number of bins of 4"));
  EXPECT_THAT(error(golden("binned.crop = 12\n")), HasSubstr("3 bins cut from both ends leave none of 5"));
  EXPECT_THAT(error(golden("binned.only = [\"DNASe\"]\n")), HasSubstr("has no target 'DNASe'; did you mean 'DNASE'?"));
  EXPECT_THAT(error(golden("binned.only = [\"CAGE+\"]\n")), HasSubstr("target 'CAGE+' (index 0) has its other strand at index 2"));
  EXPECT_THAT(error(golden("binned.test_sets = [\"train\"]\n")), HasSubstr("the set 'train' is named twice"));
  EXPECT_THAT(error(golden("binned.test_sets = [\"fold3\"]\n")), HasSubstr("there is no file tfrecords/fold3-0.tfr"));
  EXPECT_THAT(error("binned.folder = \"nowhere\"\n"), HasSubstr("nowhere: there is no such folder"));
}

/// A copy of the golden folder, of which parts may be changed.
struct Copy {
  Folder folder;
  Copy() { fs::copy(kGolden, folder.path(), fs::copy_options::recursive); }
  std::string toml(const std::string& more = "") const { return format("binned.folder = \"{}\"\n{}", folder.path().string(), more); }
  std::string error(const std::string& more = "") const { return error_text<DataError>([&] { return build(toml(more)).notes.size(); }); }
  void replace(const std::string& file, const std::string& what, const std::string& with) const {
    std::string text = read_file(folder.path() / file);
    ASSERT_NE(text.find(what), std::string::npos);
    folder.file(file, text.replace(text.find(what), what.size(), with));
  }
};

TEST(BinnedFolder, FilesOfRecordsMustBeThere) {
  const Copy copy;
  const fs::path records = copy.folder.path() / "tfrecords";
  fs::copy(records / "train-1.tfr", records / "train-01.tfr");
  EXPECT_THAT(copy.error(), HasSubstr("have the same number"));
  fs::remove(records / "train-01.tfr");
  fs::rename(records / "train-0.tfr", records / "kept");
  EXPECT_THAT(copy.error(), HasSubstr("tfrecords: train-0.tfr is missing, but train-10.tfr is there; put it back"));
  // The last one leaves no hole.
  fs::rename(records / "kept", records / "train-0.tfr");
  fs::remove(records / "train-10.tfr");
  testing::internal::CaptureStderr();
  EXPECT_EQ(build(copy.toml()).train->size(), 4);
  EXPECT_THAT(testing::internal::GetCapturedStderr(),
              AllOf(HasSubstr("train: statistics.json says 5 sequences, but the files have 4: train-0.tfr, train-1.tfr, "),
                    HasSubstr("train-9.tfr; is the folder whole?")));
}

TEST(BinnedFolder, StatisticsAndTableMustAgree) {
  const Copy copy;
  // 3 targets in 5 bins of 4 bases are as many values as 5 in 3.
  copy.replace("statistics.json", "\"num_targets\": 3", "\"num_targets\": 5");
  copy.replace("statistics.json", "\"target_length\": 5", "\"target_length\": 3");
  EXPECT_THAT(copy.error(), HasSubstr("3 bins of 4 bases between 10 bases at each end are 32 bases, but seq_length is 40"));
  copy.replace("statistics.json", "\"crop_bp\": 10", "\"crop_bp\": 14");
  EXPECT_THAT(copy.error(), HasSubstr("targets.txt: 3 rows, but \"num_targets\" of statistics.json is 5; both must say"));
  EXPECT_THAT(copy.error(format("binned.targets = \"{}/targets.txt\"\n", kGolden)), HasSubstr("3 rows, but"));
}

TEST(BinnedFolder, TargetsOfOneNameAreRefused) {
  const Copy copy;
  copy.replace("targets.txt", "2\tCAGE-", "2\tCAGE+");
  EXPECT_THAT(copy.error(), HasSubstr("targets.txt:4: identifier 'CAGE+' is used in line 2 too"));
  EXPECT_EQ(build(copy.toml(format("binned.targets = \"{}/targets.txt\"\n", kGolden))).train->size(), 5);
  const std::vector<io::BinnedTarget> table = {{.index = 0, .identifier = "a"}, {.index = 7, .identifier = "a"}};
  EXPECT_THAT(error_text<DataError>([&] { return detail::choose_targets(table, {}, false, "t.h5").names.size(); }),
              HasSubstr("t.h5: targets 0 and 7 (from 0) are both called 'a'"));
}

TEST(BinnedTargets, PairsMustBeEachOthers) {
  const std::vector<io::BinnedTarget> table = {{.index = 3, .identifier = "a", .strand_pair = 4},
                                               {.index = 4, .identifier = "b", .strand_pair = 4}};
  EXPECT_THAT(error_text<DataError>([&] { return detail::choose_targets(table, {}, true, "t.txt").names.size(); }),
              HasSubstr("t.txt: target 3 has the strand pair 4, whose own is 4"));
  EXPECT_THAT(detail::choose_targets(table, {}, false, "t.txt").columns, ElementsAre(3, 4));
  const std::vector<io::BinnedTarget> alone = {{.index = 3, .identifier = "a", .strand_pair = 3}, {.index = 7, .identifier = "b"}};
  EXPECT_THAT(detail::choose_targets(alone, {}, true, "t.txt").partners, ElementsAre());
}

TEST(BinnedRealFiles, BothGenomesInTurn) {
  const auto root = testing_files::shared_data("baskerville_tiny");
  if (!root) GTEST_SKIP() << "no baskerville_tiny";
  DataOptions options;
  read_toml(described(options),
            "kind = \"several\"\n[[sets]]\ntarget = \"human\"\nkind = \"binned\"\ncheck_duplicates = false\nencoding = \"tokens\"\n"
            "binned.folder = \"data:baskerville_tiny/hg38\"\naugment.reverse_complement = 0.5\n"
            "[[sets]]\ntarget = \"mouse\"\nkind = \"binned\"\ncheck_duplicates = false\nencoding = \"tokens\"\n"
            "binned.folder = \"data:baskerville_tiny/mm10\"\n",
            "recipe.toml");
  const DataSplits splits = build_data(options, 1);
  EXPECT_THAT(splits.train->set_sizes(), ElementsAre(45, 28));
  EXPECT_THAT(splits.validation->set_sizes(), ElementsAre(10, 13));
  EXPECT_THAT(splits.test->set_sizes(), ElementsAre(10, 13));
  EXPECT_THAT(splits.schema().at("human").shape, ElementsAre(74, 2048));
  EXPECT_THAT(splits.schema().at("mouse").shape, ElementsAre(32, 2048));
  EXPECT_EQ(splits.schema().at("human").partners[0], 1);
}

}  // namespace
}  // namespace basewise::data
