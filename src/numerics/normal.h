// numerics/normal.h — density and distribution of the standard normal law, the same to the last bit on every machine.
//
// Promises: basic operations alone, no libm: within 1e-15 of the true values, 0 and 1 where these are beyond doubles.
// Refuses:  a NaN: both are then a NaN.
#pragma once

namespace lotwright::numerics {

// exp(-x^2 / 2) / sqrt(2 pi)
[[nodiscard]] double normal_density(double x);

// The integral of the density up to x: 0..1. By the series of G. Marsaglia, "Evaluating the Normal Distribution"
// (Journal of Statistical Software 11(4), 2004) near the middle, by Laplace's continued fraction in the tails.
[[nodiscard]] double normal_distribution(double x);

}  // namespace lotwright::numerics
