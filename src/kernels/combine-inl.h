// combine (contract: kernel_set.h). Included by instruction-set units only.
#pragma once

template <class T>
void combine(const T* a, const T* b, T factor, std::int64_t count, T* output) {
    const hn::ScalableTag<T> tag;
    constexpr std::int64_t kLanes = hn::MaxLanes(hn::ScalableTag<T>());
    const auto f = hn::Set(tag, factor);
    std::int64_t i = 0;
    for (; i + kLanes <= count; i += kLanes)
        hn::StoreU(hn::MulAdd(f, hn::LoadU(tag, b + i), hn::LoadU(tag, a + i)), tag, output + i);
    for (; i < count; ++i) output[i] = a[i] + factor * b[i];
}
