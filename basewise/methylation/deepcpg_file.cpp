#include "basewise/methylation/deepcpg_file.h"

#include <algorithm>
#include <functional>
#include <limits>
#include <map>

#include "basewise/core/error.h"

namespace basewise::methylation {
namespace {

constexpr const char* kLabels = "outputs/cpg";
constexpr const char* kNeighbours = "inputs/cpg";
constexpr const char* kDna = "inputs/dna";
constexpr const char* kAnnotations = "inputs/annos";
constexpr std::int64_t kWidest = 1'000'001;  // bases or neighbours of a site: more means a damaged file

std::string cell_path(const char* group, const std::string& cell, const char* what = "") {
  return format("{}/{}{}{}", group, cell, *what ? "/" : "", what);
}

std::vector<std::string> names_in(const io::H5File& file, const char* group, io::H5Kind kind) {
  std::vector<std::string> names;
  if (!file.contains(group)) return names;
  for (const io::H5Entry& entry : file.list(group))
    if (entry.kind == kind) names.push_back(entry.name);
  return names;
}

/// The shape of a data set, which must have `rows` rows and so many axes.
std::vector<std::int64_t> shape_of(const io::H5File& file, const std::string& name, std::int64_t rows, std::size_t axes) {
  const auto shape = file.info(name).shape;
  if (shape.size() != axes || shape[0] != rows)
    throw DataError(format("{}: data set '{}' has shape [{}]; expected {} axes and {} rows, as 'pos' has", file.path().string(), name,
                           fmt::join(shape, ", "), axes, rows));
  return shape;
}

}  // namespace

DeepCpgFile::DeepCpgFile(const std::filesystem::path& path) : file_(path) {
  if (!file_.contains("pos") || !file_.contains("chromo"))
    throw DataError(format("{}: lacks 'chromo' or 'pos'; a data file of DeepCpG has both", path.string()));
  if (file_.info("pos").shape.size() != 1) throw DataError(format("{}: data set 'pos' is no list of positions", path.string()));
  positions_ = file_.read<std::int64_t>("pos");
  shape_of(file_, "chromo", size(), 1);
  chromosomes_ = file_.read_text("chromo");
  for (std::int64_t& position : positions_) {
    if (position < 1 || position > std::numeric_limits<std::int32_t>::max())
      throw DataError(format("{}: position {} of 'pos'; positions count from 1", path.string(), position));
    --position;
  }
  cells_ = names_in(file_, kLabels, io::H5Kind::data_set);
  annotations_ = names_in(file_, kAnnotations, io::H5Kind::data_set);
  for (const std::string& cell : cells_) shape_of(file_, cell_path(kLabels, cell), size(), 1);
  for (const std::string& name : annotations_) shape_of(file_, cell_path(kAnnotations, name), size(), 1);
  if (file_.contains(kDna)) dna_ = shape_of(file_, kDna, size(), 2)[1];
  if (dna_ > kWidest) throw DataError(format("{}: data set '{}' has {} bases; expected at most {}", path.string(), kDna, dna_, kWidest));
  look_at_neighbours();
}

void DeepCpgFile::look_at_neighbours() {
  const auto with_neighbours = names_in(file_, kNeighbours, io::H5Kind::group);
  if (with_neighbours.empty()) return;
  if (cells_.empty()) cells_ = with_neighbours;
  if (cells_ != with_neighbours)
    throw DataError(format("{}: cells with labels ({}) and with neighbours ({}) differ", file_.path().string(), fmt::join(cells_, ", "),
                           fmt::join(with_neighbours, ", ")));
  for (const std::string& cell : cells_)
    for (const char* what : {"state", "dist"}) {
      const std::string name = cell_path(kNeighbours, cell, what);
      const std::int64_t width = shape_of(file_, name, size(), 2)[1];
      if (width < 2 || width > kWidest || width % 2 != 0 || (width_ > 0 && width != width_))
        throw DataError(format("{}: data set '{}' has {} neighbours; expected an even number, the same for all cells",
                               file_.path().string(), name, width));
      width_ = width;
    }
}

std::vector<std::int8_t> DeepCpgFile::numbers(const std::string& name, std::int64_t begin, std::int64_t end, std::int8_t least,
                                              std::int8_t most) const {
  const auto shape = file_.info(name).shape;
  std::int64_t elements = end - begin;
  for (std::size_t axis = 1; axis < shape.size(); ++axis) elements *= shape[axis];
  std::vector<std::int8_t> values(static_cast<std::size_t>(std::max<std::int64_t>(elements, 0)));
  file_.read_rows<std::int8_t>(name, begin, end, values);
  const auto bad = std::find_if(values.begin(), values.end(), [&](std::int8_t value) { return value < least || value > most; });
  if (bad != values.end())
    throw DataError(format("{}: data set '{}' holds {}; expected {} to {}", file_.path().string(), name, *bad, least, most));
  return values;
}

std::vector<std::int8_t> DeepCpgFile::labels(std::size_t cell, std::int64_t begin, std::int64_t end) const {
  return numbers(cell_path(kLabels, cells_.at(cell)), begin, end, -1, 1);
}

std::vector<std::int8_t> DeepCpgFile::annotation(std::string_view name, std::int64_t begin, std::int64_t end) const {
  return numbers(cell_path(kAnnotations, std::string(name)), begin, end, 0, 1);
}

void DeepCpgFile::neighbours(std::size_t cell, std::int64_t begin, std::int64_t end, std::span<float> states,
                             std::span<std::int32_t> distances) const {
  const std::string state = cell_path(kNeighbours, cells_.at(cell), "state"), dist = cell_path(kNeighbours, cells_.at(cell), "dist");
  file_.read_rows<float>(state, begin, end, states);
  std::vector<double> bases(distances.size());  // other programs write them as float32
  file_.read_rows<double>(dist, begin, end, bases);
  for (std::size_t i = 0; i < bases.size(); ++i) {
    const bool missing = states[i] == -1 && bases[i] == -1;
    if (!missing && !(states[i] >= 0 && states[i] <= 1 && bases[i] >= 1 && bases[i] <= std::numeric_limits<std::int32_t>::max()))
      throw DataError(format("{}: row {} of '{}' has state {} at distance {}; expected 0 to 1 at 1 or more bases, or -1 for both",
                             file_.path().string(), begin + static_cast<std::int64_t>(i) / width_, state, states[i], bases[i]));
    distances[i] = static_cast<std::int32_t>(bases[i]);
  }
}

std::vector<seq::Token> DeepCpgFile::tokens(std::int64_t begin, std::int64_t end) const {
  std::vector<seq::Token> tokens;
  for (const std::int8_t code : numbers(kDna, begin, end, 0, seq::kN)) {
    const auto token = std::find(kDeepCpgCodes.begin(), kDeepCpgCodes.end(), code) - kDeepCpgCodes.begin();
    tokens.push_back(static_cast<seq::Token>(token));
  }
  return tokens;
}

namespace {

/// The chromosomes of a table by name, new ones at its end.
std::size_t place_of(CallTable& table, std::map<std::string, std::size_t>& places, const std::string& name) {
  const auto [at, is_new] = places.try_emplace(name, table.chromosomes.size());
  if (!is_new) return at->second;
  table.chromosomes.push_back(name);
  for (CellCalls& cell : table.cells) cell.chroms.emplace_back();
  return at->second;
}

void add_file(CallTable& table, std::map<std::string, std::size_t>& places, const DeepCpgFile& file) {
  for (std::size_t cell = 0; cell < table.cells.size(); ++cell) {
    const auto labels = file.labels(cell, 0, file.size());
    for (std::size_t i = 0; i < labels.size(); ++i) {
      if (labels[i] < 0) continue;
      ChromCalls& chrom = table.cells[cell].chroms[place_of(table, places, file.chromosomes()[i])];
      chrom.positions.push_back(static_cast<std::uint32_t>(file.positions()[i]));
      chrom.shares.push_back(static_cast<float>(labels[i]));
    }
  }
}

void check_order(const CallTable& table, const std::string& first_file) {
  for (const CellCalls& cell : table.cells)
    for (std::size_t chrom = 0; chrom < cell.chroms.size(); ++chrom) {
      const auto& positions = cell.chroms[chrom].positions;
      if (std::adjacent_find(positions.begin(), positions.end(), std::greater_equal<>()) != positions.end())
        throw DataError(
            format("{}: sites of chromosome {} are not sorted or stand twice in these files; give them in the order of their positions",
                   first_file, table.chromosomes[chrom]));
    }
}

}  // namespace

CallTable read_deepcpg_calls(const std::vector<std::filesystem::path>& files, const std::vector<std::string>& chromosomes) {
  CallTable table;
  std::map<std::string, std::size_t> places;
  for (const auto& path : files) {
    const DeepCpgFile file(path);
    if (table.cells.empty())
      for (const std::string& cell : file.cells()) table.cells.push_back({.name = cell, .file = path});
    std::vector<std::string> names;
    for (const CellCalls& cell : table.cells) names.push_back(cell.name);
    if (names != file.cells() || names.empty())
      throw DataError(format("{}: has the cells ({}); the files before it have ({})", path.string(), fmt::join(file.cells(), ", "),
                             fmt::join(names, ", ")));
    add_file(table, places, file);
  }
  check_order(table, files.front().string());
  keep_chromosomes(table, chromosomes);
  return table;
}

}  // namespace basewise::methylation
