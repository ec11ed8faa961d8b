#include "backends/cpu/strided_copy.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "runtime/ops/walk.h"

namespace stint::cpu {

namespace {

// Any 16 bytes; elements need no alignment beyond that of their parts.
struct Wide {
  uint64_t parts[2];
};

void MoveAxis(CopyBox* box, int from, int to) {
  const auto rotate = [&](int64_t* list) {
    const int64_t moved = list[from];
    for (int i = from; i < to; ++i) list[i] = list[i + 1];
    list[to] = moved;
  };
  rotate(box->extents);
  rotate(box->from_strides);
  rotate(box->to_strides);
}

// The axis of [0, count) with the smallest step, the later one of equals. Steps along axes of
// extent 1 are never made.
int SmallestStep(const CopyBox& box, const int64_t* strides, int count) {
  int best = count - 1;
  for (int i = count - 2; i >= 0; --i) {
    if (box.extents[i] == 1) continue;
    if (box.extents[best] == 1 || std::abs(strides[i]) < std::abs(strides[best])) best = i;
  }
  return best;
}

// Squares keep the lines that are read down a column in the cache until they are used up.
constexpr int64_t kSquare = 16;

template <typename T>
void CopySquares(const T* from, int64_t from_row, int64_t from_column, T* to, int64_t to_row,
                 int64_t to_column, int64_t rows, int64_t columns) {
  for (int64_t r = 0; r < rows; r += kSquare) {
    const int64_t r_end = std::min(r + kSquare, rows);
    for (int64_t c = 0; c < columns; c += kSquare) {
      const int64_t c_end = std::min(c + kSquare, columns);
      for (int64_t i = r; i < r_end; ++i) {
        const T* source = from + i * from_row;
        T* target = to + i * to_row;
        for (int64_t j = c; j < c_end; ++j) target[j * to_column] = source[j * from_column];
      }
    }
  }
}

template <typename T>
void CopyRows(const CopyBox& box, const void* from_base, int64_t from_offset, void* to_base,
              int64_t to_offset, int64_t rows) {
  const int last = box.rank - 1;
  const T* from = static_cast<const T*>(from_base) + from_offset;
  T* to = static_cast<T*>(to_base) + to_offset;
  const int64_t columns = box.extents[last];
  if (box.from_strides[last] == 1 && box.to_strides[last] == 1) {
    for (int64_t i = 0; i < rows; ++i) {
      std::memcpy(to + i * box.to_strides[last - 1], from + i * box.from_strides[last - 1],
                  static_cast<size_t>(columns) * sizeof(T));
    }
    return;
  }
  CopySquares(from, box.from_strides[last - 1], box.from_strides[last], to,
              box.to_strides[last - 1], box.to_strides[last], rows, columns);
}

template <typename T>
void Fill(const void* element, void* to, int64_t stride, int64_t count) {
  T value;
  std::memcpy(&value, element, sizeof(T));
  T* target = static_cast<T*>(to);
  if (stride == 1) {
    std::fill_n(target, count, value);
    return;
  }
  for (int64_t i = 0; i < count; ++i) target[i * stride] = value;
}

}  // namespace

void CopyBox::Simplify() {
  int kept = 0;
  for (int axis = 0; axis < rank; ++axis) {
    if (extents[axis] == 1) continue;
    const bool joins = kept > 0 && from_strides[kept - 1] == from_strides[axis] * extents[axis] &&
                       to_strides[kept - 1] == to_strides[axis] * extents[axis];
    if (!joins) ++kept;
    extents[kept - 1] = joins ? extents[kept - 1] * extents[axis] : extents[axis];
    from_strides[kept - 1] = from_strides[axis];
    to_strides[kept - 1] = to_strides[axis];
  }
  rank = kept;
  while (rank < 2) {
    for (int axis = rank; axis > 0; --axis) {
      extents[axis] = extents[axis - 1];
      from_strides[axis] = from_strides[axis - 1];
      to_strides[axis] = to_strides[axis - 1];
    }
    extents[0] = 1;
    from_strides[0] = to_strides[0] = rank == 0 ? 1 : 0;
    ++rank;
  }
  MoveAxis(this, SmallestStep(*this, to_strides, rank), rank - 1);
  MoveAxis(this, SmallestStep(*this, from_strides, rank - 1), rank - 2);
}

int64_t CopyBox::planes() const {
  int64_t planes = 1;
  for (int axis = 0; axis < rank - 2; ++axis) planes *= extents[axis];
  return planes;
}

void CopyPlane(const CopyBox& box, const void* from, void* to, int64_t bytes, int64_t plane,
               int64_t row, int64_t row_end) {
  auto [from_offset, to_offset] =
      OffsetsAt<2>(plane, box.rank - 2, box.extents, {box.from_strides, box.to_strides});
  from_offset += row * box.from_strides[box.rank - 2];
  to_offset += row * box.to_strides[box.rank - 2];
  const int64_t rows = row_end - row;
  switch (bytes) {
    case 1:
      return CopyRows<uint8_t>(box, from, from_offset, to, to_offset, rows);
    case 2:
      return CopyRows<uint16_t>(box, from, from_offset, to, to_offset, rows);
    case 4:
      return CopyRows<uint32_t>(box, from, from_offset, to, to_offset, rows);
    case 8:
      return CopyRows<uint64_t>(box, from, from_offset, to, to_offset, rows);
    default:
      return CopyRows<Wide>(box, from, from_offset, to, to_offset, rows);
  }
}

void FillElements(const void* element, void* to, int64_t bytes, int64_t stride, int64_t count) {
  switch (bytes) {
    case 1:
      return Fill<uint8_t>(element, to, stride, count);
    case 2:
      return Fill<uint16_t>(element, to, stride, count);
    case 4:
      return Fill<uint32_t>(element, to, stride, count);
    case 8:
      return Fill<uint64_t>(element, to, stride, count);
    default:
      return Fill<Wide>(element, to, stride, count);
  }
}

}  // namespace stint::cpu
