#include "tools/stint/inputs.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "tools/stint/command.h"
#include "tools/stint/console.h"
#include "tools/stint/elements.h"
#include "tools/stint/model.h"
#include "tools/stint/named_files.h"

namespace stint::cli {

namespace {

std::string WhereOf(const api::TensorInfo& input) { return "input '" + NameOf(input) + "'"; }

DType DTypeOf(const api::TensorInfo& input) { return static_cast<DType>(input.dtype); }

// Which symbol an extent is, from 0.
std::optional<size_t> SymbolOf(const api::TensorInfo& input, size_t axis) {
  if (input.symbol_numbers[axis] == 0) return std::nullopt;
  return input.symbol_numbers[axis] - 1;
}

// "224", the name of a symbol, or "?".
std::string ExtentText(const api::TensorInfo& input, size_t axis) {
  if (input.shape[axis] >= 0) return std::to_string(input.shape[axis]);
  return input.symbols[axis] == nullptr ? "?" : input.symbols[axis];
}

size_t RankOf(const api::TensorInfo& input) { return static_cast<size_t>(input.rank); }

// "[batch, 3, 224]".
std::string ShapeText(const api::TensorInfo& input) {
  std::string text = "[";
  for (size_t axis = 0; axis < RankOf(input); ++axis) {
    text += (axis > 0 ? ", " : "") + Printable(ExtentText(input, axis));
  }
  return text + "]";
}

std::vector<api::TensorInfo> InputsOf(const api::Plan& plan) {
  std::vector<api::TensorInfo> inputs;
  for (size_t i = 0; i < plan.input_count(); ++i) inputs.push_back(plan.input(i));
  return inputs;
}

// The extents of inputs, as far as they are known, and the values of the symbols in them.
class Extents {
 public:
  explicit Extents(const std::vector<api::TensorInfo>& inputs)
      : inputs_(inputs), fixed_(inputs.size()) {
    for (const api::TensorInfo& input : inputs) {
      for (size_t axis = 0; axis < RankOf(input); ++axis) AddSymbol(input, axis);
    }
  }

  // States that input `i` has these extents. kInvalid: against the plan or an earlier statement.
  Status Fix(size_t i, const std::vector<int64_t>& extents) {
    const api::TensorInfo& input = inputs_[i];
    if (extents.size() != RankOf(input)) {
      return Error(Code::kInvalid, WhereOf(input).c_str(), "found shape %s, allowed rank %d: %s",
                   ExtentsText(extents).c_str(), input.rank, ShapeText(input).c_str());
    }
    for (size_t axis = 0; axis < extents.size(); ++axis) {
      const std::optional<int64_t> known = ValueOf(input, axis);
      if (known && *known != extents[axis]) {
        return Error(Code::kInvalid, WhereOf(input).c_str(),
                     "found shape %s, allowed %s with %lld on axis %zu",
                     ExtentsText(extents).c_str(), ShapeText(input).c_str(),
                     static_cast<long long>(*known), axis);
      }
      if (const auto symbol = SymbolOf(input, axis)) symbols_[*symbol].value = extents[axis];
    }
    fixed_[i] = extents;
    return {};
  }

  Status FixSymbol(const std::string& name, int64_t extent) {
    std::vector<std::string> names;
    bool found = false;
    for (Symbol& symbol : symbols_) {
      if (!symbol.name.empty()) names.push_back(symbol.name);
      if (symbol.name != name) continue;
      if (symbol.value && *symbol.value != extent) {
        return Error(Code::kInvalid, "--dim", "found %s=%lld, allowed %lld as --input-shape says",
                     name.c_str(), static_cast<long long>(extent),
                     static_cast<long long>(*symbol.value));
      }
      symbol.value = extent;
      found = true;
    }
    if (found) return {};
    return Error(Code::kInvalid, "--dim", "found '%s', allowed dynamic dims: %s", name.c_str(),
                 NameList(names).c_str());
  }

  // Axes 0 that nothing has fixed are 1.
  void FixBatch(size_t i) {
    const auto symbol = inputs_[i].rank > 0 ? SymbolOf(inputs_[i], 0) : std::nullopt;
    if (symbol && !symbols_[*symbol].value) symbols_[*symbol].value = 1;
  }

  // The extents of an input, as far as they are known.
  std::vector<std::optional<int64_t>> Known(size_t i) const {
    std::vector<std::optional<int64_t>> extents;
    for (size_t axis = 0; axis < RankOf(inputs_[i]); ++axis) {
      extents.push_back(ValueOf(inputs_[i], axis));
    }
    return extents;
  }

  // The extents of a seeded input. kInvalid: unknown.
  Result<std::vector<int64_t>> Resolve(size_t i) const {
    if (fixed_[i]) return *fixed_[i];
    std::vector<int64_t> extents;
    for (size_t axis = 0; axis < RankOf(inputs_[i]); ++axis) {
      const std::optional<int64_t> known = ValueOf(inputs_[i], axis);
      if (!known && axis > 0) return Unknown(i, axis);
      extents.push_back(known.value_or(1));
    }
    return extents;
  }

 private:
  struct Symbol {
    std::string name;
    std::optional<int64_t> value;
  };

  void AddSymbol(const api::TensorInfo& input, size_t axis) {
    const auto symbol = SymbolOf(input, axis);
    if (!symbol) return;
    if (*symbol >= symbols_.size()) symbols_.resize(*symbol + 1);
    if (input.symbols[axis] != nullptr) symbols_[*symbol].name = input.symbols[axis];
  }

  std::optional<int64_t> ValueOf(const api::TensorInfo& input, size_t axis) const {
    if (input.shape[axis] >= 0) return input.shape[axis];
    const auto symbol = SymbolOf(input, axis);
    return symbol ? symbols_[*symbol].value : std::nullopt;
  }

