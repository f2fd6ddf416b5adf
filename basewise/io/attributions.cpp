#include "basewise/io/attributions.h"

#include <algorithm>
#include <optional>
#include <utility>

#include <nlohmann/json.hpp>

#include "basewise/core/json.h"
#include "basewise/core/some_of.h"
#include "basewise/io/bed.h"
#include "basewise/io/detail/attribution_arrays.h"
#include "basewise/io/detail/bytes.h"
#include "basewise/io/npy.h"
#include "basewise/io/npz.h"
#include "basewise/io/tsv.h"
#include "basewise/seq/interval.h"

namespace basewise::io {

using namespace detail;

namespace {

namespace fs = std::filesystem;

constexpr std::string_view kSchema = "basewise/attribution/1";

enum class FileKind { folder, hdf5, npz, npy, other };

FileKind kind_of(const fs::path& path) {
  if (fs::is_directory(path)) return FileKind::folder;
  const PositionedFile file(path);
  const std::string start = file.read(0, std::min<std::uint64_t>(file.size(), 8), "the beginning");
  if (start == std::string_view("\x89HDF\r\n\x1a\n", 8)) return FileKind::hdf5;
  if (start.starts_with(std::string_view("PK", 2))) return FileKind::npz;
  if (start.starts_with("\x93NUMPY")) return FileKind::npy;
  return FileKind::other;
}

RowArray numpy_rows(const fs::path& path) {
  switch (kind_of(path)) {
    case FileKind::npy:
      return rows_of(read_npy(path), path.string() + ": the array");
    case FileKind::npz: {
      const NpzFile file(path);
      if (file.contains("arr_0")) return rows_of(file.read("arr_0"), format("{}: array 'arr_0'", path.string()));
      if (file.names().size() == 1) return rows_of(file.read(file.names()[0]), format("{}: array '{}'", path.string(), file.names()[0]));
      throw DataError(format("{}: has the arrays {}; one array, or one named arr_0, was expected", path.string(),
                             some_of(file.names(), "'", 10, "none")));
    }
    default:
      throw DataError(
          format("{}: is neither .npz nor .npy; sequences and attributions come as such a pair, as an HDF5 file, or as a folder of "
                 "basewise attribute",
                 path.string()));
  }
}

// Loci as the files give them, before they are cut to the window.
std::vector<AttributionLocus> folder_loci(const fs::path& path) {
  TsvReader table(path, plain_table());
  std::vector<AttributionLocus> loci;
  while (table.next()) {
    if (table.integer("example") != static_cast<std::int64_t>(loci.size()))
      table.fail(format("example {} where {} was expected; examples count from 0 without gaps", table.text("example"), loci.size()));
    AttributionLocus locus{.name = std::string(table.text("name")), .chrom = std::string(table.text("chrom"))};
    if (!locus.chrom.empty()) {
      locus.start = table.integer("start");
      locus.end = table.integer("end");
      const auto strand = table.text("strand").empty() ? std::optional(seq::Strand::none) : seq::find_strand(table.text("strand"));
      if (!strand) table.fail(format("strand is '{}'; +, - or . was expected", table.text("strand")));
      locus.reverse = strand == seq::Strand::reverse;
    }
    loci.push_back(std::move(locus));
  }
  return loci;
}

// An interval as long as the examples: as it is, or around its centre.
AttributionLocus centred(std::string name, std::string chrom, std::int64_t start, std::int64_t end, std::int64_t focus, std::int64_t length,
                         std::int64_t& moved) {
  if (end - start == length) return {std::move(name), std::move(chrom), start, end};
  ++moved;
  return {std::move(name), std::move(chrom), focus - length / 2, focus - length / 2 + length};
}

void note_moved(std::vector<std::string>& notes, const std::string& where, std::int64_t moved, std::int64_t length) {
  if (moved > 0)
    notes.push_back(
        format("{}: {} intervals are not {} long, as the examples are; their examples lie around summit or centre", where, moved, length));
}

std::vector<AttributionLocus> bed_loci(const fs::path& path, std::int64_t length, std::vector<std::string>& notes) {
  BedReader reader(path);
  std::vector<AttributionLocus> loci;
  std::int64_t moved = 0;
  // Strands of peaks say nothing about how their windows were read.
  for (BedRecord record; reader.next(record);) {
    loci.push_back(centred(record.name, record.interval.chrom, record.interval.start, record.interval.end, record.focus(), length, moved));
    if (loci.back().start < 0)
      throw DataError(format("{}: interval {} ({}:{}-{}): an example of {} bases around its middle begins before the chromosome; are these "
                             "the intervals of the examples?",
                             path.string(), loci.size(), record.interval.chrom, record.interval.start, record.interval.end, length));
  }
  note_moved(notes, path.string(), moved, length);
  return loci;
}

std::vector<AttributionLocus> coordinate_loci(const H5File& file, std::int64_t length, std::vector<std::string>& notes) {
  const std::vector<std::string> chroms = file.read_text("coords_chrom");
  const std::vector<std::int64_t> starts = file.read<std::int64_t>("coords_start"), ends = file.read<std::int64_t>("coords_end");
  if (starts.size() != chroms.size() || ends.size() != chroms.size())
    throw DataError(format("{}: coords_chrom, coords_start and coords_end have {}, {} and {} values", file.path().string(), chroms.size(),
                           starts.size(), ends.size()));
  std::vector<AttributionLocus> loci;
  std::int64_t moved = 0;
  for (std::size_t i = 0; i < chroms.size(); ++i) {
    if (starts[i] < 0 || ends[i] < starts[i])
      throw DataError(format("{}: example {} lies at {} to {}", file.path().string(), i, starts[i], ends[i]));
    loci.push_back(centred("", chroms[i], starts[i], ends[i], starts[i] + (ends[i] - starts[i]) / 2, length, moved));
  }
  note_moved(notes, file.path().string(), moved, length);
  return loci;
}

// Compares loci with the examples and cuts them as these were cut.
void fit_loci(std::vector<AttributionLocus>& loci, const Assembled& read, const std::string& where) {
  if (static_cast<std::int64_t>(loci.size()) != read.set.examples)
    throw DataError(format("{}: has {} loci, but there are {} examples", where, loci.size(), read.set.examples));
  for (std::size_t i = 0; i < loci.size(); ++i) {
    AttributionLocus& locus = loci[i];
    if (locus.chrom.empty()) continue;
    if (locus.end - locus.start != read.full_length)
      throw DataError(format("{}: locus {} ({}:{}-{}) is not as long as the examples, {}", where, i, locus.chrom, locus.start, locus.end,
                             read.full_length));
    locus.start += locus.reverse ? read.full_length - read.window.from - read.window.length : read.window.from;
    locus.end = locus.start + read.window.length;
  }
}

Attributions finish(Assembled read, const RowArray& scores) {
  Attributions out{.set = std::move(read.set)};
  if (read.all_zero) out.notes.push_back(format("{}: every attribution is 0", scores.where));
  if (!read.all_zero && out.set.hypothetical.empty())
    out.notes.push_back(format("{}: only letters that are there have attributions", scores.where));
  if (read.window.length < read.full_length)
    out.notes.push_back(format("{}: {} positions at the centre of {} are used", scores.where, read.window.length, read.full_length));
  return out;
}

bool says_hypothetical(const fs::path& path) {
  const nlohmann::ordered_json about = read_json(path);
  const auto word = [&](const char* key) { return about.is_object() && about.contains(key) ? about[key] : nlohmann::ordered_json(); };
  const auto schema = word("schema"), hypothetical = word("hypothetical");
  if (!schema.is_string() || schema.get<std::string>() != kSchema)
    throw DataError(format("{}: schema is {}; \"{}\" was expected", path.string(), json_text(schema), kSchema));
  if (!hypothetical.is_boolean())
    throw DataError(format("{}: hypothetical is {}; true or false was expected", path.string(), json_text(hypothetical)));
  return hypothetical.get<bool>();
}

// Arrays, places in the files themselves, and what the files say of the scores.
struct Layout {
  RowArray sequences;
  RowArray scores;
  std::optional<bool> hypothetical = {};
};

Layout hdf5_layout(const H5File& file) {
  if (file.contains("raw/seq") && file.contains("shap/seq")) return {rows_of(file, "raw/seq"), rows_of(file, "shap/seq")};
  if (file.contains("raw/seq") && file.contains("projected_shap/seq"))
    return {rows_of(file, "raw/seq"), rows_of(file, "projected_shap/seq"), false};
  if (file.contains("input_seqs") && file.contains("hyp_scores")) return {rows_of(file, "input_seqs"), rows_of(file, "hyp_scores")};
  throw DataError(
      format("{}: holds {}; raw/seq with shap/seq or projected_shap/seq (ChromBPNet), or input_seqs with hyp_scores (bpnet-refactor) "
             "were expected",
             file.path().string(), some_of(file.data_sets(), "'", 10, "no data set")));
}

}  // namespace

Attributions read_attributions(const AttributionFiles& files) {
  const FileKind kind = kind_of(files.attributions);
  const bool pair = kind != FileKind::folder && kind != FileKind::hdf5;
  const std::string where = files.attributions.string();
  if (pair && files.sequences.empty())
    throw ArgumentError(format("{}: holds attributions without sequences; give the .npz or .npy file of one-hot sequences as well", where));
  if (!pair && !files.sequences.empty())
    throw ArgumentError(format("{}: holds sequences of its own; '{}' is one file too many", where, files.sequences.string()));

  std::optional<H5File> file;
  if (kind == FileKind::hdf5) file.emplace(files.attributions);
  const fs::path& folder = files.attributions;
  if (kind == FileKind::folder && !fs::exists(folder / "attribute.json"))
    throw DataError(
        format("{}: holds no attribute.json, which basewise attribute writes last; expected a folder that it finished", folder.string()));
  const Layout layout = kind == FileKind::folder ? Layout{numpy_rows(folder / "sequences.npz"), numpy_rows(folder / "attributions.npz"),
                                                          says_hypothetical(folder / "attribute.json")}
                        : file                   ? hdf5_layout(*file)
                                                 : Layout{numpy_rows(files.sequences), numpy_rows(files.attributions)};
  Assembled read = assemble(layout.sequences, layout.scores, files.window, layout.hypothetical);
  std::vector<AttributionLocus> loci;
  std::vector<std::string> notes;
  std::string loci_where = where;
  if (!files.loci.empty()) {
    loci = bed_loci(files.loci, read.full_length, notes);
    loci_where = files.loci.string();
  } else if (kind == FileKind::folder && fs::exists(folder / "loci.tsv")) {
    loci_where = (folder / "loci.tsv").string();
    loci = folder_loci(loci_where);
  } else if (file && file->contains("coords_chrom")) {
    loci = coordinate_loci(*file, read.full_length, notes);
  }
  if (!files.loci.empty() || !loci.empty()) fit_loci(loci, read, loci_where);
  Attributions out = finish(std::move(read), layout.scores);
  out.loci = std::move(loci);
  out.notes.insert(out.notes.end(), notes.begin(), notes.end());
  return out;
}

}  // namespace basewise::io
