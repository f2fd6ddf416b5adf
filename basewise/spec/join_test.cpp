#include "basewise/spec/join.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "basewise/core/files.h"
#include "basewise/spec/expand.h"
#include "basewise/spec/model_file.h"
#include "basewise/spec/reader.h"
#include "basewise/spec/writer.h"
#include "tests/support/error_text.h"

namespace basewise::spec {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const std::string kDna = R"(format = 1
[inputs.sequence]
channels = 4
length = 101
[[layers]]
name = "stem"
type = "conv"
[[layers]]
name = "body"
type = "residual"
repeat = 2
  [[layers.layers]]
  type = "conv"
[[layers]]
name = "skip"
type = "crop"
from = ["stem", "body.0", "sequence"]
combine = "add"
[[heads]]
name = "logits"
  [[heads.layers]]
  type = "dense"
)";

const std::string kCells = R"(format = 1
[inputs.cells]
features = 50
[inputs.sequence]
channels = 4
length = 101
[[layers]]
name = "hidden"
type = "dense"
from = "cells"
[[heads]]
name = "logits"
from = "hidden"
  [[heads.layers]]
  name = "last"
  type = "dense"
  [[heads.layers]]
  type = "activation"
  from = ["last", "hidden"]
  combine = "concat"
)";

const std::string kParts =
    "format = 1\n[parts.dna]\nmodel = \"dna.toml\"\n[parts.cpg]\nmodel = \"cells\"\nheads = true\n";  // lines 1 to 6
const std::string kJoint =
    "[[layers]]\nname = \"joint\"\ntype = \"dense\"\nfrom = [\"dna\", \"cpg\", \"dna.stem\"]\ncombine = \"concat\"\n";
const std::string kHead = "[[heads]]\nname = \"methylation\"\n";

/// A folder with a part that is a file, one that is a run folder, and what joins them.
class Files {
 public:
  explicit Files(const std::string& over, const std::string& cells = kCells) {
    fs::create_directories(folder_ / "cells");
    write_file(folder_ / "dna.toml", kDna);
    write_file(folder_ / "cells/model.toml", cells);
    write_file(folder_ / "over.toml", over);
  }
  Files(const Files&) = delete;
  Files& operator=(const Files&) = delete;
  ~Files() { fs::remove_all(folder_); }

  ModelFile read() const { return read_model_file(folder_ / "over.toml"); }
  std::string error() const {
    return error_text<ArgumentError>([&] { read(); });
  }

 private:
  fs::path folder_ = fs::path(testing::TempDir()) / "join_test";
};

std::vector<std::string> names(const auto& all) {
  std::vector<std::string> names;
  for (const auto& one : all) names.push_back(one.name);
  return names;
}

TEST(Join, PartsStandSideBySideUnderTheirNames) {
  const ModelFile file = Files(kParts + kJoint + kHead).read();
  const ModelSpec& model = file.model;
  EXPECT_THAT(names(model.inputs), ElementsAre("sequence", "cells"));
  EXPECT_THAT(names(model.layers), ElementsAre("dna.stem", "dna.body", "dna.skip", "cpg.hidden", "joint"));
  EXPECT_THAT(names(model.heads), ElementsAre("cpg_logits", "methylation"));
  EXPECT_THAT(model.layers[0].from, ElementsAre("sequence"));
  EXPECT_EQ(model.layers[1].repeat, 2);
  EXPECT_THAT(model.layers[2].from, ElementsAre("dna.stem", "dna.body.0", "sequence"));
  EXPECT_THAT(model.layers[4].from, ElementsAre("dna.skip", "cpg.hidden", "dna.stem"));
  EXPECT_THAT(model.heads[0].from, ElementsAre("cpg.hidden"));
  EXPECT_THAT(model.heads[0].layers[1].from, ElementsAre("last", "cpg.hidden"));
  EXPECT_EQ(expanded(model).layers[2].path, "dna.body.1");
  // The text says all of it, without the parts' files.
  EXPECT_THAT(file.text, HasSubstr("# Joined from dna (dna.toml), cpg (cells)."));
  EXPECT_TRUE(parse_spec(file.text, "text") == model);
}

