#include "basewise/io/detail/track_packer.h"

#include <algorithm>
#include <bit>
#include <optional>

#include "basewise/core/parallel.h"
#include "basewise/io/detail/bytes.h"
#include "basewise/io/detail/fill.h"

namespace basewise::io::detail {
namespace {

// Pages that one thread packs at a time: their values fit into the second-level cache.
constexpr std::int64_t kGroupPages = 32;

// A few pages side by side, packed by one thread.
struct Group {
  std::size_t chromosome = 0;
  std::int64_t start = 0;
  std::int64_t length = 0;
  std::string bytes;
  std::vector<PageEntry> pages;  // places from the beginning of `bytes`
};

// The pages of values that begin a page.
void put_pages(std::span<const float> values, Group& group) {
  for (std::size_t at = 0; at < values.size(); at += kPageBases) {
    const auto page = values.subspan(at, std::min(static_cast<std::size_t>(kPageBases), values.size() - at));
    const std::uint64_t place = group.bytes.size() / 8;
    group.pages.push_back(PageEntry::make(place, put_page(page, group.bytes)));
  }
  pad_to(group.bytes, 32);
}

void pack_group(const BigWigReader& reader, Group& group) {
  const std::string& name = reader.chromosomes()[group.chromosome].first;
  if (!reader.may_have_values(name, group.start, group.start + group.length)) {
    group.pages.assign(static_cast<std::size_t>((group.length + kPageBases - 1) / kPageBases), PageEntry::make(0, 0));
    return;
  }
  put_pages(reader.values(name, group.start, group.start + group.length), group);
}

std::vector<Group> groups_of(const TrackChromosomes& chromosomes) {
  std::vector<Group> groups;
  for (std::size_t c = 0; c < chromosomes.size(); ++c)
    for (std::int64_t start = 0; start < chromosomes[c].second; start += kGroupPages * kPageBases)
      groups.push_back({c, start, std::min(kGroupPages * kPageBases, chromosomes[c].second - start), {}, {}});
  return groups;
}

std::string header_of(std::string_view source, std::uint64_t size, std::uint64_t tables, std::uint64_t chromosomes, Checksum checksum) {
  std::string facts;
  put(facts, size);
  put(facts, tables);
  put(facts, chromosomes);
  facts += source;
  pad_to(facts, 32);
  checksum.update(facts);
  std::string header(kTrackMagic);
  put(header, checksum.value());
  header += facts;
  header.resize(kTrackHeaderBytes, '\0');
  return header;
}

// The pages of the rows of a bedGraph file, one after the other: a row only ever touches the open
// page and those behind it.
class RowPacker {
 public:
  explicit RowPacker(TrackPacker& packer) : packer_(packer), values_(static_cast<std::size_t>(kPageBases), kMissing) {}

  void add(const BedGraphRecord& row) {
    if (!open_ || row.chromosome != *open_) {
      close();
      packer_.begin(row.chromosome);
      open_ = row.chromosome;
    }
    for (std::int64_t at = row.start; at < row.end;) {
      while (at >= page_ + kPageBases) next_page(kPageBases);
      if (at == page_ && row.end - at >= kPageBases) {
        whole_page(static_cast<float>(row.value));
        at = page_;
        continue;
      }
      const std::int64_t to = std::min(row.end, page_ + kPageBases);
      fill_floats(std::span(values_).subspan(static_cast<std::size_t>(at - page_), static_cast<std::size_t>(to - at)),
                  static_cast<float>(row.value));
      at = to;
      touched_ = true;
    }
    end_ = row.end;
  }

  void close() {
    if (!open_) return;
    if (end_ > page_) next_page(end_ - page_);
    flush();
    packer_.end(end_);
    open_.reset();
    page_ = end_ = 0;
  }

 private:
  void next_page(std::int64_t length) {
    const std::uint64_t place = bytes_.size() / 8;
    // A gap of a million bases must not cost as much as a million values.
    if (touched_) {
      pages_.push_back(PageEntry::make(place, put_page(std::span(values_).first(static_cast<std::size_t>(length)), bytes_)));
      fill_floats(values_, kMissing);
      touched_ = false;
    } else {
      pages_.push_back(PageEntry::make(place, 0));
    }
    page_ += kPageBases;
    if (std::ssize(pages_) == kGroupPages) flush();
  }

