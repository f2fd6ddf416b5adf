#include "basewise/core/options.h"

#include <cmath>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <rapidcheck.h>

#include "basewise/core/detail/test_support.h"
#include "basewise/core/files.h"
#include "tests/support/error_text.h"

namespace basewise {
namespace {

using testing_support::Folder;

struct Optimizer {
  std::string name = "adam";
  double learning_rate = 1e-3;
  std::optional<double> clip;
  std::vector<double> betas = {0.9, 0.999};
};
void describe(Visitor& v, Optimizer& o) {
  v("name", o.name, "update rule", one_of({"sgd", "rmsprop", "adam", "adamw"}));
  v("learning_rate", o.learning_rate, "step size of the optimiser", positive());
  v("clip", o.clip, "largest norm of the gradient", positive());
  v("betas", o.betas, "decay of the moments", fraction());
}

struct LossItem {
  std::string target = "labels";
  double weight = 1;
};
void describe(Visitor& v, LossItem& o) {
  v("target", o.target, "tensor of the dataset");
  v("weight", o.weight, "factor in the total", non_negative());
}

struct Recipe {
  std::uint64_t seed = 0;
  std::int64_t epochs = 5;
  bool shuffle = true;
  fs::path fasta;
  std::vector<fs::path> tracks;
  std::vector<std::string> tasks;
  std::optional<std::int64_t> limit;
  std::optional<std::string> comment;
  Optimizer optimizer;
  std::vector<LossItem> loss = {{}};
  TomlText model;
};
void describe(Visitor& v, Recipe& o) {
  v.group("optimizer", o.optimizer, "update rule");
  v("seed", o.seed, "seed of everything random");
  v("epochs", o.epochs, "passes over the data", at_least(1));
  v("shuffle", o.shuffle, "new order each epoch");
  v("fasta", o.fasta, "genome | bgzip is fine", required());
  v("tracks", o.tracks, "bigWig files");
  v("tasks", o.tasks, "names of the tasks");
  v("limit", o.limit, "most examples", between(1, 100));
  v("comment", o.comment, "free text");
  v.list("loss", o.loss, "terms of the loss");
  v("model", o.model, "the model");
}

Recipe read(const std::string& text, const std::vector<std::string>& assignments = {}) {
  Recipe r;
  read_toml(described(r), text, "dir/r.toml", assignments);
  return r;
}

std::string error_of(const std::string& text, const std::vector<std::string>& assignments = {}) {
  return error_text<ArgumentError>([&] { read(text, assignments); });
}

TEST(OptionsRead, SetsEveryKindOfValue) {
  const Recipe r = read(R"(
    seed = 7
    epochs = 12
    shuffle = false
    fasta = "g.fa"
    tracks = ["a.bw", "/b/c.bw", "data:set/x.bw"]
    tasks = ["x", "y"]
    limit = 3
    comment = "a \"b\" # c"
    optimizer.learning_rate = 1
    [[loss]]
    weight = 2.5
    [[loss]]
    target = "counts"
  )");
  EXPECT_EQ(r.seed, 7u);
  EXPECT_EQ(r.epochs, 12);
  EXPECT_FALSE(r.shuffle);
  EXPECT_EQ(r.fasta, fs::current_path() / "dir/g.fa");
  EXPECT_EQ(r.tracks, (std::vector<fs::path>{fs::current_path() / "dir/a.bw", "/b/c.bw", "data:set/x.bw"}));
  EXPECT_EQ(r.tasks, (std::vector<std::string>{"x", "y"}));
  EXPECT_EQ(r.limit, 3);
  EXPECT_EQ(r.comment, "a \"b\" # c");
  EXPECT_EQ(r.optimizer.learning_rate, 1.0);
  EXPECT_EQ(r.optimizer.name, "adam");
  EXPECT_FALSE(r.optimizer.clip);
  ASSERT_EQ(r.loss.size(), 2u);
  EXPECT_EQ(r.loss[0].weight, 2.5);
  EXPECT_EQ(r.loss[1].target, "counts");
  EXPECT_EQ(r.loss[1].weight, 1.0);
}

TEST(OptionsRead, AnUnknownKeyNamesTheNearest) {
  EXPECT_EQ(error_of("fasta = \"g\"\n[optimizer]\n  learnin_rate = 1"),
            "dir/r.toml:3:3: unknown key optimizer.learnin_rate; did you mean optimizer.learning_rate?");
  EXPECT_EQ(error_of("sede = 1"), "dir/r.toml:1:1: unknown key sede; did you mean seed?");
  EXPECT_EQ(error_of("fasta = \"g\"\n[[loss]]\n[[loss]]\nwieght = 1"),
            "dir/r.toml:4:1: unknown key loss.1.wieght; did you mean loss.1.weight?");
  EXPECT_EQ(error_of("[optimizer]\nmomentum = 1"),
            "dir/r.toml:2:1: unknown key optimizer.momentum; known here: name, learning_rate, clip, betas");
}

TEST(OptionsRead, AWrongTypeNamesValueAndType) {
  EXPECT_EQ(error_of("epochs = 1.5"), "dir/r.toml:1:10: epochs is 1.5; expected: integer");
  EXPECT_EQ(error_of("epochs = \"1\""), "dir/r.toml:1:10: epochs is \"1\"; expected: integer");
  EXPECT_EQ(error_of("seed = -1"), "dir/r.toml:1:8: seed is -1; expected: integer >= 0");
  EXPECT_EQ(error_of("shuffle = 1"), "dir/r.toml:1:11: shuffle is 1; expected: true/false");
  EXPECT_EQ(error_of("tasks = [\"a\", 3]"), "dir/r.toml:1:9: tasks is a list; expected: list of texts");
  EXPECT_EQ(error_of("fasta = 3"), "dir/r.toml:1:9: fasta is 3; expected: path");
  EXPECT_EQ(error_of("optimizer = 3"), "dir/r.toml:1:13: optimizer is 3; expected a table, [optimizer]");
  EXPECT_EQ(error_of("[loss]\nweight = 1"), "dir/r.toml:1:1: loss is a table; expected a list of tables, [[loss]]");
  EXPECT_EQ(error_of("loss = [1]"), "dir/r.toml:1:9: loss has item 0 that is 1; expected a table, [[loss]]");
  EXPECT_EQ(error_of("model = 3"), "dir/r.toml:1:9: model is 3; expected: table");
}

TEST(OptionsRead, BoundsAreChecked) {
  EXPECT_EQ(error_of("epochs = 0"), "dir/r.toml:1:10: epochs is 0; it must be >= 1");
  EXPECT_EQ(error_of("limit = 101"), "dir/r.toml:1:9: limit is 101; it must be >= 1 and <= 100");
  EXPECT_EQ(error_of("optimizer.learning_rate = 0"), "dir/r.toml:1:27: optimizer.learning_rate is 0; it must be > 0");
  EXPECT_EQ(error_of("optimizer.learning_rate = nan"), "dir/r.toml:1:27: optimizer.learning_rate is nan; it must be > 0");
  EXPECT_EQ(error_of("optimizer.learning_rate = inf"), "dir/r.toml:1:27: optimizer.learning_rate is inf; it must be > 0 and finite");
  EXPECT_EQ(error_of("optimizer.learning_rate = -inf"), "dir/r.toml:1:27: optimizer.learning_rate is -inf; it must be > 0");
  EXPECT_EQ(error_of("optimizer.betas = [0.5, inf]"), "dir/r.toml:1:19: optimizer.betas has an item that is inf; it must be >= 0 and <= 1");
  EXPECT_EQ(error_of("optimizer.betas = [0.5, 1.5]"), "dir/r.toml:1:19: optimizer.betas has an item that is 1.5; it must be >= 0 and <= 1");
  EXPECT_EQ(error_of("optimizer.name = \"adma\""),
            "dir/r.toml:1:18: optimizer.name is \"adma\"; it must be one of sgd, rmsprop, adam, adamw (did you mean \"adam\"?)");
}

TEST(OptionsRead, BrokenTomlNamesThePlace) {
  EXPECT_TRUE(error_of("seed = = 3").starts_with("dir/r.toml:1:8: this is no valid TOML: ")) << error_of("seed = = 3");
  EXPECT_TRUE(error_of("seed = 1\nseed = 2").starts_with("dir/r.toml:2:")) << error_of("seed = 1\nseed = 2");
  EXPECT_TRUE(error_of("a = \"\xff\"").starts_with("dir/r.toml:1:")) << "text that is no UTF-8";
}

TEST(OptionsRead, ARequiredOptionMustBeGiven) {
  EXPECT_EQ(error_of("seed = 1"), "dir/r.toml: fasta is required but not given (genome | bgzip is fine)");
  EXPECT_EQ(read("", {"fasta=/g.fa", "seed=3"}).fasta, "/g.fa");
}

TEST(OptionsRead, GarbageNeverCrashes) {
  EXPECT_TRUE(rc::check([](const std::string& text) {
    Recipe r;
    try {
      read_toml(described(r), text, "x.toml");
    } catch (const ArgumentError&) {
    }
  }));
}

TEST(OptionsRead, AFileIsNamed) {
  const Folder folder;
  Recipe r;
  EXPECT_EQ(error_text<DataError>([&] { read_toml_file(described(r), folder / "no.toml"); }),
            (folder / "no.toml").string() + ": cannot open: No such file or directory");
  write_file(folder / "r.toml", "fasta = \"../g.fa\"");
  read_toml_file(described(r), folder / "r.toml");
  EXPECT_EQ(r.fasta, folder.path().parent_path() / "g.fa");
}

constexpr const char* kModel = R"(fasta = "/g"
# a comment

[model]
name = "small"   # line 5
input = { length = 37, channels = 4 }

[[model.layer]]
type = "conv"
widths = [
  3, 5]
"odd key" = 1
[[model.layer]]
[model.head.profile]
units = 5  # line 15
[optimizer]
learning_rate = 0.5
)";

std::int64_t line_of(const std::string& text, const std::string& word) {
  const auto at = text.find(word);
  return at == std::string::npos ? -1 : 1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n');
}

TEST(OptionsTable, ATableIsKeptAsTextOnItsLines) {
  const Recipe r = read(kModel);
  EXPECT_EQ(r.optimizer.learning_rate, 0.5);
  EXPECT_EQ(r.model.where.to_string(), "dir/r.toml:4:1");
  EXPECT_EQ(line_of(r.model.text, "small"), 5);
  EXPECT_EQ(line_of(r.model.text, "[[layer]]"), 8);
  EXPECT_EQ(line_of(r.model.text, "conv"), 9);
  EXPECT_EQ(line_of(r.model.text, "units"), 15);
  EXPECT_EQ(r.model.text.find("learning_rate"), std::string::npos);
  EXPECT_EQ(r.model.text.find("model"), std::string::npos);
}

TEST(OptionsTable, ATableSurvivesTheRoundTrip) {
  for (const char* text : {kModel, "fasta=\"/g\"\nmodel = { a = 1, b.c = [1, 2], d = [{e = 1}, {}] }",
                           "fasta=\"/g\"\nmodel.a.b = 1\nmodel.a.c = 2\nmodel.d = \"\"\"x\ny\"\"\""}) {
    Recipe first = read(text);
    const std::string written = to_toml(described(first));
    Recipe second = read(written);
    EXPECT_EQ(to_json(described(second)), to_json(described(first))) << written;
    EXPECT_FALSE(to_json(described(first))["model"].empty());
  }
}

TEST(OptionsWrite, WhatIsWrittenIsReadBack) {
  EXPECT_TRUE(rc::check([] {
    Recipe r;
    r.seed = *rc::gen::arbitrary<std::uint64_t>();
    r.epochs = *rc::gen::inRange<std::int64_t>(1, std::numeric_limits<std::int64_t>::max());
    r.shuffle = *rc::gen::arbitrary<bool>();
    r.fasta = "/x/" + *rc::gen::string<std::string>();
    const auto ascii = rc::gen::container<std::string>(rc::gen::inRange<char>(1, 127));
    r.fasta = fs::path("/x/" + *rc::gen::container<std::string>(rc::gen::inRange('!', '~'))).lexically_normal();
    r.tasks = *rc::gen::container<std::vector<std::string>>(ascii);
    r.comment = *ascii;
    r.limit = *rc::gen::inRange<std::int64_t>(1, 101);
    r.optimizer.learning_rate = std::abs(*rc::gen::arbitrary<double>()) + std::numeric_limits<double>::min();
    r.optimizer.clip = *rc::gen::arbitrary<bool>() ? std::optional<double>(1e300) : std::nullopt;
    r.optimizer.betas = *rc::gen::container<std::vector<double>>(rc::gen::map(rc::gen::inRange(0, 1000), [](int x) { return x / 1000.0; }));
    r.loss.resize(*rc::gen::inRange<std::size_t>(0, 3));
    for (auto& l : r.loss) l.weight = *rc::gen::inRange(0, 99) / 7.0;
    Recipe back = read(to_toml(described(r)));
    RC_ASSERT(to_json(described(back)) == to_json(described(r)));
  }));
}

TEST(OptionsWrite, TomlReadsWell) {
  Recipe r;
  r.fasta = "/g.fa";
  EXPECT_EQ(to_toml(described(r)), R"(seed = 0
epochs = 5
shuffle = true
fasta = "/g.fa"
tracks = []
tasks = []

[optimizer]
name = "adam"
learning_rate = 0.001
betas = [0.9, 0.999]

[[loss]]
target = "labels"
weight = 1.0
)");
}

TEST(OptionsWrite, JsonKeepsOrderAndTypes) {
  LossItem item{"counts", 2};
  Optimizer o;
  EXPECT_EQ(to_json(described(item)).dump(), R"({"target":"counts","weight":2.0})");
  EXPECT_EQ(to_json(described(o)).dump(), R"({"name":"adam","learning_rate":0.001,"clip":null,"betas":[0.9,0.999]})");
}

TEST(OptionsWrite, MarkdownHasOneRowPerOption) {
  Recipe r;
  const std::string text = to_markdown(described(r), "Recipe");
  EXPECT_TRUE(text.starts_with("## Recipe\n\n| option | type | default | bound | meaning |\n")) << text;
  EXPECT_NE(text.find("| `optimizer.learning_rate` | number | `0.001` | > 0 | step size of the optimiser |\n"), std::string::npos) << text;
  EXPECT_NE(text.find("| `fasta` | path | required |  | genome \\| bgzip is fine |\n"), std::string::npos) << text;
  EXPECT_NE(text.find("| `loss.N.weight` | number | `1.0` | >= 0 | factor in the total |\n"), std::string::npos) << text;
  EXPECT_NE(text.find("| `tracks` | list of paths | `[]` |"), std::string::npos) << text;
}

TEST(OptionsAssign, SetsByPath) {
  Recipe r;
  const auto set = [&](const char* text) { assign(described(r), text); };
  set("optimizer.learning_rate=0.01");
  set("optimizer.name=sgd");
  set("comment=true");
  set("comment=a=b");
  set("tasks=x,y");
  set("optimizer.betas=0.5,0.25");
  set("tracks=[\"/a,b\"]");
  set("fasta=g.fa");
  set("loss.0.weight=3");
  set("loss.1.target=counts");
  set("shuffle=false");
  set("limit=9");
  EXPECT_EQ(r.optimizer.learning_rate, 0.01);
  EXPECT_EQ(r.optimizer.name, "sgd");
  EXPECT_EQ(r.comment, "a=b");
  EXPECT_EQ(r.tasks, (std::vector<std::string>{"x", "y"}));
  EXPECT_EQ(r.optimizer.betas, (std::vector<double>{0.5, 0.25}));
  EXPECT_EQ(r.tracks, std::vector<fs::path>{"/a,b"});
  EXPECT_EQ(r.fasta, fs::current_path() / "g.fa");
  assign(described(r), "fasta=../g.fa", "--fasta", "");
  EXPECT_EQ(r.fasta, "../g.fa");
  ASSERT_EQ(r.loss.size(), 2u);
  EXPECT_EQ(r.loss[0].weight, 3);
  EXPECT_EQ(r.loss[1].target, "counts");
  EXPECT_FALSE(r.shuffle);
  EXPECT_EQ(r.limit, 9);
}

TEST(OptionsAssign, NumbersMayLackAZeroBesideTheirPoint) {
  Recipe r;
  const auto rate = [&](const std::string& text) {
    assign(described(r), "optimizer.learning_rate=" + text);
    return r.optimizer.learning_rate;
  };
  EXPECT_EQ(rate(".001"), 0.001);
  EXPECT_EQ(rate("+.25"), 0.25);
  EXPECT_EQ(rate("2."), 2);
  EXPECT_EQ(rate("2.e-3"), 2e-3);
  EXPECT_EQ(rate(".5E1"), 5);
  assign(described(r), "optimizer.betas=[.5, 1.]");
  EXPECT_EQ(r.optimizer.betas, (std::vector<double>{0.5, 1}));
  for (const char* text : {".", "1..5", "a.5", ".e3"})
    EXPECT_NE(error_text<ArgumentError>([&] { rate(text); }).find(format("is \"{}\"", text)), std::string::npos) << text;
  assign(described(r), "comment=.5");
  EXPECT_EQ(r.comment, ".5");
}

TEST(OptionsAssign, DigitsAreTextWhereTextIsExpected) {
  Recipe r;
  const auto tasks = [&](const std::string& text) {
    assign(described(r), "tasks=" + text);
    return r.tasks;
  };
  using Texts = std::vector<std::string>;
  EXPECT_EQ(tasks("1"), Texts{"1"});
  EXPECT_EQ(tasks("1,2,X"), (Texts{"1", "2", "X"}));
  EXPECT_EQ(tasks("[1, 2]"), (Texts{"1", "2"}));
  EXPECT_EQ(tasks("[\"1\", \"2\"]"), (Texts{"1", "2"}));
  EXPECT_EQ(tasks("chr1:1,001-2,000"), Texts{"chr1:1,001-2,000"});
  EXPECT_EQ(tasks("1:1,001-2,000,chr2:7-9,3:1,000,000,II"), (Texts{"1:1,001-2,000", "chr2:7-9", "3:1,000,000", "II"}));
  EXPECT_EQ(tasks("chr1:1000-2000,300"), (Texts{"chr1:1000-2000", "300"})) << "2000,300 is no number";
  EXPECT_EQ(tasks("123,456"), (Texts{"123", "456"}));
  assign(described(r), "comment=7");
  EXPECT_EQ(r.comment, "7");
}

TEST(OptionsAssign, ErrorsNameTheAssignment) {
  Recipe r;
  const auto error = [&](const char* text) { return error_text<ArgumentError>([&] { assign(described(r), text); }); };
  EXPECT_EQ(error("seed"), "--set seed: expected PATH=VALUE, as in train.seed=7");
  EXPECT_EQ(error("optimizer.name=adma"),
            "--set optimizer.name=adma: name is \"adma\"; it must be one of sgd, rmsprop, adam, adamw (did you mean \"adam\"?)");
  EXPECT_EQ(error("epochs=many"), "--set epochs=many: epochs is \"many\"; expected: integer");
  EXPECT_EQ(error("epochs=1\nseed=3"), "--set epochs=1\nseed=3: epochs is \"1\\nseed=3\"; expected: integer");
  EXPECT_EQ(error("learning_rate=1"), "--set learning_rate=1: unknown option learning_rate; did you mean optimizer.learning_rate?");
  EXPECT_EQ(error("optimizer.lerning_rate=1"),
            "--set optimizer.lerning_rate=1: unknown option optimizer.lerning_rate; did you mean optimizer.learning_rate?");
  EXPECT_EQ(error("loss.7.weight=1"), "--set loss.7.weight=1: loss.7: the list has 1 items; the number may be at most 1");
  EXPECT_EQ(error("zzz=1"), "--set zzz=1: unknown option zzz");
}

TEST(OptionsCheck, FindsBadValuesSetInCode) {
  Recipe r;
  r.fasta = "/g";
  check(described(r), "recipe");
  r.loss[0].weight = -1;
  EXPECT_EQ(error_text<ArgumentError>([&] { check(described(r), "recipe"); }), "recipe: loss.0.weight is -1; it must be >= 0");
  r.loss[0].weight = 1;
  r.fasta = "";
  EXPECT_EQ(error_text<ArgumentError>([&] { check(described(r), "recipe"); }), "recipe: fasta is required (genome | bgzip is fine)");
}

TEST(Nearest, FindsSlipsOnly) {
  const std::vector<std::string> verbs = {"train", "evaluate", "predict", "data"};
  EXPECT_EQ(nearest("trian", verbs), "train");
  EXPECT_EQ(nearest("Evaluate", verbs), "evaluate");
  EXPECT_EQ(nearest("evalute", verbs), "evaluate");
  EXPECT_EQ(nearest("dat", verbs), "data");
  EXPECT_EQ(nearest("frobnicate", verbs), std::nullopt);
  EXPECT_EQ(nearest("", verbs), std::nullopt);
  EXPECT_EQ(nearest("x", {}), std::nullopt);
}

}  // namespace
}  // namespace basewise
