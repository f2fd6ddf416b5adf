#include "basewise/io/safetensors.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>
#include <set>

#include <fcntl.h>
#include <nlohmann/json.hpp>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "basewise/core/files.h"
#include "basewise/core/json.h"
#include "basewise/core/options.h"
#include "basewise/io/detail/bytes.h"

namespace basewise::io {

using nlohmann::json;

namespace {

constexpr std::uint64_t kLargestHeader = 100'000'000;  // the bound of the Python package
constexpr std::string_view kMetadataKey = "__metadata__";
// In the order in which the Python package lays arrays out:
// large elements first, which keeps every array aligned.
constexpr std::pair<std::string_view, DType> kTypes[] = {
    {"U64", DType::u64}, {"I64", DType::i64},   {"F64", DType::f64},     {"F32", DType::f32}, {"U32", DType::u32},
    {"I32", DType::i32}, {"BF16", DType::bf16}, {"F16", DType::f16},     {"U16", DType::u16}, {"I16", DType::i16},
    {"I8", DType::i8},   {"U8", DType::u8},     {"BOOL", DType::boolean}};

std::string_view type_name(DType dtype) {
  for (const auto& [text, type] : kTypes)
    if (type == dtype) return text;
  throw InternalError("DType without a safetensors name");
}

// A file mapped for reading.
class Mapping {
 public:
  explicit Mapping(const std::filesystem::path& path) {
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) throw DataError(format("{}: cannot be opened: {}", path.string(), std::strerror(errno)));
    struct stat facts {};
    const bool regular = ::fstat(descriptor, &facts) == 0 && S_ISREG(facts.st_mode);
    if (regular && facts.st_size > 0) {
      size_ = static_cast<std::size_t>(facts.st_size);
      data_ = ::mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, descriptor, 0);
    }
    ::close(descriptor);
    if (!regular) throw DataError(format("{}: is not a regular file", path.string()));
    if (data_ == MAP_FAILED) throw DataError(format("{}: cannot be mapped into memory: {}", path.string(), std::strerror(errno)));
  }
  ~Mapping() {
    if (data_ && data_ != MAP_FAILED) ::munmap(data_, size_);
  }
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;
  std::span<const std::byte> bytes() const { return {static_cast<const std::byte*>(data_), size_}; }

 private:
  void* data_ = nullptr;
  std::size_t size_ = 0;
};

[[noreturn]] void fail(const std::string& file, const std::string& message) { throw DataError(format("{}: {}", file, message)); }

// Parses the header; JSON itself lets a name come twice, this format must not.
json parse_header(const std::string& file, std::string_view text) {
  std::vector<std::set<std::string>> keys;
  std::string problem;
  const auto watch = [&](int depth, json::parse_event_t event, json& parsed) {
    if (depth > 4 && problem.empty()) problem = "is nested deeper than tensors are";
    if (event == json::parse_event_t::object_start) keys.emplace_back();
    if (event == json::parse_event_t::object_end) keys.pop_back();
    if (event == json::parse_event_t::key && !keys.back().insert(parsed.get<std::string>()).second && problem.empty())
      problem = format("has the key '{}' twice", parsed.get<std::string>());
    return problem.empty() || depth == 0;
  };
  json header;
  try {
    header = json::parse(text, watch);
  } catch (const json::exception& e) {
    fail(file, format("the safetensors header of {} bytes is no valid UTF-8 JSON: {}", text.size(), e.what()));
  }
  if (!problem.empty()) fail(file, format("the safetensors header {}", problem));
  if (!header.is_object()) fail(file, format("the safetensors header is {}, not an object of tensors", header.type_name()));
  return header;
}

Metadata read_metadata(const std::string& file, const json& entry) {
  if (!entry.is_object()) fail(file, format("{} is {}, not an object of texts", kMetadataKey, entry.type_name()));
  Metadata metadata;
  for (const auto& [key, value] : entry.items()) {
    if (!value.is_string()) fail(file, format("{} '{}' is {}, not text", kMetadataKey, key, value.type_name()));
    metadata[key] = value.get<std::string>();
  }
  return metadata;
}

struct Range {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
};

// A list of non-negative integers.
std::optional<std::vector<std::uint64_t>> numbers(const json& value) {
  if (!value.is_array()) return std::nullopt;
  std::vector<std::uint64_t> out;
  for (const json& item : value) {
    if (!item.is_number_unsigned()) return std::nullopt;
    out.push_back(item.get<std::uint64_t>());
  }
  return out;
}

