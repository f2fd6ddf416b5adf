#include "basewise/io/detail/h5_texts.h"

#include <algorithm>
#include <cstring>
#include <map>
#include <utility>

#include "basewise/io/detail/bytes.h"

namespace basewise::io::detail {

namespace {

// An element in the file: length, address of a collection, number of an object in it.
constexpr std::size_t kReference = 16;
constexpr std::uint64_t kCollectionHead = 16, kObjectHead = 16;

// A "conversion" that hands elements of variable length over as they stand in the file.
herr_t as_they_stand(hid_t from, hid_t to, H5T_cdata_t* data, std::size_t, std::size_t, std::size_t, void*, void*, hid_t) noexcept {
  if (data->command != H5T_CONV_INIT) return 0;
  data->need_bkg = H5T_BKG_NO;
  return H5Tget_size(from) == H5Tget_size(to) ? 0 : -1;
}

H5Handle reference_type() {
  H5Handle opaque(H5Tcreate(H5T_OPAQUE, kReference), H5Tclose);
  H5Tset_tag(opaque.get(), "basewise: place in the global heap");
  return opaque;
}

// Known to libhdf5 while it stands.
class Conversion {
 public:
  explicit Conversion(hid_t to) : to_(to), from_(H5Tvlen_create(H5T_STD_I8LE), H5Tclose) {
    if (H5Tregister(H5T_PERS_SOFT, "basewise heap", from_.get(), to, as_they_stand) < 0)
      throw InternalError(format("libhdf5 takes no conversion: {}", h5_reason()));
  }
  ~Conversion() { H5Tunregister(H5T_PERS_SOFT, "basewise heap", from_.get(), to_, as_they_stand); }
  Conversion(const Conversion&) = delete;
  Conversion& operator=(const Conversion&) = delete;

 private:
  hid_t to_;
  H5Handle from_;
};

// Collections of the global heap, each read once.
class Heap {
 public:
  Heap(hid_t file, const std::filesystem::path& path, std::string where) : file_(path), where_(std::move(where)) {
    const H5Handle creation(H5Fget_create_plist(file), H5Pclose);
    hsize_t base = 0;
    std::size_t addresses = 0, sizes = 0;
    H5Pget_userblock(creation.get(), &base);
    H5Pget_sizes(creation.get(), &addresses, &sizes);
    if (addresses != 8 || sizes != 8) fail(format("is in a file with addresses of {} bytes; 8 are read", addresses));
    base_ = base;
  }

  std::string text(std::uint64_t address, std::uint32_t object, std::uint32_t length) {
    if (length == 0) return {};
    const auto& objects = collection(address);
    const auto at = objects.find(object);
    if (at == objects.end() || at->second.size() < length)
      fail(format("names object {} of {} bytes at byte {}, which is not there; it is damaged", object, length, address));
    const std::string_view bytes = std::string_view(at->second).substr(0, length);
    return std::string(bytes.substr(0, bytes.find('\0')));
  }

 private:
  using Objects = std::map<std::uint32_t, std::string>;

  [[noreturn]] void fail(const std::string& message) const { throw DataError(format("{} {}", where_, message)); }

  const Objects& collection(std::uint64_t address) {
    if (const auto known = collections_.find(address); known != collections_.end()) return known->second;
    const std::uint64_t start = base_ + address;
    if (start < base_) fail("names a place outside the file; it is damaged");
    const std::string head = file_.read(start, kCollectionHead, "texts");
    const auto size = get<std::uint64_t>(head.data() + 8);
    if (!head.starts_with("GCOL") || head[4] != 1 || size < kCollectionHead)
      fail(format("names texts at byte {}, where there are none; it is damaged", address));
    const std::string bytes = file_.read(start, size, "texts");
    Objects& objects = collections_[address];
    for (std::uint64_t at = kCollectionHead; at + kObjectHead <= size;) {
      const auto number = get<std::uint16_t>(bytes.data() + at);
      const auto length = get<std::uint64_t>(bytes.data() + at + 8);
      if (number == 0) break;  // what is free
      if (length > size - at - kObjectHead) fail(format("names texts at byte {} that do not fit their heap; it is damaged", address));
      objects.emplace(number, bytes.substr(at + kObjectHead, length));
      at += kObjectHead + (length + 7) / 8 * 8;
    }
    return objects;
  }

  PositionedFile file_;
  std::string where_;
  std::uint64_t base_ = 0;
  std::map<std::uint64_t, Objects> collections_;
};

}  // namespace

std::vector<std::string> h5_heap_texts(hid_t file, const std::filesystem::path& path, const std::string& where, std::size_t count,
                                       const std::function<void(hid_t type, void* out)>& read) {
  if (count == 0) return {};
  Heap heap(file, path, where);
  const H5Handle type = reference_type();
  const Conversion conversion(type.get());
  std::vector<char> raw(count * kReference);
  read(type.get(), raw.data());
  std::vector<std::string> texts;
  texts.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    const char* reference = raw.data() + i * kReference;
    texts.push_back(heap.text(get<std::uint64_t>(reference + 4), get<std::uint32_t>(reference + 12), get<std::uint32_t>(reference)));
  }
  return texts;
}

}  // namespace basewise::io::detail
