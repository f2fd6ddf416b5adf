#include "basewise/annotate/scan.h"

#include <algorithm>
#include <cmath>
#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "basewise/annotate/detail/scan_batch.h"
#include "basewise/core/random.h"
#include "basewise/io/bed.h"
#include "basewise/io/tsv.h"
#include "basewise/seq/reverse_complement.h"
#include "tests/support/error_text.h"
#include "tests/support/test_files.h"

namespace basewise::annotate {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr std::string_view kMotifs = R"(MEME version 4

ALPHABET= ACGT

Background letter frequencies
A 0.3 C 0.2 G 0.2 T 0.3

MOTIF strong LexA
letter-probability matrix: alength= 4 w= 9 nsites= 50
0.00 1.00 0.00 0.00
0.00 0.00 0.00 1.00
0.00 0.00 1.00 0.00
0.60 0.10 0.20 0.10
0.70 0.10 0.10 0.10
0.10 0.70 0.10 0.10
0.00 0.00 1.00 0.00
0.05 0.05 0.05 0.85
0.70 0.10 0.10 0.10

MOTIF weak
letter-probability matrix: alength= 4 w= 4 nsites= 50
0.4 0.2 0.2 0.2
0.4 0.2 0.2 0.2
0.1 0.4 0.4 0.1
0.1 0.1 0.1 0.7
)";

std::string random_letters(std::uint64_t seed, std::size_t length) {
  Stream stream(seed);
  std::string letters(length, 'N');
  for (char& c : letters) c = "ACGT"[stream.below(4)];
  return letters;
}

class MotifScan : public testing::Test {
 protected:
  MotifScan() { folder_.file("m.meme", kMotifs); }

  fs::path path(const std::string& name) const { return folder_.path() / name; }

  ScanOptions options() const { return {.motifs = path("m.meme").string(), .out = path("out.tsv")}; }

  ScanOptions over(const std::string& fasta) const {
    folder_.file("x.fa", fasta);
    ScanOptions o = options();
    o.fasta = path("x.fa");
    return o;
  }

  /// Rows of the table as "motif sequence:start-stop strand letters".
  std::vector<std::string> rows(const fs::path& table) const {
    std::vector<std::string> result;
    io::TsvReader reader(table, io::plain_table());
    while (reader.next())
      result.push_back(format("{} {}:{}-{} {} {}", reader.text("motif_id"), reader.text("sequence_name"), reader.text("start"),
                              reader.text("stop"), reader.text("strand"), reader.text("matched_sequence")));
    return result;
  }

  testing_files::Folder folder_;
};

TEST_F(MotifScan, WritesWhatFimoWrites) {
  const ScanResult r = scan(over(">a first\nGGGctgaacgtaGGG\n>b\nTTTACGTTCAGNTT\n>c\nNNCTGAACGTA\n"));
  EXPECT_THAT(rows(path("out.tsv")), ElementsAre("strong a:4-12 + CTGAACGTA", "strong b:3-11 - CTGAACGTA", "strong c:3-11 + CTGAACGTA"));
  EXPECT_EQ(r.sequences, 3);
  EXPECT_EQ(r.bases, 40);
  EXPECT_EQ(r.n, 3);
  EXPECT_EQ(r.sites, 3);
  EXPECT_EQ(r.motifs[0].windows, 2 * (7 + 3 + 1));
  EXPECT_EQ(r.motifs[0].sites, 3);
  EXPECT_THAT(r.notes, Contains(HasSubstr("1 of 2 motifs cannot reach p <= 0.0001, however well a window fits, and have no site: weak")));
  io::TsvReader reader(path("out.tsv"), io::plain_table());
  ASSERT_TRUE(reader.next());
  EXPECT_EQ(reader.text("motif_alt_id"), "LexA");
  const double p = std::pow(0.25, 9);
  EXPECT_NEAR(reader.number("p-value"), p, 0.01 * p);
  EXPECT_NEAR(reader.number("q-value"), 22 * p / 3, 0.01 * 22 * p / 3);  // the third best of 22 windows, as good as the others
}

