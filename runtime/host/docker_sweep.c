/*
 * What killed clients have left behind. Every container has a label that says whose it is: the machine's boot, the
 * namespace of process ids, the process, and when that started. A client that is of this boot and namespace and
 * is no longer there has been killed; its containers, with their volumes and folders, go. Others are left alone.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "docker.h"

/* A request for something to be removed, or for a list of such. */
typedef struct Removal {
	HttpRequest request;
	char path[256];
	bool of_dead; /* only what belongs to clients that are gone */
	Docker *docker;
	struct Removal *next;
} Removal;

typedef struct Sweep {
	HttpRequest list;
	char path[256];
	Removal *removals;
	unsigned active;
	bool has_started, has_listed_volumes, has_swept_folders;
} Sweep;

/* ---- who is alive ---- */

/* When a process started, in ticks since boot; 0: there is none. */
static unsigned long long start_of(long pid)
{
	char path[64], text[1024];
	unsigned long long start = 0;
	snprintf(path, sizeof path, "/proc/%ld/stat", pid);
	FILE *file = fopen(path, "re");
	if (!file)
		return 0;
	size_t length = fread(text, 1, sizeof text - 1, file);
	fclose(file);
	text[length] = '\0';
	const char *after = strrchr(text, ')'); /* the name may hold anything */
	for (int field = 2; after && field < 22; field++)
		after = strchr(after + 1, ' ');
	if (after)
		start = strtoull(after + 1, NULL, 10);
	return start;
}

static void boot_of(char boot[40])
{
	FILE *file = fopen("/proc/sys/kernel/random/boot_id", "re");
	size_t length = file ? fread(boot, 1, 36, file) : 0;
	boot[length] = '\0';
	if (file)
		fclose(file);
}

unsigned long long sweep_identity(char identity[96])
{
	char boot[40];
	struct stat status = {0};
	boot_of(boot);
	(void)stat("/proc/self/ns/pid", &status);
	snprintf(identity, 96, "%s/%llu/%ld/%llu", boot, (unsigned long long)status.st_ino,
			 (long)getpid(), start_of(getpid()));
	return status.st_ino;
}

static bool is_dead(const char *identity)
{
	char own[96];
	long pid;
	unsigned long long start, space, own_space;
	sweep_identity(own);
	size_t boot = strcspn(own, "/");
	if (strncmp(identity, own, boot + 1) != 0 ||
		sscanf(identity + boot, "/%llu/%ld/%llu", &space, &pid, &start) != 3 ||
		sscanf(own + boot, "/%llu/", &own_space) != 1 || space != own_space)
		return false;
	unsigned long long now = start_of(pid);
	return now != start;
}

/* ---- removing ---- */

static void list_volumes(Docker *docker, const char *filter, bool of_dead);

/* Containers first, then the volumes that they may have used. */
static void one_less(Docker *docker)
{
	Sweep *sweep = docker->sweep;
	if (--sweep->active == 0 && !sweep->has_listed_volumes) {
		sweep->has_listed_volumes = true;
		list_volumes(docker, "sbx.client", true);
	}
}

static void removed(HttpRequest *request, const char *problem)
{
	(void)problem;
	one_less(((Removal *)request->context)->docker);
}

static Removal *add_removal(Docker *docker)
{
	Removal *removal = calloc(1, sizeof *removal);
	if (!removal)
		return NULL;
	removal->docker = docker;
	removal->next = docker->sweep->removals;
	docker->sweep->removals = removal;
	removal->request.context = removal;
	return removal;
}

static void remove_path(Docker *docker, const char *format, const char *name)
{
	Removal *removal = add_removal(docker);
	if (!removal)
		return;
	int length = snprintf(removal->path, sizeof removal->path, "%s", docker->prefix);
	snprintf(removal->path + length, sizeof removal->path - (size_t)length, format, name);
	removal->request.on_end = removed;
	docker->sweep->active++;
	if (!docker_send(docker, &removal->request, "DELETE", removal->path, NULL, 0))
		one_less(docker);
}

/* ---- volumes ---- */

static void volumes_listed(HttpRequest *request, const char *problem)
{
	Removal *listing = request->context;
	Docker *docker = listing->docker;
	Documents *d = docker->documents;
	Document *list = !problem && request->status == 200 && request->text
						 ? document_read(d, request->text, request->text_length)
						 : NULL;
	for (size_t i = 0; i < document_count(d, list, "Volumes"); i++) {
		const Document *volume = document_item(d, list, "Volumes", i);
		const char *client = document_get_text(d, volume, "Labels/sbx.client");
		const char *name = document_get_text(d, volume, "Name");
		if (name && client && strlen(name) < 100 && (!listing->of_dead || is_dead(client)))
			remove_path(docker, "/volumes/%s?force=1", name);
	}
	document_free(d, list);
	one_less(docker);
}

