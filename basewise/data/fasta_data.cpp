#include "basewise/data/fasta_data.h"

#include <algorithm>
#include <map>
#include <optional>

#include "basewise/core/error.h"
#include "basewise/corpus/registry.h"
#include "basewise/data/build.h"
#include "basewise/data/detail/build_parts.h"
#include "basewise/data/detail/label_columns.h"
#include "basewise/data/detail/label_table.h"
#include "basewise/data/detail/sequence_builder.h"
#include "basewise/data/detail/sequence_sets.h"
#include "basewise/io/fasta.h"

namespace basewise::data {

namespace {

// Text behind "key=" up to the next blank of a header; nothing when the key is not there.
std::optional<std::string_view> header_field(std::string_view header, const std::string& key) {
  for (std::size_t at = header.find(key + "="); at != std::string_view::npos; at = header.find(key + "=", at + 1)) {
    if (at > 0 && header[at - 1] != ' ' && header[at - 1] != '\t' && header[at - 1] != ';') continue;
    const std::string_view rest = header.substr(at + key.size() + 1);
    return rest.substr(0, rest.find_first_of(" \t;"));
  }
  return std::nullopt;
}

std::vector<float> labels_of_header(const FastaDataOptions& o, const io::FastaRecord& record, const FilePosition& where) {
  const auto field = header_field(record.description, o.label_key);
  if (!field) throw_data_error(where, format("the header of '{}' has no field \"{}=...\" with its labels", record.name, o.label_key));
  std::vector<float> labels;
  std::string_view rest = *field;
  while (true) {
    const std::size_t comma = rest.find(',');
    const auto value = detail::parse_label(rest.substr(0, comma));
    if (!value)
      throw_data_error(where,
                       format("'{}' in the labels of '{}' is no finite number; a missing label is NA", rest.substr(0, comma), record.name));
    labels.push_back(*value);
    if (comma == std::string_view::npos) return labels;
    rest.remove_prefix(comma + 1);
  }
}

// Whether labels follow from the file that a sequence stands in.
bool labels_by_file(const FastaDataOptions& o) { return o.all_positive || !o.negatives.empty(); }

void check_roles(const FastaDataOptions& o) {
  if (o.file.empty()) throw ArgumentError("fasta: the option 'file' is missing");
  if (!o.negatives.empty() + !o.label_key.empty() + !o.table.empty() + o.all_positive > 1)
    throw ArgumentError("fasta: labels come from one of 'negatives', 'label_key', 'table' and 'all_positive'; more than one is given");
  if (o.table.empty() && !o.targets.empty()) throw ArgumentError("fasta: 'targets' are made of columns of a 'table', which is missing");
  struct OwnSet {
    const char* name;
    const FileList& file;
    const FileList& negatives;
  };
  for (const OwnSet& set :
       {OwnSet{"validation", o.validation_file, o.validation_negatives}, OwnSet{"test", o.test_file, o.test_negatives}}) {
    if (!set.negatives.empty() && set.file.empty())
      throw ArgumentError(format("fasta: '{0}_negatives' without '{0}_file', which holds the positives of the {0} set", set.name));
    if (!set.negatives.empty() && !labels_by_file(o))
      throw ArgumentError(format(
          "fasta: '{}_negatives' means that files give the labels; then training needs 'negatives' or 'all_positive' too", set.name));
    if (!set.file.empty() && set.negatives.empty() && !o.negatives.empty())
      throw ArgumentError(format("fasta: '{0}_file' holds the positives of the {0} set; '{0}_negatives' is missing", set.name));
  }
}

// Reads the files of all sets, one after the other.
class FastaFiles {
 public:
  FastaFiles(const FastaDataOptions& o, const SplitColumns& split)
      : o_(o),
        builder_(detail::source_of({&o.file, &o.negatives, &o.validation_file, &o.validation_negatives, &o.test_file, &o.test_negatives}),
                 o.length, o.ambiguity),
        split_(split) {
    std::vector<std::string>& names = builder_.data().label_names;
    names = o.label_names;
    if (labels_by_file(o) && names.empty()) names = {"positive"};
    if (o.table.empty()) return;
    table_.emplace(detail::LabelTableOptions{o.table, o.table_name, labels_of_targets(o.targets, o.labels), split});
    names = table_->label_names();
  }

  SequenceDataPtr read() {
    SequenceData& data = builder_.data();
    read_set(o_.file, o_.negatives);
    split_ = {};
    data.validation_rows = read_set(o_.validation_file, o_.validation_negatives);
    data.test_rows = read_set(o_.test_file, o_.test_negatives);
    data.targets = o_.targets;
    if (table_)
      for (std::string& note : table_->notes(data.source)) data.notes.push_back(std::move(note));
    return builder_.finish();
  }

 private:
  std::int64_t read_set(const FileList& files, const FileList& negatives) {
    const std::int64_t before = builder_.data().size();
    for (const std::filesystem::path& file : files) read_one(corpus::resolve_path(file.string()), 1);
    for (const std::filesystem::path& file : negatives) read_one(corpus::resolve_path(file.string()), 0);
    return builder_.data().size() - before;
  }

