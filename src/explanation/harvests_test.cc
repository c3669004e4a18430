#include "explanation/harvests.h"

#include <gtest/gtest.h>

#include <cmath>

#include "book/rules.h"
#include "explanation/test_case.h"
#include "testing/book_builder.h"

namespace lotwright {
namespace {

using Row = HarvestRow;
using Weights = std::vector<std::pair<std::string, std::string>>;

// V = 10,000: 60 LOS at 100 in one lot of 2020 with a loss of 1,000, and 4,000 cash; wanted is half LOS, half REP.
BookBuilder one_loss(const Weights& model = {{"LOS", "0.5"}, {"REP", "0.5"}}) {
  return BookBuilder()
      .security({.id = "LOS"})
      .security({.id = "REP"})
      .model("M", model)
      .account({.id = "A", .cash = "4000"})
      .lot({.account = "A", .id = "L1", .security = "LOS", .quantity = "60", .cost_basis = "7000"})
      .policy("A", "cash_target", "0");
}

const Row* row_of(const AccountResult& result, const std::string& security) {
  const auto found = std::ranges::find(result.harvests, security, &Row::security_id);
  return found == result.harvests.end() ? nullptr : &*found;
}

// The row of LOS in an account that is left as it is.
Row left(const BookBuilder& builder) { return *row_of(Case(builder).explained(), "LOS"); }

TEST(Harvests, what_is_found_is_taken_or_skipped_with_its_worth_in_tax) {
  Case c(one_loss().lot(
      {.account = "A", .id = "L2", .security = "REP", .quantity = "1", .cost_basis = "50"}));  // a gain: no row
  c.sell("LOS", {Quantity::of_whole(15)});
  const AccountResult result = c.explained();
  ASSERT_EQ(result.harvests.size(), 2U);
  const Row& account = result.harvests[0];
  EXPECT_TRUE(account.security_id.empty());
  EXPECT_EQ(account.status, HarvestStatus::scanned);
  const Row& row = result.harvests[1];
  EXPECT_EQ(row.security_id, "LOS");
  EXPECT_EQ(row.status, HarvestStatus::partly);
  for (const Row& one : result.harvests) {
    EXPECT_EQ(one.lots, 1);
    EXPECT_EQ(one.loss, money("1000"));
    EXPECT_EQ(one.taken, money("250"));
    EXPECT_EQ(one.skipped, money("750"));
    // 35 % of ordinary income on 750 of the 2,750 still open, less the basis given up: 0.3 x 15 % of it
    EXPECT_EQ(one.value, money("228.75"));
  }
  EXPECT_TRUE(account.rule.empty());
  EXPECT_FALSE(row.rule.empty());
}

TEST(Harvests, the_cent_of_an_orders_rounding_is_in_the_loss) {
  // 1.234567 shares at 100 are worth 123.4567, and their order 123.46: the loss of 1.00 becomes one of 0.9967.
  Case c(one_loss()
             .security({.id = "FUN", .quantity_step = "0.000001"})
             .lot({.account = "A", .id = "L2", .security = "FUN", .quantity = "1.234567", .cost_basis = "124.4567"}));
  c.sell("FUN", {*Quantity::parse("1.234567")});
  const AccountResult result = c.explained();
  const Row& row = *row_of(result, "FUN");
  EXPECT_EQ(row.status, HarvestStatus::taken);
  EXPECT_EQ(row.loss, money("0.9967"));
  EXPECT_EQ(row.taken, money("0.9967"));
  EXPECT_TRUE(row.rule.empty());
  EXPECT_EQ(result.harvests[0].loss, money("1000.9967"));
}

TEST(Harvests, what_a_wash_sale_disallows_is_taken_and_said) {
  Case c(one_loss().policy("A", "wash_sale_disallowed_max_usd", "100"));
  c.sell("LOS", {Quantity::of_whole(60)});
  c.solution.trades.trades[0].lots[0].disallowed = money("40");
  const Row row = *row_of(c.explained(), "LOS");
  EXPECT_EQ(row.taken, money("1000"));
  EXPECT_EQ(row.disallowed, money("40"));
  EXPECT_EQ(row.status, HarvestStatus::taken);
}

TEST(Harvests, lots_of_unknown_basis_are_counted_and_are_no_loss) {
  const Case c(one_loss()
                   .lot({.account = "A", .id = "L2", .security = "LOS", .quantity = "5"})
                   .lot({.account = "A", .id = "L3", .security = "REP", .quantity = "5"})
                   .policy("A", "unknown_basis", "exclude"));
  const AccountResult result = c.explained();
  EXPECT_EQ(row_of(result, "LOS")->lots_unknown_basis, 1);
  EXPECT_EQ(row_of(result, "REP"), nullptr);
  EXPECT_EQ(result.harvests[0].lots_unknown_basis, 2);
  EXPECT_EQ(result.harvests[0].loss, money("1000"));
}

TEST(Harvests, an_untaxed_account_has_none) {
  const Case c(BookBuilder()
                   .security({.id = "LOS"})
                   .account({.id = "A", .treatment = TaxTreatment::tax_free})
                   .lot({.account = "A", .security = "LOS", .quantity = "60", .cost_basis = "7000"}));
  EXPECT_TRUE(c.explained().harvests.empty());
  EXPECT_TRUE(explain_untouched(c.checked, c.account(), c.terms).harvests.empty());
}

// ── why the rest was skipped

struct Reason {
  const char* rule;
  const char* source;
  BookBuilder book;
};

RestrictionDraft on_los(RestrictionRule rule, const char* value = "") {
  return {.scope_id = "A", .rule = rule, .subject_id = "LOS", .value = value};
}

TEST(Harvests, the_rule_that_skips_is_the_one_that_stands_in_the_way) {
  const BookBuilder book = one_loss();
  const auto with = [&](auto change) {
    BookBuilder changed = book;
    change(changed);
    return changed;
  };
  const auto setting = [&](const char* name, const char* value) {
    return with([&](BookBuilder& b) { b.policy("A", name, value); });
  };
  const auto restricted = [&](const RestrictionDraft& draft) {
    return with([&](BookBuilder& b) { b.restriction(draft); });
  };
  RestrictionDraft on_lot = on_los(RestrictionRule::never_sell);
  on_lot.subject_kind = RestrictionSubject::lot;
  on_lot.subject_id = "L1";
  const std::vector<Reason> reasons = {
      {rule::restriction_never_sell, "R1", restricted(on_los(RestrictionRule::never_sell))},
      {rule::restriction_freeze, "R1", restricted(on_los(RestrictionRule::freeze))},
      {rule::restriction_never_sell, "R1", restricted(on_lot)},
      {rule::restriction_lock_quantity, "", restricted(on_los(RestrictionRule::lock_quantity, "60"))},
      {rule::restriction_weight_min, "", restricted(on_los(RestrictionRule::weight_min, "0.6"))},
      {rule::mode_buy_only, "mode", setting("mode", "buy_only")},
      {rule::mode_hold, "mode", setting("mode", "hold")},
      {rule::mode_cash_only, "", setting("mode", "cash_only")},
      {rule::harvest_no, "harvest", setting("harvest", "no")},
      {rule::request_preserve_losses, "Q1",
       with([](BookBuilder& b) { b.request({.account = "A", .kind = RequestKind::preserve_losses}); })},
      {rule::wash_sale_window, "", with([](BookBuilder& b) {
         b.transaction({.taxpayer = "T", .trade_date = "2025-06-10", .security = "LOS", .outside = true});
       })},
      {rule::wash_sale_loss_barred, "", with([](BookBuilder& b) {
         b.adjust([](Book& made) { made.loss_bars = {{TaxpayerIndex{0}, {}}}; });
       })},
      {rule::turnover_rebalance_wait, "", with([](BookBuilder& b) {
         b.policy("A", "rebalance_days_min", "30");
         b.transaction({.account = "A", .trade_date = "2025-06-10", .security = "REP"});
       })}};
  for (const Reason& reason : reasons) {
    const Row row = left(reason.book);
    EXPECT_EQ(row.status, HarvestStatus::skipped) << reason.rule;
    EXPECT_EQ(row.rule, reason.rule);
    EXPECT_EQ(row.source, reason.source) << reason.rule;
    EXPECT_EQ(row.skipped, money("1000")) << reason.rule;
    EXPECT_EQ(row.value, money("305")) << reason.rule;  // 350 less 45
  }
}

TEST(Harvests, a_young_lot_that_stays_keeps_the_loss_of_another) {
  EXPECT_EQ(left(one_loss().lot({.account = "A",
                                 .id = "L2",
                                 .security = "LOS",
                                 .quantity = "1",
                                 .cost_basis = "90",
                                 .acquired_on = "2025-06-15"}))
                .rule,
            rule::wash_sale_window);
}

TEST(Harvests, a_group_that_is_bought_today_is_not_sold) {
  Case c(one_loss());
  c.buy("LOS", "1");
  EXPECT_EQ(row_of(c.explained(), "LOS")->rule, rule::bought_in_run);
}

TEST(Harvests, of_several_obstacles_the_one_that_keeps_most_is_named) {
  const BookBuilder book =
      one_loss()
          .policy("A", "harvest", "no")
          .lot({.account = "A", .id = "L2", .security = "LOS", .quantity = "10", .cost_basis = "1100"});
  RestrictionDraft locked = on_los(RestrictionRule::never_sell);
  locked.subject_kind = RestrictionSubject::lot;
  locked.subject_id = "L2";  // a loss of 100
  EXPECT_EQ(left(BookBuilder(book).restriction(locked)).rule, rule::harvest_no);
  locked.subject_id = "L1";  // a loss of 1,000
  EXPECT_EQ(left(BookBuilder(book).restriction(locked)).rule, rule::restriction_never_sell);
}

TEST(Harvests, where_no_rule_forbids_the_dollars_say_why) {
  // Selling all of LOS takes the active weights from (0.1, -0.5) to (-0.5, -0.5), the variance from 0.0140 to 0.0425:
  // 10,000 x 25 x 0.0285 in risk for 305 in tax.
  EXPECT_EQ(left(one_loss().policy("A", "risk_aversion", "50")).rule, rule::benefit_below_cost);
  // Without risk, spreads and tickets the loss would pay by itself.
  const BookBuilder pays = one_loss().policy("A", "risk_aversion", "0.001");
  EXPECT_EQ(left(BookBuilder(pays).policy("A", "improvement_min_bps", "1000")).rule, rule::improvement_below_min);
  Case c(one_loss().policy("A", "risk_aversion", "0.001"));
  c.buy("REP", "1");
  EXPECT_EQ(row_of(c.explained(), "LOS")->rule, rule::account_limit_reached);
  EXPECT_NE(left(one_loss().policy("A", "mode", "harvest_only")).rule, rule::mode_harvest_only);
}

TEST(Harvests, a_shallow_loss_is_worth_waiting_for) {
  const auto rule_of_loss = [](const char* cost_basis) {
    return left(one_loss()
                    .policy("A", "risk_aversion", "0.001")
                    .policy("A", "waiting_weight", "1")
                    .adjust([cost_basis](Book& book) { book.accounts[0].lots[0].cost_basis = money(cost_basis); }))
        .rule;
  };
  // The volatility is 25 %, so that a loss of up to about 0.5 % of the value waits.
  EXPECT_EQ(rule_of_loss("6020"), rule::waiting_worth_more);
  EXPECT_NE(rule_of_loss("6050"), rule::waiting_worth_more);
}

TEST(Harvests, a_rest_that_is_too_small_for_an_order_says_so) {
  const BookBuilder book = one_loss().policy("A", "trade_min_usd", "7000");
  EXPECT_NE(left(book).rule, rule::trade_min_amount) << "an order that closes the position is exempt";
  BookBuilder with_gain = book;
  with_gain.lot({.account = "A", .id = "L2", .security = "LOS", .quantity = "1", .cost_basis = "50"});
  EXPECT_EQ(left(with_gain).rule, rule::trade_min_amount);
  // Of a lot of half a share nothing can be sold by itself while another lot of a whole share stays.
  const BookBuilder fraction = BookBuilder()
                                   .security({.id = "LOS"})
                                   .account({.id = "A", .cash = "4000"})
                                   .lot({.account = "A", .security = "LOS", .quantity = "0.5", .cost_basis = "60"})
                                   .lot({.account = "A", .security = "LOS", .quantity = "1", .cost_basis = "50"});
  EXPECT_EQ(left(fraction).rule, rule::trade_min_quantity_step);
}

TEST(Harvests, funds_of_kind_cash_are_sold_only_for_cash) {
  const Case c(one_loss()
                   .security({.id = "MMF", .price = "1", .kind = SecurityKind::cash})
                   .lot({.account = "A", .id = "L2", .security = "MMF", .quantity = "100", .cost_basis = "101"}));
  const AccountResult result = c.explained();
  EXPECT_EQ(row_of(result, "MMF")->rule, rule::cash_line);
  EXPECT_EQ(row_of(result, "MMF")->loss, money("1"));
  EXPECT_EQ(result.harvests[0].loss, money("1001"));
}

// ── accounts that are not decided

CheckedAccount held(const Case& c, const char* rule) {
  CheckedAccount checked = c.account();
  checked.held = true;
  checked.findings = {{rule, Severity::hold, {}, {}, {}, {}, {}}};
  return checked;
}

TEST(Harvests, a_held_account_is_scanned_all_the_same) {
  const Case c(one_loss());
  const AccountResult result = explain_untouched(c.checked, held(c, rule::model_unknown), c.terms);
  ASSERT_EQ(result.harvests.size(), 2U);
  EXPECT_EQ(result.harvests[0].status, HarvestStatus::scanned);
  for (const Row& row : result.harvests) {
    EXPECT_EQ(row.rule, rule::model_unknown);
    EXPECT_EQ(row.skipped, money("1000"));
    EXPECT_EQ(row.value, money("305"));
  }
}

TEST(Harvests, a_frozen_account_says_who_froze_it) {
  const Case by_status(one_loss().adjust([](Book& book) { book.accounts[0].status = AccountStatus::frozen; }));
  EXPECT_EQ(explain_untouched(by_status.checked, by_status.account(), by_status.terms).harvests.at(1).rule,
            rule::restriction_account_frozen);
  const Case by_request(one_loss().request({.account = "A", .kind = RequestKind::freeze}));
  EXPECT_EQ(explain_untouched(by_request.checked, by_request.account(), by_request.terms).harvests.at(1).rule,
            rule::request_freeze);
}

// The account's only row, where its lots cannot be judged.
std::string why_not_scanned(const BookBuilder& builder) {
  const Case c(builder);
  EXPECT_TRUE(c.account().held);
  const std::vector<Row> rows = explain_untouched(c.checked, c.account(), c.terms).harvests;
  EXPECT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows.at(0).loss, Money());
  EXPECT_FALSE(rows.at(0).value.has_value());
  return rows.at(0).status == HarvestStatus::not_scanned ? rows.at(0).rule : "scanned by " + rows.at(0).rule;
}

TEST(Harvests, an_account_whose_lots_are_in_doubt_is_not_scanned_and_says_why) {
  const auto old_lot = [](const char* price, const char* date) {
    return one_loss()
        .security({.id = "OLD", .price = price, .price_date = date})
        .lot({.account = "A", .id = "L2", .security = "OLD", .quantity = "1", .cost_basis = "1"});
  };
  EXPECT_EQ(why_not_scanned(old_lot("", "")), rule::price_missing);
  EXPECT_EQ(why_not_scanned(old_lot("100", "2025-06-01")), rule::price_too_old);
  EXPECT_EQ(why_not_scanned(one_loss().adjust([](Book& book) {
              book.corporate_actions = {{"C1", security_index(book, "LOS"), book.firm.as_of, {}, false, {}, {}}};
            })),
            rule::corporate_action_pending);
  EXPECT_EQ(why_not_scanned(one_loss().adjust([](Book& book) {
              book.findings = {{rule::data_number_unreadable,
                                Severity::hold,
                                {SubjectKind::account, "A"},
                                {"lots.csv.gz", 7, "quantity", "x"},
                                {},
                                {},
                                {}}};
            })),
            rule::data_number_unreadable);
}

TEST(Harvests, a_price_that_is_missing_of_what_is_only_wanted_leaves_the_lots_known) {
  const Case c(BookBuilder()
                   .security({.id = "LOS"})
                   .security({.id = "REP", .price = ""})
                   .model("M", {{"LOS", "0.5"}, {"REP", "0.5"}})
                   .account({.id = "A"})
                   .lot({.account = "A", .id = "L1", .security = "LOS", .quantity = "60", .cost_basis = "7000"}));
  const std::vector<Row> rows = explain_untouched(c.checked, c.account(), c.terms).harvests;
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0].status, HarvestStatus::scanned);
  EXPECT_EQ(rows[1].rule, rule::price_missing);
  EXPECT_EQ(rows[1].skipped, money("1000"));
}

