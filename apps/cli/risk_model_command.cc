#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "book/rules.h"
#include "commands.h"
#include "estimation/risk_page.h"
#include "numbers.h"
#include "run/disk_folder.h"

namespace lotwright::cli {
namespace {

using namespace estimation;

struct RiskModelWords {
  HistoryFiles files;
  std::string out;
  std::string as_of;  // empty: the last day with prices
  int factors = 0;    // 0: as many as stand out of the noise
  std::vector<double> half_lives;
  int windows = ValidationOptions{}.windows;
  bool validate = true;
};

Result<std::optional<Date>> day_of(const std::string& as_of) {
  if (as_of.empty()) return std::optional<Date>();
  const auto day = Date::parse(as_of);
  if (!day) return Failure{day.failure().rule, "--as-of " + as_of + ": " + day.failure().message, {}};
  return std::optional<Date>(*day);
}

EstimateOptions options_of(const RiskModelWords& words) {
  EstimateOptions options;
  if (words.factors > 0) options.factors = words.factors;
  if (!words.half_lives.empty()) options.half_life_correlation = words.half_lives[0];
  if (words.half_lives.size() > 1) options.half_life_volatility = words.half_lives[1];
  if (words.half_lives.size() > 2) options.half_life_regime = words.half_lives[2];
  return options;
}

void show_progress(int done, int all) {
  fmt::print(stderr, "\rvalidation: {} of {} windows\033[K{}", done, all, done == all ? "\r\033[K" : "");
  std::fflush(stderr);
}

void tell(const Findings& findings) {
  constexpr std::size_t told_max = 20;
  for (std::size_t i = 0; i < std::min(findings.size(), told_max); ++i)
    fmt::print(stderr, "{} {}: {}\n", name_of(findings[i].severity), findings[i].rule, findings[i].message);
  if (findings.size() > told_max) {
    fmt::print(stderr, "{} more findings are in validation.json\n", findings.size() - told_max);
  }
}

Result<bool> write(const std::string& out, std::vector<NamedText> texts) {
  DiskFolder folder(out);
  for (const NamedText& one : texts) {
    if (auto written = folder.write(one.name, one.text); !written) return written;
  }
  return folder.publish();
}

void summarize(const ReportParts& parts) {
  fmt::print("{} securities, {} factors, {} trading days to {}\n", parts.history.ids.size(),
             parts.estimate.exposures.cols(), parts.history.days.size(), parts.history.days.back().to_string());
  if (parts.validation.windows.empty()) return;
  fmt::print("bias {:.2f} over {} windows from {} (1 is right; 0.85 to 1.15 is good)\n", parts.validation.whole.bias,
             parts.validation.windows.size(), parts.validation.windows.front().first.to_string());
}

int risk_model(const RiskModelWords& words) {
  if (::access((words.out + "/firm.toml").c_str(), F_OK) == 0) {
    return refuse({rule::output_unwritable,
                   "is a book: give --out its folder for the risk model, BOOK/risk",
                   {.file = words.out, .line = 0, .column = {}, .value = {}}});
  }
  const auto as_of = day_of(words.as_of);
  if (!as_of) return refuse(as_of.failure());
  const auto loaded = load_history(words.files, *as_of);
  if (!loaded) return refuse(loaded.failure());
  const ReturnHistory& history = loaded->history;
  const EstimateOptions options = options_of(words);
  const Standardized standardized = standardize(history.returns, options.half_life_volatility);
  const auto estimate = estimate_risk(history, standardized, history.returns.rows(), options);
  if (!estimate) return refuse(estimate.failure());

  ValidationOptions wanted;
  wanted.windows = words.validate ? words.windows : 0;
  const bool terminal = ::isatty(STDERR_FILENO) == 1;
  const Validation validation = validate(history, standardized, options, wanted, terminal ? show_progress : nullptr);

  Findings findings = loaded->findings;
  const Findings stand_ins = stand_in_findings(history, *estimate);
  findings.insert(findings.end(), stand_ins.begin(), stand_ins.end());
  tell(findings);
  const ReportParts parts{history, options, *estimate, validation, findings, loaded->files};
  std::vector<NamedText> texts = model_files(history, *estimate);
  texts.push_back({"validation.json", validation_json(parts)});
  texts.push_back({"validation.html", validation_page(parts)});
  const auto written = write(words.out, std::move(texts));
  if (!written) return refuse(written.failure());
  summarize(parts);
  return done;
}

}  // namespace

void add_risk_model(CLI::App& app, int& code) {
  CLI::App* command = app.add_subcommand("risk-model", "Estimate a factor risk model from daily prices");
  const auto words = std::make_shared<RiskModelWords>();
  command->add_option("--prices", words->files.prices, "CSV or CSV.gz, wide or long; several are joined")->required();
  command->add_option("--splits", words->files.splits, "security_id, ex_date, factor (shares after per share before)");
  command->add_option("--dividends", words->files.dividends, "security_id, ex_date, amount (dollars a share)");
  command->add_option("--sectors", words->files.securities,
                      "a securities.csv: kind, asset_class and sector choose stand-ins and floors");
  command->add_option("--factors", words->factors, "how many; default: those that stand out of the noise")
      ->check(CLI::Range(1, 200));
  command->add_option("--as-of", words->as_of, "YYYY-MM-DD: later prices are not looked at");
  command
      ->add_option("--half-life", words->half_lives,
                   "trading days: of correlations, of volatilities, of the regime (default 252 63 21)")
      ->expected(1, 3)
      ->check(between(5.0, 5000.0));
  command->add_flag("--validate,!--no-validate", words->validate, "measure the bias on later days; on by default");
  command->add_option("--windows", words->windows, "how many windows of 63 days the validation looks at (default 8)")
      ->check(CLI::Range(1, 10000));
  command->add_option("--out", words->out, "the folder for the files, usually BOOK/risk")->required();
  command->footer(R"(Examples:
  lotwright risk-model --prices closes.csv.gz --splits splits.csv --dividends dividends.csv \
      --sectors BOOK/securities.csv --as-of 2025-06-30 --out BOOK/risk
  lotwright risk-model --prices stocks.csv funds.csv --windows 40 --out risk    ten years of validation)");
  command->callback([words, &code] { code = called([&] { return risk_model(*words); }); });
}

}  // namespace lotwright::cli
