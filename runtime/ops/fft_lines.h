// The lines of an Fft, any of which may be transformed at a time: what the reference kernel and the
// CPU's row have in common. A line has the same bits whoever transforms it.
#ifndef STINT_RUNTIME_OPS_FFT_LINES_H_
#define STINT_RUNTIME_OPS_FFT_LINES_H_

#include <span>

#include "runtime/ops/fft.h"
#include "runtime/ops/fourier.h"
#include "runtime/ops/op_table.h"

namespace stint {

// How many lines the result has.
int64_t FftLineCount(const OpTensors& op);

// Whether the op computes in float64.
bool FftInDouble(const OpTensors& op);

// function(T{}), T: what is computed in.
template <typename Function>
void WithFftType(const OpTensors& op, const Function& function) {
  FftInDouble(op) ? function(double{}) : function(float{});
}

// T: what WithFftType says.
template <typename T>
class FftLines {
 public:
  struct Work {
    std::span<Complex<T>> line;
    typename Fourier<T>::Work fourier;
  };

  // Takes the tables; reads the attributes only.
  FftLines(const OpTensors& op, Scratch& tables)
      : length_(op.as<FftAttributes>().length[0].constant()), fourier_(length_, tables) {}

  // What one thread works in.
  Work TakeWork(Scratch& scratch) const {
    return {scratch.Take<Complex<T>>(length_), fourier_.TakeWork(scratch)};
  }
  // Computes the tables.
  void Fill(const Work& work) const { fourier_.Fill(work.fourier); }
  // Transforms the lines from `begin` to `end`, in the order of the result's coordinates.
  void Run(const OpTensors& op, int64_t begin, int64_t end, const Work& work) const;

 private:
  int64_t length_;
  Fourier<T> fourier_;
};

}  // namespace stint

#endif  // STINT_RUNTIME_OPS_FFT_LINES_H_
