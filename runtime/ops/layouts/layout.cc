#include "runtime/ops/layouts/layout.h"

#include <cstring>

#include "runtime/base/checked.h"
#include "runtime/ops/layouts/winograd.h"
#include "runtime/ops/walk.h"

namespace stint {

namespace {

// A tensor as panels see it: channels outside, then inner channels, then taps.
struct PanelShape {
  int64_t channels = 0;  // Of the first axis: 16 a panel.
  int64_t inner = 1;     // Of the second axis.
  int64_t taps = 1;      // Of the others; Winograd: the numbers that a kernel becomes.
};

Status Unfit(Layout layout, const char* found, const char* allowed) {
  return Error(Code::kInvalid, LayoutName(layout), "found %s, allowed %s", found, allowed);
}

Status Overflow(Layout layout) {
  return Error(Code::kLimit, LayoutName(layout), "found more bytes than 2^63, allowed fewer");
}

Status CheckPanels(Layout layout, DType dtype, int rank, const int64_t* extents) {
  const int64_t width = BytesOf(dtype);
  if (width != 2 && width != 4) {
    return Error(Code::kInvalid, LayoutName(layout), "found elements of %lld bytes, allowed 2 or 4",
                 static_cast<long long>(width));
  }
  if (rank < 2 || rank > kMaxRank) {
    return Error(Code::kInvalid, LayoutName(layout), "found rank %d, allowed 2 to %d", rank,
                 kMaxRank);
  }
  for (int axis = 0; axis < rank; ++axis) {
    if (extents[axis] < 0) return Unfit(layout, "a negative extent", "0 and more");
  }
  if (!IsReversible(layout)) return CheckWinograd(layout, dtype, rank, extents);
  if (layout == Layout::kDepthwise16 && extents[1] != 1) {
    return Error(Code::kInvalid, LayoutName(layout), "found %lld inner channels, allowed 1",
                 static_cast<long long>(extents[1]));
  }
  return {};
}

Result<PanelShape> PanelShapeOf(Layout layout, DType dtype, int rank, const int64_t* extents) {
  STINT_TRY(CheckPanels(layout, dtype, rank, extents));
  PanelShape shape;
  shape.channels = extents[0];
  shape.inner = extents[1];
  if (const int outputs = WinogradOutputs(layout); outputs != 0) {
    shape.taps = int64_t{outputs + 2} * (outputs + 2);
    return shape;
  }
  for (int axis = 2; axis < rank; ++axis) {
    if (!CheckedMul(shape.taps, extents[axis], &shape.taps)) return Overflow(layout);
  }
  return shape;
}

Result<int64_t> DenseBytes(DType dtype, int rank, const int64_t* extents) {
  int64_t bytes = BytesOf(dtype);
  for (int axis = 0; axis < rank; ++axis) {
    if (extents[axis] < 0) return Unfit(Layout::kDense, "a negative extent", "0 and more");
    if (!CheckedMul(bytes, extents[axis], &bytes)) return Overflow(Layout::kDense);
  }
  return bytes;
}

// The element offset of tap `tap` (row-major in the axes from 2 on).
int64_t TapOffset(const TensorView& view, int64_t tap) {
  return OffsetsAt<1>(tap, view.rank - 2, view.extents + 2, {view.strides + 2})[0];
}

// Calls move(panel element, view element) for each element of the panels that is inside the tensor,
// and pad(panel element) for the others; both are counted in elements.
template <typename Move, typename Pad>
void ForEachElement(const PanelShape& shape, const TensorView& view, const Move& move,
                    const Pad& pad) {
  int64_t at = 0;
  for (int64_t first = 0; first < shape.channels; first += kPanelChannels) {
    for (int64_t tap = 0; tap < shape.taps; ++tap) {
      const int64_t tap_offset = TapOffset(view, tap);
      for (int64_t inner = 0; inner < shape.inner; ++inner) {
        const int64_t offset = tap_offset + inner * view.strides[1];
        for (int64_t lane = 0; lane < kPanelChannels; ++lane, ++at) {
          const int64_t channel = first + lane;
          if (channel < shape.channels) {
            move(at, offset + channel * view.strides[0]);
          } else {
            pad(at);
          }
        }
      }
    }
  }
}

template <typename T>
void PackAs(const PanelShape& shape, const TensorView& from, void* packed) {
  const auto* const source = static_cast<const T*>(from.data);
  auto* const target = static_cast<T*>(packed);
  ForEachElement(
      shape, from, [&](int64_t at, int64_t element) { target[at] = source[element]; },
      [&](int64_t at) { target[at] = 0; });
}

template <typename T>
void UnpackAs(const PanelShape& shape, const void* packed, const TensorView& to) {
  const auto* const source = static_cast<const T*>(packed);
  auto* const target = static_cast<T*>(to.data);
  ForEachElement(
      shape, to, [&](int64_t at, int64_t element) { target[element] = source[at]; },
      [](int64_t) {});
}

// Between a dense block and a tensor with any strides, element by element.
template <typename Copy>
void ForEachDense(const TensorView& view, int64_t width, const Copy& copy) {
  int64_t i = 0;
  for (Walk<1> walk(view.rank, view.extents, {view.strides}); !walk.done(); walk.Next()) {
    copy(i++ * width, walk.offset(0) * width);
  }
}

}  // namespace

const char* LayoutName(Layout layout) {
  switch (layout) {
    case Layout::kDense:
      return "dense";
    case Layout::kPanel16:
      return "panel16";
    case Layout::kDepthwise16:
      return "depthwise16";
    case Layout::kWinograd2:
      return "winograd2";
    case Layout::kWinograd4:
      return "winograd4";
  }
  return "layout";
}

Result<int64_t> PackedBytes(Layout layout, DType dtype, int rank, const int64_t* extents) {
  if (layout == Layout::kDense) return DenseBytes(dtype, rank, extents);
  STINT_ASSIGN(const PanelShape shape, PanelShapeOf(layout, dtype, rank, extents));
  int64_t bytes = BytesOf(dtype) * kPanelChannels;
  const int64_t panels =
      shape.channels / kPanelChannels + (shape.channels % kPanelChannels != 0 ? 1 : 0);
  for (const int64_t factor : {panels, shape.taps, shape.inner}) {
    if (!CheckedMul(bytes, factor, &bytes)) return Overflow(layout);
  }
  return bytes;
}

Status Pack(Layout layout, const TensorView& from, void* packed) {
  STINT_ASSIGN(const int64_t bytes, PackedBytes(layout, from.dtype, from.rank, from.extents));
  if (bytes == 0) return {};
  const auto width = static_cast<int64_t>(BytesOf(from.dtype));
  if (layout == Layout::kDense) {
    ForEachDense(from, width, [&](int64_t dense, int64_t element) {
      std::memcpy(static_cast<char*>(packed) + dense, from.as<const char>() + element,
                  static_cast<size_t>(width));
    });
    return {};
  }
  if (!IsReversible(layout)) {
    PackWinograd(layout, from, packed);
    return {};
  }
  STINT_ASSIGN(const PanelShape shape, PanelShapeOf(layout, from.dtype, from.rank, from.extents));
  width == 2 ? PackAs<uint16_t>(shape, from, packed) : PackAs<uint32_t>(shape, from, packed);
  return {};
}

Status Unpack(Layout layout, const void* packed, const TensorView& to) {
  if (!IsReversible(layout)) {
    return Unfit(layout, "weights to unpack", "a layout that gives them back");
  }
  STINT_ASSIGN(const int64_t bytes, PackedBytes(layout, to.dtype, to.rank, to.extents));
  if (bytes == 0) return {};
  const auto width = static_cast<int64_t>(BytesOf(to.dtype));
  if (layout == Layout::kDense) {
    ForEachDense(to, width, [&](int64_t dense, int64_t element) {
      std::memcpy(to.as<char>() + element, static_cast<const char*>(packed) + dense,
                  static_cast<size_t>(width));
    });
    return {};
  }
  STINT_ASSIGN(const PanelShape shape, PanelShapeOf(layout, to.dtype, to.rank, to.extents));
  width == 2 ? UnpackAs<uint16_t>(shape, packed, to) : UnpackAs<uint32_t>(shape, packed, to);
  return {};
}

}  // namespace stint
