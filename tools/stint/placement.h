// Which device runs how many ops, as documents and people see it.
#ifndef STINT_TOOLS_STINT_PLACEMENT_H_
#define STINT_TOOLS_STINT_PLACEMENT_H_

#include <stint/stint.hpp>
#include <string>

#include "tools/stint/console.h"

namespace stint::cli {

// [{"device": "cpu", "ops": 12}].
Json PlacementJson(const api::Session& session);

// "cpu 12 ops, null 3 ops".
std::string PlacementText(const api::Session& session);

}  // namespace stint::cli

#endif  // STINT_TOOLS_STINT_PLACEMENT_H_
