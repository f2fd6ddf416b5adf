// HDF5 there and back, and what is refused. Files of h5py: hdf5_golden_test.cpp.
#include "basewise/io/hdf5.h"

#include <cmath>
#include <limits>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "basewise/io/detail/convert_numbers.h"
#include "basewise/io/half.h"
#include "basewise/io/hdf5_writer.h"
#include "tests/support/error_text.h"
#include "tests/support/test_files.h"

namespace basewise::io {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing_files::Folder;

std::vector<float> ramp(std::size_t n) {
  std::vector<float> values(n);
  for (std::size_t i = 0; i < n; ++i) values[i] = (static_cast<float>(i * 7919 % 1009) - 500) / 8;
  return values;
}

TEST(Half, EveryNumberIsExactThereAndBack) {
  std::vector<std::uint16_t> all(65536), back(65536);
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<std::uint16_t>(i);
  std::vector<float> values(all.size());
  half_to_float(all, values);
  float_to_half(values, back);
  for (std::size_t i = 0; i < all.size(); ++i) {
    const int sign = i & 0x8000 ? -1 : 1, exponent = static_cast<int>(i >> 10 & 31), fraction = static_cast<int>(i & 1023);
    if (exponent == 31 && fraction != 0) {
      EXPECT_TRUE(std::isnan(values[i])) << i;
      continue;
    }
    const double expected = exponent == 31  ? std::numeric_limits<double>::infinity()
                            : exponent == 0 ? std::ldexp(fraction, -24)
                                            : std::ldexp(1024 + fraction, exponent - 25);
    ASSERT_EQ(static_cast<double>(values[i]), sign * expected) << i;
    ASSERT_EQ(back[i], all[i]) << i;
  }
}

TEST(Half, RoundsToTheNearestAndTiesToEven) {
  // 1 + 2^-11 lies between two numbers whose last bits are 0 and 1, as do the others.
  const std::vector<float> values = {1 + 0x1p-11f, 1 + 0x1.8p-10f, 0x1p-25f, 0x1.8p-25f,
                                     0x1.8p-24f,   65519.0f,       65520.0f, -0x1p-14f + 0x1p-26f};
  std::vector<std::uint16_t> halves(values.size());
  float_to_half(values, halves);
  EXPECT_THAT(halves, ElementsAre(0x3c00, 0x3c02, 0x0000, 0x0001, 0x0002, 0x7bff, 0x7c00, 0x8400));
}

TEST(ConvertNumbers, SaysWhichDoesNotFit) {
  const std::vector<std::int64_t> wide = {1, -128, 128};
  std::vector<std::int8_t> narrow(3);
  EXPECT_EQ(detail::convert_numbers<std::int8_t>(DType::i64, std::as_bytes(std::span(wide)), narrow), 2);
  const std::vector<double> doubles = {0.1, std::numeric_limits<double>::infinity(), 1e300};
  std::vector<float> floats(3);
  EXPECT_EQ(detail::convert_numbers<float>(DType::f64, std::as_bytes(std::span(doubles)), floats), 2);
  EXPECT_EQ(floats[0], 0.1f);
  EXPECT_FALSE(detail::convertible(DType::f32, DType::i64));
  EXPECT_FALSE(detail::convertible(DType::i8, DType::boolean));
  EXPECT_TRUE(detail::convertible(DType::boolean, DType::i8));
}

TEST(Hdf5, NumbersComeBackAsTheyWere) {
  const Folder folder;
  const auto values = ramp(3 * 5 * 7);
  const std::vector<std::int64_t> shape = {3, 5, 7};
  H5Writer writer(folder.path() / "x.h5");
  writer.write<float>("a/plain", values, shape);
  writer.write<float>("a/packed", values, shape, {.gzip = 9});
  writer.write<float>("a/half", values, shape, {.dtype = DType::f16, .gzip = 1, .chunk_rows = 2});
  writer.write<float>("a/double", values, shape, {.dtype = DType::f64});
  writer.write<std::int64_t>("b", std::vector<std::int64_t>{-1, std::int64_t{1} << 40}, {2});
  writer.write<std::uint8_t>("flags", std::vector<std::uint8_t>{0, 1, 1}, {3}, {.dtype = DType::boolean});
  writer.write<double>("scalar", std::vector<double>{0.25}, {});
  writer.write<float>("none", std::vector<float>{}, {0, 4}, {.gzip = 1});
  writer.group("empty");
  writer.close();

  const H5File file(folder.path() / "x.h5");
  EXPECT_THAT(file.data_sets(), ElementsAre("a/double", "a/half", "a/packed", "a/plain", "b", "flags", "none", "scalar"));
  EXPECT_THAT(file.data_sets("a"), ElementsAre("a/double", "a/half", "a/packed", "a/plain"));
  for (const char* name : {"a/plain", "a/packed", "a/half", "a/double", "/a//plain/"}) EXPECT_EQ(file.read<float>(name), values) << name;
  EXPECT_EQ(file.info("a/half").type, "float16");
  EXPECT_EQ(file.info("a/half").shape, shape);
  EXPECT_THAT(file.info("a/half").chunk, ElementsAre(2, 5, 7));
  EXPECT_THAT(file.info("a/half").filters, ElementsAre("shuffle", "gzip"));
  EXPECT_EQ(file.info("flags").dtype, DType::boolean);
  EXPECT_THAT(file.read<std::int8_t>("flags"), ElementsAre(0, 1, 1));
  EXPECT_THAT(file.read<double>("scalar"), ElementsAre(0.25));
  EXPECT_THAT(file.read<float>("none"), testing::IsEmpty());
  EXPECT_EQ(file.read_array("a/half").dtype, DType::f16);
  EXPECT_EQ(file.list("empty").size(), 0u);
  EXPECT_EQ(file.list()[0].kind, H5Kind::group);
  EXPECT_EQ(file.list()[1].name, "b");
  EXPECT_TRUE(file.contains("a/half"));
  EXPECT_FALSE(file.contains("a/half/x"));
  EXPECT_FALSE(file.contains("c"));
}

TEST(Hdf5, RowsAreReadFromAnywhere) {
  const Folder folder;
  const auto values = ramp(11 * 4 * 3);
  H5Writer writer(folder.path() / "x.h5");
  writer.write<float>("x", values, {11, 4, 3}, {.dtype = DType::f16, .gzip = 1, .chunk_rows = 3});
  writer.close();
  const H5File file(folder.path() / "x.h5");
  for (std::int64_t begin = 0; begin <= 11; ++begin)
    for (std::int64_t end = begin; end <= 11; ++end) {
      std::vector<float> rows(static_cast<std::size_t>((end - begin) * 12));
      file.read_rows<float>("x", begin, end, std::span<float>(rows));
      EXPECT_EQ(rows, std::vector<float>(values.begin() + begin * 12, values.begin() + end * 12));
    }
  std::vector<float> room(12);
  EXPECT_THAT(error_text<ArgumentError>([&] { file.read_rows<float>("x", 11, 12, std::span<float>(room)); }),
              HasSubstr("has 11 rows; rows 11 to 12"));
  EXPECT_THAT(error_text<ArgumentError>([&] { file.read_rows<float>("x", 0, 2, std::span<float>(room)); }),
              HasSubstr("24 elements, but there is room for 12"));
}

TEST(Hdf5, GrowsRowByRowSideBySide) {
  const Folder folder;
  const auto values = ramp(10 * 6);
  H5Writer writer(folder.path() / "x.h5");
  writer.begin("x", {2, 3}, {.dtype = DType::f32, .gzip = 1, .chunk_rows = 4});
  writer.begin("y", {}, {.dtype = DType::i64});
  for (std::size_t at = 0, n = 1; at < 10; at += n, n = std::min<std::size_t>(n + 1, 10 - at)) {
    writer.append<float>("x", std::span(values).subspan(at * 6, n * 6));
    writer.append<std::int64_t>("y", std::vector<std::int64_t>(n, static_cast<std::int64_t>(at)));
  }
  writer.append<float>("x", std::vector<float>{});
  writer.close();
  const H5File file(folder.path() / "x.h5");
  EXPECT_THAT(file.info("x").shape, ElementsAre(10, 2, 3));
  EXPECT_EQ(file.read<float>("x"), values);
  EXPECT_THAT(file.read<std::int32_t>("y"), ElementsAre(0, 1, 1, 3, 3, 3, 6, 6, 6, 6));
}

TEST(Hdf5, TextsAndAttributes) {
  const Folder folder;
  const std::vector<std::string> texts = {"chr1", "", "Ä"};
  H5Writer writer(folder.path() / "x.h5");
  writer.write_text("any", texts);
  writer.write_text("fixed", texts, true);
  writer.write_text("none", {});
  writer.attribute("", "window_size", std::int64_t{400});
  writer.attribute("any", "scale", 0.5);
  writer.attribute("any", "word", std::string("Ω"));
  writer.close();
  const H5File file(folder.path() / "x.h5");
  EXPECT_EQ(file.read_text("any"), texts);
  EXPECT_EQ(file.read_text("fixed"), texts);
  EXPECT_EQ(file.info("fixed").type, "text of 4 bytes");
  EXPECT_THAT(file.read_text("none"), testing::IsEmpty());
  EXPECT_THAT(file.attributes(), ElementsAre("window_size"));
  EXPECT_THAT(file.attribute<std::int32_t>("", "window_size"), ElementsAre(400));
  EXPECT_THAT(file.attribute<float>("any", "scale"), ElementsAre(0.5f));
  EXPECT_THAT(file.attribute<std::string>("any", "word"), ElementsAre("Ω"));
  EXPECT_THAT(error_text<DataError>([&] { file.attribute<float>("any", "sale"); }), HasSubstr("attribute 'sale' of '/any' is not there"));
  EXPECT_THAT(error_text<DataError>([&] { file.attribute<float>("any", "word"); }), HasSubstr("holds text; float32 is wanted"));
  EXPECT_THAT(error_text<DataError>([&] { file.read<float>("any"); }), HasSubstr("data set 'any' holds text; float32 is wanted"));
}

TEST(Hdf5, EqualCallsGiveEqualBytes) {
  const Folder folder;
  for (const char* name : {"1.h5", "2.h5"}) {
    H5Writer writer(folder.path() / name);
    writer.write<float>("a/x", ramp(100), {10, 10}, {.gzip = 1});
    writer.attribute("a", "n", std::int64_t{1});
    writer.close();
    if (*name == '1') std::this_thread::sleep_for(std::chrono::milliseconds(1100));
  }
  EXPECT_EQ(read_file(folder.path() / "1.h5"), read_file(folder.path() / "2.h5"));
}

TEST(Hdf5, AppearsAtCloseOrNotAtAll) {
  const Folder folder;
  {
    H5Writer writer(folder.path() / "x.h5");
    writer.begin("x", {3}, {.dtype = DType::f32});
    writer.append<float>("x", ramp(30));
  }
  EXPECT_EQ(folder.count(), 0u);
}

TEST(Hdf5, WhatAWriterRefuses) {
  const Folder folder;
  H5Writer writer(folder.path() / "x.h5");
  writer.write<float>("a/x", ramp(6), {6});
  const auto refused = [&](const char* path, const H5Options& options, std::vector<float> values = ramp(6),
                           std::vector<std::int64_t> shape = {6}) {
    return error_text<ArgumentError>([&] { writer.write<float>(path, values, shape, options); });
  };
  for (const char* taken : {"a/x", "a", "a/x/y", ""}) EXPECT_THAT(refused(taken, {}), HasSubstr("is there already, or no name")) << taken;
  EXPECT_THAT(refused("b", {}, ramp(6), {7}), HasSubstr("6 values do not fill shape (7,)"));
  EXPECT_THAT(refused("c", {.gzip = 10}), HasSubstr("gzip goes from 0 to 9"));
  EXPECT_THAT(refused("d", {.dtype = DType::f16}, {0, 1e5f}, {2}), HasSubstr("element 1 is 100000, which float16 does not hold"));
  EXPECT_THAT(refused("e", {.dtype = DType::i8}), HasSubstr("float32 cannot be written as int8"));
  EXPECT_THAT(refused("f", {.dtype = DType::bf16}), HasSubstr("no type bfloat16"));
  EXPECT_THAT(error_text<ArgumentError>([&] { writer.append<float>("a/x", ramp(6)); }), HasSubstr("was not begun"));
  EXPECT_THAT(error_text<ArgumentError>([&] { writer.attribute("nobody", "x", 1.0); }), HasSubstr("belongs to nothing"));
  writer.begin("g", {4}, {.dtype = DType::f32});
  EXPECT_THAT(error_text<ArgumentError>([&] { writer.append<float>("g", ramp(6)); }),
              HasSubstr("6 values are no whole number of rows of 4"));
  writer.close();
  EXPECT_THAT(error_text<ArgumentError>([&] { writer.group("late"); }), HasSubstr("is closed"));
}

TEST(Hdf5, WhatAReaderRefuses) {
  const Folder folder;
  const auto open = [](const fs::path& path) { return error_text<DataError>([&] { H5File{path}; }); };
  EXPECT_THAT(open(folder.path() / "nothing.h5"), HasSubstr("nothing.h5"));
  EXPECT_THAT(open(folder.path()), HasSubstr("is not a regular file"));
  EXPECT_THAT(open(folder.file("empty.h5", "")), HasSubstr("is empty (0 bytes)"));
  EXPECT_THAT(open(folder.file("text.h5", "no file of this kind")), HasSubstr("is no HDF5 file: it does not begin as one (20 bytes)"));

  H5Writer writer(folder.path() / "x.h5");
  writer.write<float>("shap/seq", ramp(3000), {3000});
  writer.write<float>("fraction", std::vector<float>{0.5f}, {1});
  writer.write<std::int64_t>("large", std::vector<std::int64_t>{1, 300}, {2});
  writer.close();
  const std::string bytes = read_file(folder.path() / "x.h5");
  EXPECT_THAT(open(folder.file("cut.h5", bytes.substr(0, bytes.size() / 2))), AllOf(HasSubstr("truncated"), HasSubstr("libhdf5")));
  const H5File file(folder.path() / "x.h5");
  EXPECT_THAT(error_text<DataError>([&] { file.info("shap/sec"); }),
              AllOf(HasSubstr("has no 'shap/sec' (did you mean 'shap/seq'?)"), HasSubstr("group 'shap' has: seq")));
  EXPECT_THAT(error_text<DataError>([&] { file.info("shap"); }), HasSubstr("'shap' is a group; a data set is wanted"));
  EXPECT_THAT(error_text<DataError>([&] { file.list("shap/seq"); }), HasSubstr("'shap/seq' is no group"));
  EXPECT_THAT(error_text<DataError>([&] { file.read<std::int64_t>("fraction"); }), HasSubstr("holds float32; int64 is wanted"));
  EXPECT_THAT(error_text<DataError>([&] { file.read<std::int8_t>("large"); }), HasSubstr("element 1 does not fit int8"));
}

std::string with(std::string bytes, std::size_t at, std::string_view other) { return bytes.replace(at, other.size(), other); }

// Addresses, offsets and sizes that libhdf5 would follow behind the file or behind its own memory.
TEST(Hdf5, WhatLeadsOutOfTheFileIsRefused) {
  const Folder folder;
  H5Writer writer(folder.path() / "x.h5");
  writer.write<float>("shap/seq", ramp(30), {30});
  writer.attribute("shap/seq", "unit", std::int64_t{1});
  writer.close();
  const std::string bytes = read_file(folder.path() / "x.h5"), nowhere(8, '\xff'), far("\0\0\1\0\0\0\0\0", 8);
  const auto refused = [&](std::size_t at, std::string_view other) {
    return error_text<DataError>([&] {
      const H5File file(folder.file("y.h5", with(bytes, at, other)));
      file.read<float>("shap/seq");
      file.attribute<float>("shap/seq", "unit");
    });
  };
  const std::size_t tree = bytes.rfind("TREE"), table = bytes.rfind("SNOD"), heap = bytes.rfind("HEAP");
  EXPECT_THAT(refused(tree + 32, nowhere), HasSubstr("table of names"));
  EXPECT_THAT(refused(tree + 32, far), HasSubstr("table of names at byte 65536 needs 8 bytes"));
  EXPECT_THAT(refused(tree + 5, "\2"), HasSubstr("tree of names"));
  EXPECT_THAT(refused(table + 8, far), HasSubstr("has a group whose names, in a table at byte"));
  EXPECT_THAT(refused(heap + 24, far), HasSubstr("heap of names"));
  EXPECT_THAT(refused(bytes.find("unit") - 2, "\xff"), HasSubstr("an attribute that does not fit its header"));
  // The type of the attribute, whose elements would be larger than the bytes behind it.
  EXPECT_THAT(refused(bytes.find("unit") + 8 + 4, "\xff"), HasSubstr("an attribute that does not fit its header"));
  EXPECT_EQ(H5File(folder.file("y.h5", bytes)).attribute<float>("shap/seq", "unit"), std::vector<float>{1});

  H5Writer chunked(folder.path() / "z.h5");
  chunked.write<float>("x", ramp(30), {30}, {.dtype = DType::f32, .gzip = 1, .chunk_rows = 10});
  chunked.close();
  const std::string pieces = read_file(folder.path() / "z.h5"), rows_and_bytes("\12\0\0\0\4\0\0\0", 8), none(4, '\0');
  const std::size_t extents = pieces.find(rows_and_bytes);
  for (const std::size_t at : {extents, extents + 4}) {
    const H5File file(folder.file("z.h5", with(pieces, at, none)));
    EXPECT_THAT(error_text<DataError>([&] { file.info("x"); }), HasSubstr("chunks that cannot be"));
  }
  // A shape of version 1 with one axis, and as large as it may grow; then with none.
  const std::size_t shape = pieces.find(std::string_view("\1\1\1\0\0\0\0\0\36", 9));
  const H5File file(folder.file("z.h5", with(pieces, shape + 1, std::string_view("\0", 1))));
  EXPECT_THAT(error_text<DataError>([&] { file.info("x"); }), HasSubstr("has 0 axes, but chunks of 1; it is damaged"));
}

TEST(Hdf5, NothingIsPrintedAndThreadsWait) {
  const Folder folder;
  const auto values = ramp(2000);
  H5Writer writer(folder.path() / "x.h5");
  writer.write<float>("x", values, {100, 20}, {.gzip = 1, .chunk_rows = 7});
  writer.close();
  testing::internal::CaptureStderr();
  const H5File shared(folder.path() / "x.h5");
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      const H5File own(folder.path() / "x.h5");
      for (int i = 0; i < 20; ++i) {
        EXPECT_EQ((t % 2 ? own : shared).read<float>("x"), values);
        EXPECT_THROW(own.info("y"), DataError);
      }
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

}  // namespace
}  // namespace basewise::io