  Status Unknown(size_t i, size_t axis) const {
    const api::TensorInfo& input = inputs_[i];
    const std::string dim = ExtentText(input, axis);
    const std::string by_dim = dim == "?" ? "" : "--dim " + dim + "=N or ";
    return Error(Code::kInvalid, WhereOf(input).c_str(),
                 "found dynamic axis %zu of %s, allowed when %s--input-shape '%s=%s' fixes it or "
                 "a file is given",
                 axis, ShapeText(input).c_str(), by_dim.c_str(), NameOf(input).c_str(),
                 ShapeToGive(i).c_str());
  }

  // "1x3xNxN".
  std::string ShapeToGive(size_t i) const {
    std::string text;
    for (size_t axis = 0; axis < RankOf(inputs_[i]); ++axis) {
      const std::optional<int64_t> known = ValueOf(inputs_[i], axis);
      if (axis > 0) text += 'x';
      text += known ? std::to_string(*known) : axis > 0 ? "N" : "1";
    }
    return text;
  }

  const std::vector<api::TensorInfo>& inputs_;
  std::vector<Symbol> symbols_;  // By number.
  std::vector<std::optional<std::vector<int64_t>>> fixed_;
};

Status ApplyShapes(const std::vector<std::string>& names, const Shapes& shapes, Extents& extents) {
  for (const auto& [name, shape] : shapes.inputs) {
    const auto found = std::find(names.begin(), names.end(), name);
    if (found == names.end()) {
      return Error(Code::kInvalid, "--input-shape", "found '%s', allowed inputs: %s", name.c_str(),
                   NameList(names).c_str());
    }
    STINT_TRY(extents.Fix(static_cast<size_t>(found - names.begin()), shape));
  }
  for (const auto& [name, extent] : shapes.dims) STINT_TRY(extents.FixSymbol(name, extent));
  return {};
}

Status CheckDType(const api::TensorInfo& input, const HostTensor& tensor) {
  if (tensor.dtype == DTypeOf(input)) return {};
  return Error(Code::kInvalid, WhereOf(input).c_str(), "found %s in the file, allowed %s",
               NameOf(tensor.dtype), stint_dtype_name(input.dtype));
}

Result<HostTensor> MakeSeeded(const api::TensorInfo& input, std::vector<int64_t> extents,
                              uint64_t seed, uint64_t stream) {
  if (input.dtype == STINT_STRING) {
    return Error(Code::kUnsupported, WhereOf(input).c_str(), "found strings, allowed numbers");
  }
  STINT_ASSIGN(HostTensor tensor,
               AllocateTensor(WhereOf(input), DTypeOf(input), std::move(extents)));
  FillSeeded(tensor.View(), seed, stream);
  return tensor;
}

// "in0", "in1", ... for inputs without a default.
std::vector<std::string> Positions(const std::vector<api::TensorInfo>& inputs) {
  std::vector<std::string> positions;
  int count = 0;
  for (const api::TensorInfo& input : inputs) {
    positions.push_back(input.optional == 0 ? "in" + std::to_string(count++) : "");
  }
  return positions;
}

}  // namespace

void AddInputOptions(Command& command, InputArguments& arguments) {
  command.AddOption(
      "--input", arguments.files,
      "Tensor for an input: .npy, .npz, ONNX .pb, or a picture: .png, .jpg. A bare FILE.npz "
      "binds its members by "
      "input name, else in0, in1, ... Repeatable",
      "NAME=FILE | FILE.npz");
  command
      .AddOption(
          "--seed", arguments.seed,
          "Seed of inputs without a file: floats uniform in [-1, 1), integers and bools 0 or 1",
          "N")
      .NonNegative()
      .ShowDefault();
  AddImageOptions(command, arguments.images);
}

Result<std::vector<HostTensor>> MakeInputs(const api::Plan& plan, const InputArguments& arguments,
                                           const Shapes& shapes) {
  const std::vector<api::TensorInfo> inputs = InputsOf(plan);
  const std::vector<std::string> names = InputNames(plan);
  Extents extents(inputs);
  STINT_TRY(ApplyShapes(names, shapes, extents));
  const auto read_image = [&](size_t i, const std::string& path) {
    return ReadImageTensor(path, arguments.images,
                           {WhereOf(inputs[i]), DTypeOf(inputs[i]), extents.Known(i)});
  };
  const NamedFiles named = {names, Positions(inputs), "--input", "input", read_image};
  STINT_ASSIGN(std::vector<HostTensor> tensors, ReadNamedFiles(named, arguments.files));
  for (size_t i = 0; i < tensors.size(); ++i) {
    if (!tensors[i].present()) continue;
    STINT_TRY(CheckDType(inputs[i], tensors[i]));
    STINT_TRY(extents.Fix(i, tensors[i].extents));
  }
  const auto is_seeded = [&](size_t i) { return !tensors[i].present() && inputs[i].optional == 0; };
  for (size_t i = 0; i < tensors.size(); ++i) {
    if (is_seeded(i)) extents.FixBatch(i);
  }
  // Streams count inputs without a default: a plan that keeps the others draws the same numbers.
  uint64_t stream = 0;
  for (size_t i = 0; i < tensors.size(); ++i) {
    const uint64_t own = inputs[i].optional == 0 ? stream++ : 0;
    if (!is_seeded(i)) continue;
    STINT_ASSIGN(std::vector<int64_t> shape, extents.Resolve(i));
    STINT_ASSIGN(tensors[i], MakeSeeded(inputs[i], std::move(shape), arguments.seed, own));
  }
  return tensors;
}

}  // namespace stint::cli
