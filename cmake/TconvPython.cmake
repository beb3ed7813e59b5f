# The Python package (`pip install .`, pyproject.toml): python/tconv with the shared library beside its modules, and the
# command among the environment's programs, where the libraries that it needs are there. It never needs a test's.
set(TCONV_C ON CACHE BOOL "the shared library with the C ABI" FORCE)
foreach(package CLI11 fmt nlohmann_json ZLIB PNG Eigen3)
  find_package(${package} QUIET)
  if(NOT ${package}_FOUND)
    message(STATUS "tconv: the wheel has no tconv command, because ${package} is missing")
    set(TCONV_CLI OFF CACHE BOOL "the tconv command" FORCE)
    set(TCONV_IO OFF CACHE BOOL "npy, npz and PNG files" FORCE)
    set(TCONV_MATRIX OFF CACHE BOOL "the matrix view" FORCE)
    break()
  endif()
endforeach()

# Component `python`; target tconv_python makes what it installs, and nothing else.
function(tconv_install_python)
  set(parts tconv_c)
  install(FILES $<TARGET_FILE:tconv_c> RENAME ${CMAKE_SHARED_LIBRARY_PREFIX}tconv${CMAKE_SHARED_LIBRARY_SUFFIX}
          DESTINATION tconv COMPONENT python)
  if(TARGET tconv_command AND SKBUILD_SCRIPTS_DIR)
    list(APPEND parts tconv_command)
    install(PROGRAMS $<TARGET_FILE:tconv_command> DESTINATION ${SKBUILD_SCRIPTS_DIR} COMPONENT python)
  endif()
  add_custom_target(tconv_python DEPENDS ${parts})
endfunction()
