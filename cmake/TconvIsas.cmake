# TCONV_ISAS: the instruction sets, beside the platform's baseline, that kernels are compiled for; each file with the
# flags TCONV_FLAGS_<isa>. The room runtime learns the list as TCONV_KERNELS_<ISA>, and asks the CPU for them.
set(TCONV_FLAGS_sse4 -msse4.2)
set(TCONV_FLAGS_avx2 -mavx2 -mfma -mf16c -mbmi -mbmi2 -mlzcnt -maes -mpclmul)
set(TCONV_FLAGS_avx512 ${TCONV_FLAGS_avx2} -mavx512f -mavx512bw -mavx512cd -mavx512dq -mavx512vl
                       -mprefer-vector-width=512)
set(TCONV_FLAGS_amx ${TCONV_FLAGS_avx512} -mamx-tile -mamx-bf16)
set(TCONV_FLAGS_neon "")  # the baseline has it
set(TCONV_FLAGS_wasm -msimd128)

set(tconv_all_isas sse4 avx2 avx512 amx neon wasm)
set(tconv_known_isas "")
if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64|amd64)$" AND CMAKE_CXX_COMPILER_ID MATCHES "GNU|Clang"
   AND CMAKE_SIZEOF_VOID_P EQUAL 8 AND NOT MSVC)
  set(tconv_known_isas sse4 avx2 avx512 amx)
elseif(CMAKE_SYSTEM_PROCESSOR MATCHES "^(aarch64|arm64|ARM64)$" AND CMAKE_CXX_COMPILER_ID MATCHES "GNU|Clang" AND NOT MSVC)
  set(tconv_known_isas neon)
elseif(CMAKE_SYSTEM_PROCESSOR STREQUAL wasm32)
  set(tconv_known_isas wasm)
endif()
set(TCONV_ISAS "${tconv_known_isas}" CACHE STRING "instruction sets that kernels are compiled for, beside portable")
foreach(isa IN LISTS TCONV_ISAS)
  if(NOT isa IN_LIST tconv_known_isas)
    list(JOIN tconv_known_isas ", " tconv_known_isas)
    message(FATAL_ERROR "TCONV_ISAS names ${isa}, which this compiler and processor cannot have; allowed here: "
                        "${tconv_known_isas}; leave ${isa} out")
  endif()
endforeach()

# tconv_tell_isas(TARGET): the macros TCONV_KERNELS_AVX2 and so on.
function(tconv_tell_isas target)
  foreach(isa IN LISTS TCONV_ISAS)
    string(TOUPPER TCONV_KERNELS_${isa} macro)
    target_compile_definitions(${target} PRIVATE ${macro})
  endforeach()
endfunction()
