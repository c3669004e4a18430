#include "solution/realized.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "book/rules.h"
#include "problem/blocks.h"

namespace lotwright {
namespace {

// What a lot sale counts: the part of a loss that a wash sale disallows counts as nothing.
Money counted(const Realization& what, const LotSale& sale) {
  if (!sale.gain) return {};
  return what.counted(sale.term,
                      sale.gain->is_negative() ? std::min(Money(), *sale.gain + sale.disallowed) : *sale.gain);
}

Money counted(const Realization& what, const AccountTrades& trades) {
  Money sum;
  for (const Trade& trade : trades.trades) {
    for (const LotSale& sale : trade.lots) sum += counted(what, sale);
  }
  return sum;
}

// Rounding to the cent, of each lot's share, is not missed.
Money rounding(const AccountTrades& trades) {
  Money cents = cent;
  for (const Trade& trade : trades.trades)
    cents += Money::of_count(cent.count() * static_cast<std::int64_t>(trade.lots.size()));
  return cents;
}

// Why lots that would count were not sold.
class Causes {
 public:
  Causes(const CheckedUnit& unit, const CheckedAccount& account, const tax::UnitProgress& progress,
         const Relaxed& relaxed, const AccountTrades& trades)
      : book_(*unit.book),
        checked_(account),
        holder_(book_.account(account.account)),
        progress_(progress),
        relaxed_(relaxed),
        sold_(tax::sold_by_lot(trades)) {}

  // Dollars that would count and are kept, by the rule that keeps them.
  [[nodiscard]] std::map<std::string, Money> kept(const Realization& what) const {
    std::map<std::string, Money> dollars;
    for (const CheckedLine& line : checked_.lines) {
      for (std::uint32_t i = line.lot_begin; i < line.lot_end; ++i) {
        const Money left = left_of(what, i);
        if (left.is_positive()) dollars[cause(line, i)] += left;
      }
    }
    return dollars;
  }

  [[nodiscard]] std::size_t lots_of_unknown_basis() const {
    std::size_t count = 0;
    for (const CheckedLine& line : checked_.lines) {
      for (std::uint32_t i = line.lot_begin; i < line.lot_end; ++i) count += checked_.lots[i].gain ? 0 : 1;
    }
    return count;
  }

 private:
  [[nodiscard]] Money left_of(const Realization& what, std::uint32_t lot) const {
    const CheckedLot& facts = checked_.lots[lot];
    if (!facts.gain) return {};
    const Money whole = what.counted(facts.term, *facts.gain);
    const auto sold = sold_.find(lot);
    if (sold == sold_.end()) return whole;
    const Quantity held = holder_.lots[lot].quantity;
    return Money::of_count(multiply_divide_half_away(whole.count(), (held - sold->second).count(), held.count()));
  }

  [[nodiscard]] std::string cause(const CheckedLine& line, std::uint32_t lot) const {
    const CheckedLot& facts = checked_.lots[lot];
    const Bar* strongest = nullptr;
    for (const std::vector<Bar>* bars : {&line.sell_bars, &facts.bars}) {
      for (const Bar& bar : *bars) {
        const bool stands = in_force(bar, relaxed_, forcing_of(checked_, line));
        if (stands && (strongest == nullptr || bar.strength < strongest->strength)) strongest = &bar;
      }
    }
    if (strongest != nullptr) return strongest->rule;
    if (line.locked.is_positive() || facts.saleable < holder_.lots[lot].quantity)
      return rule::restriction_lock_quantity;
    if (facts.gain->is_negative() && is_washed(line, lot)) return rule::wash_sale_window;
    return line.weight_min ? rule::restriction_weight_min : rule::account_limit_reached;
  }

  [[nodiscard]] bool is_washed(const CheckedLine& line, std::uint32_t lot) const {
    const GroupIndex group = book_.security(line.security).group;
    const tax::WashFacts facts = progress_.wash.facts(checked_.account, group);
    return facts.loss_barred || facts.replacements_elsewhere.is_positive() ||
           tax::kept_young_shares(book_, checked_.account, group, sold_, lot).is_positive();
  }

