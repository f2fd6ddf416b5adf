// Recurrent layers against plain loops in double precision, and their gradients against differences
// of those.
#include <algorithm>
#include <array>
#include <cmath>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "basewise/core/format.h"
#include "basewise/kernels/recurrent_backward.h"
#include "tests/support/error_text.h"

namespace basewise::kernels {
namespace {

using Floats = std::vector<float>;
using Doubles = std::vector<double>;

// What is read, in one order: x, then W, U, b, c of each direction, then the starts.
enum Tensor { kX = 0, kWeight = 1, kState = 9, kCell = 10, kTensors = 11 };
constexpr const char* kNames[] = {"x", "W", "U", "b", "c", "W'", "U'", "b'", "c'", "state", "cell"};
template <class T>
using All = std::array<std::vector<T>, kTensors>;

std::size_t size(std::int64_t n) { return static_cast<std::size_t>(n); }

Floats numbers(std::int64_t n, unsigned seed, double scale = 1) {
  std::mt19937 random(seed);
  std::normal_distribution<double> normal(0, scale);
  Floats all(size(n));
  for (float& v : all) v = static_cast<float>(normal(random));
  return all;
}

struct Problem {
  RecurrentShape s;
  bool starts;
  All<float> read;
  Floats dstates, dlast, dlast_cell;

  Problem(const RecurrentShape& shape, bool with_starts) : s(shape), starts(with_starts) {
    const std::int64_t gates = s.gate_units(), ends = s.batch * s.directions() * s.units;
    read[kX] = numbers(s.batch * s.length * s.channels, 1);
    for (std::int64_t d = 0; d < s.directions(); ++d) {
      const std::size_t w = size(kWeight + 4 * d);
      const auto seed = static_cast<unsigned>(10 * d);
      read[w] = numbers(gates * s.channels, seed + 2, 1 / std::sqrt(static_cast<double>(s.channels)));
      read[w + 1] = numbers(gates * s.units, seed + 3, 1 / std::sqrt(static_cast<double>(s.units)));
      read[w + 2] = numbers(gates, seed + 4, 0.5);
      read[w + 3] = numbers(gates, seed + 5, 0.5);
    }
    if (starts) read[kState] = numbers(ends, 6, 0.5);
    if (starts && s.cell == RecurrentCell::lstm) read[kCell] = numbers(ends, 7);
    dstates = numbers(s.batch * s.length * s.directions() * s.units, 8);
    dlast = numbers(ends, 9);
    dlast_cell = numbers(s.cell == RecurrentCell::lstm ? ends : 0, 10);
  }
};

// ---- plain loops --------------------------------------------------------------------------------

struct Plain {
  Doubles states, last, last_cell;
};

class Loops {
 public:
  Loops(const RecurrentShape& s, const All<double>& read) : s_(s), read_(read) {}

  Plain operator()() const {
    const std::int64_t ends = s_.batch * s_.directions() * s_.units;
    Plain found{Doubles(size(s_.batch * s_.length * s_.directions() * s_.units)), Doubles(size(ends)), Doubles(size(ends))};
    for (std::int64_t n = 0; n < s_.batch; ++n)
      for (std::int64_t d = 0; d < s_.directions(); ++d) example(n, d, found);
    return found;
  }

 private:
  double gate(double v) const { return s_.gates == GateFunction::sigmoid ? 1 / (1 + std::exp(-v)) : std::clamp(0.2 * v + 0.5, 0.0, 1.0); }

  void example(std::int64_t n, std::int64_t d, Plain& found) const {
    const std::size_t at = size((n * s_.directions() + d) * s_.units);
    const auto start = [&](const Doubles& all) {
      Doubles own(size(s_.units));
      if (!all.empty()) std::copy_n(all.begin() + static_cast<std::ptrdiff_t>(at), s_.units, own.begin());
      return own;
    };
    Doubles state = start(read_[kState]), cell = start(read_[kCell]);
    for (std::int64_t step = 0; step < s_.length; ++step) {
      const std::int64_t t = d == 0 ? step : s_.length - 1 - step;
      next(read_[kX].data() + (n * s_.length + t) * s_.channels, size(kWeight + 4 * d), state, cell);
      for (std::int64_t k = 0; k < s_.units; ++k)
        found.states[size(((n * s_.length + t) * s_.directions() + d) * s_.units + k)] = state[size(k)];
    }
    std::copy(state.begin(), state.end(), found.last.begin() + static_cast<std::ptrdiff_t>(at));
    std::copy(cell.begin(), cell.end(), found.last_cell.begin() + static_cast<std::ptrdiff_t>(at));
  }

