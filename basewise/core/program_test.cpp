#include "basewise/core/program.h"

#include <cstdlib>

#include <gtest/gtest.h>

#include "basewise/core/detail/test_support.h"
#include "basewise/core/files.h"

namespace basewise {
namespace {

/// Sets a variable for one test.
class Variable {
 public:
  Variable(const char* name, const std::string& value) : name_(name) {
    if (const char* before = std::getenv(name)) before_ = before;
    ::setenv(name, value.c_str(), 1);
  }
  ~Variable() { before_ ? ::setenv(name_, before_->c_str(), 1) : ::unsetenv(name_); }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

 private:
  const char* name_;
  std::optional<std::string> before_;
};

TEST(Program, FoldersThatAreNotNamedFromTheRootAreLeftOut) {
  const Variable list("BASEWISE_TEST_LIST", ":/usr/bin:.:relative:" + fs::current_path().string() + ":/bin:");
  EXPECT_EQ(absolute_folders("BASEWISE_TEST_LIST"), "/usr/bin:/bin");
  EXPECT_EQ(absolute_folders("BASEWISE_TEST_NOT_SET"), "");
}

TEST(Program, IsFoundInPathAndNotInTheCurrentFolder) {
  const testing_support::Folder folder;
  write_file(folder / "tool", "#!/bin/sh\nexit 3\n");
  fs::permissions(folder / "tool", fs::perms::owner_all);
  const Variable path("PATH", ":" + folder.path().string());
  EXPECT_EQ(find_program("tool"), folder / "tool");
  EXPECT_EQ(run_program("tool", {}, {}, {}), 3);
  const fs::path before = fs::current_path();
  fs::current_path(folder.path());
  EXPECT_FALSE(find_program("tool").has_value());
  EXPECT_FALSE(run_program("tool", {}, {}, {}).has_value());
  fs::current_path(before);
}

TEST(Program, GetsArgumentsAndVariablesAndItsErrorsAreKept) {
  const testing_support::Folder folder;
  const Variable outer("BASEWISE_TEST_OUTER", "ours"), gone("BASEWISE_TEST_GONE", "ours");
  const auto code = run_program("/bin/sh", {"-c", "echo \"$1 $BASEWISE_TEST_OUTER [$BASEWISE_TEST_GONE]\" >&2; exit 5", "sh", "a b;c"},
                                {{"BASEWISE_TEST_OUTER", "given"}, {"BASEWISE_TEST_GONE", ""}}, folder / "log");
  EXPECT_EQ(code, 5);
  EXPECT_EQ(read_file(folder / "log"), "a b;c given []\n");
}

}  // namespace
}  // namespace basewise
