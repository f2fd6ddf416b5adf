#include "basewise/prepare/coverage_options.h"

#include <initializer_list>
#include <string_view>

namespace basewise::prepare {
namespace {

constexpr double kWidest = 10'000;  // of a Gaussian

void describe_input(Visitor& v, CoverageOptions& o) {
  v("reads", o.reads, "files of reads, added together: BAM, SAM, CRAM, fragments (fragments.tsv.gz), BEDPE or BED of reads", required());
  v("text_format", o.text_format, "what the lines of files of text are");
  v("out", o.out, "file to write: .bw or .bigwig, .w5 or .h5, .bedgraph or .bg (.gz compresses it)", required());
  v("format", o.format, "what is written");
  v("genome", o.genome, "FASTA: its sequences are the chromosomes; the GC correction reads it");
  v("sizes", o.sizes, "table of chromosomes and their lengths, for reads in files of text; or those of BAM files that count");
  v("chromosomes", o.chromosomes, "chromosomes to write [all]");
  v("exclude", o.exclude, "chromosomes to leave out, as chrM");
}

void describe_reads(Visitor& v, CoverageOptions& o) {
  v("count", o.count, "what of a read is counted");
  v("strands", o.strands, "which tracks are written");
  v("strand_of", o.strand_of, "whose strand a read of a pair has");
  v("mates", o.mates, "which reads of a pair count");
  v("min_quality", o.min_quality, "lowest mapping quality; reads with several places are kept where 'multi' shares them", between(0, 255));
  v("keep_duplicates", o.keep_duplicates, "also count reads that are marked as duplicates");
  v("proper_pairs", o.proper_pairs, "only reads whose pair lies as the aligner expects it");
  v("min_fragment", o.min_fragment, "shortest fragment of a pair, in bases", counted(0));
  v("max_fragment", o.max_fragment, "longest fragment of a pair, in bases; 0: any", counted(0));
  v("fragment_length", o.fragment_length, "bases of the fragments of single reads, for count = fragments", counted(0));
  v("barcodes", o.barcodes, "list of barcodes, one per line: only fragments of these cells");
  v("weigh_by_count", o.weigh_by_count, "a line of fragments counts as often as its last column says");
  v("shift", o.shift, "where reads are moved, along their own strand");
  v("shift_forward", o.shift_forward, "bases that forward reads move to the right, for shift = given", between(-1'000'000, 1'000'000));
  v("shift_reverse", o.shift_reverse, "bases that reverse reads move to the left, for shift = given", between(-1'000'000, 1'000'000));
}

void describe_values(Visitor& v, CoverageOptions& o) {
  v("multi", o.multi, "what happens to reads with several places (tags NH, XA)");
  v("max_places", o.max_places, "reads with more places are left out, where places are shared", counted(1));
  v("multi_smooth", o.multi_smooth, "standard deviation of the coverage around a place, in bases", between(0.1, kWidest));
  v("multi_iterations", o.multi_iterations, "rounds at most; it stops where the shares of a read change by less than 0.05", counted(1));
  v("clip", o.clip, "which values are cut to what their surroundings make likely");
  v("clip_smooth", o.clip_smooth, "standard deviation of the surroundings, in bases", between(0.1, kWidest));
  v("clip_tail", o.clip_tail, "Poisson probability beyond which a value is cut", between(1e-12, 0.5));
  v("gc_correct", o.gc_correct, "divide by what the share of G and C around a base explains; needs 'genome'");
  v("gc_smooth", o.gc_smooth, "standard deviation of that share, in bases", between(0.1, kWidest));
  v("smooth", o.smooth, "standard deviation of the smoothing of what is written, in bases; 0: none", between(0, kWidest));
  v("floor", o.floor, "smaller values become 0", non_negative());
  v("normalise", o.normalise, "unit of what is written");
  v("scale", o.scale, "factor of what is written", positive());
  v("bin", o.bin, "bases per value", between(1, 1'000'000));
  v("bin_value", o.bin_value, "what stands for the bases of a bin");
}

bool ends_with_any(std::string_view name, std::initializer_list<std::string_view> endings) {
  for (const std::string_view ending : endings)
    if (name.ends_with(ending)) return true;
  return false;
}

}  // namespace

void describe(Visitor& v, CoverageOptions& o) {
  describe_input(v, o);
  describe_reads(v, o);
  describe_values(v, o);
}

CoverageFormat output_format(const CoverageOptions& o) {
  if (o.format != CoverageFormat::automatic) return o.format;
  const std::string name = o.out.filename().string();
  if (ends_with_any(name, {".bw", ".bigwig", ".bigWig"})) return CoverageFormat::bigwig;
  if (ends_with_any(name, {".w5", ".h5"})) return CoverageFormat::w5;
  if (ends_with_any(name, {".bg", ".bedgraph", ".bedGraph", ".bg.gz", ".bedgraph.gz", ".bedGraph.gz"})) return CoverageFormat::bedgraph;
  throw ArgumentError(format("out: '{}' does not say what to write; end it in .bw, .w5 or .bedgraph, or give 'format'", o.out.string()));
}

std::vector<std::filesystem::path> output_files(const CoverageOptions& o) {
  if (o.strands != StrandTracks::apart) return {o.out};
  const std::string name = o.out.filename().string();
  std::size_t dot = name.ends_with(".gz") ? name.rfind('.', name.size() - 4) : name.rfind('.');
  if (dot == std::string::npos || dot == 0) dot = name.size();
  std::vector<std::filesystem::path> files;
  for (const char* strand : {".plus", ".minus"}) files.push_back(o.out.parent_path() / (name.substr(0, dot) + strand + name.substr(dot)));
  return files;
}

void require_consistent(const CoverageOptions& o) {
  const auto refuse = [](const std::string& why) { throw ArgumentError(why); };
  if (o.multi == MultiReads::model && o.count != ReadCount::ends)
    refuse(format("multi: 'em' weighs the 5' ends of reads; with count = {} take share, as-placed or leave-out", o.count));
  if (o.clip == ClipWhat::multi && o.multi != MultiReads::model && o.multi != MultiReads::share)
    refuse(format("clip: 'multi' cuts what shared reads add, and multi = {} shares none; take multi = share or em", o.multi));
  if (o.shift != ShiftKind::given && (o.shift_forward != 0 || o.shift_reverse != 0))
    refuse(format("shift_forward, shift_reverse: mean nothing with shift = {}; shift = given uses them", o.shift));
  if (o.count == ReadCount::fragments && o.shift != ShiftKind::none && o.shift != ShiftKind::tn5 && o.shift != ShiftKind::tn5_centre)
    refuse(format("shift: '{}' moves reads; with count = fragments only none, tn5 and tn5-centre mean something", o.shift));
  if (o.count != ReadCount::fragments && o.fragment_length != 0)
    refuse("fragment_length: means nothing without count = fragments");
  if (o.count == ReadCount::fragments && o.mates != Mates::both)
    refuse("mates: a fragment is counted once, whichever read it is; leave 'mates' out");
  if (o.gc_correct && o.genome.empty()) refuse("gc_correct: needs the bases; give 'genome', a FASTA file");
  if (o.max_fragment != 0 && o.max_fragment < o.min_fragment)
    refuse(format("max_fragment {} is smaller than min_fragment {}", o.max_fragment, o.min_fragment));
  if (output_format(o) == CoverageFormat::w5 && o.bin != 1)
    refuse("bin: a .w5 file has one value per base; leave 'bin' at 1, or write bigWig");
}

}  // namespace basewise::prepare
