// generation/targets.h — the models of an invented firm: indexes share by share, mixes of funds, and models of models.
//
// Promises: weights of every version sum to 1 exactly, in steps of 1e-8.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "generation/market.h"

namespace lotwright::generation {

enum class TargetKind { direct, funds, nested };

struct TargetPart {
  bool model = false;
  std::uint32_t place = 0;  // of a security, or of a target before this one
  Weight weight;
};

struct Target {
  std::string id;
  TargetKind kind = TargetKind::direct;
  bool followed = true;  // by accounts; else only a part of others
  std::vector<TargetPart> parts;
  std::vector<std::pair<std::uint32_t, double>> weights;  // unfolded: securities, ascending
};

[[nodiscard]] std::vector<Target> invent_targets(const Market& market);

// Rejected models that faulty accounts follow, by the name of the fault; each has its row in `faults.cc`.
namespace broken_model {
constexpr const char* sum = "broken_sum";
constexpr const char* part = "broken_part";
constexpr const char* circle = "broken_circle";
}  // namespace broken_model

}  // namespace lotwright::generation
