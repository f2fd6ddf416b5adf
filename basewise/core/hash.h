// SHA-256 of bytes and files (OpenSSL).
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace basewise {

/// 64 lower-case hexadecimal digits.
std::string sha256(std::string_view bytes);

/// The same of a file, read in pieces. Errors: DataError naming the file.
std::string sha256_file(const std::filesystem::path& path);

}  // namespace basewise
