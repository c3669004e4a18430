#include "run/peers.h"

#include <gtest/gtest.h>

#include "testing/book_builder.h"

namespace lotwright {
namespace {

// Twelve accounts of model M, each 1 % off after the orders, the first `times` as far.
struct Twelve {
  Book book;
  std::vector<AccountResult> results;

  explicit Twelve(double times) {
    BookBuilder builder;
    builder.security({.id = "AAA"});
    for (int i = 0; i < 12; ++i) builder.account({.id = "A" + std::to_string(10 + i)});
    book = builder.build();
    book.firm.exception_rules = {{.name = "far",
                                  .measure = ExceptionMeasure::tracking_error_of_peers,
                                  .limit = 3.0,
                                  .value_min = {},
                                  .value_max = {},
                                  .policy = {}}};
    for (std::uint32_t i = 0; i < 12; ++i) {
      AccountResult& result = results.emplace_back();
      result.account = {i};
      result.value = result.investable = *Money::parse("10000");
      result.tracking_error_after = i == 0 ? 0.01 * times : 0.01;
    }
  }
};

ReasonRow kept(const char* rule, const char* share) {
  ReasonRow row;
  row.security_id = "AAA";
  row.rule = rule;
  row.share = *Money::parse(share);
  return row;
}

TEST(Peers, AnAccountThreeTimesAsFarAsHalfOfThemIsNotToldAndOneFartherIs) {
  Twelve at(3.0);
  EXPECT_FALSE(compare_peers(at.book, at.results));
  Twelve beyond(3.01);
  EXPECT_TRUE(compare_peers(beyond.book, beyond.results));
  ASSERT_EQ(beyond.results[0].exceptions.size(), 1U);
  EXPECT_EQ(beyond.results[0].exceptions[0].rule, "unusual_far");
  EXPECT_TRUE(awaits_release(beyond.results[0]));
  for (std::size_t i = 1; i < 12; ++i) EXPECT_TRUE(beyond.results[i].exceptions.empty());
}

TEST(Peers, SaysWhatKeepsItThere) {
  Twelve one(5.0);
  one.results[0].reasons = {kept("restriction_never_sell", "30"), kept("restriction_never_buy", "50"),
                            kept("wash_sale_window", "20")};
  compare_peers(one.book, one.results);
  const std::string& message = one.results[0].exceptions.at(0).message;
  EXPECT_NE(message.find("80 % of what could be closed stays for cause 'restriction'"), std::string::npos) << message;
  Twelve other(5.0);
  compare_peers(other.book, other.results);
  EXPECT_NE(other.results[0].exceptions.at(0).message.find("noise"), std::string::npos);
}

TEST(Peers, TooFewOthersSayNothing) {
  Twelve one(5.0);
  one.results[1].status = one.results[2].status = ResultStatus::held;
  EXPECT_FALSE(compare_peers(one.book, one.results)) << "nine others";
}

}  // namespace
}  // namespace lotwright
