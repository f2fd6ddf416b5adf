// Attention and its gradients against plain loops in double precision.
#include "basewise/kernels/attention.h"

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "tests/support/error_text.h"

namespace basewise::kernels {
namespace {

using Numbers = std::vector<float>;

Numbers numbers(std::int64_t n, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal;
  Numbers all(static_cast<std::size_t>(n));
  for (float& v : all) v = normal(random);
  return all;
}

// Everything that is read, what came out, and the gradients.
struct Problem {
  AttentionShape shape;
  bool positions = true;
  Numbers query, key, value, content, place, position, dout;
  std::vector<std::int64_t> absent;

  Problem(const AttentionShape& s, bool with_positions, std::int64_t most_absent) : shape(s), positions(with_positions) {
    query = numbers(s.heads * s.batch * s.queries * s.width, 1);
    key = numbers(s.heads * s.batch * s.keys * s.width, 2);
    value = numbers(s.heads * s.batch * s.keys * s.width, 3);
    content = numbers(s.heads * s.width, 4);
    place = numbers(s.heads * s.width, 5);
    position = numbers(s.heads * s.reach() * s.width, 6);
    dout = numbers(s.heads * s.batch * s.queries * s.width, 7);
    for (std::int64_t n = 0; n < s.batch; ++n) absent.push_back(std::min(s.before, n * most_absent));
  }
  AttentionInput input() const {
    AttentionInput in{query.data(), key.data(), value.data(), nullptr, nullptr, nullptr, absent.data()};
    if (positions) in.content_bias = content.data(), in.position_bias = place.data(), in.position = position.data();
    return in;
  }
};

struct Found {
  Numbers out, dquery, dkey, dvalue, dposition, dcontent, dplace;
  explicit Found(const Problem& p)
      : out(p.query.size(), 99.0f),
        dquery(out),
        dkey(p.key.size(), 99.0f),
        dvalue(dkey),
        dposition(p.positions ? p.position.size() : 0, 99.0f),
        dcontent(p.positions ? p.content.size() : 0, 99.0f),
        dplace(dcontent) {}
};

Found computed(const Problem& p, const Run& run) {
  Found f(p);
  Numbers log_sum(p.query.size() / static_cast<std::size_t>(p.shape.width));
  attention_forward({p.shape, p.input(), f.out.data(), log_sum.data()}, run);
  attention_backward({p.shape, p.input(), f.out.data(), log_sum.data(), p.dout.data(), f.dquery.data(), f.dkey.data(), f.dvalue.data(),
                      f.dposition.data(), f.dcontent.data(), f.dplace.data()},
                     run);
  return f;
}

// One query of one head of one example, added to the results.
class Loops {
 public:
  Loops(const Problem& p, std::vector<double> (&sums)[7]) : p_(p), s_(p.shape), sums_(sums) {}

  void operator()(std::int64_t h, std::int64_t b, std::int64_t i) {
    const std::int64_t own = s_.before + i, first = std::max({p_.absent[static_cast<std::size_t>(b)], own - s_.left, std::int64_t{0}});
    const std::int64_t last = std::min(s_.keys - 1, own + s_.right), q = ((h * s_.batch + b) * s_.queries + i) * s_.width;
    const auto key = [&](std::int64_t j) { return ((h * s_.batch + b) * s_.keys + j) * s_.width; };
    const auto row = [&](std::int64_t j) { return (h * s_.reach() + j - own + s_.left) * s_.width; };
    const double scale = 1 / std::sqrt(static_cast<double>(s_.width));
    std::vector<double> weight;
    double total = 0;
    for (std::int64_t j = first; j <= last; ++j) {
      double s = 0;
      for (std::int64_t k = 0; k < s_.width; ++k) s += biased(p_.content, h, q, k) * at(p_.key, key(j) + k);
      for (std::int64_t k = 0; p_.positions && k < s_.width; ++k) s += biased(p_.place, h, q, k) * at(p_.position, row(j) + k);
      weight.push_back(std::exp(s * scale));
      total += weight.back();
    }
    double mean = 0;
    const auto slope = [&](std::int64_t j) {
      double sum = 0;
      for (std::int64_t k = 0; k < s_.width; ++k) sum += at(p_.dout, q + k) * at(p_.value, key(j) + k);
      return sum;
    };
    for (std::int64_t j = first; j <= last; ++j) mean += weight[static_cast<std::size_t>(j - first)] / total * slope(j);
    for (std::int64_t j = first; j <= last; ++j) {
      const double w = weight[static_cast<std::size_t>(j - first)] / total, ds = w * (slope(j) - mean) * scale;
      for (std::int64_t k = 0; k < s_.width; ++k) {
        add(0, q + k, w * at(p_.value, key(j) + k));
        add(1, q + k, ds * (at(p_.key, key(j) + k) + (p_.positions ? at(p_.position, row(j) + k) : 0.0)));
        add(2, key(j) + k, ds * biased(p_.content, h, q, k));
        add(3, key(j) + k, w * at(p_.dout, q + k));
        if (!p_.positions) continue;
        add(4, row(j) + k, ds * biased(p_.place, h, q, k));
        add(5, h * s_.width + k, ds * at(p_.key, key(j) + k));
        add(6, h * s_.width + k, ds * at(p_.position, row(j) + k));
      }
    }
  }

