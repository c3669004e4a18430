// firm.toml: the firm's name and date, its policies, its own tests and the run's gates.

#include <fmt/format.h>
#include <toml++/toml.h>

#include <array>
#include <charconv>
#include <set>

#include "inputs/cell.h"
#include "inputs/readers.h"

namespace lotwright::inputs {
namespace {

constexpr std::size_t firm_bytes_max = 16 * 1024 * 1024;

std::int64_t line_of(const toml::node& node) { return node.source().begin.line; }

// The text of a plain value as a setting is written: no exponents, yes and no for booleans; empty for tables and
// arrays.
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

class FirmReader {
 public:
  FirmReader(FileReport& report, Draft& draft) : report_(report), draft_(draft) {}

  void read(const toml::table& root, const std::optional<Date>& as_of);

 private:
  void read_firm_table(const toml::table& root, const std::optional<Date>& as_of);
  void read_policies(const toml::table& root);
  const FirmPolicy& settle(const std::string& name, const toml::table& policies, std::set<std::string>& open);
  void read_policy(const std::string& name, const toml::table& settings, FirmPolicy& policy);
  void reject(const std::string& name, FirmPolicy& policy, const toml::node& at, const char* rule,
              const std::string& why);
  void read_exception_rules(const toml::table& root);
  void read_exception_rule(const toml::table& table);
  void read_gates(const toml::table& root);
  void note_unknown(const toml::table& table, const std::string& path, const std::set<std::string_view>& known);

  template <class Value>
  bool read_field(const toml::table& table, const std::string& path, const char* key, Severity severity, Value& value);

