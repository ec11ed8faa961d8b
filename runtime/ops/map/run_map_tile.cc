// One tile: dispatches each instruction to its loop. Dense elements that already have a register
// type are read in place, and the last result is written straight to a dense output. Arithmetic on
// float32 is gathered into chains, which keep results in registers of the processor; only what is
// read later than by the next instruction is saved. A chain runs before anything else that reads a
// result or may write what the chain still reads.
#include <algorithm>
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

bool IsChained(const MapInstruction& it) {
  return it.type == MapType::kF32 && ChainOpcodeOf(it.opcode, false) != MapChainOpcode::kLoad;
}

// The instruction whose result may be written to the output itself: the last one before the store
// of a program with one output. -1: none.
int DirectResult(const MapProgram& program, const TileOutput* outputs) {
  const int last = program.instruction_count - 1;
  if (program.output_count != 1 || last < 1 || outputs[0].stride != 1) return -1;
  const MapInstruction& store = program.instructions[last];
  const MapInstruction& before = program.instructions[last - 1];
  const DType dtype = program.outputs[0];
  const bool plain = store.opcode == MapOpcode::kStore && IsPlain(dtype) &&
                     store.type == WorkTypeOf(dtype) && before.result == store.a;
  return plain ? last - 1 : -1;
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
    const int direct = DirectResult(program_, outputs_);
    for (int i = 0; i < program_.instruction_count; ++i) {
      const MapInstruction& it = program_.instructions[i];
      switch (it.opcode) {
        case MapOpcode::kLoad:
          Load(it);
          break;
        case MapOpcode::kImmediate:
          Immediate(it);
          break;
        case MapOpcode::kIota:
          Iota(it);
          break;
        case MapOpcode::kStore:
          Store(it);
          break;
        default:
          Compute(i, i == direct ? outputs_[0].data : nullptr);
      }
    }
  }

 private:
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

  // Whether the program has the instruction's constant in two widths.
  bool HasTwoWidths(const MapInstruction& immediate) const {
    const auto* const end = program_.instructions + program_.instruction_count;
    return std::any_of(program_.instructions, end, [&](const MapInstruction& it) {
      return it.opcode == MapOpcode::kImmediate && it.a == immediate.a &&
             BytesOf(it.type) != BytesOf(immediate.type);
    });
  }

  // A repeated tile is filled again for another program, but not while this one reads it.
  void Immediate(const MapInstruction& it) {
    const uint64_t bits = program_.constants[it.a];
    if (scratch_.contents[it.a].bytes != BytesOf(it.type) && HasTwoWidths(it)) {
      RunChain();
      passes_.fills[static_cast<size_t>(it.type)](bits, RegisterTile(it.result), kMapTile);
      return Place(it.result, RegisterTile(it.result), kMapTile - 1);
    }
    Place(it.result, Repeat(it.a, it.type, bits), kMapTile - 1);
  }

  void Load(const MapInstruction& it) {
    const TileInput& input = inputs_[it.a];
    const DType dtype = program_.inputs[it.a];
    const auto load = passes_.loads[static_cast<size_t>(dtype)];
    if (input.stride == 0) {
      uint64_t bits = 0;
      load(input.data, 1, &bits, 1);
      Place(it.result, Repeat(kMapMaxConstants + it.a, it.type, bits), kMapTile - 1);
    } else if (input.stride == 1 && IsPlain(dtype) && !MayBeOverwritten(input.data)) {
      Place(it.result, input.data, ~0);
    } else {
      RunChain();
      void* tile = RegisterTile(it.result);
      load(input.data, input.stride, tile, count_);
      Place(it.result, tile, kMapTile - 1);
    }
  }

  void Iota(const MapInstruction& it) {
    RunChain();
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
    Place(it.result, tile, kMapTile - 1);
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

  // Says where a register's values are. What the chain still holds for it was read by nothing.
  void Place(int reg, const void* values, int32_t mask) {
    if (chained_ == reg) chained_ = -1;
    values_[reg] = values;
    masks_[reg] = mask;
  }

  // Whether an instruction from `first` on reads the register before one writes it.
  bool IsReadFrom(int first, int reg) const {
    for (int i = first; i < program_.instruction_count; ++i) {
      const MapInstruction& it = program_.instructions[i];
      const int arity = kMapOpcodes[static_cast<size_t>(it.opcode)].arity;
      if ((arity >= 1 && it.a == reg) || (arity >= 2 && it.b == reg) || (arity >= 3 && it.c == reg))
        return true;
      if (it.opcode != MapOpcode::kStore && it.result == reg) return false;
    }
    return false;
  }

  void Append(MapChainOpcode opcode, int reg) {
    auto* const values = const_cast<float*>(static_cast<const float*>(values_[reg]));
    chain_[chain_length_++] = {opcode, masks_[reg], values};
  }

  // Does what was gathered, and saves its last result.
  void RunChain() {
    if (chain_length_ == 0) return;
    if (chained_ >= 0) Append(MapChainOpcode::kSave, chained_);
    scratch_.float_passes->chain(chain_, chain_ + chain_length_, count_);
    chain_length_ = 0;
    chained_ = -1;
  }

  // Adds the instruction to the chain. What the chain held before is saved when it is read again.
  void Chain(int i, void* target) {
    const MapInstruction& it = program_.instructions[i];
    const bool binary = kMapOpcodes[static_cast<size_t>(it.opcode)].arity == 2;
    const bool holds_a = chained_ == it.a;
    const bool holds_b = binary && chained_ == it.b;
    const bool read_later = chained_ >= 0 && it.result != chained_ && IsReadFrom(i + 1, chained_);
    if (read_later || (holds_a && holds_b)) Append(MapChainOpcode::kSave, chained_);
    if (!holds_a && !holds_b) Append(MapChainOpcode::kLoad, it.a);
    const bool reversed = holds_b && !holds_a;
    Append(ChainOpcodeOf(it.opcode, reversed), binary && !reversed ? it.b : it.a);
    chained_ = it.result;
    values_[chained_] = target != nullptr ? target : RegisterTile(chained_);
    masks_[chained_] = target != nullptr ? ~0 : kMapTile - 1;
  }

  // `target`: where to write, or null for the register's tile.
  void Compute(int i, void* target) {
    const MapInstruction& it = program_.instructions[i];
    if (IsChained(it)) return Chain(i, target);
    RunChain();
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
    Place(it.result, result, kMapTile - 1);
  }

  void Store(const MapInstruction& it) {
    RunChain();
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
  // The masks of MapChainStep, of registers of four bytes.
  int32_t masks_[kMapMaxRegisters];
  // An instruction is a step, and may take two to save one value and load another.
  MapChainStep chain_[3 * kMapMaxInstructions];
  int chain_length_ = 0;
  int chained_ = -1;  // The register whose values the chain holds. -1: there is no chain.
};

}  // namespace

int LongestMapTile(const MapProgram& program, const TileInput* inputs, const TileOutput* outputs) {
  const int direct = DirectResult(program, outputs);
  if (direct < 0 || !IsChained(program.instructions[direct])) return kMapTile;
  for (int i = 0; i < direct; ++i) {
    const MapInstruction& it = program.instructions[i];
    const bool reads = it.opcode == MapOpcode::kLoad && program.inputs[it.a] == DType::kFloat32 &&
                       (inputs[it.a].stride | 1) == 1;
    const bool repeats = it.opcode == MapOpcode::kImmediate && it.type == MapType::kF32;
    if (!reads && !repeats && !IsChained(it)) return kMapTile;
  }
  return kMapChainTile;
}

void RunMapTile(const MapProgram& program, const TileInput* inputs,
                const TileCoordinates& coordinates, const TileOutput* outputs, int count,
                MapTileScratch& scratch) {
  TileRun(program, inputs, coordinates, outputs, count, scratch).Run();
}

}  // namespace stint
