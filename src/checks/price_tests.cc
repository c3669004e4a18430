#include "checks/price_tests.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <tuple>

#include "book/model_change.h"
#include "book/rules.h"
#include "checks/findings.h"

namespace lotwright {
namespace {

// A price and the one before it.
struct Move {
  SecurityIndex security;
  double before = 0.0, now = 0.0;
  double ratio = 1.0;  // now over before
  Date before_date;
  bool same_day = false;  // of the run before, made of another price of this day
};

// Of the same day's actions those count that the run before did not know.
bool acted_upon(const Book& book, const PreviousRun& previous, const Move& move) {
  return std::ranges::any_of(book.corporate_actions, [&](const CorporateAction& action) {
    const bool concerns = action.security == move.security || action.new_security == move.security;
    const bool new_today =
        move.same_day && action.effective_on == move.before_date && !previous.actions.contains(action.id);
    return concerns && (action.effective_on > move.before_date || new_today) && action.effective_on <= book.firm.as_of;
  });
}

// The price last believed, also of the same day: two runs of a day are one file and its correction. Else the newest
// earlier one of prices.csv; none where it is too old to say anything. A price that was in doubt stays so until it is
// confirmed, however long that takes.
std::optional<Move> move_of(const Book& book, const PreviousRun& previous, std::uint32_t place) {
  const Security& security = book.securities[place];
  if (!security.price || security.price_confirmed || security.kind == SecurityKind::cash) return std::nullopt;
  Move move;
  move.security = {place};
  move.now = security.price->to_double();
  std::optional<Price> before;
  if (security.price_date - security.price_before_date <= PreviousRun::prices_days) before = security.price_before;
  move.before_date = security.price_before_date;
  const auto believed = previous.believed.find(security.id.text);
  if (believed != previous.believed.end()) {
    const auto& [price, date] = believed->second;
    const bool doubted = previous.prices_doubted.contains(security.id.text);
    const int apart = security.price_date - date;
    if (apart >= 0 && (apart <= PreviousRun::prices_days || doubted)) {
      before = price;
      move.before_date = date;
      move.same_day = apart == 0;
    }
  }
  if (!before) return std::nullopt;
  move.before = before->to_double();
  move.ratio = move.now / move.before;
  return move;
}

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::ranges::nth_element(values, middle);
  return *middle;
}

// What the like of each security did: the median of its sector, where that is small of its asset class, else of all.
class Peers {
 public:
  Peers(const Book& book, const std::vector<Move>& moves) : book_(&book) {
    std::map<std::string, std::vector<double>> by_sector, by_class;
    std::vector<double> all;
    for (const Move& move : moves) {
      const Security& security = book.security(move.security);
      by_sector[security.sector].push_back(move.ratio);
      by_class[security.asset_class].push_back(move.ratio);
      all.push_back(move.ratio);
    }
    const auto settle = [](const auto& lists, auto& medians) {
      for (const auto& [name, ratios] : lists) {
        const std::optional<double> usual = usual_of(ratios);
        if (!name.empty() && usual) medians[name] = *usual;
      }
    };
    settle(by_sector, sectors_);
    settle(by_class, classes_);
    all_ = usual_of(all).value_or(1.0);
  }

  [[nodiscard]] double ratio_for(SecurityIndex index) const {
    const Security& security = book_->security(index);
    if (const auto at = sectors_.find(security.sector); at != sectors_.end()) return at->second;
    if (const auto at = classes_.find(security.asset_class); at != classes_.end()) return at->second;
    return all_;
  }

 private:
  // None where too few have moved to say it. That a quarter is gone, or as much was won, they have to say of one mind:
  // a handful of prices that were delivered wrongly together would otherwise excuse each other.
  static std::optional<double> usual_of(const std::vector<double>& ratios) {
    constexpr std::size_t peers_min = 5, many = 20;
    constexpr double far = 0.75, alike = 0.85;
    if (ratios.size() < peers_min) return std::nullopt;
    const double usual = median(ratios);
    if (ratios.size() >= many || (usual > far && usual * far < 1.0)) return usual;
    const auto agree =
        std::ranges::count_if(ratios, [&](double ratio) { return ratio > usual * alike && ratio * alike < usual; });
    return 3 * static_cast<std::size_t>(agree) >= 2 * ratios.size() ? std::optional(usual) : std::nullopt;
  }

