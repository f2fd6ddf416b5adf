#include "basewise/draft/detail/fasta_draft.h"

#include <algorithm>

#include "basewise/draft/detail/genome_drafts.h"
#include "basewise/draft/detail/kinds.h"

namespace basewise::draft::detail {
namespace {

/// Positives and negatives together.
SequenceFacts joined(SequenceFacts facts, const SequenceFacts& others) {
  facts.size += others.size;
  facts.lengths.insert(facts.lengths.end(), others.lengths.begin(), others.lengths.end());
  facts.ambiguous += others.ambiguous;
  facts.uracil += others.uracil;
  facts.gc += others.gc;
  facts.letters += others.letters;
  facts.places += others.places;
  facts.stranded += others.stranded;
  for (const Weight& other : others.chromosomes) {
    const auto known =
        std::find_if(facts.chromosomes.begin(), facts.chromosomes.end(), [&](const Weight& w) { return w.chromosome == other.chromosome; });
    if (known != facts.chromosomes.end())
      known->weight += other.weight;
    else
      facts.chromosomes.push_back(other);
  }
  return facts;
}

void write_fasta_files(RecipeText& recipe, const DraftRequest& r, const SequenceFacts& positives, std::int64_t negatives) {
  recipe.table("data.fasta");
  recipe.file("file", r.fasta, positives.told());
  if (negatives > 0)
    recipe.file("negatives", r.negatives, format("{} sequences with label 0", grouped(negatives)));
  else
    recipe.yes("all_positive", "every sequence has label 1; negatives are made up below");
  if (!r.test_fasta.empty()) recipe.file("test_file", r.test_fasta, "the test set");
  if (!r.test_negatives.empty()) recipe.file("test_negatives", r.test_negatives);
}

}  // namespace

double write_sequence_split(RecipeText& recipe, const SequenceFacts& facts, bool test_file) {
  constexpr double kTenth = 0.1;
  if (!test_file && facts.all_places()) {
    const SplitChoice split = choose_split(facts.chromosomes);
    if (!split.test.empty()) {
      write_split(recipe, split, "sequences");
      return split.train_share();
    }
  }
  recipe.table("data.split");
  recipe.text("by", "fraction",
              test_file ? "of the sequences that are not in the test file" : "names do not say where sequences come from: at random");
  recipe.number("validation_fraction", kTenth);
  if (!test_file) recipe.number("test_fraction", kTenth, "sequences that resemble each other may come into two sets: train reports them");
  return test_file ? 1 - kTenth : 1 - 2 * kTenth;
}

Draft draft_fasta(const DraftRequest& r) {
  const SequenceFacts positives = look_at_fasta(r.fasta);
  Draft draft;
  draft.found = {format("{}: {}", r.fasta.filename().string(), positives.told())};
  SequenceFacts all = positives;
  std::int64_t negatives = 0;
  if (!r.negatives.empty()) {
    const SequenceFacts others = look_at_fasta(r.negatives);
    negatives = others.size;
    all = joined(std::move(all), others);
    draft.found.push_back(format("{}: {}", r.negatives.filename().string(), others.told()));
    if (others.is_rna() != positives.is_rna()) draft.notes.emplace_back("one file has U and the other has T: both are read as T");
  }
  for (const std::filesystem::path& file : {r.test_fasta, r.test_negatives})
    if (!file.empty()) draft.found.push_back(format("{}: {}", file.filename().string(), look_at_fasta(file).told()));
  const bool both_strands = !all.is_rna() && all.stranded == 0;
  RecipeText recipe(r, r.fasta.filename().string());
  recipe.key("model", "\"cnn\"", "finds motifs and pairs of them; others and their sizes: docs/models.md");
  recipe.table("data");
  recipe.text("kind", "fasta");
  recipe.text("encoding", "tokens", "the sequence as bytes: less memory, the same numbers");
  write_fasta_files(recipe, r, positives, negatives);
  write_letters(recipe, "data.fasta", all);
  const double train = write_sequence_split(recipe, all, !r.test_fasta.empty());
  if (negatives == 0) {
    recipe.table("data.negatives");
    recipe.text("kind", "shuffled",
                "the same dinucleotides in random order, so that composition alone tells nothing; windows of the genome are harder");
    recipe.count("ratio", 1, "as many as positives: guessing has an average precision of 0.5");
  }
  if (both_strands) write_both_strands(recipe, "DNA without a strand: either reading is an example; leave it out if the strand matters");
  recipe.table("loss", true);
  recipe.text("type", "binary_cross_entropy",
              negatives > 0
                  ? format("{:.2g} of the sequences are positive", static_cast<double>(positives.size) / static_cast<double>(all.size))
                  : "a positive or not");
  recipe.text("output", "logits");
  recipe.text("target", "labels");
  write_sequence_training(recipe, all, train * static_cast<double>(negatives > 0 ? all.size : 2 * all.size));
  if (both_strands) write_conjoined(recipe);
  recipe.table("evaluate");
  recipe.key("metrics", R"(["auroc", "average_precision", "log_loss"])", "labels are 0 and 1: docs/metrics.md");
  draft.text = recipe.str();
  return draft;
}

}  // namespace basewise::draft::detail
