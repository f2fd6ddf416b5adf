#include "basewise/io/hdf5_writer.h"

#include <algorithm>
#include <map>
#include <set>

#include "basewise/core/files.h"
#include "basewise/io/detail/convert_numbers.h"
#include "basewise/io/detail/h5.h"

namespace basewise::io {

using namespace detail;

namespace {

constexpr std::int64_t kChunk = std::int64_t{256} << 10;  // bytes of a piece where nothing else is asked for
constexpr std::int64_t kBlock = std::int64_t{4} << 20;    // bytes that are converted at a time

// A data set that is being written.
struct Open {
  H5Handle id = {};
  H5Handle type = {};
  DType dtype = DType::f32;
  std::vector<std::int64_t> row_shape = {};
  std::int64_t row_elements = 1;
  std::int64_t rows = 0;  // that are written
};

std::string plain_path(std::string_view path) {
  while (path.starts_with('/')) path.remove_prefix(1);
  while (path.ends_with('/')) path.remove_suffix(1);
  if (path.find('\0') != std::string_view::npos) throw ArgumentError("a path in an HDF5 file holds no zero byte");
  return std::string(path);
}

// What the path makes: missing groups on the way, names in UTF-8. Groups stay in the older form,
// which every version reads, unless a name needs the newer one.
H5Handle link_properties(const std::string& name) {
  H5Handle links(H5Pcreate(H5P_LINK_CREATE), H5Pclose);
  H5Pset_create_intermediate_group(links.get(), 1);
  const bool ascii = std::all_of(name.begin(), name.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  if (!ascii) H5Pset_char_encoding(links.get(), H5T_CSET_UTF8);
  return links;
}

H5Handle set_properties(const std::vector<std::int64_t>& chunk, const H5Options& options) {
  H5Handle creation(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
  H5Pset_obj_track_times(creation.get(), false);
  if (chunk.empty()) return creation;
  const std::vector<hsize_t> extents(chunk.begin(), chunk.end());
  H5Pset_chunk(creation.get(), static_cast<int>(extents.size()), extents.data());
  if (options.gzip > 0 && options.shuffle) H5Pset_shuffle(creation.get());
  if (options.gzip > 0) H5Pset_deflate(creation.get(), static_cast<unsigned>(options.gzip));
  return creation;
}

std::vector<std::int64_t> chunk_of(const std::vector<std::int64_t>& row_shape, std::int64_t row_bytes, std::int64_t rows,
                                   const H5Options& options) {
  std::vector<std::int64_t> chunk = row_shape;
  const std::int64_t most =
      options.chunk_rows > 0 ? options.chunk_rows : std::max<std::int64_t>(kChunk / std::max<std::int64_t>(row_bytes, 1), 1);
  chunk.insert(chunk.begin(), rows >= 0 ? std::min(most, rows) : most);
  return chunk;
}

}  // namespace

struct H5Writer::State {
  explicit State(const std::filesystem::path& target) : path(target), atomic(target) {
    const H5Lock lock;
    const H5Handle access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose);
    H5Pset_file_locking(access.get(), false, true);
    file = H5Handle(H5Fcreate(atomic.temporary().c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, access.get()), H5Fclose);
    if (!file) h5_fail(path.string(), "cannot be written");
  }
  ~State() {
    const H5Lock lock;
    growing.clear();
    file.reset();
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  std::filesystem::path path;
  AtomicFile atomic;
  H5Handle file = {};
  std::map<std::string, Open> growing = {};
  std::set<std::string> names = {};  // data sets

  std::string where(const std::string& name) const { return format("{}: data set '{}'", path.string(), name); }

  void check_open() const {
    if (!file) throw ArgumentError(format("{}: is closed; nothing can be added", path.string()));
  }

  // A new data set; `rows` -1: it grows.
  Open create(const std::string& name, DType dtype, const std::vector<std::int64_t>& row_shape, std::int64_t rows, bool scalar,
              const H5Options& options) {
    check_open();
    if (name.empty() || names.contains(name) || taken(name))
      throw ArgumentError(format("{}: '{}' is there already, or no name", path.string(), name));
    if (options.gzip < 0 || options.gzip > 9) throw ArgumentError(format("gzip goes from 0 to 9, and is {}", options.gzip));
    Open open;
    open.dtype = dtype;
    open.type = h5_type(dtype);
    open.row_shape = row_shape;
    open.row_elements = element_count(row_shape);
    const std::int64_t row_bytes = open.row_elements * static_cast<std::int64_t>(size_of(dtype));
    const bool pieces = !scalar && open.row_elements > 0 && (rows < 0 || (rows > 0 && options.gzip > 0));
    const H5Handle creation = set_properties(pieces ? chunk_of(row_shape, row_bytes, rows, options) : std::vector<std::int64_t>{}, options);
    std::vector<hsize_t> now(row_shape.begin(), row_shape.end()), most = now;
    now.insert(now.begin(), static_cast<hsize_t>(std::max<std::int64_t>(rows, 0)));
    most.insert(most.begin(), rows < 0 ? H5S_UNLIMITED : static_cast<hsize_t>(rows));
    const H5Handle space(scalar ? H5Screate(H5S_SCALAR) : H5Screate_simple(static_cast<int>(now.size()), now.data(), most.data()),
                         H5Sclose);
    const H5Handle links = link_properties(name);
    if (space)
      open.id = H5Handle(
          H5Dcreate2(file.get(), ("/" + name).c_str(), open.type.get(), space.get(), links.get(), creation.get(), H5P_DEFAULT), H5Dclose);
    if (!open.id) h5_fail(where(name), "cannot be made");
    names.insert(name);
    return open;
  }

  // Whether anything has this name; a path through a data set has none.
  bool taken(const std::string& name) const {
    for (std::size_t at = 0; at != std::string::npos;) {
      at = name.find('/', at + 1);
      const std::string part = "/" + name.substr(0, at);
      if (names.contains(part.substr(1))) return true;
      if (H5Lexists(file.get(), part.c_str(), H5P_DEFAULT) <= 0) return false;
    }
    return true;
  }

  void put(Open& open, const std::string& name, std::int64_t rows, const void* raw) const {
    std::vector<hsize_t> start(open.row_shape.size() + 1, 0), count(open.row_shape.begin(), open.row_shape.end());
    start[0] = static_cast<hsize_t>(open.rows);
    count.insert(count.begin(), static_cast<hsize_t>(rows));
    const H5Handle memory(H5Screate_simple(static_cast<int>(count.size()), count.data(), nullptr), H5Sclose);
    const H5Handle space(H5Dget_space(open.id.get()), H5Sclose);
    if (!memory || !space || H5Sselect_hyperslab(space.get(), H5S_SELECT_SET, start.data(), nullptr, count.data(), nullptr) < 0 ||
        H5Dwrite(open.id.get(), open.type.get(), memory.get(), space.get(), H5P_DEFAULT, raw) < 0)
      h5_fail(where(name), "cannot be written; is the disk full?");
    open.rows += rows;
  }

  template <class T>
  void put_values(Open& open, const std::string& name, std::span<const T> values) const {
    if (values.empty()) return;
    const auto bytes = static_cast<std::int64_t>(size_of(open.dtype));
    const auto all = static_cast<std::int64_t>(values.size()) / open.row_elements;
    if (open.dtype == dtype_of<T>()) return put(open, name, all, values.data());
    const std::int64_t step = std::max<std::int64_t>(kBlock / (open.row_elements * bytes), 1);
    std::vector<std::byte> raw;
    for (std::int64_t at = 0; at < all; at += step) {
      const std::int64_t n = std::min(step, all - at);
      const auto piece = values.subspan(static_cast<std::size_t>(at * open.row_elements), static_cast<std::size_t>(n * open.row_elements));
      raw.resize(piece.size() * size_of(open.dtype));
      put_checked(open, name, piece, raw);
      put(open, name, n, raw.data());
    }
  }

  template <class T>
  void put_checked(const Open& open, const std::string& name, std::span<const T> piece, std::span<std::byte> raw) const {
    const std::int64_t bad = with_context(where(name), [&] { return convert_numbers<T>(piece, open.dtype, raw); });
    if (bad < 0) return;
    throw ArgumentError(format("{}: element {} is {}, which {} does not hold", where(name), open.rows * open.row_elements + bad,
                               piece[static_cast<std::size_t>(bad)], io::name(open.dtype)));
  }
};

H5Writer::H5Writer(const std::filesystem::path& path) : state_(std::make_unique<State>(path)) {}
H5Writer::~H5Writer() = default;

void H5Writer::group(std::string_view path) {
  const H5Lock lock;
  State& s = *state_;
  s.check_open();
  const std::string name = plain_path(path);
  if (name.empty() || s.taken(name)) throw ArgumentError(format("{}: '{}' is there already, or no name", s.path.string(), name));
  const H5Handle links = link_properties(name);
  const H5Handle made(H5Gcreate2(s.file.get(), ("/" + name).c_str(), links.get(), H5P_DEFAULT, H5P_DEFAULT), H5Gclose);
  if (!made) h5_fail(s.path.string(), format("group '{}' cannot be made", name));
}

template <class T>
void H5Writer::write(std::string_view path, std::span<const T> values, const std::vector<std::int64_t>& shape, const H5Options& options) {
  const H5Lock lock;
  State& s = *state_;
  const std::string name = plain_path(path);
  if (element_count(shape) != static_cast<std::int64_t>(values.size()))
    throw ArgumentError(format("{}: {} values do not fill shape {}", s.where(name), values.size(), shape_text(shape)));
  const DType dtype = options.dtype.value_or(dtype_of<T>());
  if (!shape.empty()) {
    Open open = s.create(name, dtype, {shape.begin() + 1, shape.end()}, shape[0], false, options);
    return s.put_values<T>(open, name, values);
  }
  Open open = s.create(name, dtype, {}, 1, true, options);
  std::vector<std::byte> raw(size_of(dtype));
  s.put_checked<T>(open, name, values, raw);
  if (H5Dwrite(open.id.get(), open.type.get(), H5S_ALL, H5S_ALL, H5P_DEFAULT, raw.data()) < 0)
    h5_fail(s.where(name), "cannot be written; is the disk full?");
}

void H5Writer::write_text(std::string_view path, std::span<const std::string> values, bool fixed) {
  const H5Lock lock;
  State& s = *state_;
  s.check_open();
  const std::string name = plain_path(path);
  if (name.empty() || s.taken(name)) throw ArgumentError(format("{}: '{}' is there already, or no name", s.path.string(), name));
  std::size_t longest = 1;
  for (const std::string& text : values) {
    if (text.find('\0') != std::string::npos) throw ArgumentError(format("{}: a text with a zero byte", s.where(name)));
    longest = std::max(longest, text.size());
  }
  const H5Handle type(H5Tcopy(H5T_C_S1), H5Tclose), links = link_properties(name), creation = set_properties({}, {});
  H5Tset_size(type.get(), fixed ? longest : H5T_VARIABLE);
  H5Tset_cset(type.get(), H5T_CSET_UTF8);
  if (fixed) H5Tset_strpad(type.get(), H5T_STR_NULLPAD);
  const hsize_t count = values.size();
  const H5Handle space(H5Screate_simple(1, &count, nullptr), H5Sclose);
  const H5Handle set(H5Dcreate2(s.file.get(), ("/" + name).c_str(), type.get(), space.get(), links.get(), creation.get(), H5P_DEFAULT),
                     H5Dclose);
  if (!set) h5_fail(s.where(name), "cannot be made");
  s.names.insert(name);
  if (values.empty()) return;
  std::string block;
  std::vector<const char*> pointers;
  for (const std::string& text : values) {
    if (fixed)
      block.append(text).append(longest - text.size(), '\0');
    else
      pointers.push_back(text.c_str());
  }
  const void* raw = fixed ? static_cast<const void*>(block.data()) : static_cast<const void*>(pointers.data());
  if (H5Dwrite(set.get(), type.get(), H5S_ALL, H5S_ALL, H5P_DEFAULT, raw) < 0)
    h5_fail(s.where(name), "cannot be written; is the disk full?");
}

void H5Writer::begin(std::string_view path, const std::vector<std::int64_t>& row_shape, const H5Options& options) {
  const H5Lock lock;
  const std::string name = plain_path(path);
  if (!options.dtype) throw ArgumentError(format("{}: what grows needs a type", state_->where(name)));
  if (element_count(row_shape) == 0)
    throw ArgumentError(format("{}: rows of shape {} hold nothing", state_->where(name), shape_text(row_shape)));
  state_->growing.insert_or_assign(name, state_->create(name, *options.dtype, row_shape, -1, false, options));
}

template <class T>
void H5Writer::append(std::string_view path, std::span<const T> rows) {
  const H5Lock lock;
  State& s = *state_;
  const std::string name = plain_path(path);
  const auto at = s.growing.find(name);
  if (at == s.growing.end()) throw ArgumentError(format("{} was not begun", s.where(name)));
  Open& open = at->second;
  const auto count = static_cast<std::int64_t>(rows.size());
  if (count % open.row_elements != 0)
    throw ArgumentError(format("{}: {} values are no whole number of rows of {}", s.where(name), count, open.row_elements));
  std::vector<hsize_t> extents(open.row_shape.begin(), open.row_shape.end());
  extents.insert(extents.begin(), static_cast<hsize_t>(open.rows + count / open.row_elements));
  if (H5Dset_extent(open.id.get(), extents.data()) < 0) h5_fail(s.where(name), "cannot grow; is the disk full?");
  s.put_values<T>(open, name, rows);
}

namespace {

void put_attribute(hid_t file, const std::string& file_name, const std::string& path, std::string_view name, hid_t type, const void* raw) {
  const std::string object = "/" + path, word(name);
  if (word.empty() || H5Aexists_by_name(file, object.c_str(), word.c_str(), H5P_DEFAULT) != 0) {
    const std::string reason = h5_reason();
    throw ArgumentError(
        format("{}: attribute '{}' of '{}' is there already, has no name, or belongs to nothing ({})", file_name, word, object, reason));
  }
  const H5Handle space(H5Screate(H5S_SCALAR), H5Sclose), encoding(H5Pcreate(H5P_ATTRIBUTE_CREATE), H5Pclose);
  H5Pset_char_encoding(encoding.get(), H5T_CSET_UTF8);
  const H5Handle made(H5Acreate_by_name(file, object.c_str(), word.c_str(), type, space.get(), encoding.get(), H5P_DEFAULT, H5P_DEFAULT),
                      H5Aclose);
  if (!made || H5Awrite(made.get(), type, raw) < 0) h5_fail(file_name, format("attribute '{}' of '{}' cannot be written", word, object));
}

}  // namespace

void H5Writer::attribute(std::string_view path, std::string_view name, std::int64_t value) {
  const H5Lock lock;
  state_->check_open();
  put_attribute(state_->file.get(), state_->path.string(), plain_path(path), name, H5T_STD_I64LE, &value);
}

void H5Writer::attribute(std::string_view path, std::string_view name, double value) {
  const H5Lock lock;
  state_->check_open();
  put_attribute(state_->file.get(), state_->path.string(), plain_path(path), name, H5T_IEEE_F64LE, &value);
}

void H5Writer::attribute(std::string_view path, std::string_view name, const std::string& value) {
  const H5Lock lock;
  state_->check_open();
  const H5Handle type(H5Tcopy(H5T_C_S1), H5Tclose);
  H5Tset_size(type.get(), H5T_VARIABLE);
  H5Tset_cset(type.get(), H5T_CSET_UTF8);
  const char* text = value.c_str();
  put_attribute(state_->file.get(), state_->path.string(), plain_path(path), name, type.get(), &text);
}

void H5Writer::close() {
  State& s = *state_;
  {
    const H5Lock lock;
    if (!s.file) return;
    bool written = H5Fflush(s.file.get(), H5F_SCOPE_GLOBAL) >= 0;
    const std::string reason = written ? "" : h5_reason();
    for (auto& [name, open] : s.growing) written &= open.id.reset();
    s.growing.clear();
    written &= s.file.reset();
    if (!written)
      throw DataError(
          format("{}: cannot be written; is the disk full? (libhdf5: {})", s.path.string(), reason.empty() ? h5_reason() : reason));
  }
  s.atomic.commit();
}

template void H5Writer::write<float>(std::string_view, std::span<const float>, const std::vector<std::int64_t>&, const H5Options&);
template void H5Writer::write<double>(std::string_view, std::span<const double>, const std::vector<std::int64_t>&, const H5Options&);
template void H5Writer::write<std::int8_t>(std::string_view, std::span<const std::int8_t>, const std::vector<std::int64_t>&,
                                           const H5Options&);
template void H5Writer::write<std::uint8_t>(std::string_view, std::span<const std::uint8_t>, const std::vector<std::int64_t>&,
                                            const H5Options&);
template void H5Writer::write<std::int32_t>(std::string_view, std::span<const std::int32_t>, const std::vector<std::int64_t>&,
                                            const H5Options&);
template void H5Writer::write<std::int64_t>(std::string_view, std::span<const std::int64_t>, const std::vector<std::int64_t>&,
                                            const H5Options&);
template void H5Writer::append<float>(std::string_view, std::span<const float>);
template void H5Writer::append<double>(std::string_view, std::span<const double>);
template void H5Writer::append<std::int8_t>(std::string_view, std::span<const std::int8_t>);
template void H5Writer::append<std::uint8_t>(std::string_view, std::span<const std::uint8_t>);
template void H5Writer::append<std::int32_t>(std::string_view, std::span<const std::int32_t>);
template void H5Writer::append<std::int64_t>(std::string_view, std::span<const std::int64_t>);

}  // namespace basewise::io
