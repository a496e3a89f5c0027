/*
 * Names of hosts: the loop never waits for a look-up, of curl's requests or PostgreSQL's; what libpq is told of its hosts. The
 * getaddrinfo of this program stands before the C library's, for libpq and curl too: it knows names under ".test", and who has
 * called it.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <arpa/inet.h>
#include <dlfcn.h>
#include <netdb.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "runtime/host/postgres_client.h"
#include "runtime/host/postgres_hosts.h"
#include "unit_report.h"

/* A poll takes less than SHORT_MS; on a busy machine some take longer, but none as long as a look-up. */
enum { SLOW_MS = 1000, SHORT_MS = 50, LONG_MS = 400, MOST_LONGER = 3 };

static atomic_int asked_by_main, asked_by_others;

typedef int (*Resolver)(const char *, const char *, const struct addrinfo *, struct addrinfo **);

static int64_t now_ms(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* ---- names ---- */

static int add_address(const char *address, const char *service, const struct addrinfo *hints,
					   struct addrinfo **out)
{
	void *symbol = dlsym(RTLD_NEXT, "getaddrinfo");
	Resolver real;
	struct addrinfo numeric = *hints;
	memcpy(&real, &symbol, sizeof real);
	numeric.ai_flags |= AI_NUMERICHOST;
	while (*out)
		out = &(*out)->ai_next;
	return real(address, service, &numeric, out);
}

__attribute__((visibility("default"))) int getaddrinfo(const char *name, const char *service,
													   const struct addrinfo *hints,
													   struct addrinfo **out)
{
	*out = NULL;
	if (hints->ai_flags & AI_NUMERICHOST)
		return add_address(name, service, hints, out);
	atomic_fetch_add(gettid() == getpid() ? &asked_by_main : &asked_by_others, 1);
	if (strcmp(name, "slow.test") == 0)
		usleep(SLOW_MS * 1000);
	if (strcmp(name, "many.test") == 0) {
		int failed = 0;
		char address[32];
		for (int i = 1; i <= 100 && !failed; i++) {
			snprintf(address, sizeof address, "10.0.0.%d", i);
			failed = add_address(address, service, hints, out);
		}
		return failed;
	}
	if (strcmp(name, "two.test") == 0) {
		int failed = add_address("10.0.0.2", service, hints, out);
		return failed ? failed : add_address("10.0.0.3", service, hints, out);
	}
	if (strcmp(name, "both.test") == 0) {
		int failed = add_address("10.0.0.4", service, hints, out);
		return failed || hints->ai_family == AF_INET
				   ? failed
				   : add_address("fe80::4%lo", service, hints, out);
	}
	return strcmp(name, "slow.test") == 0 || strcmp(name, "one.test") == 0
			   ? add_address("127.0.0.1", service, hints, out)
			   : EAI_NONAME;
}

/* ---- lists ---- */

/* "HOST|HOSTADDR|PORT" after the look-ups; "-": libpq gets the connection's own; "none": nothing to connect to. */
static const char *told(const char *host, const char *hostaddr, const char *port)
{
	static char text[8000];
	HttpProblem problem;
	Http *names = http_open_names(&problem);
	PostgresHosts *hosts;
	PostgresAddresses found;
	const char *why;
	snprintf(text, sizeof text, "no curl");
	if (!names)
		return text;
	if (!postgres_hosts_open(host, hostaddr, port, &hosts, &why)) {
		snprintf(text, sizeof text, "%s", why);
	} else if (!hosts) {
		snprintf(text, sizeof text, "-");
	} else {
		bool good = postgres_hosts_look_up(hosts, names);
		int64_t until = now_ms() + 500;
		while (good && !postgres_hosts_are_known(hosts) && now_ms() < until) {
			struct pollfd wait = {.fd = http_descriptor(names), .events = POLLIN};
			int timeout = http_timeout(names);
			(void)poll(&wait, 1, timeout < 0 || timeout > 100 ? 100 : timeout);
			http_poll(names);
		}
		if (postgres_hosts_get(hosts, &found))
			snprintf(text, sizeof text, "%s|%s|%s", found.host, found.hostaddr,
					 found.port ? found.port : "-");
		else
			snprintf(text, sizeof text, "none");
	}
	postgres_hosts_close(hosts);
	http_close(names);
	return text;
}

static void expect(const char *host, const char *hostaddr, const char *port, const char *expected)
{
	const char *text = told(host, hostaddr, port);
	char name[80];
	bool good = strcmp(text, expected) == 0;
	snprintf(name, sizeof name, "host '%.60s'", host ? host : "NULL");
	report(name, good);
	if (!good)
		printf("  it is told %s, not %s\n", text, expected);
}

static void test_lists(void)
{
	char many[64 * 12] = "one.test", line[300];
	expect(NULL, NULL, "5432", "-");
	expect("", "", "5432", "-");
	expect("/run/postgresql", NULL, "5432", "-");
	expect("@abstract,,127.0.0.1,::1,fe80::1%lo,fe80::1%none", NULL, NULL, "-");
	expect("nothing.test", "10.0.0.1", NULL, "-");
	expect("one.test,two.test", "10.0.0.1", NULL, "-");
	expect("one.test,two.test", NULL, "1,2,3", "-");
	expect("one.test", NULL, "5432", "one.test|127.0.0.1|-");
	expect("two.test", NULL, NULL, "two.test,two.test|10.0.0.2,10.0.0.3|-");
	expect("both.test", NULL, NULL, "both.test,both.test|10.0.0.4,fe80::4%lo|-");
	expect("two.test,one.test", NULL, "1,2",
		   "two.test,two.test,one.test|10.0.0.2,10.0.0.3,127.0.0.1|1,1,2");
	expect("one.test,one.test", NULL, ",7", "one.test,one.test|127.0.0.1,127.0.0.1|,7");
	expect("one.test,/run,,10.0.0.9", ",,,10.0.0.8", "1,2,3,4",
		   "one.test,/run,,10.0.0.9|127.0.0.1,,,10.0.0.8|1,2,3,4");
	/* names that are not known are left out; a list is never empty */
	expect("nothing.test", NULL, NULL, "none");
	expect("nothing.test,two.test", NULL, "1,2", "two.test,two.test|10.0.0.2,10.0.0.3|2,2");
	expect("nothing.test,", NULL, "1,", ",|,|,");
	expect("nothing.test,/run", ",", "1,2", "/run,/run|,|2,2");
	expect(",nothing.test", "10.0.0.1,", "5", ",|10.0.0.1,10.0.0.1|-");
	/* no names: curl's address would be another */
	for (const char *const *bad =
			 (const char *const[]){"one.test/", "one.test:80", "x@one.test", "one test",
								   "one.test#", "one.test?", "[::1]", "%6fne.test", "\xc3\xa9.test",
								   "..", NULL};
		 *bad; bad++)
		expect(*bad, NULL, NULL, "none");
	memset(line, 'a', sizeof line - 1);
	line[sizeof line - 1] = '\0';
	expect(line, NULL, NULL, "none");
	for (int i = 0; i < 32; i++)
		snprintf(many + strlen(many), sizeof many - strlen(many), ",one.test");
	expect(many, NULL, NULL, "the connection has more than 32 hosts to look up");
	report("localhost", strstr(told("localhost", NULL, NULL), "127.0.0.1"));
	int64_t begun = now_ms();
	const char *addresses = strchr(told("many.test", NULL, NULL), '|');
	report("32 addresses of a name", addresses && strstr(addresses, ",10.0.0.32|"));
	report("which are there at once", now_ms() - begun < LONG_MS);
}

/* ---- queries ---- */

typedef struct Ended {
	bool is_ended;
	PostgresFailure failure;
	int ticks, longer;      /* polls, and those over SHORT_MS */
	int64_t slowest, whole; /* ms */
} Ended;

static void query_ended(PostgresQuery *query, const PostgresFailure *failure)
{
	Ended *ended = query->context;
	ended->is_ended = true;
	if (failure)
		ended->failure = *failure;
}

static PostgresQuery make_query(const char *connection, int64_t connect_ms, Ended *ended)
{
	*ended = (Ended){.is_ended = false};
	return (PostgresQuery){.connection = connection,
						   .name = "test",
						   .text = "SELECT 1",
						   .connect_until = now_ms() + connect_ms,
						   .context = ended,
						   .on_end = query_ended};
}

/* A loop that has something else to do every 5 ms. */
static void loop(Postgres *p, Ended *ended, int64_t most_ms)
{
	int64_t begun = now_ms();
	while (!ended->is_ended && now_ms() - begun < most_ms) {
		struct pollfd wait = {.fd = postgres_descriptor(p), .events = POLLIN};
		int timeout = postgres_timeout(p);
		(void)poll(&wait, 1, timeout < 0 || timeout > 5 ? 5 : timeout);
		int64_t before = now_ms();
		postgres_poll(p);
		int64_t took = now_ms() - before;
		ended->slowest = took > ended->slowest ? took : ended->slowest;
		ended->longer += took >= SHORT_MS;
		ended->ticks++;
	}
	ended->whole = now_ms() - begun;
}

static Ended ask(Postgres *p, const char *hosts, int port, int64_t connect_ms)
{
	char connection[200];
	Ended ended;
	snprintf(connection, sizeof connection, "host=%s port=%d user=tester sslmode=disable", hosts,
			 port);
	PostgresQuery query = make_query(connection, connect_ms, &ended);
	int64_t before = now_ms();
	postgres_start(p, &query);
	int64_t took = now_ms() - before;
	loop(p, &ended, 5000);
	ended.slowest = took > ended.slowest ? took : ended.slowest;
	postgres_drop(&query);
	return ended;
}

static bool says(const Ended *ended, const char *words)
{
	bool good = ended->is_ended && strstr(ended->failure.text, words);
	if (!good)
		printf("  it says '%s' after %d ms, not '%s'\n", ended->failure.text, (int)ended->whole,
			   words);
	return good;
}

/* A port of 127.0.0.1 that refuses; the socket keeps it. */
static int closed_port(int *port)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t length = sizeof address;
	int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (s < 0 || bind(s, (struct sockaddr *)&address, length) ||
		getsockname(s, (struct sockaddr *)&address, &length))
		abort();
	*port = ntohs(address.sin_port);
	return s;
}

