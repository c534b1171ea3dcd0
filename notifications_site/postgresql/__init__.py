"""PostgreSQL through a pool whose connections are looked at, not asked, before use."""

# What a peer that vanished without a word costs: half a minute and three tries.
KEEPALIVES = {"keepalives_idle": 30, "keepalives_interval": 5, "keepalives_count": 3}
# Without a word from the server, an attempt to connect ends so soon.
CONNECT_WITHIN = {"connect_timeout": 2}
# Whoever waits for a connection looks so often whether the server is away. An attempt to
# connect is given up soon and made anew for the next request, so that nobody waits for
# one that was put off for minutes.
POOL = {"min_size": 1, "max_size": 16, "timeout": 0.1, "reconnect_timeout": 1}
POOLED = {
    "ENGINE": "notifications_site.postgresql",
    "CONN_MAX_AGE": 0,
    "CONN_HEALTH_CHECKS": False,
}
