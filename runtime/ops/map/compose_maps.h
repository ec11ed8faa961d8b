// Map programs made of Map programs: one inlined into another, and the canonical form in which
// equal programs are equal bytes. Matchers compare canonical programs.
#ifndef STINT_RUNTIME_OPS_MAP_COMPOSE_MAPS_H_
#define STINT_RUNTIME_OPS_MAP_COMPOSE_MAPS_H_

#include <span>

#include "runtime/base/result.h"
#include "runtime/ops/map/program.h"

namespace stint {

// How a producer and a consumer meet.
struct MapComposition {
  int consumer_input = 0;   // The consumer's input that is the producer's output.
  int producer_output = 0;  // Which one.
  // Whether the result still stores that output: others read it.
  bool keep_producer_output = false;
  // For each input of the producer and of the consumer its number among the inputs of the result;
  // inputs with one number are one tensor. The entry of `consumer_input` is not read. Empty, both:
  // the producer's inputs, then the consumer's others.
  std::span<const int> producer_inputs = {};
  std::span<const int> consumer_inputs = {};
};

// The consumer with the producer in place of one of its inputs. The outputs are the consumer's,
// then the producer's others (and the one consumed, if kept), in order. The result is canonical.
//
// What is between them is no longer stored: float16 and bfloat16 are no longer rounded there
// (one rounding at the final store), integers keep wrapping or saturating to the width in between.
// A producer that uses iota must have the consumer's extents. Both programs passed VerifyMap.
//
// kLimit: the result does not fit a program. kUnsupported: the rounding in between cannot be
// reproduced (8- and 4-bit floats, a plain cast to float16 or bfloat16). kInvalid: numbers that do
// not fit the programs, dtypes that do not agree.
Result<MapProgram> ComposeMaps(const MapProgram& producer, const MapProgram& consumer,
                               const MapComposition& composition);

// The program with the same bits in canonical form: one instruction a value, in the order of first
// use, operands of commutative functions ordered (constants last), a > b as b < a, registers and
// constants in order, nothing unused but inputs. `program` passed VerifyMap.
MapProgram CanonicalMap(const MapProgram& program);

}  // namespace stint

#endif  // STINT_RUNTIME_OPS_MAP_COMPOSE_MAPS_H_
