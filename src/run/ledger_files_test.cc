#include "run/ledger_files.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "run/memory_folder.h"

namespace lotwright {
namespace {

Money money(const char* text) { return Money::parse(text).value(); }

// Two accounts of one taxpayer; a sale in each, of two years, and a lot that is left.
LedgerBook small_book() {
  LedgerBook book;
  book.groups = {"X"};
  book.securities.push_back({SecurityId("X"), GroupIndex{0}, Quantity::of_whole(1)});
  LedgerTaxpayer taxpayer;
  taxpayer.id = TaxpayerId("T");
  book.taxpayers.push_back(taxpayer);
  for (const char* id : {"A", "B"}) {
    LedgerAccount account;
    account.id = AccountId(id);
    account.taxpayer = TaxpayerIndex{0};
    account.wash_taxpayers = {TaxpayerIndex{0}};
    book.accounts.push_back(account);
  }
  return book;
}

tax::Ledger small_result() {
  tax::Ledger ledger;
  for (const std::uint32_t account : {0U, 1U}) {
    tax::SaleRow sale;
    sale.account = AccountIndex{account};
    sale.lot = LotId("L1");
    sale.security = SecurityIndex{0};
    sale.quantity = Quantity::of_whole(10);
    sale.acquired_on = Date::of(2019, 1, 2);
    sale.sold_on = Date::of(2020 + static_cast<int>(account), 3, 2);
    sale.term = Term::long_term;
    sale.proceeds = money("800");
    sale.cost_basis = money("1000");
    sale.disallowed = account == 0 ? money("50.5") : Money();
    if (account == 1) sale.open_until = Date::of(2021, 4, 1);
    ledger.sales.push_back(sale);
    TaxLot lot;
    lot.id = LotId("L2.1");
    lot.quantity = Quantity::of_whole(1);
    lot.security = SecurityIndex{0};
    lot.acquired_on = Date::of(2020, 3, 10);
    lot.held_from = Date::of(2019, 1, 10);
    tax::LotLeft left;
    left.account = AccountIndex{account};
    left.lot = lot;
    left.parent = left.first = LotId("L2");
    left.acquisition = "t2";
    left.replacement = account == 0 ? Replacement::used : Replacement::never;
    left.made = account + 1;
    left.parts = account;
    ledger.lots.push_back(left);
  }
  ledger.years.push_back({TaxpayerIndex{0}, 2020, {Money(), money("-149.5")}, {money("149.5"), Money(), Money()}});
  ledger.years.push_back({TaxpayerIndex{0}, 2021, {Money(), money("-200")}, {money("200"), Money(), Money()}});
  ledger.findings.push_back({"ledger_oversold", "said, so", {"transactions.csv", 7, "quantity", "5"}});
  return ledger;
}

MemoryFolder written(const LedgerWishes& wishes) {
  MemoryFolder folder;
  EXPECT_TRUE(write_ledger(small_book(), small_result(), wishes, folder).ok());
  return folder;
}

TEST(LedgerFiles, every_file_has_its_columns_and_rows) {
  const MemoryFolder folder = written({});
  EXPECT_EQ(folder.files.at("form8949.csv"),
            "account_id,lot_id,security_id,quantity,acquired_on,sold_on,term,proceeds,cost_basis,code,adjustment,gain,"
            "open_until\n"
            "A,L1,X,10,2019-01-02,2020-03-02,long_term,800.00,1000.00,W,50.50,-149.50,\n"
            "B,L1,X,10,2019-01-02,2021-03-02,long_term,800.00,1000.00,,0.00,-200.00,2021-04-01\n");
  EXPECT_EQ(folder.files.at("lots.csv"),
            "account_id,lot_id,security_id,quantity,cost_basis,acquired_on,held_from,parent_lot_id,loss_basis,"
            "loss_held_from,first_lot_id,acquisition_id,replacement,made,parts\n"
            "A,L2.1,X,1,,2020-03-10,2019-01-10,L2,,,L2,t2,used,1,\n"
            "B,L2.1,X,1,,2020-03-10,2019-01-10,L2,,,L2,t2,never,2,1\n");
  EXPECT_EQ(folder.files.at("schedule_d.csv"),
            "taxpayer_id,year,short,long,carryforward_short,carryforward_long,ordinary_offset\n"
            "T,2020,0.00,-149.50,0.00,0.00,149.50\nT,2021,0.00,-200.00,0.00,0.00,200.00\n");
  EXPECT_EQ(folder.files.at("findings.csv"),
            "file,line,column,value,rule,message\ntransactions.csv,7,quantity,5,ledger_oversold,\"said, so\"\n");
}

TEST(LedgerFiles, one_account_and_one_year_can_be_asked_for) {
  const MemoryFolder folder = written({.accounts = {"A"}, .year = 2021});
  const auto rows = [&](const char* name) {
    const std::string& text = folder.files.at(name);
    return std::count(text.begin(), text.end(), '\n') - 1;
  };
  EXPECT_EQ(rows("form8949.csv"), 0);
  EXPECT_EQ(rows("lots.csv"), 1);
  EXPECT_EQ(rows("schedule_d.csv"), 1);
  EXPECT_EQ(rows("findings.csv"), 1);
}

TEST(LedgerFiles, an_account_that_is_not_there_is_refused) {
  MemoryFolder folder;
  const auto refused = write_ledger(small_book(), small_result(), {.accounts = {"Q"}, .year = {}}, folder);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.failure().rule, "account_unknown");
  EXPECT_TRUE(folder.files.empty());
}

}  // namespace
}  // namespace lotwright