  void read_one(const std::filesystem::path& path, float label) {
    io::FastaReader reader(path, {.ambiguity = o_.ambiguity, .allow_duplicates = true});
    io::FastaRecord record;
    SequenceData& data = builder_.data();
    std::map<std::string, std::int64_t> seen;
    while (reader.next(record)) {
      const FilePosition where{path.string(), record.line};
      // Names mean something only where a table goes by them.
      if (++seen[record.name] > 1 && table_)
        throw_data_error(where, format("the name '{}' occurs twice, and the labels go by name; give every sequence a name of its own",
                                       record.name));
      const std::vector<float> labels = labels_of(record, where, label);
      for (std::size_t t = data.label_names.size(); data.size() == 0 && t < labels.size(); ++t)
        data.label_names.push_back(format("label_{}", t));
      if (labels.size() != data.label_names.size())
        throw_data_error(where, format("'{}' has {} labels, expected {} ({})", record.name, labels.size(), data.label_names.size(),
                                       fmt::join(data.label_names, ", ")));
      builder_.add(record.name, record.sequence, where);
      data.labels.insert(data.labels.end(), labels.begin(), labels.end());
    }
    const auto repeated = std::count_if(seen.begin(), seen.end(), [](const auto& name) { return name.second > 1; });
    if (repeated > 0)
      data.notes.push_back(format("{}: {} name{} more than once; they stay as they are", path.filename().string(), repeated,
                                  repeated == 1 ? " occurs" : "s occur"));
    if (reader.report().skipped > 0) data.notes.push_back(format("{}: {}", path.filename().string(), reader.report().summary()));
  }

  std::vector<float> labels_of(const io::FastaRecord& record, const FilePosition& where, float label) {
    if (table_) {
      const SplitColumns words = table_->words(record.name);
      if (!split_.set.empty()) builder_.data().sets.push_back(words.set);
      if (!split_.group.empty()) builder_.data().groups.push_back(words.group);
      return table_->labels(record.name);
    }
    if (!o_.label_key.empty()) return labels_of_header(o_, record, where);
    return labels_by_file(o_) ? std::vector<float>{label} : std::vector<float>{};
  }

  const FastaDataOptions& o_;
  detail::SequenceBuilder builder_;
  SplitColumns split_;
  std::optional<detail::LabelTable> table_;
};

DataSplits build_fasta(const DataOptions& o, std::uint64_t seed) {
  return detail::split_sequences(o, seed, ", column or group of their table, or the chromosome of their names", [&](DataSplits& splits) {
    const FastaDataOptions& f = o.fasta;
    for (const FileList* files :
         {&f.file, &f.negatives, &f.validation_file, &f.validation_negatives, &f.test_file, &f.test_negatives, &f.table})
      detail::add_inputs(splits, *files);
    SplitColumns columns;
    if (o.split.by == corpus::SplitBy::column && !f.table.empty()) columns.set = o.split.column;
    if (o.split.by == corpus::SplitBy::group && !f.table.empty()) columns.group = o.split.group;
    return read_labelled_fasta(f, columns);
  });
}

}  // namespace

void describe(Visitor& v, FastaDataOptions& o) {
  v("file", o.file, "FASTA files with the sequences");
  v("all_positive", o.all_positive, "every sequence has label 1, as where data.negatives makes the others up");
  v("negatives", o.negatives, "further FASTA files: their sequences get label 0, those of `file` label 1");
  v("label_key", o.label_key, "key of a header field that holds the labels, as in >name label=0,1,NA");
  v("label_names", o.label_names, "names of the labels in headers");
  v("table", o.table, "tables (tabs or commas) with the labels, one row per sequence");
  v("table_name", o.table_name, "column of the table with the names of the sequences");
  v("labels", o.labels,
    "label columns of the table; empty: columns of numbers whose names are not those of places or marks; notes say which");
  v.list("targets", o.targets,
         "in place of labels: several targets, each with the columns of its labels, for heads with losses of their own");
  v("validation_file", o.validation_file, "further FASTA files, labelled as those of `file`: the validation set");
  v("validation_negatives", o.validation_negatives, "with label 0 in the validation set");
  v("test_file", o.test_file, "further FASTA files, labelled as those of `file`: the test set");
  v("test_negatives", o.test_negatives, "with label 0 in the test set");
  v("ambiguity", o.ambiguity, "what IUPAC letters other than N become",
    one_of({seq::Ambiguity::error, seq::Ambiguity::as_n}));
  v.group("length", o.length, "one length for all");
}

SequenceDataPtr read_labelled_fasta(const FastaDataOptions& o, const SplitColumns& split) {
  check_roles(o);
  return FastaFiles(o, split).read();
}

const DataKind kFastaKind{"fasta",
                          [](Visitor& v, DataOptions& o) {
                            v.group("fasta", o.fasta, "sequences in FASTA, labels in headers, in a table or by file");
                          },
                          build_fasta};

}  // namespace basewise::data
