// numerics/cholesky.h — the dense symmetric solve of the Newton step (p <= 150), in one fixed order of operations.
#pragma once

#include <vector>

namespace lotwright::numerics {

// Matrices are p x stride row by row (stride a multiple of `lanes`); their upper triangle is read and destroyed. An
// unknown whose pivot is not positive stays where it is (its x is about zero). `room` is for the functions' own use:
// kept, it saves an allocation.

// Solves A x = b in place: `b` becomes x.
void solve_positive_definite(std::vector<double>& a, int p, int stride, std::vector<double>& b,
                             std::vector<double>& room);

// Eliminates the first `count` unknowns of A x = b: what `a` and `b` hold of the others then is a system of theirs
// alone. Once they are solved, `b` holding them, back_substitute() finds the first ones.
void eliminate(std::vector<double>& a, int count, int p, int stride, std::vector<double>& b, std::vector<double>& room);
void back_substitute(const std::vector<double>& a, int count, int p, int stride, std::vector<double>& b);

}  // namespace lotwright::numerics
