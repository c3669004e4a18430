#include "run/gates.h"

#include <gtest/gtest.h>

#include "run/previous.h"
#include "run/run_fixtures.h"
#include "testing/book_builder.h"
#include "testing/households.h"

namespace lotwright {
namespace {

AccountResult with_order(const Book& book, const std::string& account, const char* amount, double tax) {
  AccountResult result;
  result.account = account_index(book, account);
  Order order;
  order.trade.security = security_index(book, "AAA");
  order.trade.amount = money(amount);
  result.orders = {order};
  result.tax = tax;
  return result;
}

Book book_with(const std::function<void(Gates&)>& set) {
  return taxable_and_ira().adjust([&](Book& book) { set(book.firm.gates); }).build();
}

PreviousRun accounts_before(std::vector<std::string> ids) {
  PreviousRun previous;
  previous.accounts = std::move(ids);
  return previous;
}

PreviousRun prices_before(std::map<std::string, Price> prices) {
  PreviousRun previous;
  previous.prices = std::move(prices);
  return previous;
}

TEST(Gates, WithoutLimitsNothingBlows) {
  const Book book = book_with([](Gates&) {});
  EXPECT_TRUE(gates_of(book, {with_order(book, "TX", "1000000000", 1e9)}, {}).empty());
}

TEST(Gates, NotionalIsSummedOverAccountsAndMayReachTheLimit) {
  const Book book = book_with([](Gates& gates) { gates.one_security_notional_max = money("300"); });
  EXPECT_TRUE(gates_of(book, {with_order(book, "TX", "100", 0), with_order(book, "IRA", "200", 0)}, {}).empty());
  const Findings blown = gates_of(book, {with_order(book, "TX", "100", 0), with_order(book, "IRA", "200.01", 0)}, {});
  ASSERT_EQ(blown.size(), 1U);
  EXPECT_EQ(blown[0].rule, "gate_one_security_notional");
  EXPECT_EQ(blown[0].severity, Severity::hold);
  EXPECT_EQ(blown[0].observed, "AAA 300.01");
}

TEST(Gates, TaxIsNettedWithinATaxpayerAndNotBetweenThem) {
  Book book = taxable_and_ira().taxpayer({.id = "U"}).account({.id = "UX", .taxpayer = "U"}).build();
  book.firm.gates.tax_total_max = money("100");
  EXPECT_TRUE(gates_of(book, {with_order(book, "TX", "1", 150), with_order(book, "IRA", "1", -60)}, {}).empty());
  EXPECT_EQ(gates_of(book, {with_order(book, "TX", "1", 150), with_order(book, "UX", "1", -60)}, {}).size(), 1U);
}

TEST(Gates, AccountsThatCameAndWentCountAgainstThePreviousRun) {
  const Book book = book_with([](Gates& gates) { gates.accounts_change_max = 0.5; });
  EXPECT_TRUE(gates_of(book, {}, {}).empty()) << "no previous run, nothing to compare with";
  EXPECT_TRUE(gates_of(book, {}, accounts_before({"IRA", "TX"})).empty());
  EXPECT_TRUE(gates_of(book, {}, accounts_before({"IRA", "OLD", "TX", "X"})).empty());
  const Findings blown = gates_of(book, {}, accounts_before({"IRA", "OLD"}));
  ASSERT_EQ(blown.size(), 1U);
  EXPECT_EQ(blown[0].rule, "gate_accounts_change");
  EXPECT_EQ(blown[0].observed, "1.0000");
}

TEST(Gates, APriceMayMoveByTheLimitAndNoFurther) {
  Book book = book_with([](Gates& gates) { gates.price_move_max = 0.25; });
  book.securities[security_index(book, "AAA").value].price = price("125");
  EXPECT_TRUE(gates_of(book, {}, prices_before({{"AAA", price("100")}, {"GONE", price("1")}})).empty());
  EXPECT_EQ(gates_of(book, {}, prices_before({{"AAA", price("99.9")}})).size(), 1U);
  EXPECT_EQ(gates_of(book, {}, prices_before({{"AAA", price("170")}})).size(), 1U);
}

TEST(Gates, ManyAccountsTradeOneNameOnlyWhereAModelChanged) {
  const Book book = book_with([](Gates& gates) { gates.accounts_in_one_name_max = 1; });
  const std::vector<AccountResult> results{with_order(book, "TX", "1", 0), with_order(book, "IRA", "1", 0)};
  EXPECT_TRUE(gates_of(book, results, {}).empty()) << "nobody knows what the models were";
  PreviousRun previous;
  previous.models = {{"M", fingerprint_of(book, book.models[0])}};
  for (const char* id : {"TX", "IRA"}) previous.account_rows[id].model = "M";
  const auto judged = [&] {
    previous.model_changed = changed_models(book, previous);
    return gates_of(book, results, previous);
  };
  const Findings blown = judged();
  ASSERT_EQ(blown.size(), 1U);
  EXPECT_EQ(blown[0].rule, "gate_accounts_in_one_name");
  EXPECT_EQ(blown[0].observed, "buy AAA 2");
  previous.models->at("M") = "another";
  EXPECT_TRUE(judged().empty());
  previous.models->at("M") = fingerprint_of(book, book.models[0]);
  previous.account_rows["IRA"].model = "OLD";
  EXPECT_TRUE(judged().empty()) << "one account is left";
}

TEST(Gates, ACustomizedAccountsModelIsComparedUnderItsOwnId) {
  Book book = book_with([](Gates& gates) { gates.accounts_in_one_name_max = 0; });
  Model own = book.models[0];
  own.id = ModelId("M of TX");
  own.weights.resize(1);
  book.models.push_back(own);
  book.accounts[account_index(book, "TX").value].model_index = static_cast<std::uint32_t>(book.models.size()) - 1;
  const std::vector<AccountResult> results{with_order(book, "TX", "1", 0)};
  PreviousRun previous;
  previous.models = {{"M", fingerprint_of(book, book.models[0])}, {"M of TX", fingerprint_of(book, own)}};
  previous.account_rows["TX"].model = "M";
  previous.model_changed = changed_models(book, previous);
  EXPECT_EQ(gates_of(book, results, previous).size(), 1U);
  previous.models->at("M of TX") = "another";
  previous.model_changed = changed_models(book, previous);
  EXPECT_TRUE(gates_of(book, results, previous).empty());
}

// $1 of $10,000 is 1 bp.
TEST(Gates, TheProvedGapMayRiseByTheLimitAndNoFurther) {
  const Book book = book_with([](Gates& gates) { gates.gap_rise_bps_max = *BasisPoints::parse("0.5"); });
  AccountResult result;
  result.account = account_index(book, "TX");
  result.investable = money("10000");
  result.gap = money("1");
  PreviousRun previous;
  EXPECT_TRUE(gates_of(book, {result}, previous).empty()) << "nobody knows what it was";
  previous.gap = *BasisPoints::parse("0.5");
  EXPECT_TRUE(gates_of(book, {result}, previous).empty());
  previous.gap = *BasisPoints::parse("0.49");
  const std::vector<BlownGate> blown = blown_gates(book, {result}, previous);
  ASSERT_EQ(blown.size(), 1U);
  EXPECT_EQ(blown[0].finding.rule, "gate_gap_rise");
  EXPECT_EQ(blown[0].finding.observed, "0.51");
  EXPECT_EQ(blown[0].largest.at(0), (std::vector<std::string>{"TX", "$1.00", "$10,000.00"}));
  result.gap.reset();
  EXPECT_TRUE(gates_of(book, {result}, previous).empty()) << "of a held account nothing is proved";
}

TEST(Gates, OrdersMayReachTheShareOfTheDailyVolume) {
  Book book = book_with([](Gates& gates) { gates.share_of_volume_max = weight("0.1"); });
  std::vector<AccountResult> results{with_order(book, "TX", "1", 0)};
  results[0].orders[0].trade.quantity = shares("100");
  EXPECT_TRUE(gates_of(book, results, {}).empty()) << "no volume is known";
  Security& security = book.securities[security_index(book, "AAA").value];
  security.daily_volume = shares("1000");
  EXPECT_TRUE(gates_of(book, results, {}).empty());
  security.daily_volume = shares("999");
  const Findings blown = gates_of(book, results, {});
  ASSERT_EQ(blown.size(), 1U);
  EXPECT_EQ(blown[0].rule, "gate_share_of_volume");
}

TEST(Gates, PositionsMayDifferUpToTheShare) {
  Book book = book_with([](Gates& gates) { gates.share_breaks_max = weight("0.25"); });
  for (const TaxLot& lot : book.account(account_index(book, "IRA")).lots)
    book.positions.push_back({account_index(book, "IRA"), lot.security, lot.quantity});
  for (const TaxLot& lot : book.account(account_index(book, "TX")).lots)
    book.positions.push_back({account_index(book, "TX"), lot.security, lot.quantity});
  EXPECT_TRUE(gates_of(book, {}, {}).empty());
  book.positions[0].quantity = shares("1");
  EXPECT_TRUE(gates_of(book, {}, {}).empty()) << "one of four";
  book.positions[1].quantity = shares("1");
  const std::vector<BlownGate> blown = blown_gates(book, {}, {});
  ASSERT_EQ(blown.size(), 1U);
  EXPECT_EQ(blown[0].finding.rule, "gate_share_breaks");
  EXPECT_EQ(blown[0].largest.size(), 2U);
}

TEST(PreviousRun, AFolderThatIsNoOutputFolderIsAFailure) {
  EXPECT_FALSE(read_previous("/nowhere/at/all", taxable_and_ira().build()).ok());
}

}  // namespace
}  // namespace lotwright
