#include "tconv/buffer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <utility>

#include "sanitized.h"

namespace tconv {
namespace {

constexpr std::int64_t kHugePage = std::int64_t{2} << 20;

TEST(AlignedBuffer, LargeOnesAreZeroAndOursToTheLastByte) {
    for (const std::int64_t bytes : {kHugePage - 1, kHugePage, kHugePage + 1, 2 * kHugePage, 5 * kHugePage / 2 + 123})
        for (int again = 0; again < 3; ++again) {  // what was written before must not come back
            Result<AlignedBuffer> buffer = AlignedBuffer::allocate(bytes);
            ASSERT_TRUE(buffer) << bytes;
            EXPECT_EQ(buffer->size_bytes(), bytes);
            EXPECT_EQ(reinterpret_cast<std::uintptr_t>(buffer->data()) % AlignedBuffer::kAlignment, 0u);
            const std::span all(buffer->data(), static_cast<std::size_t>(bytes));
            EXPECT_TRUE(std::all_of(all.begin(), all.end(), [](std::byte b) { return b == std::byte{0}; })) << bytes;
            std::fill(all.begin(), all.end(), std::byte{0xab});
        }
}

#if defined(__linux__)
TEST(AlignedBuffer, LargeOnesBeginOnAHugePage) {
    if (kSanitized) GTEST_SKIP() << "sanitizers watch calloc's blocks";
    for (const std::int64_t bytes : {kHugePage / 4, kHugePage, kHugePage + 1, 3 * kHugePage, 64 * kHugePage}) {
        const Result<AlignedBuffer> buffer = AlignedBuffer::allocate(bytes);
        ASSERT_TRUE(buffer);
        EXPECT_EQ(reinterpret_cast<std::uintptr_t>(buffer->data()) % kHugePage, 0u) << bytes;
    }
}
#endif

TEST(AlignedBuffer, LargeOnesMoveToSmallOnesPlaceAndBack) {
    AlignedBuffer large = AlignedBuffer::allocate(3 * kHugePage).value();
    AlignedBuffer small = AlignedBuffer::allocate(8).value();
    large.data()[3 * kHugePage - 1] = std::byte{1};
    small.data()[7] = std::byte{2};
    std::swap(large, small);
    EXPECT_EQ(large.data()[7], std::byte{2});
    EXPECT_EQ(small.data()[3 * kHugePage - 1], std::byte{1});
    small = std::move(large);
    EXPECT_EQ(small.data()[7], std::byte{2});
}

TEST(AlignedBuffer, SizesBeyondAnyAddressAreRefused) {
    for (const std::int64_t bytes : {std::int64_t{1} << 48, INT64_MAX - 2 * kHugePage, INT64_MAX - kHugePage,
                                     INT64_MAX - 64, INT64_MAX, std::int64_t{-1}, INT64_MIN}) {
        const Result<AlignedBuffer> buffer = AlignedBuffer::allocate(bytes);
        ASSERT_FALSE(buffer) << bytes;
        EXPECT_EQ(buffer.error().code, ErrorCode::out_of_memory);
        EXPECT_THAT(buffer.error().message, testing::HasSubstr(std::to_string(bytes)));
    }
}

}  // namespace
}  // namespace tconv
