/* Checks that go on after a failure, and what both halves of the test share. */
#pragma once

#include <stddef.h>
#include <tconv/tconv.h>

/* Says where and what where a claim does not hold. */
#define CHECK(claim) check((claim) != 0, __FILE__, __LINE__, #claim)
/* A call that has to succeed. */
#define CHECK_OK(call) check_status((call), TCONV_OK, "", __FILE__, __LINE__, #call)
/* A call that has to fail with this status and a sentence that says these words. */
#define CHECK_FAILS(call, status, words) check_status((call), (status), (words), __FILE__, __LINE__, #call)

void check(int holds, const char* file, int line, const char* claim);
void check_status(tconv_status given, tconv_status wanted, const char* words, const char* file, int line,
                  const char* call);
int failures(void);

/* A problem from its text. */
tconv_problem problem_of(const char* text);
/* A plan that has to be there. */
tconv_plan* plan_of(const char* text, int32_t pass, const tconv_options* options);
/* Memory for a plan's runs. */
void* workspace_of(const tconv_plan* plan);

void test_misuse(void);
void test_more(void);
void test_drawings(void);