  const Book* book_;
  std::map<std::string, double> sectors_, classes_;
  double all_ = 1.0;
};

// How far a day of its own may take a price that a split divided: three daily deviations of what is the security's
// own, by the risk model (of 252 trading days a year). Wider than that a real fall is too likely.
double own_day(const Book& book, SecurityIndex security) {
  constexpr double least = 0.04, most = 0.08, deviations = 3.0, days_a_year = 252.0;
  const std::size_t place = security.value;
  if (place >= book.risk.covered.size() || !book.risk.covered[place]) return least;
  return std::clamp(deviations * book.risk.specific_volatility[place] / std::sqrt(days_a_year), least, most);
}

// Whether a ratio is about what a split or a slipped decimal point makes of a price.
bool is_simple(double ratio, double near) {
  constexpr std::array factors{2.0,  2.5,  3.0,  4.0,  5.0,  6.0,  7.0,   8.0,
                               10.0, 15.0, 20.0, 25.0, 30.0, 50.0, 100.0, 1000.0};
  const double up = ratio < 1.0 ? 1.0 / ratio : ratio;
  return std::ranges::any_of(factors, [&](double factor) { return std::abs(up / factor - 1.0) <= near; });
}

void test_price(const Book& book, const PreviousRun& previous, const Move& move, const Peers& peers, Doubts& doubts) {
  const double kept = 1.0 - book.firm.data_tests.price_jump_max.to_double();
  const double beside = move.ratio / peers.ratio_for(move.security);
  const double down = std::min(beside, 1.0 / beside);
  if (down >= kept || acted_upon(book, previous, move)) return;
  // A market falls with its peers, a company by no simple ratio; twice as far (in factors) no company does. No close
  // changes after its day: one of the two files is wrong.
  const double near = own_day(book, move.security);
  const bool simple = is_simple(beside, near) || is_simple(move.ratio, near);
  const bool wrong = move.same_day || simple || down < kept * kept;
  const Security& security = book.security(move.security);
  doubts.tell(rule::price_jump, wrong ? Severity::hold : Severity::note,
              Subject{SubjectKind::security, security.id.text}, fmt::format("{:.4f}", move.ratio - 1.0),
              book.firm.data_tests.price_jump_max.to_string(),
              fmt::format("{} was {} on {} and is {}, a move of {:.1f} % where its peers moved {:.1f} %, without a "
                          "corporate action: {}",
                          security.id.text, fmt::format("{:.2f}", move.before), move.before_date.to_string(),
                          fmt::format("{:.2f}", move.now), 100.0 * (move.ratio - 1.0),
                          100.0 * (peers.ratio_for(move.security) - 1.0),
                          move.same_day ? "the run before had the other price of this day; correct the price, or where "
                                          "this one is right write yes under confirmed in prices.csv"
                          : wrong       ? "add the action to corporate_actions.csv, correct the price, or write yes "
                                          "under confirmed in prices.csv"
                                        : "it is no simple ratio, and believed"));
}

}  // namespace

void test_prices(const Book& book, const PreviousRun& previous, Doubts& doubts) {
  std::vector<Move> moves;
  for (std::uint32_t i = 0; i < book.securities.size(); ++i) {
    if (const auto move = move_of(book, previous, i)) moves.push_back(*move);
  }
  const Peers peers(book, moves);
  for (const Move& move : moves) test_price(book, previous, move, peers, doubts);
}

