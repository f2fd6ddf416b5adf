// Tokens that grow without being cleared or copied.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <memory>
#include <span>

#include "basewise/seq/alphabet.h"

namespace basewise::seq {

/// A growing array of tokens for whole chromosomes: new places are not cleared, and a large array
/// moves without being copied (the system gives its pages another address). A vector would write
/// every byte two or three times.
class TokenBuffer {
 public:
  TokenBuffer() = default;

  std::size_t size() const { return size_; }
  std::span<const Token> tokens() const { return {memory_.get(), size_}; }

  /// Asks for room for `count` tokens more, as a guess: pages that are never written cost nothing,
  /// and none are taken where there are not so many.
  void reserve(std::size_t count);

  /// Makes the buffer `count` tokens longer and returns the new ones, whose content is undefined.
  /// Errors: std::bad_alloc.
  std::span<Token> grow(std::size_t count);

  /// Forgets the tokens and keeps the room.
  void clear() { size_ = 0; }

  /// Gives back what was reserved in advance.
  void shrink();

 private:
  struct Free {
    void operator()(Token* memory) const { std::free(memory); }
  };
  void reallocate(std::size_t capacity);
  bool try_fresh(std::size_t capacity);

  std::unique_ptr<Token[], Free> memory_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace basewise::seq
