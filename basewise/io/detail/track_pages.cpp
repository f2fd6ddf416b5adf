#include "basewise/io/detail/track_pages.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

#include "basewise/io/detail/bytes.h"
#include "basewise/io/detail/fill.h"

namespace basewise::io::detail {
namespace {

// Stretches cost 8 bytes each, a base of a dense page 4.
constexpr std::size_t kMostStretches = kPageBases / 2;

bool same_bits(float a, float b) { return std::bit_cast<std::uint32_t>(a) == std::bit_cast<std::uint32_t>(b); }

struct Stretches {
  std::array<std::uint16_t, kMostStretches> first;
  std::array<std::uint16_t, kMostStretches> last;
  std::array<float, kMostStretches> value;
  std::size_t count = 0;

  // False if there are too many.
  bool find(std::span<const float> values) {
    count = 0;
    for (std::size_t i = 0; i < values.size();) {
      if (std::isnan(values[i])) {
        ++i;
        continue;
      }
      if (count == kMostStretches) return false;
      std::size_t end = i + 1;
      while (end < values.size() && same_bits(values[end], values[i])) ++end;
      first[count] = static_cast<std::uint16_t>(i);
      last[count] = static_cast<std::uint16_t>(end - 1);
      value[count++] = values[i];
      i = end;
    }
    return true;
  }
};

std::uint64_t put_dense(std::span<const float> values, std::string& out) {
  const bool gaps = values.size() < kPageBases || std::any_of(values.begin(), values.end(), [](float x) { return std::isnan(x); });
  out.append(reinterpret_cast<const char*>(values.data()), values.size_bytes());
  for (std::size_t i = values.size(); i < kPageBases; ++i) put(out, kMissing);
  return gaps ? PageEntry::kDense : PageEntry::kGapless;
}

template <class T>
void append(std::string& out, const T* values, std::size_t count) {
  out.append(reinterpret_cast<const char*>(values), count * sizeof(T));
}

void get_stretches(std::size_t count, const char* bytes, std::int64_t begin, std::span<float> out) {
  const auto* first = reinterpret_cast<const std::uint16_t*>(bytes);
  const std::uint16_t* last = first + count;
  const char* values = bytes + 4 * count;
  const std::int64_t end = begin + static_cast<std::int64_t>(out.size());
  for (auto i = static_cast<std::size_t>(std::lower_bound(last, last + count, begin) - last); i < count && first[i] < end; ++i) {
    const std::int64_t from = std::max<std::int64_t>(first[i], begin) - begin;
    const std::int64_t to = std::min<std::int64_t>(last[i] + 1, end) - begin;
    const auto value = get<float>(values + 4 * i);
    if (to - from == 1)
      out[static_cast<std::size_t>(from)] = value;
    else if (from < to)
      fill_floats(out.subspan(static_cast<std::size_t>(from), static_cast<std::size_t>(to - from)), value);
  }
}

}  // namespace

void pad_to(std::string& out, std::size_t unit) { out.resize((out.size() + unit - 1) / unit * unit, '\0'); }

std::uint64_t put_page(std::span<const float> values, std::string& out) {
  Stretches stretches;
  if (!stretches.find(values)) return put_dense(values, out);
  append(out, stretches.first.data(), stretches.count);
  append(out, stretches.last.data(), stretches.count);
  append(out, stretches.value.data(), stretches.count);
  pad_to(out, 16);
  return stretches.count;
}

void get_page(PageEntry entry, const char* bytes, std::int64_t first, std::span<float> out, float missing) {
  if (entry.form() < PageEntry::kGapless) return get_stretches(entry.form(), bytes, first, out);
  std::memcpy(out.data(), bytes + 4 * first, out.size_bytes());
  if (entry.form() == PageEntry::kGapless || std::isnan(missing)) return;
  for (float& x : out) x = std::isnan(x) ? missing : x;
}

PageFacts look_through(PageEntry entry, const char* bytes, std::int64_t begin, std::int64_t end) {
  PageFacts facts;
  const auto see = [&](std::int64_t from, std::int64_t to, float value) {
    from = std::max(from, begin);
    to = std::min(to, end);
    if (from >= to) return;
    facts.measured += to - from;
    if (std::isinf(value) && facts.infinite < 0) facts.infinite = from;
  };
  if (entry.form() >= PageEntry::kGapless) {
    for (std::int64_t i = begin; i < end; ++i)
      if (const auto value = get<float>(bytes + 4 * i); !std::isnan(value)) see(i, i + 1, value);
    return facts;
  }
  const auto count = static_cast<std::size_t>(entry.form());
  const auto* first = reinterpret_cast<const std::uint16_t*>(bytes);
  for (std::size_t i = 0; i < count; ++i) see(first[i], first[count + i] + 1, get<float>(bytes + 4 * (count + i)));
  return facts;
}

void Checksum::update(std::string_view bytes) {
  for (std::size_t i = 0; i + 32 <= bytes.size(); i += 32)
    for (std::size_t lane = 0; lane < 4; ++lane)
      lanes_[lane] = std::rotl(lanes_[lane] ^ get<std::uint64_t>(bytes.data() + i + 8 * lane), 29) * 0x9fb21c651e98df25u;
}

std::uint64_t Checksum::value() const {
  return lanes_[0] ^ std::rotl(lanes_[1], 17) ^ std::rotl(lanes_[2], 31) ^ std::rotl(lanes_[3], 47);
}

std::string read_tables(std::span<const char> bytes, std::string_view source, bool proved, TrackTables& tables) {
  if (bytes.size() < kTrackHeaderBytes || std::string_view(bytes.data(), 8) != kTrackMagic) return "it does not begin as such a file does";
  if (get<std::uint64_t>(bytes.data() + 16) != bytes.size()) return "it has another length than its header says";
  if (std::string_view(bytes.data() + 40, 64) != source) return "it was made from another file";
  if (proved) {
    Checksum checksum;
    const std::string_view all(bytes.data(), bytes.size());
    checksum.update(all.substr(kTrackHeaderBytes));
    checksum.update(all.substr(16, 96));
    if (checksum.value() != get<std::uint64_t>(bytes.data() + 8)) return "its checksum is wrong";
  }
  // The checksum holds against damage; what follows holds against other programs.
  const auto at_table = get<std::uint64_t>(bytes.data() + 24);
  const auto count = get<std::uint64_t>(bytes.data() + 32);
  if (at_table > bytes.size() || at_table % 8 != 0 || count > bytes.size()) return "its tables lie outside";
  std::size_t at = at_table, expected = 0;
  for (std::uint64_t c = 0; c < count; ++c) {
    if (bytes.size() - at < 24) return "its tables are cut short";
    const auto name = get<std::uint64_t>(bytes.data() + at), length = get<std::uint64_t>(bytes.data() + at + 8);
    if (name > bytes.size() - at - 24 || length > UINT32_MAX || get<std::uint64_t>(bytes.data() + at + 16) != expected)
      return "its tables are damaged";
    tables.chromosomes.emplace_back(std::string(bytes.data() + at + 24, name), length);
    tables.first_page.push_back(expected);
    expected += (length + kPageBases - 1) / kPageBases;
    at = std::min((at + 24 + name + 7) / 8 * 8, bytes.size());
  }
  if ((bytes.size() - at) / 8 < expected) return "its tables are cut short";
  tables.pages = {reinterpret_cast<const PageEntry*>(bytes.data() + at), expected};
  for (const PageEntry page : tables.pages)
    if (page.form() > kMostStretches && page.form() < PageEntry::kGapless) return "a page has no known form";
    else if (page.place() > at_table / 8 || page.bytes() > at_table - 8 * page.place())
      return "a page lies outside";
  return {};
}

}  // namespace basewise::io::detail
