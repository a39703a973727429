/* Browsers beside plain clients: players on WebSockets and players on sockets, in one process.

     web PORT WEB_PORT SOCKETS BROWSERS play SECONDS
     web PORT WEB_PORT SOCKETS BROWSERS volley ROUNDS follow|play

   `play` is the load of load.c for both kinds at once, each told apart. `volley`: a competition
   whose secret is told, as its two bounds; in each round all players send it in one instant.
   The frames are made and read here by hand, masked as a browser masks them.

   Prints a word whenever it has come to a halt, and goes on when it has read a line. What came to
   all, and the answers of a volley, come when the kernel got them: how fast this program reads
   does not matter, and is told beside ("lag"). */

#include "load.h"

enum {
    SOCKET,
    BROWSER,
    BOTH,
    LOW = 1,
    HIGH = 100,
    INPUT = 16384,   /* bytes: the longest `etat` fits */
    OUTPUT = 128,    /* bytes: two of our lines fit */
    LONGEST = 120,   /* seconds for everything; then the load gives up */
    SHORT = 126,     /* a frame of fewer bytes has one byte of length */
    TEXT = 0x81,     /* the first byte of a frame that is a whole text */
    MASKED = 0x80,
};

struct player {
    int fd, kind, number;
    int low, high, guess;
    int round; /* whose `manche` has come */
    int shown; /* the round whose `etat` has come */
    uint64_t sent_at, waited;
    size_t used;
    char input[INPUT];
};

static struct player *players;
static int epoll, count, measuring, volleying;
static long answers[2]; /* of each kind, warm-up included */
static long histogram[3][BUCKETS];
static int greeted, ponged, told, opened, shown, answered; /* players, of what they wait for */
static int closed; /* the host has told this round's secret */
static uint64_t last_answer;
static struct sweep rounds, states; /* `manche`, and the `etat` that shows it */

static uint64_t now(void) { return clock_ns(CLOCK_REALTIME); }

static void halt(const char *word) {
    char line[16];
    puts(word);
    fflush(stdout);
    if (!fgets(line, sizeof line, stdin))
        exit(1); /* whoever directs us has gone */
}

/* One line in the dialect of a player. */

static size_t put(const struct player *p, char *to, const char *line) {
    static uint32_t key = 2463534242u;
    size_t length = strlen(line);
    if (p->kind == SOCKET) {
        memcpy(to, line, length);
        to[length] = '\n';
        return length + 1;
    }
    key ^= key << 13, key ^= key >> 17, key ^= key << 5;
    to[0] = (char)TEXT;
    to[1] = (char)(MASKED | length);
    memcpy(to + 2, &key, sizeof key);
    for (size_t i = 0; i < length; i++)
        to[6 + i] = (char)(line[i] ^ to[2 + i % 4]);
    return 6 + length;
}

static void transmit(const struct player *p, const char *data, size_t length) {
    if (send(p->fd, data, length, MSG_NOSIGNAL) != (ssize_t)length)
        die("cannot send");
}

static void say(const struct player *p, const char *line) {
    char data[OUTPUT];
    transmit(p, data, put(p, data, line));
}

/* Take the next whole message out of the input, from `at` on; 0 if there is none. */
static char *take(struct player *p, size_t *at) {
    char *from = p->input + *at;
    size_t left = p->used - *at, head = 2, length;
    if (p->kind == SOCKET) {
        char *end = memchr(from, '\n', left);
        if (!end)
            return 0;
        *end = 0;
        *at += (size_t)(end - from) + 1;
        return from;
    }
    if (left < 4)
        return 0;
    if ((unsigned char)from[0] != TEXT || (unsigned char)from[1] > SHORT)
        die("not a short text of a server");
    length = (unsigned char)from[1];
    if (length == SHORT) {
        head = 4;
        length = (size_t)(unsigned char)from[2] << 8 | (unsigned char)from[3];
    }
    if (left < head + length)
        return 0;
    *at += head + length;
    memmove(from, from + head, length);
    from[length] = 0;
    return from;
}

/* One player. */

static void send_guess(struct player *p) {
    char line[16];
    p->guess = (p->low + p->high) / 2;
    snprintf(line, sizeof line, "%d", p->guess);
    p->sent_at = now();
    say(p, line);
}

static void start_game(struct player *p) {
    p->low = LOW;
    p->high = HIGH;
}

static void hear_answer(struct player *p, char sign, uint64_t read_at, uint64_t came_at) {
    if (volleying) {
        if (sign != 'g')
            die("not the secret");
        p->waited = came_at - p->sent_at;
        last_answer = came_at > last_answer ? came_at : last_answer;
        answered++;
        return;
    }
    answers[p->kind]++;
    if (measuring)
        histogram[p->kind][bucket(read_at - p->sent_at)]++;
    if (sign == 'p')
        p->low = p->guess + 1;
    else if (sign == 'm')
        p->high = p->guess - 1;
    else
        start_game(p);
    if (p->low > p->high)
        die("the answers fit no secret");
    send_guess(p);
}

