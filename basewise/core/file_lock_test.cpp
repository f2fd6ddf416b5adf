#include "basewise/core/file_lock.h"

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "basewise/core/detail/test_support.h"
#include "basewise/core/error.h"
#include "basewise/core/files.h"
#include "tests/support/error_text.h"

namespace basewise {
namespace {

using testing_support::Folder;
using Wait = FileLock::Wait;
using Afterwards = FileLock::Afterwards;

TEST(FileLock, OneAtATime) {
  const Folder folder;
  {
    const FileLock first(folder / "lock", Wait::no);
    EXPECT_TRUE(first.held());
    EXPECT_FALSE(FileLock(folder / "lock", Wait::no).held());
  }
  EXPECT_TRUE(FileLock(folder / "lock", Wait::no).held());
  EXPECT_TRUE(fs::exists(folder / "lock"));
}

TEST(FileLock, WhoeverDoesNotHoldItRemovesNothing) {
  const Folder folder;
  auto first = std::make_unique<FileLock>(folder / "lock", Wait::no, Afterwards::remove);
  EXPECT_FALSE(FileLock(folder / "lock", Wait::no, Afterwards::remove).held());
  EXPECT_TRUE(fs::exists(folder / "lock"));
  first.reset();
  EXPECT_FALSE(fs::exists(folder / "lock"));
}

// Each of them opens the file while another one is about to remove it.
TEST(FileLock, AFileThatIsRemovedByItsHolderLetsOnlyOneIn) {
  const Folder folder;
  std::atomic<int> inside{0}, most{0}, entries{0};
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 5; ++t)
      threads.emplace_back([&] {
        for (int i = 0; i < 300; ++i) {
          const FileLock lock(folder / "lock", Wait::yes, Afterwards::remove);
          const int now = ++inside;
          int seen = most.load();
          while (seen < now && !most.compare_exchange_weak(seen, now)) {
          }
          ++entries;
          std::this_thread::yield();
          --inside;
        }
      });
  }
  EXPECT_EQ(entries, 1500);
  EXPECT_EQ(most, 1);
}

TEST(FileLock, AFolderThatIsNotThereIsNamed) {
  const Folder folder;
  EXPECT_EQ(error_text<DataError>([&] { FileLock(folder / "no" / "lock", Wait::no); }),
            (folder / "no/lock").string() + ": cannot be opened for writing: No such file or directory");
}

}  // namespace
}  // namespace basewise
