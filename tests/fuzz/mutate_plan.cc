#include "tests/fuzz/mutate_plan.h"

#include <algorithm>
#include <cstring>

#include "runtime/base/hash.h"
#include "runtime/plan/header.h"
#include "tests/fuzz/random_plan.h"
#include "tests/fuzz/run_plan.h"

namespace stint::fuzz {

namespace {

// Adds a copy of an entry, removes, swaps or leaves one to `change`.
template <typename T, typename Change>
void MutateList(Random& random, std::vector<std::unique_ptr<T>>& list, const Change& change) {
  if (list.empty() || random.Chance(10)) {
    list.push_back(list.empty() ? std::make_unique<T>()
                                : std::make_unique<T>(*list[random.Below(list.size())]));
  } else if (random.Chance(8)) {
    list.erase(list.begin() + static_cast<ptrdiff_t>(random.Below(list.size())));
  } else if (random.Chance(8)) {
    std::swap(list[random.Below(list.size())], list[random.Below(list.size())]);
  } else {
    change(*list[random.Below(list.size())]);
  }
}

void MutateDims(Random& random, size_t expressions, std::vector<int64_t>& dims) {
  if (dims.empty() || random.Chance(15)) {
    dims.push_back(InterestingDim(random, expressions));
  } else if (random.Chance(15)) {
    dims.pop_back();
  } else {
    dims[random.Below(dims.size())] = InterestingDim(random, expressions);
  }
}

void MutateValue(Random& random, const schema::PlanT& plan, schema::FunctionT& function,
                 schema::ValueT& value) {
  switch (random.Below(6)) {
    case 0:
      value.dtype = static_cast<uint8_t>(random.Below(29));
      break;
    case 1:
      value.constant =
          random.Chance(50) ? 0xffffffff : InterestingIndex(random, plan.constants.size());
      break;
    case 2:
      value.name.assign(random.Below(3), 'n');
      break;
    default:
      MutateDims(random, function.expressions.size(), value.extents);
  }
}

void MutateView(Random& random, schema::FunctionT& function, schema::ViewT& view) {
  const size_t expressions = function.expressions.size();
  switch (random.Below(4)) {
    case 0:
      MutateDims(random, expressions, view.extents);
      break;
    case 1:
      MutateDims(random, expressions, view.strides);
      break;
    case 2:
      view.offset = InterestingDim(random, expressions);
      break;
    default: {  // A dense view of a value's shape, or a transposed one.
      if (function.values.empty()) break;
      const auto& extents = function.values[random.Below(function.values.size())]->extents;
      view.extents = extents;
      view.strides.assign(extents.size(), 1);
      for (size_t i = extents.size(); i-- > 1;) {
        uint64_t stride = static_cast<uint64_t>(view.strides[i]);
        stride *= static_cast<uint64_t>(extents[i]);
        view.strides[i - 1] = static_cast<int64_t>(stride);
      }
      view.offset = 0;
      if (extents.size() < 2 || random.Chance(50)) break;
      std::swap(view.extents.front(), view.extents.back());
      std::swap(view.strides.front(), view.strides.back());
    }
  }
}

void MutateSymbol(Random& random, const schema::FunctionT& function, schema::SymbolT& symbol) {
  symbol.source = static_cast<uint8_t>(random.Below(random.Chance(90) ? 3 : 256));
  const bool computed = symbol.source == static_cast<uint8_t>(SymbolSource::kComputed);
  symbol.input =
      InterestingIndex(random, computed ? function.values.size() : function.inputs.size());
  symbol.index = InterestingIndex(random, 4);
}

void MutateExpressions(Random& random, schema::FunctionT& function) {
  auto& list = function.expressions;
  const size_t position = random.Below(list.size() + 1);
  const auto op = static_cast<DimOp>(random.Below(kDimOpCount + (random.Chance(5) ? 1 : 0)));
  const auto dim = [&](int operand) {
    return ArityOf(op) > operand ? InterestingDim(random, position) : int64_t{0};
  };
  schema::Expression expression(static_cast<uint8_t>(op), dim(0), dim(1), dim(2));
  if (op == DimOp::kSymbol) {
    const auto symbol = static_cast<int64_t>(random.Below(function.symbols.size()));
    expression = schema::Expression(0, symbol, 0, 0);
  }
  if (position == list.size()) {
    list.push_back(expression);
  } else {
    list[position] = expression;
  }
}

void MutateConstant(Random& random, schema::ConstantT& constant) {
  switch (random.Below(6)) {
    case 0:
      constant.size = static_cast<uint64_t>(InterestingInteger(random));
      break;
    case 1:
      constant.offset = static_cast<uint64_t>(InterestingInteger(random));
      break;
    case 2:
      constant.layout = static_cast<uint8_t>(random.Below(kLayoutCount + 1));
      break;
    case 3:
      constant.inlined.resize(random.Below(70), 1);
      constant.size = constant.inlined.size();
      break;
    default:
      if (constant.inlined.empty()) break;
      constant.inlined[random.Below(constant.inlined.size())] = static_cast<uint8_t>(random.Next());
  }
}

void MutateOutput(Random& random, const schema::FunctionT& function, schema::OutputT& output) {
  output.value = InterestingIndex(random, function.values.size());
  output.view = random.Chance(60) ? 0xffffffff : InterestingIndex(random, function.views.size());
}

// A new op whose operands are values of the function where they fit, else of any shape.
void InsertOp(Random& random, schema::FunctionT& function) {
  const OpInfo& info = *AllOps()[random.Below(AllOps().size())];
  auto op = std::make_unique<schema::OpT>();
  op->kind = static_cast<uint16_t>(info.kind);
  for (int i = 0; i < std::max(info.required_operands, 1); ++i) {
    op->operands.emplace_back(InterestingIndex(random, function.values.size()), 0xffffffff);
  }
  op->results.emplace_back(static_cast<uint32_t>(function.values.size()), 0xffffffff);
  auto value = std::make_unique<schema::ValueT>();
  if (!function.values.empty()) {
    *value = *function.values[random.Below(function.values.size())];
    value->constant = 0xffffffff;
  }
  function.values.push_back(std::move(value));
  function.ops.push_back(std::move(op));
}

void MutateInputs(Random& random, schema::FunctionT& function) {
  if (function.inputs.empty() || random.Chance(40)) {
    function.inputs.push_back(InterestingIndex(random, function.values.size()));
  } else if (random.Chance(30)) {
    function.inputs.pop_back();
  } else {
    function.inputs[random.Below(function.inputs.size())] =
        InterestingIndex(random, function.values.size());
  }
}

void MutateForms(Random& random, const schema::PlanT& plan, schema::FunctionT& function) {
  if (!function.forms.empty() && random.Chance(30)) {
    function.forms.pop_back();
  } else {
    function.forms.emplace_back(InterestingIndex(random, function.values.size()),
                                InterestingIndex(random, plan.constants.size()));
  }
}

void MutateFunction(Random& random, const schema::PlanT& plan, schema::FunctionT& function) {
  const size_t expressions = function.expressions.size();
  const size_t choice = random.Below(32);
  if (choice >= 30) return MutateForms(random, plan, function);
  if (choice < 12) {
    MutateList(random, function.ops, [&](auto& op) { MutateOp(random, function, op); });
  } else if (choice < 14) {
    InsertOp(random, function);
  } else if (choice < 18) {
    MutateList(random, function.values,
               [&](auto& value) { MutateValue(random, plan, function, value); });
  } else if (choice < 21) {
    MutateList(random, function.views, [&](auto& view) { MutateView(random, function, view); });
  } else if (choice < 22) {
    MutateList(random, function.symbols,
               [&](auto& symbol) { MutateSymbol(random, function, symbol); });
  } else if (choice < 25) {
    MutateExpressions(random, function);
  } else if (choice < 26) {
    function.checks.emplace_back(InterestingDim(random, expressions),
                                 InterestingDim(random, expressions));
  } else if (choice < 27) {
    MutateInputs(random, function);
  } else if (choice < 29) {
    MutateList(random, function.outputs,
               [&](auto& output) { MutateOutput(random, function, output); });
  } else {
    MutateList(random, function.regions,
               [&](auto& region) { region.op_count = InterestingIndex(random, 4); });
  }
}

}  // namespace

int64_t InterestingInteger(Random& random) {
  switch (random.Below(4)) {
    case 0:
      return random.Between(-2, 8);
    case 1:
      return static_cast<int64_t>((uint64_t{1} << random.Below(64)) - random.Below(3));
    case 2:
      return random.Of<int64_t>({INT64_MIN, INT64_MAX, INT32_MAX, INT32_MIN, -1, 0});
    default:
      return static_cast<int64_t>(random.Next());
  }
}

uint32_t InterestingIndex(Random& random, size_t size) {
  if (random.Chance(95)) return static_cast<uint32_t>(random.Below(size));
  return random.Of<uint32_t>(
      {static_cast<uint32_t>(size), 0xffffffff, 0x7fffffff, static_cast<uint32_t>(random.Next())});
}

int64_t InterestingDim(Random& random, size_t expressions) {
  if (expressions > 0 && random.Chance(40)) {
    return Dim::Expression(InterestingIndex(random, expressions)).raw();
  }
  return random.Chance(80) ? random.Between(-1, 4) : InterestingInteger(random);
}

bool DecodePlan(std::span<const uint8_t> file, schema::PlanT* plan) {
  PlanHeader header;
  const auto start = file.first(std::min<size_t>(file.size(), kPlanHeaderBytes));
  if (!DecodeHeader(start, file.size(), TinyLimits(), &header).ok()) return false;
  std::vector<uint8_t> metadata(header.metadata_bytes);
  std::copy_n(file.begin() + kPlanHeaderBytes, metadata.size(), metadata.begin());
  flatbuffers::Verifier::Options options;
  options.max_depth = 4;
  options.max_tables = static_cast<flatbuffers::uoffset_t>(metadata.size() / 8 + 1);
  flatbuffers::Verifier verifier(metadata.data(), metadata.size(), options);
  if (!schema::VerifyPlanBuffer(verifier)) return false;
  schema::GetPlan(metadata.data())->UnPackTo(plan);
  return true;
}

std::vector<uint8_t> WrapMetadata(std::span<const uint8_t> metadata) {
  PlanHeader header;
  header.metadata_bytes = metadata.size();
  header.blob_offset = BlobOffset(metadata.size(), 0);
  header.file_bytes = header.blob_offset;
  std::vector<uint8_t> file(header.file_bytes);
  EncodeHeader(header, file);
  std::copy(metadata.begin(), metadata.end(), file.begin() + kPlanHeaderBytes);
  SealPlan(file);
  return file;
}

std::vector<uint8_t> EncodePlan(const schema::PlanT& plan) {
  flatbuffers::FlatBufferBuilder builder;
  schema::FinishPlanBuffer(builder, schema::CreatePlan(builder, &plan));
  return WrapMetadata({builder.GetBufferPointer(), builder.GetSize()});
}

void MutatePlan(Random& random, schema::PlanT& plan) {
  for (size_t i = random.Below(4) + 1; i > 0; --i) {
    const size_t choice = random.Below(40);
    if (choice < 36 && !plan.functions.empty()) {
      MutateFunction(random, plan, *plan.functions[random.Below(plan.functions.size())]);
    } else if (choice < 38) {
      MutateList(random, plan.constants, [&](auto& constant) { MutateConstant(random, constant); });
    } else {
      MutateList(random, plan.functions,
                 [&](auto& function) { MutateFunction(random, plan, function); });
    }
  }
}

namespace {

void RepairTotals(schema::PlanT& plan) {
  for (auto& constant : plan.constants) {
    const Hash128 hash = HashBytes(constant->inlined);
    constant->hash_low = hash.low;
    constant->hash_high = hash.high;
  }
  for (auto& function : plan.functions) {
    uint64_t total = 0;
    for (const auto& region : function->regions) total += region->op_count;
    if (total == function->ops.size() && !function->regions.empty()) continue;
    function->regions.clear();
    function->regions.push_back(std::make_unique<schema::RegionT>());
    function->regions.back()->op_count = static_cast<uint32_t>(function->ops.size());
  }
}

// The shape of a use, with kDynamicExtent for expressions.
TensorShape ShapeOf(const schema::FunctionT& function, const PlanFunction& loaded,
                    const PlanUse& use) {
  TensorShape shape;
  if (use.value == kNoIndex) return shape;
  const schema::ValueT& value = *function.values[use.value];
  shape.dtype = static_cast<DType>(value.dtype);
  const auto set = [&](int axis, Dim extent) {
    shape.extents[axis] = extent.is_constant() ? extent : Dim(kDynamicExtent);
  };
  if (use.view == kNoIndex) {
    shape.rank = static_cast<int>(value.extents.size());
    for (int axis = 0; axis < shape.rank; ++axis) set(axis, Dim(value.extents[axis]));
    return shape;
  }
  const PlanView& view = loaded.views[use.view];
  shape.rank = view.rank;
  for (int axis = 0; axis < shape.rank; ++axis) set(axis, view.extents[axis]);
  return shape;
}

void RepairResults(schema::FunctionT& function, const PlanFunction& loaded, size_t index) {
  const PlanOp& op = loaded.ops[index];
  std::vector<TensorShape> operands;
  for (const PlanUse& use : op.operands) operands.push_back(ShapeOf(function, loaded, use));
  TensorShape results[kMaxCoreResults];
  IntegerDims dims;
  // Dims in attributes may be expressions, which have no value here.
  if (!InferOp(*op.info, op.attributes, operands, dims, results).ok()) return;
  for (size_t i = 0; i < op.results.size(); ++i) {
    if (op.results[i].value == kNoIndex || op.results[i].view != kNoIndex) continue;
    schema::ValueT& value = *function.values[op.results[i].value];
    value.dtype = static_cast<uint8_t>(results[i].dtype);
    value.extents.clear();
    for (int axis = 0; axis < results[i].rank; ++axis) {
      value.extents.push_back(results[i].extents[axis].raw());
    }
  }
}

}  // namespace

void RepairPlan(schema::PlanT& plan) {
  RepairTotals(plan);
  const std::vector<uint8_t> file = EncodePlan(plan);
  const auto loaded = Plan::FromMemory(file, TinyLimits(), Verify::kMetadata);
  if (!loaded.ok()) return;
  const std::span<const PlanFunction> functions = (*loaded)->functions();
  for (size_t f = 0; f < functions.size(); ++f) {
    for (size_t i = 0; i < functions[f].ops.size(); ++i) {
      RepairResults(*plan.functions[f], functions[f], i);
    }
  }
}

}  // namespace stint::fuzz