// What an entry says of its tensor.
constexpr std::array<const char*, 3> kKeys{"dtype", "shape", "data_offsets"};

std::pair<TensorView, Range> read_entry(const std::string& file, const std::string& name, const json& entry,
                                        std::span<const std::byte> data) {
  const auto bad = [&](const std::string& what) { fail(file, format("tensor '{}' {}", name, what)); };
  if (!entry.is_object()) bad(format("is {}, not an object with dtype, shape and data_offsets", entry.type_name()));
  for (const auto& [key, value] : entry.items())
    if (std::find(kKeys.begin(), kKeys.end(), key) == kKeys.end()) bad(format("has the unknown key '{}'", key));
  for (const char* key : kKeys)
    if (!entry.contains(key)) bad(format("has no {}", key));
  if (!entry["dtype"].is_string()) bad("has a dtype that is no text");
  TensorView view;
  const auto dtype = entry["dtype"].get<std::string>();
  const auto* type = std::find_if(std::begin(kTypes), std::end(kTypes), [&](const auto& known) { return known.first == dtype; });
  if (type == std::end(kTypes)) bad(format("has dtype '{}'; known are F64 F32 F16 BF16 I64 I32 I16 I8 U64 U32 U16 U8 BOOL", dtype));
  view.dtype = type->second;
  const auto shape = numbers(entry["shape"]);
  if (!shape) bad(format("has shape {}, which is no list of extents", json_text(entry["shape"])));
  for (std::uint64_t extent : *shape) {
    if (extent > (std::uint64_t{1} << 62)) bad(format("has extent {} in its shape", extent));
    view.shape.push_back(static_cast<std::int64_t>(extent));
  }
  const auto offsets = numbers(entry["data_offsets"]);
  if (!offsets || offsets->size() != 2 || (*offsets)[0] > (*offsets)[1])
    bad(format("has data_offsets {}, which are no [begin, end] with begin <= end", json_text(entry["data_offsets"])));
  const Range range{(*offsets)[0], (*offsets)[1]};
  if (range.end > data.size())
    bad(format("ends at data byte {}, but the file has only {} bytes of data; it is truncated or damaged", range.end, data.size()));
  const auto elements = with_context(format("{}: tensor '{}'", file, name), [&] { return element_count(view.shape); });
  const std::uint64_t size = size_of(view.dtype);
  if (static_cast<std::uint64_t>(elements) > data.size() || static_cast<std::uint64_t>(elements) * size != range.end - range.begin)
    bad(format("of type {} and shape {} needs {} x {} bytes, but its data_offsets [{}, {}] hold {}", dtype, shape_text(view.shape),
               elements, size, range.begin, range.end, range.end - range.begin));
  view.bytes = data.subspan(range.begin, range.end - range.begin);
  return {std::move(view), range};
}

}  // namespace

struct SafetensorsFile::State {
  explicit State(const std::filesystem::path& p) : path(p), mapping(p) { read(); }

  std::filesystem::path path;
  Mapping mapping;
  std::vector<std::string> names;
  std::map<std::string, TensorView, std::less<>> tensors;
  Metadata metadata;

  void read();
};

void SafetensorsFile::State::read() {
  const std::string file = path.string();
  const std::span<const std::byte> bytes = mapping.bytes();
  if (bytes.size() < 8)
    fail(file, format("is no safetensors file: it has {} bytes, and the length of the header alone takes 8", bytes.size()));
  const auto length = detail::get<std::uint64_t>(reinterpret_cast<const char*>(bytes.data()));
  if (length > kLargestHeader)
    fail(file, format("is no safetensors file: its header would have {} bytes; at most {} are allowed", length, kLargestHeader));
  if (length > bytes.size() - 8)
    fail(file, format("the safetensors header has {} bytes, but only {} follow; the file is truncated", length, bytes.size() - 8));
  const json header = parse_header(file, {reinterpret_cast<const char*>(bytes.data()) + 8, length});
  const std::span<const std::byte> data = bytes.subspan(8 + length);

  std::vector<std::pair<Range, std::string>> ranges;
  for (const auto& [name, entry] : header.items()) {
    if (name == kMetadataKey) {
      metadata = read_metadata(file, entry);
      continue;
    }
    auto [view, range] = read_entry(file, name, entry, data);
    tensors.emplace(name, std::move(view));
    ranges.emplace_back(range, name);
  }
  std::sort(ranges.begin(), ranges.end(), [](const auto& a, const auto& b) {
    return std::tie(a.first.begin, a.first.end, a.second) < std::tie(b.first.begin, b.first.end, b.second);
  });
  std::uint64_t reached = 0;
  for (const auto& [range, name] : ranges) {
    if (range.begin != reached)
      fail(file, format("tensor '{}' starts at data byte {}, but {} ends at {}: data {}", name, range.begin,
                        names.empty() ? "the header" : format("tensor '{}'", names.back()), reached,
                        range.begin < reached ? "overlap" : "have a hole"));
    reached = range.end;
    names.push_back(name);
  }
  if (reached != data.size())
    fail(file, format("{} bytes are left over behind the last tensor; the file is damaged", data.size() - reached));
}

