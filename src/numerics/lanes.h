// numerics/lanes.h — sums in eight fixed lanes and one fixed reduction tree, so that every machine and instruction set
// adds in the same order and gives the same bytes.
#pragma once

#include <cstddef>
#include <cstring>

namespace lotwright::numerics {

inline constexpr int lanes = 8;

using Lanes = double __attribute__((vector_size(lanes * sizeof(double))));

// Half of the lanes: the most that are compared and chosen from in one instruction everywhere it matters. Anywhere in
// an array of doubles.
inline constexpr int half_lanes = lanes / 2;
using Half = double __attribute__((vector_size(half_lanes * sizeof(double)), aligned(sizeof(double)), may_alias));
inline const Half& half(const double* from) { return *reinterpret_cast<const Half*>(from); }
inline Half& half(double* from) { return *reinterpret_cast<Half*>(from); }

// By reference both ways: passing such vectors by value would depend on the instruction set's calling rules.
inline void load(const double* from, Lanes& into) { std::memcpy(&into, from, sizeof(Lanes)); }
inline void store(const Lanes& from, double* into) { std::memcpy(into, &from, sizeof(Lanes)); }

[[nodiscard]] inline double sum(const Lanes& v) {
  return ((v[0] + v[4]) + (v[2] + v[6])) + ((v[1] + v[5]) + (v[3] + v[7]));
}

// `size` is a multiple of `lanes`.
[[nodiscard]] inline double dot(const double* a, const double* b, int size) {
  Lanes total{};
  for (int i = 0; i < size; i += lanes) {
    Lanes x;
    Lanes y;
    load(a + i, x);
    load(b + i, y);
    total += x * y;
  }
  return sum(total);
}

// y += a x; `size` is a multiple of `lanes`.
inline void add_scaled(double a, const double* x, double* y, int size) {
  for (int i = 0; i < size; i += lanes) {
    Lanes u;
    Lanes v;
    load(x + i, u);
    load(y + i, v);
    v += a * u;
    store(v, y + i);
  }
}

[[nodiscard]] constexpr int padded(int size) { return (size + lanes - 1) / lanes * lanes; }

}  // namespace lotwright::numerics
