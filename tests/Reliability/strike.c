/*
 * Runs a program, watches what it does to one folder, and strikes at one of those calls.
 *
 *     strike PLAN FOLDER LOG PROGRAM ARGUMENTS...
 *
 * PLAN is one of
 *     record                 strikes at nothing; the log has what was written too
 *     list                   strikes at nothing
 *     list-reads             likewise, of reads
 *     kill:N                 kills the program before its Nth call
 *     tear:N                 kills it when half of the Nth call, a write, is done
 *     short:N                the Nth call, a write, writes half
 *     fail:ERROR:N:COUNT     the Nth call, and the next like it, COUNT in all, fail with this number of an error and do nothing;
 *                            COUNT 0: all
 *     fail-reads:ERROR:N:COUNT
 * and may end in :NAME, to strike at the first call from the Nth on that has this name.
 *
 * Calls are counted from 1, of all threads together, and only those that name the folder or what lies in it. A line of the log per call: its
 * number, its name, the path, the other path of a rename, the place in the file of a write (the flags of an open, the length of an
 * ftruncate), and how many bytes were to be written, which follow the line in a record. What the program says on its standard output and
 * error is a call 'say' with the number 0. A line 'struck' says that the plan came about.
 *
 * The kernel hands the calls over (seccomp's user notification), so that what .NET calls itself, libraries call and the program calls by
 * P/Invoke is seen alike. It takes Linux 5.10.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

enum form { OF_FD, OF_PATH, OF_AT, OF_TWO, OF_TWO_AT };

struct call {
    int number;
    const char *name;
    enum form form;
    int flags; /* which argument has an open's flags; -1 for none */
};

static const struct call changes[] = {
#ifdef __NR_open
    { __NR_open, "open", OF_PATH, 1 },
    { __NR_creat, "open", OF_PATH, -1 },
    { __NR_mkdir, "mkdir", OF_PATH, -1 },
    { __NR_rmdir, "rmdir", OF_PATH, -1 },
    { __NR_unlink, "unlink", OF_PATH, -1 },
    { __NR_rename, "rename", OF_TWO, -1 },
    { __NR_link, "link", OF_TWO, -1 },
#endif
    { __NR_openat, "open", OF_AT, 2 },
    { __NR_mkdirat, "mkdir", OF_AT, -1 },
    { __NR_unlinkat, "unlink", OF_AT, -1 },
    { __NR_renameat2, "rename", OF_TWO_AT, -1 },
    { __NR_linkat, "link", OF_TWO_AT, -1 },
    { __NR_write, "write", OF_FD, -1 },
    { __NR_pwrite64, "write", OF_FD, -1 },
    { __NR_writev, "writev", OF_FD, -1 },
    { __NR_pwritev, "writev", OF_FD, -1 },
    { __NR_fsync, "fsync", OF_FD, -1 },
    { __NR_fdatasync, "fsync", OF_FD, -1 },
    { __NR_ftruncate, "ftruncate", OF_FD, -1 },
    { __NR_fallocate, "fallocate", OF_FD, -1 },
    { __NR_copy_file_range, "copy_file_range", OF_FD, -1 },
    { __NR_flock, "flock", OF_FD, -1 },
};

static const struct call reads[] = {
    { __NR_read, "read", OF_FD, -1 },
    { __NR_pread64, "read", OF_FD, -1 },
};

static const struct call *calls = changes;
static size_t call_count = sizeof changes / sizeof *changes;

static void die(const char *what)
{
    fprintf(stderr, "strike: %s: %s\n", what, strerror(errno));
    exit(125);
}

static int install_filter(void)
{
    struct sock_filter code[2 * 32 + 2];
    unsigned short n = 0;
    code[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
    for (size_t i = 0; i < call_count; i++) {
        code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)calls[i].number, 0, 1);
        code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF);
    }

    code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    struct sock_fprog program = { n, code };
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return -1;
    return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &program);
}

/* Sends a descriptor with none of the calls that are watched. */
static int send_descriptor(int socket, int descriptor)
{
    char byte = 0, control[CMSG_SPACE(sizeof descriptor)] = { 0 };
    struct iovec data = { &byte, 1 };
    struct msghdr message = { .msg_iov = &data, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control };
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof descriptor);
    memcpy(CMSG_DATA(header), &descriptor, sizeof descriptor);
    return sendmsg(socket, &message, 0) == 1 ? 0 : -1;
}

static int receive_descriptor(int socket)
{
    int descriptor;
    char byte, control[CMSG_SPACE(sizeof descriptor)];
    struct iovec data = { &byte, 1 };
    struct msghdr message = { .msg_iov = &data, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control };
    if (recvmsg(socket, &message, 0) != 1 || CMSG_FIRSTHDR(&message) == NULL)
        return -1;
    memcpy(&descriptor, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof descriptor);
    return descriptor;
}

