#include "basewise/io/hdf5.h"

#include <algorithm>
#include <array>
#include <system_error>

#include "basewise/io/detail/bytes.h"
#include "basewise/io/detail/convert_numbers.h"
#include "basewise/io/detail/h5_groups.h"
#include "basewise/io/detail/h5_messages.h"
#include "basewise/io/detail/h5_paths.h"
#include "basewise/io/detail/h5_set.h"
#include "basewise/io/detail/h5_texts.h"

namespace basewise::io {

using namespace detail;

namespace {

constexpr std::int64_t kBlock = std::int64_t{4} << 20;  // bytes that are converted at a time

H5Handle open_file(const std::filesystem::path& path) {
  // What the system says of a file is clearer than what libhdf5 makes of it.
  const PositionedFile file(path);
  if (file.size() == 0) file.fail("is empty (0 bytes); an HDF5 file was expected");
  const H5Handle access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose);
  // Locks fail on many network file systems; who writes with basewise replaces files by rename.
  H5Pset_file_locking(access.get(), false, true);
  const htri_t known = H5Fis_hdf5(path.c_str());
  h5_reason();
  if (known <= 0) file.fail(format("is no HDF5 file: it does not begin as one ({} bytes)", file.size()));
  H5Handle opened(H5Fopen(path.c_str(), H5F_ACC_RDONLY, access.get()), H5Fclose);
  if (!opened) h5_fail(path.string(), "cannot be opened as HDF5; it is truncated or damaged");
  h5_check_groups(opened.get(), path.string(), h5_resolve(opened.get(), path.string(), "").address());
  return opened;
}

// What an attribute or a data set holds, where it is asked for as numbers.
DType number_type(const std::string& where, std::optional<DType> dtype, const std::string& type, DType wanted) {
  if (!dtype || !convertible(*dtype, wanted)) throw DataError(format("{} holds {}; {} is wanted", where, type, name(wanted)));
  return *dtype;
}

template <class T>
void convert(const std::string& where, DType from, std::span<const std::byte> raw, std::int64_t first, std::span<T> out) {
  const std::int64_t bad = convert_numbers<T>(from, raw, out);
  if (bad >= 0) throw DataError(format("{}: element {} does not fit {}", where, first + bad, name(dtype_of<T>())));
}

// Fixed length: bytes up to the padding that the type names.
std::string unpadded(std::string_view bytes, H5T_str_t padding) {
  if (padding == H5T_STR_NULLTERM) return std::string(bytes.substr(0, bytes.find('\0')));
  const std::size_t last = bytes.find_last_not_of(padding == H5T_STR_SPACEPAD ? ' ' : '\0');
  return std::string(bytes.substr(0, last == std::string_view::npos ? 0 : last + 1));
}

std::vector<std::string> fixed_texts(hid_t type, const std::vector<char>& raw) {
  const std::size_t size = H5Tget_size(type);
  const H5T_str_t padding = H5Tget_strpad(type);
  std::vector<std::string> texts;
  for (std::size_t at = 0; at + size <= raw.size(); at += size) texts.push_back(unpadded({raw.data() + at, size}, padding));
  return texts;
}

}  // namespace

