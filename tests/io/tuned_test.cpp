// The file of tuned methods: what was kept is found again, by the machine that measured it alone; files that are
// corrupt, hostile or somebody else's are refused with a sentence, and never written over.
#include "tconv/tuned.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "io/temporary_folder.h"
#include "runtime/environment_variable.h"
#include "tconv/problem_text.h"

namespace tconv {
namespace {

using testing::HasSubstr;

const std::string kHeader = "tconv tuned methods 1\n";

TunedQuestion question(const char* text, Pass pass = Pass::scatter, Isa isa = Isa::portable, int threads = 1) {
    return {*parse_problem(text), pass, isa, threads};
}

std::string contents(const std::string& path) {
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
}

void save(const std::string& path, const std::string& text) { std::ofstream(path) << text; }

std::string refusal(const std::string& path) {
    const auto read = TunedMethods::read(path);
    if (read) return "";
    EXPECT_EQ(read.error().code, ErrorCode::malformed_file);
    return read.error().message;
}

TEST(TunedMethods, AreFoundAgainForWhatTheyWereMeasuredFor) {
    const io_test::TemporaryFolder folder;
    const std::string path = folder / "new/folders/tuned";
    TunedMethods tuned;
    tuned.keep(question("ic4 i8x8 k4 s2 \"a name\""), "phase_gemm");
    tuned.keep(question("ic4 i8x8 k4 s2"), "overlap_add");  // the name is no part of the problem
    tuned.keep(question("ic4 i8x8 k4 s2", Pass::gather), "direct");
    ASSERT_TRUE(tuned.write(path));
    const auto read = TunedMethods::read(path);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->size(), 2u);
    EXPECT_EQ(read->find(question("ic4 i8x8 k4 s2")), "overlap_add");
    EXPECT_EQ(read->find(question("ic4 i8x8 k4 s2", Pass::gather)), "direct");
    for (const TunedQuestion& other :
         {question("ic4 i8x8 k4 s2", Pass::weight_grad), question("ic4 i8x8 k4 s2 f64"),
          question("ic4 i8x8 k4 s2 nhwc"), question("ic4 i8x8 k4 s2", Pass::scatter, Isa::avx2),
          question("ic4 i8x8 k4 s2", Pass::scatter, Isa::portable, 2), question("n2 ic4 i8x8 k4 s2")})
        EXPECT_FALSE(read->find(other)) << to_text(other.problem);
}

TEST(TunedMethods, OfAnotherVersionOrCpuAreKeptAndNotFound) {
    const io_test::TemporaryFolder folder;
    TunedMethods tuned;
    tuned.keep(question("i8 k4"), "direct");
    ASSERT_TRUE(tuned.write(folder / "tuned"));
    const std::string line = contents(folder / "tuned").substr(kHeader.size());
    const std::string other_version = "0.0.0" + line.substr(line.find('\t'));
    const std::size_t cpu = line.find('\t') + 1;
    const std::string other_cpu = line.substr(0, cpu) + "Another CPU" + line.substr(line.find('\t', cpu));
    save(folder / "tuned", kHeader + other_version + other_cpu);
    auto read = TunedMethods::read(folder / "tuned");
    ASSERT_TRUE(read);
    EXPECT_EQ(read->size(), 2u);
    EXPECT_FALSE(read->find(question("i8 k4")));
    read->keep(question("i8 k4"), "overlap_add");
    ASSERT_TRUE(read->write(folder / "tuned"));
    EXPECT_EQ(TunedMethods::read(folder / "tuned")->size(), 3u);
    EXPECT_THAT(contents(folder / "tuned"), HasSubstr(other_cpu));
}

TEST(TunedMethods, AFileThatIsMissingHoldsNone) {
    const io_test::TemporaryFolder folder;
    const auto read = TunedMethods::read(folder / "nothing/tuned");
    ASSERT_TRUE(read);
    EXPECT_EQ(read->size(), 0u);
}

TEST(TunedMethods, CorruptAndHostileFilesAreRefused) {
    const io_test::TemporaryFolder folder;
    const std::string path = folder / "tuned";
    const std::string line = "0.1.0\tcpu\tavx2\t1\tscatter\tdirect\ti8 k4\n";
    save(path, kHeader + line);
    EXPECT_EQ(refusal(path), "");
    for (const std::string& bad : {line.substr(0, line.size() - 1), line.substr(0, 20), std::string("\n"), "\t" + line,
                                   line.substr(6), std::string("0.1.0\tcpu\tavx2\t1\tscatter\t../x\ti8 k4\n"),
                                   std::string("0.1.0\tcpu\tavx2\t1\tscatter\t\ti8 k4\n"),
                                   "0.1.0\tcpu\tavx2\t1\tscatter\t" + std::string(41, 'a') + "\ti8 k4\n"})
        EXPECT_THAT(refusal((save(path, kHeader + line + bad), path)), HasSubstr("line 3")) << bad;
    for (const std::string& foreign : {std::string(), std::string("GIF89a"), "tconv tuned methods 2\n" + line, line})
        EXPECT_THAT(refusal((save(path, foreign), path)), HasSubstr("no file of this tconv's tuned methods"));
    std::string many = kHeader;
    for (int i = 0; i < 5001; ++i) many += "0.1.0\tc\tavx2\t" + std::to_string(i) + "\tscatter\tdirect\ti8 k4\n";
    EXPECT_THAT(refusal((save(path, many), path)), HasSubstr("line 5002"));
    save(path, kHeader + std::string((1 << 20) + 1, 'x'));
    EXPECT_THAT(refusal(path), HasSubstr("1 MiB"));
    for (const char* special : {"/dev/zero", "/dev/null", "/"})
        EXPECT_THAT(refusal(special), HasSubstr("no regular file"));
    ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0600), 0);
    EXPECT_THAT(refusal(folder / "pipe"), HasSubstr("no regular file"));  // and nobody waits for a writer
}

