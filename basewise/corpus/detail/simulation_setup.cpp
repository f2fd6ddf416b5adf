#include "basewise/corpus/detail/simulation_setup.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "basewise/core/error.h"
#include "basewise/core/format.h"
#include "basewise/corpus/detail/simulation_sources.h"

namespace basewise::corpus {

namespace {

// Bases that an IUPAC letter stands for, in the order A, C, G, T; empty for another letter.
std::string_view bases_of(char letter) {
  constexpr std::pair<char, std::string_view> kCodes[] = {{'A', "A"},   {'C', "C"},   {'G', "G"},   {'T', "T"},   {'U', "T"},  {'R', "AG"},
                                                          {'Y', "CT"},  {'S', "CG"},  {'W', "AT"},  {'K', "GT"},  {'M', "AC"}, {'B', "CGT"},
                                                          {'D', "AGT"}, {'H', "ACT"}, {'V', "ACG"}, {'N', "ACGT"}};
  for (const auto& [code, bases] : kCodes)
    if (code == letter) return bases;
  return {};
}

std::vector<motifs::BaseVector> rows_of_consensus(const SimulatedMotifOptions& o) {
  std::vector<motifs::BaseVector> rows;
  for (const char letter : o.consensus) {
    const std::string_view bases = bases_of(static_cast<char>(std::toupper(static_cast<unsigned char>(letter))));
    if (bases.empty())
      throw ArgumentError(
          format("simulation: consensus '{}' of motif '{}' holds '{}', which is no IUPAC letter of DNA", o.consensus, o.name, letter));
    const auto n = static_cast<double>(bases.size());
    motifs::BaseVector row;
    row.fill(n < 4 ? (1 - o.strength) / (4 - n) : 0.25);
    for (const char base : bases) row[seq::kLetters.find(base)] = n < 4 ? o.strength / n : 0.25;
    rows.push_back(row);
  }
  return rows;
}

std::vector<motifs::BaseVector> rows_of_matrix(const SimulatedMotifOptions& o) {
  if (o.matrix.size() % 4 != 0)
    throw ArgumentError(format("simulation: the matrix of motif '{}' has {} numbers; it needs four (A, C, G, T) for each position", o.name,
                               o.matrix.size()));
  std::vector<motifs::BaseVector> rows;
  for (std::size_t i = 0; i < o.matrix.size(); i += 4) {
    motifs::BaseVector row{o.matrix[i], o.matrix[i + 1], o.matrix[i + 2], o.matrix[i + 3]};
    const double sum = std::accumulate(row.begin(), row.end(), 0.0);
    if (!(sum > 0) || !std::isfinite(sum) || *std::min_element(row.begin(), row.end()) < 0)
      throw ArgumentError(
          format("simulation: position {} of the matrix of motif '{}' is {} {} {} {}; expected numbers of 0 or more, not all 0", i / 4,
                 o.name, row[0], row[1], row[2], row[3]));
    for (double& value : row) value /= sum;
    rows.push_back(row);
  }
  return rows;
}

}  // namespace

motifs::MotifMatrix make_motif(const SimulatedMotifOptions& o) {
  const int given = !o.consensus.empty() + !o.matrix.empty() + !o.file.empty();
  if (given != 1)
    throw ArgumentError(format("simulation: motif '{}' has {} of 'consensus', 'matrix' and 'file'; give exactly one", o.name,
                               given == 0 ? "none" : "more than one"));
  motifs::MotifMatrix motif;
  if (o.file.empty()) {
    motif.name = o.name;
    motif.rows = o.consensus.empty() ? rows_of_matrix(o) : rows_of_consensus(o);
  } else {
    motif = detail::motif_from_file(o.file, o.name, o.rows);
  }
  for (motifs::BaseVector& row : motif.rows)
    for (double& value : row) value = (1 - o.smoothing) * value + o.smoothing / 4;
  return motif;
}

namespace detail {

namespace {

std::size_t find_motif(const Setup& setup, const SimulatedTaskOptions& task, const std::string& name) {
  std::vector<std::string> names;
  for (std::size_t m = 0; m < setup.motifs.size(); ++m) {
    if (setup.motifs[m].name == name) return m;
    names.push_back(setup.motifs[m].name);
  }
  const auto near = nearest(name, names);
  throw ArgumentError(format("simulation: task '{}' asks for motif '{}', which is not among the motifs {}{}", task.name, name,
                             names.empty() ? "(none)" : fmt::to_string(fmt::join(names, ", ")),
                             near ? format("; did you mean '{}'?", *near) : ""));
}

Task make_task(const Setup& setup, const SimulatedTaskOptions& o) {
  if (o.motifs.empty()) throw ArgumentError(format("simulation: task '{}' names no motif", o.name));
  const bool range = o.count == InstanceCount::range || o.count == InstanceCount::poisson_range;
  if (range && o.count_max < o.count_min)
    throw ArgumentError(format("simulation: task '{}': count_max {} is below count_min {}", o.name, o.count_max, o.count_min));
  if (o.spacing_min >= 0 && o.spacing_max < o.spacing_min)
    throw ArgumentError(format("simulation: task '{}': spacing_max {} is below spacing_min {}", o.name, o.spacing_max, o.spacing_min));
  Task task{o, {}};
  for (const std::string& name : o.motifs) task.motifs.push_back(find_motif(setup, o, name));
  return task;
}

std::vector<double> background_composition(const SimulationOptions& o) {
  if (o.composition.empty()) return {(1 - o.gc) / 2, o.gc / 2, o.gc / 2, (1 - o.gc) / 2};
  const double sum = std::accumulate(o.composition.begin(), o.composition.end(), 0.0);
  if (o.composition.size() != 4 || std::abs(sum - 1) > 1e-6 || *std::min_element(o.composition.begin(), o.composition.end()) < 0)
    throw ArgumentError(
        format("simulation: composition is [{}]; expected four probabilities of A, C, G, T that sum to 1", fmt::join(o.composition, ", ")));
  return o.composition;
}

void check_names(const SimulationOptions& o) {
  for (std::size_t i = 0; i < o.tasks.size(); ++i)
    for (std::size_t j = 0; j < i; ++j)
      if (o.tasks[i].name == o.tasks[j].name)
        throw ArgumentError(format("simulation: two tasks are named '{}'; each label needs a name of its own", o.tasks[i].name));
  for (std::size_t i = 0; i < o.motifs.size(); ++i)
    for (std::size_t j = 0; j < i; ++j)
      if (o.motifs[i].name == o.motifs[j].name) throw ArgumentError(format("simulation: two motifs are named '{}'", o.motifs[i].name));
}

}  // namespace

Setup prepare(const SimulationOptions& given) {
  Setup setup;
  setup.options = given;
  SimulationOptions& o = setup.options;
  check(described(o), "simulation");
  if (o.motifs.empty() && o.tasks.empty()) {
    const SimulationOptions builtin = builtin_simulation();
    o.motifs = builtin.motifs;
    o.tasks = builtin.tasks;
    if (!o.label_noise) o.label_noise = builtin.label_noise;
  }
  check_names(o);
  if (o.tasks.empty()) throw ArgumentError("simulation: there are motifs but no task that plants them");
  for (const SimulatedMotifOptions& motif : o.motifs) setup.motifs.push_back(make_motif(motif));
  for (const SimulatedTaskOptions& task : o.tasks) setup.tasks.push_back(make_task(setup, task));
  setup.composition = background_composition(o);
  setup.position_end = o.position_max < 0 ? o.length : o.position_max;
  if (setup.position_end > o.length || o.position_min >= setup.position_end)
    throw ArgumentError(
        format("simulation: motifs may lie in [{}, {}) of a sequence of {} bases; the range must not be empty and must lie inside",
               o.position_min, setup.position_end, o.length));
  if (!o.background.empty()) setup.background = background_from_file(o.background, o.length);
  return setup;
}

}  // namespace detail

}  // namespace basewise::corpus
