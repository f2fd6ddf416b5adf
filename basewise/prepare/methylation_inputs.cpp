#include "basewise/prepare/methylation_inputs.h"

#include <algorithm>
#include <map>

#include "basewise/core/error.h"
#include "basewise/core/some_of.h"
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
  const std::int64_t without = all.forward_by_pair + all.reverse_by_pair + all.undecided + all.ambiguous;
  note(notes, all.no_cpg, "calls are at no CpG of the genome and were left out");
  if (with_sequence)
    note(notes, without, "calls lie where the genome has no sequence: their DNA is N, and their positions tell the strands");
  note(notes, all.ambiguous, "calls lie in odd runs of neighbouring positions without known sequence; a genome would tell their strands");
  if (!with_sequence && all.reverse_by_pair > 0)
    note(notes, all.undecided, "calls have no neighbouring position, and their strand is not known; a genome would tell it");
}

/// What was passed over and what is peculiar, of all files together.
void add_reports(const CallTable& calls, const MethylationInputs& inputs, std::vector<std::string>& notes) {
  std::map<std::string, std::int64_t> rows;
  std::int64_t without_reads = 0;
  for (const methylation::CellCalls& cell : calls.cells) {
    for (const auto& [reason, times] : cell.report.reasons)
      if (reason.starts_with("row ")) rows[format("times a {} was passed over", reason)] += times;
    for (const auto& [what, times] : cell.report.notes) rows[format("times the {}", what)] += times;
    for (const std::string& remark : cell.report.remarks) notes.push_back(format("{}: {}", cell.file.string(), remark));
    without_reads += std::any_of(cell.chroms.begin(), cell.chroms.end(),
                                 [](const methylation::ChromCalls& chrom) { return chrom.coverage.size() < chrom.positions.size(); });
  }
  for (const auto& [what, times] : rows) note(notes, times, what);
  if (inputs.least_reads > 1) note(notes, without_reads, "cells have calls without numbers of reads, which least_reads keeps");
}

/// Errors: DataError where the genome has none of the chromosomes.
void check_names(const CallTable& calls, const methylation::KnownSequence& sequence, const MethylationInputs& inputs) {
  const auto places = sequence.places_of(calls.chromosomes);
  if (std::any_of(places.begin(), places.end(), [](std::int64_t place) { return place >= 0; })) return;
  throw DataError(format("{} has no chromosome of the calls, {}; it has {}: give the genome of the calls, with its names",
                         inputs.genome.string(), some_of(calls.chromosomes, "'"), some_of(sequence.chromosomes(), "'")));
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
  add_reports(calls, inputs, notes);
  if (sequence) check_names(calls, *sequence, inputs);
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
  if (std::all_of(ordered.begin(), ordered.end(), [](const methylation::ChromCalls& chrom) { return chrom.positions.empty(); }))
    throw DataError(format("{}: has no call on {}, where the others have theirs; names of chromosomes or assemblies differ", file.string(),
                           some_of(chromosomes, "'")));
  calls.cells.resize(1);
  calls.cells.front().chroms = std::move(ordered);
  calls.chromosomes = chromosomes;
  if (inputs.strands == CallStrands::fold) fold_strands(calls, data.sequence.get());
  return methylation::CellTable(std::move(calls));
}

}  // namespace basewise::prepare
