#include "basewise/corpus/download.h"

#include <atomic>
#include <chrono>
#include <functional>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "basewise/core/files.h"
#include "basewise/core/hash.h"
#include "basewise/corpus/detail/test_server.h"

namespace basewise::corpus {
namespace {

using detail::TestServer;
using testing::HasSubstr;
using testing::Not;

const std::string kBytes = [] {
  std::string bytes;
  for (std::int64_t i = 0; i < 50000; ++i) bytes += static_cast<char>('a' + i * i % 23);
  return bytes;
}();

DownloadOptions quick() {
  return {.connect_timeout_s = 2, .stall_timeout_s = 0.3, .retries = 3, .backoff_s = 0.01, .backoff_limit_s = 0.02, .progress = false};
}

class Download : public testing::Test {
 protected:
  Download()
      : folder(fs::path(testing::TempDir()) / "download" / testing::UnitTest::GetInstance()->current_test_info()->name()),
        target(folder / "file.bin") {
    fs::remove_all(folder);
  }
  DownloadRequest request(const TestServer& server) const {
    return {{server.url("/file.bin")}, target, static_cast<std::int64_t>(kBytes.size()), sha256(kBytes)};
  }
  std::string failure(const DownloadRequest& wanted, DownloadOptions options = quick()) const {
    try {
      download(wanted, options);
    } catch (const Error& e) {
      EXPECT_FALSE(fs::exists(target));
      return e.what();
    }
    return "no error";
  }
  void expect_whole() const {
    EXPECT_EQ(read_file(target), kBytes);
    EXPECT_FALSE(fs::exists(folder / "file.bin.part"));
    EXPECT_FALSE(fs::exists(folder / "file.bin.part.etag"));
  }
  fs::path folder, target;
};

TEST_F(Download, AWholeFileArrives) {
  TestServer server(kBytes);
  const DownloadResult result = download(request(server), quick());
  EXPECT_EQ(result.attempts, 1);
  EXPECT_EQ(result.size, 50000);
  EXPECT_EQ(result.sha256, sha256(kBytes));
  expect_whole();
}

TEST_F(Download, WithoutKnownSizeOrChecksum) {
  TestServer server(kBytes);
  download({{server.url("/file.bin")}, target, -1, ""}, quick());
  expect_whole();
}

TEST_F(Download, ACutConnectionIsContinued) {
  TestServer server(kBytes, {{.cut_after = 20000}, {}});
  const DownloadResult result = download(request(server), quick());
  EXPECT_EQ(result.attempts, 2);
  EXPECT_EQ(result.resumed_from, 20000);
  EXPECT_THAT(server.requests().at(1), AllOf(HasSubstr("Range: bytes=20000-"), HasSubstr("If-Range: \"v1\"")));
  expect_whole();
}

TEST_F(Download, AStallEndsAndIsContinued) {
  TestServer server(kBytes, {{.stall_after = 30000}, {}});
  const auto start = std::chrono::steady_clock::now();
  const DownloadResult result = download(request(server), quick());
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5));
  EXPECT_EQ(result.resumed_from, 30000);
  expect_whole();
}

TEST_F(Download, ALaterCallGoesOnFromThePart) {
  {
    TestServer server(kBytes, {{.cut_after = 10000}});
    DownloadOptions once = quick();
    once.retries = 0;
    EXPECT_THAT(failure(request(server), once), HasSubstr("could not be downloaded after 1 attempts"));
  }
  EXPECT_EQ(fs::file_size(folder / "file.bin.part"), 10000u);
  TestServer server(kBytes);
  EXPECT_EQ(download(request(server), quick()).resumed_from, 10000);
  expect_whole();
}

TEST_F(Download, AServerThatIgnoresRangeIsReadFromTheStart) {
  TestServer server(kBytes, {{.cut_after = 20000}, {.ignore_range = true}});
  EXPECT_EQ(download(request(server), quick()).resumed_from, 0);
  expect_whole();
}

TEST_F(Download, AChangedFileIsNotGluedToTheOldPart) {
  TestServer server(kBytes, {{.cut_after = 20000, .tag = "\"old\""}, {}});
  const DownloadResult result = download(request(server), quick());
  EXPECT_EQ(result.resumed_from, 0);
  expect_whole();
}

TEST_F(Download, AServerThatAnswersWithAnotherRangeIsNotBelieved) {
  TestServer server(kBytes, {{.cut_after = 20000}, {.wrong_range = true}, {}});
  download(request(server), quick());
  expect_whole();
}

TEST_F(Download, APartThatIsNoneOfThisFileIsDiscarded) {
  fs::create_directories(folder);
  write_file(folder / "file.bin.part", std::string(1000, 'x'));
  TestServer server(kBytes);
  const DownloadResult result = download(request(server), quick());
  EXPECT_EQ(result.attempts, 2);
  EXPECT_EQ(result.resumed_from, 0);
  expect_whole();
}

TEST_F(Download, ServerErrorsPass) {
  TestServer server(kBytes, {{.status = 500}, {.status = 503}, {}});
  EXPECT_EQ(download(request(server), quick()).attempts, 3);
  expect_whole();
}

TEST_F(Download, AMissingFileIsNotAskedForTwice) {
  TestServer server(kBytes, {{.status = 404}, {.status = 404}, {.status = 404}, {.status = 404}});
  EXPECT_THAT(failure(request(server)), AllOf(HasSubstr("could not be downloaded after 1 attempts"),
                                              HasSubstr("/file.bin: HTTP status 404"), HasSubstr("Without a network")));
}

