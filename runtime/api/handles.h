// What plans and devices are behind the C interface.
#ifndef STINT_RUNTIME_API_HANDLES_H_
#define STINT_RUNTIME_API_HANDLES_H_

#include <memory>

#include "runtime/abi/arguments.h"
#include "runtime/api/host_memory.h"
#include "runtime/base/text.h"
#include "runtime/hal/device.h"
#include "runtime/plan/golden.h"
#include "runtime/plan/plan.h"

struct stint_plan final : public stint::abi::Shared {
  stint::abi::HostMemory bytes;  // Of a plan that was copied or read.
  std::unique_ptr<stint::Plan> plan;
  stint::GoldenCount golden;

  const stint::PlanFunction& main() const { return plan->main(); }
};

struct stint_device final : public stint::abi::Shared {
  stint::Text name;  // "cpu", "vulkan:1": as listing shows it.
  std::unique_ptr<stint::Device> device;
};

namespace stint::abi {

// "cpu", "vulkan:1", "auto"; see stint_device_open.
Result<stint_device*> OpenDevice(const char* name, int threads);

}  // namespace stint::abi

#endif  // STINT_RUNTIME_API_HANDLES_H_
