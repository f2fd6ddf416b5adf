// What the header of an object in an HDF5 file says of types and shapes, before libhdf5 reads it.
#pragma once

#include <cstdint>
#include <string>

#include "basewise/io/detail/h5.h"

namespace basewise::io::detail {

/// Reads the header at `address` and proves that each description of a type or a shape in it, a
/// data set's and its attributes', lies inside its message: libhdf5 1.10 believes the number of
/// words of an enumeration, of members of a compound and of axes, and reads on behind them.
/// (https://support.hdfgroup.org/documentation/hdf5/latest/_f_m_t3.html, IV.A.1 and IV.A.2.d)
/// Errors: DataError "WHERE ...".
void h5_check_types(hid_t file, const std::string& file_name, const std::string& where, std::uint64_t address);

}  // namespace basewise::io::detail
