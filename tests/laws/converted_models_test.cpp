// Models converted from other programs: they build, have the published totals, and compute what
// their own programs compute.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "basewise/convert/convert.h"
#include "basewise/core/files.h"
#include "basewise/core/json.h"
#include "basewise/io/line_reader.h"
#include "basewise/nn/model.h"
#include "basewise/nn/weights.h"
#include "basewise/spec/model_file.h"
#include "basewise/tensor/scopes.h"
#include "basewise/tensor/tensors.h"
#include "tests/support/test_files.h"

namespace basewise {
namespace {

using testing_files::shared_data;

std::int64_t trainable(const nn::Model& model) {
  std::int64_t sum = 0;
  for (const at::Tensor& p : model.parameters()) sum += p.numel();
  return sum;
}

TEST(ConvertedModels, OfParametersHaveTheTotalsOfTheirCode) {
  struct Case {
    const char* file;
    std::int64_t total;
    convert::BassetForm form = convert::BassetForm::valid;
  };
  for (const Case& c :
       {Case{"basset/models/pretrained_params.txt", 4'135'064},
        Case{"basset/models/pretrained_params.txt", 4'735'064, convert::BassetForm::same},
        Case{"basenji/params/genome_research2018_params.txt", 15'190'636}, Case{"basenji/params/params_small.json", 109'235}}) {
    const auto file = shared_data(c.file);
    if (!file) GTEST_SKIP() << c.file << " is not in BASEWISE_DATA or ../shared/data";
    EXPECT_EQ(trainable(*nn::build_model(convert::read_foreign({.file = *file, .basset_form = c.form}).model, 1)), c.total) << c.file;
  }
}

at::Tensor one_hot(const std::vector<std::string>& sequences) {
  const auto length = static_cast<std::int64_t>(sequences.front().size());
  at::Tensor x = at::zeros({std::ssize(sequences), 4, length});
  for (std::int64_t n = 0; n < x.size(0); ++n)
    for (std::int64_t i = 0; i < length; ++i)
      if (const auto base = std::string("ACGT").find(sequences[static_cast<std::size_t>(n)][static_cast<std::size_t>(i)]);
          base != std::string::npos)
        x[n][static_cast<std::int64_t>(base)][i] = 1;
  return x;
}

/// Sequences and probabilities of a table with three columns.
std::pair<std::vector<std::string>, std::vector<double>> expected(const fs::path& file) {
  std::pair<std::vector<std::string>, std::vector<double>> rows;
  io::LineReader reader(file);
  std::string_view line;
  while (reader.next(line)) {
    if (line.starts_with('#')) continue;
    const std::string text(line);
    const std::size_t a = text.find('\t'), b = text.find('\t', a + 1);
    rows.first.push_back(text.substr(a + 1, b - a - 1));
    rows.second.push_back(std::stod(text.substr(b + 1)));
  }
  return rows;
}

// Through files, as `basewise convert` writes them: the weights must fill the model and nothing
// else.
nn::ModelPtr converted(const fs::path& file, const fs::path& out, bool partial = false) {
  const convert::ConvertOptions options{.file = file, .out = out, .partial = partial, .overwrite = true};
  convert::write_converted(convert::read_foreign(options), options);
  nn::ModelPtr model = nn::build_model_file(out / "model.toml", 1);
  nn::load_weights(*model, out / "weights.safetensors");
  model->eval();
  return model;
}

// Expected: NumPy in double precision, SOURCE.txt of the data set.
TEST(ConvertedModels, OfKerasGiveWhatTheyGave) {
  const testing_files::Folder folder;
  for (const auto& [file, table] : {std::pair("Donor.h5", "donor_expected.tsv"), std::pair("Acceptor.h5", "acceptor_expected.tsv")}) {
    const auto given = shared_data(std::string("pretrained_small/mmsplice/") + file),
               numbers = shared_data(std::string("pretrained_small/mmsplice/") + table);
    if (!given || !numbers) GTEST_SKIP() << "pretrained_small is not in BASEWISE_DATA or ../shared/data";
    const nn::ModelPtr model = converted(*given, folder.path() / "out");
    const auto [sequences, probabilities] = expected(*numbers);
    ASSERT_EQ(sequences.size(), 64u);
    const NoGradScope no_grad;
    const at::Tensor y = at::sigmoid(model->forward({{"sequence", one_hot(sequences)}}).at("logits")).squeeze(1).to(at::kDouble);
    const at::Tensor wanted = at::tensor(probabilities, at::kDouble);
    EXPECT_LT(((y - wanted).abs() / wanted.clamp_min(1e-4)).max().item<double>(), 2e-4) << file;
    EXPECT_LT((y - wanted).abs().max().item<double>(), 1e-6) << file;
  }
}

TEST(ConvertedModels, PartOfATransformerGivesWhatItGaveInFrontOfItsAttention) {
  const auto file = shared_data("baskerville_tiny/eval/model.h5");
  if (!file) GTEST_SKIP() << "baskerville_tiny is not in BASEWISE_DATA or ../shared/data";
  const nlohmann::ordered_json golden = read_json("tests/golden/keras_trunk.json");
  const testing_files::Folder folder;
  converted(*file, folder.path() / "out", true);
  // The file is for 131,072 bases; its trunk reads any number of them.
  spec::ModelSpec spec = spec::read_model_file(folder.path() / "out" / "model.toml").model;
  spec.inputs[0].length = golden["length"];
  const nn::ModelPtr model = nn::build_model(spec, 1);
  nn::load_weights(*model, folder.path() / "out" / "weights.safetensors");
  model->eval();
  const NoGradScope no_grad;
  std::vector<std::string> sequences(golden["sequences"], std::string(golden["length"], 'N'));
  for (std::int64_t n = 0; n < std::ssize(sequences); ++n)
    for (std::int64_t i = 0; i < golden["length"]; ++i)
      sequences[static_cast<std::size_t>(n)][static_cast<std::size_t>(i)] = "ACGT"[(7 * i + n * i * i + n) % 4];
  const at::Tensor y = model->forward({{"sequence", one_hot(sequences)}}).at("trunk").to(at::kDouble);
  EXPECT_EQ(y.sizes().vec(), golden["shape"].get<std::vector<std::int64_t>>());
  EXPECT_NEAR(y.square().sum().item<double>() / golden["sum_of_squares"].get<double>(), 1, 1e-5);
  for (const auto& value : golden["values"])
    EXPECT_NEAR(y[value[0].get<std::int64_t>()][value[1].get<std::int64_t>()][value[2].get<std::int64_t>()].item<double>(),
                value[3].get<double>(), 1e-4);
  // Both sides by name: 40 of 102 tensors stand in front of the attention.
  const convert::Converted c = convert::read_foreign({.file = *file, .partial = true});
  std::int64_t taken = 0, left = 0;
  for (const convert::MappedTensor& tensor : c.tensors) (tensor.target.empty() ? left : taken) += 1;
  EXPECT_EQ(taken, 7 * 2 + 6 * 4 + 2);
  EXPECT_EQ(left, 62);
}

}  // namespace
}  // namespace basewise
