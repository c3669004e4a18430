#include "estimation/stand_ins.h"

namespace lotwright::estimation {
namespace {

// A group's name at one level; empty: the security belongs to none there.
std::string group_of(const Description& of, Origin level) {
  const std::string kind = of.kind ? std::to_string(static_cast<int>(*of.kind)) : "untold";
  switch (level) {
    case Origin::sector:
      return of.sector.empty() ? "" : kind + "/" + of.asset_class + "/" + of.sector;
    case Origin::asset_class:
      return of.asset_class.empty() ? "" : kind + "/" + of.asset_class;
    case Origin::kind:
      return of.kind ? kind : "";
    case Origin::own:
    case Origin::no_risk:
    case Origin::everybody:
      break;
  }
  return "everybody";
}

struct GroupMean {
  Eigen::RowVectorXd exposures;
  double specific = 0.0;
  int members = 0;
};

using GroupMeans = std::map<std::string, GroupMean>;

GroupMeans means_at(Origin level, const std::vector<Description>& descriptions, const RiskEstimate& estimate) {
  GroupMeans means;
  for (std::size_t i = 0; i < descriptions.size(); ++i) {
    if (estimate.origins[i] != Origin::own) continue;
    GroupMean& mean = means[group_of(descriptions[i], level)];
    const auto row = static_cast<Eigen::Index>(i);
    if (mean.members++ == 0) mean.exposures.setZero(estimate.exposures.cols());
    mean.exposures += estimate.exposures.row(row);
    mean.specific += estimate.specific_volatility[row];
  }
  for (auto& [name, mean] : means) {
    mean.exposures /= mean.members;
    mean.specific /= mean.members;
  }
  return means;
}

}  // namespace

void fill_stand_ins(const std::vector<Description>& descriptions, RiskEstimate& estimate) {
  const std::vector<Origin> origins = estimate.origins;
  for (const Origin level : {Origin::everybody, Origin::kind, Origin::asset_class, Origin::sector}) {
    const GroupMeans means = means_at(level, descriptions, estimate);
    for (std::size_t i = 0; i < descriptions.size(); ++i) {
      if (origins[i] == Origin::own || origins[i] == Origin::no_risk) continue;
      const std::string group = group_of(descriptions[i], level);
      const auto mean = means.find(group);
      if (group.empty() || mean == means.end()) continue;
      if (level != Origin::everybody && mean->second.members < group_size_min) continue;
      const auto row = static_cast<Eigen::Index>(i);
      estimate.exposures.row(row) = mean->second.exposures;
      estimate.specific_volatility[row] = mean->second.specific;
      estimate.origins[i] = level;
    }
  }
}

bool is_fund(const Description& description, double unexplained) {
  constexpr double basket_unexplained_max = 0.08;
  if (!description.kind) return unexplained < basket_unexplained_max;
  return *description.kind == SecurityKind::etf || *description.kind == SecurityKind::mutual_fund;
}

}  // namespace lotwright::estimation
