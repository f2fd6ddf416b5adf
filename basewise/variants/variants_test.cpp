#include "basewise/variants/variants.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "basewise/io/vcf.h"
#include "basewise/metrics/variant_scores.h"
#include "basewise/variants/detail/parts.h"
#include "basewise/variants/detail/test_variants.h"

namespace basewise::variants {
namespace {

using metrics::VariantScore;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class Variants : public testing::VariantTest {
 protected:
  /// The letters of chr1 [begin, end), N outside.
  std::string piece(std::int64_t begin, std::int64_t end) const {
    std::string all;
    for (std::int64_t i = begin; i < end; ++i) all += i < 0 || i >= std::ssize(chr1_) ? 'N' : chr1_[static_cast<std::size_t>(i)];
    return all;
  }
};

constexpr std::int64_t kLeft = testing::kLength / 2 - 1;

TEST_F(Variants, ASubstitutionIsTheDifferenceOfTwoPredictions) {
  VariantOptions o = options(rows());
  o.scores = {VariantScore::sad, VariantScore::log_sed, VariantScore::d2};
  const VariantResult result = score(o);
  EXPECT_EQ(result.rows, 8);
  EXPECT_EQ(result.alleles, 10);
  EXPECT_EQ(result.scored, 10);
  EXPECT_EQ(result.window, 36);
  ASSERT_EQ(result.fields.size(), 3 * (3 + 5));
  EXPECT_EQ(result.fields[0], "SAD:rates:0");
  EXPECT_EQ(result.fields[23], "D2:tracks:4");
  const auto found = table(o.tsv);
  for (std::size_t i = 0; i < 5; ++i) {
    const std::int64_t at = std::stoll(found.at("pos")[i]) - 1;
    const std::string ref = piece(at - kLeft, at - kLeft + 36);
    std::string alt = ref;
    alt[kLeft] = found.at("alt")[i][0];
    for (const std::string head : {"rates", "tracks"}) {
      const auto r = predicted(head, ref), a = predicted(head, alt);
      for (std::size_t c = 0; c < r.size(); ++c)
        for (const VariantScore score : o.scores)
          EXPECT_NEAR(std::stod(found.at(format("{}:{}:{}", score, head, c))[i]), metrics::variant_score(score, r[c], a[c]), 2e-5)
              << head << c << to_word(score) << i;
    }
  }
  EXPECT_EQ(found.at("status")[0], "as_written&padded");
  EXPECT_EQ(found.at("status")[2], "as_written");
}

TEST_F(Variants, TheKeyHasTheFieldsOfItsHeader) {
  VariantOptions o = options(rows());
  o.outputs = {"rates"};
  o.tracks = {"1"};
  score(o);
  const std::string text = read_file(o.out);
  EXPECT_THAT(text, HasSubstr("##INFO=<ID=BASEWISE,Number=A,Type=String,Description=\"Effects of the alternative alleles by basewise"));
  EXPECT_THAT(text, HasSubstr("genome g.fa). Format: ALLELE|STATUS|SAD:rates:1\">\n#CHROM"));
  const auto found = table(o.tsv);
  EXPECT_THAT(text, HasSubstr("v60\t" + chr1_.substr(59, 1) + "\t" + other(60) + "\t.\t.\tBASEWISE=" + other(60) + "|as_written|" +
                              found.at("SAD:rates:1")[2] + "\n"));
  const auto& numbers = found.at("SAD:rates:1");
  EXPECT_THAT(text,
              HasSubstr(format("BASEWISE=T|as_written|{},GG|as_written|{},GGGG|as_written|{}\n", numbers[7], numbers[8], numbers[9])));
}

// The longer allele is predicted twice, with what follows it at both places.
TEST_F(Variants, IndelsAreCompensated) {
  const std::string inserted = chr1_.substr(69, 1) + "GATTACA";
  const std::string ref = piece(69 - kLeft, 69 - kLeft + 36), haplotype = piece(69 - kLeft, 69) + inserted + piece(70, 140);
  const auto r = predicted("tracks", ref), first = predicted("tracks", haplotype.substr(0, 36)),
             second = predicted("tracks", haplotype.substr(7, 36));
  for (const IndelCompensation how : {IndelCompensation::none, IndelCompensation::average, IndelCompensation::stitch}) {
    VariantOptions o = options("chr1\t70\tx\t" + chr1_.substr(69, 1) + "\t" + inserted + "\n" + row(80, 5, chr1_.substr(79, 1)));
    o.compensation = how;
    o.scores = {VariantScore::sad, VariantScore::sax};
    score(o);
    auto a = first;
    for (std::size_t c = 0; c < 5; ++c)
      for (std::size_t b = 0; b < 9; ++b) {
        if (how == IndelCompensation::average) a[c][b] = (first[c][b] + second[c][b]) / 2;
        if (how == IndelCompensation::stitch && b >= kLeft / 4) a[c][b] = second[c][b];
      }
    const auto found = table(o.tsv);
    for (std::size_t c = 0; c < 5; ++c)
      for (const VariantScore one : o.scores)
        EXPECT_NEAR(std::stod(found.at(format("{}:tracks:{}", one, c))[0]), metrics::variant_score(one, r[c], a[c]), 2e-5)
            << to_word(how) << c;
  }
}

TEST_F(Variants, SwappedAllelesGiveTheNegative) {
  VariantOptions o = options("chr1\t60\ta\t" + chr1_.substr(59, 1) + "\t" + other(60) + "\nchr1\t70\tb\t" + chr1_.substr(69, 1) + "\t" +
                             chr1_.substr(69, 1) + "GATTACA\n");
  VariantOptions swapped = options("chr1\t60\ta\t" + other(60) + "\t" + chr1_.substr(59, 1) + "\nchr1\t70\tb\t" + chr1_.substr(69, 1) +
                                       "GATTACA\t" + chr1_.substr(69, 1) + "\n",
                                   "swapped");
  const std::vector<VariantScore> with_sign = {VariantScore::sad, VariantScore::log_sad, VariantScore::log_sed, VariantScore::sax};
  const std::vector<VariantScore> without = {VariantScore::d1, VariantScore::log_d1, VariantScore::d2, VariantScore::log_d2};
  o.scores = with_sign;
  o.scores.insert(o.scores.end(), without.begin(), without.end());
  swapped.scores = o.scores;
  score(o);
  EXPECT_EQ(score(swapped).status.at("flipped"), 2);
  const auto a = table(o.tsv), b = table(swapped.tsv);
  for (const auto& [name, values] : a) {
    if (name.find(':') == std::string::npos) continue;
    const bool sign = std::any_of(with_sign.begin(), with_sign.end(), [&](VariantScore s) { return name.starts_with(format("{}:", s)); });
    for (std::size_t i = 0; i < 2; ++i) EXPECT_EQ(std::stod(values[i]), (sign ? -1 : 1) * std::stod(b.at(name)[i])) << name;
  }
  EXPECT_THAT(b.at("status"), Each("flipped"));
}

TEST_F(Variants, NumbersDependOnNoBatchAndNoOtherRow) {
  VariantOptions o = options(rows() + row(60, 1, other(60)));
  o.scores = {VariantScore::sad, VariantScore::log_js};
  score(o);
  const std::string whole = read_file(o.tsv), vcf = read_file(o.out);
  for (const std::int64_t size : {1, 3}) {
    o.batch_size = size;
    score(o);
    EXPECT_EQ(read_file(o.tsv), whole);
    EXPECT_EQ(read_file(o.out), vcf);
  }
  const auto found = table(o.tsv);
  for (const auto& [name, values] : found) EXPECT_EQ(values[2], values.back()) << name;
  o.tracks = {"1", "4"};
  o.outputs = {"tracks"};
  EXPECT_THAT(score(o).fields, ElementsAre("SAD:tracks:1", "SAD:tracks:4", "logJS:tracks:1", "logJS:tracks:4"));
  for (const auto& [name, values] : table(o.tsv)) EXPECT_EQ(values, found.at(name)) << name;
}

TEST_F(Variants, EveryRowIsWrittenAndSaysWhatItIs) {
  const std::string base = chr1_.substr(59, 1);
  const std::string text = "##x\n" + row(60, 1, other(60)) + row(60, 1, "<DEL>,*," + other(60)) + row(60, 1, ".") +
                           row(60, 1, base + "[chr2:5[") + row(60, 1, "R") +
                           "chr1\t400\tx\tA\tC\nchr9\t4\tx\tA\tC\tq\tf\tA=1;BASEWISE=old;B\n" + "chr1\t60\tx\t" +
                           (base == "G" || other(60) == "G" ? "T" : "G") + "\t" + (base == "N" ? "A" : "NN") + "\n";
  VariantOptions o = options(text);
  o.outputs = {"rates"};
  o.tracks = {"0"};
  const VariantResult result = score(o);
  EXPECT_EQ(result.rows, 8);
  EXPECT_EQ(result.alleles, 9);
  EXPECT_EQ(result.scored, 2);
  const std::map<std::string, std::int64_t> expected = {{"as_written", 2}, {"ambiguous", 1}, {"breakend", 1},   {"elsewhere", 1},
                                                        {"mismatch", 1},   {"outside", 1},   {"overlapped", 1}, {"symbolic", 1}};
  EXPECT_EQ(result.status, expected);
  EXPECT_THAT(table(o.tsv).at("status"), ElementsAre("as_written", "symbolic", "overlapped", "as_written", "missing", "breakend",
                                                     "ambiguous", "outside", "elsewhere", "mismatch"));
  const std::string written = read_file(o.out);
  EXPECT_THAT(written, HasSubstr("##fileformat=VCFv4.2\n##x\n##INFO="));
  EXPECT_THAT(written, HasSubstr("chr9\t4\tx\tA\tC\tq\tf\tA=1;B;BASEWISE=C|elsewhere|.\n"));
  EXPECT_THAT(written, HasSubstr("<DEL>|symbolic|.,*|overlapped|.," + other(60) + "|as_written|"));
  const std::string notes = fmt::format("{}", fmt::join(result.notes, "\n"));
  EXPECT_THAT(notes, HasSubstr("1 of 9 alleles are mismatch: the genome has none of the alleles; they have no scores (the first: line 9)"));
  EXPECT_THAT(notes, HasSubstr("has no chromosome 'chr9'"));
  EXPECT_THAT(notes, HasSubstr("2 fewer than 8 columns"));
}

// Positions that are off by one fit a genome at four alleles of ten.
TEST_F(Variants, RowsOfAnotherAssemblyAreToldApart) {
  std::string text;
  for (std::size_t pos = 60; pos < 68; ++pos) {
    std::string letters = "ACGT";
    std::erase(letters, chr1_[pos - 1]);
    text += format("chr1\t{}\tx\t{}\t{}\n", pos, letters[0], pos < 63 ? letters[1] : chr1_[pos - 1]);
  }
  const VariantResult result = score(options(text));
  EXPECT_EQ(result.status.at("mismatch"), 3);
  EXPECT_EQ(result.status.at("flipped"), 5);
  EXPECT_THAT(fmt::format("{}", fmt::join(result.notes, "\n")),
              HasSubstr("3 of 8 alleles do not fit " + (folder_ / "g.fa").string() + ": rows of another assembly"));
}

// Targets of two strands: 74 of them are 47 tracks in the tiny set of Baskerville.
TEST_F(Variants, StrandsOfATrackAreScoredAsOne) {
  VariantOptions o = options(rows());
  o.outputs = {"tracks"};
  o.scores = {VariantScore::sad, VariantScore::d2};
  score(o);
  const auto apart = table(o.tsv);
  run_.forms.partners["tracks"] = {1, 0, 2, 4, 3};
  EXPECT_THAT(score(o).fields,
              ElementsAre("SAD:tracks:0&1", "SAD:tracks:2", "SAD:tracks:3&4", "D2:tracks:0&1", "D2:tracks:2", "D2:tracks:3&4"));
  const auto together = table(o.tsv);
  for (std::size_t i = 0; i < 10; ++i) {
    const auto of = [&](const std::string& name) { return std::stod(apart.at(name)[i]); };
    EXPECT_NEAR(std::stod(together.at("SAD:tracks:0&1")[i]), of("SAD:tracks:0") + of("SAD:tracks:1"), 2e-5);
    EXPECT_EQ(together.at("SAD:tracks:2"), apart.at("SAD:tracks:2"));
    EXPECT_NEAR(std::stod(together.at("D2:tracks:3&4")[i]), std::hypot(of("D2:tracks:3"), of("D2:tracks:4")), 2e-5);
  }
  o.pairs = false;
  EXPECT_EQ(score(o).fields.size(), 10u);
}

TEST_F(Variants, ProfilesAreComparedByTheirShares) {
  run_.forms = {{"tracks", infer::OutputForm::softmax_positions}};
  VariantOptions o = options(rows());
  EXPECT_EQ(score(o).fields.size(), 3 + 5);
  const auto found = table(o.tsv);
  const std::string ref = piece(59 - kLeft, 59 - kLeft + 36);
  std::string alt = ref;
  alt[kLeft] = other(60)[0];
  auto r = predicted("tracks", ref)[2], a = predicted("tracks", alt)[2];
  for (double& x : r) x = std::exp(x);
  for (double& x : a) x = std::exp(x);
  EXPECT_NEAR(std::stod(found.at("jsd:tracks:2")[2]), metrics::variant_score(VariantScore::jsd, r, a), 2e-5);
  EXPECT_NEAR(std::stod(found.at("logfc:rates:1")[2]),
              metrics::variant_score(VariantScore::logfc, predicted("rates", ref)[1], predicted("rates", alt)[1]), 2e-5);
  o.outputs = {"rates"};
  o.scores = {VariantScore::jsd};
  EXPECT_THAT(error_text([&] { score(o); }), HasSubstr("score jsd is of profiles and this run has none: leave it out (scores)"));
}

TEST_F(Variants, LogitsAreScoredAsProbabilities) {
  run_.forms = {{"rates", infer::OutputForm::sigmoid}};
  VariantOptions o = options(row(60, 1, other(60)));
  o.outputs = {"rates"};
  score(o);
  const std::string ref = piece(59 - kLeft, 59 - kLeft + 36);
  std::string alt = ref;
  alt[kLeft] = other(60)[0];
  const double r = predicted("rates", ref)[0][0], a = predicted("rates", alt)[0][0];
  EXPECT_NEAR(std::stod(table(o.tsv).at("SAD:rates:0")[0]), 1 / (1 + std::exp(-a)) - 1 / (1 + std::exp(-r)), 1e-6);
  o.values = VariantValues::raw;
  score(o);
  EXPECT_NEAR(std::stod(table(o.tsv).at("SAD:rates:0")[0]), a - r, 1e-6);
}

// A call that was killed leaves parts; here those of a shard take their place.
TEST_F(Variants, PartsAreTakenUpAndPutTogether) {
  VariantOptions o = options(rows() + row(60, 1, "<DEL>") + row(60, 1, "."));
  o.scores = {VariantScore::sad, VariantScore::log_js};
  score(o);
  const std::string vcf = read_file(o.out), tsv = read_file(o.tsv);
  const fs::path parts = o.out.string() + ".parts";
  EXPECT_FALSE(fs::exists(parts));
  fs::remove(o.out);
  o.part_rows = 3;
  o.shard = "2/2";
  const VariantResult shard = score(o);
  EXPECT_FALSE(shard.finished);
  EXPECT_EQ(shard.computed, 4);
  EXPECT_EQ(shard.rows, 10);
  EXPECT_FALSE(fs::exists(o.out));
  EXPECT_TRUE(fs::exists(parts / "000001.txt"));
  o.shard = "";
  const VariantResult rest = score(o);
  EXPECT_TRUE(rest.finished);
  EXPECT_EQ(rest.computed, 6);
  EXPECT_EQ(read_file(o.out), vcf);
  EXPECT_EQ(read_file(o.tsv), tsv);
  EXPECT_FALSE(fs::exists(parts));

  o.shard = "1/2";
  score(o);
  o.scores = {VariantScore::sad};
  EXPECT_THAT(error_text([&] { score(o); }), HasSubstr("holds parts of other options"));
  o.scores = {VariantScore::sad, VariantScore::log_js};
  write_file(o.vcf, row(61, 1, "<DEL>") + rows().substr(rows().find("chr1")));
  o.shard = "";
  EXPECT_THAT(error_text([&] { score(o); }), HasSubstr("the variants were changed; remove the folder"));
  o.shard = "3/2";
  EXPECT_THAT(error_text([&] { score(o); }), HasSubstr("expected i/n"));
}

// One name and size, other bases: those of rows 1 to 3 would be of the first genome.
TEST_F(Variants, PartsOfAnotherGenomeAreDropped) {
  VariantOptions o = options(rows());
  o.part_rows = 3;
  o.shard = "1/2";
  score(o);
  std::string masked = chr1_;
  std::fill(masked.begin() + 40, masked.begin() + 58, 'N');
  write_file(o.genome, ">chr1\n" + masked + "\n>chr2\n" + testing::random_letters(50, 2) + "\n");
  EXPECT_THAT(error_text([&] { score(o); }), HasSubstr("parts of other options, another run or another genome"));
  o.shard = "";
  EXPECT_EQ(score(o).computed, 8);
  const std::string whole = read_file(o.tsv);
  o.part_rows = 2048;
  score(o);
  EXPECT_EQ(read_file(o.tsv), whole);
}

// Two calls begin at once with the same output and different scores.
TEST_F(Variants, PartsOfAnotherCallAreRefused) {
  const fs::path folder = folder_ / "out.vcf.parts";
  const nlohmann::ordered_json sad = {{"scores", "SAD"}}, ref = {{"scores", "REF"}};
  detail::Parts first(folder, sad, 1, {}), second(folder, ref, 1, {}), third(folder, sad, 1, {});
  const io::VcfRecord record = {.line = "chr1\t5\tx\tA\tC", .alts = {"C"}};
  EXPECT_EQ(first.next(record), detail::RowTask::compute);
  first.keep({{"0.5"}});
  first.finish(false);
  EXPECT_THAT(error_text([&] { second.next(record); }), HasSubstr("another call writes this output; remove the folder"));
  EXPECT_EQ(third.next(record), detail::RowTask::known);
  EXPECT_THAT(third.known(), ElementsAre(ElementsAre("0.5")));
}

TEST_F(Variants, WhatIsNoNumberIsCounted) {
  run_.forms = {{"rates", infer::OutputForm::sigmoid}};
  VariantOptions o = options(rows());
  o.outputs = {"rates"};
  o.scores = {VariantScore::sqrt_sum, VariantScore::sad};
  EXPECT_EQ(score(o).undefined, 0);
  const at::NoGradGuard no_gradients;
  for (at::Tensor& parameter : run_.model->parameters()) parameter.fill_(std::numeric_limits<float>::quiet_NaN());
  const VariantResult result = score(o);
  EXPECT_EQ(result.undefined, 10 * 2 * 3);
  EXPECT_THAT(fmt::format("{}", fmt::join(result.notes, "\n")), HasSubstr("60 scores of 10 alleles are no finite number and stand as '.'"));
}

TEST_F(Variants, OptionsThatDoNotFitAreRefused) {
  const auto refused = [&](auto change) {
    VariantOptions o = options(rows());
    change(o);
    return error_text([&] { score(o); });
  };
  EXPECT_THAT(refused([](VariantOptions& o) { o.out = o.tsv = ""; }), HasSubstr("needs a file to write"));
  EXPECT_THAT(refused([](VariantOptions& o) { o.genome = ""; }), HasSubstr("needs the genome"));
  EXPECT_THAT(refused([](VariantOptions& o) { o.vcf = ""; }), HasSubstr("needs a VCF file"));
  EXPECT_THAT(refused([](VariantOptions& o) { o.out = o.vcf; }), HasSubstr("out"));
  EXPECT_THAT(refused([](VariantOptions& o) { o.key = "a b"; }), HasSubstr("key 'a b' is none of the column INFO"));
  EXPECT_THAT(refused([](VariantOptions& o) { o.outputs = {"logits"}; }), HasSubstr("no output 'logits'; its outputs are rates, tracks"));
  EXPECT_THAT(refused([](VariantOptions& o) { o.tracks = {"CTCF"}; }), HasSubstr("no output has a track 'CTCF'; there are"));
  EXPECT_THAT(refused([](VariantOptions& o) {
                o.scores = {VariantScore::sad, VariantScore::d1, VariantScore::sad};
              }),
              HasSubstr("scores names SAD twice"));
  EXPECT_THAT(refused([](VariantOptions& o) { o.scores = {VariantScore::js}, o.outputs = {"rates"}; }),
              HasSubstr("score JS compares the shares of bins and this run has one bin: leave it out (scores)"));
  EXPECT_THAT(refused([&](VariantOptions& o) {
                o = options("##fileformat=VCFv4.2\n##INFO=<ID=AC,Number=A,Type=Integer,Description=\"c\">\n" + row(60, 1, "."));
                o.key = "AC";
              }),
              HasSubstr("the VCF file has a key AC of its own"));
  EXPECT_THAT(refused([&](VariantOptions& o) { o = options("chr7\t5\tx\tA\tC\n"); }), HasSubstr("chr7"));
  EXPECT_THAT(refused([&](VariantOptions& o) { o = options("chr1\t5\tx\n"); }), HasSubstr("out.in.vcf:1: 3 columns"));
  EXPECT_FALSE(fs::exists(folder_ / "out.vcf"));
}

}  // namespace
}  // namespace basewise::variants
