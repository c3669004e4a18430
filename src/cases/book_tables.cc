#include "cases/book_tables.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <set>
#include <tuple>
#include <utility>

#include "cases/column.h"
#include "cases/policy_rows.h"
#include "inputs/file_report.h"
#include "inputs/multipliers.h"

namespace lotwright::cases {
namespace {

// ── rows: nouns whose references to lists within the book stand beside them

struct SecurityRow : Security {
  std::string identical_group;
  std::string joined_tags;
  std::optional<Date> dated;
};
struct ModelWeightRow : ModelWeight {
  ModelIndex model;
};
struct BracketRow : TaxBracket {
  std::string filing_status;
  inputs::BracketKind kind = inputs::BracketKind::ordinary;
};
struct AccountRow : Account {
  std::string household_id;
};
struct WashTaxpayerRow {
  AccountIndex account;
  TaxpayerIndex taxpayer;
};
struct PolicyRow {
  AccountIndex account;
  std::string setting;
  std::string value;
};
// Of an account, or of its request for another model, that follows a customized model instead of the one it names.
struct FollowedRow {
  AccountIndex account;
  std::string request;  // empty: the account itself
  ModelIndex model;
};
struct LotRow : TaxLot {
  AccountIndex account;
};
struct MultiplierRow {
  AccountIndex account;
  std::string name;
  double price = 0.0;
};
struct TurnoverRow {
  AccountIndex account;
  Weight usual;
};
struct ModelMovedRow {
  AccountIndex account;
  Weight moved;
};
struct RestrictedRow {
  std::string restriction;
  SecurityIndex security;
};
struct RestrictedPartRow {
  std::string restriction;
  SecurityIndex security;
  Weight share;
};
// ── forms: the tables and their columns

const Form<SecurityRow>& security_form() {
  using Row = SecurityRow;
  static const Form<Row> form{
      "securities",
      {column<Row>("security_id", &Row::id), column<Row>("symbol", &Row::symbol), column<Row>("name", &Row::name),
       column<Row>("kind", &Row::kind), column<Row>("asset_class", &Row::asset_class),
       column<Row>("sector", &Row::sector), column<Row>("industry", &Row::industry),
       column<Row>("country", &Row::country), column<Row>("tags", &Row::joined_tags),
       column<Row>("identical_group", &Row::identical_group),
       column<Row, Range::positive>("quantity_step", &Row::quantity_step),
       column<Row, Range::not_negative>("half_spread_bps", &Row::half_spread), column<Row>("tradable", &Row::tradable),
       column<Row, Range::positive>("price", &Row::price), column<Row>("price_date", &Row::dated),
       column<Row>("alpha", &Row::alpha)}};
  return form;
}

const Form<Model>& model_form() {
  static const Form<Model> form{"models",
                                {column<Model>("model_id", &Model::id), column<Model>("usable", &Model::usable)}};
  return form;
}

const Form<ModelWeightRow>& model_weight_form() {
  using Row = ModelWeightRow;
  static const Form<Row> form{"model_weights",
                              {column<Row>("model_id", &Row::model), column<Row>("security_id", &Row::security),
                               column<Row>("weight", &Row::weight)}};
  return form;
}

const Form<BracketRow>& bracket_form() {
  using Row = BracketRow;
  static const Form<Row> form{"brackets",
                              {column<Row>("filing_status", &Row::filing_status), column<Row>("kind", &Row::kind),
                               column<Row>("over", &Row::over), column<Row, Range::fraction>("rate", &Row::rate)}};
  return form;
}

const Form<Taxpayer>& taxpayer_form() {
  using Row = Taxpayer;
  static const Form<Row> form{
      "taxpayers",
      {column<Row>("taxpayer_id", &Row::id), column<Row, Range::fraction>("rate_short", &Row::rate_short),
       column<Row, Range::fraction>("rate_long", &Row::rate_long),
       column<Row>("realized_short_ytd", &Row::realized_short_ytd),
       column<Row>("realized_long_ytd", &Row::realized_long_ytd),
       column<Row, Range::not_negative>("carryforward_short", &Row::carryforward_short),
       column<Row, Range::not_negative>("carryforward_long", &Row::carryforward_long),
       column<Row>("outside_gains_short", &Row::outside_gains_short),
       column<Row>("outside_gains_long", &Row::outside_gains_long), column<Row>("gain_budget", &Row::gain_budget),
       column<Row>("tax_budget", &Row::tax_budget),
       column<Row, Range::not_negative>("ordinary_loss_limit", &Row::ordinary_loss_limit),
       column<Row>("filing_status", &Row::filing_status), column<Row>("ordinary_income", &Row::ordinary_income),
       column<Row>("magi", &Row::magi), column<Row>("state", &Row::state)}};
  return form;
}

const Form<AccountRow>& account_form() {
  using Row = AccountRow;
  static const Form<Row> form{
      "accounts",
      {column<Row>("account_id", &Row::id), column<Row>("household_id", &Row::household_id),
       column_or_nobody<Row>("taxpayer_id", &Row::taxpayer), column<Row>("tax_treatment", &Row::tax_treatment),
       column<Row>("model_id", &Row::model), column<Row>("policy_id", &Row::policy), column<Row>("cash", &Row::cash),
       column<Row>("status", &Row::status)}};
  return form;
}

const Form<WashTaxpayerRow>& wash_taxpayer_form() {
  using Row = WashTaxpayerRow;
  static const Form<Row> form{"wash_taxpayers",
                              {column<Row>("account_id", &Row::account), column<Row>("taxpayer_id", &Row::taxpayer)}};
  return form;
}

const Form<PolicyRow>& policy_form() {
  using Row = PolicyRow;
  static const Form<Row> form{"policies",
                              {column<Row>("account_id", &Row::account), column<Row>("setting", &Row::setting),
                               column<Row>("value", &Row::value)}};
  return form;
}

const Form<FollowedRow>& followed_form() {
  using Row = FollowedRow;
  static const Form<Row> form{"followed_models",
                              {column<Row>("account_id", &Row::account), column<Row>("request_id", &Row::request),
                               column<Row>("model_id", &Row::model)}};
  return form;
}

const Form<LotRow>& lot_form() {
  using Row = LotRow;
  static const Form<Row> form{
      "lots",
      {column<Row>("account_id", &Row::account), column<Row>("security_id", &Row::security),
       column<Row>("lot_id", &Row::id), column<Row, Range::positive>("quantity", &Row::quantity),
       column<Row>("cost_basis", &Row::cost_basis), column<Row>("acquired_on", &Row::acquired_on),
       column<Row>("held_from", &Row::held_from), column<Row>("loss_basis", &Row::loss_basis),
       column<Row>("loss_held_from", &Row::loss_held_from)}};
  return form;
}

const Form<MultiplierRow>& multiplier_form() {
  using Row = MultiplierRow;
  static const Form<Row> form{
      "multipliers",
      {column<Row>("account_id", &Row::account), column<Row>("name", &Row::name), column<Row>("price", &Row::price)}};
  return form;
}

const Form<TurnoverRow>& turnover_form() {
  using Row = TurnoverRow;
  static const Form<Row> form{"usual_turnover",
                              {column<Row>("account_id", &Row::account), column<Row>("usual_turnover", &Row::usual)}};
  return form;
}

const Form<ModelMovedRow>& model_moved_form() {
  using Row = ModelMovedRow;
  static const Form<Row> form{"model_moved",
                              {column<Row>("account_id", &Row::account), column<Row>("model_moved", &Row::moved)}};
  return form;
}

const Form<Restriction>& restriction_form() {
  using Row = Restriction;
  static const Form<Row> form{
      "restrictions",
      {column<Row>("restriction_id", &Row::id), column<Row>("scope", &Row::scope),
       column_or_nobody<Row>("household_id", &Row::household), column_or_nobody<Row>("account_id", &Row::account),
       column<Row>("rule", &Row::rule), column<Row>("subject_kind", &Row::subject_kind),
       column<Row>("subject_id", &Row::subject_id), column<Row, Range::fraction>("weight", &Row::weight),
       column<Row, Range::not_negative>("quantity", &Row::quantity), column<Row>("source", &Row::source)}};
  return form;
}

const Form<RestrictedRow>& restricted_form() {
  using Row = RestrictedRow;
  static const Form<Row> form{
      "restricted_securities",
      {column<Row>("restriction_id", &Row::restriction), column<Row>("security_id", &Row::security)}};
  return form;
}

// What few restrictions have: from when or until when they hold, the screen they are of.
const Form<Restriction>& restriction_more_form() {
  using Row = Restriction;
  static const Form<Row> form{
      "restriction_details",
      {column<Row>("restriction_id", &Row::id), column<Row>("effective_from", &Row::effective_from),
       column<Row>("effective_to", &Row::effective_to), column<Row>("screen_id", &Row::screen)}};
  return form;
}

const Form<RestrictedPartRow>& restricted_part_form() {
  using Row = RestrictedPartRow;
  static const Form<Row> form{
      "restricted_parts",
      {column<Row>("restriction_id", &Row::restriction), column<Row>("security_id", &Row::security),
       column<Row, Range::fraction>("share", &Row::share)}};
  return form;
}

const Form<FundHolding>& fund_holding_form() {
  using Row = FundHolding;
  static const Form<Row> form{"fund_holdings",
                              {column<Row>("fund_id", &Row::fund), column<Row>("security_id", &Row::security),
                               column<Row, Range::fraction>("weight", &Row::weight)}};
  return form;
}

const Form<Request>& request_form() {
  using Row = Request;
  static const Form<Row> form{
      "requests",
      {column<Row>("request_id", &Row::id), column<Row>("account_id", &Row::account), column<Row>("kind", &Row::kind),
       column<Row, Range::not_negative>("amount", &Row::amount), column<Row>("due_on", &Row::due_on),
       column<Row>("value", &Row::value)}};
  return form;
}

const Form<DirectedTrade>& directed_form() {
  using Row = DirectedTrade;
  static const Form<Row> form{
      "directed",
      {column<Row>("account_id", &Row::account), column<Row>("security_id", &Row::security),
       column<Row>("side", &Row::side), column<Row, Range::positive>("quantity", &Row::quantity)}};
  return form;
}

const Form<Transaction>& transaction_form() {
  using Row = Transaction;
  static const Form<Row> form{
      "transactions",
      {column<Row>("transaction_id", &Row::id), column_or_nobody<Row>("account_id", &Row::account),
       column_or_nobody<Row>("taxpayer_id", &Row::taxpayer), column<Row>("trade_date", &Row::trade_date),
       column<Row>("kind", &Row::kind), column<Row>("security_id", &Row::security),
       column<Row>("quantity", &Row::quantity), column<Row>("amount", &Row::amount),
       column<Row>("gain_short", &Row::gain_short), column<Row>("gain_long", &Row::gain_long),
       column<Row>("outside", &Row::outside), column<Row>("discretionary", &Row::discretionary)}};
  return form;
}

const Form<Substitute>& substitute_form() {
  using Row = Substitute;
  static const Form<Row> form{
      "substitutes",
      {column<Row>("security_id", &Row::security), column<Row>("substitute_id", &Row::substitute),
       column<Row, Range::not_negative>("hurdle_bps", &Row::hurdle), column<Row>("buyable", &Row::buyable)}};
  return form;
}

const Form<CorporateAction>& action_form() {
  using Row = CorporateAction;
  static const Form<Row> form{"corporate_actions",
                              {column<Row>("action_id", &Row::id), column<Row>("security_id", &Row::security),
                               column<Row>("effective_on", &Row::effective_on), column<Row>("kind", &Row::kind),
                               column<Row>("applied", &Row::applied)}};
  return form;
}

const Form<LossBar>& loss_bar_form() {
  using Row = LossBar;
  static const Form<Row> form{
      "loss_bars", {column<Row>("taxpayer_id", &Row::taxpayer), column<Row>("identical_group", &Row::group)}};
  return form;
}

const Form<ExceptionRule>& exception_rule_form() {
  using Row = ExceptionRule;
  static const Form<Row> form{
      "exception_rules",
      {column<Row>("name", &Row::name), column<Row>("measure", &Row::measure), column<Row>("limit", &Row::limit),
       column<Row>("value_min", &Row::value_min), column<Row>("value_max", &Row::value_max),
       column<Row>("policy", &Row::policy), column<Row>("severity", &Row::severity)}};
  return form;
}

const Form<Finding>& finding_form() {
  using Row = Finding;
  // A member of a member.
  const auto within = [](std::string_view name, auto part, auto member) {
    Column<Row> named;
    named.name = name;
    named.text_of = [=](const Book& book, const Row& row) { return field_text(book, row.*part.*member); };
    named.read = [=](const Book& book, std::string_view text, Row& row) {
      return read_field(book, text, row.*part.*member);
    };
    return named;
  };
  static const Form<Row> form{
      "findings",
      {column<Row>("rule", &Row::rule), column<Row>("severity", &Row::severity),
       within("subject_kind", &Row::subject, &Subject::kind), within("subject_id", &Row::subject, &Subject::id),
       within("file", &Row::place, &Place::file), within("line", &Row::place, &Place::line),
       within("column", &Row::place, &Place::column), within("value", &Row::place, &Place::value),
       column<Row>("observed", &Row::observed), column<Row>("limit", &Row::limit),
       column<Row>("message", &Row::message)}};
  return form;
}

constexpr std::string_view covariance_table = "factor_covariance";
constexpr std::string_view risk_table = "risk";

// ── a book's values as rows

std::vector<SecurityRow> security_rows(const Book& book) {
  std::vector<SecurityRow> rows;
  for (const Security& security : book.securities) {
    SecurityRow& row = rows.emplace_back();
    static_cast<Security&>(row) = security;
    row.identical_group = book.groups.at(security.group.value);
    for (const std::string& tag : security.tags) row.joined_tags += (row.joined_tags.empty() ? "" : ";") + tag;
    if (security.price) row.dated = security.price_date;
  }
  return rows;
}

std::vector<ModelWeightRow> model_weight_rows(const Book& book) {
  std::vector<ModelWeightRow> rows;
  for (std::uint32_t i = 0; i < book.models.size(); ++i) {
    for (const ModelWeight& weight : book.models[i].weights) rows.push_back({weight, {i}});
  }
  return rows;
}

std::vector<TaxBracket>& list_of(TaxBrackets& brackets, inputs::BracketKind kind) {
  if (kind == inputs::BracketKind::ordinary) return brackets.ordinary;
  return kind == inputs::BracketKind::long_term ? brackets.long_term : brackets.niit;
}

std::vector<BracketRow> bracket_rows(const Book& book) {
  std::vector<BracketRow> rows;
  for (TaxBrackets brackets : book.brackets) {
    for (const auto& [word, kind] : inputs::Words<inputs::BracketKind>::list) {
      for (const TaxBracket& bracket : list_of(brackets, kind)) rows.push_back({bracket, brackets.filing_status, kind});
    }
  }
  return rows;
}

// What stands in lists within the accounts.
struct AccountRows {
  std::vector<AccountRow> accounts;
  std::vector<WashTaxpayerRow> wash_taxpayers;
  std::vector<PolicyRow> policies;
  std::vector<LotRow> lots;
  std::vector<MultiplierRow> multipliers;
  std::vector<TurnoverRow> turnovers;
  std::vector<ModelMovedRow> models_moved;
};

AccountRows account_rows(const Book& book) {
  AccountRows rows;
  for (std::uint32_t i = 0; i < book.accounts.size(); ++i) {
    const Account& account = book.accounts[i];
    rows.accounts.push_back({account, book.households.at(account.household.value).id.text});
    for (const TaxpayerIndex taxpayer : account.wash_taxpayers) rows.wash_taxpayers.push_back({{i}, taxpayer});
    for (auto& [setting, value] : settings_of(account.effective_policy))
      rows.policies.push_back({{i}, std::move(setting), std::move(value)});
    for (const TaxLot& lot : account.lots) rows.lots.push_back({lot, {i}});
    if (account.turnover_usual) rows.turnovers.push_back({{i}, *account.turnover_usual});
    if (account.model_moved.is_positive()) rows.models_moved.push_back({{i}, account.model_moved});
    for (auto& [name, price] : inputs::named(account.shadow_prices))
      rows.multipliers.push_back({{i}, std::move(name), price});
  }
  return rows;
}

// Those in force and those ahead; as_of tells them apart again.
std::vector<Restriction> all_restrictions(const Book& book) {
  std::vector<Restriction> all = book.restrictions;
  all.insert(all.end(), book.restrictions_ahead.begin(), book.restrictions_ahead.end());
  std::ranges::stable_sort(all, {}, &Restriction::id);
  return all;
}

std::vector<Restriction> detailed(std::vector<Restriction> all) {
  std::erase_if(all,
                [](const Restriction& one) { return !one.effective_from && !one.effective_to && one.screen.empty(); });
  return all;
}

std::vector<RestrictedPartRow> restricted_parts(const std::vector<Restriction>& restrictions) {
  std::vector<RestrictedPartRow> rows;
  for (const Restriction& restriction : restrictions) {
    for (std::size_t i = 0; i < restriction.shares.size(); ++i) {
      rows.push_back({restriction.id, restriction.securities[i], restriction.shares[i]});
    }
  }
  return rows;
}

std::vector<FollowedRow> followed_rows(const Book& book) {
  std::vector<FollowedRow> rows;
  const auto add = [&](AccountIndex account, const std::string& request, std::uint32_t model) {
    if (model < book.models.size() && !book.models[model].house.empty()) rows.push_back({account, request, {model}});
  };
  for (std::uint32_t i = 0; i < book.accounts.size(); ++i) add({i}, "", book.accounts[i].model_index);
  for (const Request& request : book.requests) add(request.account, request.id, request.model_index);
  return rows;
}

std::vector<RestrictedRow> restricted_rows(const std::vector<Restriction>& restrictions) {
  std::vector<RestrictedRow> rows;
  for (const Restriction& restriction : restrictions) {
    for (const SecurityIndex security : restriction.securities) rows.push_back({restriction.id, security});
  }
  return rows;
}

TextTable covariance_of(const RiskModel& risk) {
  TextTable table{std::string(covariance_table), 0, {"factor"}, {}};
  table.columns.insert(table.columns.end(), risk.factors.begin(), risk.factors.end());
  const std::size_t factors = risk.factors.size();
  for (std::size_t i = 0; i < factors; ++i) {
    TextRow& row = table.rows.emplace_back();
    row.cells.push_back(risk.factors[i]);
    for (std::size_t j = 0; j < factors; ++j)
      row.cells.push_back(fmt::format("{}", risk.factor_covariance[i * factors + j]));
  }
  return table;
}

TextTable risk_of(const Book& book) {
  const RiskModel& risk = book.risk;
  const std::size_t factors = risk.factors.size();
  TextTable table{std::string(risk_table), 0, {"security_id", "volatility"}, {}};
  table.columns.insert(table.columns.end(), risk.factors.begin(), risk.factors.end());
  for (std::size_t i = 0; i < risk.covered.size(); ++i) {
    if (!risk.covered[i]) continue;
    TextRow& row = table.rows.emplace_back();
    row.cells = {book.securities.at(i).id.text, fmt::format("{}", risk.specific_volatility[i])};
    for (std::size_t f = 0; f < factors; ++f) row.cells.push_back(fmt::format("{}", risk.exposures[i * factors + f]));
  }
  return table;
}

// ── and back: each step reads one table; the first thing that is wrong ends the reading

class BookReader {
 public:
  BookReader(const TextTables& tables, Date as_of, const std::string& file) : tables_(tables), file_(file) {
    book.firm.as_of = as_of;
  }

