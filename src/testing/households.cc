#include "testing/households.h"

namespace lotwright {

BookBuilder direct_index() {
  return BookBuilder()
      .security({.id = "AAA", .price = "100"})
      .security({.id = "BBB", .price = "50", .sector = "energy"})
      .security({.id = "CCC", .price = "40", .sector = "health"})
      .security({.id = "DDD", .price = "200"})
      .security({.id = "EEE", .price = "25", .sector = "energy"})
      .security({.id = "FFF", .price = "80", .sector = "health"})
      .security({.id = "GGG", .price = "75"})
      .security({.id = "HHH", .price = "120", .quantity_step = "0.000001"})
      .security({.id = "BB2", .price = "55", .sector = "energy"})
      .security({.id = "CC2", .price = "30", .sector = "health"})
      .substitute({.security = "BBB", .substitute = "BB2"})
      .substitute({.security = "CCC", .substitute = "CC2"})
      .model("M", {{"AAA", "0.125"},
                   {"BBB", "0.125"},
                   {"CCC", "0.125"},
                   {"DDD", "0.125"},
                   {"EEE", "0.125"},
                   {"FFF", "0.125"},
                   {"GGG", "0.125"},
                   {"HHH", "0.125"}})
      .account({.id = "DI", .cash = "400"})
      .lot({.account = "DI",
            .id = "D1",
            .security = "AAA",
            .quantity = "60",
            .cost_basis = "3000",
            .acquired_on = "2018-05-01"})
      .lot({.account = "DI",
            .id = "D2",
            .security = "BBB",
            .quantity = "80",
            .cost_basis = "5500",
            .acquired_on = "2023-03-10"})
      .lot({.account = "DI",
            .id = "D3",
            .security = "CCC",
            .quantity = "100",
            .cost_basis = "4600",
            .acquired_on = "2025-02-03"})
      .lot({.account = "DI",
            .id = "D4",
            .security = "DDD",
            .quantity = "25",
            .cost_basis = "4900",
            .acquired_on = "2025-01-15"})
      .lot({.account = "DI",
            .id = "D5",
            .security = "EEE",
            .quantity = "200",
            .cost_basis = "2000",
            .acquired_on = "2024-07-10"})
      .lot({.account = "DI",
            .id = "D6",
            .security = "FFF",
            .quantity = "62",
            .cost_basis = "4000",
            .acquired_on = "2021-11-22"})
      .lot({.account = "DI",
            .id = "D7",
            .security = "GGG",
            .quantity = "64",
            .cost_basis = "4800",
            .acquired_on = "2022-08-15"})
      .lot({.account = "DI",
            .id = "D8",
            .security = "HHH",
            .quantity = "12",
            .cost_basis = "1400",
            .acquired_on = "2024-05-20"})
      .lot({.account = "DI",
            .id = "D9",
            .security = "HHH",
            .quantity = "36.666666",
            .cost_basis = "5000",
            .acquired_on = "2025-04-01"});
}

BookBuilder taxable_and_ira() {
  return BookBuilder()
      .security({.id = "AAA", .price = "90", .group = "A-SHARES"})
      .security({.id = "AAB", .price = "60", .group = "A-SHARES"})
      .security({.id = "BBB", .price = "100"})
      .model("M", {{"AAA", "0.5"}, {"BBB", "0.5"}})
      .account({.id = "TX", .household = "H", .cash = "1000"})
      .account(
          {.id = "IRA", .household = "H", .taxpayer = "T", .treatment = TaxTreatment::tax_deferred, .cash = "1000"})
      .lot({.account = "TX",
            .id = "L1",
            .security = "AAA",
            .quantity = "100",
            .cost_basis = "12000",
            .acquired_on = "2023-01-20"})
      .lot({.account = "TX",
            .id = "L2",
            .security = "BBB",
            .quantity = "100",
            .cost_basis = "8000",
            .acquired_on = "2022-06-01"})
      .lot({.account = "IRA",
            .id = "L3",
            .security = "AAB",
            .quantity = "40",
            .cost_basis = "2400",
            .acquired_on = "2025-06-10"})
      .lot({.account = "IRA",
            .id = "L4",
            .security = "BBB",
            .quantity = "50",
            .cost_basis = "4000",
            .acquired_on = "2020-02-03"})
      .transaction(
          {.account = "IRA", .trade_date = "2025-06-10", .security = "AAB", .quantity = "40", .amount = "2400"});
}

BookBuilder cash_out_due() {
  return BookBuilder()
      .security({.id = "AAA"})
      .security({.id = "BBB"})
      .account({.id = "CO", .cash = "500"})
      .lot({.account = "CO", .id = "L1", .security = "AAA", .quantity = "100", .cost_basis = "6000"})
      .lot({.account = "CO", .id = "L2", .security = "BBB", .quantity = "100", .cost_basis = "9900"})
      .request({.account = "CO", .kind = RequestKind::cash_out, .amount = "5000", .due_on = "2025-07-02"});
}

BookBuilder restricted() {
  return BookBuilder()
      .security({.id = "AAA", .tags = {"tobacco"}})
      .security({.id = "BBB"})
      .security({.id = "CCC"})
      .security({.id = "DDD"})
      .security({.id = "EEE"})
      .security({.id = "FFF"})
      .model("M", {{"AAA", "0.25"}, {"BBB", "0.25"}, {"CCC", "0.25"}, {"DDD", "0.25"}})
      .account({.id = "RS", .household = "H", .cash = "200"})
      .lot({.account = "RS", .id = "L1", .security = "AAA", .quantity = "30", .cost_basis = "2000"})
      .lot({.account = "RS", .id = "L2", .security = "BBB", .quantity = "20", .cost_basis = "1000"})
      .lot({.account = "RS", .id = "L3", .security = "CCC", .quantity = "10", .cost_basis = "900"})
      .lot({.account = "RS", .id = "L4", .security = "EEE", .quantity = "10", .cost_basis = "950"})
      .lot({.account = "RS", .id = "L5", .security = "FFF", .quantity = "10", .cost_basis = "950"})
      .restriction({.scope = RestrictionScope::firm,
                    .rule = RestrictionRule::never_buy,
                    .subject_kind = RestrictionSubject::tag,
                    .subject_id = "tobacco"})
      .restriction({.scope = RestrictionScope::household,
                    .scope_id = "H",
                    .rule = RestrictionRule::never_sell,
                    .subject_id = "BBB"})
      .restriction({.scope_id = "RS", .rule = RestrictionRule::weight_max, .subject_id = "CCC", .value = "0.20"})
      .restriction({.scope_id = "RS", .rule = RestrictionRule::sell_all, .subject_id = "EEE"})
      .restriction({.scope_id = "RS", .rule = RestrictionRule::freeze, .subject_id = "FFF"});
}

}  // namespace lotwright
