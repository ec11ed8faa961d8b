# Micro-kernels are one source compiled per instruction set; in them a multiply and an add may fuse.
# Sanitizers check each step of what templates unroll for windows and panels: optimising that takes
# minutes. Products are optimised all the same, for only then do multiplies and adds fuse.
function(stint_cpu_isa isa)
  set(options -ffp-contract=fast ${ARGN})
  set_source_files_properties(cpu/micro/kernels_${isa}.cc cpu/micro/recurrent_${isa}.cc
    cpu/micro/rows_${isa}.cc PROPERTIES COMPILE_OPTIONS "${options}")
  if(STINT_SANITIZE)
    list(APPEND options -O0)
  endif()
  set_source_files_properties(cpu/micro/panel_${isa}.cc cpu/micro/spatial_${isa}.cc
    PROPERTIES COMPILE_OPTIONS "${options}")
endfunction()

if(CMAKE_SYSTEM_PROCESSOR MATCHES "^arm(v[67].*|)$")
  # NEON of 32-bit ARM makes denormal results zero. GCC computes vectors by it only where that is
  # allowed, else one float after another. What else the option allows is forbidden again.
  stint_cpu_isa(baseline -funsafe-math-optimizations -fno-associative-math -fno-reciprocal-math
    -fsigned-zeros)
else()
  stint_cpu_isa(baseline)
endif()
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
  stint_cpu_isa(avx2 -mavx2 -mfma)
  # GCC's intrinsics start from undefined vectors, of which GCC 12 warns where they are inlined.
  stint_cpu_isa(avx512 -mavx512f -mavx512bw -mavx512dq -mavx512vl -mfma
    $<$<CXX_COMPILER_ID:GNU>:-Wno-uninitialized>)
endif()
