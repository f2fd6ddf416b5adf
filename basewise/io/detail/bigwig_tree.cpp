#include "basewise/io/detail/bigwig_tree.h"

#include <algorithm>

#include "basewise/io/detail/bytes.h"

namespace basewise::io::detail {

namespace {

constexpr std::uint64_t kMostChildren = 256;

// Slots of a node: all nodes of a tree have the same number.
std::uint64_t children_for(std::uint64_t items) { return std::clamp<std::uint64_t>(items, 1, kMostChildren); }

// How many items one slot of a node covers, from the root down to the leaves (1).
std::vector<std::uint64_t> slot_sizes(std::uint64_t items) {
  std::vector<std::uint64_t> sizes{1};
  while (sizes.front() * children_for(items) < items) sizes.insert(sizes.begin(), sizes.front() * children_for(items));
  return sizes;
}

// Writes both trees: nodes have room for the same number of slots, level after level, root first.
// `inner(out, first, last)` writes the key of a child that covers items [first, last),
// `leaf(out, i)` an item.
template <class Inner, class Leaf>
void put_levels(std::string& out, std::uint64_t items, std::uint64_t offset, std::uint64_t inner_bytes, std::uint64_t leaf_bytes,
                Inner&& inner, Leaf&& leaf) {
  const std::uint64_t children = children_for(items);
  for (const std::uint64_t slot : slot_sizes(items)) {
    const bool leaves = slot == 1;
    const std::uint64_t node_bytes = kNodeHeaderBytes + children * (leaves ? leaf_bytes : inner_bytes);
    const std::uint64_t child_bytes = kNodeHeaderBytes + children * (slot == children ? leaf_bytes : inner_bytes);
    const std::uint64_t nodes = std::max<std::uint64_t>(1, (items + slot * children - 1) / (slot * children));
    std::uint64_t child = offset + out.size() + nodes * node_bytes;
    for (std::uint64_t node = 0; node < nodes; ++node) {
      const std::size_t end = out.size() + node_bytes;
      const std::uint64_t first = node * slot * children;
      const std::uint64_t last = std::min(items, first + slot * children);
      put<std::uint8_t>(out, leaves ? 1 : 0);
      put<std::uint8_t>(out, 0);
      put(out, static_cast<std::uint16_t>((last - first + slot - 1) / slot));
      for (std::uint64_t i = first; i < last; i += slot) {
        if (leaves) {
          leaf(out, i);
        } else {
          inner(out, i, std::min(last, i + slot));
          put<std::uint64_t>(out, child);
          child += child_bytes;
        }
      }
      out.resize(end, '\0');
    }
  }
}

}  // namespace

std::string chromosome_tree(std::span<const std::pair<std::string, std::int64_t>> chromosomes, std::uint64_t offset) {
  struct Key {
    std::string_view name;
    std::uint32_t id;
    std::uint32_t length;
  };
  std::vector<Key> keys;
  std::size_t key_size = 1;
  for (const auto& [name, length] : chromosomes) {
    keys.push_back({name, static_cast<std::uint32_t>(keys.size()), static_cast<std::uint32_t>(length)});
    key_size = std::max(key_size, name.size());
  }
  std::sort(keys.begin(), keys.end(), [](const Key& a, const Key& b) { return a.name < b.name; });

  std::string out;
  put(out, kChromosomeTreeMagic);
  put(out, static_cast<std::uint32_t>(children_for(keys.size())));
  put(out, static_cast<std::uint32_t>(key_size));
  put<std::uint32_t>(out, 8);
  put<std::uint64_t>(out, keys.size());
  put<std::uint64_t>(out, 0);
  const auto put_name = [&](std::string& to, std::string_view name) { to.append(name).append(key_size - name.size(), '\0'); };
  put_levels(
      out, keys.size(), offset, key_size + 8, key_size + 8,
      [&](std::string& to, std::uint64_t first, std::uint64_t) { put_name(to, keys[first].name); },
      [&](std::string& to, std::uint64_t i) {
        put_name(to, keys[i].name);
        put(to, keys[i].id);
        put(to, keys[i].length);
      });
  return out;
}

std::string block_index(std::span<const Block> blocks, std::uint32_t items_per_block, std::uint64_t data_end, std::uint64_t offset) {
  // The range of several blocks: the end is the farthest one of the last chromosome.
  const auto put_range = [&](std::string& to, std::uint64_t first, std::uint64_t last) {
    std::uint32_t end = 0;
    for (std::uint64_t i = last; i-- > first && blocks[i].chromosome == blocks[last - 1].chromosome;) end = std::max(end, blocks[i].end);
    put(to, blocks[first].chromosome);
    put(to, blocks[first].start);
    put(to, blocks[last - 1].chromosome);
    put(to, end);
  };
  std::string out;
  put(out, kIndexMagic);
  put(out, static_cast<std::uint32_t>(children_for(blocks.size())));
  put<std::uint64_t>(out, blocks.size());
  if (blocks.empty())
    out.append(16, '\0');
  else
    put_range(out, 0, blocks.size());
  put(out, data_end);
  put(out, items_per_block);
  put<std::uint32_t>(out, 0);
  put_levels(out, blocks.size(), offset, kIndexInnerBytes, kIndexLeafBytes, put_range, [&](std::string& to, std::uint64_t i) {
    put_range(to, i, i + 1);
    put(to, blocks[i].offset);
    put(to, blocks[i].size);
  });
  return out;
}

}  // namespace basewise::io::detail
