/* The load: many players in one process, in lockstep, each in binary search over 1..100.

     load PORT PLAYERS SECONDS

   Connects, lets everybody play until the server is warm, prints "start", measures for SECONDS
   and prints one line of JSON. load.py is the same program in Python; change both.

   One recv and one send a guess: 97 % of its time is the kernel's, nothing is left to save here. */

#include "load.h"

enum { LOW = 1, HIGH = 100 };

struct player {
    int fd, low, high, guess;
    uint64_t sent_at;
};

static int epoll;
static int measuring;
static long answers; /* so far, warm-up included */
static long histogram[BUCKETS];
static char lines[HIGH + 1][8];

static uint64_t now(void) { return clock_ns(CLOCK_MONOTONIC); }

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

static void connect_all(struct player *players, int count, int port) {
    for (int first = 0; first < count; first += AT_ONCE) {
        int end = first + AT_ONCE < count ? first + AT_ONCE : count;
        for (int i = first; i < end; i++)
            players[i].fd = open_connection(port, i);
        for (int i = first; i < end; i++) {
            struct epoll_event event = {.events = EPOLLIN, .data.ptr = &players[i]};
            read_greeting(players[i].fd);
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
           total, took / (double)SECOND, quantile_us(histogram, 0.5, total),
           quantile_us(histogram, 0.99, total), quantile_us(histogram, 0.999, total), busy / took,
           starved);
}

int main(int argc, char **argv) {
    if (argc != 4)
        die("usage: load PORT PLAYERS SECONDS");
    int port = atoi(argv[1]), count = atoi(argv[2]);
    double seconds = atof(argv[3]);
    raise_descriptor_limit();
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
