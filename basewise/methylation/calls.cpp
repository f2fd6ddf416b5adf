#include "basewise/methylation/calls.h"

#include <algorithm>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "basewise/core/error.h"
#include "basewise/core/parallel.h"
#include "basewise/core/progress.h"
#include "basewise/core/some_of.h"
#include "basewise/seq/chrom_sizes.h"

namespace basewise::methylation {
namespace {

/// One file, with the names of its chromosomes.
struct FileCalls {
  std::vector<std::string> names = {};
  std::vector<ChromCalls> chroms = {};
  io::ReadReport report = {};
  std::int64_t thin = 0;
};

void add(ChromCalls& to, const io::MethylationCall& call) {
  to.positions.push_back(static_cast<std::uint32_t>(call.position));
  to.shares.push_back(static_cast<float>(call.share));
  if (call.coverage > 0)
    to.coverage.push_back(static_cast<std::uint32_t>(std::min<std::int64_t>(call.coverage, std::numeric_limits<std::uint32_t>::max())));
}

FileCalls read_file_of(const std::filesystem::path& path, const CallOptions& options) {
  FileCalls calls;
  io::MethylationReader reader(path, options.file);
  for (io::MethylationCall call; reader.next(call);) {
    if (call.coverage > 0 && call.coverage < options.least_reads) {
      ++calls.thin;
      continue;
    }
    if (calls.names.empty() || call.chromosome != calls.names.back()) {
      calls.names.push_back(call.chromosome);
      calls.chroms.emplace_back();
    }
    add(calls.chroms.back(), call);
  }
  calls.report = reader.report();
  if (calls.report.records == 0) throw DataError(format("{}: holds no methylation call", path.string()));
  for (ChromCalls& chrom : calls.chroms) {
    chrom.positions.shrink_to_fit();
    chrom.shares.shrink_to_fit();
    chrom.coverage.shrink_to_fit();
  }
  return calls;
}

/// The places of chromosomes of a file in the table, new ones at its end.
class Names {
 public:
  explicit Names(const std::vector<std::string>& known) {
    for (const std::string& name : known) sizes_.add({.name = name});
  }

  std::size_t place(const std::string& name) {
    const auto found = sizes_.find(name);
    const std::size_t known = found.value_or(sizes_.size());
    if (!found) sizes_.add({.name = name});
    const auto [at, is_new] = places_.try_emplace(known, places_.size());
    if (is_new) names_.push_back(sizes_[known].name);
    return at->second;
  }

  const std::vector<std::string>& names() const { return names_; }

 private:
  seq::ChromSizes sizes_ = {};
  std::map<std::size_t, std::size_t> places_ = {};  // from sizes_ to names_
  std::vector<std::string> names_ = {};
};

CellCalls placed(const std::filesystem::path& path, FileCalls& calls, Names& names) {
  CellCalls cell = {.name = cell_name(path), .file = path, .report = std::move(calls.report), .thin = calls.thin};
  std::map<std::size_t, std::string> met;
  for (std::size_t i = 0; i < calls.names.size(); ++i) {
    const std::size_t place = names.place(calls.names[i]);
    if (const auto [at, is_new] = met.try_emplace(place, calls.names[i]); !is_new)
      throw DataError(format("{}: '{}' and '{}' are two names of one chromosome", path.string(), at->second, calls.names[i]));
    if (cell.chroms.size() <= place) cell.chroms.resize(place + 1);
    cell.chroms[place] = std::move(calls.chroms[i]);
  }
  return cell;
}

}  // namespace

std::int64_t CellCalls::size() const {
  std::int64_t sum = 0;
  for (const ChromCalls& chrom : chroms) sum += std::ssize(chrom.positions);
  return sum;
}

std::string cell_name(const std::filesystem::path& file) {
  const std::string name = file.filename().string();
  const std::string stem = name.substr(0, name.find('.'));
  return stem.empty() ? name : stem;
}

CallTable read_calls(const std::vector<std::filesystem::path>& files, const CallOptions& options, const std::vector<std::string>& known) {
  if (files.empty()) throw ArgumentError("no file of methylation calls was given");
  std::map<std::string, std::filesystem::path> cells;
  for (const auto& file : files)
    if (const auto [at, is_new] = cells.try_emplace(cell_name(file), file); !is_new)
      throw ArgumentError(
          format("{} and {} are both called '{}', by the name of the file up to its first dot; give one of them another name",
                 at->second.string(), file.string(), at->first));
  std::vector<FileCalls> read(files.size());
  std::optional<Progress> progress;
  if (options.progress) progress.emplace("calls", std::ssize(files), "files");
  parallel_for(std::ssize(files), 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      const auto at = static_cast<std::size_t>(i);
      read[at] = read_file_of(files[at], options);
      if (progress) progress->advance();
    }
  });
  Names names(known);
  CallTable table;
  for (std::size_t i = 0; i < files.size(); ++i) table.cells.push_back(placed(files[i], read[i], names));
  table.chromosomes = names.names();
  for (CellCalls& cell : table.cells) cell.chroms.resize(table.chromosomes.size());
  keep_chromosomes(table, options.chromosomes);
  return table;
}

void keep_chromosomes(CallTable& table, const std::vector<std::string>& wanted) {
  if (wanted.empty()) return;
  seq::ChromSizes sizes;
  for (const std::string& name : table.chromosomes) sizes.add({.name = name});
  std::set<std::size_t> kept;
  std::vector<std::string> missing;
  for (const std::string& name : wanted) {
    const auto place = sizes.find(name);
    place ? static_cast<void>(kept.insert(*place)) : missing.push_back(name);
  }
  if (!missing.empty())
    throw DataError(format("no file has calls on chromosome {}; there are {}", some_of(missing), some_of(table.chromosomes)));
  CallTable all = std::exchange(table, {});
  for (CellCalls& cell : all.cells) {
    table.cells.push_back({.name = cell.name, .file = cell.file, .report = std::move(cell.report), .thin = cell.thin});
    for (const std::size_t place : kept) table.cells.back().chroms.push_back(std::move(cell.chroms[place]));
  }
  for (const std::size_t place : kept) table.chromosomes.push_back(all.chromosomes[place]);
}

}  // namespace basewise::methylation
