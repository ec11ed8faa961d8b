// One tile: dispatches each instruction to its loop. Dense elements that already have a register
// type are read in place, and the last result is written straight to a dense output.
#include <cstring>
#include <utility>

#include "runtime/ops/map/run_map_tiles.h"

namespace stint {

namespace {

// Whether memory holds the register's bits as they are.
bool IsPlain(DType dtype) {
  const MapType work = WorkTypeOf(dtype);
  return work != MapType::kBool && BytesOf(dtype) == BytesOf(work);
}

class TileRun {
 public:
  TileRun(const MapProgram& program, const TileInput* inputs, const TileCoordinates& coordinates,
          const TileOutput* outputs, int count, MapTileScratch& scratch)
      : program_(program),
        inputs_(inputs),
        coordinates_(coordinates),
        outputs_(outputs),
        count_(count),
        scratch_(scratch),
        passes_(*scratch.passes) {
    for (int i = 0; i < kMapMaxRegisters; ++i) tiles_[i] = static_cast<int8_t>(i);
  }

  void Run() {
    const int direct = DirectResult();
    for (int i = 0; i < program_.instruction_count; ++i) {
      const MapInstruction& it = program_.instructions[i];
      switch (it.opcode) {
        case MapOpcode::kLoad:
          Load(it);
          break;
        case MapOpcode::kImmediate:
          values_[it.result] = Repeat(it.a, it.type, program_.constants[it.a]);
          break;
        case MapOpcode::kIota:
          Iota(it);
          break;
        case MapOpcode::kStore:
          Store(it);
          break;
        default:
          Compute(it, i == direct ? outputs_[0].data : nullptr);
      }
    }
  }

 private:
  // The instruction whose result may be written to the output itself: the last one before the
  // store of a program with one output. -1: none.
  int DirectResult() const {
    const int last = program_.instruction_count - 1;
    if (program_.output_count != 1 || last < 1 || outputs_[0].stride != 1) return -1;
    const MapInstruction& store = program_.instructions[last];
    const MapInstruction& before = program_.instructions[last - 1];
    const DType dtype = program_.outputs[0];
    const bool plain = store.opcode == MapOpcode::kStore && IsPlain(dtype) &&
                       store.type == WorkTypeOf(dtype) && before.result == store.a;
    return plain ? last - 1 : -1;
  }

  // With several outputs a store may come before the last read of an input that it lies on.
  bool MayBeOverwritten(const void* data) const {
    if (program_.output_count == 1) return false;
    for (int i = 0; i < program_.output_count; ++i) {
      if (outputs_[i].data == data) return true;
    }
    return false;
  }

  void* RegisterTile(int reg) { return scratch_.registers[tiles_[reg]].bytes; }

  // A tile for the result that holds no operand, whose width may differ.
  void* ResultTile(const MapInstruction& it, int arity) {
    const bool read =
        it.result == it.a || (arity >= 2 && it.result == it.b) || (arity >= 3 && it.result == it.c);
    if (read) std::swap(tiles_[it.result], spare_);
    return RegisterTile(it.result);
  }

  // A tile full of one value; `index` is its place among the repeated tiles.
  const void* Repeat(int index, MapType type, uint64_t bits) {
    std::byte* tile = scratch_.repeated[index].bytes;
    MapTileScratch::Content& content = scratch_.contents[index];
    const int bytes = BytesOf(type);
    if (content.bytes != bytes || content.bits != bits) {
      passes_.fills[static_cast<size_t>(type)](bits, tile, kMapTile);
      content = {bits, bytes};
    }
    return tile;
  }

