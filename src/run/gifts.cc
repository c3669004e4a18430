#include "run/gifts.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <nlohmann/json.hpp>

#include "book/rules.h"
#include "checks/book_facts.h"
#include "checks/checks.h"
#include "inputs/csv_text.h"
#include "tax/gifts.h"

namespace lotwright {
namespace {

using Json = nlohmann::ordered_json;

template <class Nouns>
std::optional<Failure> unknown_in(const Nouns& nouns, const std::vector<std::string>& wanted, const char* what) {
  for (const std::string& id : wanted) {
    if (std::ranges::any_of(nouns, [&](const auto& noun) { return noun.id.text == id; })) continue;
    return Failure{rule::account_unknown, fmt::format("the book has no {0} {1}; see {0}_id in {0}s.csv", what, id), {}};
  }
  return std::nullopt;
}

bool is_wanted(const std::vector<std::string>& ids, const std::string& id) {
  return ids.empty() || std::ranges::find(ids, id) != ids.end();
}

// A bar by law or policy keeps a lot from being sold, not from being given; a restriction and a freeze keep it.
const Bar* keeping(const std::vector<Bar>& bars) {
  const auto found = std::ranges::find_if(
      bars, [](const Bar& bar) { return bar.strength == Strength::frozen || bar.strength == Strength::restriction; });
  return found == bars.end() ? nullptr : &*found;
}

// The lots that may be given, by taxpayer, and why the others may not.
class Gatherer {
 public:
  struct Offer {
    AccountIndex account;
    std::uint32_t lot;
    Quantity quantity;
    Money value;
    Money gain;
  };

  explicit Gatherer(const Book& book) : book_(book) {}

  void add(const CheckedAccount& checked) {
    const Account& account = book_.account(checked.account);
    for (const CheckedLine& line : checked.lines) {
      Quantity free = free_of(checked, line);
      for (const std::uint32_t lot : largest_gains_first(checked, line)) {
        const Quantity quantity = std::min(checked.lots[lot].saleable, free);
        const std::string reason = reason_to_keep(checked, line, lot, quantity);
        if (!reason.empty()) {
          left_out.push_back({checked.account, lot, reason});
          continue;
        }
        free -= quantity;
        const TaxLot& held = account.lots[lot];
        const Money gain = share_of(*checked.lots[lot].gain, quantity, held.quantity);
        const Money value = value_of(quantity, *book_.security(held.security).price);
        offers[account.taxpayer].push_back({checked.account, lot, quantity, value, gain});
      }
    }
  }

  std::map<TaxpayerIndex, std::vector<Offer>> offers;
  std::vector<KeptLot> left_out;

 private:
  // Shares that neither a lock nor a least weight keeps.
  [[nodiscard]] Quantity free_of(const CheckedAccount& checked, const CheckedLine& line) const {
    const Security& security = book_.security(line.security);
    Quantity kept = line.locked;
    if (line.weight_min && security.price) {
      const Money least = fraction_of(std::max(Money(), checked.investable), *line.weight_min);
      kept = std::max(kept, least_quantity_worth(least, *security.price, security.quantity_step));
    }
    return std::max(Quantity(), line.held - kept);
  }

  // Where shares must stay, those with the least gain do.
  [[nodiscard]] std::vector<std::uint32_t> largest_gains_first(const CheckedAccount& checked,
                                                               const CheckedLine& line) const {
    const std::vector<TaxLot>& held = book_.account(checked.account).lots;
    const auto gain_a_share = [&](std::uint32_t lot) {
      return share_of(checked.lots[lot].gain.value_or(Money()), Quantity::of_whole(1), held[lot].quantity);
    };
    std::vector<std::uint32_t> lots;
    for (std::uint32_t lot = line.lot_begin; lot < line.lot_end; ++lot) lots.push_back(lot);
    std::ranges::stable_sort(lots, std::greater{}, gain_a_share);
    return lots;
  }

  [[nodiscard]] std::string reason_to_keep(const CheckedAccount& checked, const CheckedLine& line, std::uint32_t lot,
                                           Quantity quantity) const {
    const CheckedLot& facts = checked.lots[lot];
    if (checked.held) return "the account is held: see lotwright check";
    if (checked.frozen) return "the account is frozen";
    for (const std::vector<Bar>* bars : {&line.sell_bars, &facts.bars}) {
      if (const Bar* bar = keeping(*bars)) return fmt::format("{} {}", bar->rule, bar->source);
    }
    if (!book_.account(checked.account).lots[lot].cost_basis || !facts.gain) return "the basis is unknown";
    if (!facts.gain->is_positive()) return "no gain: a loss is better sold and the money given";
    if (facts.term == Term::short_term) return "short-term: the deduction is limited to the basis (IRC 170(e)(1)(A))";
    if (!quantity.is_positive()) {
      return line.locked.is_positive() ? rule::restriction_lock_quantity : rule::restriction_weight_min;
    }
    return {};
  }

