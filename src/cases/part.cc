#include "cases/part.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <string>
#include <utility>

#include "base/defect.h"
#include "inputs/draft.h"

namespace lotwright {
namespace {

using inputs::ModelIndex;

constexpr std::uint32_t nobody = SecurityIndex::nobody;

// Which of the nouns are kept. `settle` numbers them in their order.
template <class IndexType>
class Kept {
 public:
  explicit Kept(std::size_t count) : places_(count, nobody) {}

  void keep(IndexType index) {
    if (index.value < places_.size()) places_[index.value] = 0;
  }
  [[nodiscard]] bool has(IndexType index) const {
    return index.value < places_.size() && places_[index.value] != nobody;
  }
  void settle() {
    std::uint32_t next = 0;
    for (std::uint32_t& place : places_) {
      if (place != nobody) place = next++;
    }
  }
  [[nodiscard]] IndexType moved(IndexType index) const { return {has(index) ? places_[index.value] : nobody}; }
  [[nodiscard]] const std::vector<std::uint32_t>& places() const { return places_; }

  template <class Noun>
  [[nodiscard]] std::vector<Noun> of(const std::vector<Noun>& nouns) const {
    std::vector<Noun> kept;
    for (std::size_t i = 0; i < nouns.size(); ++i) {
      if (places_[i] != nobody) kept.push_back(nouns[i]);
    }
    return kept;
  }

 private:
  std::vector<std::uint32_t> places_;
};

class Parting {
 public:
  Parting(const Book& whole, const DecisionUnit& unit, const std::vector<std::uint32_t>& more_models)
      : whole_(whole),
        unit_(unit),
        more_models_(more_models),
        securities_(whole.securities.size()),
        groups_(whole.groups.size()),
        models_(whole.models.size()),
        taxpayers_(whole.taxpayers.size()),
        brackets_(whole.brackets.size()),
        households_(whole.households.size()),
        accounts_(whole.accounts.size()) {}

  Part take() {
    keep_people();
    keep_models();
    keep_securities();
    keep_fund_holdings();
    settle();
    Part part;
    part.book.firm = whole_.firm;
    part.book.firm.gates = {};  // they judge a whole run
    move_securities(part.book);
    move_models(part.book);
    move_people(part.book);
    move_restrictions(part.book);
    move_rows(part.book);
    move_risk(part.book);
    move_findings(part.book);
    part.accounts = accounts_.places();
    part.securities = securities_.places();
    return part;
  }

 private:
  void keep_people() {
    for (const AccountIndex account : unit_.accounts) {
      accounts_.keep(account);
      households_.keep(whole_.account(account).household);
    }
    for (const TaxpayerIndex taxpayer : unit_.taxpayers) {
      taxpayers_.keep(taxpayer);
      brackets_.keep(whole_.taxpayers[taxpayer.value].brackets);
    }
  }

  void keep_models() {
    for (const std::uint32_t model : more_models_) models_.keep({model});
    for (const AccountIndex account : unit_.accounts) {
      models_.keep({whole_.account(account).model_index});
      const std::string& household = whole_.account(account).effective_policy.household_model;
      const auto at = std::ranges::find(whole_.models, household, [](const Model& one) { return one.id.text; });
      if (at != whole_.models.end()) models_.keep({static_cast<std::uint32_t>(at - whole_.models.begin())});
    }
    for (const Request& request : whole_.requests) {
      if (accounts_.has(request.account)) models_.keep({request.model_index});
    }
  }

  [[nodiscard]] bool is_kept(const Transaction& row) const {
    return row.security.exists() &&
           (accounts_.has(row.account) || (!row.account.exists() && taxpayers_.has(row.taxpayer)));
  }

  // Held, wanted or traded; then both ends of every substitute that touches one of these or may stand in for it.
  void keep_securities() {
    for (const AccountIndex account : unit_.accounts) {
      for (const TaxLot& lot : whole_.account(account).lots) securities_.keep(lot.security);
    }
    for (const Model& model : models_.of(whole_.models)) {
      for (const ModelWeight& weight : model.weights) securities_.keep(weight.security);
    }
    for (const Transaction& row : whole_.transactions) {
      if (is_kept(row)) securities_.keep(row.security);
    }
    for (const DirectedTrade& row : whole_.directed) {
      if (accounts_.has(row.account)) securities_.keep(row.security);
    }
    Kept<SecurityIndex> near = securities_;
    for (const Substitute& row : whole_.substitutes) {
      if (securities_.has(row.security)) near.keep(row.substitute);
    }
    securities_ = near;
    for (const Substitute& row : whole_.substitutes) {
      if (near.has(row.security) || near.has(row.substitute)) {
        securities_.keep(row.security);
        securities_.keep(row.substitute);
      }
    }
  }