struct H5File::State {
  explicit State(const std::filesystem::path& p) : path(p), name(p.string()) {
    const H5Lock lock;
    file = open_file(p);
  }
  ~State() {
    const H5Lock lock;
    file.reset();
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  std::filesystem::path path;
  std::string name;
  H5Handle file;
};

H5File::H5File(const std::filesystem::path& path) : state_(std::make_unique<State>(path)) {}
H5File::~H5File() = default;
H5File::H5File(H5File&&) noexcept = default;
H5File& H5File::operator=(H5File&&) noexcept = default;

const std::filesystem::path& H5File::path() const { return state_->path; }

namespace {

std::string group_path(hid_t file, const std::string& name, std::string_view group) {
  const H5Object object = h5_resolve(file, name, group);
  if (object.kind != H5Kind::group) throw DataError(format("{}: '{}' is no group", name, group));
  return object.path;
}

}  // namespace

std::vector<H5Entry> H5File::list(std::string_view group) const {
  const H5Lock lock;
  const hid_t file = state_->file.get();
  return h5_list(file, state_->name, group_path(file, state_->name, group));
}

std::vector<std::string> H5File::data_sets(std::string_view group) const {
  const H5Lock lock;
  const hid_t file = state_->file.get();
  return h5_walk(file, state_->name, group_path(file, state_->name, group));
}

bool H5File::contains(std::string_view path) const {
  const H5Lock lock;
  return h5_contains(state_->file.get(), state_->name, path);
}

H5Info H5File::info(std::string_view data_set) const {
  const H5Lock lock;
  return H5Set(state_->file.get(), state_->name, data_set).info();
}

namespace {

// Rows [begin, end) of a set into `out`, in blocks that lie together in the file.
template <class T>
void read_numbers(const H5Set& set, std::int64_t begin, std::int64_t end, std::span<T> out) {
  const DType from = number_type(set.where(), set.info().dtype, set.info().type, dtype_of<T>());
  // Of truth values the enumeration of the file itself, so that nothing is looked up by name.
  const H5Handle own = from == DType::boolean ? H5Handle(H5Tcopy(set.type()), H5Tclose) : h5_type(from);
  if (from == dtype_of<T>()) return set.read(own.get(), begin, end, out.data());
  const std::int64_t row = set.row_elements(), row_bytes = row * static_cast<std::int64_t>(set.element_bytes());
  if (row_bytes == 0) return;
  const std::int64_t together = std::clamp<std::int64_t>(set.chunk_rows(), 1, std::max<std::int64_t>(set.rows(), 1));
  const std::int64_t step = std::max<std::int64_t>(kBlock / (row_bytes * together), 1) * together;
  std::vector<std::byte> raw;
  for (std::int64_t at = begin; at < end;) {
    const std::int64_t stop = std::min(end, (at / step + 1) * step);
    raw.resize(static_cast<std::size_t>((stop - at) * row_bytes));
    set.read(own.get(), at, stop, raw.data());
    convert<T>(set.where(), from, raw, at * row,
               out.subspan(static_cast<std::size_t>((at - begin) * row), static_cast<std::size_t>((stop - at) * row)));
    at = stop;
  }
}

}  // namespace

template <class T>
void H5File::read_rows(std::string_view data_set, std::int64_t begin, std::int64_t end, std::span<T> out) const {
  const H5Lock lock;
  const H5Set set(state_->file.get(), state_->name, data_set);
  if (set.info().shape.empty()) throw ArgumentError(format("{} is a single value and has no rows", set.where()));
  if (begin < 0 || end < begin || end > set.rows())
    throw ArgumentError(format("{} has {} rows; rows {} to {} are asked for", set.where(), set.rows(), begin, end));
  const std::int64_t count = (end - begin) * set.row_elements();
  if (static_cast<std::int64_t>(out.size()) != count)
    throw ArgumentError(format("{}: rows {} to {} have {} elements, but there is room for {}", set.where(), begin, end, count, out.size()));
  read_numbers<T>(set, begin, end, out);
}

template <class T>
std::vector<T> H5File::read(std::string_view data_set) const {
  const H5Lock lock;
  const H5Set set(state_->file.get(), state_->name, data_set);
  number_type(set.where(), set.info().dtype, set.info().type, dtype_of<T>());
  std::vector<T> out(static_cast<std::size_t>(set.elements()));
  read_numbers<T>(set, 0, set.rows(), std::span<T>(out));
  return out;
}

Array H5File::read_array(std::string_view data_set) const {
  const H5Lock lock;
  const H5Set set(state_->file.get(), state_->name, data_set);
  if (!set.info().dtype) set.fail(format("holds {}, which is not read as numbers", set.info().type));
  Array array;
  array.dtype = *set.info().dtype;
  array.shape = set.info().shape;
  array.bytes.resize(static_cast<std::size_t>(set.elements()) * set.element_bytes());
  const H5Handle own = array.dtype == DType::boolean ? H5Handle(H5Tcopy(set.type()), H5Tclose) : h5_type(array.dtype);
  set.read(own.get(), 0, set.rows(), array.bytes.data());
  if (array.dtype == DType::boolean && std::any_of(array.bytes.begin(), array.bytes.end(), [](std::byte b) { return b > std::byte{1}; }))
    set.fail("holds truth values other than 0 and 1; it is damaged");
  return array;
}

std::vector<std::string> H5File::read_text(std::string_view data_set) const {
  const H5Lock lock;
  const H5Set set(state_->file.get(), state_->name, data_set);
  if (!set.info().text) set.fail(format("holds {}; text is wanted", set.info().type));
  const auto count = static_cast<std::size_t>(set.elements());
  if (H5Tis_variable_str(set.type()) <= 0) {
    std::vector<char> raw(count * set.element_bytes());
    set.read(set.type(), 0, set.rows(), raw.data());
    return fixed_texts(set.type(), raw);
  }
  return h5_heap_texts(state_->file.get(), state_->path, set.where(), count,
                       [&](hid_t type, void* out) { set.read(type, 0, set.rows(), out); });
}

namespace {

struct Attribute {
  H5Handle id;
  H5Handle type;
  H5Handle space;
  std::string where;
  std::size_t count = 0;
};

herr_t keep_attribute(hid_t /*object*/, const char* name, const H5A_info_t* /*info*/, void* out) noexcept {
  try {
    static_cast<std::vector<std::string>*>(out)->emplace_back(name);
  } catch (...) {
    return -1;
  }
  return 0;
}

std::vector<std::string> attribute_names(hid_t file, const std::string& file_name, const H5Object& object) {
  const std::string& path = object.path;
  h5_check_types(file, file_name, format("{}: '/{}'", file_name, path), object.address());
  std::vector<std::string> names;
  hsize_t index = 0;
  if (H5Aiterate_by_name(file, ("/" + path).c_str(), H5_INDEX_NAME, H5_ITER_INC, &index, keep_attribute, &names, H5P_DEFAULT) < 0) {
    // libhdf5 1.10 keeps what it has decoded of a damaged attribute and follows a null pointer when
    // it lets go of it: the file stays open.
    H5Iinc_ref(file);
    h5_fail(file_name, format("the attributes of '/{}' cannot be read", path));
  }
  return names;
}

Attribute open_attribute(hid_t file, const std::string& file_name, std::string_view path, std::string_view name) {
  const H5Object object = h5_resolve(file, file_name, path);
  Attribute attribute;
  attribute.where = format("{}: attribute '{}' of '/{}'", file_name, name, object.path);
  const std::vector<std::string> names = attribute_names(file, file_name, object);
  if (std::find(names.begin(), names.end(), name) == names.end()) throw DataError(format("{} is not there", attribute.where));
  attribute.id =
      H5Handle(H5Aopen_by_name(file, ("/" + object.path).c_str(), std::string(name).c_str(), H5P_DEFAULT, H5P_DEFAULT), H5Aclose);
  if (!attribute.id) h5_fail(attribute.where, "cannot be opened");
  attribute.type = H5Handle(H5Aget_type(attribute.id.get()), H5Tclose);
  attribute.space = H5Handle(H5Aget_space(attribute.id.get()), H5Sclose);
  if (!attribute.type || !attribute.space) h5_fail(attribute.where, "cannot be opened");
  const std::int64_t count = with_context(attribute.where, [&] { return element_count(h5_shape(attribute.space.get())); });
  hsize_t bytes = 0;
  H5Fget_filesize(file, &bytes);
  if (static_cast<std::uint64_t>(count) > bytes || static_cast<std::uint64_t>(count) * H5Tget_size(attribute.type.get()) > bytes)
    throw DataError(format("{} claims {} elements, more than the file has bytes for", attribute.where, count));
  attribute.count = static_cast<std::size_t>(count);
  return attribute;
}

std::vector<std::string> attribute_texts(hid_t file, const std::filesystem::path& path, const Attribute& attribute) {
  const hid_t type = attribute.type.get();
  if (H5Tget_class(type) != H5T_STRING) throw DataError(format("{} holds {}; text is wanted", attribute.where, h5_type_text(type)));
  if (attribute.count == 0) return {};
  if (H5Tis_variable_str(type) <= 0) {
    std::vector<char> raw(attribute.count * H5Tget_size(type));
    if (H5Aread(attribute.id.get(), type, raw.data()) < 0) h5_fail(attribute.where, "cannot be read");
    return fixed_texts(type, raw);
  }
  return h5_heap_texts(file, path, attribute.where, attribute.count, [&](hid_t places, void* out) {
    if (H5Aread(attribute.id.get(), places, out) < 0) h5_fail(attribute.where, "cannot be read");
  });
}

template <class T>
std::vector<T> attribute_numbers(const Attribute& attribute) {
  const auto dtype = h5_dtype(attribute.type.get());
  const DType from = number_type(attribute.where, dtype, h5_type_text(attribute.type.get()), dtype_of<T>());
  const H5Handle own = from == DType::boolean ? H5Handle(H5Tcopy(attribute.type.get()), H5Tclose) : h5_type(from);
  std::vector<std::byte> raw(attribute.count * size_of(from));
  std::vector<T> out(attribute.count);
  if (attribute.count == 0) return out;
  if (H5Aread(attribute.id.get(), own.get(), raw.data()) < 0) h5_fail(attribute.where, "cannot be read");
  convert<T>(attribute.where, from, raw, 0, std::span<T>(out));
  return out;
}

}  // namespace

std::vector<std::string> H5File::attributes(std::string_view path) const {
  const H5Lock lock;
  const hid_t file = state_->file.get();
  return attribute_names(file, state_->name, h5_resolve(file, state_->name, path));
}

template <class T>
std::vector<T> H5File::attribute(std::string_view path, std::string_view name) const {
  const H5Lock lock;
  const Attribute attribute = open_attribute(state_->file.get(), state_->name, path, name);
  if constexpr (std::is_same_v<T, std::string>)
    return attribute_texts(state_->file.get(), state_->path, attribute);
  else
    return attribute_numbers<T>(attribute);
}

template std::vector<std::string> H5File::attribute<std::string>(std::string_view, std::string_view) const;
template void H5File::read_rows<float>(std::string_view, std::int64_t, std::int64_t, std::span<float>) const;
template void H5File::read_rows<double>(std::string_view, std::int64_t, std::int64_t, std::span<double>) const;
template void H5File::read_rows<std::int8_t>(std::string_view, std::int64_t, std::int64_t, std::span<std::int8_t>) const;
template void H5File::read_rows<std::uint8_t>(std::string_view, std::int64_t, std::int64_t, std::span<std::uint8_t>) const;
template void H5File::read_rows<std::int32_t>(std::string_view, std::int64_t, std::int64_t, std::span<std::int32_t>) const;
template void H5File::read_rows<std::int64_t>(std::string_view, std::int64_t, std::int64_t, std::span<std::int64_t>) const;
template std::vector<float> H5File::read<float>(std::string_view) const;
template std::vector<double> H5File::read<double>(std::string_view) const;
template std::vector<std::int8_t> H5File::read<std::int8_t>(std::string_view) const;
template std::vector<std::uint8_t> H5File::read<std::uint8_t>(std::string_view) const;
template std::vector<std::int32_t> H5File::read<std::int32_t>(std::string_view) const;
template std::vector<std::int64_t> H5File::read<std::int64_t>(std::string_view) const;
template std::vector<float> H5File::attribute<float>(std::string_view, std::string_view) const;
template std::vector<double> H5File::attribute<double>(std::string_view, std::string_view) const;
template std::vector<std::int8_t> H5File::attribute<std::int8_t>(std::string_view, std::string_view) const;
template std::vector<std::uint8_t> H5File::attribute<std::uint8_t>(std::string_view, std::string_view) const;
template std::vector<std::int32_t> H5File::attribute<std::int32_t>(std::string_view, std::string_view) const;
template std::vector<std::int64_t> H5File::attribute<std::int64_t>(std::string_view, std::string_view) const;

}  // namespace basewise::io
