#include <algorithm>

#include "basewise/core/error.h"
#include "basewise/data/fasta_data.h"
#include "basewise/data/genome_windows.h"
#include "basewise/data/table.h"
#include "basewise/infer/batched.h"
#include "basewise/infer/genome.h"
#include "basewise/io/bed.h"
#include "basewise/io/npz.h"
#include "basewise/io/tsv.h"
#include "basewise/run/detail/predict_parts.h"
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
  if (formats.empty()) formats = {values.dim() == 2 ? "tsv" : "npz"};
  for (const auto& f : formats) {
    if (f == "bigwig") throw ArgumentError("bigwig needs a genome and an output per position");
    if (f == "tsv" && values.dim() != 2)
      throw ArgumentError(format("output '{}' has shape {}: tsv holds one row of values per sequence, write npz",
                                 job.output, shape_text(values.sizes())));
    result.files.push_back(o.out.string() + "." + f);
    f == "tsv" ? write_rows(job, names, values, result.files.back()) : write_array(job, values, result.files.back());
  }
  result.sequences = values.size(0);
  result.values = values.numel();
  return result;
}

data::SequenceDataPtr read_sequences(const PredictJob& job) {
  const auto& o = job.options;
  const data::LengthOptions length{.length = declared_length(job.model), .fit = o.fit};
  if (!o.table.empty()) {
    data::TableOptions table;
    table.file = o.table;
    table.sequence = o.sequence_column;
    table.ambiguity = o.ambiguity;
    table.length = length;
    return data::read_table(table);
  }
  data::FastaDataOptions fasta;
  fasta.file = o.fasta;
  fasta.ambiguity = o.ambiguity;
  fasta.length = length;
  return data::read_labelled_fasta(fasta);
}

}  // namespace

std::int64_t declared_length(const nn::Model& model) {
  for (const auto& [name, shape] : model.input_shapes())
    if (name == "sequence" && shape.size() == 2) return std::max<std::int64_t>(shape[1], 0);
  return 0;
}

std::vector<std::string> channel_names(const PredictJob& job, std::int64_t channels, bool positions) {
  const auto& asked = job.options.names;
  if (!asked.empty()) {
    if (static_cast<std::int64_t>(asked.size()) != channels)
      throw ArgumentError(
          format("{} names were given, but output '{}' has {} channels", asked.size(), job.output, channels));
    return asked;
  }
  if (static_cast<std::int64_t>(job.names.size()) == channels) return job.names;
  if (channels == 1) return {job.output};
  if (channels == 2 && positions) return {"forward", "reverse"};
  std::vector<std::string> names;
  for (std::int64_t c = 0; c < channels; ++c) names.push_back(std::to_string(c));
  return names;
}

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
                              : declared_length(job.model) > 0 ? declared_length(job.model)
                                                               : job.model.typical_length();
  if (length < 1)
    throw ArgumentError("the model does not say how long its input is: give the length of the windows (window)");
  RowNames names{{"chrom", "start", "end", "name", "strand"}, {}};
  std::vector<data::LabelledPlace> places;
  for (const auto& record : io::read_bed(o.bed, genome->sizes()).records) {
    const auto& i = record.interval;
    places.push_back({genome->sizes().index(i.chrom, o.bed.string()), i.centre(), i.strand, {}});
    names.rows.push_back({i.chrom, std::to_string(i.start), std::to_string(i.end),
                          record.name.empty() ? "." : record.name, std::string(1, seq::to_char(i.strand))});
  }
  const auto dataset = data::genome_windows(genome, std::move(places), {.length = length}, o.bed.string());
  return predict_dataset(job, dataset, std::move(names), std::move(result));
}

}  // namespace basewise::run::detail
