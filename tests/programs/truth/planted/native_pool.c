/* An extension module whose library starts three threads for each CPU when it is loaded, as OpenBLAS does.

It is written against the stable ABI, and declares what it needs of that: not every Python brings its headers. */

#include <pthread.h>
#include <unistd.h>

typedef struct {
    long references;
    void *type, *init;
    long index;
    void *copy;
    const char *name, *doc;
    long size;
    void *methods, *slots, *traverse, *clear, *free;
} Definition; /* PyModuleDef */

extern void *PyModuleDef_Init(Definition *);

static Definition definition = {.references = 1, .name = "native_pool"};

static void *wait_for_work(void *unused)
{
    for (;;)
        pause();
    return unused;
}

__attribute__((constructor)) static void start_threads(void)
{
    long missing = 3 * sysconf(_SC_NPROCESSORS_ONLN);
    pthread_t thread;

    while (missing-- > 0)
        pthread_create(&thread, NULL, wait_for_work, NULL);
    usleep(5000); /* a load of less than a millisecond is not recorded; those of such libraries take 10 and more */
}

void *PyInit_native_pool(void)
{
    return PyModuleDef_Init(&definition);
}