TEST_F(MotifScan, QValuesAreThoseOfBenjaminiAndHochberg) {
  std::string letters = random_letters(1, 4000);
  for (std::size_t at = 7; at < 2000; at += 200) letters.replace(at, 9, "CTGAACGTA");
  ScanOptions o = over(">a\n" + letters + "\n>b\n" + random_letters(2, 900) + "\n");
  o.p_value = 0.02;
  const ScanResult r = scan(o);
  std::map<std::string, std::vector<std::pair<double, double>>> by_motif;
  io::TsvReader reader(o.out, io::plain_table());
  while (reader.next()) by_motif[std::string(reader.text("motif_id"))].emplace_back(reader.number("p-value"), reader.number("q-value"));
  ASSERT_EQ(by_motif.size(), 2u);
  for (auto& [name, pairs] : by_motif) {
    std::sort(pairs.begin(), pairs.end());
    const double windows = static_cast<double>(r.motifs[name == "weak" ? 1 : 0].windows);
    double least = 1;
    for (std::size_t i = pairs.size(); i-- > 0;) {
      least = std::min(least, windows * pairs[i].first / static_cast<double>(i + 1));
      EXPECT_NEAR(pairs[i].second, least, 0.01 * least) << name << " " << i;
    }
  }
  o.q_value = 0.9;
  const ScanResult few = scan(o);
  EXPECT_EQ(few.sites, r.sites);
  EXPECT_LT(few.written, r.written);
  EXPECT_GT(few.written, 0);
  EXPECT_EQ(static_cast<std::int64_t>(rows(o.out).size()), few.written);
}

TEST_F(MotifScan, BedIsTheSameFromZero) {
  ScanOptions o = over(">a\nGGGCTGAACGTAGGG\n");
  o.out = path("out.bed");
  scan(o);
  const auto bed = io::read_bed(o.out);
  ASSERT_EQ(bed.records.size(), 1u);
  EXPECT_EQ(bed.records[0].interval, (seq::Interval{"a", 3, 12, seq::Strand::forward}));
  EXPECT_EQ(bed.records[0].name, "strong");
  o.format = ScanFormat::tsv;
  scan(o);
  EXPECT_THAT(rows(o.out), ElementsAre("strong a:4-12 + CTGAACGTA"));
}

TEST_F(MotifScan, PartsOfAGenomeKeepItsCoordinates) {
  std::string letters = random_letters(3, 3000);
  for (const std::size_t at : {100u, 1000u, 1990u}) letters.replace(at, 9, "CTGAACGTA");
  folder_.file("g.fa", ">chr1\n" + letters + "\n>chr2\n" + letters + "\n");
  folder_.file("p.bed", "2\t990\t1020\n2\t1010\t1995\n2\t1995\t1999\nchr1\t0\t108\n");
  ScanOptions o = options();
  o.genome = path("g.fa");
  o.bed = path("p.bed");
  o.motif = {"LexA"};
  o.p_value = 1.1 * std::pow(0.25, 9);
  const ScanResult r = scan(o);
  EXPECT_THAT(rows(o.out), ElementsAre("strong chr2:1001-1009 + CTGAACGTA", "strong chr2:1991-1999 + CTGAACGTA"));
  EXPECT_THAT(r.notes, Contains(HasSubstr("intervals that overlap or touch are joined, 4 become 2")));
  EXPECT_THAT(r.notes, Contains(HasSubstr("translated")));
  o.bed.clear();
  scan(o);
  EXPECT_EQ(rows(o.out).size(), 6u);
}

