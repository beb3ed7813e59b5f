// fontconfig, which finds cairo's fonts, keeps what it has read until the process ends; AddressSanitizer's builds take
// that for a leak of ours.
#if defined(__SANITIZE_ADDRESS__)
#define TCONV_HAS_ADDRESS_SANITIZER
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define TCONV_HAS_ADDRESS_SANITIZER
#endif
#endif

#ifdef TCONV_HAS_ADDRESS_SANITIZER
extern "C" const char* __lsan_default_suppressions();
extern "C" const char* __lsan_default_suppressions() { return "leak:libfontconfig"; }
extern "C" const char* __lsan_default_options();
extern "C" const char* __lsan_default_options() { return "print_suppressions=0"; }
#endif
