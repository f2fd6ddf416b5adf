// Batches that are filled where they stay equal those that are put together from examples.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "basewise/data/detail/test_support.h"
#include "basewise/data/kept_values.h"
#include "basewise/data/loader.h"
#include "basewise/data/sequence_source.h"
#include "basewise/data/sequences.h"
#include "basewise/data/shuffled_negatives.h"
#include "basewise/data/site_labels.h"
#include "basewise/data/track_signal.h"
#include "basewise/data/views.h"
#include "basewise/io/bigwig.h"
#include "basewise/io/bigwig_writer.h"
#include "tests/support/error_text.h"

namespace basewise::data {
namespace {

using testing::HasSubstr;
using testing_support::equal;
using testing_support::random_letters;
using testing_support::toy_genome;

// The same examples, by `get` alone.
class ByExample : public Dataset {
 public:
  explicit ByExample(DatasetPtr inner) : inner_(std::move(inner)) {}
  std::int64_t size() const override { return inner_->size(); }
  Bundle get(std::int64_t i, Stream draw) const override { return inner_->get(i, draw); }
  std::string summary() const override { return inner_->summary(); }
  Schema make_schema() const override { return inner_->schema(); }
  DatasetPtr at_epoch(const Stream& draw, std::int64_t epoch) const override {
    DatasetPtr changed = inner_->at_epoch(draw, epoch);
    return changed ? std::make_shared<ByExample>(std::move(changed)) : nullptr;
  }

