// Tables about chromosomes: lengths (x.chrom.sizes, x.fa.fai) and names of equal meaning.
#pragma once

#include <filesystem>

#include "basewise/seq/chrom_sizes.h"

namespace basewise::io {

/// Name and length in the first two columns (tabs or blanks), as in x.chrom.sizes, x.genome and
/// x.fai; further columns are not looked at, lines that start with # are comments.
/// Errors: DataError "file:line: ..." for a length that is no number or negative,
/// a repeated name, an empty table.
seq::ChromSizes read_chrom_sizes(const std::filesystem::path& path);

/// Writes name, tab, length per line, atomically.
void write_chrom_sizes(const std::filesystem::path& path, const seq::ChromSizes& sizes);

/// Names of equal meaning: one sequence per line, one naming per column, by tabs (by blanks in a
/// line without tabs); gzip allowed. A heading is the last line that starts with # before the rows,
/// if it has as many columns; columns headed length, size, source and the like (an NCBI assembly
/// report has more of them) hold no names and are left out. Without a heading rows may have two
/// columns or more, as in the files chromAlias.txt of UCSC, and the third of three is left out
/// where it names authorities ("genbank", "refseq,ncbi"), as in the table chromAlias of UCSC. Cells
/// that are empty, ".", "-", "na" or "(none)" are no names.
/// Errors: DataError "file:line: ..." for a row of one column, or under a heading of another number
/// of columns; an empty table.
seq::AliasTable read_alias_table(const std::filesystem::path& path);

}  // namespace basewise::io
