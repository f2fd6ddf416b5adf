#include "basewise/draft/detail/places.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "basewise/core/error.h"
#include "basewise/core/files.h"
#include "basewise/core/lower_case.h"
#include "basewise/corpus/registry.h"
#include "basewise/io/bed.h"
#include "basewise/io/chrom_files.h"
#include "basewise/io/fasta.h"
#include "basewise/io/line_reader.h"
#include "basewise/io/tsv.h"

namespace basewise::draft::detail {
namespace {

constexpr std::int64_t kFewestSites = 20;

std::string plain_name(const fs::path& file) {
  std::string name = file.filename().string();
  if (name.ends_with(".gz")) name.resize(name.size() - 3);
  return lower_case(name);
}

bool ends_with_any(const std::string& name, std::initializer_list<const char*> endings) {
  return std::any_of(endings.begin(), endings.end(), [&](const char* ending) { return name.ends_with(ending); });
}

/// Whether the first row looks like BED: a name and two numbers.
bool looks_like_bed(const fs::path& file) {
  io::LineReader lines(file);
  for (std::string_view line; lines.next(line);) {
    if (line.empty() || line[0] == '#' || line.starts_with("track") || line.starts_with("browser")) continue;
    const std::size_t one = line.find('\t'), two = one == std::string_view::npos ? one : line.find('\t', one + 1);
    if (two == std::string_view::npos) return false;
    const auto digits = [](std::string_view text) {
      return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
    };
    return digits(line.substr(one + 1, two - one - 1)) && digits(line.substr(two + 1, line.find('\t', two + 1) - two - 1));
  }
  return false;
}

void look_at_bed(const fs::path& file, corpus::SiteFormat format, SiteFacts& facts) {
  const bool peaks = format == corpus::SiteFormat::narrow_peak;
  io::BedReader bed(file, {.format = peaks ? io::BedFormat::narrow_peak : io::BedFormat::bed});
  facts.summits = facts.summits && peaks;
  for (io::BedRecord record; bed.next(record);) {
    facts.widths.push_back(static_cast<double>(record.interval.length()));
    facts.summits = facts.summits && record.summit.has_value();
  }
}

/// The first of the usual names of a column that a table has.
std::optional<std::string> column_of(const io::TsvReader& table, std::initializer_list<const char*> names) {
  for (const std::string& column : table.columns())
    for (const char* name : names)
      if (lower_case(column) == name) return column;
  return std::nullopt;
}

void look_at_table(const fs::path& file, const seq::ChromSizes& sizes, corpus::SiteOptions& o) {
  const io::TsvReader table(file);
  const auto zero = column_of(table, {"summit", "start", "chromstart"}), one = column_of(table, {"position", "pos", "tss", "abs_summit"});
  if (!zero && !one)
    throw DataError(
        format("{}: no column is named position, pos, summit or start; a file with sites is BED, narrowPeak, broadPeak, GFF, GTF, or a "
               "table with such a column. It has {}",
               file.string(), fmt::join(table.columns(), ", ")));
  o.position = one ? *one : *zero;
  o.position_base = one ? 1 : 0;
  if (const auto chromosome = column_of(table, {"chrom", "chr", "chromosome", "seqname", "seqid"})) o.chromosome = *chromosome;
  if (const auto strand = column_of(table, {"strand"})) o.strand = *strand;
  if (o.chromosome.empty() && sizes.size() != 1)
    throw DataError(format("{}: no column is named chrom, chr or chromosome; it has {}", file.string(), fmt::join(table.columns(), ", ")));
}

/// What a file is. Columns of a table are put into the options.
corpus::SiteFormat format_of(const fs::path& file, const seq::ChromSizes& sizes, SiteFacts& facts) {
  const std::string name = plain_name(file);
  if (ends_with_any(name, {".gff", ".gff3", ".gtf"})) {
    facts.summits = false;
    return corpus::SiteFormat::automatic;
  }
  const bool peaks = ends_with_any(name, {".narrowpeak"});
  if (peaks || ends_with_any(name, {".bed", ".broadpeak", ".gappedpeak"}) || looks_like_bed(file)) {
    const auto format = peaks ? corpus::SiteFormat::narrow_peak : corpus::SiteFormat::bed;
    look_at_bed(file, format, facts);
    return format;
  }
  look_at_table(file, sizes, facts.options);
  facts.summits = false;
  return corpus::SiteFormat::table;
}

/// One format for all files; where they differ each is told by itself.
void choose_format(const std::vector<fs::path>& files, const seq::ChromSizes& sizes, SiteFacts& facts) {
  std::vector<corpus::SiteFormat> formats;
  facts.summits = true;
  for (const fs::path& file : files) formats.push_back(format_of(corpus::resolve_path(file.string()), sizes, facts));
  const bool one = std::all_of(formats.begin(), formats.end(), [&](corpus::SiteFormat format) { return format == formats.front(); });
  facts.options.format = one ? formats.front() : corpus::SiteFormat::automatic;
  if (facts.summits) facts.options.point = corpus::SitePoint::summit;
}

/// Chromosomes whose weight comes nearest to a share of all: one of a fitting size, else several.
std::vector<std::size_t> chromosomes_for(const std::vector<Weight>& weights, double share, double least, double most,
                                         const std::vector<std::size_t>& taken) {
  double total = 0;
  for (const Weight& w : weights) total += w.weight;
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < weights.size(); ++i)
    if (weights[i].weight > 0 && std::find(taken.begin(), taken.end(), i) == taken.end()) order.push_back(i);
  const auto part = [&](std::size_t i) { return weights[i].weight / total; };
  const auto best = std::min_element(order.begin(), order.end(),
                                     [&](std::size_t a, std::size_t b) { return std::abs(part(a) - share) < std::abs(part(b) - share); });
  if (best != order.end() && part(*best) >= least && part(*best) <= most) return {*best};
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return part(a) > part(b); });
  std::vector<std::size_t> several;
  double sum = 0;
  for (const std::size_t i : order) {
    if (sum >= share || sum + part(i) > most) continue;
    several.push_back(i);
    sum += part(i);
  }
  std::sort(several.begin(), several.end());
  return sum >= least ? several : std::vector<std::size_t>{};
}

