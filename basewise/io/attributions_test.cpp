// Attributions from every layout, there and back; files of ChromBPNet and bpnet-refactor as h5py
// writes them: hdf5_golden_test.cpp.
#include "basewise/io/attributions.h"

#include <cmath>
#include <fstream>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "basewise/io/attribution_writer.h"
#include "basewise/io/hdf5_writer.h"
#include "basewise/io/npy.h"
#include "basewise/io/npz_writer.h"
#include "tests/support/error_text.h"
#include "tests/support/test_files.h"

namespace basewise::io {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing_files::Folder;

constexpr std::int64_t kN = 3, kL = 11;

std::vector<seq::Token> tokens() {
  std::vector<seq::Token> out;
  for (std::int64_t i = 0; i < kN * kL; ++i) out.push_back(static_cast<seq::Token>(i * 7 % 5));
  return out;
}
std::vector<float> scores() {
  std::vector<float> out;
  for (std::int64_t i = 0; i < kN * 4 * kL; ++i) out.push_back(static_cast<float>(i * 37 % 101 - 50) / 64);
  return out;
}
// 0 for letters that are not there.
std::vector<float> projected() {
  std::vector<float> out = scores();
  for (std::int64_t i = 0; i < kN * 4 * kL; ++i)
    if (tokens()[static_cast<std::size_t>(i / (4 * kL) * kL + i % kL)] != i / kL % 4) out[static_cast<std::size_t>(i)] = 0;
  return out;
}
// (N, L): what of `values` belongs to the letters that are there.
std::vector<float> contributions() {
  std::vector<float> out;
  for (std::int64_t i = 0; i < kN * kL; ++i) {
    const seq::Token token = tokens()[static_cast<std::size_t>(i)];
    out.push_back(token == seq::kN ? 0 : scores()[static_cast<std::size_t>((i / kL * 4 + token) * kL + i % kL)]);
  }
  return out;
}
template <class T>
std::vector<T> one_hot() {
  std::vector<T> out(kN * 4 * kL, T{0});
  for (std::int64_t i = 0; i < kN * kL; ++i)
    if (const seq::Token token = tokens()[static_cast<std::size_t>(i)]; token < 4)
      out[static_cast<std::size_t>((i / kL * 4 + token) * kL + i % kL)] = T{1};
  return out;
}
// (N, 4, L) as (N, L, 4).
template <class T>
std::vector<T> turned(const std::vector<T>& values) {
  std::vector<T> out(values.size());
  for (std::int64_t e = 0; e < kN; ++e)
    for (std::int64_t c = 0; c < 4; ++c)
      for (std::int64_t i = 0; i < kL; ++i)
        out[static_cast<std::size_t>((e * kL + i) * 4 + c)] = values[static_cast<std::size_t>((e * 4 + c) * kL + i)];
  return out;
}

const std::vector<std::int64_t> kShape = {kN, 4, kL}, kTurnedShape = {kN, kL, 4};

template <class T>
fs::path npy(const Folder& folder, const std::string& name, const std::vector<T>& values, const std::vector<std::int64_t>& shape) {
  write_npy(folder.path() / name, TensorView::of(std::span<const T>(values), shape));
  return folder.path() / name;
}

void write_pair(const Folder& folder, const std::vector<float>& values, const AttributionWriteOptions& options = {}) {
  AttributionPairWriter writer(folder.path() / "sequences.npz", folder.path() / "attributions.npz", kL, options);
  // Batches of one and of two examples.
  const std::vector<seq::Token> letters = tokens();
  writer.append(std::span(letters).first(kL), std::span(values).first(4 * kL));
  writer.append(std::span(letters).subspan(kL), std::span(values).subspan(4 * kL));
  writer.close();
}

void expect_all(const Attributions& read) {
  EXPECT_EQ(read.set.examples, kN);
  EXPECT_EQ(read.set.length, kL);
  EXPECT_EQ(read.set.tokens, tokens());
  EXPECT_EQ(read.set.contributions, contributions());
  EXPECT_EQ(read.set.hypothetical, scores());
}

TEST(Attributions, PairOfNpzThereAndBack) {
  for (const DType type : {DType::f32, DType::f16}) {
    const Folder folder;
    write_pair(folder, scores(), {.pair_type = type});
    const Attributions read =
        read_attributions({.attributions = folder.path() / "attributions.npz", .sequences = folder.path() / "sequences.npz"});
    expect_all(read);
    EXPECT_THAT(read.notes, IsEmpty());
    EXPECT_THAT(read.loci, IsEmpty());
  }
}

TEST(Attributions, BothOrdersOfAxesAndEveryType) {
  const Folder folder;
  std::vector<double> wide;
  for (const float value : scores()) wide.push_back(static_cast<double>(value));
  const fs::path a = npy(folder, "a.npy", scores(), kShape), b = npy(folder, "b.npy", turned(scores()), kTurnedShape),
                 c = npy(folder, "c.npy", wide, kShape);
  const fs::path x = npy(folder, "x.npy", one_hot<std::int8_t>(), kShape), y = npy(folder, "y.npy", turned(one_hot<float>()), kTurnedShape),
                 z = npy(folder, "z.npy", one_hot<std::uint8_t>(), kShape);
  for (const fs::path& attributions : {a, b, c})
    for (const fs::path& sequences : {x, y, z}) expect_all(read_attributions({.attributions = attributions, .sequences = sequences}));
}

TEST(Attributions, ProjectedScoresAreTold) {
  const Folder folder;
  write_pair(folder, projected(), {.hypothetical = false});
  const AttributionFiles files{.attributions = folder.path() / "attributions.npz", .sequences = folder.path() / "sequences.npz"};
  const Attributions read = read_attributions(files);
  EXPECT_EQ(read.set.contributions, contributions());
  EXPECT_THAT(read.set.hypothetical, IsEmpty());
  EXPECT_THAT(read.notes, ElementsAre(HasSubstr("only letters that are there have attributions")));
  write_pair(folder, std::vector<float>(kN * 4 * kL, 0.0f));
  EXPECT_THAT(read_attributions(files).notes, ElementsAre(HasSubstr("every attribution is 0")));
}

TEST(Attributions, Hdf5ThereAndBack) {
  const Folder folder;
  for (const bool hypothetical : {true, false}) {
    AttributionH5Writer writer(folder.path() / "x.h5", kL, {.hypothetical = hypothetical});
    writer.append(tokens(), hypothetical ? scores() : projected());
    writer.append({}, {});
    writer.close();
    const Attributions read = read_attributions({.attributions = folder.path() / "x.h5"});
    if (hypothetical) expect_all(read);
    EXPECT_EQ(read.set.contributions, contributions());
    EXPECT_EQ(read.set.hypothetical.empty(), !hypothetical);
  }
}

void write_folder(const Folder& folder, const std::string& about, const std::string& loci) {
  write_pair(folder, scores());
  folder.file("attribute.json", about);
  folder.file("loci.tsv", loci);
}

const char* const kAbout = R"({"schema": "basewise/attribution/1", "hypothetical": true})";
const char* const kLoci =
    "example\tname\tchrom\tstart\tend\tstrand\tprediction\tconvergence\n"
    "0\tone\tchr1\t100\t111\t+\t0.5\t1e-6\n1\ttwo\tchr2\t200\t211\t-\t0.5\t1e-6\n2\tthree\t\t\t\t\t0.5\t\n";

TEST(Attributions, FolderWithLoci) {
  const Folder folder;
  write_folder(folder, kAbout, kLoci);
  const Attributions read = read_attributions({.attributions = folder.path()});
  expect_all(read);
  ASSERT_EQ(read.loci.size(), 3u);
  EXPECT_EQ(read.loci[0].name, "one");
  EXPECT_EQ(read.loci[0].start, 100);
  EXPECT_TRUE(read.loci[1].reverse);
  EXPECT_EQ(read.loci[2].chrom, "");
}

TEST(Attributions, WindowsAtTheCentreTakeTheirLociAlong) {
  const Folder folder;
  write_folder(folder, kAbout, kLoci);
  const Attributions read = read_attributions({.attributions = folder.path(), .window = 4});
  EXPECT_EQ(read.set.length, 4);
  for (std::int64_t e = 0; e < kN; ++e)
    for (std::int64_t i = 0; i < 4; ++i) {
      const auto at = static_cast<std::size_t>(e * kL + 3 + i), to = static_cast<std::size_t>(e * 4 + i);
      EXPECT_EQ(read.set.tokens[to], tokens()[at]);
      EXPECT_EQ(read.set.contributions[to], contributions()[at]);
      for (std::int64_t c = 0; c < 4; ++c)
        EXPECT_EQ(read.set.hypothetical[static_cast<std::size_t>((e * 4 + c) * 4 + i)],
                  scores()[static_cast<std::size_t>((e * 4 + c) * kL + 3 + i)]);
    }
  EXPECT_EQ(read.loci[0].start, 103);
  EXPECT_EQ(read.loci[0].end, 107);
  // Position 3 of the example that reads the other strand is base 211 - 1 - 3.
  EXPECT_EQ(read.loci[1].start, 204);
  EXPECT_EQ(read.loci[1].end, 208);
  EXPECT_THAT(read.notes, ElementsAre(HasSubstr("4 positions at the centre of 11 are used")));
}

TEST(Attributions, LociOfABedFile) {
  const Folder folder;
  write_pair(folder, scores());
  AttributionFiles files{.attributions = folder.path() / "attributions.npz", .sequences = folder.path() / "sequences.npz"};
  files.loci = folder.file("x.narrowPeak",
                           "chr1\t100\t111\ta\t0\t.\t1\t1\t1\t3\n"
                           "chr1\t100\t130\tb\t0\t.\t1\t1\t1\t12\n"
                           "chr2\t40\t60\tc\t0\t.\t1\t1\t1\t-1\n");
  const Attributions read = read_attributions(files);
  EXPECT_EQ(read.loci[0].start, 100);
  EXPECT_EQ(read.loci[1].start, 107);
  EXPECT_EQ(read.loci[2].start, 45);
  EXPECT_EQ(read.loci[2].end, 56);
  EXPECT_THAT(read.notes, ElementsAre(HasSubstr("2 intervals are not 11 long")));
  files.loci = folder.file("two.bed", "chr1\t100\t111\nchr1\t100\t111\n");
  EXPECT_THAT(error_text<DataError>([&] { read_attributions(files); }), HasSubstr("two.bed: has 2 loci, but there are 3 examples"));
}

// One fault at a time.

std::string pair_error(const std::function<void(std::vector<float>&, std::vector<float>&)>& spoil,
                       const std::vector<std::int64_t>& shape = kShape, const std::vector<std::int64_t>& sequence_shape = kShape) {
  const Folder folder;
  std::vector<float> letters = one_hot<float>(), numbers = scores();
  spoil(letters, numbers);
  const fs::path x = npy(folder, "x.npy", letters, sequence_shape), y = npy(folder, "y.npy", numbers, shape);
  return error_text<DataError>([&] { read_attributions({.attributions = y, .sequences = x}); });
}

TEST(Attributions, WhatIsRefused) {
  const auto at = [](std::int64_t e, std::int64_t c, std::int64_t i) { return static_cast<std::size_t>((e * 4 + c) * kL + i); };
  EXPECT_THAT(pair_error([&](auto&, auto& y) { y[at(2, 1, 7)] = std::nanf(""); }),
              HasSubstr("y.npy: the array holds nan at example 2, letter C, position 7"));
  EXPECT_THAT(pair_error([&](auto&, auto& y) { y[at(0, 3, 10)] = -std::numeric_limits<float>::infinity(); }),
              HasSubstr("holds -inf at example 0, letter T, position 10"));
  // The letter at example 1, position 2 is token (13 * 7) % 5 = 1.
  EXPECT_THAT(pair_error([&](auto& x, auto&) { x[at(1, 3, 2)] = 1; }),
              HasSubstr("x.npy: the array holds 0 1 0 1 at example 1, position 2; one 1 and three 0"));
  EXPECT_THAT(pair_error([&](auto& x, auto&) { x[at(1, 1, 2)] = 0.25f; }), HasSubstr("holds 0 0.25 0 0 at example 1, position 2"));
  EXPECT_THAT(pair_error([&](auto& x, auto&) { x[at(1, 0, 2)] = -1, x[at(1, 2, 2)] = 1; }),
              HasSubstr("holds -1 1 1 0 at example 1, position 2"));
  EXPECT_THAT(pair_error([&](auto& x, auto&) { x[at(1, 0, 2)] = std::nanf(""); }), HasSubstr("holds nan 1 0 0 at example 1"));
  EXPECT_THAT(pair_error([](auto&, auto& y) { y.resize(2 * 4 * kL); }, {2, 4, kL}), HasSubstr("has 3 examples of 11 positions, but"));
  EXPECT_THAT(pair_error([](auto&, auto&) {}, {kN * 4, kL}), HasSubstr("has shape (12, 11); (examples, 4, positions) or"));
  EXPECT_THAT(pair_error([](auto&, auto&) {}, {4, kN, kL}), HasSubstr("an axis of 4 letters was expected"));
  EXPECT_THAT(pair_error([](auto&, auto& y) { y.resize(48); }, {3, 4, 4}), HasSubstr("cannot be told which are the letters"));
  EXPECT_THAT(pair_error([](auto& x, auto&) { x.clear(); }, kShape, {0, 4, kL}), HasSubstr("there are no examples"));
  EXPECT_THAT(pair_error([](auto& x, auto&) { x.clear(); }, kShape, {3, 4, 0}), HasSubstr("there are no positions"));
}

TEST(Attributions, FilesThatAreNot) {
  const Folder folder;
  write_folder(folder, kAbout, kLoci);
  const fs::path pair = folder.path() / "attributions.npz", letters = folder.path() / "sequences.npz";
  EXPECT_THAT(error_text<ArgumentError>([&] { read_attributions({.attributions = pair}); }),
              HasSubstr("holds attributions without sequences"));
  EXPECT_THAT(error_text<ArgumentError>([&] { read_attributions({.attributions = folder.path(), .sequences = letters}); }),
              HasSubstr("one file too many"));
  EXPECT_THAT(error_text<DataError>([&] { read_attributions({.attributions = folder.path(), .window = 12}); }),
              HasSubstr("has examples of 11 positions; a window of 12"));
  EXPECT_THAT(error_text<DataError>([&] { read_attributions({.attributions = folder.path() / "loci.tsv", .sequences = letters}); }),
              HasSubstr("is neither .npz nor .npy"));
  const Folder other;
  EXPECT_THAT(error_text<DataError>([&] { read_attributions({.attributions = other.path()}); }), HasSubstr("holds no attribute.json"));
  const auto folder_error = [&](const std::string& about, const std::string& loci) {
    write_folder(folder, about, loci);
    return error_text<DataError>([&] { read_attributions({.attributions = folder.path()}); });
  };
  EXPECT_THAT(folder_error(R"({"schema": "x"})", kLoci),
              HasSubstr("attribute.json: schema is \"x\"; \"basewise/attribution/1\" was expected"));
  EXPECT_THAT(folder_error(R"({"schema": "basewise/attribution/1"})", kLoci), HasSubstr("hypothetical is null; true or false"));
  EXPECT_THAT(folder_error(R"({"schema": "basewise/attribution/1", "hypothetical": false})", kLoci),
              HasSubstr("should hold attributions of the letters that are there, but example 0, position 0 has one of another letter"));
  EXPECT_THAT(folder_error(kAbout, "example\tname\tchrom\tstart\tend\tstrand\n0\tx\t\t\t\t\n2\ty\t\t\t\t\n"),
              HasSubstr("loci.tsv:3: example 2 where 1 was expected"));
  EXPECT_THAT(folder_error(kAbout, "example\tname\tchrom\tstart\tend\tstrand\n0\tx\tchr1\t5\t9\t+\n1\ty\t\t\t\t\n2\tz\t\t\t\t\n"),
              HasSubstr("locus 0 (chr1:5-9) is not as long as the examples, 11"));
  H5Writer writer(folder.path() / "x.h5");
  writer.write<float>("other", std::vector<float>{1}, {1});
  writer.close();
  EXPECT_THAT(error_text<DataError>([&] { read_attributions({.attributions = folder.path() / "x.h5"}); }),
              HasSubstr("x.h5: holds 'other'; raw/seq with shap/seq"));
}

TEST(Attributions, WhatWritersRefuse) {
  const Folder folder;
  const auto refused = [&](std::vector<seq::Token> letters, std::vector<float> values, bool hypothetical = true) {
    AttributionH5Writer writer(folder.path() / "x.h5", kL, {.hypothetical = hypothetical});
    return error_text<ArgumentError>([&] { writer.append(letters, values); });
  };
  std::vector<float> large = scores();
  large[4 * kL + 2 * kL + 5] = 70000;
  EXPECT_THAT(refused(tokens(), large),
              HasSubstr("example 1, letter G, position 5: the attribution is 70000, which the file does not hold"));
  large[0] = std::nanf("");
  EXPECT_THAT(refused(tokens(), large), HasSubstr("example 0, letter A, position 0: the attribution is nan"));
  EXPECT_THAT(refused({0, 1}, scores()), HasSubstr("2 letters and 132 attributions are no examples of 11 positions"));
  EXPECT_THAT(refused(tokens(), scores(), false), HasSubstr("its letter is not there"));
  EXPECT_EQ(folder.count(), 0u);
  EXPECT_THAT(error_text<ArgumentError>([&] { write_pair(folder, scores(), {.pair_type = DType::f64}); }),
              HasSubstr("float32 or float16, not float64"));
}

}  // namespace
}  // namespace basewise::io
