// What a hostile guest tries against its network, and a witness on the other side. Static, so that it runs in any image.
//
//   hostile witness                 in the network namespace of the driver: answers on a few ports, and tells of every
//                                   packet that it sees there
//   hostile knock                   there too: one datagram that the witness sees
//   hostile ports                   in the guest: connects to every port of the uplink's address but the uplink's
//   hostile frames ADDRESS...       in the guest: raw frames to these addresses and many others, from addresses of all
//                                   sorts; tells who answered
//   hostile connections COUNT       in the guest: that many connections to the uplink, all kept open
//   hostile datagrams SECONDS       in the guest: as many datagrams and fragments as it can, from changing ports
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/ip_icmp.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define UPLINK "10.0.2.100"
#define UPLINK_PORT 17670

static const int tcp_ports[] = {22, 80, 443, UPLINK_PORT, 40000};
static const int udp_ports[] = {53, 69, 123, UPLINK_PORT, 40000};
#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static void die(const char *what)
{
    fprintf(stderr, "hostile: %s: %s\n", what, strerror(errno));
    exit(1);
}

static long now_ms(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

static int packet_socket(const char *interface)
{
    int s = socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL));
    if (s < 0) {
        die("packet socket");
    }
    if (interface != NULL) {
        struct sockaddr_ll address = {
            .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL), .sll_ifindex = (int)if_nametoindex(interface)};
        if (bind(s, (struct sockaddr *)&address, sizeof address) != 0) {
            die(interface);
        }
    }
    return s;
}

// One line for a frame, "" for what networks say by themselves: neighbours, groups, ARP, DHCP.
static void describe(const uint8_t *frame, ssize_t length, char *text, size_t size)
{
    char from[64], to[64];
    *text = 0;
    if (length < 34) {
        return;
    }
    uint16_t type = (uint16_t)(frame[12] << 8 | frame[13]);
    const uint8_t *payload;
    int protocol;
    if (type == ETH_P_IP) {
        const struct iphdr *ip = (const void *)(frame + 14);
        inet_ntop(AF_INET, &ip->saddr, from, sizeof from);
        inet_ntop(AF_INET, &ip->daddr, to, sizeof to);
        payload = frame + 14 + ip->ihl * 4;
        protocol = ip->protocol;
    } else if (type == ETH_P_IPV6) {
        const struct ip6_hdr *ip = (const void *)(frame + 14);
        inet_ntop(AF_INET6, &ip->ip6_src, from, sizeof from);
        inet_ntop(AF_INET6, &ip->ip6_dst, to, sizeof to);
        payload = frame + 54;
        protocol = ip->ip6_nxt;
    } else {
        return;
    }
    if (protocol == IPPROTO_TCP) {
        const struct tcphdr *tcp = (const void *)payload;
        snprintf(text, size, "tcp %s %d to %s %d%s%s%s", from, ntohs(tcp->source), to, ntohs(tcp->dest), tcp->syn ? " syn" : "",
                 tcp->ack ? " ack" : "", tcp->rst ? " rst" : "");
    } else if (protocol == IPPROTO_UDP) {
        const struct udphdr *udp = (const void *)payload;
        if (ntohs(udp->source) != 67 && ntohs(udp->dest) != 67) {
            snprintf(text, size, "udp %s %d to %s %d", from, ntohs(udp->source), to, ntohs(udp->dest));
        }
    } else if (protocol == IPPROTO_ICMP) {
        snprintf(text, size, "icmp %s to %s type %d", from, to, payload[0]);
    } else if (protocol == IPPROTO_ICMPV6 && (payload[0] == ICMP6_ECHO_REQUEST || payload[0] == ICMP6_ECHO_REPLY)) {
        snprintf(text, size, "icmp6 %s to %s type %d", from, to, payload[0]);
    } else if (protocol != IPPROTO_ICMPV6 && protocol != IPPROTO_IGMP && protocol != 0) {
        snprintf(text, size, "protocol %d %s to %s", protocol, from, to);
    }
}

