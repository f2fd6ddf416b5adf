// Sites that wait in a file until all are known.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "basewise/core/files.h"

namespace basewise::annotate::detail {

/// What is kept of a site.
struct KeptSite {
  std::int64_t start = 0;
  std::int64_t sequence = 0;
  std::int32_t motif = 0;
  std::int32_t rank = 0;
  bool reverse = false;
  std::string letters;  ///< as the motif reads them
};

/// A temporary file of this process beside `neighbour`, gone when this is destroyed or a signal
/// ends the process.
class SiteSpool {
 public:
  explicit SiteSpool(const std::filesystem::path& neighbour);

  /// Errors: DataError (disk full).
  void add(const KeptSite& site);

  /// Everything in the order of `add`; then nothing may be added any more.
  void each(const std::function<void(const KeptSite&)>& use);

 private:
  void flush();

  AtomicFile file_;
  std::string buffer_;
};

}  // namespace basewise::annotate::detail
