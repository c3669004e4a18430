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

// The run before, in which both accounts followed M as the book has it now.
PreviousRun models_before(const Book& book) {
  PreviousRun previous;
  previous.models.emplace();
  for (const Model& model : book.models) (*previous.models)[model.id.text].weights = model.weights;
  for (const char* id : {"TX", "IRA"}) previous.account_rows[id].model = "M";
  return previous;
}

TEST(Gates, APriceAfterASplitIsComparedByTheShare) {
  Book book = book_with([](Gates& gates) { gates.price_move_max = 0.25; });
  const SecurityIndex aaa = security_index(book, "AAA");
  book.securities[aaa.value].price = price("50");
  CorporateAction split;
  split.id = "X";
  split.security = aaa;
  split.effective_on = book.firm.as_of;
  split.ratio = shares("2");
  PreviousRun previous = prices_before({{"AAA", price("100")}});
  previous.as_of = book.firm.as_of - 1;
  EXPECT_EQ(gates_of(book, {}, previous).size(), 1U);
  book.corporate_actions = {split};
  EXPECT_TRUE(gates_of(book, {}, previous).empty()) << "booked in the lots or not, the price has it";
  book.securities[aaa.value].price = price("100");
  const Findings blown = gates_of(book, {}, previous);
  ASSERT_EQ(blown.size(), 1U) << "the split is not in the price";
  EXPECT_EQ(blown[0].observed, "AAA 1.0000");
  book.securities[aaa.value].price = price("50");
  previous.prices["AAA"] = price("50");
  previous.believed["AAA"] = {price("50"), book.firm.as_of};
  EXPECT_TRUE(gates_of(book, {}, previous).empty()) << "that price was of today already";
}

TEST(Gates, ManyAccountsTradeOneNameOnlyWhereItsWeightMovedThatFar) {
  const Book book = book_with([](Gates& gates) { gates.accounts_in_one_name_max = 1; });
  std::vector<AccountResult> results{with_order(book, "TX", "200", 0), with_order(book, "IRA", "200", 0)};
  for (AccountResult& result : results) result.investable = money("1000");
  EXPECT_TRUE(gates_of(book, results, {}).empty()) << "nobody knows what the models were";
  PreviousRun previous = models_before(book);
  const Findings blown = gates_of(book, results, previous);
  ASSERT_EQ(blown.size(), 1U);
  EXPECT_EQ(blown[0].rule, "gate_accounts_in_one_name");
  EXPECT_EQ(blown[0].observed, "buy AAA 2");
  std::vector<ModelWeight>& then = (*previous.models)["M"].weights;
  const auto was = [&](const char* aaa, const char* bbb) {
    then[0].weight = weight(aaa);
    then[1].weight = weight(bbb);
    return gates_of(book, results, previous);
  };
  EXPECT_EQ(was("0.4999", "0.5001").size(), 1U) << "a hair of weight is no reason for a fifth";
  EXPECT_EQ(was("0.41", "0.59").size(), 1U) << "0.09 more is not for orders of 0.2";
  EXPECT_TRUE(was("0.4", "0.6").empty()) << "0.1 more may be: twice as much is of one degree";
  EXPECT_EQ(was("0.6", "0.4").size(), 1U) << "and less of it is for no purchase";
  was("0.5", "0.5");
  previous.account_rows["IRA"].model = "OLD";
  EXPECT_TRUE(gates_of(book, results, previous).empty()) << "one account is left";
  previous.account_rows["IRA"].model = "M";
  previous.account_rows.erase("TX");
  EXPECT_TRUE(gates_of(book, results, previous).empty()) << "a new account buys all of its model";
}

TEST(Gates, ACustomizedAccountsModelIsComparedUnderItsOwnId) {
  Book book = book_with([](Gates& gates) { gates.accounts_in_one_name_max = 0; });
  Model own = book.models[0];
  own.id = ModelId("M of TX");
  own.weights.resize(1);
  own.weights[0].weight = weight("1");
  book.models.push_back(own);
  book.accounts[account_index(book, "TX").value].model_index = static_cast<std::uint32_t>(book.models.size()) - 1;
  std::vector<AccountResult> results{with_order(book, "TX", "500", 0)};
  results[0].investable = money("1000");
  PreviousRun previous = models_before(book);
  EXPECT_TRUE(gates_of(book, results, previous).empty()) << "it followed M, half of AAA";
  previous.account_rows["TX"].model = "M of TX";
  EXPECT_EQ(gates_of(book, results, previous).size(), 1U);
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
  book.positions.clear();
  EXPECT_TRUE(gates_of(book, {}, {}).empty()) << "no file, no word";
  book.files = {{.name = "positions.csv", .sha256 = {}, .bytes = 31, .rows = 0}};
  EXPECT_EQ(gates_of(book, {}, {}).at(0).observed, "1.0000") << "a file without a row says that nothing is held";
}

TEST(PreviousRun, AFolderThatIsNoOutputFolderIsAFailure) {
  EXPECT_FALSE(read_previous("/nowhere/at/all", taxable_and_ira().build()).ok());
}

}  // namespace
}  // namespace lotwright
