#include "run/match.h"

#include <gtest/gtest.h>

#include "book/rules.h"
#include "run/match_report.h"
#include "run/what_if.h"
#include "testing/book_builder.h"

namespace lotwright {
namespace {

// 600 AAA and 400 BBB, half of it gain: NEAR is what is held, MIRROR and M want CCC too, QUIET is of another risk.
BookBuilder funded() {
  BookBuilder builder;
  for (const char* id : {"AAA", "BBB", "CCC"}) builder.security({.id = id, .price = "100"});
  builder.security({.id = "CALM", .price = "100", .exposures = {0.1}, .volatility = 0.02});
  builder.model("M", {{"BBB", "0.5"}, {"CCC", "0.5"}}).model("NEAR", {{"AAA", "0.6"}, {"BBB", "0.4"}});
  builder.model("MIRROR", {{"AAA", "0.5"}, {"CCC", "0.5"}}).model("QUIET", {{"CALM", "1"}});
  builder.account({.id = "A", .cash = "0"});
  builder.policy("A", "cash_target", "0").policy("A", "cash_min", "0");
  builder.lot({.account = "A", .security = "AAA", .quantity = "600", .cost_basis = "30000"});
  builder.lot({.account = "A", .security = "BBB", .quantity = "400", .cost_basis = "20000"});
  return builder;
}

std::vector<inputs::Fit> fits_of(const std::vector<std::string>& models) {
  std::vector<inputs::Fit> fits;
  for (const std::string& id : models) {
    inputs::Fit& fit = fits.emplace_back();
    fit.model = id;
    fit.follows = id;
  }
  return fits;
}

const std::vector<std::string> all_models{"M", "MIRROR", "NEAR", "QUIET"};

Matches matches_of(const Book& book, int threads = 1, const RiskBand& band = {}) {
  return match_models(book, fits_of(all_models), "A", band, threads).value();
}

const ModelMatch& match_of(const Matches& matches, const std::string& model) {
  return *std::ranges::find(matches.matches, model, [](const ModelMatch& one) { return one.fit.model; });
}

TEST(Match, the_model_that_is_held_already_costs_nothing_and_comes_first) {
  const Matches matches = matches_of(funded().build());
  EXPECT_EQ(matches.matches.front().fit.model, "NEAR");
  EXPECT_NEAR(matches.matches.front().parts.total(), 0.0, 1e-6);
  EXPECT_TRUE(matches.matches.front().result.orders.empty());
  EXPECT_GT(match_of(matches, "M").parts.total(), 100.0);
  EXPECT_TRUE(match_of(matches, "M").is_present);
}

TEST(Match, overlap_is_what_is_held_and_wanted) {
  // cash_target 0.01: of $100,000 NEAR wants 59,400 of 60,000 AAA and 39,600 of 40,000 BBB; MIRROR 49,500 of the AAA.
  const Matches matches = matches_of(funded().policy("A", "cash_target", "0.01").build());
  EXPECT_NEAR(match_of(matches, "NEAR").overlap, 0.99, 1e-9);
  EXPECT_NEAR(match_of(matches, "MIRROR").overlap, 0.495, 1e-9);
  EXPECT_NEAR(match_of(matches, "QUIET").overlap, 0.0, 1e-9);
}

TEST(Match, what_is_of_other_risk_stands_behind_whatever_it_costs) {
  const Matches matches = matches_of(funded().build());
  const ModelMatch& quiet = match_of(matches, "QUIET");
  ASSERT_TRUE(quiet.in_band.has_value());
  EXPECT_FALSE(*quiet.in_band);
  EXPECT_EQ(matches.matches.back().fit.model, "QUIET");
  const Matches wide = matches_of(funded().build(), 1, {.width = 0.99, .relative = false});
  EXPECT_TRUE(*match_of(wide, "QUIET").in_band);
}

TEST(Match, both_ends_of_the_band_are_in_it) {
  EXPECT_TRUE((RiskBand{.width = 0.10, .relative = true}.has(0.22, 0.20)));
  EXPECT_FALSE((RiskBand{.width = 0.10, .relative = true}.has(0.2201, 0.20)));
  EXPECT_TRUE((RiskBand{.width = 0.01, .relative = false}.has(0.19, 0.20)));
  EXPECT_FALSE((RiskBand{.width = 0.01, .relative = false}.has(0.1899, 0.20)));
}

TEST(Match, a_band_is_a_percentage_or_a_difference_below_one) {
  EXPECT_TRUE(read_risk_band("10 %").value().relative);
  EXPECT_NEAR(read_risk_band("10%").value().width, 0.1, 1e-12);
  EXPECT_FALSE(read_risk_band("0.01").value().relative);
  for (const char* wrong : {"", "%", "ten", "-1%", "1", "nan", "0.1x"})
    EXPECT_EQ(read_risk_band(wrong).failure().rule, rule::data_number_out_of_range) << wrong;
}

TEST(Match, figures_are_those_of_what_if) {
  const Book book = funded().build();
  const Matches matches = matches_of(book);
  for (const std::string& model : all_models) {
    const auto asked = what_if(book, "A", {{.name = model, .settings = {}, .model = model, .requests = {}}},
                               [](const auto&) { return Result<Book>(Failure{}); });
    const AccountResult& result = *asked->facts.variants.back().result;
    const ModelMatch& match = match_of(matches, model);
    EXPECT_EQ(match.result.orders.size(), result.orders.size()) << model;
    EXPECT_EQ(match.result.tax, result.tax) << model;
    EXPECT_NEAR(match.parts.total(), result.objective_after, 1e-6) << model;
    EXPECT_EQ(match.result.bound, result.bound) << model;
  }
}

TEST(Match, threads_change_nothing) {
  const Book book = funded().build();
  EXPECT_EQ(csv_of(matches_of(book, 1)), csv_of(matches_of(book, 4)));
}

TEST(Match, a_model_with_a_name_that_has_no_price_is_listed_last_with_the_reason) {
  BookBuilder builder = funded();
  builder.security({.id = "DARK", .price = ""}).model("BLIND", {{"DARK", "1"}});
  const Matches matches = match_models(builder.build(), fits_of({"BLIND", "M", "NEAR"}), "A", {}, 1).value();
  EXPECT_EQ(matches.matches.back().fit.model, "BLIND");
  EXPECT_NE(matches.matches.back().why_not.find("DARK"), std::string::npos) << matches.matches.back().why_not;
  EXPECT_TRUE(matches.volatility.has_value());
}

TEST(Match, an_account_held_with_its_present_model_is_still_told_what_others_cost) {
  BookBuilder builder = funded();
  builder.security({.id = "DARK", .price = ""}).model("BLIND", {{"DARK", "1"}});
  Book book = builder.build();
  const auto blind = std::ranges::find(book.models, "BLIND", [](const Model& one) { return one.id.text; });
  book.accounts[0].model = "BLIND";
  book.accounts[0].model_index = static_cast<std::uint32_t>(blind - book.models.begin());
  const Matches matches = match_models(book, fits_of({"BLIND", "M", "NEAR"}), "A", {}, 1).value();
  EXPECT_FALSE(matches.volatility.has_value()) << "nothing is called of equal risk";
  EXPECT_EQ(matches.matches.front().fit.model, "NEAR");
  EXPECT_FALSE(matches.matches.front().in_band.has_value());
  EXPECT_NE(matches.present_why_not.find("DARK"), std::string::npos);
}

TEST(Match, an_account_that_no_model_helps_is_refused_with_its_hold) {
  BookBuilder builder = funded();
  builder.lot({.account = "A", .security = "BBB", .quantity = "10"});
  builder.policy("A", "unknown_basis", "hold");
  const auto refused = match_models(builder.build(), fits_of(all_models), "A", {}, 1);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.failure().rule, rule::data_unknown_basis);
}

TEST(Match, the_restrictions_of_the_account_stay_on) {
  BookBuilder builder = funded();
  builder.restriction({.scope_id = "A", .rule = RestrictionRule::never_sell, .subject_id = "AAA"});
  for (const ModelMatch& match : matches_of(builder.build()).matches) {
    for (const Order& order : match.result.orders) EXPECT_NE(order.trade.security.value, 0U) << match.fit.model;
  }
}

}  // namespace
}  // namespace lotwright
