#include "basewise/prepare/detail/bins_records.h"

#include <algorithm>
#include <string>

#include "basewise/core/interrupt.h"
#include "basewise/io/tf_example.h"
#include "basewise/io/tfrecord.h"

namespace basewise::prepare::detail {
namespace {

template <class T>
std::string bytes_of(std::span<const T> values) {
  return {reinterpret_cast<const char*>(values.data()), values.size_bytes()};
}

}  // namespace

std::vector<ExampleFile> record_files(const ExampleSource& source) {
  std::vector<ExampleFile> files;
  for (std::size_t set = 0; set < source.plan.sets.names.size(); ++set) {
    const auto [first, behind] = source.plan.range(set);
    const std::int64_t per_file = source.options.per_file;
    for (std::int64_t i = 0; first + i * per_file < behind; ++i)
      files.push_back({source.folder.path() / "tfrecords" / format("{}-{}.tfr", source.plan.sets.names[set], i), first + i * per_file,
                       std::min(first + (i + 1) * per_file, behind)});
  }
  return files;
}

void write_records(const ExampleSource& source, const ExampleFile& file) {
  io::TfRecordWriter writer(file.path);
  const auto values = static_cast<std::size_t>(source.bins() * source.target_count());
  std::vector<seq::Token> tokens(static_cast<std::size_t>(source.options.length));
  const std::int64_t at_once = rows_at_once(source.options, source.target_count());
  for (std::int64_t first = file.first; first < file.behind; first += at_once) {
    const std::int64_t behind = std::min(first + at_once, file.behind);
    const std::vector<std::uint16_t> bins = read_bins(source, first, behind);
    for (std::int64_t row = first; row < behind; ++row) {
      throw_if_stopping();
      read_sequence(source, row, tokens);
      io::TfExample example;
      example.set_bytes("sequence", bytes_of<seq::Token>(tokens));
      example.set_bytes("target", bytes_of(std::span(bins).subspan(static_cast<std::size_t>(row - first) * values, values)));
      if (source.options.mask) example.set_bytes("umap", bytes_of<std::uint8_t>(mask_of(source, row)));
      writer.write(example.serialise());
    }
  }
  writer.commit();
}

}  // namespace basewise::prepare::detail
