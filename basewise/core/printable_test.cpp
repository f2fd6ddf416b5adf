#include "basewise/core/printable.h"

#include <gtest/gtest.h>

namespace basewise {
namespace {

TEST(Printable, LeavesWordsOfAnyLanguageAlone) {
  for (const char* text : {"", "chr1:100-200", "Größe 12 µm, 日本, \xf0\x9f\xa7\xac", "C:\\data\\x.bed"}) EXPECT_EQ(printable(text), text);
}

TEST(Printable, ShowsControlCharactersAsEscapes) {
  EXPECT_EQ(printable("a\x1b]0;title\x07" "b"), "a\\u001b]0;title\\u0007b");
  EXPECT_EQ(printable(std::string_view("a\0b", 3)), "a\\u0000b");
  EXPECT_EQ(printable("a\x7f"), "a\\u007f");
  EXPECT_EQ(printable("x\nbasewise: error: forged\r"), "x\\nbasewise: error: forged\\u000d");
  EXPECT_EQ(printable("a\tb"), "a\\tb");
}

TEST(Printable, ShowsC1ControlsAndMarksOfDirection) {
  EXPECT_EQ(printable("a\xc2\x9b" "31m"), "a\\u009b31m");                        // CSI as one character
  EXPECT_EQ(printable("a\xc2\xa0z"), "a\xc2\xa0z");                              // the first character behind C1
  EXPECT_EQ(printable("a\xe2\x80\xae" "fab.txt"), "a\\u202efab.txt");            // right to left from here
  EXPECT_EQ(printable("a\xe2\x80\xa8" "b\xe2\x80\xa9"), "a\\u2028b\\u2029");     // line and paragraph separator
}

TEST(Printable, ShowsBytesThatAreNoUtf8) {
  EXPECT_EQ(printable("caf\xe9"), "caf\\xe9");
  EXPECT_EQ(printable("\xc0\xaf"), "\\xc0\\xaf");              // '/' in two bytes
  EXPECT_EQ(printable("\xed\xa0\x80"), "\\xed\\xa0\\x80");     // half of a surrogate pair
  EXPECT_EQ(printable("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80");  // beyond U+10FFFF
  EXPECT_EQ(printable("\xe2\x82"), "\\xe2\\x82");              // cut short
  EXPECT_EQ(printable("\x9b" "31m"), "\\x9b31m");
}

TEST(Printable, KeepsLineBreaksAndTabsWhereTheyAreMeant) {
  EXPECT_EQ(printable("a\tb\nc\x1b\r\n", LineBreaks::kept), "a\tb\nc\\u001b\\u000d\n");
}

TEST(Printable, OfPrintableTextIsTheSame) {
  const std::string once = printable("\x1b[31m caf\xe9\n");
  EXPECT_EQ(printable(once), once);
}

TEST(Shortened, KeepsBothEndsAndSaysHowMuchIsMissing) {
  EXPECT_EQ(shortened("0123456789", 10), "0123456789");
  EXPECT_EQ(shortened("01234567890123456789", 8), "012345 ... (12 bytes left out) ... 89");
}

TEST(Shortened, CutsNoCharacter) {
  std::string text;
  for (int i = 0; i < 50; ++i) text += "\xe2\x82\xac";  // three bytes each
  for (std::size_t most = 5; most < 40; ++most) EXPECT_TRUE(is_utf8(shortened(text, most))) << most;
}

TEST(MessageLine, IsOneLineOfBoundedLength) {
  std::string text(2'000'000, 'A');
  text.append("\nend");  // operator+ here makes GCC 12 warn of bounds that are kept
  const std::string line = message_line(text);
  EXPECT_LT(line.size(), 4100U);
  EXPECT_EQ(line.find('\n'), std::string::npos);
  EXPECT_TRUE(line.ends_with("A\\nend")) << line.substr(line.size() - 40);
}

TEST(IsUtf8, TellsLatinOneApart) {
  EXPECT_TRUE(is_utf8("caf\xc3\xa9"));
  EXPECT_FALSE(is_utf8("caf\xe9"));
}

TEST(HasControl, FindsLineBreaks) {
  EXPECT_TRUE(has_control("a\nb"));
  EXPECT_TRUE(has_control("a\x7f"));
  EXPECT_FALSE(has_control("a b \xc3\xa9"));
}

}  // namespace
}  // namespace basewise
