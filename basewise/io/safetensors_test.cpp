#include "basewise/io/safetensors.h"

#include <fstream>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "basewise/core/files.h"
#include "basewise/core/random.h"
#include "tests/support/error_text.h"

namespace basewise::io {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

fs::path fresh_file(const std::string& name) {
  const fs::path folder = fs::path(testing::TempDir()) / "safetensors" / name;
  fs::remove_all(folder);
  fs::create_directories(folder);
  return folder / "a.safetensors";
}

std::string image(const NamedTensors& tensors, const Metadata& metadata = {}) {
  std::ostringstream out;
  write_safetensors(out, tensors, metadata);
  return out.str();
}

TEST(Safetensors, LargeElementsComeFirstThenNames) {
  const fs::path path = fresh_file("order");
  const Array small = Array::of(std::vector<std::uint8_t>{1, 2, 3}, {3}), b = Array::of(std::vector<float>{1, 2}, {2}),
              a = Array::of(std::vector<float>{5}, {1, 1}), wide = Array::of(std::vector<std::int64_t>{7}, {});
  write_safetensors(path, {{"small", small.view()}, {"b", b.view()}, {"a", a.view()}, {"wide", wide.view()}});
  const SafetensorsFile file(path);
  EXPECT_THAT(file.names(), ElementsAre("wide", "a", "b", "small"));
  EXPECT_EQ(Array(file.at("b")).as<float>()[1], 2);
  EXPECT_THAT(file.at("wide").shape, ElementsAre());
  EXPECT_TRUE(file.metadata().empty());
  EXPECT_FALSE(file.contains("c"));
  // The header fills up to a multiple of 8.
  EXPECT_EQ(fs::file_size(path) % 8, (8 + 4 + 8 + 3) % 8);
}

TEST(Safetensors, OrderOfTheCallDoesNotMatter) {
  const Array x = Array::of(std::vector<float>{1, 2, 3}, {3}), y = Array::of(std::vector<float>{4}, {1});
  EXPECT_EQ(image({{"x", x.view()}, {"y", y.view()}}), image({{"y", y.view()}, {"x", x.view()}}));
}

TEST(Safetensors, AnyTensorsComeBack) {
  const fs::path path = fresh_file("any");
  EXPECT_TRUE(rc::check("round trip", [&] {
    const auto count = *rc::gen::inRange(0, 6);
    std::vector<Array> arrays;
    NamedTensors tensors;
    for (int i = 0; i < count; ++i) {
      const auto dtype = static_cast<DType>(*rc::gen::inRange(0, 13));
      std::vector<std::int64_t> shape;
      for (int axes = *rc::gen::inRange(0, 4); axes > 0; --axes) shape.push_back(*rc::gen::inRange(0, 5));
      Array array;
      array.dtype = dtype;
      array.shape = shape;
      array.bytes.assign(static_cast<std::size_t>(element_count(shape)) * size_of(dtype), static_cast<std::byte>(i));
      arrays.push_back(std::move(array));
    }
    for (int i = 0; i < count; ++i) tensors.emplace_back(format("layer.{}\"ä", i), arrays[i].view());
    fs::remove(path);  // some file systems wait for the disk when an old file is emptied
    std::ofstream(path, std::ios::binary) << image(tensors, {{"k", "v"}});
    const SafetensorsFile file(path);
    RC_ASSERT(file.names().size() == arrays.size());
    for (int i = 0; i < count; ++i) {
      const TensorView& view = file.at(tensors[i].first);
      RC_ASSERT(view.dtype == arrays[i].dtype && view.shape == arrays[i].shape);
      RC_ASSERT(std::equal(view.bytes.begin(), view.bytes.end(), arrays[i].bytes.begin(), arrays[i].bytes.end()));
    }
  }));
}

TEST(Safetensors, WriterErrors) {
  const fs::path path = fresh_file("writer");
  const Array x = Array::of(std::vector<float>{1, 2, 3}, {3});
  TensorView wrong = x.view();
  wrong.shape = {4};
  EXPECT_THAT(error_text([&] {
                write_safetensors(path, {{"x", wrong}});
              }),
              AllOf(HasSubstr("a.safetensors"), HasSubstr("'x': shape (4,) of float32 needs 4 x 4 bytes, but there are 12")));
  EXPECT_THAT(error_text([&] { write_safetensors(path, {{"x", x.view()}, {"x", x.view()}}); }), HasSubstr("tensor 'x' is given twice"));
  EXPECT_THAT(error_text([&] { write_safetensors(path, {{"__metadata__", x.view()}}); }), HasSubstr("is reserved"));
  EXPECT_THAT(error_text([&] { write_safetensors(path, {{"\xff", x.view()}}); }), HasSubstr("no valid UTF-8"));
  EXPECT_TRUE(fs::is_empty(path.parent_path()));
}

TEST(Safetensors, UnknownNamesAreAnsweredWithTheNearest) {
  const fs::path path = fresh_file("nearest");
  const Array x = Array::of(std::vector<float>{1}, {1});
  write_safetensors(path, {{"stem.weight", x.view()}, {"head.bias", x.view()}});
  EXPECT_THAT(error_text([&] { SafetensorsFile(path).at("stem.weigth"); }),
              AllOf(HasSubstr("a.safetensors: has no tensor 'stem.weigth'"), HasSubstr("did you mean 'stem.weight'?")));
  EXPECT_THAT(error_text([&] { SafetensorsFile("/nowhere/x"); }), HasSubstr("/nowhere/x: cannot be opened: No such file"));
}

TEST(Safetensors, DamageNeverCrashes) {
  const fs::path path = fresh_file("damage");
  const Array x = Array::of(std::vector<float>(20, 1.5f), {4, 5}), y = Array::of(std::vector<std::int64_t>{1, 2, 3}, {3});
  const std::string bytes = image({{"x", x.view()}, {"y", y.view()}}, {{"format", "pt"}});
  Stream draw(3);
  int refused = 0;
  const auto reads = [&](const std::string& damaged) {
    fs::remove(path);  // some file systems wait for the disk when an old file is emptied
    std::ofstream(path, std::ios::binary) << damaged;
    try {
      const SafetensorsFile file(path);
      for (const std::string& name : file.names()) Array(file.at(name));
      return true;
    } catch (const DataError&) {
      ++refused;
      return false;
    }
  };
  for (std::size_t size = 0; size < bytes.size(); size += 3) EXPECT_FALSE(reads(bytes.substr(0, size))) << "cut at " << size;
  refused = 0;
  for (int i = 0; i < 500; ++i) {
    std::string damaged = bytes;
    const std::size_t at = draw.below(180);
    damaged[at] = static_cast<char>(damaged[at] ^ (1 << draw.below(8)));
    reads(damaged);
  }
  EXPECT_GT(refused, 250);
}

}  // namespace
}  // namespace basewise::io
