/*
 * Runs files through a target without libFuzzer, so that any build can: fuzz_replay TARGET FILE...
 * `fuzz_replay seeds FOLDER` writes snapshots for the target `snapshot` to begin with.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "fuzz_targets.h"

static const struct {
	const char *name;
	void (*run)(const uint8_t *data, size_t size);
} targets[] = {
#define ROW(name) {#name, fuzz_##name},
	FUZZ_TARGETS(ROW)
#undef ROW
};

static uint8_t *read_all(const char *path, size_t *size)
{
	FILE *file = fopen(path, "rb");
	if (!file || fseek(file, 0, SEEK_END))
		return NULL;
	long length = ftell(file);
	rewind(file);
	/* exactly as large as the file, so that a byte too far is seen */
	uint8_t *bytes = length < 0 ? NULL : malloc(length ? (size_t)length : 1);
	*size = bytes ? fread(bytes, 1, (size_t)length, file) : 0;
	fclose(file);
	return bytes;
}

int main(int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[1], "seeds") == 0)
		return fuzz_snapshot_seeds(argv[2]) == 0;
	for (size_t i = 0; argc > 2 && i < sizeof targets / sizeof targets[0]; i++) {
		if (strcmp(argv[1], targets[i].name) != 0)
			continue;
		for (int k = 2; k < argc; k++) {
			size_t size;
			uint8_t *bytes = read_all(argv[k], &size);
			if (!bytes) {
				fprintf(stderr, "fuzz_replay: cannot read %s\n", argv[k]);
				return 2;
			}
			targets[i].run(bytes, size);
			free(bytes);
			printf("done %s\n", argv[k]);
			fflush(stdout);
		}
		return 0;
	}
	fputs("usage: fuzz_replay TARGET FILE...\n", stderr);
	return 2;
}
