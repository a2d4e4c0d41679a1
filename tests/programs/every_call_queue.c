/* SPDX-License-Identifier: MIT */
/* every_call: queues and semaphores of other systems (POSIX, System V), and asynchronous I/O of
 * POSIX. They are made and removed by each situation; nothing of them stays. */
#include "every_call.h"

#include <aio.h>
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <unistd.h>

/* --- POSIX message queues: `fd` */

static void queue_of(struct trial *t, int flags)
{
    struct mq_attr room = {.mq_maxmsg = 1, .mq_msgsize = 16};
    char name[64];
    snprintf(name, sizeof name, "/every_call-%d", (int)getpid());
    t->fd = mq_open(name, O_RDWR | O_CREAT | O_CLOEXEC | flags, 0600, &room);
    if (t->fd < 0 || mq_unlink(name) != 0)
        abort();
    argue_fd(t, t->fd);
}

static void queue_is_empty(struct trial *t)
{
    queue_of(t, 0);
}

static void put_message(struct trial *t)
{
    if (mq_send(t->fd, "some", 4, 0) != 0)
        abort();
}

static void take_message(struct trial *t)
{
    char room[16];
    if (mq_receive(t->fd, room, sizeof room, NULL) < 0)
        abort();
}

static void queue_is_full(struct trial *t)
{
    queue_of(t, 0);
    put_message(t);
}

static void quick_queue_is_full(struct trial *t)
{
    queue_of(t, O_NONBLOCK);
    put_message(t);
}

static void quick_queue_is_empty(struct trial *t)
{
    queue_of(t, O_NONBLOCK);
}

static void too_late_to_receive(struct trial *t)
{
    queue_of(t, 0);
    t->until.tv_sec -= 100;
    t->error = ETIMEDOUT;
}

static void too_late_to_send(struct trial *t)
{
    queue_is_full(t);
    t->until.tv_sec -= 100;
    t->error = ETIMEDOUT;
}

static bool message_is_there(struct trial *t)
{
    struct mq_attr now;
    return mq_getattr(t->fd, &now) == 0 && now.mq_curmsgs == 1;
}

static bool message_is_taken(struct trial *t)
{
    return !message_is_there(t);
}

static const struct world empty_queue = {"empty", COUNTS, .prepare = queue_is_empty,
                                         .meanwhile = put_message, .happened = message_is_taken};
static const struct world quick_full_queue = {
    "non-blocking", SILENT, .prepare = quick_queue_is_full, .happened = message_is_taken};
static const struct world late_empty_queue = {"too-late", SILENT, .prepare = too_late_to_receive};
static const struct world roomy_queue = {"room", IF_SLOW, .prepare = queue_is_empty,
                                         .happened = message_is_there};
static const struct world full_queue = {"full",
                                        IF_SLOW,
                                        true,
                                        .prepare = queue_is_full,
                                        .meanwhile = take_message,
                                        .happened = message_is_there};
static const struct world quick_empty_queue = {
    "non-blocking", SILENT, .prepare = quick_queue_is_empty, .happened = message_is_there};
static const struct world late_full_queue = {"too-late", SILENT, .prepare = too_late_to_send};
CASE(mq_receive, WORLDS(&empty_queue, &quick_full_queue), mq_receive(t->fd, t->buffer, 16, NULL))
CASE(mq_timedreceive, WORLDS(&empty_queue, &quick_full_queue, &late_empty_queue),
     mq_timedreceive(t->fd, t->buffer, 16, NULL, &t->until))
CASE(mq_send, WORLDS(&roomy_queue, &full_queue, &quick_empty_queue), mq_send(t->fd, "any", 3, 0))
CASE(mq_timedsend, WORLDS(&roomy_queue, &full_queue, &quick_empty_queue, &late_full_queue),
     mq_timedsend(t->fd, "any", 3, 0, &t->until))

/* --- System V: message queues and semaphores, whose ids are in `pid` */

static struct {
    long type;
    char text[4];
} letter;

static void letters_of(struct trial *t)
{
    t->pid = msgget(IPC_PRIVATE, 0600);
    if (t->pid < 0)
        abort();
    argue(t, "%d", (int)t->pid);
    letter.type = 1;
}

static void put_letter(struct trial *t)
{
    letter.type = 1;
    if (msgsnd(t->pid, &letter, sizeof letter.text, 0) != 0)
        abort();
}

static void take_letter(struct trial *t)
{
    if (msgrcv(t->pid, &letter, sizeof letter.text, 0, 0) < 0)
        abort();
    letter.type = 1;
}

static void no_room_for_letters(struct trial *t)
{
    struct msqid_ds queue;
    letters_of(t);
    if (msgctl(t->pid, IPC_STAT, &queue) != 0)
        abort();
    queue.msg_qbytes = sizeof letter.text;
    if (msgctl(t->pid, IPC_SET, &queue) != 0)
        abort();
    put_letter(t);
}

static void a_letter_at_once(struct trial *t)
{
    letters_of(t);
    put_letter(t);
    t->flags = IPC_NOWAIT;
}

static void room_at_once(struct trial *t)
{
    letters_of(t);
    t->flags = IPC_NOWAIT;
}

static bool letter_is_there(struct trial *t)
{
    struct msqid_ds queue;
    return msgctl(t->pid, IPC_STAT, &queue) == 0 && queue.msg_qnum == 1;
}

static bool letter_is_taken(struct trial *t)
{
    return !letter_is_there(t);
}