TEST(Harvests, without_a_taxpayer_nobody_knows_what_a_loss_is_worth) {
  const Case c(one_loss().adjust([](Book& book) { book.accounts[0].taxpayer = {}; }));
  const std::vector<Row> rows = explain_untouched(c.checked, c.account(), c.terms).harvests;
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[1].loss, money("1000"));
  EXPECT_EQ(rows[1].rule, rule::data_taxpayer_missing);
  EXPECT_FALSE(rows[0].value || rows[1].value);
}

TEST(Harvests, nor_where_the_rates_are_in_doubt) {
  const Case c(one_loss().taxpayer({.id = "T", .rate_short = "0.15", .rate_long = "0.35"}));
  const std::vector<Row> rows = explain_untouched(c.checked, c.account(), c.terms).harvests;
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[1].rule, rule::data_tax_rates_reversed);
  EXPECT_FALSE(rows[0].value || rows[1].value);
}

TEST(Harvests, orders_that_are_taken_back_take_no_loss) {
  Case c(one_loss());
  c.sell("LOS", {Quantity::of_whole(15)});
  std::vector<Row> rows = c.explained().harvests;
  take_back(rows, rule::gate_tax_total);
  for (const Row& row : rows) {
    EXPECT_EQ(row.rule, rule::gate_tax_total);
    EXPECT_EQ(row.taken, Money());
    EXPECT_EQ(row.skipped, row.loss);
    EXPECT_EQ(row.loss, money("1000"));
    EXPECT_FALSE(row.value || row.replacement_tracking_error || row.tracking_error_added);
  }
  EXPECT_EQ(rows.at(0).status, HarvestStatus::scanned);
  EXPECT_EQ(rows.at(1).status, HarvestStatus::skipped);
}

