#include "basewise/core/files.h"

#include <array>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "basewise/core/detail/test_support.h"
#include "basewise/core/error.h"
#include "basewise/core/hash.h"
#include "tests/support/error_text.h"

namespace basewise {
namespace {

using ::testing::HasSubstr;
using testing_support::Folder;

// Runs `f` in a child process and returns its wait status.
int in_child(const std::function<void()>& f) {
  const pid_t child = ::fork();
  if (child == 0) {
    f();
    ::_exit(0);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return status;
}

TEST(AtomicFile, FollowsLinksAndLeavesDevicesAlone) {
  const Folder place;
  const fs::path folder = place / "atomic_links";
  fs::create_directories(folder / "inner");
  write_file(folder / "inner" / "real", "old");
  fs::create_symlink("inner/real", folder / "link");
  write_file(folder / "link", "new");
  EXPECT_TRUE(fs::is_symlink(folder / "link"));
  EXPECT_EQ(read_file(folder / "inner" / "real"), "new");
  fs::create_symlink("nowhere/yet", folder / "dangling");
  write_file(folder / "dangling", "made");
  EXPECT_EQ(read_file(folder / "nowhere" / "yet"), "made");
  const fs::path pipe = folder / "pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_THAT(error_text<ArgumentError>([&] { write_file(pipe, "x"); }), HasSubstr("is no file but a device, a pipe"));
  // As /dev/stdout in front of another program: the link is to "pipe:[123]", which is no path.
  std::array<int, 2> ends = {};
  ASSERT_EQ(::pipe(ends.data()), 0);
  EXPECT_THAT(error_text<ArgumentError>([&] { write_file(format("/proc/self/fd/{}", ends[1]), "x"); }),
              HasSubstr("is no file but a device, a pipe"));
  for (const int end : ends) ::close(end);
  EXPECT_TRUE(fs::is_fifo(pipe));
}

TEST(Files, WhatIsWrittenIsRead) {
  const Folder folder;
  EXPECT_TRUE(rc::check([&](const std::string& bytes) {
    write_file(folder / "a/b/x.bin", bytes);
    RC_ASSERT(read_file(folder / "a/b/x.bin") == bytes);
  }));
  const std::string large(3'000'001, '\0');
  write_file(folder / "large", large);
  EXPECT_EQ(read_file(folder / "large"), large);
  EXPECT_EQ(folder.entries(), 2u);
}

TEST(Files, ReadsFilesThatReportNoSize) { EXPECT_NE(read_file("/proc/self/status").find("Name:"), std::string::npos); }

TEST(Files, ErrorsNameTheFileAndTheReason) {
  const Folder folder;
  EXPECT_EQ(error_text<DataError>([&] { read_file(folder / "no.txt"); }),
            (folder / "no.txt").string() + ": cannot open: No such file or directory");
  EXPECT_EQ(error_text<DataError>([&] { read_file(folder.path()); }), folder.path().string() + ": cannot read: Is a directory");
  write_file(folder / "file", "x");
  EXPECT_EQ(error_text<DataError>([&] { write_file(folder / "file/below", "x"); }),
            (folder / "file").string() + ": cannot make the folder: Not a directory");
  EXPECT_EQ(error_text<ArgumentError>([&] { write_file("some/folder/", "x"); }), "'some/folder/' names no file or folder to write");
}

TEST(Files, AnUncommittedFileLeavesNothing) {
  const Folder folder;
  write_file(folder / "x", "old");
  {
    AtomicFile file(folder / "x");
    file.stream() << "half of the new te";
    EXPECT_EQ(folder.entries(), 2u);
  }
  EXPECT_EQ(read_file(folder / "x"), "old");
  EXPECT_EQ(folder.entries(), 1u);
}

TEST(Files, ACLibraryMayWriteUnderTheTemporaryName) {
  const Folder folder;
  AtomicFile file(folder / "x.bw");
  FILE* out = std::fopen(file.temporary().c_str(), "wb");
  ASSERT_NE(out, nullptr);
  std::fputs("by hand", out);
  std::fclose(out);
  EXPECT_FALSE(fs::exists(folder / "x.bw"));
  file.commit();
  EXPECT_EQ(read_file(folder / "x.bw"), "by hand");
  EXPECT_EQ(error_text<InternalError>([&] { file.commit(); }), (folder / "x.bw").string() + ": committed twice");
}

TEST(Files, AProcessKilledWhileWritingLeavesTheOldFileWhole) {
  const Folder folder;
  write_file(folder / "x", "old and whole");
  const int status = in_child([&] {
    AtomicFile file(folder / "x");
    file.stream() << std::string(100000, 'n') << std::flush;
    ::kill(::getpid(), SIGKILL);
  });
  ASSERT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(read_file(folder / "x"), "old and whole");
  EXPECT_EQ(folder.entries(), 2u);
  write_file(folder / "y", "another target");
  EXPECT_EQ(folder.entries(), 3u) << "what belongs to others stays";
  write_file(folder / "x", "new");
  EXPECT_EQ(read_file(folder / "x"), "new");
  EXPECT_EQ(folder.entries(), 2u) << "what the dead process left is gone";
}

TEST(Files, WhatALivingProcessOrAnotherMachineWritesStays) {
  const Folder folder;
  const pid_t gone = ::fork();
  if (gone == 0) ::_exit(0);
  ::waitpid(gone, nullptr, 0);
  const std::string parent = format(".x.tmp-{}-0", ::getppid()), elsewhere = format(".x.tmp-{}-0-elsewhere", gone),
                    old_elsewhere = format(".x.tmp-{}-1-elsewhere", gone), of_old_version = format(".x.tmp-{}-7", gone);
  const std::string foreign = ".x.tmp-mine", other = format(".xx.tmp-{}-0", gone);
  for (const auto& name : {parent, elsewhere, old_elsewhere, of_old_version, foreign, other}) write_file(folder / name, "half");
  fs::last_write_time(folder / old_elsewhere, fs::file_time_type::clock::now() - std::chrono::hours(25));
  AtomicFile living(folder / "x");
  write_file(folder / "x", "new");
  for (const auto& name : {parent, elsewhere, foreign, other}) EXPECT_TRUE(fs::exists(folder / name)) << name;
  for (const auto& name : {old_elsewhere, of_old_version}) EXPECT_FALSE(fs::exists(folder / name)) << name;
  EXPECT_TRUE(fs::exists(living.temporary()));
}

TEST(Files, AKilledFolderIsCleanedByTheNextOneOfItsName) {
  const Folder folder;
  in_child([&] {
    const AtomicDirectory directory(folder / "run");
    write_file(directory.temporary() / "a" / "b", "1");
    ::kill(::getpid(), SIGKILL);
  });
  EXPECT_EQ(folder.entries(), 1u);
  AtomicDirectory directory((folder / "run").string() + "/");
  write_file(directory.temporary() / "c", "2");
  directory.commit();
  EXPECT_EQ(folder.entries(), 1u);
  EXPECT_EQ(read_file(folder / "run/c"), "2");
}

TEST(Files, TheLongestNamesCanBeWritten) {
  const Folder folder;
  const std::string name(255, 'x');
  write_file(folder / name, "1");
  write_file(folder / name, "2");
  EXPECT_EQ(read_file(folder / name), "2");
  EXPECT_EQ(folder.entries(), 1u);
}

TEST(Files, AFolderIsRemovedAsAWhole) {
  const Folder folder;
  write_file(folder / "run/deep/log.tsv", "1");
  write_file(folder / "file", "2");
  for (const char* name : {"run", "file", "never there"}) remove_whole(folder / name);
  EXPECT_EQ(folder.entries(), 0u);
}

TEST(Files, AFullDiskIsReportedAndTheTemporaryRemoved) {
  const Folder folder;
  const int status = in_child([&] {
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{1000, 1000};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    const std::string large(50000, 'x'), name = (folder / "x").string();
    const auto by_stream = [&] {
      AtomicFile file(folder / "x");
      file.stream() << large;
      file.commit();
    };
    const bool at_once = error_text<DataError>([&] { write_file(folder / "x", large); }) == name + ": cannot write: File too large";
    const bool piecewise = error_text<DataError>(by_stream) == name + ": cannot write all of it; is the disk full?";
    ::_exit(at_once && piecewise ? 0 : 1);
  });
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
  EXPECT_EQ(folder.entries(), 0u);
}

TEST(Files, ReadersNeverSeeAHalfFile) {
  const Folder folder;
  const std::string a(200000, 'a'), b(100, 'b');
  write_file(folder / "x", a);
  std::jthread writer([&](const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      write_file(folder / "x", b);
      write_file(folder / "x", a);
    }
  });
  for (int i = 0; i < 100; ++i) {
    const std::string seen = read_file(folder / "x");
    ASSERT_TRUE(seen == a || seen == b) << seen.size();
  }
}

TEST(Files, AFolderAppearsWholeOrNotAtAll) {
  const Folder folder;
  {
    AtomicDirectory lost(folder / "run");
    write_file(lost.temporary() / "log.tsv", "1");
  }
  EXPECT_EQ(folder.entries(), 0u);
  AtomicDirectory kept((folder / "run").string() + "/");
  write_file(kept.temporary() / "deep/log.tsv", "2");
  EXPECT_FALSE(fs::exists(folder / "run"));
  kept.commit();
  EXPECT_EQ(read_file(folder / "run/deep/log.tsv"), "2");
  EXPECT_EQ(folder.entries(), 1u);
}

TEST(Files, AFolderThatHoldsSomethingIsNotReplaced) {
  const Folder folder;
  write_file(folder / "run/mine", "keep");
  {
    AtomicDirectory directory(folder / "run");
    EXPECT_EQ(error_text<DataError>([&] { directory.commit(); }),
              (folder / "run").string() + ": cannot put the finished result in place: Directory not empty");
  }
  EXPECT_EQ(read_file(folder / "run/mine"), "keep");
  EXPECT_EQ(folder.entries(), 1u);
}

// FIPS 180-4 examples; the last one is a million letters "a".
TEST(Hash, GivesThePublishedDigests) {
  EXPECT_EQ(sha256(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256(std::string(1000000, 'a')), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Hash, FilesAgreeWithTheirBytes) {
  const Folder folder;
  EXPECT_TRUE(rc::check([&](const std::string& a, const std::string& b) {
    write_file(folder / "x", a + b);
    RC_ASSERT(sha256_file(folder / "x") == sha256(a + b));
  }));
  const std::string pieces = std::string(1'500'000, 'a') + std::string(1'500'000, 'b');
  write_file(folder / "x", pieces);
  EXPECT_EQ(sha256_file(folder / "x"), sha256(pieces));
  EXPECT_EQ(error_text<DataError>([&] { sha256_file(folder / "no"); }),
            (folder / "no").string() + ": cannot open: No such file or directory");
  EXPECT_EQ(error_text<DataError>([&] { sha256_file(folder.path()); }), folder.path().string() + ": cannot read: Is a directory");
}

}  // namespace
}  // namespace basewise
