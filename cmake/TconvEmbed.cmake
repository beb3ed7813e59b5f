# tconv_embed(TARGET FILE VARIABLE): compiles a file's bytes into a target, as
# `extern const unsigned char VARIABLE[]; extern const unsigned long VARIABLESize;` in namespace tconv::assets.
function(tconv_embed target file variable)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
  file(READ ${file} bytes HEX)
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
  set(line "0x..,")
  string(REPEAT "${line}" 22 line)
  string(REGEX REPLACE "(${line})" "\\1\n" bytes "${bytes}")
  set(source ${CMAKE_CURRENT_BINARY_DIR}/${variable}.cpp)
  file(CONFIGURE OUTPUT ${source} @ONLY CONTENT "namespace tconv::assets {
extern const unsigned char @variable@[];
extern const unsigned long @variable@Size;
const unsigned char @variable@[] = {
@bytes@};
const unsigned long @variable@Size = sizeof @variable@;
}
")
  target_sources(${target} PRIVATE ${source})
endfunction()
