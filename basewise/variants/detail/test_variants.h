// A small run, a genome and files of variants for the tests of this module.
#pragma once

#include <cmath>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "basewise/core/files.h"
#include "basewise/core/random.h"
#include "basewise/io/tsv.h"
#include "basewise/run/open_run.h"
#include "basewise/seq/alphabet.h"
#include "basewise/variants/variants.h"
#include "tests/support/error_text.h"
#include "tests/support/model_tests.h"

namespace basewise::variants::testing {

namespace fs = std::filesystem;

inline constexpr std::int64_t kLength = 36;

inline std::string random_letters(std::size_t n, std::uint64_t seed) {
  Stream draw(seed);
  std::string all;
  for (std::size_t i = 0; i < n; ++i) all += "ACGT"[draw.below(4)];
  return all;
}

/// Heads "rates" (3) and "tracks" (5, 9), both positive, of sequences of 36 bases.
inline nn::ModelPtr small_model() {
  const auto softplus = layer_text("activation", "kind = \"softplus\"", "heads.layers");
  const std::string text = format("format = 1\n[inputs.sequence]\nchannels = 4\nlength = {}\n", kLength) +
                           layer_text("conv", "filters = 6\nwidth = 5\npadding = \"same\"") + layer_text("activation", "kind = \"relu\"") +
                           head_text("rates", layer_text("pool", "kind = \"mean\"\nglobal = true", "heads.layers") +
                                                  layer_text("dense", "units = 3", "heads.layers") + softplus) +
                           head_text("tracks", layer_text("pool", "width = 4", "heads.layers") +
                                                   layer_text("conv", "filters = 5\nwidth = 1", "heads.layers") + softplus);
  nn::ModelPtr model = nn::build_model(text, "test", 3);
  shake(*model, 0.4);
  model->eval();
  return model;
}

class VariantTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto* info = ::testing::UnitTest::GetInstance()->current_test_info();
    folder_ = fs::path(::testing::TempDir()) / format("basewise_variants_{}", info->name());
    fs::remove_all(folder_);
    write_file(folder_ / "g.fa", ">chr1\n" + chr1_ + "\n>chr2\n" + random_letters(50, 2) + "\n");
    run_.folder = folder_ / "run";
    run_.model = small_model();
  }
  void TearDown() override { fs::remove_all(folder_); }

  /// A row of the letters of chr1 at a position, counted from 1.
  std::string row(std::size_t pos, std::size_t letters, const std::string& alt) const {
    return format("chr1\t{}\tv{}\t{}\t{}\t.\t.\t.\n", pos, pos, chr1_.substr(pos - 1, letters), alt);
  }
  /// A base that is not there.
  std::string other(std::size_t pos) const { return chr1_[pos - 1] == 'A' ? "C" : "A"; }

  /// Some of each kind.
  std::string rows() const {
    std::string text = "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n";
    for (const std::size_t pos : {1, 7, 60, 61, 299}) text += row(pos, 1, other(pos));
    text += row(70, 1, chr1_.substr(69, 1) + "GATTACA") + row(80, 5, chr1_.substr(79, 1)) + row(90, 3, "T,GG,GGGG");
    return text;
  }

  VariantOptions options(const std::string& vcf, const std::string& name = "out") {
    write_file(folder_ / (name + ".in.vcf"), vcf);
    VariantOptions o;
    o.vcf = folder_ / (name + ".in.vcf");
    o.genome = folder_ / "g.fa";
    o.out = folder_ / (name + ".vcf");
    o.tsv = folder_ / (name + ".tsv");
    return o;
  }

  VariantResult score(const VariantOptions& o) { return score_variants(std::vector<run::OpenRun>{run_}, o); }

  /// Columns of a table by name.
  static std::map<std::string, std::vector<std::string>> table(const fs::path& file) {
    io::TsvReader reader(file, io::plain_table());
    std::map<std::string, std::vector<std::string>> columns;
    while (reader.next())
      for (const std::string& name : reader.columns()) columns[name].emplace_back(reader.text(name));
    return columns;
  }

  /// What the model gives for letters, as doubles: channels x bins.
  std::vector<std::vector<double>> predicted(const std::string& head, const std::string& letters) {
    at::Tensor x = at::zeros({1, 4, std::ssize(letters)});
    for (std::int64_t i = 0; i < std::ssize(letters); ++i)
      if (const auto base = std::string("ACGT").find(letters[static_cast<std::size_t>(i)]); base != std::string::npos)
        x[0][static_cast<std::int64_t>(base)][i] = 1;
    const at::NoGradGuard no_gradients;
    at::Tensor y = run_.model->forward({{"sequence", x}}).at(head).to(at::kDouble)[0];
    if (y.dim() == 1) y = y.unsqueeze(1);
    std::vector<std::vector<double>> all;
    for (std::int64_t c = 0; c < y.size(0); ++c) {
      const at::Tensor values = y[c].contiguous();
      all.emplace_back(values.const_data_ptr<double>(), values.const_data_ptr<double>() + values.numel());
    }
    return all;
  }

  fs::path folder_;
  std::string chr1_ = random_letters(300, 1);
  run::OpenRun run_ = {};
};

}  // namespace basewise::variants::testing
