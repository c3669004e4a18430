#include "run/model_versions.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>

namespace lotwright {
namespace {

// Of one version, by names that mean the same in both books; a version that cannot be used has its faults too.
using Parts = std::vector<std::tuple<bool, std::string, Weight>>;

Parts parts_of(const Book& book, const inputs::ModelLibrary& library, const inputs::ModelVersion& version) {
  Parts parts;
  for (const ModelPart& part : version.parts)
    parts.emplace_back(part.nested, part.nested ? library[part.place].id : book.securities[part.place].id.text,
                       part.weight);
  for (const inputs::Rejection& why : version.rejections) parts.emplace_back(false, why.message, Weight());
  std::ranges::sort(parts);
  return parts;
}

std::map<std::optional<Date>, Parts> versions_of(const Book& book, const inputs::ModelLibrary& library,
                                                 const std::string& id) {
  std::map<std::optional<Date>, Parts> versions;
  const auto at = std::ranges::find(library, id, &inputs::ModelHistory::id);
  if (at == library.end()) return versions;
  for (const inputs::ModelVersion& version : at->versions)
    versions[version.effective_on] = parts_of(book, library, version);
  return versions;
}

std::string day_of(const std::optional<Date>& day) { return day ? "of " + day->to_string() : "without a date"; }

}  // namespace

std::vector<SleepingVersion> sleeping_versions(const Book& present, const inputs::ModelLibrary& now, const Book& coming,
                                               const inputs::ModelLibrary& then) {
  std::vector<SleepingVersion> sleeping;
  for (const inputs::ModelHistory& history : then) {
    const inputs::ModelVersion* in_force = inputs::version_on(history, coming.firm.as_of);
    const auto was = versions_of(present, now, history.id);
    for (const auto& [day, parts] : versions_of(coming, then, history.id)) {
      if (in_force != nullptr && in_force->effective_on == day) continue;
      const auto before = was.find(day);
      if (before != was.end() && before->second == parts) continue;
      sleeping.push_back(
          {history.id, day, in_force == nullptr ? std::nullopt : in_force->effective_on, in_force != nullptr});
    }
  }
  return sleeping;
}

std::string in_words(const SleepingVersion& version, Date as_of) {
  const std::string what = fmt::format("{}: its version {} differs", version.model_id, day_of(version.effective_on));
  if (version.effective_on && *version.effective_on > as_of) {
    return fmt::format("{}, and comes into force on that day: --as-of {} tells what it does", what,
                       version.effective_on->to_string());
  }
  if (!version.any_in_force) return what + ", and none is in force";
  return fmt::format("{}, but on {} that {} is in force: change its rows, or give the new ones a later effective_on",
                     what, as_of.to_string(), day_of(version.in_force));
}

}  // namespace lotwright
