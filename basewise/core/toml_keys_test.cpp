#include "basewise/core/toml_keys.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "basewise/core/detail/test_support.h"
#include "basewise/core/error.h"
#include "basewise/core/options.h"
#include "tests/support/error_text.h"

namespace basewise {
namespace {

std::string key(std::size_t parts, const std::string& part, const std::string& dot = ".") {
  std::string text = part;
  for (std::size_t i = 1; i < parts; ++i) text += dot + part;
  return text;
}

TEST(TomlKeys, ThirtyTwoPartsAreTheMost) {
  for (const std::string part : {"a", "\"b = [\"", "'c # '", "\"\\\" , \""}) {
    for (const std::string dot : {".", " . "}) {
      check_toml_keys("x = 1\n" + key(32, part, dot) + " = 1\n", "m.toml");
      for (const std::string around : {"{} = 1", "[{}]", "[[ {} ]]", "y = [1, {{ {} = 2 }}]"}) {
        const std::string text = "# one\nx = '''\n'''\n" + fmt::format(fmt::runtime(around), key(33, part, dot)) + "\n";
        EXPECT_EQ(error_text<ArgumentError>([&] { check_toml_keys(text, "m.toml"); }),
                  "m.toml:4: a key of more than 32 parts with dots between them")
            << text;
      }
    }
  }
}

TEST(TomlKeys, DotsElsewhereAreNoKeys) {
  const std::string many = key(100, "a");
  for (const std::string& text :
       {"# " + many + "\n", "x = \"" + many + "\"\n", "x = '" + many,
        "x = \"\"\"\n" + many + " \\\"\"\" " + many + "\n\"\"\"\n", "x = [" + key(100, "0.5", ", ") + "]\n",
        "x = [" + key(100, "0.5", "\n") + "]\n", std::string(100, '.')})
    EXPECT_NO_THROW(check_toml_keys(text, "m.toml")) << text;
}

TEST(TomlKeys, AsJsonCommentsLayoutAndOrderAreNothing) {
  const std::string json = toml_as_json("b = 1 # one\n[t]\ny = [ 1.5, \"a\" ]\nx = true\n", "m.toml");
  EXPECT_EQ(json, toml_as_json("b=1\nt.x = true\nt.y = [1.5,'a']", "n.toml"));
  EXPECT_NE(json, toml_as_json("b=1\nt.x = true\nt.y = ['a',1.5]", "n.toml"));
  EXPECT_NE(json, toml_as_json("b=1.0\nt.x = true\nt.y = [1.5,'a']", "n.toml"));
  EXPECT_THAT(error_text<ArgumentError>([] { toml_as_json("a = \n", "m.toml"); }), testing::HasSubstr("m.toml:1:"));
}

struct Empty {};
void describe(Visitor&, Empty&) {}

TEST(TomlKeys, AKeyOfManyThousandPartsDoesNotEndTheProgram) {
  Empty options;
  EXPECT_THAT(error_text<ArgumentError>([&] { read_toml(described(options), key(100000, "a") + " = 1", "r.toml"); }),
              testing::HasSubstr("r.toml:1: a key of more than 32 parts"));
}

}  // namespace
}  // namespace basewise
