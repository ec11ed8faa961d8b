// Cuts tensors into tiles. Axes that every view walks alike are merged first; where rows are then
// still short, a tile covers several, and views that are not uniform over it are copied.
#include "runtime/ops/map/run_map_tiles.h"

#include <algorithm>
#include <cstring>

#include "runtime/ops/walk.h"

namespace stint {

namespace {

constexpr int kMaxViews = kMapMaxInputs + kMapMaxOutputs;
// Rows at least this long are tiled one by one.
constexpr int64_t kLongRow = 128;

bool UsesIota(const MapProgram& program) {
  const auto* end = program.instructions + program.instruction_count;
  return std::any_of(program.instructions, end,
                     [](const MapInstruction& it) { return it.opcode == MapOpcode::kIota; });
}

// The coordinates that the program runs over, and how every view walks through them. Inputs come
// first, then outputs. The rank is at least 1.
struct Space {
  int rank = 0;
  int views = 0;
  int inputs = 0;
  int64_t extents[kMaxRank] = {};
  int64_t strides[kMaxViews][kMaxRank] = {};
  std::byte* data[kMaxViews] = {};
  int bytes[kMaxViews] = {};

  void AddView(const TensorView& view, int axes, const int* kept) {
    for (int axis = 0; axis < axes; ++axis) strides[views][axis] = view.strides[kept[axis]];
    data[views] = view.as<std::byte>();
    bytes[views] = static_cast<int>(BytesOf(view.dtype));
    ++views;
  }

  // Whether all views step over `outer` as over `inner` continued.
  bool Mergeable(int outer, int inner) const {
    for (int view = 0; view < views; ++view) {
      if (strides[view][outer] != strides[view][inner] * extents[inner]) return false;
    }
    return true;
  }

  void Merge() {
    int last = 0;
    for (int axis = 1; axis < rank; ++axis) {
      const bool merged = Mergeable(last, axis);
      if (!merged) ++last;
      extents[last] = merged ? extents[last] * extents[axis] : extents[axis];
      for (int view = 0; view < views; ++view) strides[view][last] = strides[view][axis];
    }
    rank = last + 1;
  }

  // Whether one stride serves all elements in row-major order.
  bool IsUniform(int view) const {
    for (int axis = 0; axis + 1 < rank; ++axis) {
      if (strides[view][axis] != strides[view][axis + 1] * extents[axis + 1]) return false;
    }
    return true;
  }
  // Whether every row is the same memory.
  bool RepeatsRows(int view) const {
    return std::all_of(strides[view], strides[view] + rank - 1,
                       [](int64_t stride) { return stride == 0; });
  }
};

Space MakeSpace(std::span<const TensorView> inputs, std::span<const TensorView> outputs,
                bool keep_axes) {
  Space space;
  const TensorView& like = outputs[0];
  int kept[kMaxRank] = {};
  for (int axis = 0; axis < like.rank; ++axis) {
    if (!keep_axes && like.extents[axis] == 1) continue;
    kept[space.rank] = axis;
    space.extents[space.rank++] = like.extents[axis];
  }
  for (const TensorView& view : inputs) space.AddView(view, space.rank, kept);
  for (const TensorView& view : outputs) space.AddView(view, space.rank, kept);
  space.inputs = static_cast<int>(inputs.size());
  if (space.rank == 0) {
    space.extents[space.rank++] = 1;
  } else if (!keep_axes) {
    space.Merge();
  }
  return space;
}

// A place in a space, with every view's offset in elements.
class Cursor {
 public:
  Cursor(const Space& space, int64_t element) : space_(space) {
    ForCoordinates(element, space.rank, space.extents, -1,
                   [&](int axis, int64_t at) { Step(axis, at); });
  }

  const int64_t* coordinates() const { return coordinates_; }
  int64_t column() const { return coordinates_[space_.rank - 1]; }
  int64_t LeftInRow() const { return space_.extents[space_.rank - 1] - column(); }
  std::byte* At(int view) const { return space_.data[view] + offsets_[view] * space_.bytes[view]; }

  // Moves on; past the last element to the first.
  void Advance(int64_t elements) {
    for (int axis = space_.rank - 1; axis >= 0 && elements != 0; --axis) {
      const int64_t extent = space_.extents[axis];
      const int64_t reached = coordinates_[axis] + elements;
      int64_t rounds = 0;
      if (reached >= extent) rounds = reached < 2 * extent ? 1 : reached / extent;
      Step(axis, elements - rounds * extent);
      elements = rounds;
    }
  }

 private:
  void Step(int axis, int64_t steps) {
    coordinates_[axis] += steps;
    for (int view = 0; view < space_.views; ++view) {
      offsets_[view] += steps * space_.strides[view][axis];
    }
  }

