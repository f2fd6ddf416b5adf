// A lock that vanishes with the process that holds it.
#pragma once

#include <filesystem>
#include <memory>

namespace basewise {

class Vanishing;  // interrupt.h

/// Holds an exclusive flock on a file, which is made where it is missing. File systems that have no
/// locks let everybody in, with a warning.
class FileLock {
 public:
  enum class Wait { yes, no };
  enum class Afterwards { leave, remove };  ///< what becomes of the file, also when a signal ends the process

  /// Errors: DataError for a file that cannot be made.
  FileLock(std::filesystem::path file, Wait wait, Afterwards afterwards = Afterwards::leave);
  ~FileLock();
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

  /// False only without waiting: another process holds it.
  bool held() const { return held_; }

 private:
  void close();
  void open();
  bool lock(Wait wait);
  bool is_still_there() const;

  std::filesystem::path file_;
  Afterwards afterwards_;
  int descriptor_ = -1;
  bool held_ = false;
  std::unique_ptr<Vanishing> vanishing_;
};

}  // namespace basewise
