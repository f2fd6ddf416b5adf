#include "basewise/io/detail/bcf.h"

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <htslib/bgzf.h>
#include <htslib/hfile.h>
#include <htslib/hts_log.h>
#include <htslib/kstring.h>
#include <htslib/vcf.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#ifdef __linux__
#include <linux/magic.h>
#include <sys/vfs.h>
#endif

#include "basewise/core/error.h"
#include "basewise/io/detail/fields.h"

namespace basewise::io::detail {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kHead = 4096;  // holds the header of a bgzip block and what inflates to the first bytes

struct CloseFile {
  void operator()(htsFile* file) const { hts_close(file); }
};
struct FreeHeader {
  void operator()(bcf_hdr_t* header) const { bcf_hdr_destroy(header); }
};
struct FreeRecord {
  void operator()(bcf1_t* record) const { bcf_destroy(record); }
};

/// Text of htslib.
struct Text {
  kstring_t s = KS_INITIALIZE;
  Text() = default;
  Text(const Text&) = delete;
  Text& operator=(const Text&) = delete;
  ~Text() { std::free(s.s); }
  std::string_view view() const { return {s.s ? s.s : "", s.l}; }
};

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int number() const { return number_; }
  int release() { return std::exchange(number_, -1); }

 private:
  int number_;
};

[[noreturn]] void refuse(const std::string& name, const std::string& why) { throw DataError(format("{}: {}", name, why)); }

int open_file(const fs::path& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) refuse(path.string(), format("cannot open: {}", std::generic_category().message(errno)));
  return descriptor;
}

#ifdef __linux__
/// A pipe without a name: one with a name would wait for a second writer when it is opened again.
bool is_plain_pipe(const fs::path& path, const struct stat& what) {
  struct statfs where {};
  return S_ISFIFO(what.st_mode) && ::statfs(path.c_str(), &where) == 0 && where.f_type == PIPEFS_MAGIC;
}

/// What a pipe holds, which stays in it.
std::string head_of_pipe(const fs::path& path) {
  std::array<int, 2> ends = {};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return {};
  const Descriptor from(open_file(path)), out(ends[0]), in(ends[1]);
  ssize_t got = 0;
  do got = ::tee(from.number(), in.number(), kHead, 0);
  while (got < 0 && errno == EINTR);
  std::string head(got > 0 ? static_cast<std::size_t>(got) : 0, '\0');
  if (got > 0) got = ::read(out.number(), head.data(), head.size());
  head.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  return head;
}
#endif

std::string head_of(const fs::path& path) {
  struct stat what {};
  if (::stat(path.c_str(), &what) != 0) return {};  // whoever opens it says why
#ifdef __linux__
  if (is_plain_pipe(path, what)) return head_of_pipe(path);
#endif
  if (!S_ISREG(what.st_mode)) return {};
  const Descriptor file(open_file(path));
  std::string head(kHead, '\0');
  const ssize_t got = ::pread(file.number(), head.data(), head.size(), 0);
  head.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  return head;
}

std::string first_inflated(std::string head) {
  std::array<char, 3> out = {};
  z_stream stream{};
  if (inflateInit2(&stream, 15 + 16) != Z_OK) return {};
  stream.next_in = reinterpret_cast<Bytef*>(head.data());
  stream.avail_in = static_cast<uInt>(head.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  inflate(&stream, Z_SYNC_FLUSH);
  const std::size_t got = out.size() - stream.avail_out;
  inflateEnd(&stream);
  return {out.data(), got};
}

}  // namespace

bool is_bcf_file(const fs::path& path) {
  std::string head = head_of(path);
  if (head.starts_with("\x1f\x8b")) head = first_inflated(std::move(head));
  return head.starts_with("BCF");
}

struct BcfLines::State {
  std::string name;
  std::unique_ptr<htsFile, CloseFile> file;
  std::unique_ptr<bcf_hdr_t, FreeHeader> header;
  std::unique_ptr<bcf1_t, FreeRecord> record;
  Text text;
  std::size_t given = 0;  // bytes of the header
  std::int64_t records = 0;
};

