#include "basewise/io/detail/h5_groups.h"

#include <unordered_set>

#include "basewise/io/detail/h5_header.h"

namespace basewise::io::detail {

namespace {

constexpr std::size_t kHeapHead = 32, kTreeHead = 24, kTableHead = 8, kEntry = 40;
constexpr std::uint32_t kCachedGroup = 1;  // an entry that repeats where its group's tree and heap are

// A tree of names and the heap that holds their letters.
struct Group {
  std::uint64_t tree = 0;
  std::uint64_t heap = 0;
};

class Groups {
 public:
  Groups(hid_t file, const std::string& file_name) : file_(file, file_name), where_(file_name) {}

  void check_from(std::uint64_t root) {
    if (!file_.usual()) return;
    found(root);
    while (!headers_.empty() || !cached_.empty()) {
      if (headers_.empty()) {
        const Group group = cached_.back();
        cached_.pop_back();
        check_group(group);
        continue;
      }
      const std::uint64_t address = headers_.back();
      headers_.pop_back();
      h5_visit_messages(file_, where_, address, [&](H5Message kind, H5Bytes body) {
        if (kind != H5Message::symbol_table) return;
        const auto tree = body.number<std::uint64_t>(), heap = body.number<std::uint64_t>();
        check_group({tree, heap});
      });
    }
  }

 private:
  [[noreturn]] void fail(std::string_view what, std::uint64_t address) const {
    throw DataError(format("{} has a group whose {} at byte {} cannot be read; it is damaged", where_, what, address));
  }

  std::string block(std::uint64_t address, std::uint64_t size, std::string_view signature, std::string_view what) const {
    std::string bytes = file_.read(address, size, where_, what);
    if (!bytes.starts_with(signature)) fail(what, address);
    return bytes;
  }

  void found(std::uint64_t header) {
    if (seen_.insert(header).second) headers_.push_back(header);
  }

  void check_group(const Group& group) {
    if (!trees_.insert(group.tree).second) return;
    const std::string head = block(group.heap, kHeapHead, "HEAP", "heap of names");
    const auto size = get<std::uint64_t>(head.data() + 8), letters = get<std::uint64_t>(head.data() + 24);
    names_ = file_.read(letters, size, where_, "heap of names");
    check_node(group.tree, -1);
  }

  // `level` is what the node above expects, -1 for the top.
  void check_node(std::uint64_t address, int level) {
    constexpr std::string_view kWhat = "tree of names";
    const std::string head = block(address, kTreeHead, std::string_view("TREE\0", 5), kWhat);
    const int here = static_cast<unsigned char>(head[5]);
    if (level >= 0 && here != level) fail(kWhat, address);
    const std::uint64_t children = get<std::uint16_t>(head.data() + 6);
    // A key stands before each child and one behind the last.
    const std::string body = file_.read(address + kTreeHead, 16 * children + 8, where_, kWhat);
    for (std::uint64_t i = 0; i < children; ++i) {
      check_name(get<std::uint64_t>(body.data() + 16 * i), address);
      const auto child = get<std::uint64_t>(body.data() + 16 * i + 8);
      if (here > 0 && !nodes_.insert(child).second) fail(kWhat, child);
      if (here > 0)
        check_node(child, here - 1);
      else
        check_table(child);
    }
    check_name(get<std::uint64_t>(body.data() + 16 * children), address);
  }

  void check_table(std::uint64_t address) {
    constexpr std::string_view kWhat = "table of names";
    const std::string head = block(address, kTableHead, "SNOD", kWhat);
    const std::uint64_t count = get<std::uint16_t>(head.data() + 6);
    const std::string entries = file_.read(address + kTableHead, count * kEntry, where_, kWhat);
    for (std::uint64_t i = 0; i < count; ++i) {
      const char* entry = entries.data() + i * kEntry;
      check_name(get<std::uint64_t>(entry), address);
      const auto header = get<std::uint64_t>(entry + 8);
      if (header != HADDR_UNDEF) found(header);  // a soft link has none
      if (get<std::uint32_t>(entry + 16) == kCachedGroup)
        cached_.push_back({get<std::uint64_t>(entry + 24), get<std::uint64_t>(entry + 32)});
    }
  }

  void check_name(std::uint64_t offset, std::uint64_t address) const {
    if (offset >= names_.size() || names_.find('\0', offset) == std::string::npos) fail("names, in a table", address);
  }

  H5Raw file_;
  const std::string& where_;
  std::string names_ = {};  // the heap of the group that is looked at
  std::vector<std::uint64_t> headers_ = {};
  std::vector<Group> cached_ = {};  // whose heaps are others than the one looked at, so that they wait
  std::unordered_set<std::uint64_t> seen_ = {}, trees_ = {}, nodes_ = {};
};

}  // namespace

void h5_check_groups(hid_t file, const std::string& file_name, std::uint64_t root) { Groups(file, file_name).check_from(root); }

}  // namespace basewise::io::detail
