// Binned training sets: framing, messages, what stands in them, and the files beside them.
#include "basewise/core/files.h"
#include "basewise/io/binned_hdf5.h"
#include "basewise/io/binned_set.h"
#include "basewise/io/binned_store.h"
#include "basewise/io/hdf5_writer.h"
#include "basewise/io/tf_example.h"
#include "basewise/io/tfrecord.h"
#include "tests/fuzz/readers.h"

namespace basewise::fuzz {
namespace {

constexpr io::BinnedShape kShape{6, 2, 3};

std::string message(bool older) {
  io::TfExample example;
  if (older) {
    std::string rows(24, '\0');
    for (std::size_t i = 0; i < 6; ++i) rows[4 * i + i % 4] = 1;
    example.set_bytes("sequence", rows);
    example.set("target", std::vector<float>{0, 1, 2, 3, 4.5F, 5});
  } else {
    example.set_bytes("sequence", std::string("\0\1\2\3\4\0", 6));
    example.set_bytes("target", std::string("\0\x3c\0\x40\0\0\0\0\0\x44\0\0", 12));
    example.set_bytes("umap", std::string("\0\1", 2));
  }
  example.set("numbers", std::vector<std::int64_t>{300, -1});
  return example.serialise();
}

std::string records(const fs::path& scratch, io::TfCompression compression) {
  io::TfRecordWriter writer(scratch / "x.tfr", compression);
  for (const bool older : {false, true}) writer.write(message(older));
  writer.commit();
  return read_file(scratch / "x.tfr");
}

void read_all(io::BinnedReader& reader) {
  for (io::BinnedRecord record; reader.next(record);) {
  }
}

std::string h5(const fs::path& scratch) {
  const std::vector<std::uint8_t> sequences(2 * 6 * 4, 0), na = {0, 1, 1, 0};
  const std::vector<float> values(2 * 2 * 3, 1.5F);
  io::H5Writer file(scratch / "x.h5");
  file.write<std::uint8_t>("train_in", sequences, {2, 6, 4}, {.dtype = io::DType::boolean, .gzip = 1});
  file.write<float>("train_out", values, {2, 2, 3}, {.dtype = io::DType::f16});
  file.write<std::uint8_t>("train_na", na, {2, 2}, {.dtype = io::DType::boolean});
  file.write_text("target_ids", std::vector<std::string>{"a", "b", "c"});
  file.close();
  return read_file(scratch / "x.h5");
}

// Writes the file of a store and reads it again.
io::BinnedStore store(const fs::path& folder) {
  std::string text = io::tf_record(message(false));
  write_file(folder / "made.tfr", text + text);
  const auto open = [&] { return io::binned_records({folder / "made.tfr"}, kShape); };
  return io::BinnedStore(open, {.targets = {2, 0}}, {.memory = 0, .folder = folder, .name = "x"});
}

void read_store(const fs::path& folder) {
  const io::BinnedStore read = store(folder);
  std::vector<std::uint8_t> tokens(static_cast<std::size_t>(read.shape().length)),
      mask(static_cast<std::size_t>(read.has_masks() ? read.shape().bins : 0));
  std::vector<float> values(static_cast<std::size_t>(read.shape().bins * read.shape().targets));
  for (std::int64_t i = 0; i < read.size(); ++i) {
    read.tokens(i, tokens);
    read.values(i, values);
    read.unmappable(i, mask);
  }
}

Files rows(const fs::path& scratch) {
  store(scratch);
  return {{"x.rows", read_file(scratch / "x.rows")}};
}

}  // namespace

std::vector<Reader> binned_readers(const fs::path& scratch) {
  return {
      {"tfrecord",
       {{{"x.tfr", records(scratch, io::TfCompression::none)}}, {{"x.tfr", records(scratch, io::TfCompression::zlib)}}},
       [](const fs::path& f) {
         io::TfRecordReader reader(f / "x.tfr");
         for (std::string data; reader.next(data);) {
         }
       }},
      {"tf_example",
       {{{"x.bin", message(false)}}, {{"x.bin", message(true)}}},
       [](const fs::path& f) { io::TfExample::parse(read_file(f / "x.bin")); }},
      {"binned_records",
       {{{"x.bin", message(false)}}, {{"x.bin", message(true)}}},
       [](const fs::path& f) {
         write_file(f / "framed.tfr", io::tf_record(read_file(f / "x.bin")));
         read_all(*io::binned_records({f / "framed.tfr"}, kShape));
       }},
      {"binned_statistics",
       {{{"statistics.json",
          "{\"num_targets\": 3, \"seq_length\": 40, \"pool_width\": 4, \"crop_bp\": 10, \"target_length\": 5, \"train_seqs\": 2}"}}},
       [](const fs::path& f) { io::read_binned_statistics(f / "statistics.json"); }},
      {"binned_targets",
       {{{"targets.txt", "\tidentifier\tstrand_pair\tdescription\n0\ta\t1\tx\n1\tb\t0\ty z\n"}}},
       [](const fs::path& f) { io::read_binned_targets(f / "targets.txt"); }},
      {"binned_places",
       {{{"sequences.bed", "chr1\t0\t40\ttrain\nchr2\t5\t45\tvalid\n"}}},
       [](const fs::path& f) { io::read_binned_places(f / "sequences.bed"); }},
      {"binned_h5",
       {{{"x.h5", h5(scratch)}}},
       [](const fs::path& f) {
         const io::BinnedH5 found = io::read_binned_h5(f / "x.h5");
         for (const std::string& set : found.sets) read_all(*io::binned_h5_records(f / "x.h5", set));
       }},
      {"binned_rows", {rows(scratch)}, read_store},
  };
}

}  // namespace basewise::fuzz
