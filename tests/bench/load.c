/* The load: many players in one process, in lockstep, each in binary search over 1..100.

     load PORT PLAYERS SECONDS

   Connects, lets everybody play until the server is warm, prints "start", measures for SECONDS
   and prints one line of JSON. load.py is the same program in Python; change both. */

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
    LOW = 1,
    HIGH = 100,
    AT_ONCE = 500,     /* connections opened before their greetings are read: under any backlog */
    PER_ADDRESS = 5000, /* connections from one loopback address: it has some 28,000 ports */
    PATIENCE = 30,     /* seconds for connecting and warming up together; then the load gives up */
    EVENTS = 1024,
    BUCKETS = 64 * 128,
};

static const uint64_t SECOND = 1000000000;

struct player {
    int fd, low, high, guess;
    uint64_t sent_at;
};

static int epoll;
static int measuring;
static long answers; /* so far, warm-up included */
static long histogram[BUCKETS];
static char lines[HIGH + 1][8];

static void die(const char *what) {
    fprintf(stderr, "load: %s (%s)\n", what, errno ? strerror(errno) : "no system error");
    exit(1);
}

static uint64_t clock_ns(clockid_t id) {
    struct timespec t;
    clock_gettime(id, &t);
    return (uint64_t)t.tv_sec * SECOND + (uint64_t)t.tv_nsec;
}

static uint64_t now(void) { return clock_ns(CLOCK_MONOTONIC); }

/* The histogram: 128 buckets for each doubling, so each is less than 1 % wide. */

static int bucket(uint64_t ns) {
    int shift = 63 - __builtin_clzll(ns | 128) - 7;
    return shift * 128 + (int)(ns >> shift);
}

static double bucket_us(int index) {
    int shift = index < 256 ? 0 : index / 128 - 1;
    return (double)((uint64_t)(index - shift * 128) << shift) / 1000;
}

static double quantile_us(double share, long total) {
    long left = (long)(share * (double)total);
    for (int i = 0; i < BUCKETS; i++)
        if ((left -= histogram[i]) < 0)
            return bucket_us(i);
    return 0;
}

/* One player. */

static void start_game(struct player *p) {
    p->low = LOW;
    p->high = HIGH;
}

static void send_guess(struct player *p) {
    p->guess = (p->low + p->high) / 2;
    const char *line = lines[p->guess];
    size_t length = strlen(line);
    p->sent_at = now();
    if (send(p->fd, line, length, MSG_NOSIGNAL) != (ssize_t)length)
        die("cannot send a guess");
}

static int is(const char *reply, ssize_t length, const char *word) {
    return length == (ssize_t)strlen(word) && memcmp(reply, word, (size_t)length) == 0;
}

static void hear(struct player *p) {
    char reply[64];
    ssize_t length = recv(p->fd, reply, sizeof reply, 0);
    uint64_t waited = now() - p->sent_at;
    if (is(reply, length, "plus\n"))
        p->low = p->guess + 1;
    else if (is(reply, length, "moins\n"))
        p->high = p->guess - 1;
    else if (is(reply, length, "gagn\xc3\xa9\n"))
        start_game(p);
    else
        die("not an answer");
    if (p->low > p->high)
        die("the answers fit no secret");
    answers++;
    if (measuring)
        histogram[bucket(waited)]++;
    send_guess(p);
}

/* All players. */

static int open_connection(int port, int number) {
    int on = 1, fd = socket(AF_INET, SOCK_STREAM, 0);
    struct linger reset = {1, 0}; /* end with a reset: no port stays in TIME_WAIT for a minute */
    struct timeval patience = {PATIENCE, 0};
    struct sockaddr_in from = {.sin_family = AF_INET}, to = from;
    if (fd < 0)
        die("cannot open a socket");
    from.sin_addr.s_addr = htonl(0x7f000002 + (uint32_t)(number / PER_ADDRESS)); /* 127.0.0.2 */
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    to.sin_port = htons((uint16_t)port);
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (bind(fd, (struct sockaddr *)&from, sizeof from) < 0)
        die("cannot bind");
    if (connect(fd, (struct sockaddr *)&to, sizeof to) < 0)
        die("cannot connect");
    return fd;
}

static void connect_all(struct player *players, int count, int port) {
    char greeting[128];
    for (int first = 0; first < count; first += AT_ONCE) {
        int end = first + AT_ONCE < count ? first + AT_ONCE : count;
        for (int i = first; i < end; i++)
            players[i].fd = open_connection(port, i);
        for (int i = first; i < end; i++) {
            struct epoll_event event = {.events = EPOLLIN, .data.ptr = &players[i]};
            if (recv(players[i].fd, greeting, sizeof greeting, 0) <= 0)
                die("no greeting");
            epoll_ctl(epoll, EPOLL_CTL_ADD, players[i].fd, &event);
        }
    }
}

static void play_once(void) {
    struct epoll_event events[EVENTS];
    int count = epoll_wait(epoll, events, EVENTS, 100);
    for (int i = 0; i < count; i++)
        hear(events[i].data.ptr);
}

static void warm_up(struct player *players, int count) {
    uint64_t earliest = now() + 3 * SECOND / 10;
    for (int i = 0; i < count; i++) {
        start_game(&players[i]);
        send_guess(&players[i]);
    }
    while (now() < earliest || answers < 3L * count)
        play_once();
}

static void measure(struct player *players, int count, double seconds) {
    long before = answers, starved = 0;
    uint64_t cpu = clock_ns(CLOCK_PROCESS_CPUTIME_ID), start = now();
    uint64_t end = start + (uint64_t)(seconds * (double)SECOND);
    measuring = 1;
    while (now() < end)
        play_once();
    double took = (double)(now() - start);
    double busy = (double)(clock_ns(CLOCK_PROCESS_CPUTIME_ID) - cpu);
    long total = answers - before;
    for (int i = 0; i < count; i++)
        starved += players[i].sent_at < start; /* no answer in all that time */
    printf("{\"guesses\": %ld, \"seconds\": %.6f, \"p50\": %.3f, \"p99\": %.3f, \"p999\": %.3f,"
           " \"load_cpu\": %.3f, \"starved\": %ld}\n",
           total, took / (double)SECOND, quantile_us(0.5, total), quantile_us(0.99, total),
           quantile_us(0.999, total), busy / took, starved);
}

int main(int argc, char **argv) {
    if (argc != 4)
        die("usage: load PORT PLAYERS SECONDS");
    int port = atoi(argv[1]), count = atoi(argv[2]);
    double seconds = atof(argv[3]);
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    for (int i = LOW; i <= HIGH; i++)
        snprintf(lines[i], sizeof lines[i], "%d\n", i);
    struct player *players = calloc((size_t)count, sizeof *players);
    epoll = epoll_create1(0);
    alarm(PATIENCE + (unsigned)seconds + 1); /* ends this process, whatever happens */
    connect_all(players, count, port);
    warm_up(players, count);
    puts("start");
    fflush(stdout);
    measure(players, count, seconds);
    return 0;
}
