# Writes OUT, a C++ file with the commit of SOURCE, or with $IDEA_COMMIT if it is set, as in the build of an image, which does not have the
# repository. OUT is not changed if the commit is the same, so that nothing is linked again.
set(commit "$ENV{IDEA_COMMIT}")
if(NOT commit)
  execute_process(
    COMMAND git -C "${SOURCE}" describe --always --dirty --abbrev=12 --exclude=*
    OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
endif()
if(NOT commit MATCHES "^[0-9A-Za-z.-]+$")
  set(commit unknown)
endif()
file(CONFIGURE OUTPUT "${OUT}" CONTENT "extern \"C\" const char* idea_commit() { return \"${commit}\"; }\n")
