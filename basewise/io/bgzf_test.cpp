#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "basewise/core/log.h"
#include "basewise/core/random.h"
#include "basewise/io/detail/bgzf.h"
#include "basewise/io/fasta.h"
#include "basewise/io/fasta_index.h"
#include "basewise/io/line_reader.h"
#include "tests/support/error_text.h"
#include "tests/support/test_files.h"

namespace basewise::io {
namespace {

using namespace testing_files;
using testing::HasSubstr;
using testing::Not;

constexpr std::int64_t kBases = 200000;

// A bgzip file of four blocks or more, with its indexes beside it.
fs::path indexed_fasta(const Folder& folder) {
  const fs::path path = folder.path() / "x.fa.gz";
  std::string sequence;
  Stream stream(3);
  for (std::int64_t i = 0; i < kBases; ++i) sequence += "ACGT"[stream.below(4)];
  write_fasta(path, {{"s", "", sequence, 0}, {"t", "", "GATTACA", 0}});
  IndexedFasta(path, WriteIndex::beside);
  return path;
}

std::string number(std::uint64_t value) {
  std::string bytes;
  detail::put(bytes, value);
  return bytes;
}

// The first error on the way to the last bases; empty if there is none.
std::string error_of(const fs::path& path) {
  return maybe_error_text([&] {
    const IndexedFasta fasta(path);
    fasta.fetch({"s", kBases - 70000, kBases, seq::Strand::none});
    fasta.fetch({"t", 0, 7, seq::Strand::none});
  });
}

TEST(Bgzf, KnowsItsBlocksWithoutInflatingThem) {
  const Folder folder;
  const fs::path path = indexed_fasta(folder);
  const detail::PositionedFile file(path);
  const auto blocks = detail::bgzf_blocks(file);
  ASSERT_GE(blocks.size(), 4U);
  EXPECT_EQ(blocks.front().at, 0U);
  for (std::size_t i = 1; i < blocks.size(); ++i) EXPECT_EQ(blocks[i].start, blocks[i - 1].start + blocks[i - 1].length);
  EXPECT_EQ(blocks.back().length, 0U);
  EXPECT_EQ(blocks.back().at, file.size() - detail::kBgzfEnd);
  EXPECT_TRUE(detail::ends_with_bgzf_end(read_file(path)));
  EXPECT_NO_THROW(detail::check_gzi(path.string() + ".gzi", blocks, file.size()));
}

TEST(Bgzf, AnIndexThatDoesNotFitIsRefused) {
  const Folder folder;
  const fs::path path = indexed_fasta(folder);
  ASSERT_EQ(error_of(path), "");
  const std::string good = read_file(path.string() + ".gzi");
  const auto error = [&](const std::string& gzi) {
    folder.file("x.fa.gz.gzi", gzi);
    return error_of(path);
  };
  EXPECT_THAT(error(""), HasSubstr("x.fa.gz.gzi: is no index of the blocks of its bgzip file: it has 0 bytes"));
  EXPECT_THAT(error(number(1'000'000'000'000) + good.substr(8)), HasSubstr("1000000000000 entries do not make"));
  EXPECT_THAT(error(good.substr(0, good.size() - 3)), HasSubstr("entries do not make"));
  std::string moved = good;
  moved[8] = static_cast<char>(moved[8] ^ 1);
  EXPECT_THAT(error(moved), HasSubstr("where no block begins; delete it, it will be built anew"));
  std::string shifted = good;
  shifted[16] = static_cast<char>(shifted[16] ^ 64);
  EXPECT_THAT(error(shifted), HasSubstr("where no block begins"));
  const std::uint64_t entries = (good.size() - 8) / 16;
  EXPECT_THAT(error(number(entries - 1) + good.substr(24)), HasSubstr("entry 1 says")) << "the entry of the second block is gone";
  EXPECT_THAT(error(number(1) + good.substr(8, 16)), HasSubstr("is not in it; delete it"));
  EXPECT_EQ(error(good), "");
}

TEST(Bgzf, PlacesBehindTheEndOfTheFileAreRefused) {
  const Folder folder;
  const fs::path path = indexed_fasta(folder);
  const auto error = [&](const std::string& fai) {
    folder.file("x.fa.gz.fai", fai);
    return error_of(path);
  };
  const std::string good = read_file(path.string() + ".fai");
  EXPECT_EQ(error(good), "");
  const auto line_of_t = good.substr(good.find("t\t"));
  EXPECT_THAT(error("s\t200000000\t3\t60\t61\n" + line_of_t), HasSubstr(".fai does not fit the file: 's' would end at byte"));
  EXPECT_THAT(error(good.substr(0, good.find("t\t")) + "t\t7\t99999999\t7\t8\n"), HasSubstr("'t' would end at byte 100000006"));
  std::string shorter = good;
  shorter.replace(shorter.find("200000"), 6, "199999");
  EXPECT_THAT(maybe_error_text([&] {
                folder.file("x.fa.gz.fai", shorter);
                IndexedFasta(path).fetch({"s", 0, 5, seq::Strand::none});
              }),
              HasSubstr("sequence 's' goes on behind the 199999 bases of the index"));
}

TEST(Bgzf, AFileCutAtABlockIsWarnedOfOnce) {
  const Folder folder;
  const std::string whole = read_file(indexed_fasta(folder));
  const fs::path cut = folder.file("cut.fa.gz", whole.substr(0, whole.size() - detail::kBgzfEnd));
  const auto lines = [](const fs::path& path) {
    LineReader reader(path);
    std::int64_t count = 0;
    for (std::string_view line; reader.next(line);) ++count;
    return count;
  };
  set_log_level(LogLevel::warning);
  testing::internal::CaptureStderr();
  EXPECT_EQ(lines(cut), lines(folder.file("whole.fa.gz", whole)));
  lines(cut);
  const std::string said = testing::internal::GetCapturedStderr();
  EXPECT_THAT(said, HasSubstr("warning: " + cut.string() + ": the end-of-file block of bgzip is missing: the file may be truncated"));
  EXPECT_EQ(said.find("end-of-file"), said.rfind("end-of-file"));
  EXPECT_THAT(said, Not(HasSubstr("whole.fa.gz")));
  EXPECT_THAT(maybe_error_text([&] { detail::bgzf_blocks(detail::PositionedFile(folder.file("b.gz", whole.substr(0, 5000)))); }),
              HasSubstr("the file ends at byte 5000; it is truncated or damaged"));
  EXPECT_THAT(maybe_error_text([&] { detail::bgzf_blocks(detail::PositionedFile(folder.file("c.gz", whole + "rest of another kind"))); }),
              HasSubstr("no block of bgzip begins at byte"));
}

}  // namespace
}  // namespace basewise::io
