// AUROC and average precision of scores in .npy files.
//
//   metrics_benchmark SCORES.npy LABELS.npy [REPEATS]
//
// Prints one JSON line with both values and the seconds of each repeat;
// metrics_vs_sklearn.py runs it beside scikit-learn.
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "basewise/core/error.h"
#include "basewise/core/parallel.h"
#include "basewise/io/npy.h"
#include "basewise/metrics/ranking.h"

int main(int argc, char** argv) {
  using namespace basewise;
  if (argc < 3) {
    std::fprintf(stderr, "usage: %s SCORES.npy LABELS.npy [REPEATS]\n", argv[0]);
    return 2;
  }
  try {
    const auto score_array = io::read_npy(argv[1]);
    const auto label_array = io::read_npy(argv[2]);
    const auto scores = score_array.as<float>();
    const auto labels = label_array.as<std::uint8_t>();
    std::vector<double> seconds;
    double auroc = 0;
    double average_precision = 0;
    for (int r = 0; r < (argc > 3 ? std::atoi(argv[3]) : 3); ++r) {
      const auto start = std::chrono::steady_clock::now();
      const metrics::Ranking ranking(scores, labels);
      auroc = ranking.auroc().value;
      average_precision = ranking.average_precision().value;
      seconds.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
    }
    std::printf("%s\n", format("{{\"auroc\": {}, \"average_precision\": {}, \"threads\": {}, \"seconds\": [{}]}}", auroc, average_precision,
                               threads(), fmt::join(seconds, ", "))
                            .c_str());
  } catch (const Error& e) {
    std::fprintf(stderr, "%s\n", e.what());
    return e.exit_code();
  }
}
