#include "tconv/isa.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "environment_variable.h"

namespace tconv {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr Isa kAll[] = {Isa::portable, Isa::sse4, Isa::avx2, Isa::avx512, Isa::amx, Isa::neon, Isa::wasm};

TEST(Isa, NamesGoThereAndBack) {
    for (const Isa isa : kAll) {
        const Result<Isa> parsed = parse_isa(to_string(isa));
        ASSERT_TRUE(parsed) << to_string(isa);
        EXPECT_EQ(*parsed, isa);
    }
    EXPECT_EQ(to_string(Isa::portable), "portable");
    EXPECT_EQ(to_string(Isa::sse4), "sse4");
    EXPECT_EQ(to_string(Isa::avx2), "avx2");
    EXPECT_EQ(to_string(Isa::avx512), "avx512");
    EXPECT_EQ(to_string(Isa::amx), "amx");
    EXPECT_EQ(to_string(Isa::neon), "neon");
    EXPECT_EQ(to_string(Isa::wasm), "wasm");
}

TEST(Isa, UnknownNamesAreRefusedAndTheKnownListed) {
    for (const char* name : {"", "avx", "AVX2", "avx2 ", " avx2", "sse4.2"}) {
        const Result<Isa> parsed = parse_isa(name);
        ASSERT_FALSE(parsed) << name;
        EXPECT_EQ(parsed.error().code, ErrorCode::invalid_argument);
        EXPECT_THAT(parsed.error().message, HasSubstr("'" + std::string(name) + "'"));
        EXPECT_THAT(parsed.error().message, HasSubstr("portable, sse4, avx2, avx512, amx, neon, wasm"));
    }
    const std::string message = parse_isa("two\nlines" + std::string(1000, 'x')).error().message;
    EXPECT_LT(message.size(), 200u);
    EXPECT_THAT(message, Not(HasSubstr("\n")));
}

TEST(Isa, AvailableOnesAreBestFirstAndEndWithPortable) {
    const std::vector<Isa> isas = available_isas();
    ASSERT_FALSE(isas.empty());
    EXPECT_EQ(isas.back(), Isa::portable);
    EXPECT_TRUE(std::is_sorted(isas.rbegin(), isas.rend()));
    EXPECT_EQ(std::adjacent_find(isas.begin(), isas.end()), isas.end());
}

TEST(Isa, OnlyAvailableOnesAreGranted) {
    const std::vector<Isa> isas = available_isas();
    std::vector<Isa> asked(std::begin(kAll), std::end(kAll));
    asked.push_back(static_cast<Isa>(200));
    for (const Isa isa : asked) {
        const Result<Isa> granted = require_isa(isa);
        EXPECT_EQ(granted.ok(), std::find(isas.begin(), isas.end(), isa) != isas.end()) << to_string(isa);
        if (granted) {
            EXPECT_EQ(*granted, isa);
        } else {
            EXPECT_EQ(granted.error().code, ErrorCode::unsupported);
            EXPECT_THAT(granted.error().message, HasSubstr("use one of"));
            EXPECT_THAT(granted.error().message, HasSubstr("portable"));
        }
    }
}

TEST(Isa, TheDefaultIsTheBestOrTheEnvironmentsWish) {
    for (const char* none : {static_cast<const char*>(nullptr), ""}) {
        const EnvironmentVariable variable("TCONV_ISA", none);
        ASSERT_TRUE(default_isa());
        EXPECT_EQ(*default_isa(), available_isas().front());
    }
    for (const Isa isa : kAll) {
        const EnvironmentVariable variable("TCONV_ISA", std::string(to_string(isa)).c_str());
        const Result<Isa> wanted = default_isa();
        ASSERT_EQ(wanted.ok(), require_isa(isa).ok());
        if (wanted) {
            EXPECT_EQ(*wanted, isa);
        } else {
            EXPECT_EQ(wanted.error().code, ErrorCode::unsupported);
        }
    }
    const EnvironmentVariable variable("TCONV_ISA", "avx9");
    const Result<Isa> wanted = default_isa();
    ASSERT_FALSE(wanted);
    EXPECT_EQ(wanted.error().code, ErrorCode::invalid_argument);
    EXPECT_THAT(wanted.error().message, HasSubstr("TCONV_ISA"));
    EXPECT_THAT(wanted.error().message, HasSubstr("'avx9'"));
}

}  // namespace
}  // namespace tconv
