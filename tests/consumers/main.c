/* One transposed convolution through the C ABI: what a C user's first program does. */
#include <stdio.h>
#include <stdlib.h>
#include <tconv/tconv.h>

int main(void) {
    const float input[] = {1, 2, 3, 4}, weights[] = {1, 1, 1, 1, 1, 1, 1, 1, 1};
    float output[25];
    tconv_problem problem;
    tconv_plan* plan = NULL;
    tconv_packed* packed = NULL;
    tconv_arguments arguments = {0};
    char text[64];
    size_t at;

    if (tconv_problem_init(&problem, sizeof problem) != TCONV_OK ||
        tconv_problem_parse(&problem, "i2x2 k3 s2") != TCONV_OK ||
        tconv_problem_print(&problem, text, sizeof text, NULL) != TCONV_OK ||
        tconv_plan_create(&problem, TCONV_SCATTER, NULL, &plan) != TCONV_OK ||
        tconv_pack(plan, weights, &packed) != TCONV_OK) {
        printf("%s\n", tconv_last_error());
        return 1;
    }
    arguments.struct_size = sizeof arguments;
    arguments.input = input;
    arguments.output = output;
    arguments.workspace_size = tconv_workspace_size(plan);
    arguments.workspace = malloc(arguments.workspace_size + 1);
    if (tconv_run(plan, packed, &arguments) != TCONV_OK) {
        printf("%s\n", tconv_last_error());
        return 1;
    }
    printf("%s in C, ABI %u\n", text, (unsigned)tconv_abi_version());
    for (at = 0; at < 25; ++at) printf(" %g%s", output[at], at % 5 == 4 ? "\n" : "");
    free(arguments.workspace);
    tconv_packed_destroy(packed);
    tconv_plan_destroy(plan);
    return 0;
}
