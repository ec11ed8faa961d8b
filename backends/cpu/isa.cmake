# Micro-kernels are one source compiled per instruction set; in them a multiply and an add may fuse.
function(stint_cpu_isa isa)
  set_source_files_properties(cpu/micro/kernels_${isa}.cc cpu/micro/panel_${isa}.cc
    cpu/micro/spatial_${isa}.cc PROPERTIES COMPILE_OPTIONS "-ffp-contract=fast;${ARGN}")
endfunction()

stint_cpu_isa(baseline)
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
  stint_cpu_isa(avx2 -mavx2 -mfma)
  stint_cpu_isa(avx512 -mavx512f -mavx512bw -mavx512dq -mavx512vl -mfma)
endif()
