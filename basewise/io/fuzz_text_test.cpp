// Random bytes, truncations and flips of valid files through every text reader: an error or a
// result, never anything else.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "basewise/io/bed.h"
#include "basewise/io/chrom_files.h"
#include "basewise/io/fasta.h"
#include "basewise/io/fasta_genome.h"
#include "basewise/io/fasta_index.h"
#include "basewise/io/gff.h"
#include "basewise/io/motif_file.h"
#include "basewise/io/transfac.h"
#include "basewise/io/tsv.h"
#include "tests/support/test_files.h"

namespace basewise::io {
namespace {

using namespace testing_files;

struct Reader {
  std::string valid;
  std::function<void(const fs::path&)> read;
};

std::vector<Reader> readers() {
  const std::string gff =
      "##gff-version 3\n##sequence-region c 1 90\nc\ts\tgene\t1\t9\t0.5\t+\t.\tID=a%20b;N=1,2\nc\ts\texon\t2\t3\t.\t-\t2\tg \"x;\"; t "
      "\"y\";\n";
  const std::string meme =
      "MEME version 4\nALPHABET= ACGT\nstrands: + -\nBackground letter frequencies\nA 0.25 C 0.25 G 0.25 T 0.25\nMOTIF a b\n"
      "letter-probability matrix: alength= 4 w= 2 nsites= 20 E= 0\n1 0 0 0\n0.5 0.5 0 0\nURL x\n";
  return {
      {">a b\nACGT\nACGT\nAC\n>c\nNNacg\n", [](const fs::path& p) { read_fasta(p); }},
      {">a b\nACGT\nACGT\nAC\n>c\nNNacg\n", [](const fs::path& p) { load_genome({.path = p, .ambiguity = seq::Ambiguity::as_n}); }},
      {">a b\nACGT\nACGT\nAC\n>c\nNNacg\n",
       [](const fs::path& p) {
         const IndexedFasta fasta(p);
         for (const auto& interval : fasta.sizes().intervals()) fasta.fetch(interval);
       }},
      {"track x\nc\t1\t20\tn\t5\t+\t1.5\t2\t-1\t7\nd\t1\t2\t.\t.\t.\t1\t1\t1\t0\n", [](const fs::path& p) { read_bed(p); }},
      {gff, [](const fs::path& p) { read_gff(p); }},
      {gff, [](const fs::path& p) { read_gff(p, {.format = GffFormat::gtf}); }},
      {gff, [](const fs::path& p) { read_gff(p, {.format = GffFormat::gff3}); }},
      {meme, [](const fs::path& p) { read_meme(p); }},
      {">MA1 x\nA [ 1 2 ]\nC [ 1 2 ]\nG [ 1 2.5 ]\nT [ 1 2 ]\n>b\n1 2\n3 4\n5 6\n7 8\n", [](const fs::path& p) { read_jaspar(p); }},
      {meme, [](const fs::path& p) { read_motifs(p); }},
      {">TGA\tm\t6.5\n0 0 0 1\n0 0 1 0\n1 0 0 0\n", [](const fs::path& p) { read_motifs(p); }},
      {">M\n1 2 3 4\n5 6 7 8\n", [](const fs::path& p) { read_jaspar(p, MotifRows::positions); }},
      {"AC  M1\nXX\nID  x\nP0 A C G T\n01 1 2 3 4 N\n02 0 0 0 9 T\nXX\n//\n", [](const fs::path& p) { read_transfac(p); }},
      {",name,note\n0,a,\"x, \"\"y\"\"\nz\"\n1,b,\n",
       [](const fs::path& p) {
         TsvReader table(p);
         while (table.next()) table.text(table.columns().size() - 1);
       }},
      {"#a\tb\nx\t1\ny\t2.5\n",
       [](const fs::path& p) {
         TsvReader table(p);
         while (table.next()) table.optional_number(table.columns().size() - 1);
       }},
      {"chr1\t100\nchr2\t50\n", [](const fs::path& p) { read_chrom_sizes(p); }},
      {"#a\tb\tlength\nI\tchrI\t5\nII\tchrII\t6\n",
       [](const fs::path& p) {
         seq::ChromSizes({{"I", 5, false}, {"II", 6, false}}).add_aliases(read_alias_table(p));
       }},
      {"a\t14\t5\t6\t7\nb\t6\t25\t4\t5\n",
       [](const fs::path& p) {
         fs::rename(p, p.parent_path() / "y.fa.fai");
         std::ofstream(p.parent_path() / "y.fa") << ">a x\nACGTAC\nGTNNAC\nGT\n>b\nTTTT\nGG";
         fs::last_write_time(p.parent_path() / "y.fa.fai", fs::file_time_type::clock::now() + std::chrono::hours(1));
         const IndexedFasta fasta(p.parent_path() / "y.fa");
         for (const auto& interval : fasta.sizes().intervals()) {
           if (interval.end < 100000) fasta.fetch(interval);
         }
       }},
  };
}

std::string mutated(std::string bytes) {
  switch (*rc::gen::inRange(0, 5)) {
    case 0:
      return *rc::gen::container<std::string>(rc::gen::arbitrary<char>());
    case 1:
      return *rc::gen::container<std::string>(
          rc::gen::element('A', '>', '\n', '\t', ' ', '#', '0', '-', '.', '"', ';', '=', '%', '[', ']', '\r'));
    case 2:
      return bytes.substr(0, *rc::gen::inRange<std::size_t>(0, bytes.size() + 1));
    default:
      for (int flips = *rc::gen::inRange(1, 6); flips > 0; --flips) {
        bytes[*rc::gen::inRange<std::size_t>(0, bytes.size())] =
            *rc::gen::oneOf(rc::gen::arbitrary<char>(), rc::gen::element('\n', '\t', ' ', '9', '-', '%', '"', '>'));
      }
      return bytes;
  }
}

RC_GTEST_PROP(Fuzz, TextReadersEndInAnErrorOrAResult, ()) {
  static const std::vector<Reader> all = readers();
  const Folder folder;
  for (const Reader& reader : all) {
    std::string bytes = mutated(reader.valid);
    const int packing = *rc::gen::inRange(0, 4);
    if (packing == 1) bytes = gzip(bytes);
    if (packing == 2) bytes = mutated(gzip(reader.valid));
    const fs::path path = folder.file("x.fa", bytes);
    try {
      reader.read(path);
    } catch (const Error& e) {
      RC_ASSERT(std::string(e.what()).find("x.fa") != std::string::npos || std::string(e.what()).find("y.fa") != std::string::npos ||
                std::string(e.what()).find("alias table") != std::string::npos);
    }
  }
}

}  // namespace
}  // namespace basewise::io