static void show(struct player *p, const char *line, uint64_t read_at, uint64_t came_at) {
    const char *round = strstr(line, "\"manche\":");
    if (!strstr(line, "\"phase\":\"manche\"") || !round)
        return;
    int number = atoi(round + strlen("\"manche\":"));
    if (number <= p->shown)
        return;
    p->shown = number;
    shown++;
    swept(&states, read_at, came_at);
}

static void hear_line(struct player *p, const char *line, uint64_t read_at, uint64_t came_at) {
    if (!strcmp(line, "plus") || !strcmp(line, "moins") || !strcmp(line, "gagn\xc3\xa9"))
        hear_answer(p, line[0], read_at, came_at);
    else if (!strncmp(line, "etat ", 5))
        show(p, line, read_at, came_at);
    else if (sscanf(line, "manche %d entre %d et", &p->round, &p->guess) == 2) {
        opened++;
        swept(&rounds, read_at, came_at);
    } else if (!strcmp(line, "pong"))
        ponged++;
    else if (!strncmp(line, "nom ", 4))
        told++;
    else if (!strncmp(line, "secret ", 7))
        closed = 1;
    else if (!strncmp(line, "sceau ", 6))
        say(p, "sceau"); /* until it is a secret no more */
    else if (!strncmp(line, "hello ", 6))
        greeted++;
    else
        die(line);
}

static void hear(struct player *p) {
    uint64_t came_at = 0, read_at;
    size_t at = 0;
    char *line;
    ssize_t length = receive(p->fd, p->input + p->used, INPUT - p->used, &came_at);
    if (length <= 0)
        die("cut off");
    read_at = now();
    p->used += (size_t)length;
    while ((line = take(p, &at)))
        hear_line(p, line, read_at, came_at ? came_at : read_at);
    p->used -= at;
    memmove(p->input, p->input + at, p->used);
    if (p->used == INPUT)
        die("a line too long");
}

/* All players. */

static void play_once(void) {
    struct epoll_event events[EVENTS];
    int ready = epoll_wait(epoll, events, EVENTS, 100);
    for (int i = 0; i < ready; i++)
        hear(events[i].data.ptr);
}

static void until(const int *so_many, int wanted) {
    while (*so_many < wanted)
        play_once();
}

/* The handshake. What follows it at once is left to be read. */

static void knock(const struct player *p, int port) {
    char request[256];
    int length = snprintf(request, sizeof request,
                          "GET /ws HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUpgrade: websocket\r\n"
                          "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                          "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
                          port);
    transmit(p, request, (size_t)length);
}

static void enter(const struct player *p) {
    char response[1024], *end;
    ssize_t length = recv(p->fd, response, sizeof response - 1, MSG_PEEK);
    response[length > 0 ? length : 0] = 0;
    if (strncmp(response, "HTTP/1.1 101 ", 13) || !(end = strstr(response, "\r\n\r\n")))
        die("no WebSocket");
    recv(p->fd, response, (size_t)(end + 4 - response), 0);
}

/* Connect players from `begin` to before `end`, and wait until the host has greeted them all. */
static void connect_some(int begin, int end, int kind, int port) {
    for (int first = begin; first < end; first += AT_ONCE) {
        int last = first + AT_ONCE < end ? first + AT_ONCE : end;
        for (int i = first; i < last; i++) {
            players[i].kind = kind;
            players[i].number = i;
            players[i].fd = open_connection(port, i);
            if (kind == BROWSER)
                knock(&players[i], port);
        }
        for (int i = first; i < last; i++) {
            struct epoll_event event = {.events = EPOLLIN, .data.ptr = &players[i]};
            if (kind == BROWSER)
                enter(&players[i]);
            epoll_ctl(epoll, EPOLL_CTL_ADD, players[i].fd, &event);
        }
        until(&greeted, last);
    }
}

/* Play for some seconds. */

static void report(const char *name, int kind, long total, uint64_t start) {
    const long *h = histogram[kind];
    long starved = 0;
    for (int i = 0; i < count; i++)
        starved += (kind == BOTH || players[i].kind == kind) && players[i].sent_at < start;
    printf(", \"%s\": {\"guesses\": %ld, \"p50\": %.3f, \"p99\": %.3f, \"p999\": %.3f,"
           " \"starved\": %ld}",
           name, total, quantile_us(h, 0.5, total), quantile_us(h, 0.99, total),
           quantile_us(h, 0.999, total), starved);
}

