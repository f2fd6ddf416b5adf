#include "basewise/io/bigwig_writer.h"

#include <algorithm>
#include <cmath>
#include <map>

#include <zlib.h>

#include "basewise/core/files.h"
#include "basewise/core/options.h"
#include "basewise/core/parallel.h"
#include "basewise/core/printable.h"
#include "basewise/io/detail/bigwig_format.h"
#include "basewise/io/detail/bigwig_tree.h"
#include "basewise/io/detail/bigwig_zoom.h"
#include "basewise/io/detail/bytes.h"

namespace basewise::io {

using namespace detail;

namespace {

constexpr std::size_t kItemsPerBlock = 2048;  // 8 kB of values: a window of a few kb touches one or two blocks
constexpr std::size_t kZoomItemsPerBlock = 512;
constexpr std::size_t kBlocksAtOnce = 64;           // deflated in parallel, then written in order
constexpr std::size_t kMostZoomRecords = 1u << 21;  // of the finest level, about 100 MB; beyond it the bins get longer
constexpr std::uint32_t kFinestZoom = 64;

struct Item {
  std::uint32_t start = 0;
  std::uint32_t end = 0;
  float value = 0;
};

// Raw bytes of a block that waits for its turn.
struct Section {
  Block place;
  std::string bytes;
};

// Items of one chromosome in the smallest of the three forms that fits them.
std::string section_bytes(std::uint32_t chromosome, const std::vector<Item>& items) {
  const std::uint32_t span = items.front().end - items.front().start;
  const std::uint32_t step = items.size() > 1 ? items[1].start - items[0].start : span;
  bool even_span = true, even_step = true;
  for (std::size_t i = 0; i < items.size(); ++i) {
    even_span = even_span && items[i].end - items[i].start == span;
    even_step = even_step && (i == 0 || items[i].start - items[i - 1].start == step);
  }
  const SectionType type = !even_span ? SectionType::intervals : even_step ? SectionType::fixed_step : SectionType::variable_step;
  std::string out;
  out.reserve(kSectionHeaderBytes + items.size() * item_bytes(type));
  put(out, chromosome);
  put(out, items.front().start);
  put(out, items.back().end);
  put<std::uint32_t>(out, type == SectionType::fixed_step ? step : 0);
  put<std::uint32_t>(out, type == SectionType::intervals ? 0 : span);
  put(out, static_cast<std::uint8_t>(type));
  put<std::uint8_t>(out, 0);
  put(out, static_cast<std::uint16_t>(items.size()));
  for (const Item& item : items) {
    if (type != SectionType::fixed_step) put(out, item.start);
    if (type == SectionType::intervals) put(out, item.end);
    put(out, item.value);
  }
  return out;
}

std::string deflated(const std::string& bytes) {
  uLongf size = ::compressBound(bytes.size());
  std::string out(size, '\0');
  if (::compress(reinterpret_cast<Bytef*>(out.data()), &size, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()) != Z_OK)
    throw InternalError("zlib could not deflate a block");
  out.resize(size);
  return out;
}

struct Total {
  std::uint64_t covered = 0;
  double minimum = 0;
  double maximum = 0;
  double sum = 0;
  double sum_of_squares = 0;
};

}  // namespace

struct BigWigWriter::State {
  State(const std::filesystem::path& target, TrackChromosomes list, BigWigOptions chosen)
      : path(target), chromosomes(std::move(list)), options(chosen), file(target) {}

  std::filesystem::path path;
  TrackChromosomes chromosomes;
  BigWigOptions options;
  AtomicFile file;
  bool closed = false;
  std::uint64_t position = 0;
  std::map<std::string, std::uint32_t, std::less<>> by_name;
  std::vector<std::uint32_t> lengths;
  std::uint64_t tree_offset = 0;
  std::uint64_t data_offset = 0;

  std::uint32_t chromosome = 0;  // the current one
  std::int64_t reached = 0;      // where its data end so far
  std::vector<Item> items;
  std::vector<Section> waiting;
  std::vector<Block> blocks;
  ZoomLevel zoom;
  Total total;
  std::size_t buffer_size = 0;