TEST(TunedMethods, WriteOverNothingElse) {
    const io_test::TemporaryFolder folder;
    save(folder / "photo", "GIF89a");
    TunedMethods tuned;
    tuned.keep(question("i8 k4"), "direct");
    EXPECT_FALSE(tuned.write(folder / "photo"));
    EXPECT_FALSE(TunedMethods::can_replace(folder / "photo"));
    EXPECT_EQ(contents(folder / "photo"), "GIF89a");
    save(folder / "corrupt", kHeader + "?");  // its own, so it may be written anew
    EXPECT_TRUE(tuned.write(folder / "corrupt"));
    EXPECT_TRUE(TunedMethods::read(folder / "corrupt"));
    EXPECT_EQ(folder.names(), (std::vector<std::string>{"corrupt", "photo"}));
    EXPECT_FALSE(tuned.write(folder / "photo/tuned"));
}

TEST(TunedMethods, HaveAPlace) {
    const EnvironmentVariable none("TCONV_TUNE_CACHE", nullptr);
    {
        const EnvironmentVariable home("HOME", "/h"), xdg("XDG_CACHE_HOME", "/x");
        EXPECT_EQ(*TunedMethods::default_path(), "/x/tconv/tuned");
        const EnvironmentVariable relative("XDG_CACHE_HOME", "x"), named("TCONV_TUNE_CACHE", "/t");
        EXPECT_EQ(*TunedMethods::default_path(), "/t");
        const EnvironmentVariable empty("TCONV_TUNE_CACHE", "");
        EXPECT_EQ(*TunedMethods::default_path(), "/h/.cache/tconv/tuned");
    }
    const EnvironmentVariable home("HOME", nullptr), xdg("XDG_CACHE_HOME", nullptr);
    EXPECT_THAT(TunedMethods::default_path().error().message, HasSubstr("TCONV_TUNE_CACHE"));
}

}  // namespace
}  // namespace tconv
