// tax/rules_test.cc — plays tests/rules/us/*.test: facts and questions above the line "----", the answers below it. The
// words are explained in tests/rules/us/README.md.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "tax/holding_period.h"
#include "tax/lot_relief.h"
#include "tax/netting.h"
#include "tax/required_distribution.h"
#include "tax/wash_sale.h"
#include "testing/book_builder.h"

namespace lotwright::tax {
namespace {

const std::filesystem::path folder = "tests/rules/us";

// One line of a case: words in order, some of them names followed by their value.
struct Words {
  std::vector<std::string> words;

  [[nodiscard]] const std::string& at(std::size_t i) const {
    require(i < words.size(), "a line of a law case is too short");
    return words[i];
  }
  [[nodiscard]] std::string after(const std::string& name, const std::string& otherwise = {}) const {
    const auto found = std::find(words.begin(), words.end(), name);
    return found == words.end() || found + 1 == words.end() ? otherwise : *(found + 1);
  }
};

struct LawCase {
  std::vector<Words> statements;
  std::vector<std::string> answers;  // words joined by single blanks
};

std::string joined(const Words& line) {
  std::string text;
  for (const std::string& word : line.words) text += (text.empty() ? "" : " ") + word;
  return text;
}

LawCase read_case(const std::filesystem::path& path) {
  LawCase read;
  bool below = false;
  std::ifstream file(path);
  for (std::string text; std::getline(file, text);) {
    std::istringstream stream(text.substr(0, text.find('#')));
    Words line;
    for (std::string word; stream >> word;) line.words.push_back(word);
    if (line.words.empty()) continue;
    if (line.words[0] == "----") {
      below = true;
    } else if (below) {
      read.answers.push_back(joined(line));
    } else {
      read.statements.push_back(line);
    }
  }
  return read;
}

const char* name_of(Term term) { return term == Term::long_term ? "long_term" : "short_term"; }

std::string dollars(double amount) { return Money::of_count(std::llround(amount * 1e6)).to_string(2); }

// ── the book that the facts of a case describe

TaxTreatment treatment_of(const std::string& word) {
  if (word == "taxable") return TaxTreatment::taxable;
  require(word == "tax_deferred" || word == "tax_free", "a law case names an unknown tax treatment");
  return word == "tax_free" ? TaxTreatment::tax_free : TaxTreatment::tax_deferred;
}

void add_securities(const LawCase& played, BookBuilder& builder) {
  std::map<std::string, std::string> group_of;
  for (const Words& line : played.statements) {
    if (line.at(0) == "lot") group_of.try_emplace(line.at(3));
    if (line.at(0) == "past" || line.at(0) == "buy") group_of.try_emplace(line.at(line.at(0) == "past" ? 3 : 2));
    if (line.at(0) == "identical") {
      for (std::size_t i = 1; i < line.words.size(); ++i) group_of[line.at(i)] = "identical " + line.at(1);
    }
  }
  for (const auto& [id, group] : group_of) builder.security({.id = id, .group = group});
}

void add_fact(const Words& line, BookBuilder& builder) {
  const std::string& kind = line.at(0);
  if (kind == "account") {
    builder.account({.id = line.at(1), .taxpayer = line.after("of", "T"), .treatment = treatment_of(line.at(2))});
  } else if (kind == "lot") {
    builder.lot({.account = line.at(1),
                 .id = line.at(2),
                 .security = line.at(3),
                 .quantity = line.at(4),
                 .cost_basis = line.after("basis"),
                 .acquired_on = line.after("acquired"),
                 .held_from = line.after("held_from"),
                 .loss_basis = line.after("loss_basis"),
                 .loss_held_from = line.after("loss_held_from")});
  } else if (kind == "past") {
    const bool outside = line.at(1) == "outside";
    builder.transaction({.account = outside ? "" : line.at(1),
                         .taxpayer = outside ? "T" : "",
                         .trade_date = line.after("on"),
                         .kind = line.at(2) == "sold" ? TransactionKind::sell : TransactionKind::buy,
                         .security = line.at(3),
                         .quantity = line.at(4),
                         .gain_short = line.after("gain_short"),
                         .gain_long = line.after("gain_long")});
  }
}

Book book_of(const LawCase& played) {
  std::string as_of = "2025-06-30";
  for (const Words& line : played.statements) {
    if (line.at(0) == "as_of") as_of = line.at(1);
  }
  BookBuilder builder(as_of);
  builder.taxpayer({.id = "T"}).taxpayer({.id = "SPOUSE"});
  add_securities(played, builder);
  for (const Words& line : played.statements) add_fact(line, builder);
  return builder.build();
}

// ── the answers, in the order of the questions

// The sales that `account` is asked for, one trade a security, as the settlement makes them.
AccountTrades sales_of(const Book& book, AccountIndex account, const LawCase& played) {
  const Account& owner = book.account(account);
  std::map<std::uint32_t, std::pair<Quantity, Price>> sold;
  for (const Words& line : played.statements) {
    if (line.at(0) != "sell" || line.at(1) != owner.id.text) continue;
    sold[lot_index(book, line.at(1), line.at(2))] = {shares(line.at(3)), price(line.after("at"))};
  }
  AccountTrades trades{account, {}};
  for (const auto& [index, sale] : sold) {
    const TaxLot& lot = owner.lots[index];
    const Money proceeds = amount_of(sale.first, sale.second);
    if (trades.trades.empty() || trades.trades.back().security != lot.security) {
      trades.trades.push_back({.security = lot.security,
                               .side = Side::sell,
                               .quantity = {},
                               .price = sale.second,
                               .amount = {},
                               .commission = {},
                               .lots = {}});
    }
    Trade& trade = trades.trades.back();
    trade.quantity += sale.first;
    trade.amount += proceeds;
    trade.lots.push_back(sale_of(lot, index, sale.first, proceeds, book.firm.as_of));
  }
  return trades;
}

std::string sale_answer(const AccountTrades& trades, std::uint32_t lot, const std::string& name) {
  for (const Trade& trade : trades.trades) {
    for (const LotSale& sale : trade.lots) {
      if (sale.lot != lot) continue;
      if (!sale.gain) return name + " gain unknown";
      return name + " gain " + sale.gain->to_string(2) + " disallowed " + sale.disallowed.to_string(2) + " " +
             name_of(sale.term);
    }
  }
  throw Defect("a law case asks for a sale that was not made");
}

// The orders of a case in account order, each account seeing those before it. Answers by number of the statement.
void answer_orders(const LawCase& played, std::map<std::size_t, std::string>& answers) {
  const Book book = book_of(played);
  for (const DecisionUnit& unit : decision_units(book)) {
    WashWindow window(book, unit);
    for (const AccountIndex account : unit.accounts) {
      AccountTrades trades = sales_of(book, account, played);
      mark_disallowed(book, window, trades);
      for (std::size_t i = 0; i < played.statements.size(); ++i) {
        const Words& line = played.statements[i];
        if (line.words.size() < 2 || line.at(1) != book.account(account).id.text) continue;
        if (line.at(0) == "sell") answers[i] = sale_answer(trades, lot_index(book, line.at(1), line.at(2)), line.at(2));
        if (line.at(0) != "buy") continue;
        const SecurityIndex security = security_index(book, line.at(2));
        const bool barred = window.facts(account, book.security(security).group).buy_barred;
        answers[i] = line.at(1) + " buy " + line.at(2) + (barred ? " barred" : " allowed");
        if (!barred) {
          trades.trades.push_back({.security = security,
                                   .side = Side::buy,
                                   .quantity = shares(line.at(3)),
                                   .price = price(line.after("at")),
                                   .amount = {},
                                   .commission = {},
                                   .lots = {}});
        }
      }
      window.record(trades);
    }
  }
}

// Years follow one another: what is carried forward is taken off the next year's gains.
void answer_years(const LawCase& played, std::map<std::size_t, std::string>& answers) {
  ScheduleD last;
  for (std::size_t i = 0; i < played.statements.size(); ++i) {
    const Words& line = played.statements[i];
    if (line.at(0) != "year") continue;
    last = net_year(
        {money(line.after("short")) - last.carryforward_short, money(line.after("long")) - last.carryforward_long},
        money(line.after("limit", "3000")));
    answers[i] = line.at(1) + " offset " + last.ordinary_offset.to_string(2) + " carried_short " +
                 last.carryforward_short.to_string(2) + " carried_long " + last.carryforward_long.to_string(2);
  }
}

// "11925:0.12" is a bracket over 11,925.
std::vector<TaxBracket> brackets_of(const Words& line) {
  std::vector<TaxBracket> brackets;
  for (std::size_t i = 2; i < line.words.size(); ++i) {
    const std::size_t colon = line.at(i).find(':');
    require(colon != std::string::npos, "a bracket of a law case has no colon");
    brackets.push_back({money(line.at(i).substr(0, colon)), weight(line.at(i).substr(colon + 1))});
  }
  return brackets;
}

// What the lines of a case have said about a taxpayer so far.
class TaxFacts {
 public:
  void hear(const Words& line) {
    if (line.at(0) == "rates") {
      taxpayer_.rate_short = weight(line.after("short"));
      taxpayer_.rate_long = weight(line.after("long"));
    } else if (line.at(0) == "brackets") {
      list_of(line.at(1)) = brackets_of(line);
    } else if (line.at(0) == "income") {
      by_brackets_ = true;
      taxpayer_.ordinary_income = money(line.at(1));
      taxpayer_.magi = money(line.after("magi", line.at(1)));
    }
  }
  [[nodiscard]] TaxRates rates() const {
    constexpr double loss_value = 0.9;
    return by_brackets_ ? bracket_rates(brackets_, taxpayer_, loss_value)
                        : flat_rates(taxpayer_.rate_short, taxpayer_.rate_long, loss_value);
  }