  void read() {
    read_securities();
    read_models();
    read_taxpayers();
    read_accounts();
    read_lots();
    read_multipliers();
    for (const TurnoverRow& row : rows(turnover_form())) book.accounts[row.account.value].turnover_usual = row.usual;
    for (const ModelMovedRow& row : rows(model_moved_form())) book.accounts[row.account.value].model_moved = row.moved;
    read_restrictions();
    read_the_rest();
    read_covariance();
    read_risk();
  }

  Book book;
  std::optional<Failure> failure;

 private:
  void fail(const TextTable& table, std::int64_t line, std::string_view column, std::string_view value,
            const char* rule, const std::string& what) {
    if (failure) return;
    const std::string seen = inputs::quotable(value);
    const std::string where = inputs::quotable(column);
    failure = Failure{rule, "[" + table.name + "] " + where + " \"" + seen + "\" " + what, {file_, line, where, seen}};
  }

  // The table of that name with the columns it must have; nullptr: it has no rows, or something is wrong.
  const TextTable* table_named(std::string_view name) { return failure ? nullptr : find_table(tables_, name); }

  template <class Row>
  bool header_fits(const Form<Row>& form, const TextTable& table) {
    std::string wanted;
    for (const Column<Row>& column : form.columns) wanted += (wanted.empty() ? "" : ",") + std::string(column.name);
    std::string found;
    for (const std::string& column : table.columns) found += (found.empty() ? "" : ",") + column;
    if (found != wanted) {
      fail(table, table.line + 1, "header", found, rule::data_header_unusable, "is not its header: write " + wanted);
    }
    return !failure;
  }