static void test_queries(void)
{
	char problem[256];
	int port, s = closed_port(&port);
	Postgres *p = postgres_open(problem);
	report("libpq is there", p != NULL);
	if (!p)
		return;
	Ended ended = ask(p, "one.test", port, 5000);
	report("the first one loads curl", says(&ended, "could not connect to 'one.test': "));
	ended = ask(p, "slow.test", port, 5000);
	report("a slow name",
		   says(&ended, "could not connect to 'slow.test': ") && ended.failure.is_passing);
	report("takes its time", ended.whole >= SLOW_MS - 50);
	report("and the loop goes on meanwhile", ended.ticks > 20);
	report("without a poll that waits", ended.slowest < LONG_MS && ended.longer <= MOST_LONGER);
	ended = ask(p, "slow.test", port, 200);
	report("the time to connect ends a look-up",
		   says(&ended, "could not look up the host 'slow.test' in time") &&
			   ended.whole < SLOW_MS - 100);
	report("which nobody waits for", ended.slowest < LONG_MS);
	ended = ask(p, "slow.test,one.test", port, SLOW_MS - 100);
	report("others need not wait for it", says(&ended, "could not connect to 'one.test': ") &&
											  ended.whole >= LONG_MS &&
											  ended.whole < SLOW_MS - 100);
	report("and it is named", says(&ended, "could not look up the host 'slow.test'; "));
	ended = ask(p, "nothing.test,nowhere.test", port, 5000);
	report("names that are not known",
		   says(&ended, "could not look up the host 'nothing.test', 'nowhere.test'") &&
			   ended.failure.is_passing && ended.whole < SLOW_MS - 100);
	/* in the middle of look-ups */
	PostgresQuery one = make_query("host=slow.test", 5000, &ended), two = one;
	postgres_start(p, &one);
	postgres_start(p, &two);
	loop(p, &ended, 100);
	int64_t before = now_ms();
	postgres_drop(&one);
	report("dropped without waiting", now_ms() - before < LONG_MS && !ended.is_ended);
	before = now_ms();
	postgres_close(p);
	report("closed without waiting", now_ms() - before < LONG_MS && !ended.is_ended);
	close(s);
}

