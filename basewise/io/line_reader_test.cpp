#include "basewise/io/line_reader.h"

#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/error_text.h"
#include "tests/support/test_files.h"

namespace basewise::io {
namespace {

using namespace testing_files;
using testing::ElementsAre;
using testing::HasSubstr;

std::vector<std::string> lines_of(LineReader reader) {
  std::vector<std::string> lines;
  for (std::string_view line; reader.next(line);) lines.emplace_back(line);
  return lines;
}

TEST(LineReader, EndsOfLines) {
  EXPECT_THAT(lines_of(LineReader::over("a\r\nb\n\nlast", "x")), ElementsAre("a", "b", "", "last"));
  EXPECT_THAT(lines_of(LineReader::over("\xef\xbb\xbf"
                                        "a\n",
                                        "x")),
              ElementsAre("a"));
  EXPECT_TRUE(lines_of(LineReader::over("", "x")).empty());
  EXPECT_THAT(lines_of(LineReader::over("a\rb\nc", "x")), ElementsAre("a\rb", "c"));
  EXPECT_THAT(lines_of(LineReader::over("a\r\r", "x")), ElementsAre("a\r"));
}

TEST(LineReader, CarriageReturnsAloneAreNamed) {
  EXPECT_THAT(error_text<DataError>([] { lines_of(LineReader::over("a,b\r1,2\r3,4\r", "x")); }),
              HasSubstr("x:1: the lines end with carriage returns alone"));
}

TEST(LineReader, PlainGzipAndSeveralMembersReadTheSame) {
  const Folder folder;
  std::string text;
  for (int i = 0; i < 20000; ++i) text += format("line {} {}\n", i, std::string(static_cast<std::size_t>(i % 97), 'x'));
  const auto plain = lines_of(LineReader(folder.file("plain", text)));
  EXPECT_EQ(plain.size(), 20000u);
  EXPECT_EQ(lines_of(LineReader(folder.file("x.gz", gzip(text)))), plain);
  const std::string two = gzip(text.substr(0, 1000)) + gzip("") + gzip(text.substr(1000)) + std::string(512, '\0');
  EXPECT_EQ(lines_of(LineReader(folder.file("y.gz", two))), plain);
}

TEST(LineReader, CountsLinesAndPutsBack) {
  LineReader reader = LineReader::over("a\nb\n", "x.txt");
  std::string_view line;
  EXPECT_EQ(reader.line_number(), 0);
  reader.next(line);
  reader.next(line);
  reader.put_back();
  EXPECT_TRUE(reader.next(line));
  EXPECT_EQ(line, "b");
  EXPECT_EQ(reader.line_number(), 2);
  EXPECT_EQ(error_text([&] { reader.fail("wrong", 5); }), "x.txt:2:5: wrong");
  EXPECT_FALSE(reader.next(line));
}

TEST(LineReader, BoundsTheLengthOfALine) {
  LineReader reader = LineReader::over("short\n" + std::string(100, 'x') + "\n", "x.txt", 50);
  std::string_view line;
  EXPECT_TRUE(reader.next(line));
  EXPECT_THAT(error_text([&] { reader.next(line); }), HasSubstr("x.txt:2: the line is longer than 50 bytes"));
  const Folder folder;
  // A small file that inflates to one endless line must not fill the memory.
  const auto bomb = folder.file("bomb.gz", gzip(std::string(4000000, 'A')));
  EXPECT_THAT(error_text([&] { lines_of(LineReader(bomb, 100000)); }), HasSubstr("bomb.gz:1: the line is longer than 100000 bytes"));
}

TEST(LineReader, FindsZerosBeforeALineEnds) {
  const Folder folder;
  // 64 MB of zeros behind a short line, in a small file: the first is enough.
  const auto zeros = folder.file("zeros.gz", gzip("text\nab" + std::string(64'000'000, '\0')));
  EXPECT_THAT(error_text([&] { lines_of(LineReader(zeros)); }), HasSubstr("zeros.gz:2:3: NUL byte"));
}

TEST(LineReader, ErrorsOfFiles) {
  const Folder folder;
  EXPECT_THAT(error_text([&] { LineReader(folder.path() / "none"); }), HasSubstr("none: cannot open: No such file"));
  EXPECT_THAT(error_text([&] { LineReader r(folder.path()); }), HasSubstr("is a folder; expected a file"));
  const std::string whole = gzip("some text\nof some lines\nthat goes on and on\n");
  const auto cut = folder.file("cut.gz", whole.substr(0, whole.size() - 12));
  EXPECT_THAT(error_text([&] { lines_of(LineReader(cut)); }), HasSubstr("cut.gz: the gzip data is truncated"));
  std::string flipped = whole;
  flipped[flipped.size() - 6] ^= 0x10;
  EXPECT_THAT(error_text([&] { lines_of(LineReader(folder.file("crc.gz", flipped))); }), HasSubstr("crc.gz: damaged gzip data"));
  EXPECT_THAT(error_text([&] { lines_of(LineReader(folder.file("tail.gz", whole + "plain text"))); }),
              HasSubstr("bytes behind the end of the gzip data"));
  EXPECT_THAT(error_text([&] { LineReader(folder.file("x.bz2", "BZh91AY")); }),
              HasSubstr("is compressed by bzip2; expected plain text or gzip"));
  EXPECT_THAT(error_text([&] { lines_of(LineReader(folder.file("nul", std::string("a\nb\0c\n", 6)))); }), HasSubstr("nul:2:2: NUL byte"));
}

}  // namespace
}  // namespace basewise::io
