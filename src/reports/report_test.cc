// A report says what the reasons say: a number changed there is changed here, and no dollar stands here that does not
// stand there.

#include "reports/report.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>

#include "book/rules.h"
#include "reports/largest_orders.h"
#include "reports/page.h"
#include "reports/words.h"
#include "testing/book_builder.h"
#include "testing/orders_by_hand.h"

namespace lotwright::reports {
namespace {

Money money(const char* text) { return Money::parse(text).value(); }

// "A" sells 10 of AAA from L1 and buys 5 BBB; CCC is left. The dollars of its reasons are all different, so that each
// can be found in the text. L2 stays.
struct Scenery {
  Book book = BookBuilder()
                  .security({.id = "AAA"})
                  .security({.id = "BBB"})
                  .security({.id = "CCC"})
                  .account({.id = "A", .cash = "100"})
                  .lot({.account = "A", .security = "AAA", .quantity = "20", .cost_basis = "1500"})
                  .lot({.account = "A", .security = "AAA", .quantity = "5", .cost_basis = "50"})
                  .build();
  AccountResult result = honest_results(book, {sell("A", "AAA", "10", "L1"), buy("A", "BBB", "5")}).at(0);
  AccountFacts facts;

  Scenery() {
    for (Order& order : result.orders) order.reason = "rebalance";
    result.improvement = money("61.07");
    result.objective_before = 90.11;
    result.objective_after = 29.04;
    result.tax = 12.18;
    result.trading_cost = 3.33;
    result.bound = 28.9;
    result.gap = money("0.14");
    result.reasons = {row("", "", Decision::cash, rule::cash_line, {"6.01", "0", "0", "-0.27", "5.74"}),
                      row("", "", Decision::kept, rule::restriction_never_buy, {"41.42", "0", "0", "0", "41.42"}, "R7"),
                      row("AAA", "L1", Decision::sold, "rebalance", {"75.27", "13.19", "1.16", "-2.66", "58.26"}),
                      row("BBB", "", Decision::bought, "rebalance", {"-8.02", "0", "1.28", "2.93", "-6.37"}),
                      row("CCC", "", Decision::not_bought, rule::restriction_never_buy,
                          {"15.15", "0", "1.21", "-4.04", "9.90"}, "R7")};
    facts.book = &book;
    facts.result = &result;
    facts.tax_treatment = "taxable";
    facts.mode = "full";
    facts.model = "M";
    facts.lines = {{SecurityIndex{0}, Weight::parse("0.33").value(), money("2500"), money("1500")},
                   {SecurityIndex{1}, Weight::parse("0.33").value(), money("0"), money("500")},
                   {SecurityIndex{2}, Weight::parse("0.33").value(), money("0"), money("0")},
                   {SecurityIndex{}, Weight::parse("0.01").value(), money("100"), money("600")}};
    facts.lots = {{0, Term::long_term, money("500"), ""}, {1, Term::long_term, money("450"), ""}};
  }

  static ReasonRow row(const char* security, const char* lot, Decision decision, const char* rule,
                       const std::vector<const char*>& dollars, const char* source = "") {
    return {security,          lot,
            decision,          rule,
            money(dollars[0]), money(dollars[1]),
            money(dollars[2]), money(dollars[3]),
            money(dollars[4]), source};
  }

  [[nodiscard]] std::string text() const { return unwrapped(text_of(report_of(facts))); }

