#include "basewise/run/detail/predict_rows.h"

#include <algorithm>

#include "basewise/core/error.h"
#include "basewise/corpus/windows.h"
#include "basewise/data/fasta_data.h"
#include "basewise/data/sequence_source.h"
#include "basewise/data/table.h"
#include "basewise/infer/batched.h"
#include "basewise/infer/genome.h"
#include "basewise/io/bed.h"
#include "basewise/io/npz.h"
#include "basewise/io/tsv.h"
#include "basewise/tensor/tensors.h"

namespace basewise::run::detail {
namespace {

namespace fs = std::filesystem;

/// Columns that name the rows.
struct RowNames {
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> rows;
};

void write_rows(const PredictJob& job, RowNames names, const at::Tensor& values, const fs::path& file) {
  const auto channels = channel_names(job, values.size(1), false);
  names.columns.insert(names.columns.end(), channels.begin(), channels.end());
  const auto numbers = float_span(values);
  for (std::size_t n = 0; n < names.rows.size(); ++n)
    for (std::size_t c = 0; c < channels.size(); ++c)
      names.rows[n].push_back(format("{}", numbers[n * channels.size() + c]));
  io::write_tsv(file, names.columns, names.rows);
}

void write_array(const PredictJob& job, const at::Tensor& values, const fs::path& file) {
  io::NpzWriter writer(file);
  writer.add(job.output, io::TensorView::of(float_span(values), values.sizes().vec()));
  writer.close();
}

/// Writes one file and returns its path.
fs::path write_values(const PredictJob& job, const RowNames& names, const at::Tensor& values, PredictFormat as) {
  const fs::path file = format("{}.{}", job.options.out.string(), as);
  switch (as) {
    case PredictFormat::bigwig:
      throw ArgumentError("bigwig needs a genome and an output per position");
    case PredictFormat::tsv:
      if (values.dim() != 2)
        throw ArgumentError(format("output '{}' has shape {}: tsv holds one row of values per sequence, write npz",
                                   job.output, shape_text(values.sizes())));
      write_rows(job, names, values, file);
      return file;
    case PredictFormat::npz:
      write_array(job, values, file);
      return file;
  }
  throw InternalError("unknown format of predictions");
}

PredictResult predict_dataset(const PredictJob& job, const data::DatasetPtr& dataset, RowNames names,
                              PredictResult result) {
  const auto& o = job.options;
  infer::BatchOptions batches;
  batches.batch_size = o.batch_size;
  batches.progress = "predict";
  std::vector<at::Tensor> parts;
  infer::predict_batches(dataset, job.score, batches, [&](std::int64_t, const Bundle& outputs, const Bundle&) {
    parts.push_back(infer::activate(outputs.at(job.output).to(at::kCPU, at::kFloat), o.activation));
  });
  if (parts.empty()) throw DataError("there is no sequence to predict");
  const at::Tensor values = at::cat(parts).contiguous();
  auto formats = o.formats;
  if (formats.empty()) formats = {values.dim() == 2 ? PredictFormat::tsv : PredictFormat::npz};
  for (const PredictFormat f : formats) result.files.push_back(write_values(job, names, values, f));
  result.sequences = values.size(0);
  result.values = values.numel();
  return result;
}

data::SequenceDataPtr read_sequences(const PredictJob& job) {
  const auto& o = job.options;
  const data::LengthOptions length{.length = infer::declared_length(job.model), .fit = o.fit};
  if (!o.table.empty()) {
    data::TableOptions table;
    table.file = o.table;
    table.sequence = o.sequence_column;
    table.ambiguity = o.ambiguity;
    table.length = length;
    table.with_labels = false;
    return data::read_table(table);
  }
  data::FastaDataOptions fasta;
  fasta.file = o.fasta;
  fasta.ambiguity = o.ambiguity;
  fasta.length = length;
  return data::read_labelled_fasta(fasta);
}

}  // namespace

PredictResult predict_sequences(const PredictJob& job) {
  PredictResult result;
  const auto data = read_sequences(job);
  result.notes = data->notes;
  RowNames names{{"name"}, {}};
  for (const auto& name : data->names) names.rows.push_back({name});
  return predict_dataset(job, data::sequence_dataset(data), std::move(names), std::move(result));
}

PredictResult predict_windows(const PredictJob& job) {
  const auto& o = job.options;
  if (o.bed.empty())
    throw ArgumentError(format(
        "output '{}' has one value per sequence: along a genome give the intervals to predict (bed)", job.output));
  PredictResult result;
  const auto genome = std::make_shared<seq::Genome>(load_genome(o, result));
  const std::int64_t length = o.window > 0                     ? o.window
                              : infer::declared_length(job.model) > 0 ? infer::declared_length(job.model)
                                                               : job.model.typical_length();
  if (length < 1)
    throw ArgumentError("the model does not say how long its input is: give the length of the windows (window)");
  RowNames names{{"chrom", "start", "end", "name", "strand"}, {}};
  std::vector<corpus::Locus> loci;
  for (const auto& record : io::read_bed(o.bed, genome->sizes()).records) {
    const auto& i = record.interval;
    loci.push_back({genome->sizes().index(i.chrom, o.bed.string()), i.centre(), i.strand});
    names.rows.push_back({i.chrom, std::to_string(i.start), std::to_string(i.end),
                          record.name.empty() ? "." : record.name, std::string(1, seq::to_char(i.strand))});
  }
  const auto dataset = data::examples(corpus::windows_around(std::move(loci), genome->sizes(), {.length = length}),
                                      {data::sequence_of(genome)}, "of " + o.bed.string());
  return predict_dataset(job, dataset, std::move(names), std::move(result));
}

}  // namespace basewise::run::detail
