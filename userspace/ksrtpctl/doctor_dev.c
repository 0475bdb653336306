// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <libmnl/libmnl.h>
#include <linux/ethtool.h>
#include <linux/genetlink.h>
#include <linux/sockios.h>

#include "doctor.h"

/* Of the kernel's netdev family (6.3), which the headers of Debian 12 do not have yet. */
#define NETDEV_FAMILY		"netdev"
#define NETDEV_DEV_GET		1
#define NETDEV_A_IFINDEX	1
#define NETDEV_A_XDP_FEATURES	3
#define NETDEV_A_MAX		16

#define STRINGS_MAX		1024

/* -- ethtool */

static int ethtool(int sock, const char *name, void *request)
{
	struct ifreq req = { .ifr_data = request };

	strncpy(req.ifr_name, name, IFNAMSIZ - 1);
	return ioctl(sock, SIOCETHTOOL, &req);
}

static void ask_channels(int sock, const char *name, struct device_facts *facts)
{
	struct ethtool_channels channels = { .cmd = ETHTOOL_GCHANNELS };

	if (ethtool(sock, name, &channels))
		return;
	facts->queues = channels.combined_count + channels.rx_count;
	facts->queues_max = channels.max_combined ? channels.max_combined : channels.max_rx;
}

static int string_count(int sock, const char *name)
{
	struct {
		struct ethtool_sset_info info;
		__u32 count;
	} request = { .info = { .cmd = ETHTOOL_GSSET_INFO, .sset_mask = 1ull << ETH_SS_FEATURES } };

	if (ethtool(sock, name, &request) || !request.info.sset_mask || request.count > STRINGS_MAX)
		return 0;
	return (int)request.count;
}

static void ask_features(int sock, const char *name, struct device_facts *facts)
{
	int count = string_count(sock, name), i;
	struct ethtool_gstrings *strings = calloc(1, sizeof(*strings) + STRINGS_MAX * ETH_GSTRING_LEN);
	struct ethtool_gfeatures *features = calloc(1, sizeof(*features) +
						    STRINGS_MAX / 32 * sizeof(features->features[0]));

	if (!strings || !features || !count)
		goto out;
	*strings = (struct ethtool_gstrings){ .cmd = ETHTOOL_GSTRINGS, .string_set = ETH_SS_FEATURES,
					      .len = (__u32)count };
	*features = (struct ethtool_gfeatures){ .cmd = ETHTOOL_GFEATURES, .size = ((__u32)count + 31) / 32 };
	if (ethtool(sock, name, strings) || ethtool(sock, name, features))
		goto out;
	for (i = 0; i < count; i++) {
		const char *feature = (const char *)strings->data + i * ETH_GSTRING_LEN;
		bool on = features->features[i / 32].active & (1u << i % 32);

		if (!strncmp(feature, "rx-lro", ETH_GSTRING_LEN))
			facts->lro = on;
		else if (!strncmp(feature, "rx-gro-hw", ETH_GSTRING_LEN))
			facts->gro_hw = on;
	}
out:
	free(strings);
	free(features);
}

static void ask_ethtool(const char *name, struct device_facts *facts)
{
	struct ethtool_drvinfo driver = { .cmd = ETHTOOL_GDRVINFO };
	int sock = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq req = { 0 };

	if (sock < 0)
		return;
	strncpy(req.ifr_name, name, IFNAMSIZ - 1);
	if (!ioctl(sock, SIOCGIFFLAGS, &req))
		facts->up = req.ifr_flags & IFF_UP;
	if (!ioctl(sock, SIOCGIFMTU, &req))
		facts->mtu = req.ifr_mtu;
	if (!ethtool(sock, name, &driver))
		memcpy(facts->driver, driver.driver, sizeof(facts->driver) - 1);
	ask_channels(sock, name, facts);
	ask_features(sock, name, facts);
	close(sock);
}

/* -- the netdev family */

struct answer {
	uint16_t wanted;	/* attribute */
	uint64_t value;
	bool found;
};

