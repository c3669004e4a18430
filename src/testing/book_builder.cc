#include "testing/book_builder.h"

#include <algorithm>
#include <set>
#include <tuple>

#include "inputs/subjects.h"

namespace lotwright {
namespace {

template <class Exact>
Exact exact(const std::string& text) {
  auto parsed = Exact::parse(text);
  if (!parsed) throw Defect("a test writes a number that is none: " + text);
  return *parsed;
}

template <class Exact>
std::optional<Exact> exact_if_given(const std::string& text) {
  if (text.empty()) return std::nullopt;
  return exact<Exact>(text);
}

template <class Noun>
void sort_by_id(std::vector<Noun>& nouns) {
  std::sort(nouns.begin(), nouns.end(), [](const Noun& a, const Noun& b) { return a.id < b.id; });
}

template <class IndexType, class Noun>
IndexType index_of(const std::vector<Noun>& sorted, const std::string& id) {
  const auto found = std::find_if(sorted.begin(), sorted.end(), [&](const Noun& noun) { return noun.id.text == id; });
  if (found == sorted.end()) throw Defect("a test names something its book does not have: " + id);
  return IndexType{static_cast<std::uint32_t>(found - sorted.begin())};
}

HouseholdIndex household_index(const Book& book, const std::string& id) {
  return index_of<HouseholdIndex>(book.households, id);
}

std::uint32_t model_index(const Book& book, const std::string& id) {
  return index_of<Index<struct ModelKindTag>>(book.models, id).value;
}

BracketsIndex brackets_index(const Book& book, const std::string& filing_status) {
  const auto found = std::ranges::find(book.brackets, filing_status, &TaxBrackets::filing_status);
  if (found == book.brackets.end()) throw Defect("a test names brackets its book does not have: " + filing_status);
  return BracketsIndex{static_cast<std::uint32_t>(found - book.brackets.begin())};
}

std::string household_of(const AccountDraft& draft) { return draft.household.empty() ? draft.id : draft.household; }

std::string taxpayer_of(const AccountDraft& draft) {
  if (draft.taxpayer.empty() && draft.treatment == TaxTreatment::taxable) return "T";
  return draft.taxpayer;
}

// "R" and 3 give "R3": the id of a row that was given none.
std::string numbered(const char* prefix, std::size_t number) { return prefix + std::to_string(number); }

}  // namespace

BookBuilder::BookBuilder(std::string as_of) : as_of_(std::move(as_of)) {}

BookBuilder& BookBuilder::security(SecurityDraft draft) {
  securities_.push_back(std::move(draft));
  return *this;
}

BookBuilder& BookBuilder::model(std::string id, std::vector<std::pair<std::string, std::string>> weights) {
  models_.push_back({std::move(id), std::move(weights)});
  return *this;
}

BookBuilder& BookBuilder::taxpayer(TaxpayerDraft draft) {
  taxpayers_.push_back(std::move(draft));
  return *this;
}

BookBuilder& BookBuilder::brackets(BracketsDraft draft) {
  brackets_.push_back(std::move(draft));
  return *this;
}

BookBuilder& BookBuilder::account(AccountDraft draft) {
  accounts_.push_back(std::move(draft));
  return *this;
}

BookBuilder& BookBuilder::lot(LotDraft draft) {
  if (draft.id.empty()) draft.id = numbered("L", lots_.size() + 1);
  lots_.push_back(std::move(draft));
  return *this;
}

BookBuilder& BookBuilder::fund_holding(FundHoldingDraft draft) {
  fund_holdings_.push_back(std::move(draft));
  return *this;
}

BookBuilder& BookBuilder::restriction(RestrictionDraft draft) {
  if (draft.id.empty()) draft.id = numbered("R", restrictions_.size() + 1);
  restrictions_.push_back(std::move(draft));
  return *this;
}

BookBuilder& BookBuilder::request(RequestDraft draft) {
  requests_.push_back(std::move(draft));
  return *this;
}

BookBuilder& BookBuilder::transaction(TransactionDraft draft) {
  transactions_.push_back(std::move(draft));
  return *this;
}

BookBuilder& BookBuilder::substitute(SubstituteDraft draft) {
  substitutes_.push_back(std::move(draft));
  return *this;
}

BookBuilder& BookBuilder::factors(std::vector<std::string> names, std::vector<double> covariance) {
  require(covariance.size() == names.size() * names.size(), "a test's covariance is not square");
  factors_ = std::move(names);
  covariance_ = std::move(covariance);
  return *this;
}

BookBuilder& BookBuilder::policy(std::string account, std::function<void(Policy&)> change) {
  policies_.emplace_back(std::move(account), std::move(change));
  return *this;
}

BookBuilder& BookBuilder::adjust(std::function<void(Book&)> change) {
  adjustments_.push_back(std::move(change));
  return *this;
}

Book BookBuilder::build() const {
  Book book;
  book.firm.name = "Test Advisors";
  book.firm.as_of = day(as_of_);
  add_securities(book);
  add_risk(book);
  add_models(book);
  add_brackets(book);
  add_taxpayers(book);
  add_households(book);
  add_accounts(book);
  add_lots(book);
  add_fund_holdings(book);
  add_restrictions(book);
  add_requests(book);
  add_transactions(book);
  add_substitutes(book);
  for (const auto& change : adjustments_) change(book);
  return book;
}

void BookBuilder::add_securities(Book& book) const {
  std::set<std::string> groups;
  for (const SecurityDraft& draft : securities_) groups.insert(draft.group.empty() ? draft.id : draft.group);
  book.groups.assign(groups.begin(), groups.end());
  for (const SecurityDraft& draft : securities_) {
    Security security;
    security.id = SecurityId(draft.id);
    security.symbol = draft.id;
    security.name = draft.id;
    security.kind = draft.kind;
    security.asset_class = draft.asset_class;
    security.sector = draft.sector;
    security.industry = draft.industry;
    security.country = draft.country;
    security.tags = draft.tags;
    std::sort(security.tags.begin(), security.tags.end());
    security.group = group_index(book, draft.group.empty() ? draft.id : draft.group);
    security.quantity_step = shares(draft.quantity_step);
    security.half_spread = basis_points(draft.half_spread_bps);
    security.tradable = draft.tradable;
    security.price = exact_if_given<Price>(draft.price);
    security.price_date = draft.price_date.empty() ? book.firm.as_of : day(draft.price_date);
    security.alpha = draft.alpha;
    book.securities.push_back(std::move(security));
  }
  sort_by_id(book.securities);
}

void BookBuilder::add_risk(Book& book) const {
  const std::size_t k = factors_.size();
  const std::size_t n = book.securities.size();
  book.risk.factors = factors_;
  book.risk.factor_covariance = covariance_;
  book.risk.exposures.assign(n * k, 0.0);
  book.risk.specific_volatility.assign(n, 0.0);
  book.risk.covered.assign(n, true);
  for (const SecurityDraft& draft : securities_) {
    if (draft.kind == SecurityKind::cash) continue;
    const std::size_t i = security_index(book, draft.id).value;
    require(draft.exposures.size() <= k, "a test's security has more exposures than there are factors");
    for (std::size_t f = 0; f < k; ++f) {
      book.risk.exposures[i * k + f] = f < draft.exposures.size() ? draft.exposures[f] : 1.0;
    }
    book.risk.specific_volatility[i] = draft.volatility;
  }
}

void BookBuilder::add_models(Book& book) const {
  for (const ModelDraft& draft : models_) {
    Model model;
    model.id = ModelId(draft.id);
    Weight sum;
    for (const auto& [id, text] : draft.weights) {
      model.weights.push_back({security_index(book, id), weight(text)});
      sum += weight(text);
    }
    require((sum - Weight::of_whole(1)).abs() <= Weight::of_count(1'000'000), "a test's model does not sum to 1");
    std::sort(model.weights.begin(), model.weights.end(),
              [](const ModelWeight& a, const ModelWeight& b) { return a.security < b.security; });
    book.models.push_back(std::move(model));
  }
  if (models_.empty()) {
    Model model;
    model.id = ModelId("M");
    for (std::uint32_t i = 0; i < book.securities.size(); ++i) {
      const Security& security = book.securities[i];
      if (security.kind != SecurityKind::cash && security.tradable) model.weights.push_back({{i}, Weight()});
    }
    // The first takes what does not divide, so that the weights sum to 1 exactly.
    const auto parts = static_cast<std::int64_t>(model.weights.size());
    for (ModelWeight& part : model.weights) part.weight = Weight::of_count(Weight::scale / parts);
    if (parts > 0) model.weights.front().weight += Weight::of_count(Weight::scale % parts);
    book.models.push_back(std::move(model));
  }
  sort_by_id(book.models);
}

void BookBuilder::add_brackets(Book& book) const {
  for (const BracketsDraft& draft : brackets_) book.brackets.push_back(tax_brackets(draft));
  std::ranges::sort(book.brackets, {}, &TaxBrackets::filing_status);
}

void BookBuilder::add_taxpayers(Book& book) const {
  std::vector<TaxpayerDraft> drafts = taxpayers_;
  const auto is_t = [](const TaxpayerDraft& draft) { return draft.id == "T"; };
  const bool wanted = std::any_of(accounts_.begin(), accounts_.end(),
                                  [](const AccountDraft& draft) { return taxpayer_of(draft) == "T"; });
  if (wanted && std::none_of(drafts.begin(), drafts.end(), is_t)) drafts.emplace_back();
  for (const TaxpayerDraft& draft : drafts) {
    Taxpayer taxpayer;
    taxpayer.id = TaxpayerId(draft.id);
    taxpayer.rate_short = weight(draft.rate_short);
    taxpayer.rate_long = weight(draft.rate_long);
    taxpayer.realized_short_ytd = money(draft.realized_short_ytd);
    taxpayer.realized_long_ytd = money(draft.realized_long_ytd);
    taxpayer.carryforward_short = money(draft.carryforward_short);
    taxpayer.carryforward_long = money(draft.carryforward_long);
    taxpayer.outside_gains_short = money(draft.outside_gains_short);
    taxpayer.outside_gains_long = money(draft.outside_gains_long);
    taxpayer.gain_budget = exact_if_given<Money>(draft.gain_budget);
    taxpayer.tax_budget = exact_if_given<Money>(draft.tax_budget);
    taxpayer.filing_status = draft.filing_status;
    if (!draft.filing_status.empty()) taxpayer.brackets = brackets_index(book, draft.filing_status);
    taxpayer.ordinary_income = money(draft.ordinary_income);
    taxpayer.magi = draft.magi.empty() ? taxpayer.ordinary_income : money(draft.magi);
    book.taxpayers.push_back(std::move(taxpayer));
  }
  sort_by_id(book.taxpayers);
}

void BookBuilder::add_households(Book& book) const {
  std::set<std::string> ids;
  for (const AccountDraft& draft : accounts_) ids.insert(household_of(draft));
  for (const std::string& id : ids) book.households.push_back({HouseholdId(id), {}});
}

void BookBuilder::add_accounts(Book& book) const {
  for (const AccountDraft& draft : accounts_) {
    Account account;
    account.id = AccountId(draft.id);
    account.household = household_index(book, household_of(draft));
    const std::string taxpayer = taxpayer_of(draft);
    if (!taxpayer.empty()) account.taxpayer = taxpayer_index(book, taxpayer);
    account.tax_treatment = draft.treatment;
    account.model = draft.model;
    account.model_index = model_index(book, draft.model);
    account.policy = "default";
    account.cash = money(draft.cash);
    account.status = draft.status;
    for (const auto& [whom, change] : policies_) {
      if (whom.empty() || whom == draft.id) change(account.effective_policy);
    }
    book.accounts.push_back(std::move(account));
  }
  sort_by_id(book.accounts);
  std::vector<std::set<TaxpayerIndex>> of_household(book.households.size());
  for (std::uint32_t i = 0; i < book.accounts.size(); ++i) {
    const Account& account = book.accounts[i];
    book.households[account.household.value].accounts.push_back({i});
    if (account.taxpayer.exists()) of_household[account.household.value].insert(account.taxpayer);
  }
  for (Account& account : book.accounts) {
    const auto& family = of_household[account.household.value];
    if (account.taxpayer.exists())
      account.wash_taxpayers = {account.taxpayer};
    else
      account.wash_taxpayers.assign(family.begin(), family.end());
  }
}

void BookBuilder::add_lots(Book& book) const {
  for (const LotDraft& draft : lots_) {
    TaxLot lot;
    lot.id = LotId(draft.id);
    lot.security = security_index(book, draft.security);
    lot.quantity = shares(draft.quantity);
    lot.cost_basis = exact_if_given<Money>(draft.cost_basis);
    lot.acquired_on = day(draft.acquired_on);
    lot.held_from = draft.held_from.empty() ? lot.acquired_on : day(draft.held_from);
    lot.loss_basis = exact_if_given<Money>(draft.loss_basis);
    if (!draft.loss_held_from.empty()) lot.loss_held_from = day(draft.loss_held_from);
    book.accounts[account_index(book, draft.account).value].lots.push_back(std::move(lot));
  }
  for (Account& account : book.accounts) {
    std::sort(account.lots.begin(), account.lots.end(),
              [](const TaxLot& a, const TaxLot& b) { return std::tie(a.security, a.id) < std::tie(b.security, b.id); });
  }
}

void BookBuilder::add_fund_holdings(Book& book) const {
  for (const FundHoldingDraft& draft : fund_holdings_) {
    book.fund_holdings.push_back(
        {security_index(book, draft.fund), security_index(book, draft.security), weight(draft.weight)});
  }
  std::ranges::sort(book.fund_holdings, {}, [](const FundHolding& row) { return std::tie(row.fund, row.security); });
}

void BookBuilder::add_restrictions(Book& book) const {
  const inputs::Subjects subjects(book);
  for (const RestrictionDraft& draft : restrictions_) {
    Restriction restriction;
    restriction.id = draft.id;
    restriction.scope = draft.scope;
    if (draft.scope == RestrictionScope::household) restriction.household = household_index(book, draft.scope_id);
    if (draft.scope == RestrictionScope::account) restriction.account = account_index(book, draft.scope_id);
    restriction.rule = draft.rule;
    restriction.subject_kind = draft.subject_kind;
    restriction.subject_id = draft.subject_id;
    const std::vector<SecurityIndex> members = subjects.members(draft.subject_kind, draft.subject_id);
    inputs::Meant meant = subjects.meant_by(draft.rule, draft.subject_kind, members);
    restriction.securities = std::move(meant.securities);
    restriction.shares = std::move(meant.shares);
    restriction.screen = draft.screen;
    if (!draft.effective_from.empty()) restriction.effective_from = day(draft.effective_from);
    if (!draft.effective_to.empty()) restriction.effective_to = day(draft.effective_to);
    if (draft.rule == RestrictionRule::lock_quantity)
      restriction.quantity = exact_if_given<Quantity>(draft.value);
    else
      restriction.weight = exact_if_given<Weight>(draft.value);
    restriction.source = "test";
    const bool ahead = restriction.effective_from && *restriction.effective_from > book.firm.as_of;
    (ahead ? book.restrictions_ahead : book.restrictions).push_back(std::move(restriction));
  }
  std::sort(book.restrictions.begin(), book.restrictions.end(),
            [](const Restriction& a, const Restriction& b) { return a.id < b.id; });
}

void BookBuilder::add_requests(Book& book) const {
  for (const RequestDraft& draft : requests_) {
    Request request;
    request.id = numbered("Q", book.requests.size() + 1);
    request.account = account_index(book, draft.account);
    request.kind = draft.kind;
    request.amount = exact_if_given<Money>(draft.amount);
    const auto written = draft.due_on.empty() ? std::nullopt : std::optional(day(draft.due_on));
    request.due_on = due_on_of(draft.kind, written, book.firm.as_of);
    request.value = draft.value;
    if (draft.kind == RequestKind::model_change) request.model_index = model_index(book, draft.value);
    book.requests.push_back(std::move(request));
  }
  std::sort(book.requests.begin(), book.requests.end(),
            [](const Request& a, const Request& b) { return std::tie(a.account, a.id) < std::tie(b.account, b.id); });
}

void BookBuilder::add_transactions(Book& book) const {
  for (const TransactionDraft& draft : transactions_) {
    Transaction transaction;
    transaction.id = numbered("X", book.transactions.size() + 1);
    if (!draft.account.empty()) transaction.account = account_index(book, draft.account);
    if (!draft.taxpayer.empty())
      transaction.taxpayer = taxpayer_index(book, draft.taxpayer);
    else if (transaction.account.exists())
      transaction.taxpayer = book.account(transaction.account).taxpayer;
    transaction.trade_date = day(draft.trade_date);
    transaction.kind = draft.kind;
    transaction.security = security_index(book, draft.security);
    transaction.quantity = shares(draft.quantity);
    transaction.amount = money(draft.amount);
    transaction.gain_short = exact_if_given<Money>(draft.gain_short);
    transaction.gain_long = exact_if_given<Money>(draft.gain_long);
    transaction.outside = draft.outside || draft.account.empty();
    transaction.discretionary = draft.discretionary;
    book.transactions.push_back(std::move(transaction));
  }
  std::sort(book.transactions.begin(), book.transactions.end(), [](const Transaction& a, const Transaction& b) {
    return std::tie(a.account, a.trade_date, a.id) < std::tie(b.account, b.trade_date, b.id);
  });
}

void BookBuilder::add_substitutes(Book& book) const {
  for (const SubstituteDraft& draft : substitutes_) {
    Substitute substitute;
    substitute.security = security_index(book, draft.security);
    substitute.substitute = security_index(book, draft.substitute);
    substitute.hurdle = basis_points(draft.hurdle_bps);
    substitute.buyable = draft.buyable;
    book.substitutes.push_back(substitute);
  }
  std::sort(book.substitutes.begin(), book.substitutes.end(), [](const Substitute& a, const Substitute& b) {
    return std::tie(a.security, a.substitute) < std::tie(b.security, b.substitute);
  });
}

SecurityIndex security_index(const Book& book, const std::string& id) {
  return index_of<SecurityIndex>(book.securities, id);
}

AccountIndex account_index(const Book& book, const std::string& id) {
  return index_of<AccountIndex>(book.accounts, id);
}

TaxpayerIndex taxpayer_index(const Book& book, const std::string& id) {
  return index_of<TaxpayerIndex>(book.taxpayers, id);
}

GroupIndex group_index(const Book& book, const std::string& name) {
  const auto found = std::find(book.groups.begin(), book.groups.end(), name);
  if (found == book.groups.end()) throw Defect("a test names a group its book does not have: " + name);
  return GroupIndex{static_cast<std::uint32_t>(found - book.groups.begin())};
}

std::uint32_t lot_index(const Book& book, const std::string& account, const std::string& lot) {
  return index_of<Index<struct LotPlaceTag>>(book.account(account_index(book, account)).lots, lot).value;
}

Money money(const std::string& text) { return exact<Money>(text); }
Quantity shares(const std::string& text) { return exact<Quantity>(text); }
Price price(const std::string& text) { return exact<Price>(text); }
Weight weight(const std::string& text) { return exact<Weight>(text); }
BasisPoints basis_points(const std::string& text) { return exact<BasisPoints>(text); }

TaxBrackets tax_brackets(const BracketsDraft& draft) {
  const auto list = [](const std::vector<std::pair<std::string, std::string>>& rows) {
    std::vector<TaxBracket> brackets;
    for (const auto& [over, rate] : rows) brackets.push_back({money(over), weight(rate)});
    return brackets;
  };
  return {draft.filing_status, list(draft.ordinary), list(draft.long_term), list(draft.niit)};
}

BracketsDraft single_2025() {
  return {.filing_status = "single",
          .ordinary = {{"0", "0.10"},
                       {"11925", "0.12"},
                       {"48475", "0.22"},
                       {"103350", "0.24"},
                       {"197300", "0.32"},
                       {"250525", "0.35"},
                       {"626350", "0.37"}},
          .long_term = {{"0", "0"}, {"48350", "0.15"}, {"533400", "0.20"}},
          .niit = {{"200000", "0.038"}}};
}

Date day(const std::string& text) {
  auto parsed = Date::parse(text);
  if (!parsed) throw Defect("a test writes a day that is none: " + text);
  return *parsed;
}

}  // namespace lotwright