  // Of what kept funds hold, what a restriction is about, and funds on the way there.
  void keep_fund_holdings() {
    std::set<SecurityIndex> wanted;
    for (const Restriction& restriction : whole_.restrictions) {
      if (!restriction.shares.empty() || !restriction.screen.empty()) {
        wanted.insert(restriction.securities.begin(), restriction.securities.end());
      }
    }
    if (wanted.empty()) return;
    for (bool more = true; more;) {
      more = false;
      for (const FundHolding& row : whole_.fund_holdings) {
        if (!securities_.has(row.fund) || securities_.has(row.security) || !wanted.contains(row.security)) continue;
        securities_.keep(row.security);
        more = true;
      }
    }
  }

  void settle() {
    for (const Security& security : securities_.of(whole_.securities)) groups_.keep(security.group);
    securities_.settle();
    groups_.settle();
    models_.settle();
    taxpayers_.settle();
    brackets_.settle();
    households_.settle();
    accounts_.settle();
  }

  void move_securities(Book& part) const {
    part.securities = securities_.of(whole_.securities);
    part.groups = groups_.of(whole_.groups);
    for (Security& security : part.securities) security.group = groups_.moved(security.group);
  }

  void move_models(Book& part) const {
    part.models = models_.of(whole_.models);
    for (Model& model : part.models) {
      for (ModelWeight& weight : model.weights) weight.security = securities_.moved(weight.security);
      model.parts.clear();  // they are unfolded already
    }
  }

  void move_people(Book& part) const {
    part.brackets = brackets_.of(whole_.brackets);
    part.taxpayers = taxpayers_.of(whole_.taxpayers);
    for (Taxpayer& taxpayer : part.taxpayers) taxpayer.brackets = brackets_.moved(taxpayer.brackets);
    part.households = households_.of(whole_.households);
    for (Household& household : part.households) {
      for (AccountIndex& account : household.accounts) account = accounts_.moved(account);
    }
    part.accounts = accounts_.of(whole_.accounts);
    for (Account& account : part.accounts) {
      account.household = households_.moved(account.household);
      account.taxpayer = taxpayers_.moved(account.taxpayer);
      for (TaxpayerIndex& taxpayer : account.wash_taxpayers) taxpayer = taxpayers_.moved(taxpayer);
      account.model_index = models_.moved({account.model_index}).value;
      for (TaxLot& lot : account.lots) lot.security = securities_.moved(lot.security);
    }
  }

  void move_restrictions(Book& part) const {
    move_restrictions(whole_.restrictions, part.restrictions);
    move_restrictions(whole_.restrictions_ahead, part.restrictions_ahead);
    for (FundHolding row : whole_.fund_holdings) {
      if (!securities_.has(row.fund) || !securities_.has(row.security)) continue;
      row.fund = securities_.moved(row.fund);
      row.security = securities_.moved(row.security);
      part.fund_holdings.push_back(row);
    }
  }

  // A screen that no account of the unit uses concerns none of them.
  [[nodiscard]] bool is_used(const Restriction& restriction) const {
    return std::ranges::any_of(unit_.accounts, [&](AccountIndex account) {
      return uses_screen_of(restriction, whole_.account(account).effective_policy);
    });
  }

  void move_restrictions(const std::vector<Restriction>& from, std::vector<Restriction>& to) const {
    for (const Restriction& restriction : from) {
      const bool ours = restriction.scope == RestrictionScope::firm || households_.has(restriction.household) ||
                        accounts_.has(restriction.account);
      if (!ours || !is_used(restriction)) continue;
      Restriction& moved = to.emplace_back(restriction);
      moved.household = households_.moved(restriction.household);
      moved.account = accounts_.moved(restriction.account);
      moved.securities.clear();
      moved.shares.clear();
      for (std::size_t i = 0; i < restriction.securities.size(); ++i) {
        if (!securities_.has(restriction.securities[i])) continue;
        moved.securities.push_back(securities_.moved(restriction.securities[i]));
        if (!restriction.shares.empty()) moved.shares.push_back(restriction.shares[i]);
      }
    }
  }

