#include "backends/gpu/link_spirv.h"

#include "backends/gpu/emit_map_spirv.h"
#include "backends/gpu/kernel_sources.h"
#include "backends/gpu/program_link.h"
#include "backends/gpu/spirv_builder.h"
#include "backends/gpu/trim_spirv.h"

namespace stint::gpu {

namespace {

// The ids of the function's parameters; false: it has not as many.
bool ReadParameters(const SpirvModule& module, const SpirvFunction& function,
                    std::span<uint32_t> ids) {
  const auto body = module.instructions().subspan(function.first, function.end - function.first);
  size_t count = 0;
  for (const SpirvInstruction& it : body) {
    if (it.op != SpirvOp::kFunctionParameter) continue;
    if (count == ids.size()) return false;
    ids[count++] = it.word(2);
  }
  return count == ids.size();
}

Status CheckProgram(const LinkedProgram& linked) {
  STINT_TRY(VerifyMap(linked.program, "program"));
  const char* const reason = RejectProgram(linked.program, ~uint32_t{0});
  if (reason == nullptr) return {};
  return Error(Code::kUnsupported, "program", "found another, GPU kernels allow what %s", reason);
}

// Emits the program as the body of the hook.
Status EmitHook(const PipelineDescription& description, const SpirvFunction& hook,
                SpirvBuilder* builder) {
  const LinkedProgram& linked = description.linked;
  const SpirvModule& module = builder->module();
  uint32_t ids[2] = {};
  const size_t count = linked.epilogue ? 2 : 1;
  if (!ReadParameters(module, hook, {ids, count})) {
    return Error(Code::kInternal, "Map", "found a hook without %zu parameters", count);
  }
  HookParameters parameters;
  parameters.index = ids[count - 1];
  if (linked.epilogue) parameters.value = ids[0];
  builder->body.Add(SpirvOp::kLabel, {builder->NewId()});
  uint32_t value = 0;
  STINT_ASSIGN(const SpirvModule functions, SpirvModule::Parse(sources::map.spirv));
  SpirvImporter library(functions, builder);
  STINT_TRY(EmitMap(linked, description.source->bindings, parameters, &library, builder, &value));
  STINT_TRY(library.Finish());
  if (linked.epilogue) {
    builder->body.Add(SpirvOp::kReturnValue, {value});
  } else {
    builder->body.Add(SpirvOp::kReturn, {});
  }
  return builder->TakeStatus();
}

}  // namespace

Result<Array<uint32_t>> LinkSpirv(const PipelineDescription& description) {
  STINT_ASSIGN(const SpirvModule module, SpirvModule::Parse(description.source->spirv));
  SpirvBuilder builder(module);
  const LinkedProgram& linked = description.linked;
  const SpirvFunction* hook = nullptr;
  if (linked.program.present()) {
    const char* const name = linked.epilogue ? "epilogue" : "map_element";
    STINT_TRY(CheckProgram(linked));
    hook = module.FindFunction(std::string_view(name));
    if (hook == nullptr) {
      return Error(Code::kInternal, "Map", "found no hook %s in %s", name,
                   description.source->name);
    }
    STINT_TRY(EmitHook(description, *hook, &builder));
  }
  return TrimSpirv(builder, hook == nullptr ? 0 : hook->id);
}

}  // namespace stint::gpu
