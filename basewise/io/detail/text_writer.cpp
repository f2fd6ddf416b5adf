#include "basewise/io/detail/text_writer.h"

#include <ostream>

#include <htslib/bgzf.h>

#include "basewise/core/error.h"
#include "basewise/core/files.h"

namespace basewise::io::detail {
namespace {

struct CloseBgzf {
  void operator()(BGZF* file) const { bgzf_close(file); }
};

}  // namespace

struct TextWriter::State {
  std::filesystem::path path;
  AtomicFile file;
  std::unique_ptr<BGZF, CloseBgzf> bgzf;
  explicit State(const std::filesystem::path& p) : path(p), file(p) {}
};

TextWriter::TextWriter(const std::filesystem::path& path) : state_(std::make_unique<State>(path)) {
  const auto extension = path.extension();
  if (extension != ".gz" && extension != ".bgz") return;
  state_->bgzf.reset(bgzf_open(state_->file.temporary().c_str(), "w"));
  if (!state_->bgzf) throw DataError(format("{}: cannot be written", path.string()));
}

TextWriter::~TextWriter() = default;
TextWriter::TextWriter(TextWriter&&) noexcept = default;

void TextWriter::write(std::string_view text) {
  if (!state_->bgzf) {
    state_->file.stream().write(text.data(), static_cast<std::streamsize>(text.size()));
    return;
  }
  const auto written = static_cast<std::int64_t>(bgzf_write(state_->bgzf.get(), text.data(), text.size()));
  if (written != static_cast<std::int64_t>(text.size()))
    throw DataError(format("{}: cannot be written; is the disk full?", state_->path.string()));
}

void TextWriter::close() {
  if (state_->bgzf && bgzf_close(state_->bgzf.release()) != 0) {
    throw DataError(format("{}: cannot be written; is the disk full?", state_->path.string()));
  }
  state_->file.commit();
}

}  // namespace basewise::io::detail
