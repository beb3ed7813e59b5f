# `cmake --install BUILD --prefix P`: the library, its headers, the program, and what find_package(tconv) and
# pkg-config need. Prefixes may be moved: every path written below is relative.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

install(TARGETS tconv EXPORT tconvTargets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/tconv DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.h"
        PATTERN "matrix.h" EXCLUDE PATTERN "io.h" EXCLUDE PATTERN "tuned.h" EXCLUDE PATTERN "tconv.h" EXCLUDE)
# A header without its room would only give link errors.
foreach(room IN ITEMS io matrix)
  if(TARGET tconv_${room})
    install(FILES ${PROJECT_SOURCE_DIR}/include/tconv/${room}.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/tconv)
  endif()
endforeach()
if(TARGET tconv_io)
  install(FILES ${PROJECT_SOURCE_DIR}/include/tconv/tuned.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/tconv)
endif()
if(TARGET tconv_c)
  install(TARGETS tconv_c EXPORT tconvCTargets LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
          ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
  install(FILES ${PROJECT_SOURCE_DIR}/include/tconv/tconv.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/tconv)
endif()
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION ${CMAKE_INSTALL_DATADIR}/licenses/tconv)
if(TARGET tconv_command)
  install(TARGETS tconv_command RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()

# find_package(tconv)
set(tconv_cmake_dir ${CMAKE_INSTALL_LIBDIR}/cmake/tconv)
configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/tconvConfig.cmake.in ${PROJECT_BINARY_DIR}/tconvConfig.cmake
                              INSTALL_DESTINATION ${tconv_cmake_dir} NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/tconvConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/tconvConfig.cmake ${PROJECT_BINARY_DIR}/tconvConfigVersion.cmake
        DESTINATION ${tconv_cmake_dir})
install(EXPORT tconvTargets NAMESPACE tconv:: DESTINATION ${tconv_cmake_dir})
if(TARGET tconv_c)
  install(EXPORT tconvCTargets NAMESPACE tconv:: DESTINATION ${tconv_cmake_dir})
endif()

# pkg-config: tconv for C++ is the static library, so what it links is public, and plain `pkg-config --libs tconv` is
# enough; tconv-c is the shared one.
set(tconv_pc_requires "")
set(tconv_pc_libraries "")
if(TCONV_THREADS)
  set(tconv_pc_libraries " -pthread")
endif()
if(TARGET tconv_io)
  list(APPEND tconv_pc_requires libpng zlib)
endif()
if(TARGET tconv_matrix)
  list(APPEND tconv_pc_requires eigen3)
endif()
list(JOIN tconv_pc_requires ", " tconv_pc_requires)
file(RELATIVE_PATH tconv_pc_prefix ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig ${CMAKE_INSTALL_PREFIX})
configure_file(${PROJECT_SOURCE_DIR}/cmake/tconv.pc.in ${PROJECT_BINARY_DIR}/tconv.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/tconv.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
if(TARGET tconv_c)
  configure_file(${PROJECT_SOURCE_DIR}/cmake/tconv-c.pc.in ${PROJECT_BINARY_DIR}/tconv-c.pc @ONLY)
  install(FILES ${PROJECT_BINARY_DIR}/tconv-c.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
endif()
