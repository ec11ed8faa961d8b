// Runs one row of the CPU's kernel table on a call, as a session would: prepared, recorded, with
// scratch of exactly the size that it asked for.
#ifndef STINT_TESTS_UNIT_CPU_TESTING_H_
#define STINT_TESTS_UNIT_CPU_TESTING_H_

#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "backends/cpu/device.h"
#include "tests/unit/ops_testing.h"

namespace stint::testing {

// Floats in [-1, 1), the same for a seed everywhere.
inline Tensor RandomFloats(std::vector<int64_t> extents, uint32_t seed) {
  std::minstd_rand random(seed + 1);
  size_t count = 1;
  for (const int64_t extent : extents) count *= static_cast<size_t>(extent);
  std::vector<float> values(count);
  for (float& value : values) {
    value = static_cast<float>(static_cast<int>(random() % 2000001) - 1000000) / 1000000.0f;
  }
  return Tensor::Of(std::move(extents), values);
}

struct RowRun {
  std::string error;  // A refusal, or an error; empty when it worked.
  Tensor result;
};

// `constants`: bit i says that operand i is a constant.
template <typename Attributes>
RowRun RunRow(const std::string& name, const OpInfo& op, const Attributes& attributes,
              const std::vector<TensorView>& operands, int threads, uint32_t constants = 0,
              cpu::Isa isa = cpu::DetectCpu().isa) {
  std::vector<TensorShape> shapes;
  for (const TensorView& view : operands) {
    shapes.push_back(Shape(view.dtype, std::vector<Dim>(view.extents, view.extents + view.rank)));
  }
  const Inferred inferred = Infer(op, attributes, shapes);
  if (!inferred.error.empty()) return {inferred.error, {}};
  RowRun run;
  run.result = Tensor(inferred.results[0].dtype, ExtentsOf(inferred.results[0]));

  auto device = cpu::CpuDevice::Create({.threads = threads}, isa);
  if (!device.ok()) return {TextOf(device.status()), {}};
  std::vector<std::unique_ptr<Buffer>> buffers;
  const auto tensor_of = [&](const TensorView& view, bool constant) {
    DeviceTensor tensor;
    tensor.view = view;
    tensor.view.data = nullptr;
    if (!view.present()) return tensor;
    if (constant) {
      tensor.constant = view.data;
    } else {
      auto buffer = (*device)->WrapHost();
      (*device)->SetHost(**buffer, view.data, 0);
      tensor.buffer = buffer->get();
      buffers.push_back(std::move(*buffer));
    }
    return tensor;
  };
  std::vector<DeviceTensor> call_operands;
  for (size_t i = 0; i < operands.size(); ++i) {
    call_operands.push_back(tensor_of(operands[i], (constants >> i & 1) != 0));
  }
  const std::vector<DeviceTensor> call_results = {tensor_of(run.result.view(), false)};
  const KernelCall call = {&op, &attributes, call_operands, call_results};

  for (const Kernel& kernel : (*device)->kernels()) {
    if (name != kernel.name || kernel.op != op.kind) continue;
    if (const char* const reason = kernel.reject(call, (*device)->info()); reason != nullptr)
      return {reason, {}};
    auto prepared = kernel.prepare(**device, call);
    if (!prepared.ok()) return {TextOf(prepared.status()), {}};
    auto commands = (*device)->CreateCommandList({.capacity = (*prepared)->commands});
    auto arena = (*device)->Allocate((*prepared)->scratch_bytes, MemoryKind::kDevice);
    if (!commands.ok() || !arena.ok()) return {"no memory", {}};
    DeviceTensor scratch;
    scratch.buffer = arena->get();
    run.error = TextOf(kernel.record(**commands, **prepared, call, scratch));
    if (run.error.empty()) run.error = TextOf((*commands)->Run());
    return run;
  }
  return {"no such row", {}};
}

// The largest difference, relative to 1 + the size of what is expected.
inline double LargestError(const Tensor& found, const Tensor& expected) {
  const std::vector<float> a = found.values<float>();
  const std::vector<float> b = expected.values<float>();
  if (a.size() != b.size()) return 1e9;
  double largest = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    const double error = std::abs(double{a[i]} - b[i]) / (1 + std::abs(double{b[i]}));
    largest = error == error ? std::max(largest, error) : 1e9;
  }
  return largest;
}

}  // namespace stint::testing

#endif  // STINT_TESTS_UNIT_CPU_TESTING_H_
