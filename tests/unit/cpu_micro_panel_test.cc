// Tiles of rows and panels on every instruction set that this processor has, against sums in
// double: each number of rows and panels, tails of channels, each epilogue; nothing outside is
// touched.
#include <catch2/catch.hpp>
#include <cmath>

#include "backends/cpu/micro/tiles.h"
#include "tests/unit/cpu_micro_testing.h"

namespace stint::testing {

namespace {

using cpu::ConvTile;
using cpu::Finish;
using cpu::PanelKernels;

enum class TileKind { kConv, kPair, kRow, kPlanar };

struct TileCase {
  TileKind kind;
  int rows;
  int panels;
  int64_t columns;
  int64_t taps;
  int64_t channels;
  Finish finish;
  bool residual;
};

// The operands of a tile in memory that traps, and the sums that it should have.
class TileRun {
 public:
  explicit TileRun(const TileCase& test)
      : test_(test),
        pixel_(test.channels + 3),
        second_(test.rows * pixel_ + 5),
        depth_(test.taps * test.channels),
        a_(RandomVector(static_cast<size_t>(RowOffset(test.rows - 1) + TapOffset(test.taps - 1) +
                                            test.channels),
                        1)),
        weights_(Weights()),
        residual_(RandomVector(OutputFloats(test.columns + 2), 3)),
        c_(OutputFloats(c_row_()), kUntouched) {
    for (int64_t t = 0; t < test.taps; ++t) offsets_.push_back(TapOffset(t));
  }

  void Run(const PanelKernels& kernels) {
    ConvTile tile = {};
    tile.a = a_.data();
    tile.a_row = pixel_;
    tile.a_second = second_;
    tile.tap_offsets = offsets_.data();
    tile.taps = test_.taps;
    tile.channels = test_.channels;
    tile.weights = weights_.data();
    tile.panel_step = depth_ * cpu::kPanel;
    tile.finish = &test_.finish;
    tile.columns = test_.columns;
    tile.residual = test_.residual ? residual_.data() : nullptr;
    tile.residual_row = test_.columns + 2;
    tile.c = c_.data();
    tile.c_row = c_row_();
    tile.prefetch = reinterpret_cast<const char*>(weights_.data());
    tile.prefetch_step = 256;
    switch (test_.kind) {
      case TileKind::kConv:
        return kernels.conv(test_.rows, test_.panels, tile);
      case TileKind::kPair:
        return kernels.conv_pair(test_.rows, tile);
      case TileKind::kRow:
        return kernels.row(test_.panels, tile);
      case TileKind::kPlanar:
        return kernels.planar(test_.rows, test_.panels, tile);
    }
  }

  double LargestError() const {
    double largest = 0;
    for (int row = 0; row < test_.rows; ++row) {
      for (int64_t j = 0; j < test_.columns; ++j) {
        const double found = c_.data()[row * c_row_() + j];
        largest = std::fmax(largest, ErrorOf(found, Expected(row, j)));
      }
    }
    return largest;
  }
  bool Untouched() const {
    return c_.Intact() && GapsUntouched(c_.values(), test_.columns, c_row_());
  }

 private:
  int64_t c_row_() const { return test_.columns + 4; }
  size_t OutputFloats(int64_t row) const {
    return static_cast<size_t>((test_.rows - 1) * row + test_.columns);
  }
  int64_t TapOffset(int64_t t) const { return t * (pixel_ + 1); }
  int64_t RowOffset(int row) const {
    const int half = test_.rows / 2;
    if (test_.kind != TileKind::kPair || row < half) return row * pixel_;
    return second_ + (row - half) * pixel_;
  }
  // Zeros behind the last column, as packed weights have them.
  std::vector<float> Weights() const {
    std::vector<float> weights =
        RandomVector(static_cast<size_t>(test_.panels * depth_ * cpu::kPanel), 2);
    for (size_t i = 0; i < weights.size(); ++i) {
      const auto at = static_cast<int64_t>(i);
      const int64_t column = at / (depth_ * cpu::kPanel) * cpu::kPanel + at % cpu::kPanel;
      if (column >= test_.columns) weights[i] = 0;
    }
    return weights;
  }
  double Expected(int row, int64_t column) const {
    const float* const bias = test_.finish.bias;
    double sum = bias == nullptr ? 0.0 : double{bias[column]};
    const float* const weights =
        weights_.data() + column / cpu::kPanel * depth_ * cpu::kPanel + column % cpu::kPanel;
    for (int64_t t = 0; t < test_.taps; ++t) {
      for (int64_t k = 0; k < test_.channels; ++k) {
        sum += double{a_.data()[RowOffset(row) + offsets_[static_cast<size_t>(t)] + k]} *
               weights[(t * test_.channels + k) * cpu::kPanel];
      }
    }
    const double residual =
        test_.residual ? double{residual_.data()[row * (test_.columns + 2) + column]} : 0.0;
    return FinishInDouble(test_.finish, sum, column, residual);
  }

