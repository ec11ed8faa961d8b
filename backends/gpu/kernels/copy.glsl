// Moves a box of elements: each invocation one, from a strided source or the fill value into the
// strided result. An axis moves by a stride in the source, or by a table of offsets.
//
// Parameters: base of x, base of y, offset of x, offset of y, count, 4 words of the fill value,
// then 8 each: extents, strides of x, strides of y, where an axis' table begins (0: it has
// none). Tables follow.
SPECIALIZATION(0, kRank)
SPECIALIZATION(1, kFills)
SPECIALIZATION(2, kHasTables)

#define EXTENTS 9u
#define X_STRIDES 17u
#define Y_STRIDES 25u
#define TABLES 33u

KERNEL_BEGIN(256)
READS(1, x)
WRITES(2, y)
KERNEL_SHARED
KERNEL_BODY
  const uint index = GROUP_INDEX * 256u + LOCAL_INDEX;
  if (index >= PARAMETER(4u)) return;
  uint from = PARAMETER(0u) + PARAMETER(2u);
  uint to = PARAMETER(1u) + PARAMETER(3u);
  uint rest = index;
  for (uint axis = kRank; axis > 0u; --axis) {
    const uint extent = PARAMETER(EXTENTS + axis - 1u);
    const uint at = axis > 1u ? rest % extent : rest;
    rest /= extent;
    to += at * PARAMETER(Y_STRIDES + axis - 1u);
    const uint table = kHasTables != 0u ? PARAMETER(TABLES + axis - 1u) : 0u;
    from += table != 0u ? PARAMETER(table + at) : at * PARAMETER(X_STRIDES + axis - 1u);
  }
  if (kFills != 0u) {
    STORE_WORDS(y, to, PARAMETER(5u), PARAMETER(6u), PARAMETER(7u), PARAMETER(8u));
  } else {
    MOVE(y, to, x, from);
  }
KERNEL_END
