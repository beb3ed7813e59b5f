# GTest::gtest, GTest::gmock and GTest::gtest_main compiled from source (Debian's package googletest), for processors that
# have no package of it.
set(TCONV_GTEST_SOURCE /usr/src/googletest CACHE PATH "GoogleTest's source, for builds for another processor")
if(NOT EXISTS ${TCONV_GTEST_SOURCE}/googletest/src/gtest-all.cc)
  message(FATAL_ERROR "TCONV_TESTS needs GoogleTest's source in TCONV_GTEST_SOURCE (${TCONV_GTEST_SOURCE}) where tests are "
                      "for another processor: install googletest (Debian's name), or configure with -DTCONV_TESTS=OFF")
endif()

function(tconv_gtest_part name source)
  add_library(${name} STATIC EXCLUDE_FROM_ALL ${TCONV_GTEST_SOURCE}/${source})
  add_library(GTest::${name} ALIAS ${name})
  foreach(part googletest googlemock)
    target_include_directories(${name} SYSTEM PUBLIC ${TCONV_GTEST_SOURCE}/${part}/include
                                              PRIVATE ${TCONV_GTEST_SOURCE}/${part})
  endforeach()
  target_compile_options(${name} PRIVATE -O1)
endfunction()
tconv_gtest_part(gtest googletest/src/gtest-all.cc)
tconv_gtest_part(gmock googlemock/src/gmock-all.cc)
tconv_gtest_part(gtest_main googletest/src/gtest_main.cc)
find_package(Threads REQUIRED)
target_link_libraries(gtest PUBLIC Threads::Threads)
target_link_libraries(gmock PUBLIC gtest)
target_link_libraries(gtest_main PUBLIC gtest)
