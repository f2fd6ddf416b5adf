#include "basewise/io/detail/h5.h"

#include <algorithm>
#include <array>
#include <iterator>

#include "basewise/core/lower_case.h"

namespace basewise::io::detail {

namespace {

std::mutex& the_lock() {
  static std::mutex mutex;
  return mutex;
}

// Called from the innermost record outwards; the first is kept.
herr_t keep_first(unsigned /*n*/, const H5E_error2_t* error, void* text) noexcept {
  auto& kept = *static_cast<std::string*>(text);
  if (kept.empty() && error && error->desc) kept = error->desc;
  return 0;
}

// Where sign, exponent and fraction of a floating point number lie.
struct FloatForm {
  DType dtype;
  std::size_t size;
  std::array<std::size_t, 5> fields;  // sign, exponent and its bits, fraction and its bits
  std::size_t bias;
};
constexpr std::array<FloatForm, 3> kFloats = {
    {{DType::f16, 2, {15, 10, 5, 0, 10}, 15}, {DType::f32, 4, {31, 23, 8, 0, 23}, 127}, {DType::f64, 8, {63, 52, 11, 0, 52}, 1023}}};

std::optional<DType> float_type(hid_t type) {
  std::array<std::size_t, 5> fields{};
  if (H5Tget_fields(type, &fields[0], &fields[1], &fields[2], &fields[3], &fields[4]) < 0) return std::nullopt;
  for (const FloatForm& known : kFloats)
    if (H5Tget_size(type) == known.size && fields == known.fields && H5Tget_ebias(type) == known.bias &&
        H5Tget_norm(type) == H5T_NORM_IMPLIED)
      return known.dtype;
  return std::nullopt;
}

std::optional<DType> integer_type(hid_t type) {
  const std::size_t size = H5Tget_size(type);
  if (H5Tget_precision(type) != 8 * size || H5Tget_offset(type) != 0) return std::nullopt;
  const bool is_signed = H5Tget_sign(type) == H5T_SGN_2;
  switch (size) {
    case 1:
      return is_signed ? DType::i8 : DType::u8;
    case 2:
      return is_signed ? DType::i16 : DType::u16;
    case 4:
      return is_signed ? DType::i32 : DType::u32;
    case 8:
      return is_signed ? DType::i64 : DType::u64;
    default:
      return std::nullopt;
  }
}

// FALSE = 0 and TRUE = 1 in one byte, in any case of letters.
bool is_truth(hid_t type) {
  if (H5Tget_size(type) != 1 || H5Tget_nmembers(type) != 2) return false;
  for (unsigned i = 0; i < 2; ++i) {
    signed char value = -1;
    if (H5Tget_member_value(type, i, &value) < 0) return false;
    char* raw = H5Tget_member_name(type, i);
    if (!raw) return false;
    const std::string word = lower_case(raw);
    H5free_memory(raw);
    if (word != (value == 0 ? "false" : "true") || value < 0 || value > 1) return false;
  }
  return true;
}

constexpr std::pair<H5Z_filter_t, std::string_view> kFilters[] = {{H5Z_FILTER_DEFLATE, "gzip"},
                                                                  {H5Z_FILTER_SHUFFLE, "shuffle"},
                                                                  {H5Z_FILTER_FLETCHER32, "fletcher32"},
                                                                  {H5Z_FILTER_SZIP, "szip"},
                                                                  {H5Z_FILTER_NBIT, "nbit"},
                                                                  {H5Z_FILTER_SCALEOFFSET, "scaleoffset"},
                                                                  {307, "bzip2"},
                                                                  {32000, "LZF"},
                                                                  {32001, "Blosc"},
                                                                  {32004, "LZ4"},
                                                                  {32008, "bitshuffle"},
                                                                  {32013, "ZFP"},
                                                                  {32015, "zstd"},
                                                                  {32026, "Blosc2"}};

}  // namespace

H5Lock::H5Lock() : lock_(the_lock()) {
  H5Eget_auto2(H5E_DEFAULT, &print_, &print_data_);
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
}

H5Lock::~H5Lock() {
  H5Eclear2(H5E_DEFAULT);
  H5Eset_auto2(H5E_DEFAULT, print_, print_data_);
}

std::string h5_reason() {
  std::string reason;
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, keep_first, &reason);
  H5Eclear2(H5E_DEFAULT);
  return reason.empty() ? "no reason given" : reason;
}

void h5_fail(const std::string& where, const std::string& message) {
  throw DataError(format("{}: {} (libhdf5: {})", where, message, h5_reason()));
}

