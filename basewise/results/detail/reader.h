// Members of a JSON object into members of a struct, with errors that name them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

namespace basewise::results::detail {

using Json = nlohmann::ordered_json;

/// The member of an object, null where there is none. Errors: DataError where `object` is neither an object nor null.
const Json& member(const Json& object, const char* key);

// A member that is absent or null leaves `to` as it is. Errors: DataError that names the member, what it is and what was expected.
void read(const Json& object, const char* key, std::string& to);
void read(const Json& object, const char* key, bool& to);
void read(const Json& object, const char* key, double& to);
void read(const Json& object, const char* key, std::int64_t& to);
void read(const Json& object, const char* key, std::vector<std::string>& to);
void read(const Json& object, const char* key, std::vector<std::int64_t>& to);
void read(const Json& object, const char* key, std::vector<double>& to);  ///< null is NaN
void read(const Json& object, const char* key, std::vector<float>& to);   ///< null is NaN
void read(const Json& object, const char* key, std::vector<std::vector<float>>& to);

/// Items of an array; none where it is absent or null. Errors: DataError for anything else.
const Json& items(const Json& object, const char* key);

/// Errors: DataError unless `json` is an object of this schema.
void check_schema(const Json& json, std::string_view schema);

/// A number, or null where it is not finite.
Json number(double x);

}  // namespace basewise::results::detail
