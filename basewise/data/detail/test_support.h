// Help for the tests of this module.
#pragma once

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>

#include "basewise/core/error.h"
#include "basewise/core/files.h"
#include "basewise/data/dataset.h"
#include "basewise/seq/genome.h"

namespace basewise::data::testing_support {

inline std::string random_letters(std::int64_t length, std::uint64_t seed) {
  Stream stream(seed);
  std::string letters;
  for (std::int64_t i = 0; i < length; ++i) letters += "ACGT"[stream.below(4)];
  return letters;
}

/// chr1: 1,000 bases, linear; ring: 301 bases, circular.
inline seq::GenomePtr toy_genome() {
  auto genome = std::make_shared<seq::Genome>("toy.fa");
  genome->add("chr1", seq::encode(random_letters(1000, 1)));
  genome->add("ring", seq::encode(random_letters(301, 2)), true);
  return genome;
}

/// Letters of a one-hot sequence (4, L).
inline std::string letters_of(const at::Tensor& sequence) {
  const at::Tensor plain = sequence.contiguous();
  return seq::decode(seq::tokens_of_one_hot(std::span(plain.const_data_ptr<float>(), static_cast<std::size_t>(plain.numel()))));
}

inline bool equal(const Bundle& a, const Bundle& b) {
  if (a.names() != b.names()) return false;
  for (const auto& [name, tensor] : a)
    if (tensor.scalar_type() != b.at(name).scalar_type() || !at::equal(tensor, b.at(name))) return false;
  return true;
}

/// A file of this name and text in a folder of the test's own.
inline std::filesystem::path make_file(const std::string& test, const std::string& name, const std::string& text, const std::string& root) {
  const std::filesystem::path path = std::filesystem::path(root) / ("basewise_data_" + test) / name;
  write_file(path, text);
  return path;
}

/// A set whose examples tell which one they are and what was drawn; example `bad` throws.
class Numbers : public Dataset {
 public:
  explicit Numbers(std::int64_t n, std::int64_t bad = -1) : n_(n), bad_(bad) {}
  std::int64_t size() const override { return n_; }
  Bundle get(std::int64_t i, Stream draw) const override {
    ++calls;
    if (i == bad_) throw DataError("the track ends here");
    return {{"sequence", at::full({4, 7}, static_cast<double>(i), at::kFloat)},
            {"labels", at::full({5}, draw.uniform(), at::kFloat)},
            {"position", at::scalar_tensor(i, at::kLong)}};
  }
  std::string summary() const override { return "numbers"; }
  mutable std::atomic<std::int64_t> calls = 0;

 private:
  std::int64_t n_;
  std::int64_t bad_;
};

}  // namespace basewise::data::testing_support
