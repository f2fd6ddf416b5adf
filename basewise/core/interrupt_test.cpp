#include "basewise/core/interrupt.h"

#include <thread>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "basewise/core/detail/test_support.h"
#include "basewise/core/files.h"

namespace basewise {
namespace {

using testing_support::Folder;

// Runs `f` in a child process and returns its wait status.
template <class F>
int status_of(F f) {
  const pid_t child = ::fork();
  if (child == 0) {
    f();
    ::_exit(0);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return status;
}

void expect_interrupted(int status) {
  ASSERT_TRUE(WIFEXITED(status)) << status;
  EXPECT_EQ(WEXITSTATUS(status), 130);
}

TEST(Interrupt, FilesAndFoldersThatAreNotInPlaceVanish) {
  const Folder folder;
  write_file(folder / "x", "old");
  for (const int signal : {SIGINT, SIGTERM}) {
    expect_interrupted(status_of([&] {
      const InterruptScope scope;
      AtomicFile file(folder / "x");
      file.stream() << std::string(100000, 'n') << std::flush;
      const AtomicDirectory directory(folder / "run");
      write_file(directory.temporary() / "deep" / "deeper" / "a", "1");
      for (int i = 0; i < 200; ++i) write_file(directory.temporary() / format("{:0100}", i), "2");
      ::raise(signal);
    }));
    EXPECT_EQ(read_file(folder / "x"), "old");
    EXPECT_EQ(folder.entries(), 1u);
  }
}

TEST(Interrupt, ASignalBehindTheWorkDoesWhatWasAskedFor) {
  const int ignored = status_of([] {
    { const InterruptScope scope(SignalsAfter::ignored); }
    ::raise(SIGINT);
    ::raise(SIGTERM);
  });
  EXPECT_TRUE(WIFEXITED(ignored) && WEXITSTATUS(ignored) == 0) << ignored;
  const int as_before = status_of([] {
    ::signal(SIGTERM, SIG_DFL);
    { const InterruptScope scope; }
    ::raise(SIGTERM);
  });
  EXPECT_TRUE(WIFSIGNALED(as_before) && WTERMSIG(as_before) == SIGTERM) << as_before;
}

TEST(Interrupt, WhatIsInPlaceOrGoneIsLeftAlone) {
  const Folder folder;
  expect_interrupted(status_of([&] {
    const InterruptScope scope;
    for (int i = 0; i < 3; ++i) write_file(folder / format("{}", i), "whole");
    { const AtomicFile lost(folder / "lost"); }
    ::raise(SIGTERM);
  }));
  EXPECT_EQ(folder.entries(), 3u);
  EXPECT_EQ(read_file(folder / "2"), "whole");
}

TEST(Interrupt, NothingIsLeftWhileAnotherThreadWrites) {
  for (int round = 0; round < 20; ++round) {
    const Folder folder;
    expect_interrupted(status_of([&] {
      const InterruptScope scope;
      const std::jthread writer([&](const std::stop_token& stop) {
        while (!stop.stop_requested()) write_file(folder / "x", "whole");
      });
      while (!fs::exists(folder / "x")) ::usleep(100);
      ::usleep(static_cast<unsigned>(50 * round));
      ::kill(::getpid(), SIGINT);
      ::pause();
    }));
    EXPECT_EQ(folder.entries(), 1u);
    EXPECT_EQ(read_file(folder / "x"), "whole");
  }
}

TEST(StopSignal, TheFirstIsAWishAndTheSecondAnEnd) {
  const Folder folder;
  expect_interrupted(status_of([&] {
    const InterruptScope scope;
    const StopSignal stop;
    if (stop.raised()) ::_exit(1);
    throw_if_stopping();
    ::raise(SIGINT);
    if (!stop.raised()) ::_exit(2);
    try {
      throw_if_stopping();
      ::_exit(3);
    } catch (const Interrupted& e) {
      if (e.exit_code() != 130) ::_exit(4);
    }
    const AtomicFile half(folder / "x");
    ::raise(SIGTERM);
  }));
  EXPECT_EQ(folder.entries(), 0u);
}

TEST(StopSignal, TheHandlersOfBeforeComeBack) {
  expect_interrupted(status_of([&] {
    const InterruptScope scope;
    {
      const StopSignal stop;
      ::raise(SIGINT);
    }
    throw_if_stopping();  // nobody waits for the wish any more
    ::raise(SIGINT);
    ::_exit(1);
  }));
  const int status = status_of([&] {
    { const InterruptScope scope; }
    ::raise(SIGTERM);
  });
  ASSERT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(WTERMSIG(status), SIGTERM);
}

}  // namespace
}  // namespace basewise
