// Texts of variable length in HDF5 files. All functions are called under `H5Lock`.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "basewise/io/detail/h5.h"

namespace basewise::io::detail {

/// Reads `count` texts: `read` is given a type and memory for as many elements of it, and fills
/// them with what the file holds, which are places in its global heap
/// (https://support.hdfgroup.org/documentation/hdf5/latest/_f_m_t3.html, III.E and IV.B). These are
/// followed here, because libhdf5 1.10 reads beyond its memory where one of them is damaged.
/// Errors: DataError "WHERE: ..." for a place outside the file or without text; what `read` throws.
std::vector<std::string> h5_heap_texts(hid_t file, const std::filesystem::path& path, const std::string& where, std::size_t count,
                                       const std::function<void(hid_t type, void* out)>& read);

}  // namespace basewise::io::detail
