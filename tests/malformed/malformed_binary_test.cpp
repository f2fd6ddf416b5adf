// Broken binary files, one table: valid bytes with one thing wrong. Every row must end in a
// DataError that names the file and says what is wrong.
#include <cstring>
#include <fstream>
#include <functional>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include "basewise/core/files.h"
#include "basewise/io/bigwig.h"
#include "basewise/io/bigwig_writer.h"
#include "basewise/io/npy.h"
#include "basewise/io/npz.h"
#include "basewise/io/npz_writer.h"
#include "basewise/io/safetensors.h"
#include "tests/malformed/broken.h"

namespace basewise::io {
namespace {

fs::path folder() {
  const fs::path path = fs::path(testing::TempDir()) / "malformed_binary";
  fs::create_directories(path);
  return path;
}

// Valid files.

std::string bigwig() {
  const fs::path path = folder() / "valid.bw";
  BigWigWriter writer(path, {{"chr1", 1000}, {"chr2", 500}}, {.zoom_levels = 1});
  writer.add_run("chr1", 10, std::vector<float>(300, 1.5f));
  writer.add_intervals("chr2", std::vector<TrackInterval>{{5, 10, 2}, {20, 70, 3}});
  writer.close();
  return read_file(path);
}

std::string npz(bool compress) {
  const fs::path path = folder() / "valid.npz";
  NpzWriter writer(path, {.compress = compress});
  const Array array = Array::of(std::vector<float>(20, 0.5f), {4, 5});
  writer.add("x", array.view());
  writer.close();
  return read_file(path);
}

std::string npy(const std::string& header, std::size_t data_bytes, char major = 1) {
  std::string bytes("\x93NUMPY", 6);
  bytes += major;
  bytes += '\0';
  bytes += static_cast<char>(header.size() & 0xff);
  bytes += static_cast<char>(header.size() >> 8);
  return bytes + header + std::string(data_bytes, '\0');
}

std::string safetensors(const std::string& header, std::size_t data_bytes) {
  std::string bytes(8, '\0');
  const std::uint64_t length = header.size();
  std::memcpy(bytes.data(), &length, 8);
  return bytes + header + std::string(data_bytes, '\0');
}

// Ways to break them.

template <class T>
std::string with(std::string bytes, std::size_t at, T value) {
  std::memcpy(bytes.data() + at, &value, sizeof(T));
  return bytes;
}

template <class T>
T at(const std::string& bytes, std::size_t offset) {
  T value;
  std::memcpy(&value, bytes.data() + offset, sizeof(T));
  return value;
}

std::string cut(std::string bytes, std::size_t from_end) { return bytes.substr(0, bytes.size() - from_end); }

std::size_t tree(const std::string& bytes) { return at<std::uint64_t>(bytes, 8); }
std::size_t index(const std::string& bytes) { return at<std::uint64_t>(bytes, 24); }

// A bigWig whose first data block holds `section` instead.
std::string with_section(std::string bytes, const std::function<void(std::string&)>& edit) {
  const std::size_t leaf = index(bytes) + 48 + 4;
  const auto offset = at<std::uint64_t>(bytes, leaf + 16), size = at<std::uint64_t>(bytes, leaf + 24);
  std::string section(100000, '\0');
  uLongf length = section.size();
  EXPECT_EQ(::uncompress(reinterpret_cast<Bytef*>(section.data()), &length, reinterpret_cast<const Bytef*>(bytes.data()) + offset, size),
            Z_OK);
  section.resize(length);
  edit(section);
  std::string packed(::compressBound(section.size()), '\0');
  uLongf packed_size = packed.size();
  EXPECT_EQ(
      ::compress(reinterpret_cast<Bytef*>(packed.data()), &packed_size, reinterpret_cast<const Bytef*>(section.data()), section.size()),
      Z_OK);
  packed.resize(packed_size);
  // The changed block stands behind everything else.
  const std::uint64_t behind = bytes.size();
  bytes = with<std::uint64_t>(with<std::uint64_t>(std::move(bytes), leaf + 24, packed.size()), leaf + 16, behind);
  return bytes + packed;
}

void read_bigwig(const fs::path& path) {
  const BigWigReader reader(path);
  for (const auto& [name, length] : reader.chromosomes()) reader.summary(name, 0, length);
}
void read_array(const fs::path& path) { read_npy(path); }
void read_archive(const fs::path& path) {
  const NpzFile file(path);
  for (const std::string& name : file.names()) file.read(name);
}
void read_tensors(const fs::path& path) { SafetensorsFile{path}; }

std::vector<Broken> broken_bigwigs() {
  const std::string good = bigwig();
  const std::size_t leaf = index(good) + 48 + 4;
  return {
      {"bigwig_empty", read_bigwig, "", {"it has 0 bytes", "truncated"}},
      {"bigwig_text", read_bigwig, std::string(100, 'x'), {"is no bigWig: it starts with 78787878, not with 888ffc26"}},
      {"bigwig_is_bigbed", read_bigwig, with<std::uint32_t>(good, 0, 0x8789F2EB), {"is a bigBed file", "bigBedToBed"}},
      {"bigwig_swapped", read_bigwig, with<std::uint32_t>(good, 0, 0x26fc8f88), {"big-endian"}},
      {"bigwig_version", read_bigwig, with<std::uint16_t>(good, 4, 9), {"bigWig version 9; versions 1 to 4 are known"}},
      {"bigwig_unfinished", read_bigwig, std::string(64, '\0') + good.substr(64), {"is no bigWig: it starts with 00000000"}},
      {"bigwig_tree_outside",
       read_bigwig,
       with<std::uint64_t>(good, 8, 1u << 30),
       {"the chromosome tree at byte 1073741824 needs 32 bytes, but the file ends"}},
      {"bigwig_tree_elsewhere", read_bigwig, with<std::uint64_t>(good, 8, 70), {"has no chromosome tree at byte 70"}},
      {"bigwig_key_size", read_bigwig, with<std::uint32_t>(good, tree(good) + 8, 1u << 20), {"names of 1048576 bytes"}},
      {"bigwig_name_count",
       read_bigwig,
       with<std::uint64_t>(good, tree(good) + 16, 7),
       {"chromosome tree has 2 names, but its header says 7"}},
      {"bigwig_node_kind", read_bigwig, with<std::uint8_t>(good, tree(good) + 32, 5), {"a node of the chromosome tree", "has kind 5"}},
      {"bigwig_many_names",
       read_bigwig,
       with<std::uint16_t>(good, tree(good) + 34, 65535),
       {"a node of the chromosome tree", "needs 786420 bytes"}},
      {"bigwig_same_number", read_bigwig, with<std::uint32_t>(good, tree(good) + 36 + 12 + 4, 0), {"both have number 0"}},
      {"bigwig_same_name", read_bigwig, with<char>(good, tree(good) + 36 + 12 + 3, '1'), {"chromosome 'chr1' is there twice"}},
      {"bigwig_circle",
       read_bigwig,
       with<std::uint64_t>(with<std::uint8_t>(good, index(good) + 48, 0), index(good) + 52 + 16, index(good) + 48),
       {"the index runs in a circle"}},
      {"bigwig_index_outside",
       read_bigwig,
       with<std::uint64_t>(good, 24, ~0ull),
       {"the index at byte 18446744073709551615 needs 48 bytes"}},
      {"bigwig_index_elsewhere", read_bigwig, with<std::uint64_t>(good, 24, 0), {"has no index at byte 0"}},
      {"bigwig_block_outside",
       read_bigwig,
       with<std::uint64_t>(good, leaf + 16, 1u << 30),
       {"block of chr1:10-310 lies at bytes 1073741824 to"}},
      {"bigwig_block_huge", read_bigwig, with<std::uint64_t>(good, leaf + 24, ~0ull), {"block of chr1:10-310", "but the file ends"}},
      {"bigwig_block_of_two", read_bigwig, with<std::uint32_t>(good, leaf + 8, 1), {"covers several chromosomes"}},
      {"bigwig_block_of_none",
       read_bigwig,
       with<std::uint32_t>(with<std::uint32_t>(good, leaf + 32, 9), leaf + 40, 9),
       {"index names chromosome number 9"}},
      {"bigwig_block_behind_end",
       read_bigwig,
       with<std::uint32_t>(good, leaf + 4, 2000),
       {"places a block at chr1:2000-310, but the chromosome has 1000 bases"}},
      {"bigwig_block_bits",
       read_bigwig,
       with<std::uint32_t>(good, at<std::uint64_t>(good, leaf + 16) + 4, 0x5a5a5a5a),
       {"block of chr1:10-310", "cannot be inflated"}},
      {"bigwig_buffer_small", read_bigwig, with<std::uint32_t>(good, 52, 30), {"cannot be inflated (too long or cut short)"}},
      {"bigwig_section_short",
       read_bigwig,
       with_section(good, [](std::string& s) { s.resize(10); }),
       {"has 10 bytes, fewer than its header"}},
      {"bigwig_section_type", read_bigwig, with_section(good, [](std::string& s) { s[20] = 7; }), {"has type 7; 1, 2 and 3 are known"}},
      {"bigwig_section_count",
       read_bigwig,
       with_section(good, [](std::string& s) { s[23] = 9; }),
       {"promises 2348 items of 4 bytes in 1224 bytes"}},
      {"bigwig_section_chromosome",
       read_bigwig,
       with_section(good, [](std::string& s) { s[0] = 1; }),
       {"says that it belongs to chromosome number 1"}},
      {"bigwig_section_place",
       read_bigwig,
       with_section(good, [](std::string& s) { s[5] = 7; }),
       {"has a value at chr1:1802-1803, outside of the 1000 bases"}},
      {"bigwig_section_span", read_bigwig, with_section(good, [](std::string& s) { s[16] = 0; }), {"has a value at chr1:10-10"}},
      {"bigwig_zoom_outside",
       read_bigwig,
       with<std::uint64_t>(good, 64 + 16, 1u << 30),
       {"the index of zoom level 0 at byte 1073741824 needs 4 bytes"}},
      {"bigwig_zoom_elsewhere", read_bigwig, with<std::uint64_t>(good, 64 + 16, 8), {"zoom level 0", "has no index at byte 8"}},
      {"bigwig_summary_outside", read_bigwig, with<std::uint64_t>(good, 44, good.size() - 3), {"the summary at byte"}},
  };
}

std::vector<Broken> broken_safetensors() {
  const std::string x = R"("x":{"dtype":"F32","shape":[2],"data_offsets":[0,8]})";
  return {
      {"safetensors_short", read_tensors, "abc", {"is no safetensors file: it has 3 bytes"}},
      {"safetensors_empty", read_tensors, "", {"it has 0 bytes"}},
      {"safetensors_pickle", read_tensors, "\x80\x02}q\x01junkjunkjunkjunk", {"its header would have", "at most 100000000 are allowed"}},
      {"safetensors_cut_header",
       read_tensors,
       safetensors("{" + x + "}", 8).substr(0, 30),
       {"header has 54 bytes, but only 22 follow", "truncated"}},
      {"safetensors_no_json", read_tensors, safetensors("{'x': 1}", 0), {"is no valid UTF-8 JSON"}},
      {"safetensors_bad_utf8", read_tensors, safetensors("{\"\xff\":{}}", 0), {"is no valid UTF-8 JSON"}},
      {"safetensors_list", read_tensors, safetensors("[1]", 0), {"is array, not an object"}},
      {"safetensors_twice", read_tensors, safetensors("{" + x + "," + x + "}", 8), {"has the key 'x' twice"}},
      {"safetensors_key_twice",
       read_tensors,
       safetensors(R"({"x":{"dtype":"F32","dtype":"F32","shape":[2],"data_offsets":[0,8]}})", 8),
       {"has the key 'dtype' twice"}},
      {"safetensors_deep", read_tensors, safetensors(R"({"x":[[[[[[1]]]]]]})", 0), {"nested deeper"}},
      {"safetensors_number", read_tensors, safetensors(R"({"x":1})", 0), {"tensor 'x' is number"}},
      {"safetensors_no_shape", read_tensors, safetensors(R"({"x":{"dtype":"F32","data_offsets":[0,8]}})", 8), {"tensor 'x' has no shape"}},
      {"safetensors_unknown_key",
       read_tensors,
       safetensors(R"({"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8],"q":1}})", 8),
       {"tensor 'x' has the unknown key 'q'"}},
      {"safetensors_dtype",
       read_tensors,
       safetensors(R"({"x":{"dtype":"F8_E4M3","shape":[2],"data_offsets":[0,2]}})", 2),
       {"tensor 'x' has dtype 'F8_E4M3'; known are"}},
      {"safetensors_negative",
       read_tensors,
       safetensors(R"({"x":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}})", 8),
       {"has shape [-2]"}},
      {"safetensors_fraction",
       read_tensors,
       safetensors(R"({"x":{"dtype":"F32","shape":[2.5],"data_offsets":[0,8]}})", 8),
       {"has shape [2.5]"}},
      {"safetensors_overflow",
       read_tensors,
       safetensors(R"({"x":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,8]}})", 8),
       {"tensor 'x'", "more elements than any file"}},
      {"safetensors_size",
       read_tensors,
       safetensors(R"({"x":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}})", 8),
       {"shape (3,) needs 3 x 4 bytes, but its data_offsets [0, 8] hold 8"}},
      {"safetensors_backwards",
       read_tensors,
       safetensors(R"({"x":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}})", 8),
       {"data_offsets [8,0]"}},
      {"safetensors_cut_data",
       read_tensors,
       safetensors("{" + x + "}", 5),
       {"tensor 'x' ends at data byte 8, but the file has only 5 bytes of data"}},
      {"safetensors_trailing", read_tensors, safetensors("{" + x + "}", 11), {"3 bytes are left over behind the last tensor"}},
      {"safetensors_overlap",
       read_tensors,
       safetensors("{" + x + R"(,"y":{"dtype":"U8","shape":[6],"data_offsets":[4,10]}})", 10),
       {"tensor 'y' starts at data byte 4, but tensor 'x' ends at 8: data overlap"}},
      {"safetensors_hole",
       read_tensors,
       safetensors("{" + x + R"(,"y":{"dtype":"U8","shape":[2],"data_offsets":[9,11]}})", 11),
       {"tensor 'y' starts at data byte 9, but tensor 'x' ends at 8: data have a hole"}},
      {"safetensors_metadata", read_tensors, safetensors(R"({"__metadata__":{"a":1}})", 0), {"__metadata__ 'a' is number, not text"}},
  };
}

