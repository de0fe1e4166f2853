#include "aup_call_watch.h"
#include "aup_breadcrumb.h"
#include <dlfcn.h>
#include <link.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

// An executable can only stand between a plugin and malloc by bringing a malloc of its own, which every command would run
// with, and a preloaded library is one more file to install. The table through which a shared object calls others (its
// global offset table: System V ABI, "Dynamic Linking") can be rewritten instead, for the guest alone, after it was loaded.

static _Atomic uint64_t counts[AUP_CALL_KINDS];
static const char *_Atomic firsts[AUP_CALL_KINDS];
// operator new calls malloc: one allocation, not two.
static _Thread_local int32_t depth __attribute__((tls_model("initial-exec")));

static void note(int32_t kind, const char *name) {
    if (depth > 1 || aup_breadcrumb_phase() != AUP_PHASE_PROCESS) return;
    const char *none = NULL;
    atomic_compare_exchange_strong(&firsts[kind], &none, name);
    atomic_fetch_add(&counts[kind], 1);
}

// Every function below takes integers and pointers, at most six of them: all pass in registers on the machines aup runs
// on (System V ABI, AAPCS64), so one shape fits all. Those of printf's kind also take floats and stand apart.
typedef long (*any_call)(long, long, long, long, long, long);

#define ALLOCATES(DO) \
    DO(malloc) DO(calloc) DO(realloc) DO(reallocarray) DO(free) DO(posix_memalign) DO(aligned_alloc) DO(memalign) DO(valloc) \
    DO(strdup) DO(strndup) DO(_Znwm) DO(_Znam) DO(_ZdlPv) DO(_ZdaPv) DO(_ZdlPvm) DO(_ZdaPvm) DO(_ZnwmRKSt9nothrow_t) \
    DO(_ZnamRKSt9nothrow_t) DO(_ZnwmSt11align_val_t) DO(_ZnamSt11align_val_t) DO(_ZdlPvSt11align_val_t) \
    DO(_ZdlPvmSt11align_val_t)
#define LOCKS(DO) \
    DO(pthread_mutex_lock) DO(pthread_rwlock_rdlock) DO(pthread_rwlock_wrlock) DO(pthread_spin_lock) DO(pthread_cond_wait) \
    DO(pthread_cond_timedwait) DO(pthread_barrier_wait) DO(pthread_join) DO(sem_wait) DO(sem_timedwait) DO(mtx_lock)
#define SYSTEM(DO) \
    DO(usleep) DO(nanosleep) DO(sleep) DO(clock_nanosleep) DO(poll) DO(select) DO(sched_yield) DO(open) DO(open64) DO(openat) \
    DO(close) DO(read) DO(write) DO(lseek) DO(fopen) DO(fopen64) DO(fclose) DO(fread) DO(fwrite) DO(fflush) DO(fseek) DO(fgets) \
    DO(puts) DO(putchar) DO(fputs) DO(fputc) DO(putc) DO(perror) DO(pthread_create) DO(socket) DO(connect) DO(send) DO(sendto) \
    DO(recv) DO(ioctl) DO(mmap) DO(munmap) DO(mprotect) DO(fork) DO(system) DO(getenv) DO(signal) DO(sigaction) \
    DO(setlocale) DO(chdir) DO(dlopen)

#define STAND_BETWEEN(kind, name) \
    static any_call real_##name; \
    static long watch_##name(long a, long b, long c, long d, long e, long f) { \
        depth++; \
        note(kind, #name); \
        long result = real_##name(a, b, c, d, e, f); \
        depth--; \
        return result; \
    }
#define ALLOCATION(name) STAND_BETWEEN(AUP_CALL_ALLOCATES, name)
#define LOCK(name) STAND_BETWEEN(AUP_CALL_LOCKS, name)
#define ENTRY(name) STAND_BETWEEN(AUP_CALL_SYSTEM, name)
ALLOCATES(ALLOCATION)
LOCKS(LOCK)
SYSTEM(ENTRY)

// What the guest said goes on its way, to where the guest sent it.
static int watch_printf(const char *format, ...) {
    va_list words;
    va_start(words, format);
    note(AUP_CALL_SYSTEM, "printf");
    int count = vfprintf(stdout, format, words);
    va_end(words);
    return count;
}
static int watch_printf_chk(int flag, const char *format, ...) {
    (void)flag;
    va_list words;
    va_start(words, format);
    note(AUP_CALL_SYSTEM, "printf");
    int count = vfprintf(stdout, format, words);
    va_end(words);
    return count;
}
static int watch_fprintf(FILE *file, const char *format, ...) {
    va_list words;
    va_start(words, format);
    note(AUP_CALL_SYSTEM, "fprintf");
    int count = vfprintf(file, format, words);
    va_end(words);
    return count;
}
static int watch_fprintf_chk(FILE *file, int flag, const char *format, ...) {
    (void)flag;
    va_list words;
    va_start(words, format);
    note(AUP_CALL_SYSTEM, "fprintf");
    int count = vfprintf(file, format, words);
    va_end(words);
    return count;
}

typedef struct {
    const char *name;
    void *watch;
    any_call *real; // NULL where the watch finds its own way
} watched;

