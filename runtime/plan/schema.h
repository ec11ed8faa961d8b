// The generated FlatBuffers code. Included by sources that read or write metadata, by no header:
// everything else sees the typed structures of plan.h.
//
// FlatBuffers' assertions are empty: hostile bytes may never abort a process. What they would catch
// is checked before the calls.
#ifndef STINT_RUNTIME_PLAN_SCHEMA_H_
#define STINT_RUNTIME_PLAN_SCHEMA_H_

#ifndef FLATBUFFERS_ASSERT
#define FLATBUFFERS_ASSERT(condition) static_cast<void>(0)
#endif

#include "plan_generated.h"

#endif  // STINT_RUNTIME_PLAN_SCHEMA_H_
