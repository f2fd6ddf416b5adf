// A run, a genome and sequences for the tests of the verb attribute.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "basewise/core/error.h"
#include "basewise/core/files.h"
#include "basewise/core/json.h"
#include "basewise/infer/gradient.h"
#include "basewise/interpret/attribute_run.h"
#include "basewise/interpret/detail/test_networks.h"
#include "basewise/io/fasta.h"
#include "basewise/io/npz.h"
#include "basewise/io/tsv.h"
#include "basewise/nn/weights.h"
#include "basewise/run/open_run.h"
#include "basewise/tensor/tensors.h"
#include "tests/support/error_text.h"

namespace basewise::interpret::testing {

namespace fs = std::filesystem;

inline constexpr std::int64_t kLength = 37;
inline const std::string kModel = detail::network_text(detail::mean_of_convolution(6, 5));

inline std::string random_letters(std::int64_t n, std::uint64_t seed) {
  Stream draw(seed);
  std::string letters;
  for (std::int64_t i = 0; i < n; ++i) letters += "ACGT"[draw.below(4)];
  return letters;
}

inline std::string other_strand(const std::string& letters) {
  const std::map<char, char> pairs = {{'A', 'T'}, {'C', 'G'}, {'G', 'C'}, {'T', 'A'}, {'N', 'N'}};
  std::string turned;
  for (auto letter = letters.rbegin(); letter != letters.rend(); ++letter) turned += pairs.at(*letter);
  return turned;
}

/// One-hot sequences and scores of a folder, as letters and numbers.
struct Folder {
  explicit Folder(const fs::path& path) : document(read_json(path / "attribute.json")) {
    const io::Array one_hot = io::NpzFile(path / "sequences.npz").read("arr_0");
    const io::Array values = io::NpzFile(path / "attributions.npz").read("arr_0");
    EXPECT_EQ(one_hot.shape, values.shape);
    length = one_hot.shape.at(2);
    const auto bits = one_hot.as<std::int8_t>();
    for (std::int64_t n = 0; n < one_hot.shape.at(0); ++n) {
      std::string& letters = sequences.emplace_back(static_cast<std::size_t>(length), 'N');
      for (std::int64_t i = 0; i < 4 * length; ++i)
        if (bits[static_cast<std::size_t>(4 * n * length + i)] != 0) letters[static_cast<std::size_t>(i % length)] = "ACGT"[i / length];
    }
    scores = to_tensor(values.as<float>(), values.shape);
    io::TsvReader table(path / "loci.tsv", io::plain_table());
    columns = table.columns();
    while (table.next()) {
      auto& row = loci.emplace_back();
      for (std::size_t c = 0; c < columns.size(); ++c) row.emplace_back(table.text(c));
    }
  }

  nlohmann::ordered_json document;
  std::int64_t length = 0;
  std::vector<std::string> sequences = {};
  at::Tensor scores = {};
  std::vector<std::string> columns = {};
  std::vector<std::vector<std::string>> loci = {};
};

/// A run, a genome with intervals, and sequences.
class Attribute : public ::testing::Test {
 protected:
  void SetUp() override {
    const std::string name = ::testing::UnitTest::GetInstance()->current_test_info()->name();
    folder_ = fs::path(::testing::TempDir()) / format("basewise_attribute_{}", name);
    fs::remove_all(folder_);
    write_file(folder_ / "run" / "model.toml", kModel);
    save_weights(3);
    io::write_fasta(folder_ / "genome.fa", {{"chrA", "", genome_}, {"ring", "", ring_}});
    write_file(folder_ / "sites.bed",
               "chrA\t300\t303\tlate\t0\t+\nring\t3\t4\torigin\t0\t-\nchrA\t100\t103\t.\t0\t-\nchrA\t110\t113\tnear\t0\t+\n"
               "chrB\t1\t2\tunknown\t0\t+\nchrA\t5\t8\tedge\t0\t+\n");
    write_sequences("some.fa", 11);
  }
  void TearDown() override { fs::remove_all(folder_); }

  void save_weights(std::uint64_t seed) const {
    nn::save_weights(*nn::build_model(kModel, "model.toml", seed), folder_ / "run" / "weights.safetensors");
  }

  void write_sequences(const std::string& name, std::int64_t n) const {
    std::vector<io::FastaRecord> records;
    for (std::int64_t i = 0; i < n; ++i)
      records.push_back({format("s{}", i), "", random_letters(kLength, static_cast<std::uint64_t>(50 + i))});
    io::write_fasta(folder_ / name, records);
  }

  AttributeOptions options(const std::string& out = "out") const {
    AttributeOptions o;
    o.run = folder_ / "run";
    o.out = folder_ / out;
    o.target = "logits:1";
    o.method = AttributeMethod::gradient;
    return o;
  }

  AttributeOptions of_fasta(const std::string& name = "some.fa", const std::string& out = "out") const {
    AttributeOptions o = options(out);
    o.examples.fasta = folder_ / name;
    return o;
  }

  AttributeOptions of_bed(const std::string& out = "out") const {
    AttributeOptions o = options(out);
    o.examples.genome = folder_ / "genome.fa";
    o.examples.circular = {"ring"};
    o.examples.bed = folder_ / "sites.bed";
    return o;
  }

  /// Gradient of logits:1 by sequence, and the logits.
  std::pair<at::Tensor, at::Tensor> expected(const std::vector<std::string>& letters) const {
    at::Tensor x = at::zeros({std::ssize(letters), 4, kLength});
    for (std::size_t n = 0; n < letters.size(); ++n)
      for (std::size_t i = 0; i < letters[n].size(); ++i)
        if (const auto c = std::string("ACGT").find(letters[n][i]); c != std::string::npos)
          x[static_cast<std::int64_t>(n)][static_cast<std::int64_t>(c)][static_cast<std::int64_t>(i)] = 1;
    const run::OpenRun run = run::open_run(folder_ / "run");
    const auto r = infer::gradient_fn(run.model)({{"sequence", x}}, {.output = "logits", .channels = {1}}, {"sequence"});
    return {r.gradients.at("sequence"), r.output.select(1, 1)};
  }

  fs::path folder_;
  const std::string genome_ = random_letters(400, 1), ring_ = random_letters(90, 2);
};

template <class E = Error>
std::string message(const AttributeOptions& options) {
  return error_text<E>([&] { attribute_run(options); });
}

/// Bytes of every file, by name.
inline std::map<std::string, std::string> bytes_of(const fs::path& folder) {
  std::map<std::string, std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) files[entry.path().filename().string()] = read_file(entry.path());
  return files;
}

}  // namespace basewise::interpret::testing