static void play(double seconds) {
    uint64_t earliest = now() + 3 * SECOND / 10;
    for (int i = 0; i < count; i++) {
        start_game(&players[i]);
        send_guess(&players[i]);
    }
    while (now() < earliest || answers[SOCKET] + answers[BROWSER] < 3L * count)
        play_once();
    puts("start");
    fflush(stdout);
    long before[2] = {answers[SOCKET], answers[BROWSER]};
    uint64_t cpu = clock_ns(CLOCK_PROCESS_CPUTIME_ID), start = now();
    uint64_t end = start + (uint64_t)(seconds * (double)SECOND);
    measuring = 1;
    while (now() < end)
        play_once();
    double took = (double)(now() - start);
    double busy = (double)(clock_ns(CLOCK_PROCESS_CPUTIME_ID) - cpu);
    long sockets = answers[SOCKET] - before[SOCKET], browsers = answers[BROWSER] - before[BROWSER];
    for (int i = 0; i < BUCKETS; i++)
        histogram[BOTH][i] = histogram[SOCKET][i] + histogram[BROWSER][i];
    printf("{\"seconds\": %.6f, \"load_cpu\": %.3f", took / 1e9, busy / took);
    report("sockets", SOCKET, sockets, start);
    report("browsers", BROWSER, browsers, start);
    report("both", BOTH, sockets + browsers, start);
    puts("}");
    fflush(stdout);
}

/* One guess of all in one instant, round after round. */

static void introduce_all(int follow) {
    for (int i = 0; i < count; i++) {
        char line[16];
        snprintf(line, sizeof line, "nom J%04d", i);
        stamp(players[i].fd);
        say(&players[i], line);
        if (follow)
            say(&players[i], "suivre");
    }
    until(&told, count);
}

/* Each `pong` is the proof that the `pret` behind its `ping`, in the same segment, is read. */
static void wait_all(void) {
    ponged = opened = shown = 0;
    rounds = states = (struct sweep){0};
    for (int i = 0; i < count; i++) {
        char data[OUTPUT];
        size_t length = put(&players[i], data, "ping");
        transmit(&players[i], data, length + put(&players[i], data + length, "pret"));
    }
    until(&ponged, count);
}

static void print_sweep(const char *name, const struct sweep *s) {
    printf("\"%s\": {\"first\": %.9f, \"spread\": %.9f, \"lag\": %.9f}, ", name,
           (double)s->first / 1e9, (double)(s->last - s->first) / 1e9, (double)s->lag / 1e9);
}

static void volley(void) {
    char(*guesses)[OUTPUT] = calloc((size_t)count, OUTPUT);
    size_t *lengths = calloc((size_t)count, sizeof *lengths);
    for (int i = 0; i < count; i++) {
        char line[16];
        snprintf(line, sizeof line, "%d", players[i].guess);
        lengths[i] = put(&players[i], guesses[i], line);
    }
    answered = 0;
    last_answer = 0;
    volleying = 1;
    for (int i = 0; i < count; i++) {
        players[i].sent_at = now();
        transmit(&players[i], guesses[i], lengths[i]);
    }
    until(&answered, count);
    print_sweep("rounds", &rounds);
    print_sweep("states", &states);
    printf("\"sends\": %.9f, \"all\": %.9f, \"waits\": [",
           (double)(players[count - 1].sent_at - players[0].sent_at) / 1e9,
           (double)(last_answer - players[0].sent_at) / 1e9);
    for (int i = 0; i < count; i++)
        printf("%s%.9f", i ? ", " : "", (double)players[i].waited / 1e9);
    free(guesses);
    free(lengths);
}

static void volleys(int wanted, int follow) {
    introduce_all(follow);
    for (int i = 0; i < wanted; i++) {
        wait_all();
        puts("waiting");
        fflush(stdout);
        until(&opened, count);
        until(&shown, follow ? count : 0);
        printf("{");
        volley();
        puts("]}");
        fflush(stdout);
        closed = 0;
        say(&players[0], "sceau");
        until(&closed, 1);
    }
    halt("end");
}

int main(int argc, char **argv) {
    if (argc < 7)
        die("usage: web PORT WEB_PORT SOCKETS BROWSERS play SECONDS | volley ROUNDS follow|play");
    int port = atoi(argv[1]), web_port = atoi(argv[2]);
    int sockets = atoi(argv[3]), browsers = atoi(argv[4]);
    int plays = !strcmp(argv[5], "play");
    count = sockets + browsers;
    raise_descriptor_limit();
    players = calloc((size_t)count, sizeof *players);
    epoll = epoll_create1(0);
    alarm(LONGEST); /* ends this process, whatever happens */
    halt("ready");
    connect_some(0, browsers ? 1 : 0, BROWSER, web_port); /* brings its library along */
    halt("one browser");
    connect_some(browsers ? 1 : 0, browsers, BROWSER, web_port);
    halt("browsers");
    connect_some(browsers, count, SOCKET, port);
    halt("all");
    if (plays)
        play(atof(argv[6]));
    else
        volleys(atoi(argv[6]), argc > 7 && !strcmp(argv[7], "follow"));
    return 0;
}
