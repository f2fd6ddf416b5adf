#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "basewise/io/detail/genome_load.h"
#include "basewise/io/fasta.h"
#include "tests/support/error_text.h"
#include "tests/support/test_files.h"

namespace basewise::io {
namespace {

using namespace testing_files;
using testing::HasSubstr;

void expect_equal(const GenomeResult& a, const GenomeResult& b) {
  ASSERT_EQ(a.genome.sizes().names(), b.genome.sizes().names());
  for (std::size_t i = 0; i < a.genome.sizes().size(); ++i) {
    const auto x = a.genome.sequence(i), y = b.genome.sequence(i);
    EXPECT_TRUE(std::equal(x.begin(), x.end(), y.begin(), y.end())) << "sequence " << i;
  }
  EXPECT_EQ(a.n, b.n);
  EXPECT_EQ(a.report.summary(), b.report.summary());
}

std::string random_fasta(bool odd) {
  const std::string newline = *rc::gen::element<std::string>("\n", "\r\n");
  std::string text = *rc::gen::element<std::string>("", newline);
  const int records = *rc::gen::inRange(1, 5);
  for (int r = 0; r < records; ++r) {
    text += ">s" + std::to_string(r) + *rc::gen::element<std::string>("", " two words", "\ttab") + newline;
    const int lines = *rc::gen::inRange(1, 6);
    for (int l = 0; l < lines; ++l) {
      text += *rc::gen::container<std::string>(*rc::gen::inRange<std::size_t>(1, 50), rc::gen::elementOf(std::string("ACGTNacgtnU")));
      if (odd) text += *rc::gen::weightedElement<std::string>({{20, ""}, {1, " "}, {1, "R"}, {1, "\r"}, {1, "x"}, {1, std::string("\0", 1)}});
      if (r + 1 < records || l + 1 < lines || *rc::gen::arbitrary<bool>()) text += newline;
    }
    if (r + 1 < records) text += *rc::gen::element<std::string>("", "", newline);
  }
  return text;
}

RC_GTEST_PROP(GenomeLoadLaws, TheScanReadsWhatTheLinesSay, ()) {
  const Folder folder;
  const std::string text = random_fasta(false);
  const auto path = folder.file("x.fa", *rc::gen::arbitrary<bool>() ? text : gzip(text));
  GenomeResult fast{seq::Genome(), {}, 0}, slow = fast;
  RC_ASSERT(detail::load_regular({.path = path}, {}, *rc::gen::inRange<std::size_t>(1, 90), fast));
  detail::load_by_lines({.path = path}, {}, slow);
  expect_equal(fast, slow);
  const std::set<std::string> wanted = {"s0", "s2"};
  RC_ASSERT(detail::load_regular({.path = path}, wanted, 64, fast));
  detail::load_by_lines({.path = path}, wanted, slow);
  expect_equal(fast, slow);
}

// Whatever stands in the file: the scan refuses it or reads what the lines say.
RC_GTEST_PROP(GenomeLoadLaws, TheScanIsNeverMoreGenerous, ()) {
  const Folder folder;
  const auto path = folder.file("x.fa", random_fasta(true));
  const GenomeOptions options{.path = path, .ambiguity = *rc::gen::element(seq::Ambiguity::as_n, seq::Ambiguity::error)};
  GenomeResult fast{seq::Genome(), {}, 0}, slow = fast;
  if (!detail::load_regular(options, {}, *rc::gen::inRange<std::size_t>(1, 90), fast)) return;
  detail::load_by_lines(options, {}, slow);
  expect_equal(fast, slow);
}

TEST(GenomeLoad, IrregularFilesAreReadByLines) {
  const Folder folder;
  for (const std::string text : {">a\nACGT \n", "\xef\xbb\xbf>a\nACGT\n", ">a\nACGT\n  \n"}) {
    GenomeResult unused{seq::Genome(), {}, 0};
    const auto path = folder.file("x.fa", text);
    EXPECT_FALSE(detail::load_regular({.path = path}, {}, 1000, unused));
    EXPECT_EQ(load_genome(path).genome.letters({"a", 0, 4, seq::Strand::none}), "ACGT");
  }
  EXPECT_THAT(error_text([&] { load_genome(folder.file("x.fa", ">a\nAC\n>b\nAXC\n")); }), HasSubstr("x.fa:4:2: letter 'X'"));
}

TEST(GenomeLoad, BgzipIsReadByBlocksAndDamageIsNamed) {
  const Folder folder;
  std::string letters;
  for (std::int64_t i = 0; i < 300000; ++i) letters += "ACGTN"[i * i % 499 % 5];
  const auto path = folder.path() / "x.fa.gz";
  write_fasta(path, {{"a", "", letters, 0}, {"b", "", letters.substr(777), 0}});
  const GenomeResult loaded = load_genome(path);
  EXPECT_EQ(loaded.genome.letters({"a", 0, 300000, seq::Strand::none}), letters);
  EXPECT_EQ(loaded.genome.letters({"b", 0, 300000 - 777, seq::Strand::none}), letters.substr(777));
  const std::string bytes = read_file(path);
  EXPECT_THAT(error_text([&] { load_genome(folder.file("cut.fa.gz", bytes.substr(0, bytes.size() / 2))); }), HasSubstr("truncated"));
  std::string flipped = bytes;
  flipped[bytes.size() / 2] = static_cast<char>(flipped[bytes.size() / 2] ^ 0x10);
  EXPECT_THAT(error_text([&] { load_genome(folder.file("flipped.fa.gz", flipped)); }), HasSubstr("flipped.fa.gz: "));
  // Blocks of bgzip, then a member of plain gzip, then padding: one stream all the same.
  const auto joined = folder.file("joined.fa.gz", bytes + gzip("\n>c\nACGT\n") + std::string(100, '\0'));
  EXPECT_EQ(load_genome(joined).genome.letters({"c", 0, 4, seq::Strand::none}), "ACGT");
}

}  // namespace
}  // namespace basewise::io
