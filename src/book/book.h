// book/book.h — the nouns: a firm's book as values, every reference resolved to an index, every list sorted by id.
//
// In:       made by inputs/ from files, or by testing/ in memory.
// Out:      plain values. Nothing here computes.
// Promises: vectors are sorted by id (lots by security, then lot id), so indices follow ids and the order of rows in
//           the files can never change a result. A reference that could not be resolved is `nobody`, and a finding in
//           `findings` holds whom it concerns.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "book/finding.h"
#include "book/policy.h"
#include "units/amounts.h"
#include "units/date.h"
#include "units/ids.h"

namespace lotwright {

enum class SecurityKind { stock, etf, mutual_fund, bond, cash };
enum class TaxTreatment { taxable, tax_deferred, tax_free };
enum class AccountStatus { active, frozen };
enum class Side { buy, sell };
enum class Term { short_term, long_term };

struct Security {
  SecurityId id;
  std::string symbol;
  std::string name;
  SecurityKind kind = SecurityKind::stock;
  std::string asset_class;
  std::string sector;
  std::string industry;
  std::string country;
  std::vector<std::string> tags;  // sorted
  GroupIndex group;               // substantially identical securities share one; always exists
  Quantity quantity_step = Quantity::of_whole(1);
  BasisPoints half_spread;
  bool tradable = true;
  std::optional<Price> price;            // the newest not after as_of
  Date price_date;                       // of that price
  double alpha = 0.0;                    // annual excess return, alpha.csv
  std::optional<Price> price_before;     // the newest of an earlier day than price_date
  Date price_before_date;                // of that price
  bool price_confirmed = false;          // a person has looked at the price: no test questions it
  std::optional<Quantity> daily_volume;  // shares traded on an average day
};

struct ModelWeight {
  SecurityIndex security;
  Weight weight;
};

// A row of a model's version in force.
struct ModelPart {
  bool nested = false;      // a model, else a security
  std::uint32_t place = 0;  // into Book::models or Book::securities
  Weight weight;
};

// A model of the newest version in force, unfolded to securities; sorted by security; weights sum to 1 +- 1e-6.
struct Model {
  ModelId id;
  bool usable = true;  // false: rejected (a cycle, an unknown part, a wrong sum); the accounts that name it are held
  std::vector<ModelWeight> weights;
  std::vector<ModelPart> parts;  // as written: before nested models are unfolded
  std::string house;             // of a customized model, made for accounts with a mix or products of their own: the
                                 // model of the firm that it follows; empty: this is one of the firm's
};

// What may fill an asset class: a security or a model (products.csv).
struct Product {
  std::string id;
  std::string asset_class;
  bool nested = false;      // a model, else a security
  std::uint32_t place = 0;  // into Book::models or Book::securities
  // Whom the product is for where the account names none. The first by rank that fits is taken.
  int rank = 0;
  std::optional<Money> value_min;  // of the account's positions and cash; inclusive
  std::optional<Money> value_max;  // exclusive
  std::optional<TaxTreatment> tax_treatment;
};

struct TaxBracket {
  Money over;   // from here to the next bracket
  Weight rate;  // on each dollar there
};

// The brackets of one filing status in the year of as_of; `over` ascends, rates never fall.
struct TaxBrackets {
  std::string filing_status;
  std::vector<TaxBracket> ordinary;   // of taxable income, from 0
  std::vector<TaxBracket> long_term;  // of taxable income, from 0
  std::vector<TaxBracket> niit;       // of modified adjusted gross income (IRC 1411)
};

struct Taxpayer {
  TaxpayerId id;
  Weight rate_short;
  Weight rate_long;
  Money realized_short_ytd;
  Money realized_long_ytd;
  Money carryforward_short;  // losses of earlier years, positive
  Money carryforward_long;
  Money outside_gains_short;
  Money outside_gains_long;
  std::optional<Money> gain_budget;
  std::optional<Money> tax_budget;
  Money ordinary_loss_limit = Money::of_whole(3000);
  std::string filing_status;  // empty: taxed by the flat rates
  BracketsIndex brackets;     // nobody: taxed by the flat rates
  Money ordinary_income;      // taxable income of the year without the gains; negative where deductions are left over
  Money magi;                 // modified adjusted gross income without them
  std::string state;
};

struct TaxLot {
  LotId id;
  SecurityIndex security;
  Quantity quantity;                // > 0
  std::optional<Money> cost_basis;  // adjusted, of the whole lot; nullopt = unknown, which is never zero
  Date acquired_on;
  Date held_from;                   // from where the holding period counts
  std::optional<Money> loss_basis;  // gifts with dual basis (IRC 1015): the basis for a loss
  std::optional<Date> loss_held_from;
};

// What the account's limits were worth when it was last decided, nu and mu of docs/formulas.md: where its next decision
// starts to search. They prove nothing by themselves and need not be right.
struct ShadowPrices {
  std::vector<double> factors;                       // by rotated factor
  std::vector<std::pair<std::string, double>> rows;  // by the name of the limit, sorted; one left out is worth nothing
};

struct Account {
  AccountId id;
  HouseholdIndex household;  // always exists: an account without one is its own
  TaxpayerIndex taxpayer;    // nobody: an untaxed account on its own
  // Taxpayers whose wash sales this account can cause: its own, or for an untaxed account without taxpayer_id every
  // taxpayer of its household. Sorted.
  std::vector<TaxpayerIndex> wash_taxpayers;
  TaxTreatment tax_treatment = TaxTreatment::taxable;
  std::string model;                                               // as named, for messages
  std::uint32_t model_index = Index<struct ModelKindTag>::nobody;  // into Book::models
  std::string policy;                                              // as named
  Money cash;
  AccountStatus status = AccountStatus::active;
  std::optional<Date> opened_on;
  Policy effective_policy;     // firm default, policy, household and account settings in force on as_of
  std::vector<TaxLot> lots;    // sorted by security, then lot id
  ShadowPrices shadow_prices;  // of the run before; empty: none are known
  // The mean turnover of its earlier runs, a fraction of the investable value (history.csv); none: there were too few.
  std::optional<Weight> turnover_usual;
  // How much of the account is moved by what its target's weights changed since the run before, another model included:
  // half the sum of the changes, 0..1. Zero: they are the same, or nobody knows what they were.
  Weight model_moved;
};

struct Household {
  HouseholdId id;
  std::vector<AccountIndex> accounts;  // sorted
};

enum class RestrictionRule { never_buy, never_sell, freeze, sell_all, weight_max, weight_min, lock_quantity };
enum class RestrictionScope { firm, household, account };
enum class RestrictionSubject { security, tag, sector, industry, country, asset_class, lot };

// A restriction in force on as_of, or one that comes into force soon (Book::restrictions_ahead). A row of a screen
// (screens.csv) is one for those who divest now, sell_all, and one for those in tax grace, never_buy; both have scope
// firm and concern the accounts whose policy uses the screen that way.
struct Restriction {
  std::string id;
  RestrictionScope scope = RestrictionScope::account;
  HouseholdIndex household;  // for scope household
  AccountIndex account;      // for scope account
  RestrictionRule rule = RestrictionRule::never_buy;
  RestrictionSubject subject_kind = RestrictionSubject::security;
  std::string subject_id;
  std::vector<SecurityIndex> securities;  // what the subject means; sorted. Empty for a lot
  // How much of each of `securities` is the subject: 1, or of a fund whose holdings are given the part of it that is.
  // Empty: all of each.
  std::vector<Weight> shares;
  std::optional<Date> effective_from;
  std::optional<Date> effective_to;  // the last day
  std::string screen;                // of screens.csv; empty: written in restrictions.csv
  std::optional<Weight> weight;      // weight_max, weight_min
  std::optional<Quantity> quantity;  // lock_quantity
  std::string source;