TEST_F(Download, RetriesAreBounded) {
  TestServer server(kBytes, std::vector<detail::Behaviour>(9, {.status = 500}));
  EXPECT_THAT(failure(request(server)), AllOf(HasSubstr("after 4 attempts"), HasSubstr("HTTP status 500")));
}

TEST_F(Download, TheNextAddressIsTried) {
  TestServer bad(kBytes, {{.status = 404}}), good(kBytes);
  DownloadRequest wanted = request(bad);
  wanted.urls.push_back(good.url("/file.bin"));
  EXPECT_EQ(download(wanted, quick()).url, good.url("/file.bin"));
  expect_whole();
}

TEST_F(Download, OtherBytesOfTheRightLengthAreRefused) {
  std::string other = kBytes;
  other[777] = '!';
  TestServer server(other);
  EXPECT_THAT(failure(request(server)), AllOf(HasSubstr("have SHA-256 " + sha256(other)), HasSubstr(sha256(kBytes) + " was expected"),
                                              HasSubstr("after 1 attempts")));
  EXPECT_FALSE(fs::exists(folder / "file.bin.part"));
}

TEST_F(Download, MoreBytesThanTheFileHasAreRefused) {
  TestServer server(kBytes + "more");
  EXPECT_THAT(failure(request(server)), HasSubstr("sends more than the 50000 bytes"));
}

TEST_F(Download, FewerBytesThanTheFileHasAreRefused) {
  TestServer server(kBytes.substr(0, 40000));
  EXPECT_THAT(failure(request(server)), HasSubstr("after 4 attempts"));
}

TEST_F(Download, ALengthThatPromisesTooMuchIsNotBelieved) {
  TestServer server(kBytes, {{.claimed_length = 60000}, {}});
  download(request(server), quick());
  expect_whole();
}

TEST_F(Download, ErrorPagesAreNotData) {
  TestServer server(kBytes, std::vector<detail::Behaviour>(4, {.status = 503, .body = "<html>busy</html>"}));
  EXPECT_THAT(failure(request(server)), HasSubstr("HTTP status 503"));
  EXPECT_FALSE(fs::exists(folder / "file.bin.part"));
}

TEST_F(Download, ADeadAddressIsNamed) {
  DownloadOptions options = quick();
  options.retries = 1;
  const std::string text = failure({{"http://127.0.0.1:1/x"}, target, -1, ""}, options);
  EXPECT_THAT(text, AllOf(HasSubstr("http://127.0.0.1:1/x: "), HasSubstr("after 2 attempts"), HasSubstr("Without a network")));
}

TEST_F(Download, SeveralAtOnceAreOneDownload) {
  TestServer server(kBytes);
  std::vector<DownloadResult> results(3);
  {
    std::vector<std::jthread> callers;
    for (DownloadResult& result : results) callers.emplace_back([&] { result = download(request(server), quick()); });
  }
  int attempts = 0;
  for (const DownloadResult& result : results) {
    attempts += result.attempts;
    EXPECT_EQ(result.size, 50000);
    EXPECT_EQ(result.sha256, sha256(kBytes));
  }
  EXPECT_EQ(attempts, 1);
  EXPECT_EQ(server.requests().size(), 1u);
  expect_whole();
}

TEST_F(Download, SeveralAtOnceOfAFileWithoutChecksum) {
  TestServer server(kBytes);
  DownloadRequest wanted = request(server);
  wanted.size = -1;
  wanted.sha256.clear();
  {
    std::vector<std::jthread> callers;
    for (int i = 0; i < 4; ++i) callers.emplace_back([&] { download(wanted, quick()); });
  }
  expect_whole();
}

TEST_F(Download, WhatAnotherProcessCouldNotFetchIsFetched) {
  TestServer server(kBytes, {{.status = 404}});
  std::atomic<int> failed{0};
  {
    std::vector<std::jthread> callers;
    for (int i = 0; i < 2; ++i)
      callers.emplace_back([&] {
        try {
          download(request(server), quick());
        } catch (const DataError&) {
          ++failed;
        }
      });
  }
  EXPECT_EQ(failed, 1);
  expect_whole();
}

TEST_F(Download, AWholePartOfAKilledProcessIsPutInPlace) {
  fs::create_directories(folder);
  write_file(folder / "file.bin.part", kBytes);
  write_file(folder / "file.bin.part.etag", "\"v1\"");
  TestServer server(kBytes);
  const DownloadResult result = download(request(server), quick());
  EXPECT_EQ(result.attempts, 0);
  EXPECT_EQ(result.resumed_from, 50000);
  EXPECT_TRUE(server.requests().empty());
  expect_whole();
}

TEST_F(Download, AFileThatIsThereAndDamagedIsReplaced) {
  fs::create_directories(folder);
  std::string other = kBytes;
  other[777] = '!';
  write_file(target, other);
  TestServer server(kBytes);
  EXPECT_EQ(download(request(server), quick()).attempts, 1);
  expect_whole();
}

TEST_F(Download, OtherProtocolsAreRefused) {
  fs::create_directories(folder);
  write_file(folder / "secret", "x");
  EXPECT_THAT(failure({{"file://" + (folder / "secret").string()}, target, -1, ""}),
              AllOf(HasSubstr("after 1 attempts"), Not(HasSubstr("no error"))));
  EXPECT_THAT(failure({{}, target, -1, ""}), HasSubstr("no address"));
}

}  // namespace
}  // namespace basewise::corpus
