#include "basewise/draft/detail/sequence_facts.h"

#include <algorithm>
#include <cctype>

#include "basewise/core/error.h"
#include "basewise/corpus/registry.h"
#include "basewise/io/fasta.h"

namespace basewise::draft::detail {
namespace {

bool is_digit(char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; }

/// Length of "chr2" in "chr2:1000-1100(+)", 0 for another name.
std::size_t chromosome_length(std::string_view name) {
  const std::size_t colon = name.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return 0;
  const std::size_t dash = name.find_first_not_of("0123456789,", colon + 1);
  const bool place =
      dash != std::string_view::npos && dash > colon + 1 && name[dash] == '-' && dash + 1 < name.size() && is_digit(name[dash + 1]);
  return place ? colon : 0;
}

}  // namespace

void SequenceFacts::add(std::string_view name, std::string_view sequence) {
  ++size;
  lengths.push_back(static_cast<double>(sequence.size()));
  letters += std::ssize(sequence);
  for (const char c : sequence) {
    const char letter = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    gc += letter == 'G' || letter == 'C';
    uracil += letter == 'U';
    ambiguous += std::string_view("ACGTUN").find(letter) == std::string_view::npos;
  }
  const std::size_t chromosome = chromosome_length(name);
  if (chromosome == 0) return;
  ++places;
  stranded += name.ends_with("(+)") || name.ends_with("(-)");
  const std::string_view on = name.substr(0, chromosome);
  const auto known = std::find_if(chromosomes.begin(), chromosomes.end(), [&](const Weight& w) { return w.chromosome == on; });
  if (known != chromosomes.end())
    ++known->weight;
  else
    chromosomes.push_back({.chromosome = std::string(on), .weight = 1});
}

void SequenceFacts::add(const SequenceFacts& others) {
  size += others.size;
  lengths.insert(lengths.end(), others.lengths.begin(), others.lengths.end());
  ambiguous += others.ambiguous;
  uracil += others.uracil;
  gc += others.gc;
  letters += others.letters;
  places += others.places;
  stranded += others.stranded;
  for (const Weight& other : others.chromosomes) {
    const auto known =
        std::find_if(chromosomes.begin(), chromosomes.end(), [&](const Weight& w) { return w.chromosome == other.chromosome; });
    if (known != chromosomes.end())
      known->weight += other.weight;
    else
      chromosomes.push_back(other);
  }
}

double SequenceFacts::shortest() const { return *std::min_element(lengths.begin(), lengths.end()); }
double SequenceFacts::longest() const { return *std::max_element(lengths.begin(), lengths.end()); }

std::int64_t SequenceFacts::length() const {
  if (longest() <= 2 * median_of(lengths)) return static_cast<std::int64_t>(longest());
  std::vector<double> sorted = lengths;
  std::sort(sorted.begin(), sorted.end());
  return static_cast<std::int64_t>(sorted[sorted.size() * 9 / 10]);
}

std::string SequenceFacts::told() const {
  const bool alike = shortest() == longest();
  return format("{} sequences of {} bases, {:.0f} % G+C", grouped(size),
                alike ? format("{:.0f}", longest()) : format("{:.0f} to {:.0f}", shortest(), longest()),
                100 * static_cast<double>(gc) / static_cast<double>(std::max<std::int64_t>(1, letters)));
}

SequenceFacts look_at_fasta(const std::vector<std::filesystem::path>& files, std::int64_t fewest) {
  SequenceFacts facts;
  for (const std::filesystem::path& file : files) {
    io::FastaReader reader(corpus::resolve_path(file.string()), {.ambiguity = seq::Ambiguity::as_n, .allow_duplicates = true});
    for (io::FastaRecord record; reader.next(record);) facts.add(record.name, record.sequence);
  }
  if (facts.size < fewest)
    throw DataError(format(
        "{}: {} sequences; a network that learns from fewer than {} would learn them by heart{}", file_names(files), facts.size, fewest,
        facts.size > 0 && facts.longest() > 100'000 ? ". Is this a genome? Then say where: --genome with --sites, --tracks or --profile"
                                                    : ""));
  return facts;
}

void write_letters(RecipeText& recipe, const std::string& where, const SequenceFacts& facts) {
  if (facts.ambiguous > 0)
    recipe.text("ambiguity", "n",
                format("{} letters are no base but a choice of some (R, Y, ...); they become N", grouped(facts.ambiguous)));
  if (facts.shortest() == facts.longest()) return;
  recipe.table(where + ".length");
  recipe.count("length", facts.length(),
               format("sequences have {:.0f} to {:.0f} bases, half of them {:.0f} or more", facts.shortest(), facts.longest(),
                      median_of(facts.lengths)));
  recipe.text("fit", "centre", "longer ones are cut, shorter ones filled with N, at both ends alike");
}

void write_sequence_training(RecipeText& recipe, const SequenceFacts& facts, double train_examples) {
  constexpr std::int64_t kViews = 200'000, kFew = 20'000, kBases = 500;
  const std::int64_t views = std::max(kFew, kViews * kBases / std::max(kBases, facts.length()));
  write_training(
      recipe, {.examples = static_cast<std::int64_t>(train_examples), .views = views, .most_epochs = 40, .cost = ", minutes on two cores"});
}

void write_both_strands(RecipeText& recipe, const std::string& why) {
  recipe.table("data.augment");
  recipe.number("reverse_complement", 0.5, why);
}

void write_conjoined(RecipeText& recipe) {
  recipe.table("strand");
  recipe.text("predict", "conjoined", "both strands are read and their outputs averaged");
}

}  // namespace basewise::draft::detail
