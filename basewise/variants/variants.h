// The verb variants: a run folder and a VCF file in, the same rows with effects of their alleles
// out.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "basewise/core/options.h"
#include "basewise/corpus/variant_windows.h"
#include "basewise/metrics/variant_scores.h"
#include "basewise/run/open_run.h"
#include "basewise/run/predict.h"

namespace basewise::variants {

/// What the numbers of a head are before they are scored.
enum class VariantValues { automatic, raw };
constexpr auto words_of(VariantValues) {
  return words<VariantValues>(
      {{VariantValues::automatic, "auto",
        "probabilities of logits, rates of their logarithms, counts of log(1 + count), shares along positions of a profile"},
       {VariantValues::raw, "raw", "as the model gives them; profiles as auto"}});
}

/// What an insertion or deletion moves, made good: the longer allele is predicted from a second
/// window too, in which what follows the allele lies as it does for the shorter one.
enum class IndelCompensation { none, average, stitch };
constexpr auto words_of(IndelCompensation) {
  return words<IndelCompensation>(
      {{IndelCompensation::none, "none"},
       {IndelCompensation::average, "average", "mean of both predictions"},
       {IndelCompensation::stitch, "stitch", "bins in front of the variant from the first, others from the second"}});
}

/// The columns of a table.
enum class VariantTable { scores, variant_scorer };
constexpr auto words_of(VariantTable) {
  return words<VariantTable>({{VariantTable::scores, "scores", "status, and a column for each score of each track"},
                              {VariantTable::variant_scorer, "variant_scorer", "those of variant-scorer, for a profile and its counts"}});
}

/// What is computed of a window.
enum class VariantPasses { changed, whole };
constexpr auto words_of(VariantPasses) {
  return words<VariantPasses>({{VariantPasses::changed, "changed", "of an allele what it changes, and rows that windows share once"},
                               {VariantPasses::whole, "whole", "a whole pass of every window"}});
}

struct VariantOptions {
  std::vector<std::filesystem::path> runs = {};  ///< run folders; several: scores are means over them
  std::filesystem::path vcf = {};                ///< VCF, gzip, bgzip or BCF; "-": standard input
  std::filesystem::path genome = {};             ///< FASTA
  std::filesystem::path out = {};                ///< .vcf, .vcf.gz, .bcf; "-": standard output
  std::filesystem::path tsv = {};                ///< table with a row for each alternative allele; empty: none
  VariantTable table = VariantTable::scores;
  std::filesystem::path hdf5 = {};                 ///< the same in the names of Basenji and Baskerville; empty: none
  std::filesystem::path background = {};           ///< a file of `background_out`: quantiles of each score are added; empty: none
  std::filesystem::path background_out = {};       ///< distributions of the scores of this call; empty: none
  std::int64_t shuffles = 0;                       ///< alleles of `background_out` with shuffled flanks; 0: those of the file as they are
  std::int64_t seed = 1;                           ///< of the shuffles
  std::vector<metrics::VariantScore> scores = {};  ///< empty: SAD, of runs with a profile logfc and jsd
  std::vector<std::string> outputs = {};           ///< heads; empty: all
  std::vector<std::string> tracks = {};            ///< channels by name or number; empty: all
  bool pairs = true;                               ///< the two strands of a track are scored as one
  VariantValues values = VariantValues::automatic;
  double pseudocount = 1;
  std::string key = "BASEWISE";  ///< in the column INFO
  std::int64_t window = 0;       ///< bases; 0: as the model or the recipe says
  corpus::WindowFill fill = corpus::WindowFill::n;
  IndelCompensation compensation = IndelCompensation::average;
  run::PredictStrands strand_strategy = run::PredictStrands::automatic;
  std::vector<std::int64_t> shifts = {};  ///< as ensemble.shifts; empty: those of the run
  std::vector<std::string> circular = {};
  std::filesystem::path aliases = {};
  std::int64_t part_rows = 2048;  ///< rows of the parts in which work is kept
  std::string shard = {};         ///< "2/5": this part of the work, without writing the output
  VariantPasses passes = VariantPasses::changed;
  std::int64_t batch_size = 64;
  std::string device = "cpu";  ///< cpu, cuda, cuda:1, auto
};
void describe(Visitor& v, VariantOptions& o);

struct VariantResult {
  std::vector<std::filesystem::path> files = {};
  bool finished = false;                            ///< files were written; false: other shards may have work left
  std::int64_t rows = 0;                            ///< of the file
  std::int64_t computed = 0;                        ///< of them, by this call
  std::int64_t alleles = 0;                         ///< alternative ones
  std::int64_t scored = 0;                          ///< of them
  std::int64_t padded = 0;                          ///< scored, with windows that leave their chromosome
  std::int64_t undefined = 0;                       ///< numbers of scored alleles that are none: logarithms of what is below 0
  std::int64_t windows = 0;                         ///< different ones, of all batches
  double passes = 0;                                ///< whole passes of a window that they took, with parts of such
  std::map<std::string, std::int64_t> status = {};  ///< alleles by `corpus::AlleleStatus`
  std::vector<std::string> fields = {};             ///< names of the scores of each allele
  std::int64_t window = 0;                          ///< bases
  std::vector<std::string> notes = {};
  double seconds = 0;
};

/// Scores every alternative allele of a VCF file against the reference allele: windows of both
/// (corpus/variant_windows.h) go through the run, and each score is computed for each track
/// (metrics/variant_scores.h). Rows stream: memory does not grow with their number. Every row is
/// written, in the order of the file and as it was, with one more key in INFO:
///
///   BASEWISE=ALLELE|STATUS|score|score...,ALLELE|...      one entry for each allele of ALT
///
/// whose header names the fields. Of several runs (folds, seeds) the scores are means of theirs;
/// the table has those of each run too. STATUS is a word of `corpus::AlleleStatus`, with "&padded"
/// behind it where the window leaves the chromosome; scores of alleles without a window, and those
/// that are no finite numbers, are '.'. A row without an alternative allele stays as it is.
///
/// With a `background` each score is followed by its quantile, the share of the background's
/// alleles whose score is smaller in size ("SAD_pct"), and each track that is no profile by
/// active_allele_quantile, the share of its reference alleles with a smaller total than the larger
/// of both alleles. `background_out` keeps the distributions of a call: of the alleles of a file,
/// or of `shuffles` of them in turn, around which bases are shuffled with their dinucleotides kept,
/// as variant-scorer does. They are held in memory, and no parts are kept.
///
/// What is computed is kept in OUT.parts beside the output (the first of `out`, `tsv`, `hdf5`), a
/// file for each `part_rows` rows, until the output is there: the same call goes on after it was
/// killed, and gives the same bytes. Shards compute every n-th part, and may run side by side; a
/// last call without `shard` computes what is missing and writes the output. Parts of other
/// options, another run or another genome are dropped, those of other rows refused.
///
/// Of an alternative allele only what it changes is computed (infer/edited_score.h), equal windows
/// are computed once, and in a network whose outputs read no padding windows that overlap share
/// their rows. Where a network or an allele allows none of it (attention, an insertion that moves
/// half of the window), windows are whole passes. Scores are those of whole passes to rounding:
/// predictions differ by less than 1e-5 of the largest one.
///
/// Scores depend on the batch size, and on the other rows of a batch, by rounding alone, and not on
/// which outputs and tracks are asked for. The two strands of a track (partners in the schema of
/// the run) are one track: their scores are added (`metrics::both_strands`).
/// Errors: those of `run::open_run`, `io::VcfReader`, `io::load_genome`; ArgumentError for options
/// that do not fit together or to the model, a model with other inputs than "sequence", and outputs
/// that would replace an input or a file of the run; DataError where the genome has none of the
/// chromosomes; StateError for shards with other options than those of the first.
VariantResult score_variants(const VariantOptions& options);

/// The same for runs that are open; `options.runs` and `options.device` are not looked at.
/// Errors: ArgumentError for runs with other tracks or windows than the first.
VariantResult score_variants(const std::vector<run::OpenRun>& runs, const VariantOptions& options);

}  // namespace basewise::variants
