// Tokens that grow without being cleared or copied.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <memory>
#include <span>

#include "basewise/seq/alphabet.h"

namespace basewise::seq {

/// A growing array of tokens for whole chromosomes: new places are not cleared, and a large array moves without being copied (the system
/// gives its pages another address). A vector would write every byte two or three times.
class TokenBuffer {
 public:
  TokenBuffer() = default;

  std::size_t size() const { return size_; }
  std::span<const Token> tokens() const { return {memory_.get(), size_}; }

  /// Makes the buffer `count` tokens longer and returns the new ones, whose content is undefined. Errors: std::bad_alloc.
  std::span<Token> grow(std::size_t count);

  /// Gives back what was reserved in advance.
  void shrink();

 private:
  struct Free {
    void operator()(Token* memory) const { std::free(memory); }
  };
  void reallocate(std::size_t capacity);

  std::unique_ptr<Token[], Free> memory_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace basewise::seq
