// PanelKernels (micro/tiles.h): rows times panels. Included by one file an instruction set after
// its simd/<isa>.h; the includer defines STINT_TILE_ROWS1, 2 and 3, the most rows of a tile of so
// many panels (0: none), such that the sums, a row of weights and one number of A fit the
// registers.
//
// Sums stay in registers over the whole depth: blocks of it, packed copies of A and tables of row
// pointers all lost when measured. No include guard: each includer compiles its own copy.
#include "backends/cpu/micro/tile_impl.h"

namespace stint::cpu::STINT_ISA {

namespace {

constexpr int kTileRows[4] = {0, STINT_TILE_ROWS1, STINT_TILE_ROWS2, STINT_TILE_ROWS3};
constexpr int kGroupPanels = STINT_TILE_ROWS2 > 0 ? 2 : 1;
// Channels that are unrolled, and lines prefetched for them.
constexpr int kUnroll = 4;
constexpr int kPrefetchLines = kTileRows[kGroupPanels] > 8 ? 4 : 1;
constexpr int kRowPanels = kLanes == 16 ? 4 : 2;

// Vector v of a row of weights, which spans panels.
STINT_INLINE const float* ColumnsAt(const ConvTile& tile, const float* weights, int v) {
  return weights + v / kPanelVectors * tile.panel_step + v % kPanelVectors * kLanes;
}

// Adds the products of one k: a row of weights times a column of A.
template <int kRows, int kVectors, int kSegments>
STINT_INLINE void AddProducts(const ConvTile& tile, const RowPointers<kRows, kSegments>& rows,
                              int k, const float* weights, Sums<kRows, kVectors>& sums) {
  Vector columns[kVectors];
  STINT_UNROLL for (int v = 0; v < kVectors; ++v) {
    columns[v] = Load(ColumnsAt(tile, weights, v));
  }
  STINT_UNROLL for (int r = 0; r < kRows; ++r) {
    const Vector x = Broadcast(rows.Row(r, tile.a_row) + k);
    STINT_UNROLL for (int v = 0; v < kVectors; ++v) {
      sums.at[r][v] = Fma(x, columns[v], sums.at[r][v]);
    }
  }
}

#if defined(__aarch64__)
template <int kLane, int kRows, int kVectors>
STINT_INLINE void AddLane(const ConvTile& tile, const Vector (&x)[kRows], const float* weights,
                          Sums<kRows, kVectors>& sums) {
  Vector columns[kVectors];
  STINT_UNROLL for (int v = 0; v < kVectors; ++v) {
    columns[v] = Load(ColumnsAt(tile, weights + kLane * kPanel, v));
  }
  STINT_UNROLL for (int r = 0; r < kRows; ++r) {
    STINT_UNROLL for (int v = 0; v < kVectors; ++v) {
      sums.at[r][v] = FmaLane<kLane>(columns[v], x[r], sums.at[r][v]);
    }
  }
}

// Four ks at once: a vector of A feeds four columns by lane.
template <int kRows, int kVectors, int kSegments>
STINT_INLINE void AddUnrolled(const ConvTile& tile, const RowPointers<kRows, kSegments>& rows,
                              const float* weights, Sums<kRows, kVectors>& sums) {
  Vector x[kRows];
  STINT_UNROLL for (int r = 0; r < kRows; ++r) x[r] = Load(rows.Row(r, tile.a_row));
  AddLane<0>(tile, x, weights, sums);
  AddLane<1>(tile, x, weights, sums);
  AddLane<2>(tile, x, weights, sums);
  AddLane<3>(tile, x, weights, sums);
}
#else
template <int kRows, int kVectors, int kSegments>
STINT_INLINE void AddUnrolled(const ConvTile& tile, const RowPointers<kRows, kSegments>& rows,
                              const float* weights, Sums<kRows, kVectors>& sums) {
  STINT_UNROLL for (int k = 0; k < kUnroll; ++k) {
    AddProducts(tile, rows, k, weights + k * kPanel, sums);
  }
}
#endif

template <int kRows, int kPanels, int kSegments>
STINT_OUTLINE void Tile(const ConvTile& tile) {
  constexpr int kVectors = kPanels * kPanelVectors;
  Sums<kRows, kVectors> sums;
  StartFromBias(tile, sums);
  const float* weights = tile.weights;
  const char* prefetch = tile.prefetch;
  for (int64_t t = 0; t < tile.taps; ++t) {
    RowPointers<kRows, kSegments> rows(tile, tile.tap_offsets[t]);
    int64_t k = 0;
    for (; k + kUnroll <= tile.channels; k += kUnroll) {
      STINT_UNROLL for (int line = 0; line < kPrefetchLines; ++line) {
        PrefetchFar(prefetch + 64 * line);
      }
      prefetch += tile.prefetch_step;
      AddUnrolled(tile, rows, weights, sums);
      rows.Advance(kUnroll);
      weights += kUnroll * kPanel;
    }
    for (; k < tile.channels; ++k) {
      AddProducts(tile, rows, 0, weights, sums);
      rows.Advance(1);
      weights += kPanel;
    }
  }
  StoreTile(tile, sums);
}

// Every k has an offset of its own.
template <int kRows, int kPanels>
STINT_OUTLINE void PlanarTile(const ConvTile& tile) {
  constexpr int kVectors = kPanels * kPanelVectors;
  Sums<kRows, kVectors> sums;
  StartFromBias(tile, sums);
  const float* weights = tile.weights;
  for (int64_t t = 0; t < tile.taps; ++t, weights += kPanel) {
    AddProducts(tile, RowPointers<kRows, 1>(tile, tile.tap_offsets[t]), 0, weights, sums);
  }
  StoreTile(tile, sums);
}

using TileFunction = void (*)(const ConvTile& tile);

// Tiles of one panel are in assembly where the includer brings that.
#if defined(STINT_ASSEMBLED_TILES)
constexpr bool kAssembles = true;
#else
constexpr bool kAssembles = false;
template <int kRows, int kSegments, bool kPlanar>
void AssembledTile(const ConvTile& tile);
#endif

template <int kRows, int kPanels, int kSegments>
constexpr TileFunction TileOf() {
  if constexpr (kAssembles && kPanels == 1) {
    return &AssembledTile<kRows, kSegments, false>;
  } else {
    return &Tile<kRows, kPanels, kSegments>;
  }
}

template <int kRows, int kPanels>
constexpr TileFunction PlanarTileOf() {
  if constexpr (kAssembles && kPanels == 1) {
    return &AssembledTile<kRows, 1, true>;
  } else {
    return &PlanarTile<kRows, kPanels>;
  }
}

template <int kPanels, int kSegments>
struct TileTable {
  TileFunction rows[STINT_TILE_ROWS1 + 1] = {};