  [[noreturn]] void refuse(const std::string& message) const { throw ArgumentError(format("{}: {}", path.string(), message)); }
  void check_chromosomes();
  void begin_file();
  void write(std::string_view bytes);
  std::int64_t enter(std::string_view name);
  void add(std::int64_t start, std::int64_t end, float value);
  void end_block();
  void write_waiting(std::vector<Block>& into);
  void count(const Item& item);
  std::uint64_t write_index(const std::vector<Block>& of, std::size_t items_per_block);
  std::string write_zooms();
  void finish();
};

void BigWigWriter::State::check_chromosomes() {
  if (chromosomes.empty()) refuse("a bigWig needs at least one chromosome");
  for (const auto& [name, length] : chromosomes) {
    if (name.empty() || name.size() > 255 || name.find('\0') != std::string::npos)
      refuse(format("chromosome name '{}' is not a text of 1 to 255 bytes", shortened(name, 60)));
    if (length < 1 || length > 0xffffffffLL) refuse(format("chromosome '{}' has length {}; 1 to 4294967295 can be stored", name, length));
    if (!by_name.emplace(name, static_cast<std::uint32_t>(lengths.size())).second) refuse(format("chromosome '{}' is named twice", name));
    lengths.push_back(static_cast<std::uint32_t>(length));
  }
  if (options.zoom_levels < 0 || options.zoom_levels > 20) refuse(format("zoom_levels is {}; 0 to 20 are possible", options.zoom_levels));
}

// The header is written last; until then its place holds zeros, so that a file cut off is no
// bigWig.
void BigWigWriter::State::begin_file() {
  const std::uint64_t zoom_table = kZoomHeaderBytes * static_cast<std::uint64_t>(options.zoom_levels);
  tree_offset = kHeaderBytes + zoom_table + kSummaryBytes;
  write(std::string(tree_offset, '\0'));
  write(chromosome_tree(chromosomes, tree_offset));
  data_offset = position;
  write(std::string(8, '\0'));
}

void BigWigWriter::State::write(std::string_view bytes) {
  if (!file.stream().write(bytes.data(), static_cast<std::streamsize>(bytes.size())))
    throw DataError(format("{}: cannot be written at byte {}; is the disk full?", path.string(), position));
  position += bytes.size();
}

std::int64_t BigWigWriter::State::enter(std::string_view name) {
  if (closed) refuse("is closed; nothing can be added");
  const auto at = by_name.find(name);
  if (at == by_name.end()) {
    std::vector<std::string> names;
    for (const auto& [known, id] : by_name) names.push_back(known);
    const auto near = nearest(name, names);
    refuse(format("chromosome '{}' is not among the {} that the file was opened with{}", name, names.size(),
                  near ? format("; did you mean '{}'?", *near) : ""));
  }
  if (at->second < chromosome)
    refuse(format("data of chromosome '{}' come after those of '{}'; give them in the order of the chromosomes", name,
                  chromosomes[chromosome].first));
  if (at->second > chromosome) {
    end_block();
    chromosome = at->second;
    reached = 0;
  }
  return lengths[chromosome];
}

void BigWigWriter::State::add(std::int64_t start, std::int64_t end, float value) {
  const std::string& name = chromosomes[chromosome].first;
  if (start < 0 || start >= end || end > lengths[chromosome])
    refuse(format("{}:{}-{} is empty or not inside the chromosome, which has {} bases", name, start, end, lengths[chromosome]));
  if (start < reached)
    refuse(format("{}:{}-{} overlaps or precedes data that end at {}; give them in order, without overlap", name, start, end, reached));
  if (std::isinf(value))
    refuse(format("{}:{}-{} has the value {}; bigWig tracks hold finite numbers (NaN: not measured)", name, start, end, value));
  reached = end;
  if (std::isnan(value)) return;
  items.push_back({static_cast<std::uint32_t>(start), static_cast<std::uint32_t>(end), value});
  if (items.size() == kItemsPerBlock) end_block();
}

void BigWigWriter::State::count(const Item& item) {
  const double value = item.value;
  const double bases = item.end - item.start;
  total.minimum = total.covered == 0 ? value : std::min(total.minimum, value);
  total.maximum = total.covered == 0 ? value : std::max(total.maximum, value);
  total.covered += item.end - item.start;
  total.sum += value * bases;
  total.sum_of_squares += value * value * bases;
  if (options.zoom_levels > 0) zoom.add(chromosome, lengths[chromosome], item.start, item.end, item.value);
}

void BigWigWriter::State::end_block() {
  if (items.empty()) return;
  if (blocks.empty() && waiting.empty() && options.zoom_levels > 0) {
    // The finest bins hold a few items of the data, judged by the first block.
    const double width = static_cast<double>(items.back().end - items.front().start) / static_cast<double>(items.size());
    std::uint32_t reduction = kFinestZoom;
    while (reduction < 4 * width && reduction < (1u << 28)) reduction *= 4;
    zoom = ZoomLevel(reduction);
  }
  for (const Item& item : items) count(item);
  if (zoom.records().size() > kMostZoomRecords && zoom.reduction() < (1u << 28)) zoom = zoom.coarser(lengths);
  waiting.push_back({{chromosome, items.front().start, items.back().end, 0, 0}, section_bytes(chromosome, items)});
  items.clear();
  if (waiting.size() == kBlocksAtOnce) write_waiting(blocks);
}

void BigWigWriter::State::write_waiting(std::vector<Block>& into) {
  std::vector<std::string> packed(waiting.size());
  parallel_for(static_cast<std::int64_t>(waiting.size()), 4, [&](std::int64_t begin, std::int64_t end) {
    for (auto i = static_cast<std::size_t>(begin); i < static_cast<std::size_t>(end); ++i) packed[i] = deflated(waiting[i].bytes);
  });
  for (std::size_t i = 0; i < waiting.size(); ++i) {
    buffer_size = std::max(buffer_size, waiting[i].bytes.size());
    Block place = waiting[i].place;
    place.offset = position;
    place.size = packed[i].size();
    into.push_back(place);
    write(packed[i]);
  }
  waiting.clear();
}

std::uint64_t BigWigWriter::State::write_index(const std::vector<Block>& of, std::size_t items_per_block) {
  const std::uint64_t offset = position;
  write(block_index(of, static_cast<std::uint32_t>(items_per_block), offset, offset));
  return offset;
}

// Writes the levels and returns their table for the header.
std::string BigWigWriter::State::write_zooms() {
  std::string table;
  for (int i = 0; i < options.zoom_levels && !zoom.records().empty(); ++i) {
    const std::uint64_t data = position;
    const std::size_t records = zoom.records().size();
    std::string count;
    put(count, static_cast<std::uint32_t>(records));
    write(count);
    std::vector<Block> places;
    std::size_t first = 0;
    while (first < records) {
      std::size_t last = first;
      while (last < records && last - first < kZoomItemsPerBlock && zoom.records()[last].chromosome == zoom.records()[first].chromosome)
        ++last;
      waiting.push_back(
          {{zoom.records()[first].chromosome, zoom.records()[first].start, zoom.records()[last - 1].end, 0, 0}, zoom.bytes(first, last)});
      if (waiting.size() == kBlocksAtOnce) write_waiting(places);
      first = last;
    }
    write_waiting(places);
    const std::uint64_t index = write_index(places, kZoomItemsPerBlock);
    put(table, zoom.reduction());
    put<std::uint32_t>(table, 0);
    put(table, data);
    put(table, index);
    // One bin per chromosome is as coarse as it gets.
    if (zoom.reduction() >= *std::max_element(lengths.begin(), lengths.end()) || zoom.reduction() >= (1u << 28)) break;
    zoom = zoom.coarser(lengths);
  }
  return table;
}

void BigWigWriter::State::finish() {
  end_block();
  write_waiting(blocks);
  const std::uint64_t index = write_index(blocks, kItemsPerBlock);
  const std::string zooms = write_zooms();
  std::string trailer;
  put(trailer, kBigWigMagic);
  write(trailer);

  std::string head;
  put(head, kBigWigMagic);
  put<std::uint16_t>(head, 4);
  put(head, static_cast<std::uint16_t>(zooms.size() / kZoomHeaderBytes));
  put(head, tree_offset);
  put(head, data_offset);
  put(head, index);
  put<std::uint32_t>(head, 0);  // two counts of BED fields
  put<std::uint64_t>(head, 0);  // no description of fields
  put(head, tree_offset - kSummaryBytes);
  put(head, static_cast<std::uint32_t>(std::max<std::size_t>(buffer_size, kSectionHeaderBytes)));
  put<std::uint64_t>(head, 0);  // no extension
  head += zooms;
  head.resize(tree_offset - kSummaryBytes, '\0');
  put(head, total.covered);
  for (double value : {total.minimum, total.maximum, total.sum, total.sum_of_squares}) put(head, value);
  file.stream().seekp(0);
  write(head);
  file.stream().seekp(static_cast<std::streamoff>(data_offset));
  std::string count;
  put<std::uint64_t>(count, blocks.size());
  write(count);
  file.commit();
}

BigWigWriter::BigWigWriter(const std::filesystem::path& path, TrackChromosomes chromosomes, BigWigOptions options)
    : state_(std::make_unique<State>(path, std::move(chromosomes), options)) {
  state_->check_chromosomes();
  state_->begin_file();
}
BigWigWriter::~BigWigWriter() = default;

void BigWigWriter::add_run(std::string_view chromosome, std::int64_t start, std::span<const float> values, std::int64_t step) {
  if (step < 1) state_->refuse(format("step {} of a run is not positive", step));
  const std::int64_t length = state_->enter(chromosome);
  const auto count = static_cast<std::int64_t>(values.size());
  if (count > 0 && (start < 0 || start >= length || (count - 1) > (length - 1 - start) / step))
    state_->refuse(format("run of {} values, {} bases each, from {}:{} leaves the chromosome, which has {} bases", count, step, chromosome,
                          start, length));
  for (const float value : values) {
    state_->add(start, std::min(start + step, length), value);
    start += step;
  }
}

void BigWigWriter::add_intervals(std::string_view chromosome, std::span<const TrackInterval> intervals) {
  state_->enter(chromosome);
  for (const TrackInterval& interval : intervals) state_->add(interval.start, interval.end, interval.value);
}

void BigWigWriter::close() {
  if (state_->closed) return;
  state_->closed = true;
  state_->finish();
}

}  // namespace basewise::io
