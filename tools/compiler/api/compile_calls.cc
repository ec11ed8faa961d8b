// The C interface of the compiler. No exception leaves it.
#include <stint/compile.h>

#include <cstdlib>
#include <cstring>
#include <exception>
#include <memory>
#include <new>

#include "runtime/abi/arguments.h"
#include "runtime/base/checked.h"
#include "tools/compiler/compile.h"
#include "tools/compiler/targets.h"

struct stint_plan_bytes {
  struct Free {
    void operator()(uint8_t* memory) const { std::free(memory); }
  };
  std::unique_ptr<uint8_t, Free> data;
  size_t size = 0;
};

namespace stint::compiler {

namespace {

constexpr size_t kAlignment = 64;

Status ReadShapes(const stint_compile_options& given, CompileOptions* options) {
  if (given.shapes == nullptr && given.shape_count > 0) return abi::Missing("shapes");
  for (size_t i = 0; i < given.shape_count; ++i) {
    const stint_input_shape& shape = given.shapes[i];
    if (shape.name == nullptr) return abi::Missing("shapes: name");
    if (shape.rank < 0 || shape.rank > STINT_MAX_RANK) {
      return Error(Code::kInvalid, shape.name, "found rank %d, allowed 0 to %d", shape.rank,
                   STINT_MAX_RANK);
    }
    if (shape.shape == nullptr && shape.rank > 0) return abi::Missing("shapes: shape");
    options->input_shapes[shape.name].assign(shape.shape, shape.shape + shape.rank);
  }
  return {};
}

Status ReadSymbols(const stint_compile_options& given, CompileOptions* options) {
  if (given.symbols == nullptr && given.symbol_count > 0) return abi::Missing("symbols");
  for (size_t i = 0; i < given.symbol_count; ++i) {
    if (given.symbols[i].name == nullptr) return abi::Missing("symbols: name");
    options->dims[given.symbols[i].name] = given.symbols[i].value;
  }
  return {};
}

Status ReadFlags(const stint_compile_options& given, CompileOptions* options) {
  const uint32_t unknown =
      given.flags & ~(STINT_COMPILE_CONSTANT_INITIALIZERS | STINT_COMPILE_KEEP_HALVES);
  if (unknown != 0) {
    return Error(Code::kInvalid, "flags", "found 0x%x, allowed those of compile.h", unknown);
  }
  if (given.overridable == nullptr && given.overridable_count > 0) {
    return abi::Missing("overridable");
  }
  options->keep_halves = (given.flags & STINT_COMPILE_KEEP_HALVES) != 0;
  if ((given.flags & STINT_COMPILE_CONSTANT_INITIALIZERS) == 0) return {};
  options->overridable.emplace();
  for (size_t i = 0; i < given.overridable_count; ++i) {
    if (given.overridable[i] == nullptr) return abi::Missing("overridable: name");
    options->overridable->insert(given.overridable[i]);
  }
  return {};
}

void Tell(const stint_compile_options& given, const ModelReport& report) {
  if (given.unsupported == nullptr) return;
  for (const ReportedNode& node : report.unsupported) {
    const stint_unsupported_node told = {sizeof(told),          0,
                                         node.name.c_str(),     node.op.c_str(),
                                         node.domain.c_str(),   node.version,
                                         node.operands.c_str(), node.reason.c_str()};
    given.unsupported(given.user, &told);
  }
}

Result<std::unique_ptr<stint_plan_bytes>> KeepAligned(const std::vector<uint8_t>& bytes) {
  auto plan = std::make_unique<stint_plan_bytes>();
  void* const memory = std::aligned_alloc(kAlignment, AlignUp(bytes.size(), kAlignment));
  if (memory == nullptr) return OutOfMemory("plan", bytes.size());
  plan->data.reset(static_cast<uint8_t*>(memory));
  plan->size = bytes.size();
  std::memcpy(memory, bytes.data(), bytes.size());
  return plan;
}

// `model` is empty for a file.
Status CompileChecked(const char* path, std::span<const uint8_t> model,
                      const stint_compile_options* options, stint_plan_bytes** out) {
  if (path == nullptr) return abi::Missing("path");
  if (out == nullptr) return abi::Missing("plan");
  stint_compile_options given = {};
  STINT_TRY(abi::ReadOptions("stint_compile_options", options, &given));
  CompileOptions own;
  STINT_TRY(ReadShapes(given, &own));
  STINT_TRY(ReadSymbols(given, &own));
  STINT_TRY(ReadFlags(given, &own));
  if (given.targets != nullptr && given.targets[0] != '\0') {
    STINT_ASSIGN(own.targets, ParseTargets(given.targets));
  }
  if (given.fold_budget != 0) own.fold_budget_bytes = given.fold_budget;
  own.model = model;
  ModelReport report;
  auto bytes = CompileModel(path, own, &report);
  if (!bytes.ok()) Tell(given, report);
  STINT_ASSIGN(const std::vector<uint8_t> plan, std::move(bytes));
  STINT_ASSIGN(auto kept, KeepAligned(plan));
  *out = kept.release();
  return {};
}

stint_code Compile(const char* path, std::span<const uint8_t> model,
                   const stint_compile_options* options, stint_plan_bytes** out,
                   stint_error* error) {
  try {
    return abi::Report(CompileChecked(path, model, options, out), error);
  } catch (const std::bad_alloc&) {
    return abi::Report(OutOfMemory("compiler", 0), error);
  } catch (const std::exception& thrown) {
    return abi::Report(
        Error(Code::kInternal, "compiler", "found an exception: %s, allowed none", thrown.what()),
        error);
  } catch (...) {  // Whatever the caller's `unsupported` throws.
    return abi::Report(
        Error(Code::kInternal, "compiler", "found an exception of another kind, allowed none"),
        error);
  }
}

}  // namespace

}  // namespace stint::compiler

extern "C" {

stint_code stint_compile_file(const char* path, const stint_compile_options* options,
                              stint_plan_bytes** plan, stint_error* error) {
  return stint::compiler::Compile(path, {}, options, plan, error);
}

stint_code stint_compile_memory(const void* model, size_t size, const char* path,
                                const stint_compile_options* options, stint_plan_bytes** plan,
                                stint_error* error) {
  if (model == nullptr || size == 0) return stint::abi::Report(stint::abi::Missing("model"), error);
  return stint::compiler::Compile(path, {static_cast<const uint8_t*>(model), size}, options, plan,
                                  error);
}

const void* stint_plan_bytes_data(const stint_plan_bytes* plan) {
  return plan == nullptr ? nullptr : plan->data.get();
}

size_t stint_plan_bytes_size(const stint_plan_bytes* plan) {
  return plan == nullptr ? 0 : plan->size;
}

void stint_plan_bytes_destroy(stint_plan_bytes* plan) { delete plan; }

}  // extern "C"
