#include "run/ledger_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "book/rules.h"
#include "inputs/ledger_words.h"
#include "run/csv_writer.h"
#include "run/names.h"

namespace lotwright {
namespace {

using Json = nlohmann::ordered_json;

// Whose rows are wanted.
class Wanted {
 public:
  static Result<Wanted> of(const LedgerBook& book, const LedgerWishes& wishes) {
    Wanted wanted;
    wanted.year_ = wishes.year;
    wanted.all_ = wishes.accounts.empty();
    for (const std::string& id : wishes.accounts) {
      const auto found = std::lower_bound(
          book.accounts.begin(), book.accounts.end(), id,
          [](const LedgerAccount& account, const std::string& name) { return account.id.text < name; });
      if (found == book.accounts.end() || found->id.text != id) {
        return Failure{
            rule::account_unknown, "the ledger has no account " + id + "; see account_id in accounts.csv", {}};
      }
      wanted.accounts_.insert(AccountIndex{static_cast<std::uint32_t>(found - book.accounts.begin())});
      if (found->taxpayer.exists()) wanted.taxpayers_.insert(found->taxpayer);
    }
    return wanted;
  }

  [[nodiscard]] bool has(AccountIndex account) const { return all_ || accounts_.contains(account); }
  [[nodiscard]] bool has(TaxpayerIndex taxpayer) const { return all_ || taxpayers_.contains(taxpayer); }
  [[nodiscard]] bool has_year(int year) const { return !year_ || *year_ == year; }

 private:
  bool all_ = true;
  std::set<AccountIndex> accounts_;
  std::set<TaxpayerIndex> taxpayers_;
  std::optional<int> year_;
};

Result<bool> write_lots(const LedgerBook& book, const tax::Ledger& ledger, const Wanted& wanted, OutputFolder& folder) {
  CsvWriter csv(
      folder, "lots.csv",
      {"account_id", "lot_id", "security_id", "quantity", "cost_basis", "acquired_on", "held_from", "parent_lot_id",
       "loss_basis", "loss_held_from", "first_lot_id", "acquisition_id", "replacement", "made", "parts"});
  for (const tax::LotLeft& left : ledger.lots) {
    if (!wanted.has(left.account)) continue;
    const TaxLot& lot = left.lot;
    csv.row({book.accounts[left.account.value].id.text, lot.id.text, book.securities[lot.security.value].id.text,
             lot.quantity.to_string(), dollars(lot.cost_basis), lot.acquired_on.to_string(), lot.held_from.to_string(),
             left.parent.text, dollars(lot.loss_basis), lot.loss_held_from ? lot.loss_held_from->to_string() : "",
             left.first.text, left.acquisition, std::string(name_of(left.replacement)), std::to_string(left.made),
             left.parts == 0 ? "" : std::to_string(left.parts)});
  }
  return csv.finish();
}

Result<bool> write_sales(const LedgerBook& book, const tax::Ledger& ledger, const Wanted& wanted,
                         OutputFolder& folder) {
  CsvWriter csv(folder, "form8949.csv",
                {"account_id", "lot_id", "security_id", "quantity", "acquired_on", "sold_on", "term", "proceeds",
                 "cost_basis", "code", "adjustment", "gain", "open_until"});
  for (const tax::SaleRow& sale : ledger.sales) {
    if (!wanted.has(sale.account) || !wanted.has_year(sale.sold_on.civil().year)) continue;
    csv.row({book.accounts[sale.account.value].id.text, sale.lot.text, book.securities[sale.security.value].id.text,
             sale.quantity.to_string(), sale.acquired_on.to_string(), sale.sold_on.to_string(), name_of(sale.term),
             dollars(sale.proceeds), dollars(sale.cost_basis), sale.disallowed.is_positive() ? "W" : "",
             dollars(sale.disallowed), dollars(sale.gain()), sale.open_until ? sale.open_until->to_string() : ""});
  }
  return csv.finish();
}

Result<bool> write_years(const LedgerBook& book, const tax::Ledger& ledger, const Wanted& wanted,
                         OutputFolder& folder) {
  CsvWriter csv(folder, "schedule_d.csv",
                {"taxpayer_id", "year", "short", "long", "carryforward_short", "carryforward_long", "ordinary_offset"});
  for (const auto& [taxpayer, year, gains, schedule] : ledger.years) {
    if (!wanted.has(taxpayer) || !wanted.has_year(year)) continue;
    csv.row({book.taxpayers[taxpayer.value].id.text, std::to_string(year), dollars(gains.short_term),
             dollars(gains.long_term), dollars(schedule.carryforward_short), dollars(schedule.carryforward_long),
             dollars(schedule.ordinary_offset)});
  }
  return csv.finish();
}

Result<bool> write_findings(const tax::Ledger& ledger, OutputFolder& folder) {
  CsvWriter csv(folder, "findings.csv", {"file", "line", "column", "value", "rule", "message"});
  for (const auto& [rule, message, place] : ledger.findings) {
    csv.row({place.file, std::to_string(place.line), place.column, place.value, rule, message});
  }
  return csv.finish();
}

}  // namespace

Result<bool> write_ledger(const LedgerBook& book, const tax::Ledger& ledger, const LedgerWishes& wishes,
                          OutputFolder& folder) {
  const auto wanted = Wanted::of(book, wishes);
  if (!wanted) return wanted.failure();
  if (auto written = write_lots(book, ledger, *wanted, folder); !written) return written;
  if (auto written = write_sales(book, ledger, *wanted, folder); !written) return written;
  if (auto written = write_years(book, ledger, *wanted, folder); !written) return written;
  if (auto written = write_findings(ledger, folder); !written) return written;
  return folder.publish();
}

std::string text_of(const tax::Ledger& ledger) {
  const auto washed = std::count_if(ledger.sales.begin(), ledger.sales.end(),
                                    [](const auto& sale) { return sale.disallowed.is_positive(); });
  const auto open = std::count_if(ledger.sales.begin(), ledger.sales.end(),
                                  [](const auto& sale) { return sale.open_until.has_value(); });
  std::string text =
      fmt::format("{} sales, {} of them wash sales; {} lots left; {} years of taxpayers; {} findings",
                  ledger.sales.size(), washed, ledger.lots.size(), ledger.years.size(), ledger.findings.size());
  if (open > 0) text += fmt::format("; {} losses that a purchase may still disallow", open);
  if (!ledger.held.empty()) text += fmt::format("; {} positions held and not played to the end", ledger.held.size());
  return text;
}

std::string json_of(const LedgerBook& book, const tax::Ledger& ledger) {
  Json json = {{"sales", ledger.sales.size()},
               {"lots", ledger.lots.size()},
               {"findings", ledger.findings.size()},
               {"held", Json::array()},
               {"schedule_d", Json::array()}};
  for (const auto& [account, security, by] : ledger.held) {
    json["held"].push_back({{"account_id", book.accounts[account.value].id.text},
                            {"security_id", security.exists() ? book.securities[security.value].id.text : ""},
                            {"by", by}});
  }
  for (const auto& [taxpayer, year, gains, schedule] : ledger.years) {
    json["schedule_d"].push_back({{"taxpayer_id", book.taxpayers[taxpayer.value].id.text},
                                  {"year", year},
                                  {"short", dollars(gains.short_term)},
                                  {"long", dollars(gains.long_term)},
                                  {"carryforward_short", dollars(schedule.carryforward_short)},
                                  {"carryforward_long", dollars(schedule.carryforward_long)},
                                  {"ordinary_offset", dollars(schedule.ordinary_offset)}});
  }
  return json.dump(2);
}

}  // namespace lotwright
