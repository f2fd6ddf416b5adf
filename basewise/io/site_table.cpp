#include "basewise/io/site_table.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <vector>

#include "basewise/core/format.h"
#include "basewise/core/parallel.h"
#include "basewise/io/detail/text_writer.h"

namespace basewise::io {
namespace {

constexpr std::int64_t kRowsOfPiece = 1 << 10;
constexpr std::string_view kFimoHeading =
    "motif_id\tmotif_alt_id\tsequence_name\tstart\tstop\tstrand\tscore\tp-value\tq-value\tmatched_sequence\n";

void append_name(fmt::memory_buffer& to, std::string_view name) {
  for (const char c : name) to.push_back(c == '\t' || c == '\n' || c == '\r' ? ' ' : c);
}

int bed_score(double p) { return p > 0 ? static_cast<int>(std::min(1000.0, std::nearbyint(-10 * std::log10(p)))) : 1000; }

void append_fimo(fmt::memory_buffer& to, const SiteRow& row) {
  append_name(to, row.motif);
  to.push_back('\t');
  append_name(to, row.description);
  to.push_back('\t');
  append_name(to, row.sequence);
  fmt::format_to(std::back_inserter(to), "\t{}\t{}\t{}\t{:.6g}\t{:.3g}\t{:.3g}\t{}\n", row.start + 1, row.end, seq::to_char(row.strand),
                 row.score, row.p_value, row.q_value, row.letters);
}

void append_bed(fmt::memory_buffer& to, const SiteRow& row) {
  append_name(to, row.sequence);
  fmt::format_to(std::back_inserter(to), "\t{}\t{}\t", row.start, row.end);
  append_name(to, row.motif);
  fmt::format_to(std::back_inserter(to), "\t{}\t{}\t{:.6g}\t{:.3g}\t{:.3g}\t{}\n", bed_score(row.p_value), seq::to_char(row.strand),
                 row.score, row.p_value, row.q_value, row.letters);
}

}  // namespace

struct SiteTableWriter::State {
  detail::TextWriter out;
  SiteTable format;
};

SiteTableWriter::SiteTableWriter(const std::filesystem::path& path, SiteTable format)
    : state_(new State{detail::TextWriter(path), format}) {
  if (format == SiteTable::fimo) state_->out.write(kFimoHeading);
}
SiteTableWriter::~SiteTableWriter() = default;
SiteTableWriter::SiteTableWriter(SiteTableWriter&&) noexcept = default;

void SiteTableWriter::add(std::span<const SiteRow> rows) {
  State& s = *state_;
  const auto count = static_cast<std::int64_t>(rows.size()), pieces = (count + kRowsOfPiece - 1) / kRowsOfPiece;
  std::vector<fmt::memory_buffer> texts(static_cast<std::size_t>(pieces));
  parallel_for(pieces, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin * kRowsOfPiece; i < std::min(end * kRowsOfPiece, count); ++i) {
      fmt::memory_buffer& to = texts[static_cast<std::size_t>(i / kRowsOfPiece)];
      const SiteRow& row = rows[static_cast<std::size_t>(i)];
      s.format == SiteTable::fimo ? append_fimo(to, row) : append_bed(to, row);
    }
  });
  for (const fmt::memory_buffer& text : texts) s.out.write({text.data(), text.size()});
}

void SiteTableWriter::close() { state_->out.close(); }

}  // namespace basewise::io
