// firm.toml: the firm's name and date, its policies, its own tests and the run's gates.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <set>

#include "inputs/cell.h"
#include "inputs/firm_toml.h"
#include "inputs/near_names.h"

namespace lotwright::inputs {
namespace {

constexpr std::size_t firm_bytes_max = 16 * 1024 * 1024;
constexpr std::size_t firm_line_bytes_max =
    4096;  // "a.a.a.a" nests a table a dot, and the parser's tables end by recursion

std::int64_t line_of(const toml::node& node) { return node.source().begin.line; }

class FirmReader {
 public:
  FirmReader(FileReport& report, Draft& draft) : report_(report), draft_(draft) {}

  void read(const toml::table& root, const std::optional<Date>& as_of);

 private:
  void read_firm_table(const toml::table& root, const std::optional<Date>& as_of);
  void read_policies(const toml::table& root);
  void settle(const std::string& name, const toml::table& policies);
  void settle_one(const std::string& name, const toml::table& policies);
  void inherit(const std::string& name, const toml::table& settings, const toml::table& policies, FirmPolicy& policy);
  void read_policy(const std::string& name, const toml::table& settings, FirmPolicy& policy);
  void reject(const std::string& name, FirmPolicy& policy, const toml::node& at, const char* rule,
              const std::string& why);
  void read_exception_rules(const toml::table& root);
  void read_exception_rule(const toml::table& table);
  void read_gates(const toml::table& root);
  void read_data_tests(const toml::table& root);
  void check_queries(const toml::table& root);
  const toml::table* table_of(const toml::table& root, const char* key, const char* remedy);
  void refuse_unknown(const toml::table& table, const std::string& path, const std::vector<std::string_view>& known);
  void hold_book(const char* rule, const toml::node& at, const std::string& key, const std::string& value,
                 const std::string& message);

  template <class Value>
  bool read_field(const toml::table& table, const std::string& path, const char* key, Value& value,
                  Range range = Range::any);

