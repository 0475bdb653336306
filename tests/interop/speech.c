/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Recorded speech: WAV files (mono, 16 bit, a multiple of 8 kHz) become 8 kHz
 * mu-law as PCMU carries it.
 */
#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "endpoint.h"

#define RATE	8000
#define FRACTION 24
#define TAPS	16		/* zero crossings of the low-pass on each side */

static uint32_t le32(const uint8_t *p)
{
	return p[0] | p[1] << 8 | p[2] << 16 | (uint32_t)p[3] << 24;
}

static uint16_t le16(const uint8_t *p)
{
	return (uint16_t)(p[0] | p[1] << 8);
}

static uint8_t *file_read(const char *path, size_t *len)
{
	FILE *file = fopen(path, "rb");
	uint8_t *data;
	long size;

	if (!file || fseek(file, 0, SEEK_END) || (size = ftell(file)) < 0)
		die("%s: %s", path, strerror(errno));
	rewind(file);
	data = malloc((size_t)size + 1);
	if (!data || fread(data, 1, (size_t)size, file) != (size_t)size)
		die("%s: cannot be read", path);
	fclose(file);
	*len = (size_t)size;
	return data;
}

/* ITU-T G.711, mu-law. */
static uint8_t mulaw(int sample)
{
	int sign = sample < 0 ? 0x80 : 0, exponent = 7, mask;

	if (sign)
		sample = -sample;
	if (sample > 32635)
		sample = 32635;
	sample += 132;
	for (mask = 0x4000; !(sample & mask) && exponent > 0; mask >>= 1)
		exponent--;
	return (uint8_t)~(sign | exponent << 4 | ((sample >> (exponent + 3)) & 0x0f));
}

/* Low-pass at 3.4 kHz by a windowed sinc, then every @factor-th sample. */
static size_t resample(const uint8_t *pcm, size_t samples, unsigned int factor, uint8_t *out)
{
	const double cut = 3400.0 / (RATE * (double)factor);
	int half = (int)(TAPS * factor), k;
	size_t taps = (size_t)(2 * half + 1), i, n = 0;
	double *filter = malloc(sizeof(*filter) * taps), sum = 0;
	int32_t *fixed = malloc(sizeof(*fixed) * taps);

	if (!filter || !fixed)
		die("out of memory");
	for (k = -half; k <= half; k++) {
		double x = 2 * M_PI * cut * k;
		double window = 0.5 + 0.5 * cos(M_PI * k / (half + 1));

		filter[k + half] = (k ? sin(x) / x : 1.0) * window;
		sum += filter[k + half];
	}
	/* In integers: an emulated processor is slow at anything else. */
	for (i = 0; i < taps; i++)
		fixed[i] = (int32_t)lrint(filter[i] / sum * (1 << FRACTION));
	for (i = 0; i < samples; i += factor) {
		int64_t value = 0;

		for (k = -half; k <= half; k++) {
			long at = (long)i + k;

			if (at >= 0 && at < (long)samples)
				value += (int64_t)fixed[k + half] * (int16_t)le16(pcm + 2 * at);
		}
		out[n++] = mulaw((int)(value / (1 << FRACTION)));
	}
	free(filter);
	free(fixed);
	return n;
}

static size_t wav_load(const char *path, uint8_t **to, size_t have)
{
	size_t len, at, samples = 0;
	const uint8_t *pcm = NULL;
	unsigned int rate = 0;
	uint8_t *file = file_read(path, &len);

	if (len < 12 || memcmp(file, "RIFF", 4) || memcmp(file + 8, "WAVE", 4))
		die("%s: no WAV file", path);
	for (at = 12; at + 8 <= len;) {
		uint32_t size = le32(file + at + 4);
		const uint8_t *body = file + at + 8;

		if (size > len - at - 8)
			die("%s: cut off", path);
		if (!memcmp(file + at, "fmt ", 4) && size >= 16) {
			if (le16(body) != 1 || le16(body + 2) != 1 || le16(body + 14) != 16)
				die("%s: is not mono, 16 bit", path);
			rate = le32(body + 4);
		} else if (!memcmp(file + at, "data", 4)) {
			pcm = body;
			samples = size / 2;
		}
		at += 8 + size + (size & 1);
	}
	if (!pcm || !rate || rate % RATE)
		die("%s: no samples at a multiple of %d Hz", path, RATE);
	*to = realloc(*to, have + samples / (rate / RATE) + 1);
	if (!*to)
		die("out of memory");
	have += resample(pcm, samples, rate / RATE, *to + have);
	free(file);
	return have;
}

static int is_wav(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name);

	/* Of alsa-utils' files this one is not speech. */
	return len > 4 && !strcmp(entry->d_name + len - 4, ".wav") &&
	       strcmp(entry->d_name, "Noise.wav");
}

uint8_t *speech_load(const char *dir, unsigned int first, size_t *len)
{
	struct dirent **names;
	uint8_t *speech = NULL;
	char path[4096];
	int count, i;

	*len = 0;
	count = scandir(dir, &names, is_wav, alphasort);
	if (count <= 0)
		die("no WAV files in %s; Debian's package alsa-utils has some", dir);
	for (i = 0; i < count; i++) {
		snprintf(path, sizeof(path), "%s/%s", dir,
			 names[((unsigned int)i + first) % (unsigned int)count]->d_name);
		*len = wav_load(path, &speech, *len);
	}
	for (i = 0; i < count; i++)
		free(names[i]);
	free(names);
	if (*len < AUDIO_PAYLOAD)
		die("the speech in %s is shorter than one packet", dir);
	return speech;
}

static void put32(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)v;
	p[1] = (uint8_t)(v >> 8);
	p[2] = (uint8_t)(v >> 16);
	p[3] = (uint8_t)(v >> 24);
}

/* What was heard, as a WAV file (mu-law) that any player takes; @rtp is sorted. */
void speech_write(const char *path, const struct blobs *rtp, uint32_t ssrc)
{
	static const uint8_t head[44] =
		"RIFF\0\0\0\0WAVEfmt \x10\0\0\0\7\0\1\0\x40\x1f\0\0\x40\x1f\0\0\1\0\x08\0data";
	FILE *file = fopen(path, "wb");
	uint8_t wav[44];
	uint32_t octets = 0;
	size_t i;

	if (!file)
		die("%s: %s", path, strerror(errno));
	for (i = 0; i < rtp->count; i++)
		if (rtp->at[i].ssrc == ssrc)
			octets += rtp->at[i].len;
	memcpy(wav, head, sizeof(wav));
	put32(wav + 4, 36 + octets);
	put32(wav + 40, octets);
	if (fwrite(wav, sizeof(wav), 1, file) != 1)
		die("%s: cannot be written", path);
	for (i = 0; i < rtp->count; i++)
		if (rtp->at[i].ssrc == ssrc && rtp->at[i].len &&
		    fwrite(rtp->at[i].data, rtp->at[i].len, 1, file) != 1)
			die("%s: cannot be written", path);
	if (fclose(file))
		die("%s: cannot be written", path);
}
