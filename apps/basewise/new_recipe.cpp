#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "apps/basewise/verbs.h"
#include "basewise/core/error.h"
#include "basewise/core/files.h"
#include "basewise/draft/draft.h"

namespace basewise::app {
namespace {

std::string quoted_for_shell(const std::string& text) {
  return text.find_first_of(" '\"$&();") == std::string::npos ? text : format("'{}'", text);
}

/// What to run next, with the names that were chosen.
std::vector<std::string> next_steps(const fs::path& recipe) {
  const std::string run = quoted_for_shell((fs::path("runs") / recipe.stem()).string());
  return {format("basewise train {} --out {}", quoted_for_shell(recipe.string()), run), format("basewise evaluate {}", run),
          format("basewise report {}", run)};
}

void print_draft(const draft::Draft& draft, const fs::path& out, bool json) {
  const std::vector<std::string> next = next_steps(out);
  if (json) return print_json({{"recipe", out.string()}, {"found", draft.found}, {"notes", draft.notes}, {"next", next}});
  std::string text;
  for (const std::string& line : draft.found) text += line + "\n";
  for (const std::string& note : draft.notes) text += "note: " + note + "\n";
  text += format("wrote {}: every choice with its reason; look through it, then\n", out.string());
  const char* what[] = {"the model", "numbers on the test set, and the page", "the page again"};
  for (std::size_t i = 0; i < next.size(); ++i) text += format("  {:<52}  # {}\n", next[i], what[i]);
  print(text);
}

}  // namespace

int new_recipe(const Arguments& arguments) {
  Command command("basewise new", "Looks into raw files and writes a recipe for them, with the reason beside each choice.",
                  {"basewise new --genome genome.fa --sites peaks.narrowPeak --out run.toml",
                   "basewise new --genome genome.fa --tracks a.bw b.bw --out run.toml",
                   "basewise new --genome genome.fa --profile plus.bw minus.bw --sites peaks.bed --out run.toml",
                   "basewise new --fasta positives.fa --negatives negatives.fa --out run.toml",
                   "basewise new --table measured.csv --labels activity --out run.toml"});
  draft::DraftRequest request;
  std::string out;
  bool overwrite = false;
  CLI::App& app = command.app();
  const auto file = [&](const char* flag, fs::path& to, const char* help) {
    return app.add_option_function<std::string>(flag, [&to](const std::string& text) { to = text; }, help)->type_name("FILE");
  };
  const auto files = [&](const char* flag, std::vector<fs::path>& to, const char* help) {
    const auto take = [&to](const std::vector<std::string>& texts) { to.assign(texts.begin(), texts.end()); };
    app.add_option_function<std::vector<std::string>>(flag, take, help)
        ->type_name("FILE")
        ->expected(1, 100'000)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  };
  file("--genome", request.genome, "FASTA file that sites, tracks or counts lie on");
  files("--sites", request.sites, "places to learn: BED, narrowPeak, broadPeak, GFF, GTF or a table; of several each is a label");
  files("--tracks", request.tracks, "signal to learn along the genome: bigWig or bedGraph files");
  files("--profile", request.profile, "counts at every base: two files, forward and reverse strand; replicates in further pairs are added");
  files("--control", request.control, "the same of a control experiment");
  files("--fasta", request.fasta, "sequences to learn, one example each; several files are one");
  files("--negatives", request.negatives, "FASTA files of what is to be told apart from them [shuffled sequences]");
  files("--validation-fasta", request.validation_fasta, "sequences of the validation set [a part of those]");
  files("--validation-negatives", request.validation_negatives, "negatives of the validation set");
  files("--test-fasta", request.test_fasta, "sequences of the test set [a part of those]");
  files("--test-negatives", request.test_negatives, "negatives of the test set");
  files("--table", request.table, "sequences and labels in columns: CSV or TSV; several have the same columns");
  files("--validation-table", request.validation_table, "further tables: the validation set");
  files("--test-table", request.test_table, "further tables: the test set");
  app.add_option("--labels", request.labels, "columns of the table to learn [those of numbers]")
      ->type_name("A,B,..")
      ->delimiter(',')
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  app.add_option("-o,--out", out, "the recipe")->required()->type_name("FILE");
  app.add_flag("--overwrite", overwrite, "replace a recipe that is there");
  if (!command.parse(arguments)) return 0;

  request.out = out;
  if (!overwrite && fs::exists(request.out)) throw ArgumentError(format("{} is there; choose another --out, or --overwrite it", out));
  const draft::Draft draft = draft::draft_recipe(request);
  write_file(request.out, draft.text);
  print_draft(draft, request.out, command.json());
  return 0;
}

}  // namespace basewise::app