  void move_rows(Book& part) const {
    for (Request request : whole_.requests) {
      if (!accounts_.has(request.account)) continue;
      request.account = accounts_.moved(request.account);
      request.model_index = models_.moved({request.model_index}).value;
      part.requests.push_back(std::move(request));
    }
    for (Transaction row : whole_.transactions) {
      if (!is_kept(row)) continue;
      row.account = accounts_.moved(row.account);
      row.taxpayer = taxpayers_.moved(row.taxpayer);
      row.security = securities_.moved(row.security);
      part.transactions.push_back(std::move(row));
    }
    for (DirectedTrade row : whole_.directed) {
      if (!accounts_.has(row.account)) continue;
      row.account = accounts_.moved(row.account);
      row.security = securities_.moved(row.security);
      part.directed.push_back(row);
    }
    for (Substitute row : whole_.substitutes) {
      if (!securities_.has(row.security) || !securities_.has(row.substitute)) continue;
      row.security = securities_.moved(row.security);
      row.substitute = securities_.moved(row.substitute);
      part.substitutes.push_back(row);
    }
    for (CorporateAction action : whole_.corporate_actions) {
      if (!securities_.has(action.security)) continue;
      action.security = securities_.moved(action.security);
      action.new_security = {};  // what is not decided by is not kept
      action.ratio.reset();
      part.corporate_actions.push_back(std::move(action));
    }
    for (const LossBar& bar : whole_.loss_bars) {
      if (!taxpayers_.has(bar.taxpayer) || (bar.group && !groups_.has(*bar.group))) continue;
      part.loss_bars.push_back(
          {taxpayers_.moved(bar.taxpayer), bar.group ? std::optional(groups_.moved(*bar.group)) : std::nullopt});
    }
  }

  void move_risk(Book& part) const {
    const RiskModel& risk = whole_.risk;
    const std::size_t factors = risk.factors.size();
    part.risk.factors = risk.factors;
    part.risk.factor_covariance = risk.factor_covariance;
    for (std::size_t i = 0; i < whole_.securities.size(); ++i) {
      if (!securities_.has({static_cast<std::uint32_t>(i)})) continue;
      const bool covered = i < risk.covered.size() && risk.covered[i];
      part.risk.covered.push_back(covered);
      part.risk.specific_volatility.push_back(covered ? risk.specific_volatility[i] : 0.0);
      for (std::size_t f = 0; f < factors; ++f)
        part.risk.exposures.push_back(covered ? risk.exposures[i * factors + f] : 0.0);
    }
  }

  // Of the accounts and households everything; of what others share only what holds.
  void move_findings(Book& part) const {
    std::set<std::pair<SubjectKind, std::string>> subjects;
    for (const Household& one : part.households) subjects.emplace(SubjectKind::household, one.id.text);
    for (const Taxpayer& one : part.taxpayers) subjects.emplace(SubjectKind::taxpayer, one.id.text);
    for (const Security& one : part.securities) subjects.emplace(SubjectKind::security, one.id.text);
    for (const Model& one : part.models) subjects.emplace(SubjectKind::model, one.id.text);
    for (const Account& one : part.accounts) {
      subjects.emplace(SubjectKind::account, one.id.text);
      subjects.emplace(SubjectKind::model, one.model);
    }
    std::ranges::copy_if(whole_.findings, std::back_inserter(part.findings), [&](const Finding& finding) {
      const SubjectKind kind = finding.subject.kind;
      const bool of_all = kind == SubjectKind::book || kind == SubjectKind::firm;
      const bool own = kind == SubjectKind::account || kind == SubjectKind::household;
      return (own || finding.severity == Severity::hold) && (of_all || subjects.contains({kind, finding.subject.id}));
    });
  }

  const Book& whole_;
  const DecisionUnit& unit_;
  const std::vector<std::uint32_t>& more_models_;
  Kept<SecurityIndex> securities_;
  Kept<GroupIndex> groups_;
  Kept<ModelIndex> models_;
  Kept<TaxpayerIndex> taxpayers_;
  Kept<BracketsIndex> brackets_;
  Kept<HouseholdIndex> households_;
  Kept<AccountIndex> accounts_;
};

std::uint32_t place_in(const std::vector<std::uint32_t>& places, std::uint32_t index) {
  require(index < places.size() && places[index] != nobody, "a result names what its unit does not have");
  return places[index];
}

}  // namespace

Part part_of(const Book& book, const DecisionUnit& unit, const std::vector<std::uint32_t>& more_models) {
  return Parting(book, unit, more_models).take();
}

AccountResult in_part(const Part& part, AccountResult result) {
  result.account.value = place_in(part.accounts, result.account.value);
  for (Order& order : result.orders) {
    order.trade.security.value = place_in(part.securities, order.trade.security.value);
  }
  return result;
}

}  // namespace lotwright
