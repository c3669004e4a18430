// Every rule of the verifier with a scene that keeps it, just inside where it has a limit, and one that breaks it. A
// rule refused in the good scene, or let through in the spoiled one, fails its row.
#include "verification/verification.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <ostream>

#include "book/rules.h"
#include "testing/orders_by_hand.h"

namespace lotwright {
namespace {

// All breaches of the scene's accounts, decided as one unit.
std::vector<Breach> breaches_of(const Scene& scene) {
  const Book book = scene.book.build();
  Results results = honest_results(book, scene.orders);
  for (const auto& change : scene.spoiled) change(results);
  DecisionUnit unit;
  std::vector<const AccountResult*> pointers;
  for (const AccountResult& result : results) {
    unit.accounts.push_back(result.account);
    pointers.push_back(&result);
  }
  for (std::uint32_t i = 0; i < book.taxpayers.size(); ++i) unit.taxpayers.push_back({i});
  return verify_unit(BookIndex(book), unit, pointers);
}

std::vector<std::string> rules_of(const std::vector<Breach>& breaches) {
  std::vector<std::string> rules;
  for (const Breach& breach : breaches) rules.push_back(breach.rule);
  return rules;
}

// Account "A" (taxable, taxpayer "T", household "H", $1,000 cash) and the IRA "I" of the same taxpayer; as of
// 2025-06-30.
//
//   A  L1  AAA  100 at 100, basis 6,000, 2020-01-15: a long-term gain of 40 a share
//   A  L2  BBB  100 at 50, basis 7,000, 2020-01-15: a long-term loss of 20 a share
//   A  L3  CCC   50 at 100, basis 4,000, 2025-02-03: a short-term gain of 20 a share
//   I  L4  DDD  100 at 100, basis 9,000, 2020-01-15;  $1,000 cash
//
// V of A is 21,000; the model is a fifth each of AAA to EEE. FFF is in no model; BB2 is a substitute for BBB.
BookBuilder family() {
  return BookBuilder()
      .security({.id = "AAA", .tags = {"tobacco"}})
      .security({.id = "BBB", .price = "50", .sector = "energy"})
      .security({.id = "CCC", .industry = "chips"})
      .security({.id = "DDD", .asset_class = "foreign_equity", .country = "CH"})
      .security({.id = "EEE"})
      .security({.id = "FFF"})
      .security({.id = "BB2"})
      .security({.id = "MMF", .price = "1", .kind = SecurityKind::cash, .quantity_step = "0.01"})
      .model("M", {{"AAA", "0.2"}, {"BBB", "0.2"}, {"CCC", "0.2"}, {"DDD", "0.2"}, {"EEE", "0.2"}})
      .substitute({.security = "BBB", .substitute = "BB2"})
      .account({.id = "A", .household = "H", .cash = "1000"})
      .account({.id = "I", .household = "H", .taxpayer = "T", .treatment = TaxTreatment::tax_deferred, .cash = "1000"})
      .lot({.account = "A", .security = "AAA", .quantity = "100", .cost_basis = "6000"})
      .lot({.account = "A", .security = "BBB", .quantity = "100", .cost_basis = "7000"})
      .lot({.account = "A", .security = "CCC", .quantity = "50", .cost_basis = "4000", .acquired_on = "2025-02-03"})
      .lot({.account = "I", .security = "DDD", .quantity = "100", .cost_basis = "9000"});
}

// AAA is trimmed by 20 and DDD bought for 1,500: a gain of 800, cash 1,500, turnover 1,500.
Scene trim() { return {family(), {sell("A", "AAA", "20", "L1"), buy("A", "DDD", "15")}, {}}; }

Scene nothing() { return trim().with_orders({}); }

Scene with_policy(const Scene& scene, const std::string& setting, const std::string& value) {
  return scene.with([&](BookBuilder& book) { book.policy("A", setting, value); });
}

Scene restricted(const Scene& scene, RestrictionDraft draft) {
  if (draft.scope == RestrictionScope::account) draft.scope_id = "A";
  if (draft.scope == RestrictionScope::household) draft.scope_id = "H";
  return scene.with([&](BookBuilder& book) { book.restriction(draft); });
}

Scene requested(const Scene& scene, RequestDraft draft) {
  draft.account = "A";
  return scene.with([&](BookBuilder& book) { book.request(draft); });
}

Scene traded(const Scene& scene, const TransactionDraft& draft) {
  return scene.with([&](BookBuilder& book) { book.transaction(draft); });
}

Scene adjusted(const Scene& scene, std::function<void(Book&)> change) {
  return scene.with([&](BookBuilder& book) { book.adjust(std::move(change)); });
}

Scene found(const Scene& scene, SubjectKind kind, const std::string& id) {
  return adjusted(scene, [kind, id](Book& book) {
    book.findings.push_back({"data_number_unreadable", Severity::hold, {kind, id}, {}, {}, {}, {}});
  });
}

// The first order of account A: the sale of AAA. The second: the purchase of DDD.
Scene spoil_sale(const std::function<void(Trade&)>& change) {
  return trim().spoil([change](Results& results) { change(results[0].orders[0].trade); });
}

Scene spoil_lot(const std::function<void(LotSale&)>& change) {
  return spoil_sale([change](Trade& trade) { change(trade.lots[0]); });
}

Scene spoil_result(const std::function<void(AccountResult&)>& change) {
  return trim().spoil([change](Results& results) { change(results[0]); });
}

struct Row {
  std::string what;
  std::string rule;
  Scene good;
  Scene bad;
};

void check(const std::vector<Row>& rows) {
  for (const Row& row : rows) {
    SCOPED_TRACE(row.what);
    for (const Breach& breach : breaches_of(row.good)) ADD_FAILURE() << breach.rule << ": " << breach.message;
    const auto rules = rules_of(breaches_of(row.bad));
    EXPECT_TRUE(std::ranges::count(rules, row.rule) > 0) << row.rule << " is let through";
  }
}

// A rule that yields is excused by a review exception of its family, and by nothing less and no other family.
void check_yields(const std::string& rule, const std::string& family, const Scene& bad) {
  const auto is_refused = [&](const Scene& scene) {
    const auto rules = rules_of(breaches_of(scene));
    return std::ranges::count(rules, rule) > 0;
  };
  EXPECT_TRUE(is_refused(bad)) << rule;
  EXPECT_TRUE(is_refused(bad.with_exception(family + "yielded", Severity::note))) << rule;
  EXPECT_TRUE(is_refused(bad.with_exception("unusual_order", Severity::review))) << rule;
  EXPECT_FALSE(is_refused(bad.with_exception(family + "yielded", Severity::review))) << rule;
}

TEST(Verification, AcceptsWhatIsRight) {
  EXPECT_EQ(rules_of(breaches_of(trim())), std::vector<std::string>{});
  EXPECT_EQ(rules_of(breaches_of(nothing())), std::vector<std::string>{});
}

TEST(Verification, OrdersAreWellFormed) {
  check({
      {"a security of the book", rule::verification_order_security, trim(),
       spoil_sale([](Trade& trade) { trade.security = SecurityIndex{99}; })},
      {"with a price", rule::price_missing, trim(),
       adjusted(trim(), [](Book& book) { book.securities[security_index(book, "DDD").value].price.reset(); })},
      {"a fresh price", rule::price_too_old,
       adjusted(trim(),
                [](Book& book) { book.securities[security_index(book, "DDD").value].price_date = day("2025-06-25"); }),
       adjusted(trim(),
                [](Book& book) { book.securities[security_index(book, "DDD").value].price_date = day("2025-06-24"); })},
      {"one order a security", rule::verification_order_twice, trim(),
       spoil_result([](AccountResult& result) { result.orders.push_back(result.orders[1]); })},
      {"a positive quantity", rule::verification_order_quantity, trim(),
       spoil_result([](AccountResult& result) { result.orders[1].trade.quantity = shares("-15"); })},
      {"not zero", rule::verification_order_quantity, trim(),
       spoil_result([](AccountResult& result) { result.orders[1].trade.quantity = Quantity(); })},
      {"the book's price", rule::verification_order_price, trim(),
       spoil_sale([](Trade& trade) { trade.price = price("100.000001"); })},
      {"quantity x price", rule::verification_order_amount, trim(),
       spoil_sale([](Trade& trade) { trade.amount += cent; })},
      {"the policy's commission", rule::verification_order_commission, with_policy(trim(), "ticket_cost_usd", "0.1"),
       spoil_sale([](Trade& trade) { trade.commission = cent; })},
  });
}

TEST(Verification, AmountsRoundHalfAwayFromZero) {
  // 1.5 x 33.35 = 50.025 exactly: 50.03.
  const Scene scene{BookBuilder()
                        .security({.id = "HLF", .price = "33.35", .quantity_step = "0.5"})
                        .account({.id = "A", .cash = "100"})
                        .policy("", "trade_min_usd", "1"),
                    {buy("A", "HLF", "1.5")},
                    {}};
  check({{"half away from zero", rule::verification_order_amount, scene, scene.spoil([](Results& results) {
            EXPECT_EQ(results[0].orders[0].trade.amount, money("50.03"));
            results[0].orders[0].trade.amount = money("50.02");
          })}});
}

TEST(Verification, LotSalesAreFacts) {
  // Two lots of one security, so that a sum can be right while its parts are not.
  const Scene two =
      trim()
          .with([](BookBuilder& book) {
            book.lot({.account = "A", .id = "L9", .security = "AAA", .quantity = "10", .cost_basis = "600"});
          })
          .with_orders({sell("A", "AAA", "20", {{"L1", "10"}, {"L9", "10"}})});
  check({
      {"a lot of the account", rule::verification_lot_unknown, trim(), spoil_lot([](LotSale& sale) { sale.lot = 99; })},
      {"of that security", rule::verification_lot_unknown, trim(), spoil_lot([](LotSale& sale) { sale.lot = 1; })},
      {"none for a purchase", rule::verification_lot_unknown, trim(),
       spoil_result([](AccountResult& result) { result.orders[1].trade.lots = result.orders[0].trade.lots; })},
      {"lot sales sum to the order", rule::verification_lot_quantity, trim(),
       spoil_lot([](LotSale& sale) { sale.quantity = shares("19"); })},
      {"each of them positive", rule::verification_lot_quantity, two, two.spoil([](Results& results) {
         results[0].orders[0].trade.lots[0].quantity = shares("30");
         results[0].orders[0].trade.lots[1].quantity = shares("-10");
       })},
      {"no lot is oversold", rule::verification_lot_oversold, trim().with_orders({sell("A", "AAA", "100", "L1")}),
       trim().with_orders({sell("A", "AAA", "101", "L1")})},
      {"nor a position", rule::verification_position_short, trim().with_orders({sell("A", "AAA", "100", "L1")}),
       trim().with_orders({sell("A", "AAA", "101", "L1")})},
      {"proceeds sum to the amount", rule::verification_lot_proceeds, trim(),
       spoil_lot([](LotSale& sale) { sale.proceeds += cent; })},
      {"and are shared by quantity", rule::verification_lot_proceeds, two, two.spoil([](Results& results) {
         results[0].orders[0].trade.lots[0].proceeds += money("1");
         results[0].orders[0].trade.lots[1].proceeds -= money("1");
       })},
      {"the lot's share of its basis", rule::verification_lot_basis, trim(),
       spoil_lot([](LotSale& sale) { sale.cost_basis = money("1200.02"); })},
      {"a known basis is told", rule::verification_lot_basis, trim(),
       spoil_lot([](LotSale& sale) { sale.cost_basis.reset(); })},
      {"gain is proceeds less basis", rule::verification_lot_gain, trim(),
       spoil_lot([](LotSale& sale) { sale.gain = money("799.98"); })},
      {"the term", rule::verification_lot_term, trim(), spoil_lot([](LotSale& sale) { sale.term = Term::short_term; })},
  });
}

TEST(Verification, DualBasisOfGifts) {
  // Given with a basis of 6,000 when worth 4,000; sold at 3,000, 5,000 and 7,000: loss 1,000, nothing, gain 1,000.
  const auto gift = [](const std::string& at) {
    return Scene{BookBuilder()
                     .security({.id = "GFT", .price = at})
                     .account({.id = "A"})
                     .lot({.account = "A",
                           .id = "L",
                           .security = "GFT",
                           .quantity = "100",
                           .cost_basis = "6000",
                           .acquired_on = "2025-01-10",
                           .held_from = "2015-01-10",
                           .loss_basis = "4000"}),
                 {sell("A", "GFT", "100", "L")},
                 {}};
  };
  const auto told = [](const Scene& scene, const std::string& gain, Term term) {
    return scene.spoil([gain, term](Results& results) {
      EXPECT_EQ(results[0].orders[0].trade.lots[0].gain, money(gain));
      EXPECT_EQ(results[0].orders[0].trade.lots[0].term, term);
    });
  };
  const auto wrong = [](Results& results) {
    LotSale& sale = results[0].orders[0].trade.lots[0];
    sale.cost_basis = money("6000");
    sale.gain = sale.proceeds - money("6000");
  };
  check({
      {"a loss from the lower basis", rule::verification_lot_gain, told(gift("30"), "-1000", Term::short_term),
       gift("30").spoil(wrong)},
      {"neither gain nor loss", rule::verification_lot_gain, told(gift("50"), "0", Term::long_term),
       gift("50").spoil(wrong)},
      {"a gain from the donor's basis", rule::verification_lot_term, told(gift("70"), "1000", Term::long_term),
       gift("70").spoil([](Results& results) { results[0].orders[0].trade.lots[0].term = Term::short_term; })},
  });
}

TEST(Verification, UnknownBasis) {
  const auto unknown = [](const std::string& account, const std::string& lot_of) {
    return trim().with(
        [=](BookBuilder& book) { book.lot({.account = account, .id = "U", .security = lot_of, .quantity = "20"}); });
  };
  const Scene kept = unknown("A", "EEE");
  const Scene sold = kept.with_orders({sell("A", "EEE", "20", "U")});
  const auto as_zero = [](Results& results) {
    LotSale& sale = results[0].orders[0].trade.lots[0];
    sale.cost_basis = Money();
    sale.gain = sale.proceeds;
    results[0].gain_long = sale.proceeds;
  };
  check({
      {"is not sold", rule::data_unknown_basis_excluded, kept, sold},
      {"or holds the account", rule::data_unknown_basis, with_policy(nothing(), "unknown_basis", "hold"),
       with_policy(kept, "unknown_basis", "hold")},
      {"or is zero, never no tax", rule::verification_lot_gain,
       with_policy(sold, "unknown_basis", "zero").spoil(as_zero), with_policy(sold, "unknown_basis", "zero")},
      {"elsewhere it stays empty", rule::verification_lot_basis,
       unknown("I", "EEE").with_orders({sell("I", "EEE", "20", "U")}),
       unknown("I", "EEE").with_orders({sell("I", "EEE", "20", "U")}).spoil([](Results& results) {
         results[1].orders[0].trade.lots[0].cost_basis = Money();
       })},
  });
}

TEST(Verification, CashAndSides) {
  const Scene share_classes = adjusted(
      trim(), [](Book& book) { book.securities[security_index(book, "DDD").value].group = book.securities[0].group; });
  check({
      {"cash is not negative", rule::verification_cash_negative,
       with_policy(trim(), "cash_min", "0").with_orders({buy("A", "DDD", "10")}),
       with_policy(trim(), "cash_min", "0").with_orders({buy("A", "DDD", "11")})},
      {"no group is bought and sold", rule::verification_both_sides, trim(), share_classes},
  });
}

TEST(Verification, OverdrawnCashIsNotMadeWorse) {
  const Scene overdrawn = adjusted(nothing(), [](Book& book) { book.accounts[0].cash = money("-500"); });
  check({{"an old overdraft", rule::verification_cash_negative, overdrawn,
          overdrawn.with_orders({buy("A", "DDD", "3")})}});
}

// By its row the account follows M, by a request from today on N.
TEST(Verification, AFindingOnAModelHoldsWhoFollowsItToday) {
  const Scene two = trim().with([](BookBuilder& book) {
    book.model("N", {{"AAA", "0.4"}, {"BBB", "0.2"}, {"CCC", "0.2"}, {"DDD", "0.2"}});
  });
  const auto broken = [&](const char* due_on, const char* model) {
    const RequestDraft change{.kind = RequestKind::model_change, .due_on = due_on, .value = "N"};
    return found(requested(two, change), SubjectKind::model, model);
  };
  const char* held = rule::verification_held_with_orders;
  check({
      {"the other one, since today", held, broken("2025-06-30", "M"), broken("2025-06-30", "N")},
      {"its own, until tomorrow", held, broken("2025-07-01", "N"), broken("2025-07-01", "M")},
  });
}

TEST(Verification, HeldAndFrozenAccountsHaveNoOrders) {
  const auto frozen = [](Book& book) { book.accounts[0].status = AccountStatus::frozen; };
  const RequestDraft freeze{.kind = RequestKind::freeze, .due_on = "2025-06-30"};
  const RequestDraft later{.kind = RequestKind::freeze, .due_on = "2025-07-01"};
  const auto no_risk = [](Book& book) { book.risk.covered[security_index(book, "EEE").value] = false; };
  const auto action = [](const char* on) {
    return [on](Book& book) {
      book.corporate_actions.push_back({"C1", security_index(book, "BBB"), day(on), {}, false, {}, {}});
    };
  };
  const char* held = rule::verification_held_with_orders;
  check({
      {"frozen by status", rule::restriction_account_frozen, adjusted(nothing(), frozen), adjusted(trim(), frozen)},
      {"frozen by request", rule::request_freeze, requested(trim(), later), requested(trim(), freeze)},
      {"moved elsewhere", rule::request_transfer_out,
       requested(trim(), {.kind = RequestKind::transfer_out, .due_on = "2025-07-01"}),
       requested(trim(), {.kind = RequestKind::transfer_out, .due_on = "2025-06-30"})},
      {"held by an exception", held, nothing().with_exception("data_date_unreadable", Severity::hold),
       trim().with_exception("data_date_unreadable", Severity::hold)},
      {"held by status", held, trim(), spoil_result([](AccountResult& result) { result.status = ResultStatus::held; })},
      {"failed", held, trim(), spoil_result([](AccountResult& result) { result.status = ResultStatus::failed; })},
      {"a bad row of the account", held, found(trim(), SubjectKind::account, "Z"),
       found(trim(), SubjectKind::account, "A")},
      {"of its household", held, found(trim(), SubjectKind::household, "Z"),
       found(trim(), SubjectKind::household, "H")},
      {"of its taxpayer", held, found(trim(), SubjectKind::taxpayer, "Z"), found(trim(), SubjectKind::taxpayer, "T")},
      {"of its model", held, found(trim(), SubjectKind::model, "Z"), found(trim(), SubjectKind::model, "M")},
      {"of a security it owns", held, found(trim(), SubjectKind::security, "FFF"),
       found(trim(), SubjectKind::security, "BBB")},
      {"of a security it wants", held, found(trim(), SubjectKind::security, "FFF"),
       found(trim(), SubjectKind::security, "EEE")},
      {"of the book", held, trim(), found(trim(), SubjectKind::book, "")},
      {"a rejected model", rule::model_unknown, trim(),
       adjusted(trim(), [](Book& book) { book.models[0].usable = false; })},
      {"no taxpayer", rule::data_taxpayer_missing, trim(),
       adjusted(trim(), [](Book& book) { book.accounts[0].taxpayer = TaxpayerIndex(); })},
      {"no risk of what it wants", rule::data_risk_missing, trim(), adjusted(trim(), no_risk)},
      {"no price of what it wants", rule::price_missing, trim(),
       adjusted(trim(), [](Book& book) { book.securities[security_index(book, "EEE").value].price.reset(); })},
      {"a pending corporate action", rule::corporate_action_pending, adjusted(trim(), action("2025-07-01")),
       adjusted(trim(), action("2025-06-30"))},
  });
}

TEST(Verification, OnlyWhatIsWantedIsBought) {
  const auto hold_only = [](BookBuilder& book) {
    book.substitute({.security = "AAA", .substitute = "BB2", .buyable = false});
  };
  const Scene bb2 = nothing().with_orders({buy("A", "BB2", "5")});
  check({
      {"a substitute may be bought, another security not", rule::model_not_wanted, bb2,
       nothing().with_orders({buy("A", "FFF", "5")})},
      {"a substitute for what it neither holds nor wants", rule::model_not_wanted, bb2,
       adjusted(bb2, [](Book& book) { book.substitutes[0].security = security_index(book, "FFF"); })},
      {"a substitute that is held only", rule::restriction_substitute_hold_only, bb2, bb2.with(hold_only)},
      {"tradable", rule::restriction_not_tradable, trim(),
       adjusted(trim(), [](Book& book) { book.securities[0].tradable = false; })},
      {"the model of a due model_change", rule::model_not_wanted, trim().with([](BookBuilder& book) {
         book.model("N", {{"AAA", "1"}})
             .request({.account = "A", .kind = RequestKind::model_change, .due_on = "2025-07-01", .value = "N"});
       }),
       trim().with([](BookBuilder& book) {
         book.model("N", {{"AAA", "1"}}).request({.account = "A", .kind = RequestKind::model_change, .value = "N"});
       })},
  });
}

TEST(Verification, RestrictionsOfEveryScopeAndSubject) {
  using enum RestrictionRule;
  using enum RestrictionScope;
  using Subject = RestrictionSubject;
  const Scene chips = trim().with_orders({sell("A", "CCC", "10", "L3")});
  check({
      {"never_buy", rule::restriction_never_buy, restricted(trim(), {.rule = never_buy, .subject_id = "AAA"}),
       restricted(trim(), {.rule = never_buy, .subject_id = "DDD"})},
      {"never_sell", rule::restriction_never_sell, restricted(trim(), {.rule = never_sell, .subject_id = "DDD"}),
       restricted(trim(), {.rule = never_sell, .subject_id = "AAA"})},
      {"freeze, a sale", rule::restriction_freeze, restricted(trim(), {.rule = freeze, .subject_id = "EEE"}),
       restricted(trim(), {.rule = freeze, .subject_id = "AAA"})},
      {"freeze, a purchase", rule::restriction_freeze, trim(),
       restricted(trim(), {.rule = freeze, .subject_id = "DDD"})},
      {"sell_all is not bought", rule::restriction_sell_all, trim(),
       restricted(trim(), {.rule = sell_all, .subject_id = "DDD"})},
      {"sell_all is carried out", rule::restriction_sell_all,
       restricted(trim().with_orders({sell("A", "AAA", "100", "L1")}), {.rule = sell_all, .subject_id = "AAA"}),
       restricted(trim().with_orders({sell("A", "AAA", "99", "L1")}), {.rule = sell_all, .subject_id = "AAA"})},
      {"of the firm", rule::restriction_never_sell, trim(),
       restricted(trim(), {.scope = firm, .rule = never_sell, .subject_id = "AAA"})},
      {"of the household", rule::restriction_never_sell, trim(),
       restricted(trim(), {.scope = household, .rule = never_sell, .subject_id = "AAA"})},
      {"of another account", rule::restriction_never_sell, trim().with([](BookBuilder& book) {
         book.restriction({.scope_id = "I", .rule = never_sell, .subject_id = "AAA"});
       }),
       restricted(trim(), {.rule = never_sell, .subject_id = "AAA"})},
      {"a tag", rule::restriction_never_sell, trim(),
       restricted(trim(), {.rule = never_sell, .subject_kind = Subject::tag, .subject_id = "tobacco"})},
      {"a sector", rule::restriction_never_sell,
       restricted(trim(), {.rule = never_sell, .subject_kind = Subject::sector, .subject_id = "energy"}),
       restricted(trim(), {.rule = never_sell, .subject_kind = Subject::sector, .subject_id = "technology"})},
      {"an industry", rule::restriction_never_sell,
       restricted(trim(), {.rule = never_sell, .subject_kind = Subject::industry, .subject_id = "chips"}),
       restricted(chips, {.rule = never_sell, .subject_kind = Subject::industry, .subject_id = "chips"})},
      {"a country", rule::restriction_never_buy,
       restricted(chips, {.rule = never_buy, .subject_kind = Subject::country, .subject_id = "CH"}),
       restricted(trim(), {.rule = never_buy, .subject_kind = Subject::country, .subject_id = "CH"})},
      {"an asset class", rule::restriction_never_buy, chips,
       restricted(trim(), {.rule = never_buy, .subject_kind = Subject::asset_class, .subject_id = "foreign_equity"})},
      {"a lot that is never sold", rule::restriction_never_sell,
       restricted(trim(), {.rule = never_sell, .subject_kind = Subject::lot, .subject_id = "L2"}),
       restricted(trim(), {.rule = never_sell, .subject_kind = Subject::lot, .subject_id = "L1"})},
      {"a frozen lot", rule::restriction_freeze, trim(),
       restricted(trim(), {.rule = freeze, .subject_kind = Subject::lot, .subject_id = "L1"})},
      {"a lot that is sold", rule::restriction_sell_all,
       restricted(trim().with_orders({sell("A", "AAA", "100", "L1")}),
                  {.rule = sell_all, .subject_kind = Subject::lot, .subject_id = "L1"}),
       restricted(trim(), {.rule = sell_all, .subject_kind = Subject::lot, .subject_id = "L1"})},
      {"a locked quantity", rule::restriction_lock_quantity,
       restricted(trim(), {.rule = lock_quantity, .subject_id = "AAA", .value = "80"}),
       restricted(trim(), {.rule = lock_quantity, .subject_id = "AAA", .value = "80.000001"})},
      {"locked whole", rule::restriction_lock_quantity,
       restricted(trim(), {.rule = lock_quantity, .subject_id = "CCC"}),
       restricted(trim(), {.rule = lock_quantity, .subject_id = "AAA"})},
      {"a lock beyond what is there", rule::restriction_lock_quantity,
       restricted(nothing(), {.rule = lock_quantity, .subject_id = "AAA", .value = "500"}),
       restricted(trim(), {.rule = lock_quantity, .subject_id = "AAA", .value = "500"})},
      {"a locked lot", rule::restriction_lock_quantity,
       restricted(trim(), {.rule = lock_quantity, .subject_kind = Subject::lot, .subject_id = "L1", .value = "80"}),
       restricted(trim(), {.rule = lock_quantity, .subject_kind = Subject::lot, .subject_id = "L1", .value = "81"})},
  });
}

TEST(Verification, RestrictedWeights) {
  using enum RestrictionRule;
  const auto technology = [](RestrictionRule kind, const std::string& value) {
    return RestrictionDraft{
        .rule = kind, .subject_kind = RestrictionSubject::sector, .subject_id = "technology", .value = value};
  };
  // DDD afterwards is 1,500 of 21,000; technology goes from 15,000 to 14,500, V x 0.69 = 14,490.
  const Scene more = trim().with_orders({buy("A", "DDD", "8")});
  check({
      {"weight_max", rule::restriction_weight_max,
       restricted(trim(), {.rule = weight_max, .subject_id = "DDD", .value = "0.072"}),
       restricted(trim(), {.rule = weight_max, .subject_id = "DDD", .value = "0.071"})},
      {"of a sum", rule::restriction_weight_max, restricted(more, technology(weight_max, "0.76")),
       restricted(more, technology(weight_max, "0.74"))},
      {"beyond it already, and made worse", rule::restriction_weight_max,
       restricted(trim(), technology(weight_max, "0.5")), restricted(more, technology(weight_max, "0.5"))},
      {"by one that is bought, in a sum beyond it already", rule::restriction_weight_max,
       restricted(trim(), technology(weight_max, "0.072")), restricted(trim(), technology(weight_max, "0.071"))},
      {"weight_min", rule::restriction_weight_min, restricted(trim(), technology(weight_min, "0.69")),
       restricted(trim(), technology(weight_min, "0.70"))},
      {"below it already, and made worse", rule::restriction_weight_min,
       restricted(more, technology(weight_min, "0.9")), restricted(trim(), technology(weight_min, "0.9"))},
  });
}

TEST(Verification, FundsByWhatIsInThem) {
  using enum RestrictionRule;
  using Subject = RestrictionSubject;
  // DDD is 1,500 of 21,000 afterwards; the part of it that is GUN is that times its weight.
  const auto held_in_ddd = [](const std::string& weight) {
    return trim().with([&](BookBuilder& book) {
      book.security({.id = "GUN", .tags = {"weapons"}})
          .fund_holding({.fund = "DDD", .security = "GUN", .weight = weight});
    });
  };
  const RestrictionDraft no_weapons{.rule = never_buy, .subject_kind = Subject::tag, .subject_id = "weapons"};
  const auto capped = [&](const std::string& most) {
    return restricted(held_in_ddd("0.5"), {.rule = weight_max, .subject_id = "GUN", .value = most});
  };
  RestrictionDraft screen = no_weapons;
  screen.scope = RestrictionScope::firm;
  screen.screen = "S";
  RestrictionDraft divest = screen;
  divest.rule = sell_all;
  check({
      {"750 of 21,000 are 3.57 %", rule::restriction_weight_max, capped("0.036"), capped("0.035")},
      {"told anew from the holdings", rule::restriction_weight_max, capped("0.036"),
       adjusted(
           restricted(held_in_ddd("0.5"),
                      {.rule = weight_max, .subject_kind = Subject::tag, .subject_id = "weapons", .value = "0.035"}),
           [](Book& book) {
             Restriction& one = book.restrictions[0];
             for (Weight& share : one.shares) {
               if (share < Weight::of_whole(1)) share = weight("0.001");
             }
           })},
      {"a fund at the part that is let pass, and above", rule::restriction_never_buy,
       restricted(held_in_ddd("0.05"), no_weapons), restricted(held_in_ddd("0.050001"), no_weapons)},
      {"the policy's part", rule::restriction_never_buy,
       restricted(with_policy(held_in_ddd("0.3"), "screen_fund_part_max", "0.3"), no_weapons),
       restricted(held_in_ddd("0.3"), no_weapons)},
      {"a screen in tax grace", rule::restriction_screen_grace, restricted(held_in_ddd("0.3"), screen),
       restricted(with_policy(held_in_ddd("0.3"), "screen_S", "tax_grace"), screen)},
      {"a screen that divests is not bought", rule::restriction_screen,
       restricted(with_policy(held_in_ddd("0.3"), "screen_S", "tax_grace"), divest),
       restricted(with_policy(held_in_ddd("0.3"), "screen_S", "divest_now"), divest)},
      {"nor kept", rule::restriction_screen, restricted(nothing(), divest),
       restricted(with_policy(nothing(), "screen_S", "divest_now"),
                  {.scope = RestrictionScope::firm, .rule = sell_all, .subject_id = "AAA", .screen = "S"})},
  });
}

TEST(Verification, Requests) {
  const RequestDraft liquidate{.kind = RequestKind::liquidate};
  const Scene everything =
      trim().with_orders({sell("A", "AAA", "100", "L1"), sell("A", "BBB", "100", "L2"), sell("A", "CCC", "50", "L3")});
  const Scene some = trim().with_orders({sell("A", "AAA", "100", "L1"), sell("A", "BBB", "100", "L2")});
  // 1,000 of cash and 20 shares sold make 3,000; V is 21,000 less what is reserved.
  const Scene raise = with_policy(trim(), "cash_min", "0").with_orders({sell("A", "AAA", "20", "L1")});
  const auto cash_out = [](const std::string& amount, const std::string& due_on) {
    return RequestDraft{.kind = RequestKind::cash_out, .amount = amount, .due_on = due_on};
  };
  // A long-term loss of 200, and a long-term gain of 800 in trim().
  const Scene losing = trim().with_orders({sell("A", "BBB", "10", "L2")});
  const auto harvest = [](const std::string& amount, const std::string& value, const std::string& due_on = "") {
    return RequestDraft{.kind = RequestKind::harvest, .amount = amount, .due_on = due_on, .value = value};
  };
  const auto gains = [](const std::string& amount, const std::string& value) {
    return RequestDraft{.kind = RequestKind::realize_gains, .amount = amount, .value = value};
  };
  check({
      {"a liquidation", rule::request_liquidation_left, requested(everything, liquidate), requested(some, liquidate)},
      {"buys nothing", rule::request_liquidate, requested(everything, liquidate), requested(trim(), liquidate)},
      {"not due yet", rule::request_liquidation_left,
       requested(some, {.kind = RequestKind::liquidate, .due_on = "2025-07-01"}), requested(some, liquidate)},
      {"cash that is reserved", rule::request_cash_short, requested(raise, cash_out("3000", "2025-07-05")),
       requested(raise, cash_out("3000.02", "2025-07-05"))},
      {"is reserved in time", rule::request_cash_short, requested(raise, cash_out("9000", "2025-07-06")),
       requested(raise, cash_out("9000", "2025-07-05"))},
      {"cash_in is not spent", rule::verification_cash_negative,
       requested(with_policy(trim(), "cash_min", "0"), {.kind = RequestKind::cash_in, .amount = "5000"}),
       requested(with_policy(trim(), "cash_min", "0"), {.kind = RequestKind::cash_in, .amount = "5000"})
           .with_orders({buy("A", "DDD", "20")})},
      {"losses are preserved to the day", rule::request_preserve_losses,
       requested(losing, {.kind = RequestKind::preserve_losses, .due_on = "2025-06-29"}),
       requested(losing, {.kind = RequestKind::preserve_losses, .due_on = "2025-06-30"})},
      {"gains are not preserved", rule::request_preserve_losses,
       requested(trim(), {.kind = RequestKind::preserve_losses}),
       requested(losing, {.kind = RequestKind::preserve_losses})},
      {"a harvest", rule::request_harvest_short, requested(losing, harvest("200", "")),
       requested(losing, harvest("200.03", ""))},
      {"a harvest not due yet", rule::request_harvest_short, requested(losing, harvest("201", "", "2025-07-01")),
       requested(losing, harvest("201", ""))},
      {"a harvest of short-term losses", rule::request_harvest_short, requested(losing, harvest("200", "any")),
       requested(losing, harvest("200", "short"))},
      {"a gain is no loss", rule::request_harvest_short, requested(nothing(), harvest("0", "")),
       requested(trim(), harvest("800", ""))},
      {"gains asked for", rule::request_realize_gains_short, requested(trim(), gains("800", "long")),
       requested(trim(), gains("800.03", "long"))},
      {"short-term gains asked for", rule::request_realize_gains_short, requested(trim(), gains("800", "")),
       requested(trim(), gains("800", "short"))},
      {"two requests add up", rule::request_realize_gains_short, requested(trim(), gains("500", "long")),
       requested(requested(trim(), gains("500", "long")), gains("301", ""))},
      {"an account that can sell nothing is quiet with a note", rule::request_cash_short,
       requested(nothing(), cash_out("3000", "")).with_exception("cash_nothing_to_sell", Severity::note),
       requested(nothing(), cash_out("3000", ""))},
  });
}

TEST(Verification, MoneySetAside) {
  // 1,000 of cash less 800.
  const Scene spend = with_policy(trim(), "cash_min", "0").with_orders({buy("A", "DDD", "8")});
  const auto set_aside = [](const std::string& amount, const std::string& due_on) {
    return RequestDraft{.kind = RequestKind::set_aside, .amount = amount, .due_on = due_on};
  };
  const RequestDraft payment{.kind = RequestKind::cash_out, .amount = "1500"};
  const Scene pay = with_policy(trim(), "cash_min", "0").with_orders({sell("A", "AAA", "10", "L1")});
  const Scene left_alone = requested(nothing(), {.kind = RequestKind::cash_out, .amount = "600"});  // cash of 1,000
  check({
      {"is not invested", rule::request_set_aside, requested(spend, set_aside("200", "")),
       requested(spend, set_aside("200.02", ""))},
      {"from its day", rule::request_set_aside, requested(spend, set_aside("900", "2025-07-01")),
       requested(spend, set_aside("900", "2025-06-30"))},
      {"pays for nothing", rule::request_set_aside, requested(requested(pay, payment), set_aside("500", "")),
       requested(requested(pay, payment), set_aside("501", ""))},
      {"leaves a payment to be raised", rule::request_cash_short, requested(left_alone, set_aside("400", "")),
       requested(left_alone, set_aside("401", ""))},
  });
}

TEST(Verification, DirectedTrades) {
  const auto directed = [](const Scene& scene, const char* security, Side side, const char* quantity) {
    return adjusted(scene, [=](Book& book) {
      book.directed.push_back({account_index(book, "A"), security_index(book, security), side, shares(quantity)});
    });
  };
  const Scene foreign = with_policy(trim(), "cash_min", "0").with_orders({buy("A", "FFF", "5")});
  const Scene small = trim().with_orders({sell("A", "AAA", "1", "L1")});
  const Scene waits =
      traded(with_policy(trim(), "rebalance_days_min", "30"),
             {.account = "A", .trade_date = "2025-06-20", .security = "EEE", .quantity = "1", .amount = "100"});
  const Scene all = trim().with_orders({sell("A", "AAA", "100", "L1")});
  // A review says that of ten shares so many are made.
  const auto told = [](const Scene& scene, const std::string& what, const std::string& made) {
    return scene.spoil([=](Results& results) {
      Finding left;
      left.rule = rule::request_directed_left;
      left.severity = Severity::review;
      left.observed = made;
      left.limit = "10";
      left.message = "directed.csv " + what + " and " + made + " are made";
      results[0].exceptions.push_back(left);
    });
  };
  const Scene ten = directed(foreign, "FFF", Side::buy, "10");
  const Scene two = directed(directed(trim(), "DDD", Side::buy, "15"), "AAA", Side::sell, "10");
  const Scene funded = directed(with_policy(waits, "cash_min", "0"), "DDD", Side::buy, "15")
                           .with_orders({sell("A", "AAA", "6", "L1"), buy("A", "DDD", "15")});
  check({
      {"of which an exception tells what is made", rule::model_not_wanted, told(ten, "buys 10 FFF", "5"), ten},
      {"is made as far as it tells", rule::model_not_wanted, told(ten, "buys 10 FFF", "5"),
       told(ten, "buys 10 FFF", "4")},
      {"is left where an exception tells it", rule::request_directed_left, told(two, "sells 10 AAA", "0"), two},
      {"and no other is excused by it", rule::request_directed_left, told(two, "sells 10 AAA", "0"),
       told(two, "sells 10 DDD", "0")},
      {"forces sales where no money is there", rule::turnover_rebalance_wait, funded.with([](BookBuilder& book) {
         book.adjust([](Book& made) { made.accounts[account_index(made, "A").value].cash = money("1000"); });
       }),
       funded.with([](BookBuilder& book) {
         book.adjust([](Book& made) { made.accounts[account_index(made, "A").value].cash = money("1600"); });
       })},
      {"is made to the share", rule::request_directed_left, directed(trim(), "AAA", Side::sell, "20"),
       directed(trim(), "AAA", Side::sell, "21")},
      {"or closes the position", rule::request_directed_left, directed(all, "AAA", Side::sell, "150"),
       directed(trim(), "AAA", Side::sell, "150")},
      {"on its side", rule::request_directed_left, directed(trim(), "DDD", Side::buy, "15"),
       directed(trim(), "DDD", Side::sell, "15")},
      {"may buy what is in no model", rule::model_not_wanted, directed(foreign, "FFF", Side::buy, "5"), foreign},
      {"and no more of it", rule::model_not_wanted, directed(foreign, "FFF", Side::buy, "5"),
       directed(foreign, "FFF", Side::buy, "4")},
      {"may be small", rule::trade_min_amount, directed(small, "AAA", Side::sell, "1"), small},
      {"does not wait", rule::turnover_rebalance_wait,
       directed(directed(waits, "AAA", Side::sell, "20"), "DDD", Side::buy, "15"),
       directed(waits, "AAA", Side::sell, "20")},
      {"is no excuse for a restriction", rule::restriction_never_buy, directed(trim(), "DDD", Side::buy, "15"),
       directed(restricted(trim(), {.rule = RestrictionRule::never_buy, .subject_id = "DDD"}), "DDD", Side::buy, "15")},
  });
}

TEST(Verification, Modes) {
  const Scene purchase = trim().with_orders({buy("A", "DDD", "8")});
  const Scene sale = trim().with_orders({sell("A", "AAA", "20", "L1")});
  check({
      {"buy_only", rule::mode_buy_only, with_policy(purchase, "mode", "buy_only"),
       with_policy(trim(), "mode", "buy_only")},
      {"sell_only", rule::mode_sell_only, with_policy(sale, "mode", "sell_only"),
       with_policy(trim(), "mode", "sell_only")},
      {"hold", rule::mode_hold, with_policy(nothing(), "mode", "hold"), with_policy(sale, "mode", "hold")},
  });
}

TEST(Verification, CashOnly) {
  const auto harvesting = [](const Scene& scene) {
    return requested(scene, {.kind = RequestKind::harvest, .amount = "400"});
  };
  const auto cash_only = [](const std::string& cash, std::vector<OrderByHand> orders) {
    return with_policy(adjusted(trim(), [cash](Book& book) { book.accounts[0].cash = money(cash); }), "mode",
                       "cash_only")
        .with_orders(std::move(orders));
  };
  const auto paying = [&](const char* cash, const char* sold) {
    return requested(cash_only(cash, {sell("A", "BBB", sold, "L2")}), {.amount = "100"});
  };
  // A step of CCC costs 1,000: so much may be sold beyond the 100 that are due, where CCC could be sold.
  const auto of_dear = [&](bool tradable) {
    return adjusted(paying("0", "20"), [tradable](Book& book) {
      Security& dear = book.securities[security_index(book, "CCC").value];
      dear.quantity_step = shares("10");
      dear.tradable = tradable;
    });
  };
  // 100 are due; beside the cash there are 10 in a fund whose ticket is 20.
  const auto with_fund = [&](const char* cash) {
    return with_policy(requested(cash_only(cash, {sell("A", "BBB", "4", "L2"), sell("A", "MMF", "10", "F")}),
                                 {.amount = "100"}),
                       "ticket_cost_usd", "20")
        .with([](BookBuilder& book) {
          book.lot({.account = "A", .id = "F", .security = "MMF", .quantity = "10", .cost_basis = "10"});
        });
  };
  // 100 are due: a sale may end a minimum trade, 200, above that. Below cash_min alone is no reason to sell.
  // With cash of 401, V = 20,401: cash_max is 408.02; with 1,000, V = 21,000: need 105, cash_max 420.
  check({
      {"sells what is needed and a minimum trade more", rule::mode_cash_only, paying("0", "6"), paying("0", "7")},
      {"and only then", rule::mode_cash_only, paying("0", "5"), paying("110", "5")},
      {"not for cash_min", rule::mode_cash_only, paying("0", "5"), cash_only("0", {sell("A", "BBB", "5", "L2")})},
      {"buys with what is above cash_max", rule::mode_cash_only, cash_only("1000", {buy("A", "DDD", "8")}),
       cash_only("401", {buy("A", "DDD", "2")})},
      {"never below the need", rule::mode_cash_only, cash_only("1000", {buy("A", "DDD", "8")}),
       cash_only("1000", {buy("A", "DDD", "9")})},
      {"a liquidation is carried out", rule::mode_cash_only,
       requested(cash_only("1000", {sell("A", "AAA", "100", "L1"), sell("A", "BBB", "100", "L2"),
                                    sell("A", "CCC", "50", "L3")}),
                 {.kind = RequestKind::liquidate}),
       cash_only("1000", {sell("A", "AAA", "100", "L1"), sell("A", "BBB", "100", "L2"), sell("A", "CCC", "50", "L3")})},
      {"a harvest sells losses and replaces them", rule::mode_cash_only,
       harvesting(cash_only("401", {sell("A", "BBB", "20", "L2"), buy("A", "DDD", "9")})),
       cash_only("401", {sell("A", "BBB", "20", "L2"), buy("A", "DDD", "9")})},
      {"a harvest sells losses only", rule::mode_cash_only,
       harvesting(cash_only("401", {sell("A", "BBB", "20", "L2")})),
       harvesting(cash_only("401", {sell("A", "BBB", "20", "L2"), sell("A", "AAA", "5", "L1")}))},
      {"a harvest ends a smallest order above its amount", rule::mode_cash_only,
       harvesting(cash_only("401", {sell("A", "BBB", "24", "L2")})),
       harvesting(cash_only("401", {sell("A", "BBB", "26", "L2")}))},
      {"steps of what may not be sold do not count", rule::mode_cash_only, of_dear(true), of_dear(false)},
      {"a fund that is sold for nothing makes no need", rule::mode_cash_only, with_fund("85"), with_fund("100")},
      {"a harvest spends no more than its sales bring", rule::mode_cash_only,
       harvesting(cash_only("401", {sell("A", "BBB", "20", "L2"), buy("A", "DDD", "10")})),
       harvesting(cash_only("401", {sell("A", "BBB", "20", "L2"), buy("A", "DDD", "11")}))},
  });
}

TEST(Verification, HarvestOnly) {
  const Scene harvest = with_policy(trim(), "mode", "harvest_only");
  const auto orders = [&](std::vector<OrderByHand> list) { return harvest.with_orders(std::move(list)); };
  // V = 21,000, cash_max 420: the line may fall from 1,000 to 420; with a cash of 300 it may not fall at all.
  const auto poor = [&](const std::string& shares_bought) {
    return adjusted(orders({sell("A", "BBB", "20", "L2"), buy("A", "DDD", shares_bought)}),
                    [](Book& book) { book.accounts[0].cash = money("300"); });
  };
  check({
      {"only losses are sold", rule::mode_harvest_only, orders({sell("A", "BBB", "20", "L2"), buy("A", "DDD", "10")}),
       orders({sell("A", "AAA", "20", "L1"), buy("A", "DDD", "15")})},
      {"and their proceeds invested", rule::mode_harvest_only, poor("10"), poor("11")},
      {"with cash beyond cash_max", rule::mode_harvest_only,
       orders({sell("A", "BBB", "20", "L2"), buy("A", "DDD", "15")}),
       orders({sell("A", "BBB", "20", "L2"), buy("A", "DDD", "16")})},
  });
}

TEST(Verification, ShortTermGains) {
  const Scene chips = trim().with_orders({sell("A", "CCC", "10", "L3")});
  // Acquired on 2024-07-29: the year is complete on 2025-07-29, long-term from the 30th, in 30 days.
  const auto soon = [&](const std::string& acquired_on) {
    return adjusted(chips, [acquired_on](Book& book) {
      book.accounts[0].lots[2].acquired_on = book.accounts[0].lots[2].held_from = day(acquired_on);
    });
  };
  check({
      {"are avoided", rule::short_term_gains_avoided, with_policy(trim(), "short_term_gains", "avoid"),
       with_policy(chips, "short_term_gains", "avoid")},
      {"become long-term within long_term_wait_days", rule::short_term_wait, soon("2024-07-30"), soon("2024-07-29")},
  });
}

TEST(Verification, Budgets) {
  const auto taxpayer = [](const Scene& scene, const std::function<void(Taxpayer&)>& change) {
    return adjusted(scene, [change](Book& book) { change(book.taxpayers[0]); });
  };
  const auto gain_budget = [&](const std::string& usd) {
    return taxpayer(trim(), [usd](Taxpayer& t) { t.gain_budget = money(usd); });
  };
  const auto tax_budget = [&](const std::string& usd) {
    return taxpayer(trim(), [usd](Taxpayer& t) { t.tax_budget = money(usd); });
  };
  const auto ytd = [](Taxpayer& t) {
    t.gain_budget = money("100");
    t.realized_long_ytd = money("500");
  };
  // The trim realizes a long-term gain of 800, taxed at 15 %: 120. Day 181 of 365.
  const Scene losses = trim().with_orders({sell("A", "BBB", "20", "L2")});
  check({
      {"gains", rule::budget_gain, gain_budget("800"), gain_budget("799.98")},
      {"of the account", rule::budget_gain, with_policy(trim(), "gain_budget", "800"),
       with_policy(trim(), "gain_budget", "799")},
      {"the tightest", rule::budget_gain, with_policy(gain_budget("900"), "gain_budget", "800"),
       with_policy(gain_budget("799"), "gain_budget", "900")},
      {"prorated", rule::budget_gain, with_policy(gain_budget("1613.30"), "budget_prorated", "yes"),
       with_policy(gain_budget("1613.10"), "budget_prorated", "yes")},
      {"exceeded already, and made worse", rule::budget_gain, taxpayer(losses, ytd), taxpayer(trim(), ytd)},
      {"tax", rule::budget_tax, tax_budget("120"), tax_budget("119.98")},
      {"after carryforwards", rule::budget_tax,
       taxpayer(tax_budget("60"), [](Taxpayer& t) { t.carryforward_short = money("400"); }), tax_budget("60")},
      {"short-term gains at their rate", rule::budget_tax,
       taxpayer(tax_budget("190"), [](Taxpayer& t) { t.realized_short_ytd = money("200"); }),
       taxpayer(tax_budget("189"), [](Taxpayer& t) { t.realized_short_ytd = money("200"); })},
      {"long-term losses against them", rule::budget_tax,
       taxpayer(tax_budget("70"),
                [](Taxpayer& t) {
                  t.realized_short_ytd = money("400");
                  t.realized_long_ytd = money("-1000");
                }),
       taxpayer(tax_budget("69"),
                [](Taxpayer& t) {
                  t.realized_short_ytd = money("400");
                  t.realized_long_ytd = money("-1000");
                })},
      {"outside gains", rule::budget_tax, tax_budget("120"),
       taxpayer(tax_budget("120"), [](Taxpayer& t) { t.outside_gains_long = money("10"); })},
  });
}

TEST(Verification, TaxBudgetsByBrackets) {
  const auto single = [](const std::string& income, const std::string& tax_budget, const std::string& short_ytd = "0") {
    return adjusted(trim(), [=](Book& book) {
      book.brackets = {tax_brackets(single_2025())};
      Taxpayer& taxpayer = book.taxpayers[0];
      taxpayer.brackets = BracketsIndex{0};
      taxpayer.filing_status = "single";
      taxpayer.ordinary_income = taxpayer.magi = money(income);
      taxpayer.realized_short_ytd = money(short_ytd);
      taxpayer.tax_budget = money(tax_budget);
    });
  };
  // The trim realizes a long-term gain of 800. The 15 % rate begins at 48,350, the surtax at 200,000.
  check({
      {"450 beyond the zero rate", rule::budget_tax, single("48000", "67.50"), single("48000", "67.48")},
      {"200 at 12 %, and 650 beyond", rule::budget_tax, single("48000", "121.50", "200"),
       single("48000", "121.48", "200")},
      {"150 beyond after losses", rule::budget_tax, single("48000", "22.50", "-300"), single("48000", "22.48", "-300")},
      {"300 with the surtax", rule::budget_tax, single("199500", "131.40"), single("199500", "131.38")},
  });
}

TEST(Verification, EarlierAccountsUseUpTheBudget) {
  const Scene two = trim().with([](BookBuilder& book) {
    book.account({.id = "B", .cash = "0"})
        .lot({.account = "B", .id = "X", .security = "AAA", .quantity = "100", .cost_basis = "6000"})
        .adjust([](Book& made) { made.taxpayers[0].gain_budget = money("1200"); });
  });
  check({{"800 of 1,200 is used", rule::budget_gain,
          two.with_orders({sell("A", "AAA", "20", "L1"), sell("B", "AAA", "10", "X")}),
          two.with_orders({sell("A", "AAA", "20", "L1"), sell("B", "AAA", "11", "X")})}});
}

TEST(Verification, CashMin) {
  // V = 21,000: cash_min is 105, and with 4.5 % it is 945: one purchase of 100 is one too many.
  const auto leaving = [](const std::string& bought) {
    return with_policy(with_policy(trim(), "cash_max", "0.1"), "cash_min", "0.01")
        .with_orders({buy("A", "DDD", bought)});
  };
  const Scene poor = adjusted(trim(), [](Book& book) { book.accounts[0].cash = money("50"); });
  const auto needless = [&](const std::string& ticket) {
    return with_policy(poor.with([](BookBuilder& book) {
             book.lot({.account = "A", .id = "F", .security = "MMF", .quantity = "10", .cost_basis = "10"});
           }),
                       "ticket_cost_usd", ticket)
        .with_orders({sell("A", "MMF", "10", "F")});
  };
  check({
      {"is kept", rule::cash_min, leaving("7"), leaving("8")},
      {"below it already, and made worse", rule::cash_min,
       poor.with_orders({sell("A", "AAA", "20", "L1"), buy("A", "DDD", "20")}),
       poor.with_orders({sell("A", "AAA", "19.5", "L1"), buy("A", "DDD", "20")})},
      {"a cash fund is part of the line", rule::cash_min, leaving("8").with([](BookBuilder& book) {
         book.lot({.account = "A", .id = "F", .security = "MMF", .quantity = "500", .cost_basis = "500"});
       }),
       leaving("8")},
      {"nor is a needless sale of one free", rule::cash_min, needless("0"), needless("20")},
      {"nothing to invest", rule::cash_nothing_to_invest, trim(),
       requested(trim(), {.kind = RequestKind::cash_out, .amount = "21000"})},
  });
}

TEST(Verification, Turnover) {
  // V = 21,000; the trim turns 1,500 over.
  const TransactionDraft bought{.account = "A", .trade_date = "2025-05-31", .security = "DDD", .amount = "2000"};
  TransactionDraft early = bought;
  early.trade_date = "2025-05-30";
  TransactionDraft forced = bought;
  forced.discretionary = false;
  TransactionDraft fund = bought;
  fund.security = "MMF";
  const Scene tight = with_policy(trim(), "turnover_max", "0.072");
  const Scene wait = with_policy(trim(), "rebalance_days_min", "30");
  check({
      {"turnover_max", rule::turnover_max, tight, with_policy(trim(), "turnover_max", "0.071")},
      {"with the purchases of 30 days", rule::turnover_max, traded(tight, early), traded(tight, bought)},
      {"not with forced ones", rule::turnover_max, traded(tight, forced), traded(tight, bought)},
      {"rebalance_days_min", rule::turnover_rebalance_wait, traded(wait, bought),
       traded(with_policy(wait, "rebalance_days_min", "31"), bought)},
      {"a cash fund counts for neither", rule::turnover_rebalance_wait,
       traded(with_policy(wait, "rebalance_days_min", "31"), fund),
       traded(with_policy(wait, "rebalance_days_min", "31"), bought)},
      {"a forced sale does not wait", rule::turnover_rebalance_wait,
       traded(restricted(with_policy(trim(), "rebalance_days_min", "60"),
                         {.rule = RestrictionRule::sell_all, .subject_id = "AAA"}),
              bought)
           .with_orders({sell("A", "AAA", "100", "L1")}),
       traded(with_policy(trim(), "rebalance_days_min", "60"), bought).with_orders({sell("A", "AAA", "100", "L1")})},
  });
}

TEST(Verification, WhatRestsSellsForWhatIsDue) {
  const Scene resting = adjusted(
      traded(with_policy(trim(), "rebalance_days_min", "31"),
             {.account = "A", .trade_date = "2025-05-31", .security = "DDD", .quantity = "20", .amount = "2000"}),
      [](Book& book) { book.accounts[0].cash = Money(); });
  const auto selling = [&](const std::string& quantity) {
    return resting.with_orders({sell("A", "BBB", quantity, "L2")});
  };
  const auto due = [](const Scene& scene) { return requested(scene, {.amount = "100"}); };
  const Scene forced = restricted(resting, {.rule = RestrictionRule::sell_all, .subject_id = "AAA"});
  // 100 are due and nothing is there: a sale may end a minimum trade, 200, above that. 5 BBB bring 250.
  check({
      {"and a minimum trade more", rule::turnover_rebalance_wait, due(selling("6")), due(selling("7"))},
      {"not for cash_min", rule::turnover_rebalance_wait, due(selling("5")), selling("5")},
      {"not beside what is forced and pays for it", rule::turnover_rebalance_wait,
       due(forced).with_orders({sell("A", "AAA", "100", "L1")}),
       due(forced).with_orders({sell("A", "AAA", "100", "L1"), sell("A", "BBB", "5", "L2")})},
      {"and buys nothing", rule::turnover_rebalance_wait, due(selling("6")),
       due(resting).with_orders({sell("A", "BBB", "6", "L2"), buy("A", "EEE", "2")})},
  });
}

TEST(Verification, PositionsNamesBandsAndMinimums) {
  const Scene small = trim().with_orders({sell("A", "AAA", "20", "L1"), buy("A", "DDD", "2")});
  const Scene fractional = adjusted(
      small, [](Book& book) { book.securities[security_index(book, "DDD").value].quantity_step = shares("0.5"); });
  const Scene legacy = trim().with_orders({buy("A", "AAA", "3")});
  const auto tiny = [](const std::string& quantity) {  // of AAA at 100, where no minimum is asked for
    return adjusted(
               with_policy(with_policy(trim(), "trade_min_usd", "0"), "trade_min_weight", "0"),
               [](Book& book) { book.securities[security_index(book, "AAA").value].quantity_step = shares("0.00001"); })
        .with_orders({sell("A", "AAA", quantity, "L1")});
  };
  check({
      {"position_weight_max", rule::position_weight_max, with_policy(trim(), "position_weight_max", "0.072"),
       with_policy(trim(), "position_weight_max", "0.071")},
      {"beyond it already, and made worse", rule::position_weight_max,
       with_policy(trim(), "position_weight_max", "0.1"), with_policy(legacy, "position_weight_max", "0.1")},
      {"names_max", rule::names_max, with_policy(trim(), "names_max", "4"), with_policy(trim(), "names_max", "3")},
      {"band max", rule::band_max, with_policy(trim(), "band_foreign_equity_max", "0.072"),
       with_policy(trim(), "band_foreign_equity_max", "0.071")},
      {"a band with a price is no hard rule", rule::band_max,
       with_policy(with_policy(trim(), "band_foreign_equity_max", "0.071"), "band_foreign_equity_price_bps", "1"),
       with_policy(trim(), "band_foreign_equity_max", "0.071")},
      {"band min", rule::band_min, with_policy(trim(), "band_us_equity_min", "0.85"),
       with_policy(trim(), "band_us_equity_min", "0.86")},
      {"below the band already, and made worse", rule::band_min,
       with_policy(trim().with_orders({buy("A", "DDD", "8")}), "band_us_equity_min", "0.99"),
       with_policy(trim(), "band_us_equity_min", "0.99")},
      {"trade_min_usd", rule::trade_min_amount, small, with_policy(small, "trade_min_usd", "201")},
      {"trade_min_weight", rule::trade_min_amount, with_policy(small, "trade_min_weight", "0.0095"),
       with_policy(small, "trade_min_weight", "0.0096")},
      {"at least a cent", rule::trade_min_amount, tiny("0.0001"), tiny("0.00004")},
      {"a closing order is exempt", rule::trade_min_amount,
       with_policy(trim().with_orders({sell("A", "AAA", "100", "L1")}), "trade_min_usd", "20000"),
       with_policy(trim().with_orders({sell("A", "AAA", "99", "L1")}), "trade_min_usd", "20000")},
      {"quantity_step", rule::trade_min_quantity_step, fractional.with_orders({buy("A", "DDD", "2.5")}),
       small.with_orders({buy("A", "DDD", "2.5")})},
  });
}

TEST(Verification, WashSales) {
  const Scene loss = trim().with_orders({sell("A", "BBB", "20", "L2")});  // a loss of 400
  const auto sold = [](const std::string& account, const std::string& on, const std::string& gain) {
    return TransactionDraft{
        .account = account, .trade_date = on, .kind = TransactionKind::sell, .security = "DDD", .gain_short = gain};
  };
  const auto replaced = [&](const std::string& account, const std::string& acquired_on) {
    return loss.with([=](BookBuilder& book) {
      book.lot({.account = account,
                .id = "R",
                .security = "BBB",
                .quantity = "5",
                .cost_basis = "250",
                .acquired_on = acquired_on});
    });
  };
  const auto outside = [](const std::string& on) {
    return TransactionDraft{.taxpayer = "T", .trade_date = on, .security = "BBB", .quantity = "5"};
  };
  TransactionDraft silent = sold("A", "2025-06-10", "");
  TransactionDraft abroad = sold("", "2025-06-10", "-1");
  abroad.taxpayer = "T";
  const char* bought_after = rule::wash_sale_buy_after_loss;
  const char* kept = rule::wash_sale_replacement_kept;
  check({
      {"bought 31 and 30 days after a loss sale", bought_after, traded(trim(), sold("A", "2025-05-30", "-1")),
       traded(trim(), sold("A", "2025-05-31", "-1"))},
      {"a sale at a gain", bought_after, traded(trim(), sold("A", "2025-06-10", "1")),
       traded(trim(), sold("A", "2025-06-10", "-1"))},
      {"a sale without its gain counts as a loss", bought_after, trim(), traded(trim(), silent)},
      {"a loss in an IRA is nobody's", bought_after, traded(trim(), sold("I", "2025-06-10", "-1")),
       traded(trim(), silent)},
      {"a loss outside the book", bought_after, trim(), traded(trim(), abroad)},
      {"bought in an IRA after the taxpayer's loss", bought_after, trim().with_orders({buy("I", "EEE", "5")}),
       traded(trim(), sold("A", "2025-06-10", "-1")).with_orders({buy("I", "DDD", "5")})},
      {"bought in an IRA after a loss of this run", bought_after, loss,
       loss.with_orders({sell("A", "BBB", "20", "L2"), buy("I", "BBB", "5")})},
      {"the replacement is 31 and 30 days old", kept, replaced("A", "2025-05-30"), replaced("A", "2025-05-31")},
      {"in an IRA", kept, replaced("I", "2025-05-30"), replaced("I", "2025-05-31")},
      {"outside the book", kept, traded(loss, outside("2025-05-30")), traded(loss, outside("2025-05-31"))},
      {"a replacement that is sold with it", kept,
       replaced("A", "2025-06-20").with_orders({sell("A", "BBB", "25", {{"L2", "20"}, {"R", "5"}})}),
       replaced("A", "2025-06-20")},
      {"the rest of the lot sold is not its own replacement", kept,
       adjusted(loss, [](Book& book) { book.accounts[0].lots[1].acquired_on = day("2025-06-20"); }),
       replaced("A", "2025-06-20")},
      {"records in doubt", rule::wash_sale_loss_barred,
       adjusted(loss,
                [](Book& book) {
                  book.loss_bars.push_back({TaxpayerIndex{0}, book.securities[0].group});
                }),
       adjusted(loss,
                [](Book& book) {
                  book.loss_bars.push_back({TaxpayerIndex{0}, std::nullopt});
                })},
  });
}

TEST(Verification, DisallowedLossesWithinTheLimit) {
  // 5 of the 20 shares sold are replaced: a quarter of the loss of 400.
  const Scene partial = trim().with_orders({sell("A", "BBB", "20", "L2")}).with([](BookBuilder& book) {
    book.lot({.account = "A",
              .id = "R",
              .security = "BBB",
              .quantity = "5",
              .cost_basis = "250",
              .acquired_on = "2025-06-20"});
  });
  const auto limit = [&](const std::string& usd) { return with_policy(partial, "wash_sale_disallowed_max_usd", usd); };
  const Scene told = limit("100").with_exception("wash_sale_partial", Severity::note);
  const auto disallowed = [](const std::string& usd) {
    return [usd](Results& results) { results[0].orders[0].trade.lots[0].disallowed = money(usd); };
  };
  check({
      {"the limit", rule::wash_sale_replacement_kept, told, limit("99.99")},
      {"the note", rule::wash_sale_unnoted, told, limit("100")},
      {"too little is stated", rule::wash_sale_disallowed, told, told.spoil(disallowed("99"))},
      {"too much is stated", rule::wash_sale_disallowed, told, told.spoil(disallowed("101"))},
      {"of a sale at a gain", rule::wash_sale_disallowed, trim(), trim().spoil(disallowed("1"))},
  });
}

TEST(Verification, ALossThatAnEarlierAccountBuys) {
  // "B" is decided after the IRA "I0", which buys what B sells at a loss.
  const Scene scene{BookBuilder()
                        .security({.id = "AAA"})
                        .account({.id = "B", .household = "H"})
                        .account({.id = "A", .household = "H", .treatment = TaxTreatment::tax_free, .cash = "1000"})
                        .lot({.account = "B", .id = "L", .security = "AAA", .quantity = "50", .cost_basis = "9000"}),
                    {sell("B", "AAA", "5", "L")},
                    {}};
  check({{"in this run", rule::wash_sale_bought_in_run, scene,
          scene.with_orders({buy("A", "AAA", "5"), sell("B", "AAA", "5", "L")})}});
}

TEST(Verification, StatementsAgreeWithTheOrders) {
  const auto result = [](const std::function<void(AccountResult&)>& change) { return spoil_result(change); };
  check({
      {"status", rule::verification_status, trim(),
       result([](AccountResult& r) { r.status = ResultStatus::no_trade; })},
      {"status without orders", rule::verification_status, trim(), result([](AccountResult& r) { r.orders.clear(); })},
      {"cash before", rule::verification_cash_stated, trim(), result([](AccountResult& r) { r.cash_before += cent; })},
      {"cash after", rule::verification_cash_stated, trim(), result([](AccountResult& r) { r.cash_after -= cent; })},
      {"value", rule::verification_value_stated, trim(), result([](AccountResult& r) { r.value += money("0.02"); })},
      {"investable value", rule::verification_value_stated, trim(),
       result([](AccountResult& r) { r.investable -= money("0.02"); })},
      {"short-term gains", rule::verification_gains_stated, trim(),
       result([](AccountResult& r) { r.gain_short += money("0.02"); })},
      {"long-term gains", rule::verification_gains_stated, trim(),
       result([](AccountResult& r) { r.gain_long -= money("0.02"); })},
      {"turnover", rule::verification_turnover_stated, trim(), result([](AccountResult& r) { r.turnover += 1e-6; })},
      {"the bound", rule::verification_bound, result([](AccountResult& r) {
         r.objective_after = 7.0;
         r.bound = 7.005;
       }),
       result([](AccountResult& r) {
         r.objective_after = 7.0;
         r.bound = 7.02;
       })},
  });
}

TEST(Verification, RulesYieldOnlyToAReviewOfTheirFamily) {
  using enum RestrictionRule;
  const Scene chips = trim().with_orders({sell("A", "CCC", "10", "L3")});
  check_yields(rule::restriction_sell_all, "restriction_", restricted(trim(), {.rule = sell_all, .subject_id = "CCC"}));
  check_yields(rule::restriction_weight_max, "restriction_",
               restricted(trim(), {.rule = weight_max, .subject_id = "DDD", .value = "0.01"}));
  check_yields(rule::request_liquidation_left, "request_", requested(nothing(), {.kind = RequestKind::liquidate}));
  check_yields(rule::request_cash_short, "request_",
               requested(trim(), {.kind = RequestKind::cash_out, .amount = "9000"}));
  check_yields(rule::request_preserve_losses, "request_preserve_yielded",
               requested(trim().with_orders({sell("A", "BBB", "10", "L2")}), {.kind = RequestKind::preserve_losses}));
  check_yields(rule::request_harvest_short, "request_harvest_short",
               requested(trim(), {.kind = RequestKind::harvest, .amount = "1"}));
  check_yields(rule::request_realize_gains_short, "request_realize_gains_short",
               requested(trim(), {.kind = RequestKind::realize_gains, .amount = "801"}));
  check_yields(rule::mode_hold, "mode_", with_policy(trim(), "mode", "hold"));
  check_yields(rule::short_term_gains_avoided, "short_term_", with_policy(chips, "short_term_gains", "avoid"));
  check_yields(rule::budget_gain, "budget_", with_policy(trim(), "gain_budget", "0"));
  check_yields(rule::budget_tax, "budget_", with_policy(trim(), "tax_budget", "0"));
  check_yields(rule::cash_min, "cash_min_",
               with_policy(with_policy(with_policy(trim(), "cash_min", "0.1"), "cash_max", "0.2"), "cash_target", "0.1")
                   .with_orders({buy("A", "DDD", "5")}));
  check_yields(rule::turnover_max, "turnover_", with_policy(trim(), "turnover_max", "0"));
  check_yields(rule::position_weight_max, "position_", with_policy(trim(), "position_weight_max", "0.01"));
  check_yields(rule::names_max, "names_", with_policy(trim(), "names_max", "1"));
  check_yields(rule::band_max, "band_", with_policy(trim(), "band_foreign_equity_max", "0"));
  check_yields(rule::trade_min_amount, "trade_min_", with_policy(trim(), "trade_min_usd", "5000"));
  check_yields(rule::wash_sale_replacement_kept, "wash_sale_",
               trim().with_orders({sell("A", "BBB", "20", "L2")}).with([](BookBuilder& book) {
                 book.lot({.account = "I", .security = "BBB", .quantity = "5", .acquired_on = "2025-06-20"});
               }));
}

TEST(Verification, LawFrozenAccountsAndProhibitionsYieldToNothing) {
  const Scene forbidden = restricted(trim(), {.rule = RestrictionRule::never_buy, .subject_id = "DDD"})
                              .with_exception("restriction_yielded", Severity::review);
  EXPECT_EQ(rules_of(breaches_of(forbidden)), std::vector<std::string>{rule::restriction_never_buy});
  const Scene frozen =
      requested(trim(), {.kind = RequestKind::freeze}).with_exception("request_yielded", Severity::review);
  EXPECT_EQ(rules_of(breaches_of(frozen)), std::vector<std::string>{rule::request_freeze});
  const Scene washed =
      traded(trim(), {.account = "A", .trade_date = "2025-06-10", .kind = TransactionKind::sell, .security = "DDD"})
          .with_exception("wash_sale_forced", Severity::review);
  EXPECT_EQ(rules_of(breaches_of(washed)), std::vector<std::string>{rule::wash_sale_buy_after_loss});
}

TEST(Verification, AnybodysOrdersAreJudgedWithoutStatements) {
  const Book book = with_policy(trim(), "mode", "hold").book.build();
  Results results = honest_results(book, trim().orders);
  AccountResult bare;
  bare.account = results[0].account;
  bare.orders = results[0].orders;
  const DecisionUnit unit{{AccountIndex{0}, AccountIndex{1}}, {TaxpayerIndex{0}}};
  const auto breaches = verify_orders(BookIndex(book), unit, {&bare});
  EXPECT_EQ(rules_of(breaches), std::vector<std::string>{rule::mode_hold});
  EXPECT_EQ(breaches[0].account, AccountIndex{0});
}

TEST(Verification, EveryRuleHasItsNameInTheList) {
  for (const Breach& breach : breaches_of(with_policy(trim(), "mode", "hold"))) {
    EXPECT_TRUE(std::ranges::any_of(rule::all, [&](const rule::Entry& entry) { return entry.name == breach.rule; }));
  }
}

TEST(Verification, AFailedAccountStatesNothing) {
  const Scene failed = nothing().spoil([](Results& results) {
    results[0].status = ResultStatus::failed;
    results[0].value = results[0].investable = Money();
  });
  EXPECT_EQ(rules_of(breaches_of(failed)), std::vector<std::string>{});
}

// A book with two units, each account trading, and blocks that join them.
struct WholeBook {
  Book book = trim().with([](BookBuilder& builder) { builder.account({.id = "Z", .cash = "2000"}); }).book.build();
  Results results = honest_results(book, {sell("A", "AAA", "20", "L1"), buy("A", "DDD", "15"), buy("Z", "DDD", "5")});
  std::vector<Block> blocks = {{"b1", security_index(book, "AAA"), Side::sell, shares("20"), 1},
                               {"b2", security_index(book, "DDD"), Side::buy, shares("20"), 2}};

