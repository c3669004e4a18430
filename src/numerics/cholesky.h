// numerics/cholesky.h — the dense symmetric solve of the Newton step (p <= 150), in one fixed order of operations.
#pragma once

#include <vector>

namespace lotwright::numerics {

// Solves A x = b in place: `a` is p x stride row by row (stride a multiple of `lanes`), its upper triangle is read and
// destroyed; `b` becomes x. An unknown whose pivot is not positive stays where it is (its x is about zero). `room` is
// for the function's own use: kept, it saves an allocation.
void solve_positive_definite(std::vector<double>& a, int p, int stride, std::vector<double>& b,
                             std::vector<double>& room);

}  // namespace lotwright::numerics
