#include "basewise/run/export_data.h"

#include <algorithm>
#include <cctype>

#include <nlohmann/json.hpp>

#include "basewise/core/error.h"
#include "basewise/core/outputs.h"
#include "basewise/data/several.h"
#include "basewise/io/bed.h"
#include "basewise/io/fasta.h"
#include "basewise/io/npz_writer.h"
#include "basewise/io/tsv.h"
#include "basewise/run/detail/data_arrays.h"
#include "basewise/run/example_options.h"
#include "basewise/run/run_folder.h"
#include "basewise/run/run_setup.h"
#include "basewise/seq/alphabet.h"
#include "basewise/tensor/tensors.h"
#include "basewise/tensor/tokens.h"

namespace basewise::run {
namespace {

namespace fs = std::filesystem;

constexpr const char* kLetters = "sequence";

std::vector<corpus::SetName> exported_sets(ExportSplit split) {
  using enum corpus::SetName;
  switch (split) {
    case ExportSplit::train:
      return {train};
    case ExportSplit::validation:
      return {validation};
    case ExportSplit::test:
      return {test};
    case ExportSplit::all:
      return {train, validation, test};
  }
  throw InternalError("an export of no set");
}

/// The letters of row `row` of a batch of one-hot sequences (N, 4, L) or tokens (N, L).
std::string letters_of(const at::Tensor& sequences, std::int64_t row) {
  const at::Tensor one = sequences[row].contiguous();
  if (is_tokens(sequences))
    return seq::decode({static_cast<const seq::Token*>(one.const_data_ptr()), static_cast<std::size_t>(one.numel())});
  return seq::decode(seq::tokens_of_one_hot(float_span(one)));
}

/// Names of FASTA end at a blank.
std::string without_blanks(std::string name) {
  std::replace_if(name.begin(), name.end(), [](unsigned char c) { return std::isspace(c) != 0; }, '_');
  return name;
}

/// The files of one set, which appear together at the end.
class SetFiles {
 public:
  /// `kept` are files that must not be replaced.
  SetFiles(const fs::path& folder, const std::string& name, const data::DatasetPtr& set, const std::vector<GivenPath>& kept)
      : folder_(folder), name_(name), set_(set), kept_(kept), labels_(set->schema()), places_(detail::has_places(*set)) {}

  ExportedSet write() {
    std::vector<std::string> columns = detail::origin_columns(places_);
    columns.emplace_back("made_up");
    for (const std::string& label : labels_.names())
      columns.push_back(std::find(columns.begin(), columns.end(), label) == columns.end() ? label : "label." + label);
    io::TsvWriter table(file(".tsv"), columns);
    io::FastaWriter sequences(file(".fa"));
    std::vector<io::BedRecord> windows;
    detail::each_batch(set_, [&](std::int64_t first, const Bundle& batch) {
      for (std::int64_t n = 0; n < batch_size(batch); ++n) add(first + n, n, batch, table, sequences, windows);
    });
    write_arrays();
    if (places_) io::write_bed(file(".bed"), windows);
    sequences.close();
    table.close();
    return {.name = name_, .examples = set_->size(), .files = files_};
  }

 private:
  fs::path file(const std::string& ending) {
    const fs::path path = folder_ / (name_ + ending);
    require_apart(kept_, {{"out", path}});
    return files_.emplace_back(path);
  }

  void add(std::int64_t example, std::int64_t row, const Bundle& batch, io::TsvWriter& table, io::FastaWriter& sequences,
           std::vector<io::BedRecord>& windows) {
    const data::Origin origin = set_->origin(example);
    std::vector<std::string> fields = detail::origin_fields(*set_, example, places_);
    const std::string name = without_blanks(fields[0]);
    fields.emplace_back(origin.made_up ? "1" : "0");
    for (std::string& label : labels_.fields(batch, row)) fields.push_back(std::move(label));
    table.add(fields);
    sequences.write(name, letters_of(batch.at(kLetters), row));
    if (!places_ || origin.start < 0) return;
    io::BedRecord& window = windows.emplace_back();
    window.interval = {origin.chromosome, origin.start, origin.end, origin.reverse ? seq::Strand::reverse : seq::Strand::forward};
    window.name = name;
  }

  void write_arrays() {
    std::vector<std::string> fields;
    for (const Field& field : set_->schema()) {
      const bool read = field.role == Role::input || field.role == Role::place || field.role == Role::set;
      if (!read && (field.shape.size() > 1 || field.role == Role::control)) fields.push_back(field.name);
    }
    if (fields.empty()) return;
    io::NpzWriter arrays(file(".npz"));
    for (const std::string& field : fields) detail::add_field(arrays, field, {set_}, field);
    arrays.close();
  }

  fs::path folder_;
  std::string name_;
  data::DatasetPtr set_;
  const std::vector<GivenPath>& kept_;
  detail::LabelColumns labels_;
  bool places_;
  std::vector<fs::path> files_ = {};
};

/// The recipe of a file, of a run folder (whose model is not asked for) or one that is built in.
Recipe recipe_to_export(const ExportRequest& request) {
  if (!fs::is_directory(request.source)) return load_recipe(request.source, request.set).recipe;
  if (fs::exists(fs::path(request.source) / results::kManifestFile) && read_manifest(request.source).value("given", false))
    throw ArgumentError(format("the data of {} were given by a program: export them there", request.source));
  return recipe_of_run(request.source, request.set);
}

}  // namespace

void describe(Visitor& v, ExportRequest& o) {
  v("source", o.source, "recipe, run folder, or name of a built-in recipe", required());
  v("split", o.split, "sets that are written");
  v("out", o.out, "folder for the files", required());
  v("set", o.set, "options that replace those of the recipe, as in data.negatives.ratio=2");
}

ExportResult export_data(const ExportRequest& request) {
  const data::DataSplits data = plain_data(recipe_to_export(request));
  std::vector<GivenPath> kept = given_files({}, fs::is_directory(request.source) ? request.source : "");
  kept.push_back({"source", request.source});
  for (const data::InputFile& input : data.inputs) kept.push_back({"the recipe", input.path});
  ExportResult result{.notes = data.notes};
  for (const corpus::SetName name : exported_sets(request.split)) {
    const std::vector<data::DatasetPtr> sets = data::sets_of(data[name]);
    for (std::size_t k = 0; k < sets.size(); ++k) {
      if (sets[k]->size() == 0) continue;
      const std::string own = sets.size() == 1 ? format("{}", name) : format("{}.{}", name, k);
      result.sets.push_back(SetFiles(request.out, own, sets[k], kept).write());
    }
  }
  if (result.sets.empty())
    throw ArgumentError(format("the {} set of {} is empty; look at [data.split]", request.split, request.source));
  return result;
}

}  // namespace basewise::run