std::vector<Broken> broken_arrays() {
  const auto header = [](const std::string& type, const std::string& order, const std::string& shape) {
    return "{'descr': " + type + ", 'fortran_order': " + order + ", 'shape': " + shape + ", }\n";
  };
  const std::string stored = npz(false), deflated = npz(true), f4 = "'<f4'";
  const std::size_t directory = at<std::uint32_t>(stored, stored.size() - 6);
  return {
      {"npy_text", read_array, "1,2,3\n4,5,6\n7,8,9", {"is no npy file"}},
      {"npy_empty", read_array, "", {"is no npy file", "0 bytes"}},
      {"npy_version", read_array, npy(header(f4, "False", "(2,)"), 8, 7), {"npy version 7.0"}},
      {"npy_cut_header", read_array, npy(header(f4, "False", "(2,)"), 0).substr(0, 30), {"npy header of", "but only 20 follow"}},
      {"npy_cut_data", read_array, npy(header(f4, "False", "(2,)"), 7), {"shape (2,) of float32 needs 2 x 4 bytes, but 7 follow"}},
      {"npy_extra_data", read_array, npy(header(f4, "False", "(2,)"), 9), {"but 9 follow"}},
      {"npy_objects", read_array, npy(header("'|O'", "False", "(2,)"), 16), {"Python objects (a pickle)"}},
      {"npy_strings", read_array, npy(header("'<U7'", "False", "(2,)"), 56), {"holds text ('<U7')"}},
      {"npy_swapped", read_array, npy(header("'>f8'", "False", "(2,)"), 16), {"big-endian numbers ('>f8')"}},
      {"npy_complex", read_array, npy(header("'<c8'", "False", "(2,)"), 16), {"complex numbers"}},
      {"npy_records", read_array, npy(header("[('a', '<f4')]", "False", "(2,)"), 8), {"records with fields"}},
      {"npy_negative", read_array, npy(header(f4, "False", "(-2,)"), 8), {"for an extent of the shape"}},
      {"npy_overflow", read_array, npy(header(f4, "False", "(4294967296, 4294967296)"), 8), {"more elements than any file"}},
      {"npy_order", read_array, npy(header(f4, "Maybe", "(2,)"), 8), {"for fortran_order; True or False was expected"}},
      {"npy_no_shape", read_array, npy("{'descr': '<f4', 'fortran_order': False}\n", 8), {"has no 'shape'"}},
      {"npy_twice", read_array, npy("{'descr': '<f4', 'descr': '<f4'}\n", 8), {"has 'descr' twice"}},
      {"npy_unknown_key", read_array, npy("{'kind': '<f4'}\n", 8), {"the unknown key 'kind'"}},
      {"npy_code", read_array, npy("__import__('os')\n", 8), {"where '{' was expected"}},
      {"npy_bool", read_array, npy(header("'|b1'", "False", "(2,)"), 1) + "\x05", {"bool values other than 0 and 1"}},
      {"npz_text", read_archive, "not a zip", {"is no npz file: no zip directory"}},
      {"npz_cut", read_archive, cut(stored, 5), {"is no npz file: no zip directory at its end", "truncated"}},
      {"npz_directory_outside",
       read_archive,
       with<std::uint32_t>(stored, stored.size() - 6, 1u << 28),
       {"the zip directory at byte 268435456"}},
      {"npz_count", read_archive, with<std::uint16_t>(stored, stored.size() - 12, 3), {"promises 3 members, but entry 1 is not there"}},
      {"npz_encrypted", read_archive, with<std::uint16_t>(stored, directory + 8, 1), {"member 'x.npy' is encrypted"}},
      {"npz_method", read_archive, with<std::uint16_t>(stored, directory + 10, 12), {"member 'x.npy' is packed by method 12"}},
      {"npz_checksum", read_archive, with<char>(stored, 200, '!'), {"member 'x.npy' has checksum"}},
      {"npz_offset", read_archive, with<std::uint32_t>(stored, directory + 42, 7), {"member 'x.npy' is not at byte 7"}},
      {"npz_size",
       read_archive,
       with<std::uint32_t>(deflated, at<std::uint32_t>(deflated, deflated.size() - 6) + 24, 0x7ffffff0),
       {"member 'x.npy' cannot hold 2147483632 bytes"}},
      {"npz_inflate", read_archive, with<std::uint32_t>(deflated, 45, 0xffffffff), {"member 'x.npy' cannot be inflated"}},
      {"npz_zip64_missing", read_archive, with<std::uint32_t>(stored, directory + 24, 0xffffffff), {"lacks its zip64 sizes"}},
  };
}

