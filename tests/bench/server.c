/* The game of servers.py in C: one thread, one epoll loop. The most that a thread can do here.

     server

   Prints its port; ends with whoever started it. */

#include "load.h" /* first: it asks for all that GNU offers */

#include <ctype.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>

enum { MAX_LINE = 512, MAX_DIGITS = 12, BACKLOG = 1024, LOW = 1, HIGH = 100 };

struct client {
    int fd, secret, used;
    char input[MAX_LINE]; /* a line that has not come whole */
};

static int epoll;

/* The game: a line in, a line out. */

static int draw(void) { return LOW + rand() % (HIGH - LOW + 1); }

static const char *answer(struct client *c, const char *line, const char *end) {
    long long number = 0;
    while (line < end && isspace((unsigned char)*line))
        line++;
    while (line < end && isspace((unsigned char)end[-1]))
        end--;
    int bad = line == end || end - line > MAX_DIGITS;
    for (; !bad && line < end; line++) {
        bad = !isdigit((unsigned char)*line);
        number = number * 10 + (*line - '0');
    }
    if (bad)
        return "erreur nombre envoie un nombre entier\n";
    if (number < LOW || number > HIGH)
        return "erreur bornes joue entre 1 et 100\n";
    if (number < c->secret)
        return "plus\n";
    if (number > c->secret)
        return "moins\n";
    c->secret = draw();
    return "gagn\xc3\xa9\n";
}

/* One client. Who does not read the answers is cut, so that nobody waits for them. */

static int say(const struct client *c, const char *line) {
    ssize_t length = (ssize_t)strlen(line);
    return send(c->fd, line, (size_t)length, MSG_DONTWAIT | MSG_NOSIGNAL) == length;
}

static void end(struct client *c) {
    close(c->fd);
    free(c);
}

static void hear(struct client *c) {
    ssize_t length = recv(c->fd, c->input + c->used, (size_t)(MAX_LINE - c->used), MSG_DONTWAIT);
    int alive = length > 0;
    char *line = c->input, *stop = line + c->used + (alive ? length : 0), *newline;
    while (alive && (newline = memchr(line, '\n', (size_t)(stop - line)))) {
        alive = say(c, answer(c, line, newline));
        line = newline + 1;
    }
    c->used = (int)(stop - line);
    memmove(c->input, line, (size_t)c->used);
    if (!alive || c->used == MAX_LINE)
        end(c);
}

static void greet(int fd) {
    struct client *c = calloc(1, sizeof *c);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
    int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    c->fd = fd;
    c->secret = draw();
    epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
    say(c, "hello justeprix/1 entre 1 et 100\n");
}

/* All clients. */

static int open_listener(void) {
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    struct sockaddr_in at = {.sin_family = AF_INET};
    socklen_t size = sizeof at;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(fd, (struct sockaddr *)&at, sizeof at) < 0 || listen(fd, BACKLOG) < 0)
        die("cannot listen");
    getsockname(fd, (struct sockaddr *)&at, &size);
    printf("%d\n", ntohs(at.sin_port));
    fflush(stdout);
    return fd;
}

static void serve(int listener) {
    struct epoll_event events[EVENTS], event = {.events = EPOLLIN}; /* the listener: no client */
    epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event);
    for (;;) {
        int ready = epoll_wait(epoll, events, EVENTS, -1);
        for (int i = 0; i < ready; i++) {
            if (events[i].data.ptr)
                hear(events[i].data.ptr);
            else
                for (int fd; (fd = accept(listener, NULL, NULL)) >= 0;)
                    greet(fd);
        }
    }
}

int main(void) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    raise_descriptor_limit();
    srand((unsigned)clock_ns(CLOCK_REALTIME));
    epoll = epoll_create1(0);
    serve(open_listener());
}