  void next(const double* x, std::size_t w, Doubles& state, Doubles& cell) const {
    const auto product = [](const Doubles& weight, std::int64_t row, const double* v, std::int64_t n) {
      double sum = 0;
      for (std::int64_t k = 0; k < n; ++k) sum += weight[size(row * n + k)] * v[k];
      return sum;
    };
    const auto in = [&](std::int64_t g, std::int64_t u) {
      const std::int64_t row = g * s_.units + u;
      return product(read_[w], row, x, s_.channels) + read_[w + 2][size(row)];
    };
    const auto back = [&](std::int64_t g, std::int64_t u, const Doubles& from) {
      const std::int64_t row = g * s_.units + u;
      return product(read_[w + 1], row, from.data(), s_.units) + read_[w + 3][size(row)];
    };
    Doubles let = state, result = state;
    for (std::int64_t u = 0; u < s_.units; ++u) let[size(u)] *= gate(in(0, u) + back(0, u, state));
    for (std::int64_t u = 0; u < s_.units; ++u) {
      const double first = gate(in(0, u) + back(0, u, state)), second = gate(in(1, u) + back(1, u, state));
      if (s_.cell == RecurrentCell::lstm) {
        cell[size(u)] = second * cell[size(u)] + first * std::tanh(in(2, u) + back(2, u, state));
        result[size(u)] = gate(in(3, u) + back(3, u, state)) * std::tanh(cell[size(u)]);
      } else {
        const double sum = s_.cell == RecurrentCell::gru ? first * back(2, u, state) : back(2, u, let);
        result[size(u)] = second * state[size(u)] + (1 - second) * std::tanh(in(2, u) + sum);
      }
    }
    state = result;
  }