  void Load(const MapInstruction& it) {
    const TileInput& input = inputs_[it.a];
    const DType dtype = program_.inputs[it.a];
    const auto load = passes_.loads[static_cast<size_t>(dtype)];
    if (input.stride == 0) {
      uint64_t bits = 0;
      load(input.data, 1, &bits, 1);
      values_[it.result] = Repeat(kMapMaxConstants + it.a, it.type, bits);
    } else if (input.stride == 1 && IsPlain(dtype) && !MayBeOverwritten(input.data)) {
      values_[it.result] = input.data;
    } else {
      void* tile = RegisterTile(it.result);
      load(input.data, input.stride, tile, count_);
      values_[it.result] = tile;
    }
  }

  void Iota(const MapInstruction& it) {
    void* tile = RegisterTile(it.result);
    const int64_t first = coordinates_.first[it.a];
    const int64_t step = it.a == coordinates_.axis ? 1 : 0;
    if (it.type == MapType::kI64) {
      auto* out = static_cast<int64_t*>(tile);
      for (int i = 0; i < count_; ++i) out[i] = first + i * step;
    } else {
      auto* out = static_cast<int32_t*>(tile);
      for (int i = 0; i < count_; ++i) out[i] = static_cast<int32_t>(first + i * step);
    }
    values_[it.result] = tile;
  }

  MapTilePasses::Function FunctionOf(const MapInstruction& it) const {
    const auto type = static_cast<size_t>(it.type);
    const auto opcode = static_cast<size_t>(it.opcode);
    const bool selects = it.opcode == MapOpcode::kSelect;
    if (it.type == MapType::kF32) {
      const MapFloatPasses& floats = *scratch_.float_passes;
      return selects ? floats.select : floats.functions[opcode];
    }
    return selects ? passes_.selects[type] : passes_.functions[opcode][type];
  }

  // `target`: where to write, or null for the register's tile.
  void Compute(const MapInstruction& it, void* target) {
    const auto type = static_cast<size_t>(it.type);
    const int arity = kMapOpcodes[static_cast<size_t>(it.opcode)].arity;
    const void* a = values_[it.a];
    void* result = target != nullptr ? target : ResultTile(it, arity);
    if (it.opcode == MapOpcode::kBitcast) {
      std::memmove(result, a, static_cast<size_t>(count_) * static_cast<size_t>(BytesOf(it.type)));
    } else if (it.opcode == MapOpcode::kConvert) {
      passes_.converts[it.b][type][static_cast<size_t>(ConvertRule::kCast)](a, result, count_);
    } else {
      FunctionOf(it)(a, values_[it.b], values_[it.c], result, count_);
    }
    values_[it.result] = result;
  }

  void Store(const MapInstruction& it) {
    const TileOutput& output = outputs_[it.result];
    const void* value = values_[it.a];
    if (value == output.data) return;  // It was computed there.
    const DType dtype = program_.outputs[it.result];
    const auto mode = static_cast<MapStoreMode>(it.b);
    const MapType work = WorkTypeOf(dtype);
    if (it.type != work) {
      const auto rule = static_cast<size_t>(RuleOf(dtype, mode));
      passes_.converts[static_cast<size_t>(it.type)][static_cast<size_t>(work)][rule](
          value, scratch_.converted.bytes, count_);
      value = scratch_.converted.bytes;
    }
    passes_.stores[static_cast<size_t>(dtype)](value, mode, output.data, output.stride, count_);
  }

  const MapProgram& program_;
  const TileInput* inputs_;
  const TileCoordinates& coordinates_;
  const TileOutput* outputs_;
  int count_;
  MapTileScratch& scratch_;
  const MapTilePasses& passes_;
  const void* values_[kMapMaxRegisters] = {};  // Where each register's values are.
  int8_t tiles_[kMapMaxRegisters];             // The tile of each register.
  int8_t spare_ = kMapMaxRegisters;
};

}  // namespace

void RunMapTile(const MapProgram& program, const TileInput* inputs,
                const TileCoordinates& coordinates, const TileOutput* outputs, int count,
                MapTileScratch& scratch) {
  TileRun(program, inputs, coordinates, outputs, count, scratch).Run();
}

}  // namespace stint