static int knock(void)
{
    int s = socket(AF_INET, SOCK_DGRAM, 0);
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(41000), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (sendto(s, "x", 1, 0, (struct sockaddr *)&to, sizeof to) != 1) {
        die("knock");
    }
    return 0;
}

static __attribute__((noreturn)) void witness(void)
{
    int watched = packet_socket(NULL);
    int on = 1;
    int listeners[COUNT(tcp_ports)];
    for (size_t i = 0; i < COUNT(tcp_ports); i++) {
        struct sockaddr_in6 any = {.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)tcp_ports[i])};
        listeners[i] = socket(AF_INET6, SOCK_STREAM | SOCK_NONBLOCK, 0);
        setsockopt(listeners[i], SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
        if (bind(listeners[i], (struct sockaddr *)&any, sizeof any) != 0 || listen(listeners[i], 100) != 0) {
            die("listen");
        }
    }
    puts("watching");
    fflush(stdout);
    for (;;) {
        uint8_t frame[65536];
        char text[256];
        ssize_t length = recv(watched, frame, sizeof frame, 0);
        if (length < 0) {
            die("recv");
        }
        describe(frame, length, text, sizeof text);
        if (*text) {
            printf("saw %s\n", text);
            fflush(stdout);
        }
        for (size_t i = 0; i < COUNT(tcp_ports); i++) {
            int accepted = accept4(listeners[i], NULL, NULL, 0);
            if (accepted >= 0) {
                printf("accepted on %d\n", tcp_ports[i]);
                fflush(stdout);
                close(accepted);
            }
        }
    }
}

static int connect_to(const char *address, int port, int *s)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    inet_pton(AF_INET, address, &to.sin_addr);
    *s = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    return *s < 0 || (connect(*s, (struct sockaddr *)&to, sizeof to) != 0 && errno != EINPROGRESS) ? -1 : 0;
}

static uint32_t sum(uint32_t value, const void *data, size_t length)
{
    const uint8_t *bytes = data;
    for (size_t i = 0; i < length; i++) {
        value += i % 2 == 0 ? (uint32_t)bytes[i] << 8 : bytes[i];
    }
    return value;
}

static uint16_t fold(uint32_t value)
{
    while (value >> 16) {
        value = (value & 0xffff) + (value >> 16);
    }
    return htons((uint16_t)~value);
}

static uint8_t own_mac[6];

static size_t ethernet(uint8_t *frame, uint16_t type)
{
    memset(frame, 0xff, 6);
    memcpy(frame + 6, own_mac, 6);
    frame[12] = (uint8_t)(type >> 8);
    frame[13] = (uint8_t)type;
    return 14;
}

// The checksum's place is known; the sum over addresses, protocol and length comes first.
static void finish(uint8_t *payload, size_t length, size_t place, uint32_t pseudo)
{
    uint16_t checksum = fold(sum(pseudo, payload, length));
    memcpy(payload + place, &checksum, 2);
}

static size_t transport(uint8_t *payload, int protocol, int port, int version, uint32_t pseudo)
{
    static uint16_t source = 20000;
    source = (uint16_t)(source + 1 < 20000 ? 20000 : source + 1);
    memset(payload, 0, 64);
    size_t length;
    if (protocol == IPPROTO_TCP) {
        struct tcphdr *tcp = (void *)payload;
        *tcp = (struct tcphdr){
            .source = htons(source), .dest = htons((uint16_t)port), .seq = htonl(1), .doff = 5, .syn = 1, .window = htons(8192)};
        length = sizeof *tcp;
        finish(payload, length, 16, pseudo + (uint32_t)length + IPPROTO_TCP);
    } else if (protocol == IPPROTO_UDP) {
        struct udphdr *udp = (void *)payload;
        length = sizeof *udp + 32;
        *udp = (struct udphdr){.source = htons(source), .dest = htons((uint16_t)port), .len = htons((uint16_t)length)};
        finish(payload, length, 6, pseudo + (uint32_t)length + IPPROTO_UDP);
    } else if (version == 6) {
        payload[0] = ICMP6_ECHO_REQUEST;
        length = 16;
        finish(payload, length, 2, pseudo + (uint32_t)length + IPPROTO_ICMPV6);
    } else {
        payload[0] = ICMP_ECHO;
        payload[4] = (uint8_t)(source >> 8);
        payload[5] = (uint8_t)source;
        length = 16;
        finish(payload, length, 2, 0);
    }
    return length;
}

