#include "basewise/io/detail/h5_chunks.h"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <span>

#include "basewise/core/parallel.h"
#include "basewise/io/detail/inflate.h"

namespace basewise::io::detail {

namespace {

constexpr std::size_t kBatch = std::size_t{32} << 20;  // bytes of pieces, unpacked, that are held at a time

// A piece as it lies in the file.
struct Piece {
  std::vector<hsize_t> offset;
  std::vector<char> bytes;    // empty: never written
  std::uint32_t skipped = 0;  // filters that were left out, by bit
};

std::size_t bytes_of(const H5ChunkForm& form) {
  std::size_t bytes = form.element_bytes;
  for (const std::int64_t extent : form.chunk) bytes *= static_cast<std::size_t>(extent);
  return bytes;
}

Piece read_piece(hid_t set, const H5ChunkForm& form, const std::vector<hsize_t>& offset) {
  Piece piece{offset, {}};
  hsize_t size = 0;
  if (H5Dget_chunk_storage_size(set, offset.data(), &size) < 0) {
    // Before 1.10.10 a piece that was never written is an error where nothing was.
    h5_reason();
    return piece;
  }
  const std::size_t most = 2 * bytes_of(form) + 1024;
  if (size > most) throw DataError(format("{} has a piece of {} bytes, which hold {}; it is damaged", form.where, size, bytes_of(form)));
  piece.bytes.resize(size);
  if (size > 0 && H5Dread_chunk(set, H5P_DEFAULT, offset.data(), &piece.skipped, piece.bytes.data()) < 0)
    h5_fail(form.where, "has a piece that cannot be read");
  return piece;
}

// All first bytes, then all second bytes, ... as elements. What does not fill an element follows.
void unshuffle(std::span<const char> from, std::size_t width, std::span<char> to) {
  const std::size_t n = from.size() / width;
  if (width == 2) {
    const char *low = from.data(), *high = low + n;
    for (std::size_t i = 0; i < n; ++i) {
      to[2 * i] = low[i];
      to[2 * i + 1] = high[i];
    }
    return;
  }
  for (std::size_t b = 0; b < width; ++b) {
    const char* plane = from.data() + b * n;
    for (std::size_t i = 0; i < n; ++i) to[i * width + b] = plane[i];
  }
}

// The piece's elements, or an empty text where it is damaged. `room` is memory to work in.
std::span<const char> unpacked(const H5ChunkForm& form, const Piece& piece, std::vector<char>& inflated, std::vector<char>& turned) {
  const std::size_t size = bytes_of(form);
  std::span<const char> bytes = piece.bytes;
  const std::uint32_t gzip_bit = form.shuffled ? 2u : 1u;
  if (form.packed && !(piece.skipped & gzip_bit)) {
    inflated.resize(size);
    if (Inflater().zlib(bytes, inflated) != static_cast<std::ptrdiff_t>(size)) return {};
    bytes = inflated;
  }
  if (bytes.size() != size) return {};
  if (form.shuffled && !(piece.skipped & 1u) && form.element_bytes > 1) {
    turned.resize(size);
    unshuffle(bytes, form.element_bytes, turned);
    bytes = turned;
  }
  return bytes;
}

// Copies what the piece has of rows [begin, end) to its place.
class Scatter {
 public:
  Scatter(const H5ChunkForm& form, std::int64_t begin, std::int64_t end, std::byte* out)
      : form_(form), begin_(begin), end_(end), out_(out) {}

  // `elements` is empty where the piece holds `fill` only.
  void put(const std::vector<hsize_t>& offset, std::span<const char> elements, const std::vector<std::byte>& fill) const {
    const std::size_t rank = form_.shape.size();
    std::vector<std::int64_t> from(rank), to(rank), at(rank);
    for (std::size_t a = 0; a < rank; ++a) {
      const auto start = static_cast<std::int64_t>(offset[a]);
      from[a] = a == 0 ? std::max(start, begin_) : start;
      to[a] = std::min(start + form_.chunk[a], a == 0 ? end_ : form_.shape[a]);
    }
    at = from;
    const auto run = static_cast<std::size_t>(to[rank - 1] - from[rank - 1]) * form_.element_bytes;
    while (true) {
      std::int64_t inside = 0, outside = 0;
      for (std::size_t a = 0; a < rank; ++a) {
        inside = inside * form_.chunk[a] + at[a] - static_cast<std::int64_t>(offset[a]);
        outside = outside * (a == 0 ? end_ - begin_ : form_.shape[a]) + at[a] - (a == 0 ? begin_ : 0);
      }
      std::byte* target = out_ + static_cast<std::size_t>(outside) * form_.element_bytes;
      if (elements.empty())
        for (std::size_t i = 0; i < run; i += form_.element_bytes) std::memcpy(target + i, fill.data(), form_.element_bytes);
      else
        std::memcpy(target, elements.data() + static_cast<std::size_t>(inside) * form_.element_bytes, run);
      std::size_t axis = rank - 1;
      while (axis > 0 && ++at[axis - 1] == to[axis - 1]) {
        at[axis - 1] = from[axis - 1];
        --axis;
      }
      if (axis == 0) return;
    }
  }

 private:
  const H5ChunkForm& form_;
  std::int64_t begin_;
  std::int64_t end_;
  std::byte* out_;
};

}  // namespace

void h5_read_chunks(hid_t set, const H5ChunkForm& form, const std::vector<std::byte>& fill, std::int64_t begin, std::int64_t end,
                    std::byte* out) {
  const std::size_t rank = form.shape.size();
  const Scatter scatter(form, begin, end, out);
  std::vector<hsize_t> offset(rank, 0);
  const std::int64_t first = begin / form.chunk[0] * form.chunk[0];
  offset[0] = static_cast<hsize_t>(first);
  std::vector<Piece> pieces;
  const auto unpack_all = [&] {
    std::atomic<bool> damaged{false};
    parallel_for(static_cast<std::int64_t>(pieces.size()), 1, [&](std::int64_t from, std::int64_t to) {
      std::vector<char> inflated, turned;
      for (std::int64_t i = from; i < to; ++i) {
        const Piece& piece = pieces[static_cast<std::size_t>(i)];
        const std::span<const char> elements = piece.bytes.empty() ? std::span<const char>() : unpacked(form, piece, inflated, turned);
        if (!piece.bytes.empty() && elements.empty())
          damaged = true;
        else
          scatter.put(piece.offset, elements, fill);
      }
    });
    if (damaged) throw DataError(format("{} has a piece that cannot be unpacked to {} bytes; it is damaged", form.where, bytes_of(form)));
    pieces.clear();
  };
  const std::size_t most = std::max<std::size_t>(kBatch / bytes_of(form), 1);
  while (true) {
    pieces.push_back(read_piece(set, form, offset));
    if (pieces.size() >= most) unpack_all();
    std::size_t axis = rank;
    while (axis > 0) {
      const std::int64_t next = static_cast<std::int64_t>(offset[axis - 1]) + form.chunk[axis - 1];
      if (next < (axis == 1 ? end : form.shape[axis - 1])) {
        offset[axis - 1] = static_cast<hsize_t>(next);
        break;
      }
      offset[axis - 1] = axis == 1 ? static_cast<hsize_t>(first) : 0;
      --axis;
    }
    if (axis == 0) break;
  }
  unpack_all();
}

}  // namespace basewise::io::detail
