// The next piece of a file while the current one is worked on.
#pragma once

#include <cstddef>
#include <exception>
#include <semaphore>
#include <span>
#include <thread>
#include <vector>

#include "basewise/io/detail/byte_source.h"

namespace basewise::io::detail {

/// Pieces of a source in order; a second thread reads one ahead, unless basewise may use only one.
class ReadAhead {
 public:
  ReadAhead(ByteSource& source, std::size_t piece);
  ~ReadAhead();
  ReadAhead(const ReadAhead&) = delete;
  ReadAhead& operator=(const ReadAhead&) = delete;

  /// Valid until the next call; empty at the end. Errors: those of the source, in order.
  std::span<const char> next();

 private:
  struct Piece {
    std::vector<char> bytes;
    std::size_t size = 0;
    std::exception_ptr error;
  };
  void fill(Piece& piece);
  void run();

  ByteSource& source_;
  Piece pieces_[2];
  std::size_t current_ = 0;
  bool alone_;
  bool stopping_ = false;  // read by the thread after an `empty_`
  std::binary_semaphore empty_{0};
  std::binary_semaphore full_{0};
  std::jthread thread_;
};

}  // namespace basewise::io::detail