 private:
  std::vector<TaxBracket>& list_of(const std::string& kind) {
    if (kind == "ordinary") return brackets_.ordinary;
    require(kind == "long_term" || kind == "niit", "a law case has brackets of a kind nobody knows");
    return kind == "niit" ? brackets_.niit : brackets_.long_term;
  }

  Taxpayer taxpayer_;
  TaxBrackets brackets_;
  bool by_brackets_ = false;
};

void answer_taxes(const LawCase& played, std::map<std::size_t, std::string>& answers) {
  TaxFacts facts;
  for (std::size_t i = 0; i < played.statements.size(); ++i) {
    const Words& line = played.statements[i];
    facts.hear(line);
    if (line.at(0) != "tax") continue;
    const TaxRates rates = facts.rates();
    const NetGains gains{money(line.after("short")), money(line.after("long"))};
    const double value = tax_value(gains.short_term.to_double(), gains.long_term.to_double(), rates);
    answers[i] = "due " + tax_due(gains, rates).to_string(2) + " value " + dollars(value);
  }
}

void answer_holding_periods(const LawCase& played, std::map<std::size_t, std::string>& answers) {
  for (std::size_t i = 0; i < played.statements.size(); ++i) {
    const Words& line = played.statements[i];
    if (line.at(0) != "held_from") continue;
    const std::string sold_on = line.after("sold_on");
    answers[i] = line.at(1) + " " + sold_on + " " + name_of(term_of(day(line.at(1)), day(sold_on)));
  }
}

void answer_distributions(const LawCase& played, std::map<std::size_t, std::string>& answers) {
  for (std::size_t i = 0; i < played.statements.size(); ++i) {
    const Words& line = played.statements[i];
    if (line.at(0) != "distribution") continue;
    const Date born = day(line.after("born"));
    const int year = std::stoi(line.at(1));
    const Money least = required_distribution(born, year, money(line.after("balance")));
    answers[i] = line.at(1) + " least " + least.to_string(2) + " by " + last_day_to_distribute(born, year).to_string();
  }
}

std::vector<std::string> answers_of(const LawCase& played) {
  static const std::set<std::string> known = {"as_of",    "account", "identical", "lot",         "past",
                                              "sell",     "buy",     "year",      "rates",       "tax",
                                              "brackets", "income",  "held_from", "distribution"};
  for (const Words& line : played.statements) require(known.contains(line.at(0)), "a law case uses an unknown word");
  std::map<std::size_t, std::string> by_statement;
  answer_orders(played, by_statement);
  answer_years(played, by_statement);
  answer_taxes(played, by_statement);
  answer_holding_periods(played, by_statement);
  answer_distributions(played, by_statement);
  std::vector<std::string> answers;
  for (const auto& [i, answer] : by_statement) answers.push_back(answer);
  return answers;
}

std::vector<std::string> case_names() {
  std::vector<std::string> names;
  std::error_code missing;
  for (const auto& entry : std::filesystem::directory_iterator(folder, missing)) {
    if (entry.path().extension() == ".test") names.push_back(entry.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

class RulesUs : public testing::TestWithParam<std::string> {};

TEST_P(RulesUs, HaveTheAnswersWrittenDown) {
  const LawCase played = read_case(folder / (GetParam() + ".test"));
  ASSERT_FALSE(played.answers.empty()) << "a case without answers proves nothing";
  EXPECT_EQ(answers_of(played), played.answers);
}

INSTANTIATE_TEST_SUITE_P(Law, RulesUs, testing::ValuesIn(case_names()),
                         [](const testing::TestParamInfo<std::string>& played) { return played.param; });
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(RulesUs);

TEST(RulesUsFolder, IsFoundFromTheSourceDirectory) { EXPECT_GE(case_names().size(), 20U); }

}  // namespace
}  // namespace lotwright::tax
