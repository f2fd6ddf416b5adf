#include "basewise/convert/detail/keys.h"

#include <cmath>

#include "basewise/core/error.h"
#include "basewise/core/json.h"
#include "basewise/core/nearest.h"

namespace basewise::convert::detail {

using Json = nlohmann::ordered_json;

std::string shown(const Json& value) {
  constexpr std::size_t kLongest = 60;
  std::string text = json_text(value);
  if (text.size() > kLongest) text = text.substr(0, kLongest) + "...";
  return text;
}

Keys::Keys(Json object, std::string place, std::map<std::string, std::int64_t> lines, Keys* outer)
    : object_(std::move(object)), place_(std::move(place)), lines_(std::move(lines)), outer_(outer) {
  if (!object_.is_object()) throw DataError(format("{} is {}; expected keys and values", place_, shown(object_)));
}

std::string Keys::where(std::string_view key) const {
  const auto line = lines_.find(std::string(key));
  return line == lines_.end() ? format("{}: '{}'", place_, key) : format("{}:{}: '{}'", place_, line->second, key);
}

void Keys::fail(std::string_view key, const std::string& problem) const { throw DataError(format("{} {}", where(key), problem)); }

bool Keys::has(std::string_view key) const { return object_.contains(key) || (outer_ != nullptr && outer_->has(key)); }

const Json* Keys::find(std::string_view key) {
  read_.emplace(key);
  const auto it = object_.find(key);
  if (it != object_.end()) return &*it;
  return outer_ == nullptr ? nullptr : outer_->find(key);
}

Json Keys::value(std::string_view key) {
  const Json* found = find(key);
  return found == nullptr ? Json() : *found;
}

double Keys::number(std::string_view key, double otherwise, double least, double most) {
  const std::vector<double> one = numbers(key, {otherwise}, least, most);
  if (one.size() != 1) fail(key, format("has {} values; expected one", one.size()));
  return one[0];
}

std::int64_t Keys::whole(std::string_view key, std::int64_t otherwise, std::int64_t least, std::int64_t most) {
  const std::vector<std::int64_t> one = wholes(key, {otherwise}, least, most);
  if (one.size() != 1) fail(key, format("has {} values; expected one", one.size()));
  return one[0];
}

bool Keys::flag(std::string_view key, bool otherwise) {
  const Json* found = find(key);
  if (found == nullptr || found->is_null()) return otherwise;
  if (found->is_boolean()) return found->get<bool>();
  if (found->is_number_integer() && (*found == 0 || *found == 1)) return *found == 1;
  fail(key, format("is {}; expected true or false", shown(*found)));
}

std::string Keys::text(std::string_view key, const std::string& otherwise) {
  const Json* found = find(key);
  if (found == nullptr || found->is_null()) return otherwise;
  if (!found->is_string()) fail(key, format("is {}; expected a word", shown(*found)));
  return found->get<std::string>();
}

void Keys::refuse_word(std::string_view key, const std::string& word, const std::vector<std::string>& known) const {
  fail(key, format("is \"{}\", which is not converted; expected {}", word, fmt::join(known, ", ")));
}

std::vector<double> Keys::numbers(std::string_view key, std::vector<double> otherwise, double least, double most) {
  const Json* found = find(key);
  if (found == nullptr || found->is_null()) return otherwise;
  std::vector<double> all;
  const auto take = [&](const Json& one) {
    const double x = one.is_number() ? one.get<double>() : std::nan("");
    if (!(x >= least && x <= most)) fail(key, format("is {}; expected a number from {} to {}", shown(one), least, most));
    all.push_back(x);
  };
  if (found->is_array())
    for (const Json& one : *found) take(one);
  else
    take(*found);
  return all;
}

std::vector<std::int64_t> Keys::wholes(std::string_view key, std::vector<std::int64_t> otherwise, std::int64_t least, std::int64_t most) {
  std::vector<double> plain(otherwise.begin(), otherwise.end());
  std::vector<std::int64_t> all;
  if (!has(key)) return static_cast<void>(find(key)), otherwise;
  for (const double x : numbers(key, std::move(plain), -1e12, 1e12)) {
    if (x != std::floor(x) || x < static_cast<double>(least) || x > static_cast<double>(most))
      fail(key, format("is {}; expected a whole number from {} to {}", x, least, most));
    all.push_back(static_cast<std::int64_t>(x));
  }
  return all;
}

void Keys::without_counterpart(std::string_view key, std::string_view why, std::vector<std::string>& notes) {
  read_.emplace(key);
  const auto it = object_.find(key);
  if (it != object_.end()) notes.push_back(format("{} is {}: {}", where(key), shown(*it), why));
}

void Keys::refuse_others() const {
  std::vector<std::string> unknown;
  const std::vector<std::string> known(read_.begin(), read_.end());
  for (const auto& [key, value] : object_.items()) {
    if (read_.contains(key)) continue;
    const auto near = nearest(key, known);
    const auto line = lines_.find(key);
    unknown.push_back(format("'{}'{}{}", key, line == lines_.end() ? "" : format(" (line {})", line->second),
                             near ? format(", did you mean '{}'?", *near) : ""));
  }
  if (unknown.empty()) return;
  throw DataError(format("{}: {} not known: {}. What a key means must be clear before a model is made from it", place_,
                         unknown.size() == 1 ? "a key is" : format("{} keys are", unknown.size()), fmt::join(unknown, "; ")));
}

}  // namespace basewise::convert::detail
