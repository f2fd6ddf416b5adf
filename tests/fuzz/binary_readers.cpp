#include <algorithm>

#include "basewise/core/files.h"
#include "basewise/core/hash.h"
#include "basewise/io/bigwig.h"
#include "basewise/io/bigwig_writer.h"
#include "basewise/io/npy.h"
#include "basewise/io/npz.h"
#include "basewise/io/npz_writer.h"
#include "basewise/io/packed_track.h"
#include "basewise/io/safetensors.h"
#include "tests/fuzz/readers.h"

namespace basewise::fuzz {
namespace {

std::string bigwig(const fs::path& scratch) {
  const fs::path path = scratch / "x.bw";
  io::BigWigWriter writer(path, {{"chr1", 1000}, {"chr2", 500}}, {.zoom_levels = 2});
  writer.add_run("chr1", 10, std::vector<float>(300, 1.5f));
  writer.add_intervals("chr1", std::vector<io::TrackInterval>{{500, 510, 2}, {520, 570, 3}});
  writer.add_intervals("chr2", std::vector<io::TrackInterval>{{5, 10, 2}, {20, 70, 3}});
  writer.close();
  return read_file(path);
}

std::string npz(const fs::path& scratch, bool compress) {
  const fs::path path = scratch / "x.npz";
  io::NpzWriter writer(path, {.compress = compress});
  const io::Array array = io::Array::of(std::vector<float>(20, 0.5f), {4, 5});
  writer.add("x", array.view());
  writer.add("y/z", array.view());
  writer.close();
  return read_file(path);
}

std::string safetensors(const fs::path& scratch) {
  const fs::path path = scratch / "x.safetensors";
  const io::Array array = io::Array::of(std::vector<float>(15, 0.5f), {3, 5});
  io::write_safetensors(path, {{"a.weight", array.view()}, {"b", array.view()}}, {{"note", "x"}});
  return read_file(path);
}

/// Where the cache keeps a packed bigWig.
std::string track_name(const std::string& bytes) { return sha256(bytes) + ".track"; }

Files packed(const fs::path& scratch) {
  const std::string bytes = bigwig(scratch);
  io::PackedTrack::keep(scratch / "x.bw", scratch);
  const std::string name = track_name(bytes);
  return {{name, read_file(scratch / name)}, {"x.bw", bytes}};
}

void read_everything(const io::BigWigReader& reader) {
  reader.total();
  reader.zoom_levels();
  for (const auto& [name, length] : reader.chromosomes()) {
    if (length < 1) continue;
    const std::int64_t end = std::min<std::int64_t>(length, 2000);
    reader.values(name, 0, end);
    reader.intervals(name, 0, length);
    reader.summary(name, 0, end);
  }
}

void read_track(const io::PackedTrack& track) {
  for (std::size_t c = 0; c < track.chromosomes().size(); ++c) {
    const std::int64_t length = track.chromosomes()[c].second;
    std::vector<float> values(static_cast<std::size_t>(std::clamp<std::int64_t>(length, 0, 2000)));
    track.values(c, 0, values);
    track.values(c, length - static_cast<std::int64_t>(values.size()), values);
  }
}

}  // namespace

std::vector<Reader> binary_readers(const fs::path& scratch) {
  const io::Array array = io::Array::of(std::vector<double>(6, 0.25), {2, 3});
  return {
      {"bigwig", {{{"x.bw", bigwig(scratch)}}}, [](const fs::path& f) { read_everything(io::BigWigReader(f / "x.bw")); }},
      {"packed_bigwig",
       {{{"x.bw", bigwig(scratch)}}},
       [](const fs::path& f) { read_track(io::PackedTrack::pack(f / "x.bw")); }},
      {"packed_bedgraph",
       {{{"x.bg", "track type=bedGraph\nc\t0\t5\t1.5\nc\t7\t9\t-2e-3\nd\t0\t1\t0\n"}}},
       [](const fs::path& f) { read_track(io::PackedTrack::pack(f / "x.bg")); }},
      {"packed_track",
       {packed(scratch)},
       [](const fs::path& f) { read_track(io::PackedTrack::keep(f / "x.bw", f)); }},
      {"npy", {{{"x.npy", io::format_npy(array.view())}}}, [](const fs::path& f) { io::read_npy(f / "x.npy"); }},
      {"npz",
       {{{"x.npz", npz(scratch, false)}}, {{"x.npz", npz(scratch, true)}}},
       [](const fs::path& f) {
         const io::NpzFile file(f / "x.npz");
         for (const std::string& name : file.names()) file.read(name);
       }},
      {"safetensors",
       {{{"x.safetensors", safetensors(scratch)}}},
       [](const fs::path& f) {
         const io::SafetensorsFile file(f / "x.safetensors");
         std::size_t sum = 0;
         for (const std::string& name : file.names())
           for (const std::byte b : file.at(name).bytes) sum += static_cast<std::size_t>(b);
         if (sum == 1) throw DataError("the bytes are read, and not thrown away");
       }},
  };
}

}  // namespace basewise::fuzz
