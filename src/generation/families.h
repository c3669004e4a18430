// generation/families.h — who the clients are: people with their tax returns, households and accounts. A family is a
// decision unit: nobody outside it shares a household or a taxpayer with it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "generation/faults.h"
#include "generation/mix.h"
#include "generation/targets.h"

namespace lotwright::generation {

constexpr std::size_t nobody = static_cast<std::size_t>(-1);

constexpr const char* policy_with_costs = "active_harvest";  // a ticket and a commission for each order

struct AccountPlan {
  int number = 0;  // from 0, over the whole book
  std::string id;
  std::string household;          // empty: its own
  std::size_t taxpayer = nobody;  // in the family
  TaxTreatment tax_treatment = TaxTreatment::taxable;
  std::uint32_t target = 0;
  std::string policy;
  double value = 0.0;  // dollars put in, roughly
  int opened = 0;      // a day of the market
  bool frozen = false;
  std::optional<Fault> fault;
  bool joins_today = false;  // it was not there the day before

  [[nodiscard]] const std::string& household_id() const { return household.empty() ? id : household; }
};

struct TaxpayerPlan {
  std::string id, state;
  Weight rate_short, rate_long;
  // What the year brought before the trades that transactions.csv shows.
  Money earlier_short, earlier_long;
  std::optional<Money> carryforward_short, carryforward_long, outside_short, outside_long, gain_budget, tax_budget;
  bool separate_return = false;
};

struct Family {
  std::uint64_t number = 0;
  std::vector<AccountPlan> accounts;
  std::vector<TaxpayerPlan> taxpayers;
};

// The next family: number `number`, whose accounts are `first_account` and those after it, at most `most` of them.
[[nodiscard]] Family invent_family(std::uint64_t seed, std::uint64_t number, int first_account, int most,
                                   const Mix& mix, const Market& market, const std::vector<Target>& targets,
                                   const FaultPlan& faults);

// Where a lot goes that is booked to a neighbor: the family's next account; itself where there is no other.
[[nodiscard]] const AccountPlan& receiver_of(const Family& family, const AccountPlan& faulty);

// The accounts of a family that must be held, each with the fault that does it; in the order of accounts.
[[nodiscard]] std::vector<std::pair<std::size_t, Fault>> held_accounts(const Family& family);

// The policies of firm.toml, as its text.
[[nodiscard]] std::string policies_text();

}  // namespace lotwright::generation
