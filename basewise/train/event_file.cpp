#include "basewise/train/event_file.h"

#include <array>
#include <bit>
#include <chrono>

#include "basewise/core/error.h"

namespace basewise::train {
namespace {

std::array<std::uint32_t, 256> crc_table() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    std::uint32_t c = i;
    for (int bit = 0; bit < 8; ++bit) c = (c & 1) ? (c >> 1) ^ 0x82f63b78u : c >> 1;
    table[i] = c;
  }
  return table;
}

std::string little_endian(std::uint64_t value, int bytes) {
  std::string out;
  for (int i = 0; i < bytes; ++i) out += static_cast<char>(value >> (8 * i) & 0xff);
  return out;
}

std::string masked_crc(std::string_view bytes) {
  const std::uint32_t crc = crc32c(bytes);
  return little_endian(std::rotr(crc, 15) + 0xa282ead8u, 4);
}

// Protocol buffer wire format: a field starts with (number << 3 | type); 0 is a varint, 1 eight bytes, 2 length and bytes, 5 four bytes.
std::string varint(std::uint64_t value) {
  std::string out;
  for (; value >= 0x80; value >>= 7) out += static_cast<char>(value | 0x80);
  return out + static_cast<char>(value);
}

std::string key(int field, int type) { return varint(static_cast<std::uint64_t>(field) << 3 | static_cast<std::uint64_t>(type)); }

std::string bytes_field(int field, std::string_view bytes) { return key(field, 2) + varint(bytes.size()) + std::string(bytes); }

std::string event_header(double wall_time, std::int64_t step) {
  return key(1, 1) + little_endian(std::bit_cast<std::uint64_t>(wall_time), 8) + key(2, 0) + varint(static_cast<std::uint64_t>(step));
}

double now() { return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count(); }

}  // namespace

std::uint32_t crc32c(std::string_view bytes) {
  static const std::array<std::uint32_t, 256> table = crc_table();
  std::uint32_t crc = 0xffffffffu;
  for (const char byte : bytes) crc = crc >> 8 ^ table[(crc ^ static_cast<unsigned char>(byte)) & 0xff];
  return ~crc;
}

std::string tf_record(std::string_view data) {
  const std::string length = little_endian(data.size(), 8);
  return length + masked_crc(length) + std::string(data) + masked_crc(data);
}

std::string scalar_event(double wall_time, std::int64_t step, const Scalars& scalars) {
  std::string summary;
  for (const auto& [tag, value] : scalars) {
    const auto bits = std::bit_cast<std::uint32_t>(static_cast<float>(value));
    summary += bytes_field(1, bytes_field(1, tag) + key(2, 5) + little_endian(bits, 4));
  }
  return event_header(wall_time, step) + bytes_field(5, summary);
}

EventFile::EventFile(const std::filesystem::path& folder, std::int64_t first_step) {
  std::filesystem::create_directories(folder);
  const auto seconds = static_cast<std::int64_t>(now());
  // TensorBoard reads the files of a folder in the order of their names: the session number keeps that order within one second.
  std::int64_t session = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) session += entry.is_regular_file();
  path_ = folder / basewise::format("events.out.tfevents.{:010}.{:04}.basewise", seconds, session);
  stream_.open(path_, std::ios::binary | std::ios::app);
  append(event_header(now(), 0) + bytes_field(3, "brain.Event:2"));
  if (first_step > 0) append(event_header(now(), first_step) + bytes_field(7, key(1, 0) + varint(1)));  // SessionLog START
}

void EventFile::write(std::int64_t step, const Scalars& scalars) { append(scalar_event(now(), step, scalars)); }

void EventFile::append(std::string_view event) {
  stream_ << tf_record(event) << std::flush;
  if (!stream_) throw DataError(basewise::format("{}: cannot write the event file; is the disk full?", path_.string()));
}

}  // namespace basewise::train
