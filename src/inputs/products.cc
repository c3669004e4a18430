// products.csv: what may fill an asset class, and for whom.

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

#include "inputs/readers.h"
#include "inputs/table.h"

namespace lotwright::inputs {
namespace {

struct ProductRow {
  std::string asset_class, id;
  ComponentKind kind = ComponentKind::security;
  std::string component;
  std::optional<std::int64_t> rank;
  std::optional<Money> value_min, value_max;
  std::optional<TaxTreatment> tax_treatment;

  auto operator<=>(const ProductRow&) const = default;
};

const Table<ProductRow> products_table{
    required<&ProductRow::id>("product_id"),
    required<&ProductRow::asset_class>("asset_class"),
    required<&ProductRow::kind>("component_kind"),
    required<&ProductRow::component>("component_id"),
    optional<&ProductRow::rank>("rank"),
    optional<&ProductRow::value_min, Range::not_negative>("value_min"),
    optional<&ProductRow::value_max, Range::not_negative>("value_max"),
    optional<&ProductRow::tax_treatment>("tax_treatment"),
};

constexpr std::int64_t rank_max = 1'000'000;

std::uint32_t place_of(const ProductRow& row, const Draft& draft) {
  return row.kind == ComponentKind::model ? draft.models.find(row.component).value
                                          : draft.securities.find(row.component).value;
}

void check_row(const ProductRow& row, const Draft& draft, RowFaults& faults) {
  if (row.rank && (*row.rank < 1 || *row.rank > rank_max)) {
    faults.add("rank", std::to_string(*row.rank), rule::data_number_out_of_range,
               "is not a rank: write a whole number from 1, or nothing where accounts have to name the product");
  }
  if (row.value_min && row.value_max && *row.value_max <= *row.value_min) {
    faults.add("value_max", row.value_max->to_string(), rule::data_number_out_of_range,
               "is not above value_min: no account fits; correct one of them");
  }
  if (!row.component.empty() && !faults.has("component_kind") && place_of(row, draft) == SecurityIndex::nobody) {
    faults.add("component_id", row.component, rule::model_part_unknown,
               fmt::format("is not in {}: add it or correct the name",
                           row.kind == ComponentKind::model ? "models.csv" : "securities.csv"));
  }
}

Product product_of(const ProductRow& row, const Draft& draft) {
  return {.id = row.id,
          .asset_class = row.asset_class,
          .nested = row.kind == ComponentKind::model,
          .place = place_of(row, draft),
          .rank = static_cast<int>(row.rank.value_or(0)),
          .value_min = row.value_min,
          .value_max = row.value_max,
          .tax_treatment = row.tax_treatment};
}

}  // namespace

void read_products(BookFile& file, Draft& draft) {
  FileReport& report = file.report();
  const Subject firm{SubjectKind::firm, {}};
  std::vector<Kept<ProductRow>> rows;
  read_table(file, products_table, [&](ProductRow& row, RowFaults& faults) {
    check_row(row, draft, faults);
    if (!faults.any()) return rows.push_back({std::move(row), faults.line()});
    // Whoever would get a product of this class without naming it might have got this one.
    report.find(Severity::review, firm, faults);
    if (row.rank || faults.has("rank")) draft.doubtful_products.emplace(row.asset_class, faults.line());
  });
  const auto key = [](const ProductRow& row) { return std::pair(row.asset_class, row.id); };
  std::set<std::pair<std::string, std::string>> twice;
  sort_unique(rows, key, [&](const auto& kept, const auto& extra) {
    report.tell(Severity::review, firm, rule::data_key_duplicate, extra.line, "product_id", extra.row.id,
                fmt::format("product \"{}\" of \"{}\" stands in line {} too and is not used: keep one of the rows",
                            quotable(extra.row.id), quotable(extra.row.asset_class), kept.line));
    twice.insert(key(extra.row));
    if (kept.row.rank || extra.row.rank) draft.doubtful_products.emplace(extra.row.asset_class, extra.line);
  });
  for (const auto& kept : rows) {
    if (!twice.contains(key(kept.row))) draft.book.products.push_back(product_of(kept.row, draft));
  }
  std::ranges::sort(draft.book.products, {},
                    [](const Product& one) { return std::tie(one.asset_class, one.rank, one.id); });
}

}  // namespace lotwright::inputs