  template <class Row>
  std::vector<Row> rows(const Form<Row>& form) {
    std::vector<Row> read;
    const TextTable* table = table_named(form.name);
    if (table == nullptr || !header_fits(form, *table)) return read;
    for (const TextRow& text : table->rows) {
      Row row{};
      for (std::size_t i = 0; i < form.columns.size(); ++i) {
        const Fault fault = form.columns[i].read(book, text.cells[i], row);
        if (fault) fail(*table, text.line, form.columns[i].name, text.cells[i], fault.rule, fault.message);
      }
      if (failure) return {};
      read.push_back(std::move(row));
    }
    return read;
  }

  // Each row's key must be above that of the row before.
  template <class Row, class Key>
  void in_order(std::string_view name, const std::vector<Row>& read, Key key) {
    for (std::size_t i = 1; i < read.size() && !failure; ++i) {
      if (key(read[i - 1]) < key(read[i])) continue;
      const TextTable& table = *find_table(tables_, name);
      const TextRow& row = table.rows[i];
      fail(table, row.line, table.columns[0], row.cells[0], rule::case_unreadable,
           "is out of order or stands twice: rows rise by their ids, byte by byte");
    }
  }

  static std::vector<std::string> tags_of(std::string_view joined) {
    std::set<std::string> tags;
    while (!joined.empty()) {
      const std::size_t end = std::min(joined.find(';'), joined.size());
      if (end > 0) tags.emplace(joined.substr(0, end));
      joined.remove_prefix(std::min(end + 1, joined.size()));
    }
    return {tags.begin(), tags.end()};
  }

