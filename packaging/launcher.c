/* The head of dist/sauti: unpacks the program that is appended to it once, then becomes it.
 *
 * The file: this static ELF, a zstd stream, and a trailer (see struct trailer). The stream holds entries: name length
 * (u32), mode (u32), size (u64), name, content; a symbolic link's content is its target; a name length of 0 ends it.
 * A start finds FOLDER/ID/.complete and executes FOLDER/ID/sauti: no byte is written. Otherwise it unpacks into
 * FOLDER/ID.PID, syncs, and renames: a power cut leaves nothing half done under the final name. packaging/pack.py writes
 * the file. Numbers are little-endian, as on every machine that this is built for.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#define PATH_LIMIT 4096
#define NAME_LIMIT 1024

struct trailer {
    char id[32];             /* hexadecimal digits of the content's hash */
    uint64_t offset, length; /* of the stream in this file */
    char magic[8];
};

struct stream {
    int fd;
    uint64_t left; /* compressed bytes not read yet */
    ZSTD_DStream *zstd;
    ZSTD_inBuffer in;
    char *buffer;
    size_t size;
};

static void say(const char *what) { dprintf(2, "sauti: %s\n", what); }

/* Exactly n unpacked bytes, or -1 (EBADMSG) where the stream is cut short or damaged. */
static int take(struct stream *s, void *out, size_t n) {
    ZSTD_outBuffer to = {out, n, 0};
    errno = EBADMSG;
    while (to.pos < n) {
        if (s->in.pos == s->in.size && s->left > 0) {
            ssize_t got = read(s->fd, s->buffer, s->left < s->size ? s->left : s->size);
            if (got <= 0) return -1;
            s->left -= (uint64_t)got;
            s->in = (ZSTD_inBuffer){s->buffer, (size_t)got, 0};
        }
        size_t before_in = s->in.pos, before_out = to.pos;
        if (ZSTD_isError(ZSTD_decompressStream(s->zstd, &to, &s->in))) return -1;
        if (s->in.pos == before_in && to.pos == before_out && s->left == 0) return -1;
    }
    return 0;
}

/* Names lead into the folder only. */
static int harmless(const char *name) {
    return name[0] != '/' && strcmp(name, "..") != 0 && strncmp(name, "../", 3) != 0 && !strstr(name, "/..");
}

static void make_parents(char *path, size_t root_length) {
    for (char *p = path + root_length + 1; (p = strchr(p, '/')); p++) {
        *p = 0;
        mkdir(path, 0755);
        *p = '/';
    }
}

static int write_all(int fd, const char *data, size_t n) {
    while (n > 0) {
        ssize_t done = write(fd, data, n);
        if (done <= 0) return -1;
        data += done;
        n -= (size_t)done;
    }
    return 0;
}

static int unpack_file(struct stream *s, const char *path, uint32_t mode, uint64_t size) {
    static char block[1 << 16];
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, mode & 0777);
    if (fd < 0) return -1;
    while (size > 0) {
        size_t n = size < sizeof block ? (size_t)size : sizeof block;
        if (take(s, block, n) || write_all(fd, block, n)) {
            close(fd);
            return -1;
        }
        size -= n;
    }
    return close(fd);
}

static int unpack_link(struct stream *s, const char *path, uint64_t size) {
    char target[NAME_LIMIT + 1] = {0};
    if (size > NAME_LIMIT || take(s, target, size) || !harmless(target)) return -1;
    return symlink(target, path);
}

/* Every entry of the stream below root. */
static int unpack(struct stream *s, const char *root) {
    for (;;) {
        uint32_t head[2];
        uint64_t size;
        char name[NAME_LIMIT + 1] = {0}, path[PATH_LIMIT];
        if (take(s, head, sizeof head)) return -1;
        if (head[0] == 0) return 0;
        if (head[0] > NAME_LIMIT || take(s, &size, sizeof size) || take(s, name, head[0]) || !harmless(name)) return -1;
        if (snprintf(path, sizeof path, "%s/%s", root, name) >= (int)sizeof path) return -1;
        make_parents(path, strlen(root));
        errno = 0;
        if (S_ISLNK(head[1]) ? unpack_link(s, path, size) : unpack_file(s, path, head[1], size)) return -1;
    }
}

static void remove_tree(const char *path) {
    DIR *folder = opendir(path);
    for (struct dirent *entry; folder && (entry = readdir(folder));) {
        char inner[PATH_LIMIT];
        if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..")) continue;
        if (snprintf(inner, sizeof inner, "%s/%s", path, entry->d_name) >= (int)sizeof inner) continue;
        if (unlink(inner)) remove_tree(inner);
    }
    if (folder) closedir(folder);
    rmdir(path);
}

