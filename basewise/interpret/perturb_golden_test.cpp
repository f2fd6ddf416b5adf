// Perturbations of two networks against tangermeme 1.6 (tests/golden/perturb_golden.py; versions
// and seed in perturb.json beside the values).
#include <cmath>
#include <filesystem>

#include <gtest/gtest.h>

#include "basewise/core/files.h"
#include "basewise/interpret/detail/test_networks.h"
#include "basewise/interpret/perturb.h"
#include "basewise/io/fasta.h"
#include "basewise/io/npz.h"
#include "tests/support/golden_tensor.h"

namespace basewise::interpret {
namespace {

namespace fs = std::filesystem;

const fs::path kGolden = "tests/golden/attribution";

at::Tensor golden(const std::string& name) { return golden_tensor(kGolden / "perturb.safetensors", name); }

class PerturbGolden : public testing::TestWithParam<const char*> {
 protected:
  PerturbGolden() : folder_(fs::path(testing::TempDir()) / format("basewise_perturb_golden_{}", GetParam())) {
    fs::remove_all(folder_);
    fs::create_directories(folder_ / "run");
    fs::copy(kGolden / format("{}.model.toml", GetParam()), folder_ / "run" / "model.toml");
    fs::copy(kGolden / format("{}.safetensors", GetParam()), folder_ / "run" / "weights.safetensors");
    const at::Tensor letters = golden_tensor(kGolden / "attribution.safetensors", "sequences").argmax(1);
    std::vector<io::FastaRecord> records;
    for (std::int64_t n = 0; n < letters.size(0); ++n) {
      auto& record = records.emplace_back(io::FastaRecord{format("s{}", n), "", ""});
      for (std::int64_t i = 0; i < letters.size(1); ++i) record.sequence += "ACGT"[letters[n][i].item<std::int64_t>()];
    }
    io::write_fasta(folder_ / "sequences.fa", records);
  }
  ~PerturbGolden() override { fs::remove_all(folder_); }

  PerturbOptions options(Experiment experiment, const std::vector<std::string>& motifs) const {
    PerturbOptions o;
    o.run = folder_ / "run";
    o.examples.fasta = folder_ / "sequences.fa";
    o.experiment = experiment;
    o.motifs = motifs;
    o.background = Background::given;
    o.arrays = folder_ / "arrays.npz";
    o.bootstrap.replicates = 10;
    return o;
  }

  /// An array of the experiment; what was there before is checked.
  at::Tensor made(const PerturbOptions& o, const std::string& name = "y_after") const {
    perturb_run(o);
    const io::NpzFile file(o.arrays);
    const auto tensor = [&](const std::string& key) {
      const io::Array array = file.read(key);
      return to_tensor(array.as<double>(), array.shape);
    };
    EXPECT_LT(detail::apart(tensor("y_before"), golden(format("{}.before", GetParam()))), 2e-5);
    return tensor(name);
  }

  fs::path folder_;
};

TEST_P(PerturbGolden, Marginalize) {
  PerturbOptions o = options(Experiment::marginalize, {"TGACTCA", "GATAAG"});
  EXPECT_LT(detail::apart(made(o), golden(format("{}.marginalize", GetParam()))), 2e-5);
  o.position = 11;
  EXPECT_LT(detail::apart(made(o), golden(format("{}.marginalize_at", GetParam()))), 2e-5);
}

TEST_P(PerturbGolden, Space) {
  PerturbOptions o = options(Experiment::space, {"TGACTCA", "GATAAG"});
  o.distances = {0, 3, 8};
  EXPECT_LT(detail::apart(made(o), golden(format("{}.space", GetParam()))), 2e-5);
}

// Both draw orders of the letters of a span, each by its own stream: means over many of them lie
// around the mean over all.
TEST_P(PerturbGolden, Ablate) {
  PerturbOptions o = options(Experiment::ablate, {});
  o.span = "20-24";
  o.shuffles = 2000;
  const at::Tensor found = made(o)[0], sd = golden(format("{}.ablate_sd", GetParam())).to(at::kDouble);
  const at::Tensor off = (found - golden(format("{}.ablate", GetParam()))).abs() / (sd / std::sqrt(2000.0) + 2e-5);
  EXPECT_LT(off.max().item<double>(), 4.5);
  EXPECT_GT(sd.max().item<double>(), 0.05);
}

INSTANTIATE_TEST_SUITE_P(Networks, PerturbGolden, testing::Values("conv", "max_pool"),
                         [](const auto& network) { return std::string(network.param); });

}  // namespace
}  // namespace basewise::interpret
