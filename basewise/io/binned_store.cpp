#include "basewise/io/binned_store.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <optional>

#include <nlohmann/json.hpp>

#include "basewise/core/error.h"
#include "basewise/core/files.h"
#include "basewise/core/json.h"
#include "basewise/core/log.h"
#include "basewise/io/detail/bytes.h"
#include "basewise/io/half.h"

namespace basewise::io {
namespace {

constexpr std::string_view kMagic = "basewise binned 1\n";
constexpr std::int64_t kMost = std::int64_t{1} << 30;  // of rows and any length
constexpr std::uint64_t kTail = 8 + kMagic.size();     // the length of what the file says of its rows, and the mark once more

// What is known about all rows.
struct Facts {
  std::int64_t rows = 0;
  BinnedShape shape = {};
  bool half = true;
  bool masks = false;
  std::int64_t missing = 0;
  std::int64_t unmappable = 0;
  std::vector<std::string> names = {};

  std::int64_t values() const { return shape.bins * shape.targets; }
  std::uint64_t value_bytes() const { return static_cast<std::uint64_t>(values()) * (half ? 2 : 4); }
  std::uint64_t mask_bytes() const { return masks ? static_cast<std::uint64_t>(shape.bins) : 0; }
  std::uint64_t row_bytes() const { return static_cast<std::uint64_t>(shape.length) + value_bytes() + mask_bytes(); }

  std::string to_text() const {
    return json_text(nlohmann::ordered_json{{"rows", rows},
                                            {"length", shape.length},
                                            {"bins", shape.bins},
                                            {"targets", shape.targets},
                                            {"half", half},
                                            {"masks", masks},
                                            {"missing", missing},
                                            {"unmappable", unmappable},
                                            {"names", names}});
  }

  static Facts from_text(std::string_view text, const std::string& file) {
    const nlohmann::ordered_json json = parse_json(text, file);
    const auto number = [&](const char* key) { return json.at(key).get<std::int64_t>(); };
    return {.rows = number("rows"),
            .shape = {number("length"), number("bins"), number("targets")},
            .half = json.at("half").get<bool>(),
            .masks = json.at("masks").get<bool>(),
            .missing = number("missing"),
            .unmappable = number("unmappable"),
            .names = json.at("names").get<std::vector<std::string>>()};
  }
};

std::filesystem::path rows_path(const BinnedKeeping& keeping) { return keeping.folder / (keeping.name + ".rows"); }

// Rows in memory, and from some size on in a file that is not there yet.
class Rows {
 public:
  explicit Rows(const BinnedKeeping& keeping) : keeping_(keeping) {}

  void add(std::string_view row) {
    if (!file_ && std::ssize(memory_) + std::ssize(row) > keeping_.memory) {
      std::filesystem::create_directories(keeping_.folder);
      file_.emplace(path());
      write(kMagic);
      write(memory_);
      std::string().swap(memory_);
    }
    if (file_)
      write(row);
    else
      memory_.append(row);
  }

  bool in_file() const { return file_.has_value(); }
  std::string take_memory() { return std::move(memory_); }

  void commit(const Facts& facts) {
    const std::string text = facts.to_text();
    std::string length;
    detail::put(length, static_cast<std::uint64_t>(text.size()));
    write(text + length);
    write(kMagic);
    file_->commit();
  }

  std::filesystem::path path() const { return rows_path(keeping_); }

 private:
  void write(std::string_view bytes) {
    if (!file_->stream().write(bytes.data(), static_cast<std::streamsize>(bytes.size())))
      throw DataError(format("{}: cannot write; is the disk full? A set of less than data.binned.memory stays in memory", path().string()));
  }

  const BinnedKeeping& keeping_;
  std::string memory_;
  std::optional<AtomicFile> file_;
};

// Turns records into rows: tokens, values (targets, bins), mask.
class RowMaker {
 public:
  RowMaker(const BinnedChoice& choice, const BinnedShape& given) : choice_(choice), given_(given) {}

