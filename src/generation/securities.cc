// The securities of an invented market: funds of every asset class, stocks of every sector, and a few in doubt.

#include <fmt/format.h>

#include <array>

#include "generation/market.h"

namespace lotwright::generation {
namespace {

struct Fund {
  const char* name;
  SecurityKind kind;
  const char* asset_class;
  const char* group;  // identical group; empty: its own
  double market, international, rates, value, size, specific;
  bool fractional;
};

using enum SecurityKind;
constexpr auto funds = std::to_array<Fund>({
    {"Cash Reserve Fund", cash, "cash", "", 0, 0, 0, 0, 0, 0, true},
    {"US Total Market ETF", etf, "us_equity", "", 1.00, 0, 0, 0, 0.1, 0.010, false},
    {"US Large Cap ETF", etf, "us_equity", "us_large_index", 0.98, 0, 0, 0, -0.1, 0.010, false},
    {"US Large Cap Index Fund", mutual_fund, "us_equity", "us_large_index", 0.98, 0, 0, 0, -0.1, 0.010, true},
    {"US Small Cap ETF", etf, "us_equity", "", 1.12, 0, 0, 0.1, 1.0, 0.020, false},
    {"US Value ETF", etf, "us_equity", "", 0.95, 0, 0, 0.9, 0.0, 0.020, false},
    {"US Growth ETF", etf, "us_equity", "", 1.08, 0, 0, -0.9, 0.0, 0.020, false},
    {"Developed Markets ETF", etf, "international_equity", "", 0.80, 1.0, 0, 0.1, 0, 0.015, false},
    {"Developed Markets Alternate ETF", etf, "international_equity", "", 0.80, 1.0, 0, 0.1, 0.1, 0.020, false},
    {"Emerging Markets ETF", etf, "international_equity", "", 0.90, 1.4, 0, 0.0, 0.2, 0.060, false},
    {"Emerging Markets Alternate ETF", etf, "international_equity", "", 0.90, 1.4, 0, 0.0, 0.3, 0.060, false},
    {"Aggregate Bond ETF", etf, "bonds", "", 0.03, 0, -1.0, 0, 0, 0.010, true},
    {"Aggregate Bond Alternate ETF", etf, "bonds", "", 0.03, 0, -1.0, 0, 0, 0.012, true},
    {"Treasury ETF", etf, "bonds", "", -0.02, 0, -1.6, 0, 0, 0.008, false},
    {"Municipal Bond Fund", mutual_fund, "bonds", "", 0.02, 0, -0.8, 0, 0, 0.015, true},
    {"Real Estate ETF", etf, "real_estate", "", 0.90, 0, -0.8, 0.3, 0.2, 0.080, false},
    {"US Dividend ETF", etf, "us_equity", "", 0.85, 0, 0, 0.7, 0, 0.030, false},
    {"Treasury Note 2031", bond, "bonds", "", 0.00, 0, -0.7, 0, 0, 0.005, false},
});

// Industries of a sector; one has a comma, as files of the trade do.
struct Sector {
  const char* name;
  std::array<const char*, 2> industries;
  const char* tag;  // of some of its companies
};
constexpr auto sectors = std::to_array<Sector>({
    {"Information Technology", {"Software", "Hardware, Storage & Peripherals"}, "surveillance"},
    {"Health Care", {"Biotechnology", "Health Services"}, "animal_testing"},
    {"Financials", {"Banks", "Insurance"}, "predatory_lending"},
    {"Consumer Staples", {"Food Products", "Tobacco"}, "tobacco"},
    {"Consumer Discretionary", {"Apparel", "Casinos & Gaming"}, "gambling"},
    {"Utilities", {"Electric Utilities", "Water Utilities"}, "coal"},
    {"Industrials", {"Machinery", "Aerospace & Defense"}, "weapons"},
    {"Communication Services", {"Media", "Telecommunication"}, "adult_content"},
    {"Energy", {"Oil & Gas", "Energy Equipment"}, "fossil_fuel"},
    {"Real Estate", {"Residential REITs", "Office REITs"}, "private_prisons"},
    {"Materials", {"Chemicals", "Metals & Mining"}, "mining"},
});

constexpr std::array first_words{"Alder", "Beacon",  "Cedar",   "Dover", "Elm",   "Fjord",    "Granite", "Harbor",
                                 "Iris",  "Juniper", "Kestrel", "Larch", "Maple", "Northern", "Osprey",  "Pioneer"};
constexpr std::array last_words{"Systems",  "Holdings",  "Works",      "Group",    "Brands", "Labs",
                                "Partners", "Resources", "Industries", "Networks", "Foods",  "Power",
                                "Trust",    "Dynamics",  "Materials",  "Co."};

std::string id_of(std::size_t i) { return fmt::format("S{:05}", i); }

// Letters for people, different for every security: AAA, AAB, ...
std::string symbol_of(std::size_t i) {
  std::string symbol;
  for (int letter = 0; letter < 4; ++letter, i /= 26) {
    symbol.insert(symbol.begin(), static_cast<char>('A' + static_cast<int>(i % 26)));
  }
  return symbol;
}

Stock fund_of(const Fund& fund, std::size_t i) {
  Stock stock;
  stock.id = id_of(i);
  stock.symbol = symbol_of(i);
  stock.name = fund.name;
  stock.kind = fund.kind;
  stock.asset_class = fund.asset_class;
  stock.identical_group = fund.group;
  stock.role = fund.kind == SecurityKind::cash ? Role::cash_fund : Role::fund;
  if (fund.fractional) stock.quantity_step = Quantity::of_count(1);
  if (stock.role == Role::cash_fund) stock.quantity_step = Quantity::of_count(10'000);  // cents: never at a loss
  stock.half_spread = BasisPoints::of_count(fund.kind == SecurityKind::etf ? 1'500'000 : 0);
  stock.exposures.assign(Market::factors().size(), 0.0);
  stock.exposures[factor::market] = fund.market;
  stock.exposures[factor::international] = fund.international;
  stock.exposures[factor::rates] = fund.rates;
  stock.exposures[factor::value] = fund.value;
  stock.exposures[factor::size] = fund.size;
  stock.specific_volatility = fund.specific;
  return stock;
}

// Risk numbers are written with four decimals; the prices are made with what is written.
double rounded(double number) {
  const double shifted = number * 1e4;
  return static_cast<double>(static_cast<std::int64_t>(shifted + (shifted < 0 ? -0.5 : 0.5))) / 1e4;
}

void expose(Chance& chance, std::size_t sector, bool abroad, Stock& stock) {
  stock.exposures.assign(Market::factors().size(), 0.0);
  stock.exposures[factor::market] = rounded(chance.uniform(0.6, 1.5));
  stock.exposures[factor::international] = abroad ? 0.8 : 0.0;
  stock.exposures[factor::value] = rounded(0.5 * chance.normal());
  stock.exposures[factor::size] = rounded(0.4 * chance.normal());
  stock.exposures[factor::first_sector + sector] = rounded(chance.uniform(0.6, 1.3));
  stock.specific_volatility = rounded(chance.uniform(0.14, 0.45));
}

Stock stock_of(Chance& chance, std::size_t i) {
  const auto sector = static_cast<std::size_t>(chance.between(0, static_cast<int>(sectors.size()) - 1));
  const Sector& of = sectors[sector];
  const bool abroad = chance.hits(0.08);
  Stock stock;
  stock.id = id_of(i);
  stock.symbol = symbol_of(i);
  stock.name = chance.one_of(first_words);
  stock.name += fmt::format(" {}", chance.one_of(last_words));
  if (chance.hits(0.2)) stock.name += ", Inc.";
  stock.asset_class = abroad ? "international_equity" : "us_equity";
  stock.sector = of.name;
  stock.industry = chance.one_of(of.industries);
  stock.country = abroad ? (chance.hits(0.5) ? "GB" : "JP") : "US";
  if (chance.hits(0.25)) stock.tags = of.tag;
  if (chance.hits(0.05)) stock.tags += stock.tags.empty() ? "controversy" : ";controversy";
  if (chance.hits(0.10)) stock.quantity_step = Quantity::of_count(1);
  stock.half_spread = BasisPoints::of_count(chance.between(100, 600) * 10'000);
  stock.size = 1.0 / (0.01 + chance.uniform());
  expose(chance, sector, abroad, stock);
  return stock;
}

// A second class of shares of the same company: the same business, another price.
void make_share_class(const Stock& first, Stock& second) {
  second.name = first.name + " Class B";
  second.sector = first.sector;
  second.industry = first.industry;
  second.country = first.country;
  second.asset_class = first.asset_class;
  second.tags = first.tags;
  second.exposures = first.exposures;
  second.specific_volatility = first.specific_volatility;
  second.identical_group = first.id;
}

void find_groups(std::vector<Stock>& securities) {
  for (std::uint32_t i = 0; i < securities.size(); ++i) {
    securities[i].group = i;
    if (securities[i].identical_group.empty()) continue;
    for (std::uint32_t j = 0; j < i && securities[i].group == i; ++j) {
      if (securities[j].identical_group == securities[i].identical_group) securities[i].group = j;
    }
  }
}

}  // namespace

const std::vector<std::string>& sector_names() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all;
    for (const Sector& sector : sectors) all.emplace_back(sector.name);
    return all;
  }();
  return names;
}

std::vector<Stock> invent_securities(std::uint64_t seed, int count, int doubtful) {
  require(count >= securities_min, "a market of fewer securities than its funds and roles need");
  std::vector<Stock> securities;
  for (const Fund& fund : funds) securities.push_back(fund_of(fund, securities.size()));
  const std::size_t stocks_begin = securities.size();
  const auto total = static_cast<std::size_t>(count);
  const std::size_t doubtful_begin = total - static_cast<std::size_t>(doubtful);
  const std::size_t legacy_begin = doubtful_begin - (doubtful_begin - stocks_begin) / 8 - 1;
  Chance chance(stream(seed, Stream::security, total));
  while (securities.size() < total) {
    const std::size_t i = securities.size();
    Stock stock = stock_of(chance, i);
    if (i >= legacy_begin) stock.role = Role::legacy;
    if (i >= doubtful_begin) {
      stock.role = static_cast<Role>(static_cast<std::size_t>(Role::unpriced) + (i - doubtful_begin));
    }
    const bool second_class = i > stocks_begin && i % 40 == 0 && i < doubtful_begin;
    if (second_class) {
      securities.back().identical_group = securities.back().id;
      make_share_class(securities.back(), stock);
    }
    securities.push_back(std::move(stock));
  }
  securities[legacy_begin].tradable = false;
  find_groups(securities);
  return securities;
}

}  // namespace lotwright::generation