BcfLines::BcfLines(const fs::path& path) : state_(std::make_unique<State>()) {
  State& s = *state_;
  s.name = path.string();
  hts_set_log_level(HTS_LOG_OFF);  // htslib would print; our errors are exceptions
  Descriptor descriptor(open_file(path));
  hFILE* bytes = hdopen(descriptor.number(), "r");
  if (!bytes) refuse(s.name, "cannot open");
  descriptor.release();
  s.file.reset(hts_hopen(bytes, path.c_str(), "r"));
  if (!s.file) {
    hclose_abruptly(bytes);
    refuse(s.name, "is no BCF file, or is cut short in its first bytes");
  }
  s.header.reset(bcf_hdr_read(s.file.get()));
  if (!s.header) refuse(s.name, "the header of this BCF file is damaged or cut short");
  s.record.reset(bcf_init());
  if (!s.record || bcf_hdr_format(s.header.get(), 0, &s.text.s) != 0) throw std::bad_alloc();
}

BcfLines::~BcfLines() = default;
BcfLines::BcfLines(BcfLines&&) noexcept = default;

bool BcfLines::next(std::string_view& line) {
  State& s = *state_;
  if (s.records == 0 && s.given < s.text.s.l) {
    line = s.text.view().substr(s.given);
    line = line.substr(0, line.find('\n'));
    s.given += line.size() + 1;
    return true;
  }
  const int code = bcf_read(s.file.get(), s.header.get(), s.record.get());
  if (code == -1) return false;
  ++s.records;
  if (code < -1 || s.record->errcode != 0) refuse(s.name, format("record {} is damaged or cut short", s.records));
  s.text.s.l = 0;
  if (vcf_format(s.header.get(), s.record.get(), &s.text.s) != 0)
    refuse(s.name, format("record {} names what its header does not have", s.records));
  line = s.text.view();
  while (line.ends_with('\n')) line.remove_suffix(1);
  if (line.find_first_of(std::string_view("\n\0", 2)) != std::string_view::npos)
    refuse(s.name, format("record {} holds a line break or a NUL byte", s.records));
  return true;
}

std::int64_t BcfLines::records() const { return state_->records; }

bool BcfLines::is_cut_short() const { return state_->file->format.compression == bgzf && state_->file->fp.bgzf->no_eof_block; }

struct BcfWriter::State {
  std::string name;
  std::unique_ptr<htsFile, CloseFile> file;
  std::unique_ptr<bcf_hdr_t, FreeHeader> header;
  std::unique_ptr<bcf1_t, FreeRecord> record;
  Text text;
};

BcfWriter::BcfWriter(const fs::path& file, std::string name, std::string header) : state_(std::make_unique<State>()) {
  State& s = *state_;
  s.name = std::move(name);
  hts_set_log_level(HTS_LOG_OFF);
  s.header.reset(bcf_hdr_init("r"));
  s.record.reset(bcf_init());
  if (!s.header || !s.record) throw std::bad_alloc();
  if (bcf_hdr_parse(s.header.get(), header.data()) != 0 || bcf_hdr_sync(s.header.get()) != 0)
    refuse(s.name, "BCF cannot hold the header of this file; write VCF (.vcf.gz)");
  s.file.reset(hts_open(file.c_str(), "wb"));
  if (!s.file || bcf_hdr_write(s.file.get(), s.header.get()) != 0) refuse(s.name, "cannot be written");
}

BcfWriter::~BcfWriter() = default;
BcfWriter::BcfWriter(BcfWriter&&) noexcept = default;

void BcfWriter::add(std::string_view line) {
  State& s = *state_;
  const std::string chrom(line.substr(0, line.find('\t')));
  if (bcf_hdr_name2id(s.header.get(), chrom.c_str()) < 0)
    refuse(s.name, format("chromosome {} is not declared in the header (##contig), which BCF needs; write VCF (.vcf.gz)", shown(chrom)));
  s.text.s.l = 0;
  if (kputsn(line.data(), line.size(), &s.text.s) < 0) throw std::bad_alloc();
  const int code = vcf_parse(&s.text.s, s.header.get(), s.record.get());
  if (code != 0 || s.record->errcode != 0 || s.header->dirty)
    refuse(s.name, format("a row holds what the header does not describe, which BCF needs; write VCF (.vcf.gz): {}", shown(line)));
  if (bcf_write(s.file.get(), s.header.get(), s.record.get()) != 0) refuse(s.name, "cannot be written; is the disk full?");
}

void BcfWriter::close() {
  if (hts_close(state_->file.release()) != 0) refuse(state_->name, "cannot be written; is the disk full?");
}

}  // namespace basewise::io::detail
