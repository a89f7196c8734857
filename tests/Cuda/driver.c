// A driver that runs nothing: what ILGPU and the trainer ask of libcuda.so.1, answered as by a driver of one GPU, so that
// everything of a CUDA run but the kernels themselves takes place without one. Every call that matters goes to the file that
// STUB_LOG names, a line each; memory is the host's, and lies at the same addresses in every run. STUB_REFUSES names a
// function that is to fail, STUB_REFUSES_TEXT what is in the text of modules that are not to be loaded (behind a number: with that
// error), STUB_DEVICES says how many GPUs there are, and STUB_INIT is the code that cuInit answers with. STUB_SLOW, as in
// "Kernel_Gradient 192 100", names a kernel, the threads of its blocks, and the microseconds that a launch of it takes; the others take
// none. STUB_BREAKS, "Kernel_Gradient 192", names one whose launch fails, and with it all that is asked afterwards.
//
//   cc -shared -fPIC -o libcuda.so.1 driver.c
#define _GNU_SOURCE
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define SUCCESS 0
#define NOT_SUPPORTED 801
#define ILLEGAL_ADDRESS 700

typedef void *pointer;

static FILE *file;

// When the library is loaded: devices are used by a thread each.
__attribute__((constructor)) static void open_log(void)
{
    const char *name = getenv("STUB_LOG");
    file = fopen(name ? name : "/dev/null", "w");
}

static void say(const char *format, ...)
{
    va_list values;
    va_start(values, format);
    vfprintf(file, format, values);
    va_end(values);
    fflush(file);
}

static int refused(const char *function)
{
    const char *name = getenv("STUB_REFUSES");
    return name && !strcmp(name, function);
}

static int is_broken;

#define ANSWER return is_broken ? ILLEGAL_ADDRESS : refused(__func__) ? NOT_SUPPORTED : SUCCESS

// FNV-1a.
static uint64_t hash(const void *bytes, size_t count)
{
    uint64_t value = 14695981039346656037u;
    for (size_t i = 0; i < count; i++) {
        value = (value ^ ((const unsigned char *)bytes)[i]) * 1099511628211u;
    }

    return value;
}

// Whether a launch is that which a variable names; with a number behind it, if there is one.
static int is_named(const char *variable, const char *kernel, int threads, long *number)
{
    char named[64];
    int named_threads;
    const char *text = getenv(variable);
    return text && sscanf(text, "%63s %d %ld", named, &named_threads, number) >= 2 && threads == named_threads && !strcmp(kernel, named);
}

// What a launch takes, in microseconds.
static long duration_of(const char *kernel, int threads)
{
    long microseconds = 0;
    return is_named("STUB_SLOW", kernel, threads, &microseconds) ? microseconds : 0;
}

static void pass(long microseconds)
{
    if (microseconds > 0) {
        usleep(microseconds);
    }
}

static pointer memory_of(size_t bytes)
{
    static char busy;
    static char *arena;
    static size_t used;
    while (__atomic_test_and_set(&busy, __ATOMIC_ACQUIRE)) {
    }

    if (!arena) {
        arena = mmap((pointer)0x700000000000, (size_t)1 << 34, PROT_READ | PROT_WRITE,
            MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);
        if (arena == MAP_FAILED) {
            abort();
        }
    }

    pointer found = arena + used;
    used += (bytes + 511) / 512 * 512;
    __atomic_clear(&busy, __ATOMIC_RELEASE);
    return found;
}

// The compute capability times ten: an H200's, unless STUB_CAPABILITY says another.
static int capability(void)
{
    const char *text = getenv("STUB_CAPABILITY");
    return text && *text ? atoi(text) : 90;
}

// What the driver of an H200 says of it (CUdevice_attribute), as far as it is asked.
static int attribute_of(int kind)
{
    switch (kind) {
    case 1: case 2: case 3: return 1024;     // threads of a block, along x, y
    case 4: return 64;                       // z
    case 5: return 2147483647;               // blocks of a grid along x
    case 6: case 7: return 65535;            // y, z
    case 8: return 49152;                    // shared memory of a block
    case 9: return 65536;                    // constant memory
    case 10: return 32;                      // a warp
    case 12: case 82: return 65536;          // registers of a block, of a multiprocessor
    case 13: return 1980000;                 // clock, kHz
    case 16: return 132;                     // multiprocessors
    case 36: return 2619000;                 // memory clock, kHz
    case 37: return 5120;                    // memory bus, bits
    case 39: return 2048;                    // threads of a multiprocessor
    case 75: return capability() / 10;       // before the point
    case 76: return capability() % 10;       // after it
    case 81: return 233472;                  // shared memory of a multiprocessor
    case 97: return 232448;                  // of a block that asks for it
    default: return 1;
    }
}

