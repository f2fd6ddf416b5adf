#include "basewise/io/npy.h"

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "basewise/core/files.h"
#include "basewise/core/random.h"
#include "basewise/io/npz.h"
#include "basewise/io/npz_writer.h"
#include "tests/support/error_text.h"

namespace basewise::io {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

fs::path fresh_file(const std::string& name) {
  const fs::path folder = fs::path(testing::TempDir()) / "npy" / name;
  fs::remove_all(folder);
  fs::create_directories(folder);
  return folder / "a.npz";
}

Array numbers(std::vector<std::int64_t> shape) {
  std::vector<float> values(static_cast<std::size_t>(element_count(shape)));
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i) / 4;
  return Array::of(values, std::move(shape));
}

TEST(Npy, AnyArrayComesBack) {
  EXPECT_TRUE(rc::check("round trip", [] {
    Array array;
    array.dtype = *rc::gen::elementOf(std::vector<DType>{DType::f64, DType::f32, DType::f16, DType::i64, DType::i32, DType::i16, DType::i8,
                                                         DType::u64, DType::u32, DType::u16, DType::u8, DType::boolean});
    for (int axes = *rc::gen::inRange(0, 5); axes > 0; --axes) array.shape.push_back(*rc::gen::inRange(0, 6));
    array.bytes.assign(static_cast<std::size_t>(element_count(array.shape)) * size_of(array.dtype), std::byte{1});
    const std::string bytes = format_npy(array.view());
    RC_ASSERT((bytes.size() - array.bytes.size()) % 64 == 0u);
    const Array back = parse_npy(bytes, "x");
    RC_ASSERT(back.dtype == array.dtype && back.shape == array.shape && back.bytes == array.bytes);
  }));
}

TEST(Npy, FortranOrderOfEveryShape) {
  const Array array = numbers({3, 4, 5});
  std::string bytes = format_npy(array.view());
  const std::size_t at = bytes.find("False");
  ASSERT_NE(at, std::string::npos);
  bytes.replace(at, 5, "True ");
  const Array turned = parse_npy(bytes, "x");
  EXPECT_THAT(turned.shape, ElementsAre(3, 4, 5));
  for (int i = 0; i < 3; ++i)
    for (int j = 0; j < 4; ++j)
      for (int k = 0; k < 5; ++k)
        EXPECT_EQ(turned.as<float>()[static_cast<std::size_t>((i * 4 + j) * 5 + k)],
                  array.as<float>()[static_cast<std::size_t>(i + 3 * (j + 4 * k))]);
}

TEST(Npy, TypesAreNotConvertedSilently) {
  EXPECT_THAT(error_text([] { numbers({2}).as<double>(); }), HasSubstr("array holds float32, but float64 is wanted"));
  EXPECT_THAT(error_text([] {
                Array array = numbers({2});
                array.dtype = DType::bf16;
                array.bytes.resize(4);
                format_npy(array.view());
              }),
              HasSubstr("NumPy has no type bfloat16"));
}

TEST(Npz, MembersComeBackStoredDeflatedAndWide) {
  for (const NpzOptions& options :
       {NpzOptions{}, NpzOptions{.compress = true}, NpzOptions{.zip64_from = 1}, NpzOptions{.compress = true, .zip64_from = 300}}) {
    const fs::path path = fresh_file("members");
    NpzWriter writer(path, options);
    writer.add("a", numbers({3, 4, 37}).view());
    writer.add("b/c", numbers({0}).view());
    writer.add("ä", numbers({}).view());
    EXPECT_FALSE(fs::exists(path));
    writer.close();
    const NpzFile file(path);
    EXPECT_THAT(file.names(), ElementsAre("a", "b/c", "ä"));
    EXPECT_EQ(file.read("a").bytes, numbers({3, 4, 37}).bytes);
    EXPECT_THAT(file.read("a").shape, ElementsAre(3, 4, 37));
    EXPECT_THAT(file.read("b/c").shape, ElementsAre(0));
    EXPECT_EQ(file.read("ä").as<float>().size(), 1u);
  }
}

TEST(Npz, RowsAreReadAtTheirPlace) {
  for (const bool compress : {false, true}) {
    const fs::path path = fresh_file("rows");
    NpzWriter writer(path, {.compress = compress});
    writer.add("a", numbers({7, 2, 3}).view());
    writer.add("whole", Array::of<std::int8_t>({1, -2, 3, 4}, {2, 2}).view());
    writer.add("scalar", numbers({}).view());
    writer.close();
    const NpzFile file(path);
    const Array all = file.read("a");
    const auto values = all.as<float>();
    EXPECT_EQ(file.rows("a", 2, 5), std::vector<float>(values.begin() + 12, values.begin() + 30));
    EXPECT_THAT(file.rows("a", 7, 7), ElementsAre());
    EXPECT_THAT(file.rows("whole", 0, 1), ElementsAre(1, -2));
    EXPECT_EQ(file.layout("a").by_rows, !compress);
    EXPECT_THAT(file.layout("a").shape, ElementsAre(7, 2, 3));
    for (const auto& [begin, end] : {std::pair{-1, 2}, {3, 2}, {0, 8}}) EXPECT_THROW(file.rows("a", begin, end), DataError);
    EXPECT_THROW(file.rows("scalar", 0, 0), DataError);
    EXPECT_THROW(file.rows("b", 0, 0), DataError);
  }
}

