#include "basewise/io/fasta_index.h"

#include <algorithm>
#include <cstring>
#include <iterator>
#include <mutex>
#include <optional>

#include <htslib/bgzf.h>
#include <htslib/hts_log.h>

#include "basewise/core/files.h"
#include "basewise/io/detail/bgzf.h"
#include "basewise/io/detail/bytes.h"
#include "basewise/io/detail/fai.h"
#include "basewise/seq/reverse_complement.h"

namespace basewise::io {
namespace {

namespace fs = std::filesystem;

struct CloseBgzf {
  void operator()(BGZF* file) const { bgzf_close(file); }
};
using BgzfPtr = std::unique_ptr<BGZF, CloseBgzf>;

BgzfPtr open_fasta(const fs::path& path) {
  // htslib would print; our errors are exceptions.
  hts_set_log_level(HTS_LOG_OFF);
  std::error_code code;
  if (fs::is_directory(path, code)) throw DataError(format("{}: is a folder; expected a FASTA file", path.string()));
  BgzfPtr file(bgzf_open(path.c_str(), "r"));
  if (!file) throw DataError(format("{}: cannot open: {}", path.string(), std::generic_category().message(errno)));
  if (bgzf_compression(file.get()) == 1) {  // gzip
    throw DataError(
        format("{}: is compressed by gzip, which allows no random access; compress it with bgzip, or load it whole", path.string()));
  }
  return file;
}

bool is_fresh(const fs::path& index, const fs::path& file) {
  std::error_code code;
  const auto index_time = fs::last_write_time(index, code);
  return !code && index_time >= fs::last_write_time(file, code) && !code;
}

}  // namespace

struct IndexedFasta::State {
  fs::path path;
  BgzfPtr file;
  std::vector<detail::FaiEntry> entries;
  std::vector<detail::BgzfBlock> blocks;  // of bgzip
  std::int64_t size = 0;                  // of the file, inflated
  std::vector<bool> checked;
  seq::ChromSizes sizes;
  bool built = false;
  std::optional<detail::PositionedFile> plain;  // the same file, for readers without a lock
  std::mutex mutex;

