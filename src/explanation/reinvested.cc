#include "explanation/reinvested.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "book/rules.h"
#include "tax/wash_sale.h"

namespace lotwright {
namespace {

constexpr std::uint32_t no_lot = ~std::uint32_t{0};

// What an account has to do with losses in a group: the most urgent holds.
struct Loss {
  SecurityIndex security;
  bool sold_now = false;
};

std::map<GroupIndex, Loss> losses_of(const DecidedAccount& decided) {
  std::map<GroupIndex, Loss> losses;
  const auto loss_in = [&](SecurityIndex security) -> Loss& {
    return losses.try_emplace(decided.book().security(security).group, Loss{security, false}).first->second;
  };
  const std::vector<TaxLot>& lots = decided.holder().lots;
  for (std::size_t i = 0; i < lots.size(); ++i) {
    const std::optional<Money>& gain = decided.account.lots[i].gain;
    if (gain && gain->is_negative()) loss_in(lots[i].security);
  }
  for (const Trade& trade : decided.solution.trades.trades) {
    const bool at_loss =
        std::ranges::any_of(trade.lots, [](const LotSale& sale) { return sale.gain && sale.gain->is_negative(); });
    if (at_loss) loss_in(trade.security).sold_now = true;
  }
  return losses;
}

// Empty: nothing to tell of the group.
std::string told(const DecidedAccount& decided, const tax::SoldByLot& sold, GroupIndex group, const Loss& loss) {
  const tax::WashFacts facts = decided.progress.wash.facts(decided.account.account, group);
  if (!facts.reinvested_on) return {};
  const Date as_of = decided.book().firm.as_of;
  const std::string& lost = decided.book().security(loss.security).id.text;
  const std::string from =
      fmt::format("{} on {}", decided.book().security(facts.reinvested_in).id.text, facts.reinvested_on->to_string());
  const auto free_on = [](Date day) { return (day + (tax::wash_sale_days + 1)).to_string(); };
  if (loss.sold_now) {
    return fmt::format("{}, and {} is sold at a loss today: reinvest nothing before {}", from, lost, free_on(as_of));
  }
  if (facts.loss_sold_on && *facts.reinvested_on >= *facts.loss_sold_on - tax::wash_sale_days) {
    return fmt::format("{}, within 30 days of the loss sale of {}", from, facts.loss_sold_on->to_string());
  }
  const Quantity own = tax::kept_young_shares(decided.book(), decided.account.account, group, sold, no_lot);
  const bool barred = facts.replacements_elsewhere.is_positive() || own.is_positive();
  if (!barred || as_of - *facts.reinvested_on > tax::wash_sale_days) return {};
  return fmt::format("{}: the loss in {} stays barred until {} at least", from, lost, free_on(*facts.reinvested_on));
}

}  // namespace

Findings reinvested_beside_losses(const DecidedAccount& decided) {
  if (!decided.terms.taxable) return {};
  const tax::SoldByLot sold = tax::sold_by_lot(decided.solution.trades);
  std::string list;
  int groups = 0;
  for (const auto& [group, loss] : losses_of(decided)) {
    const std::string one = told(decided, sold, group, loss);
    if (one.empty()) continue;
    list += (list.empty() ? "" : "; ") + one;
    ++groups;
  }
  if (groups == 0) return {};
  return {{.rule = rule::wash_sale_reinvested,
           .severity = Severity::note,
           .subject = {SubjectKind::account, decided.holder().id.text},
           .place = {},
           .observed = std::to_string(groups),
           .limit = {},
           .message = "reinvested dividends are purchases, and wash losses: " + list}};
}

}  // namespace lotwright