int cuInit(int flags)
{
    const char *code = getenv("STUB_INIT");
    return code && *code ? atoi(code) : refused(__func__) ? NOT_SUPPORTED : SUCCESS;
}

int cuDriverGetVersion(int *version) { *version = 13000; ANSWER; }
int cuDeviceGet(int *device, int ordinal) { *device = ordinal; ANSWER; }
int cuDeviceGetCount(int *count)
{
    const char *devices = getenv("STUB_DEVICES");
    *count = devices ? atoi(devices) : 1;
    ANSWER;
}
int cuDeviceGetName(char *name, int length, int device) { snprintf(name, length, "Stub GPU"); ANSWER; }
int cuDeviceTotalMem_v2(size_t *bytes, int device) { *bytes = (size_t)1 << 34; ANSWER; }
int cuDeviceGetAttribute(int *value, int kind, int device) 
{
    // ILGPU takes devices of one PCI bus for the same.
    *value = kind == 33 ? device : attribute_of(kind);
    ANSWER;
}
int cuDeviceCanAccessPeer(int *can, int device, int peer) { *can = 0; ANSWER; }
int cuDeviceGetP2PAttribute(int *value, int kind, int source, int destination) { *value = 0; ANSWER; }
int cuCtxCreate_v2(pointer *context, int flags, int device)
{
    say("context of %d\n", device);
    *context = (pointer)1;
    ANSWER;
}
int cuCtxDestroy_v2(pointer context) { ANSWER; }
int cuCtxSetCurrent(pointer context) { ANSWER; }
int cuCtxSynchronize(void) { ANSWER; }
int cuCtxGetCacheConfig(int *configuration) { *configuration = 0; ANSWER; }
int cuCtxSetCacheConfig(int configuration) { ANSWER; }
int cuCtxGetSharedMemConfig(int *configuration) { *configuration = 0; ANSWER; }
int cuCtxSetSharedMemConfig(int configuration) { ANSWER; }
int cuCtxEnablePeerAccess(pointer context, int flags) { ANSWER; }
int cuCtxDisablePeerAccess(pointer context) { ANSWER; }
int cuPointerGetAttribute(int *value, int kind, pointer address) { *value = 0; ANSWER; }
int cuMemGetInfo_v2(size_t *unused, size_t *total) { *unused = *total = (size_t)1 << 34; ANSWER; }
int cuMemAlloc_v2(pointer *address, size_t bytes) { *address = memory_of(bytes); ANSWER; }
int cuMemFree_v2(pointer address) { ANSWER; }
int cuMemAllocHost_v2(pointer *address, size_t bytes) { *address = memory_of(bytes); ANSWER; }
int cuMemFreeHost(pointer address) { ANSWER; }
int cuMemHostRegister_v2(pointer address, size_t bytes, int flags) { ANSWER; }
int cuMemHostUnregister(pointer address) { ANSWER; }
int cuMemHostGetDevicePointer_v2(pointer *device, pointer host, int flags) { *device = host; ANSWER; }
int cuGetErrorString(int error, const char **text) { *text = "the stub was told to refuse"; return SUCCESS; }
int cuStreamCreateWithPriority(pointer *stream, int flags, int priority) { *stream = (pointer)2; ANSWER; }
int cuStreamDestroy_v2(pointer stream) { ANSWER; }
int cuStreamSynchronize(pointer stream) { ANSWER; }
int cuEventCreate(pointer *event, int flags) { *event = (pointer)3; ANSWER; }
int cuEventDestroy_v2(pointer event) { ANSWER; }
int cuEventQuery(pointer event) { ANSWER; }
int cuEventRecord(pointer event, pointer stream) { ANSWER; }
int cuEventSynchronize(pointer event) { ANSWER; }
int cuEventElapsedTime(float *milliseconds, pointer start, pointer end) { *milliseconds = 0.1f; ANSWER; }
int cuModuleUnload(pointer module) { ANSWER; }