  void read_securities() {
    const std::vector<SecurityRow> read = rows(security_form());
    in_order(security_form().name, read, [](const SecurityRow& row) { return row.id; });
    std::set<std::string> groups;
    for (const SecurityRow& row : read) groups.insert(row.identical_group);
    book.groups.assign(groups.begin(), groups.end());
    for (const SecurityRow& row : read) {
      Security& security = book.securities.emplace_back(row);
      (void)read_field(book, row.identical_group, security.group);
      security.tags = tags_of(row.joined_tags);
      if (row.dated) security.price_date = *row.dated;
    }
  }

  void read_models() {
    book.models = rows(model_form());
    in_order(model_form().name, book.models, [](const Model& one) { return one.id; });
    const std::vector<ModelWeightRow> weights = rows(model_weight_form());
    in_order(model_weight_form().name, weights,
             [](const ModelWeightRow& row) { return std::tuple(row.model, row.security); });
    for (const ModelWeightRow& row : weights) book.models[row.model.value].weights.push_back(row);
  }

  void read_taxpayers() {
    const std::vector<BracketRow> read = rows(bracket_form());
    in_order(bracket_form().name, read,
             [](const BracketRow& row) { return std::tuple(row.filing_status, row.kind, row.over); });
    for (const BracketRow& row : read) {
      const bool next = book.brackets.empty() || book.brackets.back().filing_status != row.filing_status;
      if (next) book.brackets.push_back({row.filing_status, {}, {}, {}});
      list_of(book.brackets.back(), row.kind).push_back(row);
    }
    book.taxpayers = rows(taxpayer_form());
    in_order(taxpayer_form().name, book.taxpayers, [](const Taxpayer& one) { return one.id; });
    for (Taxpayer& taxpayer : book.taxpayers) (void)read_field(book, taxpayer.filing_status, taxpayer.brackets);
  }