TEST(Npz, AnEmptyArchiveIsAnArchive) {
  const fs::path path = fresh_file("empty");
  NpzWriter(path).close();
  EXPECT_TRUE(NpzFile(path).names().empty());
}

TEST(Npz, ErrorsNameFileAndMember) {
  const fs::path path = fresh_file("errors");
  NpzWriter writer(path);
  writer.add("sequence", numbers({2}).view());
  EXPECT_THAT(error_text([&] { writer.add("sequence", numbers({2}).view()); }),
              AllOf(HasSubstr("a.npz"), HasSubstr("'sequence' was added before")));
  EXPECT_THAT(error_text([&] { writer.add("", numbers({2}).view()); }), HasSubstr("needs a name"));
  TensorView wrong;
  wrong.shape = {2};
  EXPECT_THAT(error_text([&] { writer.add("x", wrong); }), AllOf(HasSubstr("array 'x'"), HasSubstr("needs 2 x 4 bytes")));
  writer.close();
  EXPECT_THAT(error_text([&] { writer.add("y", numbers({2}).view()); }), HasSubstr("is closed"));
  EXPECT_THAT(error_text([&] { NpzFile(path).read("sequences"); }),
              AllOf(HasSubstr("a.npz: has no array 'sequences'"), HasSubstr("did you mean 'sequence'?")));
}

TEST(Npz, DamageNeverCrashes) {
  const fs::path path = fresh_file("damage");
  NpzWriter writer(path, {.compress = true});
  writer.add("a", numbers({3, 4, 37}).view());
  writer.add("b", numbers({7}).view());
  writer.close();
  const std::string bytes = read_file(path);
  const auto reads = [&](const std::string& damaged) {
    fs::remove(path);  // some file systems wait for the disk when an old file is emptied
    std::ofstream(path, std::ios::binary) << damaged;
    try {
      const NpzFile file(path);
      for (const std::string& name : file.names()) file.read(name);
      return true;
    } catch (const DataError&) {
      return false;
    }
  };
  for (std::size_t size = 0; size < bytes.size(); size += 7) EXPECT_FALSE(reads(bytes.substr(0, size))) << "cut at " << size;
  Stream draw(3);
  int refused = 0;
  for (int i = 0; i < 500; ++i) {
    std::string damaged = bytes;
    const std::size_t at = draw.below(bytes.size());
    damaged[at] = static_cast<char>(damaged[at] ^ (1 << draw.below(8)));
    refused += !reads(damaged);
  }
  EXPECT_GT(refused, 350);
}

TEST(Npz, AnArrayMayComeRowByRowAndItsLengthLast) {
  const auto path = fs::path(testing::TempDir()) / "rows.npz";
  const std::vector<float> all{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  {
    NpzWriter writer(path, {.zip64_from = 200});  // the second member lies beyond it
    writer.begin("rows", DType::f32, {-1, 3});
    writer.append(std::as_bytes(std::span(all).first(6)));
    EXPECT_THROW(writer.add("other", TensorView::of(std::span<const float>(all), {15})), ArgumentError);
    writer.append(std::as_bytes(std::span(all).subspan(6)));
    writer.end();
    writer.add("other", TensorView::of(std::span<const float>(all), {3, 5}));
    writer.begin("none", DType::i64, {-1, 2});
    writer.end();
    writer.close();
  }
  const NpzFile file(path);
  EXPECT_EQ(file.read("rows").shape, (std::vector<std::int64_t>{5, 3}));
  EXPECT_TRUE(std::ranges::equal(file.read("rows").as<float>(), all));
  EXPECT_TRUE(std::ranges::equal(file.read("other").as<float>(), all));
  EXPECT_EQ(file.read("none").shape, (std::vector<std::int64_t>{0, 2}));
}

TEST(Npz, PartsOfAnArrayGrowSideBySide) {
  const auto path = fs::path(testing::TempDir()) / "parts.npz";
  const std::vector<float> first{1, 2, 3}, second{4, 5, 6}, third{7}, fourth{8};
  {
    NpzWriter writer(path);
    writer.begin("track", DType::f32, {2, 4}, 2);
    writer.append(std::as_bytes(std::span(first)), 0);
    writer.append(std::as_bytes(std::span(second)), 1);
    writer.append(std::as_bytes(std::span(third)), 0);
    EXPECT_THROW(writer.append(std::as_bytes(std::span(first)), 1), ArgumentError);
    EXPECT_THROW(writer.close(), ArgumentError);
    writer.append(std::as_bytes(std::span(fourth)), 1);
    writer.end();
    writer.close();
  }
  const Array array = NpzFile(path).read("track");  // reading checks the checksum
  EXPECT_TRUE(std::ranges::equal(array.as<float>(), std::vector<float>{1, 2, 3, 7, 4, 5, 6, 8}));
}

}  // namespace
}  // namespace basewise::io
