/*
 * See git.h.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "git.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

enum { MOST_MS = 5000, MOST_BYTES = 65536, MOST_WORDS = 32, MOST_FILTERS = 64 };

/* ---- the environment of git ---- */

/* What a shell or a hook has set for another repository is no concern of this one. */
static bool is_kept(const char *variable)
{
	static const char *const kept[] = {
		"GIT_CONFIG_GLOBAL=", "GIT_CONFIG_SYSTEM=", "GIT_CONFIG_NOSYSTEM=", "GIT_EXEC_PATH=",
		"GIT_CEILING_DIRECTORIES="};
	if (strncmp(variable, "GIT_", 4) != 0)
		return strncmp(variable, "LC_ALL=", 7) != 0;
	for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
		if (strncmp(variable, kept[i], strlen(kept[i])) == 0)
			return true;
	return false;
}

typedef struct Environment {
	char **variables; /* NULL at the end */
	size_t count, borrowed;
	unsigned settings;
	bool failed;
} Environment;

static void add_variable(Environment *e, char *variable)
{
	if (variable)
		e->variables[e->count++] = variable;
	else
		e->failed = true;
}

/* As `-c key=value`, but for keys of any letters. */
static void add_setting(Environment *e, const char *key, const char *value)
{
	char *variable;
	add_variable(e, asprintf(&variable, "GIT_CONFIG_KEY_%u=%s", e->settings, key) < 0 ? NULL
																					  : variable);
	add_variable(
		e, asprintf(&variable, "GIT_CONFIG_VALUE_%u=%s", e->settings, value) < 0 ? NULL : variable);
	e->settings++;
}

static void add_filter_settings(Environment *e, const char *filter)
{
	static const char *const last[][2] = {
		{"clean", ""}, {"smudge", ""}, {"process", ""}, {"required", "false"}};
	for (size_t i = 0; i < sizeof last / sizeof *last; i++) {
		char *key = NULL;
		if (asprintf(&key, "filter.%s.%s", filter, last[i][0]) < 0) {
			e->failed = true;
			return;
		}
		add_setting(e, key, last[i][1]);
		free(key);
	}
}

static void environment_free(Environment *e)
{
	for (size_t i = e->borrowed; e->variables && i < e->count; i++)
		free(e->variables[i]);
	free(e->variables);
}

/* note [no command of the repository]
 * What `git status` and its like would run by the word of a repository's configuration: core.fsmonitor, hooks
 * (post-index-change), pagers, the filters that .gitattributes names (clean and process), and, in a partial clone whose
 * objects are missing, the transport of its remote. The first three are settings here; filters are found by name and
 * set to nothing; GIT_ALLOW_PROTOCOL leaves no transport.
 */
static bool environment_make(Environment *e, const Git *git)
{
	size_t room = 16 + git->filter_count * 8;
	for (char **v = environ; *v; v++)
		room++;
	*e = (Environment){.variables = calloc(room + 1, sizeof *e->variables)};
	if (!e->variables)
		return false;
	for (char **v = environ; *v; v++)
		if (is_kept(*v))
			e->variables[e->count++] = *v;
	e->borrowed = e->count;
	add_variable(e, strdup("LC_ALL=C"));
	add_variable(e, strdup("GIT_OPTIONAL_LOCKS=0"));
	add_variable(e, strdup("GIT_TERMINAL_PROMPT=0"));
	add_variable(e, strdup("GIT_ALLOW_PROTOCOL=none"));
	add_variable(e, strdup("GIT_NO_LAZY_FETCH=1"));
	add_setting(e, "core.fsmonitor", "false");
	add_setting(e, "core.hooksPath", "/dev/null");
	for (size_t i = 0; i < git->filter_count; i++)
		add_filter_settings(e, git->filters[i]);
	char *count;
	add_variable(e, asprintf(&count, "GIT_CONFIG_COUNT=%u", e->settings) < 0 ? NULL : count);
	return !e->failed;
}

/* ---- one question ---- */

static int64_t now_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static pid_t spawn_git(char **words, char **variables, int output, int other_end)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t none;
	pid_t pid = -1;
	if (posix_spawn_file_actions_init(&actions))
		return -1;
	if (posix_spawnattr_init(&attributes) == 0) {
		sigemptyset(&none);
		/* a group of its own, so that what git has started ends with it */
		if (posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK) ||
			posix_spawnattr_setpgroup(&attributes, 0) ||
			posix_spawnattr_setsigmask(&attributes, &none) ||
			posix_spawn_file_actions_addclose(&actions, other_end) ||
			posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO) ||
			posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0) ||
			posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0) ||
			posix_spawnp(&pid, "git", &actions, &attributes, words, variables))
			pid = -1;
		posix_spawnattr_destroy(&attributes);
	}
	posix_spawn_file_actions_destroy(&actions);
	return pid;
}

