#include "basewise/io/meme.h"

#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "basewise/io/motif_file.h"
#include "tests/support/error_text.h"
#include "tests/support/test_files.h"

namespace basewise::io {
namespace {

using namespace testing_files;
using testing::ElementsAre;
using testing::HasSubstr;

MotifResult meme(std::string text) { return read_meme(LineReader::over(std::move(text), "m.meme")); }

const std::string kHead =
    "MEME version 4\n\nALPHABET= ACGT\n\nstrands: + -\n\nBackground letter frequencies (from x):\nA 0.3 C 0.2 G 0.2 T 0.3\n\n";

TEST(Meme, ReadsMotifs) {
  const auto result =
      meme(kHead +
           "MOTIF MA1 the name\nlog-odds matrix: alength= 4 w= 2 E= 0\n -4 1 2 3\n 1 1 1 1\n"
           "letter-probability matrix: alength= 4 w= 2 nsites= 58 E= 1e-3\n 0.5 0.5 0 0\n\n 0 0 0.25\t0.75\nURL http://x\n");
  ASSERT_EQ(result.motifs.size(), 1u);
  const motifs::MotifMatrix& m = result.motifs[0];
  EXPECT_EQ(m.name, "MA1");
  EXPECT_EQ(m.description, "the name");
  EXPECT_THAT(m.rows, ElementsAre(ElementsAre(0.5, 0.5, 0, 0), ElementsAre(0, 0, 0.25, 0.75)));
  EXPECT_EQ(m.nsites, 58);
  EXPECT_EQ(m.e_value, 1e-3);
  EXPECT_EQ(m.url, "http://x");
  EXPECT_THAT(m.background, ElementsAre(0.3, 0.2, 0.2, 0.3));
  EXPECT_EQ(result.report.summary(), "1 records; 1 log-odds matrix beside the probabilities, not used");
}

TEST(Meme, SeveralFilesInARowAndOtherForms) {
  const auto two = meme(
      kHead + "MOTIF a\nletter-probability matrix:\n1 0 0 0\nMEME version 5\nALPHABET \"DNA\" DNA-LIKE\nA \"Adenine\"\nEND ALPHABET\n" +
      "MOTIF b\nletter-probability matrix: alength=4 w=1\n0 1 0 0\n");
  ASSERT_EQ(two.motifs.size(), 2u);
  EXPECT_EQ(two.motifs[0].background[0], 0.3);
  EXPECT_EQ(two.motifs[1].background, motifs::kUniform);
  const auto log_odds =
      meme(kHead + "MOTIF a\nlog-odds matrix: alength= 4 w= 1\n1 2 3 4\nMOTIF b\nletter-probability matrix: w= 1\n0 1 0 0\n");
  EXPECT_EQ(log_odds.report.reasons.at("motif without probabilities (log-odds only)"), 1);
}

motifs::MotifMatrix some_motif(bool counts, const std::string& name) {
  motifs::MotifMatrix m;
  m.name = name;
  m.description = *rc::gen::element<std::string>("", "Arnt", "two words");
  m.values = counts ? motifs::MotifValues::counts : motifs::MotifValues::probabilities;
  for (int w = *rc::gen::inRange(1, 9); w > 0; --w) {
    motifs::BaseVector row{};
    double sum = 0;
    for (double& x : row) sum += x = *rc::gen::inRange(1, 100);
    for (double& x : row) x /= counts ? 1 : sum;
    m.rows.push_back(row);
  }
  m.nsites = counts ? m.rows[0][0] + m.rows[0][1] + m.rows[0][2] + m.rows[0][3] : 17;
  return m;
}

RC_GTEST_PROP(MotifFileLaws, MemeRoundTripsExactly, ()) {
  const std::vector<motifs::MotifMatrix> motifs = {some_motif(false, "a"), some_motif(false, "b.1")};
  const auto back = meme(to_meme(motifs)).motifs;
  RC_ASSERT(back.size() == 2u);
  for (std::size_t i = 0; i < 2; ++i) {
    RC_ASSERT(back[i].rows == motifs[i].rows);
    RC_ASSERT(back[i].name == motifs[i].name);
    RC_ASSERT(back[i].description == motifs[i].description);
    RC_ASSERT(back[i].nsites == motifs[i].nsites);
    RC_ASSERT(back[i].background == motifs[i].background);
  }
}

RC_GTEST_PROP(MotifFileLaws, JasparRoundTripsExactly, ()) {
  const std::vector<motifs::MotifMatrix> motifs = {some_motif(true, "a"), some_motif(true, "b.1")};
  const auto back = read_jaspar(LineReader::over(to_jaspar(motifs), "x")).motifs;
  RC_ASSERT(back.size() == 2u);
  for (std::size_t i = 0; i < 2; ++i) {
    RC_ASSERT(back[i].rows == motifs[i].rows);
    RC_ASSERT(back[i].name == motifs[i].name);
    RC_ASSERT(back[i].description == motifs[i].description);
    RC_ASSERT(back[i].nsites == motifs[i].nsites);
  }
}

TEST(Jaspar, ReadsBothForms) {
  const auto result =
      read_jaspar(LineReader::over(">MA1\tRUNX1 x\nC [ 1 2 ]\nA  [3 4]\nT [ 0 0 ]\nG [0 1 ]\n\n>raw\n1 2\n3 4\n5 6\n7 8.5\n", "x"));
  ASSERT_EQ(result.motifs.size(), 2u);
  EXPECT_EQ(result.motifs[0].description, "RUNX1 x");
  EXPECT_THAT(result.motifs[0].rows, ElementsAre(ElementsAre(3, 1, 0, 0), ElementsAre(4, 2, 1, 0)));
  EXPECT_EQ(result.motifs[0].nsites, 4);
  EXPECT_THAT(result.motifs[1].rows[1], ElementsAre(2, 4, 6, 8.5));
}

TEST(MotifWriters, RefuseWhatWouldNotReadBack) {
  motifs::MotifMatrix m{.name = "a", .description = "", .rows = {{1, 0, 0, 0}}, .url = ""};
  EXPECT_THAT(error_text([&] { to_jaspar({m}); }), HasSubstr("motif 'a' holds probabilities and no number of sites"));
  EXPECT_THAT(error_text([] { to_meme({}); }), HasSubstr("at least one motif"));
  motifs::MotifMatrix other = m;
  other.background = {0.4, 0.1, 0.1, 0.4};
  EXPECT_THAT(error_text([&] { to_meme({m, other}); }), HasSubstr("another background"));
  m.name = "a b";
  EXPECT_THAT(error_text([&] { to_meme({m}); }), HasSubstr("motif name 'a b'"));
  m.name = "a";
  m.rows.clear();
  EXPECT_THAT(error_text([&] { to_meme({m}); }), HasSubstr("has no rows"));
}

TEST(Motifs, SharedDatabases) {
  const std::vector<std::pair<std::string, std::size_t>> files = {{"JASPAR2024_CORE_nonredundant_all.meme.gz", 2346},
                                                                  {"HOCOMOCO_H12CORE.meme.gz", 1443},
                                                                  {"HOCOMOCO_H13CORE.meme.gz", 1611},
                                                                  {"yeast_macisaac.v1.meme", 124},
                                                                  {"yeast_SwissRegulon.meme", 158},
                                                                  {"flyFactorSurvey_cleaned.meme", 556},
                                                                  {"CISBP_Homo_sapiens_Basset.meme", 734},
                                                                  {"JASPAR2018_CORE_vertebrates_non-redundant_pfms_meme.txt", 579},
                                                                  {"JASPAR2018_CORE_vertebrates_non-redundant_pfms_jaspar.txt", 579}};
  if (!shared_data("motif_databases")) GTEST_SKIP() << "no motif_databases in the shared data";
  for (const auto& [name, count] : files) {
    const auto path = shared_data("motif_databases/" + name);
    ASSERT_TRUE(path) << name;
    const MotifResult result = read_motifs(*path);
    EXPECT_EQ(result.motifs.size(), count) << name;
    for (const motifs::MotifMatrix& motif : result.motifs) EXPECT_NO_THROW(motifs::check(motif)) << name;
  }
}

// The MEME and the JASPAR file of one database hold the same motifs;
// the JASPAR file gives some of them in thousandths.
TEST(Motifs, MemeAndJasparAgree) {
  const auto meme_path = shared_data("motif_databases/JASPAR2018_CORE_vertebrates_non-redundant_pfms_meme.txt");
  const auto jaspar_path = shared_data("motif_databases/JASPAR2018_CORE_vertebrates_non-redundant_pfms_jaspar.txt");
  if (!meme_path || !jaspar_path) GTEST_SKIP() << "no motif_databases in the shared data";
  const auto a = read_meme(*meme_path).motifs;
  const auto b = read_jaspar(*jaspar_path).motifs;
  ASSERT_EQ(a.size(), b.size());
  std::map<std::string, const motifs::MotifMatrix*> by_name;
  for (const auto& motif : b) by_name[motif.name] = &motif;
  for (const auto& motif : a) {
    ASSERT_TRUE(by_name.contains(motif.name));
    const auto rows = motifs::probabilities(*by_name[motif.name]);
    ASSERT_EQ(rows.size(), motif.rows.size()) << motif.name;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      for (std::size_t c = 0; c < 4; ++c) EXPECT_NEAR(rows[i][c], motif.rows[i][c], 5e-4) << motif.name << " row " << i;
    }
  }
}

}  // namespace
}  // namespace basewise::io
