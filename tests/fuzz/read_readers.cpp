#include <algorithm>

#include <zlib.h>

#include "basewise/core/files.h"
#include "basewise/io/alignments.h"
#include "basewise/io/fragments.h"
#include "basewise/io/vcf_writer.h"
#include "basewise/io/w5.h"
#include "tests/fuzz/readers.h"
#include "tests/support/bam_bytes.h"
#include "tests/support/test_files.h"

namespace basewise::fuzz {
namespace {

const char* const kSam =
    "@HD\tVN:1.6\tSO:unsorted\n@SQ\tSN:chr1\tLN:1000\n@SQ\tSN:chr2\tLN:500\n"
    "a\t99\tchr1\t11\t37\t5M2D3M4N6M2S\t=\t101\t140\t*\t*\tNH:i:3\n"
    "b\t147\tchr1\t101\t37\t3S50M\t=\t11\t-140\t*\t*\tXA:Z:chr2,-101,5M2D3M,1;chr1,+8,4S10M,0;\n"
    "c\t4\t*\t0\t0\t*\t*\t0\t0\tACGT\tIIII\n";

std::string bam() {
  return testing_files::bam_bytes(
      {{"chr1", 1000}, {"chr2", 500}},
      {{.name = "a", .flag = 99, .position = 10, .cigar = {{5, 'M'}, {2, 'D'}, {3, 'M'}, {4, 'N'}, {6, 'M'}}},
       {.name = "b", .flag = 16, .chrom = 1, .position = 40, .tags = testing_files::text_tag("XA", "chr2,-101,5M2D3M,1;chr1,+8,10M,0;")},
       {.name = "c", .flag = 256, .tags = testing_files::number_tag("NH", 2)},
       {.name = "d", .flag = 4, .chrom = -1, .position = -1, .cigar = {}}});
}

std::string w5(const fs::path& scratch) {
  {
    io::W5Writer file(scratch / "x.w5");
    file.add("chr1", std::vector<float>(300, 1.5F));
    file.add("chr2", std::vector<float>(17, 0.25F));
    file.close();
  }
  return read_file(scratch / "x.w5");
}

const std::string kVcf =
    "##fileformat=VCFv4.2\n##contig=<ID=c,length=90>\n##FILTER=<ID=PASS,Description=\"p\">\n##FILTER=<ID=q,Description=\"q\">\n"
    "##INFO=<ID=AF,Number=A,Type=Float,Description=\"f\">\n##INFO=<ID=DB,Number=0,Type=Flag,Description=\"d\">\n"
    "##FORMAT=<ID=GT,Number=1,Type=String,Description=\"g\">\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\ts\n"
    "c\t5\tx\tA\tC,<DEL>\t50\tPASS\tAF=0.5,.;DB\tGT\t1|2\nc\t7\t.\tAC\tA,*\t.\tq\t.\tGT\t./.\n";

std::string bcf(const fs::path& scratch) {
  write_file(scratch / "x.vcf", kVcf);
  io::VcfReader reader(scratch / "x.vcf");
  io::VcfWriter writer(scratch / "x.bcf", reader.header());
  for (io::VcfRecord record; reader.next(record);) writer.add(record);
  writer.close();
  return read_file(scratch / "x.bcf");
}

/// The same without blocks of bgzip, whose checksums find all damage.
std::string plain_bcf(const fs::path& scratch) {
  bcf(scratch);
  std::string bytes(1 << 16, '\0');
  const gzFile file = gzopen((scratch / "x.bcf").c_str(), "rb");
  bytes.resize(static_cast<std::size_t>(std::max(gzread(file, bytes.data(), 1 << 16), 0)));
  gzclose(file);
  return bytes;
}

}  // namespace

std::vector<Reader> read_readers(const fs::path& scratch) {
  return {
      {"alignments",
       {{{"x.bam", bam()}}, {{"x.bam", testing_files::gzip(bam())}}, {{"x.bam", kSam}}},
       [](const fs::path& f) {
         io::is_alignment_file(f / "x.bam");
         io::AlignmentReader reader(f / "x.bam");
         for (io::Alignment a; reader.next(a);) {}
       }},
      {"fragments",
       {{{"x.tsv", "# id\nchr1\t100\t250\tACGT-1\t3\nchr2\t7\t8\tTTTT-1\t1\n"}},
        {{"x.tsv", "c\t10\t20\tc\t50\t60\tn\t9\t-\t+\nc\t10\t20\t.\t-1\t-1\tn\t9\t+\t.\n"}},
        {{"x.tsv", "c\t10\t20\tn\t0\t-\nc\t30\t40\tn\t0\t+\n"}}},
       [](const fs::path& f) {
         io::FragmentReader reader(f / "x.tsv");
         for (io::Fragment fragment; reader.next(fragment);) {}
       }},
      {"vcf",
       {{{"x.vcf", kVcf}}, {{"x.vcf", "c\t5\tx\tA\tC\nc 7 y G T\n"}}, {{"x.vcf", bcf(scratch)}}, {{"x.vcf", plain_bcf(scratch)}}},
       [](const fs::path& f) {
         io::VcfReader reader(f / "x.vcf");
         io::VcfWriter writer(f / "y.vcf.gz", reader.header(), {.key = "K", .description = "k"});
         for (io::VcfRecord record; reader.next(record);) writer.add(record, "1");
         writer.close();
       }},
      {"w5",
       {{{"x.w5", w5(scratch)}}},
       [](const fs::path& f) {
         const io::W5Reader reader(f / "x.w5");
         for (const auto& [name, length] : reader.chromosomes()) {
           std::vector<float> values(static_cast<std::size_t>(std::min<std::int64_t>(length, 2000)));
           reader.values(name, 0, values);
         }
       }},
  };
}

}  // namespace basewise::fuzz
