// Broken files of reads and coverage, one table: every row must end in a DataError that names the
// file and says what is wrong.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "basewise/io/alignments.h"
#include "basewise/io/fragments.h"
#include "basewise/io/hdf5_writer.h"
#include "basewise/io/w5.h"
#include "tests/malformed/broken.h"
#include "tests/support/bam_bytes.h"
#include "tests/support/test_files.h"

namespace basewise::io {
namespace {

using namespace testing_files;

void alignments(const fs::path& path) {
  AlignmentReader reader(path);
  for (Alignment a; reader.next(a);) {}
}

void fragments(const fs::path& path) {
  FragmentReader reader(path);
  for (Fragment f; reader.next(f);) {}
}

void w5(const fs::path& path) {
  const W5Reader reader(path);
  std::vector<float> values(2);
  reader.values("chr1", 0, values);
}

const std::vector<std::pair<std::string, std::int32_t>> kChroms = {{"chr1", 1000}, {"chr2", 500}};
const std::string kSam = "@SQ\tSN:chr1\tLN:1000\n";

/// A file of one record whose bytes from `at` on, behind its size, are others.
std::string changed(std::size_t at, const std::string& bytes) {
  std::string record = record_bytes({.name = "read"});
  record.replace(4 + at, bytes.size(), bytes);
  return bam_bytes(kChroms, {}) + record;
}

std::string text_in_hdf5() {
  const Folder folder;
  H5Writer file(folder.path() / "x.h5");
  file.write<float>("group/x", std::vector<float>{1}, {1});
  file.close();
  return read_file(folder.path() / "x.h5");
}

std::vector<Broken> broken_reads() {
  const std::string bam = bam_bytes(kChroms, {{}, {}, {}}), zipped = gzip(bam);
  std::string flipped = zipped;
  flipped[flipped.size() / 2] ^= 0x24;
  return {
      {"nothing", alignments, "", {"is empty"}},
      {"text", alignments, "hello\nworld\n", {"BAM, SAM or CRAM"}},
      {"cut_in_the_magic", alignments, bam.substr(0, 3), {"BAM, SAM or CRAM"}},
      {"cut_in_the_header", alignments, bam.substr(0, 30), {"header is damaged or cut short"}},
      {"cut_in_the_names", alignments, bam.substr(0, 85), {"header is damaged or cut short"}},
      {"no_sequence", alignments, bam_bytes({}, {}), {"names no sequence"}},
      {"cut_in_a_record", alignments, bam.substr(0, bam.size() - 5), {"alignment 3: is damaged, or the file is cut short"}},
      {"cut_in_a_size", alignments, bam_bytes(kChroms, {{}}) + "\x30", {"alignment 2"}},
      {"cut_gzip", alignments, zipped.substr(0, zipped.size() - 20), {"cut short"}},
      {"damaged_gzip", alignments, flipped, {"damaged"}},
      {"sequence_past_the_header", alignments, changed(0, std::string("\2\0\0\0", 4)), {"alignment 1"}},
      {"position_past_the_sequence",
       alignments,
       changed(4, std::string("\xe8\3\0\0", 4)),
       {"'read' begins at base 1001 of chr1, which has 1000"}},
      {"name_longer_than_the_record", alignments, changed(8, "\xff"), {"alignment 1: is damaged"}},
      {"operations_past_the_record", alignments, changed(12, "\xff\xff"), {"alignment 1: is damaged"}},
      {"bases_past_the_record", alignments, changed(16, std::string("\xff\xff\xff\x7f", 4)), {"alignment 1: is damaged"}},
      {"size_of_two_gigabytes", alignments, bam_bytes(kChroms, {}) + "\xff\xff\xff\x7f rest", {"alignment 1: is damaged"}},
      {"sam_with_few_fields", alignments, kSam + "a\t0\tchr1\n", {":2: is damaged"}},
      {"sam_cigar", alignments, kSam + "a\t0\tchr1\t1\t9\t5Q\t*\t0\t0\t*\t*\n", {":2: is damaged"}},
      {"vcf", alignments, "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n", {"VCF", "expected BAM"}},
      {"bam_as_fragments", fragments, bam, {":1"}},
      {"fragments_end_first", fragments, "chr1\t9\t5\n", {":1: end 5 is not behind start 9"}},
      {"fragments_in_utf16", fragments, std::string("\xff\xfe" "c\0h\0", 6), {"NUL byte"}},
      {"cut_fragments", fragments, gzip("chr1\t1\t5\nchr1\t1\t5\n").substr(0, 20), {"gzip"}},
      {"w5_of_nothing", w5, "", {"HDF5"}},
      {"w5_of_groups", w5, text_in_hdf5(), {"holds no coverage"}},
  };
}

class MalformedReads : public testing::TestWithParam<Broken> {};

TEST_P(MalformedReads, EndsInAnErrorThatSaysWhatIsWrong) {
  const Folder folder;
  expect_refused(GetParam(), folder.path() / "file");
}

std::string name_of(const testing::TestParamInfo<Broken>& info) { return info.param.name; }

INSTANTIATE_TEST_SUITE_P(Reads, MalformedReads, testing::ValuesIn(broken_reads()), name_of);

}  // namespace
}  // namespace basewise::io
