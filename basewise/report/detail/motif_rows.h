// Motifs as rows of letters, and the known motif that each is most alike, laid beside it.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "basewise/motifs/motif.h"
#include "basewise/report/detail/blocks.h"

namespace basewise::report::detail {

/// The most alike motif as a table of patterns or filters has it;
/// an empty name where there is none.
struct Match {
  std::string name;
  double p = 0, e = 0, q = 0;  ///< NaN where the table has no number
};

/// "match", "match_p", "match_e", "match_q" of a table, for the table of the page.
std::vector<TableColumn> match_columns();
void add_match(std::vector<Json>& row, const Match& match);

/// "CTCF MA0139.2, p 1.2e-9, E 3e-6, q 2e-6"
std::string match_title(const Match& match);

/// Motifs that the names of matches stand for: those of matches.meme in the folder, else of
/// `source` where that is a file. Where neither is there, or one cannot be read, `notes` says so.
std::vector<motifs::MotifMatrix> known_motifs(const std::filesystem::path& folder, const std::string& source,
                                              std::vector<std::string>& notes);

/// The motif called `match`: its name, or name and description with a blank between; nullptr.
const motifs::MotifMatrix* find_motif(const std::vector<motifs::MotifMatrix>& known, const std::string& match);

/// A motif turned and moved to lie where its columns agree most with another.
struct Alignment {
  std::vector<motifs::BaseVector> rows;  ///< oriented as the other
  std::int64_t offset = 0;               ///< its first column lies at this one of the other; may be negative
  bool reverse = false;
};

/// The placement with the largest sum over shared columns of (p - 1/4)(m - 1/4), of both strands;
/// the first offset and the given strand among equals. At least half of the shorter one overlaps.
Alignment align(const std::vector<motifs::BaseVector>& motif, const motifs::MotifMatrix& other);

/// p x information against a uniform background in bits: heights of a logo.
std::vector<motifs::BaseVector> information_heights(const std::vector<motifs::BaseVector>& probabilities);

/// Most frequent letter of each column; N where none has half.
std::string consensus_text(const std::vector<motifs::BaseVector>& probabilities);

/// The table "letters" of `StackSpec`.
DataTable letter_table(const std::string& height_title, const std::string& unit = {});

/// Letters of the columns from `begin` to `end`; the first column of the motif has position
/// `first`. Heights less than a thousandth of the largest are left out.
void add_letters(DataTable& letters, const std::string& row, const std::vector<motifs::BaseVector>& heights, std::int64_t first,
                 std::int64_t begin, std::int64_t end);

/// Ends of an axis that holds the stacks, to two digits; 0 is among them.
std::pair<double, double> stack_ends(const std::vector<motifs::BaseVector>& heights);

}  // namespace basewise::report::detail
