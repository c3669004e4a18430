// Models of accounts that want the firm's model otherwise.
#include <gtest/gtest.h>

#include <algorithm>

#include "book/rules.h"
#include "inputs/test_book.h"

namespace lotwright::inputs {
namespace {

// GROWTH: 60 % stocks (AAA, BBB, CCC one third each), 30 % bonds (BND), 10 % gold (GLD). The account A follows it and
// holds 1000 dollars.
std::map<std::string, std::string> growth_book(const std::string& settings = {}, const std::string& products = {}) {
  std::map<std::string, std::string> files = small_holdings;
  files["firm.toml"] = "[firm]\nname = \"Test\"\nas_of = 2025-06-30\n";
  files["securities.csv"] =
      "security_id,kind,asset_class\n"
      "AAA,stock,equity\nBBB,stock,equity\nCCC,stock,equity\nETF,etf,equity\n"
      "BND,etf,bonds\nMUN,etf,bonds\nGLD,etf,gold\nREI,etf,real_estate\n";
  files["prices.csv"] = "date,security_id,close\n2025-06-30,AAA,10\n";
  files["models.csv"] =
      "model_id,component_kind,component_id,weight,effective_on\n"
      "STOCKS,security,AAA,0.333333333333,\nSTOCKS,security,BBB,0.333333333333,\nSTOCKS,security,CCC,0.333333333334,\n"
      "GROWTH,model,STOCKS,0.6,\nGROWTH,security,BND,0.3,\nGROWTH,security,GLD,0.1,\n"
      "INDEX,security,AAA,0.75,\nINDEX,security,BBB,0.25,\n";
  files["accounts.csv"] =
      "account_id,tax_treatment,model_id,cash\nA,tax_deferred,GROWTH,1000\nB,tax_deferred,GROWTH,50000\n";
  files["lots.csv"] = "account_id,lot_id,security_id,quantity,cost_basis,acquired_on\n";
  files["account_settings.csv"] = "account_id,setting,value,effective_from,effective_to\n" + settings;
  if (!products.empty()) {
    files["products.csv"] =
        "product_id,asset_class,component_kind,component_id,rank,value_min,value_max,tax_treatment\n" + products;
  }
  return files;
}

const Account& account(const Book& book, const std::string& id) {
  return *std::ranges::find(book.accounts, id, [](const Account& one) { return one.id.text; });
}

const Model& model(const Book& book, const std::string& id) { return book.models[account(book, id).model_index]; }

// "AAA 0.2, BND 0.8"
std::string weights(const Book& book, const Model& model) {
  std::string text;
  for (const ModelWeight& part : model.weights) {
    text += (text.empty() ? "" : ", ") + book.security(part.security).id.text + " " + part.weight.to_string();
  }
  return text;
}

std::string weights_of(const std::map<std::string, std::string>& files, const std::string& id = "A") {
  const auto book = read_files(files);
  return book ? weights(*book, model(*book, id)) : book.failure().message;
}

// "hold model_mix_unsound: account_settings.csv line 2: ..." of account A.
std::string finding_of(const std::map<std::string, std::string>& files) {
  const auto book = read_files(files);
  if (!book) return book.failure().message;
  for (const Finding& one : book->findings) {
    if (one.rule.starts_with("model_") && one.subject.id == "A") {
      return std::string(name_of(one.severity)) + " " + one.rule + ": " + one.message;
    }
  }
  return {};
}

TEST(CustomModels, without_a_wish_the_account_follows_the_model_itself) {
  const auto book = read_files(growth_book());
  EXPECT_EQ(model(*book, "A").id.text, "GROWTH");
  EXPECT_EQ(book->models.size(), 3U);
  EXPECT_EQ(weights(*book, model(*book, "A")), "AAA 0.2, BBB 0.2, BND 0.3, CCC 0.2, GLD 0.1");
}

TEST(CustomModels, a_dropped_class_leaves_the_others_pro_rata) {
  // 0.6 : 0.3 without gold is two thirds and one third; the digit left over goes to the first of equals.
  EXPECT_EQ(weights_of(growth_book("A,mix_gold,0,,\n")),
            "AAA 0.222222222223, BBB 0.222222222222, BND 0.333333333333, CCC 0.222222222222");
}

TEST(CustomModels, a_class_named_takes_its_weight_and_the_others_share_the_rest_pro_rata) {
  // 0.3 are left for 0.6 : 0.1 of the model, hence 9/35 and 1.5/35.
  const std::string mixed = weights_of(growth_book("A,mix_bonds,0.65,,\n"));
  EXPECT_EQ(mixed, "AAA 0.1, BBB 0.1, BND 0.65, CCC 0.1, GLD 0.05");
  EXPECT_EQ(weights_of(growth_book("A,mix_bonds,0.65,,\n"), "B"), "AAA 0.2, BBB 0.2, BND 0.3, CCC 0.2, GLD 0.1");
}

TEST(CustomModels, weights_sum_to_one_exactly_whatever_is_named) {
  for (const char* mix : {"0.1", "0.123456789012", "0.999999999999", "0.000000000001", "0.7"}) {
    const auto book = read_files(growth_book(std::string("A,mix_bonds,") + mix + ",,\nA,mix_gold,0,,\n"));
    Weight sum;
    for (const ModelWeight& part : model(*book, "A").weights) sum += part.weight;
    EXPECT_EQ(sum, Weight::of_whole(1)) << mix;
  }
}

TEST(CustomModels, a_custom_mix_follows_what_the_firm_changes) {
  auto files = growth_book("A,mix_gold,0,,\n");
  files["models.csv"] +=
      "GROWTH,security,AAA,0.4,2025-06-30\nGROWTH,security,BND,0.4,2025-06-30\nGROWTH,security,GLD,0.2,2025-06-30\n";
  EXPECT_EQ(weights_of(files), "AAA 0.5, BND 0.5");
}

TEST(CustomModels, a_frozen_account_keeps_the_versions_of_the_day_nested_ones_too) {
  auto files = growth_book("A,model_as_of,2025-01-31,,\n");
  files["models.csv"] += "STOCKS,security,AAA,1,2025-02-01\n";
  EXPECT_EQ(weights_of(files), "AAA 0.2, BBB 0.2, BND 0.3, CCC 0.2, GLD 0.1");
  EXPECT_EQ(weights_of(files, "B"), "AAA 0.6, BND 0.3, GLD 0.1");
}

TEST(CustomModels, a_frozen_account_whose_model_was_not_there_yet_is_held) {
  auto files = growth_book("A,model_as_of,2024-12-31,,\n");
  files["models.csv"] = "model_id,component_kind,component_id,weight,effective_on\nGROWTH,security,AAA,1,2025-01-01\n";
  EXPECT_EQ(
      finding_of(files),
      "hold model_mix_unsound: account_settings.csv line 2: the model of A cannot be made: model \"GROWTH\" as of "
      "2024-12-31 has no version in force on 2024-12-31: give one an earlier effective_on.");
}

TEST(CustomModels, a_product_named_fills_its_class_and_nothing_else) {
  const std::string products = "DI,equity,model,INDEX,,,,\nONE,equity,security,ETF,,,,\n";
  EXPECT_EQ(weights_of(growth_book("A,product_equity,DI,,\n", products)), "AAA 0.45, BBB 0.15, BND 0.3, GLD 0.1");
  EXPECT_EQ(weights_of(growth_book("A,product_equity,ONE,,\n", products)), "BND 0.3, ETF 0.6, GLD 0.1");
  EXPECT_EQ(weights_of(growth_book("A,product_equity,model,,\n", products)),
            "AAA 0.2, BBB 0.2, BND 0.3, CCC 0.2, GLD 0.1");
}

TEST(CustomModels, a_class_the_model_has_not_needs_a_product) {
  EXPECT_EQ(weights_of(growth_book("A,mix_real_estate,0.1,,\nA,product_real_estate,R,,\n",
                                   "R,real_estate,security,REI,,,,\n")),
            "AAA 0.18, BBB 0.18, BND 0.27, CCC 0.18, GLD 0.09, REI 0.1");
  EXPECT_EQ(
      finding_of(growth_book("A,mix_real_estate,0.1,,\n")),
      "hold model_mix_unsound: account_settings.csv line 2: the model of A cannot be made: the model has nothing of "
      "\"real_estate\" and no product fills it: name a product_real_estate.");
}

TEST(CustomModels, the_first_product_by_rank_that_fits_size_and_tax_is_taken) {
  const std::string products =
      "BIG,equity,model,INDEX,1,50000,,\nSMALL,equity,security,ETF,2,,50000,\nMUNI,bonds,security,MUN,1,,,taxable\n"
      "ANY,bonds,security,BND,2,,,\n";
  EXPECT_EQ(weights_of(growth_book("", products), "A"), "BND 0.3, ETF 0.6, GLD 0.1");
  EXPECT_EQ(weights_of(growth_book("", products), "B"), "AAA 0.45, BBB 0.15, BND 0.3, GLD 0.1");
}

TEST(CustomModels, a_product_without_a_rank_is_only_for_those_who_name_it) {
  EXPECT_EQ(weights_of(growth_book("", "DI,equity,model,INDEX,,,,\n")), "AAA 0.2, BBB 0.2, BND 0.3, CCC 0.2, GLD 0.1");
}

TEST(CustomModels, two_products_of_one_rank_that_fit_are_never_chosen_between) {
  EXPECT_EQ(finding_of(growth_book("", "X,equity,security,ETF,1,,,\nY,equity,model,INDEX,1,,,\n")),
            "hold model_products_tie: the model of A cannot be made: products \"X\" and \"Y\" of rank 1 both fit "
            "for \"equity\": give one of them another rank.");
}

TEST(CustomModels, a_product_of_another_class_than_it_says_is_refused) {
  EXPECT_EQ(finding_of(growth_book("A,product_equity,DI,,\n", "DI,equity,security,BND,,,,\n")),
            "hold model_mix_unsound: account_settings.csv line 2: the model of A cannot be made: product \"DI\" is for "
            "\"equity\" and has \"BND\", which is of \"bonds\": correct products.csv or the asset_class.");
}

TEST(CustomModels, a_product_nobody_has_holds_the_account_that_names_it) {
  EXPECT_EQ(
      finding_of(growth_book("A,product_equity,DI,,\n")),
      "hold model_product_unknown: account_settings.csv line 2: the model of A cannot be made: product_equity names "
      "\"DI\", which products.csv does not have for that asset class: correct the name or add the product.");
}

TEST(CustomModels, weights_that_sum_above_one_are_named_by_the_fewest_of_them) {
  EXPECT_EQ(finding_of(growth_book("A,mix_bonds,0.7,,\nA,mix_equity,0.6,,\nA,mix_gold,0.01,,\n")),
            "hold model_mix_unsound: account_settings.csv line 2: the model of A cannot be made: mix_bonds 0.7 and "
            "mix_equity 0.6 sum to 1.3, which is more than 1: lower one of them.");
}

TEST(CustomModels, weights_of_every_class_have_to_sum_to_one) {
  EXPECT_EQ(weights_of(growth_book("A,mix_bonds,0.5,,\nA,mix_equity,0.3,,\nA,mix_gold,0.2,,\n")),
            "AAA 0.1, BBB 0.1, BND 0.5, CCC 0.1, GLD 0.2");
  EXPECT_EQ(
      finding_of(growth_book("A,mix_bonds,0.5,,\nA,mix_equity,0.3,,\nA,mix_gold,0.1,,\n")),
      "hold model_mix_unsound: account_settings.csv line 2: the model of A cannot be made: the weights named sum to "
      "0.9 and the model has no other asset class to take the rest: make them sum to 1.");
}

TEST(CustomModels, a_class_that_no_security_has_is_a_slip) {
  EXPECT_EQ(
      finding_of(growth_book("A,mix_bond,0,,\n")),
      "hold model_mix_unsound: account_settings.csv line 2: the model of A cannot be made: mix_bond names an asset "
      "class that no security has: correct the name.");
}

TEST(CustomModels, accounts_that_want_the_same_share_one_model_of_a_plain_name) {
  const auto book = read_files(growth_book("A,mix_gold,0,,\nB,mix_gold,0,,\n"));
  EXPECT_EQ(model(*book, "A").id.text, "GROWTH + mix_gold 0");
  EXPECT_EQ(model(*book, "A").house, "GROWTH");
  EXPECT_EQ(account(*book, "A").model_index, account(*book, "B").model_index);
  EXPECT_EQ(book->models.size(), 4U);
  EXPECT_TRUE(std::ranges::is_sorted(book->models, {}, [](const Model& one) { return one.id; }));
}

TEST(CustomModels, a_model_change_keeps_the_mix) {
  auto files = growth_book("A,mix_gold,0,,\n");
  files["models.csv"] += "SAFE,security,BND,0.8,\nSAFE,security,GLD,0.2,\n";
  files["requests.csv"] = "request_id,account_id,kind,value,due_on\nQ,A,model_change,SAFE,2025-06-30\n";
  const auto book = read_files(files);
  EXPECT_EQ(weights(*book, book->models[book->requests[0].model_index]), "BND 1");
}

// A row that cannot be read might have been the first of its class: who names no product waits for it.
TEST(CustomModels, a_product_row_that_cannot_be_read_holds_whom_it_might_be_for) {
  const std::string products = "DI,equity,model,NONE,1,,,\nONE,equity,security,ETF,2,,,\n";
  EXPECT_EQ(finding_of(growth_book("", products)),
            "hold model_mix_unsound: the model of A cannot be made: line 2 of products.csv cannot be read and might "
            "be for \"equity\": correct it.");
  EXPECT_EQ(weights_of(growth_book("A,product_equity,ONE,,\n", products)), "BND 0.3, ETF 0.6, GLD 0.1");
}

// ── ranks and scores

std::string weights_of_rows(const std::string& rows) {
  auto files = growth_book();
  files["models.csv"] = "model_id,component_kind,component_id,weight,rank,score\n" + rows;
  return weights_of(files);
}

TEST(Models, ranks_weigh_the_first_most_and_the_last_one_part) {
  // 3 + 2 + 1 parts.
  EXPECT_EQ(weights_of_rows("GROWTH,security,AAA,,1,\nGROWTH,security,BBB,,2,\nGROWTH,security,CCC,,3,\n"),
            "AAA 0.5, BBB 0.333333333333, CCC 0.166666666667");
}

TEST(Models, one_rank_for_all_is_a_buy_list_of_equal_weights) {
  EXPECT_EQ(weights_of_rows("GROWTH,security,AAA,,1,\nGROWTH,security,BBB,,1,\nGROWTH,security,CCC,,1,\n"),
            "AAA 0.333333333334, BBB 0.333333333333, CCC 0.333333333333");
}

TEST(Models, scores_weigh_in_proportion) {
  EXPECT_EQ(weights_of_rows("GROWTH,security,AAA,,,30\nGROWTH,security,BBB,,,10\nGROWTH,security,CCC,,,0\n"),
            "AAA 0.75, BBB 0.25");
}

std::string refusal_of_rows(const std::string& rows) {
  auto files = growth_book();
  files["models.csv"] = "model_id,component_kind,component_id,weight,rank,score\n" + rows;
  const auto book = read_files(files);
  const auto found =
      std::ranges::find(book->findings, SubjectKind::model, [](const Finding& one) { return one.subject.kind; });
  return found == book->findings.end() ? "" : found->rule + ": " + found->message;
}

TEST(Models, a_version_uses_one_of_weights_ranks_and_scores) {
  EXPECT_EQ(refusal_of_rows("GROWTH,security,AAA,,1,\nGROWTH,security,BBB,0.5,,\n"),
            "model_sum_wrong: models.csv line 2: model \"GROWTH\" has weights, ranks and scores in one version: write "
            "one of the three in all its rows.");
  EXPECT_EQ(
      refusal_of_rows("GROWTH,security,AAA,1,1,\n"),
      "model_sum_wrong: models.csv line 2: weight \"1\" stands beside a rank or a score: write one of the three.");
  EXPECT_EQ(refusal_of_rows("GROWTH,security,AAA,,,\n"),
            "data_value_missing: models.csv line 2: weight \"\" is empty and must be given, or a rank or a score: fill "
            "it in.");
}

TEST(Models, a_rank_beyond_the_names_or_scores_of_nothing_reject_the_model) {
  EXPECT_EQ(refusal_of_rows("GROWTH,security,AAA,,1,\nGROWTH,security,BBB,,3,\n"),
            "data_number_out_of_range: models.csv line 3: model \"GROWTH\" ranks \"BBB\" 3: of 2 names the ranks are 1 "
            "to 2.");
  EXPECT_EQ(refusal_of_rows("GROWTH,security,AAA,,0,\n"),
            "data_number_out_of_range: models.csv line 2: model \"GROWTH\" ranks \"AAA\" 0: of 1 names the ranks are 1 "
            "to 1.");
  EXPECT_EQ(refusal_of_rows("GROWTH,security,AAA,,,0\n"),
            "model_sum_wrong: models.csv line 2: model \"GROWTH\" has scores that are all 0: give one of them more.");
}

ReadOptions fitted_to(const std::string& account) {
  ReadOptions options;
  options.fitted_to = account;
  return options;
}

// "GROWTH -> GROWTH", "GROWTH + equity DIRECT -> why not", by line.
std::string fits_of(const std::map<std::string, std::string>& files, const std::string& account) {
  const FolderOnDisk folder(files);
  Origins origins;
  const auto book = read_book(folder.path(), fitted_to(account), &origins);
  std::string text;
  for (const Fit& fit : origins.fits) {
    text += fit.model + (fit.product.empty() ? "" : " + " + fit.asset_class + " " + fit.product) + " -> " +
            (fit.why_not.empty() ? fit.follows : fit.why_not) + "\n";
    if (!fit.why_not.empty()) continue;
    EXPECT_TRUE(std::ranges::any_of(book->models, [&](const Model& one) { return one.id.text == fit.follows; }));
  }
  return text;
}

TEST(CustomModels, an_account_is_fitted_to_every_model_with_its_own_mix) {
  EXPECT_EQ(fits_of(growth_book(), "A"), "GROWTH -> GROWTH\nINDEX -> INDEX\nSTOCKS -> STOCKS\n");
  EXPECT_EQ(fits_of(growth_book("A,mix_gold,0,,\n"), "A"),
            "GROWTH -> GROWTH + mix_gold 0\nINDEX -> INDEX + mix_gold 0\nSTOCKS -> STOCKS + mix_gold 0\n");
  EXPECT_EQ(fits_of(growth_book(), "nobody"), "");
}

TEST(CustomModels, an_account_is_fitted_to_every_product_of_its_model_that_could_be_its_own) {
  const std::string products =
      "DIRECT,equity,model,INDEX,1,20000,,\nFUND,equity,security,ETF,,,,\nHOUSE,real_estate,security,REI,,,,\n";
  EXPECT_EQ(fits_of(growth_book("", products), "A"),
            "GROWTH -> GROWTH\nINDEX -> INDEX\nSTOCKS -> STOCKS\n"
            "GROWTH + equity FUND -> GROWTH + product_equity FUND\n"
            "GROWTH + equity DIRECT -> products.csv has it for accounts of another size or tax treatment\n"
            "GROWTH + real_estate HOUSE -> the account's target has nothing of \"real_estate\"\n");
}

TEST(CustomModels, a_rejected_model_is_told_with_its_reason_and_being_fitted_changes_nobodys_findings) {
  auto files = growth_book();
  files["models.csv"] += "LESS,security,AAA,0.5,\n";
  EXPECT_NE(fits_of(files, "A").find("LESS -> the model has weights that sum to 0.5"), std::string::npos);
  EXPECT_EQ(read_files(files)->findings, read_files(files, fitted_to("A"))->findings);
}

}  // namespace
}  // namespace lotwright::inputs
