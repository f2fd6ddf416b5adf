#include "basewise/prepare/methylation_set.h"

#include <algorithm>
#include <chrono>

#include <nlohmann/json.hpp>

#include "basewise/core/error.h"
#include "basewise/core/files.h"
#include "basewise/core/parallel.h"
#include "basewise/core/progress.h"
#include "basewise/corpus/registry.h"
#include "basewise/prepare/detail/set_folder.h"

namespace basewise::prepare {
namespace {

using methylation::DeepCpgSource;
using methylation::SiteList;

/// A file of the set and what it holds: sites [first, end), or a cell.
struct Part {
  std::filesystem::path path;
  std::int64_t first = 0;
  std::int64_t end = 0;
};

template <class T>
void check_once(std::string_view option, const std::vector<T>& values) {
  for (auto value = values.begin(); value != values.end(); ++value)
    if (std::find(values.begin(), value, *value) != value) throw ArgumentError(format("{} names {} twice", option, *value));
}

void check_together(const MethylationSetOptions& o) {
  MethylationSetOptions copy = o;
  check(described(copy), "methylation prepare");
  if (o.neighbours % 2 != 0)
    throw ArgumentError(format("neighbours is {}; half of them lie on each side, so that the number is even", o.neighbours));
  if (o.dna % 2 == 0) throw ArgumentError(format("dna is {} bases, which have no middle; give an odd number", o.dna));
  for (const std::int64_t width : o.windows)
    if (width % 2 == 0) throw ArgumentError(format("windows has {} bases, which have no middle; give odd numbers", width));
  check_once("site_statistics", o.site_statistics);
  check_once("window_statistics", o.window_statistics);
  check_once("windows", o.windows);
}

std::vector<GivenPath> inputs_of(const MethylationSetOptions& o) {
  std::vector<GivenPath> inputs = {{"genome", o.inputs.genome}};
  for (const auto& file : o.inputs.calls) inputs.push_back({"calls", file});
  for (const auto& file : o.annotations) inputs.push_back({"annotations", file});
  return inputs;
}

detail::SetFolder folder_of(const MethylationSetOptions& o) {
  MethylationSetOptions copy = o;
  nlohmann::ordered_json options = to_json(described(copy));
  options.erase("out");
  return {o.out, "methylation", options, inputs_of(o)};
}

MethylationSetOptions with_registered_files(MethylationSetOptions o) {
  const auto resolve = [](std::filesystem::path& file) { file = corpus::resolve_path(file.string()); };
  std::for_each(o.inputs.calls.begin(), o.inputs.calls.end(), resolve);
  std::for_each(o.annotations.begin(), o.annotations.end(), resolve);
  resolve(o.inputs.genome);
  return o;
}

methylation::DeepCpgOptions file_options(const MethylationSetOptions& o) {
  return {.each_side = o.neighbours / 2,
          .dna = o.dna,
          .unknown_bases = o.unknown_bases,
          .site_statistics = o.site_statistics,
          .least_cells = o.least_cells_of_statistics,
          .window_statistics = o.window_statistics,
          .windows = o.windows,
          .seed = o.seed};
}

/// Files of at most `per_file` sites of one chromosome.
std::vector<Part> site_parts(const SiteList& sites, const std::vector<std::string>& chromosomes, const MethylationSetOptions& o) {
  std::vector<Part> parts;
  for (std::size_t chrom = 0; chrom < chromosomes.size(); ++chrom) {
    const std::int64_t n = std::ssize(sites.positions(chrom)), first = sites.first(chrom);
    for (std::int64_t begin = 0; begin < n; begin += o.per_file) {
      const std::int64_t end = std::min(n, begin + o.per_file);
      const std::string name = format("c{}_{:06}-{:06}.h5", methylation::without_chr(chromosomes[chrom]), begin, end);
      parts.push_back({o.out / name, first + begin, first + end});
    }
  }
  return parts;
}

std::vector<Part> cell_parts(const methylation::CellTable& table, const MethylationSetOptions& o) {
  std::vector<Part> parts;
  for (std::size_t cell = 0; cell < table.cells().size(); ++cell)
    parts.push_back({o.out / (table.cells()[cell] + ".tsv.gz"), static_cast<std::int64_t>(cell), static_cast<std::int64_t>(cell) + 1});
  return parts;
}

void write_profile(const std::filesystem::path& path, const methylation::CellTable& table, std::size_t cell) {
  io::MethylationWriter file(path, io::MethylationFormat::profile);
  for (std::size_t chrom = 0; chrom < table.chromosomes().size(); ++chrom) {
    const methylation::ObservedSites& sites = table.at(cell, chrom);
    for (std::size_t i = 0; i < sites.size(); ++i) file.add(table.chromosomes()[chrom], sites.positions()[i], sites.share(i));
  }
  file.close();
}

/// Writes the parts that lack.
template <class Write>
void write_parts(const std::vector<Part>& parts, std::string_view unit, MethylationSetResult& result, const Write& write) {
  std::vector<const Part*> left;
  std::int64_t amount = 0;
  for (const Part& part : parts) {
    result.files.push_back(part.path);
    if (std::filesystem::exists(part.path)) continue;
    left.push_back(&part);
    amount += part.end - part.first;
  }
  result.files_written = std::ssize(left);
  result.complete = left.empty();
  if (left.empty()) return;
  Progress progress("methylation", amount, std::string(unit));
  parallel_for(std::ssize(left), 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      const Part& part = *left[static_cast<std::size_t>(i)];
      write(part);
      progress.advance(part.end - part.first);
    }
  });
}

