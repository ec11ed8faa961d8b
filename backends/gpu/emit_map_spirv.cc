#include "backends/gpu/emit_map_spirv.h"

#include "backends/gpu/emit_tensors_spirv.h"
#include "runtime/base/text.h"
#include "runtime/ops/map/convert.h"

namespace stint::gpu {

namespace {

using Name = Formatted<>;

class MapEmitter {
 public:
  MapEmitter(const LinkedProgram& linked, uint32_t first_binding, const HookParameters& hook,
             SpirvImporter* library, SpirvBuilder* builder)
      : linked_(linked),
        program_(linked.program),
        hook_(hook),
        library_(*library),
        builder_(*builder),
        tensors_(linked, first_binding, hook.index, builder) {}

  Status Run(uint32_t* value) {
    STINT_TRY(tensors_.Init());
    for (int i = 0; i < program_.instruction_count; ++i) {
      STINT_TRY(Emit(program_.instructions[i]));
    }
    for (int i = 0; i < store_count_; ++i) tensors_.Store(stores_[i].output, stores_[i].element);
    *value = value_;
    return {};
  }

 private:
  struct Store {
    int output;
    uint32_t element;  // An id of the type in memory.
  };

  uint32_t TypeId(MapType type) {
    switch (type) {
      case MapType::kF32:
        return builder_.Float();
      case MapType::kI32:
        return builder_.Int();
      case MapType::kU32:
        return builder_.Uint();
      default:
        return builder_.Bool();
    }
  }

  // Calls a function of the library.
  Status Call(const Name& name, uint32_t type, std::span<const uint32_t> arguments,
              uint32_t* result) {
    const SpirvFunction* const own = builder_.module().FindFunction(name.c_str());
    uint32_t function = own == nullptr ? 0 : own->id;
    if (own == nullptr) STINT_TRY(library_.Import(name.c_str(), &function));
    if (function == 0) return Error(Code::kInternal, "Map", "found no function %s", name.c_str());
    *result = builder_.Call(function, type, arguments);
    return {};
  }
  Status Call(const Name& name, uint32_t type, uint32_t argument, uint32_t* result) {
    return Call(name, type, {&argument, 1}, result);
  }

  Status Emit(const MapInstruction& it) {
    uint32_t result = 0;
    switch (it.opcode) {
      case MapOpcode::kStore:
        return EmitStore(it);
      case MapOpcode::kLoad:
        STINT_TRY(Load(it, &result));
        break;
      case MapOpcode::kImmediate:
        result = Immediate(it.type, program_.constants[it.a]);
        break;
      case MapOpcode::kIota:
        result = builder_.Compute(SpirvOp::kBitcast, builder_.Int(), {tensors_.Coordinate(it.a)});
        break;
      case MapOpcode::kSelect:
        result = builder_.Compute(SpirvOp::kSelect, TypeId(it.type),
                                  {registers_[it.a], registers_[it.b], registers_[it.c]});
        break;
      case MapOpcode::kConvert:
        STINT_TRY(Convert(static_cast<MapType>(it.b), it.type, ConvertRule::kCast, registers_[it.a],
                          &result));
        break;
      case MapOpcode::kBitcast:
        result = Bitcast(static_cast<MapType>(it.b), it.type, registers_[it.a]);
        break;
      default:
        STINT_TRY(CallFunction(it, &result));
    }
    registers_[it.result] = result;
    return {};
  }

  Status CallFunction(const MapInstruction& it, uint32_t* result) {
    const MapOpcodeInfo& info = InfoOf(it.opcode);
    const uint32_t operands[] = {registers_[it.a], registers_[it.b], registers_[it.c]};
    const uint32_t type = info.makes_bool ? builder_.Bool() : TypeId(it.type);
    return Call(Name("%s_%s", NameOf(it.type), info.name), type,
                {operands, static_cast<size_t>(info.arity)}, result);
  }

  uint32_t Immediate(MapType type, uint64_t bits) {
    if (type == MapType::kBool) {
      const SpirvOp op = bits != 0 ? SpirvOp::kConstantTrue : SpirvOp::kConstantFalse;
      return builder_.Global(op, {builder_.Bool()});
    }
    return builder_.Global(SpirvOp::kConstant, {TypeId(type), static_cast<uint32_t>(bits)});
  }

  uint32_t Bitcast(MapType from, MapType to, uint32_t value) {
    return from == to ? value : builder_.Compute(SpirvOp::kBitcast, TypeId(to), {value});
  }

