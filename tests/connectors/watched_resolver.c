/*
 * Preloaded into a program under test: knows names under ".test" (WATCHED_NAMES="a.test=127.0.0.1,::1 b.test="), and writes
 * down (WATCHED_LOG) who looks a name up, "main" or "other", and who asks for Kerberos credentials. The library WATCHED_HIDES
 * cannot be loaded.
 */
#include <arpa/inet.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef int (*Resolver)(const char *, const char *, const struct addrinfo *, struct addrinfo **);

unsigned gss_acquire_cred(unsigned *minor);

static void note(const char *what)
{
	const char *path = getenv("WATCHED_LOG");
	char line[400];
	int length =
		snprintf(line, sizeof line, "%s %.300s\n", gettid() == getpid() ? "main" : "other", what);
	int log = path ? open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666) : -1;
	if (log >= 0 && write(log, line, (size_t)length) != length)
		abort();
	close(log);
}

static int ask(const char *name, const char *service, const struct addrinfo *hints, int flags,
			   struct addrinfo **out)
{
	void *symbol = dlsym(RTLD_NEXT, "getaddrinfo");
	Resolver real;
	struct addrinfo own = hints ? *hints : (struct addrinfo){0};
	memcpy(&real, &symbol, sizeof real);
	own.ai_flags |= flags;
	return real(name, service, &own, out);
}

int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints,
				struct addrinfo **out)
{
	const char *names = getenv("WATCHED_NAMES"), *found;
	char key[300], list[300] = "";
	int failed = EAI_NONAME;
	if (!name || (hints && hints->ai_flags & AI_NUMERICHOST))
		return ask(name, service, hints, 0, out);
	if (ask(name, service, hints, AI_NUMERICHOST, out) == 0)
		return 0;
	note(name);
	snprintf(key, sizeof key, " %.280s=", name);
	if (!names || !(found = strstr(names, key)))
		return ask(name, service, hints, 0, out);
	sscanf(found + strlen(key), "%299[^ ]", list);
	*out = NULL;
	for (char *address = list, *next; *address; address = next) {
		next = address + strcspn(address, ",");
		next += *next ? (*next = '\0', 1) : 0;
		if ((failed = ask(address, service, hints, AI_NUMERICHOST, out)) != 0)
			return failed;
		while (*out)
			out = &(*out)->ai_next;
	}
	return failed;
}

struct hostent *gethostbyname(const char *name)
{
	note(name);
	return NULL;
}

struct hostent *gethostbyname2(const char *name, int family)
{
	(void)family;
	return gethostbyname(name);
}

int gethostbyname_r(const char *name, struct hostent *entry, char *buffer, size_t size,
					struct hostent **out, int *problem)
{
	(void)entry, (void)buffer, (void)size, (void)problem;
	*out = gethostbyname(name);
	return -1;
}

int gethostbyname2_r(const char *name, int family, struct hostent *entry, char *buffer, size_t size,
					 struct hostent **out, int *problem)
{
	(void)family;
	return gethostbyname_r(name, entry, buffer, size, out, problem);
}

void *dlopen(const char *file, int mode)
{
	const char *hidden = getenv("WATCHED_HIDES");
	void *symbol = dlsym(RTLD_NEXT, "dlopen");
	void *(*real)(const char *, int);
	memcpy(&real, &symbol, sizeof real);
	return file && hidden && strcmp(file, hidden) == 0 ? NULL : real(file, mode);
}

unsigned gss_acquire_cred(unsigned *minor)
{
	note("gss_acquire_cred");
	*minor = 0;
	return 13u << 16; /* GSS_S_FAILURE */
}