/// Where along a chromosome this share of its weight is reached.
std::int64_t place_of(const Weight& chromosome, double share) {
  if (chromosome.positions.empty()) return static_cast<std::int64_t>(share * static_cast<double>(chromosome.length));
  const auto at = static_cast<std::size_t>(share * static_cast<double>(chromosome.positions.size()));
  return chromosome.positions[std::min(at, chromosome.positions.size() - 1)];
}

SplitChoice stretches_of(const std::vector<Weight>& weights) {
  double total = 0;
  for (const Weight& w : weights) total += w.weight;
  const Weight& largest =
      *std::max_element(weights.begin(), weights.end(), [](const Weight& a, const Weight& b) { return a.weight < b.weight; });
  const double part = largest.weight / total, test = std::min(0.15 / part, 0.4), validation = std::min(0.12 / part, 0.3);
  SplitChoice split;
  split.chromosome = largest.chromosome;
  split.from = place_of(largest, 1 - test - validation);
  split.middle = place_of(largest, 1 - test);
  split.validation_share = validation * part;
  split.test_share = test * part;
  return split;
}

}  // namespace

seq::ChromSizes sizes_of_genome(const fs::path& fasta) {
  constexpr std::uintmax_t kLarge = 200'000'000;
  const fs::path path = corpus::resolve_path(fasta.string()), index = path.string() + ".fai";
  if (fs::exists(path) && fs::file_size(path) >= kLarge && fs::exists(index)) return io::read_chrom_sizes(index);
  seq::ChromSizes sizes({}, path.string());
  io::FastaReader reader(path, {.ambiguity = seq::Ambiguity::as_n});
  for (io::FastaRecord record; reader.next(record);) sizes.add({.name = record.name, .length = std::ssize(record.sequence)});
  return sizes;
}

