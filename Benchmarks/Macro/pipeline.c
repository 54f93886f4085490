/* Runs a pipeline and tells what each of its processes took:
 *
 *     pipeline [-i FILE] [-o FILE] [-p OCTETS] COMMAND… :: COMMAND… :: …
 *
 * -p sets the size of the pipes between them.
 *
 * On descriptor 3, a line for each command: name, user and system time in microseconds, peak memory
 * in KiB, page faults, context switches, status; then "wall" and the microseconds of all.
 * A program of its own, and small: a child's peak memory is never told to be less than that of the
 * process that it was forked from.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { most = 8 };

static int give_up(const char *what) {
    perror(what);
    return 125;
}

static long long microseconds(struct timeval t) { return t.tv_sec * 1000000LL + t.tv_usec; }

int main(int argc, char **argv) {
    const char *input = "/dev/null", *output = "/dev/null";
    int at = 1, width = 0;
    for (; at + 1 < argc && argv[at][0] == '-'; at += 2) {
        if (!strcmp(argv[at], "-i")) input = argv[at + 1];
        else if (!strcmp(argv[at], "-o")) output = argv[at + 1];
        else if (!strcmp(argv[at], "-p")) width = atoi(argv[at + 1]);
        else break;
    }
    char **commands[most];
    int count = 0;
    for (char **word = argv + at; *word; ) {
        if (count == most) return give_up("too many commands");
        commands[count++] = word;
        while (*word && strcmp(*word, "::")) word++;
        if (*word) *word++ = NULL;
    }
    pid_t children[most];
    int from = open(input, O_RDONLY | O_CLOEXEC);
    if (from < 0) return give_up(input);
    struct timespec begin, end;
    clock_gettime(CLOCK_MONOTONIC, &begin);
    for (int i = 0; i < count; i++) {
        int next[2] = {-1, -1};
        if (i + 1 < count) {
            if (pipe2(next, O_CLOEXEC)) return give_up("pipe");
            if (width) fcntl(next[0], F_SETPIPE_SZ, width);
        } else {
            next[1] = open(output, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
            if (next[1] < 0) return give_up(output);
        }
        children[i] = fork();
        if (children[i] < 0) return give_up("fork");
        if (children[i] == 0) {
            dup2(from, 0);
            dup2(next[1], 1);
            close(3);
            execvp(commands[i][0], commands[i]);
            _exit(give_up(commands[i][0]));
        }
        close(from);
        close(next[1]);
        from = next[0];
    }
    for (int done = 0; done < count; done++) {
        struct rusage used;
        int status;
        pid_t child = wait4(-1, &status, 0, &used);
        if (child < 0) return give_up("wait");
        int i = 0;
        while (i < count && children[i] != child) i++;
        if (i == count) continue;
        dprintf(3, "%d %lld %lld %ld %ld %ld %d\n", i, microseconds(used.ru_utime),
                microseconds(used.ru_stime), used.ru_maxrss, used.ru_minflt + used.ru_majflt,
                used.ru_nvcsw + used.ru_nivcsw,
                WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
    }
    clock_gettime(CLOCK_MONOTONIC, &end);
    dprintf(3, "wall %lld\n",
            (end.tv_sec - begin.tv_sec) * 1000000LL + (end.tv_nsec - begin.tv_nsec) / 1000);
    return 0;
}
