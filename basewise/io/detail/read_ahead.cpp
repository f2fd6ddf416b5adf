#include "basewise/io/detail/read_ahead.h"

#include "basewise/core/parallel.h"

namespace basewise::io::detail {

ReadAhead::ReadAhead(ByteSource& source, std::size_t piece) : source_(source), alone_(threads() == 1) {
  for (Piece& p : pieces_) p.bytes.resize(piece);
}

ReadAhead::~ReadAhead() {
  if (!thread_.joinable()) return;
  // Between two calls the thread has filled its piece, or is about to.
  full_.acquire();
  stopping_ = true;
  empty_.release();
}

void ReadAhead::fill(Piece& piece) {
  try {
    piece.size = 0;
    // Sources may give less than was asked for before their end.
    for (std::size_t got = 1; got > 0 && piece.size < piece.bytes.size(); piece.size += got)
      got = source_.read(std::span(piece.bytes).subspan(piece.size));
  } catch (...) {
    piece.error = std::current_exception();
  }
}

void ReadAhead::run() {
  for (std::size_t k = 1; !stopping_; k ^= 1) {
    fill(pieces_[k]);
    full_.release();
    empty_.acquire();
  }
}

std::span<const char> ReadAhead::next() {
  if (thread_.joinable()) {
    full_.acquire();
    current_ ^= 1;
    empty_.release();  // the piece before may be filled again
  } else {
    fill(pieces_[0]);
    // Short files are not worth a thread.
    if (!alone_ && !pieces_[0].error && pieces_[0].size == pieces_[0].bytes.size()) thread_ = std::jthread([this] { run(); });
  }
  Piece& piece = pieces_[current_];
  if (piece.error) std::rethrow_exception(piece.error);
  return std::span(piece.bytes).first(piece.size);
}

}  // namespace basewise::io::detail
