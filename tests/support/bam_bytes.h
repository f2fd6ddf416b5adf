// BAM files made by hand, byte by byte, as the specification lays them out; without compression,
// which readers accept as well.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace basewise::testing_files {

template <class T>
void put_number(std::string& out, T value) {
  char bytes[sizeof(T)];
  std::memcpy(bytes, &value, sizeof(T));
  out.append(bytes, sizeof(T));
}

/// A tag with a number of one byte, or text.
inline std::string number_tag(std::string_view name, std::uint8_t value) {
  return std::string(name) + 'C' + static_cast<char>(value);
}
inline std::string text_tag(std::string_view name, std::string_view text) { return std::string(name) + 'Z' + std::string(text) + '\0'; }

/// One record; positions from 0.
struct BamRecord {
  std::string name = "r";
  int flag = 0;
  std::int32_t chrom = 0;
  std::int32_t position = 0;
  int quality = 60;
  std::vector<std::pair<std::uint32_t, char>> cigar = {{10, 'M'}};
  std::int32_t mate_chrom = -1;
  std::int32_t mate_position = -1;
  std::int32_t template_length = 0;
  std::string tags = {};
};

inline std::string record_bytes(const BamRecord& r) {
  std::string body;
  put_number(body, r.chrom);
  put_number(body, r.position);
  put_number(body, static_cast<std::uint8_t>(r.name.size() + 1));
  put_number(body, static_cast<std::uint8_t>(r.quality));
  put_number(body, std::uint16_t{4680});  // bin, which nobody reads
  put_number(body, static_cast<std::uint16_t>(r.cigar.size()));
  put_number(body, static_cast<std::uint16_t>(r.flag));
  put_number(body, std::int32_t{0});  // bases of the read: left out
  put_number(body, r.mate_chrom);
  put_number(body, r.mate_position);
  put_number(body, r.template_length);
  body += r.name + '\0';
  for (const auto& [length, letter] : r.cigar)
    put_number(body, length << 4 | static_cast<std::uint32_t>(std::string_view("MIDNSHP=X").find(letter)));
  body += r.tags;
  std::string out;
  put_number(out, static_cast<std::int32_t>(body.size()));
  return out + body;
}

inline std::string bam_bytes(const std::vector<std::pair<std::string, std::int32_t>>& chromosomes, const std::vector<BamRecord>& records) {
  std::string text = "@HD\tVN:1.6\n";
  for (const auto& [name, length] : chromosomes) text += "@SQ\tSN:" + name + "\tLN:" + std::to_string(length) + "\n";
  std::string out = "BAM\1";
  put_number(out, static_cast<std::int32_t>(text.size()));
  out += text;
  put_number(out, static_cast<std::int32_t>(chromosomes.size()));
  for (const auto& [name, length] : chromosomes) {
    put_number(out, static_cast<std::int32_t>(name.size() + 1));
    out += name + '\0';
    put_number(out, length);
  }
  for (const BamRecord& r : records) out += record_bytes(r);
  return out;
}

}  // namespace basewise::testing_files
