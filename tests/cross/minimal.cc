// The least program that runs a plan on the CPU: what tools/checks/binary_sizes.py weighs. It is
// built as runtime/ is, and needs the C library alone. Inputs are zeros; dynamic dims are 1.
//
//   stint-minimal PLAN
#include <cstdio>

#include "backends/cpu/device.h"
#include "runtime/base/array.h"
#include "runtime/plan/plan.h"
#include "runtime/session/session.h"

namespace stint {

namespace {

// A dense tensor of zeros that an input of the plan accepts, as far as its extents are known.
Status MakeZeros(const PlanValue& value, Array<uint8_t>& bytes, TensorView& view) {
  view.dtype = value.dtype;
  view.rank = value.rank;
  for (int axis = 0; axis < value.rank; ++axis) {
    const Dim extent = value.extents[axis];
    view.extents[axis] = extent.is_constant() ? extent.constant() : 1;
  }
  DenseStrides(view.rank, view.extents, view.strides);
  STINT_TRY(bytes.Resize(static_cast<size_t>(ElementCount(view)) *
                         static_cast<size_t>(BytesOf(value.dtype))));
  view.data = bytes.data();
  return {};
}

Status RunPlan(const char* path) {
  STINT_ASSIGN(const auto plan, Plan::Open(path, Limits(), Verify::kAll));
  STINT_ASSIGN(const auto device, cpu::CreateDevice(0, DeviceOptions()));
  Device* const devices[] = {device.get()};
  STINT_ASSIGN(const auto session, Session::Create(*plan, devices, SessionOptions()));
  const PlanFunction& function = plan->main();
  Array<Array<uint8_t>> bytes;
  Array<TensorView> inputs;
  STINT_TRY(bytes.Resize(function.inputs.size()));
  STINT_TRY(inputs.Resize(function.inputs.size()));
  for (size_t i = 0; i < inputs.size(); ++i) {
    STINT_TRY(MakeZeros(function.values[function.inputs[i]], bytes[i], inputs[i]));
  }
  STINT_TRY(session->Run(inputs.span()));
  for (size_t i = 0; i < function.outputs.size(); ++i) {
    std::printf("output %zu: %lld elements\n", i,
                static_cast<long long>(ElementCount(session->output(i))));
  }
  return {};
}

}  // namespace

}  // namespace stint

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: stint-minimal PLAN\n");
    return 2;
  }
  const stint::Status status = stint::RunPlan(argv[1]);
  if (status.ok()) return 0;
  std::fprintf(stderr, "stint-minimal: %s: %s\n", status.where(), status.message());
  return static_cast<int>(status.code());
}