  // A row of a billion bases must not cost as much as a billion values:
  // pages inside of it are equal.
  void whole_page(float value) {
    if (std::bit_cast<std::uint32_t>(value) != std::bit_cast<std::uint32_t>(whole_value_)) {
      whole_.clear();
      whole_form_ = put_page(std::vector<float>(static_cast<std::size_t>(kPageBases), value), whole_);
      whole_value_ = value;
    }
    pages_.push_back(PageEntry::make(bytes_.size() / 8, whole_form_));
    bytes_ += whole_;
    page_ += kPageBases;
    if (std::ssize(pages_) == kGroupPages) flush();
  }

  void flush() {
    pad_to(bytes_, 32);
    packer_.add(bytes_, pages_);
    bytes_.clear();
    pages_.clear();
  }

  TrackPacker& packer_;
  std::vector<float> values_;  // of the open page
  bool touched_ = false;       // whether it holds any
  std::optional<std::string> open_;
  std::int64_t page_ = 0;  // first base of the open page
  std::int64_t end_ = 0;   // of the last row
  std::string bytes_;
  std::vector<PageEntry> pages_;
  float whole_value_ = kMissing;
  std::string whole_;  // a page of that value alone
  std::uint64_t whole_form_ = 0;
};

}  // namespace

void TrackPacker::emit(std::string_view bytes) {
  checksum_.update(bytes);
  write_(bytes);
  at_ += bytes.size();
}

void TrackPacker::begin(std::string name) { chromosomes_.push_back({std::move(name), pages_.size(), 0}); }

void TrackPacker::add(std::string_view bytes, std::span<const PageEntry> pages) {
  for (const PageEntry page : pages) pages_.push_back(PageEntry::make(page.place() + at_ / 8, page.form()));
  emit(bytes);
}

void TrackPacker::end(std::int64_t length) { chromosomes_.back().length = length; }

std::string TrackPacker::finish(std::string_view source) {
  const std::uint64_t tables_at = at_;
  std::string tables;
  for (const Entry& entry : chromosomes_) {
    put(tables, static_cast<std::uint64_t>(entry.name.size()));
    put(tables, static_cast<std::uint64_t>(entry.length));
    put(tables, entry.first_page);
    tables += entry.name;
    pad_to(tables, 8);
  }
  tables.append(reinterpret_cast<const char*>(pages_.data()), pages_.size() * sizeof(PageEntry));
  pad_to(tables, 32);
  emit(tables);
  return header_of(source, at_, tables_at, chromosomes_.size(), checksum_);
}

std::string pack_bigwig(const BigWigReader& reader, std::string_view source, const WriteBytes& write) {
  TrackPacker packer(write);
  std::vector<Group> groups = groups_of(reader.chromosomes());
  const std::size_t at_a_time = 8 * static_cast<std::size_t>(threads());
  std::size_t begun = 0;
  for (std::size_t done = 0; done < groups.size(); done += at_a_time) {
    const auto part = std::span(groups).subspan(done, std::min(at_a_time, groups.size() - done));
    parallel_for(static_cast<std::int64_t>(part.size()), 1, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t g = begin; g < end; ++g) pack_group(reader, part[static_cast<std::size_t>(g)]);
    });
    for (Group& group : part) {
      for (; begun <= group.chromosome; ++begun) {
        packer.begin(reader.chromosomes()[begun].first);
        packer.end(reader.chromosomes()[begun].second);
      }
      packer.add(group.bytes, group.pages);
      group = Group();
    }
  }
  for (; begun < reader.chromosomes().size(); ++begun) packer.begin(reader.chromosomes()[begun].first);
  return packer.finish(source);
}

std::string pack_bedgraph(const std::filesystem::path& path, const LengthOf& length_of, std::string_view source,
                          const WriteBytes& write) {
  TrackPacker packer(write);
  RowPacker rows(packer);
  for_each_bedgraph_in_order(path, length_of, [&](const BedGraphRecord& row) { rows.add(row); });
  rows.close();
  return packer.finish(source);
}

std::string pack_w5(const W5Reader& reader, std::string_view source, const WriteBytes& write) {
  TrackPacker packer(write);
  std::vector<float> values;
  for (const auto& [name, length] : reader.chromosomes()) {
    packer.begin(name);
    for (std::int64_t start = 0; start < length; start += kGroupPages * kPageBases) {
      values.resize(static_cast<std::size_t>(std::min(kGroupPages * kPageBases, length - start)));
      reader.values(name, start, values);
      Group group;
      put_pages(values, group);
      packer.add(group.bytes, group.pages);
    }
    packer.end(length);
  }
  return packer.finish(source);
}

}  // namespace basewise::io::detail
