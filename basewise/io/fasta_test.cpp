#include "basewise/io/fasta.h"

#include <array>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "basewise/io/fasta_genome.h"
#include "basewise/io/fasta_index.h"
#include "tests/support/error_text.h"
#include "tests/support/test_files.h"

namespace basewise::io {
namespace {

using namespace testing_files;
using testing::ElementsAre;
using testing::HasSubstr;

TEST(Fasta, ReadsRecords) {
  const Folder folder;
  const auto path = folder.file("x.fa", ">a first one\r\nACGT\r\nacg \r\n\r\n>b\nNN\n");
  const FastaResult result = read_fasta(path);
  ASSERT_EQ(result.records.size(), 2u);
  EXPECT_EQ(result.records[0].name, "a");
  EXPECT_EQ(result.records[0].description, "first one");
  EXPECT_EQ(result.records[0].sequence, "ACGTacg");
  EXPECT_EQ(result.records[1].sequence, "NN");
  EXPECT_EQ(result.records[1].line, 5);
  EXPECT_EQ(result.report.summary(), "2 records, 1 skipped (1 blank line)");
  EXPECT_EQ(read_fasta(folder.file("x.fa.gz", gzip(read_file(path)))).records[0].sequence, "ACGTacg");
}

TEST(Fasta, OptionsLetThingsThrough) {
  const Folder folder;
  const auto path = folder.file("x.fa", ">a\nARG\n>a\n>b\nC\n");
  EXPECT_THAT(error_text([&] { read_fasta(path); }), HasSubstr("x.fa:2:2: letter 'R' is an IUPAC ambiguity code"));
  EXPECT_THAT(error_text([&] { read_fasta(path, {.ambiguity = seq::Ambiguity::as_n}); }), HasSubstr("x.fa:3: the name 'a' occurs twice"));
  EXPECT_THAT(error_text([&] { read_fasta(path, {.ambiguity = seq::Ambiguity::as_n, .allow_duplicates = true}); }),
              HasSubstr("x.fa:3: sequence 'a' has no bases"));
  EXPECT_EQ(read_fasta(path, {.ambiguity = seq::Ambiguity::as_n, .allow_duplicates = true, .allow_empty = true}).records.size(), 3u);
}

RC_GTEST_PROP(FastaLaws, WrittenRecordsAreReadBack, ()) {
  const Folder folder;
  std::vector<FastaRecord> records(static_cast<std::size_t>(*rc::gen::inRange(1, 5)));
  for (std::size_t i = 0; i < records.size(); ++i) {
    records[i].name = "s" + std::to_string(i);
    records[i].description = *rc::gen::element<std::string>("", "two words");
    records[i].sequence = *rc::gen::nonEmpty(rc::gen::container<std::string>(rc::gen::element('A', 'c', 'G', 't', 'N')));
  }
  const auto path = folder.path() / *rc::gen::element<std::string>("x.fa", "x.fa.gz");
  write_fasta(path, records, *rc::gen::inRange(1, 70));
  const auto back = read_fasta(path).records;
  IndexedFasta indexed(path);
  RC_ASSERT(back.size() == records.size());
  for (std::size_t i = 0; i < records.size(); ++i) {
    const std::string& sequence = records[i].sequence;
    RC_ASSERT(back[i].name == records[i].name);
    RC_ASSERT(back[i].description == records[i].description);
    RC_ASSERT(back[i].sequence == sequence);
    const auto start = *rc::gen::inRange<std::size_t>(0, sequence.size());
    const auto length = *rc::gen::inRange<std::size_t>(0, sequence.size() - start + 1);
    const seq::Interval interval{records[i].name, static_cast<std::int64_t>(start), static_cast<std::int64_t>(start + length),
                                 seq::Strand::forward};
    RC_ASSERT(indexed.fetch(interval) == sequence.substr(start, length));
  }
}

TEST(Fasta, NamesAreBounded) {
  const Folder folder;
  const std::string name(65'535, 'N');
  const auto longest = folder.file("longest.fa", ">" + name + "\nACGT\n");
  EXPECT_EQ(read_fasta(longest).records.at(0).name, name);
  EXPECT_EQ(load_genome(longest).genome.sizes()[0].name, name);
  const auto longer = folder.file("longer.fa", ">chr1\nACGT\n>" + name + "N\nACGT\n");
  const std::string expected = "longer.fa:3:2: the name '" + name.substr(0, 60) + "...' has 65536 bytes; expected at most 65535";
  EXPECT_THAT(error_text<DataError>([&] { read_fasta(longer); }), HasSubstr(expected));
  EXPECT_THAT(error_text<DataError>([&] { load_genome(longer); }), HasSubstr(expected));
}

TEST(FastaWriter, RefusesWhatWouldNotReadBack) {
  const Folder folder;
  const auto path = folder.path() / "x.fa";
  EXPECT_THAT(error_text([&] { write_fasta(path, {{"a b", "", "ACGT", 0}}); }), HasSubstr("'a b' cannot be the name"));
  EXPECT_THAT(error_text([&] { write_fasta(path, {{"a", "", "AC>T", 0}}); }), HasSubstr("sequence 'a' holds '>' at position 3"));
  EXPECT_THAT(error_text([&] { write_fasta(path, {{"a", "x\ny", "ACT", 0}}); }), HasSubstr("line break"));
  EXPECT_THAT(error_text([&] { FastaWriter(path, 0); }), HasSubstr("line_width = 0"));
  EXPECT_EQ(folder.count(), 0u);
}

TEST(LoadGenome, KeepsAndMarksByAlias) {
  const Folder folder;
  const auto path = folder.file("g.fa", ">I\nACGTN\n>II\nAAAR\n>Mito\nGGC\n");
  const GenomeResult all = load_genome({.path = path, .ambiguity = seq::Ambiguity::as_n, .circular = {"chrM"}});
  EXPECT_EQ(all.genome.sizes().names(), (std::vector<std::string>{"I", "II", "Mito"}));
  EXPECT_EQ(all.n, 2);
  EXPECT_EQ(all.report.summary(), "3 records; 1 IUPAC codes read as N");
  EXPECT_EQ(all.genome.letters({"chrM", 1, 4, seq::Strand::none}), "GCG");
  const auto aliases = folder.file("a.tsv", "#here\tncbi\tlength\nI\tNC_1.1\t5\nII\t(none)\t4\n");
  const GenomeResult some = load_genome(
      {.path = path, .ambiguity = seq::Ambiguity::as_n, .chroms = {"chr2", "NC_1.1"}, .aliases = aliases});
  EXPECT_EQ(some.genome.sizes().names(), (std::vector<std::string>{"I", "II"}));
  EXPECT_EQ(some.report.reasons.at("sequence that was not asked for"), 1);
  EXPECT_EQ(some.genome.sizes().look_up("MT").rule, seq::NameRule::unused) << "Mito was not asked for";
  EXPECT_THAT(some.report.remarks,
              ElementsAre("of the chromosomes that were asked for 2 names are translated, such as 'NC_1.1' to 'I' of " + path.string()));
  const GenomeResult more = load_genome({.path = path, .ambiguity = seq::Ambiguity::as_n, .chroms = {"I", "chrY"}, .circular = {"II"}});
  EXPECT_THAT(more.report.remarks, ElementsAre(HasSubstr("'chrY' is not in " + path.string() + ", which has 'I', 'II', 'Mito'")));
  EXPECT_THAT(error_text([&] { load_genome({.path = path, .ambiguity = seq::Ambiguity::as_n, .chroms = {"chr9"}}); }),
              HasSubstr("the option chromosomes uses 'chr9', "));
  EXPECT_THAT(error_text([&] { load_genome(path); }), HasSubstr("g.fa:4:4: letter 'R'"));
}

TEST(LoadGenome, EscherichiaColi) {
  const auto path = shared_data("ecoli_tss/open/NC_000913.3.fna.gz");
  if (!path) GTEST_SKIP() << "no ecoli_tss/open/NC_000913.3.fna.gz in the shared data";
  const GenomeResult result = load_genome({.path = *path, .circular = {"NC_000913.3"}});
  std::array<std::int64_t, 5> counts{};
  for (const seq::Token t : result.genome.sequence(0)) ++counts[t];
  EXPECT_THAT(counts, ElementsAre(1142742, 1180091, 1177437, 1141382, 0));
  EXPECT_EQ(result.genome.sizes()[0].length, 4641652);
}

TEST(LoadGenome, Yeast) {
  const auto path = shared_data("sacCer3_genome/Saccharomyces_cerevisiae.R64-1-1.dna.toplevel.fa.gz");
  const auto aliases = shared_data("sacCer3_genome/chrom_aliases.tsv");
  if (!path || !aliases) GTEST_SKIP() << "no sacCer3_genome in the shared data";
  const GenomeResult result = load_genome({.path = *path, .circular = {"chrM"}, .aliases = *aliases});
  const auto& sizes = result.genome.sizes();
  EXPECT_EQ(sizes.size(), 17u);
  EXPECT_EQ(sizes.total_length(), 12157105);
  EXPECT_EQ(sizes.resolve("chr10", "test").length, 745751);
  EXPECT_EQ(sizes.resolve("chrX", "test").length, 745751);
  EXPECT_TRUE(sizes.resolve("MT", "test").circular);
}

}  // namespace
}  // namespace basewise::io