  [[nodiscard]] Weight share(std::size_t i) const { return shares.empty() ? Weight::of_whole(1) : shares[i]; }
};

// Of a restriction of scope firm: it concerns the accounts of this policy. Others do not ask.
[[nodiscard]] bool uses_screen_of(const Restriction& restriction, const Policy& policy);

enum class RequestKind {
  cash_out,
  cash_in,
  liquidate,
  harvest,
  realize_gains,
  preserve_losses,
  model_change,
  set_aside,
  transfer_out,
  freeze
};

struct Request {
  std::string id;
  AccountIndex account;
  RequestKind kind = RequestKind::cash_out;
  std::optional<Money> amount;
  Date due_on;  // from this day; of preserve_losses: to this day. Never empty: see due_on_of
  std::string value;
  std::uint32_t model_index = Index<struct ModelKindTag>::nobody;  // model_change: into Book::models
};

// The due_on of a request where the file leaves it empty: as_of, or for preserve_losses, which then has no end, the
// last day of the calendar.
[[nodiscard]] Date due_on_of(RequestKind kind, std::optional<Date> written, Date as_of);

enum class TransactionKind { buy, sell, reinvest, transfer_in, transfer_out };
// Shares leave the account.
[[nodiscard]] constexpr bool leaves(TransactionKind kind) {
  return kind == TransactionKind::sell || kind == TransactionKind::transfer_out;
}

struct Transaction {
  std::string id;
  AccountIndex account;    // nobody for an account outside the book
  TaxpayerIndex taxpayer;  // whose it is: the account's, or the column's for an outside account; may be nobody
  Date trade_date;
  TransactionKind kind = TransactionKind::buy;
  SecurityIndex security;
  Quantity quantity;
  Money amount;
  std::optional<Money> gain_short;
  std::optional<Money> gain_long;
  bool outside = false;
  bool discretionary = true;
};

// A trade that a person orders (directed.csv): made whatever it costs, the rest is decided around it.
struct DirectedTrade {
  AccountIndex account;
  SecurityIndex security;
  Side side = Side::buy;
  Quantity quantity;  // > 0
};

// What the custodian says an account holds (positions.csv), to compare with the sum of its lots.
struct CustodianPosition {
  AccountIndex account;
  SecurityIndex security;
  Quantity quantity;
};

// What a fund holds (fund_holdings.csv). The weights of a fund sum to at most 1; what they leave is not known.
struct FundHolding {
  SecurityIndex fund;
  SecurityIndex security;
  Weight weight;
};

struct Substitute {
  SecurityIndex security;
  SecurityIndex substitute;
  BasisPoints hurdle;
  bool buyable = true;
};

enum class CorporateActionKind { split, reverse_split, merger, spin_off, symbol_change, return_of_capital };

struct CorporateAction {
  std::string id;
  SecurityIndex security;
  Date effective_on;
  CorporateActionKind kind = CorporateActionKind::split;
  bool applied = false;           // status: pending or applied
  SecurityIndex new_security;     // of a merger, spin_off or symbol_change; nobody: none is named
  std::optional<Quantity> ratio;  // shares after for each share before; > 0
};

// Annual covariance X Omega X' + diag(specific^2). A security without a row has `covered` false: accounts that hold or
// want it are held (absence is never zero risk).
struct RiskModel {
  std::vector<std::string> factors;         // k names
  std::vector<double> factor_covariance;    // k x k, row by row, annual
  std::vector<double> exposures;            // n x k, row by row, by SecurityIndex
  std::vector<double> specific_volatility;  // n, annual standard deviation
  std::vector<bool> covered;                // n
};

enum class ExceptionMeasure {
  turnover,
  gain,
  tax,
  orders,
  order_weight,
  tracking_error_rise,
  cash_left,
  against_request,    // dollars of orders that work against what a due request asks for
  turnover_of_usual,  // turnover over the account's own average turnover of earlier runs
  // Turnover by sales that nobody asked for: without those that harvest losses, that a request, a restriction or a
  // directed trade wants, and without as much as a changed model moves.
  turnover_unexplained,
  tax_weight,  // tax over investable value
  // Tracking error after the orders over the median of the accounts of the same model; told by the run as a whole.
  tracking_error_of_peers,
};

struct ExceptionRule {
  std::string name;
  ExceptionMeasure measure = ExceptionMeasure::turnover;
  double limit = 0.0;
  std::optional<Money> value_min;
  std::optional<Money> value_max;
  std::string policy;  // empty: every policy
  Severity severity = Severity::review;
};

struct Gates {
  std::optional<double> price_move_max;
  std::optional<double> accounts_change_max;
  std::optional<Money> one_security_notional_max;
  std::optional<Money> tax_total_max;
  std::optional<Weight> share_breaks_max;                // part of positions that differ from the custodian's
  std::optional<Weight> share_of_volume_max;             // of one security's orders over its daily volume
  std::optional<std::int64_t> accounts_in_one_name_max;  // trading one way in one security without a model change
  std::optional<BasisPoints> gap_rise_bps_max;           // of the proved gap of all accounts since the run before
};

// A gate that is set and could not be judged on this day: what a desk relies on and does not have.
struct UncheckedGate {
  std::string setting;  // of [gates]
  std::string lacks;    // what it needs and is not there, as a sentence without its point
};

// From where on data look wrong (firm.toml, [data]).
struct DataTests {
  // A fall between two prices, its peers' taken off, without a corporate action; a rise by as large a factor. 0..1
  Weight price_jump_max = Weight::of_count(400'000'000'000);
  // Price over basis a share, either way round, beyond which the basis is implausible; >= 1.
  Weight basis_ratio_max = Weight::of_whole(100);
  // Basis a share over that of the same day's other lots, either way round; >= 1.
  Weight basis_peers_max = Weight::of_count(1'800'000'000'000);
  Weight basis_move_max = Weight::of_count(100'000'000'000);  // of an untouched position's basis in a day; 0..1
  Weight cash_move_max = Weight::of_count(20'000'000'000);    // of the account's value, that nothing explains; 0..1
  // Shares by which two records of one position may differ; >= 0.
  Quantity position_difference_max = Quantity::of_count(100);
};

struct Firm {
  std::string name;
  Date as_of;
  std::vector<ExceptionRule> exception_rules;  // in file order
  Gates gates;
  DataTests data_tests;
};

// Losses that may not be taken because the records behind them are in doubt (docs/data.md: a finding on lots or
// transactions of one account bars loss sales of the identical groups concerned in every account of its taxpayer).
struct LossBar {
  TaxpayerIndex taxpayer;
  std::optional<GroupIndex> group;  // nullopt: every group
};

struct InputFile {
  std::string name;  // relative to the book folder
  std::string sha256;
  std::int64_t bytes = 0;
  std::int64_t rows = 0;
};

struct Book {
  Firm firm;
  std::vector<Security> securities;
  std::vector<std::string> groups;    // names of identical groups, by GroupIndex
  std::vector<Model> models;          // sorted by id
  std::vector<TaxBrackets> brackets;  // of the year of as_of, sorted by filing status
  std::vector<Taxpayer> taxpayers;
  std::vector<Household> households;
  std::vector<Account> accounts;
  std::vector<Restriction> restrictions;  // sorted by id
  // Not in force yet, within the longest expiry_notice_days of any account; sorted by id.
  std::vector<Restriction> restrictions_ahead;
  std::vector<Request> requests;             // sorted by account, then id
  std::vector<Transaction> transactions;     // sorted by account, date, id
  std::vector<Substitute> substitutes;       // sorted by security, then substitute
  std::vector<Product> products;             // sorted by asset class, rank, id
  std::vector<DirectedTrade> directed;       // sorted by account, then security
  std::vector<CustodianPosition> positions;  // sorted by account, then security
  std::vector<FundHolding> fund_holdings;    // sorted by fund, then security
  std::vector<CorporateAction> corporate_actions;
  RiskModel risk;
  std::vector<LossBar> loss_bars;
  Findings findings;  // of loading, sorted by file, line, column, rule
  std::vector<InputFile> files;

  [[nodiscard]] const Security& security(SecurityIndex i) const { return securities[i.value]; }
  [[nodiscard]] const Account& account(AccountIndex i) const { return accounts[i.value]; }
};

// The accounts decided together: a connected set that shares a household or a taxpayer. Wash sales and netting couple
// accounts of one taxpayer even across households.
struct DecisionUnit {
  std::vector<AccountIndex> accounts;    // sorted
  std::vector<TaxpayerIndex> taxpayers;  // sorted
};

// Every account is in exactly one unit; units are sorted by their first account.
[[nodiscard]] std::vector<DecisionUnit> decision_units(const Book& book);

}  // namespace lotwright
