#include "run/unchecked_gates.h"

#include <gtest/gtest.h>

#include "run/gates.h"
#include "testing/book_builder.h"
#include "testing/households.h"

namespace lotwright {
namespace {

std::vector<std::string> settings_of(const std::vector<UncheckedGate>& gates) {
  std::vector<std::string> names;
  for (const UncheckedGate& gate : gates) names.push_back(gate.setting);
  return names;
}

AccountResult with_order(SecurityIndex security) {
  AccountResult result;
  Order order;
  order.trade.security = security;
  result.orders = {order};
  return result;
}

TEST(UncheckedGates, a_gate_without_what_it_compares_with_is_told_and_one_that_is_not_set_is_not) {
  Book book = taxable_and_ira().build();
  EXPECT_TRUE(unchecked_gates(book, {}, {}).empty());
  book.firm.gates.gap_rise_bps_max = BasisPoints::of_whole(1);
  book.firm.gates.share_breaks_max = Weight();
  EXPECT_EQ(settings_of(unchecked_gates(book, {}, {})),
            (std::vector<std::string>{"share_breaks_max", "gap_rise_bps_max"}));
  PreviousRun previous;
  previous.gap = BasisPoints();
  EXPECT_EQ(settings_of(unchecked_gates(book, {}, previous)), (std::vector<std::string>{"share_breaks_max"}));
}

TEST(UncheckedGates, prices_of_a_run_too_old_are_not_compared_and_that_is_told) {
  Book book = taxable_and_ira().build();
  book.firm.gates.price_move_max = 0.2;
  PreviousRun previous;
  previous.prices["AAA"] = *Price::parse("50");
  previous.as_of = book.firm.as_of - PreviousRun::prices_days;
  EXPECT_TRUE(unchecked_gates(book, {}, previous).empty());
  EXPECT_EQ(gates_of(book, {}, previous).size(), 1U);
  previous.as_of = book.firm.as_of - (PreviousRun::prices_days + 1);
  const std::vector<UncheckedGate> unchecked = unchecked_gates(book, {}, previous);
  ASSERT_EQ(unchecked.size(), 1U);
  EXPECT_EQ(unchecked.front().setting, std::string("price_move_max"));
  EXPECT_NE(unchecked.front().lacks.find("more than 10 days old"), std::string::npos);
  EXPECT_TRUE(gates_of(book, {}, previous).empty());
}

TEST(UncheckedGates, securities_that_are_traded_and_have_no_daily_volume_are_counted) {
  Book book = taxable_and_ira().build();
  book.firm.gates.share_of_volume_max = Weight();
  for (Security& security : book.securities) security.daily_volume.reset();
  EXPECT_TRUE(unchecked_gates(book, {}, {}).empty()) << "nothing is traded";
  const std::vector<AccountResult> results{with_order(security_index(book, "AAA"))};
  const std::vector<UncheckedGate> unchecked = unchecked_gates(book, results, {});
  ASSERT_EQ(unchecked.size(), 1U);
  EXPECT_EQ(unchecked.front().lacks, "1 of the 1 securities with orders have no daily_volume in securities.csv");
  book.securities[security_index(book, "AAA").value].daily_volume = Quantity::of_whole(100);
  EXPECT_TRUE(unchecked_gates(book, results, {}).empty());
}

}  // namespace
}  // namespace lotwright
