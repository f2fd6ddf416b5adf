#include "basewise/io/fasta_genome.h"

#include <algorithm>
#include <set>

#include "basewise/io/chrom_files.h"
#include "basewise/io/detail/genome_load.h"
#include "basewise/io/detail/genome_scan.h"
#include "basewise/io/fasta.h"
#include "basewise/io/line_reader.h"
#include "basewise/seq/chrom_match.h"

namespace basewise::io {
namespace {

// What the option `chroms` keeps: names as the file spells them, and what there is to say of them.
// Spellings are told by all names together (Roman numbers), so the headers are read before the
// sequences.
struct WantedNames {
  std::set<std::string> names;  // empty: all
  std::vector<std::string> remarks;
};

WantedNames wanted_names(const GenomeOptions& options, const seq::AliasTable& aliases) {
  if (options.chroms.empty()) return {};
  seq::ChromSizes all({}, options.path.string());
  LineReader lines(options.path, std::int64_t{1} << 32);
  for (std::string_view line; lines.next(line);) {
    if (line.empty() || line.front() != '>') continue;
    const std::string name(line.substr(1, line.find_first_of(" \t") - 1));
    if (!name.empty() && !all.contains(name)) all.add(seq::Chrom{name, 0, false});
  }
  all.add_aliases(aliases);
  std::vector<std::string> asked = options.chroms;
  std::sort(asked.begin(), asked.end());
  asked.erase(std::unique(asked.begin(), asked.end()), asked.end());
  const seq::NameMatch match = seq::match_names(all, asked, "the option chromosomes");
  WantedNames wanted;
  for (const auto& place : match.places)
    if (place) wanted.names.insert(all[*place].name);
  if (wanted.names.empty()) throw DataError(all.missing_text(match.unmatched, "the option chromosomes"));
  for (const std::string& text : {match.translated, match.left_out})
    if (!text.empty()) wanted.remarks.push_back("of the chromosomes that were asked for " + text);
  return wanted;
}

}  // namespace

void describe(Visitor& v, GenomeOptions& o) {
  v("path", o.path, "FASTA file of the genome: plain, gzip or bgzip", required());
  v("ambiguity", o.ambiguity, "what IUPAC codes other than N become",
    one_of({seq::Ambiguity::error, seq::Ambiguity::as_n}));
  v("chroms", o.chroms, "sequences to keep, by name or alias; empty keeps all");
  v("circular", o.circular, "sequences that are circular, by name or alias");
  v("aliases", o.aliases, "table of names of equal meaning, one sequence per line, columns by tabs");
}

namespace detail {

// One way or the other: what was read of each sequence, into a fresh result.
class GenomeFill {
 public:
  GenomeFill(const GenomeOptions& options, const std::set<std::string>& wanted, GenomeResult& result)
      : wanted_(wanted), result_(result) {
    result_ = GenomeResult{seq::Genome(options.path.string()), {}, 0};
  }

  // Whether a sequence is to be kept; if so, it counts.
  bool take(const std::string& name, std::int64_t n, std::int64_t ambiguous) {
    if (!wanted_.empty() && !wanted_.contains(name)) {
      left_out_.push_back(name);
      return false;
    }
    result_.n += n + ambiguous;
    if (ambiguous > 0) result_.report.note("IUPAC codes read as N", ambiguous);
    ++result_.report.records;
    return true;
  }

  void finish() {
    if (left_out_.empty()) return;
    result_.report.skip("sequence that was not asked for", std::ssize(left_out_));
    for (std::string& name : left_out_) result_.genome.sizes().add_unused(std::move(name));
  }

 private:
  const std::set<std::string>& wanted_;
  GenomeResult& result_;
  std::vector<std::string> left_out_;
};

bool load_regular(const GenomeOptions& options, const std::set<std::string>& wanted, std::size_t piece, GenomeResult& result) {
  GenomeFill fill(options, wanted, result);
  const ScanResult scan = scan_genome(options.path, options.ambiguity, piece, [&](ScannedSequence s) {
    if (fill.take(s.name, s.n, s.ambiguous)) result.genome.adopt(std::move(s.name), std::move(s.tokens));
  });
  if (scan.blank_lines > 0) result.report.skip("blank line", scan.blank_lines);
  fill.finish();
  return scan.regular;
}

void load_by_lines(const GenomeOptions& options, const std::set<std::string>& wanted, GenomeResult& result) {
  GenomeFill fill(options, wanted, result);
  FastaReader reader(options.path, FastaOptions{.ambiguity = options.ambiguity});
  for (FastaRecord record; reader.next(record);) {
    std::vector<seq::Token> tokens(record.sequence.size());
    const seq::EncodeReport met = with_context(
        options.path.string(), [&] { return seq::encode(record.sequence, tokens, options.ambiguity); });
    if (fill.take(record.name, met.n, met.ambiguous)) result.genome.add(record.name, std::move(tokens));
  }
  for (const auto& [reason, times] : reader.report().reasons) result.report.skip(reason, times);
  fill.finish();
}

}  // namespace detail

GenomeResult load_genome(const GenomeOptions& options) {
  constexpr std::size_t kPiece = std::size_t{1} << 19;  // stays in the caches
  const seq::AliasTable aliases = options.aliases ? read_alias_table(*options.aliases) : seq::AliasTable{};
  GenomeResult result{seq::Genome(options.path.string()), {}, 0};
  WantedNames wanted = wanted_names(options, aliases);
  // What is not regular may still be FASTA, and if not, the reader of lines can say where and why.
  if (!detail::load_regular(options, wanted.names, kPiece, result)) detail::load_by_lines(options, wanted.names, result);
  result.report.remarks = std::move(wanted.remarks);
  seq::ChromSizes& sizes = result.genome.sizes();
  if (!aliases.empty() && sizes.add_aliases(aliases) == std::ssize(aliases))
    result.report.remarks.push_back(format("no line of the table of aliases {} names a sequence of the genome", options.aliases->string()));
  for (const std::string& name : options.circular)
    if (sizes.look_up(name).rule != seq::NameRule::unused) sizes.set_circular(name);
  return result;
}

GenomeResult load_genome(const std::filesystem::path& path) { return load_genome(GenomeOptions{.path = path}); }

}  // namespace basewise::io
