#include "basewise/io/bigwig.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <unordered_set>

#include <zlib.h>

#include "basewise/core/options.h"
#include "basewise/core/some_of.h"
#include "basewise/io/detail/bigwig_state.h"
#include "basewise/io/detail/fill.h"

namespace basewise::io {

using namespace detail;

namespace {

// A section holds at most 65,535 items of 12 bytes: nothing larger is inflated,
// whatever a damaged header asks for.
constexpr std::uint64_t kLargestSection = kSectionHeaderBytes + 65535 * 12;
constexpr int kDeepestTree = 64;

BigWigHeader read_header(const PositionedFile& file) {
  if (file.size() < kHeaderBytes)
    file.fail(format("is no bigWig: it has {} bytes, and the header alone has {}; it is truncated", file.size(), kHeaderBytes));
  const std::string bytes = file.read(0, kHeaderBytes, "the header");
  const auto magic = get<std::uint32_t>(bytes.data());
  if (magic == kBigBedMagic) file.fail("is a bigBed file, not a bigWig; convert it with bigBedToBed");
  if (magic == __builtin_bswap32(kBigWigMagic))
    file.fail("is a bigWig with big-endian numbers, which are not supported; write it anew on this machine");
  if (magic != kBigWigMagic) file.fail(format("is no bigWig: it starts with {:08x}, not with {:08x}", magic, kBigWigMagic));
  const auto version = get<std::uint16_t>(bytes.data() + 4);
  if (version < 1 || version > 4) file.fail(format("has bigWig version {}; versions 1 to 4 are known", version));
  BigWigHeader header;
  header.zoom_count = get<std::uint16_t>(bytes.data() + 6);
  header.chromosome_tree = get<std::uint64_t>(bytes.data() + 8);
  header.data = get<std::uint64_t>(bytes.data() + 16);
  header.index = get<std::uint64_t>(bytes.data() + 24);
  header.summary = get<std::uint64_t>(bytes.data() + 44);
  header.buffer_size = get<std::uint32_t>(bytes.data() + 52);
  return header;
}

std::vector<std::int64_t> read_zoom_headers(const PositionedFile& file, const BigWigHeader& header) {
  const std::string bytes = file.read(kHeaderBytes, header.zoom_count * kZoomHeaderBytes, "the table of zoom levels");
  std::vector<std::int64_t> levels;
  for (std::size_t i = 0; i < header.zoom_count; ++i) {
    const char* entry = bytes.data() + i * kZoomHeaderBytes;
    const auto reduction = get<std::uint32_t>(entry);
    const auto index = get<std::uint64_t>(entry + 16);
    // Files exist whose table has unused entries at its end.
    if (reduction == 0 && index == 0) continue;
    if (get<std::uint32_t>(file.read(index, 4, format("the index of zoom level {}", i)).data()) != kIndexMagic)
      file.fail(format("zoom level {} ({} bases) has no index at byte {}; the file is damaged", i, reduction, index));
    levels.push_back(reduction);
  }
  return levels;
}

// Visits the nodes of one of the two trees of the format, each once;
// a node seen twice means a loop.
class TreeWalk {
 public:
  TreeWalk(const PositionedFile& file, std::string what, std::uint64_t root) : file_(file), what_(std::move(what)) { push(root, 0); }

  bool next() {
    if (open_.empty()) return false;
    const auto [offset, depth] = open_.back();
    open_.pop_back();
    offset_ = offset;
    depth_ = depth;
    const std::string head = file_.read(offset, kNodeHeaderBytes, "a node of " + what_);
    const auto kind = get<std::uint8_t>(head.data());
    if (kind > 1) file_.fail(format("a node of {} at byte {} has kind {}, not 0 or 1; the file is damaged", what_, offset, kind));
    leaf_ = kind == 1;
    count_ = get<std::uint16_t>(head.data() + 2);
    return true;
  }
  bool leaf() const { return leaf_; }
  std::size_t count() const { return count_; }
  std::uint64_t offset() const { return offset_; }
  std::string items(std::uint64_t item_size) const {
    return file_.read(offset_ + kNodeHeaderBytes, count_ * item_size, "a node of " + what_);
  }
  // Children are pushed last first, so that the walk goes from left to right.
  void push_child(std::uint64_t offset) { push(offset, depth_ + 1); }

 private:
  void push(std::uint64_t offset, int depth) {
    if (depth > kDeepestTree || !seen_.insert(offset).second)
      file_.fail(format("{} runs in a circle at byte {}; the file is damaged", what_, offset));
    open_.emplace_back(offset, depth);
  }