  const std::string& make(const BinnedRecord& record, Facts& facts) {
    if (facts.rows == 0) begin(record, facts);
    if (facts.half && !record.half) throw DataError("values are not float16, as those of the records before");
    if (facts.masks != !record.unmappable.empty())
      throw DataError(facts.masks ? "there is no mask of bins, as in the records before"
                                  : "there is a mask of bins, but none in the records before");
    row_.assign(reinterpret_cast<const char*>(record.tokens.data()), record.tokens.size());
    add_values(record, facts);
    for (std::int64_t bin = 0; facts.masks && bin < facts.shape.bins; ++bin) {
      const std::uint8_t mask = record.unmappable[static_cast<std::size_t>(bin + choice_.crop)];
      row_ += static_cast<char>(mask);
      facts.unmappable += mask;
    }
    if (!record.name.empty()) facts.names.push_back(record.name);
    return row_;
  }

 private:
  void begin(const BinnedRecord& record, Facts& facts) {
    for (const std::int64_t target : choice_.targets)
      if (target < 0 || target >= given_.targets)
        throw DataError(format("target {} is asked for, but records have {} targets (from 0)", target, given_.targets));
    facts.shape = given_;
    if (!choice_.targets.empty()) facts.shape.targets = std::ssize(choice_.targets);
    facts.shape.bins -= 2 * choice_.crop;
    if (facts.shape.bins < 1) throw DataError(format("{} bins cut from both ends leave none of {}", choice_.crop, given_.bins));
    facts.half = record.half;
    facts.masks = !record.unmappable.empty();
  }

  void add_values(const BinnedRecord& record, Facts& facts) {
    const auto bins = static_cast<std::size_t>(facts.shape.bins), targets = static_cast<std::size_t>(facts.shape.targets);
    const auto columns = static_cast<std::size_t>(given_.targets), crop = static_cast<std::size_t>(choice_.crop);
    turned_.resize(bins * targets);
    for (std::size_t t = 0; t < targets; ++t) {
      const std::size_t column = choice_.targets.empty() ? t : static_cast<std::size_t>(choice_.targets[t]);
      const float* from = record.values.data() + crop * columns + column;
      for (std::size_t bin = 0; bin < bins; ++bin) turned_[t * bins + bin] = from[bin * columns];
    }
    for (float& value : turned_)
      if (!std::isfinite(value)) value = std::numeric_limits<float>::quiet_NaN(), ++facts.missing;
    if (!facts.half) {
      row_.append(reinterpret_cast<const char*>(turned_.data()), turned_.size() * sizeof(float));
      return;
    }
    halves_.resize(turned_.size());
    float_to_half(turned_, halves_);
    row_.append(reinterpret_cast<const char*>(halves_.data()), halves_.size() * sizeof(std::uint16_t));
  }

  const BinnedChoice& choice_;
  const BinnedShape given_;
  std::string row_;
  std::vector<float> turned_;
  std::vector<std::uint16_t> halves_;
};

}  // namespace

std::string fingerprint(const std::vector<std::filesystem::path>& files) {
  std::string text;
  for (const std::filesystem::path& file : files) {
    std::error_code error;
    const auto size = std::filesystem::file_size(file, error);
    if (error) throw DataError(format("{}: {}", file.string(), error.message()));
    const auto time = std::filesystem::last_write_time(file, error).time_since_epoch().count();
    text += format("{}|{}|{}\n", std::filesystem::absolute(file).string(), size, time);
  }
  return text;
}

struct BinnedStore::State {
  Facts facts;
  std::string memory;
  std::optional<detail::PositionedFile> file;

  void open(const std::filesystem::path& path) {
    file.emplace(path);
    const auto bad = [&]() { file->fail("is no file of binned records of this version"); };
    const std::uint64_t size = file->size();
    if (size < kMagic.size() + kTail || file->read(0, kMagic.size(), "mark") != kMagic) bad();
    const std::string tail = file->read(size - kTail, kTail, "end");
    const auto length = detail::get<std::uint64_t>(tail.data());
    if (!std::string_view(tail).ends_with(kMagic) || length > size - kTail - kMagic.size()) bad();
    try {
      facts = Facts::from_text(file->read(size - kTail - length, length, "description"), path.string());
    } catch (const nlohmann::json::exception&) {
      bad();
    }
    const auto fits = [](std::int64_t n) { return n >= 1 && n <= kMost; };
    if (!fits(facts.rows) || !fits(facts.shape.length) || !fits(facts.shape.bins) || !fits(facts.shape.targets)) bad();
    const std::uint64_t rows = size - kMagic.size() - length - kTail, n = static_cast<std::uint64_t>(facts.rows);
    if (rows % n != 0 || rows / n != facts.row_bytes()) bad();
  }