static int take_attr(const struct nlattr *attr, void *data)
{
	struct answer *answer = data;

	if (mnl_attr_get_type(attr) != answer->wanted)
		return MNL_CB_OK;
	answer->found = true;
	if (mnl_attr_get_payload_len(attr) == sizeof(uint64_t))
		answer->value = mnl_attr_get_u64(attr);
	else if (mnl_attr_get_payload_len(attr) == sizeof(uint16_t))
		answer->value = mnl_attr_get_u16(attr);
	else
		answer->found = false;
	return MNL_CB_OK;
}

static int take_message(const struct nlmsghdr *nlh, void *data)
{
	return mnl_attr_parse(nlh, sizeof(struct genlmsghdr), take_attr, data);
}

/* One request that answers one message; true if the wanted attribute was in it. */
static bool ask(struct mnl_socket *nl, struct nlmsghdr *nlh, struct answer *answer)
{
	char buf[8192];
	ssize_t n;

	nlh->nlmsg_flags = NLM_F_REQUEST;
	nlh->nlmsg_seq = 1;
	if (mnl_socket_sendto(nl, nlh, nlh->nlmsg_len) < 0)
		return false;
	n = mnl_socket_recvfrom(nl, buf, sizeof(buf));
	return n > 0 && mnl_cb_run(buf, (size_t)n, 1, mnl_socket_get_portid(nl), take_message, answer) >= 0 &&
	       answer->found;
}

static struct nlmsghdr *begin(char *buf, uint16_t family, uint8_t cmd)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct genlmsghdr *genl = mnl_nlmsg_put_extra_header(nlh, sizeof(*genl));

	nlh->nlmsg_type = family;
	*genl = (struct genlmsghdr){ .cmd = cmd, .version = 1 };
	return nlh;
}

static void ask_xdp_features(struct device_facts *facts)
{
	struct answer family = { .wanted = CTRL_ATTR_FAMILY_ID };
	struct answer features = { .wanted = NETDEV_A_XDP_FEATURES };
	struct mnl_socket *nl = mnl_socket_open2(NETLINK_GENERIC, SOCK_CLOEXEC);
	struct nlmsghdr *nlh;
	char buf[256];

	if (!nl)
		return;
	if (mnl_socket_bind(nl, 0, MNL_SOCKET_AUTOPID) < 0)
		goto out;
	nlh = begin(buf, GENL_ID_CTRL, CTRL_CMD_GETFAMILY);
	mnl_attr_put_strz(nlh, CTRL_ATTR_FAMILY_NAME, NETDEV_FAMILY);
	if (!ask(nl, nlh, &family))
		goto out;
	nlh = begin(buf, (uint16_t)family.value, NETDEV_DEV_GET);
	mnl_attr_put_u32(nlh, NETDEV_A_IFINDEX, facts->ifindex);
	facts->xdp_known = ask(nl, nlh, &features);
	facts->xdp_features = features.value;
out:
	mnl_socket_close(nl);
}

/* -- the program that is there */

static void ask_program(struct device_facts *facts)
{
	LIBBPF_OPTS(bpf_xdp_query_opts, query);
	struct bpf_prog_info info = { 0 };
	__u32 len = sizeof(info);
	int fd;

	if (bpf_xdp_query((int)facts->ifindex, 0, &query))
		return;
	facts->program = query.prog_id ? query.prog_id :
			 query.drv_prog_id ? query.drv_prog_id : query.skb_prog_id;
	if (!facts->program)
		return;
	fd = bpf_prog_get_fd_by_id(facts->program);
	facts->program_hidden = fd < 0;
	if (fd < 0)
		return;
	if (!bpf_obj_get_info_by_fd(fd, &info, &len))
		memcpy(facts->program_name, info.name, sizeof(facts->program_name) - 1);
	close(fd);
}

bool device_facts(const char *name, struct device_facts *facts)
{
	memset(facts, 0, sizeof(*facts));
	facts->ifindex = if_nametoindex(name);
	if (!facts->ifindex)
		return false;
	ask_ethtool(name, facts);
	ask_xdp_features(facts);
	ask_program(facts);
	return true;
}