  Status Convert(MapType from, MapType to, ConvertRule rule, uint32_t value, uint32_t* result) {
    *result = value;
    if (from == to) return {};
    const bool from_number = from == MapType::kI32 || from == MapType::kU32;
    const bool to_integer = to == MapType::kI32 || to == MapType::kU32;
    const char* how = "";
    if (rule == ConvertRule::kOdd && from_number && to == MapType::kF32) how = "odd_";
    if (rule == ConvertRule::kSaturate && from != MapType::kBool && to_integer) how = "saturated_";
    return Call(Name("%s_%sfrom_%s", NameOf(to), how, NameOf(from)), TypeId(to), value, result);
  }

  Status Load(const MapInstruction& it, uint32_t* result) {
    if (linked_.epilogue && it.a == 0) {
      *result = hook_.value;
      return {};
    }
    const DType dtype = program_.inputs[it.a];
    const uint32_t element = tensors_.Load(it.a);
    *result = element;
    const uint32_t word = builder_.Uint();
    switch (dtype) {
      case DType::kFloat16:
      case DType::kBFloat16:
        return Call(Name("f32_from_%s", NameOf(dtype)), builder_.Float(),
                    builder_.Compute(SpirvOp::kUConvert, word, {element}), result);
      case DType::kInt8:
      case DType::kInt16:
        *result = builder_.Compute(SpirvOp::kSConvert, builder_.Int(), {element});
        return {};
      case DType::kUInt8:
      case DType::kUInt16:
        *result =
            Bitcast(MapType::kU32, it.type, builder_.Compute(SpirvOp::kUConvert, word, {element}));
        return {};
      case DType::kBool: {
        const uint32_t bits = builder_.Compute(SpirvOp::kUConvert, word, {element});
        *result =
            builder_.Compute(SpirvOp::kINotEqual, builder_.Bool(), {bits, builder_.Constant(0)});
        return {};
      }
      default:
        return {};
    }
  }

  Status EmitStore(const MapInstruction& it) {
    const DType dtype = program_.outputs[it.result];
    const auto mode = static_cast<MapStoreMode>(it.b);
    uint32_t work = 0;
    STINT_TRY(Convert(it.type, WorkTypeOf(dtype), RuleOf(dtype, mode), registers_[it.a], &work));
    if (linked_.epilogue && it.result == 0) {
      value_ = work;
      return {};
    }
    uint32_t element = work;
    STINT_TRY(Narrow(dtype, mode, work, &element));
    stores_[store_count_++] = {it.result, element};
    return {};
  }

  // The element that holds a value of the working type.
  Status Narrow(DType dtype, MapStoreMode mode, uint32_t work, uint32_t* element) {
    uint32_t bits = work;
    switch (dtype) {
      case DType::kFloat16:
      case DType::kBFloat16:
        STINT_TRY(Call(Name("%s_from_f32", NameOf(dtype)), builder_.Uint(), work, &bits));
        break;
      case DType::kInt8:
      case DType::kInt16:
      case DType::kUInt8:
      case DType::kUInt16:
        if (mode == MapStoreMode::kSaturate) {
          STINT_TRY(Call(Name("%s_saturated", NameOf(dtype)), builder_.Int(), work, &bits));
        }
        bits = Bitcast(MapType::kI32, MapType::kU32, bits);
        break;
      case DType::kBool:
        bits = builder_.Compute(SpirvOp::kSelect, builder_.Uint(),
                                {work, builder_.Constant(1), builder_.Constant(0)});
        break;
      default:
        return {};
    }
    const auto width = static_cast<uint32_t>(BytesOf(dtype)) * 8;
    *element = builder_.Compute(SpirvOp::kUConvert, builder_.Uint(width), {bits});
    return {};
  }

  const LinkedProgram& linked_;
  const MapProgram& program_;
  const HookParameters hook_;
  SpirvImporter& library_;
  SpirvBuilder& builder_;
  TensorEmitter tensors_;
  uint32_t registers_[kMapMaxRegisters] = {};
  Store stores_[kMapMaxOutputs] = {};
  int store_count_ = 0;
  uint32_t value_ = 0;
};

}  // namespace

Status EmitMap(const LinkedProgram& linked, uint32_t first_binding, const HookParameters& hook,
               SpirvImporter* library, SpirvBuilder* builder, uint32_t* value) {
  return MapEmitter(linked, first_binding, hook, library, builder).Run(value);
}

}  // namespace stint::gpu
