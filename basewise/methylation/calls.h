// The methylation calls of several cells as their files have them, by chromosome.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "basewise/io/methylation.h"

namespace basewise::methylation {

/// Calls on one chromosome, by rising position.
struct ChromCalls {
  std::vector<std::uint32_t> positions = {};  ///< 0-based
  std::vector<float> shares = {};             ///< methylated, 0 to 1
  std::vector<std::uint32_t> coverage = {};   ///< reads; empty where the file does not say
};

/// The calls of one cell.
struct CellCalls {
  std::string name = {};
  std::filesystem::path file = {};
  std::vector<ChromCalls> chroms = {};  ///< by chromosome of the table
  io::ReadReport report = {};           ///< lines of the file that were passed over
  std::int64_t thin = 0;                ///< calls with fewer reads than asked for, which were left out

  std::int64_t size() const;
};

/// Chromosomes and cells in the order in which they were met.
struct CallTable {
  std::vector<std::string> chromosomes = {};
  std::vector<CellCalls> cells = {};
};

/// Which calls are kept.
struct CallOptions {
  io::MethylationFileOptions file = {};
  std::int64_t least_reads = 1;               ///< of a call whose file says how many it has
  std::vector<std::string> chromosomes = {};  ///< by any spelling; empty: all
  bool progress = false;                      ///< shown while files are read
};

/// Reads one file for each cell, several at a time. A cell is called as its file up to the first
/// dot, as in DeepCpG. Names of chromosomes that mean the same (1 and chr1) become the one that
/// `known` has, else the one that was met first.
///
/// Errors: those of `io::MethylationReader`; DataError for a file without calls, two names of one
/// chromosome in a file and a chromosome that was asked for and that no file has; ArgumentError for
/// two cells of one name and no file.
CallTable read_calls(const std::vector<std::filesystem::path>& files, const CallOptions& options = {},
                     const std::vector<std::string>& known = {});

/// Keeps some chromosomes, by any spelling, in the order of the table; none given: all.
/// Errors: DataError for one that no file has.
void keep_chromosomes(CallTable& table, const std::vector<std::string>& wanted);

/// The name of the cell of a file: "cell_01" for "calls/cell_01.cov.gz".
std::string cell_name(const std::filesystem::path& file);

}  // namespace basewise::methylation
