// Files of NumPy, safetensors and pyBigWig are read, and ours are the ones that those packages have
// read: tests/golden/io/binary_golden.py made and checked the files, versions.json there names the
// versions.
#include <cmath>
#include <cstdlib>

#include <gtest/gtest.h>

#include "basewise/core/files.h"
#include "basewise/io/bigwig.h"
#include "basewise/io/bigwig_writer.h"
#include "basewise/io/npy.h"
#include "basewise/io/npz.h"
#include "basewise/io/npz_writer.h"
#include "basewise/io/safetensors.h"

namespace basewise::io {
namespace {

const fs::path kFolder = "tests/golden/io";

// The arrays of the script, by the same arithmetic.
std::vector<std::pair<std::string, Array>> arrays() {
  std::vector<float> f32(3 * 4 * 37);
  for (std::size_t i = 0; i < f32.size(); ++i) f32[i] = (static_cast<float>(i * 7919 % 1009) - 500) / 8;
  std::vector<double> f64(60);
  for (std::size_t i = 0; i < f64.size(); ++i) f64[i] = (static_cast<double>(i * 104729 % 10007) - 5000) / 64;
  std::vector<std::int64_t> i64(37);
  for (std::size_t i = 0; i < i64.size(); ++i) i64[i] = static_cast<std::int64_t>(i) * 1234567890123 - 1000000000000000;
  std::vector<std::int32_t> i32(20);
  for (std::size_t i = 0; i < i32.size(); ++i) i32[i] = static_cast<std::int32_t>(i) * 65537 - 500000;
  std::vector<std::int8_t> i8(11);
  for (std::size_t i = 0; i < i8.size(); ++i) i8[i] = static_cast<std::int8_t>(static_cast<int>(i * 23 % 256) - 128);
  std::vector<std::uint8_t> u8(12), flags(15);
  for (std::size_t i = 0; i < u8.size(); ++i) u8[i] = static_cast<std::uint8_t>(i * 21);
  for (std::size_t i = 0; i < flags.size(); ++i) flags[i] = i % 3 == 0;
  Array boolean = Array::of(flags, {5, 3});
  boolean.dtype = DType::boolean;
  return {{"f32", Array::of(f32, {3, 4, 37})},
          {"f64", Array::of(f64, {5, 12})},
          {"i64", Array::of(i64, {37})},
          {"i32", Array::of(i32, {4, 5})},
          {"i8", Array::of(i8, {11})},
          {"u8", Array::of(u8, {3, 4})},
          {"bool", boolean},
          {"scalar", Array::of(std::vector<float>{2.5f}, {})},
          {"empty", Array::of(std::vector<float>{}, {0, 4})}};
}

const TrackChromosomes kChromosomes{{"chrB", 5000}, {"chrA", 300}, {"chrC", 70}};

std::vector<float> run() {
  std::vector<float> values(4000);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = i % 1000 > 900 ? kMissing : (static_cast<float>(i * 7919 % 1009) - 500) / 8;
  return values;
}

const std::vector<TrackInterval> kStretches{{3, 10, 1.5f}, {10, 25, -2.25f}, {40, 70, 1e6f}};

std::vector<float> expected_track(std::size_t chromosome) {
  std::vector<float> values(static_cast<std::size_t>(kChromosomes[chromosome].second), kMissing);
  const std::vector<float> data = run();
  if (chromosome == 0) std::copy(data.begin(), data.end(), values.begin() + 17);
  if (chromosome == 1) std::copy(data.begin(), data.begin() + 300, values.begin());
  if (chromosome == 2)
    for (const TrackInterval& stretch : kStretches) std::fill(values.begin() + stretch.start, values.begin() + stretch.end, stretch.value);
  return values;
}

void expect_equal(const TensorView& got, const Array& want, const std::string& what) {
  EXPECT_EQ(name(got.dtype), name(want.dtype)) << what;
  EXPECT_EQ(got.shape, want.shape) << what;
  EXPECT_TRUE(std::equal(got.bytes.begin(), got.bytes.end(), want.bytes.begin(), want.bytes.end())) << what;
}

void expect_track(const fs::path& path) {
  const BigWigReader reader(path);
  EXPECT_EQ(reader.chromosomes(), kChromosomes);
  for (std::size_t c = 0; c < kChromosomes.size(); ++c) {
    const std::vector<float> got = reader.values(kChromosomes[c].first, 0, kChromosomes[c].second), want = expected_track(c);
    ASSERT_EQ(got.size(), want.size());
    for (std::size_t i = 0; i < got.size(); ++i)
      ASSERT_TRUE(got[i] == want[i] || (std::isnan(got[i]) && std::isnan(want[i]))) << path << " " << kChromosomes[c].first << ":" << i;
  }
}

// Where our files of today go; BASEWISE_GOLDEN_OUT makes the committed ones anew (then run the
// script's `check`).
fs::path out_folder() {
  if (const char* folder = std::getenv("BASEWISE_GOLDEN_OUT")) return folder;
  const fs::path folder = fs::path(testing::TempDir()) / "golden_binary";
  fs::create_directories(folder);
  return folder;
}

void write_npz(const fs::path& path, NpzOptions options) {
  NpzWriter writer(path, options);
  for (const auto& [key, array] : arrays()) writer.add(key, array.view());
  writer.close();
}

TEST(GoldenBinary, NpzOfNumpyIsRead) {
  for (const char* file : {"theirs.npz", "theirs_deflated.npz"}) {
    const NpzFile npz(kFolder / file);
    std::vector<std::string> keys;
    for (const auto& [key, array] : arrays()) {
      keys.push_back(key);
      expect_equal(npz.read(key).view(), array, std::string(file) + " " + key);
    }
    EXPECT_EQ(npz.names(), keys);
  }
}

TEST(GoldenBinary, FortranOrderIsTransposed) {
  expect_equal(read_npy(kFolder / "theirs_fortran.npy").view(), arrays()[0].second, "theirs_fortran.npy");
}

TEST(GoldenBinary, SafetensorsOfThePythonPackageAreRead) {
  const SafetensorsFile file(kFolder / "theirs.safetensors");
  EXPECT_EQ(file.names().size(), arrays().size());
  for (const auto& [key, array] : arrays()) expect_equal(file.at(key), array, key);
  EXPECT_EQ(file.metadata(), (Metadata{{"origin", "binary_golden.py"}, {"ä", "ö"}}));
}

TEST(GoldenBinary, BigWigOfPyBigWigIsRead) { expect_track(kFolder / "theirs.bw"); }

TEST(GoldenBinary, OurArraysAreThoseThatPythonRead) {
  const fs::path out = out_folder();
  write_npz(out / "ours.npz", {});
  write_npz(out / "ours_zip64.npz", {.zip64_from = 1});
  write_npz(out / "ours_deflated.npz", {.compress = true});
  const auto data = arrays();
  write_npy(out / "ours.npy", data[0].second.view());
  NamedTensors tensors;
  for (const auto& [key, array] : data) tensors.emplace_back(key, array.view());
  write_safetensors(out / "ours.safetensors", tensors, {{"origin", "binary_golden.py"}, {"ä", "ö"}});
  for (const char* file : {"ours.npz", "ours_zip64.npz", "ours.npy", "ours.safetensors"})
    EXPECT_EQ(read_file(out / file), read_file(kFolder / file)) << file;
  // Deflated bytes depend on the version of zlib.
  for (const auto& folder : {out, kFolder})
    for (const auto& [key, array] : data) expect_equal(NpzFile(folder / "ours_deflated.npz").read(key).view(), array, key);
  for (const auto& [key, array] : data) expect_equal(NpzFile(out / "ours_zip64.npz").read(key).view(), array, key);
}

TEST(GoldenBinary, OurTrackIsTheOneThatPyBigWigRead) {
  const fs::path path = out_folder() / "ours.bw";
  BigWigWriter writer(path, kChromosomes, {.zoom_levels = 4});
  const std::vector<float> data = run();
  writer.add_run("chrB", 17, data);
  writer.add_run("chrA", 0, std::span(data).first(300));
  writer.add_intervals("chrC", kStretches);
  writer.close();
  expect_track(path);
  expect_track(kFolder / "ours.bw");
}

}  // namespace
}  // namespace basewise::io
