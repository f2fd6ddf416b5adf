#include "basewise/core/output_folder.h"

#include <array>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "basewise/core/detail/test_support.h"
#include "tests/support/error_text.h"

namespace basewise {
namespace {

using ::testing::HasSubstr;
using testing_support::Folder;

TEST(OutputFolder, HoldsNothingOfOthersAndOursOnlyToBeReplaced) {
  constexpr std::array<std::string_view, 2> files = {"a.tsv", "b.tsv"};
  const Folder folder;
  const fs::path out = folder / "out";
  require_own_folder(out, files, false, "learn");
  fs::create_directories(out);
  require_own_folder(out, files, false, "learn");
  write_file(out / "a.tsv", "x\n");
  require_own_folder(out, files, true, "learn");
  const auto refused = [&](const fs::path& path, bool overwrite) {
    return error_text<ArgumentError>([&] { require_own_folder(path, files, overwrite, "learn"); });
  };
  EXPECT_THAT(refused(out, false), HasSubstr("out is there already and holds a.tsv; give another folder, or overwrite"));
  EXPECT_THAT(refused(out / "a.tsv", true), HasSubstr("a.tsv is a file, expected a folder"));
  write_file(out / "thesis.doc", "x\n");
  EXPECT_THAT(refused(out, true), HasSubstr("holds thesis.doc, which is none of the files of learn; give another folder"));
}

}  // namespace
}  // namespace basewise
