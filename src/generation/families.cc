#include "generation/families.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace lotwright::generation {
namespace {

struct PolicyText {
  const char* name;
  double share;
  const char* settings;
};

constexpr auto policies = std::to_array<PolicyText>({
    {"default", 0.45, "risk_aversion = 20.0\n"},
    {"tax_sensitive", 0.12, "inherits = \"default\"\nrisk_aversion = 10.0\nshort_term_gains = \"avoid\"\n"},
    {"tight", 0.08, "inherits = \"default\"\nrisk_aversion = 200.0\nturnover_max = 0.30\n"},
    {policy_with_costs, 0.10,
     "inherits = \"default\"\nloss_value = 1.0\ntrade_min_usd = 100\nticket_cost_usd = 1.0\ncommission_bps = 0.5\n"},
    {"low_turnover", 0.06, "inherits = \"default\"\nturnover_max = 0.05\nrebalance_days_min = 30\n"},
    {"capped", 0.06, "inherits = \"tax_sensitive\"\nposition_weight_max = 0.15\ngain_budget = 150_000\n"},
    {"banded", 0.05, "risk_aversion = 8.0\nband_bonds_max = 0.70\nband_international_equity_max = 0.40\n"},
    {"small", 0.08,
     "trade_min_usd = 25\ncash_target = 0.02\ncash_min = 0.005\ncash_max = 0.03\nimprovement_min_bps = 2\n"},
});

// Federal rates on short-term and long-term gains, with the tax on investment income and some states.
struct Rates {
  int permille_short, permille_long;
};
constexpr std::array rates{Rates{120, 0},   Rates{220, 150}, Rates{240, 150}, Rates{320, 150},
                           Rates{358, 188}, Rates{408, 238}, Rates{541, 371}};
constexpr std::array states{"CA", "NY", "TX", "FL", "WA", "IL", "MA", ""};

template <std::size_t Count>
std::size_t place(Chance& chance, const std::array<double, Count>& weights) {
  return chance.place(weights);
}

// A heavy tail within the class: small values are likely, the largest are not.
double draw_value(Chance& chance, const Mix& mix) {
  constexpr std::array<double, 7> ends{5e3, 5e4, 25e4, 1e6, 5e6, 25e6, 80e6};
  const std::array<double, 6> shares{mix.size_tiny,  mix.size_small, mix.size_middle,
                                     mix.size_large, mix.size_huge,  mix.size_giant};
  const std::size_t size = place(chance, shares);
  return ends[size] / (1.0 - chance.uniform() * (1.0 - ends[size] / ends[size + 1]));
}

Money whole_dollars(double dollars) { return Money::of_whole(static_cast<std::int64_t>(dollars)); }
Money with_cents(Chance& chance, double low, double high) {
  return Money::of_count(static_cast<std::int64_t>(chance.uniform(low, high) * 100.0) * cent.count());
}

TaxpayerPlan draw_taxpayer(Chance& chance, const Mix& mix, std::string id) {
  TaxpayerPlan taxpayer;
  taxpayer.id = std::move(id);
  taxpayer.state = chance.one_of(states);
  const Rates& rate = chance.one_of(rates);
  taxpayer.rate_short = Weight::of_count(rate.permille_short * (Weight::scale / 1000));
  taxpayer.rate_long = Weight::of_count(rate.permille_long * (Weight::scale / 1000));
  if (chance.hits(0.35)) taxpayer.earlier_short = with_cents(chance, -8e3, 8e3);
  if (chance.hits(0.35)) taxpayer.earlier_long = with_cents(chance, -2e4, 4e4);
  if (chance.hits(mix.carryforward)) taxpayer.carryforward_short = with_cents(chance, 0, 3e4);
  if (chance.hits(mix.carryforward)) taxpayer.carryforward_long = with_cents(chance, 0, 8e4);
  if (chance.hits(0.10)) taxpayer.outside_short = with_cents(chance, -1e4, 1e4);
  if (chance.hits(0.25)) taxpayer.outside_long = with_cents(chance, -1e4, 6e4);
  if (chance.hits(mix.budgets)) taxpayer.gain_budget = whole_dollars(chance.uniform(0, 5e4));
  if (chance.hits(mix.budgets)) taxpayer.tax_budget = whole_dollars(chance.uniform(0, 2e4));
  taxpayer.separate_return = chance.hits(0.05);
  return taxpayer;
}

std::uint32_t draw_target(Chance& chance, const Mix& mix, const std::vector<Target>& targets) {
  const std::array<double, 3> shares{mix.direct, mix.funds, mix.nested};
  const auto kind = static_cast<TargetKind>(place(chance, shares));
  std::vector<std::uint32_t> fitting;
  for (std::uint32_t i = 0; i < targets.size(); ++i) {
    if (targets[i].kind == kind && targets[i].followed) fitting.push_back(i);
  }
  return chance.one_of(fitting);
}

std::string draw_policy(Chance& chance) {
  std::vector<double> shares;
  for (const PolicyText& policy : policies) shares.push_back(policy.share);
  return policies[chance.place(shares)].name;
}

AccountPlan draw_account(Chance& chance, int number, const Mix& mix, const Market& market,
                         const std::vector<Target>& targets) {
  AccountPlan account;
  account.number = number;
  account.id = fmt::format("A{:07}", number);
  const std::array<double, 3> shares{mix.taxable, mix.tax_deferred, mix.tax_free};
  account.tax_treatment = static_cast<TaxTreatment>(place(chance, shares));
  account.target = draw_target(chance, mix, targets);
  account.policy = draw_policy(chance);
  account.value = draw_value(chance, mix);
  // Half of the accounts are as old as the prices; others were opened since, the last ones days ago.
  account.opened = chance.hits(0.5) ? chance.between(0, 60) : chance.between(0, market.last_day() - 1);
  account.frozen = chance.hits(mix.frozen);
  return account;
}

int draw_size(Chance& chance) {
  constexpr std::array<double, 6> shares{0.45, 0.25, 0.15, 0.08, 0.04, 0.03};
  return 1 + static_cast<int>(place(chance, shares));
}

// Accounts of one household mostly; sometimes a parent's taxpayer has an account in the household of a child.
void settle_households(Chance& chance, Family& family) {
  const bool alone = family.accounts.size() == 1 && chance.hits(0.3);
  const bool two = family.accounts.size() >= 3 && chance.hits(0.15);
  for (std::size_t i = 0; i < family.accounts.size() && !alone; ++i) {
    family.accounts[i].household = fmt::format("H{:07}", family.number);
    if (two && i == family.accounts.size() - 1) family.accounts[i].household += "-2";
  }
}

void settle_taxpayers(Chance& chance, const Mix& mix, Family& family) {
  const int people = family.accounts.size() >= 2 && chance.hits(0.25) ? 2 : 1;
  for (int person = 1; person <= people; ++person) {
    family.taxpayers.push_back(draw_taxpayer(chance, mix, fmt::format("T{:07}-{}", family.number, person)));
  }
  for (AccountPlan& account : family.accounts) {
    const bool unnamed = account.tax_treatment != TaxTreatment::taxable && chance.hits(0.3);
    if (!unnamed) account.taxpayer = static_cast<std::size_t>(chance.between(0, people - 1));
  }
}

}  // namespace

