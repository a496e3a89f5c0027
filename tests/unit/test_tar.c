/*
 * The bounds of what is collected from a container: a tar that says too much is refused before anything of it is written.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <fcntl.h>
#include <stdarg.h>
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

/* What is said of it, read about `budget` bytes at a time; "" is no problem. */
static const char *collect(FILE *in, TarWanted *wanted, size_t count, size_t budget)
{
	static char problem[256];
	Tar *tar = tar_open();
	TarReader *reader = tar ? tar_reader_open(tar, fileno(in), wanted, count) : NULL;
	enum TarState state = TAR_MORE;
	while (reader && state == TAR_MORE)
		state = tar_reader_go_on(reader, budget);
	snprintf(problem, sizeof problem, "%s", reader ? tar_reader_problem(reader) : "no library");
	if ((state == TAR_FAILED) != (*problem != 0))
		snprintf(problem, sizeof problem, "no reason");
	tar_reader_close(reader);
	tar_close(tar);
	fclose(in);
	return problem;
}

static const char *collected(FILE *in, const char *to, bool is_folder, size_t budget)
{
	TarWanted wanted = {.name = "it", .to = to, .is_folder = is_folder};
	const char *problem = collect(in, &wanted, 1, budget);
	free(wanted.text);
	return problem;
}

static void test_size(const char *folder, size_t budget)
{
	char path[4096];
	FILE *out = tmpfile();
	snprintf(path, sizeof path, "%s/large", folder);
	put_header(out, "outputs/it", '0', (4ull << 30) + 1);
	put_end(out);
	report("a file of more than 4 GiB",
		   !strcmp(collected(out, path, false, budget), "the outputs are larger than 4 GiB"));
	report("nothing of it is made", access(path, F_OK) != 0);
	out = tmpfile();
	put_header(out, "outputs/it", '0', (64ull << 20) + 1);
	put_end(out);
	report("a value of more than 64 MiB",
		   !strcmp(collected(out, NULL, false, budget), "the output 'it' is larger than 64 MiB"));
}

/* A folder that is named again and again makes one folder, and counts each time. */
static void test_count(const char *folder, size_t budget)
{
	char path[1000], inner[1010];
	for (int more = 0; more < 2; more++) {
		FILE *out = tmpfile();
		snprintf(path, sizeof path, "%s/many%d", folder, more);
		for (int i = 0; i < TAR_MOST_FILES + more; i++)
			put_header(out, i ? "outputs/it/x/" : "outputs/it/", '5', 0);
		put_end(out);
		report(more ? "more than 100,000 files" : "100,000 files",
			   !strcmp(collected(out, path, true, budget),
					   more ? "the outputs have more than 100,000 files" : ""));
		snprintf(inner, sizeof inner, "%s/x", path);
		rmdir(inner);
		rmdir(path);
	}
}

/* ---- all of a tar, at once and in pieces ---- */

static void put_file(FILE *out, const char *path, size_t size, size_t there)
{
	put_header(out, path, '0', size);
	for (size_t i = 0; i < there; i++)
		fputc((int)('a' + i % 23), out);
	for (size_t i = there; there == size && i % BLOCK; i++)
		fputc(0, out);
}

enum Flaw {
	NO_FLAW,
	A_LINK,
	NO_FOLDER,
	LEAVES,
	TWICE,
	CUT_FILE,
	CUT_TEXT,
	GARBAGE,
	NO_TAR,
	FLAW_COUNT
};

/* What of it is wanted has each kind; what is not stands between. */
static FILE *make_tar(enum Flaw flaw)
{
	FILE *out = tmpfile();
	if (flaw == GARBAGE)
		put_file(out, "outputs/word", 5, 5);
	if (flaw == GARBAGE || flaw == NO_TAR) {
		for (int i = 0; i < 2 * BLOCK; i++)
			fputc('x', out);
		fflush(out);
		lseek(fileno(out), 0, SEEK_SET);
		return out;
	}
	put_header(out, "outputs/", '5', 0);
	put_file(out, "outputs/word", 5, 5);
	put_file(out, "outputs/other", 70000, 70000);
	put_file(out, "outputs/empty", 0, 0);
	put_file(out, "outputs/file", 200001, 200001);
	put_header(out, flaw == NO_FOLDER ? "outputs/tree" : "outputs/tree/",
			   flaw == NO_FOLDER ? '0' : '5', 0);
	put_header(out, "outputs/tree/deep/", '5', 0);
	put_file(out, "outputs/tree/deep/leaf", 513, 513);
	put_file(out, "outputs/tree/none", 0, 0);
	if (flaw == A_LINK)
		put_header(out, "outputs/tree/link", '2', 0);
	if (flaw == LEAVES)
		put_file(out, "outputs/tree/../../up", 3, 3);
	if (flaw == TWICE)
		put_file(out, "outputs/file", 3, 3);
	if (flaw == CUT_FILE || flaw == CUT_TEXT) {
		put_file(out, flaw == CUT_FILE ? "outputs/tree/last" : "outputs/text", 100000, 50000);
		fflush(out);
		lseek(fileno(out), 0, SEEK_SET);
		return out;
	}
	put_file(out, "outputs/text", 100000, 100000);
	put_end(out);
	return out;
}

