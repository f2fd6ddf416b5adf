#include "basewise/io/alignments.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <optional>
#include <system_error>
#include <unistd.h>

#include <htslib/bgzf.h>
#include <htslib/hfile.h>
#include <htslib/hts_log.h>
#include <htslib/sam.h>

#include "basewise/core/error.h"
#include "basewise/io/detail/bgzf.h"
#include "basewise/io/detail/fields.h"

namespace basewise::io {
namespace {

namespace fs = std::filesystem;

struct CloseFile {
  void operator()(htsFile* file) const { hts_close(file); }
};
struct FreeHeader {
  void operator()(sam_hdr_t* header) const { sam_hdr_destroy(header); }
};
struct FreeRecord {
  void operator()(bam1_t* record) const { bam_destroy1(record); }
};
using FilePtr = std::unique_ptr<htsFile, CloseFile>;

std::string reason_of(int number) { return std::generic_category().message(number); }

[[noreturn]] void refuse(const fs::path& path, const std::string& why) { throw DataError(format("{}: {}", path.string(), why)); }

// By a descriptor, so that a name is never taken for an address in the network.
hFILE* open_bytes(const fs::path& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) refuse(path, format("cannot open: {}", reason_of(errno)));
  hFILE* bytes = hdopen(descriptor, "r");
  if (!bytes) {
    ::close(descriptor);
    refuse(path, "cannot open");
  }
  return bytes;
}

FilePtr open_file(const fs::path& path) {
  hts_set_log_level(HTS_LOG_OFF);  // htslib would print; our errors are exceptions
  std::error_code code;
  if (fs::is_directory(path, code)) refuse(path, "is a folder; expected a BAM, SAM or CRAM file");
  hFILE* bytes = open_bytes(path);
  FilePtr file(hts_hopen(bytes, path.c_str(), "r"));
  if (file) return file;
  hclose_abruptly(bytes);
  refuse(path, "is no BAM, SAM or CRAM file, or is cut short in its first bytes");
}

void require_alignments(const fs::path& path, htsFile* file) {
  const htsFormat* found = hts_get_format(file);
  switch (found->format) {
    case sam:
    case bam:
    case cram: return;
    case empty_format: refuse(path, "is empty; expected a BAM, SAM or CRAM file");
    default: break;
  }
  char* text = hts_format_description(found);
  const std::string description = text ? text : "another format";
  std::free(text);
  refuse(path, format("is {}; expected BAM, SAM or CRAM", description));
}

// Of CRAM only what is used: bases are not decoded, and so no reference is looked for.
void set_options(htsFile* file, int threads) {
  const htsExactFormat kind = hts_get_format(file)->format;
  if (kind == cram) {
    hts_set_opt(file, CRAM_OPT_REQUIRED_FIELDS,
                SAM_QNAME | SAM_FLAG | SAM_RNAME | SAM_POS | SAM_MAPQ | SAM_CIGAR | SAM_RNEXT | SAM_PNEXT | SAM_TLEN | SAM_AUX);
    hts_set_opt(file, CRAM_OPT_DECODE_MD, 0);
  }
  // Threads take blocks; plain gzip has none.
  if (threads > 1 && (kind == cram || hts_get_format(file)->compression == bgzf)) hts_set_threads(file, threads);
}

bool is_number_tag(std::uint8_t type) { return std::strchr("cCsSiI", type) != nullptr && type != 0; }

// Bases of the reference under a CIGAR as text; nothing for what is none.
std::optional<std::int64_t> reference_length(std::string_view cigar) {
  std::int64_t length = 0;
  for (const char* at = cigar.data(); at < cigar.data() + cigar.size();) {
    std::int64_t count = 0;
    const auto [end, error] = std::from_chars(at, cigar.data() + cigar.size(), count);
    if (error != std::errc{} || end == cigar.data() + cigar.size() || count < 0 || count > HTS_POS_MAX / 2) return std::nullopt;
    if (!std::strchr("MIDNSHP=X", *end)) return std::nullopt;
    if (std::strchr("MDN=X", *end)) length += count;
    if (length > HTS_POS_MAX / 2) return std::nullopt;
    at = end + 1;
  }
  return length > 0 ? std::optional(length) : std::nullopt;
}

}  // namespace

