#include "basewise/train/event_file.h"

#include <chrono>

#include "basewise/core/error.h"
#include "basewise/io/tfrecord.h"
#include "basewise/train/detail/event_records.h"

namespace basewise::train {
namespace {

double now() { return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count(); }

}  // namespace

EventFile::EventFile(const std::filesystem::path& folder, std::int64_t first_step) {
  std::filesystem::create_directories(folder);
  const auto seconds = static_cast<std::int64_t>(now());
  // TensorBoard reads the files of a folder in the order of their names: the session number keeps
  // that order within one second.
  std::int64_t session = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) session += entry.is_regular_file();
  path_ = folder / basewise::format("events.out.tfevents.{:010}.{:04}.basewise", seconds, session);
  stream_.open(path_, std::ios::binary | std::ios::app);
  append(detail::version_event(now()));
  if (first_step > 0) append(detail::restart_event(now(), first_step));
}

void EventFile::write(std::int64_t step, const Scalars& scalars) { append(detail::scalar_event(now(), step, scalars)); }

void EventFile::append(std::string_view event) {
  stream_ << io::tf_record(event) << std::flush;
  if (!stream_) throw DataError(basewise::format("{}: cannot write the event file; is the disk full?", path_.string()));
}

}  // namespace basewise::train
