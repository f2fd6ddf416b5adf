// Broken text files, one table: every row must end in a DataError that names file and line,
// and leave no file behind.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "basewise/io/bed.h"
#include "basewise/io/chrom_files.h"
#include "basewise/io/fasta.h"
#include "basewise/io/fasta_genome.h"
#include "basewise/io/fasta_index.h"
#include "basewise/io/gff.h"
#include "basewise/io/motif_file.h"
#include "basewise/io/transfac.h"
#include "basewise/io/tsv.h"
#include "basewise/io/vcf.h"
#include "tests/support/test_files.h"

namespace basewise::io {
namespace {

using namespace testing_files;
using testing::HasSubstr;

using Read = void (*)(const fs::path&);

void fasta(const fs::path& path) { read_fasta(path); }
void genome(const fs::path& path) { load_genome(path); }
void index(const fs::path& path) { IndexedFasta(path, WriteIndex::never); }
void bed(const fs::path& path) { read_bed(path); }
void gff3(const fs::path& path) { read_gff(path, {.format = GffFormat::gff3}); }
void gtf(const fs::path& path) { read_gff(path, {.format = GffFormat::gtf}); }
void meme(const fs::path& path) { read_meme(path); }
void jaspar(const fs::path& path) { read_jaspar(path); }
void transfac(const fs::path& path) { read_transfac(path); }
void any_motifs(const fs::path& path) { read_motifs(path); }
void sizes(const fs::path& path) { read_chrom_sizes(path); }
void vcf(const fs::path& path) {
  VcfReader reader(path);
  for (VcfRecord record; reader.next(record);) {
  }
}

// A table of a name and two numbers.
void tsv(const fs::path& path) {
  TsvReader table(path);
  while (table.next()) {
    table.text("name");
    table.integer("count");
    table.number("score");
  }
}

struct Broken {
  std::string name;
  Read read;
  std::string file;
  std::string bytes;
  std::string where;               // what the error starts with behind the folder
  std::vector<std::string> words;  // what it says
};

std::string cut(std::string text, std::size_t bytes) { return text.substr(0, text.size() - bytes); }

std::string flipped(std::string bytes, std::size_t from_end) {
  bytes[bytes.size() - from_end] ^= 0x20;
  return bytes;
}

const std::string kMemeHead = "MEME version 4\n\nALPHABET= ACGT\n\nBackground letter frequencies\nA 0.25 C 0.25 G 0.25 T 0.25\n\n";
const std::string kMatrix = "letter-probability matrix: alength= 4 w= 2 nsites= 20 E= 0\n";
const std::string kJaspar = ">MA1 x\nA [ 1 2 ]\nC [ 1 2 ]\nG [ 1 2 ]\nT [ 1 2 ]\n";

std::vector<Broken> sequences() {
  const std::string good = ">a\nACGTACGT\nACGT\n>b\nGGGG\n";
  return {
      {"empty", fasta, "x.fa", "", "x.fa: ", {"no FASTA record", "empty"}},
      {"blank_lines_only", fasta, "x.fa", "\n \n\n", "x.fa: ", {"no FASTA record"}},
      {"sequence_before_header", fasta, "x.fa", "\nACGT\n>a\nACGT\n", "x.fa:2: ", {"before the first header", "'ACGT'"}},
      {"empty_name", fasta, "x.fa", ">a\nAC\n> b\nAC\n", "x.fa:3:2: ", {"the header has no name"}},
      {"repeated_name", fasta, "x.fa", ">a\nAC\n>b\nAC\n>a second\nAC\n", "x.fa:5: ", {"'a' occurs twice"}},
      {"protein", fasta, "x.fa", ">a\nACGT\nMKLE\n", "x.fa:3:1: ", {"letter 'M'", "IUPAC"}},
      {"letter_in_the_middle",
       genome,
       "x.fa",
       ">a\nACGT\nACJT\n",
       "x.fa:3:3: ",
       {"letter 'J' is no nucleotide", "expected A, C, G, T or N", "sequence 'a'"}},
      {"gap", fasta, "x.fa", ">a\nAC-GT\n", "x.fa:2:3: ", {"letter '-'"}},
      {"blank_inside", fasta, "x.fa", ">a\nAC GT\n", "x.fa:2:3: ", {"letter ' '"}},
      {"iupac", genome, "x.fa", ">a\nACGTR\n", "x.fa:2:5: ", {"'R' is an IUPAC ambiguity code", "ambiguity = \"n\" makes N of such codes"}},
      {"no_bases", fasta, "x.fa", ">a\n>b\nAC\n", "x.fa:1: ", {"sequence 'a' has no bases"}},
      {"fastq", fasta, "x.fq", "@a\nACGT\n+\nIIII\n", "x.fq:1: ", {"looks like FASTQ"}},
      {"nul_byte", fasta, "x.fa", std::string(">a\nAC\0GT\n", 9), "x.fa:2:3: ", {"NUL byte"}},
      {"utf16", fasta, "x.fa", std::string("\xff\xfe>\0a\0", 6), "x.fa:1:4: ", {"NUL byte", "UTF-16"}},
      {"truncated_gzip", fasta, "x.fa.gz", cut(gzip(good), 9), "x.fa.gz: ", {"gzip data is truncated"}},
      {"damaged_gzip", genome, "x.fa.gz", flipped(gzip(good), 7), "x.fa.gz: ", {"damaged gzip data"}},
      {"tail_behind_gzip", fasta, "x.fa.gz", gzip(good) + good, "x.fa.gz: ", {"behind the end of the gzip data"}},
      {"zip", fasta, "x.fa", "PK\x03\x04rest", "x.fa: ", {"compressed by zip"}},
      {"index_of_gzip", index, "x.fa.gz", gzip(good), "x.fa.gz: ", {"gzip, which allows no random access", "bgzip"}},
      {"index_of_cut_block",
       index,
       "x.fa.gz",
       std::string("\x1f\x8b\x08\x04\0\0\0\0\0\xff\x06\0BC\x02\0\xff\x0frest", 22),
       "x.fa.gz: ",
       {"the end of a bgzip block", "truncated or damaged"}},
      {"unequal_lines", index, "x.fa", ">a\nACGT\nAC\nACGT\n", "x.fa:4: ", {"lines of unequal length"}},
      {"longer_second_line", index, "x.fa", ">a\nAC\nACGT\n", "x.fa:3: ", {"lines of unequal length"}},
  };
}

std::vector<Broken> features() {
  const std::string feature = "chr1\tx\tgene\t5\t9\t.\t+\t.\tID=1\n";
  return {
      {"two_columns", bed, "x.bed", "chr1\t1\t2\nchr1\t5\n", "x.bed:2: ", {"2 columns", "at least 3"}},
      {"start_behind_end", bed, "x.bed", "track x\nchr1\t9\t5\n", "x.bed:2: ", {"start 9 lies behind end 5"}},
      {"negative_start", bed, "x.bed", "chr1\t-3\t5\n", "x.bed:1: ", {"start -3 is negative"}},
      {"start_no_number", bed, "x.bed", "chr1\tx\t5\n", "x.bed:1: ", {"start 'x' is no whole number"}},
      {"end_with_fraction", bed, "x.bed", "chr1\t1\t5.5\n", "x.bed:1: ", {"end '5.5' is no whole number"}},
      {"end_too_large", bed, "x.bed", "chr1\t1\t99999999999999999999\n", "x.bed:1: ", {"'99999999999999999999'"}},
      {"columns_change", bed, "x.bed", "chr1\t1\t5\nchr1\t1\t5\tname\n", "x.bed:2: ", {"4 columns, the lines before have 3"}},
      {"empty_chromosome", bed, "x.bed", "\t1\t5\n", "x.bed:1: ", {"name of the chromosome is empty"}},
      {"strand", bed, "x.bed", "chr1\t1\t5\tn\t0\t*\n", "x.bed:1: ", {"strand '*'", "expected +, - or ."}},
      {"summit_outside",
       bed,
       "x.narrowPeak",
       "chr1\t10\t20\tn\t0\t.\t1\t2\t3\t10\n",
       "x.narrowPeak:1: ",
       {"summit 10 lies outside the peak of 10 bases"}},
      {"signal_no_number",
       bed,
       "x.narrowPeak",
       "chr1\t10\t20\tn\t0\t.\thigh\t2\t3\t1\n",
       "x.narrowPeak:1: ",
       {"signal 'high' is no number"}},
      {"narrow_peak_short", bed, "x.narrowPeak", "chr1\t10\t20\n", "x.narrowPeak:1: ", {"3 columns; narrowPeak has 10"}},
      {"vcf_empty", vcf, "x.vcf", "", "x.vcf: ", {"is empty; expected VCF or BCF"}},
      {"vcf_columns", vcf, "x.vcf", "##fileformat=VCFv4.2\nc\t5\tx\tA\n", "x.vcf:2: ", {"4 columns", "at least 5"}},
      {"vcf_position", vcf, "x.vcf", "c\t5.5\tx\tA\tC\n", "x.vcf:1: ", {"position '5.5' is no whole number"}},
      {"vcf_reference", vcf, "x.vcf", "c\t5\tx\t.\tC\n", "x.vcf:1: ", {"reference allele '.'", "the base before it"}},
      {"vcf_alternative", vcf, "x.vcf", "c\t5\tx\tA\tC/T\n", "x.vcf:1: ", {"alternative allele 'C/T'", "<DEL>"}},
      {"vcf_truncated_gzip", vcf, "x.vcf.gz", cut(gzip("c\t5\tx\tA\tC\n"), 4), "x.vcf.gz: ", {"truncated"}},
      {"bed_truncated_gzip", bed, "x.bed.gz", cut(gzip("chr1\t1\t5\n"), 4), "x.bed.gz: ", {"truncated"}},
      {"gff_columns", gff3, "x.gff", "##gff-version 3\nchr1\tx\tgene\t5\t9\n", "x.gff:2: ", {"5 columns", "have 9"}},
      {"gff_zero_start", gff3, "x.gff", "chr1\tx\tgene\t0\t9\t.\t+\t.\tID=1\n", "x.gff:1: ", {"start 0; positions count from 1"}},
      {"gff_start_behind_end",
       gff3,
       "x.gff",
       feature + "chr1\tx\tgene\t10\t9\t.\t+\t.\tID=1\n",
       "x.gff:2: ",
       {"start 10 lies behind end 9"}},
      {"gff_start_no_number", gff3, "x.gff", "chr1\tx\tgene\tfive\t9\t.\t+\t.\tID=1\n", "x.gff:1: ", {"start 'five' is no whole number"}},
      {"gff_strand", gff3, "x.gff", "chr1\tx\tgene\t5\t9\t.\tplus\t.\tID=1\n", "x.gff:1: ", {"strand 'plus'"}},
      {"gff_phase", gff3, "x.gff", "chr1\tx\tCDS\t5\t9\t.\t+\t3\tID=1\n", "x.gff:1: ", {"phase '3'", "0, 1, 2"}},
      {"gff_score", gff3, "x.gff", "chr1\tx\tCDS\t5\t9\tbig\t+\t0\tID=1\n", "x.gff:1: ", {"score 'big' is no number"}},
      {"gff_no_key", gff3, "x.gff", "chr1\tx\tCDS\t5\t9\t.\t+\t0\t=1\n", "x.gff:1: ", {"'=1' has no key"}},
      {"gff_no_value", gff3, "x.gff", "chr1\tx\tCDS\t5\t9\t.\t+\t0\tID\n", "x.gff:1: ", {"'ID' has no value", "key=value"}},
      {"gff_region", gff3, "x.gff", "##sequence-region chr1 0 10\n", "x.gff:1: ", {"##sequence-region", "count from 1"}},
      {"gtf_open_quote", gtf, "x.gtf", "chr1\tx\texon\t5\t9\t.\t+\t.\tgene_id \"g1; tag 2\n", "x.gtf:1: ", {"the quote is not closed"}},
  };
}

std::vector<Broken> motifs() {
  return {
      {"meme_empty", meme, "x.meme", "", "x.meme: ", {"the file is empty", "MEME version 4"}},
      {"meme_other_file", meme, "x.meme", ">a\nACGT\n", "x.meme:1: ", {"expected 'MEME version 4', found '>a'"}},
      {"meme_old_version", meme, "x.meme", "MEME version 3.0\n", "x.meme:1: ", {"expected 4 or later"}},
      {"meme_protein", meme, "x.meme", "MEME version 4\nALPHABET= ACDEFGHIKLMNPQRSTVWY\n", "x.meme:2: ", {"expected ACGT"}},
      {"meme_background",
       meme,
       "x.meme",
       "MEME version 4\nBackground letter frequencies\nA 0.5 C 0.5 G 0.5 T 0.5\n",
       "x.meme:3: ",
       {"sum to 2"}},
      {"meme_background_letters",
       meme,
       "x.meme",
       "MEME version 4\nBackground letter frequencies\nA 0.25 C 0.25\nMOTIF a\n",
       "x.meme:4: ",
       {"background"}},
      {"meme_no_motif", meme, "x.meme", kMemeHead, "x.meme: ", {"no motif"}},
      {"meme_no_matrix", meme, "x.meme", kMemeHead + "MOTIF a\nMOTIF b\n", "x.meme: ", {"no motif", "letter-probability matrix"}},
      {"meme_no_version", meme, "x.meme", "# a comment\n****\nMOTIF a\n", "x.meme:1: ", {"expected 'MEME version 4', found '# a comment'"}},
      {"meme_matrix_first", meme, "x.meme", kMemeHead + kMatrix, "x.meme:8: ", {"before any 'MOTIF name'"}},
      {"meme_no_name", meme, "x.meme", kMemeHead + "MOTIF\n", "x.meme:8: ", {"MOTIF without a name"}},
      {"meme_few_rows", meme, "x.meme", kMemeHead + "MOTIF a\n" + kMatrix + "1 0 0 0\nURL x\n", "x.meme:11: ", {"1 rows, w= says 2"}},
      {"meme_three_values",
       meme,
       "x.meme",
       kMemeHead + "MOTIF a\n" + kMatrix + "1 0 0 0\n0.5 0.5 0\n",
       "x.meme:11: ",
       {"3 values, expected 4"}},
      {"meme_sum", meme, "x.meme", kMemeHead + "MOTIF a\n" + kMatrix + "0.5 0.2 0 0\n", "x.meme:10: ", {"no probabilities", "sum 0.7"}},
      {"meme_word", meme, "x.meme", kMemeHead + "MOTIF a\n" + kMatrix + "0.5 0.5 0 none\n", "x.meme:10: ", {"value 'none' is no number"}},
      {"meme_width",
       meme,
       "x.meme",
       kMemeHead + "MOTIF a\nletter-probability matrix: w= two\n",
       "x.meme:9: ",
       {"w 'two' is no whole number"}},
      {"meme_alength",
       meme,
       "x.meme",
       kMemeHead + "MOTIF a\nletter-probability matrix: alength= 20 w= 2\n",
       "x.meme:9: ",
       {"alength= '20'; expected 4"}},
      {"jaspar_empty", jaspar, "x.jaspar", "\n", "x.jaspar: ", {"no motif"}},
      {"jaspar_no_header", jaspar, "x.jaspar", "A [ 1 2 ]\n", "x.jaspar:1: ", {"expected '>ID name'"}},
      {"jaspar_no_name", jaspar, "x.jaspar", ">\nA [ 1 2 ]\n", "x.jaspar:1: ", {"no identifier"}},
      {"jaspar_missing_row",
       jaspar,
       "x.jaspar",
       kJaspar + ">MA2\nA [ 1 2 ]\nC [ 1 2 ]\nG [ 1 2 ]\n",
       "x.jaspar:6: ",
       {"motif 'MA2' has no row T"}},
      {"jaspar_two_rows", jaspar, "x.jaspar", ">MA1\nA [ 1 2 ]\nA [ 1 2 ]\n", "x.jaspar:3: ", {"two rows A"}},
      {"jaspar_lengths",
       jaspar,
       "x.jaspar",
       ">MA1\nA [ 1 2 ]\nC [ 1 ]\nG [ 1 2 ]\nT [ 1 2 ]\n",
       "x.jaspar:1: ",
       {"row C has 1 counts, row A has 2"}},
      {"jaspar_bracket", jaspar, "x.jaspar", ">MA1\nA [ 1 2\n", "x.jaspar:2: ", {"the bracket is not closed"}},
      {"jaspar_negative", jaspar, "x.jaspar", ">MA1\nA [ 1 -2 ]\n", "x.jaspar:2: ", {"count '-2'"}},
      {"jaspar_word", jaspar, "x.jaspar", ">MA1\nA [ 1 two ]\n", "x.jaspar:2: ", {"count 'two' is no number"}},
      {"jaspar_four_bare_rows_of_four",
       jaspar,
       "x.pcm",
       ">M1\n0 0 0 20\n0 0 20 0\n20 0 0 0\n0 20 0 0\n",
       "x.pcm:1: ",
       {"motif 'M1' has four rows of four numbers", "rows = \"letters\"", "rows = \"positions\""}},
      {"jaspar_bare_rows_of_three", jaspar, "x.pcm", ">M1\n1 2 3\n1 2 3\n", "x.pcm:1: ", {"2 rows of 3 numbers", "four rows (A, C, G, T)"}},
      {"jaspar_bare_rows_differ",
       jaspar,
       "x.pcm",
       ">M1\n1 2 3 4\n1 2 3\n",
       "x.pcm:1: ",
       {"rows of different lengths", "3 numbers in row 2"}},
      {"jaspar_letters_and_none", jaspar, "x.pcm", ">M1\nA [ 1 2 ]\n1 2\n", "x.pcm:1: ", {"rows with letters and rows without"}},
      {"jaspar_log_odds", jaspar, "x.pwm", ">M1\n0.1 -0.2 1 1\n", "x.pwm:2: ", {"count '-0.2'", "log-odds"}},
      {"jaspar_headers_alone", jaspar, "x.jaspar", ">M1\n>M2\n", "x.jaspar: ", {"no motif"}},
      {"homer_three_columns", jaspar, "x.motif", ">AC\tm\t6.5\n0.1 0.2 0.7\n", "x.motif:1: ", {"rows of 3 numbers", "has four (A C G T)"}},
      {"transfac_no_letters", transfac, "x.tf", "AC  M1\nP0  A  C  G\n01 1 2 3 4\n//\n", "x.tf:2: ", {"expected 'P0 A C G T'"}},
      {"transfac_letters_twice", transfac, "x.tf", "AC  M1\nP0  A  C  G  G\n", "x.tf:2: ", {"expected 'P0 A C G T'"}},
      {"transfac_counts_first", transfac, "x.tf", "AC  M1\n01 1 2 3 4\n", "x.tf:2: ", {"a line of counts before 'P0 A C G T'"}},
      {"transfac_three_counts", transfac, "x.tf", "AC  M1\nP0 A C G T\n01 1 2 3\n", "x.tf:3: ", {"3 counts, expected 4"}},
      {"transfac_word", transfac, "x.tf", "AC  M1\nP0 A C G T\n01 1 2 x 3\n", "x.tf:3: ", {"count 'x' is no number"}},
      {"transfac_no_name", transfac, "x.tf", "P0 A C G T\n01 1 2 3 4\n//\n", "x.tf:1: ", {"a matrix without a name"}},
      {"transfac_no_matrix", transfac, "x.tf", "AC  M1\n//\n", "x.tf: ", {"no motif"}},
      {"motifs_empty", any_motifs, "x.txt", "# nothing\n\n", "x.txt: ", {"no motif; the file is empty"}},
      {"motifs_other_file", any_motifs, "x.txt", "name\tsequence\n", "x.txt:1: ", {"expected 'MEME version 4'"}},
      {"jaspar_zero_column", jaspar, "x.jaspar", ">MA1\n1 0\n1 0\n1 0\n1 0\n", "x.jaspar:1: ", {"row 2", "all four numbers are zero"}},
  };
}

std::vector<Broken> tables() {
  return {
      {"tsv_empty", tsv, "x.tsv", "", "x.tsv: ", {"no heading", "empty"}},
      {"tsv_fields", tsv, "x.tsv", "name\tcount\tscore\na\t1\t2\nb\t1\n", "x.tsv:3: ", {"2 fields, expected 3"}},
      {"tsv_integer", tsv, "x.tsv", "name\tcount\tscore\na\t1.5\t2\n", "x.tsv:2: ", {"column 'count'", "'1.5' is no whole number"}},
      {"tsv_number", tsv, "x.tsv", "name\tcount\tscore\na\t1\thigh\n", "x.tsv:2: ", {"column 'score'", "'high' is no number"}},
      {"tsv_column", tsv, "x.tsv", "name\tcount\tscores\na\t1\t2\n", "x.tsv: ", {"no column 'score'", "did you mean 'scores'"}},
      {"tsv_same_names", tsv, "x.tsv", "name\tname\tscore\n", "x.tsv:1: ", {"two columns are named 'name'"}},
      {"csv_fields", tsv, "x.csv", "name,count,score\na,1,2\nb,1\n", "x.csv:3: ", {"2 fields, expected 3 (name, count, score)"}},
      {"csv_number", tsv, "x.csv", "name,count,score\n\"a,b\",1,high\n", "x.csv:2: ", {"column 'score'", "'high' is no number"}},
      {"csv_open_quote", tsv, "x.csv", "name,count,score\n\"a,1,2\nb,1,2\n", "x.csv:2: ", {"begins with a quote that does not close"}},
      {"csv_behind_quote", tsv, "x.csv", "name,count,score\na,\"1\"2,2\n", "x.csv:2: ", {"behind the closing quote of field 2"}},
      {"csv_trailing_commas", tsv, "x.csv", "name,count,score\na,1,2,\n", "x.csv:2: ", {"4 fields, expected 3"}},
      {"tsv_blanks", tsv, "x.txt", "name count score\na 1 2\n", "x.txt: ", {"no column 'name'", "separated by tabs, commas or semicolons"}},
      {"tsv_truncated_gzip", tsv, "x.tsv.gz", cut(gzip("name\tcount\tscore\na\t1\t2\n"), 3), "x.tsv.gz: ", {"truncated"}},
      {"sizes_no_number", sizes, "x.sizes", "chr1\t100\nchr2\tlong\n", "x.sizes:2: ", {"length 'long' is no whole number"}},
      {"sizes_twice", sizes, "x.sizes", "chr1\t100\nchr1\t100\n", "x.sizes:2: ", {"'chr1' occurs twice"}},
  };
}

class Malformed : public testing::TestWithParam<Broken> {};

TEST_P(Malformed, EndsInAnErrorThatSaysWhere) {
  const Broken& broken = GetParam();
  const Folder folder;
  const fs::path path = folder.file(broken.file, broken.bytes);
  try {
    broken.read(path);
    FAIL() << "no error";
  } catch (const DataError& e) {
    EXPECT_THAT(e.what(), testing::StartsWith((folder.path() / broken.where).string()));
    for (const std::string& word : broken.words) EXPECT_THAT(e.what(), HasSubstr(word));
    EXPECT_EQ(e.exit_code(), 3);
  }
  EXPECT_EQ(folder.count(), 1u) << "a file was left behind";
}

std::string name_of(const testing::TestParamInfo<Broken>& info) { return info.param.name; }

INSTANTIATE_TEST_SUITE_P(Sequences, Malformed, testing::ValuesIn(sequences()), name_of);
INSTANTIATE_TEST_SUITE_P(Features, Malformed, testing::ValuesIn(features()), name_of);
INSTANTIATE_TEST_SUITE_P(Motifs, Malformed, testing::ValuesIn(motifs()), name_of);
INSTANTIATE_TEST_SUITE_P(Tables, Malformed, testing::ValuesIn(tables()), name_of);

}  // namespace
}  // namespace basewise::io
