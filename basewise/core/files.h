// Files that appear whole or not at all.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace basewise {

namespace fs = std::filesystem;

/// Whole file as bytes. Errors: DataError naming the file and the system's reason.
std::string read_file(const fs::path& path);

/// Writes through a temporary neighbour and a rename (with fsync): readers see the old file or the
/// new one, never a half. Parent folders are made.
/// Errors: DataError naming the file and the system's reason; no temporary is left behind.
void write_file(const fs::path& path, std::string_view bytes);

class Vanishing;  // interrupt.h

/// Removes what dead processes left of `target`: neighbours ".<name>.tmp-<process>-<number>..." of
/// processes of this machine that are gone, and of other machines when nobody touched them for a
/// day. Made by `AtomicFile` and `AtomicDirectory`, which also call this.
void remove_dead_temporaries(const fs::path& target);

/// Whether a name is one that atomic files and folders have before they are put in place.
bool is_temporary_name(std::string_view name);

/// Removes a folder (or file) that others may look at: it is gone at once, not piece by piece.
/// Errors: std::filesystem::filesystem_error.
void remove_whole(const fs::path& path);

/// A file that is written piece by piece and appears under its name at `commit`; destroyed
/// uncommitted, or ended by a signal (interrupt.h), it leaves nothing behind.
class AtomicFile {
 public:
  explicit AtomicFile(fs::path target);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  /// Where the bytes go until `commit`; hand it to a C library that wants a name.
  const fs::path& temporary() const { return temporary_; }

  /// A stream onto `temporary()`, opened at the first call.
  std::ostream& stream();

  /// Flushes, syncs, renames. Errors: DataError (disk full, permissions).
  void commit();

 private:
  fs::path target_;
  fs::path temporary_;
  std::unique_ptr<Vanishing> vanishing_;
  std::ofstream stream_;
  bool committed_ = false;
};

/// The same for a folder: fill `temporary()`, then `commit` renames it to the target,
/// which must not exist or be empty.
class AtomicDirectory {
 public:
  explicit AtomicDirectory(fs::path target);
  ~AtomicDirectory();
  AtomicDirectory(const AtomicDirectory&) = delete;
  AtomicDirectory& operator=(const AtomicDirectory&) = delete;
  const fs::path& temporary() const { return temporary_; }
  void commit();

 private:
  fs::path target_;
  fs::path temporary_;
  std::unique_ptr<Vanishing> vanishing_;
  bool committed_ = false;
};

}  // namespace basewise
