/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KSRTP_ENGINE_LINUX_CTYPE_H
#define KSRTP_ENGINE_LINUX_CTYPE_H

#include <ctype.h>

#endif /* KSRTP_ENGINE_LINUX_CTYPE_H */
