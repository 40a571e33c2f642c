/* Asks the processor itself, not /proc/cpuinfo, which shows the host under emulation. */
int sauti_supports_x86_64_v3(void)
{
    __builtin_cpu_init();
    return __builtin_cpu_supports("x86-64-v3") != 0;
}
