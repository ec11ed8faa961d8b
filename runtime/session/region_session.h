// The session of a plan of several regions: one BoundSession a region, run one after the other.
#ifndef STINT_RUNTIME_SESSION_REGION_SESSION_H_
#define STINT_RUNTIME_SESSION_REGION_SESSION_H_

#include <memory>
#include <span>

#include "runtime/session/session.h"

namespace stint {

// As Session::Create, for a plan whose main function has several regions. Bind prepares the first
// region alone: what later ones need is known when it has run. Until then their steps are not
// listed, and outputs have extents of -1 where they depend on data. What passes between regions
// lies in the arena of the region that wrote it and is never moved.
Result<std::unique_ptr<Session>> CreateRegionSession(const Plan& plan,
                                                     std::span<Device* const> devices,
                                                     const SessionOptions& options);

}  // namespace stint

#endif  // STINT_RUNTIME_SESSION_REGION_SESSION_H_
