#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "book/rules.h"
#include "reports/price_of_acting.h"
#include "reports/sections.h"
#include "reports/words.h"

namespace lotwright::reports {
namespace {

constexpr std::size_t rows_max = 10;

std::string rule_in_words(const HarvestRow& row) {
  return fmt::format("{} ({})", meaning_for(Side::sell, row.rule),
                     row.source.empty() ? row.rule : row.rule + ", " + row.source);
}

std::string lots_in_words(int lots) { return fmt::format("{} {}", lots, lots == 1 ? "lot" : "lots"); }

Item item_of_account(const HarvestRow& row) {
  if (row.status == HarvestStatus::not_scanned) {
    return {fmt::format("Not scanned for losses, by rule: {}.", rule_in_words(row)), {}};
  }
  Item item;
  item.sentence = row.lots == 0 ? "Scanned: no lot is at a loss."
                                : fmt::format("Scanned: {} at a loss, {} in all; taken {}, skipped {}.",
                                              lots_in_words(row.lots), usd(row.loss), usd(row.taken), usd(row.skipped));
  if (row.lots_unknown_basis > 0) {
    item.details.push_back(
        fmt::format("Of {} nobody can say it: the basis is unknown.", lots_in_words(row.lots_unknown_basis)));
  }
  if (!row.rule.empty()) item.details.push_back(fmt::format("No orders leave, by rule: {}.", rule_in_words(row)));
  return item;
}

std::string left_in_words(const HarvestRow& row) {
  std::string text = fmt::format("Skipped {}, by rule: {}", usd(row.skipped), rule_in_words(row));
  if (row.value) {
    text += fmt::format("; realized too, it would {} {} in tax", row.value->is_negative() ? "cost" : "save",
                        usd(row.value->abs()));
  }
  return text + ".";
}

std::string swap_in_words(const HarvestRow& row) {
  const double added = *row.tracking_error_added;
  return fmt::format(
      "Against what was sold, what the money bought has a tracking error of {}; with the swap the "
      "account's is {} {}.",
      percent(*row.replacement_tracking_error, 3), percent(std::abs(added), 3), added < 0.0 ? "lower" : "higher");
}

std::string title_of_row(const AccountFacts& facts, const HarvestRow& row) {
  const auto& securities = facts.book->securities;
  const auto found = std::ranges::find(securities, row.security_id, [](const Security& one) { return one.id.text; });
  return found == securities.end() ? row.security_id : title_of(*found);
}

Item item_of(const AccountFacts& facts, const HarvestRow& row) {
  Item item;
  item.sentence =
      fmt::format("{}: {} at a loss, {} in all", title_of_row(facts, row), lots_in_words(row.lots), usd(row.loss));
  if (row.taken.is_positive()) item.sentence += fmt::format("; taken {}", usd(row.taken));
  if (row.disallowed.is_positive()) item.sentence += fmt::format(", of which {} are disallowed", usd(row.disallowed));
  item.sentence += ".";
  if (row.skipped.is_positive()) item.details.push_back(left_in_words(row));
  if (row.replacement_tracking_error && row.tracking_error_added) item.details.push_back(swap_in_words(row));
  return item;
}

}  // namespace

Section section_of_harvests(const AccountFacts& facts) {
  Section section;
  section.heading = "Losses, taken and skipped";
  const std::vector<HarvestRow>& rows = facts.result->harvests;
  if (rows.empty()) return section;
  section.items.push_back(item_of_account(rows.front()));
  std::vector<HarvestRow> largest(rows.begin() + 1, rows.end());
  std::ranges::stable_sort(largest, std::greater{}, &HarvestRow::loss);
  if (largest.size() > rows_max) {
    section.items.push_back({fmt::format("Of {} securities at a loss these are the {} with most; the others stand in "
                                         "harvests.csv.",
                                         largest.size(), rows_max),
                             {}});
    largest.resize(rows_max);
  }
  for (const HarvestRow& row : largest) section.items.push_back(item_of(facts, row));
  return section;
}

}  // namespace lotwright::reports