  bool open_kept(const std::filesystem::path& path) {
    std::error_code unknown;
    if (!std::filesystem::exists(path, unknown)) return false;
    try {
      open(path);
      return true;
    } catch (const DataError& error) {
      log_warning("{}; it is written anew", error.what());
      file.reset();
      facts = {};
      return false;
    }
  }

  void read(BinnedReader& reader, const BinnedChoice& choice, const BinnedKeeping& keeping) {
    Rows rows(keeping);
    std::optional<RowMaker> maker;
    facts.shape = reader.shape();
    for (BinnedRecord record; (choice.most == 0 || facts.rows < choice.most) && reader.next(record); ++facts.rows) {
      if (!maker) maker.emplace(choice, reader.shape());
      rows.add(
          with_context(format("record {} of the set", facts.rows), [&]() -> const std::string& { return maker->make(record, facts); }));
    }
    if (!facts.names.empty() && std::ssize(facts.names) != facts.rows) throw DataError("some records have names and others have none");
    if (!rows.in_file()) {
      memory = rows.take_memory();
      return;
    }
    rows.commit(facts);
    open(rows.path());
    log_info("{} records of binned values are kept in {} ({} MB)", facts.rows, rows.path().string(), file->size() >> 20);
  }

  void bytes(std::int64_t i, std::uint64_t offset, std::span<char> out) const {
    if (i < 0 || i >= facts.rows) throw ArgumentError(format("there is no record {} among {}", i, facts.rows));
    const std::uint64_t at = static_cast<std::uint64_t>(i) * facts.row_bytes() + offset;
    if (file)
      file->read(kMagic.size() + at, out, "a record");
    else
      std::memcpy(out.data(), memory.data() + at, out.size());
  }
};

BinnedStore::BinnedStore(const std::function<BinnedReaderPtr()>& open, const BinnedChoice& choice, const BinnedKeeping& keeping)
    : state_(std::make_unique<State>()) {
  if (!keeping.name.empty() && state_->open_kept(rows_path(keeping))) return;
  const BinnedReaderPtr reader = open();
  state_->read(*reader, choice, keeping);
}

BinnedStore::~BinnedStore() = default;
BinnedStore::BinnedStore(BinnedStore&&) noexcept = default;
BinnedStore& BinnedStore::operator=(BinnedStore&&) noexcept = default;

std::int64_t BinnedStore::size() const { return state_->facts.rows; }
const BinnedShape& BinnedStore::shape() const { return state_->facts.shape; }
bool BinnedStore::has_masks() const { return state_->facts.masks; }
std::int64_t BinnedStore::missing() const { return state_->facts.missing; }
std::int64_t BinnedStore::unmappable() const { return state_->facts.unmappable; }
const std::vector<std::string>& BinnedStore::names() const { return state_->facts.names; }
bool BinnedStore::in_file() const { return state_->file.has_value(); }

namespace {

template <class T>
std::span<char> as_bytes_of(std::span<T> out) {
  return {reinterpret_cast<char*>(out.data()), out.size_bytes()};
}

}  // namespace

void BinnedStore::tokens(std::int64_t i, std::span<std::uint8_t> out) const {
  if (std::ssize(out) != shape().length) throw ArgumentError(format("{} bases are no record of {}", out.size(), shape().length));
  state_->bytes(i, 0, as_bytes_of(out));
}

void BinnedStore::values(std::int64_t i, std::span<float> out) const {
  const Facts& facts = state_->facts;
  if (std::ssize(out) != facts.values()) throw ArgumentError(format("{} values are no record of {}", out.size(), facts.values()));
  const auto offset = static_cast<std::uint64_t>(facts.shape.length);
  if (!facts.half) return state_->bytes(i, offset, as_bytes_of(out));
  std::vector<std::uint16_t> halves(out.size());
  state_->bytes(i, offset, as_bytes_of(std::span(halves)));
  half_to_float(halves, out);
}

void BinnedStore::unmappable(std::int64_t i, std::span<std::uint8_t> out) const {
  const Facts& facts = state_->facts;
  if (std::ssize(out) != static_cast<std::int64_t>(facts.mask_bytes()))
    throw ArgumentError(format("{} bins are no mask of {}", out.size(), facts.mask_bytes()));
  state_->bytes(i, static_cast<std::uint64_t>(facts.shape.length) + facts.value_bytes(), as_bytes_of(out));
}

}  // namespace basewise::io
