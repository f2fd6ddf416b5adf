#include "basewise/io/detail/h5_set.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "basewise/io/detail/h5_messages.h"
#include "basewise/io/detail/h5_paths.h"

namespace basewise::io::detail {

namespace {

// What is never compared: data sets that nobody filled may be so large.
constexpr std::int64_t kSmall = std::int64_t{4} << 20;
// gzip makes at most 1032 bytes of one; of other filters it is not known.
constexpr std::int64_t kGzipRatio = 1100, kOtherRatio = 65536;

std::int64_t times(std::int64_t a, std::int64_t b) {
  return b != 0 && a > std::numeric_limits<std::int64_t>::max() / b ? std::numeric_limits<std::int64_t>::max() : a * b;
}

bool own_filter(H5Z_filter_t id) { return id <= H5Z_FILTER_SCALEOFFSET; }

std::string way_out(const H5Filter& filter) {
  if (filter.id == 32000) return "only h5py reads it: copy the data set with h5py and compression=\"gzip\"";
  return "install the plugin (pip install hdf5plugin has most) and set HDF5_PLUGIN_PATH to its folder (python3 -c 'import hdf5plugin; "
         "print(hdf5plugin.PLUGIN_PATH)'), or repack the file where the filter is known (h5repack -f GZIP=4 OLD NEW)";
}

}  // namespace

H5Set::H5Set(hid_t file, const std::string& file_name, std::string_view path) {
  const H5Object object = h5_resolve(file, file_name, path);
  if (object.kind != H5Kind::data_set)
    throw DataError(
        format("{}: '{}' is {}; a data set is wanted", file_name, path, object.kind == H5Kind::group ? "a group" : "a named type"));
  where_ = format("{}: data set '{}'", file_name, object.path);
  h5_check_types(file, file_name, where_, object.address());
  set_ = H5Handle(H5Dopen2(file, ("/" + object.path).c_str(), H5P_DEFAULT), H5Dclose);
  if (!set_) h5_fail(where_, "cannot be opened");
  type_ = H5Handle(H5Dget_type(set_.get()), H5Tclose);
  space_ = H5Handle(H5Dget_space(set_.get()), H5Sclose);
  const H5Handle creation(H5Dget_create_plist(set_.get()), H5Pclose);
  if (!type_ || !space_ || !creation) h5_fail(where_, "cannot be opened");
  element_bytes_ = H5Tget_size(type_.get());
  if (element_bytes_ == 0) h5_fail(where_, "has elements without size");
  info_.shape = with_context(where_, [&] { return h5_shape(space_.get()); });
  info_.dtype = h5_dtype(type_.get());
  info_.text = H5Tget_class(type_.get()) == H5T_STRING;
  info_.type = h5_type_text(type_.get());
  filters_ = h5_filters(creation.get());
  for (const H5Filter& filter : filters_) info_.filters.push_back(filter.name);
  hsize_t bytes = 0;
  if (H5Fget_filesize(file, &bytes) < 0) h5_fail(where_, "is in a file without size");
  check_sizes(creation.get(), static_cast<std::int64_t>(bytes));
  if (H5Pget_layout(creation.get()) == H5D_CHUNKED) {
    std::vector<hsize_t> chunk(info_.shape.size());
    if (H5Pget_chunk(creation.get(), static_cast<int>(chunk.size()), chunk.data()) < 0) h5_fail(where_, "has pieces without extents");
    info_.chunk.assign(chunk.begin(), chunk.end());
    find_direct(creation.get());
  }
}

// Without filters, with shuffle, gzip or both in this order:
// no other program writes them otherwise.
void H5Set::find_direct(hid_t creation) {
  H5ChunkForm form{where_, info_.shape, info_.chunk, element_bytes_};
  std::size_t at = 0;
  if (at < filters_.size() && filters_[at].id == H5Z_FILTER_SHUFFLE) form.shuffled = ++at > 0;
  if (at < filters_.size() && filters_[at].id == H5Z_FILTER_DEFLATE) form.packed = ++at > 0;
  std::int64_t piece = static_cast<std::int64_t>(element_bytes_);
  for (const std::int64_t extent : info_.chunk) {
    if (extent <= 0) fail("has pieces without elements; it is damaged");
    piece = times(piece, extent);
  }
  if (at != filters_.size() || H5Tis_variable_str(type_.get()) > 0) return;
  if (piece >= std::int64_t{1} << 32) fail(format("has pieces of {} bytes; HDF5 allows 4 GB", piece));
  fill_.resize(element_bytes_);
  H5D_fill_value_t defined = H5D_FILL_VALUE_UNDEFINED;
  if (H5Pfill_value_defined(creation, &defined) >= 0 && defined == H5D_FILL_VALUE_USER_DEFINED)
    H5Pget_fill_value(creation, type_.get(), fill_.data());
  direct_ = std::move(form);
}

void H5Set::fail(const std::string& message) const { throw DataError(format("{} {}", where_, message)); }

void H5Set::check_sizes(hid_t creation, std::int64_t file_bytes) {
  const std::int64_t count = with_context(where_, [&] { return element_count(info_.shape); });
  if (!info_.shape.empty()) row_elements_ = element_count(std::span(info_.shape).subspan(1));
  const H5D_layout_t layout = H5Pget_layout(creation);
  if (layout == H5D_VIRTUAL) fail("is virtual, made of data sets of other files, which are not opened; copy it (h5py: g['x'] = f['x'][:])");
  if (H5Pget_external_count(creation) > 0) fail("is kept in another file, which is not opened; copy it into one file (h5repack)");
  const std::int64_t bytes = times(count, static_cast<std::int64_t>(element_bytes_));
  const auto stored = std::min(static_cast<std::int64_t>(H5Dget_storage_size(set_.get())), file_bytes);
  if (bytes <= kSmall && layout != H5D_COMPACT) return;
  const bool packed = layout == H5D_CHUNKED;
  const bool known = std::all_of(filters_.begin(), filters_.end(), [](const H5Filter& f) { return own_filter(f.id); });
  if (bytes > times(stored, !packed ? 1 : known ? kGzipRatio : kOtherRatio))
    fail(format("has shape {} of {}, {} bytes, but the file holds {} bytes of it; it is damaged or was never filled",
                shape_text(info_.shape), info_.type, bytes, stored));
}

void H5Set::check_filters() const {
  for (const H5Filter& filter : filters_) {
    const htri_t there = H5Zfilter_avail(filter.id);
    h5_reason();
    if (there > 0) continue;
    fail(format("is packed by filter {} ({}), which libhdf5 does not have here; {}", filter.id,
                filter.name.empty() ? "without name" : filter.name, way_out(filter)));
  }
}

void H5Set::read(hid_t type, std::int64_t begin, std::int64_t end, void* out) const {
  check_filters();
  if (begin >= end || row_elements_ == 0) return;
  if (info_.shape.empty()) {
    if (H5Dread(set_.get(), type, H5S_ALL, H5S_ALL, H5P_DEFAULT, out) < 0) h5_fail(where_, "cannot be read");
    return;
  }
  if (direct_ && H5Tequal(type, type_.get()) > 0)
    return h5_read_chunks(set_.get(), *direct_, fill_, begin, end, static_cast<std::byte*>(out));
  std::vector<hsize_t> start(info_.shape.size(), 0), count(info_.shape.begin(), info_.shape.end());
  start[0] = static_cast<hsize_t>(begin);
  count[0] = static_cast<hsize_t>(end - begin);
  const H5Handle memory(H5Screate_simple(static_cast<int>(count.size()), count.data(), nullptr), H5Sclose);
  if (!memory || H5Sselect_hyperslab(space_.get(), H5S_SELECT_SET, start.data(), nullptr, count.data(), nullptr) < 0 ||
      H5Dread(set_.get(), type, memory.get(), space_.get(), H5P_DEFAULT, out) < 0)
    h5_fail(where_, format("rows {} to {} cannot be read", begin, end));
}

}  // namespace basewise::io::detail
