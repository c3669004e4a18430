#include "book/policy.h"

#include <gtest/gtest.h>

#include "book/rules.h"

namespace lotwright {
namespace {

struct Written {
  const char* name;
  const char* value;
};

// Just inside the range of every setting.
TEST(SetPolicy, TakesTheEndsOfEveryRange) {
  for (const auto& [name, value] : std::initializer_list<Written>{{"mode", "full"},
                                                                  {"mode", "buy_only"},
                                                                  {"mode", "sell_only"},
                                                                  {"mode", "cash_only"},
                                                                  {"mode", "harvest_only"},
                                                                  {"mode", "hold"},
                                                                  {"risk_aversion", "0"},
                                                                  {"risk_aversion", "1000000"},
                                                                  {"tax_weight", "0"},
                                                                  {"tax_weight", "1000"},
                                                                  {"basis_value", "0"},
                                                                  {"basis_value", "1"},
                                                                  {"loss_value", "0"},
                                                                  {"loss_value", "1.0"},
                                                                  {"wash_sale_disallowed_max_usd", "0"},
                                                                  {"wash_sale_disallowed_max_usd", "1000000000000"},
                                                                  {"cash_raise_days", "0"},
                                                                  {"cash_raise_days", "3650"},
                                                                  {"cash_target", "0"},
                                                                  {"cash_target", "1"},
                                                                  {"cash_min", "0.000000000001"},
                                                                  {"cash_max", "1"},
                                                                  {"trade_min_usd", "0"},
                                                                  {"trade_min_weight", "1"},
                                                                  {"ticket_cost_usd", "4.95"},
                                                                  {"commission_bps", "10000"},
                                                                  {"improvement_min_bps", "0"},
                                                                  {"turnover_max", "0.30"},
                                                                  {"turnover_max", "none"},
                                                                  {"turnover_max", ""},
                                                                  {"rebalance_days_min", "3650"},
                                                                  {"long_term_wait_days", "0"},
                                                                  {"waiting_weight", "0"},
                                                                  {"waiting_weight", "10"},
                                                                  {"unknown_basis", "exclude"},
                                                                  {"unknown_basis", "hold"},
                                                                  {"unknown_basis", "zero"},
                                                                  {"short_term_gains", "allow"},
                                                                  {"short_term_gains", "avoid"},
                                                                  {"gain_budget", "0"},
                                                                  {"gain_budget", "none"},
                                                                  {"tax_budget", "12000.50"},
                                                                  {"tax_budget", ""},
                                                                  {"budget_prorated", "yes"},
                                                                  {"budget_prorated", "no"},
                                                                  {"harvest", "yes"},
                                                                  {"harvest", "no"},
                                                                  {"position_weight_max", "0.05"},
                                                                  {"position_weight_max", "none"},
                                                                  {"names_max", "1"},
                                                                  {"names_max", "none"},
                                                                  {"price_age_days_max", "0"},
                                                                  {"band_us_equity_min", "0"},
                                                                  {"band_us_equity_max", "1"},
                                                                  {"band_us_equity_max", "none"},
                                                                  {"band_us_equity_price_bps", "10000"},
                                                                  {"model_as_of", "2025-02-28"},
                                                                  {"model_as_of", "none"},
                                                                  {"household_model", "BALANCED"},
                                                                  {"household_model", "none"},
                                                                  {"household_tracking_error_max", "0.02"},
                                                                  {"mix_us_equity", "0"},
                                                                  {"mix_us_equity", "1"},
                                                                  {"mix_us_equity", "none"},
                                                                  {"product_us_equity", "INDEX"},
                                                                  {"product_us_equity", "none"},
                                                                  {"location_bonds_bps", "25"},
                                                                  {"location_bonds_bps", "none"},
                                                                  {"screen_faith", "divest_now"},
                                                                  {"screen_faith", "tax_grace"},
                                                                  {"screen_faith", "off"},
                                                                  {"screen_faith", "none"},
                                                                  {"screen_fund_part_max", "1"},
                                                                  {"expiry_notice_days", "0"}}) {
    Policy policy;
    EXPECT_EQ(set_policy(policy, name, value), std::nullopt) << name << " = " << value;
  }
}

// Just outside it: the failure names the setting, the value and what may be written, and the policy stays as it was.
TEST(SetPolicy, RefusesWhatIsOutsideTheRange) {
  for (const auto& [name, value] : std::initializer_list<Written>{{"mode", "Full"},
                                                                  {"mode", ""},
                                                                  {"risk_aversion", "-0.1"},
                                                                  {"risk_aversion", "1000000.1"},
                                                                  {"risk_aversion", "2e1"},
                                                                  {"risk_aversion", "none"},
                                                                  {"risk_aversion", "nan"},
                                                                  {"tax_weight", "1001"},
                                                                  {"basis_value", "1.01"},
                                                                  {"loss_value", "-0.01"},
                                                                  {"wash_sale_disallowed_max_usd", "-1"},
                                                                  {"wash_sale_disallowed_max_usd", "0.0000001"},
                                                                  {"cash_raise_days", "-1"},
                                                                  {"cash_raise_days", "3651"},
                                                                  {"cash_raise_days", "1.5"},
                                                                  {"cash_target", "1.000000000001"},
                                                                  {"cash_target", "1%"},
                                                                  {"cash_min", "-0.001"},
                                                                  {"cash_max", ""},
                                                                  {"trade_min_usd", "-200"},
                                                                  {"trade_min_weight", "5"},
                                                                  {"ticket_cost_usd", "none"},
                                                                  {"commission_bps", "10000.1"},
                                                                  {"improvement_min_bps", "-1"},
                                                                  {"turnover_max", "30"},
                                                                  {"rebalance_days_min", "-1"},
                                                                  {"long_term_wait_days", "3651"},
                                                                  {"waiting_weight", "-0.1"},
                                                                  {"waiting_weight", "10.1"},
                                                                  {"unknown_basis", "ignore"},
                                                                  {"short_term_gains", "yes"},
                                                                  {"gain_budget", "-1"},
                                                                  {"tax_budget", "-0.01"},
                                                                  {"budget_prorated", "true"},
                                                                  {"harvest", ""},
                                                                  {"position_weight_max", "1.1"},
                                                                  {"names_max", "0"},
                                                                  {"price_age_days_max", "-1"},
                                                                  {"band_us_equity_min", "-0.1"},
                                                                  {"band_us_equity_max", "1.1"},
                                                                  {"band_us_equity_price_bps", "-1"},
                                                                  {"model_as_of", "2025-02-29"},
                                                                  {"household_tracking_error_max", "2"},
                                                                  {"mix_us_equity", "1.000000000001"},
                                                                  {"mix_us_equity", "30 %"},
                                                                  {"location_bonds_bps", "-25"},
                                                                  {"screen_faith", "yes"},
                                                                  {"screen_fund_part_max", "1.1"},
                                                                  {"expiry_notice_days", "-1"}}) {
    Policy policy;
    const std::optional<Failure> failure = set_policy(policy, name, value);
    ASSERT_TRUE(failure) << name << " = " << value;
    EXPECT_EQ(failure->rule, rule::data_setting_value);
    EXPECT_NE(failure->message.find(name), std::string::npos);
    EXPECT_NE(failure->message.find("\"" + std::string(value) + "\""), std::string::npos);
    EXPECT_NE(failure->message.find("write "), std::string::npos);
    EXPECT_EQ(policy, Policy{}) << name << " = " << value;
  }
}

TEST(SetPolicy, RefusesNamesItDoesNotKnow) {
  for (const char* name : {"", "cash", "band_", "band__min", "band_us_equity", "Mode", "mix_", "product_", "screen_"}) {
    Policy policy;
    const std::optional<Failure> failure = set_policy(policy, name, "0");
    ASSERT_TRUE(failure) << name;
    EXPECT_EQ(failure->rule, rule::data_setting_unknown) << name;
    EXPECT_NE(failure->message.find("long_term_wait_days"), std::string::npos);
  }
}

// Every setting in the list can be written, lands in a field of its own, and its default is docs/data.md's.
TEST(SetPolicy, WritesItsOwnFieldAndNoOther) {
  Policy policy;
  const auto write = [&](const char* name, const char* value) {
    ASSERT_EQ(set_policy(policy, name, value), std::nullopt) << name;
  };
  write("mode", "sell_only");
  write("risk_aversion", "12.5");
  write("tax_weight", "0.75");
  write("basis_value", "0.4");
  write("loss_value", "0.8");
  write("wash_sale_disallowed_max_usd", "10.25");
  write("cash_raise_days", "7");
  write("cash_target", "0.03");
  write("cash_min", "0.02");
  write("cash_max", "0.04");
  write("trade_min_usd", "100");
  write("trade_min_weight", "0.001");
  write("ticket_cost_usd", "1");
  write("commission_bps", "0.5");
  write("improvement_min_bps", "2");
  write("turnover_max", "0.3");
  write("rebalance_days_min", "14");
  write("long_term_wait_days", "45");
  write("waiting_weight", "0.5");
  write("unknown_basis", "zero");
  write("short_term_gains", "avoid");
  write("gain_budget", "5000");
  write("tax_budget", "1000");
  write("budget_prorated", "yes");
  write("harvest", "no");
  write("position_weight_max", "0.1");
  write("names_max", "80");
  write("price_age_days_max", "3");
  write("band_us_equity_min", "0.2");
  write("band_us_equity_max", "0.6");
  write("band_us_equity_price_bps", "50");
  write("model_as_of", "2025-01-31");
  write("household_model", "BALANCED");
  write("household_tracking_error_max", "0.015");
  write("mix_bonds", "0.4");
  write("product_bonds", "MUNI");
  write("location_bonds_bps", "30");
  write("screen_faith", "tax_grace");
  write("screen_fund_part_max", "0.1");
  write("expiry_notice_days", "7");

  Policy expected;
  expected.mode = Mode::sell_only;
  expected.risk_aversion = 12.5;
  expected.tax_weight = 0.75;
  expected.basis_value = 0.4;
  expected.loss_value = 0.8;
  expected.wash_sale_disallowed_max = *Money::parse("10.25");
  expected.cash_raise_days = 7;
  expected.cash_target = *Weight::parse("0.03");
  expected.cash_min = *Weight::parse("0.02");
  expected.cash_max = *Weight::parse("0.04");
  expected.trade_min = Money::of_whole(100);
  expected.trade_min_weight = *Weight::parse("0.001");
  expected.ticket_cost = Money::of_whole(1);
  expected.commission = *BasisPoints::parse("0.5");
  expected.improvement_min = BasisPoints::of_whole(2);
  expected.turnover_max = *Weight::parse("0.3");
  expected.rebalance_days_min = 14;
  expected.long_term_wait_days = 45;
  expected.waiting_weight = *Weight::parse("0.5");
  expected.unknown_basis = UnknownBasis::zero;
  expected.short_term_gains = ShortTermGains::avoid;
  expected.gain_budget = Money::of_whole(5000);
  expected.tax_budget = Money::of_whole(1000);
  expected.budget_prorated = true;
  expected.harvest = false;
  expected.position_weight_max = *Weight::parse("0.1");
  expected.names_max = 80;
  expected.price_age_days_max = 3;
  expected.bands["us_equity"] = {*Weight::parse("0.2"), *Weight::parse("0.6"), BasisPoints::of_whole(50)};
  expected.model_as_of = *Date::parse("2025-01-31");
  expected.household_model = "BALANCED";
  expected.household_tracking_error_max = *Weight::parse("0.015");
  expected.mix["bonds"] = *Weight::parse("0.4");
  expected.products["bonds"] = "MUNI";
  expected.location["bonds"] = BasisPoints::of_whole(30);
  expected.screens["faith"] = ScreenUse::tax_grace;
  expected.screen_fund_part_max = *Weight::parse("0.1");
  expected.expiry_notice_days = 7;
  EXPECT_EQ(policy, expected);
}

TEST(SetPolicy, NoneTakesALimitAway) {
  Policy policy;
  for (const char* name : {"turnover_max", "gain_budget", "tax_budget", "position_weight_max", "band_bonds_min",
                           "mix_bonds", "location_bonds_bps", "band_bonds_price_bps", "product_bonds",
                           "household_tracking_error_max", "household_model"}) {
    ASSERT_EQ(set_policy(policy, name, "1"), std::nullopt);
    ASSERT_EQ(set_policy(policy, name, "none"), std::nullopt);
  }
  EXPECT_EQ(policy, Policy{});
}

TEST(SetPolicy, OffEndsAScreenOfAnEarlierLayer) {
  Policy policy;
  ASSERT_EQ(set_policy(policy, "screen_faith", "divest_now"), std::nullopt);
  ASSERT_EQ(set_policy(policy, "screen_faith", "off"), std::nullopt);
  EXPECT_EQ(policy, Policy{});
}

TEST(SetPolicy, DefaultsAreTheContracts) {
  Policy policy;
  for (const auto& [name, value] : std::initializer_list<Written>{{"mode", "full"},
                                                                  {"risk_aversion", "20"},
                                                                  {"tax_weight", "1"},
                                                                  {"basis_value", "0.3"},
                                                                  {"loss_value", "0.9"},
                                                                  {"wash_sale_disallowed_max_usd", "0"},
                                                                  {"cash_raise_days", "5"},
                                                                  {"cash_target", "0.01"},
                                                                  {"cash_min", "0.005"},
                                                                  {"cash_max", "0.02"},
                                                                  {"trade_min_usd", "200"},
                                                                  {"trade_min_weight", "0.0005"},
                                                                  {"ticket_cost_usd", "0"},
                                                                  {"commission_bps", "0"},
                                                                  {"improvement_min_bps", "1"},
                                                                  {"turnover_max", "none"},
                                                                  {"rebalance_days_min", "0"},
                                                                  {"long_term_wait_days", "30"},
                                                                  {"waiting_weight", "0"},
                                                                  {"unknown_basis", "exclude"},
                                                                  {"short_term_gains", "allow"},
                                                                  {"gain_budget", "none"},
                                                                  {"tax_budget", "none"},
                                                                  {"budget_prorated", "no"},
                                                                  {"harvest", "yes"},
                                                                  {"position_weight_max", "none"},
                                                                  {"names_max", "none"},
                                                                  {"price_age_days_max", "5"},
                                                                  {"expiry_notice_days", "0"},
                                                                  {"screen_fund_part_max", "0.05"},
                                                                  {"model_as_of", "none"},
                                                                  {"household_model", "none"},
                                                                  {"household_tracking_error_max", "none"}}) {
    ASSERT_EQ(set_policy(policy, name, value), std::nullopt) << name;
    EXPECT_EQ(policy, Policy{}) << name;
  }
  EXPECT_EQ(policy_settings().size(), 40U);  // the 33 above and the families
}

TEST(ContradictionsOf, FindsAllOfThem) {
  Policy policy;
  EXPECT_TRUE(contradictions_of(policy).empty());
  policy.cash_min = policy.cash_target = policy.cash_max;
  policy.bands["bonds"] = {*Weight::parse("0.2"), *Weight::parse("0.2"), std::nullopt};
  EXPECT_TRUE(contradictions_of(policy).empty());

  policy.cash_min = *Weight::parse("0.020000000001");
  policy.cash_max = *Weight::parse("0.019999999999");
  policy.bands["bonds"].max = *Weight::parse("0.199999999999");
  policy.bands["us_equity"] = {*Weight::parse("0.9"), std::nullopt, std::nullopt};
  const std::vector<Failure> breaches = contradictions_of(policy);
  ASSERT_EQ(breaches.size(), 4U);
  EXPECT_EQ(breaches[0].rule, rule::data_cash_settings_contradict);
  EXPECT_NE(breaches[0].message.find("cash_min 0.020000000001 is above cash_target 0.02"), std::string::npos);
  EXPECT_EQ(breaches[1].rule, rule::data_cash_settings_contradict);
  EXPECT_EQ(breaches[2].rule, rule::data_settings_contradict);
  EXPECT_NE(breaches[2].message.find("band_bonds_min 0.2 is above band_bonds_max"), std::string::npos);
  EXPECT_EQ(breaches[3].rule, rule::data_settings_contradict);
  EXPECT_EQ(breaches[3].message,
            "band_us_equity_min 0.9 and band_bonds_min 0.2 sum to 1.1, which is more than 1; lower one of them");
}

// Bands are weaker than the cash minimum and yield to it: the engine can work with that, a person should know.
TEST(ContradictionsOf, BandsThatLeaveNoCashAreTold) {
  Policy policy;
  policy.bands["bonds"].min = *Weight::parse("0.4");
  policy.bands["us_equity"].min = *Weight::parse("0.595");
  EXPECT_TRUE(contradictions_of(policy).empty());  // 0.995 and cash_min 0.005
  policy.bands["us_equity"].min = *Weight::parse("0.6");
  const std::vector<Failure> breaches = contradictions_of(policy);
  ASSERT_EQ(breaches.size(), 1U);
  EXPECT_EQ(breaches[0].rule, rule::data_cash_settings_contradict);
  EXPECT_EQ(
      breaches[0].message,
      "band_us_equity_min 0.6 and band_bonds_min 0.4 and cash_min 0.005 sum to 1.005, which is more than 1; lower "
      "one of them");
  policy.bands["bonds"].price = BasisPoints::of_whole(20);
  EXPECT_TRUE(contradictions_of(policy).empty());  // what is priced is no limit
}

TEST(ContradictionsOf, AMixOutsideItsBandIsTold) {
  Policy policy;
  policy.mix["bonds"] = *Weight::parse("0.4");
  policy.bands["bonds"] = {*Weight::parse("0.4"), *Weight::parse("0.396"), std::nullopt};  // 0.4 of the 99 % invested
  EXPECT_EQ(contradictions_of(policy).size(), 1U);                                         // min above max alone
  policy.bands["bonds"] = {std::nullopt, *Weight::parse("0.395999999999"), std::nullopt};
  ASSERT_EQ(contradictions_of(policy).size(), 1U);
  EXPECT_EQ(contradictions_of(policy)[0].rule, rule::data_settings_contradict);
  EXPECT_EQ(contradictions_of(policy)[0].message,
            "mix_bonds 0.4 is above band_bonds_max 0.395999999999; lower the first or raise the second");
  policy.bands["bonds"] = {*Weight::parse("0.400000000001"), std::nullopt, std::nullopt};
  EXPECT_EQ(contradictions_of(policy).size(), 1U);
}

}  // namespace
}  // namespace lotwright