int cuStreamCreate(pointer *stream, int flags)
{
    *stream = (pointer)2;
    ANSWER;
}

int cuMemcpyAsync(pointer to, pointer from, size_t bytes, pointer stream)
{
    memcpy(to, from, bytes);
    ANSWER;
}

int cuMemsetD8Async(pointer to, unsigned char value, size_t bytes, pointer stream)
{
    memset(to, value, bytes);
    ANSWER;
}

int cuModuleLoadDataEx(pointer *module, const char *text, int options, pointer names, pointer values)
{
    const char *refused_text = getenv("STUB_REFUSES_TEXT");
    if (refused_text && *refused_text) {
        char *words;
        long code = strtol(refused_text, &words, 10);
        if (strstr(text, words + strspn(words, " "))) {
            return code ? code : NOT_SUPPORTED;
        }
    }

    *module = (pointer)4;
    say("module %zu %016lx\n", strlen(text), hash(text, strlen(text)));
    ANSWER;
}

int cuModuleLoadData(pointer *module, const char *text)
{
    return cuModuleLoadDataEx(module, text, 0, NULL, NULL);
}

int cuModuleGetFunction(pointer *function, pointer module, const char *name)
{
    *function = strdup(name);
    say("function %s\n", name);
    ANSWER;
}

int cuOccupancyMaxActiveBlocksPerMultiprocessor(int *blocks, pointer function, int threads, size_t shared)
{
    *blocks = 4;
    ANSWER;
}

int cuOccupancyMaxPotentialBlockSize(
    int *grid, int *threads, pointer function, pointer shared_of, size_t shared, int limit)
{
    *grid = 132;
    *threads = 256;
    ANSWER;
}

// Whether this thread is recording, what the recording takes so far, and what each that is instantiated takes.
static __thread int is_recording;
static __thread long recorded;
static long replays[4096];

// ILGPU hands arguments over as one buffer: CU_LAUNCH_PARAM_BUFFER_POINTER, it, CU_LAUNCH_PARAM_BUFFER_SIZE, its size's address.
int cuLaunchKernel(
    pointer function, int grid_x, int grid_y, int grid_z, int block_x, int block_y, int block_z, int shared, pointer stream,
    pointer *arguments, pointer *extra)
{
    size_t bytes = *(size_t *)extra[3];
    say("launch %s on %d: %dx%dx%d blocks of %dx%dx%d, %d shared, arguments %zu %016lx\n", (char *)function,
        (int)(intptr_t)stream, grid_x, grid_y, grid_z, block_x, block_y, block_z, shared, bytes, hash(extra[1], bytes));
    long unused;
    is_broken |= is_named("STUB_BREAKS", function, block_x, &unused);
    if (is_recording) {
        recorded += duration_of(function, block_x);
    } else {
        pass(duration_of(function, block_x));
    }

    ANSWER;
}

int cuStreamBeginCapture_v2(pointer stream, int mode)
{
    say("begin capture of %d\n", (int)(intptr_t)stream);
    is_recording = 1;
    recorded = 0;
    ANSWER;
}

int cuStreamEndCapture(pointer stream, pointer *graph)
{
    *graph = (pointer)5;
    say("end capture of %d\n", (int)(intptr_t)stream);
    is_recording = 0;
    ANSWER;
}

int cuGraphInstantiateWithFlags(pointer *executable, pointer graph, unsigned long flags)
{
    static intptr_t instantiated;
    *executable = (pointer)++instantiated;
    replays[instantiated % 4096] = recorded;
    say("instantiate %d\n", (int)instantiated);
    ANSWER;
}

int cuGraphLaunch(pointer executable, pointer stream)
{
    say("replay %d on %d\n", (int)(intptr_t)executable, (int)(intptr_t)stream);
    pass(replays[(intptr_t)executable % 4096]);
    ANSWER;
}

int cuGraphExecDestroy(pointer executable) { ANSWER; }
int cuGraphDestroy(pointer graph) { ANSWER; }
