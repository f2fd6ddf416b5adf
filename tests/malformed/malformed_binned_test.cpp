// Broken files of binned training sets, one table: valid bytes with one thing wrong.
#include <cstring>

#include "basewise/io/binned_records.h"
#include "basewise/io/binned_set.h"
#include "basewise/io/tf_example.h"
#include "basewise/io/tfrecord.h"
#include "tests/malformed/broken.h"

namespace basewise::io {
namespace {

constexpr BinnedShape kShape{6, 2, 3};

TfExample example() {
  TfExample one;
  one.set_bytes("sequence", std::string("\0\1\2\3\4\0", 6));
  one.set_bytes("target", std::string(12, '\0'));
  return one;
}

std::string with(const std::string& name, TfFeature feature) {
  TfExample one = example();
  one.set(name, std::move(feature));
  return tf_record(example().serialise()) + tf_record(one.serialise());
}

std::string with_bytes(const std::string& name, std::string bytes) { return with(name, std::vector{std::move(bytes)}); }

std::string statistics(const std::string& more) {
  return R"({"num_targets": 3, "seq_length": 40, "pool_width": 4, "target_length": 5)" + more + "}";
}

void read_records(const fs::path& path) {
  const auto reader = binned_records({path}, kShape);
  for (BinnedRecord record; reader->next(record);) {
  }
}
void read_statistics(const fs::path& path) { read_binned_statistics(path); }
void read_targets(const fs::path& path) { read_binned_targets(path); }
void read_places(const fs::path& path) { read_binned_places(path); }

std::vector<Broken> broken() {
  const std::string record = tf_record(example().serialise());
  std::string bits = record;
  bits[30] = static_cast<char>(bits[30] ^ 1);
  std::string huge(8, '\x7f');
  huge += tf_record(huge).substr(20, 4);  // the checksum of these eight bytes
  return {
      {"tfr_text", read_records, "this is no file of records", {"record 0: the checksum of its length does not fit"}},
      {"tfr_cut_head", read_records, record + record.substr(0, 7), {"record 1: the file ends within its length (7 of 12 bytes)"}},
      {"tfr_cut", read_records, record.substr(0, 40), {"record 0: the file ends after 28 of its"}},
      {"tfr_cut_sum", read_records, record.substr(0, record.size() - 3), {"record 0: the file ends within its checksum"}},
      {"tfr_bit", read_records, bits, {"record 0: its checksum does not fit"}},
      {"tfr_huge", read_records, huge, {"record 0: 9187201950435737471 bytes, which is beyond the bound of 1073741824"}},
      {"tfr_stream", read_records, "\x78\x9c" + record, {"record 0: damaged compressed data"}},
      {"tfr_stream_cut", read_records, "\x78\x9c", {"the compressed data is truncated"}},
      {"tfr_message", read_records, tf_record("\x0a\x7f"), {"record 0: a field of 127 bytes, but 0 are left at byte 2 of the message"}},
      {"tfr_empty_message", read_records, tf_record(""), {"record 0: there is no feature 'sequence'; there are none"}},
      {"tfr_kind",
       read_records,
       with("sequence", std::vector<std::int64_t>{1}),
       {"record 1: feature 'sequence' holds integers; expected bytes"}},
      {"tfr_two_strings",
       read_records,
       with("target", std::vector<std::string>{"a", "b"}),
       {"record 1: feature 'target' holds 2 byte strings"}},
      {"tfr_length", read_records, with_bytes("sequence", "abcde"), {"record 1: 'sequence' has 5 bytes; expected 6"}},
      {"tfr_letter", read_records, with_bytes("sequence", std::string(6, '\5')), {"record 1: base 0 of 'sequence' is 5"}},
      {"tfr_rows", read_records, with_bytes("sequence", std::string(24, '\1')), {"record 1: base 0 of 'sequence' is no one-hot row"}},
      {"tfr_values",
       read_records,
       with("target", std::vector<float>(5)),
       {"record 1: 'target' has 5 values; expected 2 bins of 3 targets, 6"}},
      {"tfr_odd",
       read_records,
       with_bytes("target", std::string(13, '\0')),
       {"'target' has 13 bytes, which are no whole number of float16"}},
      {"tfr_umap", read_records, with_bytes("umap", "x"), {"record 1: 'umap' has 1 bytes; expected one for each of 2 bins"}},
      {"tfr_umap_value", read_records, with_bytes("umap", "ab"), {"record 1: bin 0 of 'umap' is 97; expected 0 or 1"}},
      {"statistics_no_json", read_statistics, "num_targets = 3", {"statistics_no_json"}},
      {"statistics_list", read_statistics, "[]", {"is no JSON object"}},
      {"statistics_key", read_statistics, "{\"num_targets\": 3}", {"the key \"seq_length\" is missing"}},
      {"statistics_text", read_statistics, "{\"num_targets\": \"3\"}", {"\"num_targets\" is no whole number"}},
      {"statistics_huge", read_statistics, "{\"num_targets\": 99999999999}", {"\"num_targets\" is no whole number"}},
      {"statistics_sum", read_statistics, statistics(", \"crop_bp\": 9"), {"are 38 bases, but seq_length is 40"}},
      {"statistics_sets", read_statistics, statistics(", \"train_seqs\": -1"), {"\"train_seqs\" is no whole number"}},
      {"targets_columns", read_targets, "name\tfile\nx\ty\n", {"identifier"}},
      {"targets_index", read_targets, "\tidentifier\n-1\tx\n", {":2: '-1' in the first column is no index of a target"}},
      {"targets_twice", read_targets, "index\tidentifier\n1\tx\n1\ty\n", {":3: the target of index 1 is there twice"}},
      {"targets_pair", read_targets, "\tidentifier\tstrand_pair\n0\tx\t1.5\n", {":2: strand_pair '1.5' is no index of a target"}},
      {"places_fields", read_places, "chr1 0 40 train\n", {":1: 1 fields; expected chromosome, start, end and set"}},
      {"places_order", read_places, "chr1\t40\t0\ttrain\n", {":1: '40' to '0' is no stretch of a chromosome"}},
      {"places_number", read_places, "chr1\t-4\t0\ttrain\n", {":1: '-4' to '0' is no stretch"}},
  };
}

class MalformedBinned : public testing::TestWithParam<Broken> {};

TEST_P(MalformedBinned, IsRefusedWithItsName) {
  const fs::path folder = fs::path(testing::TempDir()) / "malformed_binned";
  fs::create_directories(folder);
  expect_refused(GetParam(), folder / GetParam().name);
}

INSTANTIATE_TEST_SUITE_P(All, MalformedBinned, testing::ValuesIn(broken()), [](const auto& row) { return row.param.name; });

}  // namespace
}  // namespace basewise::io