struct AlignmentReader::State {
  fs::path path;
  FilePtr file;
  std::unique_ptr<sam_hdr_t, FreeHeader> header;
  std::unique_ptr<bam1_t, FreeRecord> record;
  TrackChromosomes chromosomes;
  ReadReport report;
  std::int64_t header_lines = 0;  // of SAM
  std::vector<std::string_view> fields;

  void open(const AlignmentOptions& options);
  void read_header();
  [[noreturn]] void fail(const std::string& why) const;
  bool failed_below() const;
  void take_core(Alignment& a) const;
  void take_blocks(Alignment& a);
  void take_tags(Alignment& a);
  void take_places(const char* text, Alignment& a);
  bool take_place(std::string_view text, OtherPlace& place);
};

void AlignmentReader::State::open(const AlignmentOptions& options) {
  file = open_file(path);
  require_alignments(path, file.get());
  bool whole = true;
  const htsFormat* format = hts_get_format(file.get());
  if ((format->compression == bgzf || format->format == cram) && hts_check_EOF(file.get()) == 0) {
    whole = false;
    if (format->compression == bgzf) detail::warn_of_bgzf_end(path.string());
    report.remarks.emplace_back("the end-of-file block is missing; the file may be cut short");
  }
  // With threads htslib (1.16) now and then takes the place where a file is cut for its end.
  set_options(file.get(), whole ? options.threads : 1);
  read_header();
  record.reset(bam_init1());
  if (!record) throw std::bad_alloc();
}

void AlignmentReader::State::read_header() {
  header.reset(sam_hdr_read(file.get()));
  // Threads read ahead, and meet what is wrong with the blocks behind the header before it is asked
  // for.
  if (!header) refuse(path, "its header is damaged or cut short, or the file is behind it");
  const int count = sam_hdr_nref(header.get());
  if (count <= 0) refuse(path, "its header names no sequence (@SQ), so positions mean nothing; expected alignments to a genome");
  for (int i = 0; i < count; ++i) {
    const auto length = static_cast<std::int64_t>(sam_hdr_tid2len(header.get(), i));
    const char* name = sam_hdr_tid2name(header.get(), i);
    if (!name || length < 1) refuse(path, format("its header gives sequence number {} no name or no length", i + 1));
    chromosomes.emplace_back(name, length);
  }
  if (hts_get_format(file.get())->format != sam) return;
  const std::string_view text(sam_hdr_str(header.get()), sam_hdr_length(header.get()));
  header_lines = std::count(text.begin(), text.end(), '\n');
}

void AlignmentReader::State::fail(const std::string& why) const {
  const std::int64_t number = report.records + 1;
  if (hts_get_format(file.get())->format == sam) throw_data_error({path.string(), header_lines + number, 0}, why);
  refuse(path, format("alignment {}: {}", number, why));
}

// Whether the blocks ended with an error that did not reach the records.
bool AlignmentReader::State::failed_below() const { return hts_get_format(file.get())->format == bam && file->fp.bgzf->errcode != 0; }

void AlignmentReader::State::take_core(Alignment& a) const {
  const bam1_core_t& core = record->core;
  const auto has = [&](int flag) { return (core.flag & flag) != 0; };
  a.name = bam_get_qname(record.get());
  a.chromosome = has(BAM_FUNMAP) || core.pos < 0 ? -1 : core.tid;
  a.reverse = has(BAM_FREVERSE);
  a.paired = has(BAM_FPAIRED);
  a.proper = a.paired && has(BAM_FPROPER_PAIR) && !has(BAM_FMUNMAP);
  a.second = has(BAM_FREAD2);
  a.secondary = has(BAM_FSECONDARY);
  a.supplementary = has(BAM_FSUPPLEMENTARY);
  a.duplicate = has(BAM_FDUP);
  a.failed = has(BAM_FQCFAIL);
  a.quality = core.qual;
  a.template_length = core.mtid == core.tid ? core.isize : 0;
  if (a.chromosome >= static_cast<std::int32_t>(chromosomes.size())) fail("its sequence is not in the header");
}

