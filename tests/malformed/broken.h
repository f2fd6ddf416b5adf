// Rows of the tables of broken binary files, and what must become of each.
#pragma once

#include <fstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "basewise/core/error.h"
#include "basewise/core/files.h"

namespace basewise::io {

struct Broken {
  std::string name;
  void (*read)(const fs::path&);
  std::string bytes;
  std::vector<std::string> words;  ///< of the error
};

/// Writes the bytes to `path` and reads them: an error that begins with the path.
inline void expect_refused(const Broken& row, const fs::path& path) {
  std::ofstream(path, std::ios::binary) << row.bytes;
  try {
    row.read(path);
    FAIL() << "was read without an error";
  } catch (const DataError& e) {
    EXPECT_EQ(e.exit_code(), 3);
    EXPECT_THAT(e.what(), testing::StartsWith(path.string() + ":"));
    for (const std::string& word : row.words) EXPECT_THAT(e.what(), testing::HasSubstr(word));
  }
}

}  // namespace basewise::io
