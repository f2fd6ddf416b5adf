#include "basewise/data/sequence_stream.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "basewise/core/files.h"
#include "tests/support/error_text.h"

namespace basewise::data {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

fs::path stream_file(const std::string& name, const std::string& text) {
  const fs::path path = fs::path(testing::TempDir()) / "basewise_sequence_stream" / name;
  write_file(path, text);
  return path;
}

TEST(SequenceStream, PartsFollowEachOther) {
  const fs::path fasta = stream_file("s.fa", ">a\nACGTA\n>b\nTTTTT\n>a\nGGGGG\n>c\nCCRCC\n>d\nAAAAA\n");
  SequenceStream stream({.fasta = fasta});
  std::vector<std::vector<std::string>> names;
  std::string letters;
  while (const auto part = stream.next(2)) {
    names.push_back(part->data->names);
    for (std::int64_t i = 0; i < part->data->size(); ++i) letters += part->data->letters(i) + " ";
    EXPECT_TRUE(part->kept.empty());
  }
  EXPECT_THAT(names, ElementsAre(ElementsAre("a", "b"), ElementsAre("a", "c"), ElementsAre("d")));
  EXPECT_EQ(letters, "ACGTA TTTTT GGGGG CCNCC AAAAA ");
  EXPECT_THAT(stream.notes(), ElementsAre("1 IUPAC letters became N"));
}

TEST(SequenceStream, LaterPartsHaveTheLengthOfTheFirstSequence) {
  const fs::path fasta = stream_file("l.fa", ">a\nACGTA\n>b\nTTTTT\n>c\nGGG\n");
  SequenceStream strict({.fasta = fasta});
  ASSERT_TRUE(strict.next(2));
  EXPECT_THAT(error_text([&] { strict.next(2); }), HasSubstr("l.fa:5: the sequence has 3 bases, expected 5 as in the first one"));
  SequenceStream fitted({.fasta = fasta, .length = {.fit = LengthFit::centre}});
  ASSERT_TRUE(fitted.next(2));
  EXPECT_EQ(fitted.next(2)->data->letters(0), "NGGGN");
  EXPECT_FALSE(fitted.next(2));
  EXPECT_THAT(fitted.notes(), ElementsAre("1 sequences were filled up with N to 5 bases"));
}

TEST(SequenceStream, TablesKeepTheirOtherColumns) {
  const fs::path table = stream_file("t.tsv", "cell\tletters\tname\tscore\nK\tACG\tx\t1.5\nL\tTTT\ty\t\n");
  SequenceStream stream({.table = table, .sequence = "letters"});
  EXPECT_THAT(stream.columns(), ElementsAre("cell", "score"));
  const auto part = stream.next(10);
  ASSERT_TRUE(part);
  EXPECT_THAT(part->data->names, ElementsAre("x", "y"));
  EXPECT_THAT(part->kept, ElementsAre(ElementsAre("K", "1.5"), ElementsAre("L", "")));
  SequenceStream numbered({.table = stream_file("n.tsv", "sequence\nACG\nTTT\nCCC\n")});
  ASSERT_TRUE(numbered.next(2));
  EXPECT_THAT(numbered.next(2)->data->names, ElementsAre("row_3"));
}

TEST(SequenceStream, NothingToReadIsAnError) {
  SequenceStream empty({.table = stream_file("e.tsv", "sequence\n")});
  EXPECT_THAT(error_text([&] { empty.next(5); }), HasSubstr("e.tsv: no sequence was left to read"));
  EXPECT_THROW(SequenceStream(SequenceStreamOptions{}), ArgumentError);
}

}  // namespace
}  // namespace basewise::data
