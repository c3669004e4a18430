// tax/tax_plane.h — T is piecewise linear: the piece that a pair of net gains lies in, and its slopes.
//
// In:       net gains S and L, and the rates.
// Out:      bounds on S, L and S + L between which T is linear, and what each dollar adds there.
// Promises: a test holds the piece against `tax_value` at random points. The pieces may be smaller than they could be.
#pragma once

#include "tax/netting.h"
#include "tax/tax_path.h"

namespace lotwright::tax {

struct Interval {
  double from = -1e300;
  double to = 1e300;
  [[nodiscard]] bool holds(double x) const { return x >= from && x < to; }
};

struct TaxPlane {
  Interval net_short;
  Interval net_long;
  Interval net;
  TaxSlopes slopes;  // dollars a dollar

  [[nodiscard]] bool covers(double s, double l) const {
    return net_short.holds(s) && net_long.holds(l) && net.holds(s + l);
  }
};

// The piece around S = `net_short`, L = `net_long`, dollars.
[[nodiscard]] TaxPlane plane_at(double net_short, double net_long, const TaxRates& rates);

}  // namespace lotwright::tax
