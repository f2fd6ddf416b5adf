// A run whose filters see given letters, and whose output counts what the first one sees.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "basewise/core/files.h"
#include "basewise/core/random.h"
#include "basewise/interpret/detail/test_networks.h"
#include "basewise/io/fasta.h"
#include "basewise/motifs/motif.h"
#include "basewise/nn/weights.h"
#include "basewise/run/open_run.h"
#include "tests/support/error_text.h"

namespace basewise::interpret::testing {

namespace fs = std::filesystem;

inline constexpr std::int64_t kLength = 37;
inline constexpr int kWidth = 7;

inline motifs::BaseVector certain(char letter) {
  motifs::BaseVector row = {0, 0, 0, 0};
  row[std::string("ACGT").find(letter)] = 1;
  return row;
}

/// Random A and T, which hold no motif of the tests, with `letters` at a place.
inline std::string plain(std::int64_t n, std::uint64_t seed, const std::string& letters, int at) {
  Stream draw(seed + 1000);
  std::string all;
  for (std::int64_t i = 0; i < n; ++i) all += "AT"[draw.below(2)];
  return all.replace(static_cast<std::size_t>(at), letters.size(), letters);
}

class Probe : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto* info = ::testing::UnitTest::GetInstance()->current_test_info();
    folder_ = fs::path(::testing::TempDir()) / format("basewise_probe_{}_{}", info->test_suite_name(), info->name());
    fs::remove_all(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  /// A filter for each text: 1 where it sees all of its letters (N: any), else 0. The output is the
  /// number of places where the first one does.
  void write_run(const std::vector<std::string>& filters) const {
    const std::string text =
        detail::network_text(detail::mean_of_convolution(filters.size(), kWidth, "padding = \"valid\""), "counts", 1);
    const nn::ModelPtr model = nn::build_model(text, "model.toml", 1);
    const at::NoGradGuard no_gradients;
    for (auto& item : model->named_parameters()) {
      at::Tensor& p = item.value();
      p.zero_();
      for (std::size_t f = 0; f < filters.size(); ++f) {
        const auto row = static_cast<std::int64_t>(f);
        std::int64_t seen = 0;
        for (std::size_t i = 0; i < filters[f].size(); ++i) {
          const auto c = std::string("ACGT").find(filters[f][i]);
          if (c == std::string::npos) continue;
          if (p.dim() == 3) p[row][static_cast<std::int64_t>(c)][static_cast<std::int64_t>(i)] = 1;
          ++seen;
        }
        if (p.dim() == 1 && item.key().starts_with("conv")) p[row] = -static_cast<double>(seen - 1);
      }
      if (p.dim() == 2) p[0][0] = static_cast<double>(kLength - kWidth + 1);
    }
    write_file(folder_ / "run" / "model.toml", text);
    nn::save_weights(*model, folder_ / "run" / "weights.safetensors");
  }

  void write_sequences(const std::string& name, const std::vector<std::string>& sequences) const {
    std::vector<io::FastaRecord> records;
    for (std::size_t i = 0; i < sequences.size(); ++i) records.push_back({format("s{}", i), "", sequences[i]});
    io::write_fasta(folder_ / name, records);
  }

  fs::path folder_;
};

}  // namespace basewise::interpret::testing
