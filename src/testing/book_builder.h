// testing/book_builder.h — a Book made in memory, row by row, as the files of docs/data.md would say it.
//
// In:       drafts of rows: ids, decimals and dates as text, everything with a small sensible default.
// Out:      a Book that keeps every promise of book/book.h: sorted by id, references resolved, groups made.
// Promises: the order of the calls changes nothing. Without a model every account follows "M", equal weights of all
//           tradable securities that are not cash; a taxable account without a taxpayer belongs to "T" (35 % and 15 %).
// Refuses:  a reference or number that cannot be resolved is a Defect: the test is wrong.
// Example:  const Book book = BookBuilder()
//                                 .security({.id = "AAA", .price = "50"})
//                                 .account({.id = "A", .cash = "1000"})
//                                 .lot({.account = "A", .security = "AAA", .quantity = "20", .cost_basis = "900"})
//                                 .build();
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "book/book.h"

namespace lotwright {

struct SecurityDraft {
  std::string id = {};
  std::string price = "100";    // empty: no price
  std::string price_date = {};  // empty: as_of
  SecurityKind kind = SecurityKind::stock;
  std::string group = {};  // empty: its own
  std::string asset_class = "us_equity";
  std::string sector = "technology";
  std::string industry = "software";
  std::string country = "US";
  std::vector<std::string> tags = {};
  std::string quantity_step = "1";
  std::string half_spread_bps = "0";
  bool tradable = true;
  std::vector<double> exposures = {};  // by factor; missing ones are 1, for kind cash 0
  double volatility = 0.20;            // specific, annual; kind cash has none
  double alpha = 0.0;
};

struct TaxpayerDraft {
  std::string id = "T";
  std::string rate_short = "0.35";
  std::string rate_long = "0.15";
  std::string realized_short_ytd = "0";
  std::string realized_long_ytd = "0";
  std::string carryforward_short = "0";
  std::string carryforward_long = "0";
  std::string outside_gains_short = "0";
  std::string outside_gains_long = "0";
  std::string gain_budget = {};
  std::string tax_budget = {};
  std::string filing_status = {};  // empty: the flat rates; else one that `brackets` was given
  std::string ordinary_income = "0";
  std::string magi = {};  // empty: ordinary_income
};

// Each list: over, rate.
struct BracketsDraft {
  std::string filing_status = "single";
  std::vector<std::pair<std::string, std::string>> ordinary = {};
  std::vector<std::pair<std::string, std::string>> long_term = {};
  std::vector<std::pair<std::string, std::string>> niit = {};
};

struct AccountDraft {
  std::string id = {};
  std::string household = {};  // empty: its own
  std::string taxpayer = {};   // empty: "T" for a taxable account, nobody else
  TaxTreatment treatment = TaxTreatment::taxable;
  std::string model = "M";
  std::string cash = "0";
  AccountStatus status = AccountStatus::active;
};

struct LotDraft {
  std::string account = {};
  std::string id = {};  // empty: "L1", "L2" ... in the order of the calls
  std::string security = {};
  std::string quantity = {};
  std::string cost_basis = {};  // of the whole lot; empty: unknown
  std::string acquired_on = "2020-01-15";
  std::string held_from = {};  // empty: acquired_on
  std::string loss_basis = {};
  std::string loss_held_from = {};
};

struct RestrictionDraft {
  std::string id = {};  // empty: "R1", "R2" ... in the order of the calls
  RestrictionScope scope = RestrictionScope::account;
  std::string scope_id = {};
  RestrictionRule rule = RestrictionRule::never_buy;
  RestrictionSubject subject_kind = RestrictionSubject::security;
  std::string subject_id = {};
  std::string value = {};  // a weight or, for lock_quantity, a quantity
  std::string screen = {};
  std::string effective_from = {};  // after as_of: it is ahead
  std::string effective_to = {};
};

struct FundHoldingDraft {
  std::string fund = {};
  std::string security = {};
  std::string weight = {};
};

struct RequestDraft {
  std::string account = {};
  RequestKind kind = RequestKind::cash_out;
  std::string amount = {};
  std::string due_on = {};  // empty: as_of
  std::string value = {};
};

struct TransactionDraft {
  std::string account = {};   // empty: an account outside the book
  std::string taxpayer = {};  // empty: the account's
  std::string trade_date = {};
  TransactionKind kind = TransactionKind::buy;
  std::string security = {};
  std::string quantity = "1";
  std::string amount = "0";
  std::string gain_short = {};
  std::string gain_long = {};
  bool outside = false;
  bool discretionary = true;
};

struct SubstituteDraft {
  std::string security = {};
  std::string substitute = {};
  std::string hurdle_bps = "10";
  bool buyable = true;
};

class BookBuilder {
 public:
  // Trades are decided on `as_of`; its prices are that day's.
  explicit BookBuilder(std::string as_of = "2025-06-30");

