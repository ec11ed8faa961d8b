// Conversions of element type: Cast, CastLike (the type of another operand) and BitCast (the same
// bits).
#include <string>

#include "tools/compiler/import/onnx/rules.h"
#include "tools/compiler/import/onnx/terms.h"

namespace stint::compiler {

namespace {

constexpr int64_t kWrappingFourBits = 24;  // Before, 4-bit integers saturated.
constexpr int64_t kFloat4NanIsZero = 25;   // Before, float4 took NaN to its largest number.

// How values that the type cannot hold are stored.
Result<MapStoreMode> StoreMode(const NodeContext& node, DType to) {
  const bool saturate = node.Int("saturate", 1) != 0;
  if (to == DType::kFloat8E8M0) {
    if (!saturate) return node.Unsupported("float8e8m0 with saturate=0");
    const std::string mode = node.String("round_mode", "up");
    if (mode == "up") return MapStoreMode::kRoundUp;
    if (mode == "down") return MapStoreMode::kRoundDown;
    if (mode == "nearest") return MapStoreMode::kRoundNearest;
    return node.Invalid("found round_mode '" + mode + "', allowed up, down and nearest");
  }
  if (to == DType::kFloat4E2M1) return MapStoreMode::kSaturate;
  if (IsFloat(to) && BytesOf(to) == 1) {
    return saturate ? MapStoreMode::kSaturate : MapStoreMode::kWrap;
  }
  const bool clamps = IsInteger(to) && InfoOf(to).bits < 8 && IsFloat(node.dtype(0)) &&
                      node.version() < kWrappingFourBits;
  return clamps ? MapStoreMode::kSaturate : MapStoreMode::kWrap;
}

// The operand, with its NaNs as the largest number of float4 where the opset has them so.
Result<View> Operand(const NodeContext& node, DType to) {
  const bool replaces =
      to == DType::kFloat4E2M1 && IsFloat(node.dtype(0)) && node.version() < kFloat4NanIsZero;
  if (!replaces) return node.input(0);
  return Compute(node.build, {node.input(0)}, node.dtype(0),
                 [](const Terms& in) { return (in[0] == in[0]).Choose(in[0], in[0].Number(6)); });
}

Status CastTo(NodeContext& node, DType to) {
  const DType from = node.dtype(0);
  for (const DType dtype : {from, to}) {
    const DTypeClass kind = InfoOf(dtype).kind;
    if (kind == DTypeClass::kString || kind == DTypeClass::kComplex) {
      return node.Unsupported(std::string("casts of ") + NameOf(dtype));
    }
  }
  STINT_ASSIGN(const MapStoreMode mode, StoreMode(node, to));
  STINT_ASSIGN(const View operand, Operand(node, to));
  STINT_ASSIGN(View result, node.build.Cast(operand, to, mode));
  node.SetOutput(0, std::move(result));
  return {};
}

// The attribute `to`: a number, in version 1 a name.
Result<DType> TargetType(const NodeContext& node) {
  constexpr int64_t kNumber = 6;
  int64_t number = onnx::TensorProto::UNDEFINED;
  onnx::TensorProto::DataType named = onnx::TensorProto::UNDEFINED;
  if (node.version() >= kNumber) {
    number = node.Int("to", 0);
  } else if (onnx::TensorProto::DataType_Parse(node.String("to", ""), &named)) {
    number = named;
  }
  const DType dtype = number >= 0 && number <= INT32_MAX
                          ? DTypeFromOnnx(static_cast<int32_t>(number))
                          : DType::kNone;
  if (dtype == DType::kNone) {
    return node.Invalid("found target type " + std::to_string(number) +
                        ", allowed element types of ONNX");
  }
  return dtype;
}

Status Cast(NodeContext& node) {
  STINT_TRY(node.Need(0));
  STINT_ASSIGN(const DType to, TargetType(node));
  return CastTo(node, to);
}

Status CastLike(NodeContext& node) {
  STINT_TRY(node.Need(0));
  STINT_TRY(node.Need(1));
  return CastTo(node, node.dtype(1));
}

bool IsNarrowFloat(DType dtype) { return IsFloat(dtype) && BytesOf(dtype) < 4; }

Status BitCast(NodeContext& node) {
  STINT_TRY(node.Need(0));
  STINT_ASSIGN(const DType to, TargetType(node));
  const DType from = node.dtype(0);
  if (InfoOf(from).bits != InfoOf(to).bits) {
    return node.Invalid(std::string("found ") + NameOf(from) + " to " + NameOf(to) +
                        ", allowed types of one width");
  }
  if (from == to) {
    node.SetOutput(0, node.input(0));
    return {};
  }
  if (IsNarrowFloat(from) || IsNarrowFloat(to)) {
    return node.Unsupported("the bits of floats below 32 bits");
  }
  STINT_ASSIGN(View result, Compute(node.build, {node.input(0)}, to, [&](const Terms& in) {
                 if (IsFloat(from) == IsFloat(to)) return in[0];
                 return in[0].Bits(NaturalMapType(to));
               }));
  node.SetOutput(0, std::move(result));
  return {};
}

constexpr ImportRule kRules[] = {
    {"Cast", Cast},
    {"CastLike", CastLike, 15},
    {"BitCast", BitCast, 26},
};

}  // namespace

std::span<const ImportRule> CastRules() { return kRules; }

}  // namespace stint::compiler
