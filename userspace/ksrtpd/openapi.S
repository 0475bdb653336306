/* SPDX-License-Identifier: GPL-2.0 */
/* The description of the API, for whoever asks the API for it. */
	.section .rodata
	.globl ksrtpd_openapi, ksrtpd_openapi_end
ksrtpd_openapi:
	.incbin "userspace/ksrtpd/openapi.yaml"
ksrtpd_openapi_end:
	.section .note.GNU-stack, "", @progbits
