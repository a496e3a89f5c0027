/*
 * Paths of journals and caches, as a host gives them: each is the name of a file, and one file is one journal.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <ftw.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/include/sbx-host.h"
#include "unit_report.h"

static bool opens(const char *path, bool must_exist, sbx_status *status)
{
	sbx_journal *journal;
	*status = must_exist ? sbx_journal_open_existing(path, 0, &journal)
						 : sbx_journal_open(path, &journal);
	bool told = *status == SBX_DONE || *sbx_journal_problem(journal);
	sbx_journal_close(journal);
	return told && *status == SBX_DONE;
}

static bool caches(const char *path, sbx_status *status)
{
	sbx_cache_file *file;
	*status = sbx_cache_file_open(path, NULL, &file);
	bool told = *status == SBX_DONE || *sbx_cache_file_problem(file);
	sbx_cache_file_close(file);
	return told && *status == SBX_DONE;
}

static bool is_file(const char *path)
{
	struct stat about;
	return lstat(path, &about) == 0 && S_ISREG(about.st_mode) && about.st_size > 0;
}

static void names(void)
{
	static const char *const odd[] = {":memory:", "file:a?mode=memory", "file::memory:", " "};
	sbx_status status;
	report("no path", !opens(NULL, false, &status) && status == SBX_E_ARGUMENT);
	report("an empty path", !opens("", false, &status) && status == SBX_E_ARGUMENT);
	report("an empty path that must exist", !opens("", true, &status) && status == SBX_E_ARGUMENT);
	report("no path of a cache", !caches(NULL, &status) && status == SBX_E_ARGUMENT);
	report("an empty path of a cache", !caches("", &status) && status == SBX_E_ARGUMENT);
	for (size_t i = 0; i < sizeof odd / sizeof *odd; i++)
		report(odd[i], opens(odd[i], false, &status) && is_file(odd[i]));
	report("a cache in memory", caches(":memory: 2", &status) && is_file(":memory: 2"));
}

static void links(void)
{
	sbx_status status;
	bool made = symlink("real.db", "link.db") == 0 && symlink("gone/real.db", "nowhere.db") == 0;
	report("a link to a file that is made",
		   made && opens("link.db", false, &status) && is_file("real.db") &&
			   access("real.db-runs", F_OK) == 0 && access("link.db-runs", F_OK) != 0);
	report("a link to a folder that is not there",
		   !opens("nowhere.db", false, &status) && status == SBX_E_UNAVAILABLE);
	report("a file with two names",
		   link("real.db", "hard.db") == 0 && !opens("hard.db", true, &status) &&
			   status == SBX_E_UNAVAILABLE && !caches("hard.db", &status) &&
			   !opens("real.db", true, &status));
	report("a file with one name again",
		   unlink("hard.db") == 0 && opens("link.db", true, &status) && caches("link.db", &status));
}

static int remove_one(const char *path, const struct stat *about, int kind, struct FTW *at)
{
	(void)about;
	(void)kind;
	(void)at;
	return remove(path);
}

int main(void)
{
	char folder[] = "/tmp/sbx_paths_XXXXXX";
	if (!mkdtemp(folder) || chdir(folder) != 0)
		return 1;
	names();
	links();
	if (nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS) != 0)
		return 1;
	return failures != 0;
}
