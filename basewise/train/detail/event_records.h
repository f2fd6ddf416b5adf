// What the records of TensorBoard event files hold.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "basewise/train/event_file.h"

namespace basewise::train::detail {

/// A serialised `Event` message of TensorFlow's event.proto with a summary of scalars (float32).
std::string scalar_event(double wall_time, std::int64_t step, const Scalars& scalars);

/// The event that a file starts with.
std::string version_event(double wall_time);

/// Tells TensorBoard to forget later steps of the sessions before.
std::string restart_event(double wall_time, std::int64_t first_step);

}  // namespace basewise::train::detail
