# A room is a folder under src/: an object library with a rank (tools/rooms.txt, checked by `./dev lint`).
# tconv_room(name) compiles src/<name>/*.cpp and adds them to the library tconv; those of the core are also listed in
# tconv_core_rooms; ALONE: no part of tconv, whoever needs it links tconv_<name>.

# Our own targets are compiled with these; they never travel to users of the library.
function(tconv_compile_options target)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wconversion -Wshadow)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
    target_compile_options(${target} PRIVATE -Wno-restrict)  # false alarms on "text" + std::string (GCC bug 105651)
  endif()
  if(TCONV_WERROR)
    target_compile_options(${target} PRIVATE -Werror)
  endif()
endfunction()

# Tests, examples and commands are many and compute little, so their sources cost less to compile than the rooms': tests
# are optimised little, and sanitizers leave out, of undefined behaviour, the checks at every pointer that make code twice
# as long (AddressSanitizer sees null pointers too). Rooms have all checks.
set(tconv_light_sanitizers null alignment vptr object-size nonnull-attribute returns-nonnull-attribute)
list(JOIN tconv_light_sanitizers "," tconv_light_sanitizers)
function(tconv_light_sanitizers target)
  if(CMAKE_CXX_FLAGS MATCHES "-fsanitize=[a-z,]*undefined")
    target_compile_options(${target} PRIVATE -fno-sanitize=${tconv_light_sanitizers})
  endif()
endfunction()
# Most of the time that a command or a test takes goes to CLI11, fmt or GoogleTest; sources that are joined share it.
# Their unnamed namespaces then are one: names have to differ. Rooms are compiled as users compile them.
function(tconv_join_sources target)
  if(TCONV_JOIN_SOURCES)
    set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 9)
  endif()
endfunction()
function(tconv_test_options target)
  tconv_compile_options(${target})
  tconv_light_sanitizers(${target})
  # Under sanitizers, optimised tests take long to compile (those of nn: 35 seconds, without 8).
  target_compile_options(${target} PRIVATE $<$<CONFIG:Release>:-O1> $<$<CONFIG:RelWithDebInfo>:-O0>)
  if(CMAKE_SIZEOF_VOID_P EQUAL 4)
    target_compile_options(${target} PRIVATE -Wno-error)  # tests count in 64 bits
  endif()
endfunction()

function(tconv_room name)
  cmake_parse_arguments(room "CORE;ALONE" "" "LIBRARIES" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${name}/*.cpp
       ${CMAKE_CURRENT_SOURCE_DIR}/${name}/*/*.cpp)
  add_library(tconv_${name} OBJECT ${sources})
  target_include_directories(tconv_${name} PUBLIC ${PROJECT_SOURCE_DIR}/include PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
  target_link_libraries(tconv_${name} PUBLIC ${room_LIBRARIES})
  set_target_properties(tconv_${name} PROPERTIES POSITION_INDEPENDENT_CODE ON)
  tconv_compile_options(tconv_${name})
  # Rooms compute and are few; tests and commands are many, and compile in half the time without optimisation.
  target_compile_options(tconv_${name} PRIVATE $<$<CONFIG:Debug>:-O1>)
  if(room_CORE AND TCONV_CORE_WITHOUT_EXCEPTIONS)
    target_compile_options(tconv_${name} PRIVATE -fno-exceptions -fno-rtti)
  endif()
  if(NOT room_ALONE)
    target_sources(tconv PRIVATE $<TARGET_OBJECTS:tconv_${name}>)
  endif()
  if(room_CORE)
    set(tconv_core_rooms ${tconv_core_rooms} ${name} PARENT_SCOPE)
  endif()
endfunction()
