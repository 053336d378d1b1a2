# Functions that define the targets of this project: libraries, programs, services and tests.

find_package(GTest CONFIG REQUIRED)
include(GoogleTest)

set(IDEA_WARNINGS -Wall -Wextra -Wshadow -Werror)
# The precompiled headers of the targets; folders may set another one.
set(IDEA_HEADERS idea_headers)

# idea_set_options(<target>): sets the warnings, the include folder and the precompiled headers of a target.
function(idea_set_options target)
  target_compile_options(${target} PRIVATE ${IDEA_WARNINGS})
  target_include_directories(${target} PUBLIC ${PROJECT_SOURCE_DIR})
  target_precompile_headers(${target} REUSE_FROM ${IDEA_HEADERS})
endfunction()

# idea_headers(<name> HEADERS ... LINK ...): precompiled headers. Every file still includes what it uses and builds
# without them.
function(idea_headers name)
  cmake_parse_arguments(ARG "" "" "HEADERS;LINK" ${ARGN})
  file(CONFIGURE OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/${name}.cc CONTENT "")
  add_library(${name} OBJECT ${CMAKE_CURRENT_BINARY_DIR}/${name}.cc)
  target_compile_options(${name} PRIVATE ${IDEA_WARNINGS})
  target_link_libraries(${name} PRIVATE ${ARG_LINK})
  target_precompile_headers(${name} PRIVATE ${ARG_HEADERS})
endfunction()

# idea_library(<name> SOURCES a.cc ... LINK x ...): a static library.
function(idea_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK" ${ARGN})
  add_library(${name} STATIC ${ARG_SOURCES})
  idea_set_options(${name})
  target_link_libraries(${name} PUBLIC ${ARG_LINK})
endfunction()

# idea_embed(<target> <symbol> FILES a.sql ...): compiles text files into the target as
# `extern const idea::config::EmbeddedFile <symbol>[]`, in the order given.
function(idea_embed target symbol)
  cmake_parse_arguments(ARG "" "" "FILES" ${ARGN})
  set(out ${CMAKE_CURRENT_BINARY_DIR}/${symbol}.cc)
  list(TRANSFORM ARG_FILES PREPEND ${CMAKE_CURRENT_SOURCE_DIR}/ OUTPUT_VARIABLE inputs)
  add_custom_command(
    OUTPUT ${out}
    COMMAND ${CMAKE_COMMAND} -DOUT=${out} -DSYMBOL=${symbol} "-DFILES=${inputs}" -P
            ${PROJECT_SOURCE_DIR}/cmake/EmbedFiles.cmake
    DEPENDS ${inputs} ${PROJECT_SOURCE_DIR}/cmake/EmbedFiles.cmake
    VERBATIM)
  target_sources(${target} PRIVATE ${out})
endfunction()

# The commit of the programs, read by each build.
add_custom_target(
  idea_commit_file
  COMMAND ${CMAKE_COMMAND} -DOUT=${CMAKE_BINARY_DIR}/commit.cc -DSOURCE=${PROJECT_SOURCE_DIR} -P
          ${PROJECT_SOURCE_DIR}/cmake/WriteCommit.cmake
  BYPRODUCTS ${CMAKE_BINARY_DIR}/commit.cc
  VERBATIM)
add_library(idea_commit OBJECT ${CMAKE_BINARY_DIR}/commit.cc)
add_dependencies(idea_commit idea_commit_file)

# idea_program(<name> LINK ...): an executable in bin, from main.cc.
function(idea_program name)
  cmake_parse_arguments(ARG "" "" "LINK" ${ARGN})
  add_executable(${name} main.cc $<TARGET_OBJECTS:idea_commit>)
  idea_set_options(${name})
  target_link_libraries(${name} PRIVATE ${ARG_LINK})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
endfunction()

# idea_service(<name> SOURCES ... [SCHEMA schema/0001_x.sql ...] [LINK ...]): the library idea_<name> and the executable
# <name> from main.cc.
function(idea_service name)
  cmake_parse_arguments(ARG "" "" "SOURCES;SCHEMA;LINK" ${ARGN})
  idea_library(idea_${name} SOURCES ${ARG_SOURCES} LINK idea_server ${ARG_LINK})
  if(ARG_SCHEMA)
    idea_embed(idea_${name} k_${name}_schema FILES ${ARG_SCHEMA})
  endif()
  idea_program(${name} LINK idea_${name})
endfunction()

# idea_test(<name> SOURCES a_test.cc ... LINK ... [TIMEOUT seconds] [SHARDS n]): a test executable. ctest runs it as one test, or
# as n tests <name>_1 to <name>_n in parallel, each with a part of the cases. Each has its own PostgreSQL, because a transaction
# delays the events of every database on the server.
function(idea_test name)
  cmake_parse_arguments(ARG "" "TIMEOUT;SHARDS" "SOURCES;LINK" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  idea_set_options(${name})
  target_link_libraries(${name} PRIVATE ${ARG_LINK} GTest::gmock GTest::gtest_main)
  target_compile_definitions(${name} PRIVATE IDEA_SOURCE_DIR="${PROJECT_SOURCE_DIR}"
                                             IDEA_BINARY_DIR="${CMAKE_BINARY_DIR}")
  set(tests ${name})
  if(ARG_SHARDS)
    set(tests "")
    foreach(shard RANGE 1 ${ARG_SHARDS})
      math(EXPR index "${shard} - 1")
      add_test(NAME ${name}_${shard} COMMAND ${name})
      set_tests_properties(${name}_${shard} PROPERTIES ENVIRONMENT "GTEST_TOTAL_SHARDS=${ARG_SHARDS};GTEST_SHARD_INDEX=${index}")
      list(APPEND tests ${name}_${shard})
    endforeach()
  else()
    add_test(NAME ${name} COMMAND ${name})
  endif()
  if(ARG_TIMEOUT) # long tests start first
    set_tests_properties(${tests} PROPERTIES COST ${ARG_TIMEOUT})
  else()
    set(ARG_TIMEOUT 120)
  endif()
  if(IDEA_SANITIZE) # several times slower
    math(EXPR ARG_TIMEOUT "${ARG_TIMEOUT} * 3")
  endif()
  set_tests_properties(${tests} PROPERTIES TIMEOUT ${ARG_TIMEOUT} RESOURCE_GROUPS "postgres:1")
endfunction()
