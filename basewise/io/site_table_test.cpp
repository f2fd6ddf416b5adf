#include "basewise/io/site_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "basewise/io/line_reader.h"
#include "tests/support/test_files.h"

namespace basewise::io {
namespace {

using testing_files::Folder;

SiteRow row() {
  return {.motif = "MA0139.1", .description = "CT\tCF", .sequence = "chr1", .start = 99, .end = 118, .strand = seq::Strand::reverse,
          .score = 12.345678, .p_value = 1.2345e-7, .q_value = 0.0456789, .letters = "TGGCCACCAGGGGGCGCTA"};
}

std::string text_of(const std::filesystem::path& path) {
  std::string text;
  LineReader lines(path);
  for (std::string_view line; lines.next(line);) text += format("{}\n", line);
  return text;
}

TEST(SiteTable, HasTheColumnsOfFimo) {
  const Folder folder;
  SiteTableWriter writer(folder.path() / "a.tsv", SiteTable::fimo);
  writer.add(row());
  EXPECT_FALSE(exists(folder.path() / "a.tsv"));
  writer.close();
  EXPECT_EQ(read_file(folder.path() / "a.tsv"),
            "motif_id\tmotif_alt_id\tsequence_name\tstart\tstop\tstrand\tscore\tp-value\tq-value\tmatched_sequence\n"
            "MA0139.1\tCT CF\tchr1\t100\t118\t-\t12.3457\t1.23e-07\t0.0457\tTGGCCACCAGGGGGCGCTA\n");
}

TEST(SiteTable, IsBed) {
  const Folder folder;
  SiteTableWriter writer(folder.path() / "a.bed.gz", SiteTable::bed);
  writer.add(row());
  SiteRow certain = row();
  certain.p_value = 0;
  writer.add(certain);
  writer.close();
  EXPECT_EQ(static_cast<unsigned char>(read_file(folder.path() / "a.bed.gz")[0]), 0x1f);
  EXPECT_EQ(text_of(folder.path() / "a.bed.gz"),
            "chr1\t99\t118\tMA0139.1\t69\t-\t12.3457\t1.23e-07\t0.0457\tTGGCCACCAGGGGGCGCTA\n"
            "chr1\t99\t118\tMA0139.1\t1000\t-\t12.3457\t0\t0.0457\tTGGCCACCAGGGGGCGCTA\n");
}

TEST(SiteTable, LeavesNothingWhenItIsNotClosed) {
  const Folder folder;
  { SiteTableWriter(folder.path() / "a.tsv", SiteTable::fimo).add(row()); }
  EXPECT_TRUE(is_empty(folder.path()));
}

}  // namespace
}  // namespace basewise::io
