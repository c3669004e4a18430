// The files of an invented firm that do not grow with its accounts.

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

#include "book/rules.h"
#include "generation/book_files.h"
#include "generation/day_before.h"

namespace lotwright::generation {
namespace {

using Failed = std::optional<Failure>;

const char* text_of(SecurityKind kind) {
  switch (kind) {
    case SecurityKind::stock:
      return "stock";
    case SecurityKind::etf:
      return "etf";
    case SecurityKind::mutual_fund:
      return "mutual_fund";
    case SecurityKind::bond:
      return "bond";
    case SecurityKind::cash:
      return "cash";
  }
  return "";
}

Failed write_securities(const std::string& folder, const Market& market, const FaultPlan& faults) {
  CsvFile file(folder + "/securities.csv",
               "security_id,symbol,name,kind,asset_class,sector,industry,country,identical_group,tags,quantity_step,"
               "half_spread_bps,tradable");
  for (const Stock& stock : market.securities()) {
    const bool unmapped = stock.role == Role::unmapped && faults.has(Fault::security_unmapped);
    file.row(stock.id, stock.symbol, stock.name, text_of(stock.kind), unmapped ? "" : stock.asset_class, stock.sector,
             stock.industry, stock.country, stock.identical_group, stock.tags, stock.quantity_step, stock.half_spread,
             stock.tradable ? "yes" : "no");
  }
  return file.close();
}

// Of one day, and of two days that are told apart.
Price price_on(const Market& market, std::uint32_t security, int day, const FaultPlan& faults, Day of) {
  if (of == Day::before) return price_the_day_before(market, security);
  if (of == Day::today && day == market.last_day()) return price_delivered(market, security, faults);
  return market.price(security, day);
}

// Closes of the last `days` days. A security in doubt is sound where no account has the fault.
Failed write_prices(const std::string& folder, int days, const Market& market, const FaultPlan& faults, Day of) {
  constexpr int stale_days = 10;  // weekdays: older than any price_age_days_max the book sets
  CsvFile file(folder + "/prices.csv", "date,security_id,close");
  const auto& securities = market.securities();
  const int last = market.last_day() - (of == Day::before ? 1 : 0);
  for (std::uint32_t i = 0; i < securities.size(); ++i) {
    const Role role = securities[i].role;
    if (role == Role::unpriced && faults.has(Fault::price_missing)) continue;
    const bool stale = role == Role::stale && faults.has(Fault::price_stale);
    const int newest = stale ? last - stale_days : last;
    for (int day = std::max(0, newest - days + 1); day <= newest; ++day) {
      const Date date = market.days()[static_cast<std::size_t>(day)];
      const bool unreadable = role == Role::unreadable_price && faults.has(Fault::price_unreadable);
      file.row(date, securities[i].id,
               unreadable && day == newest ? "n/a" : price_on(market, i, day, faults, of).to_string(2));
    }
    if (role == Role::disputed && faults.has(Fault::price_disputed)) {
      file.row(market.days().back(), securities[i].id, market.price(i, last) + Price::of_whole(1));
    }
  }
  return file.close();
}

void write_version(CsvFile& file, const std::string& model, const Target& target, const std::vector<Target>& targets,
                   const Market& market, std::optional<Date> effective_on) {
  for (const TargetPart& part : target.parts) {
    file.row(model, part.model ? "model" : "security",
             part.model ? targets[part.place].id : market.securities()[part.place].id, part.weight, effective_on);
  }
}

// Models that are rejected, each there only where an account follows it.
void write_broken_models(CsvFile& file, const Market& market, const FaultPlan& faults) {
  const std::string& security = market.securities()[1].id;
  if (faults.has(Fault::model_sum_wrong)) file.row(broken_model::sum, "security", security, "0.9", "");
  if (faults.has(Fault::model_part_unknown)) file.row(broken_model::part, "security", "S-nothing", "1", "");
  if (!faults.has(Fault::model_in_a_circle)) return;
  file.row(broken_model::circle, "model", "broken_circle_back", "1", "");
  file.row("broken_circle_back", "model", broken_model::circle, "1", "");
}

// Some models have an older version and one to come, as wrong for today as they can be.
Failed write_models(const std::string& folder, const Market& market, const std::vector<Target>& targets,
                    const FaultPlan& faults) {
  CsvFile file(folder + "/models.csv", "model_id,component_kind,component_id,weight,effective_on");
  const Date as_of = market.days().back();
  for (std::size_t i = 0; i < targets.size(); ++i) {
    const bool versions = i % 3 == 1 && targets[i].kind != TargetKind::nested;
    const Target& other = targets[i > 0 ? i - 1 : 0];
    if (versions) write_version(file, targets[i].id, other, targets, market, std::nullopt);
    write_version(file, targets[i].id, targets[i], targets, market,
                  versions ? std::optional(as_of - 400) : std::nullopt);
    if (versions) write_version(file, targets[i].id, other, targets, market, as_of + 30);
  }
  write_broken_models(file, market, faults);
  return file.close();
}

// Funds of the same asset class, and a few stocks of a sector. A substitute that may only be held is in no model.
Failed write_substitutes(const std::string& folder, const Market& market) {
  struct Pair {
    std::uint32_t security, substitute;
    int hurdle;
    bool buyable;
  };
  std::vector<Pair> pairs{{7, 8, 5, true}, {9, 10, 8, true}, {11, 12, 3, true}, {5, 16, 12, false}};
  const auto& securities = market.securities();
  const std::vector<std::uint32_t> stocks = market.with(Role::indexed);
  for (std::size_t i = 0; i + 1 < stocks.size(); i += 17) {
    for (std::size_t j = i + 1; j < stocks.size(); ++j) {
      const bool alike = securities[stocks[i]].sector == securities[stocks[j]].sector &&
                         securities[stocks[i]].group != securities[stocks[j]].group;
      const bool taken =
          std::any_of(pairs.begin(), pairs.end(), [&](const Pair& pair) { return pair.substitute == stocks[j]; });
      if (!alike || taken) continue;
      pairs.push_back({stocks[i], stocks[j], 20, true});
      break;
    }
  }
  CsvFile file(folder + "/substitutes.csv", "security_id,substitute_id,hurdle_bps,buyable");
  for (const Pair& pair : pairs) {
    file.row(securities[pair.security].id, securities[pair.substitute].id, pair.hurdle, pair.buyable ? "yes" : "no");
  }
  return file.close();
}

// Booked ones, one to come, and where an account has the fault, a merger in effect that is not booked.
Failed write_actions(const std::string& folder, const Market& market, const FaultPlan& faults, Day day) {
  CsvFile file(folder + "/corporate_actions.csv",
               "action_id,security_id,effective_on,kind,status,new_security_id,ratio,cash_per_share,basis_fraction");
  const auto& securities = market.securities();
  const std::vector<std::uint32_t> stocks = market.with(Role::indexed);
  const Date as_of = market.days().back();
  file.row("C001", securities[stocks[0]].id, as_of - 90, "split", "applied", "", "2", "", "");
  file.row("C002", securities[stocks[1]].id, as_of - 20, "return_of_capital", "applied", "", "", "0.12", "");
  file.row("C003", securities[stocks[2]].id, as_of + 21, "split", "pending", "", "3", "", "");
  if (day == Day::today)
    file.row("C005", securities[eventful_stocks(market).splitting].id, as_of, "split", "applied", "", split_ratio, "",
             "");
  if (faults.has(Fault::merger_not_booked)) {
    file.row("C004", securities[market.with(Role::merging).front()].id, as_of - 2, "merger", "pending",
             securities[stocks[3]].id, "0.5", "1.25", "");
  }
  return file.close();
}

Failed write_alpha(const std::string& folder, std::uint64_t seed, double share, const Market& market) {
  if (share <= 0) return std::nullopt;
  CsvFile file(folder + "/alpha.csv", "security_id,alpha");
  Chance chance(stream(seed, Stream::model, 0));
  for (const Stock& stock : market.securities()) {
    if (stock.role == Role::cash_fund || !chance.hits(share)) continue;
    file.row(stock.id, fmt::format("{:.4f}", 0.02 * chance.normal()));
  }
  return file.close();
}

bool has_risk(const Stock& stock, const FaultPlan& faults) {
  if (stock.role == Role::cash_fund) return false;
  return stock.role != Role::without_risk || !faults.has(Fault::risk_missing);
}

Failed write_risk(const std::string& folder, const Market& market, const FaultPlan& faults) {
  const auto& factors = Market::factors();
  std::string names;
  for (const std::string& factor : factors) names += "," + factor;
  CsvFile exposures(folder + "/exposures.csv", "security_id" + names);
  CsvFile specific(folder + "/specific_risk.csv", "security_id,volatility");
  for (const Stock& stock : market.securities()) {
    if (!has_risk(stock, faults)) continue;
    std::string row = stock.id;
    for (const double exposure : stock.exposures) row += fmt::format(",{:.4f}", exposure);
    exposures.raw(row);
    specific.row(stock.id, fmt::format("{:.4f}", stock.specific_volatility));
  }
  CsvFile covariances(folder + "/factor_covariance.csv", "factor" + names);
  const std::vector<double> covariance = Market::covariance();
  for (std::size_t i = 0; i < factors.size(); ++i) {
    std::string row = factors[i];
    for (std::size_t j = 0; j < factors.size(); ++j) row += fmt::format(",{:.8f}", covariance[i * factors.size() + j]);
    covariances.raw(row);
  }
  Failed failed = exposures.close();
  for (CsvFile* file : {&specific, &covariances}) {
    if (Failed another = file->close(); another && !failed) failed = another;
  }
  return failed;
}

// Gates that a sound run of a book of this size stays far below.
std::string gates_text(int accounts, Day day) {
  const std::int64_t size = std::max(accounts, 100);
  // A price with a fault is held by itself, where it is to be found.
  const char* prices = day == Day::alone ? "price_move_max = 0.60\n" : "";
  return fmt::format(
      "[gates]\n{}accounts_change_max = 0.05\none_security_notional_max = {}\n"
      "tax_total_max = {}\n",
      prices, size * 20'000'000, size * 5'000'000);
}

Failed write_firm_toml(const std::string& folder, const BookOrder& order, Date as_of, Day day) {
  CsvFile file(folder + "/firm.toml", "# An invented firm: every person, company, price and number is made up.");
  file.raw(fmt::format("[firm]\nname = \"Invented Advisors {}\"\nas_of = {}\n", order.seed, as_of.to_string()));
  file.raw(policies_text());
  // What a day's harvest, a payment or a new model makes of an account is routine however much it is; what nobody asked
  // for is not, in a large account. A tax is large beside the account, or by itself.
  file.raw(R"([[exceptions.rule]]
name = "large_account_turnover"
measure = "turnover_unexplained"
limit = 0.30
value_min = 10_000_000

[[exceptions.rule]]
name = "tax_of_account"
measure = "tax_weight"
limit = 0.05
value_min = 1_000_000

[[exceptions.rule]]
name = "tax_bill"
measure = "tax"
limit = 1_000_000

[[exceptions.rule]]
name = "beyond_its_habit"
measure = "turnover_of_usual"
limit = 20
value_min = 1_000_000

[[exceptions.rule]]
name = "heavy_order"
measure = "order_weight"
limit = 0.25
severity = "note"
)");
  file.raw(gates_text(order.accounts, day));
  return file.close();
}

}  // namespace

std::optional<Failure> write_firm(const std::string& folder, const BookOrder& order, const Market& market,
                                  const std::vector<Target>& targets, const FaultPlan& faults, Day day) {
  const Date as_of = day == Day::before ? market.days()[static_cast<std::size_t>(market.last_day() - 1)] : order.as_of;
  for (Failed failed :
       {write_firm_toml(folder, order, as_of, day), write_securities(folder, market, faults),
        write_prices(folder, static_cast<int>(order.mix.price_days), market, faults, day),
        write_models(folder, market, targets, faults), write_substitutes(folder, market),
        write_actions(folder, market, faults, day), write_alpha(folder, order.seed, order.mix.alpha, market),
        write_risk(folder + "/risk", market, faults)}) {
    if (failed) return failed;
  }
  return std::nullopt;
}

}  // namespace lotwright::generation
