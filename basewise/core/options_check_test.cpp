#include "basewise/core/options_check.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "basewise/core/detail/test_support.h"
#include "basewise/core/files.h"
#include "basewise/core/options.h"
#include "tests/support/error_text.h"

namespace basewise {
namespace {

enum class Kind { mse, poisson, multinomial };
constexpr auto words_of(Kind) {
  return words<Kind>({{Kind::mse, "mse"}, {Kind::poisson, "poisson"}, {Kind::multinomial, "multinomial"}});
}

struct Loss {
  Kind type = Kind::mse;
  bool log_input = true;
  double epsilon = 1e-8;
  bool factorials = false;
  std::string distribution = "strand";
};
void describe(Visitor& v, Loss& o) {
  v("type", o.type, "which loss");
  v.when("type", o.type, {Kind::poisson}, [&] {
    v("log_input", o.log_input, "the output is a logarithm");
    v.when("log_input", o.log_input, false, [&] { v("epsilon", o.epsilon, "added to the rate", non_negative()); });
  });
  v.when("type", o.type, {Kind::poisson, Kind::multinomial}, [&] { v("factorials", o.factorials, "keep constant terms"); });
  v.when("type", o.type, {Kind::multinomial}, [&] {
    v("distribution", o.distribution, "over what", one_of({"strand", "all"}));
  });
}

enum class Source { table, fasta };
constexpr auto words_of(Source) { return words<Source>({{Source::table, "table"}, {Source::fasta, "fasta"}}); }

struct Table {
  fs::path file;
  std::vector<std::string> columns = {"x"};
};
void describe(Visitor& v, Table& o) {
  v("file", o.file, "table with a header", required());
  v("columns", o.columns, "with labels");
}

struct Data {
  Source kind = Source::table;
  Table table;
  std::vector<Loss> loss;
};
void describe(Visitor& v, Data& o) {
  v("kind", o.kind, "where examples come from");
  v.when("kind", o.kind, {Source::table}, [&] { v.group("table", o.table, "rows"); });
  v.list("loss", o.loss, "terms");
}

Written read(Data& d, const std::string& text, const std::vector<std::string>& assignments = {}, Idle idle = Idle::refuse) {
  return read_toml(described(d), text, "a.toml", assignments, idle);
}

std::string error_of(const std::string& text, const std::vector<std::string>& assignments = {}) {
  Data d;
  return error_text<ArgumentError>([&] { read(d, text, assignments); });
}

TEST(Idle, AKeyOfAnotherChoiceNamesWhichOneUsesIt) {
  EXPECT_EQ(error_of("kind = \"fasta\"\n[[loss]]\ndistribution = \"all\""),
            "a.toml:3:16: loss.0.distribution means nothing with type = \"mse\"; type = \"multinomial\" uses it");
  EXPECT_EQ(error_of("kind = \"fasta\"\n[[loss]]\n[[loss]]\nfactorials = true"),
            "a.toml:4:14: loss.1.factorials means nothing with type = \"mse\"; type = \"poisson\" or \"multinomial\" uses it");
  EXPECT_EQ(error_of("table.columns = []\nkind = \"fasta\""),
            "a.toml:1:17: table.columns means nothing with kind = \"fasta\"; kind = \"table\" uses it");
}

TEST(Idle, ConditionsMayNest) {
  EXPECT_EQ(error_of("kind = \"fasta\"\n[[loss]]\ntype = \"poisson\"\nepsilon = 1"),
            "a.toml:4:11: loss.0.epsilon means nothing with log_input = true; log_input = false uses it");
  EXPECT_EQ(error_of("kind = \"fasta\"\n[[loss]]\nlog_input = false\nepsilon = 1"),
            "a.toml:3:13: loss.0.log_input means nothing with type = \"mse\"; type = \"poisson\" uses it");
  Data d;
  read(d, "kind = \"fasta\"\n[[loss]]\ntype = \"poisson\"\nepsilon = 1\nlog_input = false");
  EXPECT_EQ(d.loss[0].epsilon, 1);
}

TEST(Idle, AssignmentsCountBeforeItIsAsked) {
  EXPECT_EQ(error_of("table.file = \"/t\"\n[[loss]]", {"loss.0.factorials=true"}),
            "--set loss.0.factorials=true: "
            "loss.0.factorials means nothing with type = \"mse\"; type = \"poisson\" or \"multinomial\" uses it");
  Data d;
  read(d, "table.file = \"/t\"\n[[loss]]\nfactorials = true", {"loss.0.type=poisson"});
  EXPECT_TRUE(d.loss[0].factorials);
  read(d, "table.file = \"/t\"\n[[loss]]\nfactorials = true", {"loss.0.factorials=false"});
}

TEST(Idle, WhatAFileSaysForItsOwnChoiceMayStayWhenAnAssignmentMakesAnother) {
  Data d;
  read(d, "table.file = \"/t\"\n[[loss]]\ntype = \"poisson\"\nfactorials = true", {"kind=fasta", "loss.0.type=mse"});
  EXPECT_EQ(d.kind, Source::fasta);
  EXPECT_TRUE(d.loss[0].factorials);
  EXPECT_EQ(error_of("table.file = \"/t\"", {"kind=fasta", "table.columns=a"}),
            "--set table.columns=a: table.columns means nothing with kind = \"fasta\"; kind = \"table\" uses it");
}

TEST(Idle, ADefaultIsHarmless) {
  Data d;
  d.kind = Source::fasta;
  d.loss = {{}, {.type = Kind::multinomial, .factorials = true}};
  Data back;
  read(back, to_toml(described(d)));  // which writes every option of every kind
  EXPECT_EQ(to_json(described(back)), to_json(described(d)));
}

TEST(Idle, AFileOfTheProgramMayWarnOnly) {
  Data d;
  ::testing::internal::CaptureStderr();
  read(d, "table.file = \"/t\"\n[[loss]]\ndistribution = \"all\"", {}, Idle::warn);
  const std::string said = ::testing::internal::GetCapturedStderr();
  EXPECT_NE(said.find("a.toml:3:16: loss.0.distribution means nothing with type = \"mse\"; type = \"multinomial\""),
            std::string::npos)
      << said;
  EXPECT_EQ(d.loss[0].distribution, "all");
}

TEST(Idle, WhatDoesNotCountIsNotRequired) {
  EXPECT_EQ(error_of(""), "a.toml: table.file is required but not given (table with a header)");
  Data d;
  read(d, "kind = \"fasta\"");
  check(described(d), "data");
  read(d, "", {"kind=fasta"});
  d.kind = Source::table;
  EXPECT_EQ(error_text<ArgumentError>([&] { check(described(d), "data"); }), "data: table.file is required (table with a header)");
}

TEST(Idle, FlagsAreAskedTogether) {
  Loss l;
  EXPECT_EQ(error_text<ArgumentError>([&] { assign_all(described(l), {"type=poisson", "distribution=all"}, "loss:"); }),
            "loss: distribution=all: distribution means nothing with type = \"poisson\"; type = \"multinomial\" uses it");
  Loss other;
  const Written written = assign_all(described(other), {"distribution=all", "type=multinomial"});
  EXPECT_TRUE(written.contains("distribution"));
  EXPECT_FALSE(written.contains("factorials"));
}

TEST(Idle, TheReferenceSaysForWhichChoiceAnOptionCounts) {
  Data d;
  std::map<std::string, std::string> when, meaning;
  for (const FlatOption& o : flatten(described(d))) when[o.path] = o.when, meaning[o.path] = o.meaning();
  EXPECT_EQ(when.at("kind"), "");
  EXPECT_EQ(when.at("table.file"), "kind = \"table\"");
  EXPECT_EQ(when.at("loss.N.epsilon"), "type = \"poisson\" and log_input = false");
  EXPECT_EQ(meaning.at("loss.N.factorials"), "with type = \"poisson\" or \"multinomial\": keep constant terms");
}

TEST(Written, SaysWhatWasGivenAndWhere) {
  Data d;
  const Written w = read(d, "kind = \"table\"\ntable.file = \"/t\"\n[[loss]]\n[[loss]]\ntype = \"mse\"", {"table.columns=a,b"});
  EXPECT_TRUE(w.contains("kind")) << "the default, but written";
  EXPECT_TRUE(w.contains("table"));
  EXPECT_TRUE(w.contains("loss.0"));
  EXPECT_TRUE(w.contains("loss.1.type"));
  EXPECT_FALSE(w.contains("loss.0.type"));
  EXPECT_FALSE(w.contains("tab"));
  EXPECT_FALSE(Written().contains(""));
  EXPECT_EQ(w.where("table.file"), "a.toml:2:14");
  EXPECT_EQ(w.where("table.columns"), "--set table.columns=a,b");
  EXPECT_EQ(w.where("loss.1.weight"), "");
}

}  // namespace
}  // namespace basewise
