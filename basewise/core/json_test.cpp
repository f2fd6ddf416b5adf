#include "basewise/core/json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "basewise/core/detail/test_support.h"
#include "basewise/core/files.h"
#include "tests/support/error_text.h"

namespace basewise {
namespace {

using testing::HasSubstr;
using testing::StartsWith;
using Json = nlohmann::ordered_json;

std::string refusal(std::string_view text) {
  return error_text<DataError>([&] { return parse_json(text, "x.json"); });
}

std::string nested(std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); }

TEST(Json, IsReadInTheOrderOfTheText) {
  const Json json = parse_json(R"({"b": [1, 2.5], "a": "[[{{\"::"})", "x.json");
  EXPECT_EQ(json_text(json), R"({"b":[1,2.5],"a":"[[{{\"::"})");
  EXPECT_EQ(json_text(Json{{"a", 1}}, 1), "{\n \"a\": 1\n}");
}

TEST(Json, ErrorsNameFileLineAndColumn) {
  EXPECT_THAT(refusal("{\"a\": 1,\n  oops}"), StartsWith("x.json:2:3: this is no valid JSON: "));
  EXPECT_THAT(refusal(""), StartsWith("x.json:1:1: this is no valid JSON: "));
  EXPECT_THAT(refusal("[1e999]"), StartsWith("x.json: this is no valid JSON: number overflow"));
  EXPECT_EQ(refusal("[\"a\xff\"]").find("json.exception"), std::string::npos);
}

TEST(Json, NestedTooDeepIsRefusedWhereItIs) {
  EXPECT_EQ(json_text(parse_json(nested(128), "x.json")), nested(128));
  EXPECT_EQ(refusal("\n" + nested(129)), "x.json:2:129: more than 128 lists and objects stand inside each other");
  // Far beyond what any stack holds, closed or not, in objects or lists.
  EXPECT_THAT(refusal(nested(1'000'000)), HasSubstr("more than 128"));
  EXPECT_THAT(refusal(std::string(1'000'000, '[')), HasSubstr("more than 128"));
  std::string objects;
  for (int i = 0; i < 100'000; ++i) objects += "{\"a\":";
  EXPECT_THAT(refusal(objects), HasSubstr("more than 128"));
}

TEST(Json, BracketsInTextDoNotCount) {
  const std::string text = "[\"" + std::string(500, '[') + "\\\"" + std::string(500, '{') + "\"]";
  EXPECT_EQ(json_text(parse_json(text, "x.json")), text);
}

TEST(Json, AnObjectOfTooManyMembersIsRefused) {
  std::string text = "{";
  for (int i = 0; i <= 50'000; ++i) text += format("{}\"{}\":0", i ? "," : "", i);
  EXPECT_THAT(refusal(text + "}"), HasSubstr("an object of more than 50000 members"));
}

TEST(Json, BytesThatAreNoUtf8AreReplacedWhenWritten) {
  EXPECT_EQ(json_text(Json{{"name", "caf\xe9"}}), "{\"name\":\"caf\xef\xbf\xbd\"}");
  EXPECT_EQ(json_text(nlohmann::json{{"b", 1}, {"a", "\xff"}}), "{\"a\":\"\xef\xbf\xbd\",\"b\":1}");
}

TEST(Json, FilesAreNamed) {
  const testing_support::Folder folder;
  write_file(folder / "y.json", "{");
  EXPECT_THAT(error_text<DataError>([&] { return read_json(folder / "y.json"); }), HasSubstr("y.json:1:2: this is no valid JSON"));
  EXPECT_THAT(error_text<DataError>([&] { return read_json(folder / "absent.json"); }), HasSubstr("absent.json: cannot open"));
}

}  // namespace
}  // namespace basewise
