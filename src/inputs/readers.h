// inputs/readers.h — one function for each file of docs/data.md: its rows become values of the draft, its faults
// findings.
//
// Order: securities, fund holdings, models, products, taxpayers, brackets, accounts, then the rest in any order. Those
// of the second group may run side by side, screens.csv with the restrictions: each writes a part of the book of its
// own and reads only what the first group made.
#pragma once

#include "inputs/book_folder.h"
#include "inputs/draft.h"
#include "inputs/inputs.h"

namespace lotwright::inputs {

// firm.toml; `as_of` replaces the file's.
void read_firm(BookFile& file, const std::optional<Date>& as_of, Draft& draft);

void read_securities(BookFile& file, Draft& draft);
void read_fund_holdings(BookFile& file, Draft& draft);
void read_models(BookFile& file, Draft& draft);
void read_products(BookFile& file, Draft& draft);  // after securities and models
void read_taxpayers(BookFile& file, Draft& draft);
void read_brackets(BookFile& file, Draft& draft);  // after the taxpayers: faults hold those who need the brackets
void read_accounts(BookFile& file, Draft& draft);
// Directly after the accounts: settles their policies. `asked` comes last.
void read_settings(BookFile& file, const std::vector<AskedSetting>& asked, Draft& draft);

void read_prices(BookFile& file, Draft& draft);
void read_alpha(BookFile& file, Draft& draft);
void read_positions(BookFile& file, Draft& draft);
void read_lots(BookFile& file, Draft& draft);
void read_substitutes(BookFile& file, Draft& draft);
void read_restrictions(BookFile& file, Draft& draft);
void read_screens(BookFile& file, Draft& draft);  // after the restrictions: it adds to them
// Once lots and restrictions are read: a restriction on a lot that nobody it concerns owns keeps nothing. `report` is
// that of the restrictions.
void find_restricted_lots(const Draft& draft, FileReport& report);
void read_requests(BookFile& file, Draft& draft);
// Once everything is read: the accounts that want their model otherwise, and their requests for another model, get
// models of their own among Book::models. One that cannot be made holds its account.
void customize_models(Draft& draft, FileReport& report, const std::string& fitted_to);
void read_distributions(BookFile& file, Draft& draft);
// Once both are read: what has to be distributed joins the requests.
void add_distributions(Draft& draft);
void read_directed(BookFile& file, Draft& draft);
void read_transactions(BookFile& file, Draft& draft);
void read_corporate_actions(BookFile& file, Draft& draft);
// Holds nobody, whatever is wrong: an account whose rows are faulty has no shadow prices.
void read_multipliers(BookFile& file, Draft& draft);

// The three files of risk/ depend on one another and are read together.
void read_risk(BookFile& covariance, BookFile& exposures, BookFile& specific, Draft& draft);

}  // namespace lotwright::inputs
