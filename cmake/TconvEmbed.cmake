# tconv_embed(TARGET FILE VARIABLE): compiles a file's bytes into a target, as
# `extern const unsigned char VARIABLE[]; extern const unsigned long VARIABLESize;` in namespace tconv::assets.
function(tconv_embed target file variable)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
  set(source ${CMAKE_CURRENT_BINARY_DIR}/${variable}.cpp)
  if(${file} IS_NEWER_THAN ${source})  # also where there is none yet; megabytes take a second
    file(READ ${file} bytes HEX)
    string(REGEX REPLACE "([0-9a-f][0-9a-f])" "\\\\x\\1" bytes "${bytes}")
    set(line "....")
    string(REPEAT "${line}" 28 line)
    string(REGEX REPLACE "(${line})" "\\1\"\n\"" bytes "${bytes}")
    # A string compiles in a tenth of the time that a list of numbers takes; it has a zero at its end.
    file(WRITE ${source} "namespace tconv::assets {
extern const unsigned char ${variable}[];
extern const unsigned long ${variable}Size;
const unsigned char ${variable}[] =
\"${bytes}\";
const unsigned long ${variable}Size = sizeof ${variable} - 1;
}
")
  endif()
  target_sources(${target} PRIVATE ${source})
endfunction()