static size_t packet4(uint8_t *frame, const char *from, const char *to, int protocol, int port)
{
    size_t at = ethernet(frame, ETH_P_IP);
    struct iphdr *ip = (void *)(frame + at);
    *ip = (struct iphdr){.version = 4, .ihl = 5, .ttl = 64, .protocol = (uint8_t)protocol};
    inet_pton(AF_INET, from, &ip->saddr);
    inet_pton(AF_INET, to, &ip->daddr);
    size_t length = transport(frame + at + 20, protocol, port, 4, sum(0, &ip->saddr, 8));
    ip->tot_len = htons((uint16_t)(20 + length));
    ip->check = fold(sum(0, ip, 20));
    return at + 20 + length;
}

static size_t packet6(uint8_t *frame, const char *from, const char *to, int protocol, int port)
{
    size_t at = ethernet(frame, ETH_P_IPV6);
    struct ip6_hdr *ip = (void *)(frame + at);
    memset(ip, 0, sizeof *ip);
    ip->ip6_vfc = 0x60;
    ip->ip6_nxt = (uint8_t)protocol;
    ip->ip6_hlim = 64;
    inet_pton(AF_INET6, from, &ip->ip6_src);
    inet_pton(AF_INET6, to, &ip->ip6_dst);
    size_t length = transport(frame + at + 40, protocol, port, 6, sum(0, &ip->ip6_src, 32));
    ip->ip6_plen = htons((uint16_t)length);
    return at + 40 + length;
}

static char answers[200][256];
static int answer_count;

// Everything that has arrived by now; the same answer is kept once.
static void collect(int s)
{
    for (;;) {
        uint8_t frame[2048];
        char text[256];
        struct sockaddr_ll from;
        socklen_t from_length = sizeof from;
        ssize_t length = recvfrom(s, frame, sizeof frame, MSG_DONTWAIT, (struct sockaddr *)&from, &from_length);
        if (length < 0) {
            return;
        }
        if (from.sll_pkttype == PACKET_OUTGOING) {
            continue;
        }
        describe(frame, length, text, sizeof text);
        char *to = strstr(text, " to ");
        char *flags = to == NULL ? NULL : strstr(to, strncmp(text, "tcp", 3) == 0 ? " syn" : " type");
        char answer[256];
        snprintf(answer, sizeof answer, "%.*s%s", (int)(to == NULL ? 0 : to - text), text, flags == NULL ? "" : flags);
        // The session of this machine, and refusals.
        if (to == NULL || strncmp(text, "tcp " UPLINK " 17670 ", 20) == 0 || strstr(text, " rst") != NULL || strstr(text, " type 3") != NULL) {
            continue;
        }
        int known = answer_count == 200;
        for (int i = 0; i < answer_count && !known; i++) {
            known = strcmp(answers[i], answer) == 0;
        }
        if (!known) {
            strcpy(answers[answer_count++], answer);
        }
    }
}

static void send_all(int s, const uint8_t *frame, size_t length)
{
    while (send(s, frame, length, 0) < 0) {
        if (errno != ENOBUFS && errno != EAGAIN && errno != EINTR) {
            die("send");
        }
        usleep(1000);
    }
}

static void send_frame(int s, const uint8_t *frame, size_t length)
{
    send_all(s, frame, length);
    collect(s);
}

static int open_interface(void)
{
    int s = packet_socket("eth0");
    struct ifreq request = {.ifr_name = "eth0"};
    if (ioctl(s, SIOCGIFHWADDR, &request) != 0) {
        die("hardware address");
    }
    memcpy(own_mac, request.ifr_hwaddr.sa_data, 6);
    return s;
}

