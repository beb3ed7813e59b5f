# 64-bit ARM with Debian's cross compiler (packages/aarch64.txt); tests run under QEMU's user mode.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_C_COMPILER aarch64-linux-gnu-gcc)
set(CMAKE_CXX_COMPILER aarch64-linux-gnu-g++)

set(tconv_sysroot /usr/aarch64-linux-gnu)
set(CMAKE_FIND_ROOT_PATH ${tconv_sysroot})
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)

find_program(TCONV_QEMU NAMES qemu-aarch64 qemu-aarch64-static)
if(TCONV_QEMU)
  set(CMAKE_CROSSCOMPILING_EMULATOR ${TCONV_QEMU} -L ${tconv_sysroot})
endif()
include(${CMAKE_CURRENT_LIST_DIR}/highway.cmake)