std::vector<Broken> table() {
  std::vector<Broken> all;
  for (auto rows : {broken_bigwigs(), broken_safetensors(), broken_arrays()}) all.insert(all.end(), rows.begin(), rows.end());
  return all;
}

class MalformedBinary : public testing::TestWithParam<Broken> {};

TEST_P(MalformedBinary, IsRefusedWithAReason) {
  expect_refused(GetParam(), folder() / (GetParam().name + ".bin"));
}

INSTANTIATE_TEST_SUITE_P(Table, MalformedBinary, testing::ValuesIn(table()), [](const auto& row) { return row.param.name; });

TEST(MalformedBinaryTable, HasNamesOnceAndEnoughRows) {
  std::set<std::string> names;
  for (const Broken& row : table()) EXPECT_TRUE(names.insert(row.name).second) << row.name;
  EXPECT_GE(names.size(), 80u);
}

TEST(MalformedBinaryTable, ItsSourcesAreValid) {
  const fs::path path = folder() / "source";
  const auto reads = [&](void (*read)(const fs::path&), const std::string& bytes) {
    std::ofstream(path, std::ios::binary) << bytes;
    EXPECT_NO_THROW(read(path));
  };
  reads(read_bigwig, bigwig());
  reads(read_bigwig, with_section(bigwig(), [](std::string&) {}));
  reads(read_archive, npz(false));
  reads(read_archive, npz(true));
  reads(read_array, npy("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }\n", 8));
  reads(read_tensors, safetensors(R"({"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})", 8));
}

}  // namespace
}  // namespace basewise::io
