#include "basewise/annotate/detail/site_spool.h"

#include <cstring>
#include <fstream>

#include "basewise/core/error.h"

namespace basewise::annotate::detail {
namespace {

constexpr std::size_t kBuffered = 1 << 20;

/// The part of a record that is equally long for all; the letters follow.
struct Head {
  std::int64_t start;
  std::int64_t sequence;
  std::int32_t motif;
  std::int32_t rank;
  std::int32_t reverse;
  std::int32_t letters;
};

}  // namespace

SiteSpool::SiteSpool(const std::filesystem::path& neighbour) : file_(neighbour.string() + ".sites") {}

void SiteSpool::add(const KeptSite& site) {
  const Head head = {site.start, site.sequence, site.motif, site.rank, site.reverse, static_cast<std::int32_t>(site.letters.size())};
  buffer_.append(reinterpret_cast<const char*>(&head), sizeof head);
  buffer_ += site.letters;
  if (buffer_.size() >= kBuffered) flush();
}

void SiteSpool::flush() {
  file_.stream().write(buffer_.data(), static_cast<std::streamsize>(buffer_.size()));
  if (!file_.stream()) throw DataError(format("{}: cannot be written; is the disk full?", file_.temporary().string()));
  buffer_.clear();
}

void SiteSpool::each(const std::function<void(const KeptSite&)>& use) {
  flush();
  file_.stream().flush();
  std::ifstream in(file_.temporary(), std::ios::binary);
  KeptSite site;
  const auto fail = [&] { throw DataError(format("{}: cannot be read back", file_.temporary().string())); };
  for (Head head; in.read(reinterpret_cast<char*>(&head), sizeof head);) {
    site.letters.resize(static_cast<std::size_t>(head.letters));
    if (!in.read(site.letters.data(), head.letters)) fail();
    site.start = head.start;
    site.sequence = head.sequence;
    site.motif = head.motif;
    site.rank = head.rank;
    site.reverse = head.reverse != 0;
    use(site);
  }
  if (!in.eof() || in.gcount() != 0) fail();
}

}  // namespace basewise::annotate::detail
