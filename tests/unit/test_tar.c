/*
 * The bounds of what is collected from a container: a tar that says too much is refused before anything of it is written.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/host/tar.h"
#include "unit_report.h"

enum { BLOCK = 512 };

/* A ustar header. Sizes from 8 GiB on would need another form. */
static void put_header(FILE *out, const char *path, char kind, unsigned long long size)
{
	unsigned char block[BLOCK] = {0};
	unsigned sum = 0;
	snprintf((char *)block, 100, "%s", path);
	memcpy(block + 100, "0000644", 7);
	snprintf((char *)block + 124, 12, "%011llo", size);
	memcpy(block + 136, "00000000000", 11);
	memset(block + 148, ' ', 8);
	block[156] = (unsigned char)kind;
	memcpy(block + 257, "ustar\00000", 8);
	for (int i = 0; i < BLOCK; i++)
		sum += block[i];
	snprintf((char *)block + 148, 8, "%06o", sum);
	fwrite(block, 1, BLOCK, out);
}

static void put_end(FILE *out)
{
	char zeros[2 * BLOCK] = {0};
	fwrite(zeros, 1, sizeof zeros, out);
	fflush(out);
	lseek(fileno(out), 0, SEEK_SET);
}

/* What tar_collect says of the output `folder` in the tar; "" is no problem. */
static const char *collected(FILE *in, const char *to, bool is_folder)
{
	static char problem[256];
	TarWanted wanted = {.name = "it", .to = to, .is_folder = is_folder};
	Tar *tar = tar_open();
	problem[0] = '\0';
	if (!tar || tar_collect(tar, fileno(in), &wanted, 1, problem) != !*problem)
		snprintf(problem, sizeof problem, "no library, or no reason");
	free(wanted.text);
	tar_close(tar);
	fclose(in);
	return problem;
}

static void test_size(const char *folder)
{
	char path[4096];
	FILE *out = tmpfile();
	snprintf(path, sizeof path, "%s/large", folder);
	put_header(out, "outputs/it", '0', (4ull << 30) + 1);
	put_end(out);
	report("a file of more than 4 GiB",
		   !strcmp(collected(out, path, false), "the outputs are larger than 4 GiB"));
	report("nothing of it is made", access(path, F_OK) != 0);
	out = tmpfile();
	put_header(out, "outputs/it", '0', (64ull << 20) + 1);
	put_end(out);
	report("a value of more than 64 MiB",
		   !strcmp(collected(out, NULL, false), "the output 'it' is larger than 64 MiB"));
}

/* A folder that is named again and again makes one folder, and counts each time. */
static void test_count(const char *folder)
{
	char path[1000], inner[1010];
	for (int more = 0; more < 2; more++) {
		FILE *out = tmpfile();
		snprintf(path, sizeof path, "%s/many%d", folder, more);
		for (int i = 0; i < TAR_MOST_FILES + more; i++)
			put_header(out, i ? "outputs/it/x/" : "outputs/it/", '5', 0);
		put_end(out);
		report(more ? "more than 100,000 files" : "100,000 files",
			   !strcmp(collected(out, path, true),
					   more ? "the outputs have more than 100,000 files" : ""));
		snprintf(inner, sizeof inner, "%s/x", path);
		rmdir(inner);
		rmdir(path);
	}
}

int main(void)
{
	char folder[] = "/tmp/sbx-tar-XXXXXX";
	if (!mkdtemp(folder))
		return 1;
	test_size(folder);
	test_count(folder);
	rmdir(folder);
	return failures != 0;
}
