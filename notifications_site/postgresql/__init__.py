"""PostgreSQL through a pool whose connections are looked at, not asked, before use."""

# What a peer that vanished without a word costs: half a minute and three tries.
KEEPALIVES = {"keepalives_idle": 30, "keepalives_interval": 5, "keepalives_count": 3}
POOLED = {
    "ENGINE": "notifications_site.postgresql",
    "CONN_MAX_AGE": 0,
    "CONN_HEALTH_CHECKS": False,
}
