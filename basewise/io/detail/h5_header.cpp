#include "basewise/io/detail/h5_header.h"

namespace basewise::io::detail {

namespace {

constexpr std::size_t kMostBlocks = 4096;  // of one header
constexpr std::uint64_t kMostBytes = std::uint64_t{64} << 20;

// The blocks of a header, and the messages in them.
class Header {
 public:
  Header(const H5Raw& file, const std::string& where, const std::function<void(H5Message, H5Bytes)>& visit)
      : file_(file), where_(where), visit_(visit) {}

  void read_from(std::uint64_t address) {
    const std::string start = read(address, 16);
    new_form_ = start.starts_with("OHDR");
    if (new_form_) {
      const auto flags = static_cast<unsigned char>(start[5]);
      const std::uint64_t skip = 6 + (flags & 0x20 ? 16u : 0u) + (flags & 0x10 ? 4u : 0u), width = std::uint64_t{1} << (flags & 3);
      const std::string extent = read(address + skip, width) + std::string(8, '\0');
      ordered_ = flags & 0x04;
      blocks_.emplace_back(address + skip + width, get<std::uint64_t>(extent.data()));
    } else if (start[0] == 1) {
      blocks_.emplace_back(address + 16, get<std::uint32_t>(start.data() + 8));
    } else {
      return;  // libhdf5 says what it is
    }
    for (std::size_t i = 0; i < blocks_.size(); ++i) read_block(blocks_[i].first, blocks_[i].second);
  }

 private:
  std::string read(std::uint64_t address, std::uint64_t size) const { return file_.read(address, size, where_, "a header"); }

  void read_block(std::uint64_t address, std::uint64_t size) {
    const std::string bytes = read(address, size);
    H5Bytes rest(bytes, where_);
    const std::size_t head = new_form_ ? (ordered_ ? 6 : 4) : 8;
    while (rest.left() >= head) {
      const unsigned kind = new_form_ ? rest.number<std::uint8_t>() : rest.number<std::uint16_t>();
      const auto length = rest.number<std::uint16_t>();
      const auto flags = rest.number<std::uint8_t>();
      rest.take(head - (new_form_ ? 4 : 5));
      // What follows the messages of the newer form is a gap; the older one has none.
      if (length > rest.left()) return;
      const H5Bytes body(rest.take(length), where_);
      if (static_cast<H5Message>(kind) == H5Message::continuation) continue_at(body);
      if (!(flags & 2)) visit_(static_cast<H5Message>(kind), body);
    }
  }

  void continue_at(H5Bytes body) {
    const auto address = body.number<std::uint64_t>(), size = body.number<std::uint64_t>();
    if (blocks_.size() >= kMostBlocks || (new_form_ && size < 8)) body.fail("a header that goes on in blocks that cannot be");
    blocks_.emplace_back(new_form_ ? address + 4 : address, new_form_ ? size - 8 : size);
  }

  const H5Raw& file_;
  const std::string& where_;
  const std::function<void(H5Message, H5Bytes)>& visit_;
  bool new_form_ = false;
  bool ordered_ = false;
  std::vector<std::pair<std::uint64_t, std::uint64_t>> blocks_ = {};  // address and bytes
};

}  // namespace

void H5Bytes::fail(std::string_view what) const { throw DataError(format("{} has {}; it is damaged", where_, what)); }

void H5Bytes::word(bool padded) {
  const std::size_t end = bytes_.find('\0');
  if (end == std::string_view::npos) fail();
  take(padded ? (end + 8) / 8 * 8 : end + 1);
}

H5Raw::H5Raw(hid_t file, const std::string& file_name) : file_(file_name) {
  const H5Handle creation(H5Fget_create_plist(file), H5Pclose);
  hsize_t base = 0;
  std::size_t addresses = 0, sizes = 0;
  H5Pget_userblock(creation.get(), &base);
  H5Pget_sizes(creation.get(), &addresses, &sizes);
  base_ = base;
  usual_ = addresses == 8 && sizes == 8;
}

std::string H5Raw::read(std::uint64_t address, std::uint64_t size, const std::string& where, std::string_view what) const {
  if (base_ + address < base_ || size > kMostBytes)
    throw DataError(format("{} has {} at byte {} of {} bytes, which cannot be; it is damaged", where, what, address, size));
  return file_.read(base_ + address, size, what);
}

void h5_visit_messages(const H5Raw& file, const std::string& where, std::uint64_t address,
                       const std::function<void(H5Message, H5Bytes)>& visit) {
  if (file.usual()) Header(file, where, visit).read_from(address);
}

}  // namespace basewise::io::detail
