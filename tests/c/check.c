#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int failed = 0;

int failures(void) { return failed; }

void check(int holds, const char* file, int line, const char* claim) {
    if (holds) return;
    ++failed;
    printf("%s:%d: does not hold: %s\n", file, line, claim);
}

void check_status(tconv_status given, tconv_status wanted, const char* words, const char* file, int line,
                  const char* call) {
    if (given == wanted && (given == TCONV_OK || strstr(tconv_last_error(), words) != NULL)) return;
    ++failed;
    printf("%s:%d: %s is \"%s\", wanted is \"%s\" saying \"%s\"; the sentence is: %s\n", file, line, call,
           tconv_status_name(given), tconv_status_name(wanted), words, tconv_last_error());
}

tconv_problem problem_of(const char* text) {
    tconv_problem problem;
    CHECK_OK(tconv_problem_init(&problem, sizeof problem));
    CHECK_OK(tconv_problem_parse(&problem, text));
    return problem;
}

tconv_plan* plan_of(const char* text, int32_t pass, const tconv_options* options) {
    const tconv_problem problem = problem_of(text);
    tconv_plan* plan = NULL;
    CHECK_OK(tconv_plan_create(&problem, pass, options, &plan));
    return plan;
}

void* workspace_of(const tconv_plan* plan) {
    const size_t size = tconv_workspace_size(plan);
    void* const workspace = size > 0 ? malloc(size) : NULL;
    CHECK(size == 0 || workspace != NULL);
    if (workspace != NULL) memset(workspace, 0xff, size);
    return workspace;
}
