// Methylation calls: text, and the data files of DeepCpG.
#include <algorithm>

#include "basewise/core/files.h"
#include "basewise/io/fasta_genome.h"
#include "basewise/io/methylation.h"
#include "basewise/methylation/deepcpg_file.h"
#include "basewise/methylation/deepcpg_writer.h"
#include "basewise/methylation/fold.h"
#include "tests/fuzz/readers.h"

namespace basewise::fuzz {
namespace {

const char* const kProfile = "# cell\n1\t5\t1\n1\t6\t0.25\n1\t9\tnan\n2\t1\t0\n";
const char* const kAtCpGs = "1\t4\t1\n1\t5\t0.25\n1\t8\t1\n2\t1\t0\n";
const char* const kBedGraph = "track type=bedGraph\nchr1\t4\t5\t1\nchr1\t8\t10\t0.5\n";
const char* const kCoverage = "1\t5\t5\t75.000000\t3\t1\n1\t6\t6\t0.000000\t0\t2\n1\t9\t9\t0\t0\t0\n2\t1\t1\t100.000000\t1\t0\n";

std::string deepcpg(const fs::path& scratch) {
  write_file(scratch / "a.tsv", kProfile);
  const methylation::CellTable table(methylation::read_calls({scratch / "a.tsv"}));
  const methylation::SiteList sites = measured_sites(table);
  methylation::DeepCpgSource source = {table, sites};
  source.options.each_side = 2;
  write_deepcpg(scratch / "x.h5", source, 0, 2);
  return read_file(scratch / "x.h5");
}

void read_examples(const fs::path& path) {
  const methylation::DeepCpgFile file(path);
  const std::int64_t n = std::min<std::int64_t>(file.size(), 100);
  std::vector<float> states(static_cast<std::size_t>(n * file.width()));
  std::vector<std::int32_t> distances(states.size());
  for (std::size_t cell = 0; cell < file.cells().size(); ++cell) {
    file.labels(cell, 0, n);
    if (file.width() > 0) file.neighbours(cell, 0, n, states, distances);
  }
  methylation::read_deepcpg_calls({path});
}

}  // namespace

std::vector<Reader> methylation_readers(const fs::path& scratch) {
  return {
      {"methylation",
       {{{"x.tsv", kProfile}}, {{"x.tsv", kBedGraph}}, {{"x.tsv", kCoverage}}},
       [](const fs::path& f) {
         methylation::CallTable calls = methylation::read_calls({f / "x.tsv"});
         fold_strands(calls, nullptr);
       }},
      {"stretches",
       {{{"x.fa", ">1:2-9\nACGTACG\n>2\nCGNNA\n>1:4-7\nGTA\n"}, {"x.tsv", kAtCpGs}}},
       [](const fs::path& f) {
         const methylation::KnownSequence sequence(io::load_genome(f / "x.fa").genome);
         methylation::CallTable calls = methylation::read_calls({f / "x.tsv"}, {}, sequence.chromosomes());
         fold_strands(calls, &sequence);
       }},
      {"deepcpg", {{{"x.h5", deepcpg(scratch)}}}, [](const fs::path& f) { read_examples(f / "x.h5"); }},
  };
}

}  // namespace basewise::fuzz
