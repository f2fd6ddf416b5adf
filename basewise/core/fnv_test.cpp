#include "basewise/core/fnv.h"

#include <gtest/gtest.h>

namespace basewise {
namespace {

// Values of the authors' test suite (draft-eastlake-fnv, appendix C).
static_assert(fnv1a("") == 0xcbf29ce484222325);
static_assert(fnv1a("a") == 0xaf63dc4c8601ec8c);
static_assert(fnv1a("foobar") == 0x85944171f73967e8);

TEST(Fnv1a, GoesOnWhereItStopped) {
  EXPECT_EQ(fnv1a("bar", fnv1a("foo")), fnv1a("foobar"));
  EXPECT_EQ(fnv1a("\xff"), (kFnvStart ^ 0xff) * 0x100000001b3) << "bytes have no sign";
}

}  // namespace
}  // namespace basewise
