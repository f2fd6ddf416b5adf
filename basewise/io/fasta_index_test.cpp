#include <array>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "basewise/core/random.h"
#include "basewise/io/fasta.h"
#include "basewise/io/fasta_index.h"
#include "tests/support/error_text.h"
#include "tests/support/test_files.h"

namespace basewise::io {
namespace {

using namespace testing_files;
using seq::Interval;
using seq::Strand;
using testing::HasSubstr;

const std::string kTwo = ">a x\nACGTAC\nGTNNAC\nGT\n>b\nTTTT\nGG";

TEST(IndexedFasta, FetchesAcrossLines) {
  const Folder folder;
  IndexedFasta fasta(folder.file("x.fa", kTwo));
  EXPECT_TRUE(fasta.index_was_built());
  EXPECT_EQ(fasta.sizes().names(), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(fasta.fetch({"a", 0, 14, Strand::none}), "ACGTACGTNNACGT");
  EXPECT_EQ(fasta.fetch({"a", 5, 13, Strand::reverse}), "CGTNNACG");
  EXPECT_EQ(fasta.fetch({"b", 3, 6, Strand::none}), "TGG");
  EXPECT_EQ(fasta.fetch({"b", 6, 6, Strand::none}), "");
  fasta.sizes().set_circular("b");
  EXPECT_EQ(fasta.fetch({"b", 4, 8, Strand::none}), "GGTT");
  EXPECT_THAT(error_text([&] { fasta.fetch({"a", 10, 15, Strand::none}); }), HasSubstr("does not lie inside 'a', which has 14 bases"));
  EXPECT_THAT(error_text([&] { fasta.fetch({"c", 0, 1, Strand::none}); }), HasSubstr("uses 'c'"));
  EXPECT_EQ(folder.count(), 1u);
}

TEST(IndexedFasta, WritesTheIndexWhenAsked) {
  const Folder folder;
  const auto path = folder.file("x.fa", kTwo);
  IndexedFasta(path, WriteIndex::beside);
  EXPECT_EQ(read_file(path.string() + ".fai"), "a\t14\t5\t6\t7\nb\t6\t25\t4\t5\n");
  IndexedFasta again(path);
  EXPECT_FALSE(again.index_was_built());
  EXPECT_EQ(again.fetch({"a", 4, 9, Strand::none}), "ACGTN");
  EXPECT_EQ(again.fetch({"b", 0, 6, Strand::none}), "TTTTGG");
}

TEST(IndexedFasta, BgzipWithAndWithoutIndex) {
  const Folder folder;
  const auto path = folder.path() / "x.fa.gz";
  std::string sequence;
  Stream stream(3);
  for (int i = 0; i < 300000; ++i) sequence += "ACGT"[stream.below(4)];
  write_fasta(path, {{"s", "", sequence, 0}, {"t", "", "GATTACA", 0}});
  for (const WriteIndex write : {WriteIndex::never, WriteIndex::beside, WriteIndex::never}) {
    IndexedFasta fasta(path, write);
    for (const std::int64_t start : {0, 65279, 65280, 150000, 299000}) {
      EXPECT_EQ(fasta.fetch({"s", start, start + 1000, Strand::none}), sequence.substr(static_cast<std::size_t>(start), 1000));
    }
    EXPECT_EQ(fasta.fetch({"t", 1, 6, Strand::none}), "ATTAC");
  }
  EXPECT_FALSE(IndexedFasta(path).index_was_built());
}

TEST(IndexedFasta, FindsAnIndexOfAnotherFile) {
  const Folder folder;
  const auto path = folder.file("x.fa", kTwo);
  IndexedFasta(path, WriteIndex::beside);
  const std::string index = read_file(path.string() + ".fai");
  folder.file("x.fa", ">z\nAC\n" + kTwo);
  folder.file("x.fa.fai", index);
  IndexedFasta fasta(path);
  EXPECT_THAT(error_text([&] { fasta.fetch({"b", 0, 2, Strand::none}); }), HasSubstr("x.fa.fai does not fit the file (no header '>b'"));
  folder.file("x.fa.fai", "a\t14\t5\n");
  EXPECT_THAT(error_text([&] { IndexedFasta{path}; }), HasSubstr("x.fa.fai:1: 3 columns; an index of FASTA has 5"));
  folder.file("x.fa.fai", "a\t14\t5\t0\t7\n");
  EXPECT_THAT(error_text([&] { IndexedFasta{path}; }), HasSubstr("x.fa.fai:1: numbers that cannot be"));
}

TEST(IndexedFasta, RefusesWhatCannotBeIndexed) {
  const Folder folder;
  EXPECT_THAT(error_text([&] { IndexedFasta(folder.file("x.fa.gz", gzip(kTwo))); }),
              HasSubstr("compressed by gzip, which allows no random access"));
  EXPECT_THAT(error_text([&] { IndexedFasta(folder.file("u.fa", ">a\nACG\nAC\nACG\n")); }),
              HasSubstr("u.fa:4: sequence 'a' has lines of unequal length"));
  EXPECT_THAT(error_text([&] { IndexedFasta(folder.file("d.fa", ">a\nACG\n>a\nACG\n")); }), HasSubstr("'a' occurs twice"));
  EXPECT_THAT(error_text([&] { IndexedFasta(folder.file("e.fa", "")); }), HasSubstr("e.fa: no FASTA record"));
  EXPECT_THAT(error_text([&] { IndexedFasta(folder.path() / "none.fa"); }), HasSubstr("none.fa: cannot open"));
  EXPECT_THAT(error_text([&] { IndexedFasta(folder.path()); }), HasSubstr("is a folder"));
  IndexedFasta letters(folder.file("l.fa", ">a\nAC!T\n"));
  EXPECT_THAT(error_text([&] { letters.fetch({"a", 0, 4, Strand::none}); }), HasSubstr("letters that are no nucleotides"));
}

TEST(IndexedFasta, ServesSeveralThreads) {
  const Folder folder;
  const IndexedFasta fasta(folder.file("x.fa", kTwo));
  std::vector<std::thread> threads;
  std::array<int, 4> right{};
  for (std::size_t t = 0; t < right.size(); ++t) {
    threads.emplace_back([&, t] {
      for (int k = 0; k < 200; ++k)
        right[t] += fasta.fetch({"a", static_cast<std::int64_t>(t), 14, Strand::none}) == std::string("ACGTACGTNNACGT").substr(t);
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const int r : right) EXPECT_EQ(r, 200);
}

TEST(IndexedFasta, HumanChromosome21) {
  const auto path = shared_data("hg19_chr21/chr21.fa.gz");
  if (!path) GTEST_SKIP() << "no hg19_chr21/chr21.fa.gz in the shared data";
  const IndexedFasta fasta(*path);
  EXPECT_EQ(fasta.sizes()[0].length, 48129895);
  EXPECT_EQ(fasta.fetch({"21", 0, 5, Strand::none}), "NNNNN");
  // Reference bases of the first two variants of HG02102.vcf.gz beside it (1-based 9411410 C,
  // 9411500 G).
  EXPECT_EQ(seq::decode(seq::encode(fasta.fetch({"chr21", 9411409, 9411410, Strand::none}))), "C");
  EXPECT_EQ(seq::decode(seq::encode(fasta.fetch({"chr21", 9411499, 9411500, Strand::reverse}))), "C");
}

}  // namespace
}  // namespace basewise::io