static void list_volumes(Docker *docker, const char *filter, bool of_dead)
{
	Removal *listing = add_removal(docker);
	if (!listing)
		return;
	listing->of_dead = of_dead;
	listing->request.on_end = volumes_listed;
	snprintf(listing->path, sizeof listing->path,
			 "%s/volumes?filters=%%7B%%22label%%22%%3A%%5B%%22%s%%22%%5D%%7D", docker->prefix,
			 filter);
	docker->sweep->active++;
	if (!docker_send(docker, &listing->request, "GET", listing->path, NULL, 0))
		one_less(docker);
}

/* NULL: no memory. */
static Sweep *sweep_of(Docker *docker)
{
	if (!docker->sweep)
		docker->sweep = calloc(1, sizeof *docker->sweep);
	return docker->sweep;
}

void sweep_volumes_of(Docker *docker, const char *name)
{
	char filter[128];
	snprintf(filter, sizeof filter, "sbx.box%%3D%.64s", name);
	if (sweep_of(docker))
		list_volumes(docker, filter, false);
}

/* ---- containers ---- */

static void listed(HttpRequest *request, const char *problem)
{
	Docker *docker = request->context;
	Documents *d = docker->documents;
	Document *list = !problem && request->status == 200 && request->text
						 ? document_read(d, request->text, request->text_length)
						 : NULL;
	for (size_t i = 0; i < document_count(d, list, NULL); i++) {
		const Document *container = document_item(d, list, NULL, i);
		const char *client = document_get_text(d, container, "Labels/sbx.client");
		const char *id = document_get_text(d, container, "Id");
		if (client && id && strlen(id) < 100 && is_dead(client))
			remove_path(docker, "/containers/%s?force=1&v=1", id);
	}
	document_free(d, list);
	one_less(docker);
}

/* ---- folders ---- */

/* The lock of a builder that was killed; one that is held is left alone. */
static void sweep_lock(const char *path)
{
	int lock = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	if (lock >= 0 && flock(lock, LOCK_EX | LOCK_NB) == 0)
		(void)unlink(path); /* while it is held: who waits for it finds out (docker_image.c) */
	if (lock >= 0)
		close(lock);
}

/* "sbx-box-NAMESPACE-PID-..." of a process that is gone, and locks of this user. false: there was no time for all. */
static bool sweep_folders(const Docker *docker)
{
	bool all = true;
	const char *parent = getenv("TMPDIR");
	if (!parent || *parent != '/')
		parent = "/tmp";
	DIR *folder = opendir(parent);
	struct dirent *entry;
	while (all && folder && (entry = readdir(folder)) != NULL) {
		long pid;
		unsigned long long space;
		struct stat status;
		char path[4096];
		long user;
		if (sscanf(entry->d_name, "sbx-build-%ld-", &user) == 1 && user == (long)getuid()) {
			snprintf(path, sizeof path, "%s/%s", parent, entry->d_name);
			sweep_lock(path);
			continue;
		}
		if (sscanf(entry->d_name, "sbx-box-%llx-%ld-", &space, &pid) != 2 ||
			space != docker->space || start_of(pid))
			continue;
		snprintf(path, sizeof path, "%s/%s", parent, entry->d_name);
		if (lstat(path, &status) == 0 && S_ISDIR(status.st_mode) && status.st_uid == getuid())
			all = folder_remove_some(path, docker->until);
	}
	if (folder)
		closedir(folder);
	return all;
}

/* When no container can read them any more. */
bool sweep_has_work(const Docker *docker)
{
	const Sweep *sweep = docker->sweep;
	return sweep && sweep->has_started && !sweep->active && !sweep->has_swept_folders;
}

void sweep_poll(Docker *docker)
{
	if (sweep_has_work(docker))
		docker->sweep->has_swept_folders = sweep_folders(docker);
}

void sweep_start(Docker *docker)
{
	Sweep *sweep = sweep_of(docker);
	if (!sweep || sweep->has_started)
		return;
	sweep->has_started = true;
	sweep->list.context = docker;
	sweep->list.on_end = listed;
	snprintf(sweep->path, sizeof sweep->path,
			 "%s/containers/json?all=1&filters=%%7B%%22label%%22%%3A%%5B%%22sbx.client%%22%%5D%%7D",
			 docker->prefix);
	sweep->active++;
	if (!docker_send(docker, &sweep->list, "GET", sweep->path, NULL, 0))
		one_less(docker);
}

bool sweep_is_done(const Docker *docker)
{
	return !docker->sweep || (docker->sweep->active == 0 && !sweep_has_work(docker));
}

void sweep_free(Docker *docker)
{
	Sweep *sweep = docker->sweep;
	if (!sweep)
		return;
	http_cancel(docker->http, &sweep->list);
	while (sweep->removals) {
		Removal *removal = sweep->removals;
		sweep->removals = removal->next;
		http_cancel(docker->http, &removal->request);
		free(removal);
	}
	free(sweep);
	docker->sweep = NULL;
}
