#include "inputs/inputs.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <sstream>

#include "inputs/test_book.h"

namespace lotwright::inputs {
namespace {

Book book_of(const std::map<std::string, std::string>& files, const ReadOptions& options = {}) {
  auto book = read_files(files, options);
  EXPECT_TRUE(book.ok()) << book.failure().message;
  return std::move(book).value();
}

const Account& account(const Book& book, const std::string& id) {
  return *std::find_if(book.accounts.begin(), book.accounts.end(), [&](const Account& a) { return a.id.text == id; });
}

const Security& security(const Book& book, const std::string& id) {
  return *std::find_if(book.securities.begin(), book.securities.end(),
                       [&](const Security& s) { return s.id.text == id; });
}

const Model& model(const Book& book, const std::string& id) {
  return *std::find_if(book.models.begin(), book.models.end(), [&](const Model& m) { return m.id.text == id; });
}

std::string text_of(const std::optional<Money>& money) { return money ? money->to_string() : "-"; }

// Everything of a book that decides something, as text. Findings are told apart from it: they name lines.
std::string text_of(const Book& book) {
  std::ostringstream out;
  out << book.firm.name << ' ' << book.firm.as_of.to_string() << '\n';
  for (const Security& s : book.securities) {
    out << s.id.text << ' ' << static_cast<int>(s.kind) << ' ' << s.asset_class << ' ' << book.groups[s.group.value]
        << ' ' << s.tags.size() << ' ' << s.half_spread.to_string() << ' ' << (s.price ? s.price->to_string() : "-")
        << ' ' << s.alpha << '\n';
  }
  for (const Model& m : book.models) {
    out << m.id.text << ' ' << m.usable;
    for (const ModelWeight& w : m.weights) out << ' ' << w.security.value << '=' << w.weight.to_string();
    out << '\n';
  }
  for (const TaxBrackets& b : book.brackets) {
    out << b.filing_status;
    for (const auto* list : {&b.ordinary, &b.long_term, &b.niit}) {
      for (const TaxBracket& bracket : *list) out << ' ' << bracket.over.to_string() << ':' << bracket.rate.to_string();
      out << ';';
    }
    out << '\n';
  }
  for (const Taxpayer& t : book.taxpayers) {
    out << t.id.text << ' ' << t.brackets.value << ' ' << t.ordinary_income.to_string() << ' ' << t.magi.to_string()
        << '\n';
  }
  for (const Account& a : book.accounts) {
    out << a.id.text << ' ' << book.households[a.household.value].id.text << ' ' << a.taxpayer.value << ' '
        << a.model_index << ' ' << a.cash.to_string() << ' ' << a.effective_policy.risk_aversion;
    for (const TaxpayerIndex t : a.wash_taxpayers) out << " wash" << t.value;
    for (const TaxLot& lot : a.lots) {
      out << '\n'
          << lot.id.text << ' ' << lot.security.value << ' ' << lot.quantity.to_string() << ' '
          << text_of(lot.cost_basis) << ' ' << lot.acquired_on.to_string() << ' ' << lot.held_from.to_string() << ' '
          << text_of(lot.loss_basis);
    }
    out << '\n';
  }
  for (const Restriction& r : book.restrictions) {
    out << r.id << ' ' << static_cast<int>(r.rule);
    for (const SecurityIndex s : r.securities) out << ' ' << s.value;
    out << '\n';
  }
  for (const Request& r : book.requests) out << r.id << ' ' << r.account.value << ' ' << r.due_on.to_string() << '\n';
  for (const Transaction& t : book.transactions)
    out << t.id << ' ' << t.account.value << ' ' << t.taxpayer.value << '\n';
  for (const std::string& f : book.risk.factors) out << f << ' ';
  for (const double x : book.risk.factor_covariance) out << x << ' ';
  for (const double x : book.risk.exposures) out << x << ' ';
  for (const double x : book.risk.specific_volatility) out << x << ' ';
  for (const bool covered : book.risk.covered) out << covered;
  for (const LossBar& bar : book.loss_bars) out << " bar" << bar.taxpayer.value;
  return out.str();
}

// The rows under the header in another order.
std::string shuffled(const std::string& text, unsigned seed) {
  std::istringstream in(text);
  std::string header, line;
  std::getline(in, header);
  std::vector<std::string> rows;
  while (std::getline(in, line)) rows.push_back(line);
  std::shuffle(rows.begin(), rows.end(), std::mt19937(seed));
  for (const std::string& row : rows) header += "\n" + row;
  return header + "\n";
}

std::string with_carriage_returns(const std::string& text) {
  std::string result;
  for (const char c : text) result += c == '\n' ? std::string("\r\n") : std::string(1, c);
  return result;
}

TEST(ReadBook, resolves_every_reference_and_sorts_by_id) {
  const Book book = book_of(small_book());
  EXPECT_EQ(book.firm.name, "Test");
  ASSERT_EQ(book.securities.size(), 5U);
  EXPECT_EQ(security(book, "AAA").tags, (std::vector<std::string>{"fossil", "old"}));
  EXPECT_EQ(security(book, "CCC").group, security(book, "DDD").group);
  EXPECT_EQ(book.groups, (std::vector<std::string>{"AAA", "BBB", "USD", "index"}));
  const Account& a1 = account(book, "A1");
  EXPECT_EQ(a1.cash.to_string(), "1000.25");
  ASSERT_EQ(a1.lots.size(), 2U);
  EXPECT_EQ(a1.lots[0].id.text, "L2");  // AAA before BBB
  EXPECT_FALSE(a1.lots[0].cost_basis.has_value());
  EXPECT_EQ(a1.lots[0].held_from, Date::of(2023, 1, 2));
  EXPECT_EQ(a1.lots[1].held_from, Date::of(2020, 2, 29));
  EXPECT_EQ(account(book, "A2").lots[0].loss_basis, Money::of_whole(650));
  EXPECT_EQ(account(book, "B1").status, AccountStatus::frozen);
  ASSERT_EQ(book.households.size(), 2U);
  EXPECT_EQ(book.households[0].accounts.size(), 3U);
  EXPECT_EQ(book.requests[0].due_on, Date::of(2025, 7, 1));
  EXPECT_EQ(book.substitutes[0].hurdle, BasisPoints::of_whole(12));
  EXPECT_FALSE(book.substitutes[0].buyable);
  EXPECT_FALSE(book.corporate_actions[0].applied);
}

TEST(ReadBook, takes_the_newest_price_and_model_not_after_as_of) {
  const Book book = book_of(small_book());
  EXPECT_EQ(security(book, "AAA").price, Price::of_whole(50));
  EXPECT_EQ(security(book, "AAA").price_date, Date::of(2025, 6, 30));
  const Model& nested = model(book, "N");
  ASSERT_EQ(nested.weights.size(), 3U);
  EXPECT_EQ(nested.weights[0].weight.to_string(), "0.3");
  EXPECT_EQ(nested.weights[1].weight.to_string(), "0.2");
  EXPECT_EQ(nested.weights[2].weight.to_string(), "0.5");

  auto files = small_book();
  files["lots.csv"] = "account_id,lot_id,security_id,quantity,acquired_on\n";
  files["transactions.csv"] = "transaction_id,account_id,trade_date,kind,security_id,quantity,amount\n";
  const Book earlier = book_of(files, {.as_of = Date::of(2025, 6, 28), .threads = 1});
  EXPECT_EQ(security(earlier, "AAA").price, Price::of_whole(49));
  EXPECT_FALSE(security(earlier, "BBB").price.has_value());
  EXPECT_EQ(model(book_of(files, {.as_of = Date::of(2024, 6, 28), .threads = 1}), "N").weights.size(), 1U);
}

TEST(ReadBook, unfolds_products_of_small_weights_without_loss) {
  auto files = small_book();
  files["models.csv"] =
      "model_id,component_kind,component_id,weight\n"
      "M,security,AAA,0.00000001\nM,security,BBB,0.99999999\n"
      "N,model,M,0.0001\nN,model,O,0.9999\nO,model,P,1\nP,security,AAA,1\n";
  const Book book = book_of(files);
  EXPECT_EQ(model(book, "N").weights[0].weight.to_string(), "0.999900000001");
  EXPECT_EQ(model(book, "N").weights[1].weight.to_string(), "0.000099999999");
}

TEST(ReadBook, nests_models_to_any_depth) {
  auto files = small_book();
  std::string text = "model_id,component_kind,component_id,weight\nM,security,AAA,1\nN,security,AAA,1\nZ0,model,M,1\n";
  for (int i = 1; i < 20'000; ++i) text += "Z" + std::to_string(i) + ",model,Z" + std::to_string(i - 1) + ",1\n";
  files["models.csv"] = text;
  const Book book = book_of(files);
  EXPECT_TRUE(model(book, "Z19999").usable);
  EXPECT_EQ(model(book, "Z19999").weights.size(), 1U);
}

TEST(ReadBook, layers_policies_default_policy_household_account) {
  auto files = small_book();
  files["firm.toml"] =
      "[firm]\nname = \"Test\"\nas_of = 2025-06-30\n"
      "[policy.default]\ntax_weight = 2\ncash_raise_days = 9\nharvest = false\n"
      "[policy.careful]\nrisk_aversion = 50.0\nturnover_max = 0.00001\n"
      "[policy.grand]\ninherits = \"careful\"\nrisk_aversion = 70\n";
  files["account_settings.csv"] =
      "account_id,setting,value,effective_from,effective_to,scope,scope_id\n"
      ",risk_aversion,60,,,household,H1\n"
      "A1,tax_weight,3,2025-06-30,2025-06-30,,\n"
      "A1,tax_weight,4,2025-07-01,,,\n"
      "A1,tax_weight,5,,2025-06-29,account,\n"
      "A2,risk_aversion,80,,,,\n";
  const Book book = book_of(files);
  const Policy& a1 = account(book, "A1").effective_policy;
  EXPECT_EQ(a1.cash_raise_days, 9);
  EXPECT_FALSE(a1.harvest);
  EXPECT_EQ(a1.turnover_max->to_string(), "0.00001");
  EXPECT_EQ(a1.risk_aversion, 60);
  EXPECT_EQ(a1.tax_weight, 3);
  EXPECT_EQ(account(book, "A2").effective_policy.risk_aversion, 80);
  EXPECT_EQ(account(book, "B1").effective_policy.risk_aversion, 20);
  EXPECT_EQ(account(book, "B1").effective_policy.tax_weight, 2);
}

TEST(ReadBook, reads_exception_rules_and_gates) {
  auto files = small_book();
  files["firm.toml"] +=
      "[[exceptions.rule]]\nname = \"big\"\nmeasure = \"order_weight\"\nlimit = 0.25\nvalue_min = 10_000_000\n"
      "policy = \"careful\"\nseverity = \"hold\"\n"
      "[gates]\nprice_move_max = 0.25\ntax_total_max = 10_000_000\n";
  const Book book = book_of(files);
  ASSERT_EQ(book.firm.exception_rules.size(), 1U);
  const ExceptionRule& rule = book.firm.exception_rules[0];
  EXPECT_EQ(rule.measure, ExceptionMeasure::order_weight);
  EXPECT_EQ(rule.limit, 0.25);
  EXPECT_EQ(rule.value_min, Money::of_whole(10'000'000));
  EXPECT_EQ(rule.severity, Severity::hold);
  EXPECT_EQ(book.firm.gates.price_move_max, 0.25);
  EXPECT_EQ(book.firm.gates.tax_total_max, Money::of_whole(10'000'000));
  EXPECT_FALSE(book.firm.gates.accounts_change_max.has_value());
}

TEST(ReadBook, a_test_that_compares_decided_accounts_cannot_hold_them) {
  auto files = small_book();
  const std::string test = "[[exceptions.rule]]\nname = \"far\"\nmeasure = \"tracking_error_of_peers\"\nlimit = 3\n";
  files["firm.toml"] += test;
  EXPECT_EQ(book_of(files).firm.exception_rules.size(), 1U);
  files["firm.toml"] += "severity = \"hold\"\n";
  EXPECT_TRUE(book_of(files).firm.exception_rules.empty()) << "and the book is held";
}

TEST(ReadBook, reads_where_data_look_wrong) {
  auto files = small_book();
  files["firm.toml"] +=
      "[gates]\nshare_breaks_max = 0.01\nshare_of_volume_max = 0.1\naccounts_in_one_name_max = 500\n"
      "gap_rise_bps_max = 0.5\n"
      "[data]\nprice_jump_max = 0.3\nbasis_ratio_max = 50\nposition_difference_max = 0.01\n";
  const Book book = book_of(files);
  EXPECT_EQ(book.firm.gates.share_breaks_max, Weight::of_count(Weight::scale / 100));
  EXPECT_EQ(book.firm.gates.share_of_volume_max, Weight::of_count(Weight::scale / 10));
  EXPECT_EQ(book.firm.gates.accounts_in_one_name_max, 500);
  EXPECT_EQ(book.firm.gates.gap_rise_bps_max, *BasisPoints::parse("0.5"));
  EXPECT_EQ(book.firm.data_tests.price_jump_max, Weight::of_count(Weight::scale / 10 * 3));
  EXPECT_EQ(book.firm.data_tests.basis_ratio_max, Weight::of_whole(50));
  EXPECT_EQ(book.firm.data_tests.position_difference_max, Quantity::of_count(10'000));
  EXPECT_EQ(book.firm.data_tests.cash_move_max, DataTests().cash_move_max) << "what is not said is the default";
}

TEST(ReadBook, keeps_the_price_before_and_who_confirmed_the_newest) {
  auto files = small_book();
  files["prices.csv"] =
      "date,security_id,close,confirmed\n2025-06-30,AAA,50,yes\n2025-06-25,AAA,47,\n2025-06-27,AAA,49,\n"
      "2025-06-30,BBB,20.5,\n2025-06-30,CCC,100,\n2025-06-30,DDD,100,\n2025-06-30,USD,1,\n";
  const Book book = book_of(files);
  const Security& aaa = book.securities[0];
  EXPECT_EQ(aaa.price, Price::of_whole(50));
  EXPECT_EQ(aaa.price_before, Price::of_whole(49));
  EXPECT_EQ(aaa.price_before_date, Date::of(2025, 6, 27));
  EXPECT_TRUE(aaa.price_confirmed);
  EXPECT_FALSE(book.securities[1].price_before);
  EXPECT_FALSE(book.securities[1].price_confirmed);
}

TEST(ReadBook, reads_positions_volumes_and_what_becomes_of_a_share) {
  auto files = small_book();
  files["positions.csv"] = "account_id,security_id,quantity\nA2,CCC,7\nA1,BBB,10\n";
  files["corporate_actions.csv"] =
      "action_id,security_id,effective_on,kind,status,new_security_id,ratio\nC1,BBB,2025-06-30,merger,pending,CCC,0."
      "5\n";
  const Book book = book_of(files);
  ASSERT_EQ(book.positions.size(), 2U);
  EXPECT_EQ(book.account(book.positions[0].account).id.text, "A1");
  EXPECT_EQ(book.positions[0].quantity, Quantity::of_whole(10));
  EXPECT_EQ(book.security(book.corporate_actions[0].new_security).id.text, "CCC");
  EXPECT_EQ(book.corporate_actions[0].ratio, Quantity::of_count(500'000));
}

TEST(ReadBook, links_an_untaxed_account_without_taxpayer_to_its_household) {
  const Book book = book_of(small_book());
  EXPECT_EQ(account(book, "I1").wash_taxpayers.size(), 2U);
  EXPECT_EQ(account(book, "A1").wash_taxpayers.size(), 1U);
  EXPECT_FALSE(account(book, "I1").taxpayer.exists());
}

TEST(ReadBook, takes_the_brackets_of_the_year_that_somebody_is_taxed_by) {
  auto files = small_book();
  const auto brackets_of = [&] {
    const std::string text = text_of(book_of(files));
    const std::size_t at = text.find("single");
    return at == std::string::npos ? "" : text.substr(at, text.find('\n', at) - at);
  };
  EXPECT_EQ(brackets_of(), "single 0:0.1 48475:0.22; 0:0 48350:0.15; 200000:0.038;");
  const Book book = book_of(files);
  EXPECT_EQ(book.brackets.size(), 1U) << "nobody files jointly";
  EXPECT_FALSE(book.taxpayers[0].brackets.exists());
  EXPECT_EQ(book.taxpayers[1].brackets, BracketsIndex{0});
  EXPECT_EQ(book.taxpayers[1].magi, Money::of_whole(25000)) << "no magi: the ordinary income";
  files.erase("brackets.csv");
  EXPECT_EQ(brackets_of(), "");
}

TEST(ReadBook, restrictions_know_their_securities) {
  const Book book = book_of(small_book());
  ASSERT_EQ(book.restrictions.size(), 3U);
  EXPECT_EQ(book.restrictions[0].securities, (std::vector<SecurityIndex>{SecurityIndex{0}}));
  EXPECT_EQ(book.restrictions[1].weight->to_string(), "0.1");
  EXPECT_EQ(book.restrictions[2].scope, RestrictionScope::firm);
}

TEST(ReadBook, keeps_transactions_as_long_as_they_may_matter) {
  EXPECT_EQ(book_of(small_book()).transactions.size(), 2U);  // X3 is 179 days old
  auto files = small_book();
  files["account_settings.csv"] += "A2,rebalance_days_min,179,,,,,\n";
  const Book book = book_of(files);
  ASSERT_EQ(book.transactions.size(), 3U);
  EXPECT_EQ(book.transactions[0].id, "X3");  // by account, then date; outside ones last
  EXPECT_EQ(book.transactions[2].id, "X2");
  EXPECT_FALSE(book.transactions[2].account.exists());
  EXPECT_EQ(book.transactions[2].taxpayer, account(book, "A1").taxpayer);
}

TEST(ReadBook, risk_follows_names_not_places) {
  const Book book = book_of(small_book());
  EXPECT_EQ(book.risk.factors, (std::vector<std::string>{"f1", "f2"}));
  EXPECT_EQ(book.risk.factor_covariance, (std::vector<double>{0.04, 0.01, 0.01, 0.09}));
  EXPECT_EQ(book.risk.exposures[4], 0.1);
  EXPECT_EQ(book.risk.exposures[5], 0.001);
  EXPECT_EQ(book.risk.covered, (std::vector<bool>{true, true, true, false, false}));
}

TEST(ReadBook, names_every_file_with_hash_bytes_and_rows) {
  const Book book = book_of(small_book());
  ASSERT_EQ(book.files.size(), small_book().size());
  EXPECT_TRUE(std::is_sorted(book.files.begin(), book.files.end(),
                             [](const auto& a, const auto& b) { return a.name < b.name; }));
  const auto lots =
      std::find_if(book.files.begin(), book.files.end(), [](const auto& f) { return f.name == "lots.csv"; });
  EXPECT_EQ(lots->rows, 4);
  EXPECT_EQ(lots->bytes, static_cast<std::int64_t>(small_book()["lots.csv"].size()));
  EXPECT_EQ(lots->sha256.size(), 64U);
}

TEST(ReadBook, the_order_of_rows_and_the_number_of_threads_change_nothing) {
  auto files = small_book();
  files["lots.csv"] += "A2,L1,AAA,1,1,2025-01-01,,\nA1,L9,AAA,1,1,2025-01-01,,\nA1,L1,AAA,2,1,2025-01-01,,\n";
  files["accounts.csv"] += "A2,H9,T1,taxable,M,,7,\n";
  files["prices.csv"] += "2025-06-30,BBB,20.6\n";
  files["restrictions.csv"] += "R2,account,A2,never_buy,security,AAA,\n";
  const std::string as_written = text_of(book_of(files));
  for (unsigned seed = 1; seed <= 20; ++seed) {
    auto other = files;
    for (auto& [name, text] : other) {
      if (name != "firm.toml") text = shuffled(text, seed);
    }
    EXPECT_EQ(text_of(book_of(other, {.as_of = {}, .threads = static_cast<int>(1 + seed % 8)})), as_written) << seed;
  }
}

TEST(ReadBook, findings_come_sorted_whatever_the_number_of_threads) {
  auto files = small_book();
  files["lots.csv"] += "A2,L5,AAA,x,y,z,,\n";
  files["transactions.csv"] += "X9,A1,soon,sell,AAA,5,1,,,\n";
  files["odd.csv"] = "a\n";
  const Book one = book_of(files);
  const Book eight = book_of(files, {.as_of = {}, .threads = 8});
  EXPECT_EQ(one.findings, eight.findings);
  EXPECT_GE(one.findings.size(), 5U);
}

TEST(ReadBook, a_file_that_is_wrong_in_every_line_is_told_in_bounds) {
  auto files = small_book();
  for (int i = 0; i < 1000; ++i) {
    files["lots.csv"] += "A1,M" + std::to_string(i) + ",AAA,1,1,06/30/2025,,\n,N,AAA,1,1,2025-01-01,,\n";
  }
  const Book book = book_of(files);
  const auto told = [&](const char* rule) {
    return std::count_if(book.findings.begin(), book.findings.end(), [&](const Finding& f) { return f.rule == rule; });
  };
  EXPECT_EQ(told("data_date_unreadable"), 100);
  EXPECT_EQ(told("data_value_missing"), 100);
  EXPECT_EQ(told("data_findings_left_out"), 2);
  EXPECT_EQ(book.loss_bars.size(), 2U);  // AAA for either taxpayer
}

TEST(ReadBook, gzip_carriage_returns_and_byte_order_marks_are_only_packaging) {
  const std::string plain = text_of(book_of(small_book()));
  std::map<std::string, std::string> packed, returned, marked;
  for (const auto& [name, text] : small_book()) {
    const bool csv = name != "firm.toml";
    packed[csv ? name + ".gz" : name] = csv ? gzip(text) : text;
    returned[name] = with_carriage_returns(text);
    marked[name] = csv ? "\xEF\xBB\xBF" + text : text;
  }
  EXPECT_EQ(text_of(book_of(packed)), plain);
  EXPECT_EQ(text_of(book_of(returned)), plain);
  EXPECT_EQ(text_of(book_of(marked)), plain);
}

TEST(ReadBook, does_without_the_optional_files) {
  auto files = small_book();
  for (const char* name : {"account_settings.csv", "restrictions.csv", "requests.csv", "transactions.csv",
                           "substitutes.csv", "corporate_actions.csv", "alpha.csv"}) {
    files.erase(name);
  }
  const Book book = book_of(files);
  EXPECT_EQ(book.accounts.size(), 4U);
  EXPECT_TRUE(book.restrictions.empty());
}

const std::string too_deep = [] {
  std::string text = "[firm]\nas_of = 2025-06-30\n";
  for (int i = 0; i < 100'000; ++i) text += "a.";
  return text + "a = 1\n";
}();

struct Unusable {
  const char* name;
  const char* file;
  std::string text;  // nothing: the file is removed
  const char* rule;
};

class UnusableBook : public testing::TestWithParam<Unusable> {};

TEST_P(UnusableBook, is_one_failure_that_names_the_file) {
  auto files = small_book();
  files.erase(GetParam().file);
  if (!GetParam().text.empty()) files[GetParam().file] = GetParam().text;
  const auto book = read_files(files);
  ASSERT_FALSE(book.ok());
  EXPECT_EQ(book.failure().rule, GetParam().rule);
  EXPECT_EQ(book.failure().place.file, GetParam().file);
}

INSTANTIATE_TEST_SUITE_P(
    All, UnusableBook,
    testing::Values(
        Unusable{"no_firm", "firm.toml", "", "data_file_missing"},
        Unusable{"no_lots", "lots.csv", "", "data_file_missing"},
        Unusable{"no_prices", "prices.csv", "", "data_file_missing"},
        Unusable{"no_risk", "risk/exposures.csv", "", "data_risk_unusable"},
        Unusable{"no_toml", "firm.toml", "[firm\n", "data_firm_unusable"},
        Unusable{"no_firm_table", "firm.toml", "[gates]\n", "data_firm_unusable"},
        Unusable{"no_date", "firm.toml", "[firm]\nname = \"x\"\n", "data_firm_unusable"},
        Unusable{"no_such_date", "firm.toml", "[firm]\nas_of = \"2025-02-30\"\n", "data_firm_unusable"},
        Unusable{"no_column", "lots.csv", "account_id,lot_id,security_id,quantity\n", "data_column_missing"},
        Unusable{"column_twice", "alpha.csv", "security_id,alpha,alpha\n", "data_header_unusable"},
        Unusable{"column_misspelled", "accounts.csv",
                 "account_id,household_id,taxpayer_id,tax_treatment,model_id,cash,statu\n", "data_column_misspelled"},
        Unusable{"gates_no_table", "firm.toml", "gates = 5\n[firm]\nas_of = 2025-06-30\n", "data_firm_unusable"},
        Unusable{"one_bracket", "firm.toml", "[firm]\nas_of = 2025-06-30\n[exceptions.rule]\n", "data_firm_unusable"},
        Unusable{"too_deep", "firm.toml", too_deep, "data_firm_unusable"},
        Unusable{"blank_file", "requests.csv", "\n", "data_header_unusable"},
        Unusable{"header_not_utf8", "requests.csv", "request_id\xFF\n", "data_header_unusable"},
        Unusable{"factor_without_row", "risk/factor_covariance.csv", "factor,f1,f2\nf1,1,0\n", "data_risk_unusable"},
        Unusable{"covariance_unreadable", "risk/factor_covariance.csv", "factor,f1\nf1,nan\n", "data_risk_unusable"},
        Unusable{"factor_without_column", "risk/exposures.csv", "security_id,f1\nAAA,1\n", "data_column_missing"}),
    [](const auto& test) { return test.param.name; });

TEST(ReadBook, a_file_of_almost_the_name_of_a_missing_one_is_a_failure) {
  for (const char* name : {"request.csv", "Requests.csv", "requests_2025.csv", "requests.txt", "requests (1).csv.gz"}) {
    auto files = small_book();
    files[name] = files["requests.csv"];
    EXPECT_TRUE(read_files(files).ok()) << "beside requests.csv " << name << " is only left aside";
    files.erase("requests.csv");
    const auto book = read_files(files);
    ASSERT_FALSE(book.ok()) << name;
    EXPECT_EQ(book.failure().rule, "data_file_misspelled");
    EXPECT_NE(book.failure().message.find(name), std::string::npos) << book.failure().message;
  }
  for (const char* name : {"requirements.csv", "requests.csv.bak", "requestsnot.csv"}) {
    auto files = small_book();
    files.erase("requests.csv");
    files[name] = "a\n";
    EXPECT_TRUE(read_files(files).ok()) << name;
  }
}

TEST(ReadBook, a_chain_of_a_hundred_thousand_policies_is_read) {
  auto files = small_book();
  std::string& text = files["firm.toml"];
  for (int i = 0; i < 100'000; ++i) {
    const std::string parent = i == 0 ? "default" : "p" + std::to_string(i - 1);
    text += "[policy.p" + std::to_string(i) + "]\ninherits = \"" + parent + "\"\n";
  }
  EXPECT_TRUE(read_files(files).ok());
}

// B1 of the small book with `cash` in the place of -5; it also has a lot of 3 shares that cost 30 and are worth 150.
Book book_with_cash(const std::string& cash) {
  auto files = small_book();
  std::string& text = files["accounts.csv"];
  text.replace(text.find("N,,-5"), 5, "N,," + cash);
  return book_of(files);
}

TEST(ReadBook, an_account_whose_numbers_add_up_to_more_than_a_hundred_billion_is_held_without_them) {
  const Book largest = book_with_cash("99999999817");  // and 3 + 30 + 150
  EXPECT_EQ(largest.accounts[2].lots.size(), 1U);
  const Book beyond = book_with_cash("99999999817.01");
  EXPECT_TRUE(beyond.accounts[2].lots.empty());
  EXPECT_TRUE(beyond.accounts[2].cash.is_zero());
  const auto told = std::count_if(beyond.findings.begin(), beyond.findings.end(), [](const Finding& finding) {
    return finding.rule == "data_number_out_of_range" && finding.severity == Severity::hold &&
           finding.subject == Subject{SubjectKind::account, "B1"};
  });
  EXPECT_EQ(told, 1);
}

TEST(ReadBook, a_book_of_more_than_four_trillion_is_a_failure) {
  auto files = small_book();
  for (int i = 0; i < 41; ++i) {
    files["accounts.csv"] += "Z" + std::to_string(i) + ",,,tax_free,M,,99000000000,\n";
    if (i < 39) continue;
    EXPECT_EQ(read_files(files).ok(), i == 39) << "40 x 99 billion are 3.96 trillion";
  }
  const auto book = read_files(files);
  ASSERT_FALSE(book.ok());
  EXPECT_EQ(book.failure().rule, "data_number_out_of_range");
  EXPECT_EQ(book.failure().place.file, "accounts.csv");
}

TEST(ReadBook, without_transactions_no_losses_are_taken) {
  auto files = small_book();
  files.erase("transactions.csv");
  const Book book = book_of(files);
  ASSERT_EQ(book.loss_bars.size(), book.taxpayers.size());
  EXPECT_FALSE(book.loss_bars.front().group);
}

TEST(ReadBook, a_damaged_gzip_file_or_a_missing_folder_is_a_failure) {
  auto files = small_book();
  files.erase("lots.csv");
  files["lots.csv.gz"] = gzip(small_book()["lots.csv"]).substr(0, 60);
  EXPECT_EQ(read_files(files).failure().rule, "data_file_unreadable");
  EXPECT_EQ(read_book("no such folder").failure().rule, "data_file_missing");
}

TEST(ReadBook, a_toml_error_says_line_and_column) {
  auto files = small_book();
  files["firm.toml"] = "[firm]\nas_of = 2025-06-30\nname = = 3\n";
  const auto book = read_files(files);
  EXPECT_EQ(book.failure().place.line, 3);
  EXPECT_NE(book.failure().message.find("column 8"), std::string::npos) << book.failure().message;
}

}  // namespace
}  // namespace lotwright::inputs
