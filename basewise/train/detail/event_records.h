// The bytes of TensorBoard event files.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "basewise/train/event_file.h"

namespace basewise::train::detail {

/// CRC-32C (Castagnoli, RFC 3720 appendix B.4) of bytes.
std::uint32_t crc32c(std::string_view bytes);

/// One TFRecord: length (8 bytes), masked CRC of the length (4), data, masked CRC of the data (4);
/// little endian. Masked: ((crc >> 15) | (crc << 17)) + 0xa282ead8, modulo 2^32
/// (TensorFlow, record_writer).
std::string tf_record(std::string_view data);

/// A serialised `Event` message of TensorFlow's event.proto with a summary of scalars (float32).
std::string scalar_event(double wall_time, std::int64_t step, const Scalars& scalars);

/// The event that a file starts with.
std::string version_event(double wall_time);

/// Tells TensorBoard to forget later steps of the sessions before.
std::string restart_event(double wall_time, std::int64_t first_step);

}  // namespace basewise::train::detail
