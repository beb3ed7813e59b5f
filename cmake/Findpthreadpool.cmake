# find_package(pthreadpool) gives pthreadpool::pthreadpool: the library has no CMake package of its own everywhere.
# Installed beside tconvConfig.cmake, because tconv is static and its users link what it links.
find_package(Threads QUIET)
find_path(PTHREADPOOL_INCLUDE_DIR pthreadpool.h)
find_library(PTHREADPOOL_LIBRARY pthreadpool)
mark_as_advanced(PTHREADPOOL_INCLUDE_DIR PTHREADPOOL_LIBRARY)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(pthreadpool DEFAULT_MSG PTHREADPOOL_LIBRARY PTHREADPOOL_INCLUDE_DIR Threads_FOUND)
if(pthreadpool_FOUND AND NOT TARGET pthreadpool::pthreadpool)
  add_library(pthreadpool::pthreadpool UNKNOWN IMPORTED)
  set_target_properties(pthreadpool::pthreadpool PROPERTIES
                        IMPORTED_LOCATION ${PTHREADPOOL_LIBRARY} INTERFACE_LINK_LIBRARIES Threads::Threads
                        INTERFACE_INCLUDE_DIRECTORIES ${PTHREADPOOL_INCLUDE_DIR})
endif()