  const Book& book_;
  const CheckedAccount& checked_;
  const Account& holder_;
  const tax::UnitProgress& progress_;
  const Relaxed& relaxed_;
  tax::SoldByLot sold_;
};

std::string message_of(const Realization& what, Money reached, const Causes& causes) {
  const char* noun = what.losses ? "losses" : "gains";
  const char* term = !what.term ? "" : *what.term == Term::short_term ? "short-term " : "long-term ";
  std::string text =
      fmt::format("{}: {}{} of {}{} are asked for and {} realized", fmt::join(what.requests, ", "), term, noun,
                  what.amount.to_string(2), what.zero_rate ? ", at the zero rate," : "", reached.to_string(2));
  Money nowhere = what.amount - reached;
  const std::map<std::string, Money> kept = causes.kept(what);
  for (const auto& [rule, dollars] : kept) {
    text += fmt::format("; {} kept by {}", dollars.to_string(2), rule);
    nowhere -= dollars;
  }
  if (nowhere.is_positive()) text += fmt::format("; {} in no lot", nowhere.to_string(2));
  if (const std::size_t lots = causes.lots_of_unknown_basis(); lots > 0) {
    text += fmt::format("; {} {} of unknown basis not counted", lots, lots == 1 ? "lot" : "lots");
  }
  return text + "; lower the request or lift what keeps them";
}

std::string no_room_for(const Realization& what) {
  return fmt::format(
      "{}: on top of the year's income, gains and losses no long-term gain is free of tax: nothing is realized for it",
      fmt::join(what.requests, ", "));
}

// Lots are counted one by one: where the orders harvest too, what the year keeps of the gains is told.
std::optional<Finding> losses_beside(const Realization& what, Money reached, const AccountTrades& trades) {
  Money losses;
  for (const Trade& trade : trades.trades) {
    for (const LotSale& sale : trade.lots) losses += std::max(Money(), -sale.gain.value_or(Money()));
  }
  if (what.losses || !reached.is_positive() || losses < Money::of_whole(1)) return std::nullopt;
  Finding finding;
  finding.rule = rule::request_realize_gains_net;
  finding.severity = Severity::note;
  finding.observed = (reached - losses).to_string(2);
  finding.limit = what.zero_rate ? std::string() : what.amount.to_string(2);
  finding.message = fmt::format(
      "{}: gains of {} are realized, and losses of {} beside them, {} net: harvest = no keeps the losses",
      fmt::join(what.requests, ", "), reached.to_string(2), losses.to_string(2), (reached - losses).to_string(2));
  return finding;
}

}  // namespace

std::string request_served(const CheckedAccount& account, const Trade& trade) {
  for (const Realization& what : account.realizations) {
    for (const LotSale& sale : trade.lots) {
      if (counted(what, sale).is_positive()) return what.rule();
    }
  }
  return {};
}

Findings missed_realizations(const CheckedUnit& unit, const CheckedAccount& account, const tax::UnitProgress& progress,
                             const Relaxed& relaxed, const AccountTrades& trades) {
  Findings findings;
  const Causes causes(unit, account, progress, relaxed, trades);
  for (Realization what : account.realizations) {
    const Money reached = counted(what, trades);
    if (auto beside = losses_beside(what, reached, trades); beside) {
      beside->subject = {SubjectKind::account, unit.book->account(account.account).id.text};
      findings.push_back(std::move(*beside));
    }
    Money least = what.amount;
    bool no_room = false;
    if (what.zero_rate) {
      const ZeroRateZone zone = zero_rate_zone(unit, account, what, progress);
      what.amount = zone.most;
      least = zone.least;
      no_room = !zone.most.is_positive();
    }
    if (reached + rounding(trades) >= least && !no_room) continue;
    Finding finding;
    finding.rule = what.short_rule();
    finding.severity = what.zero_rate ? Severity::note : Severity::review;  // as much as fits was asked for
    finding.subject = {SubjectKind::account, unit.book->account(account.account).id.text};
    finding.observed = reached.to_string(2);
    finding.limit = what.amount.to_string(2);
    finding.message = no_room ? no_room_for(what) : message_of(what, reached, causes);
    findings.push_back(std::move(finding));
  }
  return findings;
}

}  // namespace lotwright
