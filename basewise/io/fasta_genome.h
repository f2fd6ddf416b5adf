// A FASTA file as a genome in memory.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "basewise/core/options.h"
#include "basewise/io/read_report.h"
#include "basewise/seq/genome.h"

namespace basewise::io {

/// How a FASTA file becomes a genome.
struct GenomeOptions {
  std::filesystem::path path = {};                    ///< FASTA file
  seq::Ambiguity ambiguity = seq::Ambiguity::error;   ///< error or n
  std::vector<std::string> chroms = {};               ///< sequences to keep, by name or alias; empty keeps all
  std::vector<std::string> circular = {};             ///< sequences that are circular, by name or alias
  std::optional<std::filesystem::path> aliases = {};  ///< table of names of equal meaning
};
void describe(Visitor& v, GenomeOptions& o);

/// A genome with what was met on the way: `report.skipped` counts sequences that `chroms` left out,
/// `report.notes` IUPAC codes that became N, `report.remarks` says which names of `chroms` were
/// translated or are not in the file. Sequences that were left out are `ChromSizes::add_unused`.
struct GenomeResult {
  seq::Genome genome;
  ReadReport report;
  std::int64_t n = 0;  ///< bases N, IUPAC codes included
};

/// Reads a whole FASTA file into memory, one byte per base.
/// Errors: those of `FastaReader`; `chroms` of which the file has none; a name in `circular` that
/// it does not have; an alias that stands for two sequences.
GenomeResult load_genome(const GenomeOptions& options);
GenomeResult load_genome(const std::filesystem::path& path);

}  // namespace basewise::io
