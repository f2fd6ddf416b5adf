#include "basewise/io/packed_track.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "basewise/core/files.h"
#include "basewise/core/hash.h"
#include "basewise/core/log.h"
#include "basewise/core/parallel.h"
#include "basewise/io/detail/fill.h"
#include "basewise/io/detail/track_pages.h"
#include "basewise/io/detail/window_room.h"

namespace basewise::io {
namespace {

namespace fs = std::filesystem;
using detail::kPageBases;

double megabytes(std::size_t bytes) { return static_cast<double>(bytes) / 1e6; }

// A file in the address space, read only; empty when it cannot be.
class Mapping {
 public:
  explicit Mapping(const fs::path& path) {
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) return;
    struct stat facts {};
    if (::fstat(descriptor, &facts) == 0 && S_ISREG(facts.st_mode) && facts.st_size > 0) {
      void* memory = ::mmap(nullptr, static_cast<std::size_t>(facts.st_size), PROT_READ, MAP_SHARED, descriptor, 0);
      if (memory != MAP_FAILED) bytes_ = {static_cast<const char*>(memory), static_cast<std::size_t>(facts.st_size)};
    }
    ::close(descriptor);
  }
  ~Mapping() {
    if (!bytes_.empty()) ::munmap(const_cast<char*>(bytes_.data()), bytes_.size());
  }
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;
  std::span<const char> bytes() const { return bytes_; }

 private:
  std::span<const char> bytes_;
};

}  // namespace

struct PackedTrack::State {
  fs::path path;
  std::shared_ptr<const void> owner;
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

void build(const BigWigReader& reader, std::string_view source, const fs::path& file) {
  AtomicFile out(file);
  std::ostream& stream = out.stream();
  stream.write(std::string(detail::kTrackHeaderBytes, '\0').data(), detail::kTrackHeaderBytes);
  const std::string header = detail::pack_track(reader, source, [&](std::string_view bytes) {
    stream.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    if (!stream) throw DataError(format("{}: cannot be written: {}", file.string(), std::strerror(errno)));
  });
  stream.seekp(0);
  stream.write(header.data(), static_cast<std::streamsize>(header.size()));
  out.commit();
}

}  // namespace

PackedTrack::PackedTrack(std::shared_ptr<const State> state) : state_(std::move(state)) {}

PackedTrack PackedTrack::pack(const fs::path& bigwig) {
  const BigWigReader reader(bigwig);
  const std::string source(64, '0');  // nobody asks for it
  auto memory = std::make_shared<std::string>(detail::kTrackHeaderBytes, '\0');
  const std::string header = detail::pack_track(reader, source, [&](std::string_view bytes) { *memory += bytes; });
  std::copy(header.begin(), header.end(), memory->begin());
  memory->shrink_to_fit();
  auto state = std::make_shared<State>();
  state->path = bigwig;
  state->bytes = *memory;
  state->owner = memory;
  if (const std::string fault = detail::read_tables(state->bytes, source, false, state->tables); !fault.empty())
    throw InternalError(format("{}: the packed track is wrong: {}", bigwig.string(), fault));
  log_debug("{}: packed into {:.1f} MB of memory", bigwig.string(), megabytes(state->bytes.size()));
  return PackedTrack(std::move(state));
}

PackedTrack PackedTrack::keep(const fs::path& bigwig, const fs::path& folder) {
  const std::string source = sha256_file(bigwig);
  const fs::path file = folder / (source + ".track");
  remove_dead_temporaries(file);  // as large as what a killed process had packed
  auto state = std::make_shared<State>();
  state->path = bigwig;
  std::shared_ptr<const Mapping> mapping = map_kept(file, source, state->tables);
  if (!mapping) {
    const BigWigReader reader(bigwig);
    try {
      build(reader, source, file);
    } catch (const DataError& error) {
      // A damaged bigWig is no fault of the folder: packing it again names it.
      log_warning("{}; the track stays in memory", error.what());
      return pack(bigwig);
    }
    mapping = map_kept(file, source, state->tables);
    if (!mapping) return pack(bigwig);
    log_info("{}: packed into {:.1f} MB for quick reading, kept as {}", bigwig.string(), megabytes(mapping->bytes().size()), file.string());
  }
  state->bytes = mapping->bytes();
  state->owner = std::move(mapping);
  return PackedTrack(std::move(state));
}

const fs::path& PackedTrack::path() const { return state_->path; }
const TrackChromosomes& PackedTrack::chromosomes() const { return state_->tables.chromosomes; }
std::int64_t PackedTrack::bytes() const { return static_cast<std::int64_t>(state_->bytes.size()); }

void PackedTrack::values(std::size_t chromosome, std::int64_t start, std::span<float> out, float missing) const {
  const State& s = *state_;
  if (chromosome >= s.tables.chromosomes.size())
    throw ArgumentError(format("{}: no chromosome number {} among {}", s.path.string(), chromosome, s.tables.chromosomes.size()));
  const auto& [name, length] = s.tables.chromosomes[chromosome];
  const auto size = static_cast<std::int64_t>(out.size());
  if (start < 0 || size > length - start)
    throw DataError(format("{}: interval {}:{}-{} is not inside the chromosome, which has {} bases in this file", s.path.string(), name,
                           start, start + size, length));
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
