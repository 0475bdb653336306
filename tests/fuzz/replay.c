// SPDX-License-Identifier: GPL-2.0
/*
 * Runs a fuzz target over files, without libFuzzer, so that every compiler can
 * repeat what the fuzzer once found: NAME FILE... A bad input ends the program,
 * and its name is the last line printed.
 */
#include "fuzz.h"

#define INPUT_MAX_LEN	(1 << 20)

int main(int argc, char **argv)
{
	static uint8_t buf[INPUT_MAX_LEN];
	size_t len;
	FILE *f;
	int i;

	if (argc < 2) {
		printf("Bail out! %s: no input files\n", argv[0]);
		return 1;
	}
	for (i = 1; i < argc; i++) {
		f = fopen(argv[i], "rb");
		if (!f) {
			printf("Bail out! ");
			fflush(stdout);
			perror(argv[i]);
			return 1;
		}
		len = fread(buf, 1, sizeof(buf), f);
		if (ferror(f) || !feof(f)) {
			printf("Bail out! %s: cannot be read, or too long\n", argv[i]);
			return 1;
		}
		fclose(f);
		printf("# %s\n", argv[i]);
		fflush(stdout);
		LLVMFuzzerTestOneInput(buf, len);
	}
	return 0;
}
