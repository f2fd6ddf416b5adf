#include "basewise/variants/variants.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "apps/basewise/tensor/set_up.h"
#include "apps/basewise/tensor/verbs.h"
#include "basewise/core/log.h"
#include "basewise/io/vcf.h"

namespace basewise::app {
namespace {

nlohmann::ordered_json to_json(const ::basewise::variants::VariantResult& result) {
  nlohmann::ordered_json json = {{"files", nlohmann::ordered_json::array()},
                                 {"finished", result.finished},
                                 {"rows", result.rows},
                                 {"computed", result.computed},
                                 {"alleles", result.alleles},
                                 {"scored", result.scored},
                                 {"padded", result.padded},
                                 {"undefined", result.undefined},
                                 {"windows", result.windows},
                                 {"passes", result.passes},
                                 {"status", result.status},
                                 {"fields", result.fields},
                                 {"window", result.window},
                                 {"notes", result.notes},
                                 {"seconds", result.seconds}};
  for (const auto& file : result.files) json["files"].push_back(file.string());
  return json;
}

}  // namespace

int variants(const Arguments& arguments) {
  Command command("basewise variants", "Says what variants do to the predictions of a run: VCF in, the same rows with scores out.",
                  {"basewise variants runs/pu1 --vcf in.vcf.gz --genome hg38.fa.gz --out out.vcf.gz",
                   "basewise variants runs/demo --vcf in.bcf --genome g.fa --scores SAD,logSED,D2 --out out.vcf.gz --tsv out.tsv.gz",
                   "bcftools view -r chr21 in.bcf | basewise variants runs/pu1 --vcf - --genome hg38.fa --out - | bgzip > out.vcf.gz",
                   "basewise variants runs/fold0 runs/fold1 --vcf in.vcf --genome g.fa --out out.vcf --hdf5 scores.h5",
                   "basewise variants runs/pu1 --vcf in.vcf --genome g.fa --background-out null.safetensors --shuffles 10000",
                   "basewise variants runs/pu1 --vcf in.vcf --genome g.fa --background null.safetensors --tsv o.tsv --table variant_scorer",
                   "basewise variants runs/basenji --vcf in.vcf --genome g.fa --scores logSAD --tracks CTCF,DNASE --compensation stitch "
                   "--out out.vcf"});
  ::basewise::variants::VariantOptions options;
  command.add_options(described(options), "Options of variants", "runs");
  if (!parse(command, arguments)) return 0;

  command.apply(described(options));
  const bool piped = io::is_standard_stream(options.out);
  if (command.json() && piped) throw ArgumentError("--json and --out - both write to standard output: give the VCF a file");
  prepare_device(options.device);
  const auto result = ::basewise::variants::score_variants(options);
  if (command.json()) return print_json(to_json(result)), 0;
  for (const std::string& note : result.notes) log_warning("{}", note);
  std::string text = format("{} rows, {} of {} alleles scored by {} numbers from windows of {} bases in {:.1f} s\n", result.rows,
                            result.scored, result.alleles, result.fields.size(), result.window, result.seconds);
  if (!result.finished)
    text = format("shard {}: {} of {} rows in {:.1f} s; the same call without --shard writes the output\n", options.shard, result.computed,
                  result.rows, result.seconds);
  for (const auto& file : result.files) text += format("wrote {}\n", file.string());
  if (piped)
    log_info("{}", text.substr(0, text.find('\n')));
  else
    print(text);
  return 0;
}

}  // namespace basewise::app
