// Seconds of attributions of one model: attribution_benchmark MODEL.toml TARGET [EXAMPLES]
// [REFERENCES] [REPEATS]
//
// A line of JSON: medians of DeepSHAP over EXAMPLES x REFERENCES pairs, and of gradients of as many
// sequences. peers/attribution.py measures tangermeme on the same networks.
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "basewise/core/error.h"
#include "basewise/core/parallel.h"
#include "basewise/core/random.h"
#include "basewise/interpret/attribution.h"
#include "basewise/nn/model.h"
#include "basewise/tensor/tokens.h"
#include "measure.h"
#include "model_case.h"

namespace {

using namespace basewise;

at::Tensor sequences(std::int64_t n, std::int64_t length) {
  Stream draw(1);
  at::Tensor tokens = at::empty({n, length}, at::kByte);
  auto* to = tokens.mutable_data_ptr<std::uint8_t>();
  for (std::int64_t i = 0; i < n * length; ++i) to[i] = static_cast<std::uint8_t>(draw.below(4));
  return one_hot_of(tokens);
}

int measure(const std::string& file, const std::string& text, std::int64_t examples, std::int64_t references, int repeats) {
  const nn::ModelPtr model = nn::build_model_file(file, 1);
  const interpret::Target target = interpret::parse_target(text, *model);
  const auto seconds = [&](interpret::AttributionMethod method, std::int64_t n) {
    interpret::AttributionOptions o;
    o.method = method;
    o.references.count = references;
    const auto attribute = interpret::attribution_fn(*model, target, o);
    const Bundle inputs{{"sequence", sequences(n, model->typical_length())}};
    std::vector<double> all;
    for (int i = 0; i <= repeats; ++i) {
      const double one = benchmarks::seconds_of([&] { attribute(inputs, 0, {}); });
      if (i > 0) all.push_back(one);
    }
    return benchmarks::median(all);
  };
  using enum interpret::AttributionMethod;
  const double pairs = seconds(deeplift, examples), gradients = seconds(gradient, examples * references);
  std::printf("{\"deeplift\": %.4f, \"gradients_of_as_many\": %.4f, \"threads\": %d}\n", pairs, gradients, threads());
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const auto number = [&](int i, int usual) { return argc > i ? std::atoi(argv[i]) : usual; };
  benchmarks::keep_memory();
  at::set_num_threads(threads());
  try {
    return measure(argc > 1 ? argv[1] : "benchmarks/models/bpnet.toml", argc > 2 ? argv[2] : "counts", number(3, 4), number(4, 20),
                   number(5, 3));
  } catch (const Error& e) {
    std::fprintf(stderr, "%s\n", e.what());
    return e.exit_code();
  }
}