  // nobody where the case has no model of that name.
  [[nodiscard]] std::uint32_t model_named(const std::string& name) const {
    ModelIndex model;
    return read_field(book, name, model) ? ModelIndex::nobody : model.value;
  }

  void read_accounts() {
    const std::vector<AccountRow> read = rows(account_form());
    in_order(account_form().name, read, [](const AccountRow& row) { return row.id; });
    std::set<std::string> households;
    for (const AccountRow& row : read) households.insert(row.household_id);
    for (const std::string& id : households) book.households.push_back({HouseholdId(id), {}});
    for (const AccountRow& row : read) {
      Account& account = book.accounts.emplace_back(row);
      account.model_index = model_named(account.model);
      (void)read_field(book, row.household_id, account.household);
      book.households[account.household.value].accounts.push_back(
          AccountIndex{static_cast<std::uint32_t>(book.accounts.size() - 1)});
    }
    const std::vector<WashTaxpayerRow> linked = rows(wash_taxpayer_form());
    in_order(wash_taxpayer_form().name, linked,
             [](const WashTaxpayerRow& row) { return std::tuple(row.account, row.taxpayer); });
    for (const WashTaxpayerRow& row : linked) book.accounts[row.account.value].wash_taxpayers.push_back(row.taxpayer);
    read_policies();
  }