static int frames(char **addresses)
{
    static const char *const targets4[] = {"10.0.2.2", "10.0.2.3", "10.0.2.4", UPLINK, "127.0.0.1", "127.0.0.53", "0.0.0.0",
        "8.8.8.8", "169.254.169.254", "192.168.1.1", "224.0.0.251", "255.255.255.255", "10.0.2.255"};
    static const char *const sources4[] = {"10.0.2.15", "10.0.2.77", UPLINK, "10.0.2.2", "127.0.0.1", "8.8.8.8", "0.0.0.0"};
    static const char *const targets6[] = {"fec0::2", "fec0::3", "fec0::100", "::1", "::ffff:127.0.0.1", "fe80::2", "ff02::1", "2001:4860:4860::8888"};
    static const char *const sources6[] = {"fec0:0:a00:264::15", "fec0::15", "fe80::15", "::1", "::", "2001:db8::1"};
    static const int protocols[] = {IPPROTO_TCP, IPPROTO_UDP, IPPROTO_ICMP, IPPROTO_GRE};
    uint8_t frame[2048];
    int s = open_interface();
    int sent = 0;
    for (size_t p = 0; p < COUNT(protocols); p++) {
        int protocol = protocols[p];
        size_t port_count = protocol == IPPROTO_TCP ? COUNT(tcp_ports) : protocol == IPPROTO_UDP ? COUNT(udp_ports) : 1;
        for (size_t i = 0; i < port_count; i++) {
            int port = protocol == IPPROTO_UDP ? udp_ports[i] : tcp_ports[i];
            for (size_t f = 0; f < COUNT(sources4); f++) {
                for (size_t t = 0; t < COUNT(targets4); t++, sent++) {
                    send_frame(s, frame, packet4(frame, sources4[f], targets4[t], protocol, port));
                }
                for (char **t = addresses; *t != NULL; t++, sent++) {
                    if (strchr(*t, ':') == NULL) {
                        send_frame(s, frame, packet4(frame, sources4[f], *t, protocol, port));
                    }
                }
            }
            int protocol6 = protocol == IPPROTO_ICMP ? IPPROTO_ICMPV6 : protocol;
            for (size_t f = 0; f < COUNT(sources6); f++) {
                for (size_t t = 0; t < COUNT(targets6); t++, sent++) {
                    send_frame(s, frame, packet6(frame, sources6[f], targets6[t], protocol6, port));
                }
                for (char **t = addresses; *t != NULL; t++, sent++) {
                    if (strchr(*t, ':') != NULL) {
                        send_frame(s, frame, packet6(frame, sources6[f], *t, protocol6, port));
                    }
                }
            }
        }
    }

    // What is no IP at all: unknown types, a tag, a length that is none, a frame that is too short.
    static const uint16_t types[] = {0x0806, 0x8100, 0x88a8, 0x88cc, 0x8863, 0x0001, 0xffff};
    for (size_t i = 0; i < COUNT(types); i++, sent++) {
        memset(frame, 0x41, sizeof frame);
        send_frame(s, frame, ethernet(frame, types[i]) + (i % 2 == 0 ? 4 : 400));
    }

    long until = now_ms() + 3000;
    while (now_ms() < until) {
        struct pollfd polled = {.fd = s, .events = POLLIN};
        poll(&polled, 1, (int)(until - now_ms() > 0 ? until - now_ms() : 0));
        collect(s);
    }
    for (int i = 0; i < answer_count; i++) {
        printf("answer %s\n", answers[i]);
    }
    printf("sent %d\n", sent);
    return 0;
}

// 1: open, 0: refused, -1: silence. With the guest's own stack.
static int try_port(int port)
{
    int s;
    int result = 0;
    if (connect_to(UPLINK, port, &s) == 0) {
        struct pollfd polled = {.fd = s, .events = POLLOUT};
        result = poll(&polled, 1, 20000) == 0 ? -1 : !(polled.revents & POLLERR);
    }
    close(s);
    return result;
}