void make(const MethylationSetOptions& o, const MethylationData& data, MethylationSetResult& result) {
  const SiteList sites = measured_sites(
      data.table, {.least_cells = o.least_cells, .sample = o.sample, .sample_per_chromosome = o.sample_per_chromosome, .seed = o.seed});
  if (sites.size() == 0) throw DataError(format("no site was measured in {} or more cells", o.least_cells));
  result.sites = sites.size();
  for (std::size_t chrom = 0; chrom < sites.chromosomes(); ++chrom) result.chromosomes += sites.positions(chrom).empty() ? 0 : 1;
  if (o.format == MethylationSetFormat::profiles)
    return write_parts(cell_parts(data.table, o), "cells", result,
                       [&](const Part& part) { write_profile(part.path, data.table, static_cast<std::size_t>(part.first)); });
  const DeepCpgSource source = {data.table, sites, data.sequence.get(),
                                methylation::read_annotations(o.annotations, data.table.chromosomes()), file_options(o)};
  for (const methylation::Annotation& annotation : source.annotations) {
    result.annotations.push_back(annotation.name());
    if (annotation.left_out() > 0)
      result.notes.push_back(format("{}: {} regions lie on other chromosomes", annotation.name(), annotation.left_out()));
  }
  write_parts(site_parts(sites, data.table.chromosomes(), o), "sites", result,
              [&](const Part& part) { write_deepcpg(part.path, source, part.first, part.end); });
}

}  // namespace

void describe(Visitor& v, MethylationSetOptions& o) {
  describe(v, o.inputs);
  v("out", o.out, "folder for the set; a call that was stopped goes on there", required());
  v("write", o.format, "what is written");
  v("least_cells", o.least_cells, "sites that fewer cells have are left out", counted(1));
  v("sample", o.sample, "most sites in all, chosen at random; 0: all", counted(0));
  v("sample_per_chromosome", o.sample_per_chromosome, "most sites of a chromosome, chosen at random before sample; 0: all", counted(0));
  v("neighbours", o.neighbours, "measured sites around a site that are kept of every cell, half of them on each side; 0: none",
    between(0, 20'000));
  v("dna", o.dna, "bases around a site, with a genome", between(1, 1'000'001));
  v("unknown_bases", o.unknown_bases, "what stands for N and beyond the ends of a chromosome");
  v("annotations", o.annotations, "BED files: whether a site lies in their regions");
  v("site_statistics", o.site_statistics, "statistics across cells at a site");
  v("least_cells_of_statistics", o.least_cells_of_statistics, "sites that fewer cells have get no site_statistics", counted(1));
  v("window_statistics", o.window_statistics, "statistics across cells in windows around a site");
  v("windows", o.windows, "widths of these windows in bases", between(1, 1'000'001));
  v("per_file", o.per_file, "sites of a file", counted(1));
  v("seed", o.seed, "seed of samples and of random bases");
}

MethylationSetResult prepare_methylation(const MethylationSetOptions& given) {
  const auto start = std::chrono::steady_clock::now();
  check_together(given);
  const MethylationSetOptions options = with_registered_files(given);
  const detail::SetFolder folder = folder_of(options);
  const MethylationData data = read_methylation(options.inputs);
  MethylationSetResult result = {.cells = data.cells, .notes = data.notes};
  make(options, data, result);
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return result;
}

}  // namespace basewise::prepare
