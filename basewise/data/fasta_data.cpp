#include "basewise/data/fasta_data.h"

#include <algorithm>
#include <limits>
#include <map>

#include "basewise/core/error.h"
#include "basewise/corpus/registry.h"
#include "basewise/data/build.h"
#include "basewise/data/detail/build_parts.h"
#include "basewise/data/detail/sequence_builder.h"
#include "basewise/data/detail/sequence_sets.h"
#include "basewise/io/fasta.h"
#include "basewise/io/tsv.h"

namespace basewise::data {

namespace {

using LabelTable = std::map<std::string, std::vector<float>, std::less<>>;

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
      throw_data_error(where, format("'{}' in the labels of '{}' is no number; a missing label is NA", rest.substr(0, comma), record.name));
    labels.push_back(*value);
    if (comma == std::string_view::npos) return labels;
    rest.remove_prefix(comma + 1);
  }
}

LabelTable read_labels(const FastaDataOptions& o, std::vector<std::string>& names) {
  io::TsvReader table(corpus::resolve_path(o.table.string()));
  const std::size_t key = table.column(o.table_name);
  std::vector<std::size_t> columns;
  for (const std::string& label : o.labels) columns.push_back(table.column(label));
  for (std::size_t c = 0; o.labels.empty() && c < table.columns().size(); ++c)
    if (c != key) columns.push_back(c);
  for (const std::size_t c : columns) names.push_back(table.columns()[c]);
  LabelTable labels;
  while (table.next()) {
    std::vector<float> row;
    for (const std::size_t c : columns) {
      const auto value = detail::parse_label(table.text(c));
      if (!value)
        table.fail(format("label '{}' in column '{}' is no number; a missing label is empty or NA", table.text(c), table.columns()[c]));
      row.push_back(*value);
    }
    if (!labels.emplace(table.text(key), std::move(row)).second) table.fail(format("the sequence '{}' has a second row", table.text(key)));
  }
  return labels;
}

// Reads one file; `labels_of` gives the labels of a record.
template <class F>
void read_records(const std::filesystem::path& path, const FastaDataOptions& o, detail::SequenceBuilder& builder, F&& labels_of) {
  io::FastaReader reader(path, {.ambiguity = o.ambiguity});
  io::FastaRecord record;
  SequenceData& data = builder.data();
  while (reader.next(record)) {
    const FilePosition where{path.string(), record.line};
    const std::vector<float> labels = labels_of(record, where);
    for (std::size_t t = data.label_names.size(); data.size() == 0 && t < labels.size(); ++t)
      data.label_names.push_back(format("label_{}", t));
    if (labels.size() != data.label_names.size())
      throw_data_error(where, format("'{}' has {} labels, expected {} ({})", record.name, labels.size(), data.label_names.size(),
                                     fmt::join(data.label_names, ", ")));
    builder.add(record.name, record.sequence, where);
    data.labels.insert(data.labels.end(), labels.begin(), labels.end());
  }
  if (reader.report().skipped > 0) data.notes.push_back(format("{}: {}", path.filename().string(), reader.report().summary()));
}

void read_with_table(const std::filesystem::path& path, const FastaDataOptions& o, detail::SequenceBuilder& builder) {
  const LabelTable table = read_labels(o, builder.data().label_names);
  const std::vector<float> missing(builder.data().label_names.size(), std::numeric_limits<float>::quiet_NaN());
  std::int64_t unlabelled = 0;
  read_records(path, o, builder, [&](const io::FastaRecord& record, const FilePosition&) {
    const auto row = table.find(record.name);
    unlabelled += row == table.end();
    return row == table.end() ? missing : row->second;
  });
  if (unlabelled == builder.data().size())
    throw DataError(format("{}: none of its sequences has a row in {}; compare their names", path.string(), o.table.string()));
  if (unlabelled > 0)
    builder.data().notes.push_back(format("{} sequences have no row in the label table: their labels are missing", unlabelled));
}

DataSplits build_fasta(const DataOptions& o, std::uint64_t seed) {
  return detail::split_sequences(o, seed, " or the chromosome of their names", [&](DataSplits& splits) {
    for (const std::filesystem::path& file : {o.fasta.file, o.fasta.negatives, o.fasta.table}) detail::add_input(splits, file);
    return read_labelled_fasta(o.fasta);
  });
}

}  // namespace

void describe(Visitor& v, FastaDataOptions& o) {
  v("file", o.file, "FASTA file with the sequences");
  v("all_positive", o.all_positive, "every sequence has label 1, as where data.negatives makes the others up");
  v("negatives", o.negatives, "second FASTA file: its sequences get label 0, those of `file` label 1");
  v("label_key", o.label_key, "key of a header field that holds the labels, as in >name label=0,1,NA");
  v("label_names", o.label_names, "names of the labels in headers");
  v("table", o.table, "table with the labels, one row per sequence");
  v("table_name", o.table_name, "column of the table with the names of the sequences");
  v("labels", o.labels, "label columns of the table; empty: all others");
  v("ambiguity", o.ambiguity, "what IUPAC letters other than N become",
    one_of({seq::Ambiguity::error, seq::Ambiguity::as_n}));
  v.group("length", o.length, "one length for all");
}

SequenceDataPtr read_labelled_fasta(const FastaDataOptions& o) {
  if (o.file.empty()) throw ArgumentError("fasta: the option 'file' is missing");
  if (!o.negatives.empty() + !o.label_key.empty() + !o.table.empty() + o.all_positive > 1)
    throw ArgumentError("fasta: labels come from one of 'negatives', 'label_key', 'table' and 'all_positive'; more than one is given");
  const std::filesystem::path path = corpus::resolve_path(o.file.string());
  detail::SequenceBuilder builder(path.string(), o.length, o.ambiguity);
  builder.data().label_names = o.label_names;
  const auto constant = [](float label) {
    return [label](const io::FastaRecord&, const FilePosition&) { return std::vector<float>{label}; };
  };
  if (!o.table.empty()) {
    builder.data().label_names.clear();
    read_with_table(path, o, builder);
  } else if (!o.label_key.empty()) {
    read_records(path, o, builder,
                 [&](const io::FastaRecord& record, const FilePosition& where) { return labels_of_header(o, record, where); });
  } else if (!o.negatives.empty()) {
    if (o.label_names.empty()) builder.data().label_names = {"positive"};
    read_records(path, o, builder, constant(1));
    read_records(corpus::resolve_path(o.negatives.string()), o, builder, constant(0));
  } else if (o.all_positive) {
    if (o.label_names.empty()) builder.data().label_names = {"positive"};
    read_records(path, o, builder, constant(1));
  } else {
    read_records(path, o, builder, [](const io::FastaRecord&, const FilePosition&) { return std::vector<float>{}; });
  }
  return builder.finish();
}

const DataKind kFastaKind{"fasta",
                          [](Visitor& v, DataOptions& o) {
                            v.group("fasta", o.fasta, "sequences in FASTA, labels in headers, in a table or by file");
                          },
                          build_fasta};

}  // namespace basewise::data
