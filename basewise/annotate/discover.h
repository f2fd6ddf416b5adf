// The verb `motifs discover`: attributions in, a folder of motifs out.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "basewise/core/options.h"
#include "basewise/motifs/discovery.h"

namespace basewise::annotate {

struct DiscoverOptions {
  std::filesystem::path attributions = {};  ///< what `read_attributions` takes: a folder, an .h5, or an .npz beside `sequences`
  std::filesystem::path sequences = {};     ///< one-hot sequences for an .npz of attributions
  std::filesystem::path out = {};           ///< folder
  std::int64_t window = 400;                ///< bases in the middle of each example that are looked at; 0: all
  std::string motifs = {};                  ///< file or collection that patterns are named by; empty: none
  bool overwrite = false;                   ///< replace an earlier discovery in `out`
  motifs::DiscoveryOptions method = {};
};
void describe(Visitor& v, DiscoverOptions& o);

struct DiscoverResult {
  std::vector<std::filesystem::path> files;
  motifs::DiscoveryCounts positive, negative;
  std::int64_t examples = 0;
  std::int64_t window = 0;  ///< bases of each example that were looked at
  std::vector<std::string> patterns;  ///< names
  std::vector<std::string> matches;   ///< best match of each, "" where there is none
  std::vector<std::string> notes;
  double seconds = 0;
};

/// Reads attributions, discovers motifs and writes patterns.h5 (the layout of TF-MoDISco),
/// patterns.meme, patterns.tsv, seqlets.bed and discovery.json (schema basewise/discovery/1). Where
/// no pattern is found, the files are there and say so; patterns.meme is then left out, because a
/// MEME file without motifs is none. The folder appears whole or not at all.
/// Errors: those of the readers; ArgumentError for options, and for a folder that is not empty.
DiscoverResult discover(const DiscoverOptions& options);

}  // namespace basewise::annotate