 private:
  static double at(const Numbers& x, std::int64_t i) { return x[static_cast<std::size_t>(i)]; }
  double biased(const Numbers& bias, std::int64_t h, std::int64_t q, std::int64_t k) const {
    return at(p_.query, q + k) + (p_.positions ? at(bias, h * s_.width + k) : 0.0);
  }
  void add(int which, std::int64_t i, double value) { sums_[which][static_cast<std::size_t>(i)] += value; }

  const Problem& p_;
  const AttentionShape& s_;
  std::vector<double> (&sums_)[7];
};

// The largest distance of what was computed, over the root mean square of what it should be and a
// hundredth: slopes that cancel leave rounding alone.
double distance(const Problem& p, const Found& f) {
  const Numbers* found[] = {&f.out, &f.dquery, &f.dkey, &f.dvalue, &f.dposition, &f.dcontent, &f.dplace};
  std::vector<double> expected[7];
  for (int i = 0; i < 7; ++i) expected[i].resize(found[i]->size());
  Loops loops(p, expected);
  for (std::int64_t h = 0; h < p.shape.heads; ++h)
    for (std::int64_t b = 0; b < p.shape.batch; ++b)
      for (std::int64_t i = 0; i < p.shape.queries; ++i) loops(h, b, i);
  double worst = 0;
  for (int i = 0; i < 7; ++i) {
    double squares = 0, most = 0;
    for (std::size_t k = 0; k < expected[i].size(); ++k) {
      squares += expected[i][k] * expected[i][k];
      most = std::max(most, std::abs(expected[i][k] - double{(*found[i])[k]}));
    }
    if (!expected[i].empty()) worst = std::max(worst, most / (std::sqrt(squares / static_cast<double>(expected[i].size())) + 0.01));
  }
  return worst;
}

TEST(Attention, EqualsItsDefinitionForRandomShapes) {
  for (const Isa isa : supported_isas())
    EXPECT_TRUE(rc::check([&] {
      AttentionShape s;
      s.heads = *rc::gen::inRange<std::int64_t>(1, 4);
      s.batch = *rc::gen::inRange<std::int64_t>(1, 4);
      s.queries = *rc::gen::inRange<std::int64_t>(1, 90);
      s.before = *rc::gen::inRange<std::int64_t>(0, 80);
      s.keys = s.before + s.queries + *rc::gen::inRange<std::int64_t>(0, 4);
      s.width = *rc::gen::inRange<std::int64_t>(1, 40);
      s.left = *rc::gen::inRange<std::int64_t>(0, 100);
      s.right = *rc::gen::inRange<std::int64_t>(0, 9);
      const Problem p(s, *rc::gen::arbitrary<bool>(), *rc::gen::inRange<std::int64_t>(0, 30));
      RC_ASSERT(distance(p, computed(p, {isa, &default_executor()})) < 2e-4);
    }));
}

// The shapes of training and of evaluation with memory, shorter.
TEST(Attention, EqualsItsDefinitionForWidthsOfTheSource) {
  for (const Isa isa : supported_isas())
    for (const auto& [before, left] : {std::pair<std::int64_t, std::int64_t>{0, 127}, {128, 127}, {0, 63}}) {
      const Problem p({2, 3, 128, before + 128, 32, before, left, 0}, true, 0);
      EXPECT_LT(distance(p, computed(p, {isa, &default_executor()})), 1e-4) << name(isa) << " " << before;
    }
}

TEST(Attention, ThreadsChangeNothing) {
  const Problem p({3, 2, 70, 100, 20, 30, 40, 0}, true, 7);
  const Found one = computed(p, {default_isa(), &serial_executor()}), many = computed(p, {default_isa(), &default_executor()});
  EXPECT_EQ(one.out, many.out);
  EXPECT_EQ(one.dquery, many.dquery);
  EXPECT_EQ(one.dposition, many.dposition);
  EXPECT_EQ(one.dcontent, many.dcontent);
}

// Large scores: only differences count.
TEST(Attention, LargeScoresStayFinite) {
  Problem p({1, 1, 40, 40, 8, 0, 39, 0}, true, 0);
  for (float& v : p.query) v *= 300;
  const Found f = computed(p, {default_isa(), &serial_executor()});
  for (const Numbers* all : {&f.out, &f.dquery, &f.dkey, &f.dvalue, &f.dposition})
    for (const float v : *all) EXPECT_TRUE(std::isfinite(v));
}

TEST(Attention, RefusesSizesThatDoNotFit) {
  const Problem p({1, 1, 10, 12, 4, 2, 3, 0}, true, 0);
  Found f(p);
  AttentionForward call{p.shape, p.input(), f.out.data(), nullptr};
  call.shape.keys = 11;
  EXPECT_EQ(error_text<ArgumentError>([&] { attention_forward(call); }),
            "attention: 10 queries from key 2 on do not fit 11 keys of width 4, 3 to the left and 0 to the right");
  call = {p.shape, p.input(), f.out.data(), nullptr};
  call.input.position_bias = nullptr;
  EXPECT_EQ(error_text<ArgumentError>([&] { attention_forward(call); }), "attention: positions and both biases come together");
}

}  // namespace
}  // namespace basewise::kernels
