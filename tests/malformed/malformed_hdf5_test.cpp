// Broken HDF5 files, one table: valid bytes with one thing wrong. Every row must end in a DataError
// that names the file and says what is wrong.
#include <cstring>
#include <fstream>
#include <functional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "basewise/core/files.h"
#include "basewise/io/hdf5.h"
#include "basewise/io/hdf5_writer.h"
#include "basewise/io/modisco_file.h"
#include "tests/malformed/broken.h"

namespace basewise::io {
namespace {

fs::path folder() {
  const fs::path path = fs::path(testing::TempDir()) / "malformed_hdf5";
  fs::create_directories(path);
  return path;
}

std::string made(const std::function<void(H5Writer&)>& fill) {
  const fs::path path = folder() / "valid.h5";
  H5Writer writer(path);
  fill(writer);
  writer.close();
  return read_file(path);
}

// Rows whose extent is told by a number that stands nowhere else.
constexpr std::int64_t kRows = 0x1357;

std::string plain() {
  return made([](H5Writer& w) { w.write<float>("x", std::vector<float>(kRows, 0.5f), {kRows}); });
}
std::string packed() {
  return made([](H5Writer& w) {
    std::vector<float> values(kRows);
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i * 7919 % 1009);
    w.write<float>("x", values, {kRows}, {.gzip = 1});
  });
}
std::string texts() {
  return made([](H5Writer& w) { w.write_text("x", std::vector<std::string>{"chr1", "chr2"}); });
}
std::string truths() {
  return made([](H5Writer& w) { w.write<std::uint8_t>("x", std::vector<std::uint8_t>(77, 1), {77}, {.dtype = DType::boolean}); });
}

// The first place of some bytes.
std::size_t place(const std::string& bytes, std::string_view what, std::size_t from = 0) {
  const std::size_t at = bytes.find(what, from);
  EXPECT_NE(at, std::string::npos) << what;
  return at;
}

template <class T>
std::string text_of(T value) {
  std::string out(sizeof(T), '\0');
  std::memcpy(out.data(), &value, sizeof(T));
  return out;
}

// Every extent of kRows as another.
std::string with_rows(std::string bytes, std::uint64_t rows) {
  const std::string old = text_of<std::uint64_t>(kRows);
  for (std::size_t at = 0; (at = bytes.find(old, at)) != std::string::npos; at += 8) bytes.replace(at, 8, text_of(rows));
  return bytes;
}

std::string with(std::string bytes, std::size_t at, std::string_view other) { return bytes.replace(at, other.size(), other); }

void read_numbers(const fs::path& path) { H5File(path).read<float>("x"); }
void read_texts(const fs::path& path) { H5File(path).read_text("x"); }
void read_patterns(const fs::path& path) { read_modisco(path); }

std::vector<Broken> table() {
  const std::string good = plain(), gzip = packed(), words = texts(), flags = truths();
  const std::size_t heap = place(words, "GCOL"), zlib = place(gzip, std::string_view("\x78\x01", 2));
  return {
      {"empty", read_numbers, "", {"is empty (0 bytes)"}},
      {"text", read_numbers, "x\t1\n", {"is no HDF5 file: it does not begin as one (4 bytes)"}},
      {"signature", read_numbers, with(good, 0, "\x88"), {"is no HDF5 file"}},
      {"half", read_numbers, good.substr(0, good.size() / 2), {"truncated", "libhdf5"}},
      {"one_byte_short", read_numbers, good.substr(0, good.size() - 1), {"truncated"}},
      {"superblock_only", read_numbers, good.substr(0, 96), {"truncated"}},
      {"superblock_version", read_numbers, with(good, 8, "\x7f"), {"cannot be opened as HDF5", "libhdf5"}},
      {"claims_2_to_60", read_numbers, with_rows(good, std::uint64_t{1} << 60), {"data set 'x'", "1152921504606846976", "it is damaged"}},
      {"claims_too_many", read_numbers, with_rows(good, std::uint64_t{3} << 61), {"has an axis of 6917529027641081856 elements"}},
      {"claims_more_than_gzip", read_numbers, with_rows(gzip, std::uint64_t{1} << 40), {"data set 'x'", "but the file holds"}},
      {"piece_damaged", read_numbers, with(gzip, zlib + 30, "\xff\x00\xff\x00\xff\x00\xff"), {"has a piece that cannot be unpacked to"}},
      {"piece_no_zlib", read_numbers, with(gzip, zlib, "\xff"), {"has a piece that cannot be unpacked to"}},
      {"truth_of_5", read_numbers, with(flags, place(flags, std::string(77, '\1')) + 3, "\5"), {"element 3 does not fit float32"}},
      {"heap_signature", read_texts, with(words, heap, "X"), {"names texts at byte", "where there are none"}},
      {"heap_size", read_texts, with(words, heap + 8, text_of(std::uint64_t{1} << 50)), {"texts at byte", "but the file ends"}},
      {"heap_object_size", read_texts, with(words, heap + 24, text_of(std::uint64_t{1} << 50)), {"do not fit their heap"}},
      {"heap_object_number", read_texts, with(words, heap + 16, text_of(std::uint16_t{9})), {"names object 1 of", "which is not there"}},
      {"not_modisco", read_patterns, good, {"has neither pos_patterns nor neg_patterns"}},
  };
}

class MalformedHdf5 : public testing::TestWithParam<Broken> {};

TEST_P(MalformedHdf5, IsRefusedWithAReason) {
  expect_refused(GetParam(), folder() / (GetParam().name + ".h5"));
}

INSTANTIATE_TEST_SUITE_P(Table, MalformedHdf5, testing::ValuesIn(table()), [](const auto& row) { return row.param.name; });

TEST(MalformedHdf5Table, ItsSourcesAreValid) {
  const fs::path path = folder() / "source.h5";
  using Source = std::pair<void (*)(const fs::path&), std::string>;
  for (const auto& [read, bytes] :
       {Source{read_numbers, plain()}, {read_numbers, packed()}, {read_texts, texts()}, {read_numbers, truths()}}) {
    std::ofstream(path, std::ios::binary) << bytes;
    EXPECT_NO_THROW(read(path));
  }
}

}  // namespace
}  // namespace basewise::io