TEST_F(MotifScan, CircularSequencesHaveSitesAcrossTheOrigin) {
  folder_.file("g.fa", ">plasmid\nAACGTAGGGGGGGGGGGGGCTG\n>tiny\nCTGAACGT\n");
  ScanOptions o = options();
  o.genome = path("g.fa");
  EXPECT_EQ(scan(o).sites, 0);
  o.circular = {"all"};
  const ScanResult r = scan(o);
  EXPECT_THAT(rows(o.out), ElementsAre("strong plasmid:20-28 + CTGAACGTA"));
  EXPECT_EQ(r.motifs[0].windows, 2 * 22);
  EXPECT_EQ(r.motifs[1].windows, 2 * (22 + 8));
  o.circular = {"plasmit"};
  EXPECT_THAT(error_text([&] { scan(o); }), HasSubstr("has no sequence 'plasmit' that could be circular; did you mean 'plasmid'?"));
}

TEST_F(MotifScan, CountsAndSummaryAreTables) {
  ScanOptions o = over(">none\nACGTACGTACGT\n>two\nCTGAACGTAGGCTGAACGTA\n>short\nAC\n");
  o.counts = path("counts.tsv");
  o.summary = path("summary.tsv");
  const ScanResult r = scan(o);
  EXPECT_EQ(read_file(o.counts), "sequence_name\tstrong\tweak\nnone\t0\t0\ntwo\t2\t0\nshort\t0\t0\n");
  EXPECT_THAT(read_file(o.summary), HasSubstr("strong\tLexA\t9\t32\t"));
  EXPECT_THAT(r.files, ElementsAre(o.out, o.counts, o.summary));
  EXPECT_THAT(r.notes, Contains(HasSubstr("1 of 3 sequences are shorter than the longest motif (9 bases)")));
}

TEST_F(MotifScan, Backgrounds) {
  ScanOptions o = over(">a\n" + std::string(30, 'A') + std::string(10, 'G') + "\n");
  EXPECT_THAT(scan(o).background, ElementsAre(0.25, 0.25, 0.25, 0.25));
  o.background = "motifs";
  EXPECT_THAT(scan(o).background, ElementsAre(0.3, 0.2, 0.2, 0.3));
  o.background = "0.4 0.1, 0.2 0.3";
  o.strands = motifs::ScanStrands::forward;
  EXPECT_THAT(scan(o).background, ElementsAre(0.4, 0.1, 0.2, 0.3));
  o.background = "sequence";
  EXPECT_THAT(scan(o).background, ElementsAre(31.0 / 44, 1.0 / 44, 11.0 / 44, 1.0 / 44));
  o.strands = motifs::ScanStrands::both;
  EXPECT_THAT(scan(o).notes, Contains(HasSubstr("is taken as the mean of both: [0.3636, 0.1364, 0.1364, 0.3636]")));
  o.background = folder_.file("b.txt", "# order 1\nA 0.3\nC 0.2\nG 0.2\nT 0.3\nAA 0.1\n").string();
  const ScanResult r = scan(o);
  EXPECT_THAT(r.background, ElementsAre(0.3, 0.2, 0.2, 0.3));
  EXPECT_THAT(r.notes, Contains(HasSubstr("1 words of two letters and more are not used")));

  o.background = folder_.file("c.txt", "A 0.3\nC x\n").string();
  EXPECT_THAT(error_text([&] { scan(o); }), HasSubstr("c.txt:2: expected a word and its frequency, as in 'A 0.3'"));
  o.background = folder_.file("d.txt", "A 0.3\nC 0.2\nT 0.3\n").string();
  EXPECT_THAT(error_text([&] { scan(o); }), HasSubstr("d.txt: no frequency of G"));
  o.background = "unifrom";
  EXPECT_THAT(error_text([&] { scan(o); }), HasSubstr("expected uniform, motifs, sequence, four numbers for A, C, G, T, or a file"));
  o.background = "0.5 0.5 0.5 0.5";
  EXPECT_THAT(error_text([&] { scan(o); }), HasSubstr("that sum to 1"));
}

