#include "basewise/core/shard.h"

#include <gtest/gtest.h>

#include "tests/support/error_text.h"

namespace basewise {
namespace {

TEST(Shard, EachPieceIsOfOneShard) {
  EXPECT_TRUE(shard_of("").has(7)) << "everything";
  for (std::int64_t piece = 0; piece < 11; ++piece) {
    int owners = 0;
    for (const char* text : {"1/3", "2/3", "3/3"}) owners += shard_of(text).has(piece);
    EXPECT_EQ(owners, 1) << piece;
  }
  EXPECT_TRUE(shard_of("2/5").has(6));
}

TEST(Shard, RefusesOthers) {
  for (const char* text : {"0/3", "4/3", "2", "2/", "/3", "02/3", "2/3x", "-1/3", " 1/3"})
    EXPECT_EQ(error_text<ArgumentError>([&] { shard_of(text); }),
              std::string("shard is \"") + text + "\"; expected i/n with 1 <= i <= n, such as 2/5");
}

}  // namespace
}  // namespace basewise
