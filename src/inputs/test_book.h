// inputs/test_book.h — a small book on disk for the tests of this floor: changed by text, written, read, removed.
#pragma once

#include <zlib.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <string>

#include "inputs/inputs.h"

namespace lotwright::inputs {

inline const std::map<std::string, std::string> small_holdings{
    {"lots.csv",
     "account_id,lot_id,security_id,quantity,cost_basis,acquired_on,held_from,loss_basis\n"
     "A1,L1,BBB,10,100,2020-02-29,,\n"
     "A1,L2,AAA,1.5,,2024-01-02,2023-01-02,\n"
     "A2,L1,CCC,7,700,2025-06-01,,650\n"
     "B1,L1,AAA,3,30,2025-06-30,,\n"},
    {"risk/factor_covariance.csv", "factor,f2,f1\nf2,0.09,0.01\nf1,0.01,0.04\n"},
    {"risk/exposures.csv", "security_id,f1,f2\nAAA,1,0.5\nBBB,1,0\nCCC,0.1,1e-3\nDDD,0.1,0\n"},
    {"risk/specific_risk.csv", "security_id,volatility\nAAA,0.3\nBBB,0.2\nCCC,0.05\nUSD,0\n"},
};

inline const std::map<std::string, std::string> small_taxes{
    {"taxpayers.csv",
     "taxpayer_id,rate_short,rate_long,gain_budget,filing_status,ordinary_income\n"
     "T1,0.37,0.2,1000,,\n"
     "T2,0.24,0.15,,single,25000\n"},
    {"brackets.csv",
     "filing_status,year,kind,over,rate\n"
     "single,2025,ordinary,0,0.1\n"
     "single,2025,ordinary,48475,0.22\n"
     "single,2025,long_term,0,0\n"
     "single,2025,long_term,48350,0.15\n"
     "single,2025,niit,200000,0.038\n"
     "single,2024,ordinary,0,0.11\n"
     "joint,2025,ordinary,0,0.1\n"},
};

// Two households: H1 with A1 (T1), A2 (T2) and the untaxed I1 without taxpayer; H2 with B1 (T2).
inline std::map<std::string, std::string> small_book() {
  std::map<std::string, std::string> files{
      {"firm.toml", "[firm]\nname = \"Test\"\nas_of = 2025-06-30\n\n[policy.careful]\nrisk_aversion = 50.0\n"},
      {"securities.csv",
       "security_id,kind,asset_class,sector,identical_group,tags,half_spread_bps\n"
       "AAA,stock,us_equity,Energy,,fossil;old,2\n"
       "BBB,stock,us_equity,Health,,,1.5\n"
       "CCC,etf,bonds,,index,,1\n"
       "DDD,etf,bonds,,index,,1\n"
       "USD,cash,,,,,\n"},
      {"prices.csv",
       "date,security_id,close\n"
       "2025-06-27,AAA,49\n"
       "2025-06-30,AAA,50\n"
       "2025-07-01,AAA,99\n"
       "2025-06-30,BBB,20.5\n"
       "2025-06-30,CCC,100\n"
       "2025-06-30,DDD,101\n"
       "2025-06-30,USD,1\n"},
      {"models.csv",
       "model_id,component_kind,component_id,weight,effective_on\n"
       "M,security,AAA,0.6,\n"
       "M,security,BBB,0.4,\n"
       "N,model,M,0.5,2025-01-01\n"
       "N,security,CCC,0.5,2025-01-01\n"
       "N,security,DDD,1,2024-01-01\n"
       "N,security,DDD,1,2026-01-01\n"},
      {"accounts.csv",
       "account_id,household_id,taxpayer_id,tax_treatment,model_id,policy_id,cash,status\n"
       "A1,H1,T1,taxable,M,careful,1000.25,active\n"
       "A2,H1,T2,taxable,N,,0,\n"
       "B1,H2,T2,taxable,N,,-5,frozen\n"
       "I1,H1,,tax_deferred,M,,10,\n"},
      {"account_settings.csv",
       "account_id,setting,value,effective_from,effective_to,source,scope,scope_id\n"
       "A1,turnover_max,0.2,,,adviser,,\n"},
      {"restrictions.csv",
       "restriction_id,scope,scope_id,rule,subject_kind,subject_id,value\n"
       "R1,account,A1,never_buy,tag,fossil,\n"
       "R2,household,H1,weight_max,security,BBB,0.1\n"
       "R3,firm,,never_buy,security,DDD,\n"},
      {"requests.csv", "request_id,account_id,kind,amount,due_on,value\nQ1,A2,cash_out,100,2025-07-01,\n"},
      {"transactions.csv",
       "transaction_id,account_id,trade_date,kind,security_id,quantity,amount,gain_short,outside,taxpayer_id\n"
       "X1,A1,2025-06-20,sell,AAA,5,250,-10,,\n"
       "X2,elsewhere,2025-06-21,buy,BBB,5,100,,yes,T1\n"
       "X3,A1,2025-01-02,buy,AAA,5,250,,,\n"},
      {"substitutes.csv", "security_id,substitute_id,hurdle_bps,buyable\nAAA,BBB,12,no\n"},
      {"corporate_actions.csv",
       "action_id,security_id,effective_on,kind,status\n"
       "C1,BBB,2025-06-30,split,pending\n"},
      {"alpha.csv", "security_id,alpha\nAAA,0.01\n"},
  };
  files.insert(small_taxes.begin(), small_taxes.end());
  files.insert(small_holdings.begin(), small_holdings.end());
  return files;
}

inline std::string gzip(const std::string& text) {
  z_stream stream{};
  deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  std::string packed(deflateBound(&stream, static_cast<uLong>(text.size())) + 64, '\0');
  std::string copy = text;
  stream.next_in = reinterpret_cast<Bytef*>(copy.data());
  stream.avail_in = static_cast<uInt>(copy.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

// The files in a folder of their own, for as long as it lives.
class FolderOnDisk {
 public:
  explicit FolderOnDisk(const std::map<std::string, std::string>& files) {
    static int count = 0;
    path_ = std::filesystem::temp_directory_path() /
            ("lotwright_inputs_" + std::to_string(reinterpret_cast<std::uintptr_t>(&count)) + "_" +
             std::to_string(++count));
    for (const auto& [name, text] : files) {
      std::filesystem::create_directories((path_ / name).parent_path());
      std::ofstream(path_ / name, std::ios::binary) << text;
    }
  }
  ~FolderOnDisk() { std::filesystem::remove_all(path_); }
  FolderOnDisk(const FolderOnDisk&) = delete;
  FolderOnDisk& operator=(const FolderOnDisk&) = delete;

  [[nodiscard]] std::string path() const { return path_.string(); }

 private:
  std::filesystem::path path_;
};

inline Result<Book> read_files(const std::map<std::string, std::string>& files, const ReadOptions& options = {}) {
  const FolderOnDisk folder(files);
  return read_book(folder.path(), options);
}

}  // namespace lotwright::inputs
