#include "generation/mix.h"

#include <fmt/format.h>

#include <array>

#include "book/rules.h"
#include "units/fixed.h"

namespace lotwright::generation {
namespace {

constexpr double part_max = 1000;  // parts of a whole need not sum to 1

constexpr auto settings = std::to_array<MixSetting>({
    {"taxable", &Mix::taxable, 0, part_max, "accounts that are taxable, in parts"},
    {"tax_deferred", &Mix::tax_deferred, 0, part_max, "accounts that are tax-deferred, in parts"},
    {"tax_free", &Mix::tax_free, 0, part_max, "accounts that are tax-free, in parts"},
    {"direct", &Mix::direct, 0, part_max, "accounts that follow an index share by share, in parts"},
    {"funds", &Mix::funds, 0, part_max, "accounts that follow a model of funds, in parts"},
    {"nested", &Mix::nested, 0, part_max, "accounts that follow models made of models, in parts"},
    {"size_tiny", &Mix::size_tiny, 0, part_max, "accounts of 5 to 50 thousand dollars, in parts"},
    {"size_small", &Mix::size_small, 0, part_max, "50 to 250 thousand"},
    {"size_middle", &Mix::size_middle, 0, part_max, "250 thousand to 1 million"},
    {"size_large", &Mix::size_large, 0, part_max, "1 to 5 million"},
    {"size_huge", &Mix::size_huge, 0, part_max, "5 to 25 million"},
    {"size_giant", &Mix::size_giant, 0, part_max, "25 to 80 million"},
    {"lots", &Mix::lots, 1, 10'000, "lots an account, roughly, on average"},
    {"years", &Mix::years, 2, 15, "years of daily prices before as_of"},
    {"price_days", &Mix::price_days, 1, 4000, "days of them that prices.csv has"},
    {"transition", &Mix::transition, 0, 1, "accounts that come from another model"},
    {"concentrated", &Mix::concentrated, 0, 1, "accounts with one large old position"},
    {"young", &Mix::young, 0, 1, "accounts that bought in the last 30 days"},
    {"selling", &Mix::selling, 0, 1, "accounts that sold in the last 61 days, at losses and at gains"},
    {"fractional", &Mix::fractional, 0, 1, "accounts with fractional shares of everything"},
    {"reinvesting", &Mix::reinvesting, 0, 1, "accounts that reinvest distributions of funds"},
    {"gift", &Mix::gift, 0, 1, "taxable accounts with gifts of two bases"},
    {"tacked", &Mix::tacked, 0, 1, "taxable accounts with lots held from before they were acquired"},
    {"unknown_basis", &Mix::unknown_basis, 0, 1, "accounts with lots of unknown basis"},
    {"frozen", &Mix::frozen, 0, 1, "accounts whose status is frozen"},
    {"requests", &Mix::requests, 0, 1, "accounts with requests"},
    {"restrictions", &Mix::restrictions, 0, 1, "accounts and households with restrictions"},
    {"settings", &Mix::settings, 0, 1, "accounts and households with settings of their own"},
    {"budgets", &Mix::budgets, 0, 1, "taxpayers with a gain or tax budget"},
    {"carryforward", &Mix::carryforward, 0, 1, "taxpayers with losses carried forward"},
    {"faults", &Mix::faults, 0, 1, "accounts with a fault that must hold them"},
    {"alpha", &Mix::alpha, 0, 1, "securities with an expected excess return"},
});

Failure unknown(std::string_view name) {
  std::string names;
  for (const MixSetting& setting : settings) names += (names.empty() ? "" : ", ") + std::string(setting.name);
  return {rule::data_setting_unknown, fmt::format("\"{}\" is no setting of the mix: write one of {}", name, names), {}};
}

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t\r");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1);
}

}  // namespace

std::span<const MixSetting> mix_settings() { return settings; }

std::optional<Failure> set(Mix& mix, std::string_view name, std::string_view value) {
  for (const MixSetting& setting : settings) {
    if (name != setting.name) continue;
    std::int64_t millionths = 0;
    const bool readable = read_decimal(value, 6, millionths) == nullptr;
    const double number = static_cast<double>(millionths) / 1e6;
    if (readable && number >= setting.low && number <= setting.high) {
      mix.*setting.field = number;
      return std::nullopt;
    }
    return Failure{rule::data_setting_value,
                   fmt::format("{} = \"{}\" cannot be used: write a number from {} to {} ({})", name, value,
                               setting.low, setting.high, setting.meaning),
                   {}};
  }
  return unknown(name);
}

std::optional<Failure> set_all(Mix& mix, std::string_view text, const std::string& file) {
  for (std::int64_t line = 1; !text.empty(); ++line) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view content = trimmed(text.substr(0, std::min(end, text.substr(0, end).find('#'))));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (content.empty()) continue;
    const std::size_t sign = std::min(content.find('='), content.size());
    const std::string_view name = trimmed(content.substr(0, sign));
    const std::string_view value = trimmed(content.substr(std::min(sign + 1, content.size())));
    if (auto failure = set(mix, name, value)) {
      failure->place = {file, line, std::string(name), std::string(value)};
      return failure;
    }
  }
  return std::nullopt;
}

}  // namespace lotwright::generation
