// The motif TGACTCA in every format that is read.
#include "basewise/io/motif_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "basewise/io/transfac.h"
#include "tests/support/error_text.h"
#include "tests/support/test_files.h"

namespace basewise::io {
namespace {

using namespace testing_files;
using testing::ElementsAre;
using testing::HasSubstr;

MotifResult read(const std::string& text, MotifRows rows = MotifRows::automatic) {
  const Folder folder;
  return read_motifs(folder.file("motifs.txt", text), rows);
}

// What the motifs of a text spell, with their names.
std::vector<std::string> spelt(const std::string& text, MotifRows rows = MotifRows::automatic) {
  std::vector<std::string> all;
  for (const motifs::MotifMatrix& motif : read(text, rows).motifs) all.push_back(motif.name + " " + motifs::consensus(motif));
  return all;
}

const std::string kMatrix =
    "letter-probability matrix: alength= 4 w= 7 nsites= 20 E= 1.2e-010\n"
    " 0 0 0 1\n 0 0 1 0\n 1 0 0 0\n 0 1 0 0\n 0 0 0 1\n 0 1 0 0\n 1 0 0 0\n";

TEST(MotifFile, FullTextOfMeme) {
  const std::string stars = std::string(80, '*') + "\n";
  const std::string text =
      stars + "MEME - Motif discovery tool\n" + stars + "MEME version 5.4.1 (Release date: Sat Aug 21 19:23:23 2021 -0700)\n\n" + stars +
      "TRAINING SET\nALPHABET= ACGT\nSequence name  Weight Length\nMOTIFLIKE_1   1.0000    100\n" +
      "Letter frequencies in dataset:\nA 0.3 C 0.2 G 0.2 T 0.3\n" +
      "Background letter frequencies (from file dataset with add-one prior applied):\nA 0.301 C 0.199 G 0.199 T 0.301\n" +
      "MOTIF TGACTCA MEME-1\twidth =   7  sites =  20  llr = 150  E-value = 1.2e-010\n" + stars +
      "\tMotif TGACTCA MEME-1 Description\nSimplified        A  ::a:::a\n" + "BL   MOTIF TGACTCA width=7 seqs=1\n//\n" +
      "log-odds matrix: alength= 4 w= 2 n= 188 bayes= 7.5 E= 1.2e-010\n  -865   -865   -865    199 \n  -865 1 2 199 \n" + kMatrix +
      "\nTime  0.10 secs.\n";
  const MotifResult result = read(text);
  ASSERT_EQ(result.motifs.size(), 1u);
  const motifs::MotifMatrix& m = result.motifs[0];
  EXPECT_EQ(m.name, "TGACTCA");
  EXPECT_EQ(m.description, "MEME-1");
  EXPECT_EQ(motifs::consensus(m), "TGACTCA");
  EXPECT_THAT(m.background, ElementsAre(0.301, 0.199, 0.199, 0.301));
  EXPECT_EQ(m.nsites, 20);
}

TEST(MotifFile, DremeAndCommentsBeforeTheVersion) {
  const std::string text =
      "# DREME 5.5.6\n#     command: dreme -p x.fa\n\nMEME version 5.5.6\n\nALPHABET= acgt\n\nstrands: + -\n\n"
      "Background letter frequencies (from dataset):\na 0.25 c 0.25 g 0.25 t 0.25\n\n\nMOTIF TGACTCA DREME-1\n\n"
      "#             Word    RC Word        Pos        Neg    P-value    E-value\n# BEST     TGACTCA    TGAGTCA        350         40   "
      "4.9e-078   2.1e-073\n\n" +
      kMatrix;
  EXPECT_THAT(spelt(text), ElementsAre("TGACTCA TGACTCA"));
  EXPECT_EQ(read(text).motifs[0].description, "DREME-1");
}

TEST(MotifFile, AMotifWithoutAMatrixIsSkippedAndCounted) {
  const MotifResult result = read("MEME version 4\n\nMOTIF M0 empty\n\nMOTIF M1 x\n" + kMatrix + "\nMOTIF M2 empty\n");
  ASSERT_EQ(result.motifs.size(), 1u);
  EXPECT_EQ(result.motifs[0].name, "M1");
  EXPECT_EQ(result.report.reasons.at(std::string(kNoMatrix)), 2);
  const MotifResult jaspar = read(">M0\n>M1\nA [1 0]\nC [0 0]\nG [0 0]\nT [0 1]\n>M2 x\n\n");
  EXPECT_THAT(jaspar.motifs.size(), 1u);
  EXPECT_EQ(jaspar.report.summary(), "1 records, 2 skipped (2 motif without matrix)");
}

TEST(MotifFile, JasparLettersOfEitherCase) {
  EXPECT_THAT(spelt(">M1\tTEST\na  [ 0 0 20 0 0 0 20 ]\nc  [ 0 0 0 20 0 20 0 ]\ng  [ 0 20 0 0 0 0 0 ]\nt  [20 0 0 0 20 0 0 ]\n"),
              ElementsAre("M1 TGACTCA"));
  EXPECT_THAT(spelt(">M1\nU: 9 0\nG: 0 9\nC: 0 0\nA: 0 0\n>M2\nA | 0 9\nC | 9 0\nG | 0 0\nT | 0 0\n"), ElementsAre("M1 TG", "M2 CA"));
}

TEST(MotifFile, HomerHasARowForEachPosition) {
  const MotifResult result = read(">TGAC\tM1,Best guess\t6.049537\t-1782.996\t0\tT:9805.3\n0 0 0 1\n0.001 0 0.999 0\n1 0 0 0\n0 1 0 0\n");
  ASSERT_EQ(result.motifs.size(), 1u);
  EXPECT_EQ(motifs::consensus(result.motifs[0]), "TGAC") << "four rows of four, but the header is that of HOMER";
  EXPECT_EQ(result.motifs[0].description, "M1,Best guess");
  EXPECT_EQ(result.motifs[0].values, motifs::MotifValues::probabilities);
  EXPECT_EQ(result.motifs[0].rows[1][0], 0.001);
}

TEST(MotifFile, HocomocoHasARowForEachPosition) {
  const MotifResult result = read(">AHR_HUMAN.H11MO.0.B\n0 0 0 20.5\n0 0 20 0.5\n20 0.5 0 0\n0.5 20 0 0\n0 0.5 0 20\n");
  ASSERT_EQ(result.motifs.size(), 1u);
  EXPECT_EQ(motifs::consensus(result.motifs[0]), "TGACT");
  EXPECT_EQ(result.motifs[0].values, motifs::MotifValues::counts);
  EXPECT_EQ(result.motifs[0].nsites, 20.5);
}

TEST(MotifFile, FourBareRowsOfFourAreWhatTheUserSays) {
  const std::string text = ">M1\n0 0 0 20\n0 0 20 0\n20 0 0 0\n0 20 0 0\n";
  EXPECT_THAT(error_text([&] { read(text); }), HasSubstr("four rows of four numbers without letters"));
  EXPECT_THAT(spelt(text, MotifRows::positions), ElementsAre("M1 TGAC"));
  EXPECT_THAT(spelt(text, MotifRows::letters), ElementsAre("M1 GTCA"));
  EXPECT_THAT(spelt(">M1\n9 0 0\n0 9 0\n0 0 9\n0 0 0\n"), ElementsAre("M1 ACG")) << "four rows of three are A, C, G, T";
  EXPECT_THAT(error_text([&] { read(">M1\n1 2 3 4\n1 2 3 4\n", MotifRows::letters); }), HasSubstr("has 2 rows; expected four"));
  EXPECT_THAT(error_text([&] { read(">M1\n1 2\n1 2\n1 2\n1 2\n", MotifRows::positions); }), HasSubstr("has rows of 2 numbers"));
}

TEST(MotifFile, Transfac) {
  const std::string text =
      "VV  TRANSFAC\nXX\n//\nAC  M00001\nXX\nID  V$AP1\nXX\nP0      a      g      c      t\n01      0      0      0     18      T\n"
      "02      0     17      1      0      G\n03     18      0      0      0      A\nXX\nCC  program: hand\n//\nID only_this\nPO A C G "
      "T\n1 0 3 0 0\n";
  const MotifResult result = read(text);
  ASSERT_EQ(result.motifs.size(), 2u);
  EXPECT_EQ(result.motifs[0].name, "M00001");
  EXPECT_EQ(result.motifs[0].description, "V$AP1");
  EXPECT_THAT(result.motifs[0].rows, ElementsAre(ElementsAre(0, 0, 0, 18), ElementsAre(0, 1, 17, 0), ElementsAre(18, 0, 0, 0)));
  EXPECT_EQ(result.motifs[0].nsites, 18);
  EXPECT_EQ(result.motifs[1].name, "only_this");
  EXPECT_EQ(motifs::consensus(result.motifs[1]), "C");
}

}  // namespace
}  // namespace basewise::io
