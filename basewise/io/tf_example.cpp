#include "basewise/io/tf_example.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "basewise/core/error.h"
#include "basewise/io/proto_wire.h"

namespace basewise::io {
namespace {

constexpr std::size_t kMostFeatures = 1000;
constexpr std::string_view kKinds[] = {"bytes", "numbers", "integers"};  // in the order of the variant

// Example { Features features = 1; }, Features { map<string, Feature> feature = 1; }, an entry of
// the map { key = 1; value = 2; }, Feature { BytesList = 1, FloatList = 2 or Int64List = 3 }, each
// list { repeated value = 1; }.

void expect_bytes(const WireReader& reader, std::string_view what) {
  if (reader.kind() != WireKind::bytes) reader.fail(format("{} is no message", what));
}

void read_floats(const WireReader& list, std::vector<float>& out) {
  if (list.kind() == WireKind::four_bytes) {
    out.push_back(std::bit_cast<float>(static_cast<std::uint32_t>(list.number())));
    return;
  }
  expect_bytes(list, "a list of numbers");
  const std::string_view bytes = list.bytes();
  if (bytes.size() % sizeof(float) != 0) list.fail(format("a list of numbers of {} bytes, which is no multiple of 4,", bytes.size()));
  const std::size_t before = out.size();
  out.resize(before + bytes.size() / sizeof(float));
  if (!bytes.empty()) std::memcpy(out.data() + before, bytes.data(), bytes.size());
}

void read_integers(const WireReader& list, std::vector<std::int64_t>& out) {
  if (list.kind() == WireKind::varint) {
    out.push_back(static_cast<std::int64_t>(list.number()));
    return;
  }
  expect_bytes(list, "a list of integers");
  WireReader packed = list.inside();
  while (!packed.at_end()) out.push_back(static_cast<std::int64_t>(packed.read_varint()));
}

// The list that `feature` stands at; one of the same kind before it goes on.
template <class T>
std::vector<T>& list_in(TfFeature& out) {
  if (!std::holds_alternative<std::vector<T>>(out)) out = std::vector<T>();
  return std::get<std::vector<T>>(out);
}

TfFeature read_feature(WireReader feature) {
  TfFeature out;
  while (feature.next()) {
    if (feature.field() > 3) continue;
    expect_bytes(feature, "a feature's list");
    WireReader list = feature.inside();
    const std::uint64_t kind = feature.field();
    if (kind == 1) list_in<std::string>(out);
    if (kind == 2) list_in<float>(out);
    if (kind == 3) list_in<std::int64_t>(out);
    while (list.next()) {
      if (list.field() != 1) continue;
      if (kind == 1) {
        expect_bytes(list, "a byte string");
        list_in<std::string>(out).emplace_back(list.bytes());
      } else if (kind == 2) {
        read_floats(list, list_in<float>(out));
      } else {
        read_integers(list, list_in<std::int64_t>(out));
      }
    }
  }
  return out;
}

std::string list_message(const TfFeature& feature) {
  std::string list;
  if (const auto* texts = std::get_if<std::vector<std::string>>(&feature)) {
    for (const std::string& text : *texts) list += bytes_field(1, text);
  } else if (const auto* numbers = std::get_if<std::vector<float>>(&feature)) {
    static_assert(std::endian::native == std::endian::little);
    if (!numbers->empty()) list = bytes_field(1, {reinterpret_cast<const char*>(numbers->data()), numbers->size() * sizeof(float)});
  } else {
    std::string packed;
    for (const std::int64_t value : std::get<std::vector<std::int64_t>>(feature)) packed += varint(static_cast<std::uint64_t>(value));
    if (!packed.empty()) list = bytes_field(1, packed);
  }
  return bytes_field(static_cast<int>(feature.index()) + 1, list);
}

template <class T>
const std::vector<T>& list_of(const TfFeature& feature, std::string_view name, std::string_view wanted) {
  if (const auto* list = std::get_if<std::vector<T>>(&feature)) return *list;
  throw DataError(format("feature '{}' holds {}; expected {}", name, kKinds[feature.index()], wanted));
}

}  // namespace

TfExample TfExample::parse(std::string_view message) {
  TfExample example;
  WireReader outer(message);
  while (outer.next()) {
    if (outer.field() != 1) continue;
    expect_bytes(outer, "the list of features");
    WireReader features = outer.inside();
    while (features.next()) {
      if (features.field() != 1) continue;
      expect_bytes(features, "a feature");
      WireReader entry = features.inside();
      std::string name;
      TfFeature feature;
      while (entry.next()) {
        if (entry.field() > 2) continue;
        expect_bytes(entry, "name or value of a feature");
        if (entry.field() == 1)
          name = entry.bytes();
        else
          feature = read_feature(entry.inside());
      }
      if (example.features_.size() == kMostFeatures && !example.find(name)) features.fail(format("more than {} features", kMostFeatures));
      example.set(std::move(name), std::move(feature));
    }
  }
  return example;
}

void TfExample::set(std::string name, TfFeature feature) {
  for (auto& [known, value] : features_)
    if (known == name) {
      value = std::move(feature);
      return;
    }
  features_.emplace_back(std::move(name), std::move(feature));
}

const TfFeature* TfExample::find(std::string_view name) const {
  for (const auto& [known, value] : features_)
    if (known == name) return &value;
  return nullptr;
}

const TfFeature& TfExample::at(std::string_view name) const {
  if (const TfFeature* feature = find(name)) return *feature;
  std::vector<std::string_view> names;
  for (const auto& [known, value] : features_)
    if (names.size() < 8) names.push_back(known);
  throw DataError(format("there is no feature '{}'; there are {}{}", name, names.empty() ? "none" : fmt::to_string(fmt::join(names, ", ")),
                         features_.size() > names.size() ? ", ..." : ""));
}

const std::string& TfExample::bytes(std::string_view name) const {
  const auto& list = list_of<std::string>(at(name), name, "bytes");
  if (list.size() != 1) throw DataError(format("feature '{}' holds {} byte strings; expected one", name, list.size()));
  return list.front();
}

std::span<const float> TfExample::floats(std::string_view name) const { return list_of<float>(at(name), name, "numbers"); }

std::span<const std::int64_t> TfExample::integers(std::string_view name) const { return list_of<std::int64_t>(at(name), name, "integers"); }

std::string TfExample::serialise() const {
  std::string features;
  for (const auto& [name, feature] : features_) features += bytes_field(1, bytes_field(1, name) + bytes_field(2, list_message(feature)));
  return bytes_field(1, features);
}

}  // namespace basewise::io