#define ROW(name) {#name, (void *)watch_##name, &real_##name},
static const watched table[] = {
    ALLOCATES(ROW) LOCKS(ROW) SYSTEM(ROW)
    {"printf", (void *)watch_printf, NULL}, {"__printf_chk", (void *)watch_printf_chk, NULL},
    {"fprintf", (void *)watch_fprintf, NULL}, {"__fprintf_chk", (void *)watch_fprintf_chk, NULL},
};

typedef struct {
    const watched *row;
    size_t count;
    int32_t done;
} rewriting;

static const watched *find(const rewriting *of, const char *name) {
    for (size_t i = 0; i < of->count; i++)
        if (!strcmp(of->row[i].name, name)) return &of->row[i];
    return NULL;
}

static int is_call(uint64_t type) {
#if defined(__x86_64__)
    return type == R_X86_64_JUMP_SLOT || type == R_X86_64_GLOB_DAT;
#elif defined(__aarch64__)
    return type == R_AARCH64_JUMP_SLOT || type == R_AARCH64_GLOB_DAT;
#else
    (void)type;
    return 0;
#endif
}

static void rewrite(rewriting *work, uintptr_t base, const ElfW(Rela) *rows, size_t bytes, const ElfW(Sym) *symbols,
                    const char *names) {
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    for (size_t i = 0; rows && i < bytes / sizeof *rows; i++) {
        if (!is_call(ELF64_R_TYPE(rows[i].r_info))) continue;
        const watched *found = find(work, names + symbols[ELF64_R_SYM(rows[i].r_info)].st_name);
        void **slot = (void **)(base + rows[i].r_offset);
        if (!found || !*slot) continue;
        if (found->real && !*found->real) *found->real = (any_call)dlsym(RTLD_DEFAULT, found->name);
        // Of a library that only the guest sees; what its table holds is then bound already.
        if (found->real && !*found->real) *found->real = (any_call)*slot;
        uintptr_t first = (uintptr_t)slot & ~(page - 1);
        if (mprotect((void *)first, (uintptr_t)(slot + 1) - first, PROT_READ | PROT_WRITE)) continue;
        *slot = found->watch;
        work->done++;
    }
}

static void rewrite_object(rewriting *work, uintptr_t base, const ElfW(Dyn) *entry) {
    const void *rows = NULL, *calls = NULL, *symbols = NULL, *names = NULL;
    size_t row_bytes = 0, call_bytes = 0;
    for (; entry && entry->d_tag != DT_NULL; entry++) {
        // glibc turns these into addresses when it loads an object, on some machines it leaves offsets.
        const void *at = (void *)(entry->d_un.d_ptr < base ? base + entry->d_un.d_ptr : entry->d_un.d_ptr);
        switch (entry->d_tag) {
        case DT_RELA: rows = at; break;
        case DT_RELASZ: row_bytes = entry->d_un.d_val; break;
        case DT_JMPREL: calls = at; break;
        case DT_PLTRELSZ: call_bytes = entry->d_un.d_val; break;
        case DT_SYMTAB: symbols = at; break;
        case DT_STRTAB: names = at; break;
        default: break;
        }
    }
    if (!symbols || !names) return;
    rewrite(work, base, rows, row_bytes, symbols, names);
    rewrite(work, base, calls, call_bytes, symbols, names);
}

static int visit(struct dl_phdr_info *object, size_t size, void *work) {
    (void)size;
    const char *path = object->dlpi_name;
    // The program itself has no name here. The C library's and the loader's own calls are not the guest's.
    if (!path || !path[0] || strstr(path, "linux-vdso") || strstr(path, "/libc.so") || strstr(path, "/ld-linux")) return 0;
    for (int i = 0; i < object->dlpi_phnum; i++)
        if (object->dlpi_phdr[i].p_type == PT_DYNAMIC)
            rewrite_object(work, object->dlpi_addr, (void *)(object->dlpi_addr + object->dlpi_phdr[i].p_vaddr));
    return 0;
}

int32_t aup_call_watch_begin(void) {
    rewriting work = {table, sizeof table / sizeof table[0], 0};
    dl_iterate_phdr(visit, &work);
    return work.done;
}

static void watch_exit(int status) {
    (void)status;
    aup_crash_left("called exit() in");
}
static void watch_hard_exit(int status) {
    (void)status;
    aup_crash_left("called _exit() in");
}

void aup_exit_watch(void *file) {
    static const watched exits[] = {
        {"exit", (void *)watch_exit, NULL}, {"_exit", (void *)watch_hard_exit, NULL}, {"_Exit", (void *)watch_hard_exit, NULL},
        {"quick_exit", (void *)watch_hard_exit, NULL},
    };
    rewriting work = {exits, sizeof exits / sizeof exits[0], 0};
    struct link_map *map = NULL;
    if (!dlinfo(file, RTLD_DI_LINKMAP, &map) && map) rewrite_object(&work, map->l_addr, map->l_ld);
}

// Thread-locals of this model are a plain store, which clang cannot know: see aup_breadcrumb.c.
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wfunction-effects"
void aup_call_watch_pause(int32_t by) AUP_GUEST_CALL { depth += 2 * by; }
#pragma clang diagnostic pop

uint64_t aup_call_watch_count(int32_t kind) { return atomic_load(&counts[kind]); }
const char *aup_call_watch_first(int32_t kind) { return atomic_load(&firsts[kind]); }
