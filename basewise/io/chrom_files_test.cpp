#include "basewise/io/chrom_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/error_text.h"
#include "tests/support/test_files.h"

namespace basewise::io {
namespace {

using namespace testing_files;
using testing::ElementsAre;
using testing::HasSubstr;

TEST(ChromSizesFile, ReadsAndWrites) {
  const Folder folder;
  const auto sizes = read_chrom_sizes(folder.file("x.sizes", "# made\nchr2\t20\nchr10 7 5 50 51\n\n"));
  ASSERT_EQ(sizes.size(), 2u);
  EXPECT_EQ(sizes[1].name, "chr10");
  EXPECT_EQ(sizes[1].length, 7);
  write_chrom_sizes(folder.path() / "y.sizes", sizes);
  EXPECT_EQ(read_file(folder.path() / "y.sizes"), "chr2\t20\nchr10\t7\n");
}

TEST(ChromSizesFile, Errors) {
  const Folder folder;
  const auto error = [&](const char* text) { return error_text([&] { read_chrom_sizes(folder.file("x.sizes", text)); }); };
  EXPECT_THAT(error("chr1\t5\nchr1\t6\n"), HasSubstr("x.sizes:2: chromosome 'chr1' occurs twice"));
  EXPECT_THAT(error("chr1\tlong\n"), HasSubstr("x.sizes:1: length 'long' is no whole number"));
  EXPECT_THAT(error("chr1\t-4\n"), HasSubstr("x.sizes:1: chromosome 'chr1' has the negative length -4"));
  EXPECT_THAT(error("chr1\n"), HasSubstr("x.sizes:1: 'chr1' has one column"));
  EXPECT_THAT(error("#\n"), HasSubstr("no chromosome; expected a name and a length per line"));
}

TEST(AliasTable, LeavesOutWhatIsNoName) {
  const Folder folder;
  const auto table = read_alias_table(folder.file("a.tsv", "# a comment\n#one\tLength\ttwo\nI\t5\tchrI\nM\t7\t(none)\n"));
  EXPECT_THAT(table, ElementsAre(ElementsAre("I", "chrI"), ElementsAre("M")));
  const auto report = folder.file(
      "report.txt",
      "# Sequence-Name\tSequence-Role\tAssigned-Molecule\tAssigned-Molecule-Location/Type\tGenBank-Accn\tRelationship\tRefSeq-Accn\t"
      "Assembly-Unit\tSequence-Length\tUCSC-style-name\n"
      "1\tassembled-molecule\t1\tChromosome\tCM000663.2\t=\tNC_000001.11\tPrimary Assembly\t248956422\tchr1\n"
      "HSCHR1\tunlocalized-scaffold\t1\tChromosome\tKI270706.1\t=\tNT_187361.1\tPrimary Assembly\t175055\tna\n");
  EXPECT_THAT(read_alias_table(report),
              ElementsAre(ElementsAre("1", "CM000663.2", "NC_000001.11", "chr1"), ElementsAre("HSCHR1", "KI270706.1", "NT_187361.1")));
  EXPECT_THAT(read_alias_table(folder.file("plain.tsv", "1\tchr1\n2\tchr2\n")),
              ElementsAre(ElementsAre("1", "chr1"), ElementsAre("2", "chr2")));
}

TEST(AliasTable, FilesOfUcsc) {
  const Folder folder;
  using Names = std::vector<std::string>;
  const std::string latest = "# ucsc\tassembly\tgenbank\tncbi\trefseq\nchr1\t1\tCM000663.2\t1\tNC_000001.11\nchrM\tMT\t\tMT\tNC_012920.1\n";
  EXPECT_THAT(read_alias_table(folder.file("a.txt", latest)),
              ElementsAre(Names{"chr1", "1", "CM000663.2", "NC_000001.11"}, Names{"chrM", "MT", "NC_012920.1"}));
  const std::string older = "# sequenceName\talias names\tUCSC database: mm10\nchr1\t1\tCM000994.2\tNC_000067.6\nchrM\tMT\n";
  EXPECT_THAT(read_alias_table(folder.file("b.txt", older)),
              ElementsAre(Names{"chr1", "1", "CM000994.2", "NC_000067.6"}, Names{"chrM", "MT"}));
  const std::string table = "1\tchr1\tassembly,ensembl\nCM000663.2\tchr1\tgenbank\n2\tchr2\tassembly,ensembl\n";
  EXPECT_THAT(read_alias_table(folder.file("c.txt.gz", gzip(table))),
              ElementsAre(Names{"1", "chr1"}, Names{"CM000663.2", "chr1"}, Names{"2", "chr2"}));
  EXPECT_THAT(read_alias_table(folder.file("d.txt", "seven chr7\n")), ElementsAre(Names{"seven", "chr7"}));
}

TEST(AliasTable, Errors) {
  const Folder folder;
  EXPECT_THAT(error_text([&] { read_alias_table(folder.file("a.tsv", "a\tb\nc\n")); }),
              HasSubstr("a.tsv:2: 1 columns, the first row has 2"));
  EXPECT_THAT(error_text([&] { read_alias_table(folder.file("a.tsv", "#a\tb\n")); }), HasSubstr("a.tsv: no row"));
}

}  // namespace
}  // namespace basewise::io
