#include "basewise/draft/detail/fasta_draft.h"

#include "basewise/draft/detail/genome_drafts.h"
#include "basewise/draft/detail/kinds.h"

namespace basewise::draft::detail {
namespace {

/// What further files hold, said aloud and added to what all sequences are.
void look_at_more(Draft& draft, SequenceFacts& all, const std::vector<std::filesystem::path>& files) {
  if (files.empty()) return;
  const SequenceFacts facts = look_at_fasta(files, 1);
  draft.found.push_back(format("{}: {}", file_names(files), facts.told()));
  all.add(facts);
}

void write_fasta_files(RecipeText& recipe, const DraftRequest& r, const SequenceFacts& positives, std::int64_t negatives) {
  recipe.table("data.fasta");
  recipe.file("file", r.fasta, positives.told());
  if (negatives > 0)
    recipe.file("negatives", r.negatives, format("{} sequences with label 0", grouped(negatives)));
  else
    recipe.yes("all_positive", "every sequence has label 1; negatives are made up below");
  recipe.file("validation_file", r.validation_fasta, "the validation set");
  recipe.file("validation_negatives", r.validation_negatives);
  recipe.file("test_file", r.test_fasta, "the test set");
  recipe.file("test_negatives", r.test_negatives);
}

}  // namespace

void write_shuffled(RecipeText& recipe, const OwnSets& own) {
  recipe.table("data.negatives");
  recipe.text("kind", "shuffled",
              "the same dinucleotides in random order, so that composition alone tells nothing; windows of the genome are harder");
  recipe.count("ratio", 1, "as many as positives: guessing has an average precision of 0.5");
  if (!own.any()) return;
  std::vector<std::string> sets{"train"};
  if (!own.validation) sets.emplace_back("validation");
  if (!own.test) sets.emplace_back("test");
  recipe.key("sets", toml(sets), "the others have negatives in their files");
}

double write_sequence_split(RecipeText& recipe, const SequenceFacts& facts, const OwnSets& own) {
  constexpr double kTenth = 0.1;
  if (!own.validation && !own.test && facts.all_places()) {
    const SplitChoice split = choose_split(facts.chromosomes);
    if (!split.test.empty()) {
      write_split(recipe, split, "sequences");
      return split.train_share();
    }
  }
  if (own.validation && own.test) return 1;
  const std::string rest = format("of the sequences that are not in the {} file", own.test ? "test" : "validation");
  recipe.table("data.split");
  recipe.text("by", "fraction", own.any() ? rest : "names do not say where sequences come from: at random");
  if (!own.validation) recipe.number("validation_fraction", kTenth);
  if (!own.test) recipe.number("test_fraction", kTenth, "sequences that resemble each other may come into two sets: train reports them");
  return own.any() ? 1 - kTenth : 1 - 2 * kTenth;
}

Draft draft_fasta(const DraftRequest& r) {
  const SequenceFacts positives = look_at_fasta(r.fasta);
  Draft draft;
  draft.found = {format("{}: {}", file_names(r.fasta), positives.told())};
  SequenceFacts all = positives;
  std::int64_t negatives = 0;
  if (!r.negatives.empty()) {
    const SequenceFacts others = look_at_fasta(r.negatives);
    negatives = others.size;
    all.add(others);
    draft.found.push_back(format("{}: {}", file_names(r.negatives), others.told()));
    if (others.is_rna() != positives.is_rna()) draft.notes.emplace_back("one file has U and the other has T: both are read as T");
  }
  SequenceFacts every = all;
  for (const auto* files : {&r.validation_fasta, &r.validation_negatives, &r.test_fasta, &r.test_negatives})
    look_at_more(draft, every, *files);
  const bool both_strands = !all.is_rna() && all.stranded == 0;
  RecipeText recipe(r, file_names(r.fasta));
  recipe.key("model", "\"cnn\"", "finds motifs and pairs of them; others and their sizes: docs/models.md");
  recipe.table("data");
  recipe.text("kind", "fasta");
  recipe.text("encoding", "tokens", "the sequence as bytes: less memory, the same numbers");
  write_fasta_files(recipe, r, positives, negatives);
  write_letters(recipe, "data.fasta", every);
  const double train = write_sequence_split(recipe, all, {!r.validation_fasta.empty(), !r.test_fasta.empty()});
  if (negatives == 0) write_shuffled(recipe, {!r.validation_negatives.empty(), !r.test_negatives.empty()});
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
