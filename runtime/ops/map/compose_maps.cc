#include "runtime/ops/map/compose_maps.h"

#include <algorithm>
#include <limits>

#include "runtime/ops/map/convert.h"
#include "runtime/ops/map/map_values.h"

namespace stint {

namespace {

using Output = MapValues::Output;

bool IsFloatType(MapType type) { return type == MapType::kF32 || type == MapType::kF64; }

// Constants of integer types are stored extended to 64 bits.
int Integer(MapValues& values, MapType type, int64_t number) {
  const auto bits = static_cast<uint64_t>(number);
  return values.Immediate(type, type == MapType::kU32 ? bits & UINT32_MAX : bits);
}

int64_t LowestOf(MapType type) {
  if (type == MapType::kI32) return INT32_MIN;
  return type == MapType::kI64 ? INT64_MIN : 0;
}

// min(max(value, lowest), highest), leaving out what the type cannot exceed.
int Clamped(MapValues& values, MapType type, int value, int64_t lowest, int64_t highest) {
  if (lowest > LowestOf(type)) {
    value = values.Function(MapOpcode::kMax, type, value, Integer(values, type, lowest));
  }
  return values.Function(MapOpcode::kMin, type, value, Integer(values, type, highest));
}

// The int32 value that an element of 8 or 16 bits or less holds once `output` was stored in it.
int NarrowInteger(MapValues& values, const Output& output) {
  const int bits = NarrowBits(output.dtype);
  const bool is_signed = IsNarrowSigned(output.dtype);
  const int64_t span = int64_t{1} << bits;
  const int64_t lowest = is_signed ? -span / 2 : 0;
  const int64_t highest = lowest + span - 1;
  constexpr MapType kWork = MapType::kI32;
  if (output.mode == MapStoreMode::kSaturate) {
    if (IsFloatType(output.type)) {
      const int truncated = values.Convert(output.type, kWork, output.value);
      return Clamped(values, kWork, truncated, lowest, highest);
    }
    if (output.type == MapType::kBool) return values.Convert(output.type, kWork, output.value);
    const int clamped = Clamped(values, output.type, output.value, lowest, highest);
    return values.Convert(output.type, kWork, clamped);
  }
  const int value = values.Convert(output.type, kWork, output.value);
  if (!is_signed) {
    return values.Function(MapOpcode::kAnd, kWork, value, Integer(values, kWork, highest));
  }
  if (bits >= 8) {
    return values.Function(bits == 8 ? MapOpcode::kWrap8 : MapOpcode::kWrap16, kWork, value);
  }
  const int unused = Integer(values, kWork, 32 - bits);
  return values.Function(MapOpcode::kShiftRight, kWork,
                         values.Function(MapOpcode::kShiftLeft, kWork, value, unused), unused);
}

// Whether the stored value is already one that `output`'s narrow integer type holds, in `type`.
bool IsNarrowAlready(const MapValues& values, const Output& output, MapType type,
                     const DType* inputs) {
  if (output.value < 0 || output.type != type) return false;
  const MapValues::Value& value = values[output.value];
  if (value.opcode == MapOpcode::kLoad) return inputs[value.payload] == output.dtype;
  const bool like_sign = IsNarrowSigned(output.dtype) == (type == MapType::kI32);
  const int bits = NarrowBits(output.dtype);
  return like_sign && ((value.opcode == MapOpcode::kWrap8 && bits == 8) ||
                       (value.opcode == MapOpcode::kWrap16 && bits == 16));
}

// Whether the value was only moved or converted, so that the rounding is all that happened to it.
bool IsPlainCast(const MapValues& values, const Output& output, const DType* inputs) {
  const MapValues::Value& value = values[output.value];
  if (value.opcode == MapOpcode::kLoad) return inputs[value.payload] != output.dtype;
  return value.opcode == MapOpcode::kConvert || output.type != MapType::kF32;
}

Status NotReproducible(const Output& output) {
  return Error(Code::kUnsupported, "map",
               "found a store of %s as %s between two programs, allowed stores whose rounding can "
               "be left out or repeated",
               NameOf(output.type), NameOf(output.dtype));
}

// What a load of `type` from the stored output gives.
Result<int> Reload(MapValues& values, const Output& output, MapType type, const DType* inputs) {
  const MapType work = WorkTypeOf(output.dtype);
  const bool saturates = output.mode == MapStoreMode::kSaturate;
  if (output.value < 0) return MapValues::kNone;
  if (output.dtype == DType::kFloat16 || output.dtype == DType::kBFloat16) {
    if (IsPlainCast(values, output, inputs)) return NotReproducible(output);
  } else if (IsNarrowFloat(output.dtype)) {
    return NotReproducible(output);
  } else if (work == MapType::kI32 && output.dtype != DType::kInt32) {
    if (IsNarrowAlready(values, output, type, inputs)) return output.value;
    return values.Convert(MapType::kI32, type, NarrowInteger(values, output));
  } else if (saturates && output.type != work) {
    return NotReproducible(output);
  }
  return values.Convert(output.type, work, output.value);
}

// The composition with its input numbers filled in and checked.
struct Inputs {
  int producer[kMapMaxInputs] = {};
  int consumer[kMapMaxInputs] = {};
  int count = 0;
  DType dtypes[kMapMaxInputs] = {};

