// Files for tests: temporary ones, compressed ones, and the shared data sets.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>

#include <gtest/gtest.h>
#include <zlib.h>

#include "basewise/core/error.h"
#include "basewise/core/files.h"

namespace basewise::testing_files {

namespace fs = std::filesystem;

/// A fresh folder that goes away with the object. testing::TempDir(), in which it lies, belongs to
/// this program alone (own_temporary_folder.cpp).
class Folder {
 public:
  Folder() {
    std::string name = (fs::path(testing::TempDir()) / "basewise-io-XXXXXX").string();
    if (!mkdtemp(name.data())) throw InternalError("mkdtemp failed");
    path_ = name;
  }
  ~Folder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  const fs::path& path() const { return path_; }

  /// Writes a file, without waiting for the disk, and returns its path.
  fs::path file(const std::string& name, std::string_view bytes) const {
    std::ofstream(path_ / name, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    return path_ / name;
  }

  std::size_t count() const { return static_cast<std::size_t>(std::distance(fs::directory_iterator(path_), fs::directory_iterator())); }

 private:
  fs::path path_;
};

/// `text` as one gzip member.
inline std::string gzip(std::string_view text) {
  z_stream stream{};
  if (deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK) throw InternalError("deflateInit2 failed");
  std::string out(deflateBound(&stream, text.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

/// A file of the shared data sets (BASEWISE_DATA, else ../shared/data), or nothing.
inline std::optional<fs::path> shared_data(const std::string& name) {
  const char* root = std::getenv("BASEWISE_DATA");
  const fs::path path = fs::path(root ? root : "../shared/data") / name;
  return fs::exists(path) ? std::optional(path) : std::nullopt;
}

}  // namespace basewise::testing_files