H5Handle h5_type(DType dtype) {
  const auto copy = [](hid_t type) { return H5Handle(H5Tcopy(type), H5Tclose); };
  switch (dtype) {
    case DType::f64:
      return copy(H5T_IEEE_F64LE);
    case DType::f32:
      return copy(H5T_IEEE_F32LE);
    case DType::f16: {
      // The fields first: the type must hold them before it can shrink.
      H5Handle type = copy(H5T_IEEE_F32LE);
      if (H5Tset_fields(type.get(), 15, 10, 5, 0, 10) < 0 || H5Tset_size(type.get(), 2) < 0 || H5Tset_ebias(type.get(), 15) < 0)
        throw InternalError(format("libhdf5 makes no type of half precision: {}", h5_reason()));
      return type;
    }
    case DType::i64:
      return copy(H5T_STD_I64LE);
    case DType::i32:
      return copy(H5T_STD_I32LE);
    case DType::i16:
      return copy(H5T_STD_I16LE);
    case DType::i8:
      return copy(H5T_STD_I8LE);
    case DType::u64:
      return copy(H5T_STD_U64LE);
    case DType::u32:
      return copy(H5T_STD_U32LE);
    case DType::u16:
      return copy(H5T_STD_U16LE);
    case DType::u8:
      return copy(H5T_STD_U8LE);
    case DType::boolean: {
      H5Handle type(H5Tenum_create(H5T_STD_I8LE), H5Tclose);
      const signed char no = 0, yes = 1;
      H5Tenum_insert(type.get(), "FALSE", &no);
      H5Tenum_insert(type.get(), "TRUE", &yes);
      return type;
    }
    case DType::bf16:
      break;
  }
  throw ArgumentError(format("HDF5 has no type {}; write float32", name(dtype)));
}

std::optional<DType> h5_dtype(hid_t type) {
  switch (H5Tget_class(type)) {
    case H5T_FLOAT:
      return float_type(type);
    case H5T_INTEGER:
      return integer_type(type);
    case H5T_ENUM:
      return is_truth(type) ? std::optional(DType::boolean) : std::nullopt;
    case H5T_BITFIELD:
      // How PyTables keeps truth values.
      return H5Tget_size(type) == 1 ? std::optional(DType::boolean) : std::nullopt;
    default:
      return std::nullopt;
  }
}

std::string h5_type_text(hid_t type) {
  if (const auto dtype = h5_dtype(type)) return std::string(name(*dtype));
  const std::size_t size = H5Tget_size(type);
  switch (H5Tget_class(type)) {
    case H5T_STRING:
      return H5Tis_variable_str(type) > 0 ? "text" : format("text of {} bytes", size);
    case H5T_FLOAT:
      return format("floating point of {} bytes", size);
    case H5T_INTEGER:
      return format("integer of {} bytes", size);
    case H5T_ENUM:
      return "enumeration";
    case H5T_COMPOUND:
      return "compound";
    case H5T_REFERENCE:
      return "reference";
    case H5T_VLEN:
      return "lists of different lengths";
    case H5T_ARRAY:
      return "array";
    case H5T_OPAQUE:
      return "opaque bytes";
    default:
      return "a type without name";
  }
}

std::vector<H5Filter> h5_filters(hid_t creation) {
  std::vector<H5Filter> filters;
  const int count = H5Pget_nfilters(creation);
  for (int i = 0; i < count; ++i) {
    unsigned flags = 0, config = 0;
    std::size_t values = 0;
    std::array<char, 256> text{};
    const H5Z_filter_t id =
        H5Pget_filter2(creation, static_cast<unsigned>(i), &flags, &values, nullptr, text.size() - 1, text.data(), &config);
    const auto* known = std::find_if(std::begin(kFilters), std::end(kFilters), [&](const auto& f) { return f.first == id; });
    filters.push_back({id, known != std::end(kFilters) ? std::string(known->second) : std::string(text.data())});
  }
  return filters;
}

std::vector<std::int64_t> h5_shape(hid_t space) {
  if (H5Sget_simple_extent_type(space) == H5S_NULL) return {0};
  const int rank = H5Sget_simple_extent_ndims(space);
  if (rank < 0) throw DataError(format("has no extents (libhdf5: {})", h5_reason()));
  std::vector<hsize_t> extents(static_cast<std::size_t>(rank));
  if (rank > 0) H5Sget_simple_extent_dims(space, extents.data(), nullptr);
  std::vector<std::int64_t> shape;
  for (const hsize_t extent : extents) {
    if (extent > hsize_t{1} << 62) throw DataError(format("has an axis of {} elements, more than any file holds; it is damaged", extent));
    shape.push_back(static_cast<std::int64_t>(extent));
  }
  return shape;
}

}  // namespace basewise::io::detail
