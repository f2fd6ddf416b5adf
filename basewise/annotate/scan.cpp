#include "basewise/annotate/scan.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <optional>

#include "basewise/annotate/detail/scan_batch.h"
#include "basewise/annotate/detail/scan_input.h"
#include "basewise/annotate/detail/scan_motifs.h"
#include "basewise/annotate/detail/site_spool.h"
#include "basewise/core/error.h"
#include "basewise/core/outputs.h"
#include "basewise/core/progress.h"
#include "basewise/io/site_table.h"
#include "basewise/io/tsv.h"
#include "basewise/seq/reverse_complement.h"

namespace basewise::annotate {
namespace {

using motifs::MotifMatrix;
using motifs::SiteScanner;

constexpr std::size_t kNamed = 10;              // motifs that a note lists
constexpr std::size_t kSitesAtOnce = 1 << 15;  // written together

/// Whether sites are written as BED: as `format` says, else by the name of the file.
bool writes_bed(const ScanOptions& options) {
  if (options.format != ScanFormat::automatic) return options.format == ScanFormat::bed;
  const std::string name = options.out.filename().string();
  return name.ends_with(".bed") || name.ends_with(".bed.gz") || name.ends_with(".bed.bgz");
}

/// A scan while it runs.
struct Scan {
  const ScanOptions& options;
  const std::vector<MotifMatrix>& motifs;
  const SiteScanner& scanner;
  ScanResult& result;
  std::vector<std::string> names = {};                 ///< of the sequences
  std::vector<std::vector<std::int64_t>> counts = {};  ///< (motif, rank): sites
  std::vector<std::vector<double>> q_values = {};      ///< (motif, rank)
};

/// First pass: sites into the spool, their numbers by motif and rank.
void find_sites(Scan& scan, const detail::ScanInput& input, detail::SiteSpool& spool) {
  scan.counts.resize(scan.motifs.size());
  detail::KeptSite kept;
  detail::ScanBatch batch(scan.scanner, [&](const detail::FoundSite& found) {
    const motifs::Site& site = found.site;
    auto& counts = scan.counts[static_cast<std::size_t>(site.motif)];
    if (counts.empty()) counts.resize(static_cast<std::size_t>(scan.scanner.ranks(site.motif)));
    ++counts[static_cast<std::size_t>(site.rank)];
    ++scan.result.sites;
    kept.letters.clear();
    for (const seq::Token token : found.tokens) kept.letters += seq::kLetters[site.reverse ? seq::complement(token) : token];
    if (site.reverse) std::reverse(kept.letters.begin(), kept.letters.end());
    kept.start = found.start;
    kept.sequence = found.sequence;
    kept.motif = site.motif;
    kept.rank = site.rank;
    kept.reverse = site.reverse;
    spool.add(kept);
  });
  Progress progress("scanning", -1, "bases");
  input.each([&](const detail::ScanSequence& sequence) {
    scan.names.emplace_back(sequence.name);
    batch.add(sequence);
    progress.advance(static_cast<std::int64_t>(sequence.letters.size()));
  });
  batch.finish();

  ScanResult& r = scan.result;
  r.sequences = batch.sequences;
  r.bases = batch.bases;
  r.n = batch.n;
  r.ambiguous = batch.ambiguous;
  if (batch.too_short > 0)
    r.notes.push_back(format("{} of {} sequences are shorter than the longest motif ({} bases) and hold no site of it", batch.too_short,
                             batch.sequences, scan.scanner.largest_width()));
  for (std::size_t m = 0; m < scan.motifs.size(); ++m) {
    const auto number = static_cast<std::int64_t>(m);
    MotifSummary& s = r.motifs.emplace_back();
    s.name = scan.motifs[m].name;
    s.description = scan.motifs[m].description;
    s.width = scan.motifs[m].width();
    s.windows = batch.windows(s.width) * scan.scanner.strands();
    const std::int64_t ranks = scan.scanner.ranks(number);
    const motifs::Site worst = {0, static_cast<std::int32_t>(m), static_cast<std::int32_t>(ranks - 1), false};
    s.threshold = ranks > 0 ? scan.scanner.score(worst) : std::numeric_limits<double>::quiet_NaN();
    s.expected = ranks > 0 ? scan.scanner.p_value(worst) * static_cast<double>(s.windows) : 0;
    for (const std::int64_t n : scan.counts[m]) s.sites += n;
  }
}

/// From the worst score to the best: the least of m p / k so far.
void compute_q_values(Scan& scan) {
  scan.q_values.resize(scan.motifs.size());
  for (std::size_t m = 0; m < scan.motifs.size(); ++m) {
    const std::vector<std::int64_t>& counts = scan.counts[m];
    const auto p_values = scan.scanner.distribution(static_cast<std::int64_t>(m)).p_values();
    const auto windows = static_cast<double>(scan.result.motifs[m].windows);
    scan.q_values[m].resize(counts.size());
    std::int64_t at_most = scan.result.motifs[m].sites;
    double least = 1;
    for (std::size_t rank = counts.size(); rank-- > 0;) {
      if (counts[rank] > 0) least = std::min(least, windows * p_values[rank] / static_cast<double>(at_most));
      scan.q_values[m][rank] = least;
      at_most -= counts[rank];
    }
  }
}

/// Numbers of sites of one sequence after the other, one row each.
class CountTable {
 public:
  CountTable(const Scan& scan, const std::filesystem::path& path)
      : scan_(scan), writer_(path, heading(scan)), now_(scan.motifs.size(), 0) {}

