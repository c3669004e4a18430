// run/match.h — the model-overlap finder: which of the firm's models, and products in the account's own, costs an
// account least to be funded in kind.
//
// In:       a book read with ReadOptions::fitted_to, what that told (Origins::fits), the account's id.
// Out:      Matches: for each model and product a full decision with its bound, by every rule of the account, ranked by
//           what it costs in total; and the risk of each target beside the account's present one.
// Promises: a model's figures are those of `what-if --model`; nothing is guessed: a model that cannot be decided is
//           listed with the reason, behind the others. The same bytes for any number of threads.
// Refuses:  an account that no model could be decided for: the finding that holds it is the Failure.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "inputs/origins.h"
#include "run/unit_book.h"

namespace lotwright {

// How far a target's volatility may be from the present target's to be called of equal risk; both ends counted.
struct RiskBand {
  double width = 0.10;
  bool relative = true;  // a part of the present volatility; else a difference of volatilities, a fraction a year

  [[nodiscard]] bool has(double volatility, double present) const;
};

// "10 %", "10%": relative; "0.01": one percentage point a year.
[[nodiscard]] Result<RiskBand> read_risk_band(std::string_view text);
[[nodiscard]] std::string text_of(const RiskBand& band);

struct ModelMatch {
  inputs::Fit fit;
  std::string why_not;      // empty: decided
  bool is_present = false;  // what the account follows now
  AccountResult result;
  objective::Parts before;       // against this target, no orders
  objective::Parts parts;        // after the orders; the total is what funding in the model costs
  double year_tax = 0.0;         // the tax of the year after the orders less before; 0 where nobody is taxed
  double overlap = 0.0;          // of the investable value, held where the target wants it
  double volatility = 0.0;       // of the target, annual; cash has none
  std::optional<double> active;  // tracking error of this target against the present one; nullopt: that has no decision
  std::optional<bool> in_band;   // nullopt: there is no present volatility to compare with
};

struct Matches {
  std::string account_id;
  Date as_of;
  Money value;
  Money investable;
  RiskBand band;
  std::string present;               // the model that the account follows
  std::optional<double> volatility;  // of the present target; nullopt: the account is held with it
  std::string present_why_not;
  std::vector<ModelMatch> matches;  // in the band by cost, then out of it by cost, then those that cannot be decided
};

// Called now and then, by any thread, one at a time.
using MatchProgress = std::function<void(std::size_t done, std::size_t total)>;

[[nodiscard]] Result<Matches> match_models(const Book& book, const std::vector<inputs::Fit>& fits,
                                           const std::string& account_id, const RiskBand& band, int threads = 0,
                                           const MatchProgress& progress = {});

[[nodiscard]] std::string csv_of(const Matches& matches);
[[nodiscard]] std::string json_of(const Matches& matches);

}  // namespace lotwright
