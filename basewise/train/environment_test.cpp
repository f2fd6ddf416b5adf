// Tiny tensors gain nothing from threads and lose much where others use the processors; the tests
// of training are quiet, too.
#include <gtest/gtest.h>

#include <cstdlib>

#include "basewise/core/log.h"
#include "basewise/core/parallel.h"
#include "basewise/tensor/torch.h"

namespace basewise::train {
namespace {

class Quiet final : public ::testing::Environment {
 public:
  void SetUp() override {
    set_log_level(LogLevel::warning);
    setenv("BASEWISE_PROGRESS", "never", 1);
    set_threads(1);
    at::set_num_threads(1);
  }
};

const auto* const kQuiet = ::testing::AddGlobalTestEnvironment(new Quiet);  // GoogleTest takes ownership

TEST(Environment, OneThread) {
  ASSERT_NE(kQuiet, nullptr);
  EXPECT_EQ(at::get_num_threads(), 1);
}

}  // namespace
}  // namespace basewise::train
