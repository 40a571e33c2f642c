/* Asks the processor itself, not /proc/cpuinfo, which shows the host under emulation. A level counts only where the
   operating system saves its registers too: __builtin_cpu_supports looks at XCR0 for that. */
int sauti_processor_level(void)
{
    __builtin_cpu_init();
    if (__builtin_cpu_supports("x86-64-v4"))
        return 4;
    return __builtin_cpu_supports("x86-64-v3") ? 3 : 1;
}
