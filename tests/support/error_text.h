// The text of an error, for tests that check it.
#pragma once

#include <string>

#include <gtest/gtest.h>

#include "basewise/core/error.h"

namespace basewise {

/// The text of the `E` that `f()` throws, or nothing when it throws nothing. An error of another
/// kind goes on to the test.
template <typename E = Error, typename F>
std::string maybe_error_text(F&& f) {
  try {
    static_cast<void>(f());
  } catch (const E& error) {
    return error.what();
  }
  return {};
}

/// The text of the `E` that `f()` throws; the test fails when it throws nothing.
template <typename E = Error, typename F>
std::string error_text(F&& f) {
  bool thrown = true;
  const std::string text = maybe_error_text<E>([&] {
    static_cast<void>(f());
    thrown = false;
  });
  EXPECT_TRUE(thrown) << "nothing was thrown";
  return text;
}

}  // namespace basewise