  FileReport& report_;
  Draft& draft_;
};

// What the firm wanted limited and nobody can read stops what it would have limited: the whole book.
void FirmReader::hold_book(const char* rule, const toml::node& at, const std::string& key, const std::string& value,
                           const std::string& message) {
  report_.tell(Severity::hold, {}, rule, line_of(at), key, value, message);
}

void FirmReader::refuse_unknown(const toml::table& table, const std::string& path,
                                const std::vector<std::string_view>& known) {
  for (const auto& [key, node] : table) {
    if (std::find(known.begin(), known.end(), key.str()) != known.end()) continue;
    const std::string name = path + std::string(key.str());
    const std::string_view meant = nearest(key.str(), known);
    hold_book(rule::data_key_unknown, node, name, {},
              fmt::format("\"{}\" is not known and holds the whole book: {}", quotable(name),
                          meant.empty() ? fmt::format("take it out, or write one of {}", fmt::join(known, ", "))
                                        : fmt::format("write \"{}\"", meant)));
  }
}

// Reads `key` of `table` if it is there. False, and the book is held, where it cannot be read.
template <class Value>
bool FirmReader::read_field(const toml::table& table, const std::string& path, const char* key, Value& value,
                            Range range) {
  const toml::node* node = table.get(key);
  if (node == nullptr) return true;
  if (!node->is_value()) {
    hold_book(rule::data_value_missing, *node, path + key, {},
              fmt::format("{}{} is a table or a list: write one value", path, key));
    return false;
  }
  const std::string text = text_of(*node);
  Value read{};
  Fault fault = read_cell(text, read);
  if constexpr (!std::is_same_v<Value, std::string> && !std::is_enum_v<Value>) {
    if (!fault && !within(read, range)) fault = out_of(range);
  }
  if (!fault) {
    value = read;
    return true;
  }
  hold_book(fault.rule, *node, path + key, text,
            fmt::format("{}{} \"{}\" {}", path, key, quotable(text), fault.message));
  return false;
}

void FirmReader::read(const toml::table& root, const std::optional<Date>& as_of) {
  refuse_unknown(root, "", {"firm", "policy", "exceptions", "gates", "data", "queries"});
  read_firm_table(root, as_of);
  read_policies(root);
  read_exception_rules(root);
  read_gates(root);
  read_data_tests(root);
  check_queries(root);
}

void FirmReader::read_firm_table(const toml::table& root, const std::optional<Date>& as_of) {
  const toml::table* firm = root["firm"].as_table();
  if (firm == nullptr)
    return report_.fail(rule::data_firm_unusable, 0, "firm", "the table [firm] is missing: add it with name and as_of");
  refuse_unknown(*firm, "firm.", {"name", "as_of"});
  draft_.book.firm.name = firm->get("name") == nullptr ? "" : text_of(*firm->get("name"));
  const toml::node* date = firm->get("as_of");
  if (as_of) {
    draft_.book.firm.as_of = *as_of;
  } else if (date == nullptr) {
    report_.fail(rule::data_firm_unusable, line_of(*firm), "firm.as_of",
                 "firm.as_of is missing: add the date of the book");
  } else if (Fault fault = read_cell(text_of(*date), draft_.book.firm.as_of)) {
    report_.fail(rule::data_firm_unusable, line_of(*date), "firm.as_of",
                 fmt::format("firm.as_of \"{}\" {}", quotable(text_of(*date)), fault.message));
  }
}

void FirmReader::reject(const std::string& name, FirmPolicy& policy, const toml::node& at, const char* rule,
                        const std::string& why) {
  policy.usable = false;
  report_.tell(Severity::review, {SubjectKind::firm, ""}, rule, line_of(at), "policy." + name, {},
               fmt::format("policy \"{}\" (column {}) cannot be used, the accounts that name it are held: {}",
                           quotable(name), at.source().begin.column, why));
}

void FirmReader::read_policy(const std::string& name, const toml::table& settings, FirmPolicy& policy) {
  std::vector<SaidSetting>& says = draft_.origins.policies[name].says;
  for (const auto& [key, node] : settings) {
    if (key.str() == "inherits") continue;
    const std::string setting(key.str());
    says.push_back({setting, text_of(node), {}, {}, {}, {report_.input.name, line_of(node), setting, text_of(node)}});
    if (!node.is_value()) {
      reject(name, policy, node, rule::data_setting_value,
             fmt::format("\"{}\" is a table or a list; write one value", quotable(key.str())));
    } else if (const auto failure = set_policy(policy.policy, key.str(), text_of(node))) {
      const char* rule =
          failure->rule == rule::data_setting_unknown ? rule::data_setting_unknown : rule::data_setting_value;
      reject(name, policy, node, rule, failure->message);
    }
  }
}

// The policy that `name` inherits from; empty where it inherits from none, or where nobody can say.
std::string parent_of(const std::string& name, const toml::table& policies) {
  const toml::table* settings = policies[name].as_table();
  const toml::node* inherits = settings == nullptr ? nullptr : settings->get("inherits");
  if (inherits != nullptr) return text_of(*inherits);
  return name == "default" ? "" : "default";
}

// Settles the policy with all it inherits from, the oldest first; a loop, since heirs may be many.
void FirmReader::settle(const std::string& name, const toml::table& policies) {
  std::vector<std::string> heirs;
  std::set<std::string> met;
  for (std::string at = name; !at.empty() && !draft_.policies.contains(at) && met.insert(at).second;
       at = parent_of(at, policies)) {
    heirs.push_back(at);
  }
  for (auto heir = heirs.rbegin(); heir != heirs.rend(); ++heir) {
    if (*heir == "default" || policies.contains(*heir)) settle_one(*heir, policies);
  }
}

void FirmReader::settle_one(const std::string& name, const toml::table& policies) {
  FirmPolicy policy;
  const toml::node* node = policies.get(name);
  const toml::table* settings = node == nullptr ? nullptr : node->as_table();
  if (settings != nullptr) {
    draft_.origins.policies[name].parent = parent_of(name, policies);
    inherit(name, *settings, policies, policy);
    if (policy.usable) read_policy(name, *settings, policy);
  } else if (node != nullptr) {
    reject(name, policy, *node, rule::data_policy_rejected, "it is not a table; write [policy." + name + "]");
  }
  draft_.policies.emplace(name, std::move(policy));
}

// Whatever it inherits from is settled; where it is not, it is an heir of this very policy.
void FirmReader::inherit(const std::string& name, const toml::table& settings, const toml::table& policies,
                         FirmPolicy& policy) {
  const toml::node* inherits = settings.get("inherits");
  const toml::node& at = inherits != nullptr ? *inherits : static_cast<const toml::node&>(settings);
  const std::string parent = parent_of(name, policies);
  const auto settled = draft_.policies.find(parent);
  if (parent.empty()) {
    if (inherits == nullptr) return;
    reject(name, policy, at, rule::data_policy_rejected, "\"inherits\" names no policy; name one or take it out");
  } else if (settled != draft_.policies.end()) {
    policy = settled->second;
    if (!policy.usable)
      reject(name, policy, at, rule::data_policy_rejected,
             fmt::format("it inherits from \"{}\", which cannot be used", quotable(parent)));
  } else if (policies.contains(parent)) {
    reject(name, policy, at, rule::data_policy_rejected, "it inherits from itself; take the circle out");
  } else {
    reject(name, policy, at, rule::data_policy_rejected,
           fmt::format("it inherits from \"{}\", which is no policy; add it or correct the name", quotable(parent)));
  }
}

// `key` of the root as a table; null where it is not there, and a failure where it is something else.
const toml::table* FirmReader::table_of(const toml::table& root, const char* key, const char* remedy) {
  const toml::node* node = root.get(key);
  if (node != nullptr && !node->is_table()) {
    report_.fail(rule::data_firm_unusable, line_of(*node), key, fmt::format("\"{}\" is not a table: {}", key, remedy));
  }
  return node == nullptr ? nullptr : node->as_table();
}

void FirmReader::read_policies(const toml::table& root) {
  const toml::table none;
  const toml::table* policies = table_of(root, "policy", "write [policy.default]");
  if (policies == nullptr) policies = &none;
  settle("default", *policies);
  for (const auto& [name, node] : *policies) settle(std::string(name.str()), *policies);
}

void FirmReader::read_exception_rule(const toml::table& table) {
  const std::string path = "exceptions.rule.";
  refuse_unknown(table, path, {"name", "measure", "limit", "value_min", "value_max", "policy", "severity"});
  ExceptionRule rule;
  bool good = read_field(table, path, "name", rule.name);
  good = read_field(table, path, "measure", rule.measure) && good;
  good = read_field(table, path, "limit", rule.limit) && good;
  good = read_field(table, path, "value_min", rule.value_min) && good;
  good = read_field(table, path, "value_max", rule.value_max) && good;
  good = read_field(table, path, "policy", rule.policy) && good;
  good = read_field(table, path, "severity", rule.severity) && good;
  for (const char* key : {"name", "measure", "limit"}) {
    if (table.contains(key)) continue;
    good = false;
    hold_book(rule::data_value_missing, table, path + key, {},
              fmt::format("a rule of exceptions has no {} and holds the whole book: add it", key));
  }
  if (!rule.policy.empty() && !draft_.policies.contains(rule.policy)) {
    good = false;
    hold_book(rule::data_reference_unknown, table, path + "policy", rule.policy,
              fmt::format("exceptions rule \"{}\" is for \"{}\", which is no policy, and holds the whole book: correct "
                          "the name",
                          quotable(rule.name), quotable(rule.policy)));
  }
  if (rule.measure == ExceptionMeasure::tracking_error_of_peers && rule.severity == Severity::hold) {
    good = false;
    hold_book(
        rule::data_word_unknown, table, path + "severity", "hold",
        "tracking_error_of_peers compares accounts that are decided, so it cannot hold them: write review or note");
  }
  if (good) draft_.book.firm.exception_rules.push_back(std::move(rule));
}

void FirmReader::read_exception_rules(const toml::table& root) {
  const char* remedy = "write [[exceptions.rule]]";
  const toml::table* exceptions = table_of(root, "exceptions", remedy);
  if (exceptions == nullptr) return;
  refuse_unknown(*exceptions, "exceptions.", {"rule"});
  const toml::node* rules = exceptions->get("rule");
  if (rules == nullptr) return;
  if (!rules->is_array_of_tables()) {
    return report_.fail(rule::data_firm_unusable, line_of(*rules), "exceptions.rule",
                        fmt::format("\"exceptions.rule\" is not a list of tables: {}", remedy));
  }
  for (const toml::node& node : *rules->as_array()) read_exception_rule(*node.as_table());
}

void FirmReader::read_gates(const toml::table& root) {
  const toml::table* table = table_of(root, "gates", "write [gates]");
  if (table == nullptr) return;
  Gates& gates = draft_.book.firm.gates;
  refuse_unknown(*table, "gates.",
                 {"price_move_max", "accounts_change_max", "one_security_notional_max", "tax_total_max",
                  "share_breaks_max", "share_of_volume_max", "accounts_in_one_name_max", "gap_rise_bps_max"});
  read_field(*table, "gates.", "price_move_max", gates.price_move_max, Range::fraction);
  read_field(*table, "gates.", "accounts_change_max", gates.accounts_change_max, Range::fraction);
  read_field(*table, "gates.", "one_security_notional_max", gates.one_security_notional_max, Range::not_negative);
  read_field(*table, "gates.", "tax_total_max", gates.tax_total_max, Range::not_negative);
  read_field(*table, "gates.", "share_breaks_max", gates.share_breaks_max, Range::fraction);
  read_field(*table, "gates.", "share_of_volume_max", gates.share_of_volume_max, Range::not_negative);
  std::optional<double> accounts;
  read_field(*table, "gates.", "accounts_in_one_name_max", accounts, Range::not_negative);
  read_field(*table, "gates.", "gap_rise_bps_max", gates.gap_rise_bps_max, Range::not_negative);
  if (accounts) gates.accounts_in_one_name_max = static_cast<std::int64_t>(*accounts);
}

void FirmReader::read_data_tests(const toml::table& root) {
  const toml::table* table = table_of(root, "data", "write [data]");
  if (table == nullptr) return;
  DataTests& tests = draft_.book.firm.data_tests;
  refuse_unknown(*table, "data.",
                 {"price_jump_max", "basis_ratio_max", "basis_peers_max", "basis_move_max", "cash_move_max",
                  "position_difference_max"});
  read_field(*table, "data.", "price_jump_max", tests.price_jump_max, Range::fraction);
  read_field(*table, "data.", "basis_ratio_max", tests.basis_ratio_max, Range::positive);
  read_field(*table, "data.", "basis_peers_max", tests.basis_peers_max, Range::positive);
  read_field(*table, "data.", "basis_move_max", tests.basis_move_max, Range::fraction);
  read_field(*table, "data.", "cash_move_max", tests.cash_move_max, Range::fraction);
  read_field(*table, "data.", "position_difference_max", tests.position_difference_max, Range::not_negative);
}

// A saved query decides nothing, so that nobody is held for one.
void FirmReader::check_queries(const toml::table& root) {
  const auto queries = saved_queries_in(root);
  if (queries) return;
  const Failure& why = queries.failure();
  report_.tell(Severity::note, {SubjectKind::firm, ""},
               why.rule == rule::data_key_unknown ? rule::data_key_unknown : rule::data_value_missing, why.place.line,
               why.place.column, {}, fmt::format("{}; the saved queries cannot be asked", why.message));
}

std::string read_text(BookFile& file) {
  std::string text;
  std::size_t size = 0;
  for (std::size_t count = 1; count > 0 && size <= firm_bytes_max; size += count) {
    text.resize(size + 64 * 1024);
    count = file.source()->read(text.data() + size, text.size() - size);
  }
  text.resize(size);
  file.close(0);
  return text;
}

// The first line that is too long; 0: none.
std::int64_t line_too_long(std::string_view text) {
  for (std::int64_t line = 1; !text.empty(); ++line) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    if (end > firm_line_bytes_max) return line;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return 0;
}

}  // namespace

std::string text_of(const toml::node& node) {
  if (const auto* text = node.as_string()) return text->get();
  if (const auto* whole = node.as_integer()) return fmt::format("{}", whole->get());
  if (const auto* flag = node.as_boolean()) return flag->get() ? "yes" : "no";
  if (const auto* number = node.as_floating_point()) {
    std::array<char, 512> buffer{};
    const auto end =
        std::to_chars(buffer.data(), buffer.data() + buffer.size(), number->get(), std::chars_format::fixed);
    return {buffer.data(), end.ptr};
  }
  if (const auto* date = node.as_date()) {
    const toml::date& day = date->get();
    return fmt::format("{:04}-{:02}-{:02}", day.year, static_cast<int>(day.month), static_cast<int>(day.day));
  }
  return {};
}

std::optional<toml::table> parse_firm(BookFile& file) {
  FileReport& report = file.report();
  const std::string text = read_text(file);
  if (file.source()->failure()) {
    report.fail(rule::data_file_unreadable, 0, {}, "the file " + file.source()->failure()->message);
  } else if (text.size() > firm_bytes_max) {
    report.fail(rule::data_firm_unusable, 0, {}, "the file is larger than 16 MiB: check what it is");
  } else if (const std::int64_t line = line_too_long(text)) {
    report.fail(rule::data_firm_unusable, line, {},
                fmt::format("the line is longer than {} bytes: break it up", firm_line_bytes_max));
  } else {
    try {
      return toml::parse(text, report.input.name);
    } catch (const toml::parse_error& error) {
      const auto at = error.source().begin;
      report.fail(
          rule::data_firm_unusable, at.line, {},
          fmt::format("the file is not sound TOML (column {}: {}): correct it there", at.column, error.description()));
    }
  }
  return std::nullopt;
}

void read_firm(BookFile& file, const std::optional<Date>& as_of, Draft& draft) {
  if (file.source() == nullptr) return;
  if (const auto root = parse_firm(file)) FirmReader(file.report(), draft).read(*root, as_of);
}

}  // namespace lotwright::inputs
