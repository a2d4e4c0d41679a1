/* A loop that waits by io_uring_enter alone, three turns of one stat(); 77 where the kernel refuses. */
#include <linux/io_uring.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void)
{
    struct io_uring_params params = {0};
    struct stat status;
    int ring = (int)syscall(SYS_io_uring_setup, 4, &params);
    if (ring < 0)
        return 77;
    char *queue = mmap(NULL, params.sq_off.array + params.sq_entries * 4, PROT_READ | PROT_WRITE,
                       MAP_SHARED, ring, IORING_OFF_SQ_RING);
    struct io_uring_sqe *entries = mmap(NULL, params.sq_entries * sizeof *entries,
                                        PROT_READ | PROT_WRITE, MAP_SHARED, ring, IORING_OFF_SQES);
    unsigned *tail = (unsigned *)(void *)(queue + params.sq_off.tail);
    unsigned *array = (unsigned *)(void *)(queue + params.sq_off.array);
    stat("/etc/passwd", &status); /* before the first wait: no loop yet */
    for (int turn = 0; turn < 3; turn++) {
        unsigned index = *tail % params.sq_entries;
        memset(&entries[index], 0, sizeof *entries); /* IORING_OP_NOP */
        array[index] = index;
        __atomic_store_n(tail, *tail + 1, __ATOMIC_RELEASE);
        syscall(SYS_io_uring_enter, ring, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0);
        stat("/etc/passwd", &status);
    }
    return 0;
}
