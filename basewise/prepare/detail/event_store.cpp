#include "basewise/prepare/detail/event_store.h"

#include <algorithm>
#include <fstream>

#include "basewise/core/error.h"

namespace basewise::prepare::detail {

EventStore::EventStore(std::size_t lanes, std::filesystem::path neighbour, std::size_t in_memory)
    : neighbour_(std::move(neighbour)), in_memory_(in_memory), blocks_(lanes) {}

// By counting, which keeps the order within a lane.
void EventStore::sort_waiting() {
  starts_.assign(blocks_.size() + 1, 0);
  for (const Waiting& w : waiting_) ++starts_[w.lane + 1];
  for (std::size_t i = 1; i < starts_.size(); ++i) starts_[i] += starts_[i - 1];
  ordered_.resize(waiting_.size());
  std::vector<std::size_t> next(starts_.begin(), starts_.end() - 1);
  for (const Waiting& w : waiting_) ordered_[next[w.lane]++] = w.event;
  sorted_ = true;
}

void EventStore::flush() {
  if (waiting_.empty()) return;
  if (!file_) file_.emplace(neighbour_.string() + ".events");
  sort_waiting();
  for (std::size_t lane = 0; lane < blocks_.size(); ++lane) {
    const std::size_t count = starts_[lane + 1] - starts_[lane];
    if (count > 0) blocks_[lane].push_back({in_file_ + static_cast<std::int64_t>(starts_[lane]), static_cast<std::int64_t>(count)});
  }
  file_->stream().write(reinterpret_cast<const char*>(ordered_.data()), static_cast<std::streamsize>(ordered_.size() * sizeof(Event)));
  if (!file_->stream()) throw DataError(format("{}: cannot be written; is the disk full?", file_->temporary().string()));
  in_file_ += static_cast<std::int64_t>(waiting_.size());
  waiting_.clear();
  sorted_ = false;
}

std::vector<Event> EventStore::load(std::size_t lane) {
  if (!sorted_) sort_waiting();
  std::size_t total = starts_[lane + 1] - starts_[lane];
  for (const Block& block : blocks_[lane]) total += static_cast<std::size_t>(block.count);
  std::vector<Event> events(total);
  std::size_t at = 0;
  if (!blocks_[lane].empty()) {
    file_->stream().flush();
    std::ifstream in(file_->temporary(), std::ios::binary);
    for (const Block& block : blocks_[lane]) {
      in.seekg(static_cast<std::streamoff>(block.offset) * static_cast<std::streamoff>(sizeof(Event)));
      in.read(reinterpret_cast<char*>(events.data() + at), static_cast<std::streamsize>(block.count) *
                                                                static_cast<std::streamsize>(sizeof(Event)));
      if (!in) throw DataError(format("{}: cannot be read back", file_->temporary().string()));
      at += static_cast<std::size_t>(block.count);
    }
  }
  std::copy(ordered_.begin() + static_cast<std::ptrdiff_t>(starts_[lane]),
            ordered_.begin() + static_cast<std::ptrdiff_t>(starts_[lane + 1]), events.begin() + static_cast<std::ptrdiff_t>(at));
  return events;
}

}  // namespace basewise::prepare::detail
