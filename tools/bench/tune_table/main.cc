// stint-tune-table [--seconds S]
//
// Measures what the CPU's rows reach over a fixed list of calls, on one thread, with each set of
// kernels that this processor runs, and prints the lines of runtime/cost/kernel_rates.inc: the
// columns that were measured, the others as they are; then the bandwidth and the time of an empty
// command for a line of runtime/cost/profile.cc. A rate is the median of a row's calls, in the
// operations that its Cost counts, each by its least time.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <numeric>
#include <stdexcept>
#include <string>
#include <vector>

#include "backends/cpu/device.h"
#include "runtime/cost/winograd.h"
#include "runtime/ops/map.h"
#include "tools/bench/kernels/measure.h"
#include "tools/bench/tune_table/cases.h"

namespace stint::bench {

namespace {

constexpr const char* kTransforms = "winograd_transform";

void Check(const Status& status) {
  if (!status.ok()) throw std::runtime_error(status.message());
}

template <typename T>
T Take(Result<T> result) {
  Check(result.status());
  return std::move(*result);
}

// Of each row the operations a second of its calls.
using Rates = std::map<std::string, std::vector<double>>;

// The middle one of the calls: some are no row's business.
double Median(std::vector<double> rates) {
  std::sort(rates.begin(), rates.end());
  return rates[rates.size() / 2];
}

class Table {
 public:
  Table(cpu::Isa isa, double seconds) : isa_(isa), seconds_(seconds) {
    DeviceOptions options;
    options.threads = 1;
    device_ = Take(cpu::CpuDevice::Create(options, isa));
  }

  const CostProfile& profile() const { return *device_->info().profile; }

  Rates Measure() {
    for (const auto& made : MakeCases(*device_)) {
      for (const Kernel& row : device_->kernels()) {
        if (Takes(row, made->Call())) Add(row, made->Call());
      }
    }
    AddTransforms();
    return std::move(rates_);
  }

  // The least seconds of a call by a row.
  double Time(const Kernel& row, const KernelCall& call) {
    const auto prepared = Take(row.prepare(*device_, call));
    const auto memory = Take(device_->Allocate(prepared->scratch_bytes, MemoryKind::kDevice));
    DeviceTensor scratch;
    scratch.buffer = memory.get();
    CommandListOptions options;
    options.capacity = prepared->commands;
    const auto list = Take(device_->CreateCommandList(options));
    Check(row.record(*list, *prepared, call, scratch));
    return bench::Measure(isa_, seconds_, [&] { Check(list->Run()); }).seconds;
  }

  const Kernel& Row(const char* name) const {
    for (const Kernel& row : device_->kernels()) {
      if (std::strcmp(row.name, name) == 0) return row;
    }
    throw std::runtime_error(std::string("no row ") + name);
  }

  Device& device() { return *device_; }

 private:
  bool Takes(const Kernel& row, const KernelCall& call) const {
    if (row.op != call.op->kind || row.rate == nullptr) return false;
    for (const DeviceTensor& operand : call.operands) {
      const bool packed = operand.layout != Layout::kDense;
      if (packed && (row.packed >> static_cast<int>(operand.layout) & 1) == 0) return false;
    }
    return row.reject(call, device_->info()) == nullptr;
  }

  void Add(const Kernel& row, const KernelCall& call) {
    const double operations = row.cost(call, device_->info()).operations;
    rates_[row.name].push_back(operations / Time(row, call));
  }

  // What Winograd's convolutions take beyond their products.
  void AddTransforms() {
    for (const int64_t side : {28, 42, 56}) {
      const WinogradCall winograd = {side, side, 64, 64};
      const int outputs = ChooseWinograd(profile(), winograd);
      const auto made = MakeTransformCase(*device_, side, winograd.channels);
      if (outputs == 0) continue;
      const double products =
          WinogradProducts(winograd, outputs) / Median(rates_["conv_panel_f32"]);
      const double seconds = Time(Row("conv_winograd_f32"), made->Call()) - products;
      if (seconds > 0) rates_[kTransforms].push_back(WinogradNumbers(winograd, outputs) / seconds);
    }
  }

  cpu::Isa isa_;
  double seconds_;
  std::unique_ptr<Device> device_;
  Rates rates_;
};

void Print(const Rates (&measured)[kRateColumns]) {
  for (const KernelRate& rate : kKernelRates) {
    std::printf("STINT_KERNEL_RATE(%s", rate.row);
    for (int column = 0; column < kRateColumns; ++column) {
      const auto found = measured[column].find(rate.row);
      const double billions =
          found == measured[column].end() ? rate.billions[column] : Median(found->second) * 1e-9;
      std::printf(", %.3g", billions);
    }
    std::printf(")\n");
  }
}

// Bytes a second of reading so many floats again and again.
double ReadRate(cpu::Isa isa, double seconds, size_t floats) {
  const Floats memory(floats);
  volatile float sink = 0;
  const auto read = [&] {
    float sums[64] = {};
    for (size_t i = 0; i < floats; i += 64) {
      for (size_t lane = 0; lane < 64; ++lane) sums[lane] += memory.data()[i + lane];
    }
    sink = std::accumulate(sums, sums + 64, 0.0f);
  };
  return static_cast<double>(floats * sizeof(float)) / Measure(isa, seconds, read).seconds;
}

// Weights are read from a third cache or from memory, as they and it are large: the geometric mean
// of reading 8 MiB and 128 MiB.
double MeasureBandwidth(cpu::Isa isa, double seconds) {
  constexpr size_t kMega = size_t{1} << 20;
  return std::sqrt(ReadRate(isa, seconds, 2 * kMega) * ReadRate(isa, seconds, 32 * kMega));
}

int Main(int count, char** arguments) {
  double seconds = 0.1;
  char* end = nullptr;
  const bool given = count == 3 && std::strcmp(arguments[1], "--seconds") == 0;
  if (given) seconds = std::strtod(arguments[2], &end);
  if ((count != 1 && !given) || (given && *end != '\0') || !(seconds > 0)) {
    std::fprintf(stderr, "usage: stint-tune-table [--seconds S]   S a call, 0.1\n");
    return 2;
  }
  Rates measured[kRateColumns];
  const cpu::Isa best = cpu::DetectCpu().isa;
  for (int isa = 0; isa <= static_cast<int>(best); ++isa) {
    Table table(static_cast<cpu::Isa>(isa), seconds);
    const CostProfile& profile = table.profile();
    // A processor whose line borrows the rates of another one.
    if (profile.scale == 1) measured[static_cast<int>(profile.column)] = table.Measure();
  }
  Print(measured);
  Table table(best, seconds);
  const auto empty = MakeEmptyCase(table.device());
  std::printf("// %s: bytes_per_second %.2g, op_seconds %.2g\n", table.profile().name,
              MeasureBandwidth(best, seconds), table.Time(table.Row("copy_boxes"), empty->Call()));
  return 0;
}

}  // namespace

}  // namespace stint::bench

int main(int count, char** arguments) {
  try {
    return stint::bench::Main(count, arguments);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "stint-tune-table: %s\n", error.what());
    return 70;
  }
}
