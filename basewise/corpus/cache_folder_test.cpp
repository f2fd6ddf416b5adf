#include <cstdlib>
#include <optional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "basewise/corpus/detail/cache_folder.h"
#include "tests/support/error_text.h"
#include "tests/support/test_files.h"

namespace basewise::corpus {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

/// The variables that say where the cache is; they are put back at the end of a test.
class CacheFolder : public ::testing::Test {
 protected:
  void SetUp() override {
    for (const char* name : kNames) {
      const char* value = std::getenv(name);
      before_.push_back(value ? std::optional<std::string>(value) : std::nullopt);
      ::unsetenv(name);
    }
    ::setenv("TMPDIR", folder_.path().c_str(), 1);
  }
  void TearDown() override {
    for (std::size_t i = 0; i < before_.size(); ++i)
      before_[i] ? ::setenv(kNames[i], before_[i]->c_str(), 1) : ::unsetenv(kNames[i]);
  }
  fs::path own() const { return folder_.path() / format("basewise-{}", ::geteuid()); }

  testing_files::Folder folder_;

 private:
  static constexpr const char* kNames[] = {"BASEWISE_CACHE", "XDG_CACHE_HOME", "HOME", "TMPDIR"};
  std::vector<std::optional<std::string>> before_;
};

TEST_F(CacheFolder, IsTheFirstThatIsNamedFromTheRoot) {
  ::setenv("HOME", "/home/a", 1);
  EXPECT_EQ(detail::default_cache(), "/home/a/.cache/basewise");
  ::setenv("XDG_CACHE_HOME", "relative", 1);
  EXPECT_EQ(detail::default_cache(), "/home/a/.cache/basewise");
  ::setenv("XDG_CACHE_HOME", "/var/cache/a", 1);
  EXPECT_EQ(detail::default_cache(), "/var/cache/a/basewise");
  ::setenv("BASEWISE_CACHE", "mine", 1);
  EXPECT_EQ(detail::default_cache(), "mine");
}

TEST_F(CacheFolder, WithoutHomeIsOfThisUserAlone) {
  EXPECT_EQ(detail::default_cache(), own());
  EXPECT_EQ(fs::status(own()).permissions(), fs::perms::owner_all);
  EXPECT_EQ(detail::default_cache(), own());  // the second time, too
}

TEST_F(CacheFolder, ThatOthersCanWriteIntoIsRefused) {
  fs::create_directory(own());
  fs::permissions(own(), fs::perms::all);
  EXPECT_THAT(error_text<DataError>([] { return detail::default_cache(); }), HasSubstr("others can write into it; set BASEWISE_CACHE"));
}

TEST_F(CacheFolder, ThatIsALinkIsRefused) {
  fs::create_directory(folder_.path() / "elsewhere");
  fs::create_directory_symlink(folder_.path() / "elsewhere", own());
  EXPECT_THAT(error_text<DataError>([] { return detail::default_cache(); }), HasSubstr("it is no folder"));
}

}  // namespace
}  // namespace basewise::corpus
