/* main.c -- the plain build of a fuzz target: replays files
 *
 *	cc -o fuzz_question test/fuzz/question.c test/fuzz/main.c dyndns.o
 *	fuzz_question FILE|DIRECTORY...
 *
 * Each input lies in an allocation of exactly its size, so that a sanitizer or
 * valgrind sees the first octet too many.  A target that finds a fault aborts.
 */
#define _POSIX_C_SOURCE 200809L
#define _FILE_OFFSET_BITS 64	/* a directory of a 64-bit machine, read by a 32-bit program */
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static unsigned passed, failed;

/* Says which input it was. */
static const char *current;

static void
aborted(int signal_number)
{
	static const char text[] = " is the input\n";

	if (write(2, current, strlen(current)) >= 0 && write(2, text, sizeof text - 1) >= 0)
		signal(signal_number, SIG_DFL);
}

static void
replay(const char *file)
{
	static uint8_t text[1 << 20];
	FILE *f = fopen(file, "rb");
	uint8_t *copy;
	size_t len;

	if (!f) {
		printf("%s: can't be read\n", file);
		failed++;
		return;
	}
	len = fread(text, 1, sizeof text, f);
	fclose(f);
	copy = malloc(len ? len : 1);
	if (!copy)
		abort();
	memcpy(copy, text, len);
	current = file;
	LLVMFuzzerTestOneInput(copy, len);
	free(copy);
	passed++;
}

int
main(int argc, char **argv)
{
	const char *name = strrchr(argv[0], '/');
	int i;

	signal(SIGABRT, aborted);
	for (i = 1; i < argc; i++) {
		char path[4096];
		struct dirent *entry;
		DIR *dir = opendir(argv[i]);

		if (!dir) {
			replay(argv[i]);
			continue;
		}
		while (errno = 0, (entry = readdir(dir)))
			if (entry->d_name[0] != '.' && snprintf(path, sizeof path, "%s/%s", argv[i], entry->d_name) < (int)sizeof path)
				replay(path);
		if (errno) {
			printf("%s: can't be read\n", argv[i]);
			failed++;
		}
		closedir(dir);
	}
	printf("%s: %u passed, %u failed\n", name ? name + 1 : argv[0], passed, failed);
	return failed != 0;
}
