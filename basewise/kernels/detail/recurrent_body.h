// Gates of recurrent cells, a register of units at a time; part of micro_body.h.
#pragma once

#include "basewise/kernels/detail/functions_body.h"
#include "basewise/kernels/detail/recurrent_gates.h"

namespace basewise::kernels::detail {
namespace {

template <bool Hard>
inline Vec gate_of(Vec x) {
  if constexpr (Hard) {
    const Vec one = Vec{} + 1.0f, v = x * 0.2f + 0.5f, low = v < Vec{} ? Vec{} : v;
    return low > one ? one : low;
  } else {
    return sigmoid_of(x);
  }
}

// The gradient before a gate, from the value y that it gave.
template <bool Hard>
inline Vec through_gate(Vec dy, Vec y) {
  if constexpr (Hard) {
    const Vec slope = y > Vec{} ? dy * 0.2f : Vec{};
    return y < Vec{} + 1.0f ? slope : Vec{};
  } else {
    return dy * y * (1.0f - y);
  }
}

inline float* row_of(const MutableRows& rows, Index r) { return rows.data + r * rows.step; }
inline const float* row_of(const ConstRows& rows, Index r) { return rows.data + r * rows.step; }

// ---- forward ------------------------------------------------------------------------------------

template <bool Hard>
void gru_step(const GateCall& c) {
  const Index units = c.units;
  for (Index row = 0; row < c.rows; ++row) {
    float *g = row_of(c.gates, row), *out = row_of(c.out, row);
    const float* state = row_of(c.state, row);
    over_columns(units, [&](Index i, auto get, auto put) {
      const Vec r = gate_of<Hard>(get(g + i)), z = gate_of<Hard>(get(g + units + i));
      const Vec n = tangent_of(get(g + 2 * units + i) + r * get(g + 3 * units + i));
      const Vec next = n + z * (get(state + i) - n);
      put(g + i, r), put(g + units + i, z), put(g + 2 * units + i, n), put(out + i, next);
    });
  }
}

template <bool Hard>
void reset_step(const GateCall& c) {
  const Index units = c.units;
  for (Index row = 0; row < c.rows; ++row) {
    float *g = row_of(c.gates, row), *out = row_of(c.out, row);
    const float* state = row_of(c.state, row);
    over_columns(units, [&](Index i, auto get, auto put) {
      const Vec r = gate_of<Hard>(get(g + i)), z = gate_of<Hard>(get(g + units + i)), let = r * get(state + i);
      put(g + i, r), put(g + units + i, z), put(out + i, let);
    });
  }
}

void update_step(const GateCall& c) {
  const Index units = c.units;
  for (Index row = 0; row < c.rows; ++row) {
    float *g = row_of(c.gates, row), *out = row_of(c.out, row);
    const float* state = row_of(c.state, row);
    over_columns(units, [&](Index i, auto get, auto put) {
      const Vec n = tangent_of(get(g + 2 * units + i)), next = n + get(g + units + i) * (get(state + i) - n);
      put(g + 2 * units + i, n), put(out + i, next);
    });
  }
}

template <bool Hard>
void lstm_step(const GateCall& c) {
  const Index units = c.units;
  for (Index row = 0; row < c.rows; ++row) {
    float *gates = row_of(c.gates, row), *out = row_of(c.out, row), *new_cell = row_of(c.new_cell, row);
    const float* cell = row_of(c.cell, row);
    over_columns(units, [&](Index k, auto get, auto put) {
      const Vec i = gate_of<Hard>(get(gates + k)), f = gate_of<Hard>(get(gates + units + k));
      const Vec g = tangent_of(get(gates + 2 * units + k)), o = gate_of<Hard>(get(gates + 3 * units + k));
      const Vec m = f * get(cell + k) + i * g, next = o * tangent_of(m);
      put(gates + k, i), put(gates + units + k, f), put(gates + 2 * units + k, g), put(gates + 3 * units + k, o);
      put(new_cell + k, m), put(out + k, next);
    });
  }
}

template <bool Hard>
void gate_values_of(const GateCall& c) {
  switch (c.stage) {
    case GateStage::gru: return gru_step<Hard>(c);
    case GateStage::reset: return reset_step<Hard>(c);
    case GateStage::update: return update_step(c);
    case GateStage::lstm: return lstm_step<Hard>(c);
  }
}

void gate_values(const GateCall& c) { c.hard ? gate_values_of<true>(c) : gate_values_of<false>(c); }

// ---- backward -----------------------------------------------------------------------------------

template <bool Hard>
void gru_slopes(const GateSlopesCall& c) {
  const Index units = c.units;
  for (Index row = 0; row < c.rows; ++row) {
    float *ds = row_of(c.slopes, row), *dstate = row_of(c.dstate, row);
    const float *g = row_of(c.gates, row), *state = row_of(c.state, row);
    over_columns(units, [&](Index i, auto get, auto put) {
      const Vec r = get(g + i), z = get(g + units + i), n = get(g + 2 * units + i), dh = get(dstate + i);
      const Vec dn = dh * (1.0f - z) * (1.0f - n * n), dz = through_gate<Hard>(dh * (get(state + i) - n), z);
      put(ds + i, through_gate<Hard>(dn * get(g + 3 * units + i), r)), put(ds + units + i, dz);
      put(ds + 2 * units + i, dn), put(ds + 3 * units + i, dn * r), put(dstate + i, dh * z);
    });
  }
}

template <bool Hard>
void update_slopes(const GateSlopesCall& c) {
  const Index units = c.units;
  for (Index row = 0; row < c.rows; ++row) {
    float *ds = row_of(c.slopes, row), *dstate = row_of(c.dstate, row);
    const float *g = row_of(c.gates, row), *state = row_of(c.state, row);
    over_columns(units, [&](Index i, auto get, auto put) {
      const Vec z = get(g + units + i), n = get(g + 2 * units + i), dh = get(dstate + i);
      put(ds + units + i, through_gate<Hard>(dh * (get(state + i) - n), z));
      put(ds + 2 * units + i, dh * (1.0f - z) * (1.0f - n * n)), put(dstate + i, dh * z);
    });
  }
}

template <bool Hard>
void reset_slopes(const GateSlopesCall& c) {
  for (Index row = 0; row < c.rows; ++row) {
    float *ds = row_of(c.slopes, row), *dstate = row_of(c.dstate, row);
    const float *g = row_of(c.gates, row), *state = row_of(c.state, row), *dlet = row_of(c.dlet, row);
    over_columns(c.units, [&](Index i, auto get, auto put) {
      const Vec r = get(g + i), dl = get(dlet + i);
      put(ds + i, through_gate<Hard>(dl * get(state + i), r)), put(dstate + i, get(dstate + i) + dl * r);
    });
  }
}

template <bool Hard>
void lstm_slopes(const GateSlopesCall& c) {
  const Index units = c.units;
  for (Index row = 0; row < c.rows; ++row) {
    float *ds = row_of(c.slopes, row), *dcell = row_of(c.dcell, row);
    const float *dstate = row_of(c.dstate, row), *gates = row_of(c.gates, row);
    const float *cell = row_of(c.cell, row), *new_cell = row_of(c.new_cell, row);
    over_columns(units, [&](Index k, auto get, auto put) {
      const Vec i = get(gates + k), f = get(gates + units + k), g = get(gates + 2 * units + k), o = get(gates + 3 * units + k);
      const Vec t = tangent_of(get(new_cell + k)), dh = get(dstate + k), dm = get(dcell + k) + dh * o * (1.0f - t * t);
      put(ds + k, through_gate<Hard>(dm * g, i)), put(ds + units + k, through_gate<Hard>(dm * get(cell + k), f));
      put(ds + 2 * units + k, dm * i * (1.0f - g * g)), put(ds + 3 * units + k, through_gate<Hard>(dh * t, o));
      put(dcell + k, dm * f);
    });
  }
}

template <bool Hard>
void gate_slopes_of(const GateSlopesCall& c) {
  switch (c.stage) {
    case GateStage::gru: return gru_slopes<Hard>(c);
    case GateStage::reset: return reset_slopes<Hard>(c);
    case GateStage::update: return update_slopes<Hard>(c);
    case GateStage::lstm: return lstm_slopes<Hard>(c);
  }
}

void gate_slopes(const GateSlopesCall& c) { c.hard ? gate_slopes_of<true>(c) : gate_slopes_of<false>(c); }

}  // namespace
}  // namespace basewise::kernels::detail
