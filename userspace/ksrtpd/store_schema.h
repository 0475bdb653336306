/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KSRTPD_STORE_SCHEMA_H
#define KSRTPD_STORE_SCHEMA_H

#include <sqlite3.h>

#include "failure.h"

/* Checks the database and brings it to this version's schema, step by step. */
int ksrtpd_store_schema(sqlite3 *db, struct ksrtpd_failure *failure);

#endif /* KSRTPD_STORE_SCHEMA_H */
