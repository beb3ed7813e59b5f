# A room is a folder under src/: an object library with a rank (tools/rooms.txt, checked by `./dev lint`).
# tconv_room(name) compiles src/<name>/*.cpp and adds them to the library tconv; those of the core are also listed in
# tconv_core_rooms.

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

function(tconv_room name)
  cmake_parse_arguments(room "CORE" "" "LIBRARIES" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${name}/*.cpp)
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
  target_sources(tconv PRIVATE $<TARGET_OBJECTS:tconv_${name}>)
  if(room_CORE)
    set(tconv_core_rooms ${tconv_core_rooms} ${name} PARENT_SCOPE)
  endif()
endfunction()
