#include <algorithm>
#include <chrono>

#include "basewise/core/files.h"
#include "basewise/io/bed.h"
#include "basewise/io/bedgraph.h"
#include "basewise/io/chrom_files.h"
#include "basewise/io/fasta.h"
#include "basewise/io/fasta_genome.h"
#include "basewise/io/fasta_index.h"
#include "basewise/io/gff.h"
#include "basewise/io/jaspar.h"
#include "basewise/io/meme.h"
#include "basewise/io/motif_file.h"
#include "basewise/io/transfac.h"
#include "basewise/io/tsv.h"
#include "tests/fuzz/readers.h"

namespace basewise::fuzz {
namespace {

const std::string kSequences = ">a b\nACGTACGTNN\nACGTacgt\nAC\n>c\nNNacg\n>d|1\nTTTTTTTT\n";
const std::string kFasta = ">a b\nACGTACGTNN\nACGTacgtRY\nAC\n>c\nNNacg\n>d|1\nTTTTTTTT\n";
const std::string kGff =
    "##gff-version 3\n##sequence-region c 1 90\nc\ts\tgene\t1\t9\t0.5\t+\t.\tID=a%20b;N=1,2\nc\ts\texon\t2\t3\t.\t-\t2\tg \"x;\"; t "
    "\"y\";\n";
const std::string kMeme =
    "MEME version 4\nALPHABET= ACGT\nstrands: + -\nBackground letter frequencies\nA 0.25 C 0.25 G 0.25 T 0.25\nMOTIF a b\n"
    "letter-probability matrix: alength= 4 w= 2 nsites= 20 E= 0\n1 0 0 0\n0.5 0.5 0 0\nURL x\nMOTIF c\n"
    "letter-probability matrix: alength= 4 w= 1\n0.1 0.2 0.3 0.4\n";
const std::string kJaspar = ">MA1 x\nA [ 1 2 ]\nC [ 1 2 ]\nG [ 1 2.5 ]\nT [ 1 2 ]\n>b\n1 2\n3 4\n5 6\n7 8\n";
const std::string kHomer = ">TGA\tx\t6.05\t-1782.9\t0\n0.1 0.1 0.1 0.7\n0 0 1 0\n1 0 0 0\n>TG\ty\t5\n0 0 0 1\n0 0 1 0\n";
const std::string kTransfac = "AC  M1\nXX\nID  x\nNA  y\nP0  A  C  G  T\n01  1  2  3  4  N\n02  0  9  0.5  0  C\nXX\n//\nAC  M2\n//\n";
const std::string kMemeText =
    "****\nMEME version 5.4.1 (Release date)\nALPHABET= acgt\nBackground letter frequencies\nA 0.2 C 0.3 G 0.3 T 0.2\n****\n"
    "MOTIF M1 MEME-1\twidth =   2\n----\n\tMotif M1 in BLOCKS format\nBL   MOTIF M1 width=2\n//\nlog-odds matrix: alength= 4 w= 2 n= 1\n"
    "-1 -1 2 -1\n-1 2 -1 -1\nletter-probability matrix: alength= 4 w= 2 nsites= 20 E= 1.2e-010\n0 0 1 0\n0 1 0 0\n";
const std::string kBed = "track x\nc\t1\t20\tn\t5\t+\t1.5\t2\t-1\t7\nd\t1\t2\t.\t.\t.\t1\t1\t1\t0\n";
const std::string kCsv = ",sequence,\"a, b\"\r\n0,ACGT,\"two\nlines\"\r\n1,\"AC\"\"GT\",TRUE\r\n";
const std::string kOfR = "sequence\tlabel\na\tACGT\t1.5\nb\tAAAA\tNA\n";
const std::string kTsv = "#chrom\tpos\tstrand\tlabel\nc\t1\t+\t2.5\nd\t2\t-\tNA\n";

/// Beginning and end of each sequence: an index may claim any length.
void fetch_ends(const io::IndexedFasta& fasta) {
  for (const auto& interval : fasta.sizes().intervals()) {
    auto piece = interval;
    piece.end = std::min(interval.end, interval.start + 30);
    fasta.fetch(piece);
    piece = interval;
    piece.start = std::max(interval.start, interval.end - 30);
    fasta.fetch(piece);
  }
}

/// Indexes count only where they are not older than what they are of.
void make_newer(const fs::path& folder, std::initializer_list<const char*> names) {
  for (const char* name : names)
    fs::last_write_time(folder / name, fs::file_time_type::clock::now() + std::chrono::hours(1));
}

/// Both ways; a cell that is no number leaves the other cells to read.
void read_cell(const io::TsvReader& table, std::size_t column) {
  try {
    table.optional_number(column);
    table.integer(column);
  } catch (const DataError&) {
  }
}

Files indexed(const fs::path& scratch, const std::string& name, std::initializer_list<const char*> endings) {
  std::vector<io::FastaRecord> records;
  for (int i = 0; i < 3; ++i) {
    std::string letters;
    for (int j = 0; j < 40 + 400 * i; ++j) letters += "ACGTN"[(i * 7 + j * j) % 5];
    io::FastaRecord record;
    record.name = format("s{}", i);
    record.sequence = letters;
    records.push_back(std::move(record));
  }
  io::write_fasta(scratch / name, records, 25);
  { const io::IndexedFasta made(scratch / name, io::WriteIndex::beside); }
  Files files = {{name, read_file(scratch / name)}};
  for (const char* ending : endings) files.emplace_back(name + ending, read_file(scratch / (name + ending)));
  return files;
}

std::vector<Reader> sequence_readers(const fs::path& scratch) {
  return {
      {"fasta", {{{"x.fa", kSequences}}}, [](const fs::path& f) { io::read_fasta(f / "x.fa"); }},
      {"genome",
       {{{"x.fa", kFasta}}},
       [](const fs::path& f) { io::load_genome({.path = f / "x.fa", .ambiguity = seq::Ambiguity::as_n}); }},
      {"fasta_index",
       {indexed(scratch, "x.fa", {".fai"})},
       [](const fs::path& f) {
         make_newer(f, {"x.fa.fai"});
         fetch_ends(io::IndexedFasta(f / "x.fa"));
       }},
      {"fasta_bgzip",
       {indexed(scratch, "x.fa.gz", {".fai", ".gzi"})},
       [](const fs::path& f) {
         make_newer(f, {"x.fa.gz.fai", "x.fa.gz.gzi"});
         fetch_ends(io::IndexedFasta(f / "x.fa.gz"));
       }},
      {"fasta_gzip", {{indexed(scratch, "y.fa.gz", {}).front()}}, [](const fs::path& f) { io::read_fasta(f / "y.fa.gz"); }},
  };
}

std::vector<Reader> place_readers() {
  return {
      {"bed",
       {{{"x.bed", kBed}}, {{"x.bed", "c\t1\t20\nd\t3\t9\n"}}},
       [](const fs::path& f) { io::read_bed(f / "x.bed"); }},
      {"gff", {{{"x.gff", kGff}}}, [](const fs::path& f) { io::read_gff(f / "x.gff"); }},
      {"gtf", {{{"x.gtf", kGff}}}, [](const fs::path& f) { io::read_gff(f / "x.gtf", {.format = io::GffFormat::gtf}); }},
      {"bedgraph",
       {{{"x.bg", "track type=bedGraph\nc\t0\t5\t1.5\nc\t7\t9\t-2e-3\nd\t0\t1\t0\n"}}},
       [](const fs::path& f) { io::read_bedgraph(f / "x.bg"); }},
      {"chrom_sizes", {{{"x.sizes", "chr1\t100\nchr2\t50\n"}}}, [](const fs::path& f) { io::read_chrom_sizes(f / "x.sizes"); }},
      {"aliases",
       {{{"x.alias", "#a\tb\tlength\nI\tchrI\t5\nII\tchrII\t6\n"}}},
       [](const fs::path& f) {
         seq::ChromSizes({{"I", 5, false}, {"II", 6, false}}).add_aliases(io::read_alias_table(f / "x.alias"));
       }},
  };
}

std::vector<Reader> table_readers() {
  return {
      {"meme", {{{"x.meme", kMeme}}, {{"x.meme", kMemeText}}}, [](const fs::path& f) { io::read_meme(f / "x.meme"); }},
      {"jaspar", {{{"x.jaspar", kJaspar}}, {{"x.jaspar", kHomer}}}, [](const fs::path& f) { io::read_jaspar(f / "x.jaspar"); }},
      {"transfac", {{{"x.transfac", kTransfac}}}, [](const fs::path& f) { io::read_transfac(f / "x.transfac"); }},
      {"motifs",
       {{{"x.txt", kMeme}}, {{"x.txt", kJaspar}}, {{"x.txt", kHomer}}, {{"x.txt", kMemeText}}, {{"x.txt", kTransfac}}},
       [](const fs::path& f) {
         for (const auto& motif : io::read_motifs(f / "x.txt").motifs) motif.width();
       }},
      {"tsv",
       {{{"x.tsv", kTsv}}, {{"x.tsv", kCsv}}, {{"x.tsv", kOfR}}},
       [](const fs::path& f) {
         io::TsvReader table(f / "x.tsv");
         while (table.next())
           for (std::size_t c = 0; c < table.columns().size(); ++c) read_cell(table, c);
       }},
  };
}

}  // namespace

std::vector<Reader> text_readers(const fs::path& scratch) {
  std::vector<Reader> all = sequence_readers(scratch);
  for (auto&& part : {place_readers(), table_readers()}) all.insert(all.end(), part.begin(), part.end());
  return all;
}

}  // namespace basewise::fuzz
