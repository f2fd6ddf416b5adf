#include "basewise/io/packed_track.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <functional>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "basewise/core/files.h"
#include "basewise/core/hash.h"
#include "basewise/core/log.h"
#include "basewise/core/parallel.h"
#include "basewise/io/detail/fill.h"
#include "basewise/io/detail/track_packer.h"
#include "basewise/io/detail/track_pages.h"
#include "basewise/io/detail/window_room.h"
#include "basewise/io/w5.h"

namespace basewise::io {
namespace {

namespace fs = std::filesystem;
using detail::kPageBases;

double megabytes(std::size_t bytes) { return static_cast<double>(bytes) / 1e6; }

// A file in the address space, read only; empty when it cannot be.
class Mapping {
 public:
  explicit Mapping(const fs::path& path) : path_(path), descriptor_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {
    struct stat facts {};
    if (descriptor_ < 0 || ::fstat(descriptor_, &facts) != 0 || !S_ISREG(facts.st_mode) || facts.st_size <= 0) return;
    void* memory = ::mmap(nullptr, static_cast<std::size_t>(facts.st_size), PROT_READ, MAP_SHARED, descriptor_, 0);
    if (memory != MAP_FAILED) bytes_ = {static_cast<const char*>(memory), static_cast<std::size_t>(facts.st_size)};
  }
  ~Mapping() {
    if (!bytes_.empty()) ::munmap(const_cast<char*>(bytes_.data()), bytes_.size());
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;
  std::span<const char> bytes() const { return bytes_; }

  // Reading behind the end of a file that became shorter ends a program without a word.
  void check_whole() const {
    struct stat facts {};
    if (::fstat(descriptor_, &facts) == 0 && facts.st_size >= std::ssize(bytes_)) return;
    throw DataError(format("{}: has {} bytes, but {} when it was opened; something cut it short. The next call makes it anew",
                                       path_.string(), facts.st_size, bytes_.size()));
  }

 private:
  fs::path path_;
  int descriptor_ = -1;
  std::span<const char> bytes_;
};

// Errors of the folder that packed tracks are kept in, told from those of the track.
class FolderError : public DataError {
 public:
  using DataError::DataError;
};

template <class F>
decltype(auto) in_folder(F&& f) {
  try {
    return f();
  } catch (const DataError& error) {
    throw FolderError(error.what());
  }
}

// Packs what the file is. Returns the header.
std::string pack_file(const fs::path& path, const LengthOf& length_of, std::string_view source, const detail::WriteBytes& write) {
  switch (track_format(path)) {
    case TrackFormat::bigwig:
      return detail::pack_bigwig(BigWigReader(path), source, write);
    case TrackFormat::bedgraph:
      return detail::pack_bedgraph(path, length_of, source, write);
    case TrackFormat::w5:
      return detail::pack_w5(W5Reader(path), source, write);
  }
  throw InternalError("a track of no format");
}

}  // namespace

struct PackedTrack::State {
  fs::path path;
  TrackFormat format = TrackFormat::bigwig;
  std::shared_ptr<const void> owner;
  std::function<void()> check_whole = [] {};  // of a file that is mapped
  std::span<const char> bytes;
  detail::TrackTables tables;
};

namespace {

// Nothing when there is no such file; with a warning when there is one that is no good.
std::shared_ptr<const Mapping> map_kept(const fs::path& file, std::string_view source, detail::TrackTables& tables) {
  std::error_code ignored;
  if (!fs::exists(file, ignored)) return nullptr;
  auto mapping = std::make_shared<const Mapping>(file);
  tables = {};
  const std::string fault = detail::read_tables(mapping->bytes(), source, true, tables);
  if (fault.empty()) return mapping;
  log_warning("{}: {}; it is built anew", file.string(), fault);
  return nullptr;
}

void build(const fs::path& track, const LengthOf& length_of, std::string_view source, const fs::path& file) {
  AtomicFile out = in_folder([&] { return AtomicFile(file); });
  std::ostream& stream = in_folder([&]() -> std::ostream& { return out.stream(); });
  stream.write(std::string(detail::kTrackHeaderBytes, '\0').data(), detail::kTrackHeaderBytes);
  const std::string header = pack_file(track, length_of, source, [&](std::string_view bytes) {
    stream.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    if (!stream) throw FolderError(format("{}: cannot be written: {}", file.string(), std::strerror(errno)));
  });
  stream.seekp(0);
  stream.write(header.data(), static_cast<std::streamsize>(header.size()));
  in_folder([&] { out.commit(); });
}

}  // namespace

PackedTrack::PackedTrack(std::shared_ptr<const State> state) : state_(std::move(state)) {}

PackedTrack PackedTrack::pack(const fs::path& track, const LengthOf& length_of) {
  const std::string source(64, '0');  // nobody asks for it
  auto memory = std::make_shared<std::string>(detail::kTrackHeaderBytes, '\0');
  const std::string header = pack_file(track, length_of, source, [&](std::string_view bytes) { *memory += bytes; });
  std::copy(header.begin(), header.end(), memory->begin());
  memory->shrink_to_fit();
  auto state = std::make_shared<State>();
  state->path = track;
  state->format = track_format(track);
  state->bytes = *memory;
  state->owner = memory;
  if (const std::string fault = detail::read_tables(state->bytes, source, false, state->tables); !fault.empty())
    throw InternalError(format("{}: the packed track is wrong: {}", track.string(), fault));
  log_debug("{}: packed into {:.1f} MB of memory", track.string(), megabytes(state->bytes.size()));
  return PackedTrack(std::move(state));
}

PackedTrack PackedTrack::keep(const fs::path& track, const fs::path& folder, const LengthOf& length_of) {
  const std::string source = sha256_file(track);
  const fs::path file = folder / (source + ".track");
  remove_dead_temporaries(file);  // as large as what a killed process had packed
  auto state = std::make_shared<State>();
  state->path = track;
  state->format = track_format(track);
  std::shared_ptr<const Mapping> mapping = map_kept(file, source, state->tables);
  if (!mapping) {
    try {
      build(track, length_of, source, file);
    } catch (const FolderError& error) {
      log_warning("{}; the track stays in memory", error.what());
      return pack(track, length_of);
    }
    mapping = map_kept(file, source, state->tables);
    if (!mapping) return pack(track, length_of);
    log_info("{}: packed into {:.1f} MB for quick reading, kept as {}", track.string(), megabytes(mapping->bytes().size()), file.string());
  }
  state->bytes = mapping->bytes();
  state->check_whole = [file = mapping.get()] { file->check_whole(); };
  state->owner = std::move(mapping);
  return PackedTrack(std::move(state));
}

const fs::path& PackedTrack::path() const { return state_->path; }
TrackFormat PackedTrack::file_format() const { return state_->format; }
const TrackChromosomes& PackedTrack::chromosomes() const { return state_->tables.chromosomes; }
std::int64_t PackedTrack::bytes() const { return static_cast<std::int64_t>(state_->bytes.size()); }

namespace {

void check_number(std::size_t chromosome, const fs::path& path, const detail::TrackTables& tables) {
  if (chromosome >= tables.chromosomes.size())
    throw ArgumentError(format("{}: no chromosome number {} among {}", path.string(), chromosome, tables.chromosomes.size()));
}

void check_inside(const fs::path& path, const std::string& chromosome, std::int64_t start, std::int64_t end, std::int64_t length) {
  if (start < 0 || end < start || end > length)
    throw DataError(format("{}: interval {}:{}-{} is not inside the chromosome, which has {} bases in this file", path.string(), chromosome,
                           start, end, length));
}

}  // namespace

std::int64_t PackedTrack::measured(std::size_t chromosome, std::int64_t start, std::int64_t end) const {
  const State& s = *state_;
  check_number(chromosome, s.path, s.tables);
  const auto& [name, length] = s.tables.chromosomes[chromosome];
  check_inside(s.path, name, start, end, length);
  s.check_whole();
  if (start == end) return 0;
  const std::int64_t first = start / kPageBases, last = (end - 1) / kPageBases;
  std::vector<detail::PageFacts> facts(static_cast<std::size_t>(last - first + 1));
  parallel_for(std::ssize(facts), 64, [&](std::int64_t from, std::int64_t to) {
    for (std::int64_t i = from; i < to; ++i) {
      const detail::PageEntry page = s.tables.pages[s.tables.first_page[chromosome] + static_cast<std::size_t>(first + i)];
      const std::int64_t begin = (first + i) * kPageBases;
      if (page.form() == 0) continue;
      const std::int64_t from_base = std::max(start - begin, std::int64_t{0}), to_base = std::min(end - begin, kPageBases);
      facts[static_cast<std::size_t>(i)] = detail::look_through(page, s.bytes.data() + 8 * page.place(), from_base, to_base);
    }
  });
  std::int64_t bases = 0;
  for (std::size_t i = 0; i < facts.size(); ++i) {
    bases += facts[i].measured;
    if (facts[i].infinite < 0) continue;
    const std::int64_t base = (first + static_cast<std::int64_t>(i)) * kPageBases + facts[i].infinite;
    float value = 0;
    values(chromosome, base, std::span(&value, 1));
    throw DataError(format("{}: {} at base {} of {} (the first base is 0) is no number to learn or to measure; mend the program that "
                           "wrote the track",
                           s.path.string(), value, base, name));
  }
  return bases;
}

void PackedTrack::values(std::size_t chromosome, std::int64_t start, std::span<float> out, float missing) const {
  const State& s = *state_;
  check_number(chromosome, s.path, s.tables);
  const auto& [name, length] = s.tables.chromosomes[chromosome];
  const auto size = static_cast<std::int64_t>(out.size());
  check_inside(s.path, name, start, start + size, length);
  s.check_whole();
  detail::fill_floats(out, missing);
  for (std::int64_t at = start; at < start + size;) {
    const std::int64_t first = at % kPageBases;
    const std::int64_t count = std::min(kPageBases - first, start + size - at);
    const detail::PageEntry page = s.tables.pages[s.tables.first_page[chromosome] + static_cast<std::size_t>(at / kPageBases)];
    const auto part = out.subspan(static_cast<std::size_t>(at - start), static_cast<std::size_t>(count));
    if (page.form() != 0) detail::get_page(page, s.bytes.data() + 8 * page.place(), first, part, missing);
    at += count;
  }
}

void PackedTrack::windows(std::span<const TrackWindow> windows, std::int64_t length, std::span<float> out, std::int64_t stride,
                          float missing) const {
  if (windows.empty()) return;
  const auto count = static_cast<std::int64_t>(windows.size());
  detail::check_window_room(path(), count, length, stride, out.size());
  const bool stream = out.size_bytes() > detail::kCaches;
  parallel_for(count, 32, [&](std::int64_t begin, std::int64_t end) {
    std::vector<float> memory(static_cast<std::size_t>(stream ? length : 0));
    for (auto i = static_cast<std::size_t>(begin); i < static_cast<std::size_t>(end); ++i) {
      const auto row = out.subspan(i * static_cast<std::size_t>(stride), static_cast<std::size_t>(length));
      values(windows[i].chromosome, windows[i].start, stream ? std::span(memory) : row, missing);
      if (stream) detail::stream_floats(memory, row.data());
    }
    detail::finish_streaming();
  });
}

}  // namespace basewise::io
