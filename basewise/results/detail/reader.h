// Members of a JSON object into members of a struct, with errors that name them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "basewise/core/choice.h"
#include "basewise/core/format.h"

namespace basewise::results::detail {

using Json = nlohmann::ordered_json;

/// Errors: always, a DataError "'key' is found: expected ...".
[[noreturn]] void refuse(const char* key, const Json& found, std::string_view expected);

/// The member of an object, null where there is none.
/// Errors: DataError where `object` is neither an object nor null.
const Json& member(const Json& object, const char* key);

// A member that is absent or null leaves `to` as it is.
// Errors: DataError that names the member, what it is and what was expected.
void read(const Json& object, const char* key, std::string& to);
void read(const Json& object, const char* key, bool& to);
void read(const Json& object, const char* key, double& to);
void read(const Json& object, const char* key, std::int64_t& to);
void read(const Json& object, const char* key, std::vector<std::string>& to);
void read(const Json& object, const char* key, std::vector<std::int64_t>& to);
void read(const Json& object, const char* key, std::vector<double>& to);  ///< null is NaN
void read(const Json& object, const char* key, std::vector<float>& to);   ///< null is NaN
void read(const Json& object, const char* key, std::vector<std::vector<float>>& to);

/// The same of a word of a choice.
template <Choice E>
void read_choice(const Json& object, const char* key, E& to) {
  std::string word;
  read(object, key, word);
  if (member(object, key).is_null()) return;
  const std::optional<E> value = find_choice<E>(word);
  if (!value) refuse(key, member(object, key), format("one of {}", fmt::join(all_words<E>(), ", ")));
  to = *value;
}

/// Items of an array; none where it is absent or null. Errors: DataError for anything else.
const Json& items(const Json& object, const char* key);

/// Errors: DataError unless `json` is an object of this schema.
void check_schema(const Json& json, std::string_view schema);

/// A number, or null where it is not finite.
Json number(double x);

}  // namespace basewise::results::detail
