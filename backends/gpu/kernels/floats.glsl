// Comparisons of floats in which NaN wins, independent of what a device makes of NaN.

bool is_nan(const float value) { return (BITS_OF(value) & 0x7fffffffu) > 0x7f800000u; }

// NaN if either is.
float larger(const float a, const float b) { return is_nan(a) || (a >= b && !is_nan(b)) ? a : b; }
float smaller(const float a, const float b) { return is_nan(a) || (a <= b && !is_nan(b)) ? a : b; }
