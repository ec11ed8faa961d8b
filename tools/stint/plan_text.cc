#include "tools/stint/plan_text.h"

#include <cstdint>
#include <nlohmann/json.hpp>
#include <span>

namespace stint::cli {

namespace {

constexpr int kMaxDepth = 6;  // Expressions share parts: their text could grow exponentially.

const char* InfixOf(DimOp op) {
  switch (op) {
    case DimOp::kAdd:
      return " + ";
    case DimOp::kSub:
      return " - ";
    case DimOp::kMul:
      return " * ";
    case DimOp::kFloorDiv:
      return " // ";
    case DimOp::kMod:
      return " % ";
    case DimOp::kEqual:
      return " == ";
    case DimOp::kLess:
      return " < ";
    default:
      return nullptr;
  }
}

std::string Render(const PlanFunction& function, Dim dim, int depth);

std::string RenderCall(const PlanFunction& function, const PlanExpression& expression, int depth) {
  const Dim arguments[] = {expression.a, expression.b, expression.c};
  std::string text = NameOf(expression.op) + std::string("(");
  for (int i = 0; i < ArityOf(expression.op); ++i) {
    text += (i > 0 ? ", " : "") + Render(function, arguments[i], depth + 1);
  }
  return text + ")";
}

std::string Render(const PlanFunction& function, Dim dim, int depth) {
  if (dim.is_constant()) return std::to_string(dim.constant());
  if (depth > kMaxDepth) return "...";
  const PlanExpression& expression = function.expressions[dim.expression()];
  if (expression.op == DimOp::kSymbol) {
    const auto index = static_cast<size_t>(expression.a.constant());
    const std::string_view name = function.symbols[index].name;
    return name.empty() ? "?" : std::string(name);
  }
  const char* infix = InfixOf(expression.op);
  if (infix == nullptr) return RenderCall(function, expression, depth);
  const std::string text =
      Render(function, expression.a, depth + 1) + infix + Render(function, expression.b, depth + 1);
  return depth > 0 ? "(" + text + ")" : text;
}

std::span<const Dim> ExtentsOf(const PlanFunction& function, const PlanUse& use) {
  if (use.view != kNoIndex) {
    const PlanView& view = function.views[use.view];
    return {view.extents, static_cast<size_t>(view.rank)};
  }
  const PlanValue& value = function.values[use.value];
  return {value.extents, static_cast<size_t>(value.rank)};
}

}  // namespace

Result<std::unique_ptr<Plan>> OpenInside(const Model& model, const std::string& path) {
  if (!model.compiled()) return Plan::Open(path.c_str(), Limits(), Verify::kMetadata);
  const auto* const bytes = reinterpret_cast<const uint8_t*>(model.bytes.data());
  return Plan::FromMemory({bytes, model.bytes.size()}, Limits(), Verify::kMetadata);
}

std::string DimText(const PlanFunction& function, Dim dim) { return Render(function, dim, 0); }

std::string ShapeText(const PlanFunction& function, const PlanUse& use) {
  std::string text = "[";
  for (const Dim dim : ExtentsOf(function, use)) {
    text += (text.size() > 1 ? ", " : "") + Printable(DimText(function, dim));
  }
  return text + "]";
}

Json ShapeJson(const PlanFunction& function, const PlanUse& use) {
  Json shape = Json::array();
  for (const Dim dim : ExtentsOf(function, use)) {
    if (dim.is_constant()) {
      shape.push_back(dim.constant());
    } else {
      shape.push_back(DimText(function, dim));
    }
  }
  return shape;
}

}  // namespace stint::cli
