#include "basewise/core/outputs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "basewise/core/detail/test_support.h"
#include "tests/support/error_text.h"

namespace basewise {
namespace {

using ::testing::HasSubstr;
using testing_support::Folder;

TEST(Outputs, AreNoInputsByAnyName) {
  const Folder folder;
  write_file(folder / "a.fa", ">x\n");
  fs::create_symlink("a.fa", folder / "link.fa");
  fs::create_directories(folder / "inner");
  const auto text = [&](const fs::path& out) {
    return error_text<ArgumentError>([&] { require_apart({{"bed", ""}, {"fasta", folder / "a.fa"}}, {{"out", out}}); });
  };
  EXPECT_THAT(text(folder / "a.fa"), HasSubstr("would replace the input that fasta names"));
  EXPECT_THAT(text(folder / "link.fa"), HasSubstr("would replace the input"));
  EXPECT_THAT(text(folder / "inner" / ".." / "a.fa"), HasSubstr("would replace the input"));
  EXPECT_THAT(text(folder / "inner" / ".."), HasSubstr("holds the input fasta = "));
  require_apart({{"fasta", folder / "a.fa"}}, {{"out", folder / "b.fa"}, {"counts", ""}, {"summary", folder / "inner" / "a.fa"}});
}

TEST(Outputs, AreDifferentFiles) {
  const Folder folder;
  EXPECT_THAT(error_text<ArgumentError>([&] { require_apart({}, {{"out", folder / "x"}, {"summary", folder / "." / "x"}}); }),
              HasSubstr("out and summary are both"));
}

TEST(Outputs, NamesThatAreNoFilesAreNoInputs) {
  const Folder folder;
  require_apart({{"motifs", "jaspar2024"}}, {{"out", "jaspar2024"}});
}

}  // namespace
}  // namespace basewise
