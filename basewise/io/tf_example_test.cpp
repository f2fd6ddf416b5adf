#include "basewise/io/tf_example.h"

#include <cmath>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "basewise/io/proto_wire.h"
#include "tests/support/error_text.h"

namespace basewise::io {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string message(const std::string& name, const std::string& feature) {
  return bytes_field(1, bytes_field(1, bytes_field(1, name) + bytes_field(2, feature)));
}

TEST(TfExample, ThereAndBack) {
  TfExample example;
  example.set_bytes("sequence", std::string("\0\1\2\xff", 4));
  example.set("values", std::vector<float>{1.5F, -0.0F, std::numeric_limits<float>::infinity()});
  example.set("numbers",
              std::vector<std::int64_t>{0, -1, std::numeric_limits<std::int64_t>::max(), std::numeric_limits<std::int64_t>::min()});
  example.set("words", std::vector<std::string>{"one", "", "three"});
  example.set("none", std::vector<float>());
  const TfExample back = TfExample::parse(example.serialise());
  EXPECT_EQ(back.features(), example.features());
  EXPECT_EQ(back.bytes("sequence"), std::string("\0\1\2\xff", 4));
  EXPECT_THAT(back.floats("values"), ElementsAre(1.5F, 0.0F, std::numeric_limits<float>::infinity()));
  EXPECT_TRUE(std::signbit(back.floats("values")[1]));
  EXPECT_EQ(back.integers("numbers").size(), 4U);
  EXPECT_TRUE(back.floats("none").empty());
  example.set_bytes("sequence", "new");
  EXPECT_EQ(example.bytes("sequence"), "new");
  EXPECT_EQ(example.features().size(), 5U);
}

// {"a": bytes "xy"}, spelled out by hand from the description of the format.
TEST(TfExample, BytesAreThoseOfTheFormat) {
  TfExample example;
  example.set_bytes("a", "xy");
  EXPECT_EQ(example.serialise(), std::string("\x0a\x0d\x0a\x0b\x0a\x01"
                                             "a\x12\x06\x0a\x04\x0a\x02xy"));
}

TEST(TfExample, ListsThatAreNotPackedAndListsInPieces) {
  const std::string one = wire_key(1, WireKind::four_bytes) + little_endian(0x3fc00000, 4);
  EXPECT_THAT(TfExample::parse(message("x", bytes_field(2, one + one))).floats("x"), ElementsAre(1.5F, 1.5F));
  EXPECT_THAT(TfExample::parse(message("x", bytes_field(2, one) + bytes_field(2, one))).floats("x"), ElementsAre(1.5F, 1.5F));
  const std::string number = wire_key(1, WireKind::varint) + varint(300);
  EXPECT_THAT(TfExample::parse(message("x", bytes_field(3, number + bytes_field(1, varint(1) + varint(2))))).integers("x"),
              ElementsAre(300, 1, 2));
}

TEST(TfExample, TheLastOfTwoCountsAndUnknownFieldsArePassedOver) {
  const std::string twice = message("x", bytes_field(1, bytes_field(1, "old"))) + message("x", bytes_field(1, bytes_field(1, "new")));
  EXPECT_EQ(TfExample::parse(twice).bytes("x"), "new");
  const std::string unknown = wire_key(9, WireKind::varint) + varint(5) + wire_key(8, WireKind::eight_bytes) + std::string(8, 'z');
  EXPECT_EQ(
      TfExample::parse(unknown + message("x", bytes_field(1, bytes_field(1, "y") + bytes_field(7, "q")) + bytes_field(4, "?"))).bytes("x"),
      "y");
  EXPECT_TRUE(TfExample::parse("").features().empty());
}

TEST(TfExample, WhatIsNotThere) {
  TfExample example;
  EXPECT_THAT(error_text<DataError>([&] { return example.bytes("x").size(); }), HasSubstr("there is no feature 'x'; there are none"));
  example.set("target", std::vector<float>{1});
  example.set("words", std::vector<std::string>{"a", "b"});
  EXPECT_THAT(error_text<DataError>([&] { return example.bytes("x").size(); }), HasSubstr("there are target, words"));
  EXPECT_THAT(error_text<DataError>([&] { return example.bytes("target").size(); }), HasSubstr("'target' holds numbers; expected bytes"));
  EXPECT_THAT(error_text<DataError>([&] { return example.integers("words").size(); }), HasSubstr("'words' holds bytes; expected integers"));
  EXPECT_THAT(error_text<DataError>([&] { return example.bytes("words").size(); }), HasSubstr("holds 2 byte strings; expected one"));
}

std::string error_of(const std::string& bytes) {
  return error_text<DataError>([&] { return TfExample::parse(bytes).features().size(); });
}

TEST(TfExample, MessagesThatAreNone) {
  EXPECT_THAT(error_of("\x0a\x05"
                       "ab"),
              HasSubstr("a field of 5 bytes, but 2 are left at byte 2 of the message"));
  EXPECT_THAT(error_of("\x80"), HasSubstr("the message ends within a number at byte 1"));
  EXPECT_THAT(error_of(std::string(9, '\xff') + "\x02"), HasSubstr("a number beyond 64 bits"));
  EXPECT_THAT(error_of(std::string(1, '\x02')), HasSubstr("a field of number 0"));
  EXPECT_THAT(error_of("\x0b"), HasSubstr("a field of the unknown kind 3"));
  EXPECT_THAT(error_of(wire_key(1, WireKind::varint) + varint(1)), HasSubstr("the list of features is no message"));
  EXPECT_THAT(error_of(message("x", bytes_field(2, bytes_field(1, "abc")))),
              HasSubstr("a list of numbers of 3 bytes, which is no multiple of 4,"));
  EXPECT_THAT(error_of(message("x", bytes_field(3, bytes_field(1, "\xff")))), HasSubstr("the message ends within a number"));
  EXPECT_THAT(error_of(message("x", wire_key(1, WireKind::varint) + varint(1))), HasSubstr("a feature's list is no message"));
  std::string many;
  for (int i = 0; i < 1001; ++i) many += message(std::to_string(i), "");
  EXPECT_THAT(error_of(many), HasSubstr("more than 1000 features"));
}

}  // namespace
}  // namespace basewise::io