static size_t read_memory(pid_t of, uint64_t address, void *to, size_t length)
{
    struct iovec local = { to, length }, remote = { (void *)(uintptr_t)address, length };
    ssize_t got = process_vm_readv(of, &local, 1, &remote, 1, 0);
    return got < 0 ? 0 : (size_t)got;
}

static void read_string(pid_t of, uint64_t address, char *to)
{
    /* Never over the end of a page, behind which there may be nothing. */
    size_t length = 0;
    while (length < PATH_MAX - 1) {
        size_t part = 4096 - (address + length) % 4096;
        if (part > PATH_MAX - 1 - length)
            part = PATH_MAX - 1 - length;
        size_t got = read_memory(of, address + length, to + length, part);
        char *end = memchr(to + length, 0, got);
        if (end != NULL)
            return;
        if (got == 0)
            break;
        length += got;
    }

    to[length] = 0;
}

static void path_of_descriptor(pid_t of, int descriptor, char *to)
{
    char link[64];
    if (descriptor == AT_FDCWD)
        snprintf(link, sizeof link, "/proc/%d/cwd", of);
    else
        snprintf(link, sizeof link, "/proc/%d/fd/%d", of, descriptor);
    ssize_t length = readlink(link, to, PATH_MAX - 1);
    to[length < 0 ? 0 : length] = 0;
}

static void path_at(pid_t of, int folder, uint64_t address, char *to)
{
    char name[PATH_MAX];
    read_string(of, address, name);
    if (name[0] == '/') {
        strcpy(to, name);
        return;
    }

    path_of_descriptor(of, folder, to);
    size_t length = strlen(to);
    snprintf(to + length, PATH_MAX - length, "/%s", name);
}

/* Where a write without a place of its own goes. */
static long long place_of(pid_t of, int descriptor)
{
    char path[64], line[256];
    long long place = 0;
    unsigned flags = 0;
    snprintf(path, sizeof path, "/proc/%d/fdinfo/%d", of, descriptor);
    FILE *info = fopen(path, "r");
    if (info == NULL)
        return 0;
    while (fgets(line, sizeof line, info) != NULL) {
        sscanf(line, "pos: %lld", &place);
        sscanf(line, "flags: %o", &flags);
    }

    fclose(info);
    struct stat file;
    snprintf(path, sizeof path, "/proc/%d/fd/%d", of, descriptor);
    return (flags & O_APPEND) != 0 && stat(path, &file) == 0 ? (long long)file.st_size : place;
}

/* Writes half of what a call wants written, and says how much that is. */
static long long write_half(pid_t of, const struct seccomp_notif *call, long long place)
{
    size_t half = (size_t)call->data.args[2] / 2;
    char *bytes = malloc(half + 1), path[64];
    half = read_memory(of, call->data.args[1], bytes, half);
    snprintf(path, sizeof path, "/proc/%d/fd/%d", of, (int)call->data.args[0]);
    int file = open(path, O_WRONLY);
    ssize_t written = file < 0 ? -1 : pwrite(file, bytes, half, place);
    if (written < 0)
        die("a part of a write");
    close(file);
    free(bytes);

    /* A write without a place of its own moves on; the program's descriptor is asked to. */
    if (call->data.nr == __NR_write) {
        int whole = (int)syscall(SYS_pidfd_open, of, 0);
        int theirs = (int)syscall(SYS_pidfd_getfd, whole, (int)call->data.args[0], 0);
        if (theirs < 0)
            die("pidfd_getfd");
        lseek(theirs, place + written, SEEK_SET);
        close(theirs);
        close(whole);
    }

    return written;
}