  // Sentences without the breaks of lines.
  static std::string unwrapped(const std::string& text) { return std::regex_replace(text, std::regex("\\s+"), " "); }
};

bool says(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

TEST(Report, tells_what_a_sale_brought_and_cost_and_why_that_lot) {
  const std::string text = Scenery().text();
  EXPECT_TRUE(says(text, "Sell 10 AAA at $100.00, $1,000.00 in all, to bring the account nearer its target.")) << text;
  EXPECT_TRUE(says(text,
                   "Lot L1, of 2020-01-15, long-term: 10 of 20 for $1,000.00, a gain of $250.00. It lowers risk "
                   "and holding costs by $75.27 a year, costs $13.19 in tax and costs $1.16 to trade; the cash "
                   "it raises is in excess and costs $2.66. Its share of the improvement is $58.26."))
      << text;
  EXPECT_TRUE(says(text, "This lot stays: L2 (long-term, a gain of 90.0 %).")) << text;
}

TEST(Report, tells_the_proof_in_dollars) {
  const std::string text = Scenery().text();
  EXPECT_TRUE(says(text,
                   "given what the taxpayer's accounts before it do, no orders within the rules bring the objective "
                   "below $28.90, so none could have been better than this by more than $0.14."))
      << text;
}

TEST(Report, tells_what_was_left_by_which_rule_and_what_the_rule_costs) {
  const std::string text = Scenery().text();
  EXPECT_TRUE(says(text,
                   "CCC: 0.00 % held, 33.00 % wanted. Not bought by rule: a restriction forbids buying the "
                   "security (restriction_never_buy, R7)."))
      << text;
  EXPECT_TRUE(says(text,
                   "Closing the drift alone would lower risk and holding costs by $15.15 a year and would cost "
                   "$1.21 to trade; the cash it uses would bring $4.04 in other orders; in all $9.90 better."))
      << text;
  EXPECT_TRUE(says(text, "Without this rule the account could be better by at most $41.42 over a year")) << text;
}

TEST(Report, a_number_changed_in_the_reasons_is_changed_in_the_sentence) {
  const Money other = money("7777.77");
  for (Money ReasonRow::*const column :
       {&ReasonRow::benefit, &ReasonRow::tax, &ReasonRow::cost, &ReasonRow::funding, &ReasonRow::net}) {
    Scenery scenery;
    for (std::size_t i = 0; i < scenery.result.reasons.size(); ++i) {
      ReasonRow& row = scenery.result.reasons[i];
      const Money was = row.*column;
      if (was.is_zero()) continue;
      if (!row.security_id.empty()) {
        EXPECT_TRUE(says(scenery.text(), usd(was.abs()))) << i << scenery.text();
      }
      const std::string before = scenery.text();
      row.*column = other;
      const bool shown = row.security_id.empty() ? column == &ReasonRow::net || row.decision == Decision::cash : true;
      EXPECT_EQ(says(scenery.text(), "$7,777.77"), shown) << i << before;
      row.*column = was;
      EXPECT_EQ(scenery.text(), before);
    }
  }
}

TEST(Report, says_no_dollar_that_is_not_in_the_result) {
  const Scenery scenery;
  std::set<std::string> known = {
      usd(scenery.result.value),           usd(scenery.result.investable),  usd(scenery.result.cash_before),
      usd(scenery.result.cash_after),      usd(scenery.result.improvement), usd(*scenery.result.gap),
      usd(scenery.result.gain_short),      usd(scenery.result.gain_long),   usd(scenery.result.objective_before),
      usd(scenery.result.objective_after), usd(*scenery.result.bound),      usd(scenery.result.tax),
      usd(scenery.result.trading_cost)};
  for (const ReasonRow& row : scenery.result.reasons) {
    for (const Money dollars : {row.benefit, row.tax, row.cost, row.funding, row.net}) {
      known.insert({usd(dollars), usd(dollars.abs())});
    }
  }
  // The table of purposes: AAA and BBB together, and with the cash line.
  known.insert({"$67.25", "-$13.19", "-$2.44", "$51.89", "$73.26", "$57.63"});
  for (const Order& order : scenery.result.orders) {
    known.insert({usd(order.trade.amount), usd(order.trade.price)});
    for (const LotSale& sale : order.trade.lots) known.insert({usd(sale.proceeds), usd(sale.gain->abs())});
  }
  const std::string text = scenery.text();
  const std::regex dollars("-?\\$[0-9,]+\\.[0-9]+");
  std::size_t found = 0;
  for (auto at = std::sregex_iterator(text.begin(), text.end(), dollars); at != std::sregex_iterator(); ++at) {
    ++found;
    EXPECT_TRUE(known.contains(at->str())) << at->str() << " in " << text;
  }
  EXPECT_GT(found, 25U);
}

HarvestRow harvest(const char* security, HarvestStatus status, const char* taken, const char* skipped,
                   const char* rule) {
  HarvestRow row;
  row.security_id = security;
  row.status = status;
  row.lots = 1;
  row.taken = money(taken);
  row.skipped = money(skipped);
  row.loss = row.taken + row.skipped;
  row.rule = rule;
  return row;
}

TEST(Report, tells_which_losses_were_taken_which_were_not_and_why) {
  Scenery scenery;
  scenery.result.harvests = {harvest("", HarvestStatus::scanned, "310.10", "520.02", ""),
                             harvest("AAA", HarvestStatus::partly, "310.10", "20.02", rule::wash_sale_window),
                             harvest("BBB", HarvestStatus::skipped, "0", "500", rule::harvest_no)};
  scenery.result.harvests[0].lots = 2;
  scenery.result.harvests[0].lots_unknown_basis = 3;
  HarvestRow& partly = scenery.result.harvests[1];
  partly.disallowed = money("7.07");
  partly.value = money("6.61");
  partly.replacement_tracking_error = 0.0125;
  partly.tracking_error_added = -0.002;
  scenery.result.harvests[2].source = "harvest";
  const std::string text = scenery.text();
  for (const char* part :
       {"Scanned: 2 lots at a loss, $830.12 in all; taken $310.10, skipped $520.02.",
        "Of 3 lots nobody can say it: the basis is unknown.",
        "AAA: 1 lot at a loss, $330.12 in all; taken $310.10, of which $7.07 are disallowed.",
        "(wash_sale_window); realized too, it would save $6.61 in tax.",
        "what the money bought has a tracking error of 1.250 %; with the swap the account's is 0.200 % lower.",
        "Skipped $500.00, by rule: harvest is no: losses are no reason to sell (harvest_no, harvest)."}) {
    EXPECT_TRUE(says(text, part)) << part << '\n' << text;
  }
  EXPECT_LT(text.find("BBB: 1 lot at a loss"), text.find("AAA: 1 lot at a loss")) << "the largest first";
  const auto json = nlohmann::json::parse(json_of(scenery.facts, report_of(scenery.facts)));
  EXPECT_EQ(json.at("harvests").at(1).at("skipped"), 20.02);
  EXPECT_TRUE(json.at("harvests").at(2).at("value").is_null());
}

TEST(Report, tells_why_an_account_was_not_scanned) {
  Scenery scenery;
  scenery.result.harvests = {harvest("", HarvestStatus::not_scanned, "0", "0", rule::price_missing)};
  EXPECT_TRUE(says(scenery.text(),
                   "Not scanned for losses, by rule: a security the account holds or wants has no "
                   "price (price_missing)."))
      << scenery.text();
  const auto json = nlohmann::json::parse(json_of(scenery.facts, report_of(scenery.facts)));
  EXPECT_TRUE(json.at("harvests").at(0).at("loss").is_null()) << "unknown is not zero";
}

TEST(Report, a_quiet_account_is_one_line_with_the_price_of_acting) {
  Scenery scenery;
  scenery.result.status = ResultStatus::no_trade;
  scenery.result.orders.clear();
  std::erase_if(scenery.result.reasons, [](const ReasonRow& row) { return row.decision != Decision::not_bought; });
  ReasonRow& drift = scenery.result.reasons.at(0);
  drift.share = money("12.12");
  drift.tracking_error = 0.00123;
  EXPECT_TRUE(says(scenery.text(),
                   "Nothing is traded. The price of acting: buying CCC would cost $1.21 to trade, to remove 12.3 bp of "
                   "tracking error; in all $9.90 better over a year. It is not done because a restriction forbids "
                   "buying the security (restriction_never_buy)."))
      << scenery.text();
  ReasonRow larger = drift;
  larger.security_id = "AAA";
  larger.tracking_error = 0.5;
  larger.net = -money("110");
  scenery.result.reasons.push_back(larger);
  EXPECT_TRUE(says(scenery.text(), "The price of acting: buying CCC")) << "what a rule stops is the trade that pays";
  scenery.result.reasons.pop_back();
  drift.rule = rule::improvement_below_min;
  scenery.result.gap = money("165");
  EXPECT_TRUE(says(scenery.text(), "(improvement_below_min): $165.00 at most, and $"));
  drift.rule = rule::wash_sale_window;
  EXPECT_TRUE(says(scenery.text(), "buying it would wash a loss sale of the last 30 days or of this run"));
  EXPECT_FALSE(says(scenery.text(), "its loss would be washed"));
  drift.net = -money("1");
  drift.tracking_error = -0.00123;
  EXPECT_TRUE(says(scenery.text(), "Of the largest drifts none, closed alone, would lower the tracking error."));
  scenery.result.reasons.clear();
  EXPECT_TRUE(says(scenery.text(), "nothing is further from its target than a whole step."));
}

TEST(Report, a_held_account_says_what_stays_or_that_nobody_knows) {
  Scenery scenery;
  scenery.result.status = ResultStatus::held;
  scenery.result.reasons.clear();
  EXPECT_TRUE(says(scenery.text(), "nobody knows its tracking error, nor what deciding it would bring."));
  scenery.result.left = money("321.09");
  EXPECT_TRUE(says(scenery.text(), "and $321.09 a year of risk and holding costs stay until it is decided"));
  EXPECT_FALSE(says(scenery.text(), "before after")) << "before is after";
}

TEST(Report, an_order_that_does_not_pay_by_itself_says_what_would_be_missed) {
  Scenery scenery;
  ReasonRow& bought = scenery.result.reasons[3];
  EXPECT_FALSE(says(scenery.text(), "serves the other orders"));
  bought.without = money("4.44");
  EXPECT_TRUE(says(scenery.text(),
                   "Its share of the improvement is -$6.37; it serves the other orders: without it, and with all of "
                   "them, the account would be $4.44 worse."))
      << scenery.text();
  bought.without = -money("4.44");
  EXPECT_FALSE(says(scenery.text(), "serves the other orders")) << "an order that is not missed serves nobody";
}

TEST(Report, an_order_away_from_its_target_is_not_said_to_come_nearer) {
  Scenery scenery;
  scenery.facts.lines[1].target = Weight();
  EXPECT_TRUE(says(scenery.text(), "Buy 5 BBB at $100.00, $500.00 in all, to stand in for what is sold or may not be"));
  scenery.facts.lines[1].target = Weight::parse("0.01").value();
  EXPECT_TRUE(says(scenery.text(), "beyond its own target, to balance what is held of others."));
}

TEST(Report, a_drift_that_an_order_made_is_not_said_to_be_left) {
  Scenery scenery;
  scenery.result.reasons.push_back(
      Scenery::row("BBB", "", Decision::kept, rule::request_directed, {"9.19", "0", "1.28", "2.93", "10.84"}));
  EXPECT_TRUE(says(scenery.text(), "Bought today, and not sold again: a person ordered the trade (directed.csv)"))
      << scenery.text();
}

TEST(Report, purposes_add_up_to_the_improvement) {
  Scenery scenery;
  scenery.result.reasons[2].rule = "harvest_loss";
  const std::string text = scenery.text();
  EXPECT_TRUE(says(text, "to take a loss for tax 1 $75.27 -$13.19 -$1.16 -$2.66 $58.26")) << text;
  EXPECT_TRUE(says(text, "together 2 $73.26 -$13.19 -$2.44 $0.00 $57.63")) << text;
}

TEST(Report, an_account_that_is_held_says_what_to_do) {
  Scenery scenery;
  scenery.result.status = ResultStatus::held;
  scenery.result.orders.clear();
  scenery.result.reasons.clear();
  scenery.facts.exceptions = {
      {rule::price_too_old, Severity::hold, {}, {}, "12", "5", "the price of AAA is 12 days old: add a newer one"}};
  scenery.facts.next_steps = {"Get a newer price."};
  const std::string text = scenery.text();
  EXPECT_TRUE(says(text, "hold: the price of AAA is 12 days old: add a newer one (price_too_old)")) << text;
  EXPECT_TRUE(says(text, "Next: Get a newer price.")) << text;
  EXPECT_TRUE(says(text, "No orders leave the account until then.")) << text;
}

// Eleven more purchases of $1 to $11: of 13 orders the two of the scenery and the largest of these are told.
TEST(Report, of_many_orders_the_largest_are_told_and_the_sum_of_the_others) {
  Scenery scene;
  for (int i = 1; i <= 11; ++i) {
    Order order = scene.result.orders.back();
    order.trade.amount = Money::of_whole(i);
    scene.result.orders.push_back(order);
  }
  const Report whole = report_of(scene.facts);
  const auto lines_with = [](const Report& report, std::string_view word) {
    std::size_t found = 0;
    for (const Section& section : report.sections) {
      for (const Item& item : section.items) found += item.sentence.find(word) != std::string::npos ? 1 : 0;
    }
    return found;
  };
  EXPECT_EQ(lines_with(whole, " in all, "), 13U);
  const Report shortened = with_largest_orders(scene.facts, whole, 3);
  EXPECT_EQ(lines_with(shortened, " in all, "), 3U);
  EXPECT_EQ(lines_with(shortened, "$11.00 in all"), 1U);
  EXPECT_EQ(lines_with(shortened, "And 10 smaller orders of $55.00 in all: --all"), 1U) << "1 to 10";
  EXPECT_EQ(lines_with(with_largest_orders(scene.facts, whole, 12), " in all, "), 13U) << "one line saves nothing";
}

TEST(Report, json_has_the_same_figures) {
  const Scenery scenery;
  const auto json = nlohmann::json::parse(json_of(scenery.facts, report_of(scenery.facts)));
  EXPECT_EQ(json.at("status"), "traded");
  EXPECT_EQ(json.at("reasons").at(2).at("tax"), 13.19);
  EXPECT_EQ(json.at("orders").at(0).at("lots").at(0).at("gain"), 250.0);
  EXPECT_EQ(json.at("gap"), 0.14);
  EXPECT_EQ(json.at("lines").at(3).at("security_id"), "cash");
  EXPECT_FALSE(json.at("explanation").empty());
}

TEST(Report, lines_of_text_are_short_and_free_of_control_characters) {
  Scenery scenery;
  scenery.book.securities[0].name = "Bell\a and\x1b[31m red";
  const std::string text = text_of(report_of(scenery.facts));
  EXPECT_TRUE(std::ranges::none_of(text, [](char c) { return c != '\n' && static_cast<unsigned char>(c) < 0x20; }));
  std::size_t length = 0;
  for (const char c : text) {
    length = c == '\n' ? 0 : length + 1;
    EXPECT_LE(length, 100U);
  }
}

TEST(Page, escapes_what_a_book_says_and_names_nothing_outside) {
  Scenery scenery;
  scenery.book.securities[0].name = "<script>alert('x')</script> & \"Sons\"";
  scenery.book.securities[1].asset_class = "a<b";
  const std::string page = page_of(scenery.facts, report_of(scenery.facts));
  EXPECT_FALSE(says(page, "<script"));
  EXPECT_TRUE(says(page, "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &amp; &quot;Sons&quot;"));
  EXPECT_TRUE(says(page, "a&lt;b"));
  for (const char* outside : {"http:", "https:", "src=", "url(", "@import"})
    EXPECT_FALSE(says(page, outside)) << outside;
}

TEST(Page, draws_target_before_and_after_with_a_title_and_description) {
  const Scenery scenery;
  const std::string page = page_of(scenery.facts, report_of(scenery.facts));
  EXPECT_TRUE(says(page, "<title id=\"lines-title\">"));
  EXPECT_TRUE(says(page, "<desc id=\"lines-desc\">"));
  const double whole = scenery.result.investable.to_double();
  EXPECT_TRUE(
      says(page, "AAA: target 33.00 %, before " + percent(2500.0 / whole) + ", after " + percent(1500.0 / whole)));
  EXPECT_TRUE(says(page, "<td class=\"word\">L1</td>"));
}

TEST(Words, dollars_have_commas_and_cents_and_prices_every_decimal) {
  EXPECT_EQ(usd(money("1234567.5")), "$1,234,567.50");
  EXPECT_EQ(usd(money("-1999.005")), "-$1,999.01");
  EXPECT_EQ(usd(money("-0.004")), "$0.00");
  EXPECT_EQ(usd(Price::parse("0.123456").value()), "$0.123456");
  EXPECT_EQ(usd(1000.0), "$1,000.00");
  EXPECT_EQ(usd(-0.001), "$0.00");
}

}  // namespace
}  // namespace lotwright::reports
