// Attributions whose work is cut short or shared out, and folders that are not theirs.
#include "basewise/interpret/attribute_run.h"
#include "basewise/interpret/detail/test_attribution.h"

namespace basewise::interpret {
namespace {

namespace fs = std::filesystem;
using namespace interpret::testing;
using ::testing::HasSubstr;

TEST_F(Attribute, BytesDoNotDependOnWhereWorkWasCut) {
  write_sequences("many.fa", 600);  // pieces of 256, 256 and 88
  AttributeOptions o = of_fasta("many.fa", "at_once");
  o.method = AttributeMethod::deepshap;
  o.number_of_references = 2;
  attribute_run(o);
  const auto at_once = bytes_of(folder_ / "at_once");
  const auto same = [&](const AttributeOptions& other) {
    auto files = bytes_of(other.out);
    EXPECT_EQ(files.size(), at_once.size());
    for (const auto& [name, bytes] : at_once) EXPECT_EQ(files[name], bytes) << name;
  };
  for (int done = 1; done <= 3; ++done) {
    AttributeOptions part = o;
    part.out = folder_ / format("cut_{}", done);
    part.shard = format("{}/3", done);
    EXPECT_FALSE(attribute_run(part).finished);
    part.shard.clear();
    EXPECT_THAT(message<StateError>(part), HasSubstr("holds unfinished attributions; --resume continues them, --overwrite starts anew"));
    part.resume = true;
    const AttributeResult rest = attribute_run(part);
    EXPECT_EQ(rest.computed, done == 3 ? 512 : 344);
    same(part);
    EXPECT_TRUE(attribute_run(part).finished_before);
    part.formats = {AttributeFormat::h5};
    EXPECT_THAT(message<StateError>(part), HasSubstr("made with other options"));
  }
  AttributeOptions shards = o;
  shards.out = folder_ / "shards";
  for (const char* part : {"3/3", "1/3", "2/3"}) {
    shards.shard = part;
    attribute_run(shards);
  }
  shards.shard.clear();
  shards.join = true;
  EXPECT_EQ(attribute_run(shards).computed, 0);
  same(shards);
}

TEST_F(Attribute, TheBatchChangesRoundingAlone) {
  AttributeOptions o = of_fasta("some.fa", "whole");
  o.method = AttributeMethod::deepshap;
  o.number_of_references = 3;
  attribute_run(o);
  o.out = folder_ / "batches";
  o.batch_size = 2;
  attribute_run(o);
  const Folder whole(folder_ / "whole"), batches(folder_ / "batches");
  EXPECT_EQ(batches.sequences, whole.sequences);
  EXPECT_LE((batches.scores - whole.scores).abs().max().item<float>(), 1e-6F * whole.scores.abs().max().item<float>());
}

TEST_F(Attribute, ADamagedPieceIsNamed) {
  write_sequences("many.fa", 300);
  AttributeOptions o = of_fasta("many.fa");
  o.shard = "1/2";
  attribute_run(o);
  write_file(folder_ / "out" / "pieces" / "000000.npz", "not a piece");
  o.shard.clear();
  o.resume = true;
  EXPECT_THAT(message<DataError>(o), HasSubstr("remove the file and call again with --resume: its examples are computed anew"));
  fs::remove(folder_ / "out" / "pieces" / "000000.npz");
  EXPECT_TRUE(attribute_run(o).finished);
}

TEST_F(Attribute, AResumeWithOtherOptionsIsRefusedByTheirName) {
  write_sequences("many.fa", 300);
  AttributeOptions o = of_fasta("many.fa");
  o.shard = "1/2";
  attribute_run(o);
  o.shard.clear();
  o.resume = true;
  AttributeOptions other = o;
  other.method = AttributeMethod::smoothgrad;
  EXPECT_THAT(message<StateError>(other), HasSubstr("what was begun there has method = \"gradient\", now it is \"smoothgrad\"; give the "
                                                    "options of the first call, another folder, or --overwrite to start anew"));
  other = o;
  other.central = 9;
  EXPECT_THAT(message<StateError>(other), HasSubstr("has central = 0, now it is 9"));
  save_weights(4);
  EXPECT_THAT(message<StateError>(o), HasSubstr("the weights of the run are not those that the work was begun with"));
  save_weights(3);
  write_sequences("many.fa", 301);
  EXPECT_THAT(message<StateError>(o), HasSubstr("an input file is not what it was when the work was begun"));
  write_sequences("many.fa", 300);
  o.batch_size = 5;
  o.type = AttributeType::float16;
  EXPECT_TRUE(attribute_run(o).finished) << "what changes no number may change";
  EXPECT_EQ(io::NpzFile(folder_ / "out" / "attributions.npz").read("arr_0").dtype, io::DType::f16);
}

TEST_F(Attribute, FoldersOfOthersAreLeftAlone) {
  write_file(folder_ / "out" / "thesis.txt", "years of work");
  EXPECT_THAT(message<StateError>(of_fasta()), HasSubstr("is not empty and holds no attributions; give a new folder"));
  AttributeOptions o = of_fasta("some.fa", "mine");
  attribute_run(o);
  EXPECT_THAT(message<StateError>(o), HasSubstr("holds finished attributions; give another folder, or --overwrite to replace them"));
  o.projected = o.overwrite = true;
  attribute_run(o);
  EXPECT_EQ(Folder(o.out).document["hypothetical"], false);
  o.overwrite = false;
  o.resume = true;
  o.seed = 9;
  EXPECT_THAT(message<StateError>(o), HasSubstr("were made with other options"));
}

TEST_F(Attribute, OptionsThatDoNotFitAreErrors) {
  EXPECT_THAT(message<ArgumentError>(options()), HasSubstr("fasta, table and split says what the examples are; none is given"));
  AttributeOptions o = of_fasta();
  o.examples.genome = folder_ / "genome.fa";
  EXPECT_THAT(message<ArgumentError>(o), HasSubstr("several are given"));
  o = of_bed();
  o.examples.bed.clear();
  EXPECT_THAT(message<ArgumentError>(o), HasSubstr("a genome needs intervals (bed) or regions"));
  o = of_fasta();
  o.formats = {AttributeFormat::bigwig};
  EXPECT_THAT(message<ArgumentError>(o), HasSubstr("bigwig needs examples of a genome"));
  o = of_fasta();
  o.shard = "3/2";
  EXPECT_THAT(message<ArgumentError>(o), HasSubstr("shard is \"3/2\"; expected i/n with 1 <= i <= n, such as 2/5"));
  o = of_fasta();
  o.references = "zeros";
  EXPECT_THAT(message<ArgumentError>(o), HasSubstr("references mean nothing with method = \"gradient\""));
  o = of_fasta();
  o.samples = 3;
  EXPECT_THAT(message<ArgumentError>(o), HasSubstr("samples means nothing with method = \"gradient\": it is an option of smoothgrad"));
  o = of_fasta();
  o.references = "zeros";
  o.method = AttributeMethod::deeplift;
  o.references = "shuffled";
  EXPECT_THAT(message<ArgumentError>(o), HasSubstr("references is \"shuffled\"; it must be dinucleotide, permuted,"));
  o = of_fasta();
  o.central = 38;
  EXPECT_THAT(message<ArgumentError>(o), HasSubstr("central is 38, but the sequences have 37 bases"));
  o = of_fasta("some.fa", "joined");
  o.join = true;
  EXPECT_THAT(message<StateError>(o), HasSubstr("11 of 11 examples are missing, the first of them number 0"));
}

}  // namespace
}  // namespace basewise::interpret
