// With torch: builds a small model from text and applies it to the records of a FASTA file.
#include <basewise/io/fasta.h>
#include <basewise/nn/model.h>
#include <basewise/seq/alphabet.h>
#include <basewise/tensor/tensors.h>

#include <cstdio>
#include <vector>

constexpr const char* kModel = R"(
format = 1

[inputs.sequence]
channels = 4

[[layers]]
type = "conv"
filters = 5
width = 3
padding = "same"

[[layers]]
type = "pool"
kind = "max"
global = true

[[heads]]
name = "logits"

  [[heads.layers]]
  type = "dense"
  units = 2
)";

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const auto model = basewise::nn::build_model(kModel, "inline", 7);
  model->eval();
  for (const auto& record : basewise::io::read_fasta(argv[1]).records) {
    std::vector<float> values(4 * record.sequence.size());
    basewise::seq::one_hot(record.sequence, values);
    const auto sequence = basewise::to_tensor(values, {1, 4, static_cast<std::int64_t>(record.sequence.size())});
    const auto logits = model->forward({{"sequence", sequence}}).at("logits");
    std::printf("%s\t%s\n", record.name.c_str(), basewise::shape_text(logits.sizes()).c_str());
  }
}