SiteFacts look_at_sites(const std::vector<fs::path>& files, const seq::ChromSizes& sizes) {
  SiteFacts facts;
  facts.options.file.paths = files;
  if (files.size() > 1) facts.options.task = "file";
  choose_format(files, sizes, facts);
  facts.table = corpus::read_sites(facts.options, sizes);
  const auto of_strand = [&](seq::Strand strand) {
    return std::any_of(facts.table.sites.begin(), facts.table.sites.end(), [&](const corpus::Site& s) { return s.strand == strand; });
  };
  facts.stranded = of_strand(seq::Strand::forward) && of_strand(seq::Strand::reverse);
  const std::int64_t sites = std::ssize(facts.table.sites);
  facts.left_out = facts.table.left_out;
  if (sites < kFewestSites)
    throw DataError(format("{}: {} sites on sequences of {}; a network that learns from fewer than {} would learn them by heart",
                           file_names(files), sites, sizes.source(), kFewestSites));
  return facts;
}

void write_sites(RecipeText& recipe, const SiteFacts& facts) {
  const corpus::SiteOptions& o = facts.options;
  recipe.table("data.genome.sites");
  recipe.file("file", o.file.paths,
              format("{} sites{}", grouped(std::ssize(facts.table.sites)),
                     facts.left_out > 0 ? format("; {} more are on sequences that the genome has not", grouped(facts.left_out)) : ""));
  if (!o.task.empty()) recipe.text("task", o.task, "each file is a label; without this line all are one");
  if (o.format != corpus::SiteFormat::automatic) recipe.text("format", to_word(o.format));
  if (facts.summits) recipe.text("point", to_word(o.point), "every row says where its summit is");
  if (o.format != corpus::SiteFormat::table) return;
  if (!o.chromosome.empty()) recipe.text("chromosome", o.chromosome);
  recipe.text("position", o.position);
  recipe.count("position_base", o.position_base,
               o.position_base == 1 ? "number of the first base of a chromosome: 1, as most tables count; 0 if yours does not"
                                    : "number of the first base of a chromosome: 0, as in BED; 1 if your table counts so");
  if (!o.strand.empty()) recipe.text("strand", o.strand);
}

std::vector<Weight> weights_of(const SiteFacts& facts, const seq::ChromSizes& sizes) {
  std::vector<Weight> weights;
  for (const seq::Chrom& chrom : sizes) weights.push_back({.chromosome = chrom.name, .length = chrom.length});
  for (const corpus::Site& site : facts.table.sites) {
    ++weights[site.chrom].weight;
    weights[site.chrom].positions.push_back(site.position);
  }
  return weights;
}

SplitChoice choose_split(const std::vector<Weight>& weights) {
  const std::vector<std::size_t> test = chromosomes_for(weights, 0.15, 0.08, 0.26, {});
  const std::vector<std::size_t> validation = test.empty() ? test : chromosomes_for(weights, 0.12, 0.06, 0.26, test);
  if (test.empty() || validation.empty()) return stretches_of(weights);
  double total = 0;
  for (const Weight& w : weights) total += w.weight;
  SplitChoice split;
  for (const std::size_t i : test) split.test.push_back(weights[i].chromosome), split.test_share += weights[i].weight / total;
  for (const std::size_t i : validation)
    split.validation.push_back(weights[i].chromosome), split.validation_share += weights[i].weight / total;
  return split;
}

void write_split(RecipeText& recipe, const SplitChoice& s, const std::string& what) {
  const auto share = [&](double part) { return format("{:.0f} % of the {}", 100 * part, what); };
  recipe.table("data.split");
  if (!s.test.empty()) {
    recipe.text("by", "chromosome", "whole chromosomes, so that nothing near a training example is tested");
    recipe.key("validation_chromosomes", toml(s.validation), share(s.validation_share));
    recipe.key("test_chromosomes", toml(s.test), share(s.test_share));
    return;
  }
  recipe.text("by", "ranges", format("no chromosome has a fitting share of the {}; stretches of {} do", what, s.chromosome));
  recipe.table("data.split.validation_ranges", true);
  recipe.text("chromosome", s.chromosome);
  recipe.count("start", s.from, share(s.validation_share));
  recipe.count("end", s.middle);
  recipe.table("data.split.test_ranges", true);
  recipe.text("chromosome", s.chromosome);
  recipe.count("start", s.middle, share(s.test_share) + ", to the end");
}

}  // namespace basewise::draft::detail