  TileCase test_;
  int64_t pixel_;
  int64_t second_;
  int64_t depth_;
  GuardedFloats a_;
  GuardedFloats weights_;
  GuardedFloats residual_;
  GuardedFloats c_;
  std::vector<int64_t> offsets_;
};

void CheckTile(const PanelKernels& kernels, const TileCase& test) {
  TileRun run(test);
  run.Run(kernels);
  const double error = run.LargestError();
  const bool untouched = run.Untouched();
  if (error <= kMicroTolerance && untouched) return;
  INFO(kernels.name << " kind " << static_cast<int>(test.kind) << " rows " << test.rows
                    << " panels " << test.panels << " columns " << test.columns << " taps "
                    << test.taps << " channels " << test.channels << " activation "
                    << static_cast<int>(test.finish.activation) << " residual " << test.residual);
  CHECK(error <= kMicroTolerance);
  CHECK(untouched);
}

// All tails of the last panel that matter, depths around the unrolling, all epilogues in turn.
void CheckTiles(const PanelKernels& kernels, TileKind kind, int rows, int panels) {
  const GuardedFloats values(RandomVector(3 * 16 * 4, 7));
  size_t turn = 0;
  for (const int64_t last : {1, 3, 4, 8, 11, 15, 16}) {
    const int64_t columns = 16 * (panels - 1) + last;
    // The arrays end where the columns do.
    const float* const array = values.data() + values.size() - 2 * columns;
    const std::vector<Finish> finishes = FinishesOf(array, columns);
    for (const int64_t channels : {1, 2, 3, 4, 5, 7, 8, 17}) {
      if (kind == TileKind::kPlanar && channels > 1) break;
      const Finish& finish = finishes[turn++ % finishes.size()];
      const int64_t taps = kind == TileKind::kPlanar ? 27 : channels % 3 + 1;
      CheckTile(kernels, {kind, rows, panels, columns, taps, channels, finish, turn % 2 == 0});
    }
  }
  for (const Finish& finish : FinishesOf(values.data(), 16 * panels)) {
    const int64_t channels = kind == TileKind::kPlanar ? 1 : 4;
    CheckTile(kernels, {kind, rows, panels, 16 * panels, 2, channels, finish, true});
    CheckTile(kernels, {kind, rows, panels, 16 * panels, 2, channels, finish, false});
  }
}

}  // namespace

TEST_CASE("Tiles of each number of rows and panels give the sums", "[cpu][micro]") {
  for (const cpu::Isa isa : MicroIsas()) {
    const PanelKernels& kernels = *cpu::NhwcKernelsFor(isa).panel;
    for (int panels = 1; panels <= 3; ++panels) {
      for (int rows = 1; rows <= kernels.max_rows[panels]; ++rows) {
        CheckTiles(kernels, TileKind::kConv, rows, panels);
      }
    }
  }
}

TEST_CASE("Tiles of two output rows give the sums", "[cpu][micro]") {
  for (const cpu::Isa isa : MicroIsas()) {
    const PanelKernels& kernels = *cpu::NhwcKernelsFor(isa).panel;
    for (int rows = 2; rows <= kernels.max_rows[kernels.group_panels]; rows += 2) {
      CheckTiles(kernels, TileKind::kPair, rows, kernels.group_panels);
    }
  }
}

TEST_CASE("Single rows over many panels give the sums", "[cpu][micro]") {
  for (const cpu::Isa isa : MicroIsas()) {
    const PanelKernels& kernels = *cpu::NhwcKernelsFor(isa).panel;
    for (int panels = 1; panels <= kernels.row_panels; ++panels) {
      CheckTiles(kernels, TileKind::kRow, 1, panels);
    }
  }
}

TEST_CASE("Tiles of planar inputs give the sums", "[cpu][micro]") {
  for (const cpu::Isa isa : MicroIsas()) {
    const PanelKernels& kernels = *cpu::NhwcKernelsFor(isa).panel;
    for (int panels = 1; panels <= kernels.group_panels; ++panels) {
      for (int rows = 1; rows <= kernels.max_rows[kernels.group_panels]; ++rows) {
        CheckTiles(kernels, TileKind::kPlanar, rows, panels);
      }
    }
  }
}

TEST_CASE("NaN passes a clamp, and infinities are clamped", "[cpu][micro]") {
  const float infinity = std::numeric_limits<float>::infinity();
  for (const cpu::Isa isa : MicroIsas()) {
    const std::vector<float> from = {NAN, infinity, -infinity, 7.0f, -1.0f};
    const std::vector<float> zeros(5, 0.0f);
    std::vector<float> to(5);
    const Finish relu6 = {.activation = cpu::Activation::kClamp, .low = 0.0f, .high = 6.0f};
    cpu::NhwcKernelsFor(isa).spatial->add(from.data(), zeros.data(), 5, relu6, to.data());
    CHECK(std::isnan(to[0]));
    CHECK(std::vector<float>(to.begin() + 1, to.end()) == std::vector<float>{6, 0, 6, 0});
  }
}

TEST_CASE("Activations stay within the errors that they state", "[cpu][micro]") {
  using cpu::Activation;
  constexpr size_t kCount = 40000;
  std::vector<float> from(kCount);
  for (size_t i = 0; i < kCount; ++i) {
    from[i] = -20.0f + 40.0f * static_cast<float>(i) / static_cast<float>(kCount);
  }
  const std::vector<float> zeros(kCount, 0.0f);
  std::vector<float> to(kCount);
  const struct {
    Activation activation;
    double absolute;
  } limits[] = {{Activation::kHardSwish, 5e-6},
                {Activation::kSwish, 2e-6},
                {Activation::kGelu, 2e-6},
                {Activation::kGeluTanh, 1.3e-6}};
  for (const cpu::Isa isa : MicroIsas()) {
    for (const auto& limit : limits) {
      const Finish finish = {.activation = limit.activation};
      cpu::NhwcKernelsFor(isa).spatial->add(from.data(), zeros.data(), kCount, finish, to.data());
      double largest = 0;
      for (size_t i = 0; i < kCount; ++i) {
        largest = std::fmax(largest, std::abs(to[i] - ActivateInDouble(finish, from[i])));
      }
      INFO(cpu::NhwcKernelsFor(isa).panel->name << " " << static_cast<int>(limit.activation) << " "
                                                << largest);
      CHECK(largest <= limit.absolute);
    }
  }
}

}  // namespace stint::testing
