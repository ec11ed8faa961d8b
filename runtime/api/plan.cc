// Plans: loading and asking.
#include <algorithm>
#include <string_view>

#include "runtime/api/handles.h"
#include "runtime/plan/golden.h"
#include "runtime/plan/header.h"

namespace stint::abi {

namespace {

constexpr uint64_t kReadBytes = uint64_t{1} << 20;

struct LoadOptions {
  Limits limits;
  Verify verify = Verify::kAll;
  bool copy = false;
};

template <typename T, typename U>
void Override(U given, T* limit) {
  if (given != 0) *limit = given;
}

Status ReadLimits(const stint_limits* given, Limits* limits) {
  stint_limits read = {};
  STINT_TRY(ReadOptions("stint_limits", given, &read));
  Override(read.file_bytes, &limits->file_bytes);
  Override(read.metadata_bytes, &limits->metadata_bytes);
  Override(read.arena_bytes, &limits->arena_bytes);
  Override(read.structure_bytes, &limits->structure_bytes);
  Override(read.functions, &limits->functions);
  Override(read.ops, &limits->ops);
  Override(read.values, &limits->values);
  Override(read.expressions, &limits->expressions);
  return {};
}

Status ReadLoadOptions(const stint_plan_options* given, LoadOptions* options) {
  stint_plan_options read = {};
  STINT_TRY(ReadOptions("stint_plan_options", given, &read));
  STINT_TRY(CheckFlags("stint_plan_options", read.flags,
                       STINT_PLAN_SKIP_CONTENT_CHECK | STINT_PLAN_COPY));
  STINT_TRY(ReadLimits(read.limits, &options->limits));
  const bool skip = (read.flags & STINT_PLAN_SKIP_CONTENT_CHECK) != 0;
  options->verify = skip ? Verify::kMetadata : Verify::kAll;
  options->copy = (read.flags & STINT_PLAN_COPY) != 0;
  return {};
}

Status CheckFileBytes(uint64_t bytes, const Limits& limits) {
  if (bytes <= limits.file_bytes) return {};
  return Error(Code::kLimit, "plan", "found %llu bytes, allowed %llu",
               static_cast<unsigned long long>(bytes),
               static_cast<unsigned long long>(limits.file_bytes));
}

Status Finish(std::unique_ptr<stint_plan> plan, stint_plan** out) {
  STINT_ASSIGN(plan->golden, GoldenOf(*plan->plan));
  *out = plan.release();
  return {};
}

Status OpenPlan(const char* path, const stint_plan_options* given, stint_plan** out) {
  if (path == nullptr) return Missing("path");
  if (out == nullptr) return Missing("plan");
  LoadOptions options;
  STINT_TRY(ReadLoadOptions(given, &options));
  STINT_ASSIGN(auto plan, Make<stint_plan>());
  STINT_ASSIGN(plan->plan, Plan::Open(path, options.limits, options.verify));
  return Finish(std::move(plan), out);
}

Status PlanFromMemory(const void* bytes, size_t size, const stint_plan_options* given,
                      stint_plan** out) {
  if (bytes == nullptr) return Missing("bytes");
  if (out == nullptr) return Missing("plan");
  LoadOptions options;
  STINT_TRY(ReadLoadOptions(given, &options));
  STINT_TRY(CheckFileBytes(size, options.limits));
  STINT_ASSIGN(auto plan, Make<stint_plan>());
  const auto* data = static_cast<const uint8_t*>(bytes);
  if (options.copy) {
    STINT_TRY(plan->bytes.Grow("plan", size));
    std::memcpy(plan->bytes.data(), bytes, size);
    data = plan->bytes.data();
  }
  STINT_ASSIGN(plan->plan, Plan::FromMemory({data, size}, options.limits, options.verify));
  return Finish(std::move(plan), out);
}

Status ReadAll(const stint_reader& reader, uint8_t* to) {
  for (uint64_t offset = 0; offset < reader.size;) {
    const uint64_t size = std::min(kReadBytes, reader.size - offset);
    const int result = reader.read(reader.user, offset, to + offset, static_cast<size_t>(size));
    if (result != 0) {
      return Error(Code::kIo, "reader", "found error %d at byte %llu, allowed 0", result,
                   static_cast<unsigned long long>(offset));
    }
    offset += size;
  }
  return {};
}

Status ReadPlan(const stint_reader* given, const stint_plan_options* plan_options,
                stint_plan** out) {
  if (given == nullptr) return Missing("reader");
  if (out == nullptr) return Missing("plan");
  stint_reader reader = {};
  STINT_TRY(ReadStruct("stint_reader", given, sizeof(reader), &reader));
  if (reader.read == nullptr) return Missing("stint_reader: read");
  LoadOptions options;
  STINT_TRY(ReadLoadOptions(plan_options, &options));
  STINT_TRY(CheckFileBytes(reader.size, options.limits));
  STINT_ASSIGN(auto plan, Make<stint_plan>());
  STINT_TRY(plan->bytes.Grow("plan", reader.size));
  STINT_TRY(ReadAll(reader, plan->bytes.data()));
  const std::span<const uint8_t> bytes(plan->bytes.data(), static_cast<size_t>(reader.size));
  STINT_ASSIGN(plan->plan, Plan::FromMemory(bytes, options.limits, options.verify));
  return Finish(std::move(plan), out);
}

std::span<const Dim> ExtentsOf(const PlanFunction& function, const PlanUse& use) {
  if (use.view == kNoIndex) {
    const PlanValue& value = function.values[use.value];
    return {value.extents, static_cast<size_t>(value.rank)};
  }
  const PlanView& view = function.views[use.view];
  return {view.extents, static_cast<size_t>(view.rank)};
}

// What is said of an extent that is no constant: nothing, where it is computed of others.
void DescribeSymbol(const PlanFunction& function, Dim extent, int axis, stint_tensor_info* info) {
  const PlanExpression& expression = function.expressions[extent.expression()];
  if (expression.op != DimOp::kSymbol) return;
  const auto index = static_cast<uint32_t>(expression.a.constant());
  const std::string_view name = function.symbols[index].name;
  info->symbols[axis] = name.empty() ? nullptr : name.data();
  info->symbol_numbers[axis] = index + 1;
}

stint_tensor_info InfoOf(const PlanFunction& function, const PlanUse& use, std::string_view name) {
  const std::span<const Dim> extents = ExtentsOf(function, use);
  stint_tensor_info info = {};
  info.dtype = static_cast<stint_dtype>(function.values[use.value].dtype);
  info.name = TextOf(name);
  info.name_size = name.size();
  info.rank = static_cast<int32_t>(extents.size());
  for (int axis = 0; axis < info.rank; ++axis) {
    const Dim extent = extents[static_cast<size_t>(axis)];
    info.shape[axis] = extent.is_constant() ? extent.constant() : -1;
    if (!extent.is_constant()) DescribeSymbol(function, extent, axis, &info);
  }
  return info;
}

Status GetInput(const stint_plan* plan, size_t index, stint_tensor_info* info) {
  if (plan == nullptr) return Missing("plan");
  const PlanFunction& function = plan->main();
  STINT_TRY(CheckIndex("input", index, function.inputs.size()));
  const PlanValue& value = function.values[function.inputs[index]];
  stint_tensor_info own = InfoOf(function, {function.inputs[index], kNoIndex}, value.name);
  own.optional = value.constant != kNoIndex ? 1 : 0;
  return WriteInfo("stint_tensor_info", own, info);
}

Status GetOutput(const stint_plan* plan, size_t index, stint_tensor_info* info) {
  if (plan == nullptr) return Missing("plan");
  const PlanFunction& function = plan->main();
  STINT_TRY(CheckIndex("output", index, function.outputs.size()));
  return WriteInfo("stint_tensor_info",
                   InfoOf(function, function.outputs[index], function.output_names[index]), info);
}

// The position at which `name_of` gives `name`.
template <typename NameOf>
Status Find(const char* what, const stint_plan* plan, const char* name, size_t count, size_t* index,
            const NameOf& name_of) {
  if (plan == nullptr) return Missing("plan");
  if (name == nullptr) return Missing("name");
  if (index == nullptr) return Missing("index");
  for (size_t i = 0; i < count; ++i) {
    if (name_of(i) != name) continue;
    *index = i;
    return {};
  }
  if (count == 0) return Error(Code::kInvalid, what, "found '%.100s', allowed none", name);
  const std::string_view first = name_of(0);
  return Error(Code::kInvalid, what, "found no '%.80s', allowed one of %zu names, as '%.*s'", name,
               count, static_cast<int>(std::min<size_t>(first.size(), 80)), first.data());
}

Status GetInfo(const stint_plan* plan, stint_plan_info* info) {
  if (plan == nullptr) return Missing("plan");
  stint_plan_info own = {};
  own.format_version = kPlanFormatVersion;
  own.producer = TextOf(plan->plan->producer());
  own.min_runtime = TextOf(plan->plan->min_runtime());
  own.file_bytes = plan->plan->file_bytes();
  own.weights_bytes = plan->plan->weights_bytes();
  own.ops = plan->main().ops.size();
  own.regions = static_cast<uint32_t>(plan->main().region_sizes.size());
  own.golden_pairs = plan->golden.pairs;
  own.golden_bytes = plan->golden.bytes;
  return WriteInfo("stint_plan_info", own, info);
}

Status GetProperty(const stint_plan* plan, size_t index, stint_property* property) {
  if (plan == nullptr) return Missing("plan");
  STINT_TRY(CheckIndex("property", index, plan->plan->properties().size()));
  const PlanProperty& own = plan->plan->properties()[index];
  return WriteInfo("stint_property",
                   {0, 0, TextOf(own.key), own.key.size(), TextOf(own.value), own.value.size()},
                   property);
}

Status GetOp(const stint_plan* plan, size_t index, stint_op_info* info) {
  if (plan == nullptr) return Missing("plan");
  STINT_TRY(CheckIndex("op", index, plan->main().ops.size()));
  const PlanOp& op = plan->main().ops[index];
  return WriteInfo("stint_op_info", {0, 0, op.info->name, TextOf(op.name)}, info);
}

}  // namespace

}  // namespace stint::abi

