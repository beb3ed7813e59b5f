# WebAssembly with the system interface WASI, by Debian's clang (packages/wasm.txt); tests run in node.
set(CMAKE_SYSTEM_NAME Generic)  # CMake knows no WASI before 3.31
set(CMAKE_SYSTEM_PROCESSOR wasm32)
set(CMAKE_CXX_COMPILER clang++-19)
set(CMAKE_CXX_COMPILER_TARGET wasm32-wasi)
find_program(CMAKE_AR llvm-ar-19 REQUIRED)
find_program(CMAKE_RANLIB llvm-ranlib-19 REQUIRED)
find_program(CMAKE_NM llvm-nm-19 REQUIRED)
set(CMAKE_EXECUTABLE_SUFFIX .wasm)
set(CMAKE_EXECUTABLE_SUFFIX_CXX .wasm)

set(CMAKE_FIND_ROOT_PATH /usr/lib/wasm32-wasi)
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)

# Tests want more than the 64 KiB of stack that programs start with.
set(CMAKE_CXX_FLAGS_INIT "-msimd128")
set(CMAKE_EXE_LINKER_FLAGS_INIT "-Wl,-z,stack-size=8388608")

find_program(TCONV_NODE NAMES node nodejs)
if(TCONV_NODE)
  set(CMAKE_CROSSCOMPILING_EMULATOR ${TCONV_NODE} --no-warnings --experimental-wasi-unstable-preview1
                                    ${CMAKE_CURRENT_LIST_DIR}/run_wasi.mjs)
endif()
include(${CMAKE_CURRENT_LIST_DIR}/highway.cmake)
