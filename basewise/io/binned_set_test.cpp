// Binned sets in files: golden ones (tests/golden/io/binned_golden.py), real ones, and broken ones.
#include "basewise/io/binned_set.h"

#include <cmath>
#include <cstdlib>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "basewise/io/binned_hdf5.h"
#include "basewise/io/binned_records.h"
#include "basewise/io/half.h"
#include "basewise/io/hdf5_writer.h"
#include "basewise/io/tf_example.h"
#include "basewise/io/tfrecord.h"
#include "tests/support/error_text.h"
#include "tests/support/test_files.h"

namespace basewise::io {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;
using testing_files::Folder;

const fs::path kGolden = "tests/golden/io/binned";

// The numbers of the script.
std::uint8_t token(std::int64_t n, std::int64_t i) { return static_cast<std::uint8_t>((n * 7 + i * i * 3 + i) % 5); }
float value(std::int64_t n, std::int64_t b, std::int64_t t) { return static_cast<float>((n * 31 + b * 7 + t * 3) % 64 - 8) / 4; }

std::vector<BinnedRecord> read_all(BinnedReader& reader) {
  std::vector<BinnedRecord> records;
  for (BinnedRecord record; reader.next(record);) records.push_back(record);
  return records;
}

TEST(BinnedGolden, FolderOfTodaysForm) {
  const BinnedStatistics s = read_binned_statistics(kGolden / "statistics.json");
  EXPECT_EQ(s.targets, 3);
  EXPECT_EQ(s.length, 40);
  EXPECT_EQ(s.bin, 4);
  EXPECT_EQ(s.crop, 10);
  EXPECT_EQ(s.bins, 5);
  EXPECT_THAT(s.sets, ElementsAre(Pair("train", 5), Pair("valid", 2), Pair("test", 1)));
  const std::vector<BinnedTarget> targets = read_binned_targets(kGolden / "targets.txt");
  ASSERT_EQ(targets.size(), 3U);
  EXPECT_EQ(targets[2].identifier, "CAGE-");
  EXPECT_EQ(targets[2].description, "made: of # arithmetic");
  EXPECT_EQ(targets[2].strand_pair, 0);
  const std::vector<BinnedPlace> places = read_binned_places(kGolden / "sequences.bed");
  ASSERT_EQ(places.size(), 8U);
  EXPECT_EQ(places[6].chromosome, "chr7");
  EXPECT_EQ(places[6].start, 600);
  EXPECT_EQ(places[6].set, "valid");

  const fs::path records = kGolden / "tfrecords";
  const auto files =
      files_of_binned_set({records / "train-10.tfr", records / "valid-0.tfr", records / "train-2.tfr", records / "train-0.tfr"}, "train");
  ASSERT_THAT(files, ElementsAre(records / "train-0.tfr", records / "train-2.tfr", records / "train-10.tfr"));
  const auto reader = binned_records(files, {s.length, s.bins, s.targets});
  const std::vector<BinnedRecord> read = read_all(*reader);
  ASSERT_EQ(read.size(), 5U);
  for (std::int64_t n = 0; n < 5; ++n) {
    const BinnedRecord& record = read[static_cast<std::size_t>(n)];
    EXPECT_TRUE(record.half);
    for (std::int64_t i = 0; i < 40; ++i) EXPECT_EQ(record.tokens[static_cast<std::size_t>(i)], token(n, i));
    for (std::int64_t b = 0; b < 5; ++b) {
      EXPECT_EQ(record.unmappable[static_cast<std::size_t>(b)], (n + b) % 4 == 0);
      for (std::int64_t t = 0; t < 3; ++t) EXPECT_EQ(record.values[static_cast<std::size_t>(b * 3 + t)], value(n, b, t));
    }
  }
}

TEST(BinnedGolden, RecordsOfTheOlderForm) {
  const auto reader = binned_records({kGolden / "older.tfr"}, {40, 5, 0});
  const std::vector<BinnedRecord> read = read_all(*reader);
  ASSERT_EQ(read.size(), 3U);
  EXPECT_EQ(reader->shape().targets, 3);
  EXPECT_FALSE(read[0].half);
  EXPECT_TRUE(read[0].unmappable.empty());
  for (std::int64_t n = 0; n < 3; ++n)
    for (std::int64_t i = 0; i < 40; ++i) EXPECT_EQ(read[static_cast<std::size_t>(n)].tokens[static_cast<std::size_t>(i)], token(n, i));
  EXPECT_FLOAT_EQ(read[1].values[7], value(1, 2, 1) / 3);
}

TEST(BinnedGolden, OursAreReadByTheScript) {
  const char* asked = std::getenv("BASEWISE_GOLDEN_OUT");
  const Folder scratch;
  const fs::path path = (asked ? fs::path(asked) : scratch.path()) / "ours.tfr";
  TfRecordWriter writer(path);
  for (std::int64_t n = 0; n < 3; ++n) {
    TfExample example;
    example.set_bytes("sequence", std::string(5, static_cast<char>(n)));
    example.set("target", std::vector<float>{value(n, 0, 0), value(n, 1, 0)});
    writer.write(example.serialise());
  }
  writer.commit();
  const std::string out = (scratch.path() / "out.json").string();
  if (std::system(("python3 tests/golden/io/binned_golden.py check " + path.string() + " > " + out + " 2>/dev/null").c_str()) != 0)
    GTEST_SKIP() << "no python3";
  EXPECT_EQ(read_file(out),
            "[{\"sequence\": [\"0000000000\"], \"target\": [[-2.0, -0.25]]}, {\"sequence\": [\"0101010101\"], \"target\": [[5.75, 7.5]]}, "
            "{\"sequence\": [\"0202020202\"], \"target\": [[13.5, -0.75]]}]\n");
}

std::int64_t count_cg(const std::vector<std::uint8_t>& tokens) {
  std::int64_t found = 0;
  for (std::size_t i = 0; i + 1 < tokens.size(); ++i) found += tokens[i] == 1 && tokens[i + 1] == 2;
  return found;
}

TEST(BinnedRealFiles, Baskerville) {
  const auto root = testing_files::shared_data("baskerville_tiny");
  if (!root) GTEST_SKIP() << "no baskerville_tiny";
  std::vector<std::int64_t> cg_of_chr18;  // of the mouse
  for (const auto& [genome, targets, sizes] :
       {std::tuple("hg38", 74, std::vector<std::size_t>{45, 10, 10}), std::tuple("mm10", 32, std::vector<std::size_t>{28, 13, 13})}) {
    const BinnedStatistics s = read_binned_statistics(*root / genome / "statistics.json");
    EXPECT_EQ(s.bins, 2048);
    EXPECT_EQ(s.targets, targets);
    EXPECT_EQ(std::ssize(read_binned_targets(*root / genome / "targets.txt")), targets);
    std::vector<fs::path> files;
    for (const auto& entry : fs::directory_iterator(*root / genome / "tfrecords")) files.push_back(entry.path());
    const std::vector<BinnedPlace> places = read_binned_places(*root / genome / "sequences.bed");
    std::size_t set = 0;
    for (const char* word : {"train", "valid", "test"}) {
      const auto reader = binned_records(files_of_binned_set(files, word), {s.length, s.bins, s.targets});
      const std::vector<BinnedRecord> records = read_all(*reader);
      EXPECT_EQ(records.size(), sizes[set++]) << genome << word;
      std::size_t n = 0;
      for (const BinnedPlace& place : places) {
        if (place.set != word) continue;
        const std::int64_t cg = count_cg(records[n++].tokens);
        if (place.chromosome == "chr18" && targets == 32) cg_of_chr18.push_back(cg);
      }
    }
  }
  EXPECT_THAT(cg_of_chr18, ElementsAre(846));
}

TEST(BinnedRealFiles, BasenjiOfTheOlderForm) {
  const auto root = testing_files::shared_data("basenji/cage10_262k");
  if (!root) GTEST_SKIP() << "no basenji";
  const auto reader =
      binned_records({*root / "cage10-train-00000-of-00100.tfrecord", *root / "cage10-train-00001-of-00100.tfrecord"}, {262144, 2048, 0});
  const std::vector<BinnedRecord> records = read_all(*reader);
  ASSERT_EQ(records.size(), 20U);
  EXPECT_EQ(reader->shape().targets, 10);
  EXPECT_FALSE(records[0].half);
  EXPECT_EQ(records[19].tokens.size(), 262144U);
}

std::string error_of(const TfExample& example, const BinnedShape& shape = {4, 2, 1}) {
  const Folder folder;
  const auto reader = binned_records({folder.file("x.tfr", tf_record(example.serialise()))}, shape);
  BinnedRecord record;
  return error_text<DataError>([&] { return reader->next(record); });
}

TfExample record(const std::string& sequence, const std::string& target, const std::string& umap = "") {
  TfExample example;
  example.set_bytes("sequence", sequence);
  example.set_bytes("target", target);
  if (!umap.empty()) example.set_bytes("umap", umap);
  return example;
}

TEST(BinnedRecords, ErrorsNameFileRecordAndFeature) {
  const std::string four("\0\1\2\3", 4), halves(4, '\0');
  EXPECT_THAT(error_of(record("abc", halves)),
              HasSubstr("x.tfr: record 0: 'sequence' has 3 bytes; expected 4 (one per base) or 16 (four per base)"));
  EXPECT_THAT(error_of(record(std::string("\0\1\5\3", 4), halves)), HasSubstr("base 2 of 'sequence' is 5; expected 0 to 4"));
  EXPECT_THAT(error_of(record(std::string(16, '\1'), halves)), HasSubstr("base 0 of 'sequence' is no one-hot row"));
  EXPECT_THAT(error_of(record(four, "abc")), HasSubstr("'target' has 3 bytes, which are no whole number of float16 values"));
  EXPECT_THAT(error_of(record(four, "abcdef")), HasSubstr("'target' has 3 values; expected 2 bins of 1 targets, 2 values"));
  EXPECT_THAT(error_of(record(four, "abcdef"), {4, 2, 0}), HasSubstr("no whole number of targets in 2 bins"));
  EXPECT_THAT(error_of(record(four, halves, "abc")), HasSubstr("'umap' has 3 bytes; expected one for each of 2 bins"));
  EXPECT_THAT(error_of(record(four, halves, std::string("\0\2", 2))), HasSubstr("bin 1 of 'umap' is 2; expected 0 or 1"));
  TfExample example;
  example.set_bytes("sequence", four);
  EXPECT_THAT(error_of(example), HasSubstr("there is no feature 'target'; there are sequence"));
  EXPECT_THAT(error_text<ArgumentError>([] { return binned_records({}, {0, 2, 1}); }), HasSubstr("both must be 1 or more"));
}

TEST(BinnedStatistics, WithoutCropTheBinsLieInTheMiddle) {
  const Folder folder;
  const auto read = [&](const std::string& text) { return read_binned_statistics(folder.file("statistics.json", text)); };
  const BinnedStatistics s = read(R"({"num_targets": 2, "seq_length": 100, "pool_width": 8, "target_length": 10, "train_seqs": 7})");
  EXPECT_EQ(s.crop, 10);
  const auto error = [&](const std::string& text) { return error_text<DataError>([&] { return read(text); }); };
  EXPECT_THAT(error(R"({"num_targets": 2, "seq_length": 100, "pool_width": 8, "target_length": 10, "crop_bp": 4})"),
              HasSubstr("10 bins of 8 bases between 4 bases at each end are 88 bases, but seq_length is 100"));
  EXPECT_THAT(error(R"({"num_targets": 2})"), HasSubstr("statistics.json: the key \"seq_length\" is missing"));
  EXPECT_THAT(error(R"({"num_targets": -2})"), HasSubstr("\"num_targets\" is no whole number"));
  EXPECT_THAT(error(R"({"num_targets": 0})"), HasSubstr("\"num_targets\" is 0"));
  EXPECT_THAT(error("[1]"), HasSubstr("is no JSON object"));
}

TEST(BinnedTargets, TablesWithAndWithoutIndex) {
  const Folder folder;
  const auto read = [&](const std::string& text) { return read_binned_targets(folder.file("targets.txt", text)); };
  const auto plain = read("identifier\tfile\tdescription\nA\ta.w5\tone\nB\tb.w5\ttwo\n");
  ASSERT_EQ(plain.size(), 2U);
  EXPECT_EQ(plain[1].index, 1);
  EXPECT_FALSE(plain[1].strand_pair);
  EXPECT_EQ(read("index\tgenome\tidentifier\n34\t0\tA\n")[0].index, 34);
  const auto error = [&](const std::string& text) { return error_text<DataError>([&] { return read(text).size(); }); };
  EXPECT_THAT(error("name\tfile\nA\tb\n"), HasSubstr("identifier"));
  EXPECT_THAT(error("\tidentifier\nx\tA\n"), HasSubstr("targets.txt:2: 'x' in the first column is no index of a target"));
  EXPECT_THAT(error("\tidentifier\n1\tA\n1\tB\n"), HasSubstr("targets.txt:3: the target of index 1 is there twice"));
  EXPECT_THAT(error("\tidentifier\n1\tA\n2\tB\n5\tA\n"), HasSubstr("targets.txt:4: identifier 'A' is used in line 2 too; give every"));
  EXPECT_THAT(error("\tidentifier\tstrand_pair\n1\tA\tb\n"), HasSubstr("strand_pair 'b' is no index of a target"));
  const auto places = [&](const std::string& text) {
    return error_text<DataError>([&] { return read_binned_places(folder.file("sequences.bed", text)).size(); });
  };
  EXPECT_THAT(places("chr1\t5\t3\ttrain\n"), HasSubstr("sequences.bed:1: '5' to '3' is no stretch"));
  EXPECT_THAT(places("chr1\t5\t9\n"), HasSubstr("3 fields; expected chromosome, start, end and set"));
}

TEST(BinnedH5, OfBasenji2017AndOfBasset) {
  const Folder folder;
  constexpr std::int64_t kRows = 3, kLength = 8, kBins = 2, kTargets = 5;
  std::vector<std::uint8_t> rows(kRows * kLength * 4, 0), across(kRows * 4 * kLength, 0), na = {0, 1, 0, 0, 1, 1};
  std::vector<float> values, labels;
  for (std::int64_t n = 0; n < kRows; ++n) {
    for (std::int64_t i = 0; i < kLength; ++i)
      if (const std::uint8_t letter = token(n, i); letter < 4) {
        rows[static_cast<std::size_t>((n * kLength + i) * 4 + letter)] = 1;
        across[static_cast<std::size_t>((n * 4 + letter) * kLength + i)] = 1;
      }
    for (std::int64_t b = 0; b < kBins; ++b)
      for (std::int64_t t = 0; t < kTargets; ++t) values.push_back(value(n, b, t));
    for (std::int64_t t = 0; t < kTargets; ++t) labels.push_back(static_cast<float>((n + t) % 2));
  }
  const std::vector<std::string> names = {"a", "b", "c", "d", "e"}, headers = {"chr1:0-8", "chr2:8-16", "x"};
  H5Writer basenji(folder.path() / "2017.h5");
  basenji.write("train_in", std::span<const std::uint8_t>(rows), {kRows, kLength, 4},
                {.dtype = DType::boolean, .gzip = 1, .chunk_rows = 2});
  basenji.write("train_out", std::span<const float>(values), {kRows, kBins, kTargets}, {.dtype = DType::f16});
  basenji.write("train_na", std::span<const std::uint8_t>(na), {kRows, kBins}, {.dtype = DType::boolean});
  basenji.write("pool_width", std::span<const std::int64_t>(std::vector<std::int64_t>{4}), {});
  basenji.write_text("target_ids", names);
  basenji.close();
  const BinnedH5 found = read_binned_h5(folder.path() / "2017.h5");
  EXPECT_EQ(found.shape.length, kLength);
  EXPECT_EQ(found.shape.bins, kBins);
  EXPECT_EQ(found.bin, 4);
  EXPECT_EQ(found.target_names, names);
  EXPECT_THAT(found.sets, ElementsAre("train"));
  const auto reader = binned_h5_records(folder.path() / "2017.h5", "train");
  const std::vector<BinnedRecord> records = read_all(*reader);
  ASSERT_EQ(records.size(), 3U);
  EXPECT_TRUE(records[0].half);
  EXPECT_THAT(records[2].unmappable, ElementsAre(1, 1));
  EXPECT_THAT(records[0].unmappable, ElementsAre(0, 1));
  EXPECT_EQ(records[2].values[6], value(2, 1, 1));

  H5Writer basset(folder.path() / "basset.h5");
  basset.write("test_in", std::span<const std::uint8_t>(across), {kRows, 4, 1, kLength});
  basset.write("test_out", std::span<const float>(labels), {kRows, kTargets});
  basset.write_text("test_headers", headers);
  basset.write_text("target_labels", names);
  basset.close();
  const BinnedH5 other = read_binned_h5(folder.path() / "basset.h5");
  EXPECT_EQ(other.shape.bins, 0);
  EXPECT_EQ(other.shape.targets, kTargets);
  const auto tests = binned_h5_records(folder.path() / "basset.h5", "test");
  const std::vector<BinnedRecord> sequences = read_all(*tests);
  ASSERT_EQ(sequences.size(), 3U);
  EXPECT_EQ(sequences[1].name, "chr2:8-16");
  EXPECT_THAT(sequences[1].values, ElementsAre(1, 0, 1, 0, 1));
  for (std::size_t n = 0; n < 3; ++n) {
    EXPECT_EQ(records[n].tokens, sequences[n].tokens);
    for (std::size_t i = 0; i < 8; ++i) EXPECT_EQ(records[n].tokens[i], token(static_cast<std::int64_t>(n), static_cast<std::int64_t>(i)));
  }
  EXPECT_THAT(error_text<DataError>([&] { return binned_h5_records(folder.path() / "basset.h5", "train"); }),
              HasSubstr("there is no set 'train'"));
}

TEST(BinnedH5, FilesThatAreNone) {
  const Folder folder;
  const auto error = [&](const std::vector<std::int64_t>& in, const std::vector<std::int64_t>& out) {
    H5Writer writer(folder.path() / "x.h5");
    writer.write("train_in", std::span<const std::uint8_t>(std::vector<std::uint8_t>(static_cast<std::size_t>(element_count(in)), 1)), in);
    writer.write("train_out", std::span<const float>(std::vector<float>(static_cast<std::size_t>(element_count(out)))), out);
    writer.close();
    return error_text<DataError>([&] {
      read_binned_h5(folder.path() / "x.h5");
      BinnedRecord record;
      return binned_h5_records(folder.path() / "x.h5", "train")->next(record);
    });
  };
  EXPECT_THAT(error({2, 9, 5}, {2, 3}), HasSubstr("'train_in' of shape (2, 9, 5) holds no one-hot sequences"));
  EXPECT_THAT(error({2, 9, 4}, {3, 3}), HasSubstr("'train_out' has 3 rows, but 'train_in' has 2"));
  EXPECT_THAT(error({2, 9, 4}, {2}), HasSubstr("'train_out' of shape (2,) is neither"));
  EXPECT_THAT(error({2, 9, 4}, {2, 10, 3}), HasSubstr("10 bins of 0 bases do not fit"));
  EXPECT_THAT(error({2, 9, 4}, {2, 3}), HasSubstr("x.h5: row 0 of 'train_in': base 0 is no one-hot row"));
  H5Writer writer(folder.path() / "none.h5");
  writer.group("g");
  writer.close();
  EXPECT_THAT(error_text<DataError>([&] { return read_binned_h5(folder.path() / "none.h5").bin; }),
              HasSubstr("there is none of 'train_in'"));
}

}  // namespace
}  // namespace basewise::io
