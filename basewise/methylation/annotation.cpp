#include "basewise/methylation/annotation.h"

#include <algorithm>
#include <map>

#include "basewise/core/error.h"
#include "basewise/core/some_of.h"
#include "basewise/io/bed.h"
#include "basewise/methylation/calls.h"
#include "basewise/seq/chrom_sizes.h"

namespace basewise::methylation {

Annotation::Annotation(const std::filesystem::path& bed, const std::vector<std::string>& chromosomes)
    : name_(cell_name(bed)), stretches_(chromosomes.size()) {
  seq::ChromSizes names;
  for (const std::string& name : chromosomes) names.add({.name = name});
  const io::BedResult read = io::read_bed(bed);
  for (const seq::Interval& region : seq::merge(io::intervals(read.records))) {
    if (const auto place = names.find(region.chrom))
      stretches_[*place].push_back({region.start, region.end});
    else
      ++left_out_;
  }
  if (std::all_of(stretches_.begin(), stretches_.end(), [](const auto& of_chrom) { return of_chrom.empty(); }))
    throw DataError(format("{}: has no region on {}; names of chromosomes or assemblies differ", bed.string(), some_of(chromosomes)));
}

bool Annotation::contains(const Site& site) const {
  const auto& stretches = stretches_[site.chrom];
  const auto behind = std::upper_bound(stretches.begin(), stretches.end(), site.position,
                                       [](std::int64_t position, const Stretch& stretch) { return position < stretch.start; });
  return behind != stretches.begin() && site.position < std::prev(behind)->end;
}

std::vector<Annotation> read_annotations(const std::vector<std::filesystem::path>& files, const std::vector<std::string>& chromosomes) {
  std::vector<Annotation> all;
  std::map<std::string, std::filesystem::path> names;
  for (const auto& file : files) {
    all.emplace_back(file, chromosomes);
    if (const auto [at, is_new] = names.try_emplace(all.back().name(), file); !is_new)
      throw ArgumentError(
          format("{} and {} are both called '{}', by the name of the file up to its first dot; give one of them another name",
                 at->second.string(), file.string(), at->first));
  }
  return all;
}

}  // namespace basewise::methylation
