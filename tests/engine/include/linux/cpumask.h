/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KSRTP_ENGINE_LINUX_CPUMASK_H
#define KSRTP_ENGINE_LINUX_CPUMASK_H

#define for_each_possible_cpu(cpu) for ((cpu) = 0; (cpu) < 1; (cpu)++)

#endif /* KSRTP_ENGINE_LINUX_CPUMASK_H */
