#include "basewise/core/shard.h"

#include <charconv>

#include "basewise/core/error.h"

namespace basewise {

Shard shard_of(const std::string& text) {
  if (text.empty()) return {};
  Shard shard{.part = 0, .parts = 0};
  if (const auto slash = text.find('/'); slash != std::string::npos) {
    std::from_chars(text.data(), text.data() + slash, shard.part);
    std::from_chars(text.data() + slash + 1, text.data() + text.size(), shard.parts);
  }
  if (shard.part < 1 || shard.parts < shard.part || text != format("{}/{}", shard.part, shard.parts))
    throw ArgumentError(format("shard is \"{}\"; expected i/n with 1 <= i <= n, such as 2/5", text));
  return shard;
}

}  // namespace basewise