  const PositionedFile& file_;
  std::string what_;
  std::vector<std::pair<std::uint64_t, int>> open_;
  std::unordered_set<std::uint64_t> seen_;
  std::uint64_t offset_ = 0;
  int depth_ = 0;
  bool leaf_ = false;
  std::size_t count_ = 0;
};

struct Chromosome {
  std::string name;
  std::uint32_t id = 0;
  std::uint32_t length = 0;
};

std::vector<Chromosome> read_chromosomes(const PositionedFile& file, std::uint64_t offset) {
  const std::string head = file.read(offset, kChromosomeTreeHeaderBytes, "the chromosome tree");
  if (get<std::uint32_t>(head.data()) != kChromosomeTreeMagic)
    file.fail(format("has no chromosome tree at byte {}; the file is damaged or was not closed by its writer", offset));
  const auto key_size = get<std::uint32_t>(head.data() + 8);
  const auto value_size = get<std::uint32_t>(head.data() + 12);
  const auto item_count = get<std::uint64_t>(head.data() + 16);
  if (key_size == 0 || key_size > 4096 || value_size != 8)
    file.fail(format("chromosome tree has names of {} bytes and values of {} bytes; 1 to 4096 and 8 were expected", key_size, value_size));
  std::vector<Chromosome> found;
  TreeWalk walk(file, "the chromosome tree", offset + kChromosomeTreeHeaderBytes);
  while (walk.next()) {
    const std::string items = walk.items(key_size + 8);
    for (std::size_t i = walk.count(); i-- > 0;) {
      const char* item = items.data() + i * (key_size + 8);
      if (!walk.leaf()) {
        walk.push_child(get<std::uint64_t>(item + key_size));
        continue;
      }
      Chromosome chromosome{std::string(item, ::strnlen(item, key_size)), get<std::uint32_t>(item + key_size),
                            get<std::uint32_t>(item + key_size + 4)};
      if (chromosome.name.empty()) file.fail(format("chromosome {} has no name; the file is damaged", chromosome.id));
      found.push_back(std::move(chromosome));
    }
  }
  if (found.size() != item_count)
    file.fail(format("chromosome tree has {} names, but its header says {}; the file is damaged", found.size(), item_count));
  std::sort(found.begin(), found.end(), [](const Chromosome& a, const Chromosome& b) { return a.id < b.id; });
  return found;
}

std::vector<Block> read_index(const PositionedFile& file, std::uint64_t offset) {
  const std::string head = file.read(offset, kIndexHeaderBytes, "the index");
  if (get<std::uint32_t>(head.data()) != kIndexMagic)
    file.fail(format("has no index at byte {}; the file is damaged or was not closed by its writer", offset));
  std::vector<Block> blocks;
  if (get<std::uint64_t>(head.data() + 8) == 0) return blocks;
  TreeWalk walk(file, "the index", offset + kIndexHeaderBytes);
  while (walk.next()) {
    const std::uint64_t item_size = walk.leaf() ? kIndexLeafBytes : kIndexInnerBytes;
    const std::string items = walk.items(item_size);
    for (std::size_t i = walk.count(); i-- > 0;) {
      const char* item = items.data() + i * item_size;
      if (!walk.leaf()) {
        walk.push_child(get<std::uint64_t>(item + 16));
        continue;
      }
      if (get<std::uint32_t>(item) != get<std::uint32_t>(item + 8))
        file.fail(format("index entry at byte {} covers several chromosomes, which no block of a bigWig does; the file is damaged",
                         walk.offset()));
      blocks.push_back({get<std::uint32_t>(item), get<std::uint32_t>(item + 4), get<std::uint32_t>(item + 12),
                        get<std::uint64_t>(item + 16), get<std::uint64_t>(item + 24)});
    }
  }
  return blocks;
}

// libBigWig writes no index where there are no data: a count of 0 and the magic number end the
// file. Where anything else follows, the file was not closed by its writer.
bool has_no_data(const PositionedFile& file, const BigWigHeader& header) {
  constexpr std::uint64_t kCountBytes = 8, kMagicBytes = 4;
  if (header.index != 0 || header.data < kHeaderBytes || file.size() < kCountBytes + kMagicBytes ||
      header.data != file.size() - kCountBytes - kMagicBytes)
    return false;
  const std::string end = file.read(header.data, kCountBytes + kMagicBytes, "the number of data blocks");
  return get<std::uint64_t>(end.data()) == 0 && get<std::uint32_t>(end.data() + kCountBytes) == kBigWigMagic;
}

}  // namespace

void BigWigReader::State::read_names() {
  for (Chromosome& chromosome : read_chromosomes(file, header.chromosome_tree)) {
    if (!chromosomes.empty() && by_name.at(chromosomes.back().first).id == chromosome.id)
      file.fail(format("chromosomes '{}' and '{}' both have number {}; the file is damaged", chromosomes.back().first, chromosome.name,
                       chromosome.id));
    if (!by_name.emplace(chromosome.name, Entry{chromosome.id, chromosome.length, 0, 0}).second)
      file.fail(format("chromosome '{}' is there twice; the file is damaged", chromosome.name));
    chromosomes.emplace_back(std::move(chromosome.name), chromosome.length);
  }
}

void BigWigReader::State::read_blocks() {
  if (!has_no_data(file, header)) blocks = read_index(file, header.index);
  std::stable_sort(blocks.begin(), blocks.end(), [](const Block& a, const Block& b) {
    return a.chromosome != b.chromosome ? a.chromosome < b.chromosome : a.start < b.start;
  });
  reach.resize(blocks.size());
  std::size_t next = 0;
  for (const auto& [chromosome, length] : chromosomes) {
    Entry& entry = by_name.find(chromosome)->second;
    entry.first = next;
    std::uint32_t far = 0;
    for (; next < blocks.size() && blocks[next].chromosome == entry.id; ++next) {
      const Block& block = blocks[next];
      if (block.start >= block.end || block.start >= length)
        file.fail(format("index places a block at {}:{}-{}, but the chromosome has {} bases; the file is damaged", chromosome, block.start,
                         block.end, length));
      if (block.size == 0 || block.offset > file.size() || block.size > file.size() - block.offset)
        file.fail(format("block of {}:{}-{} lies at bytes {} to {}, but the file ends at byte {}; it is truncated or damaged", chromosome,
                         block.start, block.end, block.offset, block.offset + block.size, file.size()));
      far = std::max(far, block.end);
      reach[next] = far;
    }
    entry.last = next;
  }
  // Chromosomes are visited by rising number, so that anything left over has a number that no
  // chromosome has.
  if (next != blocks.size())
    file.fail(
        format("index names chromosome number {}, which the chromosome tree does not have; the file is damaged", blocks[next].chromosome));
}

void BigWigReader::State::read_total() {
  total = {0, kMissing, kMissing, kMissing, 0};
  if (header.summary == 0) return;
  const std::string bytes = file.read(header.summary, kSummaryBytes, "the summary");
  const auto covered = get<std::uint64_t>(bytes.data());
  if (covered == 0) return;
  const auto sum = get<double>(bytes.data() + 24);
  total = {static_cast<std::int64_t>(covered), sum / static_cast<double>(covered), get<double>(bytes.data() + 8),
           get<double>(bytes.data() + 16), sum};
}

const BigWigReader::State::Entry& BigWigReader::State::find(std::string_view chromosome) const {
  const auto at = by_name.find(chromosome);
  if (at != by_name.end()) return at->second;
  std::vector<std::string> names;
  for (const auto& [name, length] : chromosomes) names.push_back(name);
  const auto near = nearest(chromosome, names);
  const std::string there = near ? format("did you mean '{}'?", *near) : format("it has {}", some_of(names, "", 8));
  file.fail(format("has no chromosome '{}'; {}", chromosome, there));
}

const BigWigReader::State::Entry& BigWigReader::State::find(std::string_view chromosome, std::int64_t start, std::int64_t end) const {
  const Entry& entry = find(chromosome);
  if (start < 0 || end < start || end > entry.length)
    file.fail(
        format("interval {}:{}-{} is not inside the chromosome, which has {} bases in this file", chromosome, start, end, entry.length));
  return entry;
}

std::pair<std::size_t, std::size_t> BigWigReader::State::blocks_of(const Entry& entry, std::int64_t start, std::int64_t end) const {
  const auto all = std::span(reach).subspan(entry.first, entry.last - entry.first);
  const auto first = static_cast<std::size_t>(std::upper_bound(all.begin(), all.end(), start) - all.begin()) + entry.first;
  const auto from = blocks.begin() + static_cast<std::ptrdiff_t>(first);
  const auto last = std::partition_point(from, blocks.begin() + static_cast<std::ptrdiff_t>(entry.last),
                                         [end](const Block& block) { return block.start < end; });
  return {first, static_cast<std::size_t>(last - blocks.begin())};
}

std::span<const char> BigWigReader::State::load(const Block& block, BlockMemory& memory, std::string_view chromosome) const {
  memory.stored.resize(block.size);
  file.read(block.offset, std::span<char>(memory.stored), "a data block");
  if (header.buffer_size == 0) return memory.stored;
  memory.inflated.resize(std::min<std::uint64_t>(header.buffer_size, kLargestSection));
  if (const auto size = memory.inflater.zlib(memory.stored, memory.inflated); size >= 0)
    return std::span(memory.inflated).first(static_cast<std::size_t>(size));
  // Once more with the library that tells what is wrong.
  auto size = static_cast<uLongf>(memory.inflated.size());
  const int status = ::uncompress(reinterpret_cast<Bytef*>(memory.inflated.data()), &size,
                                  reinterpret_cast<const Bytef*>(memory.stored.data()), memory.stored.size());
  if (status != Z_OK)
    file.fail(format("block of {}:{}-{} at byte {} cannot be inflated ({}); the file is damaged", chromosome, block.start, block.end,
                     block.offset, status == Z_BUF_ERROR ? "too long or cut short" : "wrong bytes"));
  return std::span(memory.inflated).first(size);
}

BigWigReader::BigWigReader(const std::filesystem::path& path) : state_(std::make_unique<State>(path)) {
  state_->header = read_header(state_->file);
  state_->zooms = read_zoom_headers(state_->file, state_->header);
  state_->read_names();
  state_->read_blocks();
  state_->read_total();
}
BigWigReader::~BigWigReader() = default;
BigWigReader::BigWigReader(BigWigReader&&) noexcept = default;
BigWigReader& BigWigReader::operator=(BigWigReader&&) noexcept = default;

const std::filesystem::path& BigWigReader::path() const { return state_->file.path(); }
const TrackChromosomes& BigWigReader::chromosomes() const { return state_->chromosomes; }
bool BigWigReader::contains(std::string_view chromosome) const { return state_->by_name.contains(chromosome); }
std::int64_t BigWigReader::length(std::string_view chromosome) const { return state_->find(chromosome).length; }
TrackSummary BigWigReader::total() const { return state_->total; }
std::vector<std::int64_t> BigWigReader::zoom_levels() const { return state_->zooms; }

std::vector<float> BigWigReader::values(std::string_view chromosome, std::int64_t start, std::int64_t end, float missing) const {
  state_->find(chromosome, start, end);  // before the allocation
  std::vector<float> out(static_cast<std::size_t>(end - start));
  values(chromosome, start, out, missing);
  return out;
}

void BigWigReader::values(std::string_view chromosome, std::int64_t start, std::span<float> out, float missing) const {
  fill_floats(out, missing);
  state_->for_each(chromosome, start, start + static_cast<std::int64_t>(out.size()), [&](std::int64_t from, std::int64_t to, float value) {
    fill_floats(out.subspan(static_cast<std::size_t>(from - start), static_cast<std::size_t>(to - from)), value);
  });
}

bool BigWigReader::may_have_values(std::string_view chromosome, std::int64_t start, std::int64_t end) const {
  const State::Entry& entry = state_->find(chromosome, start, end);
  const auto [first, last] = state_->blocks_of(entry, start, end);
  return first < last;
}

std::vector<TrackInterval> BigWigReader::intervals(std::string_view chromosome, std::int64_t start, std::int64_t end) const {
  std::vector<TrackInterval> found;
  state_->for_each(chromosome, start, end, [&](std::int64_t from, std::int64_t to, float value) { found.push_back({from, to, value}); });
  return found;
}

TrackSummary BigWigReader::summary(std::string_view chromosome, std::int64_t start, std::int64_t end) const {
  TrackSummary summary{0, kMissing, std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity(), 0};
  state_->for_each(chromosome, start, end, [&](std::int64_t from, std::int64_t to, float value) {
    summary.covered += to - from;
    summary.sum += static_cast<double>(value) * static_cast<double>(to - from);
    summary.minimum = std::min<double>(summary.minimum, value);
    summary.maximum = std::max<double>(summary.maximum, value);
  });
  if (summary.covered == 0) return {0, kMissing, kMissing, kMissing, 0};
  summary.mean = summary.sum / static_cast<double>(summary.covered);
  return summary;
}

}  // namespace basewise::io
