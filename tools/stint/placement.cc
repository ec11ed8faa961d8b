#include "tools/stint/placement.h"
#include <nlohmann/json.hpp>

namespace stint::cli {

Json PlacementJson(const api::Session& session) {
  Json placement = Json::array();
  for (const stint_placement& part : session.placement()) {
    placement.push_back({{"device", part.device}, {"ops", part.ops}});
  }
  return placement;
}

std::string PlacementText(const api::Session& session) {
  std::string text;
  for (const stint_placement& part : session.placement()) {
    text += Format("%s%s %u ops", text.empty() ? "" : ", ", part.device, part.ops);
  }
  return text.empty() ? "no ops" : text;
}

}  // namespace stint::cli
