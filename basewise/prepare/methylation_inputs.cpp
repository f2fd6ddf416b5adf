#include "basewise/prepare/methylation_inputs.h"

#include <algorithm>

#include "basewise/core/error.h"
#include "basewise/corpus/registry.h"
#include "basewise/io/fasta_genome.h"
#include "basewise/methylation/deepcpg_file.h"

namespace basewise::prepare {
namespace {

using methylation::CallTable;
using methylation::FoldCounts;

constexpr const char* kHdf5 = ".h5";

std::vector<std::filesystem::path> resolved(const std::vector<std::filesystem::path>& files) {
  std::vector<std::filesystem::path> paths;
  for (const auto& file : files) paths.push_back(corpus::resolve_path(file.string()));
  return paths;
}

CallTable read_files(const std::vector<std::filesystem::path>& files, const MethylationInputs& inputs,
                     const std::vector<std::string>& known) {
  const auto is_hdf5 = [](const std::filesystem::path& file) { return file.extension() == kHdf5; };
  const auto in_hdf5 = static_cast<std::size_t>(std::count_if(files.begin(), files.end(), is_hdf5));
  if (in_hdf5 > 0 && in_hdf5 < files.size())
    throw ArgumentError("data files of DeepCpG (.h5) hold all cells; give them without files of single cells");
  if (in_hdf5 > 0) return methylation::read_deepcpg_calls(files, inputs.chromosomes);
  return methylation::read_calls(
      files, {.file = inputs.file, .least_reads = inputs.least_reads, .chromosomes = inputs.chromosomes, .progress = true}, known);
}

std::unique_ptr<const methylation::KnownSequence> read_sequence(const std::filesystem::path& genome) {
  if (genome.empty()) return nullptr;
  auto loaded = io::load_genome({.path = corpus::resolve_path(genome.string()), .ambiguity = seq::Ambiguity::as_n});
  return std::make_unique<const methylation::KnownSequence>(std::move(loaded.genome));
}

void note(std::vector<std::string>& notes, std::int64_t count, std::string_view what) {
  if (count > 0) notes.push_back(format("{} {}", count, what));
}

void add_notes(const FoldCounts& all, bool with_sequence, std::vector<std::string>& notes) {
  note(notes, all.no_cpg, "calls are at no CpG of the genome and were left out");
  note(notes, all.ambiguous, "calls lie in odd runs of neighbouring positions without known sequence; a genome would tell their strands");
  if (all.reverse_by_pair > 0 && all.undecided > 0)
    note(notes, all.undecided,
         with_sequence ? "calls lie where no sequence is known, and have no neighbouring position; their strand is not known"
                       : "calls have no neighbouring position, and their strand is not known; a genome would tell it");
}

}  // namespace

void describe(Visitor& v, MethylationInputs& o) {
  v("calls", o.calls,
    "files of methylation calls, one for each cell: profiles, bedGraph or coverage files of Bismark, plain or gzip; or "
    "data files of DeepCpG (.h5), which hold all cells",
    required());
  describe(v, o.file);
  v("genome", o.genome, "FASTA that tells the strands of calls: whole chromosomes, or stretches named chromosome:start-end");
  v("strands", o.strands, "what happens to calls of the reverse strand, where files list both strands apart");
  v("least_reads", o.least_reads, "calls of fewer reads are left out; files without reads keep all", counted(1));
  v("chromosomes", o.chromosomes, "chromosomes that are kept; empty: all");
}

MethylationData read_methylation(const MethylationInputs& inputs) {
  auto sequence = read_sequence(inputs.genome);
  CallTable calls = read_files(resolved(inputs.calls), inputs, sequence ? sequence->chromosomes() : std::vector<std::string>{});
  std::vector<CellReport> cells;
  for (const methylation::CellCalls& cell : calls.cells)
    cells.push_back({.name = cell.name, .file = cell.file, .calls = cell.size(), .skipped = cell.report.skipped, .thin = cell.thin});
  std::vector<std::string> notes;
  if (inputs.strands == CallStrands::fold) {
    const auto counts = fold_strands(calls, sequence.get());
    FoldCounts all;
    for (std::size_t i = 0; i < cells.size(); ++i) all += cells[i].folded = counts[i];
    add_notes(all, sequence != nullptr, notes);
  }
  return {methylation::CellTable(std::move(calls)), std::move(sequence), std::move(cells), std::move(notes)};
}

methylation::CellTable read_beside(const std::filesystem::path& file, const MethylationInputs& inputs, const MethylationData& data) {
  const auto& chromosomes = data.table.chromosomes();
  CallTable calls = read_files(resolved({file}), inputs, chromosomes);
  std::vector<methylation::ChromCalls> ordered(chromosomes.size());
  for (std::size_t i = 0; i < calls.chromosomes.size(); ++i) {
    const auto place = std::find(chromosomes.begin(), chromosomes.end(), calls.chromosomes[i]) - chromosomes.begin();
    if (place < std::ssize(chromosomes)) ordered[static_cast<std::size_t>(place)] = std::move(calls.cells.front().chroms[i]);
  }
  calls.cells.resize(1);
  calls.cells.front().chroms = std::move(ordered);
  calls.chromosomes = chromosomes;
  if (inputs.strands == CallStrands::fold) fold_strands(calls, data.sequence.get());
  return methylation::CellTable(std::move(calls));
}

}  // namespace basewise::prepare