  const Book& book_;
};

// The offer's first steps that fit into what is left to give.
Gatherer::Offer within(const Book& book, Gatherer::Offer offer, Money left) {
  if (offer.value <= left) return offer;
  const Security& security = book.security(book.account(offer.account).lots[offer.lot].security);
  const std::int64_t step = security.quantity_step.count();
  std::int64_t steps = multiply_divide_half_away(offer.quantity.count(), left.count(), offer.value.count()) / step;
  while (steps > 0 && value_of(Quantity::of_count(steps * step), *security.price) > left) --steps;
  const Quantity quantity = Quantity::of_count(steps * step);
  offer.gain = share_of(offer.gain, quantity, offer.quantity);
  offer.value = value_of(quantity, *security.price);
  offer.quantity = quantity;
  return offer;
}

void list_gifts(const Book& book, TaxpayerIndex index, const std::vector<Gatherer::Offer>& offers,
                const std::optional<Money>& amount, GiftList& list) {
  const Taxpayer& taxpayer = book.taxpayers[index.value];
  std::vector<tax::Gift> order;
  for (std::size_t i = 0; i < offers.size(); ++i) order.push_back({offers[i].value, offers[i].gain, i});
  tax::sort_for_giving(order);
  std::vector<Gatherer::Offer> given;
  std::vector<tax::Gift> gifts;
  Money value;
  for (const tax::Gift& next : order) {
    const Gatherer::Offer offer = amount ? within(book, offers[next.source], *amount - value) : offers[next.source];
    if (!offer.quantity.is_positive()) continue;
    value += offer.value;
    given.push_back(offer);
    gifts.push_back({offer.value, offer.gain, given.size()});
  }
  const Policy& policy = book.account(offers.front().account).effective_policy;
  const std::vector<Money> removed =
      tax::tax_removed(gifts, tax::net_gains_of(taxpayer), tax::rates_of(book, taxpayer, policy.loss_value));
  value = Money();
  Money tax;
  for (std::size_t i = 0; i < given.size(); ++i) {
    value += given[i].value;
    tax += removed[i];
    list.gifts.push_back(
        {given[i].account, given[i].lot, given[i].quantity, given[i].value, given[i].gain, removed[i], value, tax});
  }
}

const TaxLot& lot_of(const Book& book, AccountIndex account, std::uint32_t lot) {
  return book.account(account).lots[lot];
}

const std::string& taxpayer_of(const Book& book, AccountIndex account) {
  return book.taxpayers[book.account(account).taxpayer.value].id.text;
}

std::string per_dollar(const ListedGift& gift) {
  return fmt::format("{:.6f}", gift.tax_removed.to_double() / gift.value.to_double());
}

// A lot of the list, named as in the book's files.
Json named(const Book& book, AccountIndex account, std::uint32_t index) {
  const TaxLot& lot = lot_of(book, account, index);
  return {{"taxpayer_id", taxpayer_of(book, account)},
          {"account_id", book.account(account).id.text},
          {"security_id", book.security(lot.security).id.text},
          {"lot_id", lot.id.text}};
}

constexpr std::array columns = {"taxpayer_id",  "account_id",
                                "security_id",  "lot_id",
                                "quantity",     "value",
                                "gain",         "term",
                                "tax_removed",  "tax_removed_per_dollar",
                                "value_so_far", "tax_removed_so_far"};

// A cell of text for each of the columns.
Json row_of(const Book& book, const ListedGift& gift) {
  Json row = named(book, gift.account, gift.lot);
  row["quantity"] = gift.quantity.to_string();
  row["value"] = gift.value.to_string(2);
  row["gain"] = gift.gain.to_string(2);
  row["term"] = "long_term";
  row["tax_removed"] = gift.tax_removed.to_string(2);
  row["tax_removed_per_dollar"] = per_dollar(gift);
  row["value_so_far"] = gift.value_so_far.to_string(2);
  row["tax_removed_so_far"] = gift.tax_so_far.to_string(2);
  return row;
}

}  // namespace

Result<GiftList> gift_list(const Book& book, const GiftWishes& wishes) {
  if (auto unknown = unknown_in(book.accounts, wishes.accounts, "account")) return *unknown;
  if (auto unknown = unknown_in(book.taxpayers, wishes.taxpayers, "taxpayer")) return *unknown;
  const auto risk = FactorRisk::of(book.risk, book.securities.size());
  if (!risk) return risk.failure();
  const BookFacts facts(book);
  Gatherer gatherer(book);
  for (const DecisionUnit& unit : decision_units(book)) {
    for (const CheckedAccount& checked : check(facts, *risk, unit).accounts) {
      const Account& account = book.account(checked.account);
      if (account.tax_treatment != TaxTreatment::taxable || !account.taxpayer.exists()) continue;
      if (!is_wanted(wishes.accounts, account.id.text)) continue;
      if (!is_wanted(wishes.taxpayers, taxpayer_of(book, checked.account))) continue;
      gatherer.add(checked);
    }
  }
  GiftList list;
  for (const auto& [taxpayer, offers] : gatherer.offers) list_gifts(book, taxpayer, offers, wishes.amount, list);
  list.left_out = std::move(gatherer.left_out);
  std::ranges::sort(list.left_out, {}, [](const KeptLot& kept) { return std::pair(kept.account, kept.lot); });
  return list;
}

std::string csv_of(const GiftList& list, const Book& book) {
  std::string text;
  inputs::append_csv_cells(text, columns);
  text += '\n';
  for (const ListedGift& gift : list.gifts) {
    const Json row = row_of(book, gift);
    std::vector<std::string> cells;
    for (const char* column : columns) cells.push_back(row.at(column).get<std::string>());
    inputs::append_csv_cells(text, cells);
    text += '\n';
  }
  return text;
}

std::string json_of(const GiftList& list, const Book& book) {
  Json json = {{"as_of", book.firm.as_of.to_string()}, {"gifts", Json::array()}, {"left_out", Json::array()}};
  for (const ListedGift& gift : list.gifts) json["gifts"].push_back(row_of(book, gift));
  for (const KeptLot& kept : list.left_out) {
    Json row = named(book, kept.account, kept.lot);
    row["reason"] = kept.reason;
    json["left_out"].push_back(std::move(row));
  }
  return json.dump(2);
}

}  // namespace lotwright
