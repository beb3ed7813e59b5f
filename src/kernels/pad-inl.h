// pad and copy (contract: kernel_set.h). Included by instruction-set units only.
#pragma once

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
        T* const to = output + left;
        std::int64_t i = 0;
        for (; i + kLanes <= count; i += kLanes) {
            if (ahead != 0) ask_for<kLanes* static_cast<std::int64_t>(sizeof(T))>(input + i, ahead);
            hn::StoreU(hn::LoadU(tag, input + i), tag, to + i);
        }
        if (i < count && count >= kLanes)
            hn::StoreU(hn::LoadU(tag, input + count - kLanes), tag, to + count - kLanes);
        else
            for (; i < count; ++i) to[i] = input[i];
        clear(to + count, right, room - left - count);
        output += left + count + right;
        room -= left + count + right;
        input += pitch;
    }
}

template <Stores kStores, class T>
void copy_stored(const T* HWY_RESTRICT input, std::int64_t input_pitch, std::int64_t rows, std::int64_t count,
                 T* HWY_RESTRICT output, std::int64_t output_pitch) {
    const hn::ScalableTag<T> tag;
    constexpr std::int64_t kLanes = hn::MaxLanes(hn::ScalableTag<T>());
    for (std::int64_t r = 0; r < rows; ++r) {
        std::int64_t i = 0;
        for (; i + kLanes <= count; i += kLanes) store_vector<kStores>(hn::LoadU(tag, input + i), tag, output + i);
        if (i < count && count >= kLanes)
            hn::StoreU(hn::LoadU(tag, input + count - kLanes), tag, output + count - kLanes);
        else
            for (; i < count; ++i) output[i] = input[i];
        input += input_pitch;
        output += output_pitch;
    }
}

template <class T>
void copy(const T* input, std::int64_t input_pitch, std::int64_t rows, std::int64_t count, T* output,
          std::int64_t output_pitch, Stores stores) {
    // Streamed are rows that are whole lines.
    const bool are_lines =
        elements_to<kLineBytes>(output) == 0 && count % kLineElements<T> == 0 && output_pitch % kLineElements<T> == 0;
    if (stores == Stores::streaming && are_lines)
        copy_stored<Stores::streaming>(input, input_pitch, rows, count, output, output_pitch);
    else
        copy_stored<Stores::cached>(input, input_pitch, rows, count, output, output_pitch);
}
