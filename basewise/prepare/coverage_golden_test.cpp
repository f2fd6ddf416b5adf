// Real files beside what a program of its own counts: tests/golden/reads.json, made by
// tests/golden/reads_golden.py.
#include <fstream>
#include <map>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "basewise/core/json.h"
#include "basewise/io/bigwig.h"
#include "basewise/prepare/coverage.h"
#include "tests/support/test_files.h"

namespace basewise::prepare {
namespace {

using namespace testing_files;

nlohmann::ordered_json golden() { return parse_json(read_file("tests/golden/reads.json"), "tests/golden/reads.json"); }

/// What is told of a chromosome: sum, bases above 0, highest, and a sum weighted by position.
void expect_chromosome(const io::BigWigReader& track, const std::string& name, const nlohmann::ordered_json& expected) {
  const auto values = track.values(name, 0, track.length(name));
  double sum = 0, moment = 0, highest = 0;
  std::int64_t bases = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto value = static_cast<double>(values[i]);
    sum += value;
    bases += value > 0;
    highest = std::max(highest, value);
    moment += static_cast<double>(i % 10007 + 1) * value;
  }
  EXPECT_EQ(sum, expected["sum"].get<double>()) << name;
  EXPECT_EQ(bases, expected["bases"].get<std::int64_t>()) << name;
  EXPECT_EQ(highest, expected["highest"].get<double>()) << name;
  EXPECT_EQ(moment, expected["moment"].get<double>()) << name;
}

TEST(CoverageGolden, EndsOfTheYeastBam) {
  const auto path = shared_data("yeast_stripeseq/S288C.bam");
  if (!path) GTEST_SKIP() << "yeast_stripeseq is not here";
  const Folder folder;
  const auto expected = golden();
  const auto result = coverage({.reads = {*path}, .out = folder.path() / "x.bw", .strands = StrandTracks::apart});
  EXPECT_EQ(result.records, expected["records"]["all"].get<std::int64_t>());
  EXPECT_EQ(result.records - result.used, expected["records"]["left out"].get<std::int64_t>());
  const io::BigWigReader plus(folder.path() / "x.plus.bw"), minus(folder.path() / "x.minus.bw");
  for (const auto& [name, chrom] : expected["chromosomes"].items()) {
    EXPECT_EQ(plus.length(name), chrom["length"].get<std::int64_t>());
    expect_chromosome(plus, name, chrom["plus"]);
    expect_chromosome(minus, name, chrom["minus"]);
  }
}

TEST(CoverageGolden, CutsAndFragmentsOfTheYeastBedpe) {
  const auto path = shared_data("yeast_atac_macs3/yeast_500k_SRR1822137.bedpe.gz");
  if (!path) GTEST_SKIP() << "yeast_atac_macs3 is not here";
  const Folder folder;
  const auto expected = golden()["fragments"];
  std::string sizes;
  for (const auto& [name, chrom] : expected["chromosomes"].items()) sizes += name + "\t2000000\n";
  CoverageOptions options = {
      .reads = {*path}, .out = folder.path() / "x.bw", .sizes = folder.file("sizes", sizes), .shift = ShiftKind::tn5};
  auto result = coverage(options);
  EXPECT_EQ(result.records, expected["lines"].get<std::int64_t>());
  for (const auto& [name, chrom] : expected["chromosomes"].items()) expect_chromosome(io::BigWigReader(options.out), name, chrom);
  options.shift = ShiftKind::none;
  options.count = ReadCount::fragments;
  result = coverage(options);
  double covered = 0;
  for (const auto& [name, chrom] : expected["chromosomes"].items()) covered += chrom["covered"].get<double>();
  EXPECT_EQ(result.tracks.at(0).sum, covered);
}

}  // namespace
}  // namespace basewise::prepare
