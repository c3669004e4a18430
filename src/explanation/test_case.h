// explanation/test_case.h — for tests of the floor: one account as checked, with trades that are added by hand.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "explanation/explanation.h"
#include "tax/lot_relief.h"

namespace lotwright {

// One account "A" with what explain() is given for it; trades are added by hand.
struct Case {
  Book book;
  FactorRisk risk;
  DecisionUnit unit;
  CheckedUnit checked;
  tax::UnitProgress progress;
  objective::Terms terms;
  Solution solution;

  template <class Builder>  // testing/book_builder.h: a test may include it, a header of the floor may not
  explicit Case(const Builder& builder)
      : book(builder.build()),
        risk(*FactorRisk::of(book.risk, book.securities.size())),
        unit(decision_units(book).front()),
        checked(check(book, risk, unit)),
        progress(book, unit),
        terms(terms_of(checked, checked.accounts.front(), progress)) {
    solution.trades.account = AccountIndex{0};
  }
  Case(const Case&) = delete;

  [[nodiscard]] SecurityIndex security(const std::string& id) const {
    const auto found = std::ranges::find(book.securities, id, [](const Security& s) { return s.id.text; });
    return {static_cast<std::uint32_t>(found - book.securities.begin())};
  }

  Trade priced(SecurityIndex index, Side side, Quantity quantity) const {
    const Policy& policy = book.accounts.front().effective_policy;
    Trade trade{.security = index,
                .side = side,
                .quantity = quantity,
                .price = *book.security(index).price,
                .amount = {},
                .commission = {},
                .lots = {}};
    trade.amount = amount_of(trade.quantity, trade.price);
    trade.commission = commission_of(trade.amount, policy.commission, policy.ticket_cost);
    return trade;
  }

  void add(Trade trade, const std::string& reason) {
    const auto place = std::ranges::lower_bound(solution.trades.trades, trade.security, {}, &Trade::security);
    solution.reasons.insert(solution.reasons.begin() + (place - solution.trades.trades.begin()), reason);
    solution.trades.trades.insert(place, std::move(trade));
  }

  void buy(const std::string& id, const std::string& quantity) {
    add(priced(security(id), Side::buy, *Quantity::parse(quantity)), "rebalance");
  }

  // Sells `quantities[i]` of the i-th lot of the security; zero leaves a lot out.
  void sell(const std::string& id, const std::vector<Quantity>& quantities) {
    const SecurityIndex index = security(id);
    const std::vector<TaxLot>& lots = book.accounts.front().lots;
    const auto first = std::ranges::lower_bound(lots, index, {}, &TaxLot::security) - lots.begin();
    std::vector<std::uint32_t> sold;
    std::vector<Quantity> shares;
    Quantity total;
    for (std::size_t i = 0; i < quantities.size(); ++i) {
      if (!quantities[i].is_positive()) continue;
      sold.push_back(static_cast<std::uint32_t>(first) + static_cast<std::uint32_t>(i));
      shares.push_back(quantities[i]);
      total += quantities[i];
    }
    Trade trade = priced(index, Side::sell, total);
    const std::vector<Money> proceeds = tax::share_proceeds(shares, trade.price, trade.amount);
    for (std::size_t i = 0; i < sold.size(); ++i) {
      trade.lots.push_back(tax::sale_of(lots[sold[i]], sold[i], shares[i], proceeds[i], book.firm.as_of));
    }
    add(std::move(trade), "rebalance");
  }

  [[nodiscard]] const CheckedAccount& account() const { return checked.accounts.front(); }
  [[nodiscard]] AccountResult explained() const { return explain(checked, account(), progress, terms, solution); }
};

}  // namespace lotwright