static int complete(const char *root) {
    char mark[PATH_LIMIT];
    return snprintf(mark, sizeof mark, "%s/.complete", root) < (int)sizeof mark && access(mark, F_OK) == 0;
}

/* Write the mark, bring everything to the disk, and give the folder its final name. */
static int finish(const char *made, const char *root, const char *folder) {
    char mark[PATH_LIMIT];
    if (snprintf(mark, sizeof mark, "%s/.complete", made) >= (int)sizeof mark) return -1;
    int fd = open(mark, O_WRONLY | O_CREAT, 0644);
    if (fd < 0 || syncfs(fd) || close(fd)) return -1;
    if (rename(made, root) && !complete(root)) return -1; /* another start may have been first */
    fd = open(folder, O_RDONLY | O_DIRECTORY);
    if (fd >= 0) fsync(fd), close(fd);
    return 0;
}

static int install(int self, const struct trailer *t, const char *folder, const char *root) {
    char made[PATH_LIMIT];
    if (snprintf(made, sizeof made, "%s.%d", root, (int)getpid()) >= (int)sizeof made) return -1;
    struct stream s = {.fd = self, .left = t->length, .zstd = ZSTD_createDStream(), .size = 1 << 17};
    s.buffer = malloc(s.size);
    if (!s.zstd || !s.buffer || lseek(self, (off_t)t->offset, SEEK_SET) < 0) return -1;
    remove_tree(made);
    if (mkdir(made, 0755)) return -1;
    int bad = unpack(&s, made);
    if (!bad) bad = finish(made, root, folder);
    int why = errno;
    remove_tree(made);
    ZSTD_freeDStream(s.zstd);
    free(s.buffer);
    errno = why;
    return bad;
}

/* A folder of this user's own to unpack into; made if need be. */
static int own_folder(char *folder, const char *base, const char *rest) {
    struct stat about;
    if (!base || base[0] != '/') return -1;
    if (snprintf(folder, PATH_LIMIT, "%s%s", base, rest) >= PATH_LIMIT) return -1;
    make_parents(folder, 0);
    mkdir(folder, 0700);
    if (stat(folder, &about) || !S_ISDIR(about.st_mode) || about.st_uid != geteuid() || (about.st_mode & 022)) return -1;
    return access(folder, W_OK | X_OK);
}

/* Becomes the program in this folder; comes back only if that is not possible, errno says why. */
static void start(int self, const struct trailer *t, const char *folder, char **argv) {
    char root[PATH_LIMIT], program[PATH_LIMIT];
    errno = ENAMETOOLONG;
    if (snprintf(root, sizeof root, "%s/%.32s", folder, t->id) >= (int)sizeof root - 64) return;
    if (snprintf(program, sizeof program, "%s/sauti", root) >= (int)sizeof program) return;
    if (complete(root) || !install(self, t, folder, root)) execv(program, argv);
}

static int damaged(void) {
    say("this file is damaged or cut short. Copy it again.");
    return 1;
}

int main(int argc, char **argv) {
    struct trailer t;
    char folder[PATH_LIMIT], mine[64];
    int full = 0, self = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    (void)argc;
    if (self < 0 || lseek(self, -(off_t)sizeof t, SEEK_END) < 0 || read(self, &t, sizeof t) != sizeof t ||
        memcmp(t.magic, "SAUTI-1", 8) != 0 || strspn(t.id, "0123456789abcdef") < sizeof t.id) return damaged();
    snprintf(mine, sizeof mine, "/sauti-%u", (unsigned)geteuid());
    const char *bases[][2] = {{getenv("SAUTI_UNPACK"), ""},
                              {getenv("XDG_CACHE_HOME"), "/sauti"},
                              {getenv("HOME"), "/.cache/sauti"},
                              {"/var/tmp", mine}};
    for (size_t i = 0; i < sizeof bases / sizeof *bases; i++) {
        if (own_folder(folder, bases[i][0], bases[i][1])) continue;
        start(self, &t, folder, argv);
        if (errno == EBADMSG) return damaged();
        full |= errno == ENOSPC;
    }
    say(full ? "the disk is full: the program needs about 150 MB once."
             : "there is no folder to unpack into. Name one that you may write to: SAUTI_UNPACK=/folder");
    return 1;
}