namespace {

// What one lot cost a share, on which day.
struct Cost {
  SecurityIndex security;
  Date day;
  AccountIndex account;
  std::uint32_t lot = 0;
  double a_share = 0.0;
};

// What a closed position leaves behind: a millionth of a share, whose basis is a rounded cent or none.
bool is_dust(const Security& security, const TaxLot& lot) {
  const Money dollar = Money::of_whole(1);
  return security.price && *lot.cost_basis < dollar && value_of(lot.quantity, *security.price) < dollar;
}

// A basis that came with the shares (a gift, the replacement of a wash sale) is not what they cost on that day.
bool bought_that_day(const TaxLot& lot) {
  return lot.cost_basis && lot.cost_basis->is_positive() && !lot.loss_basis && lot.held_from == lot.acquired_on;
}

// Of every `parts`-th security, counted from `part`.
std::vector<Cost> costs_of(const Book& book, std::size_t part, std::size_t parts) {
  std::vector<Cost> costs;
  for (std::uint32_t i = 0; i < book.accounts.size(); ++i) {
    const std::vector<TaxLot>& lots = book.accounts[i].lots;
    for (std::uint32_t lot = 0; lot < lots.size(); ++lot) {
      if (lots[lot].security.value % parts != part || !bought_that_day(lots[lot])) continue;
      const Security& security = book.security(lots[lot].security);
      if (security.kind == SecurityKind::cash || is_dust(security, lots[lot])) continue;
      costs.push_back({lots[lot].security,
                       lots[lot].acquired_on,
                       {i},
                       lot,
                       lots[lot].cost_basis->to_double() / lots[lot].quantity.to_double()});
    }
  }
  std::ranges::sort(costs, [](const Cost& a, const Cost& b) {
    return std::tie(a.security, a.day, a.account, a.lot) < std::tie(b.security, b.day, b.account, b.lot);
  });
  return costs;
}

// The median of what other accounts paid; none where too few did, or too few agree about it.
std::optional<double> paid_by_others(std::span<const Cost> same_day, AccountIndex account, double limit) {
  constexpr std::size_t others_min = 3;
  std::map<AccountIndex, double> others;
  for (const Cost& cost : same_day) {
    if (cost.account != account) others.emplace(cost.account, cost.a_share);
  }
  if (others.size() < others_min) return std::nullopt;
  std::vector<double> values;
  for (const auto& [other, a_share] : others) values.push_back(a_share);
  const double usual = median(values);
  const auto agree = std::ranges::count_if(
      values, [&](double a_share) { return a_share <= usual * limit && usual <= a_share * limit; });
  return static_cast<std::size_t>(agree) < others_min ? std::nullopt : std::optional(usual);
}

// Why the basis of a lot is doubted.
struct BasisDoubt {
  std::string limit;   // of the test that found it; empty: none allows it
  std::string beside;  // what it was compared with
  const char* key;     // of [data], that raises the limit; null: none does
};
using BasisDoubts = std::map<std::uint32_t, BasisDoubt>;  // by lot

// Lots that cost something else than the same shares cost others on the same day; `costs` sorted by both.
void find_strange_costs(const Book& book, const std::vector<Cost>& costs, std::vector<BasisDoubts>& doubtful) {
  const double limit = book.firm.data_tests.basis_peers_max.to_double();
  for (std::size_t i = 0; i < costs.size();) {
    std::size_t next = i;
    double low = costs[i].a_share, high = low;
    for (; next < costs.size() && costs[next].security == costs[i].security && costs[next].day == costs[i].day;
         ++next) {
      low = std::min(low, costs[next].a_share);
      high = std::max(high, costs[next].a_share);
    }
    const std::span same_day(costs.data() + i, next - i);
    i = next;
    if (high <= low * limit) continue;
    for (const Cost& cost : same_day) {
      const std::optional<double> usual = paid_by_others(same_day, cost.account, limit);
      if (usual && (cost.a_share > *usual * limit || cost.a_share * limit < *usual))
        doubtful[cost.account.value][cost.lot] = {book.firm.data_tests.basis_peers_max.to_string(),
                                                  fmt::format("others paid {:.2f} a share that day", *usual),
                                                  "basis_peers_max"};
    }
  }
}

// How many times a price may have changed since the lot was held, either way round: young lots by little.
double price_range(const Book& book, const TaxLot& lot, bool cheap) {
  const double most = book.firm.data_tests.basis_ratio_max.to_double();
  constexpr int year = 365;
  const int days = book.firm.as_of - std::min(lot.held_from, lot.acquired_on);
  if (days <= 7) return std::min(most, 3.0);
  if (days <= 31) return std::min(most, 5.0);
  if (days <= year) return std::min(most, 30.0);
  return cheap && days > 2 * year ? 10.0 * most : most;  // what was bought long ago may have cost next to nothing
}

std::optional<BasisDoubt> doubt_beside_price(const Book& book, const TaxLot& lot) {
  if (!lot.cost_basis || is_dust(book.security(lot.security), lot)) return std::nullopt;
  if (lot.cost_basis->is_zero()) return BasisDoubt{"", "nothing", nullptr};
  const Security& security = book.security(lot.security);
  if (!security.price || security.kind == SecurityKind::cash) return std::nullopt;
  const double ratio = security.price->to_double() * lot.quantity.to_double() / lot.cost_basis->to_double();
  const bool cheap = ratio > price_range(book, lot, true);
  if (!cheap && 1.0 / ratio <= price_range(book, lot, false)) return std::nullopt;
  const double limit = price_range(book, lot, cheap);
  const bool of_key = limit >= book.firm.data_tests.basis_ratio_max.to_double();
  return BasisDoubt{fmt::format("{:g}", limit), fmt::format("the price is {}", security.price->to_string(2)),
                    of_key ? "basis_ratio_max" : nullptr};
}

void tell_bases(const Book& book, const Account& account, const BasisDoubts& doubtful, Doubts& doubts) {
  std::vector<std::string> lots, dated, compared;
  std::set<std::string> limits;
  std::set<std::string_view> keys;
  for (const auto& [lot, doubt] : doubtful) {
    const TaxLot& one = account.lots[lot];
    lots.push_back(fmt::format("{} {} for {} of {}", one.id.text, one.cost_basis->to_string(2),
                               one.quantity.to_string(), book.security(one.security).id.text));
    dated.push_back(
        fmt::format("{} of {}, held from {}", lots.back(), one.acquired_on.to_string(), one.held_from.to_string()));
    compared.push_back(doubt.limit.empty() ? lots.back()
                                           : fmt::format("{} ({}, limit {})", lots.back(), doubt.beside, doubt.limit));
    if (!doubt.limit.empty()) limits.insert(doubt.limit);
    if (doubt.key != nullptr) keys.insert(doubt.key);
  }
  std::string raise;
  for (const std::string_view key : keys) raise += fmt::format("{}{}", raise.empty() ? "raise " : " or ", key);
  if (!raise.empty()) raise += " under [data], ";
  doubts.tell(rule::data_basis_implausible, Severity::hold, account, Observed{list_of(lots), Observed::of(dated).whole},
              fmt::format("{}", fmt::join(limits, "; ")),
              fmt::format("the cost basis of lots is out of proportion: {}; correct cost_basis in lots.csv (of the "
                          "whole lot), leave it empty where it is not known, {}or accept it where it is right (run "
                          "--accept {})",
                          list_of(compared), raise, account.id.text));
}

}  // namespace