  template <int kRows>
  constexpr void Fill() {
    if constexpr (kRows > 0) {
      if constexpr (kRows % kSegments == 0) rows[kRows] = TileOf<kRows, kPanels, kSegments>();
      Fill<kRows - 1>();
    }
  }
  constexpr TileTable() { Fill<kTileRows[kPanels]>(); }
};

constexpr TileTable<kGroupPanels, 1> kGroupTiles;
constexpr TileTable<kGroupPanels, 2> kPairTiles;
#if STINT_TILE_ROWS3 > 0
constexpr TileTable<3, 1> kTripleTiles;
#endif

void Conv(int rows, int panels, const ConvTile& tile) {
#if STINT_TILE_ROWS2 > 0
  if (panels == 1) return SingleTile(rows, tile);
#endif
#if STINT_TILE_ROWS3 > 0
  if (panels == 3) return kTripleTiles.rows[rows](tile);
#endif
  (void)panels;
  kGroupTiles.rows[rows](tile);
}

void ConvPair(int rows, const ConvTile& tile) { kPairTiles.rows[rows](tile); }

template <int kPanels>
void RowOf(int panels, const ConvTile& tile) {
  if constexpr (kPanels > 1) {
    if (panels < kPanels) return RowOf<kPanels - 1>(panels, tile);
  }
  TileOf<1, kPanels, 1>()(tile);
}

void Row(int panels, const ConvTile& tile) { RowOf<kRowPanels>(panels, tile); }

// Runs a planar tile of kRows rows at `row`.
template <int kRows>
void PlanarPart(int row, int panels, const ConvTile& tile) {
  ConvTile part = tile;
  part.a += row * tile.a_row;
  part.c += row * tile.c_row;
  if (tile.residual != nullptr) part.residual += row * tile.residual_row;
  if (panels == 1) return PlanarTileOf<kRows, 1>()(part);
  if constexpr (kGroupPanels > 1) PlanarTileOf<kRows, kGroupPanels>()(part);
}

void Planar(int rows, int panels, const ConvTile& tile) {
  constexpr int kMost = kTileRows[kGroupPanels];
  int row = 0;
  for (; row + kMost <= rows; row += kMost) PlanarPart<kMost>(row, panels, tile);
  if constexpr (kMost > 4) {
    for (; row + 4 <= rows; row += 4) PlanarPart<4>(row, panels, tile);
  }
  for (; row < rows; ++row) PlanarPart<1>(row, panels, tile);
}

}  // namespace

}  // namespace stint::cpu::STINT_ISA

#define STINT_PANEL_TABLE(name)                               \
  {name,                                                      \
   STINT_ISA::kGroupPanels,                                   \
   {0, STINT_TILE_ROWS1, STINT_TILE_ROWS2, STINT_TILE_ROWS3}, \
   STINT_ISA::kRowPanels,                                     \
   STINT_ISA::kPrefetchLines,                                 \
   &STINT_ISA::Conv,                                          \
   &STINT_ISA::ConvPair,                                      \
   &STINT_ISA::Row,                                           \
   &STINT_ISA::Planar}
