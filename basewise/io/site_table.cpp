#include "basewise/io/site_table.h"

#include <algorithm>
#include <cmath>
#include <iterator>

#include "basewise/core/format.h"
#include "basewise/io/detail/text_writer.h"

namespace basewise::io {
namespace {

constexpr std::size_t kBuffered = 1 << 16;
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
  fmt::memory_buffer buffer;

  State(const std::filesystem::path& path, SiteTable f) : out(path), format(f) {}

  void flush() {
    out.write({buffer.data(), buffer.size()});
    buffer.clear();
  }
};

SiteTableWriter::SiteTableWriter(const std::filesystem::path& path, SiteTable format)
    : state_(std::make_unique<State>(path, format)) {
  if (format == SiteTable::fimo) state_->out.write(kFimoHeading);
}
SiteTableWriter::~SiteTableWriter() = default;
SiteTableWriter::SiteTableWriter(SiteTableWriter&&) noexcept = default;

void SiteTableWriter::add(const SiteRow& row) {
  State& s = *state_;
  s.format == SiteTable::fimo ? append_fimo(s.buffer, row) : append_bed(s.buffer, row);
  if (s.buffer.size() >= kBuffered) s.flush();
}

void SiteTableWriter::close() {
  state_->flush();
  state_->out.close();
}

}  // namespace basewise::io
