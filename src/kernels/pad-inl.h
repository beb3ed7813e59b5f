// pad and copy (contract: kernel_set.h). Included by instruction-set units only.
#pragma once

// The last vector ends with the row, and stores some elements again: not where they are streamed.
template <Stores kStores, class T>
HWY_INLINE void copy_row(const T* HWY_RESTRICT input, std::int64_t count, std::int64_t ahead, T* HWY_RESTRICT output) {
    const hn::ScalableTag<T> tag;
    constexpr std::int64_t kLanes = hn::MaxLanes(hn::ScalableTag<T>());
    std::int64_t i = 0;
    for (; i + kLanes <= count; i += kLanes) {
        if (ahead != 0) ask_for<kLanes* static_cast<std::int64_t>(sizeof(T))>(input + i, ahead);
        store_vector<kStores>(hn::LoadU(tag, input + i), tag, output + i);
    }
    if (i < count && count >= kLanes)
        hn::StoreU(hn::LoadU(tag, input + count - kLanes), tag, output + count - kLanes);
    else
        for (; i < count; ++i) output[i] = input[i];
}

template <class T>
void pad(const T* HWY_RESTRICT input, std::int64_t pitch, std::int64_t rows, std::int64_t left, std::int64_t count,
         std::int64_t right, std::int64_t ahead, T* HWY_RESTRICT output) {
    const hn::ScalableTag<T> tag;
    constexpr std::int64_t kLanes = hn::MaxLanes(hn::ScalableTag<T>());
    const auto zero = hn::Zero(tag);
    // Zeros, in whole vectors; what they write too much is written anew afterwards, if `room` elements follow.
    const auto clear = [&](T* to, std::int64_t some, std::int64_t room) HWY_ATTR {
        std::int64_t i = 0;
        for (; i < some && i + kLanes <= room; i += kLanes) hn::StoreU(zero, tag, to + i);
        for (; i < some; ++i) to[i] = T(0);
    };
    std::int64_t room = rows * (left + count + right);  // elements from here to the end
    for (std::int64_t r = 0; r < rows; ++r) {
        clear(output, left, room);
        copy_row<Stores::cached>(input, count, ahead, output + left);
        clear(output + left + count, right, room - left - count);
        output += left + count + right;
        room -= left + count + right;
        input += pitch;
    }
}

template <class T>
void copy(const T* input, std::int64_t input_pitch, std::int64_t rows, std::int64_t count, T* output,
          std::int64_t output_pitch, Stores stores) {
    // Streamed are rows that are whole lines.
    const bool are_lines =
        elements_to<kLineBytes>(output) == 0 && count % kLineElements<T> == 0 && output_pitch % kLineElements<T> == 0;
    for (std::int64_t r = 0; r < rows; ++r) {
        if (stores == Stores::streaming && are_lines)
            copy_row<Stores::streaming>(input, count, 0, output);
        else
            copy_row<Stores::cached>(input, count, 0, output);
        input += input_pitch;
        output += output_pitch;
    }
}
