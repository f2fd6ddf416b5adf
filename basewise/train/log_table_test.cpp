#include "basewise/train/log_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "basewise/core/error.h"
#include "tests/support/error_text.h"

namespace basewise::train {
namespace {

TEST(LogTable, ColumnsAreFixedAndMissingValidationIsNan) {
  const std::vector<EpochLog> rows{{.epoch = 1, .step = 10, .seconds = 1.23456, .learning_rate = 0.1, .train_loss = 0.5},
                                   {.epoch = 2, .step = 20, .seconds = 2, .learning_rate = 0.01, .train_loss = 0.25,
                                    .validation = {{"loss", 0.3}, {"auroc", 0.875}}, .data_wait_seconds = 0.5}};
  EXPECT_EQ(log_tsv(rows),
            "epoch\tstep\tseconds\tlearning_rate\ttrain_loss\tvalidation_loss\tvalidation_auroc\tdata_wait_seconds\n"
            "1\t10\t1.235\t0.1\t0.5\tnan\tnan\t0.000\n"
            "2\t20\t2.000\t0.01\t0.25\t0.3\t0.875\t0.500\n");
}

TEST(LogTable, ALineForPeopleHasWhatWasMeasured) {
  EXPECT_EQ(epoch_text({.epoch = 2, .seconds = 3.44, .train_loss = 0.51234, .validation = {{"loss", 0.25}, {"auroc", 0.875}}}, 30),
            "epoch 2/30: loss 0.5123, validation loss 0.25, validation auroc 0.875 (3.4 s)");
}

TEST(LogTable, NamesOfHeadsMakeNoColumnsOrRowsOfTheirOwn) {
  const std::vector<EpochLog> rows{{.epoch = 1, .step = 10, .train_loss = 0.5, .validation = {{"a\tb\nc.auroc", 0.5}}}};
  const std::string text = log_tsv(rows);
  EXPECT_EQ(text.substr(0, text.find('\n')),
            "epoch\tstep\tseconds\tlearning_rate\ttrain_loss\tvalidation_a\\tb\\nc.auroc\tdata_wait_seconds");
}

TEST(LogTable, UnknownValueNamesTheNearest) {
  EXPECT_THAT(error_text<ArgumentError>([&] { value_of({{"loss", 1}, {"auroc", 2}}, "aurok"); }),
              ::testing::HasSubstr("no value 'aurok' (did you mean 'auroc'?); it has loss, auroc"));
}

}  // namespace
}  // namespace basewise::train
