# HIGHWAY_INCLUDE_DIR for a toolchain file: the build machine's Highway, which is headers only, in a folder without the
# other headers of the build machine.
if(NOT HIGHWAY_INCLUDE_DIR)
  find_path(TCONV_BUILD_MACHINES_HIGHWAY hwy/highway.h PATHS /usr/include /usr/local/include NO_DEFAULT_PATH
            NO_CMAKE_FIND_ROOT_PATH)
  if(TCONV_BUILD_MACHINES_HIGHWAY)
    file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/highway)
    file(CREATE_LINK ${TCONV_BUILD_MACHINES_HIGHWAY}/hwy ${CMAKE_BINARY_DIR}/highway/hwy SYMBOLIC)
    set(HIGHWAY_INCLUDE_DIR ${CMAKE_BINARY_DIR}/highway CACHE PATH "Highway's headers")
  endif()
endif()