void AlignmentReader::State::take_blocks(Alignment& a) {
  const auto& [name, length] = chromosomes[static_cast<std::size_t>(a.chromosome)];
  std::int64_t at = record->core.pos;
  if (at >= length) fail(format("'{}' begins at base {} of {}, which has {}", a.name, at + 1, name, length));
  a.stretch.start = at;
  const std::uint32_t* cigar = bam_get_cigar(record.get());
  for (std::uint32_t i = 0; i < record->core.n_cigar; ++i) {
    const int consumed = bam_cigar_type(bam_cigar_op(cigar[i]));  // bit 1: of the read, bit 2: of the reference
    const std::int64_t end = std::min(length, at + bam_cigar_oplen(cigar[i]));
    if (consumed == 3 && at < end) {
      if (!a.blocks.empty() && a.blocks.back().end == at)
        a.blocks.back().end = end;
      else
        a.blocks.push_back({at, end});
    }
    if ((consumed & 2) != 0) at += bam_cigar_oplen(cigar[i]);
  }
  if (at > length) report.note("reaches over the end of its chromosome");
  if (at == record->core.pos) {
    report.note("alignment without length, taken as one base");
    at = record->core.pos + 1;
    a.blocks.push_back({a.stretch.start, at});
  }
  a.stretch.end = std::min(at, length);
}

void AlignmentReader::State::take_tags(Alignment& a) {
  if (const std::uint8_t* tag = bam_aux_get(record.get(), "XA")) {
    if (*tag == 'Z')
      take_places(bam_aux2Z(tag), a);
    else
      report.note("the tag XA is no list of places");
  }
  a.hits = 1 + static_cast<std::int64_t>(a.others.size());
  const std::uint8_t* tag = bam_aux_get(record.get(), "NH");
  if (!tag) return;
  const std::int64_t hits = is_number_tag(*tag) ? bam_aux2i(tag) : 0;
  if (hits < 1) {
    report.note("the tag NH is no number of places");
    return;
  }
  a.hits = hits;
  a.hits_stated = true;
}

// "chr2,-1001,50M,1;chr7,+5,50M,2;": the position counts from 1, its sign is the strand.
bool AlignmentReader::State::take_place(std::string_view text, OtherPlace& place) {
  detail::split(text, ',', fields);
  if (fields.size() != 4 || fields[1].size() < 2 || !detail::is_letter_of(fields[1].substr(0, 1), "+-")) return false;
  place.chromosome = sam_hdr_name2tid(header.get(), std::string(fields[0]).c_str());
  std::int64_t start = 0;
  const auto length = reference_length(fields[2]);
  if (place.chromosome < 0 || !length || !detail::parse_integer(fields[1].substr(1), start)) return false;
  const std::int64_t most = chromosomes[static_cast<std::size_t>(place.chromosome)].second;
  if (start < 1 || start > most) return false;
  place.reverse = fields[1].front() == '-';
  place.stretch = {start - 1, std::min(most, start - 1 + *length)};
  return true;
}

void AlignmentReader::State::take_places(const char* text, Alignment& a) {
  for (std::string_view rest = text ? text : ""; !rest.empty();) {
    const std::size_t end = std::min(rest.find(';'), rest.size());
    OtherPlace place;
    if (take_place(rest.substr(0, end), place))
      a.others.push_back(place);
    else
      report.note("a place in the tag XA cannot be read");
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
}

AlignmentReader::AlignmentReader(const fs::path& path, AlignmentOptions options) : state_(std::make_unique<State>()) {
  state_->path = path;
  state_->open(options);
}
AlignmentReader::~AlignmentReader() = default;
AlignmentReader::AlignmentReader(AlignmentReader&&) noexcept = default;
AlignmentReader& AlignmentReader::operator=(AlignmentReader&&) noexcept = default;

const TrackChromosomes& AlignmentReader::chromosomes() const { return state_->chromosomes; }
const ReadReport& AlignmentReader::report() const { return state_->report; }

bool AlignmentReader::next(Alignment& a) {
  State& s = *state_;
  const int got = sam_read1(s.file.get(), s.header.get(), s.record.get());
  if (got == -1 && !s.failed_below()) return false;
  if (got < 0) s.fail("is damaged, or the file is cut short there");
  a.blocks.clear();
  a.others.clear();
  s.take_core(a);
  a.stretch = {};
  if (a.chromosome >= 0) s.take_blocks(a);
  a.hits = 1;
  a.hits_stated = false;
  s.take_tags(a);
  ++s.report.records;
  return true;
}

bool is_alignment_file(const fs::path& path) {
  hts_set_log_level(HTS_LOG_OFF);
  hFILE* bytes = open_bytes(path);
  htsFormat found{};
  const int known = hts_detect_format(bytes, &found);
  hclose_abruptly(bytes);
  return known == 0 && (found.format == sam || found.format == bam || found.format == cram);
}

}  // namespace basewise::io
