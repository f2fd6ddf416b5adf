// Files of h5py and modisco-lite are read, and ours are the ones that those packages have read:
// tests/golden/io/hdf5_golden.py made and checked the files, hdf5_versions.json there names the
// versions.
#include <algorithm>
#include <cstdlib>
#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "basewise/io/attribution_writer.h"
#include "basewise/io/attributions.h"
#include "basewise/io/hdf5.h"
#include "basewise/io/hdf5_writer.h"
#include "basewise/io/modisco_file.h"
#include "tests/support/error_text.h"
#include "tests/support/test_files.h"

namespace basewise::io {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

const fs::path kFolder = "tests/golden/io";

// Where files for the Python side go: into a folder when asked, else away after the test.
fs::path out_folder(const testing_files::Folder& scratch) {
  const char* asked = std::getenv("BASEWISE_GOLDEN_OUT");
  return asked ? fs::path(asked) : scratch.path();
}

// The numbers of the script, by the same arithmetic.
std::vector<float> numbers() {
  std::vector<float> values(3 * 4 * 37);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = (static_cast<float>(i * 7919 % 1009) - 500) / 8;
  return values;
}
std::vector<double> doubles() {
  std::vector<double> out;
  for (const float value : numbers()) out.push_back(static_cast<double>(value) / 3);
  return out;
}
std::vector<std::int64_t> range(std::int64_t n, std::int64_t factor, std::int64_t offset) {
  std::vector<std::int64_t> out;
  for (std::int64_t i = 0; i < n; ++i) out.push_back(i * factor + offset);
  return out;
}
std::vector<std::int64_t> bytes() {
  std::vector<std::int64_t> out;
  for (std::int64_t i = 0; i < 11; ++i) out.push_back(i * 23 % 256 - 128);
  return out;
}
std::vector<std::int64_t> truths() {
  std::vector<std::int64_t> out;
  for (std::int64_t i = 0; i < 15; ++i) out.push_back(i % 3 == 0);
  return out;
}
template <class T>
std::vector<T> as(const std::vector<std::int64_t>& values) {
  return std::vector<T>(values.begin(), values.end());
}
const std::vector<std::string> kTexts = {"chr1", "", "chrUn_KI270302v1", "Ä Ω"};

motifs::AttributionSet examples() {
  motifs::AttributionSet set;
  set.examples = 3;
  set.length = 37;
  for (std::int64_t i = 0; i < 3 * 37; ++i) set.tokens.push_back(static_cast<seq::Token>(i * 7 % 5));
  set.hypothetical = numbers();
  for (float& value : set.hypothetical) value /= 64;
  for (std::int64_t i = 0; i < 3 * 37; ++i) {
    const seq::Token token = set.tokens[static_cast<std::size_t>(i)];
    set.contributions.push_back(token == seq::kN ? 0 : set.hypothetical[static_cast<std::size_t>((i / 37 * 4 + token) * 37 + i % 37)]);
  }
  return set;
}

TEST(Hdf5Golden, NumbersOfH5py) {
  const H5File file(kFolder / "theirs.h5");
  const std::vector<float> values = numbers(), row(values.begin(), values.begin() + 37);
  for (const char* name : {"f16", "f32"}) EXPECT_EQ(file.read<float>(std::string("numbers/") + name), values) << name;
  EXPECT_EQ(file.read<double>("numbers/f64"), doubles());
  EXPECT_EQ(file.read<float>("packed"), values);
  EXPECT_THAT(file.info("packed").filters, ElementsAre("shuffle", "gzip", "fletcher32"));
  for (const char* name : {"big_endian_f4", "big_endian_f2"}) EXPECT_EQ(file.read<float>(std::string("numbers/") + name), row) << name;
  EXPECT_EQ(file.read<std::int64_t>("numbers/i8"), bytes());
  EXPECT_EQ(file.read<std::int64_t>("numbers/i16"), range(7, 5000, -15000));
  for (const char* name : {"numbers/i32", "numbers/big_endian_i4", "scale"})
    EXPECT_EQ(file.read<std::int64_t>(name), range(20, 65537, -500000)) << name;
  EXPECT_EQ(file.read<std::int64_t>("numbers/i64"), range(37, 1234567890123, -1000000000000000));
  EXPECT_EQ(file.read<std::int64_t>("numbers/u8"), range(12, 21, 0));
  EXPECT_EQ(file.read<std::int64_t>("numbers/bool"), truths());
  EXPECT_EQ(file.info("numbers/bool").type, "bool");
  EXPECT_THAT(error_text<DataError>([&] { file.read<std::int64_t>("numbers/u64"); }), HasSubstr("element 1 does not fit int64"));
  EXPECT_THAT(file.read<float>("scalar"), ElementsAre(2.5f));
  EXPECT_THAT(file.read<float>("empty"), testing::IsEmpty());
  EXPECT_THAT(file.read<float>("null"), testing::IsEmpty());
  EXPECT_THAT(error_text<DataError>([&] { file.read<float>("compound"); }), HasSubstr("holds compound; float32 is wanted"));
}

TEST(Hdf5Golden, TextsAndAttributesOfH5py) {
  const H5File file(kFolder / "theirs.h5");
  EXPECT_EQ(file.read_text("text/variable"), kTexts);
  EXPECT_EQ(file.read_text("text/fixed"), kTexts);
  EXPECT_THAT(file.read_text("text/ascii"), ElementsAre("a", "bc"));
  EXPECT_THAT(file.read_text("word"), ElementsAre("one"));
  EXPECT_THAT(file.attributes("numbers"), ElementsAre("bytes", "count", "half", "list", "scale", "truth", "word", "words"));
  EXPECT_THAT(file.attribute<std::int64_t>("numbers", "count"), ElementsAre(13));
  EXPECT_THAT(file.attribute<std::int8_t>("numbers", "truth"), ElementsAre(1));
  EXPECT_THAT(file.attribute<double>("numbers", "half"), ElementsAre(1.5));
  EXPECT_THAT(file.attribute<std::int32_t>("numbers", "list"), ElementsAre(0, 1, 2, 3, 4));
  EXPECT_THAT(file.attribute<std::string>("numbers", "bytes"), ElementsAre("fixed"));
  EXPECT_THAT(file.attribute<std::string>("numbers", "word"), ElementsAre("three"));
  EXPECT_EQ(file.attribute<std::string>("numbers", "words"), kTexts);
}

TEST(Hdf5Golden, LinksAreFollowedInsideTheFileOnly) {
  const H5File file(kFolder / "theirs.h5");
  for (const char* name : {"hard", "soft", "numbers/up/up/f32"}) EXPECT_EQ(file.read<float>(name), numbers()) << name;
  EXPECT_THAT(file.read_text("soft_group/ascii"), ElementsAre("a", "bc"));
  const std::vector<std::string> sets = file.data_sets();
  EXPECT_THAT(sets, AllOf(Contains("packed"), testing::Not(Contains("soft"))));
  EXPECT_EQ(std::count(sets.begin(), sets.end(), "hard") + std::count(sets.begin(), sets.end(), "numbers/f32"), 1);
  std::map<std::string, std::string> others;
  for (const H5Entry& entry : file.list())
    if (entry.kind == H5Kind::other) others[entry.name] = entry.why;
  EXPECT_THAT(others, testing::UnorderedElementsAre(testing::Pair("external", HasSubstr("a link to '/x' in another file, other.h5")),
                                                    testing::Pair("named_type", "a named type"),
                                                    testing::Pair("soft_broken", HasSubstr("has no 'nothing'")),
                                                    testing::Pair("soft_circle", HasSubstr("form a circle"))));
  const auto refused = [&](const char* name) { return error_text<DataError>([&] { file.read<std::int32_t>(name); }); };
  EXPECT_THAT(refused("external"), HasSubstr("is not followed; copy what it names into this file"));
  EXPECT_THAT(refused("virtual"), HasSubstr("is virtual, made of data sets of other files"));
  EXPECT_THAT(refused("elsewhere"), HasSubstr("is kept in another file, which is not opened"));
  EXPECT_THAT(refused("named_type"), HasSubstr("is a named type; a data set is wanted"));
  EXPECT_TRUE(file.contains("external"));
}

TEST(Hdf5Golden, MissingFiltersAreNamed) {
  const H5File file(kFolder / "theirs_filters.h5");
  EXPECT_THAT(file.info("blosc").filters, ElementsAre("Blosc"));
  if (std::getenv("HDF5_PLUGIN_PATH")) {
    EXPECT_EQ(file.read<float>("blosc"), numbers());
    EXPECT_EQ(file.read<float>("zstd"), numbers());
  } else {
    EXPECT_THAT(error_text<DataError>([&] { file.read<float>("blosc"); }),
                AllOf(HasSubstr("theirs_filters.h5: data set 'blosc' is packed by filter 32001 (Blosc)"), HasSubstr("HDF5_PLUGIN_PATH"),
                      HasSubstr("h5repack -f GZIP=4")));
    EXPECT_THAT(error_text<DataError>([&] { file.read<float>("zstd"); }), HasSubstr("filter 32015 (zstd)"));
  }
  EXPECT_THAT(error_text<DataError>([&] { file.read<float>("lzf"); }),
              AllOf(HasSubstr("filter 32000 (LZF)"), HasSubstr("only h5py reads it")));
}

TEST(Hdf5Golden, OursAreReadByH5py) {
  const testing_files::Folder scratch;
  H5Writer file(out_folder(scratch) / "ours.h5");
  for (const bool grown : {false, true}) {
    const auto put = [&]<class T>(const char* name, const std::vector<T>& values, std::vector<std::int64_t> shape, DType dtype) {
      const std::string path = std::string(grown ? "grown/" : "numbers/") + name;
      if (!grown) return file.write<T>(path, values, shape, {.dtype = dtype});
      const std::vector<std::int64_t> row(shape.begin() + 1, shape.end());
      file.begin(path, row, {.dtype = dtype, .gzip = 4, .chunk_rows = 2});
      const auto half = static_cast<std::size_t>(shape[0] / 2 * element_count(row));
      file.append<T>(path, std::span(values).first(half));
      file.append<T>(path, std::span(values).subspan(half));
    };
    put("f16", numbers(), {3, 4, 37}, DType::f16);
    put("f32", numbers(), {3, 4, 37}, DType::f32);
    put("f64", doubles(), {3, 4, 37}, DType::f64);
    put("i8", bytes(), {11}, DType::i8);
    put("i32", as<std::int32_t>(range(20, 65537, -500000)), {4, 5}, DType::i32);
    put("i64", range(37, 1234567890123, -1000000000000000), {37}, DType::i64);
    put("u8", as<std::uint8_t>(range(12, 21, 0)), {3, 4}, DType::u8);
    put("bool", truths(), {5, 3}, DType::boolean);
  }
  file.write_text("text/variable", kTexts);
  file.write_text("text/fixed", kTexts, true);
  file.write<float>("scalar", std::vector<float>{2.5f}, {});
  file.attribute("numbers", "count", std::int64_t{13});
  file.attribute("numbers", "scale", 0.5);
  file.attribute("numbers", "word", std::string("three"));
  file.close();
  EXPECT_EQ(H5File(out_folder(scratch) / "ours.h5").read<float>("grown/f16"), numbers());
}

TEST(Hdf5Golden, AttributionsOfChromBpnetAndBpnet) {
  const testing_files::Folder scratch;
  const motifs::AttributionSet expected = examples();
  const Attributions chrombpnet = read_attributions({.attributions = kFolder / "theirs_chrombpnet.h5"});
  const Attributions bpnet = read_attributions({.attributions = kFolder / "theirs_bpnet.h5"});
  for (const Attributions& read : {chrombpnet, bpnet}) {
    EXPECT_EQ(read.set.examples, 3);
    EXPECT_EQ(read.set.length, 37);
    EXPECT_EQ(read.set.tokens, expected.tokens);
    EXPECT_EQ(read.set.contributions, expected.contributions);
    EXPECT_EQ(read.set.hypothetical, expected.hypothetical);
    EXPECT_THAT(read.notes, testing::IsEmpty());
  }
  EXPECT_THAT(chrombpnet.loci, testing::IsEmpty());
  ASSERT_EQ(bpnet.loci.size(), 3u);
  EXPECT_EQ(bpnet.loci[2].chrom, "chr10");
  EXPECT_EQ(bpnet.loci[2].start, 30000);
  EXPECT_EQ(bpnet.loci[2].end, 30037);

  AttributionH5Writer writer(out_folder(scratch) / "ours_chrombpnet.h5", 37);
  for (std::size_t e = 0; e < 3; ++e)
    writer.append(std::span(expected.tokens).subspan(e * 37, 37), std::span(expected.hypothetical).subspan(e * 148, 148));
  writer.close();
  EXPECT_EQ(read_attributions({.attributions = out_folder(scratch) / "ours_chrombpnet.h5"}).set.hypothetical, expected.hypothetical);
}

TEST(Hdf5Golden, PatternsOfModisco) {
  const testing_files::Folder scratch;
  const ModiscoFile theirs = read_modisco(kFolder / "theirs_modisco.h5");
  EXPECT_EQ(theirs.window, 37);
  EXPECT_THAT(theirs.notes, testing::IsEmpty());
  ASSERT_EQ(theirs.patterns.size(), 3u);
  EXPECT_EQ(theirs.patterns[1].name, "pos_patterns.pattern_1");
  EXPECT_EQ(theirs.patterns[2].name, "neg_patterns.pattern_0");
  EXPECT_FALSE(theirs.patterns[2].positive);
  const motifs::Pattern& first = theirs.patterns[0];
  EXPECT_EQ(first.width(), 8);
  ASSERT_EQ(first.seqlets.size(), 4u);
  EXPECT_EQ(first.seqlets[1].example, 1);
  EXPECT_EQ(first.seqlets[1].start, 5);
  EXPECT_TRUE(first.seqlets[1].reverse);
  const motifs::AttributionSet set = examples();
  double sum = 0;
  for (std::int64_t i = 5; i < 13; ++i) sum += static_cast<double>(set.contribution(1)[i]);
  EXPECT_NEAR(first.seqlets[1].attribution, sum, 1e-6);
  ASSERT_EQ(first.subpatterns.size(), 2u);
  EXPECT_EQ(first.subpatterns[1].name, "pos_patterns.pattern_0.subpattern_1");
  EXPECT_EQ(first.subpatterns[1].seqlets[0].example, 1);

  write_modisco(out_folder(scratch) / "ours_modisco.h5", theirs.patterns, set);
  const ModiscoFile ours = read_modisco(out_folder(scratch) / "ours_modisco.h5");
  ASSERT_EQ(ours.patterns.size(), 3u);
  EXPECT_EQ(ours.window, 37);
  for (std::size_t p = 0; p < 3; ++p) {
    EXPECT_EQ(ours.patterns[p].name, theirs.patterns[p].name);
    EXPECT_EQ(ours.patterns[p].sequence, theirs.patterns[p].sequence);
    EXPECT_EQ(ours.patterns[p].hypothetical, theirs.patterns[p].hypothetical);
    EXPECT_EQ(ours.patterns[p].seqlets.size(), theirs.patterns[p].seqlets.size());
  }
}

}  // namespace
}  // namespace basewise::io
