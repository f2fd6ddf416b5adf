#include <set>

#include "basewise/io/chrom_files.h"
#include "basewise/io/fasta.h"
#include "basewise/io/line_reader.h"

namespace basewise::io {
namespace {

// Names that the option `chroms` keeps, as the file spells them. Spellings are told by all names together (Roman numbers), so the headers
// are read before the sequences.
std::set<std::string> wanted_names(const GenomeOptions& options, const seq::AliasTable& aliases) {
  seq::ChromSizes all({}, options.path.string());
  LineReader lines(options.path, std::int64_t{1} << 32);
  for (std::string_view line; lines.next(line);) {
    if (line.empty() || line.front() != '>') continue;
    const std::string name(line.substr(1, line.find_first_of(" \t") - 1));
    if (!name.empty() && !all.contains(name)) all.add(seq::Chrom{name, 0, false});
  }
  all.add_aliases(aliases);
  std::set<std::string> wanted;
  for (const std::string& name : options.chroms) wanted.insert(all.resolve(name, "the option chroms").name);
  return wanted;
}

}  // namespace

void describe(Visitor& v, GenomeOptions& o) {
  v("path", o.path, "FASTA file of the genome: plain, gzip or bgzip", required());
  v("ambiguity", o.ambiguity, "what IUPAC codes other than N become: an error, or N (counted)", one_of({"error", "n"}));
  v("chroms", o.chroms, "sequences to keep, by name or alias; empty keeps all");
  v("circular", o.circular, "sequences that are circular, by name or alias");
  v("aliases", o.aliases, "table of names of equal meaning, one sequence per line, columns by tabs");
}

GenomeResult load_genome(const GenomeOptions& options) {
  const std::string file = options.path.string();
  const seq::AliasTable aliases = options.aliases ? read_alias_table(*options.aliases) : seq::AliasTable{};
  GenomeResult result{seq::Genome(file), {}, 0};
  const seq::Ambiguity ambiguity = seq::parse_ambiguity(options.ambiguity);
  FastaReader reader(options.path, FastaOptions{.ambiguity = options.ambiguity});
  const std::set<std::string> wanted = options.chroms.empty() ? std::set<std::string>{} : wanted_names(options, aliases);
  std::int64_t left_out = 0;
  for (FastaRecord record; reader.next(record);) {
    if (!wanted.empty() && !wanted.contains(record.name)) {
      ++left_out;
      continue;
    }
    std::vector<seq::Token> tokens(record.sequence.size());
    const seq::EncodeReport met = with_context(file, [&] { return seq::encode(record.sequence, tokens, ambiguity); });
    result.n += met.n + met.ambiguous;
    if (met.ambiguous > 0) result.report.note("IUPAC codes read as N", met.ambiguous);
    result.genome.add(record.name, std::move(tokens));
    ++result.report.records;
  }
  for (const auto& [reason, times] : reader.report().reasons) result.report.skip(reason, times);
  if (left_out > 0) result.report.skip("sequence that was not asked for", left_out);
  result.genome.sizes().add_aliases(aliases);
  for (const std::string& name : options.circular) result.genome.sizes().set_circular(name);
  return result;
}

GenomeResult load_genome(const std::filesystem::path& path) { return load_genome(GenomeOptions{.path = path}); }

}  // namespace basewise::io