static void remove_letters(struct trial *t)
{
    msgctl(t->pid, IPC_RMID, NULL);
}

static const struct world no_letter = {"empty",
                                       COUNTS,
                                       .prepare = letters_of,
                                       .meanwhile = put_letter,
                                       .happened = letter_is_taken,
                                       .clean = remove_letters};
static const struct world letter_now = {"nowait", SILENT, .prepare = a_letter_at_once,
                                        .happened = letter_is_taken, .clean = remove_letters};
static const struct world room_for_letters = {"room", IF_SLOW, .prepare = letters_of,
                                              .happened = letter_is_there, .clean = remove_letters};
static const struct world full_of_letters = {"full",
                                             IF_SLOW,
                                             true,
                                             .prepare = no_room_for_letters,
                                             .meanwhile = take_letter,
                                             .happened = letter_is_there,
                                             .clean = remove_letters};
static const struct world room_now = {"nowait", SILENT, .prepare = room_at_once,
                                      .happened = letter_is_there, .clean = remove_letters};
CASE(msgrcv, WORLDS(&no_letter, &letter_now),
     msgrcv(t->pid, &letter, sizeof letter.text, 0, t->flags))
CASE(msgsnd, WORLDS(&room_for_letters, &full_of_letters, &room_now),
     msgsnd(t->pid, &letter, sizeof letter.text, t->flags))

static struct sembuf step;

static void set_of_semaphores(struct trial *t, int value)
{
    t->pid = semget(IPC_PRIVATE, 1, 0600);
    if (t->pid < 0 || semctl(t->pid, 0, SETVAL, value) != 0)
        abort();
    argue(t, "%d", (int)t->pid);
    step = (struct sembuf){.sem_op = -1};
    t->time = (struct timespec){20, 0};
}

static void set_is_taken(struct trial *t)
{
    set_of_semaphores(t, 0);
}

static void set_is_free(struct trial *t)
{
    set_of_semaphores(t, 1);
}

static void set_is_given(struct trial *t)
{
    set_of_semaphores(t, 0);
    step.sem_op = 1;
}

static void set_is_tried(struct trial *t)
{
    set_of_semaphores(t, 0);
    step.sem_flg = IPC_NOWAIT;
    t->error = EAGAIN;
}

static void set_without_time(struct trial *t)
{
    set_of_semaphores(t, 0);
    t->time.tv_sec = 0;
    t->error = EAGAIN;
}

static void give_to_set(struct trial *t)
{
    struct sembuf up = {.sem_op = 1};
    if (semop(t->pid, &up, 1) != 0)
        abort();
}

static void remove_set(struct trial *t)
{
    semctl(t->pid, 0, IPC_RMID);
}

static const struct world taken_set = {
    "taken", IF_SLOW, true, .prepare = set_is_taken, .meanwhile = give_to_set, .clean = remove_set};
static const struct world free_set = {"free", IF_SLOW, .prepare = set_is_free, .clean = remove_set};
static const struct world given_set = {"given", SILENT, .prepare = set_is_given,
                                       .clean = remove_set};
static const struct world tried_set = {"nowait", SILENT, .prepare = set_is_tried,
                                       .clean = remove_set};
static const struct world late_set = {"timeout-0", SILENT, .prepare = set_without_time,
                                      .clean = remove_set};
CASE(semop, WORLDS(&taken_set, &free_set, &given_set, &tried_set), semop(t->pid, &step, 1))
CASE(semtimedop, WORLDS(&taken_set, &free_set, &given_set, &tried_set, &late_set),
     semtimedop(t->pid, &step, 1, &t->time))

/* --- asynchronous I/O: a read of a pipe that another thread of the C library makes */

static struct aiocb request;
static struct aiocb64 request64;

static void nothing_to_read_yet(struct trial *t)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        abort();
    t->fd = ends[0];
    t->to = ends[1];
    t->time = (struct timespec){20, 0};
    request = (struct aiocb){.aio_fildes = t->fd, .aio_buf = t->buffer, .aio_nbytes = 4};
    request64 = (struct aiocb64){.aio_fildes = t->fd, .aio_buf = t->buffer, .aio_nbytes = 4};
    if ((strcmp(t->symbol, "aio_suspend") == 0 ? aio_read(&request) : aio_read64(&request64)) != 0)
        abort();
}

static void only_asked(struct trial *t)
{
    nothing_to_read_yet(t);
    t->time.tv_sec = 0;
    t->error = EAGAIN;
}

static void write_to_it(struct trial *t)
{
    if (write(t->to, "some", 4) != 4)
        abort();
}

static void read_to_its_end(struct trial *t)
{
    if (t->error)
        write_to_it(t);
    while (aio_error(&request) == EINPROGRESS || aio_error64(&request64) == EINPROGRESS)
        pause_ms(1);
}

static const struct world suspended = {"read", COUNTS, .prepare = nothing_to_read_yet,
                                       .meanwhile = write_to_it, .clean = read_to_its_end};
static const struct world unsuspended = {"timeout-0", SILENT, .prepare = only_asked,
                                         .clean = read_to_its_end};
CASE(aio_suspend, WORLDS(&suspended, &unsuspended),
     aio_suspend((const struct aiocb *const[]){&request}, 1, &t->time))
CASE(aio_suspend64, WORLDS(&suspended, &unsuspended),
     aio_suspend64((const struct aiocb64 *const[]){&request64}, 1, &t->time))