  void read_policies() {
    const std::vector<PolicyRow> read = rows(policy_form());
    for (std::size_t i = 0; i < read.size() && !failure; ++i) {
      const PolicyRow& row = read[i];
      const auto refused = set_setting(book.accounts[row.account.value].effective_policy, row.setting, row.value);
      if (!refused) continue;
      const TextTable& table = *find_table(tables_, policy_form().name);
      fail(table, table.rows[i].line, row.setting, row.value, refused->rule.c_str(), "cannot be: " + refused->message);
    }
  }

  void read_lots() {
    const std::vector<LotRow> read = rows(lot_form());
    in_order(lot_form().name, read, [](const LotRow& row) { return std::tuple(row.account, row.security, row.id); });
    for (const LotRow& row : read) book.accounts[row.account.value].lots.push_back(row);
  }

  void read_multipliers() {
    std::vector<MultiplierRow> read = rows(multiplier_form());
    in_order(multiplier_form().name, read, [](const MultiplierRow& row) { return std::tuple(row.account, row.name); });
    for (std::size_t i = 0; i < read.size() && !failure;) {
      const AccountIndex account = read[i].account;
      const TextTable& table = *find_table(tables_, multiplier_form().name);
      const TextRow& first = table.rows[i];
      inputs::NamedPrices named;
      for (; i < read.size() && read[i].account == account; ++i)
        named.emplace_back(std::move(read[i].name), read[i].price);
      if (auto prices = inputs::unnamed(std::move(named))) {
        book.accounts[account.value].shadow_prices = std::move(*prices);
      } else {
        fail(table, first.line, "account_id", first.cells[0], rule::case_unreadable,
             "has a gap among its factors: give every factor from 1 its row");
      }
    }
  }

  // The restriction that a row of another table names; nullptr, and a failure, where there is none.
  Restriction* restriction_named(const std::string& id, std::string_view table_name, std::size_t row) {
    const auto found = std::ranges::lower_bound(book.restrictions, id, {}, &Restriction::id);
    if (found != book.restrictions.end() && found->id == id) return &*found;
    const TextTable& table = *find_table(tables_, table_name);
    fail(table, table.rows[row].line, "restriction_id", id, rule::data_reference_unknown,
         "is not in [restrictions]: add it there");
    return nullptr;
  }

