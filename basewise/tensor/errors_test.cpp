#include "basewise/tensor/errors.h"

#include <new>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "basewise/core/error.h"
#include "tests/support/error_text.h"

namespace basewise {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

// Does what libtorch refuses, and hands its error on.
template <class F>
void translated(F&& f) {
  try {
    f();
  } catch (const c10::Error& e) {
    throw_translated(e);
  }
}

TEST(TorchErrors, KeepTheirTextButNotTheStackTrace) {
  const at::Tensor x = at::zeros({3, 4, 37});
  const std::string text = error_text<InternalError>([&] {
    translated([&] { x.view({5, 37}); });
  });
  EXPECT_THAT(text, StartsWith("libtorch: shape '[5, 37]' is invalid for input of size 444"));
  EXPECT_THAT(text, Not(HasSubstr("Exception raised from")));
}

TEST(TorchErrors, TooLittleMemoryIsOneOfItsOwn) {
  // More than any processor can address.
  EXPECT_THROW(translated([] { at::empty({std::int64_t{1} << 52}); }), std::bad_alloc);
  // No request for memory: the number of bytes has no 64 bits.
  EXPECT_THROW(translated([] { at::empty({std::int64_t{1} << 62}); }), InternalError);
}

}  // namespace
}  // namespace basewise
