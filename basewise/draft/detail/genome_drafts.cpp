#include "basewise/draft/detail/genome_drafts.h"

#include <algorithm>
#include <cmath>

#include "basewise/core/error.h"
#include "basewise/core/some_of.h"
#include "basewise/draft/detail/kinds.h"

namespace basewise::draft::detail {
namespace {

/// Bases of the genome inside of windows around the sites.
double covered_share(const SiteFacts& facts, const seq::ChromSizes& sizes, std::int64_t window) {
  std::int64_t covered = 0, end = 0;
  std::size_t chrom = 0;
  for (const corpus::Site& site : facts.table.sites) {
    if (site.chrom != chrom) chrom = site.chrom, end = 0;
    const std::int64_t start = std::max(end, site.position - window / 2);
    end = std::min(sizes[chrom].length, std::max(end, site.position - window / 2 + window));
    covered += std::max<std::int64_t>(0, end - start);
  }
  return static_cast<double>(covered) / static_cast<double>(sizes.total_length());
}

struct WindowChoice {
  std::int64_t bases = 500;
  std::string why = {};
};

WindowChoice choose_window(const SiteFacts& facts) {
  if (facts.widths.empty()) return {200, "single positions; raise it if what matters lies further away"};
  const double width = median_of(facts.widths);
  for (const std::int64_t bases : {200, 500, 1000})
    if (width <= static_cast<double>(bases))
      return {bases, format("half of the intervals have {:.0f} bases or more; 200, 500 or 1000 that hold this", width)};
  return {2000, format("half of the intervals have {:.0f} bases or more, which is long: windows look at their middle", width)};
}

void write_strands(RecipeText& recipe, const SiteFacts& facts) {
  if (facts.stranded) return;
  recipe.table("strand");
  recipe.text("predict", "conjoined", "both strands are read and their logits averaged");
}

void write_site_data(RecipeText& recipe, const DraftRequest& r, const SiteFacts& facts, const seq::ChromSizes& sizes,
                     const WindowChoice& window, const SplitChoice& split) {
  recipe.table("data");
  recipe.text("kind", "genome");
  recipe.text("encoding", "tokens", "the sequence as bytes: less memory, the same numbers");
  write_genome(recipe, r.genome, sizes);
  recipe.count("window", window.bases, window.why);
  write_sites(recipe, facts);
  write_split(recipe, split, "sites");
  recipe.table("data.negatives");
  recipe.text("kind", "gc_matched", "windows without a site, with the G+C of the positives, so that G+C alone tells nothing");
  recipe.count("ratio", 1, "as many as sites: guessing has an average precision of 0.5");
  if (facts.stranded) return;
  recipe.table("data.augment");
  recipe.number("reverse_complement", 0.5, "sites have no strand: either reading is an example");
}

}  // namespace

void write_genome(RecipeText& recipe, const std::filesystem::path& fasta, const seq::ChromSizes& sizes) {
  recipe.table("data.genome");
  recipe.file("fasta", fasta, told(sizes));
}

std::string told(const seq::ChromSizes& sizes) {
  return format("{} sequences, {} bases", grouped(std::ssize(sizes.names())), grouped(sizes.total_length()));
}

std::string told(const SplitChoice& s, const std::string& what) {
  const auto one = [&](const char* set, const std::vector<std::string>& names, double share) {
    return format("{} {} ({:.0f} % of the {})", set,
                  names.empty() ? "a stretch of " + s.chromosome : fmt::to_string(fmt::join(names, ", ")), 100 * share, what);
  };
  return one("held out: validation", s.validation, s.validation_share) + ", " + one("test", s.test, s.test_share);
}

Draft draft_sites(const DraftRequest& r) {
  const seq::ChromSizes sizes = sizes_of_genome(r.genome);
  const SiteFacts facts = look_at_sites(r.sites, sizes);
  const std::int64_t sites = std::ssize(facts.table.sites);
  const WindowChoice window = choose_window(facts);
  const double covered = covered_share(facts, sizes, window.bases);
  if (covered > 0.8)
    throw DataError(
        format("{}: windows of {} bases around {} sites cover {:.0f} % of {}: nothing is left that could be a negative. Give fewer sites, "
               "or the signal itself (--tracks)",
               file_names(r.sites), window.bases, sites, 100 * covered, sizes.source()));
  const SplitChoice split = choose_split(weights_of(facts, sizes));
  Draft draft;
  draft.found = {"genome: " + told(sizes), format("sites: {}", facts.table.summary()), told(split, "sites")};
  if (facts.left_out > 0)
    draft.notes.push_back(format("{} sites are on sequences that the genome has not and are left out", facts.left_out));
  if (covered > 0.4)
    draft.notes.push_back(format("sites cover {:.0f} % of the genome: fewer negatives than sites may be found", 100 * covered));
  if (facts.table.tasks.size() > 1) draft.found.push_back(format("labels: {}", some_of(facts.table.tasks)));
  if (sites < 500) draft.notes.push_back(format("{} sites are few: expect wide intervals", sites));
  RecipeText recipe(r, format("{} and {}", r.genome.filename().string(), file_names(r.sites)));
  recipe.key("model", "\"cnn\"", "finds motifs and pairs of them; others and their sizes: docs/models.md");
  write_site_data(recipe, r, facts, sizes, window, split);
  recipe.table("loss", true);
  recipe.text("type", "binary_cross_entropy", "a site or none");
  recipe.text("output", "logits");
  recipe.text("target", "labels");
  write_training(recipe, {.examples = static_cast<std::int64_t>(2 * split.train_share() * static_cast<double>(sites)),
                          .views = 200'000,
                          .most_epochs = 40,
                          .cost = ", minutes on two cores"});
  write_strands(recipe, facts);
  recipe.table("evaluate");
  recipe.key("metrics", R"(["auroc", "average_precision", "log_loss"])", "labels are 0 and 1: docs/metrics.md");
  draft.text = recipe.str();
  return draft;
}

}  // namespace basewise::draft::detail
