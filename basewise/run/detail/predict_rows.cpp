#include "basewise/run/detail/predict_rows.h"

#include <algorithm>
#include <cmath>

#include "basewise/core/error.h"
#include "basewise/core/progress.h"
#include "basewise/data/sequence_stream.h"
#include "basewise/infer/batched.h"
#include "basewise/infer/genome.h"
#include "basewise/run/detail/bed_rows.h"
#include "basewise/run/detail/row_writer.h"
#include "basewise/run/detail/window_batch.h"
#include "basewise/tensor/tensors.h"

namespace basewise::run::detail {
namespace {

/// So many sequences are in memory at once: whole batches, some thousand.
std::int64_t part_size(std::int64_t batch_size) {
  constexpr std::int64_t kSome = 4096;
  return std::max<std::int64_t>(1, kSome / batch_size) * batch_size;
}

/// Names of the rows of a part, and the fields of the table beside them.
RowFields fields_of(const data::SequencePart& part) {
  RowFields rows;
  for (std::size_t n = 0; n < part.data->names.size(); ++n) {
    auto& row = rows.emplace_back(1, field_text(part.data->names[n]));
    if (part.kept.empty()) continue;
    for (const std::string& field : part.kept[n]) row.push_back(field_text(field));
  }
  return rows;
}

/// Windows of a BED file, a batch at a time.
class WindowRows {
 public:
  WindowRows(const PredictJob& job, const seq::Genome& genome)
      : job_(job), batch_(genome, window_length(job)), writer_(job, {"chrom", "start", "end", "name", "strand"}) {}

  void add(const BedRow& row) {
    const bool pad = job_.options.examples.edges == infer::EdgeValues::pad;
    bool given = row.there;
    if (given) given = batch_.fits(row.chrom, row.middle, pad);
    left_out_ += row.there && !given;
    given ? batch_.add(row.chrom, row.middle, row.reverse) : batch_.add_nothing();
    missing_.push_back(!given);
    const auto& i = row.record.interval;
    rows_.push_back({field_text(i.chrom), std::to_string(i.start), std::to_string(i.end),
                     row.record.name.empty() ? "." : field_text(row.record.name), std::string(1, seq::to_char(i.strand))});
    if (batch_.size() == job_.options.batch_size) run();
  }

  void run() {
    if (batch_.size() == 0) return;
    at::Tensor values = with_context(format("rows {} to {}", done_ + 1, done_ + batch_.size()),
                                     [&] { return value_of(job_, job_.score({{"sequence", batch_.take()}})); });
    // What the model gave may be its own.
    if (std::find(missing_.begin(), missing_.end(), true) != missing_.end()) values = values.clone();
    for (std::size_t n = 0; n < missing_.size(); ++n)
      if (missing_[n]) values[static_cast<std::int64_t>(n)].fill_(std::nan(""));
    writer_.add(rows_, values);
    done_ += values.size(0);
    rows_.clear();
    missing_.clear();
  }

  void finish(PredictResult& result) {
    run();
    writer_.finish(result);
    if (left_out_ > 0)
      result.notes.push_back(
          format("{} of {} windows of {} bases leave their chromosome: their values are nan (edges = \"pad\" predicts them with N)",
                 left_out_, done_, batch_.length()));
  }

 private:
  const PredictJob& job_;
  WindowBatch batch_;
  RowWriter writer_;
  RowFields rows_ = {};
  std::vector<bool> missing_ = {};
  std::int64_t done_ = 0, left_out_ = 0;
};

}  // namespace

PredictResult predict_sequences(const PredictJob& job) {
  const auto& o = job.options;
  check_reads_sequence(job);
  PredictResult result;
  data::SequenceStream stream({.fasta = o.examples.fasta,
                               .table = o.examples.table,
                               .sequence = o.examples.sequence_column,
                               .ambiguity = o.examples.ambiguity,
                               .length = {.length = infer::declared_length(job.model), .fit = o.examples.fit}});
  std::vector<std::string> columns{"name"};
  columns.insert(columns.end(), stream.columns().begin(), stream.columns().end());
  RowWriter writer(job, std::move(columns));
  Progress progress("predict", -1, "sequences");
  while (const auto part = stream.next(part_size(o.batch_size))) {
    const RowFields rows = fields_of(*part);
    infer::predict_batches(data::sequence_dataset(part->data), job.score, {.batch_size = o.batch_size},
                           [&](std::int64_t first, const Bundle& outputs, const Bundle&) {
                             const at::Tensor values = value_of(job, outputs);
                             const auto begin = rows.begin() + first;
                             writer.add(RowFields(begin, begin + values.size(0)), values);
                             progress.advance(values.size(0));
                           });
  }
  progress.finish();
  result.notes = stream.notes();
  writer.finish(result);
  return result;
}

PredictResult predict_windows(const PredictJob& job) {
  const auto& o = job.options;
  if (o.examples.bed.empty())
    throw ArgumentError(format(
        "{}: along a genome give the intervals to predict (bed)",
        job.reads ? "expected reads as tsv and npz are those of windows" : format("output '{}' has one value per sequence", job.output)));
  check_reads_sequence(job);
  PredictResult result;
  const seq::Genome genome = load_genome(o.examples, result);
  BedRows bed(job, genome.sizes());
  WindowRows windows(job, genome);
  Progress progress("predict", -1, "windows");
  for (BedRow row; bed.next(row); progress.advance()) windows.add(row);
  progress.finish();
  windows.finish(result);
  bed.note(result, "their values are nan");
  return result;
}

}  // namespace basewise::run::detail