using stint::abi::Report;

extern "C" {

stint_code stint_plan_open(const char* path, const stint_plan_options* options, stint_plan** plan,
                           stint_error* error) {
  return Report(stint::abi::OpenPlan(path, options, plan), error);
}

stint_code stint_plan_from_memory(const void* bytes, size_t size, const stint_plan_options* options,
                                  stint_plan** plan, stint_error* error) {
  return Report(stint::abi::PlanFromMemory(bytes, size, options, plan), error);
}

stint_code stint_plan_read(const stint_reader* reader, const stint_plan_options* options,
                           stint_plan** plan, stint_error* error) {
  return Report(stint::abi::ReadPlan(reader, options, plan), error);
}

void stint_plan_destroy(stint_plan* plan) {
  if (plan != nullptr) plan->Release();
}

stint_code stint_plan_get_info(const stint_plan* plan, stint_plan_info* info, stint_error* error) {
  return Report(stint::abi::GetInfo(plan, info), error);
}

size_t stint_plan_input_count(const stint_plan* plan) {
  return plan == nullptr ? 0 : plan->main().inputs.size();
}

size_t stint_plan_output_count(const stint_plan* plan) {
  return plan == nullptr ? 0 : plan->main().outputs.size();
}

stint_code stint_plan_input(const stint_plan* plan, size_t index, stint_tensor_info* info,
                            stint_error* error) {
  return Report(stint::abi::GetInput(plan, index, info), error);
}

stint_code stint_plan_output(const stint_plan* plan, size_t index, stint_tensor_info* info,
                             stint_error* error) {
  return Report(stint::abi::GetOutput(plan, index, info), error);
}

stint_code stint_plan_find_input(const stint_plan* plan, const char* name, size_t* index,
                                 stint_error* error) {
  const auto name_of = [plan](size_t i) {
    return plan->main().values[plan->main().inputs[i]].name;
  };
  return Report(stint::abi::Find("input", plan, name, stint_plan_input_count(plan), index, name_of),
                error);
}

stint_code stint_plan_find_output(const stint_plan* plan, const char* name, size_t* index,
                                  stint_error* error) {
  const auto name_of = [plan](size_t i) { return plan->main().output_names[i]; };
  return Report(
      stint::abi::Find("output", plan, name, stint_plan_output_count(plan), index, name_of), error);
}

size_t stint_plan_property_count(const stint_plan* plan) {
  return plan == nullptr ? 0 : plan->plan->properties().size();
}

stint_code stint_plan_property(const stint_plan* plan, size_t index, stint_property* property,
                               stint_error* error) {
  return Report(stint::abi::GetProperty(plan, index, property), error);
}

stint_code stint_plan_op(const stint_plan* plan, size_t index, stint_op_info* info,
                         stint_error* error) {
  return Report(stint::abi::GetOp(plan, index, info), error);
}

}  // extern "C"