  const Space& space_;
  int64_t coordinates_[kMaxRank] = {};
  int64_t offsets_[kMaxViews] = {};
};

template <typename T>
void CopyElements(const std::byte* from, int64_t from_stride, std::byte* to, int64_t to_stride,
                  int64_t count) {
  for (int64_t i = 0; i < count; ++i) {
    std::memcpy(to + i * to_stride * static_cast<int64_t>(sizeof(T)),
                from + i * from_stride * static_cast<int64_t>(sizeof(T)), sizeof(T));
  }
}

void CopyElements(int bytes, const std::byte* from, int64_t from_stride, std::byte* to,
                  int64_t to_stride, int64_t count) {
  if (bytes == 1) return CopyElements<uint8_t>(from, from_stride, to, to_stride, count);
  if (bytes == 2) return CopyElements<uint16_t>(from, from_stride, to, to_stride, count);
  if (bytes == 4) return CopyElements<uint32_t>(from, from_stride, to, to_stride, count);
  CopyElements<uint64_t>(from, from_stride, to, to_stride, count);
}

// Long rows: tiles within a row, nothing is copied.
void RunRows(const MapProgram& program, const Space& space, MapTileScratch& scratch, int64_t begin,
             int64_t end) {
  Cursor cursor(space, begin);
  const int inner = space.rank - 1;
  TileInput inputs[kMapMaxInputs];
  TileOutput outputs[kMapMaxOutputs];
  const auto place = [&] {
    for (int view = 0; view < space.views; ++view) {
      const int64_t stride = space.strides[view][inner];
      if (view < space.inputs) {
        inputs[view] = {cursor.At(view), stride};
      } else {
        outputs[view - space.inputs] = {cursor.At(view), stride};
      }
    }
  };
  place();
  const int64_t longest = LongestMapTile(program, inputs, outputs);
  while (begin < end) {
    const int64_t count = std::min({end - begin, cursor.LeftInRow(), longest});
    place();
    RunMapTile(program, inputs, {cursor.coordinates(), inner}, outputs, static_cast<int>(count),
               scratch);
    cursor.Advance(count);
    begin += count;
  }
}

// Short rows: a tile covers several.
class ShortRows {
 public:
  ShortRows(const MapProgram& program, const Space& space, MapTileScratch& scratch)
      : program_(program), space_(space), scratch_(scratch), inner_(space.rank - 1) {
    for (int view = 0; view < space.views; ++view) uniform_[view] = space.IsUniform(view);
  }

  void Run(int64_t begin, int64_t end) {
    // Whole rows a tile: what repeats from row to row is then copied once.
    const int64_t row = space_.extents[inner_];
    const int64_t most = kMapTile / row * row;
    Cursor cursor(space_, begin);
    int64_t staged_column = -1;
    while (begin < end) {
      const int64_t count = std::min(end - begin, most);
      const bool same_rows = cursor.column() == staged_column;
      staged_column = cursor.column();
      const Cursor start = cursor;
      StageInputs(&cursor, count, same_rows);
      RunTile(start, count);
      UnstageOutputs(start, count);
      begin += count;
    }
  }

 private:
  std::byte* Staged(int view) { return scratch_.staged[view].bytes; }

  // Copies inputs that are not uniform, and moves the cursor past the tile.
  void StageInputs(Cursor* cursor, int64_t count, bool same_rows) {
    bool staged[kMapMaxInputs];
    bool any = false;
    for (int view = 0; view < space_.inputs; ++view) {
      staged[view] = !uniform_[view] && !(same_rows && space_.RepeatsRows(view));
      any |= staged[view];
    }
    if (!any) return cursor->Advance(count);
    for (int64_t done = 0; done < count;) {
      const int64_t piece = std::min(cursor->LeftInRow(), count - done);
      for (int view = 0; view < space_.inputs; ++view) {
        if (!staged[view]) continue;
        CopyElements(space_.bytes[view], cursor->At(view), space_.strides[view][inner_],
                     Staged(view) + done * space_.bytes[view], 1, piece);
      }
      cursor->Advance(piece);
      done += piece;
    }
  }

  void RunTile(const Cursor& start, int64_t count) {
    TileInput inputs[kMapMaxInputs];
    TileOutput outputs[kMapMaxOutputs];
    for (int view = 0; view < space_.views; ++view) {
      std::byte* data = uniform_[view] ? start.At(view) : Staged(view);
      const int64_t stride = uniform_[view] ? space_.strides[view][inner_] : 1;
      if (view < space_.inputs) {
        inputs[view] = {data, stride};
      } else {
        outputs[view - space_.inputs] = {data, stride};
      }
    }
    RunMapTile(program_, inputs, {}, outputs, static_cast<int>(count), scratch_);
  }

  void UnstageOutputs(Cursor cursor, int64_t count) {
    if (std::all_of(uniform_ + space_.inputs, uniform_ + space_.views, [](bool u) { return u; })) {
      return;
    }
    for (int64_t done = 0; done < count;) {
      const int64_t piece = std::min(cursor.LeftInRow(), count - done);
      for (int view = space_.inputs; view < space_.views; ++view) {
        if (uniform_[view]) continue;
        CopyElements(space_.bytes[view], Staged(view) + done * space_.bytes[view], 1,
                     cursor.At(view), space_.strides[view][inner_], piece);
      }
      cursor.Advance(piece);
      done += piece;
    }
  }

  const MapProgram& program_;
  const Space& space_;
  MapTileScratch& scratch_;
  int inner_;
  bool uniform_[kMaxViews] = {};
};

}  // namespace

void RunMapTensorsTiled(const MapProgram& program, std::span<const TensorView> inputs,
                        std::span<const TensorView> outputs, MapTileScratch& scratch, int64_t begin,
                        int64_t end) {
  if (begin >= end) return;
  const bool uses_iota = UsesIota(program);
  const Space space = MakeSpace(inputs, outputs, uses_iota);
  const bool short_rows = !uses_iota && space.rank > 1 && space.extents[space.rank - 1] < kLongRow;
  if (short_rows) {
    ShortRows(program, space, scratch).Run(begin, end);
  } else {
    RunRows(program, space, scratch, begin, end);
  }
}

}  // namespace stint