  const RecurrentShape& s_;
  const All<double>& read_;
};

All<double> precise(const All<float>& read) {
  All<double> all;
  for (std::size_t i = 0; i < all.size(); ++i) all[i].assign(read[i].begin(), read[i].end());
  return all;
}

// The sum of everything that came out, weighted as the gradients that are given.
double value(const Problem& p, const All<double>& read) {
  const Plain found = Loops(p.s, read)();
  const auto sum = [](const Doubles& a, const Floats& b) {
    double total = 0;
    for (std::size_t i = 0; i < b.size(); ++i) total += a[i] * b[i];
    return total;
  };
  return sum(found.states, p.dstates) + sum(found.last, p.dlast) + sum(found.last_cell, p.dlast_cell);
}

// ---- kernels ------------------------------------------------------------------------------------

struct Found {
  Floats states, last, last_cell;
  All<float> gradients;
};

RecurrentWeights weights_of(const All<float>& read, std::int64_t d) {
  const std::size_t w = size(kWeight + 4 * d);
  return {read[w].data(), read[w + 1].data(), read[w + 2].data(), read[w + 3].data()};
}

RecurrentForward forward_call(const Problem& p) {
  RecurrentForward call{p.s, {p.read[kX].data(), p.s.length * p.s.channels, p.s.channels}};
  for (std::int64_t d = 0; d < p.s.directions(); ++d) call.weights[d] = weights_of(p.read, d);
  if (p.starts) call.start = {p.read[kState].data(), p.read[kCell].empty() ? nullptr : p.read[kCell].data()};
  return call;
}

Found computed(const Problem& p, const Run& run) {
  Found f{Floats(p.dstates.size(), 99.0f), Floats(p.dlast.size(), 99.0f), Floats(p.dlast.size(), 99.0f), p.read};
  const bool lstm = p.s.cell == RecurrentCell::lstm;
  for (Floats& all : f.gradients) std::fill(all.begin(), all.end(), 99.0f);
  Floats record(size(recurrent_record(p.s)));
  const std::int64_t row = p.s.directions() * p.s.units;
  RecurrentForward forward = forward_call(p);
  forward.states = {f.states.data(), p.s.length * row, row};
  forward.last = f.last.data();
  if (lstm) forward.last_cell = f.last_cell.data();
  forward.record = record.data();
  recurrent_forward(forward, run);
  RecurrentBackward back{p.s, forward.x};
  back.start = forward.start;
  back.record = record.data();
  back.dstates = {p.dstates.data(), p.s.length * row, row};
  back.dlast = p.dlast.data();
  if (lstm) back.dlast_cell = p.dlast_cell.data();
  back.dx = {f.gradients[kX].data(), p.s.length * p.s.channels, p.s.channels};
  for (std::int64_t d = 0; d < p.s.directions(); ++d) {
    const std::size_t w = size(kWeight + 4 * d);
    back.weights[d] = forward.weights[d];
    back.dweights[d] = {f.gradients[w].data(), f.gradients[w + 1].data(), f.gradients[w + 2].data(), f.gradients[w + 3].data()};
  }
  if (p.starts) back.dstart = f.gradients[kState].data();
  if (p.starts && lstm) back.dstart_cell = f.gradients[kCell].data();
  recurrent_backward(back, run);
  return f;
}

// Over the size of large numbers.
double largest_difference(const Floats& found, const Doubles& expected) {
  double most = 0;
  for (std::size_t i = 0; i < found.size(); ++i) most = std::max(most, std::abs(found[i] - expected[i]) / (1 + std::abs(expected[i])));
  return most;
}

double forward_difference(const Problem& p, const Found& f) {
  const Plain expected = Loops(p.s, precise(p.read))();
  const double cell = p.s.cell == RecurrentCell::lstm ? largest_difference(f.last_cell, expected.last_cell) : 0.0;
  return std::max({largest_difference(f.states, expected.states), largest_difference(f.last, expected.last), cell});
}

// The gradient of each tensor along a random direction against differences of the loops, over its
// size.
std::array<double, kTensors> backward_differences(const Problem& p, const Found& f) {
  constexpr double kStep = 1e-5;
  std::array<double, kTensors> all{};
  for (std::size_t i = 0; i < kTensors; ++i) {
    if (p.read[i].empty()) continue;
    const Floats direction = numbers(static_cast<std::int64_t>(p.read[i].size()), 50 + static_cast<unsigned>(i));
    const auto moved = [&](double h) {
      All<double> read = precise(p.read);
      for (std::size_t k = 0; k < read[i].size(); ++k) read[i][k] += h * direction[k];
      return value(p, read);
    };
    double along = 0, squares = 0;
    for (std::size_t k = 0; k < direction.size(); ++k) {
      along += double{f.gradients[i][k]} * direction[k];
      squares += double{f.gradients[i][k]} * f.gradients[i][k];
    }
    all[i] = std::abs(along - (moved(kStep) - moved(-kStep)) / (2 * kStep)) / (std::sqrt(squares) + 0.01);
  }
  return all;
}

std::string text_of(const RecurrentShape& s) {
  return format("{} {} of ({}, {}, {}) to {} units, {} directions", static_cast<int>(s.cell), static_cast<int>(s.gates), s.batch, s.length,
                s.channels, s.units, s.directions());
}

void expect_equal(const Problem& p, const Run& run) {
  SCOPED_TRACE(text_of(p.s));
  const Found f = computed(p, run);
  EXPECT_LT(forward_difference(p, f), 1e-5);
  const auto back = backward_differences(p, f);
  for (std::size_t i = 0; i < kTensors; ++i) EXPECT_LT(back[i], 2e-4) << kNames[i];
}

constexpr RecurrentCell kCells[] = {RecurrentCell::gru, RecurrentCell::gru_reset_before, RecurrentCell::lstm};
constexpr GateFunction kGates[] = {GateFunction::sigmoid, GateFunction::hard_sigmoid};

TEST(Recurrent, EqualsItsDefinition) {
  for (const Isa isa : supported_isas())
    for (const RecurrentCell cell : kCells)
      for (const GateFunction gates : kGates)
        for (const bool both : {false, true}) {
          SCOPED_TRACE(name(isa));
          const kernels::Run run{isa, &default_executor()};
          expect_equal(Problem({3, 7, 5, 6, cell, gates, both}, true), run);
          expect_equal(Problem({53, 3, 9, 19, cell, gates, both}, false), run);
          expect_equal(Problem({1, 210, 4, 5, cell, gates, both}, both), run);
        }
}

TEST(Recurrent, EqualsItsDefinitionForRandomShapes) {
  for (const Isa isa : supported_isas())
    EXPECT_TRUE(rc::check([&] {
      RecurrentShape s;
      s.batch = *rc::gen::inRange<std::int64_t>(1, 6);
      s.length = *rc::gen::inRange<std::int64_t>(0, 9);
      s.channels = *rc::gen::inRange<std::int64_t>(1, 40);
      s.units = *rc::gen::inRange<std::int64_t>(1, 40);
      s.cell = *rc::gen::elementOf(std::vector(std::begin(kCells), std::end(kCells)));
      s.gates = *rc::gen::elementOf(std::vector(std::begin(kGates), std::end(kGates)));
      s.bidirectional = *rc::gen::arbitrary<bool>();
      const Problem p(s, *rc::gen::arbitrary<bool>());
      const Found f = computed(p, {isa, &default_executor()});
      RC_ASSERT(forward_difference(p, f) < 1e-5);
      for (const double difference : backward_differences(p, f)) RC_ASSERT(difference < 5e-4);
    }));
}

// Number by number, where shapes are small.
TEST(Recurrent, EveryGradientIsThatOfDifferences) {
  for (const RecurrentCell cell : kCells) {
    const Problem p({2, 4, 3, 5, cell, GateFunction::sigmoid, true}, true);
    const Found f = computed(p, {default_isa(), &serial_executor()});
    for (std::size_t i = 0; i < kTensors; ++i)
      for (std::size_t k = 0; k < p.read[i].size(); ++k) {
        const auto moved = [&](double h) {
          All<double> read = precise(p.read);
          read[i][k] += h;
          return value(p, read);
        };
        EXPECT_NEAR(f.gradients[i][k], (moved(1e-5) - moved(-1e-5)) / 2e-5, 1e-4) << kNames[i] << " " << k << ", " << text_of(p.s);
      }
  }
}

TEST(Recurrent, ThreadsChangeNothing) {
  for (const RecurrentCell cell : kCells) {
    const Problem p({131, 6, 17, 21, cell, GateFunction::sigmoid, true}, true);
    const Found one = computed(p, {default_isa(), &serial_executor()}), many = computed(p, {default_isa(), &default_executor()});
    EXPECT_EQ(one.states, many.states);
    EXPECT_EQ(one.gradients, many.gradients);
  }
}

// An example does not see its neighbours, and what is not recorded is computed alike.
TEST(Recurrent, NeitherTheBatchNorTheRecordChangesAnything) {
  for (const RecurrentCell cell : kCells) {
    const Problem p({131, 9, 17, 21, cell, GateFunction::hard_sigmoid, true}, false);
    const Found all = computed(p, {});
    const std::int64_t row = 2 * p.s.units, first = 60, count = 3;
    Floats states(size(count * p.s.length * row)), last(size(count * row));
    RecurrentForward call = forward_call(p);
    call.shape.batch = count;
    call.x.data += first * call.x.sample_step;
    call.states = {states.data(), p.s.length * row, row};
    call.last = last.data();
    recurrent_forward(call);
    EXPECT_TRUE(std::equal(states.begin(), states.end(), all.states.begin() + first * p.s.length * row));
    EXPECT_TRUE(std::equal(last.begin(), last.end(), all.last.begin() + first * row));
  }
}

TEST(Recurrent, WithoutStepsTheEndIsTheStart) {
  const Problem p({3, 0, 4, 5, RecurrentCell::lstm, GateFunction::sigmoid, true}, true);
  const Found f = computed(p, {});
  EXPECT_EQ(f.last, p.read[kState]);
  EXPECT_EQ(f.last_cell, p.read[kCell]);
  EXPECT_EQ(f.gradients[kState], p.dlast);
  EXPECT_EQ(f.gradients[kCell], p.dlast_cell);
  EXPECT_EQ(f.gradients[kWeight], Floats(p.read[kWeight].size()));
  EXPECT_EQ(f.gradients[kWeight + 3], Floats(p.read[kWeight + 3].size()));
}

// One unit, two steps, by hand: z = s(0), n = tanh(x), h' = (h + n) / 2 for all weights of the
// gates and of the state zero.
TEST(Recurrent, ByHand) {
  const Floats x{0.5f, -1.0f}, weight{0, 0, 1}, recurrent{0, 0, 0};
  Floats states(2), last(1);
  recurrent_forward({{1, 2, 1, 1}, {x.data(), 2, 1}, {{weight.data(), recurrent.data()}, {}}, {}, {states.data(), 2, 1}, last.data()});
  EXPECT_NEAR(states[0], std::tanh(0.5) / 2, 1e-6);
  EXPECT_NEAR(states[1], std::tanh(0.5) / 4 - std::tanh(1.0) / 2, 1e-6);
  EXPECT_EQ(last[0], states[1]);
}

TEST(Recurrent, NumbersThatAreNoneComeOut) {
  Problem p({2, 3, 4, 5, RecurrentCell::gru_reset_before, GateFunction::hard_sigmoid, false}, false);
  p.read[kX][1] = std::nanf("");
  const Found f = computed(p, {});
  for (std::size_t i = 0; i < f.states.size(); ++i) EXPECT_EQ(std::isnan(f.states[i]), i < f.states.size() / 2) << i;
}

TEST(Recurrent, RefusesSizesThatFitNoLayer) {
  RecurrentForward call;
  call.shape = {2, 3, 0, 5};
  EXPECT_EQ(error_text<ArgumentError>([&] { recurrent_forward(call); }), "recurrent layer: (2, 3, 0) to 5 units is no shape that fits");
  call.shape.channels = 4;
  EXPECT_EQ(error_text<ArgumentError>([&] { recurrent_forward(call); }), "recurrent layer: direction 0 has no weights");
  const float number = 0;
  call.weights[0] = {&number, &number};
  call.start.cell = &number;
  EXPECT_EQ(error_text<ArgumentError>([&] { recurrent_forward(call); }), "recurrent layer: only an LSTM has a cell state to start from");
}

}  // namespace
}  // namespace basewise::kernels
