#include "basewise/core/files.h"
#include "basewise/io/attribution_writer.h"
#include "basewise/io/attributions.h"
#include "basewise/io/hdf5.h"
#include "basewise/io/hdf5_writer.h"
#include "basewise/io/modisco_file.h"
#include "tests/fuzz/readers.h"

namespace basewise::fuzz {
namespace {

constexpr std::int64_t kExamples = 3, kLength = 13;

motifs::AttributionSet examples() {
  motifs::AttributionSet set;
  set.examples = kExamples;
  set.length = kLength;
  for (std::int64_t i = 0; i < kExamples * kLength; ++i) set.tokens.push_back(static_cast<seq::Token>(i * 7 % 5));
  for (std::int64_t i = 0; i < kExamples * 4 * kLength; ++i) set.hypothetical.push_back(static_cast<float>(i % 31) / 8);
  set.contributions.assign(set.tokens.size(), 0.5f);
  return set;
}

std::string plain(const fs::path& scratch) {
  const std::vector<float> values(60, 0.5f);
  const std::vector<std::string> texts = {"chr1", "", "chr22"};
  {
    io::H5Writer file(scratch / "x.h5");
    file.write<float>("a/plain", values, {3, 4, 5});
    file.write<float>("a/packed", values, {3, 4, 5}, {.dtype = io::DType::f16, .gzip = 1, .chunk_rows = 2});
    file.write<std::int64_t>("b", std::vector<std::int64_t>{0, 1, 1}, {3}, {.dtype = io::DType::boolean});
    file.write_text("text", texts);
    file.write_text("fixed", texts, true);
    file.attribute("a", "word", std::string("x"));
    file.attribute("", "n", std::int64_t{5});
    file.close();
  }
  return read_file(scratch / "x.h5");
}

void read_everything(const io::H5File& file) {
  std::vector<std::string> paths = file.data_sets();
  file.list();
  for (const std::string& path : paths) {
    const io::H5Info info = file.info(path);
    if (info.text)
      file.read_text(path);
    else
      file.read<double>(path);
    for (const std::string& name : file.attributes(path)) file.attribute<double>(path, name);
  }
  for (const std::string& name : file.attributes("a")) file.attribute<std::string>("a", name);
}

std::string chrombpnet(const fs::path& scratch) {
  const motifs::AttributionSet set = examples();
  io::AttributionH5Writer file(scratch / "x.h5", kLength);
  file.append(set.tokens, set.hypothetical);
  file.close();
  return read_file(scratch / "x.h5");
}

Files pair(const fs::path& scratch) {
  const motifs::AttributionSet set = examples();
  io::AttributionPairWriter file(scratch / "sequences.npz", scratch / "attributions.npz", kLength);
  file.append(set.tokens, set.hypothetical);
  file.close();
  return {{"attributions.npz", read_file(scratch / "attributions.npz")},
          {"sequences.npz", read_file(scratch / "sequences.npz")},
          {"attribute.json", R"({"schema": "basewise/attribution/1", "hypothetical": true})"},
          {"loci.tsv", "example\tname\tchrom\tstart\tend\tstrand\n0\ta\tc\t5\t18\t+\n1\tb\tc\t9\t22\t-\n2\tc\t\t\t\t\n"}};
}

std::string patterns(const fs::path& scratch) {
  motifs::Pattern pattern;
  pattern.sequence.assign(3, {0.25, 0.25, 0.5, 0});
  pattern.contributions.assign(3, {1, 0, -1, 0.5});
  pattern.hypothetical = pattern.contributions;
  pattern.seqlets = {{0, 2, 5, false}, {2, 10, 13, true}};
  motifs::Pattern other = pattern;
  other.positive = false;
  pattern.subpatterns = {other};
  io::write_modisco(scratch / "x.h5", {pattern, other}, examples());
  return read_file(scratch / "x.h5");
}

}  // namespace

std::vector<Reader> hdf5_readers(const fs::path& scratch) {
  return {
      {"hdf5", {{{"x.h5", plain(scratch)}}}, [](const fs::path& f) { read_everything(io::H5File(f / "x.h5")); }},
      {"attributions_hdf5",
       {{{"x.h5", chrombpnet(scratch)}}},
       [](const fs::path& f) { io::read_attributions({.attributions = f / "x.h5"}); }},
      {"attributions", {pair(scratch)}, [](const fs::path& f) { io::read_attributions({.attributions = f}); }},
      {"modisco", {{{"x.h5", patterns(scratch)}}}, [](const fs::path& f) { io::read_modisco(f / "x.h5"); }},
  };
}

}  // namespace basewise::fuzz
