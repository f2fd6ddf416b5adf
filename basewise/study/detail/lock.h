// A lock that vanishes with the process that holds it.
#pragma once

#include <filesystem>

namespace basewise::study::detail {

/// Holds an exclusive flock on a file, which is made where it is missing and left behind.
class Lock {
 public:
  enum class Wait { yes, no };
  /// Errors: DataError for a file that cannot be made.
  Lock(const std::filesystem::path& file, Wait wait);
  ~Lock();
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;

  /// False only without waiting: another process holds it.
  bool held() const { return held_; }

 private:
  int descriptor_ = -1;
  bool held_ = false;
};

}  // namespace basewise::study::detail
