// estimation/validation.h — how well the risk model tells the risk of the days after it.
//
// In:       a ReturnHistory, the options of the estimate.
// Out:      for windows back from the last day: random active portfolios, their forecast at the window's start, their
//           returns inside it. Every estimate sees only days before its window.
// Promises: the same portfolios on every machine. Bias is the root mean square of return over forecast: 1 is right, 2
//           means twice the forecast risk. Portfolios pay no attention to the model.
#pragma once

#include <functional>

#include "estimation/risk_estimate.h"

namespace lotwright::estimation {

struct ValidationOptions {
  int windows = 8;         // the latest; fewer where the history ends
  int window_length = 63;  // trading days
  int portfolios = 60;     // a window
  int history_days = 252;  // before the first window
};

struct WindowResult {
  Date first;
  Date last;
  int securities = 0;
  int factors = 0;
  int returns = 0;  // portfolios x days
  double bias = 0.0;
  double q_like = 0.0;    // mean of log v + r^2 / v
  double forecast = 0.0;  // annual tracking error, root mean square over portfolios
  double realized = 0.0;
};

struct DecileResult {
  double forecast = 0.0;  // annual
  double realized = 0.0;
};

struct Validation {
  std::vector<WindowResult> windows;  // oldest first
  std::vector<WindowResult> years;    // of the windows' first days
  WindowResult whole;
  std::vector<DecileResult> deciles;  // of portfolios by forecast, smallest first
};

// Empty `windows` where the history is too short. `progress` hears of windows done and in all.
[[nodiscard]] Validation validate(const ReturnHistory& history, const Standardized& standardized,
                                  const EstimateOptions& estimate, const ValidationOptions& options,
                                  const std::function<void(int, int)>& progress);

}  // namespace lotwright::estimation