  std::vector<std::string> rules() const { return rules_of(verify_book(BookIndex(book), results, blocks)); }
};

TEST(BookVerification, AcceptsWhatIsRight) { EXPECT_EQ(WholeBook().rules(), std::vector<std::string>{}); }

TEST(BookVerification, RefusesEachSpoiledField) {
  const auto refused = [](const char* rule, const std::function<void(WholeBook&)>& spoil) {
    WholeBook whole;
    spoil(whole);
    const auto rules = whole.rules();
    EXPECT_TRUE(std::ranges::count(rules, std::string(rule)) > 0) << rule;
  };
  refused(rule::verification_results, [](WholeBook& w) { w.results.pop_back(); });
  refused(rule::verification_results, [](WholeBook& w) { w.results.push_back(w.results[0]); });
  refused(rule::verification_order_id, [](WholeBook& w) { w.results[2].orders[0].id = w.results[0].orders[0].id; });
  refused(rule::verification_order_id, [](WholeBook& w) { w.results[2].orders[0].id.clear(); });
  refused(rule::verification_block, [](WholeBook& w) { w.blocks[1].quantity = shares("19"); });
  refused(rule::verification_block, [](WholeBook& w) { w.blocks[1].orders = 1; });
  refused(rule::verification_block, [](WholeBook& w) { w.blocks[1].side = Side::sell; });
  refused(rule::verification_block, [](WholeBook& w) { w.blocks.pop_back(); });
  refused(rule::verification_block, [](WholeBook& w) { w.blocks.push_back(w.blocks[0]); });
  refused(rule::verification_block, [](WholeBook& w) { w.blocks[1].id = w.blocks[0].id; });
  refused(rule::verification_block, [](WholeBook& w) { w.blocks[1].id.clear(); });
  // The taxpayer's other account, in a household and a unit of its own, buys what A sells at a loss.
  refused(rule::wash_sale_buy_after_loss, [](WholeBook& w) {
    w.results = honest_results(w.book, {sell("A", "BBB", "20", "L2"), buy("Z", "BBB", "5")});
  });
}

}  // namespace
}  // namespace lotwright
