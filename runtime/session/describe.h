// What a binding does, for people: `stint explain` and profiles.
#ifndef STINT_RUNTIME_SESSION_DESCRIBE_H_
#define STINT_RUNTIME_SESSION_DESCRIBE_H_

#include <span>

#include "runtime/session/binding.h"
#include "runtime/session/session.h"

namespace stint {

StepInfo DescribeStep(const Binding& binding, const Step& step, std::span<Device* const> devices);
GroupInfo DescribeGroup(const Group& group);
RefusalInfo DescribeRefusal(const Refusal& refusal, std::span<Device* const> devices);
// Whether the step copies a value that another device holds.
bool IsTransfer(const Binding& binding, const Step& step);

}  // namespace stint

#endif  // STINT_RUNTIME_SESSION_DESCRIBE_H_
