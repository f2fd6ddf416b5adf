#include "basewise/corpus/registry.h"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "basewise/core/files.h"
#include "basewise/core/hash.h"
#include "basewise/corpus/detail/registry_parse.h"
#include "basewise/corpus/detail/test_server.h"
#include "tests/support/error_text.h"

namespace basewise::corpus {
namespace {

using testing::HasSubstr;

// A registry of one set with three files: "sub/a.txt" (has an address), "b.txt" and "empty".
class RegistryTest : public testing::Test {
 protected:
  RegistryTest() : folder(fs::path(testing::TempDir()) / "registry" / testing::UnitTest::GetInstance()->current_test_info()->name()) {
    fs::remove_all(folder);
    options = {folder / "entries", folder / "mirror", folder / "cache"};
    fs::create_directories(options.mirror);
    write_entry("toy", "http://127.0.0.1:1/a.txt");
  }
  void write_entry(const std::string& name, const std::string& url) const {
    write_file(options.entries / (name + ".toml"), format("name = \"{}\"\ntitle = \"A toy\"\nsource = \"made here\"\nlicence = \"CC0\"\n"
                                                          "[[file]]\npath = \"sub/a.txt\"\nsha256 = \"{}\"\nsize = 5\nurls = [\"{}\"]\n"
                                                          "[[file]]\npath = \"b.txt\"\nsha256 = \"{}\"\nsize = 3\n",
                                                          name, sha256("hello"), url, sha256("bbb")));
  }
  void put(const fs::path& root, const std::string& file, const std::string& text) const { write_file(root / "toy" / file, text); }
  fs::path folder;
  RegistryOptions options;
};

TEST_F(RegistryTest, TheMirrorComesBeforeTheCache) {
  put(options.cache, "sub/a.txt", "hello");
  const Registry registry(options);
  EXPECT_EQ(registry.resolve("toy", "sub/a.txt"), options.cache / "toy/sub/a.txt");
  put(options.mirror, "sub/a.txt", "hello");
  EXPECT_EQ(registry.resolve_path("data:toy/sub/a.txt"), options.mirror / "toy/sub/a.txt");
  EXPECT_EQ(registry.hash_of("data:toy/sub/a.txt"), sha256("hello"));
}

TEST_F(RegistryTest, ADamagedMirrorDoesNotHideTheCache) {
  put(options.mirror, "sub/a.txt", "hell");
  put(options.cache, "sub/a.txt", "hello");
  EXPECT_EQ(Registry(options).resolve("toy", "sub/a.txt"), options.cache / "toy/sub/a.txt");
}

TEST_F(RegistryTest, PlainPathsPass) {
  const Registry registry(options);
  EXPECT_EQ(registry.resolve_path("some/where.fa"), "some/where.fa");
  EXPECT_EQ(resolve_path("some/where.fa"), "some/where.fa");
  EXPECT_FALSE(is_data_reference("database.fa"));
  put(options.mirror, "sub/a.txt", "hello");
  EXPECT_EQ(registry.hash_of((options.mirror / "toy/sub/a.txt").string()), sha256("hello"));
}

TEST_F(RegistryTest, ChecksumsAreRememberedUntilTheFileChanges) {
  put(options.mirror, "sub/a.txt", "hello");
  const Registry registry(options);
  registry.resolve("toy", "sub/a.txt");
  EXPECT_THAT(read_file(options.cache / "verified.tsv"), AllOf(HasSubstr("sub/a.txt\t5\t"), HasSubstr(sha256("hello"))));
  // Same size and time: trusted. Another time: looked at again.
  const auto time = fs::last_write_time(options.mirror / "toy/sub/a.txt");
  put(options.mirror, "sub/a.txt", "jello");
  fs::last_write_time(options.mirror / "toy/sub/a.txt", time);
  EXPECT_NO_THROW(registry.resolve("toy", "sub/a.txt"));
  fs::last_write_time(options.mirror / "toy/sub/a.txt", time + std::chrono::seconds(1));
  EXPECT_THAT(error_text([&] { registry.resolve("toy", "sub/a.txt"); }),
              AllOf(HasSubstr("is not the file that data set 'toy' needs"), HasSubstr(sha256("jello")),
                    HasSubstr(sha256("hello") + " was expected"), HasSubstr("basewise data get toy")));
}

// The table is that of the entry, whose SHA-256 is that of the lines of shared/data, which NumPy
// made.
TEST_F(RegistryTest, MakesWhatItCan) {
  const Registry known;
  const std::string missing = maybe_error_text([&] { known.resolve("jaspar2016_vertebrates", "pfm_vertebrates.txt"); });
  if (!missing.empty()) GTEST_SKIP() << missing;
  for (const std::string task : {"task1", "task3"}) {
    const std::string set = format("koo_{}_regenerated", task);
    const Registry registry({.mirror = options.mirror, .cache = options.cache});
    EXPECT_THAT(error_text([&] { registry.resolve(set, task + ".tsv"); }), HasSubstr("pfm_vertebrates.txt"));
    write_file(options.mirror / "jaspar2016_vertebrates/pfm_vertebrates.txt",
               read_file(known.resolve("jaspar2016_vertebrates", "pfm_vertebrates.txt")));
    const fs::path path = registry.resolve(set, task + ".tsv");
    EXPECT_EQ(path, options.cache / set / (task + ".tsv"));
    EXPECT_EQ(sha256_file(path), known.find(set).file(task + ".tsv").sha256);
    const auto reports = registry.get(set, task + ".tsv");
    EXPECT_EQ(reports.at(0).state, FileState::good);
    fs::remove(path);
    EXPECT_EQ(registry.get(set, task + ".tsv").at(0).detail, "made by this program");
    fs::remove(options.mirror / "jaspar2016_vertebrates/pfm_vertebrates.txt");
  }
  write_file(options.entries / "odd.toml", format("name = \"odd\"\ntitle = \"A\"\nsource = \"b\"\nlicence = \"c\"\n[[file]]\npath = \"x\"\n"
                                                  "sha256 = \"{}\"\nsize = 1\nmade = \"koo\"\n",
                                                  sha256("x")));
  EXPECT_THAT(error_text([&] { Registry{options}; }),
              HasSubstr("odd.toml: file 'x' is to be made by 'koo', which the program does not know"));
}

TEST_F(RegistryTest, ErrorsSayWhereWasLookedAndWhatToDo) {
  const Registry registry(options);
  EXPECT_THAT(error_text([&] { registry.resolve("toy", "sub/a.txt"); }),
              AllOf(HasSubstr("data set 'toy' lacks its file 'sub/a.txt'"), HasSubstr((folder / "mirror").string()),
                    HasSubstr((folder / "cache").string()), HasSubstr("`basewise data get toy` downloads it"), HasSubstr("BASEWISE_DATA")));
  EXPECT_THAT(error_text([&] { registry.resolve("toy", "b.txt"); }), HasSubstr("no download address (source: made here)"));
  EXPECT_THAT(error_text([&] { registry.find("tox"); }), AllOf(HasSubstr("no data set is named 'tox'"), HasSubstr("did you mean 'toy'?")));
  EXPECT_THAT(error_text([&] { registry.resolve("toy", "sub/b.txt"); }), HasSubstr("data set 'toy' has no file 'sub/b.txt'"));
  for (const char* text : {"data:", "data:toy", "data:toy/", "data:/x"})
    EXPECT_THAT(error_text([&] { registry.resolve_path(text); }), HasSubstr("write data:NAME/FILE")) << text;
  put(options.mirror, "b.txt", "bbbb");
  EXPECT_THAT(error_text([&] { registry.resolve("toy", "b.txt"); }), HasSubstr("it has 4 bytes, 3 were expected"));
}

TEST_F(RegistryTest, ListGetAndCheckReport) {
  detail::TestServer server("hello");
  write_entry("toy", server.url("/a.txt"));
  put(options.mirror, "b.txt", "bbx");
  const Registry registry(options);
  EXPECT_EQ(registry.list().at(0).present, 1);
  EXPECT_TRUE(registry.list().at(0).downloadable);
  EXPECT_EQ(registry.list().at(0).size, 8);
  DownloadOptions quick{.backoff_s = 0.01, .progress = false};
  auto reports = registry.get("toy", {}, quick);
  ASSERT_EQ(reports.size(), 2u);
  EXPECT_TRUE(reports[0].downloaded);
  EXPECT_EQ(reports[0].state, FileState::good);
  EXPECT_EQ(reports[1].state, FileState::wrong_checksum);
  EXPECT_EQ(read_file(options.cache / "toy/sub/a.txt"), "hello");
  EXPECT_FALSE(registry.get("toy", "sub/a.txt", quick).at(0).downloaded);
  reports = registry.check("toy");
  EXPECT_EQ(reports[0].state, FileState::good);
  EXPECT_THAT(to_json(reports).dump(), AllOf(HasSubstr("\"state\":\"wrong checksum\""), HasSubstr(sha256("bbb"))));
  EXPECT_THAT(to_json(registry.list()).dump(), HasSubstr("\"present\":2"));
  EXPECT_THAT(to_json(registry.find("toy")).dump(), HasSubstr("\"licence\":\"CC0\""));
}

TEST_F(RegistryTest, FilesOfUnknownChecksumAreTakenAsTheyAre) {
  const std::string entry =
      "name = \"far\"\ntitle = \"t\"\nsource = \"elsewhere\"\nlicence = \"l\"\n[[file]]\npath = \"a.txt\"\nsha256 = \"unknown\"\n";
  write_file(options.entries / "far.toml", entry);
  const Registry registry(options);
  EXPECT_THAT(error_text([&] { registry.resolve("far", "a.txt"); }),
              AllOf(HasSubstr("data set 'far' lacks its file 'a.txt'"), HasSubstr("it has no download address (source: elsewhere)")));
  EXPECT_EQ(registry.check("far").at(0).state, FileState::missing);
  EXPECT_EQ(registry.list().at(0).present, 0);
  write_file(options.mirror / "far/a.txt", "whatever");
  EXPECT_EQ(registry.resolve("far", "a.txt"), options.mirror / "far/a.txt");
  EXPECT_EQ(registry.hash_of("data:far/a.txt"), sha256("whatever"));
  EXPECT_EQ(registry.list().at(0).present, 1);
  const auto reports = registry.check("far");
  EXPECT_EQ(reports.at(0).state, FileState::unverified);
  EXPECT_THAT(reports[0].detail, HasSubstr(sha256("whatever")));
  EXPECT_EQ(registry.get("far").at(0).state, FileState::unverified);
  EXPECT_THAT(error_text([&] { parse_dataset(entry + "size = 9223372036854775807\n", "far.toml"); }), HasSubstr("size"));
  EXPECT_THAT(error_text([&] { parse_dataset(entry + "size = 3\n", "far.toml"); }), HasSubstr("can have neither a size nor an address"));
  EXPECT_THAT(error_text([&] { parse_dataset(entry + "urls = [\"https://x/y\"]\n", "far.toml"); }), HasSubstr("unknown sha256"));
}

TEST_F(RegistryTest, AFailedDownloadIsReported) {
  const Registry registry(options);
  const auto reports = registry.get("toy", "sub/a.txt", {.connect_timeout_s = 1, .retries = 0, .progress = false});
  EXPECT_EQ(reports.at(0).state, FileState::missing);
  EXPECT_THAT(reports[0].detail, HasSubstr("http://127.0.0.1:1/a.txt"));
}

TEST_F(RegistryTest, BadEntriesAreRefused) {
  const auto entry = [](const std::string& path, const std::string& sum, const std::string& more = "") {
    return format("name = \"x\"\ntitle = \"t\"\nsource = \"s\"\nlicence = \"l\"\n{}\n[[file]]\npath = \"{}\"\nsha256 = \"{}\"\nsize = 1\n",
                  more, path, sum);
  };
  const std::string good(64, 'a');
  const auto error = [](const std::string& toml) { return maybe_error_text([&] { parse_dataset(toml, "x.toml"); }); };
  EXPECT_EQ(error(entry("a/b.txt", good)), "");
  for (const char* path : {"../a", "/etc/passwd", "a/../../b", "", "./a"})
    EXPECT_THAT(error(entry(path, good)), HasSubstr("no relative path that stays inside")) << path;
  EXPECT_THAT(error(entry("a", "abc")), HasSubstr("sha256 'abc'; 64 lower-case hexadecimal digits"));
  EXPECT_THAT(error(entry("a", good, "licens = 1")), AllOf(HasSubstr("x.toml:5"), HasSubstr("licens")));
  EXPECT_THAT(error("name = \"x\"\n"), HasSubstr("title"));
  EXPECT_THAT(error(entry("a", good, "folder = \"../y\"")), HasSubstr("folder '../y'"));
  write_entry("zoo", "ftp://x/y");
  EXPECT_THAT(error_text([&] { Registry{options}; }), HasSubstr("http:// or https:// was expected"));
  write_file(options.entries / "zoo.toml", read_file(options.entries / "toy.toml"));
  EXPECT_THAT(error_text([&] { Registry{options}; }), HasSubstr("data set 'toy' is defined twice"));
}

TEST(RegistryBuiltIn, EveryEntryIsSoundAndNothingRestrictedIsListed) {
  const Registry registry({.mirror = "/nowhere", .cache = "/nowhere"});
  EXPECT_GE(registry.datasets().size(), 20u);
  for (const DataSet& set : registry.datasets()) {
    EXPECT_THAT(set.licence, testing::Not(testing::IsEmpty())) << set.name;
    EXPECT_THAT(set.source, testing::Not(testing::IsEmpty())) << set.name;
    for (const DataFile& file : set.files) EXPECT_EQ(file.path.find("restricted"), std::string::npos) << set.name;
  }
  EXPECT_EQ(registry.find("ecoli_tss").file("open/NC_000913.3.fna.gz").size, 1424935);
}

TEST(RegistryBuiltIn, FilesOfTheMirrorAreGood) {
  const fs::path cache = fs::path(testing::TempDir()) / "registry_cache";
  const Registry registry({.cache = cache});
  if (registry.mirror().empty() || !fs::exists(registry.mirror() / "ecoli_tss"))
    GTEST_SKIP() << "no mirror folder with ecoli_tss (BASEWISE_DATA, ../shared/data)";
  for (const FileReport& report : registry.check("ecoli_tss"))
    EXPECT_EQ(report.state, FileState::good) << report.file << ": " << report.detail;
  EXPECT_TRUE(fs::exists(registry.resolve_path("data:jaspar2018/JASPAR2018_CORE_insects_non-redundant_pfms_meme.txt")));
}

}  // namespace
}  // namespace basewise::corpus
