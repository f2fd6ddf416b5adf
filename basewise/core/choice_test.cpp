#include "basewise/core/choice.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "basewise/core/detail/test_support.h"
#include "basewise/core/options.h"
#include "tests/support/error_text.h"

namespace basewise {
namespace {

enum class Padding { same, valid, automatic };
constexpr auto words_of(Padding) {
  return words<Padding>({{Padding::automatic, "auto", "what fits"},
                         {Padding::same, "same", "zeros | at both ends"},
                         {Padding::valid, "valid"}});
}

struct Layer {
  Padding padding = Padding::same;
  std::optional<Padding> inner;
  std::vector<Padding> all = {Padding::valid, Padding::same};
  Padding some = Padding::valid;
};
void describe(Visitor& v, Layer& o) {
  v("padding", o.padding, "what stands at the ends");
  v("inner", o.inner, "of the layers inside");
  v("all", o.all, "of all layers");
  v("some", o.some, "one of few", one_of({Padding::valid, Padding::same}));
}

/// The same with text, as a choice looked before it was an enum.
struct Text {
  std::string padding = "same";
  std::optional<std::string> inner;
  std::vector<std::string> all = {"valid", "same"};
  std::string some = "valid";
};
void describe(Visitor& v, Text& o) {
  v("padding", o.padding, "what stands at the ends", one_of({"auto", "same", "valid"}));
  v("inner", o.inner, "of the layers inside", one_of({"auto", "same", "valid"}));
  v("all", o.all, "of all layers", one_of({"auto", "same", "valid"}));
  v("some", o.some, "one of few", one_of({"valid", "same"}));
}

template <class T>
T read(const std::string& text, const std::vector<std::string>& assignments = {}) {
  T options;
  read_toml(described(options), text, "a.toml", assignments);
  return options;
}

TEST(Choice, GoesToItsWordAndBack) {
  for (const Padding p : {Padding::same, Padding::valid, Padding::automatic}) {
    EXPECT_EQ(parse_choice<Padding>(to_word(p), "padding"), p);
    EXPECT_EQ(format("{}", p), to_word(p));
  }
  EXPECT_EQ(format("{:>6}", Padding::automatic), "  auto");
  EXPECT_EQ(all_words<Padding>(), (std::vector<std::string>{"auto", "same", "valid"}));
  EXPECT_EQ(find_choice<Padding>("Same"), std::nullopt);
}

TEST(Choice, AnotherWordIsAnErrorWithTheNearest) {
  EXPECT_EQ(error_text<ArgumentError>([] { parse_choice<Padding>("vaild", "conv: padding"); }),
            "conv: padding is \"vaild\"; it must be one of auto, same, valid (did you mean \"valid\"?)");
  EXPECT_EQ(error_text<ArgumentError>([] { parse_choice<Padding>("x", "padding"); }),
            "padding is \"x\"; it must be one of auto, same, valid");
  EXPECT_EQ(error_text<InternalError>([] { to_word(static_cast<Padding>(7)); }),
            "7 is no value of the choice between auto, same, valid");
}

TEST(ChoiceOptions, AreReadFromFilesAndAssignments) {
  const Layer l = read<Layer>("padding = \"auto\"\ninner = \"valid\"\nall = [\"auto\"]", {"some=same"});
  EXPECT_EQ(l.padding, Padding::automatic);
  EXPECT_EQ(l.inner, Padding::valid);
  EXPECT_EQ(l.all, std::vector<Padding>{Padding::automatic});
  EXPECT_EQ(l.some, Padding::same);
  EXPECT_EQ(read<Layer>("all = []").all, std::vector<Padding>{});
  EXPECT_EQ(read<Layer>("", {"all=valid,auto"}).all, (std::vector<Padding>{Padding::valid, Padding::automatic}));
}

TEST(ChoiceOptions, LookToPeopleAsTextDoes) {
  for (const char* toml : {"", "padding = \"auto\"\ninner = \"valid\"\nall = [\"auto\", \"valid\"]\nsome = \"same\"", "all = []"}) {
    Layer l = read<Layer>(toml);
    Text t = read<Text>(toml);
    EXPECT_EQ(to_toml(described(l)), to_toml(described(t)));
    EXPECT_EQ(to_json(described(l)), to_json(described(t)));
    Layer again = read<Layer>(to_toml(described(l)));
    EXPECT_EQ(to_json(described(again)), to_json(described(l)));
  }
  for (const char* toml : {"padding = \"smae\"", "padding = 3", "inner = \"x\"", "all = [\"same\", \"valide\"]",
                           "all = \"same\"", "some = \"auto\""})
    EXPECT_EQ(error_text<ArgumentError>([&] { read<Layer>(toml); }), error_text<ArgumentError>([&] { read<Text>(toml); }));
  for (const char* set : {"padding=smae", "padding=3", "all=same,x", "some=auto"})
    EXPECT_EQ(error_text<ArgumentError>([&] { read<Layer>("", {set}); }), error_text<ArgumentError>([&] { read<Text>("", {set}); }));
}

TEST(ChoiceOptions, AWrongWordChangesNothing) {
  Layer l;
  EXPECT_EQ(error_text<ArgumentError>([&] { assign(described(l), "padding=smae"); }),
            "--set padding=smae: padding is \"smae\"; it must be one of auto, same, valid (did you mean \"same\"?)");
  EXPECT_EQ(l.padding, Padding::same);
}

TEST(ChoiceOptions, TheReferenceSaysWhatTheWordsMean) {
  Layer l;
  Text t;
  const std::vector<FlatOption> choices = flatten(described(l)), texts = flatten(described(t));
  ASSERT_EQ(choices.size(), texts.size());
  for (std::size_t i = 0; i < choices.size(); ++i) {
    EXPECT_EQ(choices[i].path, texts[i].path);
    EXPECT_EQ(choices[i].type, texts[i].type);
    EXPECT_EQ(choices[i].default_value, texts[i].default_value);
    EXPECT_EQ(choices[i].help, texts[i].help);
    EXPECT_EQ(choices[i].constraint.text(), texts[i].constraint.text());
    EXPECT_EQ(texts[i].meaning(), texts[i].help);
  }
  EXPECT_EQ(choices[0].meaning(), "what stands at the ends. auto: what fits; same: zeros | at both ends");
  EXPECT_EQ(choices[3].meaning(), "one of few. same: zeros | at both ends");
  EXPECT_NE(to_markdown(described(l), "L")
                .find("| `some` | text | `\"valid\"` | one of valid, same | one of few. same: zeros \\| at both ends |\n"),
            std::string::npos);
}

}  // namespace
}  // namespace basewise