  FileReport& report_;
  Draft& draft_;
};

void FirmReader::note_unknown(const toml::table& table, const std::string& path,
                              const std::set<std::string_view>& known) {
  for (const auto& [key, node] : table) {
    if (known.contains(key.str())) continue;
    const std::string name = path + std::string(key.str());
    report_.tell(Severity::note, {SubjectKind::firm, ""}, rule::data_column_unknown, line_of(node), name, {},
                 fmt::format("\"{}\" is not known here and left aside: check its spelling", quotable(name)));
  }
}

// Reads `key` of `table` if it is there. False, and a finding on the firm, where it cannot be read.
template <class Value>
bool FirmReader::read_field(const toml::table& table, const std::string& path, const char* key, Severity severity,
                            Value& value) {
  const toml::node* node = table.get(key);
  if (node == nullptr) return true;
  const std::string text = text_of(*node);
  const Fault fault = read_cell(text, value);
  if (!fault) return true;
  const Subject subject = severity == Severity::hold ? Subject{} : Subject{SubjectKind::firm, ""};
  report_.tell(severity, subject, fault.rule, line_of(*node), path + key, text,
               fmt::format("{}{} \"{}\" {}", path, key, quotable(text), fault.message));
  return false;
}

void FirmReader::read(const toml::table& root, const std::optional<Date>& as_of) {
  note_unknown(root, "", {"firm", "policy", "exceptions", "gates"});
  read_firm_table(root, as_of);
  read_policies(root);
  read_exception_rules(root);
  read_gates(root);
}

void FirmReader::read_firm_table(const toml::table& root, const std::optional<Date>& as_of) {
  const toml::table* firm = root["firm"].as_table();
  if (firm == nullptr)
    return report_.fail(rule::data_firm_unusable, 0, "firm", "the table [firm] is missing: add it with name and as_of");
  note_unknown(*firm, "firm.", {"name", "as_of"});
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
  for (const auto& [key, node] : settings) {
    if (key.str() == "inherits") continue;
    if (const auto failure = set_policy(policy.policy, key.str(), text_of(node))) {
      const char* rule =
          failure->rule == rule::data_setting_unknown ? rule::data_setting_unknown : rule::data_setting_value;
      reject(name, policy, node, rule, failure->message);
    }
  }
}

// The policy `name` with all it inherits, each settled once. `open` are the heirs on the way to it.
const FirmPolicy& FirmReader::settle(const std::string& name, const toml::table& policies,
                                     std::set<std::string>& open) {
  const auto done = draft_.policies.find(name);
  if (done != draft_.policies.end()) return done->second;
  FirmPolicy policy;
  const toml::node* node = policies.get(name);
  const toml::table* settings = node == nullptr ? nullptr : node->as_table();
  if (settings != nullptr) {
    const toml::node* inherits = settings->get("inherits");
    const toml::node& heritage = inherits != nullptr ? *inherits : *node;
    const std::string parent = inherits != nullptr ? text_of(*inherits) : name == "default" ? "" : "default";
    open.insert(name);
    if (open.contains(parent)) {
      reject(name, policy, heritage, rule::data_policy_rejected, "it inherits from itself; take the circle out");
    } else if (!parent.empty() && parent != "default" && !policies.contains(parent)) {
      reject(name, policy, heritage, rule::data_policy_rejected,
             fmt::format("it inherits from \"{}\", which is no policy; add it or correct the name", quotable(parent)));
    } else if (!parent.empty()) {
      policy = settle(parent, policies, open);
      if (!policy.usable)
        reject(name, policy, *settings, rule::data_policy_rejected, "it inherits from one that cannot be used");
    }
    open.erase(name);
    if (policy.usable) read_policy(name, *settings, policy);
  } else if (node != nullptr) {
    reject(name, policy, *node, rule::data_policy_rejected, "it is not a table; write [policy." + name + "]");
  }
  return draft_.policies.emplace(name, std::move(policy)).first->second;
}

void FirmReader::read_policies(const toml::table& root) {
  const toml::table none;
  const toml::table* policies = root["policy"].as_table();
  if (policies == nullptr && root.contains("policy")) {
    report_.fail(rule::data_firm_unusable, line_of(*root.get("policy")), "policy",
                 "policy is not a table: write [policy.default]");
  }
  if (policies == nullptr) policies = &none;
  std::set<std::string> open;
  settle("default", *policies, open);
  for (const auto& [name, node] : *policies) settle(std::string(name.str()), *policies, open);
}

void FirmReader::read_exception_rule(const toml::table& table) {
  const std::string path = "exceptions.rule.";
  note_unknown(table, path, {"name", "measure", "limit", "value_min", "value_max", "policy", "severity"});
  ExceptionRule rule;
  double limit = 0.0;
  const Severity severity = Severity::review;
  bool good = read_field(table, path, "name", severity, rule.name);
  good = read_field(table, path, "measure", severity, rule.measure) && good;
  good = read_field(table, path, "limit", severity, limit) && good;
  good = read_field(table, path, "value_min", severity, rule.value_min) && good;
  good = read_field(table, path, "value_max", severity, rule.value_max) && good;
  good = read_field(table, path, "policy", severity, rule.policy) && good;
  good = read_field(table, path, "severity", severity, rule.severity) && good;
  for (const char* key : {"name", "measure", "limit"}) {
    if (table.contains(key)) continue;
    good = false;
    report_.tell(severity, {SubjectKind::firm, ""}, rule::data_value_missing, line_of(table), path + key, {},
                 fmt::format("a rule of exceptions has no {}: add it, the rule is not applied", key));
  }
  if (!rule.policy.empty() && !draft_.policies.contains(rule.policy)) {
    good = false;
    report_.tell(severity, {SubjectKind::firm, ""}, rule::data_reference_unknown, line_of(table), path + "policy",
                 rule.policy,
                 fmt::format("exceptions rule \"{}\" is for \"{}\", which is no policy: the rule is not applied",
                             quotable(rule.name), quotable(rule.policy)));
  }
  rule.limit = limit;
  if (good) draft_.book.firm.exception_rules.push_back(std::move(rule));
}

void FirmReader::read_exception_rules(const toml::table& root) {
  const toml::table* exceptions = root["exceptions"].as_table();
  if (exceptions == nullptr) return;
  note_unknown(*exceptions, "exceptions.", {"rule"});
  const toml::array* rules = (*exceptions)["rule"].as_array();
  if (rules == nullptr) return;
  for (const toml::node& node : *rules) {
    if (const toml::table* table = node.as_table()) read_exception_rule(*table);
  }
}

// A gate that cannot be read would let the whole run through: the book is held.
void FirmReader::read_gates(const toml::table& root) {
  const toml::table* table = root["gates"].as_table();
  if (table == nullptr) return;
  Gates& gates = draft_.book.firm.gates;
  note_unknown(*table, "gates.",
               {"price_move_max", "accounts_change_max", "one_security_notional_max", "tax_total_max"});
  read_field(*table, "gates.", "price_move_max", Severity::hold, gates.price_move_max);
  read_field(*table, "gates.", "accounts_change_max", Severity::hold, gates.accounts_change_max);
  read_field(*table, "gates.", "one_security_notional_max", Severity::hold, gates.one_security_notional_max);
  read_field(*table, "gates.", "tax_total_max", Severity::hold, gates.tax_total_max);
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

}  // namespace

void read_firm(BookFile& file, const std::optional<Date>& as_of, Draft& draft) {
  FileReport& report = file.report();
  if (file.source() == nullptr) return;
  const std::string text = read_text(file);
  if (file.source()->failure())
    return report.fail(rule::data_file_unreadable, 0, {}, "the file " + file.source()->failure()->message);
  if (text.size() > firm_bytes_max)
    return report.fail(rule::data_firm_unusable, 0, {}, "the file is larger than 16 MiB: check what it is");
  try {
    FirmReader(report, draft).read(toml::parse(text, report.input.name), as_of);
  } catch (const toml::parse_error& error) {
    const auto at = error.source().begin;
    report.fail(rule::data_firm_unusable, at.line, {}, fmt::format("column {}: {}", at.column, error.description()));
  }
}

}  // namespace lotwright::inputs
