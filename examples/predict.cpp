// Applies a run to sequences and asks what it looks at: predict RUN FILE.fa
#include <cstdio>
#include <vector>

#include "basewise/infer/gradient.h"
#include "basewise/io/fasta.h"
#include "basewise/run/open_run.h"
#include "basewise/seq/alphabet.h"
#include "basewise/tensor/tensors.h"

namespace bw = basewise;

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const bw::run::OpenRun run = bw::run::open_run(argv[1]);
  const bw::infer::ScoreFn score = run.score();  // as the recipe of the run says: one strand, or both merged
  const bw::infer::GradientFn gradients = bw::infer::gradient_fn(run.model, run.strands, run.forms);
  for (const auto& record : bw::io::read_fasta(argv[2]).records) {
    std::vector<float> rows(4 * record.sequence.size());
    bw::seq::one_hot(record.sequence, rows);
    const bw::Bundle inputs{{"sequence", bw::to_tensor(rows, {1, 4, static_cast<std::int64_t>(record.sequence.size())})}};

    const at::Tensor probabilities = score(inputs).at("logits").sigmoid();  // (1, tasks)
    const bw::infer::GradientResult why = gradients(inputs, {.output = "logits", .channels = {0}}, {"sequence"});
    const at::Tensor of_bases = (why.gradients.at("sequence") * inputs.at("sequence")).sum(1)[0];
    const std::int64_t at = of_bases.argmax().item<std::int64_t>();
    std::printf("%s: %.2f %.2f; %c at %d speaks most for the first task\n", record.name.c_str(),
                probabilities[0][0].item<double>(), probabilities[0][1].item<double>(),
                record.sequence[static_cast<std::size_t>(at)], static_cast<int>(at));
  }
}
