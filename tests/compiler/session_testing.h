// Plans written by hand and sessions over them, for tests of binding and running.
#ifndef STINT_TESTS_COMPILER_SESSION_TESTING_H_
#define STINT_TESTS_COMPILER_SESSION_TESTING_H_

#include <memory>
#include <string>
#include <vector>

#include "backends/null/device.h"
#include "runtime/ops/map/program.h"
#include "runtime/session/session.h"
#include "tests/compiler/allocation_count.h"
#include "tests/compiler/plan_testing.h"
#include "tests/unit/ops_testing.h"

namespace stint::testing {

using compiler::Attributes;
using compiler::PlanDescription;

// A plan of one function, built value by value.
class PlanBuilder {
 public:
  PlanBuilder();

  // A symbolic extent that is read from input `input`.
  Dim Symbol(uint32_t input, uint32_t index, SymbolSource source = SymbolSource::kExtent);
  Dim Expression(DimOp op, Dim a, Dim b, Dim c = 0);
  void Require(Dim a, Dim b);

  uint32_t Input(DType dtype, std::vector<Dim> extents);
  uint32_t Value(DType dtype, std::vector<Dim> extents);
  uint32_t Constant(const Tensor& tensor);
  PlanUse View(uint32_t value, std::vector<Dim> extents, std::vector<Dim> strides, Dim offset = 0);
  static PlanUse Whole(uint32_t value) { return {value, kNoIndex}; }

  void Op(OpKind kind, Attributes attributes, std::vector<PlanUse> operands,
          std::vector<PlanUse> results);
  // results[0] = program(operands).
  void Map(const MapProgram& program, std::vector<PlanUse> operands, PlanUse result);
  void Output(PlanUse use);

  PlanDescription plan;

 private:
  compiler::FunctionDescription& function() { return plan.functions[0]; }
  std::vector<std::unique_ptr<Tensor>> constants_;
  std::vector<std::vector<float>> storage_;
};

// A plan in memory and a session over it; either may have failed to load.
struct Bound {
  std::unique_ptr<compiler::AlignedBytes> bytes;
  std::unique_ptr<Plan> plan;
  std::vector<std::unique_ptr<Device>> devices;
  std::unique_ptr<Session> session;
  std::string error;
  Code code = Code::kOk;
};

// With the devices given, or a CPU of two threads.
Bound Open(const PlanDescription& description, std::vector<std::unique_ptr<Device>> devices = {},
           const SessionOptions& options = {}, const Limits& limits = {});

std::unique_ptr<Device> Cpu(int threads = 2);

struct Answer {
  Code code = Code::kOk;
  std::string error;
  std::vector<Tensor> outputs;
};

// Runs and copies the outputs.
Answer RunSession(Session& session, const std::vector<TensorView>& inputs, size_t outputs = 1);

}  // namespace stint::testing

#endif  // STINT_TESTS_COMPILER_SESSION_TESTING_H_
