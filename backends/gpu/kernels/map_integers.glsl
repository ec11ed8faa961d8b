// 32-bit integers and bools; see map_functions.glsl.

// Signed sums wrap, which C leaves open: they are made of unsigned ones.
int i32_add(const int a, const int b) { return TO_INT(TO_UINT(a) + TO_UINT(b)); }
int i32_sub(const int a, const int b) { return TO_INT(TO_UINT(a) - TO_UINT(b)); }
int i32_mul(const int a, const int b) { return TO_INT(TO_UINT(a) * TO_UINT(b)); }
int i32_neg(const int a) { return TO_INT(0u - TO_UINT(a)); }
int i32_abs(const int a) { return a < 0 ? TO_INT(0u - TO_UINT(a)) : a; }
int i32_sign(const int a) { return (a > 0 ? 1 : 0) - (a < 0 ? 1 : 0); }
int i32_div(const int a, const int b) {
  // Dividing by 0 or -1 may trap.
  const bool special = b == 0 || b == -1;
  const int quotient = a / (special ? 1 : b);
  const int negated = TO_INT(0u - TO_UINT(a));
  const int other = b == 0 ? 0 : negated;
  return special ? other : quotient;
}
int i32_rem(const int a, const int b) {
  return b == 0 ? 0 : TO_INT(TO_UINT(a) - TO_UINT(i32_div(a, b)) * TO_UINT(b));
}
int i32_mod(const int a, const int b) {
  const int rest = i32_rem(a, b);
  return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
}
int i32_min(const int a, const int b) { return a < b ? a : b; }
int i32_max(const int a, const int b) { return a > b ? a : b; }

uint u32_add(const uint a, const uint b) { return a + b; }
uint u32_sub(const uint a, const uint b) { return a - b; }
uint u32_mul(const uint a, const uint b) { return a * b; }
uint u32_neg(const uint a) { return 0u - a; }
uint u32_abs(const uint a) { return a; }
uint u32_sign(const uint a) { return a == 0u ? 0u : 1u; }
uint u32_div(const uint a, const uint b) {
  const uint quotient = a / (b == 0u ? 1u : b);
  return b == 0u ? 0u : quotient;
}
uint u32_rem(const uint a, const uint b) {
  const uint rest = a % (b == 0u ? 1u : b);
  return b == 0u ? 0u : rest;
}
uint u32_mod(const uint a, const uint b) { return u32_rem(a, b); }
uint u32_min(const uint a, const uint b) { return a < b ? a : b; }
uint u32_max(const uint a, const uint b) { return a > b ? a : b; }

uint u32_pow(const uint base, const uint exponent) {
  uint result = 1u;
  uint factor = base;
  uint rest = exponent;
  while (rest != 0u) {
    if ((rest & 1u) != 0u) result = result * factor;
    factor = factor * factor;
    rest = rest >> 1u;
  }
  return result;
}
int i32_pow(const int base, const int exponent) {
  const bool keeps = base == 1 || base == -1;
  if (exponent < 0 && !keeps) return 0;
  return TO_INT(u32_pow(TO_UINT(base), TO_UINT(exponent)));
}

int i32_shl(const int a, const int b) {
  const uint count = TO_UINT(b);
  return count < 32u ? TO_INT(TO_UINT(a) << (count & 31u)) : 0;
}
int i32_shr(const int a, const int b) {
  const uint count = TO_UINT(b);
  return count < 32u ? a >> (count & 31u) : 0;
}
uint u32_shl(const uint a, const uint b) { return b < 32u ? a << (b & 31u) : 0u; }
uint u32_shr(const uint a, const uint b) { return b < 32u ? a >> (b & 31u) : 0u; }
int i32_and(const int a, const int b) { return a & b; }
int i32_or(const int a, const int b) { return a | b; }
int i32_xor(const int a, const int b) { return a ^ b; }
int i32_not(const int a) { return ~a; }
uint u32_and(const uint a, const uint b) { return a & b; }
uint u32_or(const uint a, const uint b) { return a | b; }
uint u32_xor(const uint a, const uint b) { return a ^ b; }
uint u32_not(const uint a) { return ~a; }
int i32_wrap8(const int a) { return TO_INT(TO_UINT(a) << 24u) >> 24u; }
int i32_wrap16(const int a) { return TO_INT(TO_UINT(a) << 16u) >> 16u; }
uint u32_wrap8(const uint a) { return a & 0xffu; }
uint u32_wrap16(const uint a) { return a & 0xffffu; }

bool i32_lt(const int a, const int b) { return a < b; }
bool i32_le(const int a, const int b) { return a <= b; }
bool i32_eq(const int a, const int b) { return a == b; }
bool i32_ne(const int a, const int b) { return a != b; }
bool i32_gt(const int a, const int b) { return a > b; }
bool i32_ge(const int a, const int b) { return a >= b; }
bool u32_lt(const uint a, const uint b) { return a < b; }
bool u32_le(const uint a, const uint b) { return a <= b; }
bool u32_eq(const uint a, const uint b) { return a == b; }
bool u32_ne(const uint a, const uint b) { return a != b; }
bool u32_gt(const uint a, const uint b) { return a > b; }
bool u32_ge(const uint a, const uint b) { return a >= b; }

bool bool_and(const bool a, const bool b) { return a && b; }
bool bool_or(const bool a, const bool b) { return a || b; }
bool bool_xor(const bool a, const bool b) { return a != b; }
bool bool_not(const bool a) { return !a; }
bool bool_eq(const bool a, const bool b) { return a == b; }
bool bool_ne(const bool a, const bool b) { return a != b; }
