#include "basewise/io/bigwig.h"

#include <cmath>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <thread>

#include <bigWig.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "basewise/core/files.h"
#include "basewise/core/random.h"
#include "basewise/io/bigwig_writer.h"
#include "tests/support/error_text.h"

namespace basewise::io {
namespace {

using testing::HasSubstr;

fs::path fresh_folder(const std::string& name) {
  const fs::path folder = fs::path(testing::TempDir()) / ("bigwig_" + name);
  fs::remove_all(folder);
  fs::create_directories(folder);
  return folder;
}

// Without waiting for the disk, as `write_file` does, and as some file systems do when an old file
// is emptied.
void write_quickly(const fs::path& path, std::string_view bytes) {
  fs::remove(path);
  std::ofstream(path, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

// Equal, with NaN equal to NaN.
bool same(const std::vector<float>& a, const std::vector<float>& b) {
  return a.size() == b.size() &&
         std::equal(a.begin(), a.end(), b.begin(), [](float x, float y) { return x == y || (std::isnan(x) && std::isnan(y)); });
}

// libBigWig as an independent reader.
struct Oracle {
  explicit Oracle(const fs::path& path) : file(bwOpen(path.c_str(), nullptr, "r")) {}
  ~Oracle() { bwClose(file); }
  std::vector<float> values(const std::string& chromosome, std::uint32_t start, std::uint32_t end) const {
    std::vector<float> out;
    if (bwOverlappingIntervals_t* found = bwGetValues(file, chromosome.c_str(), start, end, 1)) {
      out.assign(found->value, found->value + found->l);
      bwDestroyOverlappingIntervals(found);
    }
    return out;
  }
  bigWigFile_t* file;
};

// A genome of several blocks with gaps, runs and stretches;
// what was written comes back as per-base values.
std::vector<std::vector<float>> write_sample(const fs::path& path, const TrackChromosomes& chromosomes, std::uint64_t seed,
                                             BigWigOptions options = {}) {
  Stream draw(seed);
  std::vector<std::vector<float>> truth;
  BigWigWriter writer(path, chromosomes, options);
  for (const auto& [name, length] : chromosomes) {
    truth.emplace_back(length, kMissing);
    for (std::int64_t at = draw.integer(0, 20); at < length;) {
      const std::int64_t count = draw.integer(1, 3000);
      if (draw.bernoulli(0.5)) {
        const std::int64_t step = draw.bernoulli(0.7) ? 1 : 7;
        std::vector<float> run(std::min(count, (length - at + step - 1) / step));
        for (float& value : run) value = draw.bernoulli(0.05) ? kMissing : static_cast<float>(draw.normal());
        writer.add_run(name, at, run, step);
        for (std::size_t i = 0; i < run.size() * step && at + static_cast<std::int64_t>(i) < length; ++i)
          truth.back()[at + i] = run[i / step];
        at += static_cast<std::int64_t>(run.size()) * step;
      } else {
        const TrackInterval stretch{at, std::min(length, at + count), static_cast<float>(draw.uniform())};
        writer.add_intervals(name, std::span(&stretch, 1));
        std::fill(truth.back().begin() + stretch.start, truth.back().begin() + stretch.end, stretch.value);
        at = stretch.end + draw.integer(0, 500);
      }
    }
  }
  writer.close();
  return truth;
}

const TrackChromosomes kGenome{{"chr2", 30011}, {"chr10", 7013}, {"chr1", 997}};

TEST(BigWig, WhatIsWrittenIsRead) {
  const fs::path path = fresh_folder("round") / "a.bw";
  for (std::uint64_t seed : {1, 2, 3, 4, 5}) {
    const auto truth = write_sample(path, kGenome, seed);
    const BigWigReader reader(path);
    EXPECT_EQ(reader.chromosomes(), kGenome);
    Stream draw(seed, 9);
    for (std::size_t c = 0; c < kGenome.size(); ++c) {
      const auto& [name, length] = kGenome[c];
      ASSERT_TRUE(same(reader.values(name, 0, length), truth[c])) << name << " seed " << seed;
      for (int i = 0; i < 50; ++i) {
        const std::int64_t start = draw.integer(0, length), end = draw.integer(start, std::min(length, start + 3000));
        const std::vector<float> window(truth[c].begin() + start, truth[c].begin() + end);
        ASSERT_TRUE(same(reader.values(name, start, end), window)) << name << ":" << start << "-" << end;
      }
    }
  }
}

TEST(BigWig, LibBigWigReadsTheSameValues) {
  const fs::path path = fresh_folder("oracle") / "a.bw";
  const auto truth = write_sample(path, kGenome, 77);
  const Oracle oracle(path);
  ASSERT_NE(oracle.file, nullptr);
  for (std::size_t c = 0; c < kGenome.size(); ++c)
    EXPECT_TRUE(same(oracle.values(kGenome[c].first, 0, static_cast<std::uint32_t>(kGenome[c].second)), truth[c])) << kGenome[c].first;
}

TEST(BigWig, LibBigWigStatisticsFromZoomLevelsAgree) {
  const fs::path path = fresh_folder("zoom") / "a.bw";
  write_sample(path, kGenome, 78);
  const BigWigReader reader(path);
  ASSERT_GE(reader.zoom_levels().size(), 3u);
  for (std::size_t i = 1; i < reader.zoom_levels().size(); ++i) EXPECT_EQ(reader.zoom_levels()[i], 4 * reader.zoom_levels()[i - 1]);
  const Oracle oracle(path);
  for (const auto& [name, length] : kGenome) {
    const TrackSummary exact = reader.summary(name, 0, length);
    const auto statistic = [&](bwStatsType type) {
      double* got = bwStats(oracle.file, name.c_str(), 0, static_cast<std::uint32_t>(length), 1, type);
      const double value = got ? got[0] : std::nan("");
      std::free(got);
      return value;
    };
    EXPECT_NEAR(statistic(mean), exact.mean, 1e-5 * std::max(1.0, std::abs(exact.mean))) << name;
    EXPECT_NEAR(statistic(max), exact.maximum, 1e-6) << name;
    EXPECT_NEAR(statistic(min), exact.minimum, 1e-6) << name;
    EXPECT_NEAR(statistic(cov), static_cast<double>(exact.covered) / static_cast<double>(length), 1e-6) << name;
  }
}

TEST(BigWig, AbsenceIsNotZero) {
  const fs::path path = fresh_folder("absence") / "a.bw";
  BigWigWriter writer(path, {{"c", 10}});
  writer.add_run("c", 2, std::vector<float>{1, kMissing, 0, 4});
  writer.close();
  const BigWigReader reader(path);
  EXPECT_TRUE(same(reader.values("c", 0, 10), {kMissing, kMissing, 1, kMissing, 0, 4, kMissing, kMissing, kMissing, kMissing}));
  EXPECT_EQ(reader.values("c", 0, 10, 0.0f), (std::vector<float>{0, 0, 1, 0, 0, 4, 0, 0, 0, 0}));
  EXPECT_EQ(reader.intervals("c", 0, 6), (std::vector<TrackInterval>{{2, 3, 1}, {4, 5, 0}, {5, 6, 4}}));
  const TrackSummary summary = reader.summary("c", 0, 10);
  EXPECT_EQ(summary.covered, 3);
  EXPECT_DOUBLE_EQ(summary.sum, 5);
  EXPECT_DOUBLE_EQ(summary.mean, 5.0 / 3);
  EXPECT_DOUBLE_EQ(summary.minimum, 0);
  EXPECT_DOUBLE_EQ(summary.maximum, 4);
  EXPECT_EQ(reader.summary("c", 6, 10).covered, 0);
  EXPECT_TRUE(std::isnan(reader.summary("c", 6, 10).mean));
  EXPECT_EQ(reader.total().covered, 3);
  EXPECT_DOUBLE_EQ(reader.total().sum, 5);
}

TEST(BigWig, TheLastValueOfARunIsClippedAtTheEndOfTheChromosome) {
  const fs::path path = fresh_folder("clip") / "a.bw";
  BigWigWriter writer(path, {{"c", 10}});
  writer.add_run("c", 0, std::vector<float>{1, 2, 3}, 4);
  writer.close();
  EXPECT_EQ(BigWigReader(path).values("c", 0, 10), (std::vector<float>{1, 1, 1, 1, 2, 2, 2, 2, 3, 3}));
}

TEST(BigWig, AFileWithoutValuesIsAFile) {
  const fs::path path = fresh_folder("empty") / "a.bw";
  BigWigWriter(path, {{"c", 10}, {"d", 5}}).close();
  const BigWigReader reader(path);
  EXPECT_EQ(reader.length("d"), 5);
  EXPECT_TRUE(same(reader.values("d", 0, 5), std::vector<float>(5, kMissing)));
  EXPECT_EQ(reader.total().covered, 0);
  const Oracle oracle(path);
  ASSERT_NE(oracle.file, nullptr);
  EXPECT_EQ(oracle.file->cl->nKeys, 2);
}

TEST(BigWig, TreesOfThreeLevelsWork) {
  const fs::path path = fresh_folder("deep") / "a.bw";
  constexpr int kMany = 66000;  // more than 256 * 256
  TrackChromosomes chromosomes;
  for (int i = 0; i < kMany; ++i) chromosomes.emplace_back(format("contig{}", i), 100 + i % 7);
  BigWigWriter writer(path, chromosomes, {.zoom_levels = 0});
  for (int i = 0; i < kMany; ++i) writer.add_run(chromosomes[i].first, 5, std::vector<float>{static_cast<float>(i)});
  writer.close();
  const BigWigReader reader(path);
  EXPECT_EQ(reader.chromosomes(), chromosomes);
  const Oracle oracle(path);
  for (int i : {0, 255, 256, 257, 40000, 65535, 65536, 65999}) {
    EXPECT_EQ(reader.values(chromosomes[i].first, 5, 6).front(), static_cast<float>(i));
    EXPECT_EQ(oracle.values(chromosomes[i].first, 5, 6).at(0), static_cast<float>(i));
  }
}

TEST(BigWig, ManyThreadsReadTheSame) {
  const fs::path path = fresh_folder("threads") / "a.bw";
  const auto truth = write_sample(path, kGenome, 5);
  const BigWigReader reader(path);
  std::vector<int> wrong(8, 0);
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < wrong.size(); ++t)
    threads.emplace_back([&, t] {
      Stream draw(31, t);
      for (int i = 0; i < 100; ++i) {
        const std::size_t c = draw.below(3);
        const std::int64_t start = draw.integer(0, kGenome[c].second - 1), end = draw.integer(start, kGenome[c].second);
        if (!same(reader.values(kGenome[c].first, start, end), {truth[c].begin() + start, truth[c].begin() + end})) ++wrong[t];
      }
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(wrong, testing::Each(0));
}

TEST(BigWig, NothingAppearsBeforeClose) {
  const fs::path folder = fresh_folder("atomic"), path = folder / "a.bw";
  {
    BigWigWriter writer(path, {{"c", 10}});
    writer.add_run("c", 0, std::vector<float>{1});
    EXPECT_FALSE(fs::exists(path));
  }
  EXPECT_TRUE(fs::is_empty(folder));
}

TEST(BigWig, WriterErrorsNameFileChromosomeAndPosition) {
  const fs::path path = fresh_folder("errors") / "a.bw";
  BigWigWriter writer(path, {{"chr1", 100}, {"chr2", 50}});
  const std::vector<float> two{1, 2};
  writer.add_run("chr1", 10, two);
  const auto of = [&](const std::function<void()>& f) { return error_text(f); };
  EXPECT_THAT(of([&] { writer.add_run("chr1", 11, two); }),
              AllOf(HasSubstr("a.bw"), HasSubstr("chr1:11-12 overlaps or precedes data that end at 12")));
  EXPECT_THAT(of([&] { writer.add_run("chr1", 99, two); }),
              HasSubstr("run of 2 values, 1 bases each, from chr1:99 leaves the chromosome, which has 100 bases"));
  EXPECT_THAT(of([&] { writer.add_run("1", 20, two); }), HasSubstr("chromosome '1' is not among the 2"));
  EXPECT_THAT(of([&] { writer.add_run("chr3", 20, two); }), HasSubstr("did you mean 'chr1'?"));
  EXPECT_THAT(of([&] { writer.add_run("chr1", 20, two, 0); }), HasSubstr("step 0"));
  EXPECT_THAT(of([&] { writer.add_run("chr1", 20, std::vector<float>{INFINITY}); }), HasSubstr("chr1:20-21 has the value inf"));
  EXPECT_THAT(of([&] {
                writer.add_intervals("chr1", std::vector<TrackInterval>{{30, 30, 1}});
              }),
              HasSubstr("chr1:30-30 is empty or not inside"));
  writer.add_run("chr2", 0, two);
  EXPECT_THAT(of([&] { writer.add_run("chr1", 50, two); }), HasSubstr("data of chromosome 'chr1' come after those of 'chr2'"));
  writer.close();
  EXPECT_THAT(of([&] { writer.add_run("chr2", 10, two); }), HasSubstr("is closed"));
  EXPECT_THAT(of([&] { BigWigWriter(path, {}); }), HasSubstr("at least one chromosome"));
  EXPECT_THAT(of([&] { BigWigWriter(path, {{"a", 1}, {"a", 2}}); }), HasSubstr("'a' is named twice"));
  EXPECT_THAT(of([&] { BigWigWriter(path, {{"a", 0}}); }), HasSubstr("'a' has length 0"));
}

TEST(BigWig, ReaderErrorsNameFileAndChromosome) {
  const fs::path path = fresh_folder("reader") / "a.bw";
  write_sample(path, kGenome, 3);
  const BigWigReader reader(path);
  EXPECT_THAT(error_text([&] { reader.values("chr3", 0, 1); }),
              AllOf(HasSubstr("a.bw: has no chromosome 'chr3'"), HasSubstr("did you mean 'chr")));
  EXPECT_THAT(error_text([&] { reader.values("mitochondrion", 0, 1); }), HasSubstr("it has chr2, chr10, chr1"));
  EXPECT_THAT(error_text([&] { reader.values("chr1", 990, 998); }),
              HasSubstr("interval chr1:990-998 is not inside the chromosome, which has 997 bases"));
  EXPECT_THAT(error_text([&] { reader.values("chr1", -1, 5); }), HasSubstr("chr1:-1-5"));
  EXPECT_THAT(error_text([&] { BigWigReader("/nowhere/x.bw"); }), HasSubstr("/nowhere/x.bw: cannot be opened: No such file"));
  EXPECT_THAT(error_text([&] { BigWigReader("/tmp"); }), HasSubstr("is not a regular file"));
}

// Every value of a file whose lengths may be damaged, or nothing when reading fails with a proper
// error.
bool readable(const fs::path& path, std::vector<std::vector<float>>* values = nullptr) {
  try {
    const BigWigReader reader(path);
    for (const auto& [name, length] : reader.chromosomes()) {
      auto got = reader.values(name, 0, std::min<std::int64_t>(length, 100000));
      reader.summary(name, 0, length);
      if (values) values->push_back(std::move(got));
    }
    return true;
  } catch (const DataError& e) {
    EXPECT_THAT(e.what(), HasSubstr(path.filename().string()));
    return false;
  }
}

TEST(BigWig, TruncatedFilesAreRefusedOrReadWhole) {
  const fs::path folder = fresh_folder("truncated"), path = folder / "a.bw", cut = folder / "cut.bw";
  const auto truth = write_sample(path, kGenome, 8);
  const std::string bytes = read_file(path);
  int refused = 0, whole = 0;
  for (std::size_t size = 0; size < bytes.size(); size += 64) {
    write_quickly(cut, std::string_view(bytes).substr(0, size));
    std::vector<std::vector<float>> values;
    if (!readable(cut, &values)) {
      ++refused;
      continue;
    }
    // Only the coarse zoom levels at the end may be lost without being missed.
    ++whole;
    for (std::size_t c = 0; c < truth.size(); ++c) ASSERT_TRUE(same(values.at(c), truth[c])) << "cut at " << size;
  }
  EXPECT_GT(refused, 400);
  EXPECT_LT(whole, 200);
}

TEST(BigWig, FlippedBitsNeverCrash) {
  const fs::path folder = fresh_folder("flipped"), path = folder / "a.bw", bad = folder / "bad.bw";
  write_sample(path, {{"chr2", 3001}, {"chr1", 997}}, 8, {.zoom_levels = 2});
  const std::string bytes = read_file(path);
  Stream draw(20);
  int refused = 0;
  for (int i = 0; i < 1200; ++i) {
    std::string damaged = bytes;
    // Half of them in header and trees, where numbers are trusted most.
    const std::size_t at = i % 2 ? draw.below(bytes.size()) : draw.below(700);
    damaged[at] = static_cast<char>(damaged[at] ^ (1 << draw.below(8)));
    if (i % 5 == 0) damaged[draw.below(bytes.size())] = static_cast<char>(draw.below(256));
    write_quickly(bad, damaged);
    refused += !readable(bad);
  }
  EXPECT_GT(refused, 300);
}

TEST(BigWig, RunsAndStretchesMeanTheSame) {
  const fs::path folder = fresh_folder("forms");
  EXPECT_TRUE(rc::check("a run equals its stretches", [&] {
    const auto length = *rc::gen::inRange<std::int64_t>(1, 400);
    const auto step = *rc::gen::inRange<std::int64_t>(1, 9);
    const auto count = *rc::gen::inRange<std::int64_t>(0, (length + step - 1) / step + 1);
    const auto start = *rc::gen::inRange<std::int64_t>(0, std::max<std::int64_t>(1, length - count * step + 1));
    std::vector<float> run;
    for (int i = 0; i < count; ++i) run.push_back(*rc::gen::inRange(0, 5) == 0 ? kMissing : static_cast<float>(*rc::gen::inRange(-9, 9)));
    if (start + (count - 1) * step >= length) run.resize(std::max<std::int64_t>(0, (length - start + step - 1) / step));
    BigWigWriter a(folder / "a.bw", {{"c", length}}), b(folder / "b.bw", {{"c", length}});
    a.add_run("c", start, run, step);
    for (std::size_t i = 0; i < run.size(); ++i) {
      const TrackInterval stretch{start + static_cast<std::int64_t>(i) * step,
                                  std::min(length, start + static_cast<std::int64_t>(i + 1) * step), run[i]};
      b.add_intervals("c", std::span(&stretch, 1));
    }
    a.close();
    b.close();
    RC_ASSERT(same(BigWigReader(folder / "a.bw").values("c", 0, length), BigWigReader(folder / "b.bw").values("c", 0, length)));
    RC_ASSERT(read_file(folder / "a.bw") == read_file(folder / "b.bw"));
  }));
}

fs::path data_folder() {
  const char* folder = std::getenv("BASEWISE_DATA");
  return folder ? folder : "../shared/data";
}

TEST(BigWig, FilesOfOtherProgramsReadAsLibBigWigReadsThem) {
  std::vector<fs::path> files;
  for (const char* folder : {"bigwig_small", "small_bigwig_and_genome", "yeast_tracks_75bp", "yeast_stripeseq"})
    if (fs::exists(data_folder() / folder))
      for (const auto& entry : fs::recursive_directory_iterator(data_folder() / folder))
        if (entry.path().extension() == ".bw") files.push_back(entry.path());
  if (files.empty()) GTEST_SKIP() << "no bigWig files under " << data_folder() << " (bigwig_small, yeast_tracks_75bp, yeast_stripeseq)";
  for (const fs::path& path : files) {
    const Oracle oracle(path);
    const BigWigReader reader(path);
    ASSERT_EQ(static_cast<std::size_t>(oracle.file->cl->nKeys), reader.chromosomes().size()) << path;
    for (const auto& [name, length] : reader.chromosomes()) {
      const std::int64_t end = std::min<std::int64_t>(length, 50000);
      auto expected = oracle.values(name, 0, static_cast<std::uint32_t>(end));
      if (expected.empty()) expected.assign(end, kMissing);  // libBigWig answers with nothing where nothing overlaps
      EXPECT_TRUE(same(reader.values(name, 0, end), expected)) << path << " " << name;
      reader.summary(name, 0, length);
    }
  }
}

}  // namespace
}  // namespace basewise::io
