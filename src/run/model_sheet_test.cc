// What `lotwright models` and `lotwright settings` say of a book on disk.
#include "run/model_sheet.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "inputs/test_book.h"
#include "run/settings_sheet.h"

namespace lotwright {
namespace {

struct Read {
  Book book;
  inputs::Origins origins;
};

// GROWTH: 60 % stocks by a nested model, 40 % bonds; a version with more bonds is coming.
Read read(const std::string& settings) {
  std::map<std::string, std::string> files = inputs::small_holdings;
  files["firm.toml"] =
      "[firm]\nname = \"Test\"\nas_of = 2025-06-30\n[policy.default]\ncash_target = 0.02\n[policy.own]\ntax_weight = "
      "2\n";
  files["securities.csv"] = "security_id,kind,asset_class\nAAA,stock,equity\nBBB,stock,equity\nBND,etf,bonds\n";
  files["prices.csv"] = "date,security_id,close\n2025-06-30,AAA,10\n2025-06-30,BBB,10\n2025-06-30,BND,10\n";
  files["models.csv"] =
      "model_id,component_kind,component_id,weight,effective_on\n"
      "STOCKS,security,AAA,0.75,\nSTOCKS,security,BBB,0.25,\n"
      "GROWTH,model,STOCKS,0.6,2025-01-01\nGROWTH,security,BND,0.4,2025-01-01\n"
      "GROWTH,model,STOCKS,0.5,2025-08-01\nGROWTH,model,GONE,0.5,2025-08-01\n";
  files["accounts.csv"] =
      "account_id,household_id,tax_treatment,model_id,policy_id,cash\nA,H,tax_deferred,GROWTH,own,1000\n";
  files["lots.csv"] = "account_id,lot_id,security_id,quantity,cost_basis,acquired_on\n";
  files["products.csv"] = "product_id,asset_class,component_kind,component_id\nONE,equity,security,AAA\n";
  files["account_settings.csv"] =
      "account_id,setting,value,effective_from,effective_to,source,scope,scope_id\n" + settings;
  const inputs::FolderOnDisk folder(files);
  Read result;
  auto book = read_book(folder.path(), {}, &result.origins);
  EXPECT_TRUE(book) << (book ? "" : book.failure().message);
  if (book) result.book = std::move(book).value();
  return result;
}

const EffectiveSetting& setting(const SettingsSheet& sheet, const std::string& name) {
  return *std::ranges::find(sheet.settings, name, &EffectiveSetting::name);
}

TEST(ModelGraph, tells_parts_versions_accounts_and_what_is_wrong_with_the_version_coming) {
  const Read read_book = read("");
  const ModelGraph graph = model_graph(read_book.book, read_book.origins);
  ASSERT_EQ(graph.models.size(), 2U);
  const GraphModel& growth = graph.models[0];
  EXPECT_EQ(growth.id, "GROWTH");
  EXPECT_EQ(growth.effective_on, *Date::parse("2025-01-01"));
  EXPECT_EQ(growth.coming, std::vector<Date>{*Date::parse("2025-08-01")});
  ASSERT_EQ(growth.parts.size(), 2U);
  EXPECT_EQ(growth.parts[1].id, "STOCKS");
  EXPECT_TRUE(growth.parts[1].nested);
  EXPECT_EQ(growth.accounts, std::vector<std::string>{"A"});
  ASSERT_EQ(growth.problems.size(), 1U);
  EXPECT_NE(growth.problems[0].find("on 2025-08-01 has the part \"GONE\""), std::string::npos);
}

TEST(EffectiveModel, says_by_which_way_each_weight_comes) {
  const Read read_book = read("A,mix_bonds,0.2,,,letter,,\n");
  const auto model = effective_model(read_book.book, read_book.origins, "A");
  ASSERT_TRUE(model);
  EXPECT_EQ(model->model, "GROWTH + mix_bonds 0.2");
  EXPECT_EQ(model->house, "GROWTH");
  ASSERT_EQ(model->classes.size(), 2U);
  EXPECT_EQ(model->classes[0].asset_class, "bonds");
  ASSERT_TRUE(model->classes[0].mix);
  EXPECT_EQ(text_of(*model->classes[0].mix), "account A, account_settings.csv line 2, source letter");
  // AAA: 75 % of stocks, which are now 80 %.
  const EffectiveWeight& first = model->weights[0];
  EXPECT_EQ(first.security, "AAA");
  EXPECT_EQ(first.weight.to_string(), "0.6");
  ASSERT_EQ(first.paths.size(), 1U);
  EXPECT_EQ(first.paths[0].models, (std::vector<std::string>{"GROWTH", "STOCKS"}));
  EXPECT_NEAR(first.paths[0].weight, 0.6, 1e-12);
}

TEST(EffectiveModel, says_which_product_and_why) {
  const Read read_book = read("A,product_equity,ONE,,,,,\n");
  const auto model = effective_model(read_book.book, read_book.origins, "A");
  ASSERT_TRUE(model);
  EXPECT_EQ(model->classes[1].product, "ONE");
  EXPECT_EQ(model->classes[1].product_why, "named by account A, account_settings.csv line 2");
  EXPECT_EQ(model->weights[0].paths[0].models, std::vector<std::string>{"product ONE"});
}

TEST(SettingsSheet, the_strongest_layer_holds_and_the_weaker_are_told) {
  const Read read_book = read(
      ",cash_target,0.03,,,meeting,household,H\nA,cash_target,0.04,2025-06-01,2025-07-10,,,\n"
      "A,turnover_max,0.5,2025-07-15,,,,\nA,harvest,no,2025-07-31,,,,\nA,tax_weight,2.0,,,,,\n");
  const auto sheet = settings_of_account(read_book.book, read_book.origins, "A");
  ASSERT_TRUE(sheet);
  const EffectiveSetting& cash = setting(*sheet, "cash_target");
  std::vector<std::string> layers;
  for (const SettingLayer& layer : cash.layers) layers.push_back(layer.layer + " " + layer.said.value);
  EXPECT_EQ(layers,
            (std::vector<std::string>{"account A 0.04", "household H 0.03", "policy default 0.02", "default 0.01"}));
  EXPECT_TRUE(cash.deviates);
  EXPECT_FALSE(setting(*sheet, "tax_weight").deviates);  // 2.0 is what the policy says
  EXPECT_FALSE(setting(*sheet, "harvest").deviates);
  // 11 July is the first day without 0.04; 31 July is 31 days away.
  ASSERT_EQ(sheet->changes.size(), 2U);
  EXPECT_EQ(sheet->changes[0].day, *Date::parse("2025-07-11"));
  EXPECT_FALSE(sheet->changes[0].begins);
  EXPECT_EQ(sheet->changes[1].name, "turnover_max");
  EXPECT_TRUE(sheet->changes[1].begins);
}

TEST(SettingsSheet, an_unknown_account_is_a_failure) {
  const Read read_book = read("");
  EXPECT_FALSE(settings_of_account(read_book.book, read_book.origins, "Z"));
  EXPECT_FALSE(effective_model(read_book.book, read_book.origins, "Z"));
}

}  // namespace
}  // namespace lotwright