  void count(std::int64_t sequence, std::int32_t motif) {
    while (sequence_ < sequence) write_row();
    ++now_[static_cast<std::size_t>(motif)];
  }

  void close() {
    while (sequence_ < static_cast<std::int64_t>(scan_.names.size())) write_row();
    writer_.close();
  }

 private:
  static std::vector<std::string> heading(const Scan& scan) {
    std::vector<std::string> names = {"sequence_name"};
    for (const MotifMatrix& motif : scan.motifs) names.push_back(motif.name);
    return names;
  }

  void write_row() {
    std::vector<std::string> row = {scan_.names[static_cast<std::size_t>(sequence_++)]};
    for (std::int64_t& n : now_) {
      row.push_back(std::to_string(n));
      n = 0;
    }
    writer_.add(row);
  }

  const Scan& scan_;
  io::TsvWriter writer_;
  std::vector<std::int64_t> now_;
  std::int64_t sequence_ = 0;
};

io::SiteRow row_of(const Scan& scan, const detail::KeptSite& kept) {
  const auto m = static_cast<std::size_t>(kept.motif);
  const motifs::Site site = {kept.start, kept.motif, kept.rank, kept.reverse};
  return {.motif = scan.motifs[m].name,
          .description = scan.motifs[m].description,
          .sequence = scan.names[static_cast<std::size_t>(kept.sequence)],
          .start = kept.start,
          .end = kept.start + scan.motifs[m].width(),
          .strand = kept.reverse ? seq::Strand::reverse : seq::Strand::forward,
          .score = scan.scanner.score(site),
          .p_value = scan.scanner.p_value(site),
          .q_value = scan.q_values[m][static_cast<std::size_t>(kept.rank)],
          .letters = kept.letters};
}

/// Second pass: from the spool into the files.
void write_sites(Scan& scan, detail::SiteSpool& spool) {
  const ScanOptions& o = scan.options;
  ScanResult& r = scan.result;
  io::SiteTableWriter table(o.out, writes_bed(o) ? io::SiteTable::bed : io::SiteTable::fimo);
  std::optional<CountTable> counts;
  if (!o.counts.empty()) counts.emplace(scan, o.counts);
  std::vector<detail::KeptSite> block;
  std::vector<io::SiteRow> rows;
  const auto write_block = [&] {
    for (const detail::KeptSite& kept : block) rows.push_back(row_of(scan, kept));
    table.add(rows);
    rows.clear();
    block.clear();
  };
  spool.each([&](const detail::KeptSite& kept) {
    const auto m = static_cast<std::size_t>(kept.motif);
    if (scan.q_values[m][static_cast<std::size_t>(kept.rank)] > o.q_value) return;
    block.push_back(kept);
    if (block.size() == kSitesAtOnce) write_block();
    ++r.motifs[m].written;
    ++r.written;
    if (counts) counts->count(kept.sequence, kept.motif);
  });
  write_block();
  table.close();
  r.files.push_back(o.out);
  if (!counts) return;
  counts->close();
  r.files.push_back(o.counts);
}

void write_summary(const ScanResult& result, const std::filesystem::path& path) {
  io::TsvWriter table(path, {"motif_id", "motif_alt_id", "width", "windows", "threshold", "expected", "sites", "written"});
  for (const MotifSummary& s : result.motifs)
    table.add({s.name, s.description, std::to_string(s.width), std::to_string(s.windows),
               std::isnan(s.threshold) ? "" : format("{:.6g}", s.threshold), format("{:.6g}", s.expected), std::to_string(s.sites),
               std::to_string(s.written)});
  table.close();
}

/// Names the first few of a list.
std::string listed(const std::vector<std::string>& names) {
  const std::size_t shown = std::min(names.size(), kNamed);
  const std::string text = format("{}", fmt::join(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(shown), ", "));
  return names.size() > shown ? format("{} and {} more", text, names.size() - shown) : text;
}

void add_notes(const Scan& scan) {
  ScanResult& r = scan.result;
  std::vector<std::string> unreachable;
  for (const MotifSummary& s : r.motifs)
    if (std::isnan(s.threshold)) unreachable.push_back(s.name);
  if (!unreachable.empty())
    r.notes.push_back(format("{} of {} motifs cannot reach p <= {}, however well a window fits, and have no site: {}", unreachable.size(),
                             r.motifs.size(), scan.options.p_value, listed(unreachable)));
  if (r.ambiguous > 0) r.notes.push_back(format("letters other than A, C, G, T, N: {}, read as N", r.ambiguous));
  const bool scanned = std::any_of(r.motifs.begin(), r.motifs.end(), [](const MotifSummary& s) { return s.windows > 0; });
  if (r.sequences == 0)
    r.notes.push_back("nothing was scanned: there is no sequence");
  else if (!scanned)
    r.notes.push_back("nothing was scanned: no sequence has a stretch without N that is as long as a motif");
  else if (r.sites == 0)
    r.notes.push_back(format("no window has p <= {}: the table has no row", scan.options.p_value));
  else if (r.written == 0)
    r.notes.push_back(format("none of {} sites has q <= {}: the table has no row", r.sites, scan.options.q_value));
}

}  // namespace

void describe(Visitor& v, ScanOptions& o) {
  v("motifs", o.motifs, "motifs: a file (MEME, JASPAR, HOMER, TRANSFAC), or a collection by name", required());
  v("genome", o.genome, "FASTA, plain or gzip, read one sequence after the other");
  v("bed", o.bed, "parts of the genome to scan; all of it by default");
  v("fasta", o.fasta, "sequences to scan");
  v("out", o.out, "table of the sites; compressed where the name ends in .gz", required());
  v("format", o.format, "form of the table");
  v("p_value", o.p_value, "largest probability that a random window scores as high", {.minimum = 0, .maximum = 1, .minimum_open = true});
  v("q_value", o.q_value, "largest false discovery rate (Benjamini and Hochberg, for each motif over all its windows)", fraction());
  v("background", o.background, "uniform, motifs (of their file), sequence (its own), a file of the MEME suite, or four numbers");
  v("pseudocount", o.pseudocount, "counts added to each row of a motif, spread as the background", non_negative());
  v("bin", o.bin, "bits to which scores are rounded, so that their distribution is exact", positive());
  v("strands", o.strands, "strands to scan");
  v("motif", o.motif, "names of the motifs to take; all by default");
  v("circular", o.circular, "circular sequences of the genome, or all");
  v("counts", o.counts, "file for the number of sites by sequence and motif");
  v("summary", o.summary, "file for what was found of each motif beside what is expected");
}

ScanResult scan(const ScanOptions& options) {
  const auto begin = std::chrono::steady_clock::now();
  require_apart({{"motifs", options.motifs},
                 {"genome", options.genome},
                 {"bed", options.bed},
                 {"fasta", options.fasta},
                 {"background", options.background}},
                {{"out", options.out}, {"counts", options.counts}, {"summary", options.summary}});
  ScanResult result;
  const detail::ScanInput input(options, result.notes);
  const std::vector<MotifMatrix> motifs = detail::scan_motifs(options, result.notes);
  result.background = detail::scan_background(options, motifs, input, result.notes);
  const SiteScanner scanner(motifs, {.p_value = options.p_value,
                                     .strands = options.strands,
                                     .pseudocount = options.pseudocount,
                                     .background = result.background,
                                     .bin = options.bin});
  Scan run = {options, motifs, scanner, result};
  detail::SiteSpool spool(options.out);
  find_sites(run, input, spool);
  compute_q_values(run);
  write_sites(run, spool);
  if (!options.summary.empty()) {
    write_summary(result, options.summary);
    result.files.push_back(options.summary);
  }
  add_notes(run);
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  return result;
}

}  // namespace basewise::annotate
