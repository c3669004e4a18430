// tax/required_distribution.h — the least that the owner of an individual retirement account has to take out in a year
// (IRC 401(a)(9), 408(a)(6)).
//
// The balance at the end of the year before, divided by the distribution period of the age reached in the year: the
// Uniform Lifetime Table of 26 CFR 1.401(a)(9)-9(c), as it stands for distribution years from 2022 on (T.D. 9930).
// Refuses: the owner whose sole beneficiary is a spouse more than ten years younger (their period is longer, from the
// Joint and Last Survivor Table), and accounts that were inherited: their amounts have to be given.
#pragma once

#include "units/amounts.h"
#include "units/date.h"

namespace lotwright::tax {

// The table stands from this distribution year on.
inline constexpr int distribution_year_min = 2022;

// The first year for which a distribution is required of an owner born on that day: in which 72 is reached by those
// born before 1951, 73 by those born before 1960, 75 by all others (IRC 401(a)(9)(C)(v), as SECURE 2.0 Act section 107
// has it; those born in 1959 reach 73 before 2033 and 74 after 2032, and are held to be of the former, REG-103529-23).
// Who was born before 1949-07-01 began at 70 1/2, in any case before 2022.
[[nodiscard]] int first_distribution_year(Date born);

// The last day on which the distribution of a year may be paid: 31 December, of the first year 1 April of the next.
[[nodiscard]] Date last_day_to_distribute(Date born, int year);

// In tenths of a year; `age`: reached in the distribution year, at least 72. From 120 on the period stays 2.0.
[[nodiscard]] int distribution_period_tenths(int age);

// Dollars, rounded up to the cent; zero before the first year. `balance`: at the end of the year before, not negative;
// `year`: from distribution_year_min on.
[[nodiscard]] Money required_distribution(Date born, int year, Money balance);

}  // namespace lotwright::tax
