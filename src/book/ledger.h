// book/ledger.h — the ledger's folder as values: who owns what, and everything that happened, row by row as it stood in
// the files (docs/data.md, "The ledger's folder").
//
// In:       made by inputs/ledger_folder.h, or in memory by tests.
// Out:      plain values for tax/ledger.h, which plays them. Nothing here computes.
// Promises: accounts, taxpayers and securities are sorted by id. A row that is wrong is kept with its faults, since a
//           later row may take it back: then it is as if it had never been.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "book/book.h"

namespace lotwright {

enum class LedgerKind { buy, sell, reinvest, transfer_in, transfer_out, gift_in, inherit, spouse_in };

// Which lots a sell takes that names none (Reg. 1.1012-1(c)): the earliest, the latest, those of the highest basis,
// those with the least tax now.
enum class ReliefMethod { fifo, lifo, hifo, min_tax };

// From when a replacement counts its holding period (IRC 1223(3)); docs/tax.md weighs the three.
enum class WashTacking { days, holding_date, later };
enum class WashBoughtBefore { include, exclude };
enum class WashSpouseBasis { add, lost };

// Where the law is open; ledger_settings.csv turns them.
struct LedgerPolicy {
  WashTacking wash_tacking = WashTacking::days;
  WashBoughtBefore wash_bought_before = WashBoughtBefore::include;
  WashSpouseBasis wash_spouse_basis = WashSpouseBasis::add;
};

struct LedgerSecurity {
  SecurityId id;
  GroupIndex group;  // substantially identical securities share one; always exists
  Quantity quantity_step = Quantity::of_whole(1);
};

struct LedgerTaxpayer {
  TaxpayerId id;
  Weight rate_short;
  Weight rate_long;
  Money carryforward_short;  // losses of the years before the ledger begins, positive
  Money carryforward_long;
  Money ordinary_loss_limit = Money::of_whole(3000);
  TaxpayerIndex spouse;  // who files apart; nobody: none is known
  bool held = false;     // its row is faulty: no Schedule D
};

struct LedgerAccount {
  AccountId id;
  TaxpayerIndex taxpayer;  // nobody: an untaxed account on its own
  // Whose loss sales a purchase here can wash: its own taxpayer, or for an untaxed account without one every taxpayer
  // of its household; and their spouses. Sorted.
  std::vector<TaxpayerIndex> wash_taxpayers;
  TaxTreatment tax_treatment = TaxTreatment::taxable;
  bool held = false;  // its row is faulty: nothing of it is played
};

// Where a row stood, and what is wrong with it: a failure with its place and the whole sentence for each fault.
struct LedgerRow {
  std::int64_t line = 0;
  std::vector<Failure> faults;
};

// Whether shares may disallow a loss: they have not yet; they have, and never will again (Reg. 1.1091-1(e)); they were
// not purchased (IRC 1091(a)).
enum class Replacement { free, used, never };

// A row of opening_lots.csv, which may be lots.csv of an earlier ledger.
struct OpeningLot {
  LedgerRow row;
  AccountIndex account;
  bool account_named = false;   // as in LedgerEvent
  bool security_named = false;  // likewise
  bool dated = false;           // acquired_on can be read
  TaxLot lot;
  std::string parent;       // the lot of the account that it was split off; empty: none
  std::string first;        // the lot that came in, of which the parent is a part; empty: it is the parent
  std::string acquisition;  // one for all shares of one acquisition; empty: the parent's, else its own
  std::optional<Replacement> replacement;
  std::optional<std::int64_t> made;  // 1 ..: order of making; empty: after those that say it
  std::uint32_t parts = 0;           // PARENT.n was the last lot split off it
};

// A row of transactions.csv. Where it has faults the fields they belong to are as if they were empty.
struct LedgerEvent {
  LedgerRow row;
  std::string id;
  std::string reverses;        // the event it takes back; all else is then of no account
  AccountIndex account;        // nobody: outside the ledger, or unknown
  TaxpayerIndex taxpayer;      // of an outside row
  bool account_named = false;  // the cell that says whose it is is filled, whether or not such an owner is known
  SecurityIndex security;
  bool security_named = false;  // likewise
  std::optional<Date> date;
  LedgerKind kind = LedgerKind::buy;
  Quantity quantity;  // > 0
  Money amount;       // a buy's full cost, a sell's net proceeds
  std::string lot;    // on a sell the lot to sell, else the id of the new lot; empty: not given
  ReliefMethod method = ReliefMethod::fifo;
  bool outside = false;
  std::optional<Date> acquired_on;
  std::optional<Money> cost_basis;
  std::optional<Money> fair_value;
};

enum class LedgerActionKind {
  split,
  reverse_split,
  stock_dividend,
  merger,
  spin_off,
  symbol_change,
  return_of_capital
};

// A row of corporate_actions.csv.
struct LedgerAction {
  LedgerRow row;
  std::string id;
  SecurityIndex security;
  std::optional<Date> effective_on;
  LedgerActionKind kind = LedgerActionKind::split;
  bool applied = false;  // pending ones are not played
  bool pending = false;  // its faults are told and hold nothing
  SecurityIndex new_security;
  std::optional<Weight> ratio;           // new shares for each old one
  std::optional<Price> cash_per_share;   // dollars for each old share; of splits and spin-offs for each new one
  std::optional<Weight> basis_fraction;  // the part of the basis that goes to the new security
  std::optional<Price> fair_value_new;   // dollars for each new share
};

// The most dollars, and the most shares, of all rows of a ledger together: whatever adds them up stays within 64 bits.
inline constexpr std::int64_t ledger_sum_max = 4'000'000'000'000;

// Numbers in ids and in the order of lots.
inline constexpr std::int64_t lot_number_max = 1'000'000'000;

struct LedgerBook {
  std::vector<LedgerSecurity> securities;
  std::vector<std::string> groups;  // names of identical groups, by GroupIndex
  std::vector<LedgerTaxpayer> taxpayers;
  std::vector<LedgerAccount> accounts;
  std::vector<OpeningLot> opening_lots;  // this and the next two in file order
  std::vector<LedgerEvent> events;
  std::vector<LedgerAction> actions;
  LedgerPolicy policy;
  std::vector<Failure> findings;  // of reading, but for the faults that the rows keep
};

}  // namespace lotwright