TEST_F(MotifScan, SaysWhatIsEmpty) {
  EXPECT_THAT(scan(over(">a\nACGTACGTACGTACGT\n")).notes, Contains(HasSubstr("no window has p <= 0.0001")));
  EXPECT_THAT(rows(path("out.tsv")), IsEmpty());
  const ScanResult nothing = scan(over(">a\n" + std::string(50, 'N') + "\n>b\nACRY\n"));
  EXPECT_THAT(nothing.notes, Contains(HasSubstr("no sequence has a stretch without N that is as long as a motif")));
  EXPECT_THAT(nothing.notes, Contains(HasSubstr("letters other than A, C, G, T, N: 2, read as N")));
}

TEST_F(MotifScan, Errors) {
  ScanOptions o = options();
  EXPECT_THAT(error_text([&] { scan(o); }), HasSubstr("name sequences (--fasta) or a genome (--genome)"));
  o = over(">a\nACGT\n");
  o.genome = o.fasta;
  EXPECT_THAT(error_text([&] { scan(o); }), HasSubstr("both --genome and --fasta are given"));
  o.genome.clear();
  o.bed = path("p.bed");
  EXPECT_THAT(error_text([&] { scan(o); }), HasSubstr("--bed names parts of a genome"));
  o.bed.clear();
  o.motif = {"LexB"};
  EXPECT_THAT(error_text([&] { scan(o); }), HasSubstr("has no motif 'LexB' among its 2; did you mean 'LexA'?"));
  o.motif.clear();
  o.fasta = folder_.file("bad.fa", ">a\nAC!T\n");
  EXPECT_THAT(error_text([&] { scan(o); }), HasSubstr("bad.fa:2:3"));
  EXPECT_FALSE(exists(o.out));
}

TEST_F(MotifScan, DoesNotDependOnHowSequencesAreCut) {
  std::vector<motifs::MotifMatrix> all(2);
  Stream stream(5);
  for (std::size_t m = 0; m < 2; ++m) {
    all[m].name = format("m{}", m);
    for (std::size_t w = 0; w < 7 + 12 * m; ++w) {
      motifs::BaseVector row = {0.1, 0.1, 0.1, 0.1};
      row[stream.below(4)] = 0.7;
      all[m].rows.push_back(row);
    }
  }
  const motifs::SiteScanner scanner(all, {.p_value = 3e-3});
  std::vector<std::string> letters;
  for (const std::size_t length : {500u, 3u, 19u, 20u, 2000u, 1u, 160u, 151u, 152u}) letters.push_back(random_letters(length, length));
  letters[4].replace(300, 90, std::string(90, 'N'));
  using Found = std::tuple<std::int64_t, std::int64_t, std::int32_t, bool>;
  const auto found_with = [&](std::int64_t size, bool circular) {
    std::vector<Found> found;
    const auto keep = [&](const detail::FoundSite& f) { found.emplace_back(f.sequence, f.start, f.site.motif, f.site.reverse); };
    detail::ScanBatch batch(scanner, keep, size);
    for (const std::string& text : letters) batch.add({"s", text, 10, circular});
    batch.finish();
    EXPECT_EQ(batch.sequences, 9);
    return found;
  };
  for (const bool circular : {false, true}) {
    std::vector<Found> expected;
    for (std::size_t s = 0; s < letters.size(); ++s) {
      std::string text = letters[s];
      const auto length = static_cast<std::int64_t>(text.size());
      if (circular) text += text.substr(0, std::min<std::size_t>(18, text.size() - 1));
      for (const motifs::Site& site : scanner.scan(seq::encode(text))) {
        if (site.start >= length || scanner.matrix(site.motif).width() > length) continue;
        expected.emplace_back(static_cast<std::int64_t>(s), site.start + 10, site.motif, site.reverse);
      }
    }
    ASSERT_GT(expected.size(), 10u);
    for (const std::int64_t size : {1, 200, 333, 1'000'000}) EXPECT_EQ(found_with(size, circular), expected) << size << circular;
  }
}

}  // namespace
}  // namespace basewise::annotate