// ── what stands in the place of what was sold: one factor of variance 0.0225, exposures 1, specific volatility 0.20

TEST(Harvests, the_swap_of_two_names_alike_has_their_specific_risk_alone) {
  Case c(one_loss());
  c.sell("LOS", {Quantity::of_whole(10)});
  c.buy("REP", "10");
  const Row row = *row_of(c.explained(), "LOS");
  // A tenth of V in each: the factor cancels, 0.1 x 0.20 of each name stays.
  EXPECT_NEAR(*row.replacement_tracking_error, std::sqrt(2 * 0.01 * 0.04), 1e-12);
  // Active weights (0.1, -0.5) before and (0, -0.4) after.
  const double before = std::sqrt(0.16 * 0.0225 + 0.26 * 0.04);
  const double after = std::sqrt(0.16 * 0.0225 + 0.16 * 0.04);
  EXPECT_NEAR(*row.tracking_error_added, after - before, 1e-12);
}

TEST(Harvests, what_purchases_do_not_cover_is_cash_and_more_than_the_proceeds_buys_pro_rata) {
  Case half(one_loss());
  half.sell("LOS", {Quantity::of_whole(10)});
  half.buy("REP", "5");
  // -0.1 and 0.05: the factor is open by 0.05.
  EXPECT_NEAR(*row_of(half.explained(), "LOS")->replacement_tracking_error,
              std::sqrt(0.0025 * 0.0225 + (0.01 + 0.0025) * 0.04), 1e-12);
  Case twice(one_loss({{"LOS", "0.4"}, {"REP", "0.3"}, {"OTH", "0.3"}}).security({.id = "OTH"}));
  twice.sell("LOS", {Quantity::of_whole(10)});
  twice.buy("REP", "15");
  twice.buy("OTH", "5");
  // 2,000 are bought for 1,000 sold: half of each, 0.075 and 0.025.
  EXPECT_NEAR(*row_of(twice.explained(), "LOS")->replacement_tracking_error,
              std::sqrt((0.01 + 0.075 * 0.075 + 0.025 * 0.025) * 0.04), 1e-12);
}

TEST(Harvests, no_loss_taken_no_swap) {
  const Row row = left(one_loss());
  EXPECT_FALSE(row.replacement_tracking_error || row.tracking_error_added);
}

}  // namespace
}  // namespace lotwright
