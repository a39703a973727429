/* What the programs in C share: the clock, the histogram of answers, the connections. */

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
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum {
    AT_ONCE = 500,     /* connections opened before their greetings are read: under any backlog */
    PER_ADDRESS = 5000, /* connections from one loopback address: it has some 28,000 ports */
    PATIENCE = 30,     /* seconds for connecting and warming up together; then the load gives up */
    EVENTS = 1024,
    BUCKETS = 64 * 128,
};

static const uint64_t SECOND = 1000000000;

static void die(const char *what) {
    const char *why = errno ? strerror(errno) : "no system error";
    fprintf(stderr, "%s: %s (%s)\n", program_invocation_short_name, what, why);
    exit(1);
}

static uint64_t clock_ns(clockid_t id) {
    struct timespec t;
    clock_gettime(id, &t);
    return (uint64_t)t.tv_sec * SECOND + (uint64_t)t.tv_nsec;
}

/* The histogram: 128 buckets for each doubling, so each is less than 1 % wide. */

static int bucket(uint64_t ns) {
    int shift = 63 - __builtin_clzll(ns | 128) - 7;
    return shift * 128 + (int)(ns >> shift);
}

static double bucket_us(int index) {
    int shift = index < 256 ? 0 : index / 128 - 1;
    return (double)((uint64_t)(index - shift * 128) << shift) / 1000;
}

static double quantile_us(const long *histogram, double share, long total) {
    long left = (long)(share * (double)total);
    for (int i = 0; i < BUCKETS; i++)
        if ((left -= histogram[i]) < 0)
            return bucket_us(i);
    return 0;
}

/* Connections. */

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

static void read_greeting(int fd) {
    char greeting[128];
    if (recv(fd, greeting, sizeof greeting, 0) <= 0)
        die("no greeting");
}

static void raise_descriptor_limit(void) {
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
}

/* Receive what has come, and the time at which the kernel got it: how fast we read is no matter.
   The socket needs `stamp` first. */
static void stamp(int fd) {
    int on = 1;
    setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
}

static ssize_t receive(int fd, char *input, size_t room, uint64_t *came_at) {
    char extra[128];
    struct iovec into = {input, room};
    struct msghdr message = {
        .msg_iov = &into, .msg_iovlen = 1, .msg_control = extra, .msg_controllen = sizeof extra};
    ssize_t length = recvmsg(fd, &message, 0);
    for (struct cmsghdr *c = CMSG_FIRSTHDR(&message); c; c = CMSG_NXTHDR(&message, c)) {
        struct timespec t;
        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_TIMESTAMPNS)
            continue;
        memcpy(&t, CMSG_DATA(c), sizeof t);
        *came_at = (uint64_t)t.tv_sec * SECOND + (uint64_t)t.tv_nsec;
    }
    return length;
}

/* When something came to all who waited for it. */

struct sweep {
    uint64_t first, last, lag; /* `lag`: how late we read it at worst */
};

static void swept(struct sweep *s, uint64_t read_at, uint64_t came_at) {
    if (came_at > read_at || !came_at)
        came_at = read_at;
    if (!s->first || came_at < s->first)
        s->first = came_at;
    if (came_at > s->last)
        s->last = came_at;
    if (read_at - came_at > s->lag)
        s->lag = read_at - came_at;
}
