/* The load of a competition: many players in lockstep, in binary search, round after round.

     contest PORT PLAYERS FOLLOWERS ROUNDS waits|straight

   The first FOLLOWERS players send `suivre` and so get every `etat` between their answers. In each
   round all send `pret`; once the host has read them all, this prints "waiting": whoever directs
   the host opens the round. When all have found, this prints one line of JSON, and when the host
   has closed the round, the next begins. It ends when every follower has seen the last answer.
   `straight`: practice, where `pret` is answered at once.

   Players get `manche` when the kernel got it, by its own time stamps: how fast this program
   reads does not matter, and is told beside ("lag"). */

#include "load.h"

enum {
    STEP = 256,     /* sockets that the host reads at most before it answers */
    LONGEST = 120,  /* seconds for everything; then the load gives up */
    INPUT = 16384,  /* bytes: the longest `etat` fits */
    COUNTED = 4096, /* answers of one player in all rounds, at most */
};

struct player {
    int fd, follows;
    long long low, high, guess;
    uint64_t sent_at;
    uint64_t *answered_at; /* by number of the answer, from 1 */
    int answers, shown;    /* so far; and as the last `etat` told it */
    size_t used;
    char input[INPUT];
};

static struct player *players;
static int epoll, count;
static int closed;     /* the host has told this round's secret */
static long found;     /* players, in this round */
static long answers;   /* in all rounds */
static double playing; /* seconds, in all rounds */
static long states;
static double bytes, late, stale; /* of `etat`: bytes in all, the largest ages in seconds */
static struct sweep sweep; /* of `manche` in this round */
static long histogram[BUCKETS];

static uint64_t now(void) { return clock_ns(CLOCK_REALTIME); }

static void say(int fd, const char *line) {
    size_t length = strlen(line);
    if (send(fd, line, length, MSG_NOSIGNAL) != (ssize_t)length)
        die("cannot send");
}

/* One player. */

static void send_guess(struct player *p) {
    char line[24];
    if (p->low > p->high)
        die("the answers fit no secret");
    p->guess = (p->low + p->high) / 2;
    snprintf(line, sizeof line, "%lld\n", p->guess);
    p->sent_at = now();
    say(p->fd, line);
}

static void opened(struct player *p, const char *line, uint64_t read_at, uint64_t came_at) {
    if (sscanf(line, "manche %*d entre %lld et %lld", &p->low, &p->high) != 2)
        die("no bounds");
    swept(&sweep, read_at, came_at);
    send_guess(p);
}

static void answered(struct player *p, char sign, uint64_t at) {
    histogram[bucket(at - p->sent_at)]++;
    answers++;
    if (p->follows && ++p->answers < COUNTED)
        p->answered_at[p->answers] = at;
    if (sign == 'g') {
        found++;
        return;
    }
    if (sign == 'p')
        p->low = p->guess + 1;
    else
        p->high = p->guess - 1;
    send_guess(p);
}

/* How long what is shown has been out of date, for it lacks an answer that this player has. */
static double age(const struct player *p, uint64_t at) {
    int missing = p->shown + 1;
    if (missing > p->answers || missing >= COUNTED)
        return 0;
    return (double)(at - p->answered_at[missing]) / (double)SECOND;
}

static void showed(struct player *p, const char *line, uint64_t at) {
    const char *own = strstr(line, "\"moi\":"), *guesses = own ? strstr(own, "\"coups\":") : 0;
    double before = age(p, at);
    p->shown = guesses ? atoi(guesses + strlen("\"coups\":")) : 0; /* no place before `pret` */
    double after = age(p, at);
    states++;
    bytes += (double)strlen(line);
    stale = before > stale ? before : stale;
    late = after > late ? after : late;
}

static void hear_line(struct player *p, const char *line, uint64_t read_at, uint64_t came_at) {
    if (!strncmp(line, "etat ", 5))
        showed(p, line, read_at);
    else if (!strcmp(line, "plus") || !strcmp(line, "moins") || !strcmp(line, "gagn\xc3\xa9"))
        answered(p, line[0], read_at);
    else if (!strncmp(line, "manche ", 7))
        opened(p, line, read_at, came_at);
    else if (!strncmp(line, "secret ", 7))
        closed = 1;
    else if (!strncmp(line, "sceau ", 6))
        say(p->fd, "sceau\n"); /* until it is a secret no more */
    else
        die(line);
}

static void hear(struct player *p) {
    uint64_t came_at = 0;
    ssize_t length = receive(p->fd, p->input + p->used, INPUT - 1 - p->used, &came_at);
    if (length <= 0)
        die("cut off");
    uint64_t read_at = now();
    p->used += (size_t)length;
    char *line = p->input, *end;
    while ((end = memchr(line, '\n', p->used - (size_t)(line - p->input)))) {
        *end = 0;
        hear_line(p, line, read_at, came_at);
        line = end + 1;
    }
    p->used -= (size_t)(line - p->input);
    memmove(p->input, line, p->used);
    if (p->used == INPUT - 1)
        die("a line too long");
}

