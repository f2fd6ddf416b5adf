#include "basewise/train/detail/event_records.h"

#include <bit>

#include "basewise/io/proto_wire.h"

namespace basewise::train::detail {
namespace {

using io::bytes_field;
using io::little_endian;
using io::varint;
using io::wire_key;
using io::WireKind;

std::string event_header(double wall_time, std::int64_t step) {
  return wire_key(1, WireKind::eight_bytes) + little_endian(std::bit_cast<std::uint64_t>(wall_time), 8) + wire_key(2, WireKind::varint) +
         varint(static_cast<std::uint64_t>(step));
}

}  // namespace

std::string scalar_event(double wall_time, std::int64_t step, const Scalars& scalars) {
  std::string summary;
  for (const auto& [tag, value] : scalars) {
    const auto bits = std::bit_cast<std::uint32_t>(static_cast<float>(value));
    summary += bytes_field(1, bytes_field(1, tag) + wire_key(2, WireKind::four_bytes) + little_endian(bits, 4));
  }
  return event_header(wall_time, step) + bytes_field(5, summary);
}

std::string version_event(double wall_time) { return event_header(wall_time, 0) + bytes_field(3, "brain.Event:2"); }

std::string restart_event(double wall_time, std::int64_t first_step) {
  // SessionLog START
  return event_header(wall_time, first_step) + bytes_field(7, wire_key(1, WireKind::varint) + varint(1));
}

}  // namespace basewise::train::detail
