#include "basewise/annotate/detail/scan_batch.h"

#include <algorithm>

namespace basewise::annotate::detail {

ScanBatch::ScanBatch(const motifs::SiteScanner& scanner, Consumer consumer, std::int64_t size)
    : scanner_(scanner), consumer_(std::move(consumer)), size_(std::max(size, 8 * scanner.largest_width())) {
  for (std::int64_t m = 0; m < scanner.motifs(); ++m) windows_[scanner.matrix(m).width()] = 0;
  tokens_.reserve(static_cast<std::size_t>(size_));
}

void ScanBatch::add(const ScanSequence& sequence) {
  const auto length = static_cast<std::int64_t>(sequence.letters.size());
  const std::int64_t widest = scanner_.largest_width();
  // Around the origin of a circular sequence: its first letters stand once more behind the last.
  const std::int64_t extended = length + (sequence.circular ? std::min(widest, length) - 1 : 0);
  const auto room = [&] { return size_ - static_cast<std::int64_t>(tokens_.size()); };
  too_short += length < widest;
  if (extended + 1 > room() && room() < 4 * widest) scan(false);
  run_ = -1;
  for (std::int64_t from = 0; from < extended;) {
    const std::int64_t count = std::min(extended - from, room() - 1);
    parts_.push_back({static_cast<std::int64_t>(tokens_.size()), sequences, from, sequence.offset, length});
    encode(sequence, from, count);
    from += count;
    if (from < extended) scan(true);
  }
  close_run(extended, length);
  tokens_.push_back(seq::kN);
  ++sequences;
  bases += length;
}

void ScanBatch::encode(const ScanSequence& sequence, std::int64_t from, std::int64_t count) {
  const auto length = static_cast<std::int64_t>(sequence.letters.size());
  const std::size_t begin = tokens_.size();
  tokens_.resize(begin + static_cast<std::size_t>(count));
  const std::int64_t direct = std::max<std::int64_t>(0, std::min(count, length - from));
  const auto to = std::span(tokens_).subspan(begin);
  const auto letters = [&](std::int64_t at, std::int64_t number) {
    return sequence.letters.substr(static_cast<std::size_t>(at), static_cast<std::size_t>(number));
  };
  const auto report =
      seq::encode(letters(std::min(from, length), direct), to.first(static_cast<std::size_t>(direct)), seq::Ambiguity::as_n);
  n += report.n + report.ambiguous;
  ambiguous += report.ambiguous;
  if (from + count > length)  // letters around the origin, which were counted at the beginning
    seq::encode(letters(from + direct - length, count - direct), to.subspan(static_cast<std::size_t>(direct)), seq::Ambiguity::as_n);
  for (std::int64_t i = 0; i < count; ++i) {
    const bool base = to[static_cast<std::size_t>(i)] < seq::kN;
    if (base && run_ < 0) run_ = from + i;
    if (!base) close_run(from + i, length);
  }
}

/// A run without N ends before `end`.
void ScanBatch::close_run(std::int64_t end, std::int64_t length) {
  if (run_ < 0) return;
  for (auto& [width, count] : windows_)
    if (width <= length) count += std::max<std::int64_t>(0, std::min(end - width + 1, length) - run_);
  run_ = -1;
}

/// Scans the tokens that wait; `continued`: the last sequence goes on, and its last letters wait
/// for what follows.
void ScanBatch::scan(bool continued) {
  const auto size = static_cast<std::int64_t>(tokens_.size());
  const std::int64_t end = continued ? size - (scanner_.largest_width() - 1) : size;
  std::size_t at = 0;
  scanner_.scan(
      tokens_,
      [&](std::span<const motifs::Site> sites) {
        for (const motifs::Site& site : sites) {
          while (at + 1 < parts_.size() && parts_[at + 1].begin <= site.start) ++at;
          const Part& part = parts_[at];
          const std::int64_t position = part.position + (site.start - part.begin);
          const std::int64_t width = scanner_.matrix(site.motif).width();
          if (position >= part.length || width > part.length) continue;
          consumer_({part.offset + position, part.sequence, site,
                     std::span(tokens_).subspan(static_cast<std::size_t>(site.start), static_cast<std::size_t>(width))});
        }
      },
      0, end);
  Part last = parts_.empty() ? Part{} : parts_.back();
  parts_.clear();
  if (!continued) return tokens_.clear();
  tokens_.erase(tokens_.begin(), tokens_.begin() + end);
  last.position += end - last.begin;
  last.begin = 0;
  parts_.push_back(last);
}

void ScanBatch::finish() { scan(false); }

}  // namespace basewise::annotate::detail
