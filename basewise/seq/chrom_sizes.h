// Chromosomes of a genome: ordered names, lengths, which are circular, and the other names under
// which they are known.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "basewise/seq/interval.h"

namespace basewise::seq {

/// One sequence of a genome.
struct Chrom {
  std::string name;
  std::int64_t length = 0;
  bool circular = false;
};

/// Names of equal meaning in groups: {{"I", "chrI", "NC_001133.9"}, ...}.
/// `basewise::io::read_alias_table` reads one.
using AliasTable = std::vector<std::vector<std::string>>;

/// By which rule a name was found.
enum class NameRule {
  exact,
  table,     ///< of `ChromSizes::add_aliases`
  spelling,  ///< the automatic rules
  unused,    ///< a sequence of the file that was not asked for, by any of these rules
  none
};

/// A name that was looked up; the place is there for the first three rules.
struct NameFound {
  NameRule rule = NameRule::none;
  std::optional<std::size_t> place = {};
};

/// Ordered chromosomes with look-up by name and alias.
///
/// Names are found in this order: exactly; by the table of `add_aliases`; by the automatic rules,
/// of which exactly one chromosome must fit:
///  * with or without the prefix "chr": 1 and chr1, I and chrI;
///  * the mitochondrion: M, MT, Mt, Mito, chrM, chrMT, chrMito, mitochondrion;
///  * Roman for Arabic numbers: 4, chr4, IV, chrIV. A number finds a Roman name only where every
///    Roman name from I up to it exists, so that 10 never finds the sex chromosome X of a worm; X
///    and chrX never find chromosome 10 (only an alias table can say so).
/// Accessions (NC_000913.3) are found by the table only. Another version of an accession is another
/// sequence and never matches.
///
/// Where all names of a file are at hand, `match_names` (chrom_match.h) is the better question: a
/// name that the file spells as the genome does is then never taken for another one.
class ChromSizes {
 public:
  ChromSizes() = default;

  /// `source` names the file they come from, for errors.
  /// Errors: DataError for an empty or repeated name or a negative length.
  explicit ChromSizes(std::vector<Chrom> chroms, std::string source = "the genome");

  /// Appends one. Errors: DataError as above.
  void add(Chrom chrom);

  /// Names a sequence that the file holds but that was not asked for: its name is known, so that it
  /// is never taken for another one, and never found. A name that is there already stays.
  void add_unused(std::string name);

  /// Adds names of equal meaning, behind the sequences and `add_unused`. A group without any
  /// sequence of this genome is ignored and counted in the result.
  /// Errors: DataError where one name would stand for two chromosomes.
  std::int64_t add_aliases(const AliasTable& table);

  /// Marks a chromosome (any of its names) as circular or not. Errors: as `resolve`.
  void set_circular(std::string_view name, bool circular = true);

  std::size_t size() const { return chroms_.size(); }
  bool empty() const { return chroms_.empty(); }
  const Chrom& operator[](std::size_t i) const { return chroms_[i]; }
  auto begin() const { return chroms_.begin(); }
  auto end() const { return chroms_.end(); }
  const std::string& source() const { return source_; }
  void set_source(std::string source) { source_ = std::move(source); }
  std::vector<std::string> names() const;
  std::int64_t total_length() const;

  /// Whether a chromosome has exactly this name.
  bool contains(std::string_view name) const { return exact(name).has_value(); }

  /// Index of a chromosome by its exact name, by alias or by rule;
  /// nothing if there is none or more than one fits.
  std::optional<std::size_t> find(std::string_view name) const { return look_up(name).place; }

  /// The same, with the rule that found it.
  NameFound look_up(std::string_view name) const;

  /// Index of a name that file `asked_by` uses.
  /// Errors: DataError that names both sides, the names there are and the rules tried.
  std::size_t index(std::string_view name, std::string_view asked_by) const;
  const Chrom& resolve(std::string_view name, std::string_view asked_by) const { return chroms_[index(name, asked_by)]; }

  /// What an error says of names that file `asked_by` uses and that are not found: both sides, the
  /// rules that were tried, the way out.
  std::string missing_text(const std::vector<std::string>& names, std::string_view asked_by) const;

  /// Every interval with the chromosome's own name in place of the alias.
  /// One error lists all names that were not found.
  void rename(std::vector<Interval>& intervals, std::string_view asked_by) const;

  /// Checks that an interval (of `asked_by`) lies inside its chromosome; on a circular one the end
  /// may run past the length by less than the length.
  /// Errors: DataError naming interval, length and both files.
  void check(const Interval& interval, std::string_view asked_by) const;
  bool fits(const Interval& interval) const;

  /// Whole chromosomes as intervals, in order.
  std::vector<Interval> intervals() const;

 private:
  std::optional<std::size_t> exact(std::string_view name) const;
  NameFound by_spelling(std::string_view name) const;

  std::vector<Chrom> chroms_;
  std::map<std::string, std::size_t, std::less<>> index_;
  std::map<std::string, std::size_t, std::less<>> aliases_;
  std::set<std::string, std::less<>> unused_;
  std::string source_ = "the genome";
};

/// Roman numeral (upper case, canonical form, 1 to 399) to number and back; nothing for other text.
std::optional<int> roman_to_number(std::string_view roman);
std::string number_to_roman(int number);

}  // namespace basewise::seq
