#include "basewise/methylation/deepcpg_file.h"

#include <algorithm>
#include <functional>
#include <numeric>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "basewise/io/hdf5_writer.h"
#include "basewise/methylation/deepcpg_writer.h"
#include "basewise/methylation/neighbours.h"
#include "tests/support/error_text.h"
#include "tests/support/methylation_tables.h"

namespace basewise::methylation {
namespace {

using namespace test_tables;
using testing::AllOf;
using testing::ElementsAre;
using testing::ElementsAreArray;
using testing::HasSubstr;
using testing_files::Folder;

/// Sites 2, 5 and 7 of chromosome "chr4"; cell b has a fraction.
CellTable small_table() {
  CallTable calls = table_of({{chrom_calls({{2, 1.F}, {7, 0.F}})}, {chrom_calls({{2, 0.F}, {5, 0.75F}})}});
  calls.chromosomes = {"chr4"};
  return CellTable(std::move(calls));
}

TEST(DeepCpgFile, HoldsWhatThePublishedProgramReads) {
  const Folder folder;
  const CellTable table = small_table();
  const SiteList sites = measured_sites(table);
  const KnownSequence sequence = sequence_of(">4\nTACGACGN\n");
  DeepCpgSource source = {table, sites, &sequence};
  source.annotations.emplace_back(folder.file("CGI.bed", "4\t0\t6\nchr9\t1\t2\n"), table.chromosomes());
  source.options = {.each_side = 2,
                    .dna = 5,
                    .site_statistics = {Statistic::mean, Statistic::diff},
                    .least_cells = 2,
                    .window_statistics = {Statistic::var},
                    .windows = {3, 7}};
  write_deepcpg(folder.path() / "a.h5", source, 0, 3);
  const io::H5File file(folder.path() / "a.h5");
  EXPECT_THAT(file.data_sets(), ElementsAre("chromo", "inputs/annos/CGI", "inputs/cpg/a/dist", "inputs/cpg/a/state", "inputs/cpg/b/dist",
                                            "inputs/cpg/b/state", "inputs/dna", "outputs/cpg/a", "outputs/cpg/b", "outputs/cpg_stats/diff",
                                            "outputs/cpg_stats/mean", "outputs/win_stats/3/var", "outputs/win_stats/7/var", "pos"));
  EXPECT_THAT(file.read_text("chromo"), ElementsAre("4", "4", "4"));
  EXPECT_EQ(file.info("chromo").type, "text of 1 bytes");
  EXPECT_EQ(file.info("pos").dtype, io::DType::i32);
  EXPECT_THAT(file.read<std::int64_t>("pos"), ElementsAre(3, 6, 8));
  EXPECT_EQ(file.info("inputs/dna").dtype, io::DType::i8);
  EXPECT_THAT(file.info("inputs/dna").shape, ElementsAre(3, 5));
  EXPECT_THAT(file.read<std::int64_t>("inputs/dna"), ElementsAre(1, 0, 3, 2, 0, 2, 0, 3, 2, 4, 3, 2, 4, 4, 4));  // TACGA GACGN CGNNN
  EXPECT_EQ(file.info("inputs/cpg/a/state").dtype, io::DType::i8);
  EXPECT_EQ(file.info("inputs/cpg/b/state").dtype, io::DType::f32);
  EXPECT_EQ(file.info("inputs/cpg/a/dist").dtype, io::DType::i32);
  EXPECT_THAT(file.read<std::int64_t>("inputs/cpg/a/state"), ElementsAre(-1, -1, 0, -1, -1, 1, 0, -1, -1, 1, -1, -1));
  EXPECT_THAT(file.read<std::int64_t>("inputs/cpg/a/dist"), ElementsAre(-1, -1, 5, -1, -1, 3, 2, -1, -1, 5, -1, -1));
  EXPECT_THAT(file.read<float>("inputs/cpg/b/state"), ElementsAre(-1, -1, 0.75, -1, -1, 0, -1, -1, 0, 0.75, -1, -1));
  EXPECT_THAT(file.read<std::int64_t>("inputs/annos/CGI"), ElementsAre(1, 1, 0));
  EXPECT_THAT(file.read<std::int64_t>("outputs/cpg/a"), ElementsAre(1, -1, 0));
  EXPECT_THAT(file.read<std::int64_t>("outputs/cpg/b"), ElementsAre(0, 1, -1));
  EXPECT_EQ(file.info("outputs/cpg_stats/diff").dtype, io::DType::i8);
  EXPECT_THAT(file.read<std::int64_t>("outputs/cpg_stats/diff"), ElementsAre(1, -1, -1));
  EXPECT_THAT(file.read<float>("outputs/cpg_stats/mean"), ElementsAre(0.5, -1, -1));
  EXPECT_THAT(file.read<float>("outputs/win_stats/3/var"), ElementsAre(0.25, 0, 0));
  // Windows of 7 around 2, 5 and 7: a has {1}, {1, 0}, {0}; b has {0, 0.75}, {0, 0.75}, {0.75}.
  EXPECT_THAT(file.read<float>("outputs/win_stats/7/var"), ElementsAre(0.09765625F, 0.00390625F, 0.140625F));
}

TEST(DeepCpgFile, WhatIsWrittenIsRead) {
  const Folder folder;
  const CellTable table(random_table(4, true));
  const SiteList sites = measured_sites(table);
  DeepCpgSource source = {table, sites};
  source.options = {.each_side = 4};
  const std::int64_t n = sites.first(1);
  write_deepcpg(folder.path() / "a.h5", source, 2, n);
  const DeepCpgFile file(folder.path() / "a.h5");
  EXPECT_EQ(file.size(), n - 2);
  EXPECT_THAT(file.cells(), ElementsAre("a", "b", "c"));
  EXPECT_EQ(file.width(), 8);
  EXPECT_EQ(file.dna(), 0);
  std::vector<std::int64_t> rows(static_cast<std::size_t>(n - 2));
  std::iota(rows.begin(), rows.end(), 2);
  std::vector<float> wanted(rows.size() * 8), states(wanted.size());
  std::vector<std::int32_t> wanted_distances(wanted.size()), distances(wanted.size());
  for (std::size_t cell = 0; cell < 3; ++cell) {
    Neighbours(table, sites, 4).fill_cell(cell, rows, wanted, wanted_distances);
    file.neighbours(cell, 0, n - 2, states, distances);
    EXPECT_THAT(states, ElementsAreArray(wanted));
    EXPECT_THAT(distances, ElementsAreArray(wanted_distances));
  }
  for (std::int64_t i = 0; i < n - 2; ++i) EXPECT_EQ(file.positions()[static_cast<std::size_t>(i)], sites[i + 2].position);
}

TEST(DeepCpgFile, LabelsAreCallsAgain) {
  const Folder folder;
  const CallTable calls = random_table(4, false);
  const CellTable table(calls);
  const SiteList sites = measured_sites(table);
  DeepCpgSource source = {table, sites};
  source.options = {.each_side = 0};
  write_deepcpg(folder.path() / "c0_0.h5", source, 0, 9);
  write_deepcpg(folder.path() / "c0_9.h5", source, 9, sites.first(1));
  write_deepcpg(folder.path() / "c2_0.h5", source, sites.first(2), sites.size());
  const CallTable back = read_deepcpg_calls({folder.path() / "c0_0.h5", folder.path() / "c0_9.h5", folder.path() / "c2_0.h5"});
  EXPECT_THAT(back.chromosomes, ElementsAre("c0", "c2"));
  for (std::size_t cell = 0; cell < 3; ++cell)
    for (const auto& [from, to] : {std::pair<std::size_t, std::size_t>(0, 0), {2, 1}}) {
      EXPECT_THAT(back.cells[cell].chroms[to].positions, ElementsAreArray(calls.cells[cell].chroms[from].positions));
      EXPECT_THAT(back.cells[cell].chroms[to].shares, ElementsAreArray(calls.cells[cell].chroms[from].shares));
    }
  EXPECT_THAT(read_deepcpg_calls({folder.path() / "c0_0.h5", folder.path() / "c2_0.h5"}, {"chrc2"}).chromosomes, ElementsAre("c2"));
  EXPECT_THAT(error_text<DataError>([&] {
                read_deepcpg_calls({folder.path() / "c0_9.h5", folder.path() / "c0_0.h5"});
              }),
              HasSubstr("sites of chromosome c0 are not sorted"));
}

TEST(DeepCpgFile, BasesAtRandomAreThoseOfTheSeed) {
  const Folder folder;
  const CellTable table = small_table();
  const SiteList sites = measured_sites(table);
  const KnownSequence sequence = sequence_of(">4\nTACGACGN\n");
  DeepCpgSource source = {table, sites, &sequence};
  const auto dna = [&](std::uint64_t seed, std::int64_t first) {
    source.options = {.each_side = 0, .dna = 401, .unknown_bases = UnknownBases::random, .seed = seed};
    write_deepcpg(folder.path() / "a.h5", source, first, 3);
    return DeepCpgFile(folder.path() / "a.h5").tokens(0, 1);
  };
  const auto bases = dna(1, 2), same = dna(1, 2), other = dna(2, 2), all = dna(1, 0);
  EXPECT_EQ(bases, same);
  EXPECT_NE(bases, other);
  EXPECT_NE(bases, all);
  EXPECT_EQ(seq::decode(bases).substr(193, 9), "TACGACG" + seq::decode(bases).substr(200, 2));
  for (const char base : {'A', 'C', 'G', 'T'})
    EXPECT_NEAR(static_cast<double>(std::count(bases.begin(), bases.end(), seq::encode(std::string(1, base))[0])), 100, 35);
}

TEST(DeepCpgFile, Errors) {
  const Folder folder;
  const fs::path path = folder.path() / "x.h5";
  const auto error_of = [&](const std::function<void(io::H5Writer&)>& fill) {
    {
      io::H5Writer file(path);
      fill(file);
      file.close();
    }
    return error_text<DataError>([&] {
      const DeepCpgFile file(path);
      std::vector<float> states(2);
      std::vector<std::int32_t> distances(2);
      file.labels(0, 0, 1);
      if (file.width() == 2) file.neighbours(0, 0, 1, states, distances);
    });
  };
  const auto numbers = [](io::H5Writer& file, const std::string& name, std::vector<std::int32_t> values, std::vector<std::int64_t> shape) {
    file.write<std::int32_t>(name, values, shape);
  };
  const auto places = [&](io::H5Writer& file) {
    file.write_text("chromo", std::vector<std::string>{"1"}, true);
    numbers(file, "pos", {7}, {1});
  };
  EXPECT_THAT(error_of([&](auto& file) { numbers(file, "pos", {7}, {1}); }), HasSubstr("x.h5: lacks 'chromo' or 'pos'"));
  EXPECT_THAT(error_of([&](auto& file) {
                file.write_text("chromo", std::vector<std::string>{"1"});
                numbers(file, "pos", {0}, {1});
              }),
              HasSubstr("position 0 of 'pos'"));
  EXPECT_THAT(error_of([&](auto& file) {
                places(file);
                numbers(file, "outputs/cpg/a", {1, 0}, {2});
              }),
              HasSubstr("'outputs/cpg/a' has shape [2]; expected 1 axes and 1 rows"));
  EXPECT_THAT(error_of([&](auto& file) {
                places(file);
                numbers(file, "outputs/cpg/a", {2}, {1});
              }),
              HasSubstr("holds 2; expected -1 to 1"));
  const auto neighbours = [&](std::vector<std::int32_t> states, std::vector<std::int32_t> distances) {
    return error_of([&](auto& file) {
      places(file);
      numbers(file, "outputs/cpg/a", {1}, {1});
      numbers(file, "inputs/cpg/a/state", states, {1, std::ssize(states)});
      numbers(file, "inputs/cpg/a/dist", distances, {1, std::ssize(distances)});
    });
  };
  EXPECT_THAT(neighbours({1, 0, 1}, {1, 1, 1}), HasSubstr("has 3 neighbours; expected an even number"));
  EXPECT_THAT(neighbours({1, 0}, {1, 1, 1, 1}), HasSubstr("has 4 neighbours; expected an even number, the same for all cells"));
  EXPECT_THAT(neighbours({1, 0}, {5, -1}), AllOf(HasSubstr("row 0 of 'inputs/cpg/a/state'"), HasSubstr("state 0 at distance -1")));
  const CellTable table(random_table(4, false));
  const SiteList sites = measured_sites(table);
  EXPECT_THAT(error_text<ArgumentError>([&] {
                write_deepcpg(path, {table, sites}, 0, sites.size());
              }),
              HasSubstr("sites of one chromosome"));
}

}  // namespace
}  // namespace basewise::methylation
