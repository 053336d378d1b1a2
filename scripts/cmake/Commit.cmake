# Writes OUT, a C++ file that names the commit of SOURCE: $IDEA_COMMIT where that is set, as in an image that is built without the
# repository. The file stays as it is while the commit does, so that nothing is linked again.
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