  void read_restrictions() {
    book.restrictions = rows(restriction_form());
    in_order(restriction_form().name, book.restrictions, [](const Restriction& one) { return one.id; });
    const std::vector<Restriction> details = rows(restriction_more_form());
    for (std::size_t i = 0; i < details.size() && !failure; ++i) {
      Restriction* of = restriction_named(details[i].id, restriction_more_form().name, i);
      if (of == nullptr) return;
      of->effective_from = details[i].effective_from;
      of->effective_to = details[i].effective_to;
      of->screen = details[i].screen;
    }
    const std::vector<RestrictedRow> read = rows(restricted_form());
    in_order(restricted_form().name, read,
             [](const RestrictedRow& row) { return std::tuple(row.restriction, row.security); });
    for (std::size_t i = 0; i < read.size() && !failure; ++i) {
      Restriction* of = restriction_named(read[i].restriction, restricted_form().name, i);
      if (of != nullptr) of->securities.push_back(read[i].security);
    }
    read_restricted_parts();
    book.fund_holdings = rows(fund_holding_form());
    in_order(fund_holding_form().name, book.fund_holdings,
             [](const FundHolding& row) { return std::tuple(row.fund, row.security); });
    if (!failure) set_aside_restrictions_ahead();
  }

  // Each of a restriction's securities has its share, or none has.
  void read_restricted_parts() {
    const std::vector<RestrictedPartRow> read = rows(restricted_part_form());
    in_order(restricted_part_form().name, read,
             [](const RestrictedPartRow& row) { return std::tuple(row.restriction, row.security); });
    for (std::size_t i = 0; i < read.size() && !failure; ++i) {
      Restriction* of = restriction_named(read[i].restriction, restricted_part_form().name, i);
      if (of == nullptr) return;
      const std::size_t place = of->shares.size();
      of->shares.push_back(read[i].share);
      const bool last = i + 1 == read.size() || read[i + 1].restriction != read[i].restriction;
      const bool fits = place < of->securities.size() && of->securities[place] == read[i].security;
      if (fits && (!last || of->shares.size() == of->securities.size())) continue;
      const TextTable& table = *find_table(tables_, restricted_part_form().name);
      fail(table, table.rows[i].line, "security_id", table.rows[i].cells[1], rule::case_unreadable,
           "and [restricted_securities] do not agree: give each security of the restriction its share");
    }
  }

  void set_aside_restrictions_ahead() {
    const auto is_ahead = [this](const Restriction& one) {
      return one.effective_from && *one.effective_from > book.firm.as_of;
    };
    std::ranges::copy_if(book.restrictions, std::back_inserter(book.restrictions_ahead), is_ahead);
    std::erase_if(book.restrictions, is_ahead);
  }

  void read_the_rest() {
    book.requests = rows(request_form());
    in_order(request_form().name, book.requests, [](const Request& one) { return std::tuple(one.account, one.id); });
    for (Request& request : book.requests) {
      if (request.kind == RequestKind::model_change) request.model_index = model_named(request.value);
    }
    read_followed();
    book.directed = rows(directed_form());
    in_order(directed_form().name, book.directed,
             [](const DirectedTrade& one) { return std::tuple(one.account, one.security); });
    book.transactions = rows(transaction_form());
    in_order(transaction_form().name, book.transactions,
             [](const Transaction& one) { return std::tuple(one.account, one.trade_date, one.id); });
    book.substitutes = rows(substitute_form());
    in_order(substitute_form().name, book.substitutes,
             [](const Substitute& one) { return std::tuple(one.security, one.substitute); });
    book.corporate_actions = rows(action_form());
    book.loss_bars = rows(loss_bar_form());
    book.firm.exception_rules = rows(exception_rule_form());
    book.findings = rows(finding_form());
  }

  // After the requests.
  void read_followed() {
    for (const FollowedRow& row : rows(followed_form())) {
      Account& account = book.accounts[row.account.value];
      Model& model = book.models[row.model.value];
      if (row.request.empty()) {
        account.model_index = row.model.value;
        model.house = account.model;
      }
      for (Request& request : book.requests) {
        if (row.request.empty() || request.account != row.account || request.id != row.request) continue;
        request.model_index = row.model.value;
        model.house = request.value;
      }
    }
  }

  double number(const TextTable& table, const TextRow& row, std::size_t cell) {
    double value = 0.0;
    if (const Fault fault = inputs::read_cell(row.cells[cell], value)) {
      fail(table, row.line, table.columns[cell], row.cells[cell], fault.rule, fault.message);
    }
    return value;
  }

  void read_covariance() {
    const TextTable* table = table_named(covariance_table);
    if (table == nullptr) return;
    RiskModel& risk = book.risk;
    if (table->columns.empty()) {
      return fail(*table, table->line, "header", {}, rule::data_header_unusable, "is empty: name the factors");
    }
    risk.factors.assign(table->columns.begin() + 1, table->columns.end());
    if (table->rows.size() != risk.factors.size()) {
      return fail(*table, table->line, "factor", std::to_string(table->rows.size()), rule::case_unreadable,
                  "rows are not as many as its factors: give each factor its row");
    }
    for (std::size_t i = 0; i < table->rows.size() && !failure; ++i) {
      const TextRow& row = table->rows[i];
      if (row.cells[0] != risk.factors[i]) {
        fail(*table, row.line, "factor", row.cells[0], rule::case_unreadable,
             "is out of order: rows stand in the order of the columns");
      }
      for (std::size_t j = 0; j < risk.factors.size(); ++j)
        risk.factor_covariance.push_back(number(*table, row, j + 1));
    }
  }

