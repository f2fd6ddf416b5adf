#include "basewise/prepare/annotation.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <tuple>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "basewise/core/json.h"
#include "basewise/corpus/splits.h"
#include "basewise/io/bed.h"
#include "basewise/io/fasta_genome.h"
#include "basewise/io/tsv.h"
#include "tests/support/error_text.h"
#include "tests/support/test_files.h"

namespace basewise::prepare {
namespace {

using corpus::ScoredSite;
using seq::Strand;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

constexpr std::int64_t kGenome = 4'641'652;

AnnotationOptions table(const std::string& form) {
  AnnotationOptions o;
  read_toml_file(described(o), "recipes/dna_transformer/" + form + ".annotation.toml");
  return o;
}

bool there(const std::vector<std::string>& files) {
  return std::all_of(files.begin(), files.end(),
                     [](const std::string& file) { return testing_files::shared_data("ecoli_tss/" + file).has_value(); });
}

const std::vector<std::string> kOpen = {"open/NC_000913.3.fna.gz",
                                        "open/cappable_ettwiller2016_TSS_U00096.2.gtf.gz",
                                        "open/cho2014_TSS_sigma_conditions_U00096.2.tsv.gz",
                                        "open/smrt_cappable_yan2018_M9_RegulonDB_TU_longestRead.tsv.gz",
                                        "open/smrt_cappable_yan2018_M9_RegulonDB_TU_definedEnd.tsv.gz",
                                        "open/smrt_cappable_yan2018_Rich_RegulonDB_TU_longestRead.tsv.gz",
                                        "open/smrt_cappable_yan2018_Rich_RegulonDB_TU_definedEnd.tsv.gz"};
const std::vector<std::string> kRestricted = {"restricted_terms/send_seq_ju2019_S1_TSS.tsv.gz",
                                              "restricted_terms/regulondb_10.6.3_PromoterSet.txt.gz"};

/// The published form with both media or M9 alone of SMRT-Cappable-seq, both phases or the
/// stationary one alone of SEnd-seq.
AnnotationOptions published(bool rich, bool all_phases) {
  AnnotationOptions o = table("published");
  o.folder = testing_files::shared_data("ecoli_tss/" + kRestricted[0])->parent_path();
  if (!rich) o.sources[2].file.paths.resize(2);
  if (!all_phases) o.sources[1].where = {"Detected_in_stationary_phase=TSS-stationary"};
  return o;
}

std::vector<std::int64_t> at_least(const AnnotationResult& r) { return {r.at_least(4), r.at_least(3), r.at_least(2)}; }

std::vector<std::int64_t> shares_per_mille(const AnnotationResult& r) {
  std::vector<std::int64_t> shares;
  for (const AnnotationSource& s : r.sources) shares.push_back(std::llround(1000 * s.share()));
  return shares;
}

/// Sites of each set of the published split: train, test, validation.
std::vector<std::int64_t> in_split(const std::vector<ScoredSite>& sites) {
  const corpus::RegionSplit split =
      corpus::split_genome({.by = corpus::SplitBy::contiguous, .validation_fraction = 0.1, .test_fraction = 0.2, .start_seed = 2222},
                           seq::ChromSizes({{"NC_000913.3", kGenome, true}}));
  std::vector<std::int64_t> counts;
  for (const auto* set : {&split.train, &split.test, &split.validation}) {
    const seq::IntervalSet stretches(*set);
    counts.push_back(
        std::count_if(sites.begin(), sites.end(), [&](const ScoredSite& s) { return stretches.contains("NC_000913.3", s.position); }));
  }
  return counts;
}

TEST(Annotation, OpenFormOfTheStartsOfEscherichiaColi) {
  if (!there(kOpen)) GTEST_SKIP() << "not in the shared data: ecoli_tss/open (the open form: Cappable-seq, SMRT-Cappable-seq, Cho 2014)";
  const AnnotationResult r = annotation_sets(table("open"));
  EXPECT_EQ(r.name, "open");
  EXPECT_EQ(r.sources[0].read.rows, 16'359);
  EXPECT_EQ(r.sources[0].read.sites.size(), 16'359U);
  EXPECT_EQ(r.sources[1].read.sites.size(), 2569U);
  EXPECT_EQ(r.sources[2].read.sites.size(), 4724U);
  EXPECT_EQ(r.at_least(1), 19'010);
  EXPECT_EQ(r.at_least(2), 3301);
  EXPECT_EQ(r.at_least(3), 1181);
  EXPECT_EQ(r.sources[0].shared, 3251);
  EXPECT_EQ(r.sources[1].shared, 2212);
  EXPECT_EQ(r.sources[2].shared, 2447);
  EXPECT_EQ(in_split(r.sources[0].read.sites), (std::vector<std::int64_t>{11'473, 3382, 1504}));
  EXPECT_EQ(in_split(r.sources[1].read.sites), (std::vector<std::int64_t>{1727, 580, 262}));
}

TEST(Annotation, PublishedFormGivesTheCountsOfItsTable) {
  if (!there(kOpen) || !there(kRestricted))
    GTEST_SKIP() << "not in the shared data: ecoli_tss/open and ecoli_tss/restricted_terms (the published form: SEnd-seq, RegulonDB)";
  const AnnotationResult m9 = annotation_sets(published(false, false));
  EXPECT_EQ(m9.sources[1].read.sites.size(), 4033U);
  EXPECT_EQ(m9.sources[2].read.sites.size(), 2077U);
  EXPECT_EQ(m9.sources[3].read.rows - m9.sources[3].read.filtered - m9.sources[3].read.unplaced, 6486);
  EXPECT_EQ(m9.sources[3].read.sites.size(), 6485U);
  EXPECT_EQ(at_least(m9), (std::vector<std::int64_t>{1016, 2148, 4276}));
  EXPECT_EQ(shares_per_mille(m9), (std::vector<std::int64_t>{251, 807, 950, 442}));
  const AnnotationResult both = annotation_sets(published(true, false));
  EXPECT_EQ(at_least(both), (std::vector<std::int64_t>{1076, 2242, 4377}));
  EXPECT_EQ(shares_per_mille(both), (std::vector<std::int64_t>{254, 816, 907, 446}));
  const AnnotationResult all = annotation_sets(published(true, true));
  EXPECT_EQ(all.sources[1].read.sites.size(), 5506U);
  EXPECT_EQ(all.sources[1].read.wrapped, 4);
  EXPECT_EQ(at_least(all), (std::vector<std::int64_t>{1191, 2424, 4976}));
  EXPECT_EQ(shares_per_mille(all), (std::vector<std::int64_t>{287, 760, 922, 450}));
  EXPECT_EQ(in_split(all.sources[1].read.sites), (std::vector<std::int64_t>{3733, 1183, 590}));
  EXPECT_EQ(in_split(all.sources[3].read.sites), (std::vector<std::int64_t>{4360, 1467, 658}));
  EXPECT_EQ(in_split(all.curated[0].sites), (std::vector<std::int64_t>{3417, 1049, 510}));
  EXPECT_EQ(all.curated[1].sites.size(), 2424U);
}

// The same clusters with the same bases as a table that another program made of the same files.
TEST(Annotation, ClustersAreThoseOfTheSharedTable) {
  const auto expected = testing_files::shared_data("ecoli_tss/derived_restricted/tss_clusters_5nt_support.tsv.gz");
  if (!there(kOpen) || !there(kRestricted) || !expected)
    GTEST_SKIP() << "not in the shared data: ecoli_tss/restricted_terms and ecoli_tss/derived_restricted (the published form)";
  using Row = std::tuple<std::string, std::int64_t, std::int64_t, std::int64_t, std::int64_t>;  // strand, start, last, base, sources
  std::set<Row> theirs, ours;
  io::TsvReader table(*expected);
  while (table.next())
    theirs.emplace(table.text("strand"), table.integer("min_pos1") - 1, table.integer("max_pos1") - 1, table.integer("rep_pos1") - 1,
                   table.integer("n_sources"));
  const AnnotationResult r = annotation_sets(published(true, true));
  std::vector<std::vector<ScoredSite>> sets;
  for (const AnnotationSource& source : r.sources) sets.push_back(source.read.sites);
  for (const corpus::SiteCluster& c : r.clusters)
    ours.emplace(std::string(1, to_char(c.strand)), c.start(), c.end() - 1, corpus::representative(c, sets).position, std::ssize(c.sets()));
  EXPECT_EQ(ours.size(), 21'129U);
  EXPECT_TRUE(ours == theirs);
}

/// Sites with a hexamer of at most one mismatch to TATAAT that starts 14 to 10 bases before the
/// site.
std::int64_t with_hexamer(const std::vector<ScoredSite>& sites, const seq::Genome& genome) {
  return std::count_if(sites.begin(), sites.end(), [&](const ScoredSite& s) {
    for (std::int64_t before = 10; before <= 14; ++before) {
      const bool forward = s.strand == Strand::forward;
      const std::int64_t start = forward ? s.position - before : s.position + before - 5;
      const std::string word = genome.letters({"NC_000913.3", (start + kGenome) % kGenome, (start + kGenome) % kGenome + 6, s.strand});
      int different = 0;
      for (std::size_t i = 0; i < 6; ++i) different += word[i] != "TATAAT"[i];
      if (different <= 1) return true;
    }
    return false;
  });
}

TEST(Annotation, TheLiftoverPutsStartsBehindTheirPromoters) {
  if (!there(kOpen)) GTEST_SKIP() << "not in the shared data: ecoli_tss/open (genome, Cappable-seq)";
  const auto genome = io::load_genome({.path = *testing_files::shared_data("ecoli_tss/" + kOpen[0]), .circular = {"NC_000913.3"}}).genome;
  std::map<char, std::int64_t> letters;
  for (const char letter : genome.letters({"NC_000913.3", 0, kGenome})) ++letters[letter];
  EXPECT_THAT(letters, ElementsAre(Pair('A', 1'142'742), Pair('C', 1'180'091), Pair('G', 1'177'437), Pair('T', 1'141'382)));
  corpus::SiteSourceOptions cappable = table("open").sources[0];
  const auto lifted = corpus::read_source(cappable, genome.sizes()).sites;
  EXPECT_EQ(with_hexamer(lifted, genome), 3885) << "a share of 0.237";
  EXPECT_EQ(lifted.front(), (ScoredSite{0, 0, Strand::forward, 2.205})) << "1 stays 1";
  cappable.liftover.clear();
  const auto old = corpus::read_source(cappable, genome.sizes()).sites;
  EXPECT_EQ(with_hexamer(old, genome), 519) << "a share of 0.032";
  EXPECT_EQ(lifted.back().position - old.back().position, 1977);
}

class SmallAnnotation : public testing::Test {
 protected:
  void SetUp() override {
    folder_.file("x.sizes", "c\t100\n");
    folder_.file("a.bed", "c\t10\t11\t.\t5\t+\nc\t50\t51\t.\t7\t-\nc\t97\t98\t.\t1\t+\n");
    folder_.file("b.tsv", "position\tstrand\n14\t+\n2\t+\n60\t-\n");
    table_ = folder_.file("t.toml",
                          "name = \"toy\"\nsizes = \"x.sizes\"\ncircular = [\"all\"]\n[[sources]]\nname = \"a\"\nfile = \"a.bed\"\n"
                          "terms = \"free\"\n[[sources]]\nname = \"b\"\nfile = \"b.tsv\"\nstrand = \"strand\"\n");
  }
  AnnotationOptions options(const std::vector<std::string>& set = {}) {
    AnnotationOptions o;
    read_toml_file(described(o), table_, set);
    return o;
  }

  testing_files::Folder folder_;
  std::filesystem::path table_;
};

TEST_F(SmallAnnotation, Files) {
  const std::filesystem::path out = folder_.path() / "out";
  const AnnotationResult r = write_annotation(options(), out);
  EXPECT_EQ(read_file(out / "a.bed"), "c\t10\t11\ta\t5\t+\nc\t50\t51\ta\t7\t-\nc\t97\t98\ta\t1\t+\n");
  EXPECT_EQ(read_file(out / "b.bed"), "c\t1\t2\tb\t.\t+\nc\t13\t14\tb\t.\t+\nc\t59\t60\tb\t.\t-\n");
  EXPECT_EQ(read_file(out / "curated_2.bed"), "c\t10\t11\ta,b\t2\t+\nc\t97\t98\ta,b\t2\t+\n");
  EXPECT_EQ(read_file(out / "clusters.tsv"),
            "chromosome\tstart\tend\tstrand\tsupport\tsources\tsites\tposition\tsource\nc\t10\t14\t+\t2\ta,b\t2\t10\ta\n"
            "c\t97\t102\t+\t2\ta,b\t2\t97\ta\nc\t50\t51\t-\t1\ta\t1\t50\ta\nc\t59\t60\t-\t1\tb\t1\t59\tb\n");
  EXPECT_EQ(read_file(out / "sources.tsv"),
            "source\trows\tsites\tshared\tshare\twith_a\twith_b\na\t3\t3\t2\t0.666667\t0\t2\nb\t3\t3\t2\t0.666667\t2\t0\n");
  EXPECT_EQ(read_file(out / "support.tsv"), "sources\tclusters\tat_least\n1\t2\t4\n2\t2\t2\n");
  EXPECT_EQ(read_file(out / "combinations.tsv"), "sources\tclusters\na\t1\na,b\t2\nb\t1\n");
  EXPECT_THAT(read_file(out / "distances.tsv"), HasSubstr("a\tb\t3\t1\na\tb\t4\t1\na\tb\t5\t0\n"));
  const nlohmann::ordered_json json = read_json(out / "annotation.json");
  EXPECT_EQ(json["name"], "toy");
  EXPECT_EQ(json["sources"][0]["terms"], "free");
  EXPECT_EQ(json["sources"][0]["files"][0], "a.bed") << "no path of this machine";
  EXPECT_EQ(json["curated"][0]["sites"], 2);
  EXPECT_EQ(json, to_json(r));
  EXPECT_EQ(io::read_bed(out / "curated_2.bed").records.size(), 2U);
}

TEST_F(SmallAnnotation, SetsOfAnEarlierCallDoNotStayBesideTheNewOnes) {
  const std::filesystem::path out = folder_.path() / "out";
  write_annotation(options({"support=[1,2]"}), out);
  write_file(out / "mine.bed", "c\t1\t2\n");
  EXPECT_THAT(write_annotation(options({"support=[2]"}), out).removed, ElementsAre("curated_1.bed"));
  EXPECT_FALSE(std::filesystem::exists(out / "curated_1.bed"));
  EXPECT_TRUE(std::filesystem::exists(out / "curated_2.bed") && std::filesystem::exists(out / "mine.bed"));
  write_file(out / "annotation.json", "{\"files\": [\"../a.bed\", \"mine.bed\", 7]}");
  EXPECT_THAT(write_annotation(options({"support=[2]"}), out).removed, ElementsAre("mine.bed"));
  EXPECT_TRUE(std::filesystem::exists(folder_.path() / "a.bed"));
  // What is read now may have been written then.
  const std::string before = read_file(out / "b.bed");
  AnnotationOptions o = options({"support=[2]"});
  o.sources[1].name = "c";
  o.sources[1].file = out / "b.bed";
  o.sources[1].strand = "";
  EXPECT_THAT(write_annotation(o, out).removed, testing::IsEmpty());
  EXPECT_EQ(read_file(out / "b.bed"), before);
}

TEST_F(SmallAnnotation, FilesThatLieElsewhere) {
  std::filesystem::create_directory(folder_.path() / "kept");
  std::filesystem::rename(folder_.path() / "a.bed", folder_.path() / "kept/a.bed");
  EXPECT_THAT(error_text<DataError>([&] { annotation_sets(options()); }), HasSubstr("give 'folder' if it lies elsewhere"));
  AnnotationOptions o = options();
  o.folder = folder_.path() / "kept";
  EXPECT_EQ(annotation_sets(o).sources[0].read.sites.size(), 3U);
  std::filesystem::remove(folder_.path() / "kept/a.bed");
  EXPECT_THAT(error_text<DataError>([&] { annotation_sets(o); }), HasSubstr("source 'a': there is neither"));
}

TEST_F(SmallAnnotation, WhatDoesNotFitTogetherIsRefused) {
  const auto error = [&](const std::vector<std::string>& set) { return error_text<ArgumentError>([&] { annotation_sets(options(set)); }); };
  EXPECT_THAT(error({"support=[3]"}), HasSubstr("support: sites of 3 sources or more, where there are 2; give numbers from 1 to 2"));
  EXPECT_THAT(error({"support=[2,1,2]"}), HasSubstr("support names 2 twice"));
  EXPECT_THAT(error({"sources.1.name=curated_2"}), HasSubstr("'curated_2' is the name of the curated set of 2 sources"));
  EXPECT_THAT(error({"sources.1.name=a"}), HasSubstr("sources: two are called 'a'"));
  EXPECT_THAT(error({"sources.1.name=../a"}), HasSubstr("the name '../a' is no name for a file"));
  EXPECT_THAT(error({"fasta=x.fa"}), HasSubstr("fasta, sizes: give one of them"));
  EXPECT_THAT(error({"sources.0.where=[\"a=b\"]"}), HasSubstr("source 'a': where and score name columns of tables; BED files have none"));
  AnnotationOptions o = options();
  o.circular.clear();
  o.sources[1].file = folder_.file("far.tsv", "position\tstrand\n101\t+\n");
  EXPECT_THAT(error_text<DataError>([&] { annotation_sets(o); }), HasSubstr("far.tsv:2: base 101 (counted from 1) is not on c, a linear"));
  EXPECT_THAT(error_text<ArgumentError>([&] { write_annotation(options(), folder_.path()); }), HasSubstr("a.bed"));
  o.sources.clear();
  EXPECT_THAT(error_text<ArgumentError>([&] { annotation_sets(o); }), HasSubstr("sources: there is none"));
}

}  // namespace
}  // namespace basewise::prepare
