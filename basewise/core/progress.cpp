#include "basewise/core/progress.h"

#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <exception>
#include <mutex>
#include <string_view>

#include "basewise/core/detail/progress_line.h"
#include "basewise/core/detail/terminal.h"
#include "basewise/core/format.h"
#include "basewise/core/log.h"
#include "basewise/core/printable.h"

namespace basewise {
namespace detail {

std::string grouped(std::int64_t n) {
  std::string text = format("{}", n);
  const std::size_t first = n < 0 ? 1 : 0;
  for (std::size_t i = text.size(); i > first + 3; i -= 3) text.insert(i - 3, 1, ',');
  return text;
}

std::string clock_text(double seconds) {
  const auto s = static_cast<std::int64_t>(std::llround(std::min(std::max(seconds, 0.0), 1e9)));
  if (s < 3600) return format("{}:{:02}", s / 60, s % 60);
  return format("{}:{:02}:{:02}", s / 3600, s / 60 % 60, s % 60);
}

std::string progress_line(const ProgressState& s) {
  std::string line = s.total >= 0 ? format("{}  {}/{} {}", s.title, grouped(s.done), grouped(s.total), s.unit)
                                  : format("{}  {} {}", s.title, grouped(s.done), s.unit);
  if (s.total > 0) line += format("  {}%", static_cast<std::int64_t>(100.0 * static_cast<double>(s.done) / static_cast<double>(s.total)));
  const double rate = s.elapsed > 0 ? static_cast<double>(s.done) / s.elapsed : 0;
  if (rate > 0) line += rate >= 10 ? format("  {}/s", grouped(std::llround(rate))) : format("  {:.2g}/s", rate);
  if (s.finished) {
    line += format("  in {}", clock_text(s.elapsed));
  } else if (s.total > s.done && rate > 0) {
    line += format("  {} left", clock_text(static_cast<double>(s.total - s.done) / rate));
  }
  if (!s.note.empty()) line += "  " + s.note;
  return line;
}

}  // namespace detail

namespace {

using Clock = std::chrono::steady_clock;

enum class Mode { never, plain, terminal };
constexpr auto words_of(Mode) {
  return words<Mode>({{Mode::never, "never"}, {Mode::plain, "plain"}, {Mode::terminal, "terminal"}});
}

Mode mode_now() {
  if (log_level() > LogLevel::info) return Mode::never;
  const char* text = std::getenv("BASEWISE_PROGRESS");
  if (const auto wish = find_choice<Mode>(text ? text : "")) return *wish;
  return detail::can_redraw() ? Mode::terminal : Mode::plain;
}

// A line that wraps cannot be redrawn, so it is cut; never inside a UTF-8 character.
std::string cut(std::string line, std::size_t width) {
  if (line.size() < width) return line;
  std::size_t end = width > 0 ? width - 1 : 0;
  while (end > 0 && (static_cast<unsigned char>(line[end]) & 0xc0) == 0x80) --end;
  line.resize(end);
  return line;
}

}  // namespace

struct Progress::State {
  std::mutex mutex;
  detail::ProgressState shown;
  std::atomic<std::int64_t> done{0};
  std::atomic<Clock::rep> next{0};
  Clock::time_point begin = Clock::now();
  Mode mode = mode_now();
  const int exceptions = std::uncaught_exceptions();

  Clock::duration interval() const {
    return mode == Mode::terminal ? Clock::duration(std::chrono::milliseconds(100)) : std::chrono::seconds(10);
  }

  void draw(bool last) {
    const std::lock_guard lock(mutex);
    if (shown.finished || mode == Mode::never) return;
    shown.done = done.load();
    shown.elapsed = std::chrono::duration<double>(Clock::now() - begin).count();
    shown.finished = last;
    const std::string line = message_line(detail::progress_line(shown));
    auto& terminal = detail::Terminal::instance();
    if (mode == Mode::plain) return terminal.print(line);
    terminal.draw(last ? std::string() : cut(line, detail::columns()));
    if (last) terminal.print(line);
  }

  // Work that failed has no last line: the error that follows is the only one.
  void leave() {
    const std::lock_guard lock(mutex);
    if (shown.finished || mode == Mode::never) return;
    shown.finished = true;
    if (mode == Mode::terminal) detail::Terminal::instance().draw({});
  }
};

Progress::Progress(std::string title, std::int64_t total, std::string unit) : state_(std::make_unique<State>()) {
  state_->shown.title = std::move(title);
  state_->shown.total = total;
  state_->shown.unit = std::move(unit);
  // "0 sequences" of nobody knows how many says nothing:
  // the first line waits for the first of them.
  if (total < 0 && state_->mode == Mode::plain) return;
  state_->draw(false);
  state_->next = (Clock::now() + state_->interval()).time_since_epoch().count();
}

Progress::~Progress() {
  if (std::uncaught_exceptions() > state_->exceptions)
    state_->leave();
  else
    finish();
}

void Progress::advance(std::int64_t n) {
  state_->done += n;
  if (state_->mode == Mode::never) return;
  const auto now = Clock::now();
  auto due = state_->next.load();
  // Whoever moves the due time draws; the others go on working.
  if (now.time_since_epoch().count() < due) return;
  if (state_->next.compare_exchange_strong(due, (now + state_->interval()).time_since_epoch().count())) state_->draw(false);
}

void Progress::note(std::string text) {
  const std::lock_guard lock(state_->mutex);
  state_->shown.note = std::move(text);
}

void Progress::finish() { state_->draw(true); }

}  // namespace basewise