void test_bases(const Book& book, Doubts& doubts) {
  std::vector<BasisDoubts> doubtful(book.accounts.size());
  // A part of the securities at a time: the lots of a large book would not fit beside themselves.
  constexpr std::size_t lots_at_a_time = 4'000'000;
  std::size_t lots_of_all = 0;
  for (const Account& account : book.accounts) lots_of_all += account.lots.size();
  const std::size_t parts = 1 + lots_of_all / lots_at_a_time;
  for (std::size_t part = 0; part < parts; ++part) find_strange_costs(book, costs_of(book, part, parts), doubtful);
  for (std::uint32_t i = 0; i < book.accounts.size(); ++i) {
    const Account& account = book.accounts[i];
    if (account.tax_treatment != TaxTreatment::taxable) continue;  // nobody is taxed by it
    for (std::uint32_t lot = 0; lot < account.lots.size(); ++lot) {
      if (auto doubt = doubt_beside_price(book, account.lots[lot])) doubtful[i].try_emplace(lot, *std::move(doubt));
    }
    if (!doubtful[i].empty()) tell_bases(book, account, doubtful[i], doubts);
  }
}

namespace {

// Whether instructions of the account, its household or the firm count asset classes.
std::vector<bool> accounts_that_count_classes(const Book& book) {
  std::vector<bool> counting(book.accounts.size(), false);
  for (std::size_t i = 0; i < book.accounts.size(); ++i) {
    const Policy& policy = book.accounts[i].effective_policy;
    counting[i] = !policy.bands.empty() || !policy.mix.empty() || !policy.location.empty();
  }
  for (const Restriction& restriction : book.restrictions) {
    if (restriction.subject_kind != RestrictionSubject::asset_class) continue;
    if (restriction.scope == RestrictionScope::firm) counting.assign(counting.size(), true);
    if (restriction.scope == RestrictionScope::account && restriction.account.exists())
      counting[restriction.account.value] = true;
    if (restriction.scope != RestrictionScope::household || !restriction.household.exists()) continue;
    for (const AccountIndex account : book.households[restriction.household.value].accounts)
      counting[account.value] = true;
  }
  return counting;
}

}  // namespace

void test_classes(const Book& book, Doubts& doubts) {
  const auto unmapped = [&](SecurityIndex i) {
    const Security& security = book.security(i);
    return security.asset_class.empty() && security.kind != SecurityKind::cash;
  };
  std::vector<bool> any;
  for (std::uint32_t i = 0; i < book.securities.size(); ++i) any.push_back(unmapped({i}));
  if (std::ranges::find(any, true) == any.end()) return;
  const std::vector<bool> counting = accounts_that_count_classes(book);
  for (std::size_t i = 0; i < book.accounts.size(); ++i) {
    const Account& account = book.accounts[i];
    if (!counting[i]) continue;
    std::set<SecurityIndex> missing;
    for (const TaxLot& lot : account.lots) {
      if (unmapped(lot.security)) missing.insert(lot.security);
    }
    const std::uint32_t followed = model_followed(book, {static_cast<std::uint32_t>(i)});
    if (followed < book.models.size()) {
      for (const ModelWeight& part : book.models[followed].weights) {
        if (unmapped(part.security)) missing.insert(part.security);
      }
    }
    if (missing.empty()) continue;
    const std::string names = list_of(book, {missing.begin(), missing.end()});
    doubts.tell(
        rule::data_security_unmapped, Severity::hold, account, names, "",
        fmt::format("bands, a mix or restrictions of the account count asset classes, and these securities have "
                    "none: {}; add asset_class in securities.csv",
                    names));
  }
}

}  // namespace lotwright