int main(int argc, char **argv)
{
    if (argc < 5) {
        fprintf(stderr, "strike PLAN FOLDER LOG PROGRAM ARGUMENTS...\n");
        return 125;
    }

    char plan[128];
    snprintf(plan, sizeof plan, "%s", argv[1]);
    const char *verb = strtok(plan, ":");
    const char *word = strtok(NULL, ":");
    int fails = strncmp(verb, "fail", 4) == 0;
    int error = fails && word != NULL ? atoi(word) : 0;
    if (fails)
        word = strtok(NULL, ":");
    long target = word != NULL ? atol(word) : 0;
    word = strtok(NULL, ":");
    long left = fails && word != NULL ? atol(word) : 1;
    const char *only = strtok(NULL, ":");
    if (!fails) {
        only = word;
        left = 1;
    }

    int forever = left == 0;
    int records = strcmp(verb, "record") == 0;
    if (strcmp(verb, "list-reads") == 0 || strcmp(verb, "fail-reads") == 0) {
        calls = reads;
        call_count = sizeof reads / sizeof *reads;
    }

    const char *folder = argv[2];
    size_t folder_length = strlen(folder);
    FILE *log = fopen(argv[3], "we");
    int sockets[2];
    if (log == NULL || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) != 0)
        die("log");

    pid_t child = fork();
    if (child == 0) {
        setpgid(0, 0);
        int listener = install_filter();
        if (listener < 0 || send_descriptor(sockets[1], listener) != 0)
            _exit(125);
        execvp(argv[4], argv + 4);
        _exit(127);
    }

    setpgid(child, child);
    close(sockets[1]);
    int listener = receive_descriptor(sockets[0]);
    if (listener < 0) {
        fprintf(stderr, "strike: the kernel hands no calls over here (seccomp user notification)\n");
        return 125;
    }

    /* .NET writes to copies of these. */
    char said[2][PATH_MAX];
    path_of_descriptor(child, 1, said[0]);
    path_of_descriptor(child, 2, said[1]);
    int ended = (int)syscall(SYS_pidfd_open, child, 0);
    struct seccomp_notif_sizes sizes;
    syscall(SYS_seccomp, SECCOMP_GET_NOTIF_SIZES, 0, &sizes);
    struct seccomp_notif *call = calloc(1, sizes.seccomp_notif + sizeof *call);
    struct seccomp_notif_resp *answer = calloc(1, sizes.seccomp_notif_resp + sizeof *answer);
    const char *struck = NULL;
    long count = 0;
    for (;;) {
        struct pollfd events[2] = { { listener, POLLIN, 0 }, { ended, POLLIN, 0 } };
        if (poll(events, 2, -1) < 0 && errno != EINTR)
            die("poll");
        if ((events[0].revents & POLLIN) == 0) {
            if (events[1].revents != 0)
                break;
            continue;
        }

        memset(call, 0, sizes.seccomp_notif);
        if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, call) != 0)
            continue;
        const struct call *kind = calls;
        while (kind->number != call->data.nr)
            kind++;
        pid_t by = (pid_t)call->pid;
        const __u64 *a = call->data.args;
        char path[PATH_MAX] = "", other[PATH_MAX] = "";
        switch (kind->form) {
        case OF_FD: path_of_descriptor(by, (int)a[0], path); break;
        case OF_PATH: path_at(by, AT_FDCWD, a[0], path); break;
        case OF_AT: path_at(by, (int)a[0], a[1], path); break;
        case OF_TWO: path_at(by, AT_FDCWD, a[0], path); path_at(by, AT_FDCWD, a[1], other); break;
        case OF_TWO_AT: path_at(by, (int)a[0], a[1], path); path_at(by, (int)a[2], a[3], other); break;
        }

        const char *name = kind->flags >= 0 && (a[kind->flags] & O_CREAT) != 0 ? "create" : kind->name;
        int inside = strncmp(path, folder, folder_length) == 0 && (path[folder_length] == 0 || path[folder_length] == '/');
        int writes = strcmp(name, "write") == 0;
        int says = writes && !inside && (strcmp(path, said[0]) == 0 || strcmp(path, said[1]) == 0);
        answer->id = call->id;
        answer->val = 0;
        answer->error = 0;
        answer->flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
        if (inside || says) {
            count += inside;
            unsigned long long length = writes ? (unsigned long long)a[2] : 0;
            long long number = kind->flags >= 0 ? (long long)a[kind->flags]
                : strcmp(name, "ftruncate") == 0 ? (long long)a[1]
                : call->data.nr == __NR_pwrite64 ? (long long)a[3]
                : writes && inside ? place_of(by, (int)a[0]) : 0;
            fprintf(log, "%ld\t%s\t%s\t%s\t%lld\t%llu\n", inside ? count : 0, says ? "say" : name, path, other, number, length);
            if (records && length > 0) {
                char *bytes = malloc(length);
                if (read_memory(by, a[1], bytes, length) != length)
                    die("what was to be written");
                fwrite(bytes, 1, length, log);
                free(bytes);
            }

            int first = struck == NULL && target > 0 && count >= target && (only == NULL || strcmp(only, name) == 0);
            int next = struck != NULL && fails && strcmp(struck, name) == 0 && (forever || left > 0);
            if (inside && (first || next)) {
                if (first)
                    fprintf(log, "struck\n");
                struck = name;
                if (fails) {
                    left--;
                    answer->error = -error;
                    answer->flags = 0;
                } else if (strcmp(verb, "short") == 0 && writes) {
                    answer->val = write_half(by, call, number);
                    answer->flags = 0;
                } else {
                    if (strcmp(verb, "tear") == 0 && writes)
                        write_half(by, call, number);
                    kill(-child, SIGKILL);
                    break;
                }
            }
        }

        ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, answer);
    }

    int status;
    waitpid(child, &status, 0);
    kill(-child, SIGKILL);
    fclose(log);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