/* Reads until the end, the limit or the deadline. False: the process is to be ended. */
static bool read_answer(GitAnswer *answer, int input, size_t most, int64_t deadline)
{
	size_t room = most + 1; /* one more shows that there is more */
	answer->text = malloc(room + 1);
	if (!answer->text)
		return false;
	for (;;) {
		int64_t left = deadline - now_ms();
		struct pollfd wait = {.fd = input, .events = POLLIN};
		if (left <= 0)
			return false;
		int ready = poll(&wait, 1, (int)left);
		if (ready < 0 && errno == EINTR)
			continue;
		if (ready <= 0)
			return false;
		ssize_t n = read(input, answer->text + answer->length, room - answer->length);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n == 0;
		answer->length += (size_t)n;
		if (answer->length > most) {
			answer->length = most;
			answer->is_too_long = true;
			return false;
		}
	}
}

/* It has closed its output, so it is about to end; or it is ended here. */
static int end_git(pid_t pid, bool is_done, int64_t deadline)
{
	int status;
	for (;;) {
		pid_t ended = is_done ? waitpid(pid, &status, WNOHANG) : 0;
		if (ended == pid)
			return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
		if (ended < 0 && errno != EINTR)
			return -1;
		if (!is_done || now_ms() >= deadline)
			break;
		(void)poll(NULL, 0, 1);
	}
	(void)kill(-pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return -1;
}

static GitAnswer ask(const Git *git, char **words, size_t most)
{
	GitAnswer answer = {.exit_code = -1};
	Environment environment;
	int ends[2];
	if (!environment_make(&environment, git) || pipe2(ends, O_CLOEXEC)) {
		environment_free(&environment);
		return answer;
	}
	int64_t deadline = now_ms() + MOST_MS;
	pid_t pid = spawn_git(words, environment.variables, ends[1], ends[0]);
	close(ends[1]);
	if (pid > 0) {
		bool is_done = read_answer(&answer, ends[0], most, deadline);
		answer.exit_code = end_git(pid, is_done, deadline);
		if (answer.text)
			answer.text[answer.length] = '\0';
	}
	close(ends[0]);
	environment_free(&environment);
	return answer;
}

GitAnswer git_ask(const Git *git, size_t most, const char *const *words)
{
	static const char *const first[] = {"git", "--no-pager", "--literal-pathspecs", "-C"};
	char *all[MOST_WORDS];
	size_t count = 0;
	for (size_t i = 0; i < sizeof first / sizeof *first; i++)
		all[count++] = (char *)(uintptr_t)first[i];
	all[count++] = (char *)(uintptr_t)git->folder;
	while (*words && count < MOST_WORDS - 1)
		all[count++] = (char *)(uintptr_t)*words++;
	all[count] = NULL;
	return ask(git, all, most);
}

char *git_line(const Git *git, const char *const *words)
{
	GitAnswer answer = git_ask(git, MOST_BYTES, words);
	if (answer.exit_code || !answer.text || strlen(answer.text) != answer.length) {
		free(answer.text);
		return NULL;
	}
	if (answer.length && answer.text[answer.length - 1] == '\n')
		answer.text[answer.length - 1] = '\0';
	return answer.text;
}

/* ---- opening ---- */

static bool has_filter(const Git *git, const char *name, size_t length)
{
	for (size_t i = 0; i < git->filter_count; i++)
		if (strlen(git->filters[i]) == length && memcmp(git->filters[i], name, length) == 0)
			return true;
	return false;
}

/* "filter.NAME.clean", where the name may hold dots. */
static bool add_filter(Git *git, const char *key)
{
	const char *name = strchr(key, '.'), *last = strrchr(key, '.');
	if (!name || last <= name)
		return true;
	size_t length = (size_t)(last - ++name);
	if (has_filter(git, name, length))
		return true;
	char *copy = git->filter_count < MOST_FILTERS ? strndup(name, length) : NULL;
	if (copy)
		git->filters[git->filter_count++] = copy;
	return copy != NULL;
}

bool git_open(Git *git, const char *folder)
{
	static const char *const words[] = {"config",       "--null",     "--name-only",
										"--get-regexp", "^filter[.]", NULL};
	*git = (Git){.folder = folder, .filters = calloc(MOST_FILTERS, sizeof *git->filters)};
	GitAnswer answer = git_ask(git, MOST_BYTES, words);
	bool good = git->filters && answer.text && !answer.is_too_long &&
				(answer.exit_code == 0 || (answer.exit_code == 1 && !answer.length));
	for (size_t at = 0; good && at < answer.length; at += strlen(answer.text + at) + 1)
		good = add_filter(git, answer.text + at);
	free(answer.text);
	if (!good)
		git_close(git);
	return good;
}

void git_close(Git *git)
{
	for (size_t i = 0; i < git->filter_count; i++)
		free(git->filters[i]);
	free(git->filters);
	*git = (Git){0};
}