/* All players. */

static void play_once(void) {
    struct epoll_event events[EVENTS];
    int ready = epoll_wait(epoll, events, EVENTS, 100);
    for (int i = 0; i < ready; i++)
        hear(events[i].data.ptr);
}

static void connect_all(int port, int followers) {
    for (int begin = 0; begin < count; begin += AT_ONCE) {
        int end = begin + AT_ONCE < count ? begin + AT_ONCE : count;
        for (int i = begin; i < end; i++)
            players[i].fd = open_connection(port, i);
        for (int i = begin; i < end; i++) {
            struct epoll_event event = {.events = EPOLLIN, .data.ptr = &players[i]};
            read_greeting(players[i].fd);
            stamp(players[i].fd);
            epoll_ctl(epoll, EPOLL_CTL_ADD, players[i].fd, &event);
        }
    }
    for (int i = 0; i < followers; i++) {
        players[i].follows = 1;
        players[i].answered_at = calloc(COUNTED, sizeof(uint64_t));
    }
}

/* Wait until the host has read all that was sent before: each answer to one more connection is
   one step of the host at least, and it reads whoever has waited longest first. */
static void prove_read(int port) {
    char reply[64];
    int fd = open_connection(port, count);
    read_greeting(fd);
    for (int i = 0; i < count / STEP + 2; i++) {
        say(fd, "ping\n");
        if (recv(fd, reply, sizeof reply, 0) <= 0)
            die("no pong");
    }
    say(fd, "FIN\n"); /* the round would wait for this player, too */
    while (recv(fd, reply, sizeof reply, 0) > 0)
        ;
    close(fd);
}

static void follow_all(void) {
    long followers = 0;
    for (int i = 0; i < count && players[i].follows; i++, followers++)
        say(players[i].fd, "suivre\n");
    while (states < followers)
        play_once();
}

static int all_shown(void) {
    for (int i = 0; i < count && players[i].follows; i++)
        if (players[i].shown < players[i].answers)
            return 0;
    return 1;
}

static void play_round(int waits, int port) {
    found = 0;
    sweep = (struct sweep){0};
    for (int i = 0; i < count; i++)
        say(players[i].fd, "pret\n");
    if (waits)
        prove_read(port);
    puts("waiting");
    fflush(stdout);
    long before = answers;
    uint64_t cpu = clock_ns(CLOCK_PROCESS_CPUTIME_ID);
    while (!sweep.first)
        play_once();
    uint64_t began = sweep.first;
    while (found < count)
        play_once();
    double seconds = (double)(now() - began) / (double)SECOND;
    double busy = (double)(clock_ns(CLOCK_PROCESS_CPUTIME_ID) - cpu) / (double)SECOND;
    playing += seconds;
    printf("{\"first\": %.9f, \"spread\": %.9f, \"lag\": %.9f, \"guesses\": %ld,"
           " \"seconds\": %.6f, \"load_cpu\": %.3f}\n",
           (double)sweep.first / 1e9, (double)(sweep.last - sweep.first) / 1e9,
           (double)sweep.lag / 1e9, answers - before, seconds, busy / seconds);
    fflush(stdout);
    closed = !waits;
    if (waits)
        say(players[0].fd, "sceau\n");
    while (!closed)
        play_once();
}

int main(int argc, char **argv) {
    if (argc != 6)
        die("usage: contest PORT PLAYERS FOLLOWERS ROUNDS waits|straight");
    int port = atoi(argv[1]), followers = atoi(argv[3]), rounds = atoi(argv[4]);
    count = atoi(argv[2]);
    raise_descriptor_limit();
    players = calloc((size_t)count, sizeof *players);
    epoll = epoll_create1(0);
    alarm(LONGEST); /* ends this process, whatever happens */
    connect_all(port, followers);
    uint64_t began = now();
    follow_all();
    for (int i = 0; i < rounds; i++)
        play_round(!strcmp(argv[5], "waits"), port);
    while (!all_shown())
        play_once();
    double following = (double)(now() - began) / (double)SECOND;
    printf("{\"guesses\": %ld, \"seconds\": %.6f, \"p50\": %.3f, \"p99\": %.3f, \"p999\": %.3f,"
           " \"following\": %.6f, \"states\": %ld, \"bytes\": %.0f, \"late\": %.6f,"
           " \"stale\": %.6f}\n",
           answers, playing, quantile_us(histogram, 0.5, answers),
           quantile_us(histogram, 0.99, answers), quantile_us(histogram, 0.999, answers),
           following, states, states ? bytes / (double)states : 0, late, stale);
    return 0;
}
