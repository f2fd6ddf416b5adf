// Sites and tracks beside a genome of two sequences, c and d.
#include "basewise/core/files.h"
#include "basewise/corpus/liftover.h"
#include "basewise/corpus/site_source.h"
#include "basewise/corpus/sites.h"
#include "basewise/corpus/track_file.h"
#include "basewise/io/bed.h"
#include "basewise/io/bigwig_writer.h"
#include "basewise/io/gff.h"
#include "tests/fuzz/readers.h"

namespace basewise::fuzz {
namespace {

const std::string kPeaks = "track x\nc\t1\t20\tn\t5\t+\t1.5\t2\t-1\t7\nd\t1\t2\t.\t.\t.\t1\t1\t1\t0\n";
const std::string kBroad = "c\t1\t20\tn\t5\t+\t1.5\t2\t-1\nd\t1\t2\t.\t.\t.\t1\t1\t1\n";
const std::string kGenes =
    "##gff-version 3\n##sequence-region c 1 90\nc\ts\tgene\t1\t9\t0.5\t+\t.\tID=a%20b;N=1,2\nc\ts\texon\t2\t3\t.\t-\t2\tg \"x;\"; t "
    "\"y\";\n";
const std::string kStarts = "title\nTSS\tway\treads\tproof\n19\t+\t5\tgood\n3\treverse\tNA\tgood\nNA\t-\t1\tbad\n";
const std::string kLiftover = "old_start\told_end\tadd\twhy\n1\t9\t0\t\n10\t18\t3\tan insertion\n20\t30\t-2\t\n";
const std::string kPlaces = "chrom,position,strand,kind\nc,5,+,\"a, b\"\nd,2,-,x\n";

seq::ChromSizes sizes() { return seq::ChromSizes({{"c", 90, false}, {"d", 20, true}}, "the genome"); }

void read_sites(const fs::path& file, corpus::SiteOptions options = {}) {
  options.file = file;
  corpus::read_sites(options, sizes());
}

void read_table_of_sites(const fs::path& file) {
  corpus::SiteOptions options;
  options.chromosome = "chrom";
  options.strand = "strand";
  options.task = "kind";
  read_sites(file, options);
}

/// Starts of an older assembly of the circle d.
void read_starts(const fs::path& folder) {
  corpus::read_source({.name = "s",
                       .file = folder / "x.tsv",
                       .format = corpus::SiteFormat::table,
                       .sequence = "d",
                       .liftover = folder / "l.tsv",
                       .skip_lines = 1,
                       .reverse_coordinates = corpus::Coordinates::zero_based,
                       .position = "TSS",
                       .strand = "way",
                       .score = "reads",
                       .where = {"proof=good", "proof=bad"}},
                      sizes());
}

/// What the format of a file without an ending is, is told by its first lines.
std::vector<Reader> site_readers() {
  return {
      {"sites",
       {{{"x", kPeaks}}, {{"x", kBroad}}, {{"x", kGenes}}},
       [](const fs::path& f) { read_sites(f / "x"); }},
      {"sites_of_table", {{{"x.csv", kPlaces}}}, [](const fs::path& f) { read_table_of_sites(f / "x.csv"); }},
      {"site_source", {{{"x.tsv", kStarts}, {"l.tsv", kLiftover}}}, read_starts},
      {"liftover", {{{"x.tsv", kLiftover}}}, [](const fs::path& f) { corpus::read_liftover(f / "x.tsv"); }},
      {"bed_of_genome", {{{"x.bed", kPeaks}}}, [](const fs::path& f) { io::read_bed(f / "x.bed", sizes()); }},
      {"gff_of_genome", {{{"x.gff", kGenes}}}, [](const fs::path& f) { io::read_gff(f / "x.gff", sizes()); }},
  };
}

std::string bigwig(const fs::path& scratch) {
  const fs::path path = scratch / "genome.bw";
  io::BigWigWriter writer(path, {{"c", 90}, {"d", 20}});
  writer.add_run("c", 3, std::vector<float>(40, 1.5f));
  writer.add_intervals("d", std::vector<io::TrackInterval>{{5, 10, 2}, {12, 20, 3}});
  writer.close();
  return read_file(path);
}

void read_track(const fs::path& file) {
  const seq::ChromSizes genome = sizes();
  const corpus::TrackFile track(file, genome, file.parent_path());
  for (std::size_t c = 0; c < genome.size(); ++c) {
    if (!track.has(c)) continue;
    std::vector<float> values(static_cast<std::size_t>(genome[c].length));
    track.values(c, 0, values);
    track.measured(c, 0, genome[c].length);
  }
}

void read_windows(const fs::path& file) {
  constexpr std::int64_t kLength = 15;
  const std::vector<corpus::Window> windows = {{.chrom = 0, .start = 0, .length = kLength},
                                               {.locus = 1, .chrom = 1, .start = 5, .length = kLength}};
  std::vector<float> out(2 * kLength);
  corpus::read_track_windows(file, sizes(), windows, kLength, out, kLength, 0);
}

}  // namespace

std::vector<Reader> genome_readers(const fs::path& scratch) {
  const std::vector<Files> tracks = {{{"x", bigwig(scratch)}}, {{"x", "track type=bedGraph\nc\t0\t5\t1.5\nc\t7\t9\t-2e-3\nd\t0\t1\t0\n"}}};
  std::vector<Reader> all = site_readers();
  all.push_back({"track_of_genome", tracks, [](const fs::path& f) { read_track(f / "x"); }});
  all.push_back({"windows_of_track", tracks, [](const fs::path& f) { read_windows(f / "x"); }});
  return all;
}

}  // namespace basewise::fuzz