SafetensorsFile::SafetensorsFile(const std::filesystem::path& path) : state_(std::make_unique<State>(path)) {}
SafetensorsFile::~SafetensorsFile() = default;
SafetensorsFile::SafetensorsFile(SafetensorsFile&&) noexcept = default;
SafetensorsFile& SafetensorsFile::operator=(SafetensorsFile&&) noexcept = default;

const std::filesystem::path& SafetensorsFile::path() const { return state_->path; }
const std::vector<std::string>& SafetensorsFile::names() const { return state_->names; }
bool SafetensorsFile::contains(std::string_view name) const { return state_->tensors.contains(name); }
const Metadata& SafetensorsFile::metadata() const { return state_->metadata; }

const TensorView& SafetensorsFile::at(std::string_view name) const {
  const auto at = state_->tensors.find(name);
  if (at != state_->tensors.end()) return at->second;
  const auto near = nearest(name, state_->names);
  fail(state_->path.string(),
       format("has no tensor '{}'{}; it has {}", name, near ? format(" (did you mean '{}'?)", *near) : "", state_->names.size()));
}

namespace {

// The header: one object, `__metadata__` first, tensors in the order of their data,
// padded to a multiple of 8 bytes.
std::string header_text(const NamedTensors& sorted, const Metadata& metadata) {
  nlohmann::ordered_json header = nlohmann::ordered_json::object();
  if (!metadata.empty()) header[std::string(kMetadataKey)] = metadata;
  std::uint64_t offset = 0;
  for (const auto& [name, view] : sorted) {
    if (name == kMetadataKey) throw ArgumentError(format("'{}' is reserved and names no tensor", kMetadataKey));
    if (header.contains(name)) throw ArgumentError(format("tensor '{}' is given twice", name));
    check(view, name);
    header[name] = {{"dtype", type_name(view.dtype)}, {"shape", view.shape}, {"data_offsets", {offset, offset + view.bytes.size()}}};
    offset += view.bytes.size();
  }
  try {
    std::string text = header.dump();
    text.append((8 - text.size() % 8) % 8, ' ');
    return text;
  } catch (const json::exception& e) {
    throw ArgumentError(format("a tensor name or metadata text is no valid UTF-8: {}", e.what()));
  }
}

NamedTensors in_file_order(NamedTensors tensors) {
  const auto rank = [](DType dtype) {
    return std::find_if(std::begin(kTypes), std::end(kTypes), [&](const auto& known) { return known.second == dtype; });
  };
  std::sort(tensors.begin(), tensors.end(), [&](const auto& a, const auto& b) {
    return a.second.dtype != b.second.dtype ? rank(a.second.dtype) < rank(b.second.dtype) : a.first < b.first;
  });
  return tensors;
}

}  // namespace

void write_safetensors(const std::filesystem::path& path, const NamedTensors& tensors, const Metadata& metadata) {
  AtomicFile file(path);
  with_context(path.string(), [&] { write_safetensors(file.stream(), tensors, metadata); });
  if (!file.stream()) throw DataError(format("{}: cannot be written; is the disk full?", path.string()));
  file.commit();
}

void write_safetensors(std::ostream& out, const NamedTensors& tensors, const Metadata& metadata) {
  const auto write = [&](std::string_view bytes) { out.write(bytes.data(), static_cast<std::streamsize>(bytes.size())); };
  const NamedTensors sorted = in_file_order(tensors);
  const std::string header = header_text(sorted, metadata);
  std::string length;
  detail::put<std::uint64_t>(length, header.size());
  write(length);
  write(header);
  for (const auto& [name, view] : sorted) write({reinterpret_cast<const char*>(view.bytes.data()), view.bytes.size()});
}

}  // namespace basewise::io