Family invent_family(std::uint64_t seed, std::uint64_t number, int first_account, int most, const Mix& mix,
                     const Market& market, const std::vector<Target>& targets, const FaultPlan& faults) {
  Chance chance(stream(seed, Stream::unit, number));
  Family family;
  family.number = number;
  const int count = std::min(draw_size(chance), most);
  for (int i = first_account; i < first_account + count; ++i) {
    AccountPlan account = draw_account(chance, i, mix, market, targets);
    account.fault = faults.of(i);
    if (account.fault && needs_taxable(*account.fault)) account.tax_treatment = TaxTreatment::taxable;
    family.accounts.push_back(std::move(account));
  }
  settle_households(chance, family);
  settle_taxpayers(chance, mix, family);
  return family;
}

const AccountPlan& receiver_of(const Family& family, const AccountPlan& faulty) {
  const auto place = static_cast<std::size_t>(&faulty - family.accounts.data());
  return family.accounts[(place + 1) % family.accounts.size()];
}

std::vector<std::pair<std::size_t, Fault>> held_accounts(const Family& family) {
  std::vector<std::pair<std::size_t, Fault>> held;
  const auto reaches = [&](const AccountPlan& faulty, const AccountPlan& other) {
    if (faulty.id == other.id) return true;
    if (faulty.fault == Fault::lot_in_other_account) return &other == &receiver_of(family, faulty);
    const bool same_taxpayer = faulty.taxpayer == other.taxpayer && other.fault != Fault::taxpayer_missing &&
                               other.fault != Fault::taxpayer_unknown;
    switch (*faulty.fault) {
      case Fault::taxpayer_unreadable:
        return same_taxpayer;
      case Fault::tax_rates_reversed:
        return same_taxpayer && other.tax_treatment == TaxTreatment::taxable;
      case Fault::household_setting_unreadable:
        return faulty.household_id() == other.household_id();
      case Fault::account_vanished:
        return faulty.taxpayer != nobody && same_taxpayer;
      default:
        return false;
    }
  };
  for (std::size_t i = 0; i < family.accounts.size(); ++i) {
    const AccountPlan& account = family.accounts[i];
    const AccountPlan* source = account.fault ? &account : nullptr;
    for (const AccountPlan& other : family.accounts) {
      if (source == nullptr && other.fault && reaches(other, account)) source = &other;
    }
    if (source != nullptr) held.emplace_back(i, *source->fault);
  }
  return held;
}

std::string policies_text() {
  std::string text;
  for (const PolicyText& policy : policies) text += fmt::format("[policy.{}]\n{}\n", policy.name, policy.settings);
  return text;
}

}  // namespace lotwright::generation
