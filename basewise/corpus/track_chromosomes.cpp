#include "basewise/corpus/track_chromosomes.h"

#include <algorithm>
#include <cmath>

#include "basewise/core/error.h"
#include "basewise/seq/chrom_match.h"

namespace basewise::corpus {
namespace {

std::vector<std::string> names_of(const io::TrackChromosomes& chromosomes) {
  std::vector<std::string> names;
  for (const auto& [name, length] : chromosomes) names.push_back(name);
  return names;
}

}  // namespace

std::int64_t MatchedChromosomes::lacking() const { return std::count(numbers.begin(), numbers.end(), std::nullopt); }

MatchedChromosomes match_chromosomes(const io::TrackChromosomes& chromosomes, const std::string& file, TrackLengths lengths,
                                     const seq::ChromSizes& sizes) {
  const std::vector<std::string> names = names_of(chromosomes);
  const seq::NameMatch match = seq::match_names(sizes, names, file);
  MatchedChromosomes matched{.numbers = seq::names_by_sequence(sizes, names, match), .translated = match.translated};
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    if (!matched.numbers[i]) continue;
    const auto& [name, length] = chromosomes[*matched.numbers[i]];
    if (length == sizes[i].length) continue;
    if (lengths == TrackLengths::stated)
      throw DataError(format("{}: {} has {} bases there, but {} in {}; track and genome must be of the same assembly", file, name, length,
                             sizes[i].length, sizes.source()));
    if (length > sizes[i].length)
      throw DataError(format("{}: {} has values up to base {}, but {} bases in {}; track and genome must be of the same assembly", file,
                             name, length, sizes[i].length, sizes.source()));
  }
  return matched;
}

void require_common(const MatchedChromosomes& matched, const io::TrackChromosomes& chromosomes, const std::string& file,
                    const seq::ChromSizes& sizes) {
  if (matched.lacking() == static_cast<std::int64_t>(sizes.size()) && !chromosomes.empty())
    throw DataError(
        format("{}: none of its chromosomes is in the genome: {}", file, sizes.missing_text(names_of(chromosomes), "the track")));
}

void refuse_infinite(std::span<const float> values, std::int64_t start, const std::string& chrom, const std::filesystem::path& file) {
  const auto found = std::find_if(values.begin(), values.end(), [](float x) { return std::isinf(x); });
  if (found != values.end())
    throw DataError(format("{}: {} at base {} of {} (the first base is 0) is no number to learn or to measure; mend the program that "
                           "wrote the track",
                           file.string(), *found, start + (found - values.begin()), chrom));
}

}  // namespace basewise::corpus
