// What Highway before 1.1 lacks on WebAssembly: the operations on f64 that kernels use, as overloads among its own. Its
// vector type, loads, stores and interleaving serve f64 as they are.
HWY_BEFORE_NAMESPACE();
namespace hwy {
namespace HWY_NAMESPACE {

template <size_t N>
HWY_API Vec128<double, N> Set(Simd<double, N, 0> /*tag*/, double value) {
    return {wasm_f64x2_splat(value)};
}
template <size_t N>
HWY_API double GetLane(Vec128<double, N> v) {
    return wasm_f64x2_extract_lane(v.raw, 0);
}

template <size_t N>
HWY_API Vec128<double, N> operator+(Vec128<double, N> a, Vec128<double, N> b) {
    return {wasm_f64x2_add(a.raw, b.raw)};
}
template <size_t N>
HWY_API Vec128<double, N> operator*(Vec128<double, N> a, Vec128<double, N> b) {
    return {wasm_f64x2_mul(a.raw, b.raw)};
}
template <size_t N>
HWY_API Vec128<double, N> operator/(Vec128<double, N> a, Vec128<double, N> b) {
    return {wasm_f64x2_div(a.raw, b.raw)};
}
template <size_t N>
HWY_API Vec128<double, N> MulAdd(Vec128<double, N> a, Vec128<double, N> b, Vec128<double, N> add) {
    return a * b + add;
}

// As Highway's for f32: of a and NaN, the other one.
template <size_t N>
HWY_API Vec128<double, N> Min(Vec128<double, N> a, Vec128<double, N> b) {
    return {wasm_f64x2_pmin(b.raw, a.raw)};
}
template <size_t N>
HWY_API Vec128<double, N> Max(Vec128<double, N> a, Vec128<double, N> b) {
    return {wasm_f64x2_pmax(b.raw, a.raw)};
}

template <size_t N>
HWY_API Mask128<double, N> operator==(Vec128<double, N> a, Vec128<double, N> b) {
    return {wasm_f64x2_eq(a.raw, b.raw)};
}
template <size_t N>
HWY_API Mask128<double, N> operator<(Vec128<double, N> a, Vec128<double, N> b) {
    return {wasm_f64x2_lt(a.raw, b.raw)};
}
template <size_t N>
HWY_API Mask128<double, N> operator>(Vec128<double, N> a, Vec128<double, N> b) {
    return {wasm_f64x2_gt(a.raw, b.raw)};
}

// Lane by lane, by the C library: Highway's own work on integers of 64 bits, which is more than is needed here.
template <size_t N>
HWY_API Vec128<double, N> Exp(Simd<double, N, 0> /*tag*/, Vec128<double, N> x) {
    return {wasm_f64x2_make(__builtin_exp(wasm_f64x2_extract_lane(x.raw, 0)),
                            __builtin_exp(wasm_f64x2_extract_lane(x.raw, 1)))};
}
template <size_t N>
HWY_API Vec128<double, N> Tanh(Simd<double, N, 0> /*tag*/, Vec128<double, N> x) {
    return {wasm_f64x2_make(__builtin_tanh(wasm_f64x2_extract_lane(x.raw, 0)),
                            __builtin_tanh(wasm_f64x2_extract_lane(x.raw, 1)))};
}

}  // namespace HWY_NAMESPACE
}  // namespace hwy
HWY_AFTER_NAMESPACE();
