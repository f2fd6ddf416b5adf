#include "basewise/run/detail/row_writer.h"

#include <algorithm>

#include "basewise/core/error.h"
#include "basewise/tensor/tensors.h"

namespace basewise::run::detail {
namespace {

namespace fs = std::filesystem;

/// Columns before the values and those of the values.
std::vector<std::string> all_columns(std::vector<std::string> before, const std::vector<std::string>& channels) {
  for (std::string& column : before)
    if (std::find(channels.begin(), channels.end(), column) != channels.end()) column = "observed." + column;
  before.insert(before.end(), channels.begin(), channels.end());
  return before;
}

std::vector<PredictFormat> formats_of(const PredictJob& job, const at::Tensor& values) {
  if (!job.options.formats.empty()) return job.options.formats;
  return {values.dim() == 2 || job.reads ? PredictFormat::tsv : PredictFormat::npz};
}

}  // namespace

std::string field_text(std::string text) {
  std::replace_if(text.begin(), text.end(), [](char c) { return c == '\t' || c == '\r' || c == '\n'; }, ' ');
  return text;
}

RowWriter::RowWriter(const PredictJob& job, std::vector<std::string> columns, std::vector<GivenPath> kept)
    : job_(job), columns_(std::move(columns)), kept_(std::move(kept)) {}

void RowWriter::open(const at::Tensor& values) {
  opened_ = true;
  const std::string out = job_.options.out.string();
  const auto file = [&](const std::string& ending) {
    check_outputs(job_, {out + ending}, kept_);
    return files_.emplace_back(out + ending);
  };
  for (const PredictFormat as : formats_of(job_, values)) {
    switch (as) {
      case PredictFormat::bigwig:
        throw ArgumentError("bigwig needs a genome and an output per position");
      case PredictFormat::tsv:
        if (values.dim() != 2 && !job_.reads)
          throw ArgumentError(format("output '{}' has shape {}: tsv holds one row of values per sequence, write npz", job_.output,
                                     shape_text(values.sizes())));
        table_.emplace(file(".tsv"), all_columns(columns_, channel_names(job_, values.size(1), values.dim() > 2)));
        break;
      case PredictFormat::npz: {
        std::vector<std::int64_t> shape = values.sizes().vec();
        shape[0] = -1;
        arrays_.emplace(file(".npz"));
        arrays_->begin(value_name(job_), io::DType::f32, shape);
        break;
      }
    }
  }
  if (!table_) names_.emplace(file(".rows.tsv"), columns_);
}

void RowWriter::add(const RowFields& rows, const at::Tensor& values) {
  if (!opened_) open(values);
  if (table_) {
    const at::Tensor totals = values.dim() > 2 ? values.flatten(2).sum(2) : values;
    const auto numbers = float_span(totals);
    const auto channels = static_cast<std::size_t>(totals.size(1));
    for (std::size_t n = 0; n < rows.size(); ++n) {
      std::vector<std::string> row = rows[n];
      for (std::size_t c = 0; c < channels; ++c) row.push_back(format("{}", numbers[n * channels + c]));
      table_->add(row);
    }
  }
  if (names_)
    for (const auto& row : rows) names_->add(row);
  if (arrays_) arrays_->append(std::as_bytes(float_span(values)));
  rows_ += values.size(0);
  values_ += values.numel();
}

void RowWriter::finish(PredictResult& result, const std::function<void(io::NpzWriter&)>& more) {
  if (rows_ == 0) throw DataError("there is no sequence to predict");
  if (arrays_) {
    arrays_->end();
    if (more) more(*arrays_);
    arrays_->close();
  }
  if (table_) table_->close();
  if (names_) names_->close();
  result.files.insert(result.files.end(), files_.begin(), files_.end());
  result.sequences += rows_;
  result.values += values_;
}

}  // namespace basewise::run::detail
