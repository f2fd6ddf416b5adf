// Patterns in the layout of TF-MoDISco, there and back;
// a file of modisco-lite: hdf5_golden_test.cpp.
#include "basewise/io/modisco_file.h"

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "basewise/io/hdf5.h"
#include "basewise/io/hdf5_writer.h"
#include "tests/support/error_text.h"
#include "tests/support/test_files.h"

namespace basewise::io {
namespace {

using motifs::AttributionSet;
using motifs::Pattern;
using motifs::Seqlet;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing_files::Folder;

constexpr std::int64_t kN = 3, kL = 11;

AttributionSet set_of(bool hypothetical) {
  AttributionSet set;
  set.examples = kN;
  set.length = kL;
  for (std::int64_t i = 0; i < kN * kL; ++i) {
    set.tokens.push_back(static_cast<seq::Token>(i * 7 % 5));
    set.contributions.push_back(set.tokens.back() == seq::kN ? 0.0f : static_cast<float>(i) / 8);
  }
  for (std::int64_t i = 0; hypothetical && i < kN * 4 * kL; ++i) set.hypothetical.push_back(static_cast<float>(i) / 16);
  return set;
}

Pattern pattern_of(std::int64_t width, bool positive, std::vector<Seqlet> seqlets) {
  Pattern pattern;
  pattern.positive = positive;
  for (std::int64_t i = 0; i < width; ++i) {
    const auto x = static_cast<double>(i);
    pattern.sequence.push_back({0.5, 0.25, 0.25, 0});
    pattern.contributions.push_back({x, 0, -x / 3, 1});
    pattern.hypothetical.push_back({x, 1, -x / 7, 1});
  }
  pattern.seqlets = std::move(seqlets);
  return pattern;
}

std::vector<Pattern> patterns() {
  std::vector<Pattern> all;
  for (std::int64_t k = 0; k < 11; ++k) all.push_back(pattern_of(3 + k % 2, k % 4 != 3, {{k % 3, k % 5, k % 5 + 3 + k % 2, k % 2 == 0}}));
  all[0].subpatterns = {pattern_of(3, true, {{2, 8, 11, true}}), pattern_of(3, true, {{0, 0, 3, false}})};
  return all;
}

TEST(ModiscoFile, PatternsThereAndBackInOrderOfNumbers) {
  const Folder folder;
  const AttributionSet set = set_of(true);
  write_modisco(folder.path() / "x.h5", patterns(), set);
  const ModiscoFile read = read_modisco(folder.path() / "x.h5");
  EXPECT_EQ(read.window, kL);
  EXPECT_THAT(read.notes, IsEmpty());
  ASSERT_EQ(read.patterns.size(), 11u);
  std::vector<Pattern> expected = patterns();
  std::stable_partition(expected.begin(), expected.end(), [](const Pattern& p) { return p.positive; });
  for (std::size_t k = 0; k < 11; ++k) {
    const Pattern &a = read.patterns[k], &b = expected[k];
    EXPECT_EQ(a.name, k < 9 ? format("pos_patterns.pattern_{}", k) : format("neg_patterns.pattern_{}", k - 9));
    EXPECT_EQ(a.positive, b.positive);
    EXPECT_EQ(a.sequence, b.sequence);
    EXPECT_EQ(a.contributions, b.contributions);
    EXPECT_EQ(a.hypothetical, b.hypothetical);
    ASSERT_EQ(a.seqlets.size(), 1u);
    EXPECT_EQ(a.seqlets[0].example, b.seqlets[0].example);
    EXPECT_EQ(a.seqlets[0].start, b.seqlets[0].start);
    EXPECT_EQ(a.seqlets[0].end, b.seqlets[0].end);
    EXPECT_EQ(a.seqlets[0].reverse, b.seqlets[0].reverse);
    double sum = 0;
    for (std::int64_t i = b.seqlets[0].start; i < b.seqlets[0].end; ++i)
      sum += static_cast<double>(set.contribution(b.seqlets[0].example)[i]);
    EXPECT_DOUBLE_EQ(a.seqlets[0].attribution, sum);
  }
  ASSERT_EQ(read.patterns[0].subpatterns.size(), 2u);
  EXPECT_EQ(read.patterns[0].subpatterns[1].name, "pos_patterns.pattern_0.subpattern_1");
  EXPECT_EQ(read.patterns[0].subpatterns[0].seqlets[0].start, 8);
}

TEST(ModiscoFile, SeqletsReadAsTheirPatternDoes) {
  const Folder folder;
  const AttributionSet set = set_of(true);
  write_modisco(folder.path() / "x.h5", {pattern_of(2, true, {{1, 3, 5, false}, {1, 3, 5, true}})}, set);
  const H5File file(folder.path() / "x.h5");
  const std::string seqlets = "pos_patterns/pattern_0/seqlets/";
  for (const char* name : {"sequence", "contrib_scores", "hypothetical_contribs"}) {
    EXPECT_THAT(file.info(seqlets + name).shape, ElementsAre(2, 2, 4));
    const std::vector<float> values = file.read<float>(seqlets + name);
    for (std::size_t i = 0; i < 8; ++i) EXPECT_EQ(values[i], values[15 - i]) << name;
  }
  // Example 1, positions 3 and 4: tokens (14 * 7) % 5 = 3 and (15 * 7) % 5 = 0.
  EXPECT_THAT(std::vector<float>(file.read<float>(seqlets + "sequence")), ElementsAre(0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 1, 1, 0, 0, 0));
  const auto scores = file.read<float>(seqlets + "hypothetical_contribs");
  for (std::size_t c = 0; c < 4; ++c) EXPECT_EQ(scores[4 + c], set.hypothetical[(4 + c) * kL + 4]);
  EXPECT_EQ(file.read<float>(seqlets + "contrib_scores")[3], 14.0f / 8);
}

// What `modisco report` (modisco-lite 3.0.0, memelite 0.5.0) and Fi-NeMo 0.41 (load_modisco_motifs
// of finemo/data_io.py) open by name; both have read our files with these names and types.
TEST(ModiscoFile, HasTheLayoutThatOtherReadersOpen) {
  const Folder folder;
  write_modisco(folder.path() / "x.h5", patterns(), set_of(true));
  const H5File file(folder.path() / "x.h5");
  EXPECT_THAT(file.attributes(), ElementsAre("window_size"));
  EXPECT_THAT(file.attribute<std::int64_t>("", "window_size"), ElementsAre(kL));
  EXPECT_EQ(file.list().size(), 2u);
  for (const H5Entry& entry : file.list()) EXPECT_EQ(entry.kind, H5Kind::group) << entry.name;
  // Fi-NeMo takes every name below pos_patterns and neg_patterns as a pattern.
  EXPECT_EQ(file.list("pos_patterns").size(), 9u);
  EXPECT_EQ(file.list("neg_patterns").size(), 2u);
  const std::vector<std::string> names = file.data_sets("pos_patterns/pattern_0/subpattern_1");
  EXPECT_EQ(names.size(), 11u);
  for (const char* group : {"pos_patterns/pattern_0/", "pos_patterns/pattern_0/subpattern_1/", "neg_patterns/pattern_1/"}) {
    const std::int64_t width = std::string_view(group).starts_with("neg") ? 4 : 3;
    for (const char* name : {"sequence", "contrib_scores", "hypothetical_contribs"}) {
      EXPECT_EQ(file.info(std::string(group) + name).dtype, DType::f64) << group << name;
      EXPECT_THAT(file.info(std::string(group) + name).shape, ElementsAre(width, 4)) << group << name;
      EXPECT_EQ(file.info(format("{}seqlets/{}", group, name)).dtype, DType::f32) << group << name;
      EXPECT_THAT(file.info(format("{}seqlets/{}", group, name)).shape, ElementsAre(1, width, 4)) << group << name;
    }
    for (const char* name : {"n_seqlets", "start", "end", "example_idx", "is_revcomp"}) {
      EXPECT_EQ(file.info(format("{}seqlets/{}", group, name)).dtype, std::string_view(name) == "is_revcomp" ? DType::boolean : DType::i64);
      EXPECT_THAT(file.info(format("{}seqlets/{}", group, name)).shape, ElementsAre(1)) << group << name;
    }
  }
}

TEST(ModiscoFile, WithoutHypotheticalAttributions) {
  const Folder folder;
  std::vector<Pattern> all = {pattern_of(3, false, {{0, 2, 5, false}})};
  all[0].hypothetical.clear();
  write_modisco(folder.path() / "x.h5", all, set_of(false));
  const ModiscoFile read = read_modisco(folder.path() / "x.h5");
  EXPECT_THAT(read.patterns[0].hypothetical, IsEmpty());
  EXPECT_EQ(H5File(folder.path() / "x.h5").read<double>("neg_patterns/pattern_0/hypothetical_contribs"),
            H5File(folder.path() / "x.h5").read<double>("neg_patterns/pattern_0/contrib_scores"));
  EXPECT_FALSE(H5File(folder.path() / "x.h5").contains("pos_patterns"));
}

TEST(ModiscoFile, NoPatternsIsSaid) {
  const Folder folder;
  write_modisco(folder.path() / "x.h5", {}, set_of(true));
  const ModiscoFile read = read_modisco(folder.path() / "x.h5");
  EXPECT_THAT(read.patterns, IsEmpty());
  EXPECT_THAT(read.notes, ElementsAre(HasSubstr("holds no patterns")));
}

TEST(ModiscoFile, FilesOfOlderVersionsLackThings) {
  const Folder folder;
  H5Writer writer(folder.path() / "x.h5");
  for (const char* name : {"sequence", "contrib_scores", "hypothetical_contribs"})
    writer.write<double>(std::string("pos_patterns/pattern_0/") + name, std::vector<double>(8, 0.25), {2, 4});
  writer.write<std::int64_t>("pos_patterns/pattern_0/seqlets/n_seqlets", std::vector<std::int64_t>{5}, {1});
  writer.close();
  const ModiscoFile read = read_modisco(folder.path() / "x.h5");
  EXPECT_THAT(read.patterns[0].seqlets, IsEmpty());
  EXPECT_THAT(read.notes,
              ElementsAre(HasSubstr("does not say the length of the examples"), HasSubstr("1 patterns come without their seqlets")));
}

TEST(ModiscoFile, WhatAWriterRefuses) {
  const Folder folder;
  const auto refused = [&](const Pattern& pattern) {
    return error_text<ArgumentError>([&] { write_modisco(folder.path() / "x.h5", {pattern}, set_of(true)); });
  };
  for (const Seqlet& wrong : std::vector<Seqlet>{{3, 0, 3}, {-1, 0, 3}, {0, -1, 2}, {0, 9, 12}, {0, 0, 4}})
    EXPECT_THAT(refused(pattern_of(3, true, {{0, 0, 3}, wrong})), HasSubstr("pattern 'pos_patterns/pattern_0' (): seqlet 1 is ["));
  EXPECT_THAT(refused(pattern_of(0, true, {})), HasSubstr("has no positions"));
  Pattern uneven = pattern_of(3, true, {});
  uneven.contributions.pop_back();
  EXPECT_THAT(refused(uneven), HasSubstr("has 3 positions of sequence, 2 of contributions"));
  EXPECT_EQ(folder.count(), 0u);
}

// A file with one thing different.
std::string read_error(const std::string& name, const std::vector<double>& values, const std::vector<std::int64_t>& shape) {
  const Folder folder;
  H5Writer writer(folder.path() / "x.h5");
  const auto put = [&](const std::string& path, std::vector<double> usual, std::vector<std::int64_t> usual_shape) {
    writer.write<double>("pos_patterns/pattern_0/" + path, path == name ? values : usual, path == name ? shape : usual_shape);
  };
  const auto number = [&](const std::string& path, std::vector<std::int64_t> usual) {
    if (path == name) usual.assign(values.begin(), values.end());
    writer.write<std::int64_t>("pos_patterns/pattern_0/seqlets/" + path, usual, {static_cast<std::int64_t>(usual.size())});
  };
  for (const char* means : {"sequence", "contrib_scores", "hypothetical_contribs"}) put(means, std::vector<double>(8, 0.25), {2, 4});
  number("n_seqlets", {2});
  number("start", {3, 4});
  number("end", {5, 6});
  number("example_idx", {0, 7});
  number("is_revcomp", {0, 1});
  put("seqlets/contrib_scores", std::vector<double>(16, 0.5), {2, 2, 4});
  writer.close();
  return error_text<DataError>([&] { read_modisco(folder.path() / "x.h5"); });
}

TEST(ModiscoFile, WhatAReaderRefuses) {
  EXPECT_THAT(read_error("sequence", {1, 2, 3, 4, 5, 6}, {2, 3}),
              HasSubstr("'pos_patterns/pattern_0/sequence' has shape (2, 3); (positions, 4)"));
  EXPECT_THAT(read_error("contrib_scores", std::vector<double>(12, 0), {3, 4}),
              HasSubstr("has 2 positions of sequence, but 3 of contrib_scores"));
  EXPECT_THAT(read_error("contrib_scores", std::vector<double>(8, std::nan("")), {2, 4}), HasSubstr("holds nan at position 0"));
  EXPECT_THAT(read_error("n_seqlets", {3}, {}), HasSubstr("has n_seqlets 3, but 2 starts"));
  EXPECT_THAT(read_error("end", {5}, {}), HasSubstr("has 1 numbers, but there are 2 seqlets"));
  EXPECT_THAT(read_error("end", {5, 7}, {}), HasSubstr("has seqlet 1 at [4, 7) of example 7"));
  EXPECT_THAT(read_error("example_idx", {0, -1}, {}), HasSubstr("of example -1"));
  EXPECT_THAT(read_error("is_revcomp", {0, 2}, {}), HasSubstr("is_revcomp 2"));
  EXPECT_THAT(read_error("seqlets/contrib_scores", std::vector<double>(8, 0), {2, 1, 4}),
              HasSubstr("has shape (2, 1, 4); (2, 2, 4) was expected"));
  EXPECT_THAT(read_error("seqlets/contrib_scores", std::vector<double>(16, HUGE_VAL), {2, 2, 4}), HasSubstr("not finite in seqlet 0"));
  const Folder folder;
  H5Writer(folder.path() / "x.h5").close();
  EXPECT_THAT(error_text<DataError>([&] { read_modisco(folder.path() / "x.h5"); }), HasSubstr("has neither pos_patterns nor neg_patterns"));
}

}  // namespace
}  // namespace basewise::io