  void open();
  void load_or_build();
  void check_places() const;
  void write_beside() const;
  void seek(std::int64_t offset);
  std::string read_bytes(std::int64_t offset, std::int64_t count);
  void check_header(std::size_t i);
  void check_end(const detail::FaiEntry& e);
  std::string read_bases(std::size_t i, std::int64_t start, std::int64_t end);
  void read_plain(std::size_t i, std::int64_t start, std::span<seq::Token> tokens) const;
  [[noreturn]] void fail(std::size_t i, std::int64_t start, std::int64_t end, std::string_view why) const;
};

void IndexedFasta::State::open() {
  file = open_fasta(path);
  const detail::PositionedFile bytes(path);
  size = static_cast<std::int64_t>(bytes.size());
  if (bgzf_compression(file.get()) == 0) return;
  blocks = detail::bgzf_blocks(bytes);
  size = blocks.empty() ? 0 : static_cast<std::int64_t>(blocks.back().start + blocks.back().length);
  if (blocks.empty() || blocks.back().length > 0) detail::warn_of_bgzf_end(path.string());
}

void IndexedFasta::State::load_or_build() {
  const fs::path fai = path.string() + ".fai";
  const fs::path gzi = path.string() + ".gzi";
  const bool compressed = bgzf_compression(file.get()) == 2;
  if (is_fresh(fai, path) && (!compressed || is_fresh(gzi, path))) {
    entries = detail::read_fai(fai);
    if (compressed) detail::check_gzi(gzi, blocks, fs::file_size(path));
    check_places();
    return;
  }
  if (compressed && bgzf_index_build_init(file.get()) != 0) throw InternalError("htslib: bgzf_index_build_init failed");
  const auto read = [this](std::span<char> to) -> std::int64_t { return bgzf_read(file.get(), to.data(), to.size()); };
  entries = detail::build_fai(read, path.string());
  built = true;
}

void IndexedFasta::State::write_beside() const {
  try {
    if (bgzf_compression(file.get()) == 2) {
      AtomicFile gzi(path.string() + ".gzi");
      if (bgzf_index_dump(file.get(), gzi.temporary().c_str(), nullptr) != 0) return;
      gzi.commit();
    }
    write_file(path.string() + ".fai", detail::fai_text(entries));
  } catch (const DataError&) {
    return;  // a folder that cannot be written: the index in memory is as good
  }
}

// Whether all records lie in the file.
void IndexedFasta::State::check_places() const {
  for (const detail::FaiEntry& e : entries) {
    const std::int64_t end = e.length > 0 ? e.byte_of(e.length - 1) + 1 : e.offset;
    if (end > size)
      throw DataError(format("{0}: the index {0}.fai does not fit the file: '{1}' would end at byte {2}, behind the {3} bytes of the file; "
                             "delete the index, it will be built anew",
                             path.string(), e.name, end, size));
  }
}

// Blocks are found by their own table: an index of other software is not trusted with memory.
void IndexedFasta::State::seek(std::int64_t offset) {
  bool there = offset >= 0 && offset <= size;
  if (there && blocks.empty()) {
    there = bgzf_useek(file.get(), offset, SEEK_SET) == 0;
  } else if (there) {
    const auto behind = std::upper_bound(blocks.begin(), blocks.end(), static_cast<std::uint64_t>(offset),
                                         [](std::uint64_t at, const detail::BgzfBlock& block) { return at < block.start; });
    const detail::BgzfBlock& block = *std::prev(behind);
    const auto within = std::min(static_cast<std::uint64_t>(offset) - block.start, std::uint64_t{0xffff});
    there = bgzf_seek(file.get(), static_cast<std::int64_t>(block.at << 16 | within), SEEK_SET) == 0;
  }
  if (!there) throw DataError(format("{}: byte {} cannot be reached; the index does not fit", path.string(), offset));
}

std::string IndexedFasta::State::read_bytes(std::int64_t offset, std::int64_t count) {
  if (offset < 0 || count < 0 || offset > size || count > size - offset)
    throw DataError(format("{}: {} bytes from byte {} on lie outside of its {} bytes; the index does not fit", path.string(), count, offset,
                           size));
  if (count == 0) return {};
  seek(offset);
  std::string bytes(static_cast<std::size_t>(count), '\0');
  const auto got = bgzf_read(file.get(), bytes.data(), bytes.size());
  bytes.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
  return bytes;
}

// A length that is too small would hide bases without any sign: behind the last one comes the next
// header, or the end of the file.
void IndexedFasta::State::check_end(const detail::FaiEntry& e) {
  constexpr std::int64_t kEnough = 64;
  const std::int64_t at = e.length > 0 ? e.byte_of(e.length - 1) + 1 : e.offset;
  const std::string behind = read_bytes(at, std::min(kEnough, size - at));
  const auto next = behind.find_first_not_of("\r\n");
  if (next == std::string::npos || behind[next] == '>') return;
  throw DataError(format("{0}: the index {0}.fai does not fit the file (sequence '{1}' goes on behind the {2} bases of the index); "
                         "delete the index, it will be built anew",
                         path.string(), e.name, e.length));
}

// An index of another version of the file would give wrong bases without any sign: the header
// before the record must carry its name.
void IndexedFasta::State::check_header(std::size_t i) {
  if (built || checked[i]) return;
  const detail::FaiEntry& e = entries[i];
  constexpr std::int64_t kLongestHeader = 65536;
  const std::int64_t back = std::min(e.offset, std::min(kLongestHeader, static_cast<std::int64_t>(e.name.size()) + 1024));
  std::string before = read_bytes(e.offset - back, back);
  const bool ends = !before.empty() && before.back() == '\n';
  if (ends) before.pop_back();
  std::string_view line(before);
  line.remove_prefix(line.rfind('\n') == std::string_view::npos ? 0 : line.rfind('\n') + 1);
  const bool whole = line.size() < before.size() || back == e.offset;  // else the header is longer than what was read
  const std::string_view name = line.empty() ? line : line.substr(1, line.find_first_of(" \t\r") - 1);
  if (!ends || (whole && (line.empty() || line.front() != '>' || name != e.name))) {
    throw DataError(
        format("{}: the index {}.fai does not fit the file (no header '>{}' where it should be); delete the index, it will be built anew",
               path.string(), path.string(), e.name));
  }
  check_end(e);
  checked[i] = true;
}

std::string IndexedFasta::State::read_bases(std::size_t i, std::int64_t start, std::int64_t end) {
  if (start >= end) return {};
  check_header(i);
  const detail::FaiEntry& e = entries[i];
  const std::int64_t first = e.byte_of(start);
  std::string bytes = read_bytes(first, e.byte_of(end - 1) + 1 - first);
  std::erase_if(bytes, [](char c) { return c == '\n' || c == '\r'; });
  const auto bad = seq::find_invalid(bytes, seq::Ambiguity::as_n);
  if (static_cast<std::int64_t>(bytes.size()) != end - start || bad >= 0) {
    fail(i, start, end, bad >= 0 ? "letters that are no nucleotides" : "the file ends before");
  }
  return bytes;
}

void IndexedFasta::State::fail(std::size_t i, std::int64_t start, std::int64_t end, std::string_view why) const {
  throw DataError(format("{}: {}:{}-{} cannot be read: {}; the file is damaged, or its index (.fai) belongs to another file", path.string(),
                         entries[i].name, start + 1, end, why));
}

// Lines are put side by side by their width alone; a line end where a base should be is no
// nucleotide and is found out.
void IndexedFasta::State::read_plain(std::size_t i, std::int64_t start, std::span<seq::Token> tokens) const {
  const detail::FaiEntry& e = entries[i];
  const std::int64_t end = start + static_cast<std::int64_t>(tokens.size());
  const std::int64_t first = e.byte_of(start);
  const std::int64_t stop = e.byte_of(end - 1) + 1;
  if (stop > static_cast<std::int64_t>(plain->size())) fail(i, start, end, "the file ends before");
  std::string bytes = plain->read(static_cast<std::uint64_t>(first), static_cast<std::uint64_t>(stop - first), "a sequence");
  char* to = bytes.data();
  const char* from = bytes.data();
  for (std::int64_t at = start; at < end;) {
    const std::int64_t count = std::min(end - at, e.line_bases - at % e.line_bases);
    std::memmove(to, from, static_cast<std::size_t>(count));
    to += count;
    at += count;
    from += count + (e.line_bytes - e.line_bases);
  }
  try {
    seq::encode(std::string_view(bytes).substr(0, tokens.size()), tokens, seq::Ambiguity::as_n);
  } catch (const DataError&) {
    fail(i, start, end, "letters that are no nucleotides");
  }
}

IndexedFasta::IndexedFasta(const std::filesystem::path& path, WriteIndex write) : state_(std::make_unique<State>()) {
  State& s = *state_;
  s.path = path;
  s.open();
  s.load_or_build();
  s.checked.assign(s.entries.size(), false);
  if (bgzf_compression(s.file.get()) == 0) s.plain.emplace(path);
  s.sizes.set_source(path.string());
  for (const detail::FaiEntry& e : s.entries) s.sizes.add(seq::Chrom{e.name, e.length, false});
  if (s.built && write == WriteIndex::beside) s.write_beside();
  if (s.built) s.file = open_fasta(path);  // the reader that made the index would go on adding to it
}

IndexedFasta::~IndexedFasta() = default;
IndexedFasta::IndexedFasta(IndexedFasta&&) noexcept = default;

const seq::ChromSizes& IndexedFasta::sizes() const { return state_->sizes; }
seq::ChromSizes& IndexedFasta::sizes() { return state_->sizes; }
bool IndexedFasta::compressed() const { return !state_->plain; }
bool IndexedFasta::index_was_built() const { return state_->built; }

void IndexedFasta::read(std::size_t i, std::int64_t start, std::span<seq::Token> tokens) const {
  State& s = *state_;
  const auto length = static_cast<std::int64_t>(tokens.size());
  if (i >= s.entries.size()) throw ArgumentError(format("{}: no sequence number {} among {}", s.path.string(), i, s.entries.size()));
  const seq::Chrom& chrom = s.sizes[i];
  s.sizes.check({chrom.name, start, start + length, seq::Strand::none}, "the request");
  const std::int64_t before = std::min(length, chrom.length - start);  // the origin of a circle
  const auto piece = [&](std::int64_t from, std::span<seq::Token> out) {
    if (out.empty()) return;
    if (s.plain) return s.read_plain(i, from, out);
    const std::lock_guard lock(s.mutex);
    seq::encode(s.read_bases(i, from, from + static_cast<std::int64_t>(out.size())), out, seq::Ambiguity::as_n);
  };
  if (s.plain && !s.built) {
    const std::lock_guard lock(s.mutex);
    s.check_header(i);
  }
  piece(start, tokens.first(static_cast<std::size_t>(before)));
  piece(0, tokens.subspan(static_cast<std::size_t>(before)));
}

std::string IndexedFasta::fetch(const seq::Interval& interval) const {
  State& s = *state_;
  const std::size_t i = s.sizes.index(interval.chrom, "the request");
  s.sizes.check(interval, "the request");
  const std::int64_t length = s.sizes[i].length;
  std::string bases;
  {
    const std::lock_guard lock(s.mutex);
    bases = s.read_bases(i, interval.start, std::min(interval.end, length));
    if (interval.end > length) bases += s.read_bases(i, 0, interval.end - length);
  }
  return interval.strand == seq::Strand::reverse ? seq::reverse_complement(bases) : bases;
}

}  // namespace basewise::io
