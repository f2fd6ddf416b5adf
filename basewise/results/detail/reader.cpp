#include "basewise/results/detail/reader.h"

#include <cmath>
#include <limits>

#include "basewise/core/error.h"
#include "basewise/core/json.h"

namespace basewise::results::detail {
namespace {

double number_of(const char* key, const Json& value) {
  if (value.is_null()) return std::numeric_limits<double>::quiet_NaN();
  if (!value.is_number()) refuse(key, value, "a number");
  return value.get<double>();
}

std::int64_t whole_of(const char* key, const Json& value) {
  constexpr double kLargest = 9e15;  // whole numbers below are exact as doubles
  const double x = value.is_number() ? value.get<double>() : std::numeric_limits<double>::quiet_NaN();
  if (!(std::abs(x) <= kLargest) || x != std::trunc(x)) refuse(key, value, "a whole number");
  return static_cast<std::int64_t>(x);
}

template <class T, class Of>
void read_list(const Json& object, const char* key, std::vector<T>& to, Of of) {
  if (member(object, key).is_null()) return;
  to.clear();
  for (const Json& value : items(object, key)) to.push_back(static_cast<T>(of(key, value)));
}

}  // namespace

void refuse(const char* key, const Json& found, std::string_view expected) {
  std::string text = json_text(found);
  if (text.size() > 40) text = text.substr(0, 37) + "...";
  throw DataError(format("'{}' is {}: expected {}", key, text, expected));
}

const Json& member(const Json& object, const char* key) {
  static const Json null;
  if (object.is_null()) return null;
  if (!object.is_object()) refuse(key, object, "an object that may have this member");
  const auto found = object.find(key);
  return found == object.end() ? null : *found;
}

void read(const Json& object, const char* key, std::string& to) {
  const Json& value = member(object, key);
  if (value.is_null()) return;
  if (!value.is_string()) refuse(key, value, "text");
  to = value.get<std::string>();
}

void read(const Json& object, const char* key, bool& to) {
  const Json& value = member(object, key);
  if (value.is_null()) return;
  if (!value.is_boolean()) refuse(key, value, "true or false");
  to = value.get<bool>();
}

void read(const Json& object, const char* key, double& to) {
  if (const Json& value = member(object, key); !value.is_null()) to = number_of(key, value);
}

void read(const Json& object, const char* key, std::int64_t& to) {
  if (const Json& value = member(object, key); !value.is_null()) to = whole_of(key, value);
}

void read(const Json& object, const char* key, std::vector<std::string>& to) {
  read_list(object, key, to, [](const char* k, const Json& value) {
    if (!value.is_string()) refuse(k, value, "text");
    return value.get<std::string>();
  });
}

void read(const Json& object, const char* key, std::vector<std::int64_t>& to) { read_list(object, key, to, whole_of); }

void read(const Json& object, const char* key, std::vector<double>& to) { read_list(object, key, to, number_of); }

void read(const Json& object, const char* key, std::vector<float>& to) { read_list(object, key, to, number_of); }

void read(const Json& object, const char* key, std::vector<std::vector<float>>& to) {
  to.clear();
  for (const Json& row : items(object, key)) {
    std::vector<float> values;
    read(Json{{key, row}}, key, values);
    to.push_back(std::move(values));
  }
}

const Json& items(const Json& object, const char* key) {
  static const Json none = Json::array();
  const Json& value = member(object, key);
  if (value.is_null()) return none;
  if (!value.is_array()) refuse(key, value, "a list");
  return value;
}

void check_schema(const Json& json, std::string_view schema) {
  std::string found;
  if (json.is_object()) read(json, "schema", found);
  if (found != schema) throw DataError(format("the schema is '{}': expected {}", found, schema));
}

Json number(double x) { return std::isfinite(x) ? Json(x) : Json(nullptr); }

}  // namespace basewise::results::detail
