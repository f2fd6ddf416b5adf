#include "basewise/io/detail/h5_paths.h"

#include <algorithm>
#include <deque>
#include <optional>
#include <set>

#include "basewise/core/nearest.h"
#include "basewise/core/some_of.h"

namespace basewise::io::detail {

namespace {

constexpr int kMostLinks = 32;          // soft links on one path
constexpr std::size_t kMostDepth = 64;  // groups inside each other
constexpr std::size_t kMostNames = 1'000'000;

std::deque<std::string> parts_of(std::string_view path) {
  std::deque<std::string> parts;
  while (!path.empty()) {
    const std::size_t end = std::min(path.find('/'), path.size());
    const std::string_view part = path.substr(0, end);
    if (!part.empty() && !(part.size() == 1 && part[0] == '.')) parts.emplace_back(part);
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  return parts;
}

std::string absolute(std::string_view path) { return format("/{}", path); }

// What a link is, where it is no hard one.
struct Link {
  bool hard = false;
  bool soft = false;
  std::string target = {};  // of a soft link
  std::string why = {};     // of one that is not followed
};

Link read_link(hid_t file, const std::string& path) {
  H5L_info_t info{};
  if (H5Lget_info(file, absolute(path).c_str(), &info, H5P_DEFAULT) < 0)
    return {.why = format("a link that cannot be read: {}", h5_reason())};
  if (info.type == H5L_TYPE_HARD) return {.hard = true};
  std::string value(std::min<std::size_t>(info.u.val_size, 1 << 16), '\0');
  if (H5Lget_val(file, absolute(path).c_str(), value.data(), value.size(), H5P_DEFAULT) < 0)
    return {.why = format("a link that cannot be read: {}", h5_reason())};
  if (info.type == H5L_TYPE_SOFT) return {.soft = true, .target = value.substr(0, value.find('\0'))};
  if (info.type != H5L_TYPE_EXTERNAL) return {.why = "a link of a kind that is not followed"};
  const char *other = nullptr, *object = nullptr;
  unsigned flags = 0;
  if (H5Lunpack_elink_val(value.data(), value.size(), &flags, &other, &object) < 0) return {.why = "a damaged link to another file"};
  return {.why = format("a link to '{}' in another file, {}", object, other)};
}

std::optional<H5Object> object_at(hid_t file, const std::string& path) {
  H5G_stat_t stat{};
  if (H5Gget_objinfo(file, absolute(path).c_str(), false, &stat) < 0) return std::nullopt;
  const H5Kind kind = stat.type == H5G_GROUP ? H5Kind::group : stat.type == H5G_DATASET ? H5Kind::data_set : H5Kind::other;
  return H5Object{path, kind, {stat.fileno[0], stat.fileno[1], stat.objno[0], stat.objno[1]}};
}

struct Names {
  std::vector<std::string> names;
  bool too_many = false;
};

herr_t keep_name(hid_t /*group*/, const char* name, const H5L_info_t* /*info*/, void* out) noexcept {
  auto& names = *static_cast<Names*>(out);
  if (names.names.size() >= kMostNames) {
    names.too_many = true;
    return 1;
  }
  try {
    names.names.emplace_back(name);
  } catch (...) {
    return -1;
  }
  return 0;
}

std::vector<std::string> names_in(hid_t file, const std::string& file_name, const std::string& group) {
  const H5Handle opened(H5Gopen2(file, absolute(group).c_str(), H5P_DEFAULT), H5Gclose);
  if (!opened) h5_fail(file_name, format("group '/{}' cannot be opened", group));
  Names names;
  if (H5Literate(opened.get(), H5_INDEX_NAME, H5_ITER_INC, nullptr, keep_name, &names) < 0)
    h5_fail(file_name, format("the names in group '/{}' cannot be read", group));
  if (names.too_many) throw DataError(format("{}: group '/{}' has more than {} names", file_name, group, kMostNames));
  return names.names;
}

[[noreturn]] void throw_missing(hid_t file, const std::string& file_name, const std::string& group, const std::string& missing) {
  const std::vector<std::string> names = names_in(file, file_name, group);
  const auto near = nearest(missing, names);
  throw DataError(format("{}: has no '{}'{}; {} has: {}", file_name, h5_join(group, missing),
                         near ? format(" (did you mean '{}'?)", h5_join(group, *near)) : "",
                         group.empty() ? "the file" : format("group '{}'", group), some_of(names, "", 10, "nothing")));
}

}  // namespace

std::string h5_join(std::string_view group, std::string_view name) {
  return group.empty() ? std::string(name) : format("{}/{}", group, name);
}

H5Object h5_resolve(hid_t file, const std::string& file_name, std::string_view path) {
  if (path.find('\0') != std::string_view::npos) throw ArgumentError("a path in an HDF5 file holds no zero byte");
  std::deque<std::string> parts = parts_of(path);
  std::string at;
  int links = 0;
  while (!parts.empty()) {
    const std::string part = parts.front(), next = h5_join(at, part);
    if (const auto here = object_at(file, at); !here || here->kind != H5Kind::group)
      throw DataError(format("{}: has no '{}': '{}' is no group", file_name, path, at));
    if (H5Lexists(file, absolute(next).c_str(), H5P_DEFAULT) <= 0) throw_missing(file, file_name, at, part);
    const Link link = read_link(file, next);
    parts.pop_front();
    if (link.hard) {
      at = next;
      continue;
    }
    if (!link.soft)
      throw DataError(
          format("{}: '{}' is {}, which is not followed; copy what it names into this file (h5copy)", file_name, next, link.why));
    if (++links > kMostLinks)
      throw DataError(format("{}: '{}' leads through more than {} links; do they form a circle?", file_name, path, kMostLinks));
    if (link.target.starts_with('/')) at.clear();
    const std::deque<std::string> target = parts_of(link.target);
    parts.insert(parts.begin(), target.begin(), target.end());
  }
  auto object = object_at(file, at);
  if (!object) h5_fail(file_name, format("'{}' cannot be opened", path));
  return *object;
}

std::vector<H5Entry> h5_list(hid_t file, const std::string& file_name, const std::string& group) {
  std::vector<H5Entry> entries;
  for (const std::string& name : names_in(file, file_name, group)) {
    H5Entry entry{name};
    try {
      const H5Object object = h5_resolve(file, file_name, h5_join(group, name));
      entry.kind = object.kind;
      if (entry.kind == H5Kind::other) entry.why = "a named type";
    } catch (const DataError& error) {
      entry.why = error.what();
    }
    entries.push_back(std::move(entry));
  }
  return entries;
}

std::vector<std::string> h5_walk(hid_t file, const std::string& file_name, const std::string& group) {
  std::vector<std::string> found;
  std::set<std::vector<unsigned long>> seen;
  std::vector<std::pair<std::string, std::size_t>> waiting = {{group, 0}};
  while (!waiting.empty()) {
    const auto [here, depth] = waiting.back();
    waiting.pop_back();
    std::vector<std::pair<std::string, std::size_t>> below;
    for (const std::string& name : names_in(file, file_name, here)) {
      const std::string path = h5_join(here, name);
      if (!read_link(file, path).hard) continue;
      const auto object = object_at(file, path);
      if (!object || !seen.insert(object->number).second) continue;
      if (object->kind == H5Kind::data_set) found.push_back(path);
      if (object->kind != H5Kind::group) continue;
      if (depth >= kMostDepth) throw DataError(format("{}: has groups more than {} deep", file_name, kMostDepth));
      below.emplace_back(path, depth + 1);
    }
    waiting.insert(waiting.end(), below.rbegin(), below.rend());
  }
  std::sort(found.begin(), found.end());
  return found;
}

bool h5_contains(hid_t file, const std::string& file_name, std::string_view path) {
  std::string at;
  for (const std::string& part : parts_of(path)) {
    const auto here = object_at(file, at);
    if (!here || here->kind != H5Kind::group) return false;
    const std::string next = h5_join(at, part);
    if (H5Lexists(file, absolute(next).c_str(), H5P_DEFAULT) <= 0) return false;
    const Link link = read_link(file, next);
    if (!link.hard && !link.soft) return true;
    if (link.hard) {
      at = next;
      continue;
    }
    try {
      at = h5_resolve(file, file_name, next).path;
    } catch (const DataError&) {
      return true;
    }
  }
  return true;
}

}  // namespace basewise::io::detail