// A frame for each, until every one is answered; what has answered otherwise than with a refusal is asked once more: now
// and then the port that QEMU connects from is by chance the one that it connects to, and it has then reached itself.
static int ports(void)
{
    static char refused[65536], answered[65536];
    uint8_t frame[2048];
    int s = open_interface();
    int count = 0;
    refused[0] = refused[UPLINK_PORT] = 1;
    for (int round = 0; round < 30 && count < 65534; round++) {
        long until = now_ms() + 1000;
        for (int port = 0; port < 65536 || (now_ms() < until && count < 65534); port++) {
            if (port < 65536 && !refused[port]) {
                send_all(s, frame, packet4(frame, "10.0.2.15", UPLINK, IPPROTO_TCP, port));
                until = now_ms() + 1000;
            }
            struct pollfd polled = {.fd = s, .events = POLLIN};
            poll(&polled, 1, port < 65536 ? 0 : 20);
            ssize_t length;
            while ((length = recv(s, frame, sizeof frame, MSG_DONTWAIT)) > 0) {
                const struct tcphdr *tcp = (const void *)(frame + 34);
                int from = ntohs(tcp->source);
                if (length < 54 || frame[23] != IPPROTO_TCP || memcmp(frame + 26, "\x0a\x00\x02\x64", 4) != 0) {
                    continue;
                }
                answered[from] |= tcp->syn;
                count += tcp->rst && !refused[from];
                refused[from] |= tcp->rst;
            }
        }
    }
    for (int port = 1; port < 65536; port++) {
        if ((answered[port] && port != UPLINK_PORT) || !refused[port]) {
            count += !refused[port];
            int result = try_port(port);
            if (result != 0) {
                printf("%s %d\n", result > 0 ? "open" : "silent", port);
            }
        }
    }
    printf("tried %d\n", count);
    return 0;
}

static __attribute__((noreturn)) void connections(int count)
{
    struct rlimit limit = {65536, 65536};
    setrlimit(RLIMIT_NOFILE, &limit);
    int made = 0;
    for (int i = 0; i < count; i++) {
        int s;
        if (connect_to(UPLINK, UPLINK_PORT, &s) == 0) {
            struct pollfd polled = {.fd = s, .events = POLLOUT};
            made += poll(&polled, 1, 1000) == 1 && !(polled.revents & POLLERR);
        }
    }
    printf("made %d\n", made);
    fflush(stdout);
    // Kept until somebody ends us.
    for (;;) {
        pause();
    }
}

static int datagrams(int seconds)
{
    long until = now_ms() + seconds * 1000;
    uint8_t frame[2048];
    int s = open_interface();
    int sent = 0;
    for (; now_ms() < until; sent++) {
        char from[32];
        snprintf(from, sizeof from, "10.0.2.%d", 16 + sent / 40000 % 64);
        size_t length = packet4(frame, from, "8.8.8.8", IPPROTO_UDP, 40000);
        if (sent % 2 == 0) {
            // The first piece of something that never comes whole.
            struct iphdr *ip = (void *)(frame + 14);
            ip->id = htons((uint16_t)sent);
            ip->frag_off = htons(0x2000);
            length = 14 + 1400;
            ip->tot_len = htons(1400);
            ip->check = 0;
            ip->check = fold(sum(0, ip, 20));
        }
        send_frame(s, frame, length);
    }
    printf("sent %d\n", sent);
    return 0;
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";
    if (strcmp(what, "witness") == 0) {
        witness();
    } else if (strcmp(what, "knock") == 0) {
        return knock();
    } else if (strcmp(what, "ports") == 0) {
        return ports();
    } else if (strcmp(what, "frames") == 0) {
        return frames(argv + 2);
    } else if (strcmp(what, "connections") == 0 && argc > 2) {
        connections(atoi(argv[2]));
    } else if (strcmp(what, "datagrams") == 0 && argc > 2) {
        return datagrams(atoi(argv[2]));
    }
    fprintf(stderr, "hostile: what?\n");
    return 2;
}
