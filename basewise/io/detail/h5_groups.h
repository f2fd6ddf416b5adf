// The trees that hold the names of groups in an HDF5 file, before libhdf5 follows them.
#pragma once

#include <cstdint>
#include <string>

#include "basewise/io/detail/h5.h"

namespace basewise::io::detail {

/// Follows the groups of the older form (a tree of tables of names, with a heap for the letters;
/// what h5py and Keras write) from the root down, and proves that each node, table and name lies
/// inside the file and is of its kind: libhdf5 1.10 follows an address that is none, and reads
/// names on behind their heap. Groups of the newer form carry checksums, which libhdf5 compares.
/// `root` is the address of the root's header.
/// (https://support.hdfgroup.org/documentation/hdf5/latest/_f_m_t3.html, III.A.1, III.B, III.C,
/// III.D)
/// Errors: DataError "FILE: ...".
void h5_check_groups(hid_t file, const std::string& file_name, std::uint64_t root);

}  // namespace basewise::io::detail
