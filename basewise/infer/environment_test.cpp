// Every test of this module runs on one thread of torch: the tensors are tiny, and on a busy
// machine threads would wait for each other.
#include <gtest/gtest.h>

#include "basewise/tensor/torch.h"

namespace basewise::infer {
namespace {

class OneThread : public testing::Environment {
 public:
  void SetUp() override { at::set_num_threads(1); }
};

const auto* const kOneThread = testing::AddGlobalTestEnvironment(new OneThread);

TEST(Environment, TorchUsesOneThread) {
  EXPECT_NE(kOneThread, nullptr);
  EXPECT_EQ(at::get_num_threads(), 1);
}

}  // namespace
}  // namespace basewise::infer
