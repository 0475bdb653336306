// SPDX-License-Identifier: GPL-2.0
/*
 * Two threads meet here: the event loop adds jobs to `todo` and takes them from
 * `done`; the worker does the opposite. Both lists, `stop`, and the jobs in the
 * lists are under the lock. A job's callback belongs to the event loop alone: the
 * worker never looks at it, so cancelling is nothing but clearing it.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/queue.h>
#include <unistd.h>

#include "coder.h"
#include "log.h"

#define JOBS_MAX	1024

struct ksrtpd_code_job {
	TAILQ_ENTRY(ksrtpd_code_job) entry;
	struct ksrtpd_fingerprint t1, t2;
	ksrtpd_coder_cb done;	/* event loop only; NULL: cancelled */
	void *arg;
	bool valid;
	char code[KSRTPD_SECCODE_TEXT];
};

TAILQ_HEAD(job_list, ksrtpd_code_job);

struct ksrtpd_coder {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	struct job_list todo, done;
	bool stop;
	unsigned int jobs;	/* event loop only: added and not yet called back */
	int ready;		/* eventfd: something is in `done` */
	struct event *event;
};

static void *work(void *arg)
{
	struct ksrtpd_coder *coder = arg;
	struct ksrtpd_code_job *job;

	pthread_mutex_lock(&coder->lock);
	while (!coder->stop) {
		uint64_t one = 1;

		job = TAILQ_FIRST(&coder->todo);
		if (!job) {
			pthread_cond_wait(&coder->wake, &coder->lock);
			continue;
		}
		TAILQ_REMOVE(&coder->todo, job, entry);
		pthread_mutex_unlock(&coder->lock);
		job->valid = ksrtpd_seccode(&job->t1, &job->t2, job->code);
		pthread_mutex_lock(&coder->lock);
		TAILQ_INSERT_TAIL(&coder->done, job, entry);
		if (write(coder->ready, &one, sizeof(one)) != sizeof(one))
			ksrtpd_error("cannot wake the event loop for a security code");
	}
	pthread_mutex_unlock(&coder->lock);
	return NULL;
}

static void call_back(evutil_socket_t fd, short what, void *arg)
{
	struct ksrtpd_coder *coder = arg;
	struct job_list done = TAILQ_HEAD_INITIALIZER(done);
	struct ksrtpd_code_job *job;
	uint64_t count;

	(void)what;
	if (read(fd, &count, sizeof(count)) < 0 && errno != EAGAIN)
		ksrtpd_error("cannot read the eventfd of the security codes");
	pthread_mutex_lock(&coder->lock);
	TAILQ_CONCAT(&done, &coder->done, entry);
	pthread_mutex_unlock(&coder->lock);

	while ((job = TAILQ_FIRST(&done))) {
		TAILQ_REMOVE(&done, job, entry);
		coder->jobs--;
		if (job->done)
			job->done(job->valid ? job->code : NULL, job->arg);
		free(job);
	}
}

/* Signals are the event loop's. */
static int start_thread(struct ksrtpd_coder *coder)
{
	sigset_t all, old;
	int err;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	err = pthread_create(&coder->thread, NULL, work, coder);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return err;
}

struct ksrtpd_coder *ksrtpd_coder_create(struct event_base *base)
{
	struct ksrtpd_coder *coder = calloc(1, sizeof(*coder));

	if (!coder)
		return NULL;
	TAILQ_INIT(&coder->todo);
	TAILQ_INIT(&coder->done);
	pthread_mutex_init(&coder->lock, NULL);
	pthread_cond_init(&coder->wake, NULL);
	coder->ready = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (coder->ready < 0)
		goto free_coder;
	coder->event = event_new(base, coder->ready, EV_READ | EV_PERSIST, call_back, coder);
	if (!coder->event || event_add(coder->event, NULL))
		goto close_ready;
	if (start_thread(coder))
		goto close_ready;
	return coder;

close_ready:
	if (coder->event)
		event_free(coder->event);
	close(coder->ready);
free_coder:
	free(coder);
	return NULL;
}

static void free_jobs(struct job_list *list)
{
	struct ksrtpd_code_job *job;

	while ((job = TAILQ_FIRST(list))) {
		TAILQ_REMOVE(list, job, entry);
		free(job);
	}
}

void ksrtpd_coder_destroy(struct ksrtpd_coder *coder)
{
	if (!coder)
		return;
	pthread_mutex_lock(&coder->lock);
	coder->stop = true;
	pthread_cond_signal(&coder->wake);
	pthread_mutex_unlock(&coder->lock);
	pthread_join(coder->thread, NULL);

	event_free(coder->event);
	close(coder->ready);
	free_jobs(&coder->todo);
	free_jobs(&coder->done);
	pthread_cond_destroy(&coder->wake);
	pthread_mutex_destroy(&coder->lock);
	free(coder);
}

struct ksrtpd_code_job *ksrtpd_coder_add(struct ksrtpd_coder *coder,
					 const struct ksrtpd_fingerprint *t1,
					 const struct ksrtpd_fingerprint *t2,
					 ksrtpd_coder_cb done, void *arg)
{
	struct ksrtpd_code_job *job;

	if (coder->jobs >= JOBS_MAX)
		return NULL;
	job = calloc(1, sizeof(*job));
	if (!job)
		return NULL;
	job->t1 = *t1;
	job->t2 = *t2;
	job->done = done;
	job->arg = arg;
	coder->jobs++;
	pthread_mutex_lock(&coder->lock);
	TAILQ_INSERT_TAIL(&coder->todo, job, entry);
	pthread_cond_signal(&coder->wake);
	pthread_mutex_unlock(&coder->lock);
	return job;
}

void ksrtpd_coder_cancel(struct ksrtpd_code_job *job)
{
	job->done = NULL;
}