// Every layer of a part, at any depth, is found under the name that `joined_name` gives it.
TEST(Join, NamesOfWeightsOfAPart) {
  const ModelSpec part = expanded(parse_spec(kCells, "cells.toml"));
  const ModelSpec whole = expanded(Files(kParts + kJoint + kHead).read().model);
  EXPECT_EQ(joined_name(part, "cpg", part.layers[0].path + ".weight"), whole.layers[4].path + ".weight");
  EXPECT_EQ(joined_name(part, "cpg", "logits.last.bias"), whole.heads[0].layers[0].path + ".bias");
  EXPECT_EQ(joined_name(parse_spec(kDna, "dna.toml"), "dna", "body.1.conv.weight"),
            whole.layers[2].layers[0].path + ".weight");
}

// A model over one part: a trunk that is used again, with another head.
TEST(Join, OverOnePartWhatSaysNothingFollowsIt) {
  const std::string one = "format = 1\n[parts.dna]\nmodel = \"dna.toml\"\n";
  EXPECT_THAT(Files(one + kHead).read().model.heads[0].from, ElementsAre("dna.skip"));
  const ModelSpec model = Files(one + "[[layers]]\ntype = \"dense\"\n" + kHead).read().model;
  EXPECT_THAT(model.layers.back().from, ElementsAre("dna.skip"));
  EXPECT_TRUE(model.heads[0].from.empty());
}

TEST(Join, PartsMayHaveParts) {
  const std::string inner = "format = 1\n[parts.dna]\nmodel = \"../dna.toml\"\n" + kHead;
  const ModelSpec model = Files("format = 1\n[parts.both]\nmodel = \"cells\"\nheads = true\n", inner).read().model;
  EXPECT_THAT(names(model.layers), ElementsAre("both.dna.stem", "both.dna.body", "both.dna.skip"));
  EXPECT_THAT(names(model.heads), ElementsAre("both_methylation"));
}

TEST(Join, Mistakes) {
  const auto error = [](const std::string& over, const std::string& cells = kCells) {
    return Files(over, cells).error();
  };
  const std::string longer = "format = 1\n[inputs.sequence]\nchannels = 4\nlength = 2001\n" + kHead;
  EXPECT_THAT(error(kParts + kJoint + kHead, longer),
              testing::ContainsRegex("cells/model.toml:2: input 'sequence' is \\(N, 4, 2001\\) complemented here and "
                                     "\\(N, 4, 101\\) complemented in "
                                     ".*dna.toml:2; joined models share inputs of one name"));
  EXPECT_THAT(error(kParts + "[[layers]]\ntype = \"dense\"\n" + kHead),
              HasSubstr("over.toml:7: layer 'dense' stands over several parts and must say what it takes: from = "
                        "[\"dna\", \"cpg\"] or some of them"));
  EXPECT_THAT(error(kParts + kHead), HasSubstr("over.toml:7: head 'methylation' stands over several parts"));
  EXPECT_THAT(error(kParts + kJoint + "[[layers]]\nname = \"dna.more\"\ntype = \"dense\"\n" + kHead),
              HasSubstr("over.toml:12: name 'dna.more' belongs to the part 'dna'"));
  EXPECT_THAT(error(kParts + kJoint + "[[heads]]\nname = \"cpg_logits\"\n"),
              HasSubstr("name 'cpg_logits' is used twice"));
  EXPECT_THAT(error("format = 1\n[parts.cells]\nmodel = \"cells\"\n" + kHead),
              HasSubstr("name 'cells' belongs to the part 'cells'; choose another"));
  EXPECT_THAT(error("format = 1\n[parts.dna]\nmodel = \"dna.toml\"\n"),
              HasSubstr("over.toml:2: the joined model has no head"));
  EXPECT_THAT(error("format = 1\n[parts.dna]\nmodel = \"rna.toml\"\n"),
              HasSubstr("over.toml:2: part 'dna': there is no model file or run folder"));
  EXPECT_THAT(error("format = 1\n[parts.dna]\nmodel = \"over.toml\"\n"), HasSubstr("is a part of itself"));
}

}  // namespace
}  // namespace basewise::spec
