//! Several relays on one real redis-server: any of them serves any client, and none of them is needed.
#![cfg(unix)]

mod cluster;
mod outage;
mod parity;
mod peer;
mod presence;
mod processes;
mod relays;
mod socket;
mod tls;
