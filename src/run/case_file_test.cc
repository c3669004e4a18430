#include "run/case_file.h"

#include <gtest/gtest.h>

#include "run/run_fixtures.h"
#include "testing/book_builder.h"
#include "testing/households.h"

namespace lotwright {
namespace {

TEST(CaseFile, HoldsWhatIsNeededToLookAtARefusal) {
  const Book book = taxable_and_ira()
                        .request({.account = "TX", .amount = "500", .due_on = "2025-07-01"})
                        .restriction({.scope_id = "TX", .subject_id = "BBB"})
                        .build();
  const RunResult run = run_of(book, plain_steps(book));
  const std::string text =
      case_text(book, run.accounts, {{account_index(book, "TX"), "cash_min_yielded", "AAA", "L1", "short by 3.00"}});
  for (const char* part :
       {"case as_of=2025-06-30", "breach TX cash_min_yielded security=AAA lot=L1: short by 3.00",
        "order TX-AAA sell quantity=1", "lot_sale TX-AAA lot=L1", "given TX household=H taxpayer=T treatment=taxable",
        "lot IRA L3 AAB quantity=40", "taxpayer T rate_short=0.35", "kind=cash_out amount=500.00",
        "rule=never_buy subject=BBB", "IRA 2025-06-10 kind=buy AAB"}) {
    EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
  }
}

TEST(CaseFile, AnAccountIdCannotLeaveTheFolder) {
  BookBuilder builder;
  builder.security({.id = "AAA"}).account({.id = "../x y", .treatment = TaxTreatment::tax_free});
  const Book book = builder.build();
  EXPECT_EQ(case_name(book, decision_units(book).at(0)), "cases/%2E%2E%2Fx%20y.txt");
}

}  // namespace
}  // namespace lotwright