enum { PRINT = 2048 };

static void add_text(char print[PRINT], const char *format, ...)
	__attribute__((format(printf, 2, 3)));
static void add_text(char print[PRINT], const char *format, ...)
{
	va_list arguments;
	size_t length = strlen(print);
	va_start(arguments, format);
	vsnprintf(print + length, PRINT - length, format, arguments);
	va_end(arguments);
}

/* The sizes and the sums of what stands in the folder, as text. */
static void add_print(char print[PRINT], const char *path)
{
	unsigned long sum = 0, size = 0;
	FILE *in = fopen(path, "rb");
	for (int c; in && (c = fgetc(in)) != EOF; size++)
		sum = sum * 31 + (unsigned long)c;
	if (in)
		fclose(in);
	add_text(print, "%s %lu %lx\n", strrchr(path, '/'), in ? size : 9999999ul, sum);
	remove(path);
}

static void print_collected(const char *folder, enum Flaw flaw, size_t budget, char print[PRINT])
{
	static const char *const made[] = {"file",      "tree/deep/leaf", "tree/none",
									   "tree/last", "tree/deep",      "tree"};
	char file[200], tree[200], path[300];
	snprintf(file, sizeof file, "%s/file", folder);
	snprintf(tree, sizeof tree, "%s/tree", folder);
	TarWanted wanted[] = {{.name = "word"},
						  {.name = "empty"},
						  {.name = "text"},
						  {.name = "file", .to = file},
						  {.name = "tree", .to = tree, .is_folder = true},
						  {.name = "absent"}};
	enum { COUNT = sizeof wanted / sizeof *wanted };
	*print = '\0';
	add_text(print, "%s\n", collect(make_tar(flaw), wanted, COUNT, budget));
	for (int i = 0; i < COUNT; i++) {
		unsigned long sum = 0;
		for (size_t at = 0; at < wanted[i].length; at++)
			sum = sum * 31 + (unsigned char)wanted[i].text[at];
		add_text(print, "%s %d %zu %lx\n", wanted[i].name, wanted[i].found, wanted[i].length, sum);
		free(wanted[i].text);
	}
	for (size_t i = 0; i < sizeof made / sizeof *made; i++) {
		snprintf(path, sizeof path, "%s/%s", folder, made[i]);
		add_print(print, path);
	}
}

static void test_pieces(const char *folder)
{
	static const char *const problems[FLAW_COUNT] = {
		"",
		"the output 'tree' holds a link or a device, which is refused",
		"the output 'tree' is a file and not a folder",
		"the output 'tree' has a path that leaves its folder",
		"the output file: File exists",
		"the output 'last' is cut off",
		"the output 'text' is cut off",
		"", /* libarchive passes over what is no header */
		"the outputs are no tar",
	};
	static const size_t budgets[] = {1, BLOCK, 65536, 100000};
	char whole[PRINT], pieces[PRINT], name[100];
	for (enum Flaw flaw = NO_FLAW; flaw < FLAW_COUNT; flaw++) {
		print_collected(folder, flaw, SIZE_MAX, whole);
		snprintf(name, sizeof name, "a tar with flaw %d: %.60s", (int)flaw, problems[flaw]);
		size_t said = strcspn(whole, "\n");
		report(name, said == strlen(problems[flaw]) && !strncmp(whole, problems[flaw], said));
		if (flaw != CUT_FILE && flaw != CUT_TEXT) /* how much there is of that is open */
			said = sizeof whole;
		for (size_t i = 0; i < sizeof budgets / sizeof *budgets; i++) {
			print_collected(folder, flaw, budgets[i], pieces);
			snprintf(name, sizeof name, "a tar with flaw %d, %zu bytes at a time", (int)flaw,
					 budgets[i]);
			report(name, !strncmp(whole, pieces, said));
		}
	}
}

/* One that is closed in the middle, after each piece, leaves no descriptor open. */
static void test_close(const char *folder)
{
	char path[300];
	int first = dup(0);
	close(first);
	Tar *tar = tar_open();
	for (int pieces = 0; pieces < 60; pieces++) {
		FILE *in = make_tar(NO_FLAW);
		snprintf(path, sizeof path, "%s/file", folder);
		TarWanted wanted[] = {{.name = "text"}, {.name = "file", .to = path}};
		TarReader *reader = tar_reader_open(tar, fileno(in), wanted, 2);
		for (int i = 0; i < pieces; i++)
			(void)tar_reader_go_on(reader, 10000);
		tar_reader_close(reader);
		free(wanted[0].text);
		fclose(in);
		unlink(path);
	}
	tar_close(tar);
	int last = dup(0);
	close(last);
	report("a reader that is closed early leaves nothing open", first == last);
}

int main(void)
{
	char folder[] = "/tmp/sbx-tar-XXXXXX";
	if (!mkdtemp(folder))
		return 1;
	for (size_t budget = 1; budget; budget = budget == 1 ? BLOCK : budget == BLOCK ? SIZE_MAX : 0) {
		test_size(folder, budget);
		test_count(folder, budget);
	}
	test_pieces(folder);
	test_close(folder);
	rmdir(folder);
	return failures != 0;
}
