#include "tools/compiler/graph/describe.h"

namespace stint::compiler {

std::string DescribeDim(Dim dim, const Function& function) {
  if (dim.is_constant()) return std::to_string(dim.constant());
  const Symbol* symbol = function.dims.AsSymbol(dim);
  if (symbol == nullptr) return "...";
  return symbol->name.empty() ? "?" : symbol->name;
}

std::string DescribeView(const View& view, const Function& function) {
  if (!view.present()) return "none";
  std::string text = NameOf(function[view.value].dtype);
  text += '[';
  for (size_t axis = 0; axis < view.dims.size(); ++axis) {
    if (axis > 0) text += ',';
    text += DescribeDim(view.dims[axis], function);
  }
  return text + ']';
}

}  // namespace stint::compiler
