#include "basewise/data/sequence_stream.h"

#include "basewise/core/error.h"
#include "basewise/data/detail/sequence_builder.h"
#include "basewise/io/fasta.h"
#include "basewise/io/tsv.h"

namespace basewise::data {

struct SequenceStream::State {
  explicit State(const SequenceStreamOptions& o)
      : path(o.table.empty() ? o.fasta : o.table), builder(path.string(), o.length, o.ambiguity) {
    if (o.fasta.empty() == o.table.empty()) throw ArgumentError("sequences are read from a FASTA file or a table: name one of them");
    if (o.table.empty()) {
      // Names would have to be kept to see that one occurs twice.
      fasta.emplace(path, io::FastaOptions{.ambiguity = o.ambiguity, .allow_duplicates = true});
      return;
    }
    table.emplace(path);
    letters = table->column(o.sequence);
    if (table->has("name")) name = table->column("name");
    for (std::size_t c = 0; c < table->columns().size(); ++c) {
      if (c == letters || name == c) continue;
      kept.push_back(c);
      columns.push_back(table->columns()[c]);
    }
  }

  // Adds one sequence; false at the end of the file.
  bool read(SequencePart& part) {
    if (fasta) {
      io::FastaRecord record;
      if (!fasta->next(record)) return false;
      builder.add(std::move(record.name), record.sequence, {path.string(), record.line});
      return true;
    }
    if (!table->next()) return false;
    std::string own = name ? std::string(table->text(*name)) : format("row_{}", rows + 1);
    builder.add(std::move(own), table->text(letters), {path.string(), table->line_number()});
    auto& fields = part.kept.emplace_back();
    for (const std::size_t c : kept) fields.emplace_back(table->text(c));
    return true;
  }

  std::filesystem::path path;
  detail::SequenceBuilder builder;
  std::optional<io::FastaReader> fasta = {};
  std::optional<io::TsvReader> table = {};
  std::size_t letters = 0;
  std::optional<std::size_t> name = {};
  std::vector<std::size_t> kept = {};
  std::vector<std::string> columns = {};
  std::int64_t rows = 0;
};

SequenceStream::SequenceStream(const SequenceStreamOptions& options) : state_(std::make_unique<State>(options)) {}
SequenceStream::~SequenceStream() = default;

const std::vector<std::string>& SequenceStream::columns() const { return state_->columns; }

std::optional<SequencePart> SequenceStream::next(std::int64_t most) {
  SequencePart part;
  std::int64_t count = 0;
  while (count < most && state_->read(part)) {
    ++count;
    ++state_->rows;
  }
  if (state_->rows == 0) throw DataError(format("{}: no sequence was left to read", state_->path.string()));
  if (count == 0) return std::nullopt;
  part.data = state_->builder.take();
  return part;
}

std::vector<std::string> SequenceStream::notes() const {
  std::vector<std::string> notes = state_->builder.notes();
  const io::ReadReport& report = state_->fasta ? state_->fasta->report() : state_->table->report();
  if (report.skipped > 0) notes.push_back(format("{}: {}", state_->path.filename().string(), report.summary()));
  return notes;
}

}  // namespace basewise::data