 private:
  DatasetPtr inner_;
};

DatasetPtr tiles(bool tokens) {
  static const auto genome = toy_genome();
  const auto path = std::filesystem::path(testing::TempDir()) / "basewise_data_rows.bw";
  std::vector<float> values(900);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = i % 7 == 3 ? io::kMissing : static_cast<float>(i % 100);
  io::BigWigWriter writer(path, {{"chr1", 1000}, {"ring", 301}});
  writer.add_run("chr1", 20, values);
  writer.close();
  corpus::SiteTable sites;
  sites.tasks = {"tss"};
  sites.sites = {{0, 17, seq::Strand::forward, 0}, {0, 512, seq::Strand::reverse, 0}, {1, 300, seq::Strand::none, 0}};
  const std::vector<seq::Interval> regions = {{"chr1", 5, 640, seq::Strand::none}, {"ring", 0, 301, seq::Strand::none}};
  const std::vector<SourcePtr> sources = {
      sequence_of(genome, {.before = 9, .after = 11, .tokens = tokens}), site_labels(sites, genome->sizes()),
      track_signal({.files = {path, path}, .bin = 4, .paired = true}, genome->sizes()),
      track_signal({.files = {path}, .name = "plain"}, genome->sizes())};
  return examples(corpus::tiles_of(regions, genome->sizes(), {.length = 64, .random_phase = true}), sources);
}

DatasetPtr windows(bool tokens) {
  static const auto genome = toy_genome();
  std::vector<corpus::Locus> loci;
  std::vector<float> labels;
  for (int i = 0; i < 23; ++i) {
    loci.push_back({static_cast<std::size_t>(i % 2), i * 13, i % 3 == 0 ? seq::Strand::reverse : seq::Strand::none});
    labels.insert(labels.end(), {1.0F * static_cast<float>(i), i % 5 == 0 ? io::kMissing : 2.0F, 3.0F});
  }
  return examples(corpus::windows_around(std::move(loci), genome->sizes(), {.length = 41, .jitter = 6}),
                  {sequence_of(genome, {.tokens = tokens}),
                   kept_values({.name = "labels", .shape = {3}, .role = Role::target}, std::move(labels))});
}

DatasetPtr sequences(bool tokens) {
  auto data = std::make_shared<SequenceData>();
  data->length = 37;
  data->label_names = {"a", "b"};
  for (int i = 0; i < 19; ++i) {
    const auto one = seq::encode(random_letters(37, static_cast<std::uint64_t>(i)));
    data->tokens.insert(data->tokens.end(), one.begin(), one.end());
    data->names.push_back("s");
    data->labels.insert(data->labels.end(), {static_cast<float>(i), i == 4 ? io::kMissing : 1.0F});
  }
  data->tokens[40] = seq::kN;
  return sequence_dataset(data, tokens);
}

std::vector<std::pair<std::string, DatasetPtr>> all_sets(bool tokens) {
  const auto turned = [](DatasetPtr set) { return reverse_complement(std::move(set), 0.5); };
  return {{"tiles", turned(tiles(tokens))},
          {"windows", turned(windows(tokens))},
          {"sequences", turned(sequences(tokens))},
          {"subset", subset(turned(windows(tokens)), {4, 4, 0, 22})},
          {"both", concatenate({windows(tokens), subset(windows(tokens), {1, 2})})},
          {"negatives", turned(with_shuffled_negatives(sequences(tokens), "labels", 2))}};
}

TEST(Rows, BatchesEqualThoseOfExamples) {
  for (const bool tokens : {false, true}) {
    for (const auto& [name, set] : all_sets(tokens)) {
      ASSERT_TRUE(set->writes_rows()) << name;
      ASSERT_FALSE(ByExample(set).writes_rows());
      for (const std::int64_t workers : {0, 3}) {
        Loader rows(set, {.batch_size = 5, .workers = workers, .seed = 3});
        Loader examples(std::make_shared<ByExample>(set), {.batch_size = 5, .workers = 1, .seed = 3});
        for (const std::int64_t epoch : {0, 2}) {
          rows.start(epoch);
          examples.start(epoch);
          while (auto expected = examples.next()) {
            const auto found = rows.next();
            ASSERT_TRUE(found && equal(*found, *expected)) << name << (tokens ? " as tokens" : "") << ", epoch " << epoch;
          }
          EXPECT_FALSE(rows.next());
        }
      }
    }
  }
}

TEST(Rows, TokensSayWhatOneHotSays) {
  const auto as_tokens = all_sets(true), as_one_hot = all_sets(false);
  for (std::size_t k = 0; k < as_tokens.size(); ++k) {
    for (std::int64_t i = 0; i < as_tokens[k].second->size(); ++i) {
      const Bundle a = as_tokens[k].second->get(i, Stream(8, static_cast<std::uint64_t>(i)));
      const Bundle b = as_one_hot[k].second->get(i, Stream(8, static_cast<std::uint64_t>(i)));
      const at::Tensor tokens = a.at("sequence");
      ASSERT_EQ(tokens.scalar_type(), at::kByte);
      const std::span letters(tokens.const_data_ptr<seq::Token>(), static_cast<std::size_t>(tokens.numel()));
      ASSERT_EQ(seq::decode(letters), testing_support::letters_of(b.at("sequence"))) << as_tokens[k].first << " " << i;
      for (const auto& [name, tensor] : b) {
        if (name == "sequence") continue;
        ASSERT_TRUE(at::equal(tensor, a.at(name))) << as_tokens[k].first << " " << name;
      }
    }
  }
}

TEST(Rows, ExamplesAreAsTheirSchemaSays) {
  for (const bool tokens : {false, true}) {
    for (const auto& [name, set] : all_sets(tokens)) {
      for (std::int64_t i = 0; i < set->size(); ++i) {
        const Bundle example = set->get(i, Stream(8, static_cast<std::uint64_t>(i)));
        EXPECT_NO_THROW(check_example(set->schema(), example)) << name;
        EXPECT_EQ(set->schema().names(), example.names()) << name;
      }
      EXPECT_EQ(set->schema().first(Role::input)->rule, tokens ? StrandRule::tokens : StrandRule::complemented) << name;
    }
    EXPECT_NO_THROW(check_example(jitter(sequences(tokens), 3)->schema(), jitter(sequences(tokens), 3)->get(0, Stream(1))));
  }
  const Schema of_tiles = tiles(false)->schema();
  EXPECT_THAT(of_tiles.names(Role::target), testing::ElementsAre("labels", "profile", "plain"));
  EXPECT_THAT(of_tiles.at("labels").channels, testing::ElementsAre("forward", "reverse"));
  EXPECT_THAT(of_tiles.at("plain").channels, testing::ElementsAre("basewise_data_rows.bw"));
  EXPECT_EQ(of_tiles.at("profile").bin, 4);
  EXPECT_EQ(of_tiles.at("profile").shape, (std::vector<std::int64_t>{2, 16}));
  EXPECT_EQ(of_tiles.of("profile", Role::mask)->rule, StrandRule::paired);
  EXPECT_THAT(of_tiles.names(Role::place), testing::ElementsAre("position", "chromosome", "circle"));
  const Field labels{.name = "labels", .shape = {2}, .role = Role::target, .channels = {"a", "b"}};
  const auto none = examples(corpus::windows_around({}, toy_genome()->sizes(), {}), {kept_values(labels, {})});
  EXPECT_EQ(none->schema().at("labels"), labels) << "of an empty set";
}

TEST(Rows, ErrorsAreNamedAndUnknownNamesRefused) {
  Bundle example{{"sequence", at::zeros({4, 7})}};
  const ExampleRow row(example);
  EXPECT_THAT(error_text([&] { row.data<float>("labels"); }), HasSubstr("no rows for 'labels'"));
  EXPECT_THAT(error_text([&] { row.data<bool>("sequence"); }), HasSubstr("the row of 'sequence' holds Float, not Bool"));
  EXPECT_THAT(error_text([&] { ByExample(windows(false)).write(0, Stream(0), row); }), HasSubstr("does not write rows"));
  EXPECT_EQ(subset(windows(true), {})->schema(), windows(true)->schema());
}

}  // namespace
}  // namespace basewise::data
