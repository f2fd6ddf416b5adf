#include "basewise/interpret/planted.h"

#include <algorithm>
#include <cmath>

#include "basewise/core/error.h"
#include "basewise/interpret/detail/planted_text.h"
#include "basewise/io/motif_file.h"
#include "basewise/io/tsv.h"

namespace basewise::interpret {
namespace {

constexpr double kNothing = 1e-10;

double information(const motifs::BaseVector& column) {
  double bits = 2;
  for (const double p : column) bits += p * std::log2(p + kNothing);
  return bits;
}

/// The first motif of a name, which motif files hold as description; else of an identifier.
const motifs::MotifMatrix* find_motif(const std::vector<motifs::MotifMatrix>& all, const std::string& name) {
  for (const auto& member : {&motifs::MotifMatrix::description, &motifs::MotifMatrix::name})
    for (const motifs::MotifMatrix& motif : all)
      if (motif.*member == name) return &motif;
  return nullptr;
}

}  // namespace

PlantedTruth PlantedTruth::read(const std::filesystem::path& table, const std::filesystem::path& matrices) {
  const std::vector<motifs::MotifMatrix> known = io::read_motifs(matrices).motifs;
  PlantedTruth truth;
  truth.source_ = table.string();
  io::TsvReader reader(table);
  while (reader.next()) {
    std::string letters(reader.text("sequence"));
    std::vector<PlantedMotif> planted;
    try {
      planted = detail::parse_planted(reader.text("planted"));
    } catch (const DataError& e) {
      reader.fail(e.what());
    }
    for (const PlantedMotif& p : planted) {
      auto found = truth.motifs_.find(p.name);
      if (found == truth.motifs_.end()) {
        const motifs::MotifMatrix* motif = find_motif(known, p.name);
        if (motif == nullptr) reader.fail(format("{} has no motif '{}'", matrices.string(), p.name));
        found = truth.motifs_.emplace(p.name, motifs::as_probabilities(*motif)).first;
      }
      if (found->second.width() != p.end - p.start)
        reader.fail(format("motif '{}' is planted over {} bases, and has {} columns", p.name, p.end - p.start, found->second.width()));
      if (p.end > std::ssize(letters)) reader.fail(format("motif '{}' ends at {}, behind the {} letters", p.name, p.end, letters.size()));
    }
    truth.planted_.insert_or_assign(std::move(letters), std::move(planted));
  }
  return truth;
}

std::vector<double> PlantedTruth::information(const std::string& letters) const {
  const auto found = planted_.find(letters);
  if (found == planted_.end())
    throw DataError(format("{} does not have the sequence {}...: nobody knows what was planted into it", source_, letters.substr(0, 20)));
  std::vector<double> bits(letters.size(), interpret::information(motifs::kUniform));
  for (const PlantedMotif& p : found->second) {
    const auto& rows = motifs_.at(p.name).rows;
    for (std::int64_t i = p.start; i < p.end; ++i)
      bits[static_cast<std::size_t>(i)] = interpret::information(rows[static_cast<std::size_t>(p.reverse ? p.end - 1 - i : i - p.start)]);
  }
  return bits;
}

std::vector<std::uint8_t> PlantedTruth::labels(const std::string& letters, double bits) const {
  std::vector<std::uint8_t> labels;
  for (const double x : information(letters)) labels.push_back(x > bits);
  return labels;
}

std::vector<motifs::MotifMatrix> PlantedTruth::matrices() const {
  std::vector<motifs::MotifMatrix> all;
  std::vector<std::string> names;
  for (const auto& [name, motif] : motifs_) names.push_back(name);
  std::sort(names.begin(), names.end());
  for (const std::string& name : names) all.push_back(motifs_.at(name));
  return all;
}

}  // namespace basewise::interpret