  Status Give(int number, DType dtype) {
    if (number < 0 || number >= kMapMaxInputs) {
      return Error(Code::kLimit, "map", "found input number %d, allowed below %d", number,
                   kMapMaxInputs);
    }
    if (dtypes[number] != DType::kNone && dtypes[number] != dtype) {
      return Error(Code::kInvalid, "map", "found input %d as %s and %s, allowed one type", number,
                   NameOf(dtypes[number]), NameOf(dtype));
    }
    dtypes[number] = dtype;
    count = std::max(count, number + 1);
    return {};
  }
};

Status CheckComposition(const MapProgram& producer, const MapProgram& consumer,
                        const MapComposition& composition) {
  const bool numbered =
      !composition.producer_inputs.empty() || !composition.consumer_inputs.empty();
  const bool lengths = composition.producer_inputs.size() == producer.input_count &&
                       composition.consumer_inputs.size() == consumer.input_count;
  if (composition.consumer_input < 0 || composition.consumer_input >= consumer.input_count ||
      composition.producer_output < 0 || composition.producer_output >= producer.output_count ||
      (numbered && !lengths)) {
    return Error(Code::kInvalid, "map",
                 "found input %d of %d fed by output %d of %d, allowed numbers of the programs",
                 composition.consumer_input, consumer.input_count, composition.producer_output,
                 producer.output_count);
  }
  const DType consumed = consumer.inputs[composition.consumer_input];
  const DType produced = producer.outputs[composition.producer_output];
  if (consumed == produced) return {};
  return Error(Code::kInvalid, "map", "found %s read as %s, allowed one type", NameOf(produced),
               NameOf(consumed));
}

Status NumberInputs(const MapProgram& producer, const MapProgram& consumer,
                    const MapComposition& composition, Inputs* inputs) {
  const bool numbered =
      !composition.producer_inputs.empty() || !composition.consumer_inputs.empty();
  for (int i = 0; i < producer.input_count; ++i) {
    inputs->producer[i] = numbered ? composition.producer_inputs[static_cast<size_t>(i)] : i;
    STINT_TRY(inputs->Give(inputs->producer[i], producer.inputs[i]));
  }
  for (int i = 0; i < consumer.input_count; ++i) {
    if (i == composition.consumer_input) continue;
    inputs->consumer[i] =
        numbered ? composition.consumer_inputs[static_cast<size_t>(i)] : inputs->count;
    STINT_TRY(inputs->Give(inputs->consumer[i], consumer.inputs[i]));
  }
  for (int i = 0; i < inputs->count; ++i) {
    if (inputs->dtypes[i] != DType::kNone) continue;
    return Error(Code::kInvalid, "map", "found no input with number %d, allowed no gaps", i);
  }
  return {};
}

}  // namespace

Result<MapProgram> ComposeMaps(const MapProgram& producer, const MapProgram& consumer,
                               const MapComposition& composition) {
  STINT_TRY(CheckComposition(producer, consumer, composition));
  Inputs inputs;
  STINT_TRY(NumberInputs(producer, consumer, composition, &inputs));
  MapValues values;
  Output produced[kMapMaxOutputs];
  values.Import(
      producer, [&](int input, MapType type) { return values.Load(type, inputs.producer[input]); },
      produced);
  Output consumed[kMapMaxOutputs];
  Status status;
  values.Import(
      consumer,
      [&](int input, MapType type) {
        if (input != composition.consumer_input) return values.Load(type, inputs.consumer[input]);
        Result<int> value =
            Reload(values, produced[composition.producer_output], type, inputs.dtypes);
        if (value.ok()) return *value;
        status = value.TakeStatus();
        return MapValues::kNone;
      },
      consumed);
  STINT_TRY(std::move(status));
  for (int i = 0; i < consumer.output_count; ++i) values.AddOutput(consumed[i]);
  for (int i = 0; i < producer.output_count; ++i) {
    if (i == composition.producer_output && !composition.keep_producer_output) continue;
    values.AddOutput(produced[i]);
  }
  return values.Encode(inputs.count, inputs.dtypes);
}

MapProgram CanonicalMap(const MapProgram& program) {
  MapValues values;
  Output outputs[kMapMaxOutputs];
  values.Import(
      program, [&](int input, MapType type) { return values.Load(type, input); }, outputs);
  for (int i = 0; i < program.output_count; ++i) values.AddOutput(outputs[i]);
  const Result<MapProgram> result = values.Encode(program.input_count, program.inputs);
  // Sharing a value keeps it alive longer: a program at the limit may not fit any more.
  return result.ok() ? *result : program;
}

}  // namespace stint