/* ---- requests ---- */

static void request_ended(HttpRequest *request, const char *problem)
{
	bool *is_ended = request->context;
	*is_ended = problem != NULL;
}

static void test_requests(void)
{
	bool is_ended = false;
	HttpProblem problem;
	HttpService service = {.base = "http://slow.test:1"};
	Http *http = http_open_service(&service, &problem);
	HttpRequest request = {
		.method = "GET", .path = "/", .context = &is_ended, .on_end = request_ended};
	HttpRequest short_one = request;
	short_one.timeout_ms = 100;
	if (!http || !http_start(http, &request) || !http_start(http, &short_one)) {
		report("requests are made", false);
		return;
	}
	int64_t begun = now_ms(), slowest = 0;
	while (!is_ended && now_ms() - begun < 3000) {
		struct pollfd wait = {.fd = http_descriptor(http), .events = POLLIN};
		(void)poll(&wait, 1, http_timeout(http));
		int64_t before = now_ms();
		http_poll(http);
		slowest = now_ms() - before > slowest ? now_ms() - before : slowest;
	}
	report("a request's time ends while its name is looked up",
		   is_ended && now_ms() - begun < SLOW_MS - 100);
	report("and nobody waits for it", slowest < LONG_MS);
	begun = now_ms();
	http_cancel(http, &request);
	http_cancel(http, &short_one);
	http_close(http);
	report("nor for one that is cancelled", now_ms() - begun < LONG_MS);
}

int main(void)
{
	for (const char *const *name =
			 (const char *const[]){"PGHOST", "PGHOSTADDR", "PGPORT", "PGSERVICE", NULL};
		 *name; name++)
		unsetenv(*name);
	test_lists();
	test_queries();
	test_requests();
	report("names were looked up", atomic_load(&asked_by_others) > 10);
	report("never by the thread of the loop", atomic_load(&asked_by_main) == 0);
	return failures ? 1 : 0;
}
