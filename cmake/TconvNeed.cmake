# tconv_need(OPTION PACKAGE "debian packages" [find_package arguments...]): a library that an option needs. Where it
# is missing, the message says what to install and what to switch off.
macro(tconv_need option package debian)
  find_package(${package} ${ARGN} QUIET)
  if(NOT ${package}_FOUND)
    message(FATAL_ERROR "${option} needs ${package}: install ${debian} (Debian's name), or configure with -D${option}=OFF")
  endif()
endmacro()
