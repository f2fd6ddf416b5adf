#include "basewise/data/several.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "basewise/data/detail/test_support.h"
#include "basewise/data/loader.h"
#include "basewise/data/views.h"
#include "tests/support/error_text.h"

namespace basewise::data {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing_support::equal;

// Sequences of 11 bases with a target of `tasks` values under a name of its own; rows or examples.
class Species : public Dataset {
 public:
  Species(std::string target, std::int64_t size, std::int64_t tasks, bool rows)
      : target_(std::move(target)), size_(size), tasks_(tasks), rows_(rows) {}
  std::int64_t size() const override { return size_; }
  std::string summary() const override { return target_; }
  bool writes_rows() const override { return rows_; }
  Bundle get(std::int64_t i, Stream draw) const override {
    Bundle example{{"sequence", at::empty({4, 11})}, {target_, at::empty({tasks_})}};
    write(i, draw, ExampleRow(example));
    return example;
  }
  void write(std::int64_t i, Stream draw, const ExampleRow& row) const override {
    std::fill_n(row.data<float>("sequence"), 44, static_cast<float>(i));
    std::fill_n(row.data<float>(target_), tasks_, static_cast<float>(draw.uniform()));
  }

 private:
  std::string target_;
  std::int64_t size_, tasks_;
  bool rows_;
};

DatasetPtr two(bool rows) {
  return several({std::make_shared<Species>("human", 23, 5, rows), std::make_shared<Species>("mouse", 11, 3, rows)});
}

TEST(Several, TheSchemaSaysWhichSetHasWhat) {
  const Schema schema = two(false)->schema();
  EXPECT_THAT(schema.names(), ElementsAre("sequence", "human", "mouse", "set"));
  EXPECT_THAT(schema.at("sequence").sets, IsEmpty());
  EXPECT_THAT(schema.at("mouse").sets, ElementsAre(1));
  EXPECT_EQ(schema.at("set").role, Role::set);
  EXPECT_THAT(schema.of_set(0).names(), ElementsAre("sequence", "human", "set"));
  EXPECT_NO_THROW(check_example(schema.of_set(1), two(true)->get(30, Stream(1))));
}

TEST(Several, BatchesAreOfOneSetForAnyNumberOfWorkers) {
  for (const bool rows : {false, true}) {
    const auto set = reverse_complement(two(rows), 0.5);
    Loader one(set, {.batch_size = 4, .workers = 0, .seed = 2});
    ASSERT_EQ(one.batches(), 9) << "six and three batches";
    std::int64_t of_mouse = 0;
    for (std::int64_t k = 0; k < 9; ++k) {
      const Bundle batch = one.batch(1, k);
      const auto number = batch.at("set")[0].item<std::int64_t>();
      EXPECT_TRUE(batch.at("set").eq(number).all().item<bool>());
      EXPECT_THAT(batch.names(), testing::UnorderedElementsAre("sequence", "set", number == 0 ? "human" : "mouse"));
      of_mouse += number;
    }
    EXPECT_EQ(of_mouse, 3);
    for (const std::int64_t workers : {1, 3}) {
      Loader many(set, {.batch_size = 4, .workers = workers, .seed = 2});
      many.start(1, 4);
      for (std::int64_t k = 4; k < 9; ++k) EXPECT_TRUE(equal(*many.next(), one.batch(1, k))) << k;
      EXPECT_FALSE(many.next());
    }
  }
}

TEST(Several, WhatDoesNotFitIsNamed) {
  const auto set = [](const char* name, std::int64_t tasks) { return std::make_shared<Species>(name, 7, tasks, true); };
  EXPECT_THAT(error_text([&] { several({set("labels", 5), set("labels", 3)}); }),
              HasSubstr("data sets 0 and 1 differ in 'labels': (5) float32, unchanged and (3) float32, unchanged; give targets that differ "
                        "names of their own"));
  EXPECT_NO_THROW(several({set("labels", 5), set("labels", 5)})) << "a target that both share";
  class Bare : public Species {
   public:
    using Species::Species;
    Schema make_schema() const override { return {{.name = "labels", .shape = {5}, .role = Role::target}}; }
  };
  EXPECT_THAT(error_text([&] { several({set("labels", 5), std::make_shared<Bare>("labels", 7, 5, true)}); }),
              HasSubstr("input 'sequence' is not in all of the 2 data sets"));
  EXPECT_THAT(error_text([] { several({}); }), HasSubstr("there is no data set"));
  EXPECT_THAT(error_text([] { Loader(two(true), {.sampling = Sampling::balanced}); }),
              HasSubstr("sampling is balanced, but 2 data sets take turns"));
}

}  // namespace
}  // namespace basewise::data
