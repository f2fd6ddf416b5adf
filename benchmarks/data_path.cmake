# ninja data_path_benchmark: files to tokens and windows; data_path_loader_benchmark: batches.
find_package(benchmark QUIET)
if(benchmark_FOUND)
  add_executable(data_path_benchmark data_path_benchmark.cpp)
  target_link_libraries(data_path_benchmark PRIVATE basewise_corpus basewise_io basewise_settings benchmark::benchmark)
  if(BASEWISE_WITH_TORCH)
    add_executable(data_path_loader_benchmark data_path_loader_benchmark.cpp)
    target_link_libraries(data_path_loader_benchmark PRIVATE basewise_data basewise_settings benchmark::benchmark)
    # A precompiled header serves only sources compiled with the same -fPIC.
    set_target_properties(data_path_loader_benchmark PROPERTIES POSITION_INDEPENDENT_CODE OFF)
    target_precompile_headers(data_path_loader_benchmark REUSE_FROM basewise_tensor)
    add_dependencies(data_path_benchmark data_path_loader_benchmark)
  endif()
endif()