  void read_risk() {
    RiskModel& risk = book.risk;
    const std::size_t factors = risk.factors.size();
    const std::size_t count = book.securities.size();
    risk.exposures.assign(count * factors, 0.0);
    risk.specific_volatility.assign(count, 0.0);
    risk.covered.assign(count, false);
    const TextTable* table = table_named(risk_table);
    if (table == nullptr) return;
    const bool fits = table->columns.size() >= 2 && std::ranges::equal(table->columns.begin() + 2, table->columns.end(),
                                                                       risk.factors.begin(), risk.factors.end());
    if (!fits) {
      const std::string first = table->columns.empty() ? std::string() : table->columns[0];
      return fail(*table, table->line + 1, "header", first, rule::data_header_unusable,
                  "is followed by other columns than volatility and the factors of [factor_covariance]");
    }
    for (const TextRow& row : table->rows) {
      SecurityIndex security;
      if (const Fault fault = read_field(book, row.cells[0], security))
        return fail(*table, row.line, "security_id", row.cells[0], fault.rule, fault.message);
      const double volatility = number(*table, row, 1);
      if (volatility < 0.0) {
        return fail(*table, row.line, "volatility", row.cells[1], rule::data_number_out_of_range,
                    "must not be negative");
      }
      risk.specific_volatility[security.value] = volatility;
      risk.covered[security.value] = true;
      for (std::size_t f = 0; f < factors; ++f)
        risk.exposures[security.value * factors + f] = number(*table, row, f + 2);
    }
  }

  const TextTables& tables_;
  const std::string& file_;
};

}  // namespace

TextTables tables_of(const Book& book) {
  const AccountRows rows = account_rows(book);
  const std::vector<Restriction> restrictions = all_restrictions(book);
  TextTables tables{
      written(exception_rule_form(), book, book.firm.exception_rules),
      written(account_form(), book, rows.accounts),
      written(policy_form(), book, rows.policies),
      written(lot_form(), book, rows.lots),
      written(multiplier_form(), book, rows.multipliers),
      written(turnover_form(), book, rows.turnovers),
      written(model_moved_form(), book, rows.models_moved),
      written(taxpayer_form(), book, book.taxpayers),
      written(bracket_form(), book, bracket_rows(book)),
      written(wash_taxpayer_form(), book, rows.wash_taxpayers),
      written(loss_bar_form(), book, book.loss_bars),
      written(request_form(), book, book.requests),
      written(directed_form(), book, book.directed),
      written(restriction_form(), book, restrictions),
      written(restriction_more_form(), book, detailed(restrictions)),
      written(restricted_form(), book, restricted_rows(restrictions)),
      written(restricted_part_form(), book, restricted_parts(restrictions)),
      written(fund_holding_form(), book, book.fund_holdings),
      written(transaction_form(), book, book.transactions),
      written(model_form(), book, book.models),
      written(model_weight_form(), book, model_weight_rows(book)),
      written(followed_form(), book, followed_rows(book)),
      written(substitute_form(), book, book.substitutes),
      written(action_form(), book, book.corporate_actions),
      written(finding_form(), book, book.findings),
      written(security_form(), book, security_rows(book)),
      covariance_of(book.risk),
      risk_of(book),
  };
  std::erase_if(tables, [](const TextTable& table) { return table.rows.empty(); });
  return tables;
}

bool is_book_table(std::string_view name) {
  constexpr auto names = std::to_array<std::string_view>({"exception_rules",
                                                          "accounts",
                                                          "policies",
                                                          "lots",
                                                          "multipliers",
                                                          "usual_turnover",
                                                          "model_moved",
                                                          "taxpayers",
                                                          "brackets",
                                                          "wash_taxpayers",
                                                          "loss_bars",
                                                          "requests",
                                                          "directed",
                                                          "restrictions",
                                                          "restriction_details",
                                                          "restricted_securities",
                                                          "restricted_parts",
                                                          "fund_holdings",
                                                          "transactions",
                                                          "models",
                                                          "followed_models",
                                                          "model_weights",
                                                          "substitutes",
                                                          "corporate_actions",
                                                          "findings",
                                                          "securities",
                                                          covariance_table,
                                                          risk_table});
  return std::ranges::find(names, name) != names.end();
}

Result<Book> book_of(const TextTables& tables, Date as_of, const std::string& file) {
  BookReader reader(tables, as_of, file);
  reader.read();
  if (reader.failure) return *reader.failure;
  return std::move(reader.book);
}

}  // namespace lotwright::cases