  BookBuilder& security(SecurityDraft draft);
  // Weights sum to 1.
  BookBuilder& model(std::string id, std::vector<std::pair<std::string, std::string>> weights);
  BookBuilder& taxpayer(TaxpayerDraft draft);
  BookBuilder& brackets(BracketsDraft draft);
  BookBuilder& account(AccountDraft draft);
  BookBuilder& lot(LotDraft draft);
  BookBuilder& restriction(RestrictionDraft draft);
  BookBuilder& fund_holding(FundHoldingDraft draft);
  BookBuilder& request(RequestDraft draft);
  BookBuilder& transaction(TransactionDraft draft);
  BookBuilder& substitute(SubstituteDraft draft);
  // Annual covariance, row by row. Without it there is one factor, "market", of variance 0.0225.
  BookBuilder& factors(std::vector<std::string> names, std::vector<double> covariance);
  // Changes the policy of one account, or of every account where `account` is empty; in the order of the calls.
  BookBuilder& policy(std::string account, std::function<void(Policy&)> change);
  BookBuilder& policy(std::string account, const std::string& setting, const std::string& value) {
    return policy(std::move(account), [setting, value](Policy& policy) {
      require(!set_policy(policy, setting, value), "a test sets a policy that does not exist");
    });
  }
  // Whatever has no draft of its own: changes the finished book.
  BookBuilder& adjust(std::function<void(Book&)> change);

  [[nodiscard]] Book build() const;

 private:
  struct ModelDraft {
    std::string id;
    std::vector<std::pair<std::string, std::string>> weights;
  };
  void add_securities(Book& book) const;
  void add_risk(Book& book) const;
  void add_models(Book& book) const;
  void add_brackets(Book& book) const;
  void add_taxpayers(Book& book) const;
  void add_accounts(Book& book) const;
  void add_households(Book& book) const;
  void add_lots(Book& book) const;
  void add_fund_holdings(Book& book) const;
  void add_restrictions(Book& book) const;
  void add_requests(Book& book) const;
  void add_transactions(Book& book) const;
  void add_substitutes(Book& book) const;

  std::string as_of_;
  std::vector<SecurityDraft> securities_;
  std::vector<ModelDraft> models_;
  std::vector<TaxpayerDraft> taxpayers_;
  std::vector<BracketsDraft> brackets_;
  std::vector<AccountDraft> accounts_;
  std::vector<LotDraft> lots_;
  std::vector<RestrictionDraft> restrictions_;
  std::vector<FundHoldingDraft> fund_holdings_;
  std::vector<RequestDraft> requests_;
  std::vector<TransactionDraft> transactions_;
  std::vector<SubstituteDraft> substitutes_;
  std::vector<std::string> factors_ = {"market"};
  std::vector<double> covariance_ = {0.0225};
  std::vector<std::pair<std::string, std::function<void(Policy&)>>> policies_;
  std::vector<std::function<void(Book&)>> adjustments_;
};

// What a test names by id. A Defect where the book has none.
[[nodiscard]] SecurityIndex security_index(const Book& book, const std::string& id);
[[nodiscard]] AccountIndex account_index(const Book& book, const std::string& id);
[[nodiscard]] TaxpayerIndex taxpayer_index(const Book& book, const std::string& id);
[[nodiscard]] GroupIndex group_index(const Book& book, const std::string& name);
// The place of a lot in Account::lots.
[[nodiscard]] std::uint32_t lot_index(const Book& book, const std::string& account, const std::string& lot);

// Exact numbers from text, for tests; a Defect where the text is not one.
[[nodiscard]] Money money(const std::string& text);
[[nodiscard]] Quantity shares(const std::string& text);
[[nodiscard]] Price price(const std::string& text);
[[nodiscard]] Weight weight(const std::string& text);
[[nodiscard]] BasisPoints basis_points(const std::string& text);
[[nodiscard]] Date day(const std::string& text);
[[nodiscard]] TaxBrackets tax_brackets(const BracketsDraft& draft);

// The federal brackets of 2025 for "single" (Rev. Proc. 2024-40; IRC 1411).
[[nodiscard]] BracketsDraft single_2025();

}  // namespace lotwright
