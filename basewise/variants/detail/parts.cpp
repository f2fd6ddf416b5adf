#include "basewise/variants/detail/parts.h"

#include <nlohmann/json.hpp>

#include "basewise/core/error.h"
#include "basewise/core/files.h"
#include "basewise/core/json.h"

namespace basewise::variants::detail {
namespace {

namespace fs = std::filesystem;

constexpr const char* kFacts = "facts.json";

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts(1);
  for (const char c : text) c == separator ? void(parts.emplace_back()) : parts.back().push_back(c);
  return parts;
}

/// "1|2,,3|4": alleles with their fields.
std::string line_of(const AlleleTexts& texts) {
  std::string line;
  for (std::size_t i = 0; i < texts.size(); ++i) line += format("{}{}", i > 0 ? "," : "", fmt::join(texts[i], "|"));
  return line;
}

std::string hash_text(std::uint64_t hash) { return format("{:016x}", hash); }

}  // namespace

Parts::Parts(fs::path folder, const nlohmann::ordered_json& facts, std::int64_t rows_each, Shard shard)
    : folder_(std::move(folder)),
      facts_(json_text(facts, 1) + "\n"),
      facts_hash_(hash_text(fnv1a(facts_))),
      each_(rows_each),
      shard_(shard) {
  if (folder_.empty() || !fs::exists(folder_)) return;
  const fs::path known = folder_ / kFacts;
  if (fs::exists(known) && read_file(known) == facts_) return;
  if (shard_.parts > 1 && !fs::is_empty(folder_))
    throw StateError(
        format("{} holds parts of other options, another run or another genome; remove it, or give another output", folder_.string()));
  remove();
}

std::string Parts::stamp() const { return facts_hash_ + " " + hash_text(hash_); }

fs::path Parts::file() const { return folder_ / format("{:06}.txt", part_); }

void Parts::refuse(const std::string& why) const {
  throw DataError(format("{}: {}; remove the folder {} to start anew", file().string(), why, folder_.string()));
}

void Parts::begin() {
  hash_ = kFnvStart;
  lines_.clear();
  const bool ours = shard_.has(part_);
  task_ = ours ? RowTask::compute : RowTask::other;
  if (folder_.empty() || !fs::exists(file())) return;
  task_ = RowTask::known;
  lines_ = split(read_file(file()), '\n');
  stated_ = lines_.front();
  lines_.erase(lines_.begin());
  if (lines_.empty() || !lines_.back().empty()) refuse("the part is damaged");
  // Two calls that began at once may each have found no folder.
  if (!stated_.starts_with(facts_hash_))
    refuse("the part is of other options, another run or another genome: another call writes this output");
  lines_.pop_back();
}

RowTask Parts::next(const io::VcfRecord& record) {
  if (rows_ == 0) begin();
  hash_ = fnv1a("\n", fnv1a(record.line, hash_));
  const auto row = static_cast<std::size_t>(rows_++);
  if (task_ != RowTask::known) return task_;
  if (row >= lines_.size()) refuse("the part is of fewer rows than there are now: the variants were changed");
  texts_.clear();
  if (!record.alts.empty())
    for (const std::string& allele : split(lines_[row], ','))
      texts_.push_back(allele.empty() ? std::vector<std::string>() : split(allele, '|'));
  if (texts_.size() != record.alts.size()) refuse("the part is of other rows: the variants were changed");
  return task_;
}

void Parts::keep(const AlleleTexts& texts) {
  if (!folder_.empty() && task_ == RowTask::compute) lines_.push_back(line_of(texts));
}

void Parts::finish(bool last) {
  if (rows_ == 0) return;
  if (task_ == RowTask::known && (std::ssize(lines_) != rows_ || stated_ != stamp()))
    refuse("the part is of other rows: the variants were changed");
  // The last rows need no file where the output follows at once.
  if (task_ == RowTask::compute && !folder_.empty() && (!last || shard_.parts > 1)) write();
  ++part_;
  rows_ = 0;
}

void Parts::write() const {
  if (!fs::exists(folder_ / kFacts)) write_file(folder_ / kFacts, facts_);
  write_file(file(), stamp() + "\n" + format("{}", fmt::join(lines_, "\n")) + "\n");
}

void Parts::remove() const {
  if (!folder_.empty() && fs::exists(folder_)) remove_whole(folder_);
}

}  // namespace basewise::variants::detail
